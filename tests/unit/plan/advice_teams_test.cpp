// The twelve teams of examples/advice: the advice is what their answers imply, the table in docs/economics.md shows it,
// and the configuration of each loads. After a change of prices or rules the table is written anew by
//   WEIR_UPDATE=1 build/release/unit_plan --gtest_filter='advice_teams.*'
#include <gtest/gtest.h>

#include <filesystem>

#include "advice_worlds.h"
#include "config/load.h"
#include "plan/money.h"

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
    Team team{.file = file, .answers = *read.answers, .economics = economics_of(*read.answers, prices), .advice = {}};
    team.advice = advise(team.answers, team.economics);
    out.push_back(std::move(team));
  }
  return out;
}

// Those that have to stay or pull by two or more, strongest first.
std::string strongest_reasons(const Advice& advice) {
  std::vector<Reason> reasons = advice.reasons;
  std::stable_sort(reasons.begin(), reasons.end(), [](const Reason& a, const Reason& b) {
    return a.decides != b.decides ? a.decides : std::abs(a.weight) > std::abs(b.weight);
  });
  std::string out;
  for (const Reason& reason : reasons) {
    if (!reason.decides && std::abs(reason.weight) < 2) continue;
    out += (out.empty() ? "" : ", ") + reason.what;
    if (reason.decides) out += " decides";
    if (reason.weight != 0) out += fmt::format(" {}{}", reason.weight > 0 ? "+" : "−", std::abs(reason.weight));
  }
  return out;
}

std::string table() {
  std::string out =
      "| team | requests a month | verdict | stage | cloud | hybrid | local | break-even | sum | strongest reasons |\n"
      "|---|---:|---|---|---:|---:|---:|---:|---:|---|\n";
  for (const Team& team : teams()) {
    const auto cost = [&](Verdict verdict) {
      const Standing& standing = team.advice.standing[static_cast<std::size_t>(verdict)];
      const std::string amount = dollars((team.economics.of(verdict).monthly + 500'000) / 1'000'000 * 1'000'000);
      if (verdict == team.advice.verdict) return "**" + amount + "**";
      return standing.allowed ? standing.affordable ? amount : amount + " ¹" : amount + " ²";
    };
    out += fmt::format("| [{}](../examples/advice/{}) | {} | **{}** | {} | {} | {} | {} | {} | {} | {} |\n",
                       team.answers.name, team.file, grouped(team.answers.workload.requests),
                       to_string(team.advice.verdict), to_string(team.advice.stage), cost(Verdict::cloud),
                       cost(Verdict::hybrid), cost(Verdict::local),
                       team.economics.break_even ? grouped(*team.economics.break_even) : "-", team.advice.weight,
                       strongest_reasons(team.advice));
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
      << "write it anew: WEIR_UPDATE=1 build/release/unit_plan --gtest_filter='advice_teams.*'";
}

TEST(advice_teams, verdicts_are_what_the_answers_imply) {
  const std::map<std::string, Verdict> expected = {
      {"startup.yaml", Verdict::cloud},             // little volume, nobody to run a machine, little money
      {"content-shop.yaml", Verdict::cloud},        // the same, and nothing to hide
      {"ai-native-saas.yaml", Verdict::cloud},      // the best model, in bursts
      {"university.yaml", Verdict::cloud},          // a small model is cheaper rented, at any volume
      {"clinic.yaml", Verdict::local},              // nearly all of it is about patients
      {"law-firm.yaml", Verdict::local},            // on premises, whatever it costs
      {"iot-maker.yaml", Verdict::local},           // nothing leaves the plant
      {"game.yaml", Verdict::local},                // past break-even, at once, a model of its own
      {"bank-chatbot.yaml", Verdict::local},        // two fifths stay, and the machine for them takes the rest
      {"enterprise.yaml", Verdict::hybrid},         // a tenth stays, hard questions need the best model
      {"ecommerce-support.yaml", Verdict::hybrid},  // payment data stays, nobody has time for more machines
      {"public-authority.yaml", Verdict::hybrid}};  // may go out in the union; people and data pull in
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
