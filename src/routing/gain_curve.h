// GainCurve: what a router's order of prompts is worth, as RouteLLM (arXiv 2406.18665) defines it. Sort the prompts by
// score; when the share x with the highest scores goes to the strong model, the accuracy is a(x). PGR(x) = (a(x) −
// weak) / (strong − weak), the part of the gap between the two that is recovered. APGR is the area under PGR for x from
// 0 to 1: 0.5 for a random order. CPT(p) is the least x with PGR(x) ≥ p. The exact curve is taken, with one point a
// prompt; prompts of the same score count as if they came in every order (their mean). Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace weir::routing {

struct Outcome {
  double score = 0;
  double weak = 0;    // how good the weak model's answer was, 0 to 1
  double strong = 0;  // the same of the strong one
};

struct GainCurve {
  std::size_t rows = 0;
  double weak = 0;               // accuracy when all go to the weak model
  double strong = 0;             // when all go to the strong one
  std::vector<double> accuracy;  // rows + 1: accuracy[k] when the k first go to the strong model

  // All three are unset when the strong model is no better than the weak one: there is no gap to recover.
  std::optional<double> apgr;
  std::optional<double> cpt50;
  std::optional<double> cpt80;

  // Accuracy at a share, 0 to 1, between its neighbours in a straight line.
  [[nodiscard]] double accuracy_at(double share) const;
};

[[nodiscard]] GainCurve gain_curve(std::span<const Outcome> outcomes);

}  // namespace weir::routing
