// How old somebody is: `34 years old`, `Tiene 34 años`, `Mam 34 lata`, `34-jähriger Mann`, `мне 34 года`. Years alone
// say nothing: bridges, servers and mortgages have them. Where the language says "has 34 years" or "is 34 years", that
// verb must stand before the number; somebody must be spoken of in the sentence, or the sentence begin with it; and
// nothing that is no person (`a 5-year-old startup`).
#include <algorithm>
#include <array>

#include "guards/characters.h"
#include "guards/context.h"
#include "guards/guard.h"
#include "guards/listed.h"
#include "guards/persons.h"

namespace weir {
namespace {

using namespace guards;

// How much the word behind the number says.
enum class Says : uint8_t {
  old,     // `years old`: of somebody or something
  years,   // `ans`: only behind a verb that gives somebody years
  person,  // `-jähriger`, `-åring`, `歳`: of a person, unless a thing follows
  label,   // before the number: `Age: 34`
  aged,    // before the number: `aged 34`
};

struct Words {
  Says says;
  std::string_view list;
};

constexpr Words lists[] = {
    {Says::old,
     "years old|year old|years-old|year-old|yrs old|yr old|yrs. old|yo|y.o.|y/o|years of age|year olds|jahre alt|"
     "ans d'âge|años de edad|anni di età|anos de idade|lat życia|jaar oud|år gammal|år gammel|år gamal|vuotta vanha|"
     "let starý|let stará|ετών|χρονών|χρόνων"},
    {Says::years,
     "ans|años|anni|anos|lat|lata|jaar|år|vuotta|let|roků|jahre|yaşında|yaşındayım|yaşındadır|лет|года|год|років|роки|"
     "рік|years"},
    {Says::person,
     "jährige|jähriger|jährigen|jarige|åring|åringen|årig|vuotias|letý|letá|letni|letnia|letniej|letniego|летний|"
     "летняя|"
     "летнего|летней|річний|річна|歳|岁|歲|살"},
    {Says::aged,
     "aged|age of|turn|turned|turns|turning|âgé de|âgée de|de edad|im alter von|all'età di|aos|w wieku|op leeftijd "
     "van|i en "
     "alder av|i en ålder av|"
     "в возрасте|у віці"},
    {Says::label,
     "age|patient "
     "age|alter|âge|edad|età|idade|wiek|leeftijd|ålder|alder|ikä|yaş|возраст|вік|ηλικία|věk|年齢|年龄|나이"},
};

constexpr auto words = listed_words<lists, &Words::list>;
constexpr auto says_of = listed_rows<lists, &Words::list, &Words::says>;

// Right before the number, apart from `already`, `only`, `about`.
constexpr WordSet having =
    "a|ai|as|avait|aura|avais|ont|avons|tiene|tengo|tienes|tenía|cumple|cumplió|cumplí|tenemos|ha|ho|hai|aveva|avevo|"
    "compie|compirà|tem|tenho|tens|tinha|fez|faz|mam|ma|masz|miał|miała|skończył|skończyła|skończyłem|skończyłam|is|"
    "ben|"
    "bent|was|wordt|werd|är|er|var|fyller|fyllde|blir|bliver|fyldte|fylte|on|olen|olin|oli|täytti|je|jsem|mi|mu|jí|"
    "bylo|"
    "má|mám|bin|ist|bist|war|wird|wurde|werde|мне|ему|ей|тебе|вам|сыну|дочери|мужу|жене|маме|папе|мені|йому|їй|"
    "исполнилось|"
    "είμαι|είναι|am|turned|turn|turns|mère|padre|madre|sono|soy|fils|hijo|turning";

// A verb of the first person, and pronouns: of whom is clear.
constexpr WordSet speakers =
    "ai|tengo|cumplí|ho|tenho|mam|miałem|ben|olen|jsem|mi|bin|мне|ему|ей|мені|йому|їй|είμαι|am|yaşındayım|skończyłem|"
    "skończyłam|тебе|сыну|дочери|мужу|жене|маме|папе|jí|mu|mám";

constexpr WordSet about =
    "already|only|about|around|just|almost|now|nearly|déjà|environ|presque|seulement|ya|casi|sólo|solo|unos|già|quasi|"
    "circa|appena|já|quase|só|już|prawie|około|tylko|dopiero|al|pas|ongeveer|bijna|nu|redan|bara|nästan|nå|nesten|bare|"
    "kun|allerede|jo|vasta|už|teprve|schon|erst|fast|jetzt|gerade|уже|только|почти|вже|еще|ещё|bientôt|aujourd|hui|"
    "hoje|"
    "oggi|hoy|bald";

// What follows when years are no age: `10 ans d'expérience`, `10 years of`.
constexpr WordSet of_what =
    "de|d|di|of|experience|expérience|experiencia|esperienza|experiência|doświadczenia|erfahrung|ervaring|erfarenhet|"
    "erfaring|kokemusta|опыта|стажа|ago|later|after|warranty|garantie|garantía|garanzia|mortgage|in|an|lang|après|fa|"
    "depois|temu|назад|geleden|sedan|siden|sitten|before|or|prison|jail|contract|term|old|gammalt|gammelt|vanhaa|stary";

// Groups: `aged 18 to 24`, `aged 65 and over`.
constexpr WordSet of_groups =
    "and|or|to|years|year|months|month|days|weeks|hours|minutes|bis|et|à|y|a|e|till|und|oder|ou|o|plus|i|do|en|tot|och|"
    "til";

struct Number {
  std::size_t begin = 0;
  std::size_t end = 0;
};

bool is_age(std::string_view digits) {
  constexpr int oldest = 120;
  if (digits.empty() || digits.size() > 3 || digits[0] == '0') return false;
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value <= oldest;
}

bool in_number(std::string_view text, const Number& number) {
  const std::size_t begin = number.begin;
  const bool before = begin > 0 && std::string_view(".,-/:$%+").find(text[begin - 1]) != std::string_view::npos &&
                      (begin < 2 || !is_space(text[begin - 2]));
  if (before || glued_before(text, begin)) return true;
  const std::size_t end = number.end;
  return end + 1 < text.size() && std::string_view(".:,/-").find(text[end]) != std::string_view::npos &&
         is_digit(text[end + 1]);
}

class Age : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "age",
            .description = "how old somebody is, in sixteen languages",
            .classes = class_personal,
            .triggers = {.words = words},
            .kinds = {"age"}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    const Says says = says_of[sighting.word];
    const std::string_view text = sighting.text;
    const bool plural = sighting.end < text.size() && text[sighting.end] == 's' && ends_word(text, sighting.end + 1);
    if (!ends_word(text, sighting.end) && !plural) return;
    if (says == Says::label) return inspect_label(sighting, out);
    if (says == Says::aged) return inspect_aged(sighting, out);
    std::size_t end = sighting.at;
    while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '-') && sighting.at - end < 3) --end;
    Number number{.begin = end, .end = end};
    while (number.begin > 0 && is_digit(text[number.begin - 1]) && number.end - number.begin < 4) --number.begin;
    if (!is_age(text.substr(number.begin, number.end - number.begin)) || in_number(text, number)) return;
    if (!speaks(says, sighting, number)) return;
    out.add("age", class_personal, number.begin, sighting.end, Confidence::medium);
  }

 private:
  static bool speaks(Says says, const Sighting& sighting, const Number& number) {
    const std::string_view text = sighting.text;
    const Sentence before = sentence_before(text, number.begin);
    if (says == Says::years) return has_years(sighting, number, before);
    if (is_of_thing(text, sighting.end)) return false;
    if (names_person_behind(text, sighting.end)) return true;
    if (says == Says::person) return before.somebody && !before.thing;
    // The sentence may be about a thing of somebody's: `my house is 34 years old`.
    return (before.somebody && !before.thing) || before.text.empty();
  }

  static bool has_years(const Sighting& sighting, const Number& number, const Sentence& before) {
    const std::string_view text = sighting.text;
    const std::string_view word = words[sighting.word];
    if (word.starts_with("yaşında")) return word != "yaşında" || before.somebody;
    if (is_followed_by(text, sighting.end, of_what) || before.thing) return false;
    const bool claimed = leads_to(text, number.begin, having, about);
    if (!claimed) return is_person_of(before.text);
    const bool ago = ends_with_word(before.text, "y a") || ends_with_word(before.text, "il y a");
    if (ago) return false;
    const bool first = leads_to(text, number.begin, speakers, about);
    // Without a subject, as many languages have it: `Tiene 34 años`.
    return first || before.somebody || before.words <= 2;
  }

  // `un hombre de 45 años`, `una donna di 52 anni`
  static bool is_person_of(std::string_view before) {
    while (!before.empty() && before.back() == ' ') before.remove_suffix(1);
    constexpr std::size_t link = 3;  // with its space
    if (before.size() <= link || (!ends_with_word(before, "de") && !ends_with_word(before, "di"))) return false;
    before.remove_suffix(link);
    const std::string_view word = before.substr(before.rfind(' ') + 1);  // npos: from its beginning
    return is_person_word(word);
  }

  // `he turned 46`, and not `he turned 46 pages`.
  static bool turns_to_something(std::string_view text, std::size_t end) {
    static constexpr WordSet after =
        "this|next|last|on|in|today|tomorrow|yesterday|and|but|years|when|while|soon|already|just|or|so|at";
    const bool over =
        end == text.size() || text[end] == '\n' ||
        (std::string_view(".,;!?)\"").find(text[end]) != npos && (end + 1 == text.size() || !is_alnum(text[end + 1])));
    return !over && !is_followed_by(text, end, after);
  }

  // `aged 34`, `âgée de 34 ans`, `turned 34`
  static void inspect_aged(const Sighting& sighting, Findings& out) {
    const std::string_view text = sighting.text;
    if (sighting.end >= text.size() || text[sighting.end] != ' ') return;
    Number number{.begin = sighting.end + 1, .end = sighting.end + 1};
    while (number.end < text.size() && is_digit(text[number.end])) ++number.end;
    if (!is_age(text.substr(number.begin, number.end - number.begin)) || in_number(text, number)) return;
    if (number.end < text.size() &&
        (text[number.end] == '-' || text[number.end] == '+' || glued_after(text, number.end)))
      return;
    if (words[sighting.word].starts_with("turn") && turns_to_something(text, number.end)) return;
    const bool years = words[sighting.word] != "aged";
    const Sentence before = sentence_before(text, sighting.at);
    if (!years && (is_followed_by(text, number.end, of_groups) || text.substr(number.end, 2) == "\xE2\x80")) return;
    if (before.thing || (!before.somebody && !before.text.empty())) return;
    out.add("age", class_personal, number.begin, number.end, Confidence::medium);
  }

  // `Age: 34`; also a field of data, so it says less.
  static void inspect_label(const Sighting& sighting, Findings& out) {
    const std::string_view text = sighting.text;
    std::size_t at = sighting.end;
    while (at < text.size() && at - sighting.end < 6 && std::string_view(" :=\"'*").find(text[at]) != npos) ++at;
    if (text.substr(sighting.end, at - sighting.end).find_first_of(":=") == npos || glued_before(text, sighting.at))
      return;
    std::size_t end = at;
    while (end < text.size() && is_digit(text[end]) && end - at < 4) ++end;
    if (!is_age(text.substr(at, end - at)) || glued_after(text, end)) return;
    if (end < text.size() && (text[end] == '.' || text[end] == ':') && end + 1 < text.size() && is_digit(text[end + 1]))
      return;
    out.add("age", class_personal, at, end, Confidence::low);
  }

  static constexpr std::size_t npos = std::string_view::npos;
};

}  // namespace

std::unique_ptr<Guard> make_age_guard(const GuardSettings&) { return std::make_unique<Age>(); }

}  // namespace weir
