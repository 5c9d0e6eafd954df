// BoostedTrees: small regression trees, each trained on what those before it left over (Friedman 2001, squared error, a
// random part of the rows and columns for each). For a handful of dense columns. Training is deterministic: the same
// rows and seed give the same trees on every machine. Values; asking is safe from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace weir::routing {

// A row's columns, one behind the other, `columns` of each row.
struct Matrix {
  std::size_t columns = 0;
  std::vector<float> values;

  [[nodiscard]] std::size_t rows() const { return columns == 0 ? 0 : values.size() / columns; }
  [[nodiscard]] std::span<const float> row(std::size_t i) const { return {&values[i * columns], columns}; }
};

struct TreeNode {
  int32_t column = -1;  // -1: a leaf
  float below = 0;      // a value below it goes left, to `next`; else right, to `next` + 1
  float value = 0;      // of a leaf
  int32_t next = 0;     // always behind this node
  bool operator==(const TreeNode&) const = default;
};

struct TreeSettings {
  int rounds = 200;
  int depth = 5;
  float step = 0.03F;          // of each tree's answer that counts
  float rows_share = 0.6F;     // that each tree is trained on
  float columns_share = 0.2F;  // that each split may ask for
  float shrink = 20;           // rows of value 0 that each leaf is thought to have besides
  int least_rows = 40;         // in a leaf
  uint32_t seed = 1;
};

class BoostedTrees {
 public:
  BoostedTrees() = default;
  // As read from a file; `roots` are indices into `nodes`. Check it with well_formed.
  BoostedTrees(std::vector<TreeNode> nodes, std::vector<uint32_t> roots)
      : nodes_(std::move(nodes)), roots_(std::move(roots)) {}
  // `targets`: one for each row, about their mean. `progress` is told after each round; may be empty.
  static BoostedTrees train(const Matrix& rows, std::span<const float> targets, const TreeSettings& settings,
                            const std::function<void()>& progress = {});

  [[nodiscard]] float operator()(std::span<const float> row) const;
  // Every walk ends in a leaf, and no column is asked for that a row of `columns` has not.
  [[nodiscard]] bool well_formed(std::size_t columns) const;

  [[nodiscard]] const std::vector<TreeNode>& nodes() const { return nodes_; }
  [[nodiscard]] const std::vector<uint32_t>& roots() const { return roots_; }

 private:
  std::vector<TreeNode> nodes_;
  std::vector<uint32_t> roots_;
};

}  // namespace weir::routing
