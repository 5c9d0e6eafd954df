// Passports, driving licences, identity and insurance cards: their numbers differ by country and state, so the words
// before them tell. Also dates of birth, where they are named as such.
#include <algorithm>

#include "guards/characters.h"
#include "guards/context.h"
#include "guards/dates.h"
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
    "geboortedatum", "data de nascimento", "дата рождения", "出生日期", "生年月日",
    // birth, where a whole date must follow
    "gebdat", "geb-datum", "geb", "geburtstag", "nació", "nací", "nacido", "nacida", "f. nac", "f.nac", "fecha nac",
    "cumpleaños", "nato", "nata", "nasceu", "nasci", "nascido", "nascida", "aniversário", "geboortedag",
    "data urodzenia", "urodziłem", "urodziłam", "urodził", "urodziła", "urodziny", "född", "födelsedatum", "födelsedag",
    "fødselsdato", "fødselsdag", "født", "syntymäaika", "syntymäpäivä", "syntynyt", "synt", "narození", "narozen",
    "narozena", "nar", "dátum narodenia", "narodený", "születési", "született", "nașterii", "născut", "doğum tarihi",
    "doğum günü", "родился", "родилась", "рождения", "дата народження", "народився", "народилася", "γέννησης",
    "γεννήθηκε", "생년월일", "rođen", "rođenja", "syntyi", "geboorte", "birth",
    // birth, behind the date
    "doğumlu", "г.р", "г. р", "года рождения", "生まれ", "出生", "doğumluyum"};

constexpr std::size_t first_birth = 78;
static_assert(words[first_birth] == "dob");
constexpr std::size_t first_dated = 119;
static_assert(words[first_dated] == "gebdat");
constexpr std::size_t first_behind = std::size(words) - 7;
static_assert(words[first_behind] == "doğumlu");

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
    if (sighting.word >= first_behind) return inspect_birth_before(sighting, out);
    if (sighting.word >= first_dated) return inspect_dated(sighting, out);
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

  // `nacida en Ulm el 12-03-1984`, `ur. 12 marca 1984`: the whole date, perhaps with the place before it.
  static void inspect_dated(const Sighting& sighting, Findings& out) {
    constexpr std::size_t longest_way = 40;
    const std::string_view text = sighting.text;
    const bool alliance =
        is_upper(text[sighting.at]) && is_upper(text[sighting.end - 1]) && words[sighting.word] == "nato";
    if (!ends_word(text, sighting.end) || alliance) return;
    const std::size_t stop = std::min(text.size(), sighting.end + longest_way);
    for (std::size_t at = sighting.end; at < stop; ++at) {
      if (text[at] == ';' || text[at] == '\n' || text[at] == '(' || is_mark(text[at])) return;
      if (!is_digit(text[at]) && !is_month_before_day(text, at)) continue;
      const std::size_t end = date_end(text, at);
      if (end != 0 && !glued_after(text, end)) return out.add("birth_date", class_personal, at, end);
      if (is_digit(text[at])) return;
    }
  }

  // `March 12, 1984`: a word and then a day.
  static bool is_month_before_day(std::string_view text, std::size_t at) {
    if (!is_alpha(text[at]) || (at > 0 && text[at - 1] != ' ' && text[at - 1] != ':')) return false;
    std::size_t end = at;
    while (end < text.size() && (is_alpha(text[end]) || !is_ascii(text[end]))) ++end;
    while (end < text.size() && (text[end] == ' ' || text[end] == '.')) ++end;
    return end > at + 3 && end < text.size() && is_digit(text[end]);
  }

  // `12 Mart 1984 doğumlu`, `12.03.1984 г.р.`
  static void inspect_birth_before(const Sighting& sighting, Findings& out) {
    constexpr std::size_t way = 40;
    const std::string_view text = sighting.text;
    for (std::size_t at = sighting.at - std::min(sighting.at, way); at < sighting.at; ++at) {
      if (!is_digit(text[at]) || (at > 0 && is_digit(text[at - 1]))) continue;
      const std::size_t end = date_end(text, at);
      if (end == 0 || end > sighting.at || sighting.at - end > 8) continue;
      return out.add("birth_date", class_personal, at, end);
    }
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
