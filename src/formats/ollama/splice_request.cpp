#include "formats/ollama/splice_request.h"

#include <fmt/format.h>

#include "formats/ollama/client_face.h"
#include "formats/shared/body_splicer.h"

namespace weir::ollama_provider {
namespace {

// How much context to run the model with, unless the caller says so.
void set_context(BodySplicer& splicer, const Request& request, int64_t context) {
  if (context <= 0 || request.operation == Operation::embedding) return;
  const auto member = fmt::format("\"num_ctx\":{}", context);
  const auto* const field = splicer.find("options");
  json::Object options;
  const bool given = field != nullptr && request.document->root().at_key("options").get(options) == simdjson::SUCCESS;
  if (field == nullptr) return splicer.append(fmt::format("\"options\":{{{}}}", member));
  if (!given) return splicer.replace(*field, fmt::format("{{{}}}", member));
  if (options.at_key("num_ctx").error() != simdjson::SUCCESS) splicer.insert(*field, member);
}

void append_prefill(BodySplicer& splicer, std::string_view prefill) {
  std::string message;
  json::Writer writer(message);
  writer.begin_object().key("role").value("assistant").key("content").value(prefill).end_object();
  const auto* const field = splicer.find("messages");
  if (field != nullptr && splicer.value(*field).starts_with('[')) splicer.append_to_array(*field, message);
}

}  // namespace

bool passes_bytes(const Request& request, std::string_view prefill) {
  return request.format == ollama_client::name && (prefill.empty() || request.variant != ollama_client::generate);
}

std::string_view path_of_own(const Request& request) {
  if (request.variant == ollama_client::generate) return "/api/generate";
  if (request.variant == ollama_client::embeddings) return "/api/embeddings";
  return request.operation == Operation::embedding ? "/api/embed" : "/api/chat";
}

std::string splice_body(const Request& request, const Target& target, std::string_view prefill) {
  BodySplicer splicer(request);
  splicer.set_model(target.model.name);
  if (request.operation != Operation::embedding) splicer.set_stream(BodySplicer::Absent::streamed);
  set_context(splicer, request, target.context);
  if (!prefill.empty()) append_prefill(splicer, prefill);
  return splicer.take();
}

}  // namespace weir::ollama_provider
