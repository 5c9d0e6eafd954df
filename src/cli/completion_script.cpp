#include "cli/completion_script.h"

#include <CLI/CLI.hpp>

#include <vector>

namespace weir {
namespace {

enum class Takes : uint8_t { nothing, file, folder, word };

struct Flag {
  std::vector<std::string> names;  // `--config`, `-c`; empty for a positional argument
  std::string description;
  Takes takes = Takes::nothing;
  std::vector<std::string> choices;  // of a word; empty = any
};

struct Node {
  std::string path;  // `weir keys create`
  std::string name;
  std::string summary;
  std::vector<Flag> flags;
  std::vector<Node> children;
};

// The words of a type name such as `TEXT:{model,route}`.
std::vector<std::string> choices_of(const std::string& type_name) {
  std::vector<std::string> choices;
  const std::size_t open = type_name.find('{');
  const std::size_t close = type_name.find('}');
  if (open == std::string::npos || close == std::string::npos || close < open) return choices;
  std::string word;
  for (std::size_t i = open + 1; i <= close; ++i) {
    if (type_name[i] != ',' && i != close) {
      word += type_name[i];
    } else if (!word.empty()) {
      choices.push_back(std::exchange(word, {}));
    }
  }
  return choices;
}

Flag flag_of(const CLI::Option& option) {
  Flag flag{.description = option.get_description()};
  for (const std::string& name : option.get_lnames()) flag.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) flag.names.push_back("-" + name);
  if (option.get_items_expected_max() == 0) return flag;
  const std::string type = option.get_type_name();
  flag.takes = type.starts_with("FILE") ? Takes::file : type.starts_with("DIR") ? Takes::folder : Takes::word;
  flag.choices = choices_of(type);
  return flag;
}

Node node_of(const CLI::App& app, const std::string& parent) {
  Node node{.path = parent.empty() ? app.get_name() : parent + " " + app.get_name(),
            .name = app.get_name(),
            .summary = app.get_description()};
  for (const CLI::Option* option : app.get_options()) node.flags.push_back(flag_of(*option));
  for (const CLI::App* child : app.get_subcommands({})) node.children.push_back(node_of(*child, node.path));
  return node;
}

template <typename Visit>
void each_node(const Node& node, Visit visit) {
  visit(node);
  for (const Node& child : node.children) each_node(child, visit);
}

// In single quotes for a shell: nothing in it has a meaning.
std::string shell_word(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out + "'";
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

// What may stand at a node besides the values of its options: commands, options, and the words of positional arguments.
std::vector<std::string> words_at(const Node& node) {
  std::vector<std::string> words;
  for (const Node& child : node.children) words.push_back(child.name);
  for (const Flag& flag : node.flags) {
    const std::vector<std::string>& more = flag.names.empty() ? flag.choices : flag.names;
    words.insert(words.end(), more.begin(), more.end());
  }
  return words;
}

// The arms of a shell `case` that walks from word to word: `'weir keys'|'weir keys create') at="$at $word" ;;`
std::string walk_arms(const Node& root) {
  std::string patterns;
  each_node(root, [&](const Node& node) {
    if (&node == &root) return;
    if (!patterns.empty()) patterns += '|';
    patterns += shell_word(node.path);
  });
  return "      " + patterns + ") at=\"$at $word\" ;;\n";
}

// The arms for the value of an option, by what it takes; `act` says what the shell does.
template <typename Act>
std::string value_arms(const Node& root, Act act) {
  std::string out;
  each_node(root, [&](const Node& node) {
    for (const Flag& flag : node.flags) {
      if (flag.takes == Takes::nothing || flag.names.empty()) continue;
      std::string patterns;
      for (const std::string& name : flag.names)
        patterns += (patterns.empty() ? "" : "|") + shell_word(node.path + " " + name);
      out += "    " + patterns + ") " + act(flag) + "; return ;;\n";
    }
  });
  return out;
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  const Node root = node_of(app, "");
  std::string out =
      "# weir: completion for bash. To use it now: source <(weir completion bash)\n"
      "_weir() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at=weir word words=''\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case \"$at $word\" in\n" +
      walk_arms(root) +
      "    esac\n"
      "  done\n"
      "  case \"$at $prev\" in\n" +
      value_arms(root,
                 [](const Flag& flag) -> std::string {
                   switch (flag.takes) {
                     case Takes::file:
                       return "COMPREPLY=($(compgen -f -- \"$cur\"))";
                     case Takes::folder:
                       return "COMPREPLY=($(compgen -d -- \"$cur\"))";
                     default:
                       return "COMPREPLY=($(compgen -W " + shell_word(joined(flag.choices)) + " -- \"$cur\"))";
                   }
                 }) +
      "  esac\n"
      "  case \"$at\" in\n";
  each_node(root, [&](const Node& node) {
    out += "    " + shell_word(node.path) + ") words=" + shell_word(joined(words_at(node))) + " ;;\n";
  });
  return out +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
         "}\n"
         "complete -o filenames -F _weir weir\n";
}

std::string zsh_completion(const CLI::App& app) {
  const Node root = node_of(app, "");
  std::string out =
      "#compdef weir\n"
      "# weir: completion for zsh. To use it now: source <(weir completion zsh)\n"
      "_weir() {\n"
      "  local at=weir word\n"
      "  local -a items\n"
      "  for word in ${words[2,CURRENT-1]}; do\n"
      "    case \"$at $word\" in\n" +
      walk_arms(root) +
      "    esac\n"
      "  done\n"
      "  case \"$at ${words[CURRENT-1]}\" in\n" +
      value_arms(root,
                 [](const Flag& flag) -> std::string {
                   switch (flag.takes) {
                     case Takes::file:
                       return "_files";
                     case Takes::folder:
                       return "_files -/";
                     default:
                       return flag.choices.empty() ? "_message value" : "compadd -- " + joined(flag.choices);
                   }
                 }) +
      "  esac\n"
      "  case \"$at\" in\n";
  each_node(root, [&](const Node& node) {
    out += "    " + shell_word(node.path) + ") items=(";
    for (const Node& child : node.children) out += shell_word(child.name + ":" + child.summary) + " ";
    for (const Flag& flag : node.flags) {
      for (const std::string& word : flag.names.empty() ? flag.choices : flag.names) {
        out += shell_word(word + ":" + flag.description) + " ";
      }
    }
    out += ") ;;\n";
  });
  return out +
         "  esac\n"
         "  _describe weir items\n"
         "}\n"
         "if [ \"$funcstack[1]\" = _weir ]; then _weir \"$@\"; else compdef _weir weir; fi\n";
}

std::string fish_completion(const CLI::App& app) {
  const Node root = node_of(app, "");
  std::string out =
      "# weir: completion for fish. To use it now: weir completion fish | source\n"
      "complete -c weir -f\n";
  each_node(root, [&](const Node& node) {
    // Shown when all commands of the path were typed, and none of those below.
    std::string when = node.children.empty() ? "" : "not __fish_seen_subcommand_from";
    for (const Node& child : node.children) when += " " + child.name;
    for (std::string_view rest = std::string_view(node.path).substr(root.path.size()); !rest.empty();) {
      rest.remove_prefix(1);
      const std::string_view word = rest.substr(0, rest.find(' '));
      when = "__fish_seen_subcommand_from " + std::string(word) + (when.empty() ? "" : "; and " + when);
      rest.remove_prefix(word.size());
    }
    const std::string head = "complete -c weir -n " + shell_word(when);
    for (const Node& child : node.children)
      out += head + " -a " + child.name + " -d " + shell_word(child.summary) + "\n";
    for (const Flag& flag : node.flags) {
      std::string line = head;
      for (const std::string& name : flag.names)
        line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (flag.takes != Takes::nothing && !flag.names.empty()) line += " -r";
      if (flag.takes == Takes::file) line += " -F";
      if (flag.takes == Takes::folder) line += " -a '(__fish_complete_directories)'";
      if (!flag.choices.empty()) line += " -a " + shell_word(joined(flag.choices));
      out += line + " -d " + shell_word(flag.description) + "\n";
    }
  });
  return out;
}

}  // namespace weir
