#include <algorithm>

#include "guards/context.h"
#include "guards/exceptions.h"
#include "guards/guard.h"
#include "guards/joint.h"
#include "guards/unescape.h"

namespace weir {

void Findings::begin(std::string_view whole) {
  whole_ = whole;
  extended_ = {};
}

void Findings::pin(std::size_t begin, std::size_t end, std::string_view whole) {
  pinned_ = true;
  whole_ = whole;
  pin_begin_ = begin;
  pin_end_ = end;
}

// Plain numbers one below or after the other make phones of many forms.
bool Findings::crosses(std::size_t begin, std::size_t end) const {
  if (offset_ + begin >= crossing_at_ || offset_ + end <= crossing_at_) return false;
  if (joined_ == Joined::by_markup) {
    static constexpr guards::WordSet names =
        "ssn|social|security|itin|sin|nino|nhs|insurance|tax|steuer|steuernummer|passport|reisepass|ausweis|licence|"
        "license|phone|telephone|tel|mobile|cell|call|telefon|handy|account|konto|kontonummer|aadhaar|cpf|pesel|bsn|"
        "personnummer|patient";
    if (guard_ == "payment_card" || guard_ == "iban") return true;
    return guards::word_before(view_, begin, 48, names);
  }
  return joined_ == Joined::directly || guard_ != "phone" || guards::is_named_phone(view_, begin);
}

void Findings::note(ClassSet classes, Confidence confidence) {
  for (std::size_t i = 0; i <= static_cast<std::size_t>(confidence); ++i) by_confidence_[i] |= classes;
}

void Findings::add(std::string_view what, ClassSet classes, std::size_t begin, std::size_t end, Confidence confidence) {
  if (exceptions_ != nullptr && exceptions_->has(guard_, what, view_.substr(begin, end - begin), confidence)) return;
  if (passage_ == nullptr && list_ == nullptr && !crossing_) return note(classes, confidence);
  Finding finding{.guard = guard_,
                  .what = what,
                  .classes = classes,
                  .begin = offset_ + begin,
                  .end = offset_ + end,
                  .confidence = confidence};
  if (crossing_ && !crosses(begin, end)) return;
  if (pinned_) {
    const std::string_view value = view_.substr(begin, end - begin);
    const std::size_t there = whole_.substr(pin_begin_, pin_end_ - pin_begin_).find(value);
    finding.begin = there == std::string_view::npos ? pin_begin_ : pin_begin_ + there;
    finding.end = there == std::string_view::npos ? pin_end_ : finding.begin + value.size();
  }
  if (levels_ != nullptr) {
    for (auto level = levels_->rbegin(); level != levels_->rend(); ++level) {
      finding.begin = level->original(finding.begin);
      finding.end = level->original(finding.end);
    }
  }
  if (passage_ != nullptr && !passage_->counts(guard_, finding.begin, finding.end)) return;
  note(classes, confidence);
  if (list_ != nullptr) list_->push_back(finding);
}

void Findings::add_whole(std::string_view what, ClassSet classes, std::size_t begin, std::size_t end,
                         Confidence confidence, Extend extend) {
  constexpr std::size_t longest = 64 * 1024;
  if (pinned_ || list_ == nullptr) return add(what, classes, begin, end, confidence);  // nobody asks for the place
  const std::size_t place = offset_ + end;
  const auto known = std::find_if(extended_.begin(), extended_.end() - 1,
                                  [&](const Extended& one) { return one.by == extend || one.by == nullptr; });
  if (known->by != extend) *known = {.by = extend};
  if (offset_ + begin >= known->end) {
    const std::string_view text = whole_.substr(0, std::min(whole_.size(), place + longest));
    known->end = extend(text, place);
  }
  add(what, classes, begin, std::max(end, known->end - std::min(known->end, offset_)), confidence);
}

}  // namespace weir
