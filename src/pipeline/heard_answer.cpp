#include "pipeline/heard_answer.h"

namespace weir {

void HeardAnswer::begin_anew() {
  response_ = {};
  bytes_ = 0;
}

void HeardAnswer::hear(const Response& response) {
  begin_anew();
  response_.operation = response.operation;
  if (response.choices.empty()) return;
  for (const auto& part : response.choices.front().parts) bytes_ += part.text.size() + part.call.arguments.size();
  if (!too_long()) response_.choices.push_back(response.choices.front());
}

void HeardAnswer::hear(const StreamEvent& event) {
  if (event.index != 0) return;
  bytes_ += event.text.size() + event.tool.arguments.size();
  if (too_long()) return;
  if (response_.choices.empty()) response_.choices.emplace_back();
  auto& choice = response_.choices.front();
  switch (event.kind) {
    case StreamEvent::Kind::text:
      choice.add_text(Part::Kind::text, event.text);
      break;
    case StreamEvent::Kind::refusal:
      choice.add_text(Part::Kind::refusal, event.text);
      break;
    case StreamEvent::Kind::tool_call: {
      // Pieces of one call follow each other, or name it by its number among the calls.
      int64_t number = 0;
      AnswerPart* call = nullptr;
      for (auto& part : choice.parts) {
        if (part.kind == Part::Kind::tool_call && number++ == event.tool_index) call = &part;
      }
      if (call == nullptr) {
        choice.add_call(event.tool);
      } else {
        call->call.arguments += event.tool.arguments;
        if (call->call.name.empty()) call->call.name = event.tool.name;
      }
      break;
    }
    case StreamEvent::Kind::other:
      choice.has_other = true;
      break;
    case StreamEvent::Kind::finish:
      choice.finish = event.finish;
      break;
    default:
      break;
  }
}

}  // namespace weir
