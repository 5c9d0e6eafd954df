#include <algorithm>
#include <optional>

#include "guards/characters.h"
#include "guards/guard.h"
#include "guards/joint.h"
#include "guards/parts.h"
#include "guards/pass.h"

namespace weir {

struct GuardSet::Reading::State {
  State(const guards::Parts& all_guards, std::vector<std::string_view> all, json::TextKinds kinds)
      : parts(all_guards), texts(std::move(all)), joint(texts, kinds) {
    found.except(parts.exceptions);
  }

  const guards::Parts& parts;
  std::vector<std::string_view> texts;
  guards::Joint joint;
  guards::Passage passage;
  std::vector<Finding> list;  // of the passage
  std::vector<Located> located;
  std::vector<FoundPlace> places;
  Findings found;
  guards::Until until = guards::Until::all_certain;
  std::optional<guards::LevelPass> pass;  // of the passage, while it is under way

  bool next() {
    if (!joint.next(passage, [this](std::string_view text) { return parts.known_clean(text); })) return false;
    found.read(passage);
    pass.emplace(parts, passage.text, found, until);
    return true;
  }

  static constexpr std::size_t most = 64;

  [[nodiscard]] bool enough() const { return until == guards::Until::all_certain && parts.all_found(found); }

  // A whole value at the end of a text and the first word of the next make another one: `anna@posteo.de` `Sure`. Where
  // digits meet, it may as well be a value in two halves.
  [[nodiscard]] bool goes_too_far(const Finding& finding, const std::vector<guards::Joint::Part>& pieces) const {
    if (pieces.size() < 2) return false;
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
      const char before = texts[pieces[i].text][pieces[i].end - 1];
      const char after = texts[pieces[i + 1].text][pieces[i + 1].begin];
      if (guards::is_digit(before) && guards::is_digit(after)) return false;
    }
    return std::any_of(places.begin(), places.end(), [&](const FoundPlace& one) {
      return one.what == finding.what && std::any_of(pieces.begin(), pieces.end(), [&](const auto& part) {
               return part.text == one.text && part.begin <= one.begin && part.end >= one.end;
             });
    });
  }

  void note_places() {
    for (const Finding& finding : list) {
      const auto pieces = joint.parts(passage, finding.begin, finding.end);
      if (goes_too_far(finding, pieces)) continue;
      for (const auto& part : pieces) {
        places.push_back({.what = finding.what,
                          .classes = finding.classes,
                          .confidence = finding.confidence,
                          .text = part.text,
                          .begin = part.begin,
                          .end = part.end});
      }
    }
    for (const Finding& finding : list) {
      if (located.size() == most) break;  // nobody reads more
      const Located one{.what = finding.what,
                        .classes = finding.classes,
                        .text = joint.text_at(passage, finding.begin),
                        .confidence = finding.confidence};
      // Put together, a whole value and what stands before it make another one: `hi`, `anna@…`.
      const bool across = passage.of == guards::Passage::Of::seams || passage.of == guards::Passage::Of::spaced;
      const auto known = std::find_if(located.begin(), located.end(), [&](const Located& other) {
        return other.what == one.what && (across || (other.classes == one.classes && other.text == one.text));
      });
      if (known == located.end()) {
        located.push_back(one);
      } else {
        known->confidence = std::max(known->confidence, one.confidence);
      }
    }
    list.clear();
  }
};

GuardSet::Reading::Reading(const GuardSet& guards, std::vector<std::string_view> texts, json::TextKinds kinds)
    : state_(std::make_unique<State>(*guards.parts_, std::move(texts), kinds)) {}

GuardSet::Reading::~Reading() = default;

void GuardSet::Reading::locate() {
  state_->until = guards::Until::end;
  state_->found = Findings(state_->list);
  state_->found.except(state_->parts.exceptions);
  state_->joint.locate();
}

bool GuardSet::Reading::advance(std::size_t bytes) {
  State& state = *state_;
  for (;;) {
    if (!state.pass && !state.next()) return true;
    if (!state.pass->advance(bytes)) return false;
    state.pass.reset();
    state.note_places();
    if (state.enough()) return true;
    if (state.passage.text.size() >= bytes) return false;
    bytes -= state.passage.text.size();
  }
}

ClassSet GuardSet::Reading::classes() const { return state_->found.classes(); }
FoundClasses GuardSet::Reading::found() const { return state_->found.found(); }

const std::vector<FoundPlace>& GuardSet::Reading::places() const { return state_->places; }

std::vector<Located> GuardSet::Reading::located() const {
  auto located = state_->located;
  std::stable_sort(located.begin(), located.end(), [](const Located& a, const Located& b) { return a.text < b.text; });
  return located;
}

}  // namespace weir
