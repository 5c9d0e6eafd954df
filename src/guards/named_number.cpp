// Numbers whose form says too little without the word that names them: devices, vehicles, cards' codes and dates,
// banks, companies, taxes, insurance, prescribers. A row says how the value must look and whether a check digit makes
// it sure; with a wrong one it is found all the same where the name means nothing else, but with low confidence.
#include <algorithm>
#include <array>
#include <optional>

#include "guards/characters.h"
#include "guards/checksum.h"
#include "guards/context.h"
#include "guards/guard.h"
#include "guards/named_number_checks.h"

namespace weir {
namespace {

using namespace guards;

enum class Kind : uint8_t {
  imei,
  vin,
  plate,
  security_code,
  expiry,
  bic,
  routing,
  ein,
  gstin,
  vat,
  utr,
  de_pension,
  de_health,
  dea,
  npi,
  wallet,
};

constexpr ClassSet money = class_financial | class_personal;

struct Row {
  std::string_view what;
  ClassSet classes;
  std::size_t least;  // letters and digits of the value
  std::size_t most;
  Checked (*check)(std::string_view value);
};

// In the order of Kind.
constexpr Row rows[] = {
    {"imei", class_personal, 15, 16, imei},
    {"vin", class_personal, 17, 17, vin},
    {"vehicle_plate", class_personal, 4, 9, plate},
    {"card_security_code", money, 3, 4, security_code},
    {"card_expiry", money, 4, 6, expiry},
    {"bic", class_financial, 8, 11, bic},
    {"routing_number", money, 9, 9, routing},
    {"ein", class_financial, 9, 9, ein},
    {"gstin", class_financial, 15, 15, gstin},
    {"vat_number", class_financial, 8, 14, vat},
    {"uk_utr", class_personal, 10, 10, utr},
    {"de_pension_number", class_personal, 12, 12, de_pension},
    {"de_health_number", class_personal | class_health, 10, 10, de_health},
    {"dea_number", class_personal, 9, 9, dea},
    {"npi_number", class_personal, 10, 10, npi},
    {"crypto_address", money, 25, 62, wallet},
};

struct Name {
  std::string_view word;
  Kind kind;
};

constexpr Name names[] = {
    {"imei", Kind::imei},
    {"vin", Kind::vin},
    {"vehicle identification number", Kind::vin},
    {"chassis number", Kind::vin},
    {"fahrgestellnummer", Kind::vin},
    {"numéro de châssis", Kind::vin},
    {"número de bastidor", Kind::vin},
    {"numero di telaio", Kind::vin},
    {"license plate", Kind::plate},
    {"licence plate", Kind::plate},
    {"number plate", Kind::plate},
    {"plate number", Kind::plate},
    {"license_plate", Kind::plate},
    {"kennzeichen", Kind::plate},
    {"immatriculation", Kind::plate},
    {"matrícula", Kind::plate},
    {"targa", Kind::plate},
    {"kenteken", Kind::plate},
    {"numer rejestracyjny", Kind::plate},
    {"cvv", Kind::security_code},
    {"cvc", Kind::security_code},
    {"cvv2", Kind::security_code},
    {"cvc2", Kind::security_code},
    {"card security code", Kind::security_code},
    {"card verification", Kind::security_code},
    {"kartenprüfnummer", Kind::security_code},
    {"cryptogramme", Kind::security_code},
    {"expiry", Kind::expiry},
    {"expiration", Kind::expiry},
    {"exp date", Kind::expiry},
    {"expires", Kind::expiry},
    {"valid thru", Kind::expiry},
    {"valid until", Kind::expiry},
    {"gültig bis", Kind::expiry},
    {"bic", Kind::bic},
    {"swift", Kind::bic},
    {"swift code", Kind::bic},
    {"routing number", Kind::routing},
    {"routing_number", Kind::routing},
    {"routing no", Kind::routing},
    {"aba", Kind::routing},
    {"bank routing", Kind::routing},
    {"ein", Kind::ein},
    {"employer identification number", Kind::ein},
    {"gstin", Kind::gstin},
    {"gst number", Kind::gstin},
    {"vat", Kind::vat},
    {"vat number", Kind::vat},
    {"vat_number", Kind::vat},
    {"ust-idnr", Kind::vat},
    {"ust-id", Kind::vat},
    {"ustidnr", Kind::vat},
    {"umsatzsteuer-identifikationsnummer", Kind::vat},
    {"numéro de tva", Kind::vat},
    {"partita iva", Kind::vat},
    {"p. iva", Kind::vat},
    {"btw-nummer", Kind::vat},
    {"utr", Kind::utr},
    {"unique taxpayer reference", Kind::utr},
    {"rentenversicherungsnummer", Kind::de_pension},
    {"sozialversicherungsnummer", Kind::de_pension},
    {"versicherungsnummer", Kind::de_pension},
    {"rvnr", Kind::de_pension},
    {"sv-nummer", Kind::de_pension},
    {"krankenversichertennummer", Kind::de_health},
    {"krankenversicherungsnummer", Kind::de_health},
    {"versichertennummer", Kind::de_health},
    {"kvnr", Kind::de_health},
    {"dea", Kind::dea},
    {"npi", Kind::npi},
    {"wallet", Kind::wallet},
    {"bitcoin", Kind::wallet},
    {"btc", Kind::wallet},
    {"ethereum", Kind::wallet},
    {"eth address", Kind::wallet},
    {"crypto address", Kind::wallet},
    {"usdt", Kind::wallet},
};

constexpr auto words = [] {
  std::array<std::string_view, std::size(names)> list{};
  for (std::size_t i = 0; i < list.size(); ++i) list[i] = names[i].word;
  return list;
}();

constexpr WordSet fillers =
    "number|no|nr|nummer|num|code|id|is|was|ist|lautet|es|est|è|my|the|of|address|plate|date|registration|reference|"
    "meine|mein|value|car|for|and|card|holder|her|his|our|numéro|número|numero|de|to|deutsch|kraftfahrzeug";

constexpr WordSet card_words =
    "card|visa|mastercard|amex|maestro|credit|debit|karte|kreditkarte|carte|tarjeta|carta|cvv|cvc|cartão|kaart";

// The letters and digits of a value as it is written, in groups perhaps.
struct Written {
  std::array<char, 64> text{};
  std::size_t size = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
};

bool parts_groups(char c) { return c == ' ' || c == '-' || c == '.' || c == '/'; }

// From `at`, at most `most` letters and digits; groups may be parted by one character. Ends before a word: of groups
// behind the first only those that hold a digit count, or that are written in capitals.
Written read_written(std::string_view text, std::size_t at, std::size_t most) {
  Written out{.begin = at, .end = at};
  while (at < text.size()) {
    const std::size_t from = at;
    bool digit = false;
    bool small = false;
    while (at < text.size() && is_alnum(text[at])) {
      digit = digit || is_digit(text[at]);
      small = small || (is_alpha(text[at]) && !is_upper(text[at]));
      ++at;
    }
    const std::size_t size = at - from;
    const bool counts = size > 0 && (out.size == 0 || digit || !small) && out.size + size <= most;
    if (!counts) break;
    for (std::size_t i = from; i < at; ++i) out.text[out.size++] = text[i];
    out.end = at;
    if (at >= text.size() || !parts_groups(text[at])) break;
    ++at;
  }
  return out;
}

class NamedNumber : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "named_number",
            .description =
                "numbers of devices, vehicles, card codes, banks, companies, taxes, insurance, prescribers "
                "and wallets that are named as such",
            .classes = class_personal | class_financial | class_health,
            .triggers = {.words = words},
            .kinds = kinds_of(rows)};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    const std::string_view text = sighting.text;
    if (!ends_word(text, sighting.end)) return;
    const Kind kind = names[sighting.word].kind;
    if (add(text, kind, value_begin(text, sighting.end), out)) return;
    const std::size_t answer = answer_begin(text, sighting.end);
    if (answer != std::string_view::npos) add(text, kind, answer, out);
  }

 private:
  // Past signs and filling words; npos where a word stands that is none of them.
  static std::size_t value_begin(std::string_view text, std::size_t at) {
    constexpr std::size_t longest_way = 48;
    const std::size_t stop = std::min(text.size(), at + longest_way);
    for (int passed = 0; passed < 6; ++passed) {
      while (at < stop && !is_alnum(text[at]) && is_ascii(text[at])) {
        if (text[at] == ';' || text[at] == '!' || text[at] == '?' || (text[at] == '.' && passed > 0)) return npos;
        ++at;
      }
      std::size_t end = at;
      while (end < stop && (is_alpha(text[end]) || !is_ascii(text[end]))) ++end;
      const bool filler = end > at && !glued_after(text, end) && fillers.has(text.substr(at, end - at));
      if (!filler) return at < stop ? at : npos;
      at = end;
    }
    return npos;
  }

  static bool add(std::string_view text, Kind kind, std::size_t at, Findings& out) {
    if (at == npos) return false;
    const Row& row = rows[static_cast<std::size_t>(kind)];
    const Written value = read_written(text, at, row.most);
    if (value.size < row.least || value.size > row.most || glued_after(text, value.end)) return false;
    // `expiry: 12/27` is a card's where a card is spoken of.
    if (kind == Kind::expiry &&
        (!word_before(text, at, 96, card_words) || text.substr(at, value.end - at).find('/') == npos)) {
      return false;
    }
    const Checked checked = row.check({value.text.data(), value.size});
    if (checked == Checked::no_such) return false;
    const Confidence confidence = checked == Checked::right  ? Confidence::high
                                  : checked == Checked::form ? Confidence::medium
                                                             : Confidence::low;
    out.add(row.what, row.classes, at, value.end, confidence);
    return true;
  }

  static constexpr std::size_t npos = std::string_view::npos;
};

}  // namespace

std::unique_ptr<Guard> make_named_number_guard(const GuardSettings&) { return std::make_unique<NamedNumber>(); }

}  // namespace weir
