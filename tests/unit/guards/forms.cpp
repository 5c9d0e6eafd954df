// The forms in which people write values: broken over lines, in digits of any script, with characters nobody sees, in
// the files and commands where credentials stand.
#include "guards/guard.h"

namespace weir {
namespace {

const GuardSet& all_guards() {
  static const GuardSet guards{GuardSettings{}};
  return guards;
}

std::string found_in(std::string_view text) {
  std::string seen;
  for (const Finding& finding : all_guards().inspect(text)) seen += fmt::format(" {}", finding.what);
  return seen;
}

bool finds(std::string_view text, std::string_view what) {
  const auto findings = all_guards().inspect(text);
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) { return finding.what == what; });
}

TEST(forms, numbers_go_on_in_the_next_line) {
  struct Broken {
    std::string_view what, first, second;
  };
  constexpr Broken numbers[] = {
      {"payment_card", "My card is 4111 1111", "1111 1111, thanks"},
      {"payment_card", "pay with 4111 1111 11", "11 1111"},
      {"payment_card", "4111-1111-", "1111-1111"},
      {"payment_card", "my card: 41111111", "11111111"},
      {"us_ssn", "SSN 536-90-", "4399"},
      {"us_ssn", "SSN 536-90", "-4399"},
      {"us_ssn", "my SSN is 536 90", "4399"},
      {"iban", "an DE89 3704 0044", "0532 0130 00 bitte"},
      {"phone", "call me at +1 415 555", "2671"},
      {"phone", "my phone is 415 555", "2671."},
      {"in_aadhaar", "aadhaar 2341 2341", "2346"},
      {"uk_nhs", "NHS number 943 476", "5919"},
  };
  for (const Broken& one : numbers) {
    for (const std::string_view between :
         {"\n", "\r\n", "\n  ", "\n> ", "\n>> ", "\n# ", "\n// ", "\n * ", " \n", "\\n"}) {
      const std::string text = fmt::format("{}{}{}", one.first, between, one.second);
      EXPECT_TRUE(finds(text, one.what)) << text << "\nfound:" << found_in(text);
    }
  }
}

TEST(forms, numbers_in_lists_and_tables_are_not_joined) {
  for (const std::string_view text :
       {"240\n360\n1080", "415\n555\n2671\n3120", "4111 1111\n1111 1111\n2222 3333\n4444 5555",
        "12345678\n23456789\n34567890\n45678901", "- 4111\n- 1111\n- 1111\n- 1111", "a,4111,1111\n1111,1111,b",
        "page 12\n345 words", "in 2024\n2025 begins"}) {
    EXPECT_EQ(found_in(text), "") << text;
  }
}

std::string in_script(std::string_view text, char32_t zero) {
  std::string out;
  for (const char c : text) {
    if (c < '0' || c > '9') {
      out += c;
      continue;
    }
    const char32_t value = zero + static_cast<char32_t>(c - '0');
    if (value < 0x800) {
      out += static_cast<char>(0xC0 | (value >> 6U));
    } else if (value < 0x10000) {
      out += static_cast<char>(0xE0 | (value >> 12U));
      out += static_cast<char>(0x80 | ((value >> 6U) & 0x3FU));
    } else {
      out += static_cast<char>(0xF0 | (value >> 18U));
      out += static_cast<char>(0x80 | ((value >> 12U) & 0x3FU));
      out += static_cast<char>(0x80 | ((value >> 6U) & 0x3FU));
    }
    out += static_cast<char>(0x80 | (value & 0x3FU));
  }
  return out;
}

TEST(forms, digits_of_any_script_are_digits) {
  constexpr char32_t zeros[] = {0x660,   0x6F0,   0x7C0,   0x966,   0x9E6,   0xA66,   0xAE6,   0xB66,   0xBE6,
                                0xC66,   0xCE6,   0xD66,   0xDE6,   0xE50,   0xED0,   0xF20,   0x1040,  0x17E0,
                                0x1810,  0x1946,  0x19D0,  0x1A80,  0x1B50,  0x1BB0,  0x1C40,  0x1C50,  0xA620,
                                0xA8D0,  0xA900,  0xA9D0,  0xAA50,  0xABF0,  0xFF10,  0x104A0, 0x10D30, 0x11066,
                                0x110F0, 0x11136, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E950, 0x1FBF0};
  for (const char32_t zero : zeros) {
    for (const auto& [text, what] :
         {std::pair{"my card 4111 1111 1111 1111", "payment_card"}, std::pair{"4111111111111111", "payment_card"},
          std::pair{"SSN 536-90-4399", "us_ssn"}, std::pair{"date of birth: 12/03/1985", "birth_date"},
          std::pair{"DE89 3704 0044 0532 0130 00", "iban"}, std::pair{"my phone is 467 3395", "phone"},
          std::pair{"X1234567L", "es_nie"}, std::pair{"account number 12345678", "bank_account"}}) {
      const std::string written = in_script(text, zero);
      EXPECT_TRUE(finds(written, what)) << written << " found:" << found_in(written);
    }
  }
}

TEST(forms, characters_that_nobody_sees_hide_nothing) {
  constexpr std::string_view hidden[] = {"\u00AD",      "\u034F",
                                         "\u061C",      "\u115F",
                                         "\u180E",      "\u200B",
                                         "\u200C",      "\u200D",
                                         "\u200F",      "\u202E",
                                         "\u2060",      "\u2066",
                                         "\u2069",      "\u3164",
                                         "\uFE00",      "\uFE0F",
                                         "\uFEFF",      "\uFFA0",
                                         "\U000E0001",  "\U000E0041",
                                         "\U000E0100",  "\u200B\u200B\u200B",
                                         "\uFE0F\u20E3"};
  struct Value {
    std::string_view what, text;
  };
  // Put together here, so that no scanner of repositories takes this file for a leak.
  constexpr std::string_view key =
      "sk-proj-"
      "a1B2c3D4e5F6g7H8i9J0k1L2";
  constexpr Value values[] = {{"payment_card", "4111111111111111"},
                              {"us_ssn", "536-90-4399"},
                              {"email", "anna.berg@posteo.de"},
                              {"iban", "DE89370400440532013000"},
                              {"openai_key", key},
                              {"es_nie", "X1234567L"},
                              {"ipv4", "81.2.69.142"},
                              {"phone", "+49 30 90182000"}};
  for (const std::string_view between : hidden) {
    for (const Value& value : values) {
      for (const std::size_t place : {std::size_t{4}, std::size_t{7}}) {
        const std::string text =
            fmt::format("see {}{}{} there", value.text.substr(0, place), between, value.text.substr(place));
        EXPECT_TRUE(finds(text, value.what)) << text << " found:" << found_in(text);
      }
      std::string all = "see ";
      for (const char c : value.text) all += std::string(1, c) + std::string(between);
      EXPECT_TRUE(finds(all, value.what)) << all << " found:" << found_in(all);
    }
  }
}

TEST(forms, emoji_and_scripts_that_need_joiners_are_left_alone) {
  for (const std::string_view text : {"✔️ done, ⚠️ careful, 👩‍💻 at work", "می‌خواهم",
                                      "1️⃣ first 2️⃣ second", "❤️", "ａｂｃ"}) {
    EXPECT_EQ(found_in(text), "") << text;
  }
}

struct Written {
  std::string_view what;
  std::string_view text;
};

constexpr Written written[] = {
    {"email", "anna.berg@posteo.de2"},
    {"email", "anna.berg@posteo.de12 and more"},
    {"iban", "DE89.3704.0044.0532.0130.00"},
    {"iban", "GB29.NWBK.6016.1331.9268.19"},
    {"machine_readable_zone",
     "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"},
    {"machine_readable_zone",
     "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"},
    {"machine_readable_zone", "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"},
    {"machine_readable_zone", "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6"},
    {"payment_card", "%B4111111111111111^BERG/ANNA^2512101000000000000?"},
    {"payment_card", ";4111111111111111=25121010000000000000?"},
    {"login_credentials", "curl -u anna:s3cr3t! https://api.acme.io/v1"},
    {"login_credentials", "curl -X POST \\\n  -H 'Accept: */*' \\\n  --user 'anna:correct horse' https://api.acme.io"},
    {"login_credentials", "curl -uanna:s3cr3t! https://api.acme.io/v1"},
    {"login_credentials", "db.acme.io:5432:orders:anna:s3cr3tpw"},
    {"login_credentials", "*:*:*:anna:s3cr3tpw"},
    {"login_credentials", "# pgpass\n10.1.2.3:5432:orders:anna:correcthorse\n"},
    {"login_credentials", "machine ftp.acme.io login anna password s3cr3tpw"},
    {"login_credentials", "machine ftp.acme.io\n  login anna\n  password correcthorse\n"},
    {"login_credentials", "CREATE USER anna IDENTIFIED BY 'correcthorse';"},
    {"login_credentials", "ALTER USER 'anna'@'%' IDENTIFIED WITH mysql_native_password BY 'correcthorse'"},
    {"login_credentials", "CREATE ROLE anna LOGIN PASSWORD 'correcthorse';"},
    {"login_credentials", "SET PASSWORD FOR 'anna' = PASSWORD('correcthorse')"},
    {"login_credentials", "sshpass -p correcthorse ssh anna@host"},
    {"login_credentials", "tool --password s3cr3tpw --verbose"},
    {"sas_signature",
     "https://a.blob.core.windows.net/c/b?sv=2022&se=2026-01-01&sig=Z%2FRHIX5Xcg0Mq2rqI3OlWTjEg2tYkboXr1P9ZUXDtkk%3D"},
    {"seed_phrase", "legal winner thank year wave sausage worth useful legal winner thank yellow"},
    {"seed_phrase",
     "my seed phrase is: letter advice cage absurd amount doctor acoustic avoid letter advice cage above"},
    {"seed_phrase",
     "1. abandon 2. ability 3. able 4. about 5. above 6. absent 7. absorb 8. abstract 9. absurd 10. abuse 11. access "
     "12. accident"},
    {"seed_phrase", "abandon\nability\nable\nabout\nabove\nabsent\nabsorb\nabstract\nabsurd\nabuse\naccess\naccident"},
    {"wallet_key", "metamask private key 4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"},
    {"secret", "my wallet's secret is 0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"},
    {"session_cookie", "Cookie: theme=dark; sessionid=38afes7a8x9q2kd81m"},
    {"session_cookie", "Set-Cookie: connect.sid=s%3AhK2q9vX1lm3n4; Path=/; HttpOnly"},
    {"token", "curl -H 'Cookie: auth_token=abcdef0123456789' https://acme.io"},
    {"session_cookie", R"({"Cookie": "PHPSESSID=298zf09hf012fh2"})"},
    {"session_cookie", "?PHPSESSID=298zf09hf012fh2"},
    {"password", R"({"name": "DB_PASSWORD", "value": "correcthorse"})"},
};

TEST(forms, values_in_files_commands_and_documents_are_found) {
  for (const Written& one : written)
    EXPECT_TRUE(finds(one.text, one.what)) << one.text << "\nfound:" << found_in(one.text);
}

TEST(forms, placeholders_in_such_places_are_not) {
  for (const std::string_view text :
       {"curl -u user:password https://example.com", "curl -u $USER:$PASS https://example.com",
        "curl -s https://example.com/a:b", "machine learning login page password field",
        "CREATE USER anna IDENTIFIED BY '$PASSWORD'", "identified by 12 experts", "src/a.cpp:1234:56: error: no",
        "12:34:56:78:90", "sig=short", "Cookie: theme=dark; lang=en", "cookies: delicious",
        "transaction hash 0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318",
        "sha256 of the wallet app: 4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318",
        "I was able to access the abstract about absurd art above", "L898902C36UTO7408122F1204158ZE184226B<<<<<10"}) {
    EXPECT_EQ(found_in(text), "") << text;
  }
}

}  // namespace
}  // namespace weir
