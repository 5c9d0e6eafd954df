#include "config/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

namespace weir::yaml {
namespace {

bool indented_with_tab(std::string_view text, std::size_t line) {
  for (; line > 1; --line) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  return text.substr(0, text.find_first_not_of(" \t")).find('\t') != std::string_view::npos;
}

// `api_key: ${K}` within braces: the variable's own braces end the map. Looked for on this line and the one above,
// where the parser may say that the end is missing.
bool bare_variable(std::string_view text, std::size_t line) {
  for (std::size_t at = 1; at + 1 < line; ++at) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  std::size_t lines = 0;
  while (lines < 2 && !text.empty()) {
    const auto row = text.substr(0, text.find('\n'));
    const auto variable = row.find("${");
    const auto brace = row.find('{');
    const bool quoted =
        variable != std::string_view::npos && variable > 0 && (row[variable - 1] == '"' || row[variable - 1] == '\'');
    if (variable != std::string_view::npos && brace < variable && !quoted) return true;
    text.remove_prefix(std::min(row.size() + 1, text.size()));
    ++lines;
  }
  return false;
}

std::string_view likely_mend(std::string_view text, std::size_t line) {
  if (indented_with_tab(text, line)) return "indent with spaces: there is a tab at the beginning of this line";
  if (bare_variable(text, line)) {
    return "within {...} a variable needs quotes, because its own braces end the map: write \"${NAME}\"";
  }
  return "check the indentation, the colons and the quotes here and on the line above";
}

// Ends the parse; the only way out of yaml-cpp's callbacks.
struct Stop {
  Problem problem;
};

}  // namespace

// Hears yaml-cpp's events and builds the nodes.
class Tree::Builder final : public YAML::EventHandler {
 public:
  Builder(Tree& tree, const std::string& file, std::vector<Problem>& problems)
      : tree_(tree), file_(file), problems_(problems) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node& node = make(Node::Kind::null, mark);
    remember(anchor, node);
    place(node, mark);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto target = anchors_.find(anchor);
    if (target == anchors_.end()) stop(mark, "an alias to a place that is not there", "define it above with &name");
    const bool open =
        std::any_of(open_.begin(), open_.end(), [&](const Open& one) { return one.node == target->second; });
    if (open) stop(mark, "an alias to a place that contains it", "write the value out");
    place(*target->second, mark);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    if (expects_key()) {
      take_key(mark, value);
      return;
    }
    Node& node = make(Node::Kind::scalar, mark);
    node.text = value;
    node.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    remember(anchor, node);
    place(node, mark);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    start(Node::Kind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    start(Node::Kind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { end(); }

 private:
  struct Open {
    Node* node = nullptr;
    std::optional<Entry> key;  // of a map: read, and waiting for its value
  };

  [[noreturn]] void stop(const YAML::Mark& mark, std::string message, std::string mend) const {
    throw Stop{at(mark, std::move(message), std::move(mend))};
  }

  Problem at(const YAML::Mark& mark, std::string message, std::string mend) const {
    return {.file = file_,
            .line = static_cast<std::size_t>(mark.line) + 1,
            .column = static_cast<std::size_t>(mark.column) + 1,
            .message = std::move(message),
            .mend = std::move(mend)};
  }

  void check_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (tag.empty() || tag == "?" || tag == "!" || tag == "tag:yaml.org,2002:str") return;
    stop(mark, "a tag, which a config cannot have", "remove it; quote the value if it must be text");
  }

  Node& make(Node::Kind kind, const YAML::Mark& mark) {
    Node& node = tree_.nodes_.emplace_back();
    node.kind = kind;
    node.line = static_cast<std::size_t>(mark.line) + 1;
    node.column = static_cast<std::size_t>(mark.column) + 1;
    return node;
  }

  void remember(YAML::anchor_t anchor, Node& node) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = &node;
  }

  [[nodiscard]] bool expects_key() const {
    return !open_.empty() && open_.back().node->kind == Node::Kind::map && !open_.back().key;
  }

  void take_key(const YAML::Mark& mark, const std::string& key) {
    open_.back().key = Entry{.key = key,
                             .line = static_cast<std::size_t>(mark.line) + 1,
                             .column = static_cast<std::size_t>(mark.column) + 1};
  }

  void start(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    check_tag(mark, tag);
    if (expects_key()) stop(mark, "a key that is not text", "write keys as plain words");
    if (open_.size() >= max_depth) stop(mark, "nested too deeply", "a config needs no more than a few levels");
    Node& node = make(kind, mark);
    remember(anchor, node);
    open_.push_back({.node = &node});
  }

  void end() {
    Node& node = *open_.back().node;
    open_.pop_back();
    place(node, {});
  }

  // Puts a finished node where it belongs.
  void place(const Node& node, const YAML::Mark& mark) {
    if (open_.empty()) {
      tree_.root_ = &node;
      return;
    }
    if (expects_key()) stop(mark, "a key that is not text", "write keys as plain words");
    Open& parent = open_.back();
    parent.node->weight += node.weight;
    if (parent.node->weight > max_weight) {
      throw Stop{{.file = file_,
                  .line = parent.node->line,
                  .column = parent.node->column,
                  .message = "too many values, or aliases that multiply",
                  .mend = "write the values out"}};
    }
    if (parent.node->kind == Node::Kind::list) {
      parent.node->items.push_back(&node);
      return;
    }
    Entry entry = std::move(*parent.key);
    parent.key.reset();
    if (const auto first = find_entry(*parent.node, entry.key)) {
      problems_.push_back(
          {.file = file_,
           .line = entry.line,
           .column = entry.column,
           .message = "`" + entry.key + "` is given twice; first at line " + std::to_string(first->line),
           .mend = "keep one of them"});
      return;
    }
    entry.value = &node;
    if (parent.node->entries.size() >= index_from) keys_[parent.node].emplace(entry.key, parent.node->entries.size());
    parent.node->entries.push_back(std::move(entry));
  }

  // A map of thousands of keys must not cost the square of them.
  const Entry* find_entry(const Node& map, const std::string& key) const {
    const auto few = map.entries.begin() + static_cast<std::ptrdiff_t>(std::min(map.entries.size(), index_from));
    const auto found = std::find_if(map.entries.begin(), few, [&](const Entry& one) { return one.key == key; });
    if (found != few) return &*found;
    const auto index = keys_.find(&map);
    if (index == keys_.end()) return nullptr;
    const auto more = index->second.find(key);
    return more == index->second.end() ? nullptr : &map.entries[more->second];
  }

  static constexpr std::size_t index_from = 32;
  Tree& tree_;
  const std::string& file_;
  std::vector<Problem>& problems_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Node*> anchors_;
  std::map<const Node*, std::map<std::string, std::size_t>> keys_;
};

const Node* Node::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& one) { return one.key == key; });
  return found == entries.end() ? nullptr : found->value;
}

std::string_view kind_name(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::scalar:
      return "text";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a map";
  }
  return "";
}

bool Tree::parse(std::string_view text, const std::string& file, std::vector<Problem>& problems) {
  nodes_.clear();
  root_ = nullptr;
  if (text.size() > max_bytes) {
    problems.push_back(
        {.file = file,
         .message = "the file has " + std::to_string(text.size()) + " bytes; the most is " + std::to_string(max_bytes),
         .mend = "long word lists go into files of their own: guards.words[].file"});
    return false;
  }
  if (const auto zero = text.find('\0'); zero != std::string_view::npos) {
    problems.push_back({.file = file,
                        .message = "there is a zero byte at offset " + std::to_string(zero),
                        .mend = "save the file as UTF-8 text"});
    return false;
  }
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    Builder builder(*this, file, problems);
    if (!parser.HandleNextDocument(builder)) {
      nodes_.clear();
      root_ = &nodes_.emplace_back();
      return true;
    }
    const auto documents = nodes_.size();
    if (parser.HandleNextDocument(builder) && nodes_.size() > documents) {
      problems.push_back({.file = file,
                          .line = nodes_[documents].line,
                          .column = nodes_[documents].column,
                          .message = "a second document",
                          .mend = "a config is one document: remove the `---` line"});
      return false;
    }
  } catch (const Stop& stop) {
    problems.push_back(stop.problem);
    return false;
  } catch (const YAML::Exception& error) {
    const bool placed = !error.mark.is_null();
    const auto line = placed ? static_cast<std::size_t>(error.mark.line) + 1 : 0;
    problems.push_back({.file = file,
                        .line = line,
                        .column = placed ? static_cast<std::size_t>(error.mark.column) + 1 : 0,
                        .message = "this is not YAML: " + error.msg,
                        .mend = std::string(likely_mend(text, line))});
    return false;
  }
  return root_ != nullptr;
}

}  // namespace weir::yaml
