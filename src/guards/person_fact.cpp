// What is said of a person: age, nationality, and what article 9 of the GDPR calls special: religion, ethnic origin,
// orientation, political opinion, membership of a union. A word alone says nothing (`Muslim countries`, `a 10-year-old
// bridge`): somebody must be said to be it (`she is a Muslim`), in the same sentence.
#include <algorithm>
#include <array>

#include "guards/characters.h"
#include "guards/context.h"
#include "guards/guard.h"
#include "guards/person_terms.h"

namespace weir {
namespace {

using namespace guards;

constexpr WordSet people =
    "i|am|im|bin|suis|soy|sou|jestem|me|my|he|she|his|her|him|we|they|who|myself|wife|husband|mother|father|mom|mum|"
    "dad|son|daughter|brother|"
    "sister|partner|boyfriend|girlfriend|friend|colleague|coworker|boss|neighbor|neighbour|client|patient|employee|"
    "customer|man|woman|boy|girl|male|female|mr|mrs|ms|ich|er|sie|wir|mein|meine|frau|mann|kollege|kollegin|patientin|"
    "kunde|kundin|herr|je|il|elle|nous|mon|ma|mari|femme|fils|fille|yo|él|ella|mi|esposa|esposo|marido|hijo|hija|"
    "paciente|io|lui|lei|mio|mia|moglie|marito|figlio|figlia|eu|ele|ela|meu|minha|filho|filha|ja|on|ona|mój|moja|pan|"
    "pani|applicant|candidate|defendant|plaintiff|suspect|driver|tenant|pupil|student|child";

constexpr WordSet verbs =
    "am|m|is|s|are|re|was|were|identify|identifies|became|converted|bin|ist|bist|war|sind|suis|est|es|soy|era|sono|sei|"
    "è|sou|é|jestem|jest|been|being|remain|remains|came|raised|vote|votes|voted";

constexpr WordSet between =
    "a|an|as|not|also|very|devout|practicing|practising|proud|openly|out|lifelong|strict|observant|still|by|to|"
    "registered|active|longtime|paying|ein|eine|einer|auch|sehr|seit|nicht|offen|bekennend|un|une|très|aussi|una|muy|"
    "um|uma|muito|molto|devota|devoto|both|and|really|now|the|of|islam|of|citizen|national|staatsbürger|from";

struct Kind {
  std::string_view what;
  ClassSet classes;
};

// In the order of Fact.
constexpr Kind kinds[] = {
    {"religion", class_special | class_personal},           {"ethnicity", class_special | class_personal},
    {"sexual_orientation", class_special | class_personal}, {"political_opinion", class_special | class_personal},
    {"union_membership", class_special | class_personal},   {"nationality", class_personal},
};

constexpr std::string_view age_words[] = {
    "years old", "year old", "years-old", "year-old", "yrs old", "yo",  "y/o",  "years of age", "jahre alt", "jährige",
    "jähriger",  "ans",      "años",      "anni",     "anos",    "lat", "aged", "age of",       "alter von", "turned",
    "turns",     "turning",  "turn",      "age",      "alter",   "âge", "edad", "età",          "idade",     "wiek"};
constexpr std::size_t first_named_age = 16;
constexpr std::size_t first_turn = 19;  // `he turned 46`, and not `he turned 46 pages`
constexpr std::size_t first_label_age = 23;
static_assert(age_words[first_named_age] == "aged" && age_words[first_turn] == "turned" &&
              age_words[first_label_age] == "age");

// `Nationality: German`.
constexpr std::string_view label_words[] = {"nationality",         "citizenship",
                                            "staatsangehörigkeit", "nationalité",
                                            "nacionalidad",        "nazionalità",
                                            "nacionalidade",       "religion",
                                            "konfession",          "religión",
                                            "ethnicity",           "race",
                                            "sexual orientation",  "political affiliation",
                                            "party membership"};
constexpr Fact label_facts[] = {Fact::nationality, Fact::nationality, Fact::nationality, Fact::nationality,
                                Fact::nationality, Fact::nationality, Fact::nationality, Fact::religion,
                                Fact::religion,    Fact::religion,    Fact::ethnicity,   Fact::ethnicity,
                                Fact::orientation, Fact::politics,    Fact::politics};
static_assert(std::size(label_words) == std::size(label_facts));

class PersonFact : public Guard {
 public:
  PersonFact() {
    words_.assign(std::begin(age_words), std::end(age_words));
    words_.insert(words_.end(), std::begin(label_words), std::end(label_words));
    for (const PersonTerms& list : person_terms()) {
      words_.insert(words_.end(), list.terms.begin(), list.terms.end());
      facts_.insert(facts_.end(), list.terms.size(), list.fact);
    }
  }

  GuardInfo info() const override {
    return {.name = "person_fact",
            .description =
                "age, nationality, religion, origin, orientation, political opinion and union membership, "
                "said of somebody",
            .classes = class_personal | class_special,
            .triggers = {.words = words_},
            .kinds = kinds_of(kinds, {"age"})};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    const std::string_view text = sighting.text;
    if (!ends_word(text, sighting.end) && !is_plural(text, sighting.end)) return;
    if (sighting.word < std::size(age_words)) return inspect_age(sighting, out);
    const std::size_t rest = sighting.word - std::size(age_words);
    if (rest < std::size(label_words)) return inspect_label(sighting, label_facts[rest], out);
    inspect_term(sighting, facts_[rest - std::size(label_words)], out);
  }

 private:
  static constexpr std::size_t reach = 64;

  static bool is_plural(std::string_view text, std::size_t end) {
    return end < text.size() && text[end] == 's' && ends_word(text, end + 1);
  }

  // In the same sentence, before `at`.
  static bool somebody_before(std::string_view text, std::size_t at) {
    const std::size_t from = at - std::min(at, reach);
    std::string_view before = text.substr(from, at - from);
    const std::size_t stop = before.find_last_of("?!\n;\x1E");
    if (stop != std::string_view::npos) before.remove_prefix(stop + 1);
    const std::size_t full = before.rfind(". ");
    if (full != std::string_view::npos) before.remove_prefix(full + 2);
    return word_before(before, before.size(), before.size(), people);
  }

  static void inspect_term(const Sighting& sighting, Fact fact, Findings& out) {
    const std::string_view text = sighting.text;
    const Kind& kind = kinds[static_cast<std::size_t>(fact)];
    const bool membership = fact == Fact::union_member || fact == Fact::politics;
    const bool claimed = leads_to(text, sighting.at, verbs, between);
    if (!claimed || !somebody_before(text, sighting.at)) return;
    // `my laptop is a German one`, `she is German teacher`: what follows may turn it into something else.
    static constexpr WordSet things =
        "one|car|company|food|language|teacher|literature|shepherd|history|countries|country|art|church|music|films|"
        "film|restaurant|cuisine|school|product|brand|speaker|speakers|lessons|class|translation|version|text|keyboard|"
        "people|communities|community|culture|world|holiday|holidays|calendar|marriage|rights|bar";
    if (!membership && is_followed_by(text, sighting.end, things)) return;
    out.add(kind.what, kind.classes, sighting.at, sighting.end, Confidence::medium);
  }

  // `religion: catholic`: any word behind the colon, in the same line.
  static void inspect_label(const Sighting& sighting, Fact fact, Findings& out) {
    static constexpr WordSet no_values =
        "string|str|text|null|none|true|false|int|integer|number|optional|unknown|varchar|enum|object|array|undefined|"
        "any|the|a|is|select|required|n|na|not|char|float|bool|boolean|country|see|and|or|of|in";
    const std::string_view text = sighting.text;
    std::size_t at = sighting.end;
    while (at < text.size() && (text[at] == '"' || text[at] == '\'' || text[at] == ' ' || text[at] == '*')) ++at;
    if (at >= text.size() || (text[at] != ':' && text[at] != '=')) return;
    ++at;
    while (at < text.size() && (text[at] == '"' || text[at] == '\'' || text[at] == ' ' || text[at] == '*')) ++at;
    std::size_t end = at;
    while (end < text.size() && (is_alpha(text[end]) || !is_ascii(text[end]))) ++end;
    if (end - at < 3 || no_values.has(text.substr(at, end - at))) return;
    if (end < text.size() && (text[end] == '(' || text[end] == '_' || text[end] == '.')) {
      const bool code = text[end] != '.' || (end + 1 < text.size() && is_alpha(text[end + 1]));
      if (code) return;
    }
    const Kind& kind = kinds[static_cast<std::size_t>(fact)];
    out.add(kind.what, kind.classes, at, end, Confidence::medium);
  }

  static void inspect_age(const Sighting& sighting, Findings& out) {
    const std::string_view text = sighting.text;
    if (sighting.word >= first_named_age) return inspect_named_age(sighting, out);
    std::size_t end = sighting.at;
    while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '-')) --end;
    std::size_t begin = end;
    while (begin > 0 && is_digit(text[begin - 1]) && end - begin < 4) --begin;
    if (!is_age(text.substr(begin, end - begin)) || glued_before(text, begin)) return;
    if (begin > 0 && (text[begin - 1] == '.' || text[begin - 1] == ',' || text[begin - 1] == '-')) return;
    if (!somebody_before(text, begin) && !is_followed_by(text, sighting.end, people)) return;
    out.add("age", class_personal, begin, sighting.end, Confidence::medium);
  }

  // `aged 34`, `at the age of 34`, `turned 34`, `Age: 34`.
  static void inspect_named_age(const Sighting& sighting, Findings& out) {
    const std::string_view text = sighting.text;
    const bool sentence = sighting.word < first_label_age;
    std::size_t at = sighting.end;
    while (at < text.size() && at - sighting.end < 6 && std::string_view(" :=\"'*").find(text[at]) != npos) ++at;
    const bool sign = text.substr(sighting.end, at - sighting.end).find_first_of(":=") != npos;
    if (sentence ? at != sighting.end + 1 || !somebody_before(text, sighting.at) : !sign) return;
    if (!sentence && glued_before(text, sighting.at)) return;
    std::size_t end = at;
    while (end < text.size() && is_digit(text[end]) && end - at < 4) ++end;
    if (!is_age(text.substr(at, end - at)) || glued_after(text, end)) return;
    if (end < text.size() && (text[end] == '.' || text[end] == ':') && end + 1 < text.size() && is_digit(text[end + 1]))
      return;
    static constexpr WordSet after_turn =
        "this|next|last|on|in|today|tomorrow|yesterday|and|but|years|when|while|soon|already|just|or|so|at";
    if (sentence && sighting.word >= first_turn && end < text.size() && !ends_sentence(text, end) &&
        !is_followed_by(text, end, after_turn))
      return;
    // An age in a line of data: seconds in a cache's header, a key of a program.
    out.add("age", class_personal, at, end, sentence ? Confidence::medium : Confidence::low);
  }

  static bool ends_sentence(std::string_view text, std::size_t at) {
    return text[at] == '\n' || (std::string_view(".,;!?)\"").find(text[at]) != npos &&
                                (at + 1 == text.size() || is_space(text[at + 1]) || !is_alnum(text[at + 1])));
  }

  static bool is_age(std::string_view digits) {
    constexpr int oldest = 120;
    if (digits.empty() || digits.size() > 3 || digits[0] == '0') return false;
    int value = 0;
    for (const char c : digits) value = value * 10 + (c - '0');
    return value <= oldest;
  }

  static constexpr std::size_t npos = std::string_view::npos;

  std::vector<std::string_view> words_;
  std::vector<Fact> facts_;
};

}  // namespace

std::unique_ptr<Guard> make_person_fact_guard(const GuardSettings&) { return std::make_unique<PersonFact>(); }

}  // namespace weir
