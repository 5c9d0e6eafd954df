// What the structs of document.h and of the topics beside it are made of: values with the place they were written at,
// and what people should know of a key. Used while a config is loaded, by one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/yaml.h"

namespace weir::config {

// A value and where it was written; `at` is null when it was not.
template <typename T>
struct Given {
  T value{};
  const yaml::Node* at = nullptr;
  bool from_variable = false;  // at least a part came from the environment

  [[nodiscard]] explicit operator bool() const { return at != nullptr; }
};
using Text = Given<std::string>;
using Texts = std::vector<Text>;

enum class Need : uint8_t { optional, required };

// What people should know of a key.
struct About {
  std::string_view text;            // what it does, one sentence
  std::string_view example = {};    // as YAML
  std::string_view otherwise = {};  // the default in words, where it is no plain value
  Need need = Need::optional;
  std::vector<std::string_view> choices = {};  // all values there are; empty = any
};

struct Range {
  int64_t least = 0;
  int64_t most = 1'000'000'000;
  bool per_month = false;  // may be written `40k/day`
};

inline constexpr Range any_count{0, 1'000'000'000};

// A decimal number that is kept as a whole number of 10^-digits, so that sums of it stay exact.
struct Decimal {
  int digits = 0;
  int64_t least = 0;  // both scaled as the value is
  int64_t most = 1'000'000'000;
  std::string_view unit = {};  // `$`: may stand before it
};

}  // namespace weir::config
