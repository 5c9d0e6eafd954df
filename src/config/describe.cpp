#include "config/describe.h"

#include <optional>

#include "config/describer.h"
#include "core/json.h"

namespace weir {
namespace config {
namespace {

constexpr std::string_view variable = R"(\$\{)";
constexpr std::string_view count_pattern = R"(^[0-9]+(\.[0-9]+)? ?[kKMG]$|\$\{)";
constexpr std::string_view duration_pattern = R"(^[0-9]+(\.[0-9]+)?\s?(ms|s|m|h|d)$|\$\{)";
constexpr std::string_view size_pattern = R"(^[0-9]+(\.[0-9]+)?\s?(B|KB|KiB|MB|MiB|GB|GiB)?$|\$\{)";
constexpr std::string_view share_pattern = R"(^[0-9]+(\.[0-9]+)?\s?%$|\$\{)";
constexpr std::string_view dollars_pattern = R"(^\$?[0-9]+(\.[0-9]+)?$|\$\{)";

class SchemaWriter {
 public:
  explicit SchemaWriter(std::string& out) : w_(out) {}

  void document(std::string_view title, const std::vector<KeyInfo>& keys) {
    w_.begin_object();
    w_.key("$schema").value("https://json-schema.org/draft/2020-12/schema");
    w_.key("title").value(title);
    object_body(keys);
    w_.end_object();
  }

 private:
  void object_body(const std::vector<KeyInfo>& keys) {
    w_.key("type").value("object");
    w_.key("additionalProperties").boolean(false);
    bool any_required = false;
    for (const auto& key : keys) any_required = any_required || key.required;
    if (any_required) {
      w_.key("required").begin_array();
      for (const auto& key : keys) {
        if (key.required) w_.value(key.name);
      }
      w_.end_array();
    }
    w_.key("properties").begin_object();
    for (const auto& key : keys) property(key);
    w_.end_object();
  }

  void property(const KeyInfo& key) {
    w_.key(key.name).begin_object();
    w_.key("description").value(key.otherwise.empty() ? key.about : key.about + " Default: " + key.otherwise + ".");
    type_of(key);
    w_.end_object();
    if (key.type != KeyInfo::Type::duration) return;
    w_.key(key.name + "_ms").begin_object();
    w_.key("description").value("The same as `" + key.name + "`, in milliseconds.");
    number_or_variable("integer", 0, std::nullopt);
    w_.end_object();
  }

  void type_of(const KeyInfo& key) {
    switch (key.type) {
      case KeyInfo::Type::text:
        if (key.choices.empty()) {
          w_.key("type").begin_array().value("string").value("number").value("boolean").end_array();
        } else {
          choices(key);
        }
        break;
      case KeyInfo::Type::texts:
        texts(key);
        break;
      case KeyInfo::Type::map:
        w_.key("type").value("object").key("additionalProperties").begin_object();
        w_.key("type").begin_array().value("string").value("number").value("boolean").end_array();
        w_.end_object();
        break;
      case KeyInfo::Type::values:
        w_.key("type").value("object");
        break;
      case KeyInfo::Type::flag:
        w_.key("anyOf").begin_array().begin_object().key("type").value("boolean").end_object();
        pattern(variable);
        w_.end_array();
        break;
      case KeyInfo::Type::integer:
        number_or_variable("integer", key.least, key.most, count_pattern);
        break;
      case KeyInfo::Type::number:
        decimal(key);
        break;
      case KeyInfo::Type::share:
        number_or_text(share_pattern, 1);
        break;
      case KeyInfo::Type::duration:
        w_.key("type").value("string").key("pattern").value(duration_pattern);
        break;
      case KeyInfo::Type::size:
        number_or_text(size_pattern);
        break;
      case KeyInfo::Type::dollars:
        number_or_text(dollars_pattern);
        break;
      case KeyInfo::Type::object:
        if (key.main_key.empty()) {
          object_body(key.keys);
        } else {
          object_or(key);
        }
        break;
      case KeyInfo::Type::list:
        w_.key("type").value("array").key("items").begin_object();
        object_body(key.keys);
        w_.end_object();
        break;
    }
  }

  void object_or(const KeyInfo& key) {
    const auto main =
        std::find_if(key.keys.begin(), key.keys.end(), [&](const KeyInfo& one) { return one.name == key.main_key; });
    w_.key("anyOf").begin_array().begin_object();
    object_body(key.keys);
    w_.end_object().begin_object();
    type_of(*main);
    w_.end_object().end_array();
  }

  void choices(const KeyInfo& key) {
    w_.key("anyOf").begin_array().begin_object().key("enum").begin_array();
    for (const auto& choice : key.choices) w_.value(choice);
    w_.end_array().end_object();
    pattern(variable);
    w_.end_array();
  }

  // A list, or one entry without the brackets.
  void texts(const KeyInfo& key) {
    const auto one = [&] {
      w_.begin_object();
      if (key.choices.empty()) {
        w_.key("type").begin_array().value("string").value("number").value("boolean").end_array();
      } else {
        choices(key);
      }
      w_.end_object();
    };
    w_.key("anyOf").begin_array();
    w_.begin_object().key("type").value("array").key("items");
    one();
    w_.end_object();
    one();
    w_.end_array();
  }

  void pattern(std::string_view text) {
    w_.begin_object().key("type").value("string").key("pattern").value(text).end_object();
  }

  void number_or_variable(std::string_view type, int64_t least, std::optional<int64_t> most,
                          std::string_view text = variable) {
    w_.key("anyOf").begin_array();
    w_.begin_object().key("type").value(type).key("minimum").value(least);
    if (most) w_.key("maximum").value(*most);
    w_.end_object();
    pattern(text);
    w_.end_array();
  }

  // A number of 10^digits, or dollars with their sign.
  void decimal(const KeyInfo& key) {
    double one = 1;
    for (int i = 0; i < key.digits; ++i) one *= 10;
    w_.key("anyOf").begin_array();
    w_.begin_object().key("type").value("number");
    w_.key("minimum").value(static_cast<double>(key.least) / one);
    w_.key("maximum").value(static_cast<double>(key.most) / one).end_object();
    pattern(dollars_pattern);
    w_.end_array();
  }

  void number_or_text(std::string_view text_pattern, std::optional<int64_t> most = std::nullopt) {
    w_.key("anyOf").begin_array();
    w_.begin_object().key("type").value("number").key("minimum").value(0);
    if (most) w_.key("maximum").value(*most);
    w_.end_object();
    pattern(text_pattern);
    w_.end_array();
  }

  json::Writer w_;
};

// Indents JSON that was written without spaces.
std::string indented(std::string_view compact) {
  std::string out;
  std::size_t depth = 0;
  bool in_string = false;
  const auto line = [&] { out += '\n', out.append(depth * 2, ' '); };
  for (std::size_t i = 0; i < compact.size(); ++i) {
    const char c = compact[i];
    if (in_string) {
      out += c;
      if (c == '\\')
        out += compact[++i];
      else if (c == '"')
        in_string = false;
      continue;
    }
    switch (c) {
      case '"':
        in_string = true, out += c;
        break;
      case '{':
      case '[':
        out += c, ++depth, line();
        break;
      case '}':
      case ']':
        --depth, line(), out += c;
        break;
      case ',':
        out += c, line();
        break;
      case ':':
        out += ": ";
        break;
      default:
        out += c;
    }
  }
  return out + '\n';
}

std::string type_text(const KeyInfo& key) {
  switch (key.type) {
    case KeyInfo::Type::text:
      return key.choices.empty() ? "text" : "one of";
    case KeyInfo::Type::texts:
      return key.choices.empty() ? "list of texts" : "list of";
    case KeyInfo::Type::map:
      return "map of texts";
    case KeyInfo::Type::values:
      return "map of values";
    case KeyInfo::Type::flag:
      return "true or false";
    case KeyInfo::Type::integer:
      return "whole number";
    case KeyInfo::Type::number:
      return "number";
    case KeyInfo::Type::share:
      return "share";
    case KeyInfo::Type::duration:
      return "duration";
    case KeyInfo::Type::size:
      return "size";
    case KeyInfo::Type::dollars:
      return "dollars";
    case KeyInfo::Type::object:
      return "map";
    case KeyInfo::Type::list:
      return "list of maps";
  }
  return "";
}

// A table cell: a bar would end it.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

void append_tables(std::string& out, const std::string& title, const std::vector<KeyInfo>& keys) {
  out += "### " + title + "\n\n| key | type | default | what it does | example |\n|---|---|---|---|---|\n";
  for (const auto& key : keys) {
    std::string type = type_text(key);
    if (!key.main_key.empty()) type += ", or its `" + key.main_key + "` alone";
    for (std::size_t i = 0; i < key.choices.size(); ++i) type += (i == 0 ? " `" : ", `") + key.choices[i] + "`";
    std::string otherwise = key.required ? "required" : key.otherwise;
    if (otherwise.empty()) otherwise = key.type == KeyInfo::Type::object ? "its keys' defaults" : "none";
    out += "| `" + key.name + (key.type == KeyInfo::Type::duration ? "`, `" + key.name + "_ms" : "") + "` | " +
           cell(type) + " | " + cell(otherwise) + " | " + cell(key.about) + " | `" + cell(key.example) + "` |\n";
  }
  out += "\n";
  for (const auto& key : keys) {
    const std::string below = title == "The file" ? "" : title.substr(1, title.size() - 2) + ".";
    if (!key.keys.empty()) {
      append_tables(out, "`" + below + key.name + (key.type == KeyInfo::Type::list ? "[]" : "") + "`", key.keys);
    }
  }
}

}  // namespace
}  // namespace config

std::vector<KeyInfo> config_keys() { return config::Describer::keys_of<config::Document>(); }

std::string schema_of(std::string_view title, const std::vector<KeyInfo>& keys) {
  std::string compact;
  config::SchemaWriter(compact).document(title, keys);
  return config::indented(compact);
}

std::string reference_of(const std::vector<KeyInfo>& keys) {
  std::string out;
  config::append_tables(out, "The file", keys);
  return out;
}

std::string config_schema() { return schema_of("Weir configuration", config_keys()); }

std::string config_reference() { return reference_of(config_keys()); }

}  // namespace weir
