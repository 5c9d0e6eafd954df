#include "formats/anthropic/wire.h"

#include <fmt/format.h>

namespace weir::anthropic {
namespace {

constexpr std::string_view redacted_mark = "redacted.";
constexpr std::size_t longest = 128;  // of a tool's name

bool is_allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool is_spelt(std::string_view id) { return id.size() <= longest && std::all_of(id.begin(), id.end(), is_allowed); }

// FNV-1a.
uint32_t hash_of(std::string_view text) {
  uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

}  // namespace

std::string mark_redacted(std::string_view data) { return std::string(redacted_mark).append(data); }

bool is_redacted(std::string_view seal) { return seal.starts_with(redacted_mark); }

std::string_view redacted_data(std::string_view seal) { return seal.substr(redacted_mark.size()); }

std::string spell(std::string_view id) {
  std::string out(id);
  if (is_spelt(id)) return out;
  std::replace_if(
      out.begin(), out.end(), [](char c) { return !is_allowed(c); }, '_');
  constexpr std::size_t room = 9;  // for the hash, which keeps different ones different
  if (out.size() > longest - room) out.resize(longest - room);
  return out + fmt::format("_{:08x}", hash_of(id));
}

std::string_view unspell(std::string_view spelt, const Request& request) {
  for (const auto& tool : request.tools) {
    if (tool.name == spelt) return spelt;
  }
  for (const auto& tool : request.tools) {
    if (!is_spelt(tool.name) && spell(tool.name) == spelt) return tool.name;
  }
  return spelt;
}

std::string named_as_asked(std::string_view body, std::string_view holder, std::string_view name) {
  const auto place = json::member(holder.empty() ? body : json::member(body, holder), "model");
  std::string asked;
  json::append_string(asked, name);
  if (name.empty() || !place.starts_with('"') || place == asked) return {};
  const auto begin = static_cast<std::size_t>(place.data() - body.data());
  return json::apply(body, {{.begin = begin, .end = begin + place.size(), .with = std::move(asked)}});
}

std::string_view stop_reason(FinishReason finish, bool stop_sequence) {
  switch (finish) {
    case FinishReason::length:
      return "max_tokens";
    case FinishReason::tool_calls:
      return "tool_use";
    case FinishReason::content_filter:
      return "refusal";
    case FinishReason::none:
    case FinishReason::stop:
      break;
  }
  return stop_sequence ? "stop_sequence" : "end_turn";
}

FinishReason finish_of(std::string_view stop_reason) {
  if (stop_reason.empty()) return FinishReason::none;
  if (stop_reason == "tool_use") return FinishReason::tool_calls;
  if (stop_reason == "refusal") return FinishReason::content_filter;
  // `pause_turn`: the server would go on if it were asked to. Whoever does not know that has an answer that is cut.
  if (stop_reason == "max_tokens" || stop_reason == "model_context_window_exceeded" || stop_reason == "pause_turn")
    return FinishReason::length;
  return FinishReason::stop;
}

}  // namespace weir::anthropic
