// What is served here, as Cohere's clients ask for it: the list of models, and one of them.
#include <algorithm>

#include <fmt/format.h>

#include "formats/cohere/client_face.h"
#include "formats/shared/query.h"

namespace weir::cohere_client {
namespace {

struct Endpoint {
  Operation operation;
  std::string_view name;
};
constexpr std::array endpoints = {Endpoint{Operation::chat, "chat"}, Endpoint{Operation::embedding, "embed"},
                                  Endpoint{Operation::rerank, "rerank"}};

bool serves(const ModelCard& card, std::string_view endpoint) {
  return std::any_of(endpoints.begin(), endpoints.end(),
                     [&](const Endpoint& one) { return one.name == endpoint && holds(card.serves, one.operation); });
}

bool is_shown(const ModelCard& card) {
  return std::any_of(endpoints.begin(), endpoints.end(),
                     [&](const Endpoint& one) { return holds(card.serves, one.operation); });
}

void write_card(json::Writer& writer, const ModelCard& card) {
  writer.begin_object().key("name").value(card.id).key("is_deprecated").boolean(false).key("endpoints").begin_array();
  for (const auto& one : endpoints) {
    if (holds(card.serves, one.operation)) writer.value(one.name);
  }
  writer.end_array().key("finetuned").boolean(false);
  if (card.context_length > 0) writer.key("context_length").value(card.context_length);
  writer.key("default_endpoints").begin_array().end_array().key("features").begin_array();
  if (holds(card.serves, Operation::chat) && card.tools) writer.value("tools");
  if (holds(card.serves, Operation::chat) && card.images) writer.value("vision");
  writer.end_array().end_object();
}

}  // namespace

// All models are one page, whatever size of pages was asked for.
Result<std::string> inform(const Inquiry& inquiry, std::span<const ModelCard> cards) {
  std::string out;
  json::Writer writer(out);
  if (!inquiry.named.empty()) {
    const auto found = std::find_if(cards.begin(), cards.end(),
                                    [&](const ModelCard& card) { return card.id == inquiry.named && is_shown(card); });
    if (found == cards.end())
      return failure(ErrorCode::unknown_model,
                     fmt::format("model '{}' not found, make sure the correct model ID was used and that you have "
                                 "access to the model.",
                                 inquiry.named));
    write_card(writer, *found);
    return out;
  }
  const auto endpoint = query_value(inquiry.query, "endpoint");
  writer.begin_object().key("models").begin_array();
  for (const auto& card : cards) {
    if (is_shown(card) && (endpoint.empty() || serves(card, endpoint))) write_card(writer, card);
  }
  writer.end_array().end_object();
  return out;
}

}  // namespace weir::cohere_client
