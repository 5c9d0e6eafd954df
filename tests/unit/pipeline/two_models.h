// A route with two models, each behind a scripted upstream: `a` first, `b` when it fails. Prices are round, so that the
// ledger's figures can be said in the test.
#pragma once

#include "support/gateway.h"

namespace weir::test {

// Further YAML members: of the first provider, of the second, of the route, of its rule.
struct More {
  std::string first = "retries: 0";
  std::string second = "retries: 0";
  std::string route = "description: two models";
  std::string rule = "when: {}";
};

struct TwoModels : ::testing::Test {
  Gateway gateway;
  ScriptedUpstream& first = gateway.upstream("first");
  ScriptedUpstream& second = gateway.upstream("second");

  void serve(const More& more = {}) {
    gateway.serve(fmt::format(R"(
providers:
  - {{id: first, kind: openai_compatible, url: "@first", zone: local, health_check: false, api_key: k, {}}}
  - {{id: second, kind: openai_compatible, url: "@second", zone: cloud, api_key: k, {}}}
models:
  - {{id: a, provider: first, name: name-a, prices: {{input: 1.00, output: 2.00}}}}
  - {{id: b, provider: second, name: name-b, prices: {{input: 10.00, output: 20.00}}}}
routes:
  - name: both
    baseline: b
    {}
    rules:
      - {{use: [a, b], {}}}
)",
                              more.first, more.second, more.route, more.rule));
  }
};

// A wheel of timers fires up to a tick late, never early.
inline void expect_about(int64_t ms, int64_t wanted_ms) {
  EXPECT_GE(ms, wanted_ms);
  EXPECT_LE(ms, wanted_ms + 10);
}

}  // namespace weir::test
