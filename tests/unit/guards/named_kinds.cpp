// Kinds that words make what they are: each where it is said, with its check digit right and wrong, and in neutral
// sentences, where nothing may be found.
#include "guards/guard.h"

namespace weir {
namespace {

const GuardSet& all_guards() {
  static const GuardSet guards{GuardSettings{}};
  return guards;
}

struct Case {
  std::string_view what;
  std::string_view text;
  Confidence confidence = Confidence::medium;
};

constexpr Case said[] = {
    {"imei", "IMEI: 490154203237518", Confidence::high},
    {"imei", "IMEI 490154203237519", Confidence::low},
    {"vin", "VIN 1HGCM82633A004352", Confidence::high},
    {"vin", "Fahrgestellnummer: WVWZZZ1JZXW000010"},
    {"vehicle_plate", "My license plate is 7ABC123"},
    {"vehicle_plate", "Kennzeichen: B-MW 1234"},
    {"vehicle_plate", "immatriculation AB-123-CD"},
    {"card_security_code", "cvv: 123"},
    {"card_security_code", "The CVC is 4321"},
    {"card_expiry", "my Visa card, expires 12/27"},
    {"card_expiry", "credit card expiration date: 03/2029"},
    {"bic", "BIC: DEUTDEFF500"},
    {"bic", "SWIFT code COBADEFFXXX"},
    {"routing_number", "routing number 021000021", Confidence::high},
    {"routing_number", "routing number 021000022", Confidence::low},
    {"ein", "EIN 12-3456789"},
    {"gstin", "GSTIN: 27AAPFU0939F1ZV", Confidence::high},
    {"gstin", "GSTIN: 27AAPFU0939F1ZX", Confidence::low},
    {"vat_number", "USt-IdNr. DE136695976", Confidence::high},
    {"vat_number", "VAT number GB999999973"},
    {"uk_utr", "UTR: 1123456789", Confidence::high},
    {"de_pension_number", "Rentenversicherungsnummer 65 170839 J 003", Confidence::high},
    {"de_health_number", "Krankenversichertennummer A123456780", Confidence::high},
    {"dea_number", "DEA number AB1234563", Confidence::high},
    {"npi_number", "NPI 1234567893", Confidence::high},
    {"ru_snils", "СНИЛС 112-233-445 95", Confidence::high},
    {"ru_inn", "ИНН: 500100732259", Confidence::high},
    {"ru_inn", "ИНН 7707083893", Confidence::high},
    {"crypto_address", "my wallet: bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", Confidence::high},
    {"crypto_address", "Send bitcoin to 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", Confidence::high},
    {"crypto_address", "pay to Ae2tdPwUPEZFRbyhz3cpfC2CumGzNkFBN2L42rcUc2yjQpEkxDbkPodpMAi today", Confidence::high},
    {"crypto_address", "ethereum address 0x52908400098527886E0F7030069857D2E4169EE7"},
    {"br_cnpj", "CNPJ 11.222.333/0001-81", Confidence::high},
    {"mac_address", "ether 3c:22:fb:9a:01:7e txqueuelen"},
    {"mac_address", "MAC address: 3C-22-FB-9A-01-7E", Confidence::high},
    {"position", "latitude: 48.137154, longitude: 11.576124"},
    {"position", "My GPS position is 48.137154, 11.576124"},
    {"position", R"({"lat": 48.137154, "lng": 11.576124})"},
    {"age", "I am 34 years old"},
    {"age", "My daughter, a 7-year-old, likes it"},
    {"age", "Meine Mutter ist 81 Jahre alt"},
    {"age", "J'ai 42 ans, je travaille"},
    {"age", "She died aged 93"},
    {"age", "My sister just turned 46"},
    {"age", "I will turn 40 this summer"},
    {"age", "my uncle says he is turning 71, at last"},
    {"age", "She left at the age of 54."},
    {"age", "Mein Vater starb im Alter von 81 Jahren"},
    {"age", "Age: 34", Confidence::low},
    {"birth_date", "born 12 March 1984", Confidence::high},
    {"birth_date", "Müller, geb. 12.03.1984", Confidence::high},
    {"birth_date", "née le 12/03/1984", Confidence::high},
    {"birth_date", "nacido el 12 de marzo de 1984", Confidence::high},
    {"birth_date", "nato il 12/03/1984", Confidence::high},
    {"birth_date", "Kowalski, ur. 12.03.1984", Confidence::high},
    {"religion", "I am Muslim"},
    {"religion", "My wife is a devout Catholic."},
    {"religion", "Ich bin evangelisch"},
    {"religion", "Religion: katholisch"},
    {"ethnicity", "She is African American"},
    {"sexual_orientation", "my brother is gay"},
    {"sexual_orientation", "Er ist schwul"},
    {"political_opinion", "My boss is a registered Republican"},
    {"political_opinion", "Sie ist Mitglied der SPD"},
    {"union_membership", "I am a union member"},
    {"union_membership", "Er ist Gewerkschaftsmitglied"},
    {"nationality", "He is German"},
    {"nationality", "Nationality: Syrian"},
    {"nationality", "Soy colombiana"},
};

TEST(named_kinds, are_found_where_they_are_said) {
  for (const Case& one : said) {
    std::string seen;
    bool found = false;
    for (const Finding& finding : all_guards().inspect(one.text)) {
      seen += fmt::format(" {}({})", finding.what, to_text(finding.confidence));
      found = found || (finding.what == one.what && finding.confidence == one.confidence);
    }
    EXPECT_TRUE(found) << one.text << " should hold " << one.what << ", found:" << seen;
  }
}

constexpr std::string_view neutral[] = {
    "The IMEI is printed under the battery.",
    "A VIN has 17 characters.",
    "The license plate law of 1903",
    "The CVV is the number on the back of the card.",
    "the token expires 12/27/2027 at noon",
    "Swift 5.9 was released in September",
    "bic pens are cheap",
    "VAT is 19 percent",
    "The EIN is issued by the IRS",
    "bitcoin fell to 61,230 dollars",
    "wallet inspector, 1987",
    "12:34:56:12:34:56",
    "d4:1d:8c:d9:8f:00:b2:04:e9:80:09:98:ec:f8:42:7e",
    "ff:ff:ff:ff:ff:ff 00:00:00:00:00:00 01:00:5e:00:00:fb",
    "The location is 3.5 km from here, 2.1 from there.",
    "latitude runs from -90 to 90",
    "The bridge is 34 years old.",
    "a 10-year-old whisky",
    "He turned 90 degrees to the left",
    "I turned 30 pages",
    "ans = 34",
    "age: int",
    "Cache-Control: max-age=86400",
    "The house was built in 1984 and was born of need.",
    "NATO was founded in 1949",
    "Muslim countries have signed the treaty.",
    "The Catholic church owns the land.",
    "Is there a good German restaurant?",
    "She teaches French literature.",
    "translate this to German",
    "the union of two sets has a member",
    "religion: string",
    "nationality = models.CharField(max_length=40)",
    "The party elected a new member of parliament.",
    "diagnosed with -Wall",
    "The leak was diagnosed with valgrind",
    "PWD=/home/user1/src make",
    "pwd=os.getcwd()",
    "pwd = args[2]",
    "token: AccessTokenV1Response;",
    "token: req.headers.authorization2",
    "const token = mode ? constants_1.STRICT_TOKEN : constants_1.TOKEN;",
    "passphrase: the words that protect the key",
    "CACHE_KEY=configuration_of_the_model_2",
    "http://user:password@proxy.example/ explains the form",
    "Date:   Mon Feb 26 09:26:06 2018 -0800",
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8 ab123456c",
    "index 1e04d3d..0090211 100644",
    "12.0.0~++20210831081106+387a8dea7234-1~exp1",
    "Boston, MA 02110-1301, USA",
    "4.0.1 4.0.100.21 4.0.100.22 4.0.101",
};

TEST(named_kinds, are_not_found_in_neutral_sentences) {
  for (const std::string_view text : neutral) {
    std::string seen;
    for (const Finding& finding : all_guards().inspect(text)) {
      seen += fmt::format(" {}:[{}]", finding.what, text.substr(finding.begin, finding.end - finding.begin));
    }
    EXPECT_EQ(seen, "") << text;
  }
}

constexpr Case secrets[] = {
    {"api_key", "ACME_KEY=h3Kd9sLq2Vx7Zp4Tn8Wb", Confidence::high},
    {"api_key", "accessKeyId: 'h3Kd9sLq2Vx7Zp4T'", Confidence::high},
    {"secret", "client_secret: 'qWxRtZpLkVbNmGhJdFsQyXcW'", Confidence::high},
    {"token", "_auth=dXNlcjpoM0tkOXNMcTJWeDda", Confidence::high},
    {"password", "passphrase: correct horse battery staple"},
    {"password", "the passphrase is blue-bicycle-under-rain"},
    {"password", "pw = \"Sommer2024!\"", Confidence::high},
    {"password", "my pw is Sommer2024!"},
    {"pin", "verification code 482913"},
    {"pin", "the door code is 4711"},
    {"pin", "Your OTP is 482913"},
    {"api_key", "API_KEY=qwhdjskfhgkrtmvp", Confidence::high},
    {"phone", "https://wa.me/4917112345678", Confidence::high},
    {"phone", "whatsapp://send?phone=4917112345678", Confidence::high},
};

TEST(named_kinds, of_secrets_are_found_by_their_names) {
  for (const Case& one : secrets) {
    const auto findings = all_guards().inspect(one.text);
    ASSERT_FALSE(findings.empty()) << one.text;
    EXPECT_EQ(findings[0].what, one.what) << one.text;
    EXPECT_EQ(findings[0].confidence, one.confidence) << one.text;
  }
}

TEST(confidence, can_be_asked_for) {
  constexpr std::string_view text = "SIN 130 692 545";  // with a wrong check digit
  EXPECT_NE(GuardSet(GuardSettings{}).classify({text}), 0U);
  EXPECT_EQ(GuardSet(GuardSettings{.least_confidence = Confidence::medium}).classify({text}), 0U);
  GuardSettings excepted;
  excepted.exceptions.push_back({.kind = "ca_sin", .below = Confidence::high});
  EXPECT_EQ(GuardSet(excepted).classify({text}), 0U);
  EXPECT_NE(GuardSet(excepted).classify({std::string_view("SIN 130 692 544")}), 0U);
}

TEST(confidence, of_a_reading_is_that_of_the_surest_finding_of_a_class) {
  const auto read = [](std::vector<std::string_view> texts) {
    GuardSet::Reading reading(all_guards(), std::move(texts));
    while (!reading.advance(SIZE_MAX)) {
    }
    return reading.found();
  };
  const FoundClasses unsure = read({"SIN 130 692 545"});
  EXPECT_EQ(unsure.at_least(Confidence::low), class_personal);
  EXPECT_EQ(unsure.at_least(Confidence::medium), 0U);
  const FoundClasses sure = read({"SIN 130 692 545", "write to anna.berg@posteo.de"});
  EXPECT_EQ(sure.at_least(Confidence::high), class_personal);
}

}  // namespace
}  // namespace weir
