// Editions of the price catalog: which one counts, and what is no catalog.
#include "ledger/catalog_edition.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "ledger/catalog_data.h"

namespace weir {
namespace {

constexpr std::string_view today = "2026-11-28";
constexpr int fewest = 50;

std::string provider(std::string_view id, std::string_view date) {
  return fmt::format("@\t{}\tOne AI\t{}\t-\t-\n", id, date);
}

std::string models(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += fmt::format("model-{0}\t1000\t2/1/3\t-\t=model-{0}\n", i);
  return text;
}

std::string edition_of(std::string_view date) { return provider("one", date) + models(fewest); }

std::string trouble_of(std::string text) {
  const auto edition = check_edition(std::move(text), today);
  return edition ? std::string() : edition.error().message;
}

TEST(CatalogEdition, is_of_the_newest_day_in_it_and_knows_its_source) {
  const auto edition = check_edition("# Source: a list of prices\n# Source: another\n" + provider("one", "2026-09-30") +
                                         models(fewest) + provider("two", "2026-02-01") + models(1),
                                     today);
  ASSERT_TRUE(edition) << edition.error().message;
  EXPECT_EQ(edition->date, "2026-09-30");
  EXPECT_EQ(edition->source, "a list of prices");
  EXPECT_EQ(edition->providers, 2U);
  EXPECT_EQ(edition->models, 51U);
  EXPECT_EQ(edition->catalog(std::string(today)).find("one", "model-7")->prices.output, 3);
}

TEST(CatalogEdition, a_handful_of_models_is_no_catalog) {
  EXPECT_EQ(trouble_of(edition_of(today)), "");
  EXPECT_NE(trouble_of(provider("one", today) + models(fewest - 1)).find("49 models"), std::string::npos);
  EXPECT_NE(trouble_of(""), "");
}

TEST(CatalogEdition, may_be_a_day_ahead_of_this_clock_but_not_of_the_future) {
  for (const auto* const date : {"2026-11-27", "2026-11-28", "2026-11-30"}) EXPECT_EQ(trouble_of(edition_of(date)), "");
  for (const auto* const date : {"2026-12-01", "2026-12-10", "2027-11-28"}) {
    EXPECT_NE(trouble_of(edition_of(date)).find("line 1: its date is in the future"), std::string::npos) << date;
  }
  for (const auto* const date : {"", "2026-11", "2026-02-30", "2026/11/28", "2O26-11-28", "+026-11-28"}) {
    EXPECT_NE(trouble_of(edition_of(date)).find("is no date"), std::string::npos) << date;
  }
}

TEST(CatalogEdition, what_is_wrong_is_said_with_its_line) {
  const auto good = edition_of(today);  // 51 lines
  for (const auto& [line, words] : {std::pair{"@\tx\ty", "a provider has six fields"},
                                    {"x\t1\t2/1/3\t-", "a model has five fields"},
                                    {"\t1\t2/1/3\t-\t=x", "cannot be read"},
                                    {"x\t1k\t2/1/3\t-\t=x", "cannot be read"},
                                    {"x\t1\t2/1\t-\t=x", "its prices cannot be read"},
                                    {"x\t1\t2/1/3;2027-01-01:2/1\t-\t=x", "its prices cannot be read"},
                                    {"x\a\t1\t2/1/3\t-\t=x", "control characters"}}) {
    const auto trouble = trouble_of(good + line + "\n");
    EXPECT_NE(trouble.find("line 52: "), std::string::npos) << trouble;
    EXPECT_NE(trouble.find(words), std::string::npos) << trouble;
  }
  EXPECT_NE(trouble_of(models(fewest)).find("line 1: a model stands before any provider"), std::string::npos);
}

TEST(CatalogEdition, a_price_is_absurd_wherever_it_stands) {
  const auto trouble = [](std::string_view prices) {
    return trouble_of(edition_of(today) + fmt::format("dear\t0\t{}\t-\t=dear\n", prices));
  };
  EXPECT_EQ(trouble("10000000000/1/1"), "");
  for (const auto* const prices :
       {"10000000001/1/1", "1/10000000001/1", "1/1/10000000001", "1/1/1/10000000001", "1/1/1/1/10000000001",
        "1/1/1;>9:10000000001/1/1", "1/1/1;@0100-0200:1/1/10000000001", "1/1/1;2027-01-01:10000000001/1/1"}) {
    EXPECT_NE(trouble(prices).find("absurd"), std::string::npos) << prices;
  }
}

class CurrentEdition : public ::testing::Test {
 protected:
  CurrentEdition() { std::filesystem::create_directories(folder_); }
  ~CurrentEdition() override { std::filesystem::remove_all(folder_); }

  CatalogEdition with(std::string_view text) {
    std::ofstream(file_, std::ios::binary) << text;
    return current_edition(folder_, today);
  }

  std::string folder_ = fmt::format("{}weir-edition-{}", testing::TempDir(), ::getpid());
  std::string file_ = folder_ + "/" + std::string(catalog_file_name);
};

TEST_F(CurrentEdition, is_the_binarys_where_there_is_no_other) {
  for (const auto& folder : {std::string(), folder_}) {
    const auto edition = current_edition(folder, today);
    EXPECT_EQ(edition.file, "");
    EXPECT_EQ(edition.trouble, "");
    EXPECT_EQ(edition.date, embedded_edition().date);
    EXPECT_GT(edition.models, 50U);
    EXPECT_FALSE(edition.source.empty());
  }
}

TEST_F(CurrentEdition, is_the_newer_one) {
  const auto newer = with(edition_of(today));
  EXPECT_EQ(newer.file, file_);
  EXPECT_EQ(newer.date, today);
  EXPECT_EQ(newer.trouble, "");
  EXPECT_TRUE(newer.catalog(std::string(today)).find("one", "model-1"));
  const auto same_day = with(edition_of(embedded_edition().date));
  EXPECT_EQ(same_day.file, file_) << "who gave it wants it";
  const auto older = with(edition_of("2020-01-01"));
  EXPECT_EQ(older.file, "");
  EXPECT_EQ(older.date, embedded_edition().date);
  EXPECT_NE(older.trouble.find("2020-01-01, older than"), std::string::npos) << older.trouble;
  EXPECT_TRUE(older.catalog(std::string(today)).find("openai", "gpt-4o"));
}

TEST_F(CurrentEdition, damaged_ones_take_no_place) {
  const auto whole = edition_of(today);
  for (const auto& text : {std::string(), whole.substr(0, whole.size() / 2), "\x1f\x8b" + whole}) {
    const auto edition = with(text);
    EXPECT_EQ(edition.file, "");
    EXPECT_EQ(edition.date, embedded_edition().date);
    EXPECT_NE(edition.trouble.find(file_), std::string::npos) << edition.trouble;
  }
}

// The binary's own catalog with the input price of every `each`th model times `factor`.
CatalogEdition scaled(int64_t factor, int each) {
  std::string out;
  int number = 0;
  auto rest = catalog_data();
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const auto second = line.find('\t', line.find('\t') + 1);
    const bool model = !line.empty() && line[0] != '#' && line[0] != '@' && second != std::string_view::npos;
    const auto end = model ? line.find_first_not_of("0123456789", second + 1) : std::string_view::npos;
    if (!model || end == second + 1 || ++number % each != 0) {
      out.append(line).append("\n");
      continue;
    }
    const auto price = std::stoll(std::string(line.substr(second + 1, end - second - 1)));
    out.append(line.substr(0, second + 1)).append(std::to_string(price * factor)).append(line.substr(end)).append("\n");
  }
  return {.text = std::make_shared<const std::string>(std::move(out))};
}

TEST(NearToKnown, most_prices_in_another_unit_are_no_prices) {
  EXPECT_TRUE(near_to_known(scaled(1, 1), today));
  EXPECT_TRUE(near_to_known(scaled(3, 1), today)) << "prices change";
  EXPECT_FALSE(near_to_known(scaled(100, 1), today)) << "cents";
  EXPECT_FALSE(near_to_known(scaled(1'000'000, 1), today));
  EXPECT_FALSE(near_to_known(scaled(0, 1), today)) << "nothing";
  EXPECT_TRUE(near_to_known(scaled(100, 4), today)) << "some may";
}

TEST(CatalogAge, is_counted_in_days_over_the_ends_of_months_and_years) {
  EXPECT_EQ(days_between("2026-11-28", "2026-11-28"), 0);
  EXPECT_EQ(days_between("2026-02-28", "2026-03-01"), 1);
  EXPECT_EQ(days_between("2028-02-28", "2028-03-01"), 2);
  EXPECT_EQ(days_between("2025-12-31", "2027-01-01"), 366);
  EXPECT_EQ(days_between("2026-11-28", "2026-11-01"), -27);
  for (const auto* const odd : {"", "x", "2026-13-01", "2026-1-1"}) EXPECT_EQ(days_between(odd, today), 0) << odd;
}

TEST(CatalogAge, is_said_only_of_old_prices) {
  EXPECT_EQ(age_note("2026-08-30", today), "") << "90 days";
  EXPECT_NE(age_note("2026-08-29", today).find("91 days old"), std::string::npos);
  EXPECT_EQ(age_note("2027-01-01", today), "");
}

}  // namespace
}  // namespace weir
