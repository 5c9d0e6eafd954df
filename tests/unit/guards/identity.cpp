// Names of persons and postal addresses: that the model finds what it was made for, only where somebody asks, wherever
// in a text it stands; and that no bytes do it harm. How good it is, is measured in identity_text.cpp.
#include <random>

#include "guards/guard.h"
#include "guards/identity_data.h"
#include "guards/identity_model.h"

namespace weir {
namespace {

const GuardSet& asked() {
  static const GuardSet guards([] {
    GuardSettings settings;
    settings.identity = true;
    return settings;
  }());
  return guards;
}

std::vector<std::string> found(std::string_view text, std::string_view kind, const GuardSet& guards = asked()) {
  std::vector<std::string> values;
  for (const Finding& finding : guards.inspect(text)) {
    if (finding.what == kind) values.emplace_back(text.substr(finding.begin, finding.end - finding.begin));
  }
  return values;
}

struct Case {
  std::string_view text;
  std::string_view name;     // "" = none
  std::string_view address;  // the same
};

class identity : public testing::TestWithParam<Case> {};

TEST_P(identity, is_found_where_it_stands) {
  const Case& one = GetParam();
  const auto expect = [&](std::string_view kind, std::string_view value) {
    const auto values = found(one.text, kind);
    if (value.empty()) {
      EXPECT_TRUE(values.empty()) << kind << " " << (values.empty() ? "" : values.front()) << " in " << one.text;
    } else {
      EXPECT_NE(std::find(values.begin(), values.end(), value), values.end()) << kind << " in " << one.text;
    }
  };
  expect("person_name", one.name);
  expect("postal_address", one.address);
}

INSTANTIATE_TEST_SUITE_P(
    texts, identity,
    testing::Values(Case{"Please call Margaret Whitfield about the refund.", "Margaret Whitfield", ""},
                    Case{"my name is tom becker and my order is late", "tom becker", ""},
                    Case{"Dear Mr. Okonkwo,\nthank you for your letter.", "Okonkwo", ""},
                    Case{"Sehr geehrte Frau Schneider,\nanbei der Vertrag.", "Schneider", ""},
                    Case{"Bonjour, je suis Camille Lefebvre, de la mairie.", "Camille Lefebvre", ""},
                    Case{"Soy Alejandro Gutiérrez y llamo por mi pedido.", "Alejandro Gutiérrez", ""},
                    Case{"Il contratto di Giulia Romano scade domani.", "Giulia Romano", ""},
                    Case{"Wczoraj Katarzyna Wiśniewska podpisała umowę.", "Katarzyna Wiśniewska", ""},
                    Case{"Меня зовут Ольга Смирнова, я живу в Казани.", "Ольга Смирнова", ""},
                    Case{R"({"customer": {"name": "Henrik Johansson", "tier": 2}})", "Henrik Johansson", ""},
                    Case{"Ship it to 4821 Maple Avenue, Springfield, IL 62704 please.", "",
                         "4821 Maple Avenue, Springfield, IL 62704"},
                    Case{"Wir wohnen in der Lindenstraße 12, 10969 Berlin.", "", "Lindenstraße 12, 10969 Berlin"},
                    Case{"What is the capital of Australia?", "", ""}, Case{"May I ask what the bill will be?", "", ""},
                    Case{"Fix crash on start, add German translation.", "", ""},
                    Case{"for (int i = 0; i < 10; ++i) total += values[i];", "", ""}));

TEST(identity_guard, runs_only_where_somebody_asks) {
  const std::string_view text = "Please call Margaret Whitfield about the refund.";
  EXPECT_TRUE(found(text, "person_name", GuardSet{GuardSettings{}}).empty());
  EXPECT_EQ(asked().classify({text}), class_identity);
  GuardSettings off;
  off.identity = true;
  off.off = {"identity"};
  EXPECT_TRUE(found(text, "person_name", GuardSet{off}).empty());
}

TEST(identity_guard, finds_a_name_wherever_it_stands) {
  for (std::size_t before = 0; before < 3000; before += 97) {
    std::string text;
    while (text.size() < before) text += "The water rose and the gate was shut. ";
    text += "Please call Margaret Whitfield about the refund. ";
    while (text.size() < before + 1500) text += "The water rose and the gate was shut. ";
    EXPECT_EQ(found(text, "person_name"), std::vector<std::string>{"Margaret Whitfield"}) << before;
  }
}

TEST(identity_guard, reads_a_part_at_a_time_what_it_reads_at_once) {
  std::string text;
  for (int i = 0; i < 60; ++i)
    text += "The gate was shut. Please call Margaret Whitfield of 4821 Maple Avenue, Springfield. ";
  GuardSet::Reading reading(asked(), {text});
  reading.locate();
  while (!reading.advance(100)) {
  }
  EXPECT_EQ(reading.classes(), asked().classify({text}));
  EXPECT_EQ(reading.located().size(), 2U);
}

TEST(identity_guard, reads_behind_escapes) {
  const auto classes = asked().classify({R"({"name": "Margaret W\u0068itfield"})", "x"});
  EXPECT_NE(classes & class_identity, 0U);
  const auto findings = asked().inspect(R"(mail from J\u00f6rg M\u00fcller arrived)");
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].begin, 10U);
  EXPECT_EQ(findings[0].end, 31U);
}

TEST(identity_guard, knows_exceptions_and_confidence) {
  GuardSettings settings;
  settings.identity = true;
  settings.exceptions = {{.kind = "person_name", .value = "Margaret Whitfield"}};
  const GuardSet guards(settings);
  EXPECT_TRUE(found("Please call Margaret Whitfield.", "person_name", guards).empty());
  EXPECT_FALSE(found("Please call Margaret Holloway.", "person_name", guards).empty());
  const auto findings = asked().inspect("Dear Mrs. Margaret Whitfield,\nthank you.");
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].confidence, Confidence::high);
}

TEST(identity_guard, takes_any_bytes_in_linear_time) {
  std::string capitals;
  for (int i = 0; capitals.size() < (1U << 20U); ++i) capitals += "Anna Schmidt " + std::string(i % 7, 'A') + ' ';
  const std::string texts[] = {std::string(1U << 20U, 'A'), std::string(1U << 20U, '\0'), std::string(100'000, '\xC3'),
                               capitals, std::string(1U << 20U, ' ')};
  for (const std::string& text : texts) {
    EXPECT_LE(asked().measure(text).calls, text.size() / 16 + 10);
  }
  std::mt19937 random(5);
  for (int i = 0; i < 300; ++i) {
    std::string text(random() % 4000, ' ');
    for (char& c : text) c = random() % 4 == 0 ? static_cast<char>(random()) : "AaBb1 .,\n-'"[random() % 11];
    for (const Finding& finding : asked().inspect(text)) EXPECT_LE(finding.end, text.size());
  }
}

// The table as its bytes say it is, and no shortcut.
struct PlainModel {
  explicit PlainModel(std::string_view bytes) {
    const auto number = [bytes](std::size_t at) {
      return static_cast<std::size_t>(static_cast<unsigned char>(bytes[at])) |
             static_cast<std::size_t>(static_cast<unsigned char>(bytes[at + 1])) << 8U |
             static_cast<std::size_t>(static_cast<unsigned char>(bytes[at + 2])) << 16U;
    };
    rows = number(16);
    table = bytes.substr(bytes.size() - rows * row_bytes);
  }
  [[nodiscard]] std::array<int, guards::IdentityModel::tags> weigh(const guards::IdentityWord* word) const {
    std::array<int, guards::IdentityModel::tags> scores{};
    for (const uint32_t hash : guards::IdentityModel::features_of(word)) {
      const std::string_view row = table.substr(guards::IdentityModel::row_of(hash, rows) * row_bytes, row_bytes);
      const unsigned mark = static_cast<unsigned char>(row[0]) | static_cast<unsigned char>(row[1]) << 8U;
      if (mark != guards::IdentityModel::mark_of(hash)) continue;
      for (std::size_t tag = 0; tag < scores.size(); ++tag) scores[tag] += static_cast<signed char>(row[2 + tag]);
    }
    return scores;
  }

  static constexpr std::size_t row_bytes = 7;
  std::size_t rows = 0;
  std::string_view table;
};

TEST(identity_model, weighs_each_word_as_the_plain_sum_of_its_features) {
  const auto model = guards::IdentityModel::read(guards::identity_data());
  ASSERT_TRUE(model);
  const PlainModel plain(guards::identity_data());
  std::mt19937 random(11);
  const std::string_view pieces[] = {"Anna",  "Müller",  "van der", "12",     "Main Street", "\n> ",
                                     "Dr.",   ",",       " and ",   "Berlin", "told",        "the",
                                     "McKay", "O'Brien", "JEAN",    "10969",  ":",           " "};
  for (int i = 0; i < 200; ++i) {
    std::string text;
    while (text.size() < 300)
      text += std::string(pieces[random() % std::size(pieces)]) + (random() % 3 == 0 ? "" : " ");
    constexpr std::size_t beside = guards::IdentityModel::beside;
    std::vector<guards::IdentityWord> words(text.size() + 2 * beside, guards::beyond_text);
    std::size_t at = 0;
    const std::size_t count =
        guards::read_identity_words(text, at, model->lexicon(), std::span(words).subspan(beside, text.size()));
    EXPECT_EQ(at, text.size());
    std::fill(words.begin() + static_cast<std::ptrdiff_t>(beside + count), words.end(), guards::beyond_text);
    for (std::size_t k = 0; k < count; ++k) {
      const auto quick = model->weigh(&words[beside + k]);
      const auto slow = plain.weigh(&words[beside + k]);
      for (std::size_t tag = 0; tag < slow.size(); ++tag) EXPECT_EQ(quick[tag], slow[tag]) << text << " " << k;
    }
  }
}

TEST(identity_words, are_the_same_however_they_are_written) {
  // Where plain letters are read eight at a time, and where accents, joints or the end of the text forbid it.
  const auto first = [](std::string_view text) {
    std::array<guards::IdentityWord, 16> words{};
    std::size_t at = 0;
    EXPECT_GT(guards::read_identity_words(text, at, {}, words), 0U);
    return words[0];
  };
  const std::string behind(80, '.');
  for (const std::string_view word :
       {"a", "Anna", "Schmidt", "Gutierrez", "Wolfeschlegelstein", "Bau1", "x86", "1234567"}) {
    const auto alone = first(word);
    const auto within = first(std::string(word) + " " + behind);
    EXPECT_EQ(alone.key, within.key) << word;
    EXPECT_EQ(alone.tail, within.tail) << word;
    EXPECT_EQ(alone.head, within.head) << word;
    EXPECT_EQ(alone.shape, within.shape) << word;
    EXPECT_EQ(alone.end, word.size());
    EXPECT_EQ(alone.key, guards::identity_key(word)) << word;
  }
  EXPECT_EQ(first("Müller").key, first("MULLER " + behind).key);
  EXPECT_EQ(first("müller").tail, first("muller " + behind).tail);
  EXPECT_EQ(first("Ångström").head, first("angstrom " + behind).head);
  EXPECT_NE(first("Anna").key, first("Anne").key);
  EXPECT_NE(first("ann").key, first("anna").key);
  EXPECT_EQ(first("Jean-Luc").shape, guards::Shape::capital);
  EXPECT_EQ(first("snake_case").shape, guards::Shape::lower);
  EXPECT_EQ(first("camelCase ").shape, guards::Shape::mixed);
  EXPECT_EQ(first("Anna's").end, 4U);
  EXPECT_EQ(first(std::string(100, 'a')).end, 48U);
}

TEST(identity_words, lines_begin_behind_the_marks_of_quotes_comments_and_lists) {
  for (const std::string_view marks : {"", "> ", ">", ">> ", "> > ", "| ", "# ", "// ", "* ", "- ", "??? ", "  "}) {
    const std::string text = "a\n" + std::string(marks) + "b";
    std::array<guards::IdentityWord, 8> words{};
    std::size_t at = 0;
    ASSERT_EQ(guards::read_identity_words(text, at, {}, words), 3U) << text;
    EXPECT_EQ(words[1].shape, guards::Shape::line);
    EXPECT_EQ(words[2].begin, text.size() - 1);
  }
  std::array<guards::IdentityWord, 8> words{};
  std::size_t at = 0;
  EXPECT_EQ(guards::read_identity_words("a\n-5", at, {}, words), 4U);  // a number, no list
}

TEST(identity_guard, finds_addresses_whole_in_quoted_mail) {
  for (const std::string_view mark : {"", "> ", ">", "// ", "| "}) {
    std::string address;
    for (const std::string_view line : {"Margaret Whitfield", "4821 Maple Avenue", "Apt. 33", "Springfield, IL 62704"})
      address += "\n" + std::string(mark) + std::string(line);
    const auto values = found("Please ship it to:" + address + "\n", "postal_address");
    ASSERT_EQ(values.size(), 1U) << mark;
    EXPECT_EQ(values[0].substr(0, 17), "4821 Maple Avenue") << mark;
    EXPECT_EQ(values[0].substr(values[0].size() - 5), "62704") << mark;
  }
}

TEST(identity_model, refuses_bytes_that_are_no_model) {
  const std::string_view bytes = guards::identity_data();
  EXPECT_TRUE(guards::IdentityModel::read(bytes));
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{7}, std::size_t{50}, std::size_t{1000}, bytes.size() - 1}) {
    EXPECT_FALSE(guards::IdentityModel::read(bytes.substr(0, size))) << size;
  }
  std::string other(bytes);
  other[7] = '9';
  EXPECT_FALSE(guards::IdentityModel::read(other));
  other = bytes;
  other[8] = '\x07';  // blocks
  EXPECT_FALSE(guards::IdentityModel::read(other));
}

}  // namespace
}  // namespace weir
