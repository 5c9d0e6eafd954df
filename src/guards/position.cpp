// Where somebody is: a pair of degrees, with four digits and more behind the point (some ten metres), that words call a
// position, or that stands in a sentence about somebody; degrees, minutes and seconds with the four directions; `geo:`
// and links to maps. Other pairs are numbers like others.
#include <algorithm>
#include <array>

#include "guards/characters.h"
#include "guards/context.h"
#include "guards/guard.h"
#include "guards/number.h"
#include "guards/persons.h"

namespace weir {
namespace {

using namespace guards;

constexpr std::size_t npos = std::string_view::npos;

constexpr std::string_view words[] = {"lat", "latitude", "gps", "coordinates", "koordinaten", "coordonnées",
                                      "coordenadas", "coordinate", "position", "standort", "location", "localisation",
                                      "breitengrad", "ubicación", "posizione", "współrzędne", "coördinaten",
                                      "koordinater", "koordinaatit", "souřadnice", "координаты", "koordinatlar",
                                      "localização", "posición", "locatie", "sijainti", "konum", "lokalizacja",
                                      // links
                                      "geo:", "google.com/maps", "maps.google", "maps.apple.com", "openstreetmap.org",
                                      "bing.com/maps", "waze.com", "goo.gl/maps", "yandex.ru/maps", "here.com"};
constexpr std::size_t first_link = 28;
static_assert(words[first_link] == "geo:");

constexpr std::size_t decimals = 4;

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

// `N 48° 51' 24.5"`, `48°51′24″N`, `48.8566° N`, `48 degrees 51 minutes 24 seconds north`
struct Angle {
  std::size_t begin = 0;
  std::size_t end = 0;  // 0: none
  char direction = 0;   // N, S, E, W
};

bool passes(std::string_view text, std::size_t& at, std::initializer_list<std::string_view> signs) {
  while (at < text.size() && text[at] == ' ') ++at;
  for (const std::string_view sign : signs) {
    if (!starts_folded(text.substr(at), sign)) continue;
    at += sign.size();
    return true;
  }
  return false;
}

bool passes_number(std::string_view text, std::size_t& at) {
  std::size_t digits = 0;
  while (at < text.size() && text[at] == ' ') ++at;
  for (; at < text.size() && is_digit(text[at]); ++at) ++digits;
  if (digits == 0 || digits > 3) return false;
  const bool fraction = at + 1 < text.size() && (text[at] == '.' || text[at] == ',') && is_digit(text[at + 1]);
  if (fraction) ++at;
  while (fraction && at < text.size() && is_digit(text[at])) ++at;
  return true;
}

char direction_of(std::string_view word) {
  if (word.empty()) return 0;
  static constexpr WordSet north = "n|north|nord|norte|norden";
  static constexpr WordSet south = "s|south|sud|sur|süd|sul";
  static constexpr WordSet east = "e|east|est|este|ost|leste|osten";
  static constexpr WordSet west = "w|o|west|ouest|oeste|ovest|westen";
  return north.has(word) ? 'N' : south.has(word) ? 'S' : east.has(word) ? 'E' : west.has(word) ? 'W' : '\0';
}

enum class Letter : uint8_t { behind, before };

Angle read_angle(std::string_view text, std::size_t at, Letter letter) {
  Angle out{.begin = at};
  if (!passes_number(text, at)) return {};
  if (!passes(text, at, {"\xC2\xB0", "\xC2\xBA", "degrees", "degree", "deg"})) return {};
  out.end = at;
  for (const auto& signs : {std::array<std::string_view, 5>{"'", "\xE2\x80\xB2", "\xE2\x80\x99", "minutes", "min"},
                            std::array<std::string_view, 5>{"\"", "\xE2\x80\xB3", "\xE2\x80\x9D", "seconds", "''"}}) {
    std::size_t next = at;
    if (!passes_number(text, next)) break;
    if (!passes(text, next, {signs[0], signs[1], signs[2], signs[3], signs[4]})) break;
    out.end = at = next;
  }
  if (letter == Letter::before) {  // `N 48°`
    std::size_t before = out.begin;
    while (before > 0 && text[before - 1] == ' ') --before;
    if (before == 0 || !is_alpha(text[before - 1]) || glued_before(text, before - 1)) return {};
    out.direction = direction_of(text.substr(before - 1, 1));
    out.begin = before - 1;
    return out;
  }
  std::size_t word = at;
  while (word < text.size() && (text[word] == ' ' || text[word] == ',')) ++word;
  std::size_t word_end = word;
  while (word_end < text.size() && (is_alpha(text[word_end]) || !is_ascii(text[word_end]))) ++word_end;
  out.direction = direction_of(text.substr(word, word_end - word));
  if (out.direction != 0) out.end = word_end;
  return out;
}

bool is_latitude(const Angle& angle) { return angle.direction == 'N' || angle.direction == 'S'; }

// `48.85°` behind another number.
constexpr auto within = [] {
  LayoutBeginnings all;
  for (std::size_t whole = 1; whole <= 3; ++whole) {
    for (std::size_t part = 1; part < 32; ++part) all.add(whole, '.', part);
  }
  return all;
}();

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
            .description = "positions in degrees: that words call so, of somebody, with directions, in links to maps",
            .classes = class_personal,
            .triggers = {.words = words, .digits = 2, .number_fits = &may_begin, .within = &within},
            .kinds = {"position"}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    if (sighting.number != nullptr) return inspect_number(sighting, out);
    if (sighting.word >= first_link) return inspect_link(sighting.text, sighting.end, out);
    if (!ends_word(sighting.text, sighting.end) || is_line(sighting.text, sighting.end)) return;
    const Degrees first = read_degrees(sighting.text, sighting.end, way);
    add_pair(sighting.text, first, out);
  }

 private:
  static constexpr std::size_t way = 28;  // `, "longitude": `
  static constexpr std::string_view degrees_word = " degrees";

  static bool add_pair(std::string_view text, const Degrees& first, Findings& out) {
    if (first.end == 0 || first.decimals < decimals || first.value > 90) return false;
    const Degrees second = read_degrees(text, first.end, way);
    if (second.end == 0 || second.decimals < decimals || second.value > 180) return false;
    out.add("position", class_personal, first.begin, second.end, Confidence::medium);
    return true;
  }

  // Behind it a sign of degrees or the word, or one of two numbers with a comma between.
  static bool may_begin(std::string_view text, const Number& number, std::size_t group) {
    const Number::Group& first = number.groups[group];
    const bool fraction = group + 1 < number.count && number.groups[group + 1].gap == '.';
    const std::size_t end = fraction ? number.groups[group + 1].end : first.end;
    if (end >= text.size()) return false;
    if (text[end] == '\xC2') return true;
    if (!fraction) return text.substr(end, degrees_word.size()) == degrees_word;
    return text[end] == ',' && group + 2 == number.count && first.count <= 3 &&
           number.groups[group + 1].count >= decimals;
  }

  static void inspect_number(const Sighting& sighting, Findings& out) {
    const std::string_view text = sighting.text;
    const Number& number = *sighting.number;
    // Most numbers end here: no degree behind them, no pair.
    if (sighting.group != 0 && number.groups[sighting.group].gap == '.') return;
    const bool fraction = sighting.group + 1 < number.count && number.groups[sighting.group + 1].gap == '.';
    const std::string_view behind = text.substr(fraction ? number.groups[sighting.group + 1].end : sighting.end, 2);
    if (behind == "\xC2\xB0" || behind == "\xC2\xBA") return inspect_angle(text, sighting.at, out);
    // `48.858370, 2.294481`: two groups, a comma, and the same again.
    const std::size_t from = sighting.group;
    if (from + 2 != number.count || number.groups[from + 1].gap != '.' || number.groups[from].count > 3 ||
        number.groups[from + 1].count < decimals) {
      if (text.substr(sighting.end, degrees_word.size()) == degrees_word) inspect_angle(text, sighting.at, out);
      return;
    }
    const std::size_t end = number.groups[from + 1].end;
    if (end + 2 >= text.size() || text[end] != ',' || is_among_others(text, sighting.at)) return;
    const Degrees first = read_degrees(text, sighting.at, 1);
    const Degrees second = read_degrees(text, end + 1, 3);
    if (first.end == 0 || second.end == 0 || second.decimals < decimals || first.value > 90 || second.value > 180)
      return;
    if (is_followed_by_number(text, second.end)) return;
    if (!sentence_before(text, first.begin).somebody) return;
    out.add("position", class_personal, first.begin, second.end, Confidence::medium);
  }

  // In a list of numbers.
  static bool is_among_others(std::string_view text, std::size_t at) {
    while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '-' || text[at - 1] == ',' || text[at - 1] == '\n')) --at;
    return at > 0 && (is_digit(text[at - 1]) || text[at - 1] == '[' || text[at - 1] == '{' || text[at - 1] == '=');
  }
  static bool is_followed_by_number(std::string_view text, std::size_t at) {
    while (at < text.size() && (text[at] == ' ' || text[at] == ',' || text[at] == '-')) ++at;
    return at < text.size() && is_digit(text[at]);
  }

  static void inspect_angle(std::string_view text, std::size_t at, Findings& out) {
    if (!add_angles(text, at, Letter::behind, out)) add_angles(text, at, Letter::before, out);
  }

  static bool add_angles(std::string_view text, std::size_t at, Letter letter, Findings& out) {
    const Angle first = read_angle(text, at, letter);
    if (first.end == 0 || first.direction == 0) return false;
    constexpr std::size_t widest = 24;  // `, longitude `
    std::size_t next = first.end;
    while (next < text.size() && next - first.end < widest && !is_digit(text[next])) ++next;
    if (next >= text.size() || !is_digit(text[next])) return false;
    const Angle second = read_angle(text, next, letter);
    if (second.end == 0 || second.direction == 0 || is_latitude(first) == is_latitude(second)) return false;
    out.add("position", class_personal, first.begin, second.end, Confidence::medium);
    return true;
  }

  // `@48.85837,2.294481,17z`, `?q=48.858370,2.294481`, `#map=18/48.85837/2.29448`
  static void inspect_link(std::string_view text, std::size_t at, Findings& out) {
    constexpr std::size_t longest = 256;
    constexpr std::size_t fewest = 3;  // decimals, where the link says what they are
    const std::size_t stop = std::min(text.size(), at + longest);
    for (; at < stop && !is_space(text[at]) && text[at] != '"' && text[at] != '>'; ++at) {
      if (!is_digit(text[at]) || is_digit(text[at - 1]) || text[at - 1] == '.') continue;
      const Degrees first = read_degrees(text, at, 1);
      if (first.end == 0 || first.decimals < fewest || first.value > 90) continue;
      std::size_t next = first.end;
      if (starts_folded(text.substr(next), "%2c")) {
        next += 3;
      } else if (next < text.size() && std::string_view(",/~").find(text[next]) != npos) {
        ++next;
      } else {
        continue;
      }
      const Degrees second = read_degrees(text, next, 2);
      if (second.end == 0 || second.decimals < fewest || second.value > 180) continue;
      return out.add("position", class_personal, first.begin, second.end, Confidence::medium);
    }
  }
};

}  // namespace

std::unique_ptr<Guard> make_position_guard(const GuardSettings&) { return std::make_unique<Position>(); }

}  // namespace weir
