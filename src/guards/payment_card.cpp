// Payment cards (ISO/IEC 7812-1): an issuer's prefix and length, grouped as on a card or not at all, and the Luhn
// digit. Where a word like `card` stands nearby, Luhn and any length of 12–19 are enough.
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

struct Range {
  uint32_t low;  // first four digits, inclusive
  uint32_t high;
  uint32_t lengths;  // bit n = n digits
};

constexpr uint32_t lengths(std::initializer_list<unsigned> list) {
  uint32_t bits = 0;
  for (const unsigned length : list) bits |= 1U << length;
  return bits;
}

// Lengths that need no word nearby. The rare ones (Visa with 13, Maestro below 16) do: article numbers look like them.
constexpr Range issuers[] = {
    {4000, 4999, lengths({16, 19})},          // Visa
    {5100, 5599, lengths({16})},              // Mastercard
    {2221, 2720, lengths({16})},              // Mastercard
    {3400, 3499, lengths({15})},              // American Express
    {3700, 3799, lengths({15})},              // American Express
    {6011, 6011, lengths({16, 19})},          // Discover
    {6440, 6599, lengths({16, 19})},          // Discover, RuPay
    {3528, 3589, lengths({16, 19})},          // JCB
    {2131, 2131, lengths({15})},              // JCB
    {1800, 1800, lengths({15})},              // JCB
    {3000, 3059, lengths({14, 16})},          // Diners Club
    {3095, 3095, lengths({14, 16})},          // Diners Club
    {3600, 3699, lengths({14, 16})},          // Diners Club
    {3800, 3999, lengths({14, 16})},          // Diners Club
    {6200, 6299, lengths({16, 17, 18, 19})},  // UnionPay
    {8100, 8171, lengths({16})},              // UnionPay
    {5000, 5099, lengths({16, 18, 19})},      // Maestro, Elo, Verve
    {5600, 5899, lengths({16, 18, 19})},      // Maestro
    {6304, 6304, lengths({16, 18, 19})},      // Maestro
    {6390, 6390, lengths({16, 18, 19})},      // Maestro
    {6700, 6799, lengths({16, 18, 19})},      // Maestro
    {2200, 2204, lengths({16, 19})},          // Mir
    {6000, 6099, lengths({16})},              // RuPay
    {8200, 8299, lengths({16})},              // RuPay
    {9792, 9792, lengths({16})},              // Troy
};

// Bit n: cards that begin with these four digits have n of them.
uint32_t issued_lengths(std::string_view digits) {
  const auto prefix = static_cast<uint32_t>(two(digits, 0) * 100 + two(digits, 2));
  uint32_t found = 0;
  for (const Range& issuer : issuers) found |= prefix >= issuer.low && prefix <= issuer.high ? issuer.lengths : 0;
  return found;
}

bool is_issued(std::string_view digits) {
  return ((issued_lengths(digits) >> digits.size()) & 1U) != 0 && luhn_valid(digits);
}

constexpr WordSet card_words =
    "card|cards|visa|mastercard|amex|maestro|cc|credit|debit|diners|discover|jcb|pan|cvv|cvc|karte|"
    "kreditkarte|kartennummer|carte|tarjeta|carta|cartão|cartao|kaart|kort|karta|kartu|карта|карты|卡号|"
    "信用卡|カード";

bool has_one_gap(const Number& number, std::size_t from, std::size_t to) {
  for (std::size_t i = from + 2; i <= to; ++i) {
    if (number.groups[i].gap != number.groups[from + 1].gap) return false;
  }
  return true;
}

constexpr Layouts card_layouts =
    "4 4 4 4|4-4-4-4|4.4.4.4|4/4/4/4|4)4)4)4|4 4 4 4 3|4-4-4-4-3|4 6 5|4-6-5|4 6 4|4-6-4|8 8";

// As cards are embossed or typed: one run, fours, or a pair for each issuer's form; or every digit apart.
bool is_card_layout(const Number& number, std::size_t from, std::size_t to) {
  if (to == from) return true;
  const std::size_t digits = number.digits_of(from, to).size();
  if (to - from + 1 == digits) return has_one_gap(number, from, to);
  if (to - from > 4) return false;
  return card_layouts.has(layout_of(number, from, to));
}

constexpr auto within = [] {
  LayoutBeginnings all(card_layouts);
  all.add(LayoutBeginnings("1 1|1-1|1.1|1/1|1(1|1)1"));  // every digit apart
  all.add_from(12);
  return all;
}();

class PaymentCard : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "payment_card",
            .description = "payment cards: issuer, length and check digit",
            .classes = class_financial | class_personal,
            .triggers = {.digits = 12, .number_fits = &may_begin, .within = &within},
            .kinds = {"payment_card", "card_expiry", "card_security_code"}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    const Number& number = *sighting.number;
    const std::size_t from = sighting.group;
    const uint32_t issued = issued_lengths(number.digits_of(from, number.count - 1));
    if (issued == 0 && number.groups[from].gap != 0) return;
    // Longest first, so that `4111 1111 1111 1111 123` is read whole where that fits.
    std::size_t to = from;
    while (to + 1 < number.count && number.digits_of(from, to + 1).size() <= 19) ++to;
    for (;; --to) {
      const std::size_t size = number.digits_of(from, to).size();
      if (size < 12) return;
      constexpr std::size_t longest = 19;
      const bool known = size <= longest && ((issued >> size) & 1U) != 0;
      const auto issuer = known ? Issuer::known : Issuer::unknown;
      if (size <= longest && is_card(sighting.text, number, from, to, issuer)) {
        if (is_track(sighting.text, number, from, to)) return add_track(sighting.text, number.groups[from], out);
        add_behind(sighting.text, number.groups[to].end, out);
        return add(number, from, to, is_card_layout(number, from, to) ? Confidence::high : Confidence::medium, out);
      }
      if (issuer == Issuer::known && is_misspelt(sighting.text, number, from, to))
        return add(number, from, to, Confidence::low, out);
      if (to == from) return;
    }
  }

 private:
  enum class Issuer : uint8_t { known, unknown };

  // The first groups may be anything where a word names a card; behind others it must be grouped as cards are.
  static bool may_begin(std::string_view, const Number& number, std::size_t group) {
    const Number::Group& first = number.groups[group];
    if (first.gap == 0 || first.count >= 12) return true;
    if (group + 1 == number.count) return false;
    const std::size_t second = number.groups[group + 1].count;
    return (first.count == 4 && (second == 4 || second == 6)) || (first.count == 8 && second == 8) ||
           (first.count == 1 && second == 1);
  }

  static void add(const Number& number, std::size_t from, std::size_t to, Confidence confidence, Findings& out) {
    out.add("payment_card", class_financial | class_personal, number.groups[from].begin, number.groups[to].end,
            confidence);
  }

  // All of what the stripe holds: `%B4111…^DOE/JOHN^2712…?`.
  static void add_track(std::string_view text, const Number::Group& group, Findings& out) {
    constexpr std::size_t longest = 80;
    std::size_t begin = group.begin;
    while (begin > 0 && group.begin - begin < 2 &&
           (to_upper(text[begin - 1]) == 'B' || text[begin - 1] == '%' || text[begin - 1] == ';')) {
      --begin;
    }
    std::size_t end = group.end;
    while (end < text.size() && end - begin < longest && !is_space(text[end]) && text[end] != '?' && text[end] != '"')
      ++end;
    if (end < text.size() && text[end] == '?') ++end;
    out.add("payment_card", class_financial | class_personal, begin, end);
  }

  // What is written behind a card without a word: `4111111111111111 12/27 123`, `… | 12/27 | 123`.
  static void add_behind(std::string_view text, std::size_t at, Findings& out) {
    const auto gap = [&text](std::size_t from) {
      std::size_t end = from;
      while (end < text.size() && end - from < 4 &&
             std::string_view(" |,;:\t/").find(text[end]) != std::string_view::npos)
        ++end;
      return end;
    };
    const std::size_t month = gap(at);
    if (month == at || month + 5 > text.size() || !is_digit(text[month]) || !is_digit(text[month + 1]) ||
        text[month + 2] != '/') {
      return;
    }
    std::size_t end = month + 3;
    while (end < text.size() && is_digit(text[end])) ++end;
    const std::size_t year = end - month - 3;
    const int value = two(text, month);
    if ((year != 2 && year != 4) || value < 1 || value > 12) return;
    out.add("card_expiry", class_financial | class_personal, month, end, Confidence::medium);
    const std::size_t code = gap(end);
    std::size_t code_end = code;
    while (code_end < text.size() && is_digit(text[code_end])) ++code_end;
    if (code > end && (code_end - code == 3 || code_end - code == 4) && !glued_after(text, code_end))
      out.add("card_security_code", class_financial | class_personal, code, code_end, Confidence::medium);
  }

  // Of an issuer and named outright, with a wrong check digit: `card number 4111 1111 1111 1112`.
  static bool is_misspelt(std::string_view text, const Number& number, std::size_t from, std::size_t to) {
    static constexpr WordSet names =
        "card|visa|mastercard|amex|maestro|kreditkarte|kartennummer|kreditkartennummer|tarjeta|cartão|cartao|信用卡|"
        "卡号|"
        "creditcard|cardnumber|pan|carte|bancaire|crédito|karta|kaart|kort|kortnummer|карта|карты|kredi|kart|carta";
    if (number.groups[from].gap != 0 || !is_card_layout(number, from, to)) return false;
    const std::string_view digits = number.digits_of(from, to);
    if (digits.find_first_not_of(digits[0]) == std::string_view::npos || luhn_valid(digits)) return false;
    return stands_alone(text, number, from, to) &&
           is_named(text, number.groups[from].begin, number.groups[to].end, names);
  }

  static bool is_card(std::string_view text, const Number& number, std::size_t from, std::size_t to, Issuer issuer) {
    if (is_track(text, number, from, to)) return luhn_valid(number.digits_of(from, to));
    // Grouped in another way, or of no known issuer, it must be named, and begin where the name can stand.
    const bool card_layout = is_card_layout(number, from, to);
    const bool first = number.groups[from].gap == 0;
    const bool issued = issuer == Issuer::known;
    if (!first && (!card_layout || !issued)) return false;
    const std::string_view digits = number.digits_of(from, to);
    if (!luhn_valid(digits) || digits.find_first_not_of('0') == std::string_view::npos) return false;
    const std::size_t begin = number.groups[from].begin;
    const std::size_t end = number.groups[to].end;
    const bool named = word_before(text, begin, 64, card_words) || word_after(text, end, 32, card_words) ||
                       asked_for(text, begin, card_words);
    if (!issued && !named) return false;
    if (named && in_hex_dump(text, begin, end)) return false;  // `cc` is a byte there
    if (named) return !glued_before(text, begin) || text[begin - 1] == '_';
    if (!card_layout || !stands_alone(text, number, from, to) || in_table(number, from, to)) return false;
    if (to > from && number.groups[to].gap == '/') return false;  // a path
    if (from == to && is_chance(text, begin, end, &is_issued)) return false;
    constexpr std::size_t row = 2;  // numbers beside one in fours
    if (to - from == 4 && has_loose_gap(number, from, to)) return false;
    return !in_slug(text, begin, end) && !in_hex_dump(text, begin, end) && !among_numbers(text, number, from, to, row);
  }

  // What a card's magnetic stripe holds (ISO/IEC 7813): `%B4111…^NAME^…` or `;4111…=…`.
  static bool is_track(std::string_view text, const Number& number, std::size_t from, std::size_t to) {
    if (from != to) return false;
    const std::size_t begin = number.groups[from].begin;
    const std::size_t end = number.groups[to].end;
    if (begin == 0 || end + 4 >= text.size()) return false;
    const char before = to_upper(text[begin - 1]);
    return (before == 'B' && text[end] == '^') || (before == ';' && text[end] == '=' && is_digit(text[end + 4]));
  }

  // Columns of four-digit numbers look like cards one time in ten.
  static bool in_table(const Number& number, std::size_t from, std::size_t to) {
    if (from == to) return false;
    const auto alike = [](const Number::Group& group) { return group.gap == ' ' && group.count == 4; };
    return (from > 0 && number.groups[from - 1].count == 4 && number.groups[from].gap == ' ') ||
           (to + 1 < number.count && alike(number.groups[to + 1]));
  }
};

}  // namespace

std::unique_ptr<Guard> make_payment_card_guard(const GuardSettings&) { return std::make_unique<PaymentCard>(); }

}  // namespace weir
