#include "config/reader.h"

#include <algorithm>

#include "core/nearest.h"

namespace weir::config {
namespace {

std::string ticked(std::string_view key) { return "`" + std::string(key) + "`"; }

std::string listed(const std::vector<std::string_view>& names) {
  std::string out;
  for (const auto name : names) out += (out.empty() ? "" : ", ") + std::string(name);
  return out;
}

// What was written, for messages: cut, on one line. Never what a variable held.
std::string written(const yaml::Node& node) {
  constexpr std::size_t shown = 40;
  std::string out = node.text.substr(0, shown);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return "`" + out + (node.text.size() > shown ? "...`" : "`");
}

std::string example_of(std::string_view key, const About& about) {
  if (about.example.empty()) return {};
  return std::string(key) + ": " + std::string(about.example);
}

}  // namespace

void Reading::report(Weight weight, const yaml::Node* at, std::string message, std::string mend) {
  add({.weight = weight,
       .file = file_,
       .line = at != nullptr ? at->line : 0,
       .column = at != nullptr ? at->column : 0,
       .message = std::move(message),
       .mend = std::move(mend)});
}

void Reading::add(Problem problem) {
  if (!full()) problems_.push_back(std::move(problem));
}

bool Reading::scalar(const yaml::Node& node, std::string_view key, Text& out) {
  out.at = &node;
  auto expanded = expand(node.text, environment_);
  out.value = std::move(expanded.text);
  out.from_variable = expanded.changed;
  if (!expanded.fault.empty()) {
    error(&node, ticked(key) + ": " + expanded.fault, "write ${NAME} or ${NAME:-otherwise}; $$ for a plain $");
  }
  for (const auto& name : expanded.missing) {
    error(&node, ticked(key) + " needs the environment variable " + name + ", which is not set",
          "set it before Weir starts, or write ${" + name + ":-otherwise}");
  }
  return expanded.fault.empty() && expanded.missing.empty();
}

const yaml::Node* Reader::take(std::string_view key, const About& about) {
  known_.push_back(key);
  const auto* node = map_.find(key);
  if (node == nullptr) {
    if (about.need == Need::required)
      reading_.error(&map_, ticked(key) + " is missing", "add " + example_of(key, about));
    return nullptr;
  }
  if (node->kind == yaml::Node::Kind::null) {
    // Nothing has no place of its own: the key's.
    const auto entry =
        std::find_if(map_.entries.begin(), map_.entries.end(), [&](const yaml::Entry& one) { return one.key == key; });
    const yaml::Node place{.line = entry->line, .column = entry->column};
    reading_.error(&place, ticked(key) + " has no value",
                   "give it one, as in " + example_of(key, about) + ", or remove the key");
    return nullptr;
  }
  return node;
}

bool Reader::is(const yaml::Node& node, std::string_view key, yaml::Node::Kind kind) {
  if (node.kind == kind) return true;
  const auto wanted = kind == yaml::Node::Kind::map ? "a map of keys and values" : "a list";
  reading_.error(&node, ticked(key) + " must be " + wanted + ", not " + std::string(kind_name(node)),
                 kind == yaml::Node::Kind::map ? "write key: value lines below it, or {key: value}"
                                               : "begin each entry with `- `, or write [a, b]");
  return false;
}

bool Reader::scalar_at(const yaml::Node& node, std::string_view key, std::string_view wanted, Text& out) {
  if (node.kind == yaml::Node::Kind::scalar) return reading_.scalar(node, key, out);
  reading_.error(&node, ticked(key) + " must be " + std::string(wanted) + ", not " + std::string(kind_name(node)), "");
  return false;
}

bool Reader::one_of(const Text& text, std::string_view key, const std::vector<std::string_view>& choices) {
  if (choices.empty() || std::find(choices.begin(), choices.end(), text.value) != choices.end()) return true;
  const auto near = nearest(text.value, choices);
  const std::string meant = near.empty() ? "it can be " : "did you mean " + ticked(near) + "? It can be ";
  reading_.error(text.at, ticked(key) + " cannot be " + written(*text.at), meant + listed(choices));
  return false;
}

void Reader::text(std::string_view key, Text& out, const About& about) {
  const auto* node = take(key, about);
  Text given;
  if (node == nullptr || !scalar_at(*node, key, "text", given)) {
    // Written, though wrongly: what refers to it has a place to point at, and is not reported as missing too.
    if (node != nullptr) out.at = node;
    return;
  }
  if (one_of(given, key, about.choices)) {
    out = std::move(given);
  } else {
    out.at = node;
  }
}

void Reader::texts(std::string_view key, Texts& out, const About& about) {
  const auto* node = take(key, about);
  if (node == nullptr) return;
  std::vector<const yaml::Node*> items = node->items;
  if (node->kind == yaml::Node::Kind::scalar) items = {node};
  if (node->kind == yaml::Node::Kind::map) {
    reading_.error(node, ticked(key) + " must be a list, not a map", "write " + example_of(key, about));
    return;
  }
  for (const auto* item : items) {
    Text given;
    if (scalar_at(*item, key, "a list of texts", given) && one_of(given, key, about.choices))
      out.push_back(std::move(given));
  }
}

void Reader::map(std::string_view key, std::vector<std::pair<std::string, Text>>& out, const About& about) {
  const auto* node = take(key, about);
  if (node == nullptr || !is(*node, key, yaml::Node::Kind::map)) return;
  for (const auto& entry : node->entries) {
    Text given;
    if (scalar_at(*entry.value, entry.key, "text", given)) out.emplace_back(entry.key, std::move(given));
  }
}

void Reader::values(std::string_view key, const yaml::Node*& out, const About& about) {
  const auto* node = take(key, about);
  if (node != nullptr && is(*node, key, yaml::Node::Kind::map)) out = node;
}

std::optional<bool> Reader::flag_at(std::string_view key, const About& about) {
  const auto* node = take(key, about);
  Text given;
  if (node == nullptr || !scalar_at(*node, key, "true or false", given)) return std::nullopt;
  const auto value = parse_flag(given.value);
  if (!value)
    reading_.error(node, ticked(key) + " must be true or false, not " + written(*node), "write true or false");
  return value;
}

std::optional<int64_t> Reader::integer_at(std::string_view key, Range range, const About& about) {
  const auto* node = take(key, about);
  Text given;
  if (node == nullptr || !scalar_at(*node, key, "a whole number", given)) return std::nullopt;
  const auto value = range.per_month ? parse_per_month(given.value) : parse_integer(given.value);
  if (value && *value >= range.least && *value <= range.most) return value;
  reading_.error(node,
                 ticked(key) + " must be a whole number from " + std::to_string(range.least) + " to " +
                     std::to_string(range.most) + ", not " + written(*node),
                 "write " + example_of(key, about));
  return std::nullopt;
}

std::optional<int64_t> Reader::duration_at(std::string_view key, const About& about) {
  const auto* node = take(key, about);
  const std::string in_ms = std::string(key) + "_ms";
  more_known_.push_back(in_ms);
  const auto* ms_node = map_.find(in_ms);
  if (node != nullptr && ms_node != nullptr) {
    reading_.error(ms_node, ticked(in_ms) + " and " + ticked(key) + " are the same setting", "keep one of them");
    return std::nullopt;
  }
  Text given;
  if (ms_node != nullptr) {
    if (!scalar_at(*ms_node, in_ms, "a whole number of milliseconds", given)) return std::nullopt;
    auto value = parse_integer(given.value);
    if (value && *value >= 0 && parse_duration(given.value + "ms")) return value;
    reading_.error(ms_node, ticked(in_ms) + " must be a whole number of milliseconds, not " + written(*ms_node),
                   "write a number, or with a unit: " + example_of(key, about));
    return std::nullopt;
  }
  if (node == nullptr || !scalar_at(*node, key, "a duration", given)) return std::nullopt;
  const auto value = parse_duration(given.value);
  if (!value) {
    const bool no_unit = parse_integer(given.value).has_value();
    reading_.error(node, ticked(key) + (no_unit ? " needs a unit: " : " must be a duration, not ") + written(*node),
                   no_unit ? "write " + given.value + "ms or " + given.value + "s, or " + in_ms + ": " + given.value
                           : "write " + example_of(key, about) + "; the units are ms, s, m, h and d");
  }
  return value;
}

std::optional<int64_t> Reader::size_at(std::string_view key, const About& about) {
  const auto* node = take(key, about);
  Text given;
  if (node == nullptr || !scalar_at(*node, key, "a size", given)) return std::nullopt;
  const auto value = parse_size(given.value);
  if (value && *value > 0) return value;
  reading_.error(node, ticked(key) + " must be a size, not " + written(*node),
                 "write " + example_of(key, about) + "; the units are KiB, MiB, GiB, KB, MB and GB");
  return std::nullopt;
}

std::optional<int64_t> Reader::dollars_at(std::string_view key, const About& about) {
  const auto* node = take(key, about);
  Text given;
  if (node == nullptr || !scalar_at(*node, key, "an amount of dollars", given)) return std::nullopt;
  const auto value = parse_dollars(given.value);
  if (!value) {
    reading_.error(node, ticked(key) + " must be an amount of dollars, not " + written(*node),
                   "write " + example_of(key, about));
  }
  return value;
}

std::optional<int64_t> Reader::number_at(std::string_view key, Decimal how, const About& about) {
  const auto* node = take(key, about);
  Text given;
  if (node == nullptr || !scalar_at(*node, key, "a number", given)) return std::nullopt;
  std::string_view text = given.value;
  if (!how.unit.empty() && text.starts_with(how.unit)) text.remove_prefix(how.unit.size());
  const auto value = parse_decimal(text, how.digits);
  if (value && *value >= how.least && *value <= how.most) return value;
  std::string must = ticked(key) + " must be a number from " + decimal_text(how.least, how.digits) + " to " +
                     decimal_text(how.most, how.digits);
  if (how.digits == 0) must += ", without decimals";
  if (how.digits > 0 && parse_decimal(text, 12) && !value)
    must += ", with " + std::to_string(how.digits) + " decimals at most";
  reading_.error(node, must + ", not " + written(*node), "write " + example_of(key, about));
  return std::nullopt;
}

std::optional<int64_t> Reader::share_at(std::string_view key, const About& about) {
  const auto* node = take(key, about);
  Text given;
  if (node == nullptr || !scalar_at(*node, key, "a share", given)) return std::nullopt;
  const auto value = parse_share(given.value);
  if (!value) {
    const bool no_unit = parse_decimal(given.value, 4).has_value();
    reading_.error(
        node, ticked(key) + " must be a share from 0% to 100%, not " + written(*node),
        no_unit ? "write " + given.value + "%, if that is what is meant" : "write " + example_of(key, about));
  }
  return value;
}

void Reader::finish() {
  for (const auto& entry : map_.entries) {
    if (reading_.full()) return;
    const bool known = std::find(known_.begin(), known_.end(), entry.key) != known_.end() ||
                       std::find(more_known_.begin(), more_known_.end(), entry.key) != more_known_.end();
    if (known) continue;
    const auto near = nearest(entry.key, known_);
    const std::string shown = entry.key.substr(0, 40);
    const std::string meant = near.empty() ? "" : "did you mean " + ticked(near) + "? ";
    reading_.add({.file = reading_.file(),
                  .line = entry.line,
                  .column = entry.column,
                  .message = "unknown key " + ticked(shown),
                  .mend = meant + "Keys here: " + listed(known_)});
  }
}

}  // namespace weir::config
