#include "formats/shared/translation.h"

#include <array>

namespace weir {
namespace {

struct Effort {
  std::string_view name;
  int64_t tokens;  // at most, for that name
};
constexpr std::array efforts = {Effort{"none", 0},       Effort{"minimal", 1'024}, Effort{"low", 4'096},
                                Effort{"medium", 8'192}, Effort{"high", 24'576},   Effort{"xhigh", 32'768},
                                Effort{"max", 65'536}};

}  // namespace

Error unsupported(std::string message, std::string param) {
  return {.code = ErrorCode::unsupported, .message = std::move(message), .param = std::move(param)};
}

std::string_view tool_name_of(const Request& request, std::size_t index) {
  const auto& result = request.messages[index];
  if (!result.name.empty()) return result.name;
  for (std::size_t i = index; i-- > 0;) {
    for (const auto& part : request.messages[i].parts) {
      if (part.kind == Part::Kind::tool_call && part.id == result.tool_call_id) return part.name;
    }
  }
  return {};
}

void write_arguments(json::Writer& writer, std::string_view text) {
  json::Document document;
  if (text.empty()) {
    writer.begin_object().end_object();
  } else if (document.parse_copy(text) && document.root().is_object()) {
    writer.value(document.root());
  } else {
    writer.begin_object().key("arguments").value(text).end_object();
  }
}

void add_extra_headers(const ProviderSettings& provider, Headers& headers) {
  for (const auto& [name, value] : provider.headers) {
    headers.remove(name);
    headers.add(name, value);
  }
}

void add_bearer(const ProviderSettings& provider, Headers& headers) {
  if (!provider.api_key.empty()) headers.add("Authorization", "Bearer " + provider.api_key);
  add_extra_headers(provider, headers);
}

int64_t thinking_tokens_of(std::string_view effort) {
  for (const auto& one : efforts) {
    if (one.name == effort) return one.tokens;
  }
  return -1;
}

std::string_view effort_of(int64_t thinking_tokens) {
  if (thinking_tokens < 0) return {};
  for (const auto& one : efforts) {
    if (thinking_tokens <= one.tokens) return one.name;
  }
  return "max";
}

}  // namespace weir
