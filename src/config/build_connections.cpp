#include <algorithm>

#include "config/build.h"
#include "config/proxy_choice.h"

namespace weir::config {
namespace {

// `USER:PASSWORD@` of a proxy.
bool holds_password(const Proxy& proxy) {
  const auto colon = proxy.credentials.find(':');
  return colon != std::string::npos && colon + 1 < proxy.credentials.size();
}

bool is_host_name(std::string_view text) {
  return !text.empty() && text.find_first_of(" /:@?#*[]\t\r\n") == std::string_view::npos;
}

}  // namespace

// The text of a PEM file, which must be there; "" when it is not, which is then reported.
std::string Builder::file_text(const Text& path, std::string_view key) {
  if (!path) return {};
  auto text = surroundings_.read_file ? surroundings_.read_file(beside_config(path.value)) : std::nullopt;
  if (!text) {
    reading_.error(
        path.at, "the file of `" + std::string(key) + "` cannot be read",
        "check that it is there (paths are relative to the config) and that the user who runs Weir may read it");
  } else if (text->empty()) {
    reading_.error(path.at, "the file of `" + std::string(key) + "` is empty", "give a PEM file");
  }
  return text.value_or("");
}

void Builder::provider_tls(const ProviderDoc& doc, ProviderSettings& out) {
  if (!doc.tls_verify) {
    reading_.warning(doc.at,
                     "`" + out.id + "`: its certificate is not checked: whoever is in between can read what is sent",
                     "give its authority with `ca_file` instead");
  }
  if (doc.client_key && !doc.client_certificate) {
    reading_.error(doc.client_key.at, "`client_key` needs `client_certificate`",
                   "add client_certificate: FILE with the certificate that the key belongs to");
    return;
  }
  if (doc.tls_server_name && !is_host_name(doc.tls_server_name.value)) {
    reading_.error(doc.tls_server_name.at, "`tls_server_name` is no name of a host",
                   "write api.example.com, without scheme, port or path");
  }
  TlsSettings made{
      .verify = doc.tls_verify ? TlsSettings::Verify::peer : TlsSettings::Verify::nothing,
      .authorities = file_text(doc.ca_file, "ca_file"),
      .certificate = file_text(doc.client_certificate, "client_certificate"),
      .server_name = doc.tls_server_name.value,
  };
  // Both may stand in one file.
  const auto& key = doc.client_key ? doc.client_key : doc.client_certificate;
  if (key) out.client_key = beside_config(key.value);
  made.key = doc.client_key ? file_text(doc.client_key, "client_key") : made.certificate;
  if (made == TlsSettings{}) return;
  const bool readable = doc.ca_file.value.empty() == made.authorities.empty() &&
                        doc.client_certificate.value.empty() == made.certificate.empty() && !key == made.key.empty();
  if (out.url.scheme != Url::Scheme::https && doc.client_certificate) {
    reading_.warning(doc.client_certificate.at, "`client_certificate` is not used: `" + out.id + "` is no https server",
                     "write https:// in its `url`");
  }
  if (readable && surroundings_.check_tls) {
    if (const auto fault = surroundings_.check_tls(made)) {
      const Text& at = fault->param == "ca_file"      ? doc.ca_file
                       : fault->param == "client_key" ? key
                                                      : doc.client_certificate;
      reading_.error(at.at != nullptr ? at.at : doc.at, "`" + fault->param + "`: " + fault->what, fault->mend);
    }
  }
  out.tls = std::make_shared<const TlsSettings>(std::move(made));
}

void Builder::provider_proxy(const ProviderDoc& doc, ProviderSettings& out) {
  if (doc.proxy) {
    if (doc.proxy.value == "none") return;
    auto proxy = parse_proxy(doc.proxy.value, "proxy");
    if (!proxy) {
      reading_.error(doc.proxy.at, proxy.error().message, "or write proxy: none to reach it directly");
      return;
    }
    if (out.url.scheme == Url::Scheme::unix_socket) {
      reading_.error(doc.proxy.at, "`proxy`: a Unix socket is not reached through a proxy", "remove it");
      return;
    }
    if (holds_password(*proxy) && !doc.proxy.from_variable) {
      reading_.warning(doc.proxy.at, "the proxy's password itself is in the file",
                       "write proxy: ${NAME} and set that variable");
    }
    out.proxy = std::move(*proxy);
  } else if (out.zone.kind == ZoneKind::cloud && !out.url.host.empty()) {
    // What is ours is not sent through another machine because of a variable that is meant for the way out.
    auto proxy = environment_proxy(out.url, surroundings_.environment);
    if (!proxy) {
      reading_.error(doc.at, "`" + out.id + "` cannot be reached as the environment says: " + proxy.error().message,
                     "or write proxy: none to reach it directly");
      return;
    }
    out.proxy = std::move(*proxy);
  }
  if (!out.proxy) return;
  if (out.proxy->url.scheme == Url::Scheme::https) {
    const auto authorities = out.tls ? out.tls->authorities : std::string();
    out.proxy->tls = std::make_shared<const TlsSettings>(
        TlsSettings{.trust = TlsSettings::Trust::system_and_given, .authorities = authorities});
  }
  const bool ours = out.zone.kind == ZoneKind::local || is_private_address(out.url);
  if (out.url.scheme == Url::Scheme::http && ours) {
    reading_.warning(doc.at,
                     "`" + out.id + "` is asked unencrypted through the proxy " + place_of(*out.proxy) +
                         ", which can read what is asked and answered",
                     "write proxy: none, or serve it over https://");
  }
}

}  // namespace weir::config
