// Words that point to a person's health. A condition alone does not (`what causes diabetes?`): somebody must be spoken
// of nearby (`my`, `she`, `patient`). Phrases that say it by themselves (`diagnosed with`, `my therapist`) and the
// numbers of medical records do.
#include <algorithm>

#include "guards/characters.h"
#include "guards/context.h"
#include "guards/guard.h"
#include "guards/health_terms.h"
#include "guards/listed.h"

namespace weir {
namespace {

using namespace guards;

constexpr WordSet fillers = "number|no|nr|id|is|was|code|codes|cm|patient|lautet|value";

class Health : public Guard {
 public:
  Health() : terms_(health_terms()), elsewhere_(conditions_elsewhere()) {
    for (const auto list : {terms_.telling, terms_.conditions, terms_.numbers, terms_.labels}) {
      words_.insert(words_.end(), list.begin(), list.end());
    }
    each_listed(elsewhere_.conditions, [this](std::string_view word) { words_.push_back(word); });
  }

  GuardInfo info() const override {
    return {.name = "health",
            .description = "words that point to a person's health: diagnoses, treatments, medicines, record numbers",
            .classes = class_health | class_personal,
            .triggers = {.words = words_},
            .kinds = {"health", "medical_record", "icd_code"}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    const std::string_view text = sighting.text;
    if (!ends_word(text, sighting.end) && !is_plural(text, sighting.end)) return;
    if (sighting.word < terms_.telling.size()) {
      if (is_of_programs(text, sighting.end)) return;
      out.add("health", class_health, sighting.at, sighting.end, Confidence::medium);
    } else if (sighting.word < terms_.telling.size() + terms_.conditions.size()) {
      if (speaks_of_somebody(sighting)) out.add("health", class_health, sighting.at, sighting.end, Confidence::medium);
    } else if (sighting.word < terms_.telling.size() + terms_.conditions.size() + terms_.numbers.size()) {
      inspect_number(sighting, out);
    } else if (sighting.word < places_of_labels() + terms_.labels.size()) {
      if (says_something(text, sighting.end))
        out.add("health", class_health, sighting.at, sighting.end, Confidence::medium);
    } else if (speaks_of_somebody(sighting)) {
      out.add("health", class_health, sighting.at, sighting.end, Confidence::medium);
    }
  }

 private:
  // `diagnosed with -Wall`, `diagnosed with valgrind`.
  static bool is_of_programs(std::string_view text, std::size_t end) {
    static constexpr WordSet tools =
        "valgrind|gdb|asan|ubsan|tsan|lint|clang|gcc|strace|perf|the|tcpdump|wireshark|warning|warnings|an|error";
    static constexpr WordSet programs =
        "compiler|debugger|profiler|flag|option|tool|script|command|error|errors|warning|warnings|log|logs";
    std::size_t at = end;
    while (at < text.size() && text[at] == ' ') ++at;
    if (text.substr(at, 5) == "with ") at += 5;
    if (at == end || at >= text.size()) return false;
    if (text[at] == '`' || text[at] == '/' || (text[at] == '-' && at + 1 < text.size() && is_alnum(text[at + 1])))
      return true;
    std::size_t word = at;
    while (word < text.size() && is_alpha(text[word])) ++word;
    const std::string_view first = text.substr(at, word - at);
    const bool article = equals_folded(first, "the") || equals_folded(first, "an");
    return tools.has(first) && (!article || is_followed_by(text, word, programs));
  }

  [[nodiscard]] std::size_t places_of_labels() const {
    return terms_.telling.size() + terms_.conditions.size() + terms_.numbers.size();
  }

  // `Allergies: peanuts`, not `Allergies: none` nor a form's empty field.
  static bool says_something(std::string_view text, std::size_t at) {
    static constexpr WordSet nothing =
        "none|no|n|unknown|keine|aucune|ninguna|nessuna|nenhuma|brak|string|null|undefined";
    while (at < text.size() && (is_quote(text[at]) || text[at] == '*')) ++at;
    if (at >= text.size() || text[at] != ':') return false;
    ++at;
    while (at < text.size() && (text[at] == ' ' || text[at] == '*' || is_quote(text[at]))) ++at;
    std::size_t end = at;
    while (end < text.size() && in_word(text[end])) ++end;
    return end > at && !nothing.has(text.substr(at, end - at));
  }

  static constexpr std::size_t reach_before = 72;
  static constexpr std::size_t reach_after = 48;

  static bool is_plural(std::string_view text, std::size_t end) {
    return end < text.size() && to_lower(text[end]) == 's' && ends_word(text, end + 1);
  }

  // In the same sentence, as far as full stops tell.
  bool speaks_of_somebody(const Sighting& sighting) const {
    const std::string_view text = sighting.text;
    const std::size_t from = sighting.at - std::min(sighting.at, reach_before);
    std::string_view before = text.substr(from, sighting.at - from);
    const std::size_t stop = before.find_last_of("?!\n\x1E");
    if (stop != std::string_view::npos) before.remove_prefix(stop + 1);
    const auto stands_before = [before](const WordSet& words) {
      return word_before(before, before.size(), before.size(), words);
    };
    if (stands_before(terms_.people) || stands_before(elsewhere_.people) || begins_with_having(before) ||
        begins_with_pronoun(before)) {
      return true;
    }
    std::string_view after = text.substr(sighting.end, reach_after);
    after = after.substr(0, after.find_first_of(".?!\n\x1E"));
    return word_after(after, 0, after.size(), terms_.people) || is_answer(text, sighting.at);
  }

  // `Il a le diabète`, but not the article of `Il diabete ha molte cause`.
  static bool begins_with_pronoun(std::string_view before) {
    const std::size_t pronoun = before.find("l ");
    return pronoun == 1 && to_lower(before[0]) == 'i' && before.size() > pronoun + 2;
  }

  // `Ho l'epilessia`, `Tiene asma`: the subject is left out.
  [[nodiscard]] bool begins_with_having(std::string_view before) const {
    const std::size_t full = before.rfind(". ");
    if (full != std::string_view::npos) before.remove_prefix(full + 2);
    std::size_t begin = 0;
    while (begin < before.size() && !in_word(before[begin])) ++begin;
    std::size_t end = begin;
    while (end < before.size() && in_word(before[end])) ++end;
    return elsewhere_.having.has(before.substr(begin, end - begin));
  }

  // `Are you taking anything?` and then `metformin`; `what is your diagnosis?` and then `diabetes`.
  static bool is_answer(std::string_view text, std::size_t at) {
    static constexpr WordSet health_words =
        "health|illness|illnesses|ill|sick|disease|diseases|condition|conditions|diagnosis|diagnosed|medication|"
        "medications|"
        "medicine|medicines|meds|drug|drugs|allergies|allergic|allergy|symptoms|suffer|suffering|treatment|treated|"
        "doctor|"
        "taking|take|prescription|prescribed|pregnant|krankheit|krankheiten|medikamente|diagnose|maladie|enfermedad";
    static constexpr WordSet asked_people = "your|you|he|she|his|her|patient|they|their|sie|ihre|deine|vous|su|tu";
    return asked_for(text, at, health_words) && asked_for(text, at, asked_people);
  }

  void inspect_number(const Sighting& sighting, Findings& out) const {
    Value value = value_after(sighting.text, sighting.end, fillers);
    if (value.digits < 2)
      value = answer_after(sighting.text, sighting.end);
    else if (value.begin - sighting.end > 24)
      return;
    if (value.digits < 2 || value.digits > 16) return;
    const std::string_view word = words_[sighting.word];
    const bool code = word.substr(0, 3) == "icd";
    // `ICD-10 has 70,000 codes`: a code begins with a letter; a record has at least four digits.
    if (code ? !is_alpha(sighting.text[value.begin]) : value.digits < 4) return;
    if (code) return out.add("icd_code", class_health, value.begin, value.end);
    out.add("medical_record", class_health | class_personal, value.begin, value.end, Confidence::medium);
  }

  HealthTerms terms_;
  ConditionsElsewhere elsewhere_;
  std::vector<std::string_view> words_;
};

}  // namespace

std::unique_ptr<Guard> make_health_guard(const GuardSettings&) { return std::make_unique<Health>(); }

}  // namespace weir
