// The body of a feedback: whatever the bytes, what is taken can be kept and shown, and is taken again as it is shown.
#include <cmath>
#include <cstdlib>
#include <string>

#include "core/json.h"
#include "ledger/feedback.h"

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const auto wish = weir::read_feedback({reinterpret_cast<const char*>(data), size});
  if (!wish) {
    must(!wish.error().message.empty() && wish.error().status() >= 400 && wish.error().status() < 500);
    return 0;
  }
  const auto& feedback = wish->feedback;
  must(!feedback.request_id.empty());
  must(std::isfinite(feedback.score) && feedback.score >= 0 && feedback.score <= 1);
  for (const auto& text : {feedback.request_id, feedback.comment, wish->better_answer})
    must(simdjson::validate_utf8(text.data(), text.size()));

  std::string shown;
  weir::json::Writer writer(shown);
  writer.begin_object().key("request_id").value(feedback.request_id);
  writer.key("score").value(feedback.score).key("comment").value(feedback.comment);
  writer.key("better_answer").value(wish->better_answer).end_object();
  const auto again = weir::read_feedback(shown);
  must(again && again->feedback.request_id == feedback.request_id && again->feedback.score == feedback.score &&
       again->feedback.comment == feedback.comment && again->better_answer == wish->better_answer);
  return 0;
}
