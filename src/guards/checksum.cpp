#include "guards/checksum.h"

#include "guards/characters.h"

namespace weir::guards {

bool luhn_valid(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int digit = digits[digits.size() - 1 - i] - '0';
    const int doubled = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += i % 2 == 1 ? doubled : digit;
  }
  return sum % 10 == 0;
}

bool verhoeff_valid(std::string_view digits) {
  // Multiplication in D5 without its table: 0–4 turn, 5–9 turn and mirror.
  const auto multiply = [](int a, int b) {
    if (a < 5) return b < 5 ? (a + b) % 5 : 5 + (a + b) % 5;
    return b < 5 ? 5 + (a - b + 5) % 5 : (a - b + 5) % 5;
  };
  static constexpr int permute[10] = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
  int check = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    int digit = digits[digits.size() - 1 - i] - '0';
    for (std::size_t n = 0; n < i % 8; ++n) digit = permute[digit];
    check = multiply(check, digit);
  }
  return check == 0;
}

bool mod11_10_valid(std::string_view digits) {
  int product = 10;
  for (std::size_t i = 0; i + 1 < digits.size(); ++i) {
    int sum = (digits[i] - '0' + product) % 10;
    if (sum == 0) sum = 10;
    product = (sum * 2) % 11;
  }
  return (11 - product) % 10 == digits.back() - '0';
}

uint32_t mod97(std::string_view alnum) {
  uint32_t remainder = 0;
  for (const char c : alnum) {
    if (is_digit(c)) {
      remainder = (remainder * 10 + static_cast<uint32_t>(c - '0')) % 97;
    } else {
      remainder = (remainder * 100 + static_cast<uint32_t>(to_upper(c) - 'A' + 10)) % 97;
    }
  }
  return remainder;
}

int weighted(std::string_view digits, std::string_view weights) {
  int sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const int weight = is_digit(weights[i]) ? weights[i] - '0' : weights[i] - 'A' + 10;
    sum += (digits[i] - '0') * weight;
  }
  return sum;
}

bool is_day_of_month(int day, int month) {
  if (month < 1 || month > 12 || day < 1) return false;
  if (month == 2) return day <= 29;
  const bool short_month = month == 4 || month == 6 || month == 9 || month == 11;
  return day <= (short_month ? 30 : 31);
}

}  // namespace weir::guards
