// The twelve teams of examples/advice: the advice is what their answers imply, the table in docs/economics.md shows it,
// and the configuration of each loads. After a change of prices or rules the table is written anew by
//   WEIR_UPDATE=1 build/release/unit_economics --gtest_filter='advice_teams.*'
#include <gtest/gtest.h>

#include <filesystem>

#include "advice_worlds.h"
#include "config/load.h"
#include "economics/base/money.h"

namespace weir::plan {
namespace {

struct Team {
  std::string file;
  Answers answers;
  Economics economics;
  Advice advice;
};

std::vector<Team> teams() {
  const Catalog prices{std::string(test::today)};
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(WEIR_SOURCE "/examples/advice")) {
    files.push_back(entry.path().filename().string());
  }
  std::sort(files.begin(), files.end());
  std::vector<Team> out;
  for (const std::string& file : files) {
    const std::string text = test::text_of(WEIR_SOURCE "/examples/advice/" + file);
    EXPECT_TRUE(text.starts_with("# ")) << file << " must open with who the team is";
    AnswersRead read = read_answers(text, file);
    EXPECT_TRUE(read.answers) << render_problems(read.problems, text);
    if (!read.answers) continue;
    Team team{.file = file, .answers = *read.answers, .economics = {}, .advice = {}};
    const auto costed = economics_of(*read.answers, prices);
    EXPECT_TRUE(costed) << file;
    if (!costed) continue;
    team.economics = *costed;
    team.advice = advise(team.answers, team.economics);
    out.push_back(std::move(team));
  }
  return out;
}

// What each need adds, dearest first; those that add nothing are left out.
std::string needs_text(const Advice& advice) {
  std::string out;
  for (std::size_t i = 0; i < advice.needs.size(); ++i) {
    const auto& cost = advice.choice.costs[i];
    if (cost && *cost == 0) continue;
    out += (out.empty() ? "" : ", ") + advice.needs[i].name;
    out += cost ? " " + dollars((*cost + 500'000) / 1'000'000 * 1'000'000) : " not met";
  }
  if (out.empty() && advice.choice.needs_cost > 0) {
    for (const Need& need : advice.needs) {
      if (need.strength == Strength::law) out += (out.empty() ? "" : " and ") + need.name;
    }
    out += ", together " + dollars((advice.choice.needs_cost + 500'000) / 1'000'000 * 1'000'000);
  }
  return out.empty() ? "-" : out;
}

std::string table() {
  std::string out =
      "| team | requests a month | verdict | stage | cloud | hybrid | local | break-even | what needs cost a month |\n"
      "|---|---:|---|---|---:|---:|---:|---:|---|\n";
  for (const Team& team : teams()) {
    const auto cost = [&](Verdict verdict) {
      const std::string amount = dollars((team.economics.of(verdict).monthly + 500'000) / 1'000'000 * 1'000'000);
      if (verdict == team.advice.verdict) return "**" + amount + "**";
      for (const Need& need : team.advice.needs) {
        if (!need.met_by(verdict)) return amount + (need.strength == Strength::law ? " ²" : " ¹");
      }
      return amount;
    };
    out +=
        fmt::format("| [{}](../examples/advice/{}) | {} | **{}** | {} | {} | {} | {} | {} | {} |\n", team.answers.name,
                    team.file, grouped(team.answers.workload.requests), to_string(team.advice.verdict),
                    to_string(team.advice.stage), cost(Verdict::cloud), cost(Verdict::hybrid), cost(Verdict::local),
                    team.economics.break_even ? grouped(*team.economics.break_even) : "-", needs_text(team.advice));
  }
  return out;
}

TEST(advice_teams, the_table_in_the_documentation_is_what_the_teams_are_advised) {
  constexpr std::string_view begin = "<!-- teams: begin -->\n";
  constexpr std::string_view end = "<!-- teams: end -->";
  const std::string path = WEIR_SOURCE "/docs/economics.md";
  std::string page = test::text_of(path);
  const auto from = page.find(begin);
  const auto to = page.find(end);
  ASSERT_TRUE(from != std::string::npos && to != std::string::npos && from < to);
  const auto start = from + begin.size();
  const std::string now = table();
  if (std::getenv("WEIR_UPDATE") != nullptr) {
    page.replace(start, to - start, now);
    std::ofstream(path) << page;
  }
  EXPECT_EQ(page.substr(start, to - start), now)
      << "write it anew: WEIR_UPDATE=1 build/release/unit_economics --gtest_filter='advice_teams.*'";
}

TEST(advice_teams, verdicts_are_what_the_answers_imply) {
  const std::map<std::string, Verdict> expected = {
      {"startup.yaml", Verdict::cloud},            // the cheapest, and nothing asks for more
      {"content-shop.yaml", Verdict::cloud},       // the same
      {"ai-native-saas.yaml", Verdict::cloud},     // the same, with the best model
      {"university.yaml", Verdict::cloud},         // a small model is cheaper rented
      {"public-authority.yaml", Verdict::cloud},   // its data may go out in the union, and that is the cheapest
      {"clinic.yaml", Verdict::local},             // health data stays, and the machine for it takes the rest
      {"law-firm.yaml", Verdict::local},           // on premises, whatever it costs
      {"iot-maker.yaml", Verdict::local},          // nothing leaves the plant
      {"game.yaml", Verdict::local},               // a model of its own
      {"bank-chatbot.yaml", Verdict::local},       // payment data stays, and the machine for it takes the rest
      {"ecommerce-support.yaml", Verdict::local},  // the same
      {"enterprise.yaml", Verdict::hybrid}};       // a tenth stays, hard questions need the best model
  std::map<std::string, Verdict> found;
  for (const Team& team : teams()) found[team.file] = team.advice.verdict;
  for (const auto& [file, verdict] : expected) {
    ASSERT_TRUE(found.contains(file)) << file;
    EXPECT_EQ(to_string(found[file]), to_string(verdict)) << file;
  }
  EXPECT_EQ(found.size(), expected.size());
}

TEST(advice_teams, each_configuration_loads) {
  for (const Team& team : teams()) {
    const std::string text = weir_yaml(team.answers, team.advice, team.economics);
    const Loaded loaded = load_config_text(
        text, "weir.yaml", {.environment = [](std::string_view) { return std::optional<std::string>("k"); }});
    EXPECT_EQ(render_problems(loaded.problems, loaded.text), "") << team.file;
    EXPECT_EQ(loaded.snapshot.routes.size(), 1U);
  }
}

TEST(advice_teams, the_stage_follows_from_its_thresholds) {
  for (const Team& team : teams()) {
    const MicroDollars cloud = team.economics.of(Verdict::cloud).monthly;
    const auto& break_even = team.economics.break_even;
    const Stage expected = break_even && team.answers.workload.requests >= *break_even ? Stage::scale
                           : cloud < team.economics.people                             ? Stage::start
                                                                                       : Stage::growth;
    EXPECT_EQ(team.advice.stage, expected) << team.file;
  }
}

}  // namespace
}  // namespace weir::plan
