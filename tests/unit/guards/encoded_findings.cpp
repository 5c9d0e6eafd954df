// What is encoded within one text is found at the place of its run.
#include <gtest/gtest.h>

#include "core/base64.h"
#include "guards/guard.h"

namespace weir {
namespace {

std::string hex_of(std::string_view text) {
  std::string out;
  for (const char c : text) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

std::vector<std::string> found_in(std::string_view text) {
  static const GuardSet guards{GuardSettings{}};
  std::vector<std::string> out;
  for (const Finding& one : guards.inspect(text)) {
    out.push_back(fmt::format("{} {}", one.what, text.substr(one.begin, one.end - one.begin)));
  }
  return out;
}

using Found = std::vector<std::string>;

TEST(encoded_findings, what_is_encoded_is_found_at_the_place_of_its_run) {
  const std::string mail = encode_base64("john.doe@gmail.com");
  EXPECT_EQ(found_in(mail), Found{"email " + mail});
  EXPECT_EQ(found_in("mail: " + mail + ", write soon"), Found{"email " + mail});
  EXPECT_EQ(found_in("=?UTF-8?B?" + mail + "?= <x>"), Found{"email " + mail});
  const std::string twice = encode_base64("see " + encode_base64("card 4111 1111 1111 1111"));
  EXPECT_EQ(found_in("a " + twice + " b"), Found{"payment_card " + twice});
  const std::string hex = hex_of("john.doe@gmail.com");
  EXPECT_EQ(found_in("0x " + hex), Found{"email " + hex});
}

TEST(encoded_findings, a_label_before_the_run_says_what_is_in_it) {
  const std::string number = encode_base64("our one is 078051120");
  EXPECT_EQ(found_in(number), Found{});
  EXPECT_EQ(found_in("ssn: " + number), Found{"us_ssn " + number});
}

TEST(encoded_findings, a_label_alone_is_found_once) {
  const std::string text = "write to anna@example.org: " + encode_base64("nothing of anybody's");
  EXPECT_EQ(found_in(text), Found{"email anna@example.org"});
}

TEST(encoded_findings, a_text_that_begins_within_a_run_is_read_from_each_of_its_letters) {
  const std::string whole = encode_base64("all that we have of her is anna.smith@example.com, and nothing else");
  for (std::size_t cut = 0; cut < 8; ++cut) {
    const std::string rest = whole.substr(cut);
    EXPECT_EQ(found_in(rest), Found{"email " + rest}) << cut;
  }
}

TEST(encoded_findings, names_hashes_and_paths_hold_nothing) {
  for (const char* text : {"SHA256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                           "thisIsAVeryLongIdentifierInCamelCase", "/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30",
                           "integrity sha512-Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFy"}) {
    EXPECT_EQ(found_in(text), Found{}) << text;
  }
}

}  // namespace
}  // namespace weir
