// RequestFacts: all that a rule may ask about a request, gathered once before any rule is read. Health: what a rule may
// ask about the world. Together with a Snapshot they are the whole input of a decision, so that it can be replayed.
// Values; the views live as long as the request.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/request.h"
#include "core/sensitivity.h"

namespace weir {

struct RequestFacts {
  Operation operation = Operation::chat;
  std::string_view requested_model;    // what the client put into `model`
  std::string_view caller;             // key name; "" without a key
  ClassSet found = 0;                  // by the guards
  ClassSet declared = 0;               // by the caller (x-weir-sensitive): adds, never removes
  std::vector<std::string_view> tags;  // x-weir-tags
  int64_t input_tokens = 0;            // estimated
  int64_t output_tokens = 0;           // max_tokens where given, else 0
  bool has_tools = false;
  bool has_images = false;
  bool stream = false;

  [[nodiscard]] ClassSet classes() const { return found | declared; }
};

// Of one model at the moment of deciding.
struct ModelHealth {
  bool available = true;         // breaker closed or probing, health check good
  int64_t expected_wait_ms = 0;  // for a slot
};

// By model index of the Snapshot; shorter or empty means: available.
struct HealthView {
  std::vector<ModelHealth> models;
  [[nodiscard]] ModelHealth of(uint32_t model) const { return model < models.size() ? models[model] : ModelHealth{}; }
};

}  // namespace weir
