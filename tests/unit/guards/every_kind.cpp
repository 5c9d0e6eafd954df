// A positive case of every national id, of every id with letters and of every kind of key: what has none here fails.
#include <random>
#include <set>

#include "guards/guard.h"
#include "guards/key_marks.h"
#include "support/random_keys.h"

namespace weir {
namespace {

struct Sample {
  std::string_view what;
  std::string_view value;
  std::string_view text;  // "" = the value alone
};

constexpr Sample national_ids[] = {
    {"us_ssn", "536-90-4399", ""},
    {"ca_sin", "130 692 544", "SIN 130 692 544"},
    {"nl_bsn", "111222333", "BSN 111222333"},
    {"pt_nif", "123456789", "NIF 123456789"},
    {"il_identity", "123456782", "teudat zehut 123456782"},
    {"au_tfn", "123 456 782", "TFN 123 456 782"},
    {"dk_cpr", "010203-1234", ""},
    {"se_personnummer", "811218-9876", ""},
    {"at_svnr", "1237 010180", "SVNR 1237 010180"},
    {"bg_egn", "7523169263", "ЕГН: EGN 7523169263"},
    {"cz_birth_number", "736028/5163", ""},
    {"uk_nhs", "943 476 5919", "NHS 943 476 5919"},
    {"au_medicare", "2123 45670 1", "Medicare 2123 45670 1"},
    {"pl_pesel", "44051401359", ""},
    {"de_tax_id", "86095742719", ""},
    {"no_birth_number", "01010750160", ""},
    {"be_national_number", "85.07.30-033.28", ""},
    {"gr_amka", "01011900022", "AMKA 01011900022"},
    {"hr_oib", "33392005961", "OIB 33392005961"},
    {"tr_identity", "10000000146", ""},
    {"br_cpf", "529.982.247-25", ""},
    {"ar_cuil", "20-12345678-6", ""},
    {"ee_lt_code", "37605030299", ""},
    {"in_aadhaar", "2341 2341 2346", ""},
    {"jp_my_number", "1234 5678 9018", "マイナンバー 1234 5678 9018"},
    {"my_identity", "850101-14-5678", ""},
    {"ch_ahv", "756.9217.0769.85", ""},
    {"ro_cnp", "1800101221144", ""},
    {"za_identity", "8202205111085", ""},
    {"kr_resident", "850101-1234567", ""},
    {"th_identity", "1-2345-67890-12-1", ""},
    {"fr_nir", "1 55 08 13 631 025 96", ""},
    {"cn_identity", "110105194912310038", ""},
    {"br_cnpj", "11.222.333/0001-81", ""},
    {"pl_nip", "123-456-32-18", "NIP 123-456-32-18"},
    {"au_abn", "51 824 753 556", "ABN 51 824 753 556"},
};

constexpr Sample lettered_ids[] = {
    {"uk_nino", "AB123456C", ""},
    {"es_dni", "12345678Z", ""},
    {"es_nie", "X1234567L", ""},
    {"it_codice_fiscale", "RSSMRA85T10A562S", ""},
    {"fi_hetu", "131052-308T", ""},
    {"in_pan", "ABCPE1234F", ""},
    {"sg_nric", "S1234567D", ""},
    {"tw_identity", "A123456789", ""},
    {"mx_curp", "GOMC850312HDFRRL09", ""},
    {"ie_pps", "1234567T", "PPS 1234567T"},
    {"cn_identity", "11010519491231002X", ""},
    {"cl_rut", "12.345.678-5", ""},
    {"uk_driving_licence", "MORGA657054SM9IJ", ""},
};

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

std::set<std::string_view> kinds_of_guard(std::string_view name) {
  for (const GuardInfo& info : guard_infos()) {
    if (info.name == name) return {info.kinds.begin(), info.kinds.end()};
  }
  return {};
}

// Longer numbers may be another country's too: what counts is that a guard of ids finds them.
void expect_all(std::span<const Sample> samples, std::string_view guard) {
  std::set<std::string_view> seen;
  for (const Sample& sample : samples) {
    const std::string_view text = sample.text.empty() ? sample.value : sample.text;
    EXPECT_TRUE(finds(text, sample.what)) << text << " should be " << sample.what << ", found:" << found_in(text);
    seen.insert(sample.what);
  }
  EXPECT_EQ(seen, kinds_of_guard(guard));
}

TEST(every_kind, of_national_id_is_found) { expect_all(national_ids, "national_id"); }

TEST(every_kind, of_id_with_letters_is_found) { expect_all(lettered_ids, "lettered_id"); }

// One digit changed is no id any more, where ids have check digits, or one that the guards are not sure of where the
// word before names it.
TEST(every_kind, of_national_id_with_check_digits_wants_them_right) {
  for (const std::string_view text : {"130 692 545", "111222334", "10000000147", "37605030298", "33392005962"}) {
    EXPECT_EQ(found_in(text), "") << text;
  }
  for (const std::string_view text :
       {"SIN 130 692 545", "BSN 111222334", "NIF 123456788", "TFN 123 456 783", "SVNR 1238 010180", "EGN 7523169264",
        "OIB 33392005962", "card number 4111 1111 1111 1112", "IBAN DE88370400440532013000", "DNI 12345678A"}) {
    const auto findings = all_guards().inspect(text);
    ASSERT_EQ(findings.size(), 1U) << text;
    EXPECT_EQ(findings[0].confidence, Confidence::low) << text;
  }
}

TEST(every_kind, of_key_is_found_whole) {
  std::set<std::string_view> seen;
  uint32_t seed = 1;
  for (const guards::KeyMark& mark : guards::key_marks()) {
    const std::string value = std::string(mark.prefix) + body_of(mark, mark.least, ++seed);
    for (const std::string_view before : {"", "use ", "KEY=\"", "\\n"}) {
      const std::string_view after = before == "KEY=\"" ? "\"" : before == "use " ? " for it" : "";
      const std::string text = fmt::format("{}{}{}", before, value, after);
      const auto findings = all_guards().inspect(text);
      const bool whole = std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
        return finding.what == mark.what && finding.begin <= before.size() &&
               finding.end >= before.size() + value.size();
      });
      EXPECT_TRUE(whole) << mark.what << " " << text << ", found:" << found_in(text);
    }
    seen.insert(mark.what);
  }
  const std::string discord = "MTIzNDU2Nzg5MDEyMzQ1Njc4." + random_of(letters, 6, 1) + "." + random_of(letters, 27, 2);
  EXPECT_TRUE(finds("token " + discord, "discord_token")) << found_in(discord);
  const std::string azure = "abc8Q~" + random_of(letters, 34, 3);
  EXPECT_TRUE(finds("secret " + azure, "azure_secret")) << found_in(azure);
  EXPECT_TRUE(finds("bot110201543 110201543:AAH" + random_of(letters, 32, 4), "telegram_token"));
  const std::string maxmind = random_of(letters, 6, 5) + "_" + random_of(letters_and_digits, 29, 6) + "_mmk";
  EXPECT_TRUE(finds("licence " + maxmind, "maxmind_key")) << found_in(maxmind);
  seen.insert({"discord_token", "azure_secret", "telegram_token", "maxmind_key"});
  EXPECT_EQ(seen, kinds_of_guard("api_key"));
}

// Of 200 random keys of each kind at most two may look like something else, also of letters alone, where the issuer's
// alphabet may give such.
TEST(every_kind, of_key_is_found_however_random_it_is) {
  constexpr uint32_t keys = 200;
  for (const guards::KeyMark& mark : guards::key_marks()) {
    const bool small = mark.body == guards::Body::base36;
    const std::string_view alone = small ? small_letters : letters;
    const bool of_letters = alphabet_of(mark.body) == letters_and_digits || small;
    for (const bool only_letters : {false, true}) {
      if (only_letters && (!of_letters || of_its_own_form(mark))) continue;
      std::size_t found = 0;
      std::string missed;
      for (uint32_t seed = 0; seed < keys; ++seed) {
        const std::string body = only_letters ? random_of(alone, mark.least, seed) : body_of(mark, mark.least, seed);
        const std::string value = std::string(mark.prefix) + body;
        const bool whole = finds(value, mark.what);
        found += whole ? 1 : 0;
        if (!whole) missed = value;
      }
      EXPECT_GE(found, keys * 99 / 100) << mark.what << " " << missed;
    }
  }
}

TEST(every_kind, of_key_that_is_too_short_is_none) {
  for (const guards::KeyMark& mark : guards::key_marks()) {
    if (mark.body == guards::Body::path || of_its_own_form(mark)) continue;
    const std::string value = std::string(mark.prefix) + random_of(alphabet_of(mark.body), 5, 7);
    EXPECT_FALSE(finds(value, mark.what)) << value;
  }
}

TEST(every_kind, of_mark_before_words_is_no_key) {
  for (const guards::KeyMark& mark : guards::key_marks()) {
    if (mark.look == guards::Look::any) continue;
    const std::string value = std::string(mark.prefix) + "configuration_of_the_model_selection_for_every_environment_2";
    EXPECT_FALSE(finds(value, mark.what)) << value;
  }
}

std::size_t last_end(std::string_view text) {
  std::size_t end = 0;
  for (const Finding& finding : all_guards().inspect(text)) end = std::max(end, finding.end);
  return end;
}

TEST(every_kind, of_long_secret_is_covered_to_its_end) {
  const std::string body = random_of(letters, 3000, 3);
  const std::string head = fmt::format("-----BEGIN RSA PRIVATE {}-----\n", "KEY");
  const std::string values[] = {
      fmt::format("Bearer eyJhbGciOiJIUzI1NiJ9.eyJ{}.{}", body, random_of(letters, 300, 2)),
      fmt::format("key:\n{}{}\n-----END RSA PRIVATE KEY-----", head, body),
      fmt::format("key:\n{}{}", head, body),
      fmt::format("client_secret: \"{}", random_of(letters_and_digits, 3000, 4)),
  };
  for (const std::string& value : values) {
    EXPECT_EQ(last_end(value + "\n\nThat was it."), value.size()) << value.substr(0, 40);
    EXPECT_EQ(last_end(value + "\" and more"), value.size()) << value.substr(0, 40);
  }
}

}  // namespace
}  // namespace weir
