#include "core/event_bytes.h"

#include <algorithm>

namespace weir {
namespace {

constexpr std::string_view name_field = "event: ";
constexpr std::string_view data_field = "data: ";

}  // namespace

bool is_plain(const FramedEvent& event, Framing framing) {
  const auto& [data, name, raw, has_data] = event;
  if (framing == Framing::amazon) return true;
  if (framing == Framing::ndjson) return raw.size() == data.size() + 1 && raw.ends_with('\n');
  const std::size_t head = name.empty() ? 0 : name_field.size() + name.size() + 1;
  if (raw.size() != head + data_field.size() + data.size() + 2 || !raw.ends_with("\n\n")) return false;
  const bool named = head == 0 || (raw.starts_with(name_field) && raw.substr(name_field.size()).starts_with(name));
  return named && raw.substr(head).starts_with(data_field);
}

void append_event(std::string& out, Framing framing, std::string_view name, std::string_view data) {
  if (framing == Framing::sse) {
    if (!name.empty()) out.append(name_field).append(name).append("\n");
    out += data_field;
  }
  const auto begin = static_cast<std::ptrdiff_t>(out.size());
  out += data;
  std::replace_if(
      out.begin() + begin, out.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  out += framing == Framing::sse ? "\n\n" : "\n";
}

}  // namespace weir
