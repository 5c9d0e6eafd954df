// Any bytes as a config: never a crash, and a config that loads is safe to decide with: no index out of range, no kept
// candidate outside the zones, and every problem has a message.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "config/defaults.h"
#include "config/load.h"
#include "config/render.h"
#include "policies/policy.h"

namespace {

void require(bool truth) {
  if (!truth) std::abort();
}

void use(const weir::Snapshot& snapshot) {
  weir::RequestFacts facts{.found = weir::class_personal, .input_tokens = 100};
  for (const auto& route : snapshot.routes) {
    facts.requested_model = route.name;
    const auto plan = weir::decide(facts, snapshot, {});
    require(plan.has_value());
    require(!weir::render_plan(*plan, snapshot, 80).empty());
    for (const auto& candidate : plan->candidates) {
      const auto& zone = snapshot.providers.at(snapshot.models.at(candidate.model).provider).zone;
      require(!weir::is_kept(candidate.verdict) || plan->narrowed_by.empty() || weir::any_allows(plan->zones, zone));
    }
  }
  for (const auto& model : snapshot.models) {
    facts.requested_model = model.id;
    require(weir::decide(facts, snapshot, {}).has_value());
  }
  require(!weir::render_models(snapshot, 80).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const weir::Surroundings surroundings{
      .environment =
          [](std::string_view name) {
            return name.size() % 2 == 0 ? std::optional<std::string>("value") : std::nullopt;
          },
      .catalog = nullptr,
      .read_file =
          [](const std::string& path) {
            return path.size() % 2 == 0 ? std::optional<std::string>("word\n") : std::nullopt;
          }};
  const auto loaded = weir::load_config_text(text, "fuzz.yaml", surroundings);
  for (const auto& problem : loaded.problems) require(!problem.message.empty());
  (void)weir::render_problems(loaded.problems, loaded.text);
  if (loaded.usable()) use(loaded.snapshot);
  return 0;
}
