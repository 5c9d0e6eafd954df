// Whole answers → the Responses format.
#include "formats/responses/client_face.h"
#include "formats/responses/output_item.h"
#include "formats/responses/response_object.h"
#include "formats/responses/seal.h"

namespace weir::responses {
namespace {

class ItemList {
 public:
  ItemList(std::string_view answer, const DeclaredTools& tools) : answer_(answer), tools_(tools) {}

  void add(const AnswerPart& part) {
    switch (part.kind) {
      case Part::Kind::text:
      case Part::Kind::refusal:
        if (items_.empty() || items_.back().kind != OutputItem::Kind::message) open(OutputItem::Kind::message, "msg");
        items_.back().pieces.push_back({.refusal = part.kind == Part::Kind::refusal, .text = part.text});
        break;
      case Part::Kind::thinking: {
        auto& item = open(OutputItem::Kind::reasoning, "rs");
        item.text = part.text;
        set_seal(item, part.signature);
        break;
      }
      case Part::Kind::tool_call:
        add_call(part.call);
        break;
      case Part::Kind::media:
      case Part::Kind::foreign:
        break;  // no answer has them in canonical form
    }
  }

  // Of all text, with its first piece.
  void add_logprobs(std::string_view logprobs) {
    for (auto& item : items_) {
      for (auto& piece : item.pieces) {
        if (piece.refusal) continue;
        piece.logprobs = logprobs_of_chat(logprobs);
        return;
      }
    }
  }

  [[nodiscard]] std::vector<std::string> write(std::string_view status) const {
    std::vector<std::string> out;
    out.reserve(items_.size());
    for (const auto& item : items_) {
      json::Writer writer(out.emplace_back());
      write_item(writer, item, &item == &items_.back() ? status : std::string_view("completed"));
    }
    return out;
  }

 private:
  OutputItem& open(OutputItem::Kind kind, std::string_view prefix) {
    auto& item = items_.emplace_back();
    item.kind = kind;
    item.id = make_item_id(prefix, answer_, items_.size() - 1);
    return item;
  }

  void add_call(const AnswerToolCall& call) {
    if (!call.signature.empty()) open(OutputItem::Kind::reasoning, "rs").encrypted = seal_of_call(call.signature);
    OutputItem described;
    set_tool(described, call.name, tools_);
    const bool custom = described.kind == OutputItem::Kind::custom_call;
    auto& item = open(described.kind, custom ? "ctc" : "fc");
    item.name = std::move(described.name);
    item.space = std::move(described.space);
    item.call_id = call.id;
    item.text = custom ? input_of_arguments(call.arguments) : call.arguments;
  }

  std::string_view answer_;
  const DeclaredTools& tools_;
  std::vector<OutputItem> items_;
};

}  // namespace

std::string write_response(const Response& response, const Request& request) {
  const auto tools = DeclaredTools::of(request);
  const std::string_view id = response.id.empty() ? std::string_view("resp_0") : std::string_view(response.id);
  ItemList items(id, tools);
  auto outcome = outcome_of(FinishReason::stop);
  if (!response.choices.empty()) {
    const auto& choice = response.choices.front();
    for (const auto& part : choice.parts) items.add(part);
    items.add_logprobs(choice.logprobs);
    outcome = outcome_of(choice.finish);
  }
  if (response.usage.known || response.usage.estimated) outcome.usage = &response.usage;
  return ResponseObject(request).write(id, response.model, response.created, items.write(outcome.status), outcome);
}

}  // namespace weir::responses
