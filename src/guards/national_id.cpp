// National ids written with digits only: one row per id. A row says when a number is taken for that id: by its check
// digits alone, by the layout it is written in, or only where a word nearby names it (ids whose form says too little).
#include <algorithm>
#include <array>
#include <span>

#include "guards/characters.h"
#include "guards/checksum.h"
#include "guards/context.h"
#include "guards/data_context.h"
#include "guards/guard.h"
#include "guards/naming.h"
#include "guards/number.h"

namespace weir {
namespace {

using namespace guards;

constexpr int at(std::string_view d, std::size_t i) { return d[i] - '0'; }

// YYMMDD or DDMMYY at `from`.
bool date_ymd(std::string_view d, std::size_t from) { return is_day_of_month(two(d, from + 4), two(d, from + 2)); }
bool date_dmy(std::string_view d, std::size_t from) { return is_day_of_month(two(d, from), two(d, from + 2)); }

// Social Security Administration: no area 000, 666 or 9xx, no group 00, no serial 0000. Individual taxpayer numbers
// (ITIN) are 9xx with a group of 50 and up.
bool us_ssn(std::string_view d) {
  const std::string_view area = d.substr(0, 3);
  if (area == "000" || area == "666" || d.substr(3, 2) == "00" || d.substr(5) == "0000") return false;
  return area[0] != '9' || two(d, 3) >= 50;
}

bool ca_sin(std::string_view d) { return d[0] != '0' && d[0] != '8' && luhn_valid(d); }

// Eleven-test; the last weight is −1.
bool nl_bsn(std::string_view d) { return (weighted(d, "98765432") - at(d, 8)) % 11 == 0 && d != "000000000"; }

bool pt_nif(std::string_view d) {
  const int check = 11 - weighted(d, "98765432") % 11;
  return (check > 9 ? 0 : check) == at(d, 8);
}

bool pl_pesel(std::string_view d) {
  if (!is_day_of_month(two(d, 4), two(d, 2) % 20)) return false;  // the century is added to the month in twenties
  return (10 - weighted(d, "1379137913") % 10) % 10 == at(d, 10);
}

// In the first ten digits one digit comes twice or thrice, all others once at most.
bool de_tax_id(std::string_view d) {
  if (d[0] == '0' || !mod11_10_valid(d)) return false;
  int repeated = 0;
  for (char digit = '0'; digit <= '9'; ++digit) {
    const auto times = std::count(d.begin(), d.begin() + 10, digit);
    if (times > 3) return false;
    if (times > 1) ++repeated;
  }
  return repeated == 1;
}

// Sex, year, month (20 and up: unknown), place, serial; key = 97 − number mod 97.
bool fr_nir(std::string_view d) {
  const int month = two(d, 3);
  if ((d[0] != '1' && d[0] != '2') || month == 0 || (month > 12 && month < 20)) return false;
  return 97 - static_cast<int>(mod97(d.substr(0, 13))) == two(d, 13);
}

bool no_birth_number(std::string_view d) {
  const int day = two(d, 0) > 40 ? two(d, 0) - 40 : two(d, 0);  // D-numbers
  if (!is_day_of_month(day, two(d, 2))) return false;
  const int first = (11 - weighted(d, "376189452") % 11) % 11;
  const int second = (11 - weighted(d, "5432765432") % 11) % 11;
  return first == at(d, 9) && second == at(d, 10);
}

bool dk_cpr(std::string_view d) { return date_dmy(d, 0); }

bool se_personnummer(std::string_view d) {
  const std::string_view last = d.substr(d.size() - 10);
  const int day = two(last, 4) > 60 ? two(last, 4) - 60 : two(last, 4);  // co-ordination numbers
  return is_day_of_month(day, two(last, 2)) && luhn_valid(last);
}

bool be_national_number(std::string_view d) {
  const auto remainder = static_cast<int>(mod97(d.substr(0, 9)));
  const auto since_2000 = static_cast<int>((mod97(d.substr(0, 9)) + 2 * (1'000'000'000 % 97)) % 97);
  return date_ymd(d, 0) && (97 - remainder == two(d, 9) || 97 - since_2000 == two(d, 9));
}

bool ch_ahv(std::string_view d) {
  return d.substr(0, 3) == "756" && (10 - weighted(d, "131313131313") % 10) % 10 == at(d, 12);
}

bool at_svnr(std::string_view d) {
  const std::string_view others[] = {d.substr(0, 3), d.substr(4)};
  return d[0] != '0' && (weighted(others[0], "379") + weighted(others[1], "584216")) % 11 == at(d, 3);
}

bool ro_cnp(std::string_view d) {
  const int rest = weighted(d, "279146358279") % 11;
  return d[0] >= '1' && d[0] <= '8' && date_ymd(d, 1) && (rest == 10 ? 1 : rest) == at(d, 12);
}

bool bg_egn(std::string_view d) {
  return is_day_of_month(two(d, 4), two(d, 2) % 20) && weighted(d, "2485A9736") % 11 % 10 == at(d, 9);
}

bool gr_amka(std::string_view d) { return date_dmy(d, 0) && luhn_valid(d); }

bool cz_birth_number(std::string_view d) {
  const int month = two(d, 2) > 50 ? two(d, 2) - 50 : two(d, 2);  // women
  if (!is_day_of_month(two(d, 4), month > 20 ? month - 20 : month)) return false;
  uint64_t value = 0;
  for (const char c : d) value = value * 10 + static_cast<uint64_t>(c - '0');
  return value % 11 == 0;
}

bool hr_oib(std::string_view d) { return mod11_10_valid(d); }

bool tr_identity(std::string_view d) {
  if (d[0] == '0') return false;
  const int odd = at(d, 0) + at(d, 2) + at(d, 4) + at(d, 6) + at(d, 8);
  const int even = at(d, 1) + at(d, 3) + at(d, 5) + at(d, 7);
  const int tenth = ((odd * 7 - even) % 10 + 10) % 10;
  return tenth == at(d, 9) && (odd + even + tenth) % 10 == at(d, 10);
}

bool il_identity(std::string_view d) { return luhn_valid(d); }

bool za_identity(std::string_view d) { return date_ymd(d, 0) && d[10] <= '1' && luhn_valid(d); }

// GB 11643: region, date of birth, serial, ISO 7064 MOD 11-2 (an X is read by lettered_id).
bool cn_identity(std::string_view d) {
  const std::string_view century = d.substr(6, 2);
  if ((century != "19" && century != "20") || !is_day_of_month(two(d, 12), two(d, 10))) return false;
  return (12 - weighted(d, "79A584216379A5842") % 11) % 11 == at(d, 17);
}

bool kr_resident(std::string_view d) { return date_ymd(d, 0) && d[6] >= '1' && d[6] <= '8'; }

bool jp_my_number(std::string_view d) {
  const int rest = weighted(d, "65432765432") % 11;
  return (rest <= 1 ? 0 : 11 - rest) == at(d, 11);
}

bool in_aadhaar(std::string_view d) { return d[0] >= '2' && verhoeff_valid(d); }

bool all_alike(std::string_view d) { return d.find_first_not_of(d[0]) == std::string_view::npos; }

bool br_cpf(std::string_view d) {
  if (all_alike(d)) return false;
  const int first = weighted(d, "A98765432") * 10 % 11 % 10;
  const int second = weighted(d, "BA98765432") * 10 % 11 % 10;
  return first == at(d, 9) && second == at(d, 10);
}

bool ar_cuil(std::string_view d) {
  const int rest = (11 - weighted(d, "5432765432") % 11) % 11;
  return d[0] == '2' && rest == at(d, 10);
}

bool my_identity(std::string_view d) { return date_ymd(d, 0); }

bool th_identity(std::string_view d) {
  return d[0] != '0' && (11 - weighted(d, "DCBA98765432") % 11) % 10 == at(d, 12);
}

bool au_tfn(std::string_view d) { return weighted(d, "14375869A") % 11 == 0; }

bool au_medicare(std::string_view d) { return d[0] >= '2' && d[0] <= '6' && weighted(d, "13791379") % 10 == at(d, 8); }

bool uk_nhs(std::string_view d) {
  const int check = 11 - weighted(d, "A98765432") % 11;
  return (check == 11 ? 0 : check) == at(d, 9) && !all_alike(d);
}

bool ee_lt_code(std::string_view d) {
  if (d[0] < '1' || d[0] > '6' || !date_ymd(d, 1)) return false;
  int rest = weighted(d, "1234567891") % 11;
  if (rest == 10) rest = weighted(d, "3456789123") % 11 % 10;
  return rest == at(d, 10);
}

// Receita Federal: two check digits.
bool br_cnpj(std::string_view d) {
  const auto check = [](int sum) { return sum % 11 < 2 ? 0 : 11 - sum % 11; };
  if (d.find_first_not_of(d[0]) == std::string_view::npos) return false;
  return check(weighted(d, "543298765432")) == at(d, 12) && check(weighted(d, "6543298765432")) == at(d, 13);
}

// Ministerstwo Finansów: modulo 11; a remainder of 10 is not given out.
bool pl_nip(std::string_view d) { return weighted(d, "657234567") % 11 == at(d, 9); }

// Australian Business Register: the first digit less one, modulo 89.
bool au_abn(std::string_view d) {
  constexpr std::array<int, 11> weights = {10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19};
  int sum = -10;
  for (std::size_t i = 0; i < weights.size(); ++i) sum += at(d, i) * weights[i];
  return d[0] != '0' && sum % 89 == 0;
}

enum class Alone : uint8_t {
  unformatted,  // the digits alone are enough
  formatted,    // one of `layouts` is enough
  named,        // only with one of `words` nearby
};

enum class Check : uint8_t { digit, none };

struct Rule {
  std::string_view what;
  uint8_t digits;
  Alone alone;
  bool (*valid)(std::string_view digits);
  Layouts layouts;
  WordSet names;       // mean this id and nothing else: with a wrong check digit it is found too
  WordSet words = {};  // speak of it nearby
  ClassSet classes = class_personal;
  Check check = Check::digit;
};

constexpr Rule rules[] = {
    {"us_ssn", 9, Alone::formatted, us_ssn, "3-2-4|3 2 4|3.2.4", "ssn|itin|socialsecurity|social", "security|tin",
     class_personal, Check::none},
    {"ca_sin", 9, Alone::named, ca_sin, "3-3-3|3 3 3", "sin|nas", "insurance|social|sociale"},
    {"nl_bsn", 9, Alone::named, nl_bsn, "4.2.3|3.3.3|3 3 3", "bsn|burgerservicenummer|sofinummer|sofi"},
    {"pt_nif", 9, Alone::named, pt_nif, "3 3 3", "nif|contribuinte|nipc", "fiscal"},
    {"il_identity", 9, Alone::named, il_identity, "", "zehut|teudat|תעודת|זהות", "israeli"},
    {"au_tfn", 9, Alone::named, au_tfn, "3 3 3", "tfn", "tax|file"},
    {"dk_cpr", 10, Alone::formatted, dk_cpr, "6-4", "cpr|cprnr|cprnummer", "personnummer", class_personal, Check::none},
    {"se_personnummer", 10, Alone::formatted, se_personnummer, "6-4", "personnummer|pnr|samordningsnummer", "svensk"},
    {"at_svnr", 10, Alone::named, at_svnr, "4 6|4-6", "svnr|sozialversicherungsnummer|versicherungsnummer|svnummer",
     "sv"},
    {"bg_egn", 10, Alone::named, bg_egn, "", "egn|егн", "bulgarian|bulgaria"},
    {"cz_birth_number", 10, Alone::formatted, cz_birth_number, "6/4", "rodné|rodne|rč", "číslo|cislo"},
    {"uk_nhs", 10, Alone::named, uk_nhs, "3 3 4|3-3-4", "nhs", "patient|health", class_personal | class_health},
    {"au_medicare", 10, Alone::named, au_medicare, "4 5 1|4-5-1", "medicare", "card|irn|health",
     class_personal | class_health},
    {"pl_nip", 10, Alone::formatted, pl_nip, "3-3-2-2|3-2-2-3", "nip", "podatkowy|podatnika", class_financial},
    {"au_abn", 11, Alone::formatted, au_abn, "2 3 3 3", "abn", "australian", class_financial},
    {"pl_pesel", 11, Alone::unformatted, pl_pesel, "", "pesel"},
    {"de_tax_id", 11, Alone::unformatted, de_tax_id, "2 3 3 3",
     "steuer|idnr|steuerid|steueridentifikationsnummer|steuerliche|tin", "identifikationsnummer"},
    {"no_birth_number", 11, Alone::unformatted, no_birth_number, "6 5|6-5", "fødselsnummer|personnummer|fnr",
     "fodselsnummer"},
    {"be_national_number", 11, Alone::unformatted, be_national_number, "2.2.2-3.2|6-3-2",
     "rijksregisternummer|niss|rijksregister|insz", "national|registre"},
    {"gr_amka", 11, Alone::named, gr_amka, "", "amka|αμκα|ΑΜΚΑ"},
    {"hr_oib", 11, Alone::named, hr_oib, "", "oib"},
    {"tr_identity", 11, Alone::unformatted, tr_identity, "", "kimlik|tckn|tcno", "tc"},
    {"br_cpf", 11, Alone::unformatted, br_cpf, "3.3.3-2|3 3 3 2|9-2", "cpf"},
    {"ar_cuil", 11, Alone::formatted, ar_cuil, "2-8-1", "cuil|cuit", "dni"},
    {"ee_lt_code", 11, Alone::unformatted, ee_lt_code, "", "isikukood|asmens"},
    {"in_aadhaar", 12, Alone::formatted, in_aadhaar, "4 4 4|4-4-4", "aadhaar|aadhar|uidai|आधार", "uid"},
    {"jp_my_number", 12, Alone::named, jp_my_number, "4 4 4|4-4-4", "マイナンバー|個人番号|mynumber", "my"},
    {"se_personnummer", 12, Alone::formatted, se_personnummer, "8-4", "personnummer|pnr|samordningsnummer", "svensk"},
    {"my_identity", 12, Alone::formatted, my_identity, "6-2-4", "mykad|nric", "ic|kad", class_personal, Check::none},
    {"ch_ahv", 13, Alone::unformatted, ch_ahv, "3.4.4.2|3 4 4 2", "ahv|avs|ahvnummer|oasi", "navs"},
    {"ro_cnp", 13, Alone::unformatted, ro_cnp, "", "cnp"},
    {"za_identity", 13, Alone::unformatted, za_identity, "6 4 2 1|6 4 3", "rsaid|said", "south|african"},
    {"kr_resident", 13, Alone::formatted, kr_resident, "6-7", "주민등록번호|주민번호|rrn", "resident", class_personal,
     Check::none},
    {"th_identity", 13, Alone::formatted, th_identity, "1-4-5-2-1|1 4 5 2 1", "บัตรประชาชน", "thai"},
    {"br_cnpj", 14, Alone::formatted, br_cnpj, "2.3.3/4-2", "cnpj", "", class_financial},
    {"fr_nir", 15, Alone::unformatted, fr_nir, "1 2 2 2 3 3 2|13 2", "nir|insee|sécurité|sociale|sécu|secu", "vitale"},
    {"cn_identity", 18, Alone::unformatted, cn_identity, "6 8 4", "身份证|身份證"},
};

// The names and the words of all rules, each in one list: most numbers have none of them near.
template <WordSet Rule::*own>
constexpr auto joined_text() {
  constexpr std::size_t size = [] {
    std::size_t all = 1;
    for (const Rule& rule : rules) all += (rule.*own).text().size() + 1;
    return all;
  }();
  std::array<char, size> text{};
  std::size_t at = 0;
  for (const Rule& rule : rules) {
    if ((rule.*own).text().empty()) continue;
    if (at > 0) text[at++] = '|';
    for (const char c : (rule.*own).text()) text[at++] = c;
  }
  return text;
}
constexpr auto names_text = joined_text<&Rule::names>();
constexpr auto words_text = joined_text<&Rule::words>();
constexpr WordSet all_names = names_text.data();
constexpr WordSet all_words = words_text.data();

// Rules by their number of digits, by which the table is sorted: [first_rule[n], first_rule[n + 1]).
constexpr auto first_rule = [] {
  std::array<std::size_t, 20> first{};
  for (std::size_t n = 0; n < first.size(); ++n) {
    while (first[n] < std::size(rules) && rules[first[n]].digits < n) ++first[n];
  }
  return first;
}();

// Whether the digits alone are an id of some country: lists may be of several.
bool is_some_id(std::string_view digits) {
  for (std::size_t i = first_rule[digits.size()]; i < first_rule[digits.size() + 1]; ++i) {
    if (rules[i].alone == Alone::unformatted && rules[i].valid(digits)) return true;
  }
  return false;
}

constexpr std::size_t least_digits = 9;
constexpr std::size_t most_digits = 18;
constexpr std::size_t most_groups = 8;
static_assert(rules[0].digits == least_digits && std::end(rules)[-1].digits == most_digits);

constexpr auto beginnings = [] {
  LayoutBeginnings all;
  for (const Rule& rule : rules) all.add(rule.layouts);
  return all;
}();

constexpr auto within = [] {
  LayoutBeginnings all = beginnings;
  all.add_from(least_digits);
  return all;
}();

static_assert(std::is_sorted(std::begin(rules), std::end(rules),
                             [](const Rule& a, const Rule& b) { return a.digits < b.digits; }));

class NationalId : public Guard {
 public:
  GuardInfo info() const override {
    return {
        .name = "national_id",
        .description = "national ids of digits: US, CA, DE, FR, NL, PL, BR, IN, CN and others, by check digit or form",
        .classes = class_personal | class_health | class_financial,
        .triggers = {.digits = least_digits, .number_fits = &may_begin, .within = &within},
        .kinds = kinds_of(rules),
        .names = names_of(rules)};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    const Number& number = *sighting.number;
    const std::size_t from = sighting.group;
    for (std::size_t to = from; to < number.count && to - from < most_groups; ++to) {
      const std::string_view digits = number.digits_of(from, to);
      if (digits.size() > most_digits) return;
      if (digits.size() >= least_digits) inspect_window(sighting, to, digits, out);
    }
  }

 private:
  // See stands_alone and follows_name; and either the digits of the group are enough, or it is grouped as an id is, or
  // all that there is may be named.
  static bool may_begin(std::string_view text, const Number& number, std::size_t group) {
    const Number::Group& first = number.groups[group];
    if (ties(first.gap) || first.count > most_digits) return false;
    const bool whole = group == 0 && number.count <= most_groups && number.digits_from(0) <= most_digits;
    if (!whole && first.count < least_digits && !beginnings.has(number, group)) return false;
    return !glued_before(text, first.begin) || follows_name(text, first.begin);
  }

  // Where a form alone says nothing.
  static bool is_data(const Sighting& sighting, std::size_t to) {
    const Number& number = *sighting.number;
    const std::size_t from = sighting.group;
    const std::size_t begin = number.groups[from].begin;
    const std::string_view text = sighting.text;
    const bool version = begin > 1 && text[begin - 1] == '+' && is_alnum(text[begin - 2]);  // `2.8.7+20151222-0771`
    return version || in_slug(text, begin, number.groups[to].end) || among_numbers(sighting.text, number, from, to);
  }

  // The digits from one group to another one.
  struct Window {
    std::string_view digits;
    std::size_t to = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
    bool plain = false;
    bool whole = false;  // no further groups before or behind
    Layout layout = 0;
  };

  static void inspect_window(const Sighting& sighting, std::size_t to, std::string_view digits, Findings& out) {
    const Number& number = *sighting.number;
    const std::size_t from = sighting.group;
    const Window window{.digits = digits,
                        .to = to,
                        .begin = number.groups[from].begin,
                        .end = number.groups[to].end,
                        .plain = from == to,
                        .whole = from == 0 && to + 1 == number.count,
                        .layout = layout_of(number, from, to)};
    const auto own =
        std::span(rules).subspan(first_rule[digits.size()], first_rule[digits.size() + 1] - first_rule[digits.size()]);
    if (own.empty()) return;
    const bool nameable = has_word_beside(sighting.text, window.begin, window.end) &&
                          may_be_named(sighting.text, window.begin, window.end, all_names);
    const Rule* misspelt = nullptr;
    for (const Rule& rule : own) {
      if (!nameable) break;
      if (!window.plain && !window.whole && !rule.layouts.has(window.layout)) continue;
      if (!is_named(sighting.text, window.begin, window.end, rule.names)) continue;
      if (misspelt == nullptr && !is_alone(sighting, window)) return;
      if (rule.valid(digits)) return add(rule, window, Confidence::high, out);
      if (misspelt == nullptr) misspelt = &rule;
    }
    Asked speaks = Asked::unknown;
    for (const Rule& rule : own) {
      if (fits(sighting, rule, window, speaks, out)) return;
    }
    if (misspelt != nullptr) add(*misspelt, window, Confidence::low, out);
  }

  static bool is_alone(const Sighting& sighting, const Window& window) {
    if (follows_name(sighting.text, window.begin)) return true;
    return stands_alone(sighting.text, *sighting.number, sighting.group, window.to);
  }

  static void add(const Rule& rule, const Window& window, Confidence confidence, Findings& out) {
    out.add(rule.what, rule.classes, window.begin, window.end, confidence);
  }

  // `nip_5260305057`
  static bool follows_name(std::string_view text, std::size_t begin) { return begin > 1 && text[begin - 1] == '_'; }

  enum class Asked : uint8_t { unknown, no, yes };

  static bool is_near(std::string_view text, const Window& window, const WordSet& words) {
    return !words.empty() && (word_before(text, window.begin, 48, words) || word_after(text, window.end, 24, words) ||
                              asked_for(text, window.begin, words));
  }

  // By its form, or with a word about it nearby. `speaks`: whether any word of any rule is near.
  static bool fits(const Sighting& sighting, const Rule& rule, const Window& window, Asked& speaks, Findings& out) {
    const std::string_view text = sighting.text;
    const bool formatted = rule.layouts.has(window.layout);
    if ((!window.plain && !formatted) || !rule.valid(window.digits)) return false;
    const bool form = (formatted && rule.alone != Alone::named) || (window.plain && rule.alone == Alone::unformatted);
    if (speaks == Asked::unknown)
      speaks = is_near(text, window, all_names) || is_near(text, window, all_words) ? Asked::yes : Asked::no;
    const bool named = speaks == Asked::yes && (is_near(text, window, rule.names) || is_near(text, window, rule.words));
    if (!named && (!form || is_hour(window.digits) || is_data(sighting, window.to) ||
                   is_moment(sighting, window.to, window.digits)))
      return false;
    if (!is_alone(sighting, window)) return false;
    if (!named && window.plain && is_chance(text, window.begin, window.end, &is_some_id)) return false;
    add(rule, window, confidence_of(rule, named, formatted && !window.plain, window.digits), out);
    return true;
  }

  // `20221206-1408`: an hour of a day far more often than a child of this century.
  static bool is_hour(std::string_view digits) {
    return digits.size() == 12 && digits.substr(0, 2) == "20" && two(digits, 8) < 24 && two(digits, 10) < 60;
  }

  // `"ts": 1700820879895`, and seconds or thousandths of them since 1970 behind another number.
  static bool is_moment(const Sighting& sighting, std::size_t to, std::string_view digits) {
    static constexpr WordSet moments =
        "ts|time|timestamp|timestampms|date|created|updated|modified|epoch|millis|ms|expires|expiry|exp|iat|nbf|mtime|"
        "ctime|atime|createdat|updatedat";
    const Number& number = *sighting.number;
    if (to != sighting.group) return false;
    const bool beside = number.groups[to].gap == ' ' && digits.size() == 13 && digits[0] == '1' && digits[1] >= '4';
    return beside || leads_to(sighting.text, number.groups[to].begin, moments, WordSet{});
  }

  static Confidence confidence_of(const Rule& rule, bool named, bool grouped, std::string_view digits) {
    constexpr std::size_t long_enough = 13;  // with check digits
    if (named) return Confidence::high;
    if (rule.check == Check::none) return Confidence::medium;
    return grouped || digits.size() >= long_enough ? Confidence::high : Confidence::medium;
  }
};

}  // namespace

std::unique_ptr<Guard> make_national_id_guard(const GuardSettings&) { return std::make_unique<NationalId>(); }

}  // namespace weir
