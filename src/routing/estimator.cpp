#include "routing/estimator.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/request.h"
#include "routing/shipped_data.h"

namespace weir::routing {
namespace {

constexpr std::size_t short_turn = 40;  // bytes: `yes, please`, `and in French?`

void append_text(const Message& message, std::string& out) {
  for (const auto& part : message.parts) {
    if (part.kind != Part::Kind::text) continue;
    if (!out.empty()) out += '\n';
    out += part.text;
  }
}

const Message* user_turn_before(const std::vector<Message>& messages, const Message* later) {
  const auto end = later == nullptr ? messages.size() : static_cast<std::size_t>(later - messages.data());
  for (std::size_t i = end; i-- > 0;) {
    if (messages[i].role == Role::user) return &messages[i];
  }
  return nullptr;
}

}  // namespace

Estimate Estimator::estimate(std::string_view prompt) const {
  const TextFeatures text = text_features(prompt);
  return {.task = tasks.task_of(text), .difficulty = gain.difficulty(gain.score(text))};
}

std::string_view prompt_of(const Request& request, std::string& buffer) {
  if (request.operation == Operation::completion && !request.inputs.empty()) return request.inputs.front();
  const Message* last = user_turn_before(request.messages, nullptr);
  if (last == nullptr) return {};
  buffer.clear();
  append_text(*last, buffer);
  if (buffer.size() >= short_turn) return buffer;
  if (const Message* before = user_turn_before(request.messages, last)) {
    std::string earlier;
    append_text(*before, earlier);
    if (!earlier.empty()) buffer = earlier + "\n" + buffer;
  }
  return buffer;
}

std::shared_ptr<const Estimator> shipped_estimator() {
  static const std::shared_ptr<const Estimator> shipped = [] {
    Result<Estimator> read = read_estimator(shipped_model());
    return std::make_shared<const Estimator>(read ? std::move(*read) : Estimator());
  }();
  return shipped;
}

std::string estimator_file(const std::string& data_folder) {
  return (std::filesystem::path(data_folder) / "estimator.model").string();
}

std::shared_ptr<const Estimator> estimator_of(const std::string& data_folder, std::string& fault) {
  constexpr std::size_t most_bytes = 256 * 1024 * 1024;
  fault.clear();
  const auto file = estimator_file(data_folder);
  std::error_code missing;
  const auto size = std::filesystem::file_size(file, missing);
  if (missing) return shipped_estimator();
  std::string bytes;
  if (size <= most_bytes) {
    std::ifstream in(file, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  Result<Estimator> read = read_estimator(bytes);
  if (read) return std::make_shared<const Estimator>(std::move(*read));
  fault = fmt::format("{} is no estimator: {}; the one that ships is used", file, read.error().message);
  return shipped_estimator();
}

std::string_view shipped_task_prompts() { return shipped_prompts(); }

}  // namespace weir::routing
