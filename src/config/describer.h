// Describer: a visitor of `fields` (document.h) that says what keys there are, with defaults read out of freshly made
// structs. For those who have a document of their own: `Describer::keys_of<Doc>()` gives the keys that `schema_of` and
// `reference_of` (describe.h) take. Pure; any thread.
#pragma once

#include <concepts>
#include <optional>

#include "config/describe.h"
#include "config/document.h"
#include "config/values.h"

namespace weir::config {

class Describer {
 public:
  std::vector<KeyInfo> keys;

  void text(std::string_view key, const Text& value, const About& about) {
    KeyInfo& info = add(key, KeyInfo::Type::text, about);
    if (info.otherwise.empty()) info.otherwise = value.value;
  }
  void texts(std::string_view key, const Texts&, const About& about) { add(key, KeyInfo::Type::texts, about); }
  void map(std::string_view key, const std::vector<std::pair<std::string, Text>>&, const About& about) {
    add(key, KeyInfo::Type::map, about);
  }
  void values(std::string_view key, const yaml::Node*, const About& about) { add(key, KeyInfo::Type::values, about); }
  void flag(std::string_view key, bool value, const About& about) {
    KeyInfo& info = add(key, KeyInfo::Type::flag, about);
    if (info.otherwise.empty()) info.otherwise = value ? "true" : "false";
  }
  void flag(std::string_view key, std::optional<bool>, const About& about) { add(key, KeyInfo::Type::flag, about); }
  template <std::integral T>
  void integer(std::string_view key, T value, Range range, const About& about) {
    integer(key, std::nullopt, range, about);
    if (keys.back().otherwise.empty()) keys.back().otherwise = std::to_string(value);
  }
  void integer(std::string_view key, std::optional<int64_t>, Range range, const About& about) {
    KeyInfo& info = add(key, KeyInfo::Type::integer, about);
    info.least = range.least;
    info.most = range.most;
  }
  void duration(std::string_view key, int64_t value, const About& about) {
    KeyInfo& info = add(key, KeyInfo::Type::duration, about);
    if (info.otherwise.empty()) info.otherwise = duration_text(value);
  }
  void duration(std::string_view key, std::optional<int64_t>, const About& about) {
    add(key, KeyInfo::Type::duration, about);
  }
  template <std::integral T>
  void size(std::string_view key, T value, const About& about) {
    add(key, KeyInfo::Type::size, about).otherwise = size_text(static_cast<int64_t>(value));
  }
  void dollars(std::string_view key, std::optional<MicroDollars>, const About& about) {
    add(key, KeyInfo::Type::dollars, about);
  }
  template <typename T>
  void number(std::string_view key, const T&, Decimal how, const About& about) {
    KeyInfo& info = add(key, KeyInfo::Type::number, about);
    info.digits = how.digits;
    info.least = how.least;
    info.most = how.most;
  }
  template <typename T>
  void share(std::string_view key, const T&, const About& about) {
    add(key, KeyInfo::Type::share, about);
  }
  template <typename Doc>
  void object(std::string_view key, const Doc&, const About& about) {
    add(key, KeyInfo::Type::object, about).keys = keys_of<Doc>();
  }
  template <typename Doc>
  void object_or(std::string_view key, const Doc&, Text Doc::*, std::string_view main_key, const About& about) {
    KeyInfo& info = add(key, KeyInfo::Type::object, about);
    info.keys = keys_of<Doc>();
    info.main_key = main_key;
  }
  template <typename Doc>
  void list(std::string_view key, const std::vector<Doc>&, const About& about) {
    add(key, KeyInfo::Type::list, about).keys = keys_of<Doc>();
  }
  template <typename Doc>
  void list(std::string_view key, const Given<std::vector<Doc>>&, const About& about) {
    add(key, KeyInfo::Type::list, about).keys = keys_of<Doc>();
  }

  template <typename Doc>
  static std::vector<KeyInfo> keys_of() {
    Describer describer;
    Doc doc;
    fields(describer, doc);
    return std::move(describer.keys);
  }

 private:
  KeyInfo& add(std::string_view key, KeyInfo::Type type, const About& about) {
    KeyInfo& info = keys.emplace_back();
    info.name = key;
    info.type = type;
    info.about = about.text;
    info.example = about.example;
    info.otherwise = about.otherwise;
    info.required = about.need == Need::required;
    info.choices.assign(about.choices.begin(), about.choices.end());
    return info;
  }
};

}  // namespace weir::config
