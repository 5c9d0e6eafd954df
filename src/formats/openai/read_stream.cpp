// The data of a stream event in OpenAI's format → JSON → StreamEvents: one parse into a reused buffer, and what is done
// where strict JSON says no, so that no text is lost without a word.
#include <fmt/format.h>

#include "core/json_mend.h"
#include "formats/openai/model_face.h"
#include "formats/shared/halves.h"

namespace weir::openai_provider {
namespace {

using Kind = StreamEvent::Kind;
using Way = Forwarding::Way;

bool mentions(std::string_view text, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

// Did an event that cannot be read carry text? A piece of a chunk did, or would have; noise did not.
bool had_text(std::string_view event, const json::Mended& mended) {
  constexpr std::string_view chunk_keys[] = {"\"choices\"", "\"delta\"",   "\"id\"",     "\"object\"",
                                             "\"model\"",   "\"created\"", "\"message\""};
  if (mended.cut) return mentions(event, chunk_keys);
  for (const std::string_view key : {"\"content\"", "\"text\"", "\"arguments\"", "\"reasoning_content\"",
                                     "\"reasoning\"", "\"refusal\"", "\"thinking\""}) {
    const auto at = event.find(key);
    if (at == std::string_view::npos) continue;
    const auto value = event.find_first_not_of(" \t:", at + key.size());
    if (value != std::string_view::npos && event[value] == '"' && event.substr(value, 2) != "\"\"") return true;
  }
  return false;
}

Status lost(std::string_view why, StreamState& state, std::vector<StreamEvent>& out) {
  state.forwarding.way = Way::from_events;  // its bytes would run into those of the error
  out.push_back(
      {.kind = Kind::error,
       .error = {.code = ErrorCode::upstream_malformed,
                 .message = fmt::format("The provider's stream has an event that cannot be read: {}.", why)}});
  return {};
}

// What strict JSON refuses and text can be had of all the same.
Status read_mended(std::string_view event, const std::string& why, StreamState& state, json::Document& scratch,
                   std::vector<StreamEvent>& out) {
  const auto before = out.size();
  bool halves = !state.halves.empty();
  std::size_t values = 0;
  for (auto rest = event; rest.starts_with('{') || values == 0; ++values) {
    const auto mended = json::mend(rest);
    if (!mended.usable || !scratch.parse_copy(mended.text)) {
      if (values > 0 || had_text(rest, mended)) return lost(why, state, out);
      return failure(ErrorCode::upstream_malformed, "A stream event is no JSON: " + why);
    }
    const auto from = out.size();
    if (auto read = read_event(scratch.root(), mended.text, Source::mended, state, out); !read) {
      if (values == 0) return read;
      break;
    }
    const bool content = std::any_of(out.begin() + static_cast<std::ptrdiff_t>(from), out.end(),
                                     [](const auto& one) { return one.is_content() || one.kind == Kind::error; });
    if (mended.cut && !content && had_text(rest, mended)) {
      out.resize(from);
      return lost(why, state, out);
    }
    halves = halves || mended.halves;
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n", mended.consumed), rest.size()));
    if (rest.starts_with("data:")) rest.remove_prefix(std::min(rest.find_first_not_of(' ', 5), rest.size()));
    if (rest == "[DONE]") {
      out.emplace_back().kind = Kind::done;
      break;
    }
  }
  if (values > 1 || halves) state.forwarding.way = Way::from_events;
  if (halves) join_halves(state.halves, out, before);
  return {};
}

}  // namespace

Status read_stream(std::string_view event, StreamState& state, json::Document& scratch, std::vector<StreamEvent>& out) {
  state.forwarding.way = Way::as_it_came;
  state.forwarding.text.clear();
  state.forwarding.usage.clear();
  while (event.ends_with(' ')) event.remove_suffix(1);
  if (event == "[DONE]") {
    if (!state.halves.empty()) end_halves(state.halves, -1, out);
    state.forwarding.way = Way::from_events;
    out.emplace_back().kind = Kind::done;
    return {};
  }
  const auto before = out.size();
  if (auto parsed = scratch.parse_copy(event); !parsed) {
    return read_mended(event, parsed.error().message, state, scratch, out);
  }
  auto read = read_event(scratch.root(), event, Source::strict, state, out);
  if (read && !state.halves.empty()) {
    join_halves(state.halves, out, before);
    state.forwarding.way = Way::from_events;
  }
  return read;
}

}  // namespace weir::openai_provider
