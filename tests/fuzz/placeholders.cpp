// Any bytes as a mapping (the first line) and as a text to be restored: no crash, and a text that comes in two pieces
// is restored as the whole is.
#include <cstdlib>

#include "guards/placeholders.h"

using weir::Placeholders;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(all.find('\n'), all.size());
  const std::string_view text = all.substr(std::min(line + 1, all.size()));
  const auto map = Placeholders::from_json(all.substr(0, line));
  if (!map) return 0;
  if (!Placeholders::from_json(map->json())) std::abort();
  const std::string whole = map->restore(text, Placeholders::Ends::here).text;
  const std::size_t cut = text.size() / 2;
  std::string waiting(text.substr(0, cut));
  const auto first = map->restore(waiting, Placeholders::Ends::later);
  if (first.rest > waiting.size()) std::abort();
  waiting = waiting.substr(waiting.size() - first.rest) + std::string(text.substr(cut));
  if (first.text + map->restore(waiting, Placeholders::Ends::here, first.last).text != whole) std::abort();
  return 0;
}
