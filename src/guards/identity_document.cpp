// Passports, driving licences, identity and insurance cards: their numbers differ by country and state, so the words
// before them tell. Also dates of birth, where they are named as such.
#include "guards/characters.h"
#include "guards/context.h"
#include "guards/guard.h"

namespace weir {
namespace {

using namespace guards;

constexpr std::string_view words[] = {
    // documents
    "driver's license", "driver’s license", "drivers license", "driver license", "driving licence", "driving license",
    "driver's licence", "driver’s licence", "license number", "licence number", "passport", "identity card", "id card",
    "national id", "national insurance", "social security", "social insurance", "tax id", "taxpayer", "ssn",
    "führerschein", "fuehrerschein", "reisepass", "personalausweis", "ausweisnummer", "steuernummer",
    "versicherungsnummer", "permis de conduire", "passeport", "carte d'identité", "pasaporte", "licencia de conducir",
    "carta d'identità", "patente", "passaporto", "rijbewijs", "paspoort", "voter id", "green card", "alien number",
    "visa number", "passport_number", "license_number", "passportnumber", "passportno", "passport_no", "licensenumber",
    "licencenumber", "licenseno", "driverslicense", "driverlicense", "driverlicence", "drivers_license",
    "driver_license", "driving_license", "driving_licence", "drivinglicence", "tax_id", "taxid", "national_id",
    "nationalid", "nationalinsurance", "national_insurance", "social_security", "socialsecurity", "socialinsurance",
    "social_insurance", "id_card", "idcard", "identity_card", "identitycard", "voter_id", "voterid", "ssn_number",
    "паспорт", "护照", "身份证", "パスポート",
    // birth
    "dob", "d.o.b", "date of birth", "birth date", "birthdate", "birthday", "born on", "date_of_birth", "birth_date",
    "dateofbirth", "birth_day", "born", "geb.", "geboren", "née", "né", "nacido el", "nacida el", "nato il", "nata il",
    "nascido em", "nascida em", "ur.", "urodzony", "urodzona", "geboren op", "född", "født", "were you born",
    "geburtsdatum", "geboren am", "date de naissance", "née le", "né le", "fecha de nacimiento", "data di nascita",
    "geboortedatum", "data de nascimento", "дата рождения", "出生日期", "生年月日"};

constexpr std::size_t first_birth = 78;
static_assert(words[first_birth] == "dob");

constexpr WordSet fillers =
    "number|no|nr|num|is|was|the|my|his|her|id|ist|nummer|es|est|s|card|code|numéro|número|numero|nº|n|"
    "of|holder|and|on|security|insurance|value";

class IdentityDocument : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "identity_document",
            .description = "passport, licence and identity-card numbers and dates of birth that are named as such",
            .classes = class_personal,
            .triggers = {.words = words},
            .kinds = {"identity_document", "birth_date"}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    if (sighting.word >= first_birth) return inspect_birth(sighting, out);
    Value value = value_after(sighting.text, sighting.end, fillers);
    if (!is_number(value)) value = answer_after(sighting.text, sighting.end);
    if (!is_number(value)) return;
    out.add("identity_document", class_personal, value.begin, value.end, Confidence::medium);
  }

 private:
  static bool is_number(const Value& value) {
    return value.digits >= 5 && value.digits + value.letters <= 20 && value.letters <= 8;
  }

  // A day, a month and a year in any order and form within the next few words, or in the answer.
  static void inspect_birth(const Sighting& sighting, Findings& out) {
    constexpr std::size_t longest_way = 24;
    if (add_date(sighting.text, sighting.end, longest_way, out)) return;
    const std::size_t answer = answer_begin(sighting.text, sighting.end);
    if (answer != std::string_view::npos) add_date(sighting.text, answer, longest_way, out);
  }

  static bool add_date(std::string_view whole, std::size_t from, std::size_t way, Findings& out) {
    const std::string_view text = whole.substr(from, 48);
    std::size_t numbers = 0;
    std::size_t digits = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
    for (std::size_t at = 0; at < text.size();) {
      if (text[at] == '.' && at + 1 < text.size() && text[at + 1] == ' ' && numbers > 1) break;
      if (text[at] == field_mark && !starts_folded(text.substr(std::min(at + 2, text.size())), "value")) break;
      if (digit_at(text, at).value < 0) {
        ++at;
        continue;
      }
      if (numbers++ == 0) begin = at;
      for (Digit digit = digit_at(text, at); digit.value >= 0; digit = digit_at(text, at)) {
        ++digits;
        at += digit.size;
      }
      end = at;
      if (digits >= 5) break;
    }
    if (begin > way || digits < 5 || digits > 8 || numbers > 3) return false;
    out.add("birth_date", class_personal, from + begin, from + end);
    return true;
  }
};

}  // namespace

std::unique_ptr<Guard> make_identity_document_guard(const GuardSettings&) {
  return std::make_unique<IdentityDocument>();
}

}  // namespace weir
