// Builder: what a route says of load.
#include <algorithm>

#include "config/build.h"
#include "core/cache_rules.h"
#include "core/hedge_rules.h"

namespace weir::config {
namespace {

constexpr std::size_t least_shelf_bytes = 64 * 1024;
constexpr int64_t parts_per_million = 1'000'000;

}  // namespace

void Builder::cache(const RouteDoc& doc, RouteSettings& out) {
  if (doc.cache.at == nullptr) return;
  CacheRules rules{.ttl_ms = doc.cache.ttl_ms,
                   .memory_bytes = doc.cache.memory_bytes,
                   .disk_bytes = doc.cache.disk_bytes,
                   .sampled = doc.cache.sampled};
  for (const auto& name : doc.cache.classes) rules.classes |= name.value == "any" ? ~ClassSet{0} : class_of(name);
  if (rules.ttl_ms == 0) reading_.error(doc.cache.at, "`ttl` of 0 keeps nothing", "give it a time, or remove `cache`");
  if (rules.memory_bytes < least_shelf_bytes)
    reading_.error(doc.cache.at, "`size` is too small to keep answers", "give it 64KiB or more");
  if (rules.disk_bytes > 0 && rules.disk_bytes < least_shelf_bytes)
    reading_.error(doc.cache.at, "`disk` is too small to keep answers", "give it 64KiB or more, or remove it");
  out.cache = std::make_shared<const CacheRules>(rules);
}

void Builder::hedge(const RouteDoc& doc, RouteSettings& out) {
  if (doc.hedge.at == nullptr) return;
  HedgeRules rules{.share = doc.hedge.share};
  const auto* const at = doc.hedge.after.at != nullptr ? doc.hedge.after.at : doc.hedge.at;
  if (doc.hedge.after.value != "p95") {
    rules.after_ms = parse_duration(doc.hedge.after.value).value_or(0);
    if (rules.after_ms == 0) reading_.error(at, "`hedge` is neither a time nor `p95`", "write 800ms, 2s or p95");
  }
  if (rules.share == 0) reading_.error(doc.hedge.at, "a `share` of 0 asks nobody", "give it one, or remove `hedge`");
  const bool others =
      std::any_of(out.rules.begin(), out.rules.end(), [](const Rule& rule) { return rule.use.size() > 1; });
  if (!others)
    reading_.warning(doc.hedge.at, "`hedge` with nobody else to ask: no rule names two models",
                     "name another one in `use`, or remove `hedge`");
  out.hedge = std::make_shared<const HedgeRules>(rules);
}

// `< 20%`, the `<` may be left out.
std::optional<double> Builder::budget_left(const Text& text) {
  if (!text) return std::nullopt;
  std::string_view written = text.value;
  if (written.starts_with('<')) written.remove_prefix(1);
  while (written.starts_with(' ')) written.remove_prefix(1);
  const auto share = parse_share(written);
  if (!share || *share == 0) {
    reading_.error(text.at, "`budget_left` is no share of a budget", "write it as `< 20%`");
    return std::nullopt;
  }
  return static_cast<double>(*share) / parts_per_million;
}

}  // namespace weir::config
