#include "guards/guard.h"

namespace weir {
namespace {

constexpr ClassSet custom = ClassSet{1} << 7U;
constexpr ClassSet other = ClassSet{1} << 7U;

GuardSet guards_for(std::vector<std::string> words) {
  GuardSettings settings;
  settings.word_lists.push_back({.label = custom, .words = std::move(words)});
  return GuardSet(settings);
}

struct Case {
  std::string_view word;
  std::string_view text;
  bool found;
};

class word_list : public testing::TestWithParam<Case> {};

TEST_P(word_list, matches_whole_words_without_regard_to_case) {
  const Case& one = GetParam();
  const GuardSet guards = guards_for({std::string(one.word)});
  EXPECT_EQ((guards.classify({one.text}) & custom) != 0, one.found) << one.word << " in " << one.text;
  // Wherever it stands, also across the blocks of the scan.
  for (const std::size_t before : {1U, 50U, 59U, 60U, 61U, 62U, 63U, 64U, 65U, 127U, 128U}) {
    const std::string text = fmt::format("{:.<{}} {} .", "", before - 1, one.text);
    EXPECT_EQ((guards.classify({text}) & custom) != 0, one.found) << one.word << " after " << before << " bytes";
  }
}

constexpr Case cases[] = {
    {"Falcon", "falcon", true},
    {"falcon", "Project FALCON.", true},
    {"falcon", "falcons", false},
    {"falcon", "falcon's", true},
    {"falcon", "falcon_v2", true},
    {"falcon", "gyrfalcon", false},
    {"falcon", "\"falcon\"", true},
    {"falcon", "“falcon”", true},
    {"falcon", "—falcon—", true},
    {"falcon", "\\nfalcon\\n", true},
    {"falcon", "ｆａｌｃｏｎ", true},
    {"falcon", "falc\xE2\x80\x8Bon", true},
    {"falcon", "fal con", false},
    {"blue river", "the blue river plan", true},
    {"blue river", "Blue\n  River", true},
    {"blue river", "blue\xC2\xA0river", true},
    {"blue river", "blueriver", false},
    {"blue river", "blue rivers", false},
    {"  Blue   River ", "blue river", true},
    {"Äther", "äTHER", true},
    {"äther", "ÄTHER", true},
    {"Проект", "наш ПРОЕКТ готов", true},
    {"проект", "проектор", false},
    {"Ωmega", "ωMEGA", true},
    {"ŁÓDŹ", "łódź", true},
    {"金川", "请总结金川项目", true},
    {"김철수", "김철수는 왔다", true},
    {"x", "x", true},
    {"x", "xy", false},
    {"ab", "AB", true},
    {"ab", "abc", false},
    {"abc", "abc", true},
    {"4711", "case 4711 is open", true},
    {"4711", "14711", false},
    {"4711-a", "4711-A", true},
    {"C++", "in c++ we", true},
    {"#launch", "see #Launch now", true},
    {"#launch", "launch", false},
    {".NET", "the .net runtime", true},
    {"§ 203", "§ 203 applies", true},
    {"---", "a --- b", false},
    {"", "anything", false},
};
INSTANTIATE_TEST_SUITE_P(cases, word_list, testing::ValuesIn(cases));

TEST(word_lists, each_list_gives_its_own_label) {
  GuardSettings settings;
  settings.word_lists.push_back({.label = custom, .words = {"basalt", "granite"}});
  settings.word_lists.push_back({.label = other, .words = {"gneiss", "granite"}});
  const GuardSet guards(settings);
  EXPECT_EQ(guards.classify({"basalt"}), custom);
  EXPECT_EQ(guards.classify({"gneiss"}), other);
  EXPECT_EQ(guards.classify({"granite"}), custom | other);
  EXPECT_EQ(guards.classify({"slate", "and then basalt", "gneiss"}), custom | other);
}

TEST(word_lists, thousands_of_words_with_one_beginning_are_each_found) {
  std::vector<std::string> words;
  for (int i = 0; i < 5000; ++i) words.push_back("codename-" + std::to_string(i * 7919) + "-basalt");
  const GuardSet guards = guards_for(words);
  for (std::size_t i = 0; i < words.size(); i += 97) {
    const std::string text = fmt::format("about {} then", words[i]);
    EXPECT_EQ(guards.classify({text}), custom) << words[i];
  }
  EXPECT_EQ(guards.classify({"codename-1-basalt codename codename-7919-basalts"}), 0U);
}

TEST(word_lists, the_longest_terms_are_found) {
  std::string term(401, 'a');
  term[200] = ' ';
  const std::string text = fmt::format("so {} it is", term);
  EXPECT_EQ(guards_for({term}).classify({text}), custom);
}

TEST(word_lists, bytes_that_are_no_utf_8_compare_as_they_are) {
  const std::string latin1 = "caf\xE9";
  EXPECT_EQ(guards_for({latin1}).classify({"the caf\xE9 plan"}), custom);
  EXPECT_EQ(guards_for({latin1}).classify({"the caf\xE8 plan"}), 0U);
}

}  // namespace
}  // namespace weir
