#include "formats/shared/mending_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/json_mend.h"
#include "formats/shared/halves.h"

namespace weir {
namespace {

// Keys of all formats whose strings are what a model says.
constexpr std::string_view text_keys[] = {"\"text\"",         "\"content\"",   "\"delta\"",         "\"thinking\"",
                                          "\"partial_json\"", "\"response\"",  "\"arguments\"",     "\"reasoning\"",
                                          "\"refusal\"",      "\"tool_plan\"", "\"generated_text\""};

// Did an event that cannot be read carry text?
bool had_text(std::string_view event) {
  return std::any_of(std::begin(text_keys), std::end(text_keys), [&](std::string_view key) {
    const auto at = event.find(key);
    if (at == std::string_view::npos) return false;
    const auto value = event.find_first_not_of(" \t:", at + key.size());
    return value != std::string_view::npos && event[value] == '"' && event.substr(value, 2) != "\"\"";
  });
}

}  // namespace

Status MendingReader::read(const FramedEvent& event, json::Document& scratch, std::vector<StreamEvent>& out) {
  const auto before = out.size();
  auto read = read_as_it_is(event, scratch, out);
  if (read && promises_.keep(reader_.state().id, out, before))
    reader_.state().forwarding.way = Forwarding::Way::from_events;
  return read;
}

Status MendingReader::read_as_it_is(const FramedEvent& event, json::Document& scratch, std::vector<StreamEvent>& out) {
  const auto before = out.size();
  auto read = reader_.read(event, scratch, out);
  if (!read) {
    out.resize(before);
    return read_mended(event, std::move(read.error()), scratch, out);
  }
  if (!halves_.empty()) {
    join_halves(halves_, out, before);
    reader_.state().forwarding.way = Forwarding::Way::from_events;
  }
  return {};
}

Status MendingReader::read_mended(const FramedEvent& event, Error why, json::Document& scratch,
                                  std::vector<StreamEvent>& out) {
  const auto before = out.size();
  // One that is JSON, and yet means nothing to its reader, no mending helps.
  const bool is_json = scratch.parse_copy(event.data).has_value();
  const auto mended = is_json ? json::Mended{} : json::mend(event.data);
  auto again = event;
  again.data = mended.text;
  const bool usable = mended.usable && !mended.cut;
  if (usable && reader_.read(again, scratch, out)) {
    join_halves(halves_, out, before);
    reader_.state().forwarding.way = Forwarding::Way::from_events;
    return {};
  }
  out.resize(before);
  if (!had_text(event.data)) return failure(std::move(why));
  reader_.state().forwarding.way = Forwarding::Way::from_events;  // its bytes would run into those of the error
  out.push_back(
      {.kind = StreamEvent::Kind::error,
       .error = {.code = ErrorCode::upstream_malformed,
                 .message = fmt::format("The provider's stream has an event that cannot be read: {}", why.message)}});
  return {};
}

}  // namespace weir
