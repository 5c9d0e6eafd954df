// The published schema and the reference page say what the loader does: both are generated from the loader's own table,
// and the loader and a reader of the schema give the same verdict on thousands of broken configs. WEIR_UPDATE=1 writes
// the two files anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>

#include "config/describe.h"
#include "config/yaml.h"
#include "core/json.h"
#include "loading.h"

namespace weir::test {
namespace {

const std::string source = WEIR_SOURCE;

std::string file_text(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

bool updating() { return std::getenv("WEIR_UPDATE") != nullptr; }

// --- as much of JSON Schema as docs/weir.schema.json uses
// --------------------------------------------------------------

// Compiling one costs far more than using it.
const std::regex& compiled(const std::string& pattern) {
  static std::map<std::string, std::regex> known;
  const auto found = known.find(pattern);
  return found != known.end() ? found->second : known.emplace(pattern, std::regex(pattern)).first->second;
}

std::string type_of(const yaml::Node& node) {
  if (node.kind == yaml::Node::Kind::list) return "array";
  if (node.kind == yaml::Node::Kind::map) return "object";
  if (node.kind == yaml::Node::Kind::null) return "null";
  if (node.text == "true" || node.text == "false") return "boolean";
  if (std::regex_match(node.text, compiled("-?[0-9]+"))) return "integer";
  if (std::regex_match(node.text, compiled("-?[0-9]+\\.[0-9]+"))) return "number";
  return "string";
}

bool is_type(const yaml::Node& node, std::string_view wanted) {
  const auto type = type_of(node);
  return type == wanted || (type == "integer" && wanted == "number");
}

bool valid(const json::Object& schema, const yaml::Node& node);

bool valid_object(const json::Object& schema, const yaml::Node& node) {
  json::Element part;
  if (schema["required"].get(part) == simdjson::SUCCESS) {
    for (const auto name : part.get_array()) {
      if (node.find(std::string_view(name)) == nullptr) return false;
    }
  }
  for (const auto& entry : node.entries) {
    json::Object properties;
    json::Object property;
    const bool listed = schema["properties"].get(properties) == simdjson::SUCCESS &&
                        properties[entry.key].get(property) == simdjson::SUCCESS;
    if (listed) {
      if (!valid(property, *entry.value)) return false;
    } else if (schema["additionalProperties"].get(property) == simdjson::SUCCESS) {
      if (!valid(property, *entry.value)) return false;
    } else {
      return false;  // additionalProperties: false, everywhere else
    }
  }
  return true;
}

bool valid(const json::Object& schema, const yaml::Node& node) {
  json::Element part;
  if (schema["anyOf"].get(part) == simdjson::SUCCESS) {
    bool any = false;
    for (const auto one : part.get_array()) any = any || valid(one.get_object(), node);
    if (!any) return false;
  }
  if (schema["enum"].get(part) == simdjson::SUCCESS) {
    bool any = false;
    for (const auto one : part.get_array())
      any = any || (type_of(node) == "string" && std::string_view(one) == node.text);
    if (!any) return false;
  }
  if (schema["type"].get(part) == simdjson::SUCCESS) {
    bool any = false;
    if (part.is_string()) {
      any = is_type(node, part);
    } else {
      for (const auto one : part.get_array()) any = any || is_type(node, std::string_view(one));
    }
    if (!any) return false;
  }
  if (schema["pattern"].get(part) == simdjson::SUCCESS && node.kind == yaml::Node::Kind::scalar &&
      !std::regex_search(node.text, compiled(std::string(std::string_view(part))))) {
    return false;
  }
  if (is_type(node, "number")) {
    if (schema["minimum"].get(part) == simdjson::SUCCESS && std::stod(node.text) < double(part)) return false;
    if (schema["maximum"].get(part) == simdjson::SUCCESS && std::stod(node.text) > double(part)) return false;
  }
  if (node.kind == yaml::Node::Kind::map) return valid_object(schema, node);
  if (node.kind == yaml::Node::Kind::list && schema["items"].get(part) == simdjson::SUCCESS) {
    return std::all_of(node.items.begin(), node.items.end(),
                       [&](const yaml::Node* item) { return valid(part.get_object(), *item); });
  }
  return true;
}

class Schema {
 public:
  Schema() { EXPECT_TRUE(document_.parse(config_schema())); }
  bool accepts(std::string_view text) {
    yaml::Tree tree;
    std::vector<Problem> problems;
    return tree.parse(text, "x", problems) && problems.empty() && valid(document_.root().get_object(), tree.root());
  }

 private:
  json::Document document_;
};

// --- configs that are wrong in one place
// --------------------------------------------------------------------------------

std::string quoted(const std::string& text) {
  // Numbers and flags stay what they are.
  if (std::regex_match(text, compiled("-?[0-9.]+|true|false"))) return text;
  std::string out = "\"";
  for (const char c : text) out += (c == '"' || c == '\\') ? std::string("\\") + c : std::string(1, c);
  return out + "\"";
}

enum class Damage { none, unknown_key, wrong_type, misspelt_key, negative };

// The tree as flow YAML, damaged at the place `at` (counting all nodes in order); `places` becomes the number of nodes.
class Printer {
 public:
  Printer(Damage damage, std::size_t at) : damage_(damage), at_(at) {}
  std::string print(const yaml::Node& node, bool free_keys = false) {
    const bool here = places++ == at_;
    if (here && damage_ == Damage::wrong_type && node.kind == yaml::Node::Kind::scalar) return hit("[[x]]");
    if (here && damage_ == Damage::wrong_type && node.kind != yaml::Node::Kind::scalar) return hit("word");
    if (here && damage_ == Damage::negative && type_of(node) == "integer") return hit("-1" + node.text);
    if (node.kind == yaml::Node::Kind::scalar) return quoted(node.text);
    std::string out;
    if (node.kind == yaml::Node::Kind::list) {
      for (const auto* item : node.items) out += (out.empty() ? "" : ", ") + print(*item);
      return "[" + out + "]";
    }
    if (here && damage_ == Damage::unknown_key && !free_keys) out += hit("nonsense: 1");
    bool first = here && damage_ == Damage::misspelt_key && !free_keys;
    for (const auto& entry : node.entries) {
      out += (out.empty() ? "" : ", ") + quoted(first ? hit(entry.key + "x") : entry.key) + ": " +
             print(*entry.value, entry.key == "headers");
      first = false;
    }
    return "{" + out + "}";
  }

  std::size_t places = 0;
  bool damaged = false;

 private:
  std::string hit(std::string text) {
    damaged = true;
    return text;
  }
  Damage damage_;
  std::size_t at_;
};

World example_world() {
  World world;
  world.variables["EU_LLM_KEY"] = "k";
  world.files["etc/clinic-words.txt"] = "Diagnose\n";
  return world;
}

TEST(schema, is_the_published_one) {
  const auto path = source + "/docs/weir.schema.json";
  if (updating()) std::ofstream(path) << config_schema();
  EXPECT_EQ(file_text(path), config_schema()) << "run the test with WEIR_UPDATE=1";
}

TEST(schema, page_of_the_reference_lists_every_key) {
  const auto path = source + "/docs/configuration.md";
  auto page = file_text(path);
  constexpr std::string_view begin = "<!-- keys: begin -->\n", end = "<!-- keys: end -->\n";
  const auto from = page.find(begin), to = page.find(end);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  if (updating()) {
    page.replace(from + begin.size(), to - from - begin.size(), config_reference());
    std::ofstream(path) << page;
  }
  const auto keys = file_text(path);
  EXPECT_NE(keys.find(config_reference()), std::string::npos) << "run the test with WEIR_UPDATE=1";
  EXPECT_GT(config_reference().size(), 5000U);
}

void expect_documented(const std::vector<KeyInfo>& keys, const std::string& place) {
  for (const auto& key : keys) {
    EXPECT_FALSE(key.about.empty()) << place << key.name;
    EXPECT_FALSE(key.example.empty()) << place << key.name;
    expect_documented(key.keys, place + key.name + ".");
  }
}

TEST(schema, every_key_is_explained_and_has_an_example) { expect_documented(config_keys(), ""); }

TEST(schema, accepts_every_example) {
  Schema schema;
  for (const auto* name : {"laptop", "team", "clinic", "game"}) {
    const auto text = file_text(source + "/examples/" + name + ".yaml");
    EXPECT_TRUE(schema.accepts(text)) << name;
    const auto loaded = example_world().load(text);
    EXPECT_EQ(problems_of(loaded), "") << name;
  }
}

// For each place of each example and each kind of damage, the loader and the schema both refuse.
TEST(schema, and_loader_refuse_the_same_damage) {
  Schema schema;
  const auto world = example_world();
  std::size_t refused = 0;
  for (const auto* name : {"laptop", "team", "clinic"}) {
    const auto text = file_text(source + "/examples/" + name + ".yaml");
    yaml::Tree tree;
    std::vector<Problem> problems;
    ASSERT_TRUE(tree.parse(text, name, problems));
    Printer whole(Damage::none, 0);
    const auto undamaged = whole.print(tree.root());
    ASSERT_TRUE(schema.accepts(undamaged)) << undamaged;
    ASSERT_TRUE(world.load(undamaged).usable()) << problems_of(world.load(undamaged));
    for (const auto damage : {Damage::unknown_key, Damage::wrong_type, Damage::misspelt_key, Damage::negative}) {
      for (std::size_t at = 0; at < whole.places; ++at) {
        Printer printer(damage, at);
        const auto broken = printer.print(tree.root());
        if (!printer.damaged) continue;
        const bool by_schema = !schema.accepts(broken);
        const bool by_loader = !world.load(broken).usable();
        // A word where a list of texts stands is a list of one, to both; whether it names something that exists is not
        // the schema's to know.
        const bool one_text = damage == Damage::wrong_type && !by_schema;
        EXPECT_TRUE(by_loader || one_text) << broken;
        EXPECT_TRUE(by_schema || one_text) << broken;
        refused += by_schema && by_loader ? 1 : 0;
      }
    }
  }
  EXPECT_GT(refused, 300U);
}

}  // namespace
}  // namespace weir::test
