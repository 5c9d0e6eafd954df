// National ids with letters: a shape each, and a check letter or fixed letters where the id has them.
//
// Shapes: `A` a letter, `9` a digit, `*` either, other characters themselves; spaces may stand between the parts that
// `_` parts.
#include <algorithm>
#include <array>

#include "guards/characters.h"
#include "guards/checksum.h"
#include "guards/context.h"
#include "guards/guard.h"
#include "guards/naming.h"
#include "guards/number.h"

namespace weir {
namespace {

using namespace guards;

// The id in capitals without its separators.
bool uk_nino(std::string_view id) {
  constexpr std::string_view never = "DFIQUV";
  if (never.find(id[0]) != std::string_view::npos || never.find(id[1]) != std::string_view::npos || id[1] == 'O')
    return false;
  for (const std::string_view prefix : {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}) {
    if (id.substr(0, 2) == prefix) return false;
  }
  return id[8] >= 'A' && id[8] <= 'D';
}

constexpr std::string_view spanish_letters = "TRWAGMYFPDXBNJZSQVHLCKE";

int to_number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

bool es_dni(std::string_view id) {
  return spanish_letters[static_cast<std::size_t>(to_number(id.substr(0, 8)) % 23)] == id[8];
}

bool es_nie(std::string_view id) {
  if (id[0] < 'X' || id[0] > 'Z') return false;
  const int value = (id[0] - 'X') * 10'000'000 + to_number(id.substr(1, 7));
  return spanish_letters[static_cast<std::size_t>(value % 23)] == id[8];
}

// Agenzia delle Entrate: odd places have values of their own.
bool it_codice_fiscale(std::string_view id) {
  constexpr std::array<int, 26> odd = {1,  0,  5, 7, 9, 13, 15, 17, 19, 21, 2,  4,  18,
                                       20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
  int sum = 0;
  for (std::size_t i = 0; i < 15; ++i) {
    const int value = is_digit(id[i]) ? id[i] - '0' : id[i] - 'A';
    sum += i % 2 == 0 ? odd[static_cast<std::size_t>(value)] : value;
  }
  const bool month = std::string_view("ABCDEHLMPRST").find(id[8]) != std::string_view::npos;
  return month && sum % 26 == id[15] - 'A';
}

bool fi_hetu(std::string_view id) {
  constexpr std::string_view letters = "0123456789ABCDEFHJKLMNPRSTUVWXY";
  if (!is_day_of_month(two(id, 0), two(id, 2))) return false;
  const int value = to_number(id.substr(0, 6)) * 1000 + to_number(id.substr(id.size() - 4, 3));
  return letters[static_cast<std::size_t>(value % 31)] == id.back();
}

bool in_pan(std::string_view id) { return id[3] == 'P'; }  // a person's

bool sg_nric(std::string_view id) {
  int sum = weighted(id.substr(1, 7), "2765432");
  switch (id[0]) {
    case 'S':
      return std::string_view("JZIHGFEDCBA")[static_cast<std::size_t>(sum % 11)] == id[8];
    case 'T':
      return std::string_view("JZIHGFEDCBA")[static_cast<std::size_t>((sum + 4) % 11)] == id[8];
    case 'F':
      return std::string_view("XWUTRQPNMLK")[static_cast<std::size_t>(sum % 11)] == id[8];
    case 'G':
      return std::string_view("XWUTRQPNMLK")[static_cast<std::size_t>((sum + 4) % 11)] == id[8];
    case 'M':
      return std::string_view("KLJNPQRTUWX")[static_cast<std::size_t>(10 - (sum + 3) % 11)] == id[8];
    default:
      return false;
  }
}

bool tw_identity(std::string_view id) {
  constexpr std::array<int, 26> values = {10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21,
                                          22, 35, 23, 24, 25, 26, 27, 28, 29, 32, 30, 31, 33};
  const int letter = values[static_cast<std::size_t>(id[0] - 'A')];
  const int sum = letter / 10 + letter % 10 * 9 + weighted(id.substr(1), "876543211");
  return (id[1] == '1' || id[1] == '2' || id[1] == '8' || id[1] == '9') && sum % 10 == 0;
}

bool mx_curp(std::string_view id) {
  return is_day_of_month(two(id, 8), two(id, 6)) && (id[10] == 'H' || id[10] == 'M' || id[10] == 'X');
}

bool ie_pps(std::string_view id) {
  int sum = weighted(id, "8765432");
  if (id.size() == 9 && id[8] != 'W') sum += (id[8] - 'A' + 1) * 9;
  return (sum % 23 == 0 ? 'W' : static_cast<char>('A' + sum % 23 - 1)) == id[7];
}

bool cn_identity_x(std::string_view id) {
  const std::string_view century = id.substr(6, 2);
  return (century == "19" || century == "20") && is_day_of_month(two(id, 12), two(id, 10)) &&
         weighted(id, "79A584216379A5842") % 11 == 2 && id[17] == 'X';
}

bool cl_rut(std::string_view id) {
  int sum = 0;
  for (std::size_t i = 0; i + 1 < id.size(); ++i) {
    sum += (id[id.size() - 2 - i] - '0') * static_cast<int>(2 + i % 6);
  }
  const int check = 11 - sum % 11;
  return id.back() == (check == 11 ? '0' : check == 10 ? 'K' : static_cast<char>('0' + check));
}

// DVLA: five letters of the surname, the year's decade, month (women: 5 more in its first digit), day, year, initials.
bool uk_driving_licence(std::string_view id) {
  const int month = two(id, 6) > 50 ? two(id, 6) - 50 : two(id, 6);
  return is_day_of_month(two(id, 8), month);
}

enum class Case : uint8_t { any, capitals };
enum class Check : uint8_t { letter, none };
enum class Alone : uint8_t { found, none };  // where nothing names it

struct Rule {
  std::string_view what;
  std::string_view shape;
  std::size_t lead;  // letters before the first digit
  Case letters;
  bool (*valid)(std::string_view id);
  WordSet names;  // mean this id: with a wrong check letter it is found too
  Check check = Check::letter;
  Alone alone = Alone::found;
};

constexpr WordSet dni = "dni|nif";
constexpr WordSet nie = "nie|nif";
constexpr WordSet nino = "nino|insurance|ni";
constexpr WordSet hetu = "hetu|henkilötunnus";
constexpr WordSet pps = "pps|ppsn";
constexpr WordSet rut = "rut|run";

constexpr Rule rules[] = {
    {"uk_nino", "AA_99_99_99_A", 2, Case::any, uk_nino, nino, Check::none},
    {"es_dni", "99999999-A", 0, Case::any, es_dni, dni},
    {"es_dni", "99999999A", 0, Case::any, es_dni, dni},
    {"es_nie", "A-9999999-A", 1, Case::any, es_nie, nie},
    {"es_nie", "A9999999A", 1, Case::any, es_nie, nie},
    {"it_codice_fiscale", "AAAAAA99A99A999A", 6, Case::any, it_codice_fiscale, "fiscale|cf|codicefiscale"},
    {"fi_hetu", "999999-999*", 0, Case::capitals, fi_hetu, hetu},
    {"fi_hetu", "999999A999*", 0, Case::capitals, fi_hetu, hetu},
    {"in_pan", "AAAAA9999A", 5, Case::capitals, in_pan, "pan", Check::none},
    {"sg_nric", "A9999999A", 1, Case::any, sg_nric, "nric|fin"},
    {"uk_driving_licence", "AAAAA999999A*9AA", 5, Case::any, uk_driving_licence,
     "licence|license|driving|driver|drivers|dvla", Check::none},
    {"tw_identity", "A999999999", 1, Case::capitals, tw_identity, "身分證|身份證|身分證字號"},
    {"mx_curp", "AAAA999999AAAAAA*9", 4, Case::any, mx_curp, "curp", Check::none},
    {"ie_pps", "9999999A", 0, Case::any, ie_pps, pps, Check::letter, Alone::none},
    {"ie_pps", "9999999AA", 0, Case::any, ie_pps, pps, Check::letter, Alone::none},
    {"cn_identity", "99999999999999999A", 0, Case::any, cn_identity_x, "身份证|身份證"},
    {"cl_rut", "99.999.999-*", 0, Case::any, cl_rut, rut},
    {"cl_rut", "9.999.999-*", 0, Case::any, cl_rut, rut},
    {"cl_rut", "99999999-*", 0, Case::any, cl_rut, rut, Check::letter, Alone::none},
};

// Bit n of [lead]: an id whose digits begin behind so many letters may begin with a group of n digits.
constexpr std::size_t most_lead = 6;
constexpr auto digits_behind = [] {
  std::array<uint32_t, most_lead + 1> sets{};
  for (const Rule& rule : rules) {
    std::size_t count = 0;
    for (const char want : rule.shape) {
      if (want == '9') ++count;
      if (count > 0 && want == '_') sets[rule.lead] |= 1U << count;
      if (count > 0 && want != '9' && want != '_') break;
    }
    sets[rule.lead] |= 1U << count;
  }
  return sets;
}();

// `12.345.678-5`, `230845-321A`: the others have letters. The last `*` may be a digit too.
constexpr auto within = [] {
  LayoutBeginnings all;
  for (const Rule& rule : rules) {
    const std::size_t first = rule.lead == 0 ? rule.shape.find_first_not_of('9') : 0;
    if (first == 0 || first >= rule.shape.size() || !ties(rule.shape[first])) continue;
    std::size_t end = first + 1;
    while (end < rule.shape.size() && rule.shape[end] == '9') ++end;
    const std::size_t second = end - first - 1;
    if (second > 0) all.add(first, rule.shape[first], second);
    if (end < rule.shape.size() && rule.shape[end] == '*') all.add(first, rule.shape[first], second + 1);
  }
  return all;
}();

struct Id {
  std::array<char, 20> text{};
  std::size_t size = 0;
  std::size_t end = 0;
  bool capitals = true;
};

// Reads `shape` at `begin`; size 0 when the text has another one.
Id read_shape(std::string_view text, std::size_t begin, std::string_view shape) {
  Id id;
  std::size_t at = begin;
  for (const char want : shape) {
    if (want == '_') {
      if (at < text.size() && (text[at] == ' ' || text[at] == '-')) ++at;
      continue;
    }
    const Digit digit = digit_at(text, at);
    const char c = digit.value >= 0 ? static_cast<char>('0' + digit.value) : at < text.size() ? text[at] : '\0';
    const bool fits = want == '9' ? is_digit(c) : want == 'A' ? is_alpha(c) : want == '*' ? is_alnum(c) : c == want;
    if (!fits) return {};
    id.capitals = id.capitals && (!is_alpha(c) || is_upper(c));
    if (is_alnum(c)) id.text[id.size++] = to_upper(c);
    at += digit.value >= 0 ? digit.size : 1;
  }
  id.end = at;
  return id;
}

class LetteredId : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "lettered_id",
            .description = "national ids with letters: UK, ES, IT, FI, IE, IN, SG, TW, MX, CL",
            .classes = class_personal,
            .triggers = {.digits = 2, .number_fits = &may_begin, .within = &within},
            .kinds = kinds_of(rules),
            .names = names_of(rules)};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    const std::string_view text = sighting.text;
    std::size_t lead = letters_before(text, sighting.at);
    if (lead == 0 && sighting.number->groups[sighting.group].count == 2 && is_behind_pair(text, sighting.at)) lead = 3;
    for (const Rule& rule : rules) {
      const bool spaced = rule.lead == 2 && lead == 3;  // `AB 12 …`: the space counts as one
      const bool dashed = rule.lead == 1 && lead == 0 && sighting.at > 1 && text[sighting.at - 1] == '-';
      if (rule.lead != lead && !spaced && !dashed) continue;
      const std::size_t back = dashed ? 2 : lead;
      if (back > sighting.at) continue;
      inspect_rule(sighting, sighting.at - back, rule, out);
    }
  }

 private:
  // Only letters right at the digits, as many as an id has, or a gap of their own make an id of these.
  static bool may_begin(std::string_view text, const Number& number, std::size_t group) {
    const Number::Group& first = number.groups[group];
    const std::size_t lead = letters_before(text, first.begin);
    if (lead > most_lead || first.count > 31) return false;
    const std::size_t begin = first.begin - lead;
    const bool may_follow = ((digits_behind[lead] >> first.count) & 1U) != 0;
    if (lead > 0) return may_follow && !glued_before(text, begin) && !(begin > 0 && text[begin - 1] == '-');
    if (first.count == 2 && is_behind_pair(text, begin)) return true;
    if (first.count < 6) return begins_rut(number, group);
    // Without a letter before them: digits and a letter, or `-` and one.
    const char next = first.end < text.size() ? text[first.end] : ' ';
    if (!is_alpha(next) && next != '-') return false;
    const bool dashed = begin > 1 && text[begin - 1] == '-' && is_alpha(text[begin - 2]);
    return may_follow || (dashed && ((digits_behind[1] >> first.count) & 1U) != 0);
  }

  static std::size_t letters_before(std::string_view text, std::size_t at) {
    std::size_t count = 0;
    while (count <= most_lead && count < at && is_alpha(text[at - 1 - count])) ++count;
    return count;
  }

  // `AB 12 …`
  static bool is_behind_pair(std::string_view text, std::size_t at) {
    const bool pair = at >= 3 && text[at - 1] == ' ' && is_upper(text[at - 2]) && is_upper(text[at - 3]);
    return pair && !glued_before(text, at - 3);
  }

  static bool begins_rut(const Number& number, std::size_t group) {
    if (number.groups[group].count > 2 || group + 2 >= number.count) return false;
    const Number::Group& thousands = number.groups[group + 1];
    const Number::Group& ones = number.groups[group + 2];
    return thousands.gap == '.' && thousands.count == 3 && ones.gap == '.' && ones.count == 3;
  }

  static void inspect_rule(const Sighting& sighting, std::size_t begin, const Rule& rule, Findings& out) {
    const std::string_view text = sighting.text;
    const Id id = read_shape(text, begin, rule.shape);
    if (id.size == 0 || (rule.letters == Case::capitals && !id.capitals)) return;
    if (glued_before(text, begin) || glued_after(text, id.end)) return;
    if (begin > 0 && text[begin - 1] == '-') return;  // the end of a longer code
    const bool named = is_named(text, begin, id.end, rule.names);
    const bool right = rule.valid({id.text.data(), id.size});
    if (rule.alone == Alone::none && !named && !word_before(text, begin, 48, rule.names)) return;
    if (named) return out.add(rule.what, class_personal, begin, id.end, right ? Confidence::high : Confidence::low);
    if (!right || (!id.capitals && is_hash(text.substr(begin, id.end - begin)))) return;
    const bool grouped = id.end - begin > id.size;
    constexpr std::size_t telling = 16;  // characters, with a date among them
    const Confidence form = grouped || id.size >= telling ? Confidence::medium : Confidence::low;
    out.add(rule.what, class_personal, begin, id.end, rule.check == Check::none ? form : Confidence::high);
  }

  // `ab123456c` is the beginning of a commit's id too.
  static bool is_hash(std::string_view id) {
    return std::all_of(id.begin(), id.end(), [](char c) { return is_hex(c) && !is_upper(c); });
  }
};

}  // namespace

std::unique_ptr<Guard> make_lettered_id_guard(const GuardSettings&) { return std::make_unique<LetteredId>(); }

}  // namespace weir
