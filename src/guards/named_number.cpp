// Numbers whose form says too little without the word that names them: devices, vehicles, cards' codes and dates,
// banks, companies, taxes, insurance, prescribers. A row says how the value must look and whether a check digit makes
// it sure; with a wrong one it is found all the same where the name means nothing else, but with low confidence. Those
// that are told by their form alone, vehicles' and devices', are found without a name too.
#include <algorithm>
#include <array>

#include "guards/characters.h"
#include "guards/checksum.h"
#include "guards/context.h"
#include "guards/data_context.h"
#include "guards/guard.h"
#include "guards/listed.h"
#include "guards/named_number_checks.h"
#include "guards/naming.h"
#include "guards/number.h"

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
  ru_snils,
  ru_inn,
  bank,  // a transfer, beside which the bank's code may stand
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
    {"ru_snils", class_personal, 11, 11, ru_snils},
    {"ru_inn", class_personal, 10, 12, ru_inn},
    {"bic", class_financial, 8, 11, bic},
};

// By kind, parted by `|`.
struct Names {
  Kind kind;
  std::string_view words;
};

constexpr Names names[] = {
    {Kind::imei, "imei|imei number|meid"},
    {Kind::vin,
     "vin|vin number|vehicle identification number|chassis number|chassis no|fahrgestellnummer|"
     "fahrzeug-identifizierungsnummer|fahrzeugidentifikationsnummer|fin|numéro de châssis|"
     "numéro de série du véhicule|número de bastidor|número de chasis|bastidor|numero di telaio|"
     "telaio|número de chassis|chassi|chassisnummer|numer vin|numer nadwozia|chassinummer|stelnummer|"
     "alustanumero|şasi numarası|номер кузова"},
    {Kind::plate,
     "license plate|licence plate|number plate|plate number|plate no|license_plate|licence_plate|"
     "plate|registration plate|vehicle registration|car registration|"
     "tag number|kennzeichen|autokennzeichen|kfz-kennzeichen|nummernschild|immatriculation|plaque|"
     "matrícula|matricula|placa|targa|kenteken|kentekenplaat|numer rejestracyjny|"
     "nr rejestracyjny|nr rej|tablica rejestracyjna|registreringsnummer|regnummer|"
     "nummerplade|nummerskilt|rekisterinumero|plaka|госномер|номер машины"},
    {Kind::security_code,
     "cvv|cvc|cvv2|cvc2|cvn|card security code|security code|card verification|card_cvv|card_cvc|"
     "kartenprüfnummer|prüfziffer|cryptogramme|código de seguridad|codice di sicurezza|"
     "código de segurança|kod cvv"},
    {Kind::expiry,
     "expiry|expiration|exp date|exp|expires|expiring|card expiry|card_expiry|expiry_date|exp_date|"
     "valid thru|valid until|valid through|good thru|gültig bis|ablaufdatum|verfallsdatum|expire le|"
     "expire fin|date d'expiration|caduca|caducidad|vence|scadenza|scade|validade|válido até|"
     "verloopt|geldig tot|ważna do|data ważności|giltig till|udløber|utløper|voimassa|son kullanma|"
     "действительна до|срок действия"},
    {Kind::bic, "bic|swift|swift code|swift_code|swift/bic|bic/swift|bic code|bic-code|swift-bic"},
    {Kind::bank,
     "iban|bank|wire transfer|bank transfer|überweisung|virement|transferencia|bonifico|przelew|"
     "overboeking"},
    {Kind::routing,
     "routing|routing number|routing_number|routing no|routing code|aba|aba number|rtn|bank routing|"
     "transit routing number"},
    {Kind::ein, "ein|fein|employer identification number|employer id|federal tax id"},
    {Kind::gstin, "gstin|gst number|gst no|gst"},
    {Kind::vat,
     "vat|vat number|vat no|vat id|vat_number|vat_id|vatin|ust-idnr|ust-id|ust-id-nr|ustidnr|ustid|"
     "umsatzsteuer-identifikationsnummer|umsatzsteuer-id|uid-nummer|mwst-nr|numéro de tva|tva|"
     "tva intracommunautaire|partita iva|p. iva|p.iva|piva|btw-nummer|btw-nr|btw|nif-iva|iva|"
     "momsnummer|moms|nip ue|alv-numero|cvr"},
    {Kind::utr, "utr|utr number|unique taxpayer reference"},
    {Kind::de_pension,
     "rentenversicherungsnummer|sozialversicherungsnummer|versicherungsnummer|rvnr|rv-nummer|"
     "sv-nummer|svnr|sozialversicherungs-nr"},
    {Kind::de_health,
     "krankenversichertennummer|krankenversicherungsnummer|krankenversicherungs-nr|"
     "krankenkassennummer|versichertennummer|versicherten-nr|versichertennr|kvnr|gesundheitskarte"},
    {Kind::dea, "dea|dea number|dea no|dea registration"},
    {Kind::ru_snils, "снилс|snils|страховой номер"},
    {Kind::ru_inn, "инн|inn number|номер налогоплательщика"},
    {Kind::npi, "npi|npi number|npi_number|national provider identifier|provider identifier"},
};

constexpr auto words = listed_words<names, &Names::words>;
constexpr auto kind_of_word = listed_rows<names, &Names::words, &Names::kind>;

constexpr WordSet fillers =
    "number|no|nr|nummer|num|code|id|is|was|ist|lautet|es|est|è|é|jest|my|the|of|address|plate|date|registration|"
    "reference|meine|mein|mijn|mój|value|car|for|and|card|holder|her|his|our|patient|patients|customer|vehicle|phone|"
    "s|numéro|número|numero|nº|n|de|do|di|to|del|la|le|du|deutsch|kraftfahrzeug|fin|le|on|er|är|numer|w|wynosi";

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

// What parts a value from a name behind it, where the form of the value says too little: `7ABC123 is my plate`.
constexpr WordSet saying = "is|was|ist|est|es|è|é|jest|to|er|är|on|lautet";

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

struct Found {
  Written value;
  Checked checked = Checked::no_such;
};

constexpr std::size_t npos = std::string_view::npos;

// The value of such a kind at `at`, if there is one.
Found read_value(std::string_view text, Kind kind, std::size_t at) {
  const Row& row = rows[static_cast<std::size_t>(kind)];
  Found found{.value = read_written(text, at, row.most)};
  const Written& value = found.value;
  if (value.size < row.least || value.size > row.most || glued_after(text, value.end)) return found;
  // `expiry: 12/27` is a card's where a card is spoken of.
  const bool card =
      kind != Kind::expiry || ((word_before(text, at, 96, card_words) || word_after(text, at, 64, card_words)) &&
                               text.substr(at, value.end - at).find('/') != npos);
  // A bank's code is one word, or parted by blanks.
  const bool parted = kind == Kind::bic && text.substr(at, value.end - at).find_first_of("-./") != npos;
  if (card && !parted) found.checked = row.check({value.text.data(), value.size});
  return found;
}

bool better(Checked a, Checked b) { return static_cast<int>(a) > static_cast<int>(b); }

// The best value of such a kind that ends at `end`.
Found read_back(std::string_view text, Kind kind, std::size_t end) {
  constexpr std::size_t most_groups = 8;
  constexpr std::size_t longest = 32;
  Found best;
  std::size_t at = end;
  for (std::size_t group = 0; group < most_groups && at > 0 && end - at < longest; ++group) {
    while (at > 0 && is_alnum(text[at - 1])) --at;
    const Found found = read_value(text, kind, at);
    const bool whole = found.value.end == end && !glued_before(text, at);
    if (whole && found.checked != Checked::no_such && !better(best.checked, found.checked)) best = found;
    if (at == 0 || !parts_groups(text[at - 1])) break;
    --at;
    if (at == 0 || !is_alnum(text[at - 1])) break;
  }
  return best;
}

constexpr std::size_t imei_digits = 15;
constexpr Layouts imei_layouts = "15|2-6-6-1|2 6 6 1|6-2-6-1";
constexpr auto imei_within = [] {
  LayoutBeginnings all(imei_layouts);
  all.add_from(imei_digits);
  return all;
}();

class NamedNumber : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "named_number",
            .description =
                "numbers of devices, vehicles, card codes, banks, companies, taxes, insurance and prescribers, "
                "by their names, or by their form where that is telling",
            .classes = class_personal | class_financial | class_health,
            .triggers = {.words = words,
                         .digits = imei_digits,
                         .run = vin_size,
                         .number_fits = &may_be_imei,
                         .within = &imei_within},
            .kinds = kinds_of(rows),
            .names = {words.begin(), words.end()}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    const std::string_view text = sighting.text;
    if (sighting.number != nullptr) return inspect_imei(sighting, out);
    if (sighting.word == Sighting::of_run) return inspect_vin(sighting, out);
    if (!ends_word(text, sighting.end)) return;
    const Kind kind = kind_of_word[sighting.word];
    if (kind == Kind::bank) return inspect_bank(text, sighting.end, out);
    if (add(kind, read_at(text, kind, value_begin(text, sighting.end)), out)) return;
    if (add(kind, read_at(text, kind, answer_begin(text, sighting.end)), out)) return;
    inspect_before(sighting, kind, out);
  }

 private:
  static constexpr std::size_t vin_size = 17;

  static Found read_at(std::string_view text, Kind kind, std::size_t at) {
    return at == npos ? Found{} : read_value(text, kind, at);
  }

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

  static bool add(Kind kind, const Found& found, Findings& out) {
    if (found.checked == Checked::no_such) return false;
    const Row& row = rows[static_cast<std::size_t>(kind)];
    const Confidence confidence = found.checked == Checked::right  ? Confidence::high
                                  : found.checked == Checked::form ? Confidence::medium
                                                                   : Confidence::low;
    out.add(row.what, row.classes, found.value.begin, found.value.end, confidence);
    return true;
  }

  // `1234567893 is my NPI`, `15070649C103 (Sozialversicherungsnummer)`
  static void inspect_before(const Sighting& sighting, Kind kind, Findings& out) {
    const std::size_t end = named_before(sighting.text, sighting.at);
    if (end == npos) return;
    const std::string_view between = sighting.text.substr(end, sighting.at - end);
    const Found found = read_back(sighting.text, kind, end);
    const bool said = between.find('(') != npos || word_before(between, between.size(), between.size(), saying);
    if (found.checked == Checked::form && !said) return;
    add(kind, found, out);
  }

  // Of a bank transfer: `IBAN …, DEUTDEFF500`.
  static void inspect_bank(std::string_view text, std::size_t at, Findings& out) {
    constexpr std::size_t way = 96;
    const std::size_t stop = std::min(text.size(), at + way);
    while (at < stop) {
      while (at < stop && !is_alnum(text[at])) ++at;
      std::size_t end = at;
      while (end < text.size() && is_alnum(text[end])) ++end;
      const Found found = read_at(text, Kind::bic, at);
      if (found.checked != Checked::no_such && found.value.end == end && is_bank_code(text.substr(at, end - at)))
        return void(add(Kind::bic, found, out));
      at = end + 1;
    }
  }

  // By its form alone: two groups of digits and a letter, or the check digit that North America wants.
  static void inspect_vin(const Sighting& sighting, Findings& out) {
    const std::string_view run = sighting.text.substr(sighting.at, sighting.end - sighting.at);
    if (run.size() != vin_size || vin_form(run) == Checked::no_such) return;
    const Confidence confidence = vin_form(run) == Checked::right ? Confidence::high : Confidence::medium;
    out.add("vin", class_personal, sighting.at, sighting.end, confidence);
  }

  // See inspect_imei.
  static bool may_be_imei(std::string_view text, const Number& number, std::size_t group) {
    static constexpr std::string_view bodies = "01 10 30 33 35 44 45 49 50 51 52 53 54 86 91 98 99";
    const Number::Group& first = number.groups[group];
    if (first.count != imei_digits && !imei_within.has(number, group)) return false;
    const std::string_view body = number.digits_of(group, group).substr(0, 2);
    return bodies.find(body) != std::string_view::npos && !ties(first.gap) && !glued_before(text, first.begin);
  }

  // Of a reporting body that gives out most of them, with the right check digit: `35-209900-176148-1`.
  static void inspect_imei(const Sighting& sighting, Findings& out) {
    const Number& number = *sighting.number;
    const std::size_t from = sighting.group;
    const std::size_t first = number.groups[from].count;
    if (first != imei_digits && first != 2 && first != 6) return;  // most numbers end here
    std::size_t to = from;
    while (to + 1 < number.count && to - from < 3 && number.digits_of(from, to).size() < imei_digits) ++to;
    const std::string_view digits = number.digits_of(from, to);
    if (digits.size() != imei_digits || !imei_layouts.has(layout_of(number, from, to)) || !luhn_valid(digits)) return;
    const std::size_t begin = number.groups[from].begin;
    const std::size_t end = number.groups[to].end;
    if (!stands_alone(sighting.text, number, from, to) || in_slug(sighting.text, begin, end) ||
        among_numbers(sighting.text, number, from, to) ||
        (from == to && is_chance(sighting.text, begin, end, &luhn_valid))) {
      return;
    }
    out.add("imei", class_personal, begin, end, from == to ? Confidence::medium : Confidence::high);
  }
};

}  // namespace

std::unique_ptr<Guard> make_named_number_guard(const GuardSettings&) { return std::make_unique<NamedNumber>(); }

}  // namespace weir
