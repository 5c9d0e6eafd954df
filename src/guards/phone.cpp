// Phone numbers: international ones, the forms that a country writes and little else looks like, and any number of 6–15
// digits that words nearby call a phone (`call me on 467 3395`, `28-64-66-98 office`).
#include <algorithm>
#include <optional>

#include "guards/characters.h"
#include "guards/checksum.h"
#include "guards/context.h"
#include "guards/data_context.h"
#include "guards/guard.h"
#include "guards/number.h"

namespace weir {
namespace {

using namespace guards;

constexpr WordSet before_words =
    "phone|phones|telephone|tel|mobile|cell|cellphone|fax|call|calling|called|dial|whatsapp|sms|text|"
    "texting|reach|answering|desk|office|hotline|ring|callback|landline|telefon|telefonnummer|handy|"
    "handynummer|mobil|mobilnummer|rufnummer|durchwahl|anrufen|téléphone|telephonique|portable|appelez|"
    "appeler|teléfono|telefono|móvil|movil|celular|llámame|telefone|telemóvel|cellulare|telefoon|"
    "telefoonnummer|mobiel|puhelin|puhelinnumero|telefonnr|tlf|komórka|telefonu|numer|телефон|тел|"
    "мобильный|τηλέφωνο|电话|手机|電話|携帯|전화|휴대폰|signal|messages|viber|phonenumber|msisdn|contact";

// Of these some name other things too: a cell of a table, the call of a function, a mobile build. A plain run of digits
// right after them needs more.
constexpr WordSet ambiguous_words =
    "mobile|cell|call|calling|called|dial|text|texting|reach|answering|desk|office|ring|callback|handy|portable|"
    "numer|signal|messages|contact|mobil|mobiel|celular";

// `please call 4673395`, `my cell 4673395`.
constexpr WordSet asking_words =
    "my|his|her|their|your|our|please|pls|can|could|you|to|and|or|just|me|should|must|us|meine|seine|ihre|bitte|mi|mon";

// `call 1234567 times`, `mobile 20240513 build`.
constexpr WordSet counted_words =
    "times|time|failed|fails|failure|failures|succeeded|returned|returns|errors|error|calls|builds|build|requests|rows|"
    "items|records|ms|us|ns|seconds|minutes|hours|users|people|bytes|tokens|is|was|has|in|of|contains|holds|version";

// In a question only these ask for a phone number.
constexpr WordSet phone_words =
    "phone|phones|telephone|tel|mobile|cell|cellphone|fax|whatsapp|landline|telefon|telefonnummer|handynummer|"
    "mobilnummer|rufnummer|téléphone|teléfono|telefono|móvil|celular|telefone|telemóvel|cellulare|telefoonnummer|"
    "phonenumber|"
    "reach|callback|msisdn|телефон|电话|手机|電話|携帯|전화";

constexpr WordSet after_words = "office|fax|mobile|cell|phone|tel|landline";

constexpr WordSet fillers =
    "number|numbers|no|nr|num|nummer|is|was|at|on|to|me|us|him|her|them|you|my|new|home|work|the|his|our|"
    "their|your|also|are|ist|unter|au|al|est|es|numéro|número|numero|or|via|country|code|value";

constexpr WordSet owners = "my|his|her|their|your|our|meine|seine|ihre";
constexpr WordSet number_words = "number|nummer|is|was|new|at|ist|neue";

constexpr WordSet book_words = "isbn";

// E.164 country codes begin with 1–9; of the two-digit beginnings these are not given out.
bool is_country_code(std::string_view digits) {
  if (digits[0] == '0') return false;
  const std::string_view two_digits = digits.substr(0, 2);
  return two_digits != "28" && two_digits != "83" && two_digits != "89";
}

// 111-111-1111: made to fill a place.
bool is_filler(std::string_view digits) { return digits.find_first_not_of(digits[0]) == std::string_view::npos; }

// 0123456789.
bool is_counting(std::string_view digits) {
  for (std::size_t i = 1; i < digits.size(); ++i) {
    if (digits[i] - '0' != (digits[i - 1] - '0' + 1) % 10) return false;
  }
  return true;
}

// `2023-01-15`, `15.01.2023`, `15/01/23`, also with a time behind.
bool is_date(const Number& number, std::size_t from, std::size_t to) {
  if (to < from + 2) return false;
  const auto value = [&](std::size_t i) {
    int sum = 0;
    for (const char c : number.digits_of(i, i)) sum = std::min(100'000, sum * 10 + (c - '0'));
    return sum;
  };
  const auto count = [&](std::size_t i) { return number.groups[i].count; };
  const auto is_year = [&](std::size_t i) { return count(i) == 4 && value(i) >= 1000 && value(i) <= 2199; };
  const auto small = [&](std::size_t i) { return count(i) <= 2 && value(i) >= 1 && value(i) <= 31; };
  if (number.groups[from + 1].gap != number.groups[from + 2].gap) return false;
  return (small(from) && small(from + 1) && is_year(from + 2)) || (is_year(from) && small(from + 1) && small(from + 2));
}

bool same_gaps(const Number& number, std::size_t from, std::size_t to) {
  for (std::size_t i = from + 2; i <= to; ++i) {
    if (number.groups[i].gap != number.groups[from + 1].gap) return false;
  }
  return true;
}

// `20240513`, `20240513123000`: a day written as one number.
bool is_day(std::string_view digits) {
  if (digits.size() != 8 && digits.size() != 10 && digits.size() != 12 && digits.size() != 14) return false;
  const bool century = digits.substr(0, 2) == "19" || digits.substr(0, 2) == "20";
  return century && is_day_of_month(two(digits, 6), two(digits, 4));
}

struct Window {
  std::string_view text;
  const Number& number;
  std::size_t from;
  std::size_t to;
  std::string_view digits;
  char before;  // `+` or `(` right before, else 0
  Layout layout;
};

constexpr Layouts marked = "3-3-4|3.3.4|3)3-4|3)3 4|3)3.4";
constexpr Layouts with_country = "1-3-3-4|1.3.3.4|1(3)3-4|1-3)3-4|1 3-3-4|1(3)3 4|1 3.3.4|1 3 3 4";
constexpr Layouts spaced = "3 3 4|3 3-4|3-3 4|3/3-4";
constexpr Layouts russian = "1(3)3-2-2|1-3-3-2-2|1 3 3 2 2|1 3 3-2-2";
constexpr Layouts chinese = "3-4-4|3 4 4";

constexpr auto beginnings = [] {
  LayoutBeginnings all;
  for (const Layouts& layouts : {marked, with_country, spaced, russian, chinese}) all.add(layouts);
  return all;
}();

// 3-3-4 as North America writes it; only spaces are too little without its rules for area and exchange.
bool is_north_american(const Window& window) {
  if (marked.has(window.layout)) return true;
  if (with_country.has(window.layout)) return window.digits[0] == '1';
  return spaced.has(window.layout) && window.digits[0] >= '2' && window.digits[3] >= '2';
}

bool is_national_layout(const Window& window) {
  if (russian.has(window.layout)) return window.digits[0] == '8';
  return chinese.has(window.layout) && window.digits[0] == '1' && window.digits[1] >= '3';
}

// `(022) 0793-176`, `(85) 5986-8343`: but neither a year nor a function's argument.
bool is_parenthesised(const Window& window) {
  const Number& number = window.number;
  const Number::Group& area = number.groups[window.from];
  if (window.before != '(' || window.to == window.from || number.groups[window.from + 1].gap != ')') return false;
  if (area.count < 2 || area.count > 5 || glued_before(window.text, area.begin - 1)) return false;
  const bool year = area.count == 4 && (window.digits[0] == '1' || window.digits[0] == '2');
  const std::size_t rest = window.digits.size() - area.count;
  return !year && rest >= 6 && rest <= 9 && window.to - window.from <= 4;
}

// `0490 75 40 81`, `06-10446904`, `030/1234567`: trunk zero, then 8–11 digits.
bool has_trunk_zero(const Window& window) {
  const Number& number = window.number;
  const std::size_t size = window.digits.size();
  if (window.digits[0] != '0' || window.digits[1] == '0' || size < 9 || size > 12) return false;
  const std::size_t first = number.groups[window.from].count;
  if (first == size) {
    if (size < 10 || size > 11 || is_counting(window.digits)) return false;
    const bool isbn = size == 10 && weighted(window.digits, "A987654321") % 11 == 0;
    return !isbn;
  }
  if (first < 2 || first > 6) return false;
  for (std::size_t i = window.from + 2; i <= window.to; ++i) {
    if (number.groups[i].gap == '/' || number.groups[i].gap == '(') return false;
  }
  // The area code may be set off in another way than the rest.
  const bool regular = same_gaps(number, window.from, window.to) || same_gaps(number, window.from + 1, window.to);
  if (!regular || window.to - window.from > 5) return false;
  const bool pairs = window.to - window.from == 4 && first == 2 && size == 10;
  return !(pairs && two(window.digits, 2) == two(window.digits, 0) + 1 &&
           two(window.digits, 4) == two(window.digits, 0) + 2);
}

bool is_international(const Window& window) {
  std::string_view digits = window.digits;
  const bool grouped = window.to > window.from;
  if (window.before != '+') {
    const std::size_t first = window.number.groups[window.from].count;
    if (digits.substr(0, 2) != "00" || first < 2 || digits.size() < 11 || first > 16 ||
        (!grouped && digits.size() < 12)) {
      return false;
    }
    digits.remove_prefix(2);
  }
  if (digits.size() < (grouped ? 8U : 10U) || digits.size() > 15 || !is_country_code(digits) ||
      is_filler(digits.substr(1))) {
    return false;
  }
  return digits[0] != '1' || digits.size() == 11;
}

// What the words before a number say of it: the same however far the number is read, and asked only where it matters.
class Naming {
 public:
  Naming(std::string_view text, std::size_t begin) : text_(text), begin_(begin) {}

  // `my number is 5551234567`, but not `my order number is`
  [[nodiscard]] bool is_owned() {
    return once(owned_, [this] {
      return leads_to(text_, begin_, owners, number_words) && word_before(text_, begin_, 24, "number|nummer");
    });
  }
  [[nodiscard]] bool is_led_to() {
    return once(led_to_, [this] { return leads_to(text_, begin_, before_words, fillers); });
  }
  [[nodiscard]] bool is_asked_for() {
    return once(asked_for_, [this] { return asked_for(text_, begin_, phone_words); });
  }

 private:
  enum class Answer : uint8_t { unknown, no, yes };

  template <typename Ask>
  static bool once(Answer& answer, Ask ask) {
    if (answer == Answer::unknown) answer = ask() ? Answer::yes : Answer::no;
    return answer == Answer::yes;
  }

  std::string_view text_;
  std::size_t begin_;
  Answer owned_ = Answer::unknown;
  Answer led_to_ = Answer::unknown;
  Answer asked_for_ = Answer::unknown;
};

class Phone : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "phone",
            .description = "phone numbers: international, national forms, and numbers that words call a phone",
            .classes = class_personal,
            .triggers = {.digits = 6, .number_fits = &may_begin, .within = &beginnings},
            .kinds = {"phone"}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    const Number& number = *sighting.number;
    const std::size_t from = sighting.group;
    const std::string_view text = sighting.text;
    const std::size_t begin = number.groups[from].begin;
    const char before = sign_before(text, begin);
    const char gap = number.groups[from].gap;
    // After another group only the forms of ten or eleven digits can begin, or one in parentheses.
    const bool within = gap != 0 && before == 0;
    const std::size_t most_digits = within ? 11 : 17;
    const std::size_t least_digits = within ? 10 : 6;
    Naming naming(text, begin);
    std::size_t to = from;
    while (to + 1 < number.count && to - from < most_groups && number.digits_of(from, to + 1).size() <= most_digits)
      ++to;
    for (;; --to) {
      const Window window{text, number, from, to, number.digits_of(from, to), before, layout_of(number, from, to)};
      if (window.digits.size() < least_digits) return;
      const auto sure = window.digits.size() <= most_digits ? phone_of(window, naming) : std::nullopt;
      if (sure) {
        out.add("phone", class_personal, begin - (before != 0 ? 1 : 0), number.groups[to].end, *sure);
        return;
      }
      if (to == from) return;
    }
  }

 private:
  static bool may_begin(std::string_view text, const Number& number, std::size_t group) {
    const Number::Group& first = number.groups[group];
    if (sign_before(text, first.begin) != 0) return first.gap == 0 || first.gap == ' ' || first.gap == '(';
    // Within a number only a space or a parenthesis lets another one begin, and only one of a known form.
    if (first.gap != 0) return (first.gap == ' ' || first.gap == '(') && beginnings.has(number, group);
    if (number.count == 1) return first.count >= 7;  // fewer digits are grouped
    // Of nothing but a day no part is a phone either.
    return !(number.count == 3 && ties(number.groups[2].gap) && is_date(number, 0, 2));
  }

  // `+` or `(`, as of `+49`, `(+49`, `(030)`.
  static char sign_before(std::string_view text, std::size_t begin) {
    const char prior = begin > 0 ? text[begin - 1] : '\0';
    if (prior == '+' || (prior == '(' && begin > 1 && text[begin - 2] == '+')) return '+';
    return prior == '(' ? '(' : '\0';
  }

  static constexpr std::size_t most_groups = 6;  // and one

  static std::optional<Confidence> phone_of(const Window& window, Naming& naming) {
    const Number& number = window.number;
    const std::size_t begin = number.groups[window.from].begin;
    const std::size_t end = number.groups[window.to].end;
    if (!ends_number(window, end) || is_date(number, window.from, window.to)) return std::nullopt;
    if (in_doi(window.text, begin)) return std::nullopt;
    if (window.before == '+') {
      const bool sum = begin > 1 && is_alnum(window.text[begin - 2]);  // `x+1234567890`
      if (sum || in_slug(window.text, begin, end) || is_time_stamp(window)) return std::nullopt;
      return is_international(window) ? std::optional(Confidence::high) : std::nullopt;
    }
    if (is_named(window, naming, begin, end) || is_linked(window, begin)) return Confidence::high;
    if (!is_known_form(window)) return std::nullopt;
    const std::string_view own = window.text.substr(0, begin).substr(own_begin(window.text, begin));
    if (word_before(own, own.size(), 16, book_words)) return std::nullopt;
    // Ten digits that begin with a zero may count something else.
    return window.from == window.to ? Confidence::low : Confidence::medium;
  }

  static bool is_named(const Window& window, Naming& naming, std::size_t begin, std::size_t end) {
    const Number& number = window.number;
    if (number.groups[window.from].gap != 0 || window.digits.size() > 15) return false;
    const bool run = window.from == window.to;
    if (window.digits.size() < (run ? 7U : 6U) || glued_before(window.text, begin)) return false;
    if (naming.is_owned()) return window.digits.size() >= 7;
    if (naming.is_led_to() && is_called(window, begin, end)) return true;
    const bool decimal = !run && number.groups[window.from].count == 1 && number.groups[window.from + 1].gap == '.';
    if (!decimal && naming.is_asked_for()) return true;
    return (window.to + 1 == number.count && is_followed_by(window.text, end, after_words)) && !is_day(window.digits);
  }

  // `https://wa.me/4917112345678`, `whatsapp://send?phone=4917112345678`, `tel:4917112345678`
  static bool is_linked(const Window& window, std::size_t begin) {
    constexpr std::string_view links[] = {"wa.me/", "tel:", "sms:", "smsto:", "callto:", "?phone=", "&phone="};
    const std::string_view before = window.text.substr(0, begin);
    return window.from == window.to && window.digits.size() >= 8 && window.digits.size() <= 15 &&
           std::any_of(std::begin(links), std::end(links),
                       [before](std::string_view link) { return before.ends_with(link); });
  }

  // Whether the word that leads to the number means a phone.
  static bool is_called(const Window& window, std::size_t begin, std::size_t end) {
    const std::string_view text = window.text;
    if (begin > 1 && text[begin - 1] == '.' && is_alnum(text[begin - 2])) return false;  // `j.cell.2020`
    if (begin > 1 && text[begin - 1] == '(' && is_alnum(text[begin - 2])) return false;  // `dial(1234567)`
    const bool loose = has_loose_gap(window.number, window.from, window.to);
    if (begin == 0 || (!loose && (window.from != window.to || text[begin - 1] != ' '))) return true;
    if (loose) return !leads_to(text, begin, ambiguous_words, fillers);
    std::size_t word = begin - 1;
    while (word > 0 && is_alpha(text[word - 1])) --word;
    if (!ambiguous_words.has(text.substr(word, begin - 1 - word))) return true;
    if (is_day(window.digits) || is_followed_by(text, end, counted_words)) return false;
    if (word == 0 || text.substr(word - 1, 1).find_first_of(".!?\n:,") == 0)
      return starts_sentence_with_call(text, word);
    std::size_t prior = word - 1;
    if (prior > 1 && !is_alpha(text[prior - 1])) return starts_sentence_with_call(text, word);
    const std::size_t prior_end = prior;
    while (prior > 0 && is_alpha(text[prior - 1])) --prior;
    return asking_words.has(text.substr(prior, prior_end - prior));
  }

  // `Call 4673395`, not `Cell 4673395`.
  static bool starts_sentence_with_call(std::string_view text, std::size_t word) {
    static constexpr std::string_view verbs[] = {"call", "dial", "text", "ring", "reach", "contact"};
    return std::any_of(std::begin(verbs), std::end(verbs),
                       [&](std::string_view verb) { return starts_folded(text.substr(word), verb); });
  }

  static bool is_known_form(const Window& window) {
    const bool first = window.number.groups[window.from].gap == 0;
    if (has_loose_gap(window.number, window.from, window.to) || is_zip_code(window) || is_order(window)) return false;
    const bool form = is_north_american(window) || is_national_layout(window) || is_parenthesised(window) ||
                      (first && (has_trunk_zero(window) || is_international(window)));
    if (!form || is_filler(window.digits) || !may_stand(window)) return false;
    const std::size_t begin = window.number.groups[window.from].begin;
    if (begin > 1 && window.text[begin - 1] == ':' && is_digit(window.text[begin - 2])) return false;  // `14:05:03 17…`
    const std::size_t end = window.number.groups[window.to].end;
    return !in_slug(window.text, begin, end) && !is_fraction(window.text, begin) &&
           !in_hex_dump(window.text, begin, end) && !among_numbers(window.text, window.number, window.from, window.to);
  }

  // `006-3996171-2608635`, and long numbers that are called something else: `ticket 0643821566`.
  static bool is_order(const Window& window) {
    static constexpr Layouts shop = "3-7-7";
    static constexpr WordSet things =
        "order|orders|invoice|ticket|case|ref|reference|tracking|shipment|id|uid|sku|serial|bestellung|auftrag|"
        "rechnung|"
        "commande|facture|pedido|factura|ordine|fattura";
    static constexpr WordSet between = "number|no|nr|num|nummer|is|ist|n";
    if (shop.has(window.layout)) return true;
    const std::size_t begin = window.number.groups[window.from].begin;
    return window.from == window.to && leads_to(window.text, begin, things, between);
  }

  // `+20210831081106`: Egypt's numbers are shorter.
  static bool is_time_stamp(const Window& window) {
    return window.from == window.to && window.digits.size() == 14 && is_day(window.digits);
  }

  // `MA 02110-1301`, the area code of no phone.
  static bool is_zip_code(const Window& window) {
    static constexpr Layouts nine_digits = "5-4";
    return nine_digits.has(window.layout) && after_state(window.text, window.number.groups[window.from].begin);
  }

  // As stands_alone, but an extension may follow: `x4587`.
  static bool may_stand(const Window& window) {
    const std::size_t end = window.number.groups[window.to].end;
    const std::string_view text = window.text.substr(0, is_extension(window.text, end) ? end : window.text.size());
    return stands_alone(text, window.number, window.from, window.to);
  }

  static bool is_extension(std::string_view text, std::size_t end) {
    return end + 1 < text.size() && to_lower(text[end]) == 'x' && is_digit(text[end + 1]);
  }

  static bool ends_number(const Window& window, std::size_t end) {
    if (glued_after(window.text, end) && !is_extension(window.text, end)) {
      return starts_folded(window.text.substr(end), "ext");
    }
    if (window.to + 1 == window.number.count) {
      // `12,345` goes on; so does `3:15`.
      return end + 1 >= window.text.size() ||
             !((window.text[end] == ',' || window.text[end] == ':') && is_digit(window.text[end + 1]) &&
               window.number.groups[window.to].count <= 3);
    }
    const char gap = window.number.groups[window.to + 1].gap;
    return gap == ' ' || gap == '(';
  }
};

}  // namespace

std::unique_ptr<Guard> make_phone_guard(const GuardSettings&) { return std::make_unique<Phone>(); }

}  // namespace weir
