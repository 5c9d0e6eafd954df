// Every kind of number that the guards know by its name: wherever the name stands, with the right check digit and with
// wrong ones, and without a name where the form is telling. A kind that is missing here fails.
#include <set>

#include "guards/guard.h"

namespace weir {
namespace {

enum class Alone : uint8_t { found, weak, none };  // in a sentence that doesn't name it
enum class Check : uint8_t { digit, none };

struct Numbered {
  std::string_view what;
  std::string_view value;  // right
  std::string_view name;
  Alone alone = Alone::none;
  Check check = Check::digit;
};

constexpr Numbered kinds[] = {
    // national_id
    {"us_ssn", "536-90-4399", "SSN", Alone::found, Check::none},
    {"ca_sin", "130 692 544", "SIN"},
    {"nl_bsn", "111222333", "BSN"},
    {"pt_nif", "123456789", "NIF"},
    {"il_identity", "123456782", "teudat zehut"},
    {"au_tfn", "123 456 782", "TFN"},
    {"dk_cpr", "010203-1234", "CPR", Alone::found, Check::none},
    {"se_personnummer", "811218-9876", "personnummer", Alone::found},
    {"at_svnr", "1237 010180", "SVNR"},
    {"bg_egn", "7523169263", "EGN"},
    {"cz_birth_number", "736028/5163", "rodné číslo", Alone::found},
    {"uk_nhs", "943 476 5919", "NHS number"},
    {"au_medicare", "2123 45670 1", "Medicare"},
    {"pl_nip", "526-025-02-74", "NIP", Alone::found},
    {"au_abn", "51 824 753 556", "ABN", Alone::found},
    {"pl_pesel", "44051401359", "PESEL", Alone::found},
    {"de_tax_id", "86095742719", "Steuer-ID", Alone::found},
    {"no_birth_number", "01010750160", "fødselsnummer", Alone::found},
    {"be_national_number", "85.07.30-033.28", "rijksregisternummer", Alone::found},
    {"gr_amka", "01011900022", "AMKA"},
    {"hr_oib", "33392005961", "OIB"},
    {"tr_identity", "10000000146", "TCKN", Alone::found},
    {"br_cpf", "529.982.247-25", "CPF", Alone::found},
    {"ar_cuil", "20-12345678-6", "CUIL", Alone::found},
    {"ee_lt_code", "37605030299", "isikukood", Alone::found},
    {"in_aadhaar", "2341 2341 2346", "Aadhaar", Alone::found},
    {"jp_my_number", "1234 5678 9018", "マイナンバー"},
    {"my_identity", "850101-14-5678", "MyKad", Alone::found, Check::none},
    {"ch_ahv", "756.9217.0769.85", "AHV", Alone::found},
    {"ro_cnp", "1800101221144", "CNP", Alone::found},
    {"za_identity", "8202205111085", "RSAID", Alone::found},
    {"kr_resident", "850101-1234567", "RRN", Alone::found, Check::none},
    {"th_identity", "1-2345-67890-12-1", "บัตรประชาชน", Alone::found},
    {"br_cnpj", "11.222.333/0001-81", "CNPJ", Alone::found},
    {"fr_nir", "1 55 08 13 631 025 96", "INSEE", Alone::found},
    {"cn_identity", "110105194912310038", "身份证", Alone::found},
    // lettered_id
    {"uk_nino", "AB 12 34 56 C", "NINO", Alone::found, Check::none},
    {"es_dni", "12345678Z", "DNI", Alone::found},
    {"es_nie", "X1234567L", "NIE", Alone::found},
    {"it_codice_fiscale", "RSSMRA85T10A562S", "codice fiscale", Alone::found},
    {"fi_hetu", "131052-308T", "henkilötunnus", Alone::found},
    {"in_pan", "ABCPE1234F", "PAN", Alone::weak, Check::none},
    {"sg_nric", "S1234567D", "NRIC", Alone::found},
    {"uk_driving_licence", "MORGA657054SM9IJ", "driving licence", Alone::found, Check::none},
    {"tw_identity", "A123456789", "身分證", Alone::found},
    {"mx_curp", "GOMC850312HDFRRL09", "CURP", Alone::found, Check::none},
    {"ie_pps", "1234567T", "PPS"},
    {"cl_rut", "12.345.678-5", "RUT", Alone::found},
    // named_number
    {"imei", "352099001761481", "IMEI", Alone::found},
    {"vin", "1HGCM82633A004352", "VIN", Alone::found},
    {"vehicle_plate", "7ABC123", "license plate", Alone::none, Check::none},
    {"card_security_code", "417", "CVV", Alone::none, Check::none},
    {"bic", "DEUTDEFF500", "BIC", Alone::none, Check::none},
    {"routing_number", "021000021", "routing number"},
    {"ein", "12-3456789", "EIN", Alone::none, Check::none},
    {"gstin", "27AAPFU0939F1ZV", "GSTIN"},
    {"vat_number", "DE136695976", "VAT number"},
    {"uk_utr", "1123456789", "UTR"},
    {"de_pension_number", "15070649C103", "Sozialversicherungsnummer"},
    {"de_health_number", "A123456780", "Krankenversichertennummer"},
    {"dea_number", "AB1234563", "DEA number"},
    {"npi_number", "1234567893", "NPI"},
    {"ru_snils", "112-233-445 95", "СНИЛС"},
    {"ru_inn", "500100732259", "ИНН"},
    // others
    {"iban", "DE89 3704 0044 0532 0130 00", "IBAN", Alone::found},
    {"payment_card", "4111 1111 1111 1111", "card number", Alone::found},
    {"crypto_address", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "wallet", Alone::found},
};

// What no name makes what it is, or what has tests of its own.
constexpr std::string_view elsewhere[] = {"card_expiry", "seed_phrase", "wallet_key"};

const GuardSet& all_guards() {
  static const GuardSet guards{GuardSettings{}};
  return guards;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c == ' ' || c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

struct Context {
  std::string text;
  std::size_t at = 0;  // of the value
};

std::vector<Context> contexts(std::string_view name, std::string_view value) {
  const std::string texts[] = {
      fmt::format("{}: {}", name, value),
      fmt::format("{} {}", name, value),
      fmt::format("Hi, my {} is {}, thanks.", name, value),
      fmt::format("{} is my {}", value, name),
      fmt::format("Note {} ({}) down.", value, name),
      fmt::format(R"({{"name": "x", "{}": "{}"}})", lower(name), value),
      fmt::format(R"({{"type": "{}", "value": "{}"}})", name, value),
      fmt::format("What is your {}?\nIt is {}.", name, value),
      fmt::format("who,{},town\nAnna,{},Ulm\n", name, value),
      fmt::format("| who | {} |\n|---|---|\n| Anna | {} |\n", name, value),
  };
  std::vector<Context> out;
  for (const std::string& text : texts) out.push_back({text, text.rfind(value)});
  return out;
}

struct Seen {
  bool found = false;
  Confidence confidence = Confidence::low;
  std::string all;
};

// The surest finding that covers the value; of `what` when that is given.
Seen look(const Context& context, std::size_t size, std::string_view what = "") {
  Seen seen;
  for (const Finding& finding : all_guards().inspect(context.text)) {
    seen.all += fmt::format(" {}({})", finding.what, to_text(finding.confidence));
    if (finding.begin > context.at || finding.end < context.at + size || (!what.empty() && finding.what != what))
      continue;
    seen.confidence = seen.found ? std::max(seen.confidence, finding.confidence) : finding.confidence;
    seen.found = true;
  }
  return seen;
}

TEST(numbered_kinds, are_all_here) {
  std::set<std::string_view> tested(std::begin(elsewhere), std::end(elsewhere));
  for (const Numbered& one : kinds) tested.insert(one.what);
  std::set<std::string_view> known;
  for (const GuardInfo& info : guard_infos()) {
    for (const std::string_view guard :
         {"national_id", "lettered_id", "named_number", "iban", "payment_card", "wallet_key"}) {
      if (info.name == guard) known.insert(info.kinds.begin(), info.kinds.end());
    }
  }
  EXPECT_EQ(tested, known);
}

TEST(numbered_kinds, are_sure_wherever_the_name_stands) {
  for (const Numbered& one : kinds) {
    for (const Context& context : contexts(one.name, one.value)) {
      const Seen seen = look(context, one.value.size());
      EXPECT_TRUE(seen.found && seen.confidence >= Confidence::medium) << one.what << ": " << context.text << seen.all;
    }
  }
}

// Each digit changed to each other one.
TEST(numbered_kinds, are_found_with_a_wrong_check_digit_but_with_low_confidence) {
  for (const Numbered& one : kinds) {
    if (one.check == Check::none) continue;
    std::size_t wrong = 0;
    std::size_t low = 0;
    for (std::size_t at = 0; at < one.value.size(); ++at) {
      if (one.value[at] < '0' || one.value[at] > '9') continue;
      for (char digit = '0'; digit <= '9'; ++digit) {
        std::string value(one.value);
        if (value[at] == digit || (at < 2 && one.what == "payment_card") || (at < 4 && one.what == "iban")) continue;
        if (one.what == "gstin" || one.what == "cl_rut") {
          if (at < 2 || at + 3 > value.size()) continue;  // a state, a digit that may be a letter
        }
        if (one.what == "crypto_address" && (at == 0 || digit == '0')) continue;  // no letter of the alphabet
        value[at] = digit;
        ++wrong;
        const Seen seen = look({fmt::format("{}: {}", one.name, value), one.name.size() + 2}, value.size());
        EXPECT_TRUE(seen.found) << one.what << ": " << value << seen.all;
        low += seen.found && seen.confidence == Confidence::low ? 1 : 0;
      }
    }
    // Where letters are checked or none is, `low` may be few; a changed digit may be another country's right number.
    EXPECT_GE(low * 100, wrong * 60) << one.what << " " << low << " of " << wrong;
  }
}

TEST(numbered_kinds, with_a_wrong_check_digit_are_found_wherever_the_name_stands) {
  for (const Numbered& one : kinds) {
    if (one.check == Check::none) continue;
    std::string value(one.value);
    const std::size_t at = value.find_last_of("0123456789", value.size() - 2);
    value[at] = value[at] == '9' ? '3' : static_cast<char>(value[at] + 1);
    for (const Context& context : contexts(one.name, value)) {
      const Seen seen = look(context, value.size());
      EXPECT_TRUE(seen.found) << one.what << ": " << context.text << seen.all;
    }
  }
}

TEST(numbered_kinds, of_telling_form_need_no_name) {
  for (const Numbered& one : kinds) {
    for (const std::string_view frame :
         {"The quick note says {} was used.", "{} was in the drawer", "They wrote:\n{}\n"}) {
      const std::string text = fmt::format(fmt::runtime(frame), one.value);
      const Seen seen = look({text, text.find(one.value)}, one.value.size(), one.alone == Alone::none ? one.what : "");
      if (one.alone == Alone::none) {
        EXPECT_FALSE(seen.found) << one.what << ": " << text << seen.all;
      } else {
        const Confidence least = one.alone == Alone::weak ? Confidence::low : Confidence::medium;
        EXPECT_TRUE(seen.found && seen.confidence >= least) << one.what << ": " << text << seen.all;
      }
    }
  }
}

// A name says nothing of what stands further away, or behind another name.
TEST(numbered_kinds, are_not_named_by_what_names_something_else) {
  for (const std::string_view text :
       {"Order 5260305057, NIP: none", "The SIN is a number. Order 130692545 came", "Ticket 111222334; BSN follows",
        "123456783 orders. TFN means tax file number", "Part 1234567894\nNPI\n"}) {
    EXPECT_EQ(all_guards().inspect(text).size(), 0U) << text;
  }
}

}  // namespace
}  // namespace weir
