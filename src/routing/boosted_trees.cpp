#include "routing/boosted_trees.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "routing/dice.h"

namespace weir::routing {
namespace {

constexpr std::size_t most_cuts = 31;

// Values of each column put into at most 32 bins, column by column.
struct Bins {
  std::vector<std::vector<float>> cuts;  // by column, rising: bin b holds what is at or above cut b - 1 and below cut b
  std::vector<uint8_t> of;               // by column, then by row
  std::size_t rows = 0;

  explicit Bins(const Matrix& matrix) : rows(matrix.rows()) {
    cuts.resize(matrix.columns);
    of.resize(matrix.columns * rows);
    std::vector<float> sorted(rows);
    for (std::size_t column = 0; column < matrix.columns; ++column) {
      for (std::size_t row = 0; row < rows; ++row) sorted[row] = matrix.row(row)[column];
      std::sort(sorted.begin(), sorted.end());
      auto& of_column = cuts[column];
      for (std::size_t k = 1; k <= most_cuts; ++k) {
        const float cut = sorted[rows * k / (most_cuts + 1)];
        if (cut > sorted.front() && (of_column.empty() || cut > of_column.back())) of_column.push_back(cut);
      }
      for (std::size_t row = 0; row < rows; ++row) {
        const auto bin = std::upper_bound(of_column.begin(), of_column.end(), matrix.row(row)[column]);
        of[column * rows + row] = static_cast<uint8_t>(bin - of_column.begin());
      }
    }
  }
};

struct Split {
  std::size_t column = 0;
  std::size_t cut = 0;
  double gain = 0;  // 0: none
};

class Grower {
 public:
  Grower(const Bins& bins, const TreeSettings& settings, Dice& dice, std::vector<TreeNode>& nodes)
      : bins_(bins), settings_(settings), dice_(dice), nodes_(nodes) {}

  // Puts the tree that is grown from `rows` at `node`, which exists.
  void grow(std::size_t node, std::span<uint32_t> rows, std::span<const float> left_over, int depth) {
    double sum = 0;
    for (const auto row : rows) sum += left_over[row];
    nodes_[node].value =
        settings_.step * static_cast<float>(sum / (static_cast<double>(rows.size()) + settings_.shrink));
    if (depth == 0 || rows.size() < 2 * static_cast<std::size_t>(settings_.least_rows)) return;
    const Split split = best(rows, left_over, sum);
    if (split.gain <= 0) return;
    const auto* bin = &bins_.of[split.column * bins_.rows];
    const auto middle =
        std::stable_partition(rows.begin(), rows.end(), [&](uint32_t row) { return bin[row] <= split.cut; });
    const auto left = static_cast<std::size_t>(middle - rows.begin());
    const std::size_t next = nodes_.size();
    nodes_.resize(next + 2);
    nodes_[node].column = static_cast<int32_t>(split.column);
    nodes_[node].below = bins_.cuts[split.column][split.cut];
    nodes_[node].next = static_cast<int32_t>(next);
    grow(next, rows.first(left), left_over, depth - 1);
    grow(next + 1, rows.subspan(left), left_over, depth - 1);
  }

 private:
  [[nodiscard]] Split best(std::span<const uint32_t> rows, std::span<const float> left_over, double sum) {
    const auto worth = [&](double of, double count) { return of * of / (count + settings_.shrink); };
    const auto count = static_cast<double>(rows.size());
    const double whole = worth(sum, count);
    Split found;
    for (std::size_t column = 0; column < bins_.cuts.size(); ++column) {
      if (bins_.cuts[column].empty() || dice_.unit() >= settings_.columns_share) continue;
      std::array<double, most_cuts + 1> sums{};
      std::array<uint32_t, most_cuts + 1> counts{};
      const auto* bin = &bins_.of[column * bins_.rows];
      for (const auto row : rows) {
        sums[bin[row]] += left_over[row];
        ++counts[bin[row]];
      }
      double left = 0;
      double left_count = 0;
      for (std::size_t cut = 0; cut < bins_.cuts[column].size(); ++cut) {
        left += sums[cut];
        left_count += counts[cut];
        if (left_count < settings_.least_rows || count - left_count < settings_.least_rows) continue;
        const double gain = worth(left, left_count) + worth(sum - left, count - left_count) - whole;
        if (gain > found.gain + 1e-9) found = {.column = column, .cut = cut, .gain = gain};
      }
    }
    return found;
  }

  const Bins& bins_;
  const TreeSettings& settings_;
  Dice& dice_;
  std::vector<TreeNode>& nodes_;
};

float walk(const std::vector<TreeNode>& nodes, uint32_t root, std::span<const float> row) {
  std::size_t at = root;
  while (nodes[at].column >= 0) {
    const bool left = row[static_cast<std::size_t>(nodes[at].column)] < nodes[at].below;
    at = static_cast<std::size_t>(nodes[at].next) + (left ? 0 : 1);
  }
  return nodes[at].value;
}

}  // namespace

BoostedTrees BoostedTrees::train(const Matrix& rows, std::span<const float> targets, const TreeSettings& settings,
                                 const std::function<void()>& progress) {
  BoostedTrees out;
  if (rows.rows() == 0) return out;
  const Bins bins(rows);
  std::vector<float> left_over(targets.begin(), targets.end());
  Dice dice(settings.seed);
  std::vector<uint32_t> chosen;
  for (int round = 0; round < settings.rounds; ++round) {
    chosen.clear();
    for (uint32_t row = 0; row < rows.rows(); ++row) {
      if (dice.unit() < settings.rows_share) chosen.push_back(row);
    }
    const auto root = static_cast<uint32_t>(out.nodes_.size());
    out.roots_.push_back(root);
    out.nodes_.emplace_back();
    Grower(bins, settings, dice, out.nodes_).grow(root, chosen, left_over, settings.depth);
    for (std::size_t row = 0; row < rows.rows(); ++row) left_over[row] -= walk(out.nodes_, root, rows.row(row));
    if (progress) progress();
  }
  return out;
}

float BoostedTrees::operator()(std::span<const float> row) const {
  float sum = 0;
  for (const auto root : roots_) sum += walk(nodes_, root, row);
  return sum;
}

bool BoostedTrees::well_formed(std::size_t columns) const {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const TreeNode& node = nodes_[i];
    if (!std::isfinite(node.value) || !std::isfinite(node.below)) return false;
    if (node.column < 0) continue;
    if (static_cast<std::size_t>(node.column) >= columns) return false;
    if (node.next < 0 || static_cast<std::size_t>(node.next) <= i) return false;
    if (static_cast<std::size_t>(node.next) + 1 >= nodes_.size()) return false;
  }
  return std::all_of(roots_.begin(), roots_.end(), [&](uint32_t root) { return root < nodes_.size(); });
}

}  // namespace weir::routing
