#include <algorithm>

#include "guards/encoded_findings.h"
#include "guards/guard.h"
#include "guards/joint.h"
#include "guards/parts.h"
#include "guards/pass.h"

namespace weir {
namespace {

constexpr std::size_t all_of_it = SIZE_MAX;

// A finding within another one that has all its classes says nothing more. Of two at the same place the one of the
// guard that guards.def names first stays.
void drop_contained(const guards::Parts& parts, std::vector<Finding>& list) {
  const auto rank = [&parts](const Finding& finding) {
    return std::find_if(parts.entries.begin(), parts.entries.end(),
                        [&finding](const auto& entry) { return entry.info.name == finding.guard; });
  };
  std::stable_sort(list.begin(), list.end(), [&rank](const Finding& a, const Finding& b) {
    if (a.begin != b.begin) return a.begin < b.begin;
    if (a.end != b.end) return a.end > b.end;
    return rank(a) != rank(b) ? rank(a) < rank(b) : a.confidence > b.confidence;
  });
  std::vector<Finding> kept;
  for (const Finding& finding : list) {
    const auto contains = [&finding](const Finding& outer) {
      return outer.end >= finding.end && (finding.classes & ~outer.classes) == 0;
    };
    // Sorted by begin: only the last few can reach this far, and longer ones come first.
    const auto recent = kept.size() > 8 ? kept.end() - 8 : kept.begin();
    if (std::none_of(recent, kept.end(), contains)) kept.push_back(finding);
  }
  list = std::move(kept);
}

}  // namespace

GuardSet::GuardSet(const GuardSettings& settings) : parts_(std::make_unique<guards::Parts>(settings)) {
  parts_->learn_clean([this](std::string_view text) { return classify({text}) == 0; });
}

GuardSet::~GuardSet() = default;
GuardSet::GuardSet(GuardSet&&) noexcept = default;
GuardSet& GuardSet::operator=(GuardSet&&) noexcept = default;

ClassSet GuardSet::classify(const std::vector<std::string_view>& texts, json::TextKinds kinds) const {
  Findings found;
  found.except(parts_->exceptions);
  guards::Joint joint(texts, kinds);
  guards::Passage passage;
  while (joint.next(passage, [this](std::string_view text) { return parts_->known_clean(text); })) {
    found.read(passage);
    guards::LevelPass(*parts_, passage.text, found, guards::Until::all_classes).advance(all_of_it);
    if ((parts_->possible & ~found.classes()) == 0) break;
  }
  return found.classes();
}

std::vector<Finding> GuardSet::inspect(std::string_view text) const {
  const auto as_it_stands = [this](std::string_view plain) {
    std::vector<Finding> list;
    Findings found(list);
    found.except(parts_->exceptions);
    guards::LevelPass(*parts_, plain, found, guards::Until::end).advance(all_of_it);
    return list;
  };
  auto list = as_it_stands(text);
  guards::add_encoded_findings(text, as_it_stands, list);
  drop_contained(*parts_, list);
  return list;
}

ScanWork GuardSet::measure(std::string_view text) const {
  Findings found;
  guards::LevelPass pass(*parts_, text, found, guards::Until::end);
  pass.advance(all_of_it);
  return pass.work();
}

}  // namespace weir
