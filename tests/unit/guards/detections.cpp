// What must be found, by hand: a text, the value in it, and what the guards call it.
#include "guards/guard.h"

namespace weir {
namespace {

struct Case {
  std::string_view what;
  std::string_view value;  // as it stands in the text
  std::string_view text;
};

class detections : public testing::TestWithParam<Case> {};

TEST_P(detections, value_is_found_where_it_stands) {
  static const GuardSet guards{GuardSettings{}};
  const Case& one = GetParam();
  const std::size_t begin = one.text.find(one.value);
  ASSERT_NE(begin, std::string_view::npos);
  const auto findings = guards.inspect(one.text);
  std::string seen;
  bool found = false;
  for (const Finding& finding : findings) {
    seen += fmt::format(" {}:[{}]", finding.what, one.text.substr(finding.begin, finding.end - finding.begin));
    const std::size_t end = begin + one.value.size();
    const bool covers = finding.begin < end && finding.end > begin &&
                        2 * (std::min(finding.end, end) - std::max(finding.begin, begin)) >= one.value.size();
    found = found || (finding.what == one.what && covers);
  }
  EXPECT_TRUE(found) << one.text << "\nfound:" << seen;
}

// Keys are put together here, so that no scanner of repositories takes this file for a leak.
constexpr Case emails[] = {
    {"email", "anna.berg@example.com", "Write to anna.berg@example.com, please."},
    {"email", "o'neil+x@mail.example.co.uk", "cc: <o'neil+x@mail.example.co.uk>"},
    {"email", "jörg@müller.de", "jörg@müller.de"},
    {"email", "用户@例子.公司", "邮箱 用户@例子.公司"},
    {"email", "john\\u0040example.com", R"({"to": "john\u0040example.com"})"},
    {"email", "john%40example.com", "https://example.org/?u=john%40example.com&x=1"},
    {"email", "john&#64;example.com", "john&#64;example.com"},
    {"email", "john@example.com", R"({\"text\":\"\njohn@example.com\"})"},
    {"email", "john＠example.com", "john＠example.com"},
    {"email", "john at example dot com", "reach me: john at example dot com thanks"},
    {"email", "john[at]example.com", "john[at]example.com"},
    {"email", "john (at) example.com", "john (at) example.com"},
    {"email", "\"john smith\"@example.com", "\"john smith\"@example.com"},
    {"email", "john (at) example [dot] org", "john (at) example [dot] org"},
};

constexpr Case cards[] = {
    {"payment_card", "4111 1111 1111 1111", "4111 1111 1111 1111"},
    {"payment_card", "4111-1111-1111-1111", "pay with 4111-1111-1111-1111 12/27"},
    {"payment_card", "5555555555554444", "5555555555554444"},
    {"payment_card", "378282246310005", "amex 378282246310005."},
    {"payment_card", "3782 822463 10005", "3782 822463 10005"},
    {"payment_card", "6011111111111117", "John,6011111111111117,12/27,123"},
    {"payment_card", "30569309025904", "30569309025904"},
    {"payment_card", "4222222222222", "my old card 4222222222222"},
    {"payment_card", "４１１１１１１１１１１１１１１１", "４１１１１１１１１１１１１１１１"},
    {"payment_card",
     "4111\xE2\x80\x8B"
     "1111\xE2\x80\x8B"
     "1111\xE2\x80\x8B"
     "1111",
     "4111\xE2\x80\x8B"
     "1111\xE2\x80\x8B"
     "1111\xE2\x80\x8B"
     "1111"},
    {"payment_card",
     "4111\xC2\xA0"
     "1111\xC2\xA0"
     "1111\xC2\xA0"
     "1111",
     "4111\xC2\xA0"
     "1111\xC2\xA0"
     "1111\xC2\xA0"
     "1111"},
    {"payment_card", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"},
    {"payment_card", "4111%201111%201111%201111", "card=4111%201111%201111%201111"},
    {"payment_card", "٤١١١١١١١١١١١١١١١", "٤١١١١١١١١١١١١١١١"},
};

constexpr Case accounts[] = {
    {"iban", "DE89370400440532013000", "DE89370400440532013000"},
    {"iban", "DE89 3704 0044 0532 0130 00", "Bitte auf DE89 3704 0044 0532 0130 00 überweisen"},
    {"iban", "gb29nwbk60161331926819", "gb29nwbk60161331926819"},
    {"iban", "FR14 2004 1010 0505 0001 3M02 606", "FR14 2004 1010 0505 0001 3M02 606"},
    {"iban", "NO9386011117947", "IBAN:NO9386011117947"},
    {"bank_account", "12345678", "account number: 12345678, sort code 12-34-56"},
    {"bank_account", "12-34-56", "account number: 12345678, sort code 12-34-56"},
    {"routing_number", "021000021", "My routing number is 021000021"},
};

constexpr Case ids[] = {
    {"us_ssn", "536-90-4399", "536-90-4399"},
    {"us_ssn", "536904399", "SSN 536904399"},
    {"us_ssn", "536 90 4399", "social 536 90 4399"},
    {"uk_nino", "AB123456C", "NI number AB123456C"},
    {"uk_nino", "AB 12 34 56 C", "AB 12 34 56 C"},
    {"de_tax_id", "86095742719", "Steuer-ID 86095742719"},
    {"de_tax_id", "86 095 742 719", "86 095 742 719"},
    {"fr_nir", "1 55 08 13 631 025 96", "NIR 1 55 08 13 631 025 96"},
    {"es_dni", "12345678Z", "DNI 12345678Z"},
    {"es_nie", "X1234567L", "NIE: X1234567L"},
    {"it_codice_fiscale", "RSSMRA85T10A562S", "codice fiscale RSSMRA85T10A562S"},
    {"nl_bsn", "111222333", "BSN 111222333"},
    {"pl_pesel", "44051401359", "PESEL: 44051401359"},
    {"fi_hetu", "131052-308T", "131052-308T"},
    {"se_personnummer", "811218-9876", "811218-9876"},
    {"no_birth_number", "01010750160", "01010750160"},
    {"br_cpf", "529.982.247-25", "CPF 529.982.247-25"},
    {"in_aadhaar", "2341 2341 2346", "2341 2341 2346"},
    {"in_pan", "ABCPE1234F", "PAN ABCPE1234F"},
    {"ch_ahv", "756.9217.0769.85", "756.9217.0769.85"},
    {"cn_identity", "11010519491231002X", "11010519491231002X"},
    {"sg_nric", "S1234567D", "S1234567D"},
    {"cl_rut", "12.345.678-5", "RUT 12.345.678-5"},
    {"be_national_number", "85.07.30-033.28", "85.07.30-033.28"},
    {"za_identity", "8202205111085", "8202205111085"},
    {"uk_nhs", "943 476 5919", "NHS 943 476 5919"},
    {"identity_document", "C01X00T47", "Passport No. C01X00T47"},
    {"identity_document", "F255-9215-0094", "driver's license number: F255-9215-0094"},
    {"birth_date", "12/03/1985", "DOB: 12/03/1985"},
    {"birth_date", "1985-03-12", "date of birth is 1985-03-12"},
};

constexpr Case phones[] = {
    {"phone", "+1 415 555 2671", "+1 415 555 2671"},
    {"phone", "+44 7700 900123", "ring +44 7700 900123 today"},
    {"phone", "+49 (0)30 901820", "+49 (0)30 901820"},
    {"phone", "+33612345678", "tel:+33612345678"},
    {"phone", "(415) 555-2671", "(415) 555-2671"},
    {"phone", "415-555-2671", "415-555-2671"},
    {"phone", "415.555.2671", "415.555.2671"},
    {"phone", "415 555 2671", "at 415 555 2671 tomorrow"},
    {"phone", "1-800-555-0199", "1-800-555-0199"},
    {"phone", "020 7946 0958", "London 020 7946 0958"},
    {"phone", "07700900123", "07700900123"},
    {"phone", "030/901820", "Berlin 030/9018201"},
    {"phone", "01 23 45 67 89", "appelez le 01 23 45 67 89"},
    {"phone", "06.12.34.56.78", "06.12.34.56.78"},
    {"phone", "912 345 678", "Teléfono: 912 345 678"},
    {"phone", "8 (495) 123-45-67", "8 (495) 123-45-67"},
    {"phone", "138 1234 5678", "138 1234 5678"},
    {"phone", "13812345678", "电话：13812345678"},
    {"phone", "467 3395", "my phone is 467 3395"},
    {"phone", "5551234567", "my number is 5551234567"},
    {"phone", "5403926876", "Fax: 5403926876"},
    {"phone", "28-64-66-98", "28-64-66-98 office"},
    {"phone", "0041 44 668 18 00", "0041 44 668 18 00"},
    {"phone", "415-555-2671", R"({"phone":"\n415-555-2671"})"},
    {"phone", "4673395", "please call 4673395"},
    {"phone", "4673395", "Call 4673395 if you need me"},
    {"phone", "4673395", "my cell 4673395"},
    {"phone", "4673395", "cell: 4673395"},
    {"phone", "467-3395", "call 467-3395 now"},
};

constexpr Case addresses[] = {
    {"ipv4", "81.2.69.142", "from 81.2.69.142:8080"},
    {"ipv4", "192.168.1.20", "http://192.168.1.20/"},
    {"ipv4", "10.218.6.131", "client_ip=10.218.6.131"},
    {"ipv6", "2a02:8071:85a3::8a2e:370:7334", "2a02:8071:85a3::8a2e:370:7334"},
    {"ipv6", "fd12:3456:789a::1ff:fe23:4567", "[fd12:3456:789a::1ff:fe23:4567]"},
    {"ipv4", "5.9.1.2", "ssh root@5.9.1.2"},
    {"ipv4", "12.34.56.78", "the server 12.34.56.78 is down"},
    {"ipv4", "192.168.1.20", "192.168.1.20/24 on eth0"},
    {"ipv6", "6e40:4041:c617:e898:c11:40d2:c669:2eb4", "6e40:4041:c617:e898:c11:40d2:c669:2eb4"},
};

constexpr Case secrets[] = {
    {"openai_key",
     "sk-proj-"
     "a1B2c3D4e5F6g7H8i9J0k1L2",
     "key sk-proj-"
     "a1B2c3D4e5F6g7H8i9J0k1L2"},
    {"anthropic_key",
     "sk-ant-"
     "api03-Zx9YwV8uTs7RqP6oNm5L",
     "sk-ant-"
     "api03-Zx9YwV8uTs7RqP6oNm5L"},
    {"api_key",
     "sk-"
     "1234567890abcdef1234567890abcdef",
     R"(\nsk-)"
     "1234567890abcdef1234567890abcdef"},
    {"aws_access_key",
     "AKIA"
     "IOSFODNN7EXAMPLE",
     "id=AKIA"
     "IOSFODNN7EXAMPLE"},
    {"secret", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
     "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
    {"github_token",
     "ghp_"
     "16C7e42F292c6912E7710c838347Ae178B4a",
     "token ghp_"
     "16C7e42F292c6912E7710c838347Ae178B4a"},
    {"gitlab_token",
     "glpat-"
     "xYz12AbC34dEf56GhI78",
     "glpat-"
     "xYz12AbC34dEf56GhI78"},
    {"slack_token",
     "xoxb-"
     "123456789012-abcDEF123456",
     "xoxb-"
     "123456789012-abcDEF123456"},
    {"google_key",
     "AIza"
     "SyD4x8Zq1W2e3R4t5Y6u7I8o9P0a1S2d3F4",
     "AIza"
     "SyD4x8Zq1W2e3R4t5Y6u7I8o9P0a1S2d3F4"},
    {"stripe_key",
     "sk_live_"
     "4eC39HqLyjWDarjtT1zdp7dc",
     "STRIPE=sk_live_"
     "4eC39HqLyjWDarjtT1zdp7dc"},
    {"huggingface_token",
     "hf_"
     "AbCdEfGh1234567890IjKlMnOpQrStUv",
     "hf_"
     "AbCdEfGh1234567890IjKlMnOpQrStUv"},
    {"npm_token",
     "npm_"
     "1a2B3c4D5e6F7g8H9i0J1k2L3m4N5o6P7q8R",
     "//registry/:_authToken=npm_"
     "1a2B3c4D5e6F7g8H9i0J1k2L3m4N5o6P7q8R"},
    {"pypi_token",
     "pypi-"
     "AgEIcHlwaS5vcmcCJDU5YTk4NWQ0LTk3ZDItNDRhNi1hYzJm",
     "pypi-"
     "AgEIcHlwaS5vcmcCJDU5YTk4NWQ0LTk3ZDItNDRhNi1hYzJm"},
    {"sendgrid_key",
     "SG."
     "ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf-09kqeF8tAmbihYzrnopKc-1s5cr",
     "SG."
     "ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf-09kqeF8tAmbihYzrnopKc-1s5cr"},
    {"twilio_key",
     "SK"
     "0123456789abcdef0123456789abcdef",
     "SK"
     "0123456789abcdef0123456789abcdef"},
    {"telegram_token",
     "110201543:"
     "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0",
     "bot110201543 110201543:"
     "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"},
    {"jwt",
     "eyJhbGciOiJIUzI1NiJ9."
     "eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
     "eyJhbGciOiJIUzI1NiJ9."
     "eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"},
    {"bearer_token", "9f8e7d6c5b4a39281706", "Authorization: Bearer 9f8e7d6c5b4a39281706"},
    {"basic_credentials", "dXNlcjpwYXNzd29yZDEyMw==", "authorization: basic dXNlcjpwYXNzd29yZDEyMw=="},
    {"password", "hunter2!", "password: hunter2!"},
    {"password", "Summer2024!", "pw: Summer2024!"},
    {"password", "sunshine42", "The password for the wifi is sunshine42"},
    {"pin", "4821", "my pin is 4821"},
    {"password", "Tr0ub4dor&3", "my password is Tr0ub4dor&3 by the way"},
    {"password", "correcthorse", R"({"password": "correcthorse"})"},
    {"password", "s3cr3tpw", R"({\"db_password\":\"s3cr3tpw\"})"},
    {"password", "s3cr3tpw9", "MYSQL_ROOT_PASSWORD=s3cr3tpw9"},
    {"password", "geheim123", "Das Passwort lautet geheim123."},
    {"password", "p4ssw0rd!", "密码：p4ssw0rd!"},
    {"api_key", "d41d8cd98f00b204e980", "api_key: d41d8cd98f00b204e980"},
    {"secret", "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq==",
     "AccountName=x;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq==;"},
    {"url_credentials", "postgres://admin:s3cret@db.internal", "postgres://admin:s3cret@db.internal:5432/app"},
    {"url_credentials", "https:\\/\\/bob:hunter2@example.com", R"("https:\/\/bob:hunter2@example.com\/x")"},
    {"private_key", "BEGIN RSA PRIVATE KEY", "-----BEGIN RSA PRIVATE KEY-----\nMIIE…"},
    {"private_key", "BEGIN OPENSSH PRIVATE KEY", "-----BEGIN OPENSSH PRIVATE KEY-----"},
    {"private_key", "BEGIN PGP PRIVATE KEY BLOCK", "-----BEGIN PGP PRIVATE KEY BLOCK-----"},
    {"private_key", "BEGIN PRIVATE KEY", R"({"private_key": "-----BEGIN PRIVATE KEY-----\nMII"})"},
};

constexpr Case health[] = {
    {"health", "diagnosed with", "I was diagnosed with type 2 diabetes last year"},
    {"health", "hypertension", "Patient John has hypertension and takes lisinopril 10 mg"},
    {"health", "metformin", "she takes metformin twice a day"},
    {"health", "HIV", "My HIV test came back"},
    {"health", "my therapist", "should I tell my therapist?"},
    {"health", "depression", "my husband fights with depression"},
    {"health", "i'm pregnant", "omg i'm pregnant"},
    {"health", "seizures", "our daughter had seizures"},
    {"health", "krankgeschrieben", "Ich bin krankgeschrieben"},
    {"health", "chimiothérapie", "ma mère commence la chimiothérapie"},
    {"medical_record", "00482913", "MRN: 00482913"},
    {"medical_record", "839201", "medical record number 839201"},
    {"icd_code", "E11.9", "ICD-10: E11.9"},
};

#define GROUP(name) INSTANTIATE_TEST_SUITE_P(name, detections, testing::ValuesIn(name))
GROUP(emails);
GROUP(cards);
GROUP(accounts);
GROUP(ids);
GROUP(phones);
GROUP(addresses);
GROUP(secrets);
GROUP(health);
#undef GROUP

}  // namespace
}  // namespace weir
