// BodyReader: one walk over the top-level fields of a client's body by a table of the fields that its format knows, and
// the readers of what several formats say in the same way. A format's reader derives from it and gives the table. Lives
// on the stack of whoever reads a request; used by one thread.
#pragma once

#include <fmt/format.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/request.h"
#include "formats/shared/place.h"

namespace weir {

// A field that `Reader` knows. `read` gets the field's value and its JSON text as the client wrote it.
template <typename Reader>
struct KnownField {
  std::string_view name;
  bool (Reader::*read)(const json::Element& value, const Place& place, std::string_view raw);
};

class BodyReader : public FieldReader {
 protected:
  explicit BodyReader(Request& request) : request_(request) {}

  // Each known field once, in the order of the body; null is as absent. Unknown ones are left out (Request::left_out).
  // Precondition: the document is parsed; it is surveyed here. At most 64 fields.
  template <typename Reader>
  bool read_fields(Reader& reader, std::span<const KnownField<Reader>> known);

  // Functions as OpenAI, Ollama, Cohere and others describe them: `[{"type": "function", "function": {…}}]`.
  bool function_tools(const json::Element& value, const Place& place, std::string_view raw);
  // A list of strings; with `one_is_good` a string alone, too.
  enum class Alone : uint8_t { refused, allowed };
  bool texts(const json::Element& value, const Place& place, Alone alone, std::vector<std::string_view>& out);

  // Only the caller's own format can carry it.
  void only_here(const Place& place, std::string what) {
    request_.foreign.push_back({.place = to_string(place), .what = std::move(what)});
  }
  // It changes nothing of the answer, and is not sent to another format.
  void leave_out(const Place& place) { request_.left_out.push_back(request_.keep(to_string(place))); }
  void count(std::string_view text) { request_.text_bytes += text.size(); }

  Request& request_;

 private:
  bool root_object(json::Object& out);
  bool function_tool(const json::Element& value, const Place& place);
};

template <typename Reader>
bool BodyReader::read_fields(Reader& reader, std::span<const KnownField<Reader>> known) {
  json::Object root;
  if (!root_object(root)) return false;
  uint64_t seen = 0;
  std::size_t at = 0;
  for (const auto member : root) {
    const auto& range = request_.fields()[at++];
    const Place place{.key = member.key};
    std::size_t index = 0;
    while (index < known.size() && known[index].name != member.key) ++index;
    if (index == known.size()) {
      request_.left_out.push_back(member.key);
      continue;
    }
    if ((seen & (uint64_t{1} << index)) != 0) {
      return fail(place, fmt::format("Duplicate parameter: '{}' is given twice.", member.key));
    }
    seen |= uint64_t{1} << index;
    if (member.value.is_null()) continue;
    const auto raw =
        std::string_view(request_.document->text()).substr(range.value_begin, range.value_end - range.value_begin);
    if (!(reader.*known[index].read)(member.value, place, raw)) return false;
  }
  return true;
}

}  // namespace weir
