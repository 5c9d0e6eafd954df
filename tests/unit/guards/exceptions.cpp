// Exceptions: what the team says is not private.
#include "guards/exceptions.h"

#include "guards/guard.h"

namespace weir {
namespace {

std::string found_with(std::vector<GuardException> exceptions, std::string_view text) {
  GuardSettings settings;
  settings.exceptions = std::move(exceptions);
  const GuardSet guards(settings);
  std::string found;
  ClassSet classes = 0;
  for (const Finding& finding : guards.inspect(text)) {
    found += fmt::format("{}[{}]", finding.what, text.substr(finding.begin, finding.end - finding.begin));
    classes |= finding.classes;
  }
  EXPECT_EQ(guards.classify({text}), classes) << text;
  return found;
}

TEST(exceptions, of_a_mail_domain_hold_for_it_and_what_is_below) {
  const std::vector<GuardException> acme = {{.kind = "email", .domain = "acme.io"}};
  EXPECT_EQ(found_with(acme, "help@acme.io and Help@Mail.ACME.io"), "");
  EXPECT_EQ(found_with(acme, "anna@notacme.io"), "email[anna@notacme.io]");
  EXPECT_EQ(found_with(acme, "anna@acme.io.evil.org"), "email[anna@acme.io.evil.org]");
  EXPECT_EQ(found_with({{.kind = "email", .domain = "*.acme.io"}}, "anna@mail.acme.io"), "");
}

TEST(exceptions, of_a_value_hold_however_it_is_written) {
  const std::vector<GuardException> card = {{.kind = "payment_card", .value = "4111 1111 1111 1111"}};
  EXPECT_EQ(found_with(card, "4111111111111111, 4111-1111-1111-1111"), "");
  EXPECT_EQ(found_with(card, "5555555555554444"), "payment_card[5555555555554444]");
  EXPECT_EQ(found_with({{.kind = "email", .value = "Help@acme.io"}}, "help@acme.io help2@acme.io"),
            "email[help2@acme.io]");
  EXPECT_EQ(found_with({{.kind = "payment_card", .value = "4111 1111 1111 1111"}}, "\\u0034111111111111111"), "");
}

TEST(exceptions, of_a_network_hold_for_its_addresses) {
  const std::vector<GuardException> ours = {{.kind = "ip_address", .value = "10.20.0.0/16"}};
  EXPECT_EQ(found_with(ours, "host 10.20.255.3"), "");
  EXPECT_EQ(found_with(ours, "host 10.21.0.3"), "ipv4[10.21.0.3]");
  EXPECT_EQ(found_with({{.kind = "ipv4", .value = "10.21.0.3"}}, "host 10.21.0.3, host 10.21.0.31"),
            "ipv4[10.21.0.31]");
}

TEST(exceptions, of_a_kind_hold_for_all_of_it_and_nothing_else) {
  EXPECT_EQ(found_with({{.kind = "ipv4"}}, "host 10.21.0.3 anna@posteo.de"), "email[anna@posteo.de]");
  EXPECT_EQ(found_with({{.kind = "birth_date"}}, "DOB: 12/03/1985, passport C01X00T47"),
            "identity_document[C01X00T47]");
}

TEST(exceptions, networks_are_told_from_values) {
  EXPECT_TRUE(guards::Exceptions::is_network("10.0.0.0/8"));
  for (const char* text :
       {"10.0.0.1", "10.0.0.0/33", "10.0.0.0/0", "10.0.0/8", "a/8", "", "256.0.0.0/8", "10.0.0.0/8x"}) {
    EXPECT_FALSE(guards::Exceptions::is_network(text)) << text;
  }
}

}  // namespace
}  // namespace weir
