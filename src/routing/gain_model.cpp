#include "routing/gain_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>

#include "core/stable_hash.h"
#include "routing/dice.h"
#include "routing/gain_curve.h"

namespace weir::routing {
namespace {

constexpr std::size_t own_outputs = 3;  // of the word model: gain, weak, strong; subjects follow
constexpr std::array ridges = {10'000.0, 50'000.0, 200'000.0};
constexpr std::array trees_shares = {0.0F, 0.25F, 0.5F, 0.75F, 1.0F};
constexpr float subject_sharpness = 12;  // of the scores of subjects, as a distribution
constexpr double subject_prior = 20;     // rows of the mean gain that each subject is thought to have besides
constexpr int most_tree_seeds = 2;
constexpr std::size_t least_for_trees = 2'000;  // rows; of fewer, trees learn the noise

struct Columns {
  std::size_t subjects = 0;
  // Scores of words, the gain that the subjects let expect, the share of known words, the shape.
  [[nodiscard]] std::size_t count() const { return own_outputs + subjects + 2 + shape_count; }
};

void append_row(std::vector<float>& out, std::span<const float> scores, float known,
                std::span<const float> subject_gain, const TextFeatures& text) {
  out.insert(out.end(), scores.begin(), scores.end());
  float sum = 0;
  float expected = 0;
  for (std::size_t i = 0; i < subject_gain.size(); ++i) {
    const float chance = std::exp(subject_sharpness * std::clamp(scores[own_outputs + i], -1.0F, 2.0F));
    sum += chance;
    expected += chance * subject_gain[i];
  }
  out.push_back(sum > 0 ? expected / sum : 0.0F);
  out.push_back(known);
  out.insert(out.end(), text.shape.begin(), text.shape.end());
}

struct Means {
  double weak = 0;
  double strong = 0;
};

class Trainer {
 public:
  Trainer(std::span<const LabelledRow> rows, const GainSettings& settings, const Progress& progress)
      : rows_(rows), settings_(settings), progress_(progress) {
    name_subjects();
    for (const auto& row : rows) {
      features_.push_back(text_features(row.prompt));
      means_.weak += row.weak;
      means_.strong += row.strong;
    }
    const auto count = static_cast<double>(std::max<std::size_t>(rows.size(), 1));
    means_.weak /= count;
    means_.strong /= count;
    for (const auto& row : rows) gain_.push_back(static_cast<float>(gain_of(row)));
    assign_folds();
    const int of_trees = with_trees() ? most_tree_seeds * settings.trees.rounds / 10 : 0;
    steps_ = static_cast<double>(folds() + 1) * (settings.words.rounds + of_trees);
  }

  GainParts train(GainChoice& choice) {
    GainParts parts;
    find_subject_gains(parts);
    Matrix matrix = unseen_columns(parts);
    std::vector<double> scores = cross_validate(matrix, choice);
    parts.linear = LinearTrainer(matrix, gain_).train(choice.ridge);
    parts.trees_share = static_cast<float>(choice.trees_share);
    if (choice.trees_share > 0) parts.trees = grow(matrix, gain_);
    std::vector<const TextFeatures*> all;
    for (const auto& one : features_) all.push_back(&one);
    parts.words = WordModel::train(all, word_targets(all_rows()), outputs(), settings_.words, step());
    calibrate(parts, scores);
    if (progress_) progress_(1);
    return parts;
  }

 private:
  [[nodiscard]] std::size_t folds() const { return static_cast<std::size_t>(std::max(settings_.folds, 2)); }
  [[nodiscard]] bool with_trees() const { return rows_.size() >= least_for_trees; }
  [[nodiscard]] std::size_t outputs() const { return own_outputs + subjects_.size(); }
  [[nodiscard]] double gain_of(const LabelledRow& row) const {
    return row.strong - row.weak - (means_.strong - means_.weak);
  }
  [[nodiscard]] std::vector<uint32_t> all_rows() const {
    std::vector<uint32_t> out(rows_.size());
    std::iota(out.begin(), out.end(), 0U);
    return out;
  }
  std::function<void()> step() {
    if (!progress_) return {};
    return [this] { progress_(std::min(1.0, ++done_ / steps_)); };
  }
  std::function<void()> tree_step() {
    if (!progress_) return {};
    return [this] { progress_(std::min(1.0, (done_ += 0.1) / steps_)); };
  }

  void name_subjects() {
    std::map<std::string_view, std::size_t> counts;
    for (const auto& row : rows_) {
      if (!row.subject.empty()) ++counts[row.subject];
    }
    std::vector<std::pair<std::size_t, std::string_view>> most;
    for (const auto& [name, count] : counts) most.emplace_back(count, name);
    std::stable_sort(most.begin(), most.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    if (most.size() > most_subjects) most.resize(most_subjects);
    if (most.size() < 2) return;
    for (const auto& [count, name] : most) subjects_.emplace(name, subjects_.size());
  }

  // The same prompt is always in one fold, so that none is judged by its twin.
  void assign_folds() {
    for (const auto& row : rows_) {
      // The number is a seed of its own: other folds would make other models.
      fold_.push_back(Dice(fnv1a(row.prompt, 1469598103934665603ULL)).below(folds()));
    }
  }

  void find_subject_gains(GainParts& parts) const {
    std::vector<double> sums(subjects_.size());
    std::vector<double> counts(subjects_.size(), subject_prior);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const auto subject = subjects_.find(rows_[i].subject);
      if (subject == subjects_.end()) continue;
      sums[subject->second] += gain_[i];
      ++counts[subject->second];
    }
    for (std::size_t i = 0; i < sums.size(); ++i) parts.subject_gain.push_back(static_cast<float>(sums[i] / counts[i]));
  }

  [[nodiscard]] std::vector<float> word_targets(const std::vector<uint32_t>& chosen) const {
    std::vector<float> out;
    out.reserve(chosen.size() * outputs());
    for (const auto i : chosen) {
      out.push_back(gain_[i]);
      out.push_back(static_cast<float>(rows_[i].weak - means_.weak));
      out.push_back(static_cast<float>(rows_[i].strong - means_.strong));
      out.resize(out.size() + subjects_.size());
      const auto subject = subjects_.find(rows_[i].subject);
      if (subject != subjects_.end()) out[out.size() - subjects_.size() + subject->second] = 1;
    }
    return out;
  }

  // The columns of the second stage, each row's scores from words of other folds.
  Matrix unseen_columns(const GainParts& parts) {
    const std::size_t columns = Columns{.subjects = subjects_.size()}.count();
    Matrix matrix{.columns = columns, .values = std::vector<float>(columns * rows_.size())};
    std::vector<float> scores(outputs());
    std::vector<float> row;
    for (std::size_t fold = 0; fold < folds(); ++fold) {
      std::vector<uint32_t> chosen;
      std::vector<const TextFeatures*> texts;
      for (uint32_t i = 0; i < rows_.size(); ++i) {
        if (fold_[i] == fold) continue;
        chosen.push_back(i);
        texts.push_back(&features_[i]);
      }
      const auto words = WordModel::train(texts, word_targets(chosen), outputs(), settings_.words, step());
      for (std::size_t i = 0; i < rows_.size(); ++i) {
        if (fold_[i] != fold) continue;
        row.clear();
        const float known = words.ask(features_[i].terms, scores);
        append_row(row, scores, known, parts.subject_gain, features_[i]);
        std::copy(row.begin(), row.end(), matrix.values.begin() + static_cast<std::ptrdiff_t>(i * columns));
      }
    }
    return matrix;
  }

  BoostedTrees grow(const Matrix& matrix, std::span<const float> targets) {
    std::vector<TreeNode> nodes;
    std::vector<uint32_t> roots;
    TreeSettings settings = settings_.trees;
    for (int seed = 0; seed < most_tree_seeds; ++seed) {
      settings.seed = settings_.trees.seed + static_cast<uint32_t>(seed);
      const auto one = BoostedTrees::train(matrix, targets, settings, tree_step());
      const auto before = nodes.size();
      for (auto node : one.nodes()) {
        node.value /= most_tree_seeds;
        if (node.column >= 0) node.next += static_cast<int32_t>(before);
        nodes.push_back(node);
      }
      for (const auto root : one.roots()) roots.push_back(root + static_cast<uint32_t>(before));
    }
    return {std::move(nodes), std::move(roots)};
  }

  // Chooses the ridge and the trees' share; the scores of every row by models that had not seen it.
  std::vector<double> cross_validate(const Matrix& matrix, GainChoice& choice) {
    std::vector<std::vector<float>> linear(ridges.size(), std::vector<float>(rows_.size()));
    std::vector<float> trees(rows_.size());
    for (std::size_t fold = 0; fold < folds(); ++fold) {
      Matrix part{.columns = matrix.columns, .values = {}};
      std::vector<float> targets;
      for (std::size_t i = 0; i < rows_.size(); ++i) {
        if (fold_[i] == fold) continue;
        const auto row = matrix.row(i);
        part.values.insert(part.values.end(), row.begin(), row.end());
        targets.push_back(gain_[i]);
      }
      const LinearTrainer trainer(part, targets);
      std::vector<LinearModel> models;
      for (const double ridge : ridges) models.push_back(trainer.train(ridge));
      const BoostedTrees grown = with_trees() ? grow(part, targets) : BoostedTrees();
      for (std::size_t i = 0; i < rows_.size(); ++i) {
        if (fold_[i] != fold) continue;
        for (std::size_t k = 0; k < models.size(); ++k) linear[k][i] = models[k](matrix.row(i));
        trees[i] = grown(matrix.row(i));
      }
    }
    std::vector<double> best(rows_.size());
    std::vector<Outcome> outcomes(rows_.size());
    choice = {.ridge = ridges.back(), .apgr = -1};
    for (std::size_t k = 0; k < ridges.size(); ++k) {
      for (const float share : trees_shares) {
        if (share > 0 && !with_trees()) break;
        for (std::size_t i = 0; i < rows_.size(); ++i) {
          const double score = static_cast<double>(linear[k][i] * (1 - share) + trees[i] * share);
          outcomes[i] = {.score = score, .weak = rows_[i].weak, .strong = rows_[i].strong};
        }
        const double apgr = gain_curve(outcomes).apgr.value_or(0);
        if (apgr <= choice.apgr) continue;
        choice = {.ridge = ridges[k], .trees_share = static_cast<double>(share), .apgr = apgr};
        for (std::size_t i = 0; i < rows_.size(); ++i) best[i] = outcomes[i].score;
      }
    }
    return best;
  }

  // What share of the weak model's answers was not good enough, by score: bins of as many rows each, and their shares
  // made rising (pool adjacent violators).
  void calibrate(GainParts& parts, const std::vector<double>& scores) const {
    constexpr std::size_t most_bins = 24;
    std::vector<uint32_t> order = all_rows();
    std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return scores[a] < scores[b]; });
    struct Bin {
      double score = 0, failures = 0, rows = 0;
    };
    std::vector<Bin> bins;
    const std::size_t count = std::clamp<std::size_t>(order.size() / 20, 1, most_bins);
    for (std::size_t b = 0; b < count; ++b) {
      Bin bin{.failures = 0.5, .rows = 1};  // one row of which nothing is known
      double score = 0;
      const auto begin = order.size() * b / count;
      const auto end = order.size() * (b + 1) / count;
      for (std::size_t i = begin; i < end; ++i) {
        score += scores[order[i]];
        bin.failures += 1 - rows_[order[i]].weak;
        ++bin.rows;
      }
      bin.score = score / static_cast<double>(std::max<std::size_t>(end - begin, 1)) * bin.rows;
      bins.push_back(bin);
      while (bins.size() > 1 &&
             bins[bins.size() - 2].failures * bins.back().rows >= bins.back().failures * bins[bins.size() - 2].rows) {
        auto& before = bins[bins.size() - 2];
        before.score += bins.back().score;
        before.failures += bins.back().failures;
        before.rows += bins.back().rows;
        bins.pop_back();
      }
    }
    for (const auto& bin : bins) {
      const auto knot = static_cast<float>(bin.score / bin.rows);
      if (!parts.knots.empty() && knot <= parts.knots.back()) continue;
      parts.knots.push_back(knot);
      parts.failures.push_back(static_cast<float>(bin.failures / bin.rows));
    }
  }

  std::span<const LabelledRow> rows_;
  const GainSettings& settings_;
  const Progress& progress_;
  std::map<std::string, std::size_t, std::less<>> subjects_;
  std::vector<TextFeatures> features_;
  std::vector<float> gain_;  // about their mean
  std::vector<std::size_t> fold_;
  Means means_;
  double steps_ = 1;
  double done_ = 0;
};

}  // namespace

GainModel GainModel::train(std::span<const LabelledRow> rows, const GainSettings& settings, const Progress& progress) {
  GainModel model;
  model.parts_ = Trainer(rows, settings, progress).train(model.choice_);
  return model;
}

double GainModel::score(const TextFeatures& text) const {
  std::vector<float> scores(parts_.words.outputs());
  const float known = parts_.words.ask(text.terms, scores);
  std::vector<float> row;
  row.reserve(Columns{.subjects = parts_.subject_gain.size()}.count());
  append_row(row, scores, known, parts_.subject_gain, text);
  double sum = 0;
  if (parts_.trees_share < 1) sum += static_cast<double>((1 - parts_.trees_share) * parts_.linear(row));
  if (parts_.trees_share > 0) sum += static_cast<double>(parts_.trees_share * parts_.trees(row));
  return sum;
}

double GainModel::difficulty(double score) const {
  const auto& knots = parts_.knots;
  if (knots.empty()) return 0.5;
  const auto above = std::upper_bound(knots.begin(), knots.end(), static_cast<float>(score)) - knots.begin();
  const auto at = static_cast<std::size_t>(above);
  if (at == 0) return static_cast<double>(parts_.failures.front());
  if (at == knots.size()) return static_cast<double>(parts_.failures.back());
  const double part = (score - static_cast<double>(knots[at - 1])) / static_cast<double>(knots[at] - knots[at - 1]);
  const auto from = static_cast<double>(parts_.failures[at - 1]);
  return from + std::clamp(part, 0.0, 1.0) * (static_cast<double>(parts_.failures[at]) - from);
}

bool GainModel::well_formed() const {
  const std::size_t subjects = parts_.subject_gain.size();
  const std::size_t columns = Columns{.subjects = subjects}.count();
  const auto finite = [](const std::vector<float>& values) {
    return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
  };
  if (!parts_.words.well_formed() || parts_.words.outputs() != own_outputs + subjects) return false;
  if (!finite(parts_.subject_gain) || !finite(parts_.knots) || !finite(parts_.failures)) return false;
  if (parts_.knots.size() != parts_.failures.size() || subjects > most_subjects) return false;
  if (!std::is_sorted(parts_.knots.begin(), parts_.knots.end())) return false;
  if (std::any_of(parts_.failures.begin(), parts_.failures.end(), [](float v) { return v < 0 || v > 1; })) return false;
  if (!(parts_.trees_share >= 0 && parts_.trees_share <= 1)) return false;
  return parts_.linear.well_formed(columns) && parts_.trees.well_formed(columns);
}

}  // namespace weir::routing
