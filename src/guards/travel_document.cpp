// Machine-readable zones of passports, visas and identity cards (ICAO 9303): lines of 44, 36 or 30 capitals, digits and
// `<`, with check digits of document number, birth and expiry.
#include <algorithm>
#include <array>

#include "guards/characters.h"
#include "guards/checksum.h"
#include "guards/guard.h"
#include "guards/number.h"

namespace weir {
namespace {

using namespace guards;

constexpr bool in_zone(char c) { return is_digit(c) || is_upper(c) || c == '<'; }

bool checks(std::string_view field, char check) {
  constexpr std::array<int, 3> weights = {7, 3, 1};
  int sum = 0;
  for (std::size_t i = 0; i < field.size(); ++i) {
    const char c = field[i];
    sum += weights[i % 3] * (is_digit(c) ? c - '0' : c == '<' ? 0 : c - 'A' + 10);
  }
  return check == '0' + sum % 10 || (check == '<' && sum == 0);
}

bool is_date(std::string_view field) {
  return std::all_of(field.begin(), field.end(), is_digit) && is_day_of_month(two(field, 4), two(field, 2));
}

bool is_sex(char c) { return c == 'M' || c == 'F' || c == 'X' || c == '<'; }

// The second line of passports, visas and larger cards.
bool is_long_line(std::string_view line) {
  return checks(line.substr(0, 9), line[9]) && is_date(line.substr(13, 6)) && checks(line.substr(13, 6), line[19]) &&
         is_sex(line[20]) && is_date(line.substr(21, 6)) && checks(line.substr(21, 6), line[27]);
}

// The first and the second line of cards of the usual size.
bool is_short_line(std::string_view line) {
  const bool birth = is_date(line.substr(0, 6)) && checks(line.substr(0, 6), line[6]) && is_sex(line[7]) &&
                     is_date(line.substr(8, 6)) && checks(line.substr(8, 6), line[14]);
  const bool kind = line[0] == 'I' || line[0] == 'A' || line[0] == 'C';
  const bool state = std::none_of(line.begin() + 2, line.begin() + 5, is_digit);
  return birth || (kind && state && line.find('<') != std::string_view::npos && checks(line.substr(5, 9), line[14]));
}

// How the first line of passports and visas begins, which has the name and no digits.
constexpr std::string_view first_lines[] = {"p<", "v<"};

class TravelDocument : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "travel_document",
            .description = "machine-readable zones of passports, visas and identity cards, by their check digits",
            .classes = class_personal,
            .triggers = {.words = first_lines, .digits = 6, .number_fits = &may_begin},
            .kinds = {"machine_readable_zone"}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    const std::string_view text = sighting.text;
    if (sighting.number == nullptr) return inspect_name_line(sighting, out);
    std::size_t begin = sighting.at;
    while (begin > 0 && sighting.at - begin < longest && in_zone(text[begin - 1])) --begin;
    std::size_t end = sighting.end;
    while (end < text.size() && end - begin < longest && in_zone(text[end])) ++end;
    const std::string_view zone = text.substr(begin, end - begin);
    for (const std::size_t line : {std::size_t{44}, std::size_t{36}, std::size_t{30}}) {
      if (zone.size() % line != 0) continue;
      for (std::size_t at = 0; at < zone.size(); at += line) {  // without line breaks all lines are one
        const std::string_view one = zone.substr(at, line);
        if (!(line == 30 ? is_short_line(one) : is_long_line(one))) continue;
        out.add("machine_readable_zone", class_personal, first_begin(text, begin + at, line),
                last_end(text, begin + at + line, line));
        return;
      }
    }
  }

 private:
  // `P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<`, also where the second line is not there, or cut.
  static void inspect_name_line(const Sighting& sighting, Findings& out) {
    constexpr std::size_t shortest = 30;
    constexpr std::size_t line = 44;
    const std::string_view text = sighting.text;
    std::size_t end = sighting.at;
    while (end < text.size() && end - sighting.at < line && in_zone(text[end]) && !is_digit(text[end])) ++end;
    const std::string_view zone = text.substr(sighting.at, end - sighting.at);
    const bool state = zone.size() > 5 && zone.substr(2, 3).find('<') == std::string_view::npos;
    if (zone.size() < shortest || !state || zone.find("<<", 5) == std::string_view::npos) return;
    out.add("machine_readable_zone", class_personal, sighting.at, end, Confidence::medium);
  }

  static bool may_begin(std::string_view text, const Number& number, std::size_t group) {
    const std::size_t end = number.groups[group].end;
    return end < text.size() && in_zone(text[end]);
  }

  static constexpr std::size_t longest = 92;

  // Line breaks, also as JSON writes them, and blanks.
  static std::size_t break_before(std::string_view text, std::size_t at) {
    while (at > 0 && (is_space(text[at - 1]) || (at > 1 && text[at - 2] == '\\' && text[at - 1] == 'n'))) {
      at -= is_space(text[at - 1]) ? 1 : 2;
    }
    return at;
  }
  static std::size_t break_behind(std::string_view text, std::size_t at) {
    while (at < text.size() && (is_space(text[at]) || text.substr(at, 2) == "\\n")) at += is_space(text[at]) ? 1 : 2;
    return at;
  }
  static bool is_line(std::string_view text) {
    return std::all_of(text.begin(), text.end(), in_zone) && text.find('<') != std::string_view::npos;
  }

  // The other lines of the zone, which hold the name.
  static std::size_t first_begin(std::string_view text, std::size_t begin, std::size_t line) {
    for (int i = 0; i < 2; ++i) {
      const std::size_t end = break_before(text, begin);
      if (end == begin || end < line || !is_line(text.substr(end - line, line))) break;
      begin = end - line;
    }
    return begin;
  }
  static std::size_t last_end(std::string_view text, std::size_t end, std::size_t line) {
    for (int i = 0; i < 2; ++i) {
      const std::size_t begin = break_behind(text, end);
      if (begin == end || begin + line > text.size() || !is_line(text.substr(begin, line))) break;
      end = begin + line;
    }
    return end;
  }
};

}  // namespace

std::unique_ptr<Guard> make_travel_document_guard(const GuardSettings&) { return std::make_unique<TravelDocument>(); }

}  // namespace weir
