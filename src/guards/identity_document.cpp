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
    "visa number", "passport_number", "license_number", "паспорт", "护照", "身份证", "パスポート",
    // birth
    "dob", "d.o.b", "date of birth", "birth date", "birthdate", "birthday", "born on", "date_of_birth", "birth_date",
    "geburtsdatum", "geboren am", "date de naissance", "née le", "né le", "fecha de nacimiento", "data di nascita",
    "geboortedatum", "data de nascimento", "дата рождения", "出生日期", "生年月日"};

constexpr std::size_t first_birth = 47;
static_assert(words[first_birth] == "dob");

constexpr WordSet fillers =
    "number|no|nr|num|is|was|the|my|his|her|id|ist|nummer|es|est|s|card|code|numéro|número|numero|nº|n|"
    "of|holder|and|on|security|insurance";

class IdentityDocument : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "identity_document",
            .description = "passport, licence and identity-card numbers and dates of birth that are named as such",
            .classes = class_personal,
            .triggers = {.words = words}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    if (sighting.word >= first_birth) return inspect_birth(sighting, out);
    const Value value = value_after(sighting.text, sighting.end, fillers);
    const std::size_t size = value.digits + value.letters;
    if (value.digits < 5 || size > 20 || value.letters > 8) return;
    out.add("identity_document", class_personal, value.begin, value.end);
  }

 private:
  // A day, a month and a year in any order and form within the next few words.
  static void inspect_birth(const Sighting& sighting, Findings& out) {
    const std::string_view text = sighting.text.substr(sighting.end, 48);
    std::size_t numbers = 0;
    std::size_t digits = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
    for (std::size_t at = 0; at < text.size();) {
      if (text[at] == '.' && at + 1 < text.size() && text[at + 1] == ' ' && numbers > 1) break;
      if (!is_digit(text[at])) {
        ++at;
        continue;
      }
      if (numbers++ == 0) begin = at;
      while (at < text.size() && is_digit(text[at])) {
        ++digits;
        ++at;
      }
      end = at;
      if (digits >= 5) break;
    }
    if (begin > 24 || digits < 5 || digits > 8) return;
    out.add("birth_date", class_personal, sighting.end + begin, sighting.end + end);
  }
};

}  // namespace

std::unique_ptr<Guard> make_identity_document_guard(const GuardSettings&) {
  return std::make_unique<IdentityDocument>();
}

}  // namespace weir
