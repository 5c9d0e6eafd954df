// What is said of a person: nationality, and what articles 9 and 10 of the GDPR protect: religion, ethnic origin,
// orientation, political opinion, membership of a union, genes, biometry, convictions. A word alone says nothing
// (`Muslim countries`, `the history of the Communist Party`): somebody must be said to be it (`she is a Muslim`), in
// the same sentence.
#include <algorithm>
#include <array>

#include "guards/characters.h"
#include "guards/context.h"
#include "guards/guard.h"
#include "guards/listed.h"
#include "guards/person_terms.h"
#include "guards/persons.h"

namespace weir {
namespace {

using namespace guards;

constexpr std::size_t npos = std::string_view::npos;

constexpr WordSet verbs =
    "am|m|im|is|s|are|re|was|were|identify|identifies|became|converted|bin|ist|bist|war|sind|suis|est|es|soy|era|sono|"
    "sei|"
    "è|sou|é|jestem|jest|been|being|remain|remains|came|raised|vote|votes|voted|ben|bent|zijn|waren|är|er|var|olen|on|"
    "oli|"
    "jsem|je|byl|byla|était|sommes|sont|somos|son|eres|siamo|siete|estoy|está|estou|są|jesteśmy|был|была|я|он|она|муж|"
    "жена|"
    "отец|мать|брат|сестра|коллега|друг|сын|дочь|він|вона|чоловік|born|geworden|werd|blev|ble";

constexpr WordSet between =
    "a|an|as|not|also|very|devout|practicing|practising|proud|openly|out|lifelong|strict|observant|still|by|to|"
    "registered|active|longtime|paying|ein|eine|einer|auch|sehr|seit|nicht|offen|bekennend|un|une|très|aussi|una|muy|"
    "um|uma|muito|molto|devota|devoto|both|and|really|now|islam|citizen|national|staatsbürger|de|nationalité|"
    "nacionalidad|"
    "nacionalidade|nazionalità|di|origine|half|part|een|en|et|gläubiger|gläubige|überzeugter|überzeugte|pratiquant|"
    "pratiquante|praticante|praktizierender|praktizierende|wierzącym|wierzącą|troende|first|second|generation|"
    "naturalized|"
    "naturalised|proudly|einst|früher|narodowości|av|och|of|by|nationaliteit|naturalizado|naturalizada|ook|também|"
    "también|"
    "anche|również|också|også|myös|bir|tidigare|openlijk|abiertamente|ouvertement|apertamente|assumidamente|öppet|"
    "åpent";

// What a sentence may begin with, where the language leaves the subject out: `Es musulmán`, `È una ebrea`.
constexpr WordSet subjectless =
    "es|soy|era|sono|sei|è|sou|é|jestem|jest|estoy|está|eres|somos|siamo|olen|jsem|je|suis|bin|am|ben|on|był|była";

// `As a gay man I feel`, `als schwuler Mann`.
constexpr WordSet as_words = "as|als|como|come|jako|som|being";
constexpr WordSet articles =
    "a|an|un|una|um|uma|ein|eine|een|en|ett|et|openly|devout|practising|practicing|young|old|offen";

constexpr WordSet owners =
    "my|his|her|their|your|patient|employee|customer|client|mein|meine|meinen|sein|seine|ihr|ihre|ihren|mon|ma|mes|son|"
    "sa|"
    "ses|leur|leurs|mi|mis|su|sus|mio|mia|miei|mie|suo|sua|suoi|sue|meu|minha|meus|minhas|seu|seus|suas|mój|moja|moje|"
    "jego|"
    "jej|mijn|zijn|haar|mitt|min|mina|hans|hennes|hendes|mit|мой|моя|мои|его|её|ее|мій|мої|můj|moji|minun";
constexpr WordSet owned =
    "s|own|raw|left|right|thumb|stored|first|whole|full|eigene|eigenen|old|new|personal|private|digital|e|os|as|le|i|"
    "minhas|"
    "biometric|genetic|raw";

// What follows may turn a trait into something else's: `a German car`, `she is a German teacher`.
constexpr WordSet things =
    "one|car|company|food|language|teacher|literature|shepherd|history|countries|country|art|church|music|films|film|"
    "restaurant|cuisine|school|product|brand|speaker|speakers|lessons|class|translation|version|text|keyboard|people|"
    "communities|community|culture|world|holiday|holidays|calendar|marriage|rights|bar|dictionary|textbook|grammar|"
    "accent|"
    "dancing|vault|timor|government|army|novel|poet|wine|cheese|embassy|professor|studies|major|law|market|newspaper|"
    "press|team|league|"
    "championship|open|revolution|empire|king|queen|president|economy|wife|husband|friend";

struct Kind {
  std::string_view what;
  ClassSet classes;
};

constexpr ClassSet special = class_special | class_personal;

// In the order of Fact.
constexpr Kind kinds[] = {
    {"religion", special},          {"ethnicity", special},        {"sexual_orientation", special},
    {"political_opinion", special}, {"union_membership", special}, {"nationality", class_personal},
    {"genetic_data", special},      {"biometric_data", special},   {"criminal_conviction", special},
};

struct Words {
  Fact fact;
  std::string_view list;
};

// `Nationality: German`.
constexpr Words labels[] = {
    {Fact::nationality,
     "nationality|citizenship|staatsangehörigkeit|nationalität|nationalité|nacionalidad|nazionalità|cittadinanza|"
     "nacionalidade|narodowość|obywatelstwo|nationaliteit|nationalitet|medborgarskap|kansalaisuus|uyruk|гражданство|"
     "státní příslušnost"},
    {Fact::religion,
     "religion|konfession|religión|religione|religião|religia|wyznanie|godsdienst|religie|uskonto|религия|"
     "вероисповедание|din"},
    {Fact::ethnicity, "ethnicity|race|ethnic group|ethnie|etnia|etniczność|etniciteit|национальность|race/ethnicity"},
    {Fact::orientation,
     "sexual orientation|sexuelle orientierung|orientation sexuelle|orientación sexual|"
     "orientamento sessuale|orientação sexual|orientacja seksualna|seksuele geaardheid"},
    {Fact::politics, "political affiliation|party membership|political party|parteizugehörigkeit|partido político"},
    {Fact::union_member, "union membership|gewerkschaftszugehörigkeit|trade union"},
};

// `member of the …`, and then a party or a union.
constexpr Words memberships[] = {
    {Fact::politics,
     "member of|mitglied|membre|miembro|membro|iscritto|iscritta|filiado|filiada|afiliado|afiliada|członkiem|"
     "członkinią|należę do|należy do|lid van|medlem|jäsen|belongs to|belong "
     "to|joined|adhérent|adhérente|encarté|encartée|"
     "militant|militante|syndiqué à|syndiquée à|syndiqué|syndiquée|členem|členkou|состоит в|член|членом|үye"},
    {Fact::politics,
     "voted for|votes for|vote for|voting for|voted|campaigned for|wählt|wählte|wähle|gewählt|voté pour|vote pour|votó "
     "a|"
     "votó por|voté por|voté a|voto por|vota a|votato|vota|voto|votei|votou|głosowałem na|głosowałam na|głosował na|"
     "głosowała na|zagłosował na|zagłosowała na|stemde op|stem op|stemt op|gestemd|röstade på|röstar på|stemte på|"
     "stemmer på|äänesti|äänestin|volil|volila|голосовал за|голосовала за|голосую за|oy verdi|oy verdim"},
    {Fact::politics, "supporter of|supports the|anhänger der|anhängerin der|simpatizante de|partidario de"},
};

template <std::size_t count>
void append(const Words (&lists)[count], std::vector<std::string_view>& words, std::vector<Fact>& facts) {
  for (const Words& one : lists) {
    each_listed(one.list, [&](std::string_view word) {
      words.push_back(word);
      facts.push_back(one.fact);
    });
  }
}

class PersonFact : public Guard {
 public:
  PersonFact() {
    append(labels, words_, facts_);
    first_membership_ = words_.size();
    append(memberships, words_, facts_);
    first_origin_ = words_.size();
    append(origins, words_, facts_);
    first_term_ = words_.size();
    for (const auto lists : {person_terms(), nationalities()}) {
      for (const PersonTerms& list : lists) add_terms(list);
    }
  }

  GuardInfo info() const override {
    return {.name = "person_fact",
            .description =
                "nationality, religion, origin, orientation, political opinion, union membership, genes, biometry and "
                "convictions, said of somebody",
            .classes = class_personal | class_special,
            .triggers = {.words = words_},
            .kinds = kinds_of(kinds)};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    const std::string_view text = sighting.text;
    if (sighting.word >= first_term_) return inspect_term(sighting, terms_[sighting.word - first_term_], out);
    if (!ends_word(text, sighting.end)) return;
    if (sighting.word >= first_origin_) return inspect_origin(sighting, out);
    if (sighting.word >= first_membership_) return inspect_membership(sighting, out);
    inspect_label(sighting, facts_[sighting.word], out);
  }

 private:
  // `of Roma origin`, `arabischer Herkunft`, `d'origine maghrébine`.
  static constexpr Words origins[] = {
      {Fact::ethnicity,
       "origin|descent|heritage|ancestry|herkunft|abstammung|d'origine|d’origine|de origen|di origine|de origem|"
       "pochodzenia|afkomst|ursprung|härkomst|oprindelse|opprinnelse|kökenli|происхождения"}};

  void add_terms(const PersonTerms& list) {
    each_listed(list.terms, [&](std::string_view term) {
      words_.push_back(term);
      terms_.push_back(&list);
    });
  }

  static void add(Fact fact, std::size_t begin, std::size_t end, Findings& out) {
    const Kind& kind = kinds[static_cast<std::size_t>(fact)];
    out.add(kind.what, kind.classes, begin, end, Confidence::medium);
  }

  // Where the term ends with what its language may add; npos where another word begins with it.
  static std::size_t term_end(std::string_view text, std::size_t end, const WordSet& endings) {
    if (ends_word(text, end)) return end;
    std::size_t at = end;
    while (at < text.size() && at - end < 6 && in_word(text[at])) ++at;
    return ends_word(text, at) && endings.has(text.substr(end, at - end)) ? at : npos;
  }

  static void inspect_term(const Sighting& sighting, const PersonTerms* list, Findings& out) {
    const std::string_view text = sighting.text;
    const std::size_t end = term_end(text, sighting.end, list->endings);
    if (end == npos) return;
    if (list->claim == Claim::has) {
      if (leads_to(text, sighting.at, owners, owned)) add(list->fact, sighting.at, end, out);
      return;
    }
    const Sentence before = sentence_before(text, sighting.at);
    if (list->claim == Claim::says) {
      // Somebody before it, or nobody, where the language leaves the subject out.
      if ((before.somebody && !before.thing) || before.text.empty()) add(list->fact, sighting.at, end, out);
      return;
    }
    if (!is_claimed(text, sighting.at, end, before)) return;
    if (list->fact != Fact::politics && list->fact != Fact::union_member && is_followed_by(text, end, things)) return;
    add(list->fact, sighting.at, end, out);
  }

  static bool is_claimed(std::string_view text, std::size_t at, std::size_t end, const Sentence& before) {
    if (leads_to(text, at, as_words, articles)) return names_person_behind(text, end);
    if (before.text.empty() || !leads_to(before.text, before.text.size(), verbs, between)) return false;
    if (before.somebody) return !before.thing;
    const std::string_view first = before.text.substr(0, before.text.find(' '));
    constexpr std::size_t few = 3;
    return before.words < few && subjectless.has(first);
  }

  // One of the next words of the sentence, as far as five.
  static std::size_t end_of(std::string_view text, std::size_t at, const WordSet& words) {
    constexpr int most = 5;
    for (int passed = 0; passed < most; ++passed) {
      while (at < text.size() && !in_word(text[at])) {
        if (std::string_view(".?!\n;:()\x1E\x1F").find(text[at]) != npos) return npos;
        ++at;
      }
      const std::size_t begin = at;
      while (at < text.size() && in_word(text[at])) ++at;
      if (begin == at) return npos;
      if (words.has(text.substr(begin, at - begin))) return at;
    }
    return npos;
  }

  static void inspect_membership(const Sighting& sighting, Findings& out) {
    const std::string_view text = sighting.text;
    const Sentence before = sentence_before(text, sighting.at);
    // What says by itself who: `głosowałem na`.
    static constexpr WordSet first_person =
        "głosowałem|głosowałam|zagłosowałem|zagłosowałam|voté|votei|voto|należę|äänestin|volil|volila|голосую|"
        "голосовал";
    const std::string_view trigger = text.substr(sighting.at, sighting.end - sighting.at);
    const bool said =
        before.somebody || (before.text.empty() && first_person.has(trigger.substr(0, trigger.find(' '))));
    if (!said || before.thing) return;
    if (const std::size_t end = end_of(text, sighting.end, union_names()); end != npos)
      return add(Fact::union_member, sighting.at, end, out);
    if (const std::size_t end = end_of(text, sighting.end, party_names()); end != npos)
      return add(Fact::politics, sighting.at, end, out);
    // `hat die AfD gewählt`, `heeft op de PVV gestemd`
    static constexpr WordSet last = "gewählt|gestemd|äänesti|verdi|verdim";
    if (!last.has(text.substr(sighting.at, sighting.end - sighting.at))) return;
    if (word_before(text, sighting.at, 24, party_names())) add(Fact::politics, sighting.at, sighting.end, out);
  }

  void inspect_origin(const Sighting& sighting, Findings& out) const {
    static constexpr WordSet nobodys =
        "unbekannter|unklarer|natürlicher|pflanzlicher|tierischer|gleicher|anderer|inconnue|contrôlée|naturelle|"
        "végétale|"
        "animale|desconocido|natural|vegetal|animal|sconosciuta|naturale|vegetale|unknown|humble|noble|common|same|"
        "nieznanego|naturalnego|неизвестного|latin|greek";
    const std::string_view text = sighting.text;
    const std::string_view term = words_[sighting.word];
    std::size_t begin = sighting.at;
    std::size_t end = sighting.end;
    if (term.find_first_of(" '") != npos || term.starts_with("d\xE2")) {  // `d'origine` and what it is called behind
      while (end < text.size() && text[end] == ' ') ++end;
      const std::size_t word = end;
      while (end < text.size() && in_word(text[end])) ++end;
      if (end == word || nobodys.has(text.substr(word, end - word))) return;
    } else {
      while (begin > 0 && text[begin - 1] == ' ') --begin;
      const std::size_t word_end = begin;
      while (begin > 0 && (in_word(text[begin - 1]) || text[begin - 1] == '-')) --begin;
      const std::string_view word = text.substr(begin, word_end - begin);
      static constexpr WordSet english = "origin|descent|heritage|ancestry";
      if (word.size() < 3 || nobodys.has(word) || (english.has(term) && !is_upper(word.front()))) return;
    }
    static constexpr WordSet having =
        "of|is|am|was|are|ist|bin|war|suis|est|soy|es|sono|è|sou|é|jestem|jest|van|av|är|er|on|"
        "он|она|я|has|have|with|mit|de|di|z|been";
    const Sentence before = sentence_before(text, begin);
    if (!before.somebody || before.thing || !leads_to(text, begin, having, between)) return;
    add(Fact::ethnicity, begin, end, out);
  }

  // `religion: catholic`: any word behind the colon, in the same line.
  static void inspect_label(const Sighting& sighting, Fact fact, Findings& out) {
    static constexpr WordSet no_values =
        "string|str|text|null|none|true|false|int|integer|number|optional|unknown|varchar|enum|object|array|undefined|"
        "any|the|a|is|select|required|n|na|not|char|float|bool|boolean|country|see|and|or|of|in|fix|condition|"
        "conditions";
    const std::string_view text = sighting.text;
    if (sighting.at > 0 && std::string_view("-/.").find(text[sighting.at - 1]) != npos) return;  // `data-race: …`
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
    add(fact, at, end, out);
  }

  std::vector<std::string_view> words_;
  std::vector<Fact> facts_;  // of labels, memberships and origins
  std::vector<const PersonTerms*> terms_;
  std::size_t first_membership_ = 0;
  std::size_t first_origin_ = 0;
  std::size_t first_term_ = 0;
};

}  // namespace

std::unique_ptr<Guard> make_person_fact_guard(const GuardSettings&) { return std::make_unique<PersonFact>(); }

}  // namespace weir
