#include "ledger/feedback.h"

#include <cmath>

#include "core/utf8.h"
#include "ledger/query.h"

namespace weir {
namespace {

constexpr std::size_t most_comment = 2'000;
constexpr std::size_t longest_key = 64;  // that is repeated to whoever sent it
constexpr std::size_t most_better_answer = 256 * 1024;

Error at(std::string_view field, std::string message) {
  return {.code = ErrorCode::invalid_request, .message = std::move(message), .param = std::string(field)};
}

Result<double> read_score(const json::Element& value) {
  std::string_view word;
  double score = 0;
  if (value.get(word) == simdjson::SUCCESS) {
    if (word == "up") return 1;
    if (word == "down") return 0;
  } else if (value.get(score) == simdjson::SUCCESS && score >= 0 && score <= 1) {
    return score;
  }
  return failure(at("score", "`score` is a number from 0 to 1, or \"up\" or \"down\"."));
}

}  // namespace

Result<FeedbackWish> read_feedback(std::string body) {
  json::Document document;
  if (auto parsed = document.parse(std::move(body)); !parsed) return failure(std::move(parsed.error()));
  json::Object object;
  if (document.root().get(object) != simdjson::SUCCESS) return failure(at("", "Feedback is a JSON object."));
  FeedbackWish wish;
  bool scored = false;
  for (const auto& field : object) {
    std::string_view text;
    const bool is_text = field.value.get(text) == simdjson::SUCCESS;
    if (field.key == "request_id" && is_text) {
      wish.feedback.request_id = text;
    } else if (field.key == "score") {
      const auto score = read_score(field.value);
      if (!score) return failure(score.error());
      wish.feedback.score = *score;
      scored = true;
    } else if (field.key == "comment" && is_text && text.size() <= most_comment) {
      wish.feedback.comment = text;
    } else if (field.key == "better_answer" && is_text && text.size() <= most_better_answer) {
      wish.better_answer = text;
    } else if (field.key == "comment" || field.key == "better_answer" || field.key == "request_id") {
      if (field.value.is_null()) continue;
      return failure(at(field.key, fmt::format("`{}` is a text of at most {} bytes.", field.key,
                                               field.key == "comment" ? most_comment : most_better_answer)));
    } else {
      return failure(at(cut_at_character(field.key, longest_key),
                        "Feedback has `request_id`, `score`, `comment` and `better_answer`."));
    }
  }
  if (wish.feedback.request_id.empty())
    return failure(at("request_id", "`request_id` is missing: the answer's header x-weir-request-id."));
  if (!scored) return failure(at("score", "`score` is missing: a number from 0 to 1, or \"up\" or \"down\"."));
  return wish;
}

void append_feedback(json::Writer& out, const Feedback& feedback) {
  out.begin_object();
  out.key("score").value(feedback.score);
  out.key("time").value(format_time(feedback.time_us));
  if (!feedback.comment.empty()) out.key("comment").value(feedback.comment);
  out.end_object();
}

}  // namespace weir
