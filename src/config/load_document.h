// What a route's config says of load: answers that are kept, and a second candidate that is asked in time. As
// document.h, which includes it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "config/document_base.h"
#include "core/cache_rules.h"
#include "core/hedge_rules.h"

namespace weir::config {

struct CacheDoc {
  const yaml::Node* at = nullptr;
  int64_t ttl_ms = CacheRules{}.ttl_ms;
  std::size_t memory_bytes = CacheRules{}.memory_bytes;
  std::size_t disk_bytes = CacheRules{}.disk_bytes;
  Texts classes;
  bool sampled = CacheRules{}.sampled;
};

struct HedgeDoc {
  const yaml::Node* at = nullptr;
  Text after{.value = "p95"};
  int64_t share = HedgeRules{}.share;
};

template <typename V>
void fields(V& v, CacheDoc& d) {
  v.duration("ttl", d.ttl_ms, {"How long an answer is good for.", "10m"});
  v.size("size", d.memory_bytes, {"Memory for the answers of this route; beyond it the least used go.", "256MiB"});
  v.size("disk", d.disk_bytes,
         {"The same on disk, in the data folder, unencrypted: survives a restart; beyond it the oldest go.", "1GiB",
          "nothing is written to disk"});
  v.texts("classes", d.classes,
          {"Sensitivity classes whose requests are answered from the cache and kept in it all the same; `any` for all.",
           "[personal]", "none: sensitive requests never touch the cache"});
  v.flag("sampled", d.sampled,
         {"Also answers that would be others each time: `temperature` above 0 or not said, and no `seed`.", "false"});
}

template <typename V>
void fields(V& v, HedgeDoc& d) {
  v.text(
      "after", d.after,
      {"How long the first is waited for: a time, or `p95`, longer than 19 of 20 of its answers to such prompts took "
       "to begin.",
       "800ms"});
  v.share("share", d.share,
          {"The most of the route's requests for which two are asked: a provider that has become slow is not asked "
           "twice for everything.",
           "5%", "10%"});
}

}  // namespace weir::config
