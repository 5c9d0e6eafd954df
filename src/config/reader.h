// Reader: fills the structs of document.h from YAML, and reports every key that is unknown, missing or of a wrong type.
// Used while a config is loaded, by one thread.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

#include "config/document.h"
#include "config/problem.h"
#include "config/values.h"

namespace weir::config {

// What all readers of one file share.
class Reading {
 public:
  Reading(std::string file, const Environment& environment, std::vector<Problem>& problems)
      : file_(std::move(file)), environment_(environment), problems_(problems) {}

  // `at` null: of the file as a whole.
  void error(const yaml::Node* at, std::string message, std::string mend) {
    report(Weight::error, at, std::move(message), std::move(mend));
  }
  void warning(const yaml::Node* at, std::string message, std::string mend) {
    report(Weight::warning, at, std::move(message), std::move(mend));
  }
  void add(Problem problem);
  // So many problems that more would help nobody; further ones are left out.
  [[nodiscard]] bool full() const { return problems_.size() >= most_problems; }

  // The text of a scalar with its variables put in; false when something is wrong with them, which is then reported.
  bool scalar(const yaml::Node& node, std::string_view key, Text& out);

  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  void report(Weight weight, const yaml::Node* at, std::string message, std::string mend);

  static constexpr std::size_t most_problems = 100;
  std::string file_;
  const Environment& environment_;
  std::vector<Problem>& problems_;
};

class Reader {
 public:
  Reader(Reading& reading, const yaml::Node& map) : reading_(reading), map_(map) {}

  void text(std::string_view key, Text& out, const About& about);
  void texts(std::string_view key, Texts& out, const About& about);
  void map(std::string_view key, std::vector<std::pair<std::string, Text>>& out, const About& about);
  // A map whose values may be anything: it is left to whoever builds.
  void values(std::string_view key, const yaml::Node*& out, const About& about);
  template <typename T>
  void flag(std::string_view key, T& out, const About& about) {
    if (const auto value = flag_at(key, about)) out = *value;
  }
  template <typename T>
  void integer(std::string_view key, T& out, Range range, const About& about) {
    if (const auto value = integer_at(key, range, about)) out = *value;
  }
  template <typename T>
  void duration(std::string_view key, T& out, const About& about) {
    if (const auto value = duration_at(key, about)) out = *value;
  }
  template <std::integral T>
  void size(std::string_view key, T& out, const About& about) {
    if (const auto value = size_at(key, about)) out = static_cast<T>(*value);
  }
  template <typename T>
  void dollars(std::string_view key, T& out, const About& about) {
    if (const auto value = dollars_at(key, about)) out = *value;
  }
  // Filled with the number × 10^digits.
  template <typename T>
  void number(std::string_view key, T& out, Decimal how, const About& about) {
    if (const auto value = number_at(key, how, about)) out = *value;
  }
  // Filled with parts per million.
  template <typename T>
  void share(std::string_view key, T& out, const About& about) {
    if (const auto value = share_at(key, about)) out = *value;
  }
  template <typename Doc>
  void object(std::string_view key, Doc& out, const About& about) {
    const auto* node = take(key, about);
    if (node != nullptr && is(*node, key, yaml::Node::Kind::map)) read(reading_, *node, out);
  }
  // Or the value of its key `main` alone, in its place.
  template <typename Doc>
  void object_or(std::string_view key, Doc& out, Text Doc::*main, std::string_view main_key, const About& about) {
    const auto* node = take(key, about);
    if (node == nullptr) return;
    if (node->kind != yaml::Node::Kind::scalar) {
      if (is(*node, key, yaml::Node::Kind::map)) read(reading_, *node, out);
      return;
    }
    out.at = node;
    Text given;
    if (reading_.scalar(*node, main_key, given)) out.*main = std::move(given);
  }
  template <typename Doc>
  void list(std::string_view key, std::vector<Doc>& out, const About& about) {
    const auto* node = take(key, about);
    if (node == nullptr || !is(*node, key, yaml::Node::Kind::list)) return;
    for (const auto* item : node->items) {
      if (is(*item, key, yaml::Node::Kind::map)) read(reading_, *item, out.emplace_back());
    }
  }
  template <typename Doc>
  void list(std::string_view key, Given<std::vector<Doc>>& out, const About& about) {
    out.at = map_.find(key);
    list(key, out.value, about);
  }

  // Reports the keys that nobody asked for. Call it last.
  void finish();

  template <typename Doc>
  static void read(Reading& reading, const yaml::Node& map, Doc& out) {
    out.at = &map;
    Reader reader(reading, map);
    fields(reader, out);
    reader.finish();
  }

 private:
  // The value of `key`, which is from now on known; null when it is absent (reported when it is required) or empty
  // (reported).
  const yaml::Node* take(std::string_view key, const About& about);
  bool is(const yaml::Node& node, std::string_view key, yaml::Node::Kind kind);
  bool one_of(const Text& text, std::string_view key, const std::vector<std::string_view>& choices);
  bool scalar_at(const yaml::Node& node, std::string_view key, std::string_view wanted, Text& out);

  std::optional<bool> flag_at(std::string_view key, const About& about);
  std::optional<int64_t> integer_at(std::string_view key, Range range, const About& about);
  std::optional<int64_t> duration_at(std::string_view key, const About& about);
  std::optional<int64_t> size_at(std::string_view key, const About& about);
  std::optional<int64_t> dollars_at(std::string_view key, const About& about);
  std::optional<int64_t> number_at(std::string_view key, Decimal how, const About& about);
  std::optional<int64_t> share_at(std::string_view key, const About& about);

  Reading& reading_;
  const yaml::Node& map_;
  std::vector<std::string_view> known_;  // all keys, for "supported here"
  std::vector<std::string> more_known_;  // `_ms` forms
};

}  // namespace weir::config
