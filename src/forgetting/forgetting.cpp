#include "forgetting/forgetting.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <numeric>

#include <fmt/format.h>

#include "answers/answer_file.h"
#include "conversations/conversation_shelf.h"
#include "lessons/lesson_shelf.h"
#include "stores/forgetting.h"
#include "stores/ledger_texts.h"
#include "trials/trial_shelf.h"

namespace weir {
namespace {

template <typename Shelf>
Result<int64_t> forget_on(Result<Shelf> shelf, Whose& whose, Forgetting mode) {
  if (!shelf) return failure(shelf.error());
  return shelf->forget([&](auto request, auto key) { return whose.includes(request, key); }, mode);
}

Result<int64_t> forget_lessons(const std::string& file, Whose& whose, Forgetting mode) {
  return forget_on(LessonShelf::open(file, LessonShelf::Access::write), whose, mode);
}

Result<int64_t> forget_conversations(const std::string& file, Whose& whose, Forgetting mode) {
  return forget_on(ConversationShelf::open(file), whose, mode);
}

Result<int64_t> forget_trial_texts(const std::string& file, Whose& whose, Forgetting mode) {
  return forget_on(TrialShelf::open(file, TrialShelf::Access::existing), whose, mode);
}

Result<int64_t> forget_answers(const std::string& file, Whose& whose, Forgetting mode) {
  return forget_on(AnswerFile::open(file), whose, mode);
}

// A place that keeps what somebody said.
struct Place {
  std::string_view name;
  std::string_view file;  // of the data folder, SQLite's; where there is none, nothing is kept
  Result<int64_t> (*forget)(const std::string& file, Whose& whose, Forgetting mode);
};

// In the order in which they are erased. Tags come last: where somebody is known by one, the others need it.
constexpr std::array places = {
    Place{"lessons", "lessons.db", forget_lessons},
    Place{"conversations", "responses.db", forget_conversations},
    Place{"experiment_texts", "experiments.db", forget_trial_texts},
    Place{"answers", "answers.db", forget_answers},
    Place{"feedback", "weir.db", forget_feedback},
    Place{"attempt_messages", "weir.db", forget_messages},
    Place{"tags", "weir.db", forget_tags},
};

std::string path_of(const std::string& folder, const Place& place) {
  return (std::filesystem::path(folder) / place.file).string();
}

bool is_there(const std::string& file) {
  std::error_code error;
  return std::filesystem::exists(file, error) || error;
}

}  // namespace

int64_t Forgotten::count() const {
  return std::accumulate(shelves.begin(), shelves.end(), int64_t{0},
                         [](int64_t sum, const ForgottenShelf& one) { return sum + one.count; });
}

Result<Forgotten> count_theirs(const std::string& folder, Whose& whose) {
  Forgotten all;
  for (const auto& place : places) {
    const auto file = path_of(folder, place);
    auto& shelf = all.shelves.emplace_back(ForgottenShelf{.name = place.name});
    if (!is_there(file)) continue;
    const auto count = place.forget(file, whose, Forgetting::count);
    if (!count) return failure(count.error());
    shelf.count = *count;
  }
  return all;
}

Forgotten erase_theirs(const std::string& folder, Whose& whose) {
  Forgotten all;
  std::vector<std::string> files;
  for (const auto& place : places) {
    const auto file = path_of(folder, place);
    auto& shelf = all.shelves.emplace_back(ForgottenShelf{.name = place.name});
    if (!is_there(file)) continue;
    // Who is known by a tag alone could not be found again for what failed.
    if (place.forget == forget_tags && !all.failed.empty()) continue;
    if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
    const auto gone = place.forget(file, whose, Forgetting::erase);
    if (gone) {
      shelf.count = *gone;
    } else {
      all.failed.push_back(fmt::format("{}: {}", place.name, gone.error().message));
    }
  }
  // Also where nothing was theirs: an earlier run may have ended between the two.
  for (const auto& file : files) {
    if (auto written = sqlite::scrub(file); !written) all.failed.push_back(written.error().message);
  }
  return all;
}

}  // namespace weir
