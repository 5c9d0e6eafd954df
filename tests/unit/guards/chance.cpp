// Numbers whose check digits fit by chance: one of many of its length that have none is no id; a list of real ones is.
#include <random>

#include "guards/guard.h"

namespace weir {
namespace {

std::vector<std::string> kinds_in(std::string_view text) {
  static const GuardSet guards{GuardSettings{}};
  std::vector<std::string> kinds;
  for (const Finding& finding : guards.inspect(text)) kinds.emplace_back(finding.what);
  return kinds;
}

std::string random_digits(std::mt19937& random, std::size_t count) {
  std::string digits(1, static_cast<char>('1' + random() % 9));
  while (digits.size() < count) digits += static_cast<char>('0' + random() % 10);
  return digits;
}

struct Id {
  std::string_view what;
  std::vector<std::string_view> numbers;
};

const std::vector<Id>& real_ids() {
  static const std::vector<Id> ids = {
      {"pl_pesel", {"44051401359", "02070803628", "92071314764"}},
      {"br_cpf", {"52998224725", "11144477735", "39053344705"}},
      {"payment_card", {"4111111111111111", "5555555555554444", "4012888888881881", "6011111111111117"}},
  };
  return ids;
}

TEST(chance, lists_of_real_ids_are_found) {
  for (const auto& [what, numbers] : real_ids()) {
    std::string lines;
    for (const auto number : numbers) lines += fmt::format("{}\n", number);
    EXPECT_GE(kinds_in(lines).size(), numbers.size()) << lines;
  }
}

TEST(chance, a_column_of_real_ids_is_found_beside_another_of_their_length) {
  std::mt19937 random(1);
  for (const auto& [what, numbers] : real_ids()) {
    std::string rows;
    std::size_t count = 0;
    for (int times = 0; times < 3; ++times) {
      for (const auto number : numbers) {
        rows += fmt::format("{};{}\n", random_digits(random, number.size()), number);
        ++count;
      }
    }
    EXPECT_GE(kinds_in(rows).size(), count) << rows;
  }
}

TEST(chance, one_alone_or_named_is_found) {
  std::mt19937 random(2);
  for (const auto& [what, numbers] : real_ids()) {
    EXPECT_EQ(kinds_in(fmt::format("please update {} today", numbers[0])), std::vector<std::string>{std::string(what)});
  }
  std::string log;
  for (int i = 0; i < 20; ++i) log += fmt::format("job {} done\n", random_digits(random, 11));
  const auto kinds = kinds_in(log + "PESEL: 44051401359\n" + log);
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "pl_pesel"), 1);
}

TEST(chance, rows_of_random_numbers_and_moments_hold_hardly_any_id) {
  std::mt19937 random(3);
  std::size_t alarms = 0;
  std::size_t pieces = 0;
  for (const std::size_t size : {11U, 13U, 14U, 15U, 16U, 18U}) {
    for (int piece = 0; piece < 50; ++piece) {
      std::string lines;
      while (lines.size() < 3000)
        lines += fmt::format("{{\"row\": {}, \"of\": {}}}\n", random_digits(random, size), random_digits(random, size));
      alarms += kinds_in(lines).empty() ? 0 : 1;
      ++pieces;
    }
  }
  for (int piece = 0; piece < 100; ++piece) {
    std::string lines;
    while (lines.size() < 3000) lines += fmt::format("{{\"at\": {}}}\n", 1'700'000'000'000 + random() % 90'000'000'000);
    alarms += kinds_in(lines).empty() ? 0 : 1;
    ++pieces;
  }
  EXPECT_LE(alarms * 100, pieces * 3);
}

}  // namespace
}  // namespace weir
