// RequestFacts: all that a rule may ask about a request, gathered once before any rule is read. Health: what a rule may
// ask about the world. Together with a Snapshot they are the whole input of a decision, so that it can be replayed.
// Values; the views live as long as the request.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/request.h"
#include "core/sensitivity.h"
#include "core/unreadable.h"

namespace weir {

struct RequestFacts {
  Operation operation = Operation::chat;
  std::string_view requested_model;    // what the client put into `model`
  std::string_view caller;             // key name; "" without a key
  ClassSet found = 0;                  // by the guards, without class_unreadable: see classes()
  ClassSet below_medium = 0;           // of `found`: those that no finding of that confidence has
  ClassSet below_high = 0;             // the same
  ClassSet declared = 0;               // by the caller (x-weir-sensitive): adds, never removes
  std::vector<std::string_view> tags;  // x-weir-tags
  int64_t input_tokens = 0;            // estimated
  int64_t media_tokens = 0;            // of these, for files and sounds: too rough to call a context too small by
  int64_t output_tokens = 0;           // max_tokens where given, else 0
  bool has_tools = false;
  bool has_images = false;
  bool has_files = false;
  bool has_audio = false;
  bool stream = false;
  UnreadableSet unreadable = 0;  // what it carries that nobody here can read
  std::string_view task;         // as estimated; static; "" = not estimated
  double difficulty = -1;        // 0 to 1: how likely a small model's answer is not good enough; -1 = not estimated
  double budget_left = 1;        // share of the caller's tightest budget; 1 = has none
  bool batch = false;            // its caller can wait: interactive requests go first

  // With class_unreadable when it carries something unreadable of a kind that is not among the `accepted` ones.
  // Only what the guards are at least so sure of; what a caller declares and what cannot be read is certain.
  [[nodiscard]] ClassSet classes(UnreadableSet accepted = 0, Confidence least = Confidence::low) const {
    const FoundClasses guarded{.all = found, .below_medium = below_medium, .below_high = below_high};
    return guarded.at_least(least) | declared |
           ((unreadable & ~accepted) != 0 ? ClassSet{class_unreadable} : ClassSet{0});
  }
};

// Of one model at the moment of deciding.
struct ModelHealth {
  bool available = true;   // breaker closed or probing, health check good
  bool elsewhere = false;  // its own answers say that another's machine gave them: not of its zone, but of the cloud
  int64_t expected_wait_ms = 0;  // for a slot
  int64_t limited_ms = 0;        // it asked to be left alone for so long; 0 = it did not
  bool lacks_tools = false;      // its server said so, lately
  bool lacks_images = false;     // as before
  int64_t first_token_ms = 0;    // expected, of a request like those of late; 0 = not known
  int64_t service_ms = 0;        // the same, whole
  bool loaded = true;            // false: its server would have to load it first
};

// By model index of the Snapshot; shorter or empty means: available.
struct HealthView {
  std::vector<ModelHealth> models;
  std::vector<double> share_from;  // by ShareRule::place: the difficulty from which on a request is of its share
  [[nodiscard]] ModelHealth of(uint32_t model) const { return model < models.size() ? models[model] : ModelHealth{}; }
};

}  // namespace weir
