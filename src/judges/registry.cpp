#include <algorithm>
#include <array>
#include <memory>

#include "judges/judge.h"

namespace weir {

#define JUDGE(name) std::unique_ptr<const Judge> make_##name##_judge();
#include "judges/judges.def"
#undef JUDGE

namespace {

const auto& table() {
  static const std::array judges = {
#define JUDGE(name) make_##name##_judge(),
#include "judges/judges.def"
#undef JUDGE
  };
  return judges;
}

}  // namespace

std::vector<JudgeInfo> judge_infos() {
  std::vector<JudgeInfo> infos;
  for (const auto& judge : table()) infos.push_back(judge->info());
  return infos;
}

const Judge* find_judge(std::string_view name) {
  for (const auto& judge : table()) {
    if (judge->info().name == name) return judge.get();
  }
  return nullptr;
}

std::optional<Score> judge_by_all(std::span<const std::string> judges, const Request& request,
                                  const JudgedAnswer& answer, double enough) {
  Score all;
  bool waits = false;
  for (const auto& name : judges) {
    const auto* const judge = find_judge(name);
    if (judge == nullptr) continue;
    auto judgement = judge->judge(request, answer);
    if (!judgement) {
      waits = true;
      continue;
    }
    if (!judgement->fault.empty())
      all.found.append(all.found.empty() ? "" : "; ").append(name).append(": ").append(judgement->fault);
    if (!judgement->knows()) continue;
    all.value = all.value < 0 ? judgement->score : std::min(all.value, judgement->score);
  }
  const bool failed_already = all.value >= 0 && all.value < enough;
  if (waits && !failed_already) return std::nullopt;
  return all;
}

}  // namespace weir
