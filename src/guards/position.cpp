// Where somebody is: a pair of degrees, with four digits and more behind the point (some ten metres), that words call a
// position. Pairs that nothing names are numbers like others.
#include <algorithm>

#include "guards/characters.h"
#include "guards/context.h"
#include "guards/guard.h"

namespace weir {
namespace {

using namespace guards;

constexpr std::string_view words[] = {"lat",         "latitude",   "gps",          "coordinates", "koordinaten",
                                      "coordonnées", "geo:",       "coordenadas",  "coordinate",  "position",
                                      "standort",    "location",   "localisation", "breitengrad", "ubicación",
                                      "posizione",   "współrzędne"};

struct Degrees {
  double value = 0;
  std::size_t decimals = 0;
  std::size_t begin = 0;
  std::size_t end = 0;  // 0: none
};

// The next number with a point, from `at`, within `way` bytes.
Degrees read_degrees(std::string_view text, std::size_t at, std::size_t way) {
  const std::size_t stop = std::min(text.size(), at + way);
  while (at < stop && !is_digit(text[at])) {
    if (text[at] == '.' || text[at] == ';' || text[at] == '!' || text[at] == '?') return {};
    ++at;
  }
  if (at >= stop) return {};
  Degrees out{.begin = at > 0 && text[at - 1] == '-' ? at - 1 : at};
  std::size_t digits = 0;
  for (; at < text.size() && is_digit(text[at]) && digits < 4; ++at, ++digits)
    out.value = out.value * 10 + (text[at] - '0');
  if (digits > 3 || at >= text.size() || text[at] != '.') return {};
  ++at;
  while (at < text.size() && is_digit(text[at]) && out.decimals < 20) {
    ++at;
    ++out.decimals;
  }
  out.end = at;
  return out;
}

// `"coordinates":[[13.4,52.5],[…`: a line or an area, not where somebody is.
bool is_line(std::string_view text, std::size_t at) {
  constexpr std::size_t longest_way = 12;
  std::size_t brackets = 0;
  for (const std::size_t stop = std::min(text.size(), at + longest_way); at < stop; ++at) {
    if (text[at] == '[') ++brackets;
    if (is_alnum(text[at])) break;
  }
  return brackets > 1;
}

class Position : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "position",
            .description = "positions in degrees that words call so",
            .classes = class_personal,
            .triggers = {.words = words},
            .kinds = {"position"}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    constexpr std::size_t way_to_first = 28;
    constexpr std::size_t way_to_second = 28;  // `, "longitude": `
    constexpr std::size_t decimals = 4;
    const std::string_view text = sighting.text;
    if (!ends_word(text, sighting.end) || is_line(text, sighting.end)) return;
    const Degrees first = read_degrees(text, sighting.end, way_to_first);
    if (first.end == 0 || first.decimals < decimals || first.value > 90) return;
    const Degrees second = read_degrees(text, first.end, way_to_second);
    if (second.end == 0 || second.decimals < decimals || second.value > 180) return;
    out.add("position", class_personal, first.begin, second.end, Confidence::medium);
  }
};

}  // namespace

std::unique_ptr<Guard> make_position_guard(const GuardSettings&) { return std::make_unique<Position>(); }

}  // namespace weir
