// RequestTrial: what one request has to do with the experiments of its route. Before the decision: which arm it is in,
// and so which model is asked first, if the zones allow it. After the answer: how its arm did, and whether the other
// model is asked the same (shadow_copies.h). Costs nothing where there are no experiments. Loop thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/experiment_settings.h"
#include "pipeline/request_context.h"
#include "policies/policy.h"

namespace weir {

class ClientFace;

class RequestTrial {
 public:
  // The context's facts are known; `tags` as the client sent them.
  RequestTrial(RequestContext& context, const ClientFace& face, std::string_view tags);

  // Which model comes first; nullopt: as the rules have it.
  [[nodiscard]] const std::optional<FirstChoice>& first() const { return first_; }
  // The plan is made: marks the entry, and listens to the answer where somebody wants to know it.
  void decided();
  // The client has its answer, or none.
  void ended();

 private:
  [[nodiscard]] std::string what_sticks(const ExperimentSettings& experiment) const;
  void choose_arm(const std::shared_ptr<const ExperimentSettings>& experiment);
  void choose_copy(const std::shared_ptr<const ExperimentSettings>& experiment);
  // By the experiment's judge; nullopt: it can say nothing of this answer.
  [[nodiscard]] std::optional<double> scored(const ExperimentSettings& experiment, const Response& answer,
                                             const Response* reference) const;
  void tell_outcome();
  void ask_other_model();
  [[nodiscard]] bool kept_in_plan(uint32_t model) const;
  // The last attempt at that model for the caller; null: there was none.
  [[nodiscard]] const AttemptEntry* attempt_of(uint32_t model) const;

  RequestContext& context_;
  const ClientFace& face_;
  std::string tags_;
  std::shared_ptr<const ExperimentSettings> arm_of_;   // null: in none
  std::shared_ptr<const ExperimentSettings> copy_of_;  // null: nobody else is asked
  std::optional<FirstChoice> first_;
  bool tested_ = false;  // in the arm of the model in question
  double share_ = 0;     // of that arm
};

}  // namespace weir
