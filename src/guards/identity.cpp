// Names of persons and postal addresses, by a small model (identity_model.h): no form gives them away, only how they
// are written and what stands around them. How far the model is from saying nothing is how sure it is; what is below
// `least` is more often wrong than right. The bounds were taken from labelled texts: docs/quality.md.
#include <array>
#include <optional>

#include "guards/characters.h"
#include "guards/guard.h"
#include "guards/identity_data.h"
#include "guards/identity_model.h"

namespace weir {
namespace {

using guards::IdentityKind;
using guards::IdentityModel;
using guards::IdentitySpan;

struct Bounds {
  int least, medium, high;
};
constexpr Bounds person_bounds{.least = 10, .medium = 120, .high = 400};
constexpr Bounds address_bounds{.least = 150, .medium = 700, .high = 1500};

std::optional<Confidence> confidence_at(int margin, const Bounds& bounds) {
  if (margin < bounds.least) return std::nullopt;
  return margin < bounds.medium ? Confidence::low : margin < bounds.high ? Confidence::medium : Confidence::high;
}

// Part of a mail address, which is a finding of its own.
bool is_in_mail_address(std::string_view text, std::size_t begin, std::size_t end) {
  const auto goes_on = [](char c) {
    return guards::is_alnum(c) || std::string_view("._%+-").find(c) != std::string_view::npos;
  };
  while (end < text.size() && goes_on(text[end])) ++end;
  if (end < text.size() && text[end] == '@') return true;
  while (begin > 0 && goes_on(text[begin - 1])) --begin;
  return begin > 1 && text[begin - 1] == '@' && goes_on(text[begin - 2]);
}

class IdentityGuard final : public Guard {
 public:
  explicit IdentityGuard(const GuardSettings& settings) {
    if (settings.identity) model_ = IdentityModel::read(guards::identity_data());
  }

  [[nodiscard]] GuardInfo info() const override {
    return {.name = "identity",
            .description = "names of persons and postal addresses, by a small model; only where a rule asks for them",
            .classes = class_identity,
            .triggers = {.stretches = true},
            .kinds = {"person_name", "postal_address"}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    if (!model_) return;
    // What the view cuts is no word.
    std::size_t begin = 0;
    constexpr std::size_t longest_cut = 64;
    if (sighting.at == Sighting::look_back) {
      while (begin < longest_cut && !guards::is_space(sighting.text[begin])) ++begin;
    }
    std::array<IdentitySpan, IdentityModel::most_found> found;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    const std::size_t count = model_->find(sighting.text.substr(begin), found);
    for (std::size_t i = 0; i < count; ++i) {
      const IdentitySpan& span = found[i];
      const std::size_t at = begin + span.begin;
      if (at < sighting.at || at >= sighting.end) continue;  // another stretch's
      const bool person = span.kind == IdentityKind::person;
      const auto confidence = confidence_at(span.margin, person ? person_bounds : address_bounds);
      if (!confidence || is_in_mail_address(sighting.text, at, begin + span.end)) continue;
      out.add(person ? "person_name" : "postal_address", class_identity, at, begin + span.end, *confidence);
    }
  }

 private:
  std::optional<IdentityModel> model_;
};

}  // namespace

std::unique_ptr<Guard> make_identity_guard(const GuardSettings& settings) {
  return std::make_unique<IdentityGuard>(settings);
}

}  // namespace weir
