#include "formats/gemini/service_account.h"

#include <algorithm>
#include <atomic>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "core/base64.h"
#include "core/json.h"
#include "formats/token_exchange.h"

namespace weir::gemini {
namespace {

constexpr std::string_view scope = "https://www.googleapis.com/auth/cloud-platform";
constexpr int64_t holds_s = 3600;      // as long as Google allows
constexpr int64_t still_good_s = 600;  // one that ends sooner is made anew
constexpr int64_t clock_error_s = 60;  // their clock may be behind ours
constexpr int64_t renewed_before_s = 300;
constexpr int64_t most_held_s = 12 * 3600;
constexpr int64_t pause_s = 20;       // after one was asked for in vain
constexpr int64_t most_refusals = 4;  // of exchanged ones, a minute
constexpr std::size_t longest_token = 16 * 1024;
constexpr std::size_t longest_reason = 200;

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;

// RFC 4648, section 5, without padding.
std::string base64url(std::string_view bytes) {
  auto text = encode_base64(bytes);
  text.resize(std::min(text.find('='), text.size()));
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

Key read_key(std::string_view pem) {
  const std::unique_ptr<BIO, Free> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  // No password is asked for on a terminal.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  return Key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr) : nullptr);
}

std::string signed_with(EVP_PKEY* key, std::string_view text) {
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1)
    return {};
  std::string signature(size, '\0');
  auto* const out = reinterpret_cast<unsigned char*>(signature.data());
  if (EVP_DigestSign(context.get(), out, &size, bytes, text.size()) != 1) return {};
  signature.resize(size);
  return signature;
}

struct Made {
  std::string token;
  int64_t until_s = 0;
  int64_t renewed_before_s = 0;  // of an exchanged one
};

class ServiceAccount final : public TokenMaker, public TokenExchange {
 public:
  ServiceAccount(std::string email, std::string key_id, std::string token_uri, Key key)
      : email_(std::move(email)), key_id_(std::move(key_id)), token_uri_(std::move(token_uri)), key_(std::move(key)) {}

  // Two threads may make one each: both hold.
  std::string token(int64_t wall_s) const override {
    if (const auto got = exchanged_.load(); got && got->until_s > wall_s) return got->token;
    const auto made = made_.load();
    if (made && made->until_s - wall_s > still_good_s && made->until_s - wall_s <= holds_s) return made->token;
    auto fresh =
        std::make_shared<const Made>(Made{.token = make(wall_s, {}), .until_s = wall_s + holds_s - clock_error_s});
    made_.store(fresh);
    return fresh->token;
  }

  std::string last() const override {
    const auto got = exchanged_.load();
    const auto made = got ? got : made_.load();
    return made ? made->token : std::string();
  }

  uint64_t exchanged() const override { return taken_.load(); }
  bool wants_one(int64_t wall_s, bool refused) const override;
  const std::string& place() const override { return token_uri_; }
  HttpRequest ask(int64_t wall_s) const override {
    HttpRequest http;
    http.headers.add("Content-Type", "application/x-www-form-urlencoded");
    // Letters, digits, `-`, `_` and `.` alone: nothing of it has to be encoded.
    http.body =
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + make(wall_s, token_uri_);
    return http;
  }
  Status take(const HttpResponse& answer, int64_t wall_s) const override;

 private:
  // `audience`: who is to take it; "" = the services of the scope.
  std::string make(int64_t wall_s, std::string_view audience) const {
    std::string head;
    json::Writer(head)
        .begin_object()
        .key("alg")
        .value("RS256")
        .key("typ")
        .value("JWT")
        .key("kid")
        .value(key_id_)
        .end_object();
    std::string claims;
    json::Writer writer(claims);
    writer.begin_object().key("iss").value(email_).key("sub").value(email_).key("scope").value(scope);
    if (!audience.empty()) writer.key("aud").value(audience);
    writer.key("iat").value(wall_s - clock_error_s).key("exp").value(wall_s + holds_s - clock_error_s).end_object();
    auto token = base64url(head) + "." + base64url(claims);
    const auto signature = signed_with(key_.get(), token);
    return signature.empty() ? std::string() : token + "." + base64url(signature);
  }

  std::string email_;
  std::string key_id_;
  std::string token_uri_;
  Key key_;
  mutable std::atomic<std::shared_ptr<const Made>> made_;
  mutable std::atomic<std::shared_ptr<const Made>> exchanged_;
  mutable std::atomic<uint64_t> taken_{0};
  mutable std::atomic<int64_t> in_vain_s_{0};  // when the last one was asked for and not given; 0: it was given
  mutable std::atomic<int64_t> asked_s_{0};    // when one was asked for while the last one held
  mutable std::atomic<int64_t> minute_{0};     // in which exchanged ones were refused,
  mutable std::atomic<int64_t> refusals_{0};   // and how often
};

bool ServiceAccount::wants_one(int64_t wall_s, bool refused) const {
  const auto got = exchanged_.load();
  if (refused) {
    if (wall_s - in_vain_s_.load() < pause_s) return false;
    if (!got || got->until_s <= wall_s) return true;
    const auto minute = wall_s / 60;
    if (minute_.exchange(minute) != minute) refusals_.store(0);
    return refusals_.fetch_add(1) < most_refusals;
  }
  if (!got || got->until_s - wall_s >= got->renewed_before_s) return false;
  auto before = asked_s_.load();
  return wall_s - before >= pause_s && asked_s_.compare_exchange_strong(before, wall_s);
}

Status ServiceAccount::take(const HttpResponse& answer, int64_t wall_s) const {
  in_vain_s_.store(wall_s);
  json::Document document;
  json::Object said;
  const bool readable = document.parse_copy(answer.body) && document.root().get(said) == simdjson::SUCCESS;
  if (answer.status != 200) {
    const bool passes = answer.status == 429 || answer.status >= 500;
    const auto why = readable ? json::string_or(said, "error_description", json::string_or(said, "error")) : "";
    return failure(passes ? ErrorCode::upstream_server_error : ErrorCode::upstream_auth,
                   fmt::format("The service account got no token ({}){}{}", answer.status, why.empty() ? "" : ": ",
                               why.substr(0, longest_reason)));
  }
  const auto token = readable ? json::string_or(said, "access_token") : "";
  const auto seconds = readable ? json::int_or(said, "expires_in", holds_s) : 0;
  const bool usable = !token.empty() && token.size() <= longest_token && seconds > 0 &&
                      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!usable) return failure(ErrorCode::upstream_malformed, "The service account got an answer without a token.");
  const auto holds = std::min(seconds, most_held_s) - clock_error_s;
  exchanged_.store(std::make_shared<const Made>(Made{.token = std::string(token),
                                                     .until_s = wall_s + holds,
                                                     .renewed_before_s = std::min(renewed_before_s, holds / 2)}));
  in_vain_s_.store(0);
  asked_s_.store(0);
  taken_.fetch_add(1);
  return {};
}

tl::unexpected<Error> wrong(std::string what) { return failure(ErrorCode::invalid_request, std::move(what)); }

}  // namespace

Result<std::shared_ptr<const TokenMaker>> make_token_maker(std::string_view file) {
  json::Document document;
  json::Object object;
  if (auto parsed = document.parse(std::string(file)); !parsed)
    return wrong("it is no JSON: " + parsed.error().message);
  if (document.root().get(object) != simdjson::SUCCESS) return wrong("it is JSON, but no object");
  const auto type = json::string_or(object, "type");
  // `authorized_user` and others hold no key of an account's own.
  if (type != "service_account")
    return wrong(fmt::format("its `type` is '{}', not 'service_account'", type.substr(0, 40)));
  for (const std::string_view key : {"client_email", "private_key"}) {
    if (json::string_or(object, key).empty()) return wrong(fmt::format("it has no `{}`", key));
  }
  auto key = read_key(json::string_or(object, "private_key"));
  if (!key || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) return wrong("its `private_key` is no RSA key in PEM");
  return std::make_shared<const ServiceAccount>(std::string(json::string_or(object, "client_email")),
                                                std::string(json::string_or(object, "private_key_id")),
                                                std::string(json::string_or(object, "token_uri")), std::move(key));
}

}  // namespace weir::gemini
