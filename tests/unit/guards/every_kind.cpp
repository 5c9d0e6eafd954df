// A positive case of every national id, of every id with letters and of every kind of key: what has none here fails.
#include <set>

#include "guards/guard.h"

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
};

// Put together here, so that no scanner of repositories takes this file for a leak.
constexpr std::string_view mixed =
    "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4y5Z6a7B8c9D0e1F2g3H4i5J6k7L8m9N0o1P2q3R4s5T6";
constexpr std::string_view hexadecimal = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

struct Key {
  std::string_view what;
  std::string_view mark;
  std::size_t size;  // of what follows
  std::string_view body = mixed;
};

constexpr Key keys[] = {
    {"anthropic_key", "sk-ant-api03-", 40},
    {"openai_key", "sk-proj-", 40},
    {"openai_key", "sk-svcacct-", 40},
    {"openai_key", "sk-admin-", 40},
    {"openrouter_key", "sk-or-v1-", 64, hexadecimal},
    {"api_key", "sk-", 48},
    {"groq_key", "gsk_", 52},
    {"xai_key", "xai-", 80},
    {"perplexity_key", "pplx-", 48},
    {"replicate_key", "r8_", 37},
    {"huggingface_token", "hf_", 34},
    {"together_key", "tgp_v1_", 43},
    {"fireworks_key", "fw_", 24},
    {"google_key", "AIza", 35},
    {"google_token", "ya29.", 60},
    {"google_secret", "GOCSPX-", 28},
    {"aws_access_key", "AKIA", 16, "IOSFODNN7EXAMPLE"},
    {"aws_access_key", "ASIA", 16, "IOSFODNN7EXAMPLE"},
    {"github_token", "ghp_", 36},
    {"github_token", "github_pat_", 60},
    {"gitlab_token", "glpat-", 20},
    {"slack_token", "xoxb-", 40},
    {"slack_token", "xapp-", 40},
    {"stripe_key", "sk_live_", 24},
    {"stripe_secret", "whsec_", 32},
    {"square_token", "sq0atp-", 22},
    {"square_secret", "sq0csp-", 43},
    {"shopify_token", "shpat_", 32, hexadecimal},
    {"shopify_secret", "shpss_", 32, hexadecimal},
    {"npm_token", "npm_", 36},
    {"pypi_token", "pypi-", 80},
    {"docker_token", "dckr_pat_", 27},
    {"sendgrid_key", "SG.", 66},
    {"twilio_key", "SK", 32, hexadecimal},
    {"mailgun_key", "key-", 32, hexadecimal},
    {"digitalocean_token", "dop_v1_", 64, hexadecimal},
    {"vault_token", "hvs.", 24},
    {"grafana_token", "glsa_", 41},
    {"linear_key", "lin_api_", 40},
    {"notion_token", "ntn_", 46},
    {"notion_token", "secret_", 43},
    {"figma_token", "figd_", 40},
    {"postman_key", "PMAK-", 59},
    {"sentry_token", "sntrys_", 60},
    {"atlassian_token", "ATATT3", 80},
    {"sas_signature", "sig=", 46},
    {"wallet_key", "xprv", 92},
    {"jwt", "eyJ", 60, "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"},
    {"slack_webhook", "https://hooks.slack.com/services/", 30},
    {"discord_webhook", "https://discord.com/api/webhooks/", 30},
    {"telegram_token", "110201543:AAH", 32},
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

TEST(every_kind, of_key_is_found) {
  std::set<std::string_view> seen;
  for (const Key& key : keys) {
    const std::string value = std::string(key.mark) + std::string(key.body.substr(0, key.size));
    for (const std::string& text : {value, "use " + value + " for it", "KEY=\"" + value + "\"", "\\n" + value}) {
      EXPECT_TRUE(finds(text, key.what)) << key.what << " " << text << ", found:" << found_in(text);
    }
    seen.insert(key.what);
  }
  EXPECT_EQ(seen, kinds_of_guard("api_key"));
}

TEST(every_kind, of_key_that_is_too_short_is_none) {
  for (const Key& key : keys) {
    if (key.what == "slack_webhook" || key.what == "discord_webhook") continue;
    const std::string value = std::string(key.mark) + std::string(key.body.substr(0, 5));
    EXPECT_FALSE(finds(value, key.what)) << value;
  }
}

}  // namespace
}  // namespace weir
