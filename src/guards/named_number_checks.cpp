#include "guards/named_number_checks.h"

#include <algorithm>
#include <array>
#include <string>

#include "guards/characters.h"
#include "guards/checksum.h"

namespace weir::guards {
namespace {

bool all_digits(std::string_view value) { return std::all_of(value.begin(), value.end(), is_digit); }
bool all_capitals(std::string_view value) { return std::all_of(value.begin(), value.end(), is_upper); }

Checked checked(bool right) { return right ? Checked::right : Checked::wrong; }

int digit(std::string_view value, std::size_t at) { return value[at] - '0'; }

// The digits of products are added: 14 counts 5.
int sum_of_digits(int value) { return value / 10 + value % 10; }

int place_in(std::string_view alphabet, char c) {
  const std::size_t at = alphabet.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

Checked imei(std::string_view value) {
  if (!all_digits(value) || value == std::string(value.size(), value[0])) return Checked::no_such;
  return value.size() == 16 ? Checked::form : checked(luhn_valid(value));  // with the software's version
}

Checked vin(std::string_view value) {
  constexpr std::array<int, 26> values = {1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9};
  constexpr std::array<int, 17> weights = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  int sum = 0;
  bool has_digit = false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = to_upper(value[i]);
    if (c == 'I' || c == 'O' || c == 'Q') return Checked::no_such;
    has_digit = has_digit || is_digit(c);
    sum += weights[i] * (is_digit(c) ? c - '0' : values[static_cast<std::size_t>(c - 'A')]);
  }
  if (!has_digit) return Checked::no_such;
  const char check = sum % 11 == 10 ? 'X' : static_cast<char>('0' + sum % 11);
  if (to_upper(value[8]) == check) return Checked::right;
  return value[0] >= '1' && value[0] <= '5' ? Checked::wrong : Checked::form;  // only North America wants it
}

Checked vin_form(std::string_view value) {
  if (std::any_of(value.begin(), value.end(), [](char c) { return !is_digit(c) && !is_upper(c); }))
    return Checked::no_such;
  const Checked checked = vin(value);
  constexpr std::string_view no_year = "UZ0";  // the tenth character
  constexpr std::size_t serial = 4;
  const bool serial_number = all_digits(value.substr(value.size() - serial));
  const auto letters = std::count_if(value.begin(), value.end(), is_upper);
  constexpr std::ptrdiff_t fewest_letters = 3;
  if (checked == Checked::no_such || !serial_number || letters < fewest_letters ||
      no_year.find(value[9]) != std::string_view::npos) {
    return Checked::no_such;
  }
  if (checked == Checked::right) return checked;
  // Europe fills up with Z and has no check digit.
  return value.substr(3, 3) == "ZZZ" && all_digits(value.substr(11)) ? Checked::form : Checked::no_such;
}

Checked plate(std::string_view value) {
  const auto digits = std::count_if(value.begin(), value.end(), is_digit);
  const auto capitals = std::count_if(value.begin(), value.end(), is_upper);
  const bool right =
      digits >= 1 && digits <= 6 && capitals >= 1 && digits + capitals == static_cast<long>(value.size());
  return right ? Checked::form : Checked::no_such;
}

Checked security_code(std::string_view value) { return all_digits(value) ? Checked::form : Checked::no_such; }

Checked expiry(std::string_view value) {
  if (!all_digits(value) || value.size() == 5) return Checked::no_such;
  const int month = two(value, 0);
  const bool century = value.size() == 4 || value.substr(2, 2) == "20";
  return month >= 1 && month <= 12 && century ? Checked::form : Checked::no_such;
}

Checked bic(std::string_view value) {
  if (value.size() != 8 && value.size() != 11) return Checked::no_such;
  const bool right = all_capitals(value.substr(0, 6)) &&
                     std::all_of(value.begin(), value.end(), [](char c) { return is_digit(c) || is_upper(c); });
  if (!right) return Checked::no_such;
  const bool branch = value.size() == 11 || std::any_of(value.begin(), value.end(), is_digit) || is_bank_code(value);
  return branch ? Checked::form : Checked::wrong;  // eight capitals may be a word
}

bool is_bank_code(std::string_view value) {
  constexpr std::string_view countries =
      "AD AE AL AM AO AR AT AU AZ BA BB BD BE BG BH BR BS BY CA CH CI CL CM CN CO CR CY CZ DE DK DO DZ EC EE EG ES FI "
      "FR "
      "GB GE GH GI GR GT HK HN HR HU ID IE IL IN IQ IR IS IT JM JO JP KE KH KR KW KZ LB LI LK LT LU LV MA MC MD ME MK "
      "MT "
      "MU MX MY NG NL NO NZ OM PA PE PH PK PL PT PY QA RO RS RU SA SE SG SI SK SM SN SV TH TN TR TW UA US UY UZ VA VE "
      "VN ZA";
  const std::size_t at = countries.find(value.substr(4, 2));
  if (at == std::string_view::npos || at % 3 != 0) return false;
  const std::string_view place = value.substr(6);
  // `DEUTDEFF`, `UNCRITMM`, `BNPAFRPP`: eight capitals of a word end in few such pairs.
  const bool pair = place == "FF" || place == "MM" || place == "PP" || place == "PW";
  return std::any_of(place.begin(), place.end(), is_digit) || place.ends_with("XXX") || pair;
}

Checked routing(std::string_view value) {
  if (!all_digits(value)) return Checked::no_such;
  const int sum = weighted(value, "371371371");
  return value == "000000000" ? Checked::no_such : checked(sum % 10 == 0);
}

Checked ein(std::string_view value) {
  if (!all_digits(value)) return Checked::no_such;
  // Internal Revenue Service: prefixes that were never given out.
  constexpr std::string_view never = "00|07|08|09|17|18|19|28|29|49|69|70|78|79|89|96|97";
  return never.find(value.substr(0, 2)) == std::string_view::npos ? Checked::form : Checked::no_such;
}

Checked gstin(std::string_view value) {
  constexpr std::string_view alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  if (!all_digits(value.substr(0, 2)) || !all_capitals(value.substr(2, 5)) || !all_digits(value.substr(7, 4)) ||
      !is_upper(value[11]) || value[13] != 'Z') {
    return Checked::no_such;
  }
  int sum = 0;
  for (std::size_t i = 0; i < 14; ++i) {
    const int product = std::max(0, place_in(alphabet, value[i])) * (i % 2 == 0 ? 1 : 2);
    sum += product / 36 + product % 36;
  }
  return checked(alphabet[static_cast<std::size_t>((36 - sum % 36) % 36)] == value[14]);
}

Checked vat(std::string_view value) {
  constexpr std::string_view countries =
      "AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI|CH|NO";
  const auto digits = std::count_if(value.begin(), value.end(), is_digit);
  if (all_digits(value)) return value.size() <= 11 ? Checked::form : Checked::no_such;
  if (!is_upper(value[0]) || !is_upper(value[1]) || digits < 7) return Checked::no_such;
  if (countries.find(value.substr(0, 2)) == std::string_view::npos) return Checked::no_such;
  if (value.substr(0, 2) != "DE") return Checked::form;
  const std::string_view number = value.substr(2);
  if (number.size() != 9 || !all_digits(number)) return Checked::no_such;
  return checked(mod11_10_valid(number));
}

Checked utr(std::string_view value) {
  constexpr std::string_view checks = "21987654321";
  if (!all_digits(value)) return Checked::no_such;
  const int sum = weighted(value.substr(1), "6789A5432");
  return checked(checks[static_cast<std::size_t>(sum % 11)] == value[0]);
}

Checked de_pension(std::string_view value) {
  constexpr std::array<int, 12> weights = {2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1};
  if (!all_digits(value.substr(0, 8)) || !is_alpha(value[8]) || !all_digits(value.substr(9))) return Checked::no_such;
  const int day = two(value, 2) > 50 ? two(value, 2) - 50 : two(value, 2);  // a second number for one birth
  if (!is_day_of_month(day, two(value, 4))) return Checked::wrong;
  const int letter = to_upper(value[8]) - 'A' + 1;
  const std::string digits = std::string(value.substr(0, 8)) + static_cast<char>('0' + letter / 10) +
                             static_cast<char>('0' + letter % 10) + std::string(value.substr(9, 2));
  int sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) sum += sum_of_digits(digit(digits, i) * weights[i]);
  return checked(sum % 10 == digit(value, 11));
}

Checked de_health(std::string_view value) {
  if (!is_alpha(value[0]) || !all_digits(value.substr(1))) return Checked::no_such;
  const int letter = to_upper(value[0]) - 'A' + 1;
  const std::string digits = std::string{static_cast<char>('0' + letter / 10), static_cast<char>('0' + letter % 10)} +
                             std::string(value.substr(1, 8));
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) sum += sum_of_digits(digit(digits, i) * (i % 2 == 0 ? 1 : 2));
  return checked(sum % 10 == digit(value, 9));
}

Checked dea(std::string_view value) {
  if (!is_alpha(value[0]) || !is_alnum(value[1]) || !all_digits(value.substr(2))) return Checked::no_such;
  const auto d = [&](std::size_t i) { return digit(value, i + 1); };
  return checked((d(1) + d(3) + d(5) + 2 * (d(2) + d(4) + d(6))) % 10 == d(7));
}

Checked npi(std::string_view value) {
  if (!all_digits(value)) return Checked::no_such;
  return checked((value[0] == '1' || value[0] == '2') && luhn_valid("80840" + std::string(value)));
}

Checked ru_snils(std::string_view value) {
  if (!all_digits(value)) return Checked::no_such;
  return checked(weighted(value.substr(0, 9), "987654321") % 101 % 100 == two(value, 9));
}

Checked ru_inn(std::string_view value) {
  if (!all_digits(value) || value.size() == 11) return Checked::no_such;
  const auto digit_of = [](int sum) { return sum % 11 % 10; };
  if (value.size() == 10) return checked(digit_of(weighted(value.substr(0, 9), "24A359468")) == digit(value, 9));
  const bool first = digit_of(weighted(value.substr(0, 10), "724A359468")) == digit(value, 10);
  return checked(first && digit_of(weighted(value.substr(0, 11), "3724A359468")) == digit(value, 11));
}

}  // namespace weir::guards
