// What must not be found: the everyday numbers, code and prose that look a little like private things.
#include "guards/guard.h"

namespace weir {
namespace {

class ordinary_text : public testing::TestWithParam<std::string_view> {};

TEST_P(ordinary_text, raises_no_alarm) {
  static const GuardSet guards{GuardSettings{}};
  std::string seen;
  for (const Finding& finding : guards.inspect(GetParam())) {
    seen += fmt::format(" {}:[{}]", finding.what, GetParam().substr(finding.begin, finding.end - finding.begin));
  }
  EXPECT_EQ(seen, "") << GetParam();
}

constexpr std::string_view numbers[] = {
    "", " ", "0", "1977", "in 2024 we sold 1,234,567 units for $4,111,111,111.00",
    "2023-01-15T10:30:00Z", "15.01.2023 12:30", "01/02/2023", "2023/12/31 23:59:59.123456", "01-02-2023 10 30",
    "12.50 EUR, 99,95 €, £1 000 000", "3.14159265358979323846", "0.4111111111111111", "6.02214076e23",
    "ISBN 978-3-16-148410-0", "ISBN 0-306-40615-2", "ISBN-10: 0306406152", "9783161484100", "ISSN 2049-3630",
    "order 4711-0815-2024", "invoice #2024-000123", "tracking 1Z999AA10123456784", "SKU 00481-22-9",
    "v1.2.3.4", "version 1.2.3.4", "Section 2.3.4.1", "node 18.17.1", "1.2.3", "127.0.0.1", "0.0.0.0", "255.255.255.0",
    "10.0.0.0/8", "8.8.8.8", "1.3.6.1.4.1.311.21", "::1", "12:34:56", "a::b", "std::vector<int>", "xs[1::2]", "16:9",
    "550e8400-e29b-41d4-a716-446655440000", "f47ac10b-58cc-4372-a567-0e02b2c3d479",
    "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "1700000000", "1700000000000", "4111111111111112", "1234567890123456", "0000000000000000", "1234567812345678",
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", "2010 2011 2012 2013 2014", "4510 4620 4730 4841 4952 5063",
    "01 02 03 04 05", "10 20 30 40 50 60", "1000 2000 3000 4000", "x = 12345678 + 87654321",
    "f(123) 456 789", "(2019) 123-145", "pages 123-456", "Smith 45(12) 345-678", "49.2827 -123.1207", "51.507351, -0.127758",
    "0x7fff5fbff8c0", "#ff00aa", "#1234567", "120/80", "3-0-2", "7-11", "555", "911", "call 911", "1-2-3-4", "R2-D2",
    "666-12-3456", "000-12-3456", "123-00-4567", "GB00WEST12345698765432", "DE89370400440532013001", "XX89370400440532013000",
    "12345678A", "QQ123456C", "AB123456E", "123.456.789-00", "2341 2341 2345", "12.345.678-9", "S1234567A",
    "phone costs 1200 dollars", "the phone sold 3 000 times", "text me 5 times",
    "The account number field has 10 digits", "passport photos cost 12 dollars",
};

constexpr std::string_view code[] = {
    "foo@bar", "@app.route('/x')", "react@18.2.0", "npm i left-pad@1.3.0", "icon@2x.png", "git@github.com:org/repo.git",
    "a @ b", "x@y@z", "@media (max-width: 600px)", "user@", "@example.com", "look at the dot on the map", "meet at noon dot",
    "sk-learn", "sk-hynix-memory-module-pricing", "task-1234567890", "risk-adjusted-return-on-capital", "hf_hub_download",
    "npm_config_registry", "key-value-store", "AKIA", "eyJ", "SG.", "ghp_short", "pypi-mirror", "SKU0123456789",
    "password", "password:", "the password is required", "password is incorrect", "reset your password here",
    "password = getpass.getpass('Password: ')", "password: string;", "const password = req.body.password",
    "password = os.environ['PW']", "PASSWORD=${DB_PASSWORD}", "password: <your password>", "\"password\": \"********\"",
    "password: xxxxxxxx", "api_key = \"YOUR_API_KEY\"", "api_key=os.getenv(\"OPENAI_API_KEY\")", "apiKey: process.env.KEY",
    "max_tokens: 4096", "token: str", "tokens = tokenizer.encode(text)", "secret: true", "the secret of success",
    "Authorization: Bearer <token>", "bearer of bad news", "basic understanding of calculus", "token_count = 123456789012345",
    "http://localhost:8080/path", "https://example.com/@user", "http://user@host/", "postgres://user:${PASSWORD}@db/app",
    "mailto:", "-----BEGIN PUBLIC KEY-----", "-----BEGIN CERTIFICATE-----", "BEGIN TRANSACTION", "begin PRIVATE KEY section",
    "C:\\users\\admin", "\\frac{1}{2} \\xi \\underline{x}", "100% done", "a && b", "%s %d", "&nbsp;&lt;", "\\n\\t",
    "for (int i = 0; i < 10; ++i) sum += v[i];", "SELECT * FROM t WHERE id = 12345678", "rgb(255, 255, 255)",
    "git commit 9fceb02d0ae598e95dc970b74767f19372d61af8", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
};

constexpr std::string_view prose[] = {
    "What causes diabetes?", "Explain how insulin works.", "List common symptoms of influenza.",
    "The Great Depression began in 1929.", "A chronic shortage of funds", "Write a poem about hands and hearts.",
    "How many bones are in the human foot?", "The patient gardener waited.", "He disabled the plugin.",
    "Cancer is a leading cause of death worldwide.", "Translate: the doctor is in.", "Her brush stroke was light.",
    "Einstein was born in 1879.", "the ICD-10 has 70,000 codes", "I love my new phone", "my secret is out",
    "She kept her diary in a drawer.", "Summarise the passage in two sentences.",
};

INSTANTIATE_TEST_SUITE_P(numbers, ordinary_text, testing::ValuesIn(numbers));
INSTANTIATE_TEST_SUITE_P(code, ordinary_text, testing::ValuesIn(code));
INSTANTIATE_TEST_SUITE_P(prose, ordinary_text, testing::ValuesIn(prose));

}  // namespace
}  // namespace weir
