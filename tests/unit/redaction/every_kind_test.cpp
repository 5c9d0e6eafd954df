// A value of every kind that guards know, planted into conversations: none goes out, all come back. The values are
// those of tests/fixtures/planted, which the test of the sockets plants too; a kind that has none there fails here.
// Keys are made from their issuers' marks.
#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <set>
#include <sstream>

#include "asked.h"
#include "guards/key_marks.h"
#include "redaction/redactor.h"
#include "redaction/restore_answer.h"
#include "support/random_keys.h"

namespace weir::redaction {
namespace {

struct Planted {
  std::string kind;
  std::string text;
  std::string value;  // what guards find in it
};

// `{alnum:24}` stands for so many random letters and digits.
std::string filled(std::string text, std::mt19937& random) {
  constexpr std::string_view mark = "{alnum:";
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark)) {
    const std::size_t end = text.find('}', at);
    const auto size = static_cast<std::size_t>(std::stoi(text.substr(at + mark.size(), end - at - mark.size())));
    text.replace(at, end + 1 - at, random_of(letters_and_digits, size, static_cast<uint32_t>(random())));
  }
  return text;
}

const GuardSet& guards() {
  static const GuardSet set = [] {
    GuardSettings settings;
    settings.identity = true;
    settings.word_lists.push_back({.label = ClassSet{1} << 20U, .words = {"bluebird"}});
    return GuardSet(settings);
  }();
  return set;
}

std::vector<Planted> planted() {
  std::mt19937 random(20260101);
  std::ifstream in(WEIR_FIXTURES "/planted/values.json");
  std::stringstream text;
  text << in.rdbuf();
  simdjson::dom::parser parser;
  std::vector<Planted> all;
  for (const simdjson::dom::element row : parser.parse(text.str()).get_array()) {
    all.push_back({.kind = std::string(std::string_view(row["kind"])),
                   .text = filled(std::string(std::string_view(row["text"])), random),
                   .value = {}});
  }
  std::set<std::string_view> seen;
  for (const guards::KeyMark& mark : guards::key_marks()) {
    if (!seen.insert(mark.what).second) continue;
    const std::string key = std::string(mark.prefix) + body_of(mark, mark.least, static_cast<uint32_t>(random()));
    all.push_back({.kind = std::string(mark.what), .text = key, .value = {}});
  }
  for (Planted& one : all) {
    for (const Finding& finding : guards().inspect(one.text)) {
      if (finding.what == one.kind) one.value = one.text.substr(finding.begin, finding.end - finding.begin);
    }
  }
  return all;
}

std::string as_json(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '"' || c == '\\') out.push_back('\\');
      out.push_back(c);
    }
  }
  return out + "\"";
}

TEST(every_kind, has_a_value_that_is_planted) {
  std::map<std::string, std::string> values;
  for (const Planted& one : planted()) values[one.kind] = one.value;
  for (const GuardInfo& info : guard_infos()) {
    for (const std::string_view kind : info.kinds) {
      EXPECT_FALSE(values[std::string(kind)].empty()) << kind << " is not planted, or not found where it is";
    }
  }
}

TEST(every_kind, of_value_does_not_go_out_and_comes_back) {
  std::mt19937 random(7);
  const auto all = planted();
  constexpr std::string_view words[] = {"please", "the river", "\"quoted\"",  "a\\b",
                                        "日本",   "{x: 1}",    "line\nbreak", "100 %"};
  for (const Planted& one : all) {
    for (int round = 0; round < 4; ++round) {
      const Planted& other = all[random() % all.size()];
      const auto word = [&] { return std::string(words[random() % std::size(words)]); };
      const std::string text = word() + ", " + one.text + "\n" + word();
      const std::string arguments = R"({"note":)" + as_json(one.text) + R"(,"n":1})";
      const std::string body = R"({"model":"m","messages":[{"role":"user","content":)" + as_json(text) +
                               R"(},{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":)" +
                               as_json(arguments) + R"(}}]},{"role":"tool","content":)" + as_json(other.text) + "}]}";
      const auto out = redacted(guards(), body);
      if (!out) continue;  // it stays where it is: refused
      const std::string value = as_json(one.value);
      EXPECT_EQ(out->body.find(value.substr(1, value.size() - 2)), std::string::npos) << one.kind << ": " << out->body;
      const std::string back = restored_body(out->replacements, out->body);
      EXPECT_NE(back.find(value.substr(1, value.size() - 2)), std::string::npos) << one.kind << ": " << back;
    }
  }
}

}  // namespace
}  // namespace weir::redaction
