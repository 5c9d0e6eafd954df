#include "formats/shared/parameters.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <memory>
#include <optional>
#include <span>

#include "core/json.h"

namespace weir {
namespace {

using Act = ParameterRule::Act;
using Path = std::span<const std::string>;

std::string as_json(std::string_view text) {
  std::string out;
  json::Writer(out).value(text);
  return out;
}

std::string unescaped(std::string_view key) {
  if (key.find('\\') == std::string_view::npos) return std::string(key);
  json::Document document;
  std::string list("[\"");
  std::string_view plain;
  const bool read = document.parse_copy(list.append(key).append("\"]")).has_value() &&
                    document.root().at_pointer("/0").get(plain) == simdjson::SUCCESS;
  return std::string(read ? plain : key);
}

// nullopt: it is no number. What is too large for a double is as large as can be, what is too small is 0.
std::optional<double> number_of(std::string_view text) {
  const bool begins = !text.empty() && (text.front() == '-' || (text.front() >= '0' && text.front() <= '9'));
  if (!begins) return std::nullopt;
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc()) return value;
  if (text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos) return 0;
  const auto most = std::numeric_limits<double>::infinity();
  return text.front() == '-' ? -most : most;
}

// An object in a text, of which some members change.
class Object {
 public:
  explicit Object(std::string_view text) : text_(text) {
    for (const auto& field : json::top_level_fields(text)) {
      members_.push_back({.key = unescaped(field.key),
                          .begin = field.key_begin,
                          .key_end = field.key_begin + field.key.size() + 2,
                          .value_begin = field.value_begin,
                          .end = field.value_end});
    }
  }

  bool apply(const ParameterRule& rule, Path path, std::vector<std::string>& changed) {
    if (path.size() > 1) return within(rule, path, changed);
    switch (rule.act) {
      case Act::drop:
        return drop(rule, changed);
      case Act::rename:
        return rename(rule, changed);
      case Act::fallback:
        return give(rule, changed);
      case Act::clamp:
        return clamp(rule, changed);
      case Act::set:
        return give(rule, changed);
    }
    return false;
  }

  [[nodiscard]] std::string text() const {
    std::string out("{");
    bool first = true;
    std::size_t before = 1;
    for (const auto& member : members_) {
      if (!member.gone) {
        const auto gap = text_.substr(before, member.begin - before);
        // The first that is left has no comma before it.
        const auto comma = gap.find(',');
        out += first && comma != std::string_view::npos ? gap.substr(comma + 1) : gap;
        write(member, out);
        first = false;
      }
      before = member.end;
    }
    for (const auto& [key, value] : added_) {
      if (!std::exchange(first, false)) out += ',';
      out.append(as_json(key)).append(":").append(value);
    }
    return out.append(text_.substr(before));
  }

 private:
  struct Member {
    std::string key;
    std::size_t begin = 0;  // of its key's quote
    std::size_t key_end = 0;
    std::size_t value_begin = 0;
    std::size_t end = 0;
    bool gone = false;
    bool renamed = false;
    std::optional<std::string> value = std::nullopt;  // another one than in the text
    std::unique_ptr<Object> within = nullptr;         // the same, of which some members change
  };

  [[nodiscard]] std::string_view value_of(const Member& member) const {
    return member.value ? std::string_view(*member.value)
                        : text_.substr(member.value_begin, member.end - member.value_begin);
  }

  void write(const Member& member, std::string& out) const {
    if (member.renamed) {
      out += as_json(member.key);
    } else {
      out += text_.substr(member.begin, member.key_end - member.begin);
    }
    out += text_.substr(member.key_end, member.value_begin - member.key_end);
    if (member.within) {
      out += member.within->text();
    } else {
      out += value_of(member);
    }
  }

  template <typename Visit>
  bool each(std::string_view key, Visit visit) {
    bool any = false;
    for (auto& member : members_) {
      if (!member.gone && member.key == key) any = visit(member) || any;
    }
    return any;
  }
  [[nodiscard]] bool has(std::string_view key) const {
    return std::any_of(members_.begin(), members_.end(),
                       [&](const Member& member) { return !member.gone && member.key == key; }) ||
           std::any_of(added_.begin(), added_.end(), [&](const auto& one) { return one.first == key; });
  }

  bool drop(const ParameterRule& rule, std::vector<std::string>& changed) {
    std::erase_if(added_, [&](const auto& one) { return one.first == rule.path.back(); });
    return each(rule.path.back(), [&](Member& member) {
      if (value_of(member) != "null") note(path_text(rule.path), changed);
      return member.gone = true;
    });
  }

  // Who says the new name too is heard by that one.
  bool rename(const ParameterRule& rule, std::vector<std::string>& changed) {
    const bool taken = has(rule.value);
    for (auto& [key, value] : added_) {
      if (key == rule.path.back() && !taken) key = rule.value;
    }
    return each(rule.path.back(), [&](Member& member) {
      if (taken) {
        note(path_text(rule.path), changed);
        return member.gone = true;
      }
      member.key = rule.value;
      return member.renamed = true;
    });
  }

  bool give(const ParameterRule& rule, std::vector<std::string>& changed) {
    const auto& key = rule.path.back();
    if (!has(key)) {
      added_.emplace_back(key, rule.value);
      return true;
    }
    for (auto& [name, value] : added_) {
      if (name == key && rule.act == Act::set) value = rule.value;
    }
    return each(key, [&](Member& member) {
      const bool said = member.within || value_of(member) != "null";
      if ((rule.act == Act::fallback && said) || (!member.within && value_of(member) == rule.value)) return false;
      if (said) note(path_text(rule.path) + " (set)", changed);
      member.within.reset();
      member.value = rule.value;
      return true;
    });
  }

  bool clamp(const ParameterRule& rule, std::vector<std::string>& changed) {
    return each(rule.path.back(), [&](Member& member) {
      const auto number = member.within ? std::nullopt : number_of(value_of(member));
      if (!number) return false;
      const auto& bound = *number < number_of(rule.least) ? rule.least : rule.most;
      if (!(*number < number_of(rule.least)) && !(*number > number_of(rule.most))) return false;
      note(path_text(rule.path) + " (clamped to " + bound + ")", changed);
      member.value = bound;
      return true;
    });
  }

  bool within(const ParameterRule& rule, Path path, std::vector<std::string>& changed) {
    const auto& key = path.front();
    const bool gives = rule.act == Act::set || rule.act == Act::fallback;
    if (!has(key)) {
      if (!gives) return false;
      auto value = rule.value;
      for (auto name = path.rbegin(); name + 1 != path.rend(); ++name) value = "{" + as_json(*name) + ":" + value + "}";
      added_.emplace_back(key, std::move(value));
      return true;
    }
    for (auto& [name, value] : added_) {
      if (name != key || !value.starts_with('{')) continue;
      std::vector<std::string> not_the_callers;
      Object object(value);
      if (object.apply(rule, path.subspan(1), not_the_callers)) value = object.text();
    }
    return each(key, [&](Member& member) {
      if (!member.within) {
        if (!value_of(member).starts_with('{')) return false;
        member.within = std::make_unique<Object>(value_of(member));
      }
      return member.within->apply(rule, path.subspan(1), changed);
    });
  }

  static void note(std::string what, std::vector<std::string>& changed) {
    if (std::find(changed.begin(), changed.end(), what) == changed.end()) changed.push_back(std::move(what));
  }

  std::string_view text_;  // from its brace on
  std::vector<Member> members_;
  std::vector<std::pair<std::string, std::string>> added_;
};

}  // namespace

bool apply_parameters(std::string& body, const ParameterRules& rules, std::vector<std::string>& changed) {
  const auto begin = body.find_first_not_of(" \t\r\n");
  if (rules.empty() || begin == std::string::npos || body[begin] != '{') return false;
  Object object(std::string_view(body).substr(begin));
  bool any = false;
  for (const auto& rule : rules) any = object.apply(rule, rule.path, changed) || any;
  if (any) body = body.substr(0, begin) + object.text();
  return any;
}

}  // namespace weir
