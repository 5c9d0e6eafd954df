// YAML text as a small tree that knows the line and column of everything, within limits that no honest config reaches:
// so that an alias bomb, a deep nest or a huge file is a problem that is reported, never a crash. Only what a config
// needs: maps with text keys, lists, scalars, anchors and aliases; no tags, no merge keys, one document. Plain values;
// a tree is read by one thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.h"

namespace weir::yaml {

struct Node;

struct Entry {
  std::string key;
  std::size_t line = 0;
  std::size_t column = 0;
  const Node* value = nullptr;
};

struct Node {
  enum class Kind : uint8_t { null, scalar, list, map };
  Kind kind = Kind::null;
  std::string text;                // of a scalar
  bool quoted = false;             // the same: it is text, whatever it looks like
  std::vector<const Node*> items;  // of a list
  std::vector<Entry> entries;      // of a map; keys differ
  std::size_t line = 0;
  std::size_t column = 0;
  std::size_t weight = 1;  // nodes below and including it, aliases counted as often as they stand there

  [[nodiscard]] const Node* find(std::string_view key) const;
};

// `a list`, `a map`, `nothing`, `text`
[[nodiscard]] std::string_view kind_name(const Node& node);

inline constexpr std::size_t max_bytes = 1024 * 1024;
inline constexpr std::size_t max_depth = 32;
inline constexpr std::size_t max_weight = 100'000;

class Tree {
 public:
  // Adds what is wrong to `problems`. False when there is no tree to read; true with problems when there is one that is
  // wrong in places (a key given twice: the first counts).
  bool parse(std::string_view text, const std::string& file, std::vector<Problem>& problems);

  [[nodiscard]] const Node& root() const { return *root_; }

 private:
  class Builder;
  std::deque<Node> nodes_;
  const Node* root_ = nullptr;
};

}  // namespace weir::yaml
