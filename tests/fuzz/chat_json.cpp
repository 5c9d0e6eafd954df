// Request bodies: the parser and the checker that explains its refusals agree; decoding never crashes; what is decoded
// is encoded to JSON that names the target's model and can be decoded again; a body that is refused gets a message. The
// first byte chooses operation, quirks and prefill.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "formats/format.h"
#include "formats/shared/parameters.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// The parameters of a config leave JSON, whatever the body holds, and what they drop is gone.
void change(std::string body) {
  using Act = weir::ParameterRule::Act;
  static const weir::ParameterRules rules = {{.act = Act::drop, .path = {"seed"}},
                                             {.act = Act::drop, .path = {"options", "seed"}},
                                             {.act = Act::rename, .path = {"max_tokens"}, .value = "limit"},
                                             {.act = Act::fallback, .path = {"options", "num_ctx"}, .value = "1"},
                                             {.act = Act::clamp, .path = {"temperature"}, .least = "0", .most = "1"},
                                             {.act = Act::set, .path = {"store"}, .value = "false"}};
  std::vector<std::string> changed;
  weir::apply_parameters(body, rules, changed);
  weir::json::Document document;
  require(document.parse(body).has_value());
  bool stored = true;
  require(document.root()["seed"].error() == simdjson::NO_SUCH_FIELD);
  require(document.root()["store"].get(stored) == simdjson::SUCCESS && !stored);
}

void write(const weir::Format& format, const weir::Request& request, const weir::Quirks& quirks,
           std::string_view prefill) {
  if (!weir::holds(format.serves, request.operation)) return;
  if (!request.foreign.empty() && format.wire != request.format) return;  // refused before
  const weir::ProviderSettings settings{.url = {.host = "h"}, .api_key = "k", .quirks = quirks};
  const weir::ModelSettings model{.name = "target-model"};
  const auto http = format.model->write(request, {.provider = settings, .model = model}, prefill);
  if (!http) {
    require(!http.error().message.empty());
    return;
  }
  change(http->body);
  weir::json::Document body;
  require(body.parse(http->body).has_value());
  std::string_view name;
  require((body.root()["model"].get(name) == simdjson::SUCCESS && name == "target-model") ||
          http->path.find("target-model") != std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  static weir::json::DocumentPool pool;
  const std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
  weir::json::Document document;
  require(document.parse(body).has_value() == weir::json::locate_fault(body).what.empty());

  const uint8_t choice = data[0];
  const auto operation = static_cast<weir::Operation>(choice % 3);
  const weir::Quirks quirks{.no_stream_options = (choice & 4) != 0,
                            .no_max_completion_tokens = (choice & 8) != 0,
                            .no_developer_role = (choice & 16) != 0,
                            .prefill_flags = (choice & 32) != 0,
                            .no_max_tokens = (choice & 24) == 0};
  const bool chat = operation == weir::Operation::chat;
  const std::string_view prefill = chat && (choice & 64) != 0 ? "so \"far\"" : "";
  auto request = weir::client_face("openai").read({.operation = operation, .body = body}, pool);
  if (!request) {
    require(!request.error().message.empty());
    return 0;
  }
  require(!request->model.empty() && !request->texts().empty());
  for (const auto* format : weir::formats()) {
    if (format->model != nullptr) write(*format, *request, quirks, prefill);
  }
  if (request->inputs_are_tokens) return 0;
  request->format = "elsewhere";
  write(*weir::find_format("openai"), *request, quirks, prefill);
  return 0;
}
