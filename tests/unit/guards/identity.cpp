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
