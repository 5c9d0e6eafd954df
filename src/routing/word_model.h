// WordModel: several linear estimates from the words of a text at once (TF-IDF, length 1, ridge regression). What it
// knows of a term are its weights for every estimate; terms that training saw too rarely are not known. Values; asking
// is safe from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "routing/text_features.h"

namespace weir::routing {

struct WordSettings {
  double ridge = 2;         // how strongly weights are drawn to 0
  int rounds = 6;           // through all rows
  uint32_t least_rows = 2;  // in which a term must stand
  std::size_t most_terms = 200'000;
  uint32_t seed = 1;
};

class WordModel {
 public:
  WordModel() = default;
  // As read from a file. `hashes` rise; `idf` one for each; `weights` `outputs` for each. Check it with well_formed.
  WordModel(std::size_t outputs, std::vector<uint32_t> hashes, std::vector<float> idf, std::vector<float> weights);
  // `targets`: `outputs` for each row, one behind the other, each about its mean.
  static WordModel train(std::span<const TextFeatures* const> rows, std::span<const float> targets, std::size_t outputs,
                         const WordSettings& settings, const std::function<void()>& progress = {});

  // Into `out`, which has outputs() places. The share of the text's terms that is known.
  float ask(const std::vector<Term>& terms, std::span<float> out) const;
  [[nodiscard]] std::size_t outputs() const { return outputs_; }
  [[nodiscard]] bool well_formed() const;
  [[nodiscard]] const std::vector<uint32_t>& hashes() const { return hashes_; }
  [[nodiscard]] const std::vector<float>& idf() const { return idf_; }
  [[nodiscard]] const std::vector<float>& weights() const { return weights_; }

 private:
  struct Known {
    uint32_t term = 0;  // index
    float weight = 0;   // TF-IDF, before the length is made 1
  };
  [[nodiscard]] std::vector<Known> known(const std::vector<Term>& terms) const;
  void index();

  std::size_t outputs_ = 0;
  std::vector<uint32_t> hashes_;
  std::vector<float> idf_;
  std::vector<float> weights_;
  std::vector<uint32_t> slots_;  // open addressing over hashes_: index + 1; 0 = free
};

}  // namespace weir::routing
