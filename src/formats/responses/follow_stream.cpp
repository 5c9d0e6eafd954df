// What StreamItems learns of events that went out as they came: only what is needed to go on from there.
#include <algorithm>

#include "formats/responses/stream_items.h"

namespace weir::responses {
namespace {

using ItemKind = OutputItem::Kind;

constexpr int64_t most_items = 10'000;  // of an answer whose numbers are to be believed

std::string text_of(const json::Object& event, std::string_view key) {
  return std::string(json::string_or(event, key));
}

}  // namespace

void StreamItems::follow(std::string_view type, const json::Object& event, std::span<const StreamEvent> meaning) {
  sequence_ = std::max(sequence_, json::int_or(event, "sequence_number", sequence_)) + 1;
  const auto index = json::int_or(event, "output_index", -1);
  if (index < 0 || index > most_items) return;
  if (finished_.size() <= static_cast<std::size_t>(index)) finished_.resize(static_cast<std::size_t>(index) + 1);
  if (type == "response.output_item.added") return follow_item(event, index, meaning);
  if (type == "response.output_item.done") return follow_done(event, index);
  const auto one = std::find_if(open_.begin(), open_.end(), [&](const Open& open) { return open.item.index == index; });
  if (one != open_.end()) follow_delta(type, event, *one);
}

void StreamItems::follow_item(const json::Object& event, int64_t index, std::span<const StreamEvent> meaning) {
  json::Object added;
  if (event.at_key("item").get(added) != simdjson::SUCCESS) return;
  OutputItem item{.id = text_of(added, "id"), .index = index};
  const auto type = json::string_or(added, "type");
  if (type == "message") {
    item.kind = ItemKind::message;
  } else if (type == "reasoning") {
    item.kind = ItemKind::reasoning;
  } else if (type == "function_call" || type == "custom_tool_call") {
    item.kind = type == "function_call" ? ItemKind::function_call : ItemKind::custom_call;
  } else {
    return;  // what only a provider does: nobody else can go on with it
  }
  item.call_id = text_of(added, "call_id");
  item.name = text_of(added, "name");
  item.space = text_of(added, "namespace");
  auto& one = open_.emplace_back();
  one.item = std::move(item);
  for (const auto& read : meaning) {
    if (read.kind == StreamEvent::Kind::tool_call) one.tool_index = read.tool_index;
  }
}

void StreamItems::follow_done(const json::Object& event, int64_t index) {
  json::Element item;
  if (event.at_key("item").get(item) != simdjson::SUCCESS) return;
  finished_[static_cast<std::size_t>(index)] = simdjson::minify(item);
  std::erase_if(open_, [&](const Open& one) { return one.item.index == index; });
}

void StreamItems::follow_delta(std::string_view type, const json::Object& event, Open& one) {
  auto& item = one.item;
  const auto delta = json::string_or(event, "delta");
  const bool message = item.kind == ItemKind::message;
  if (message && type == "response.content_part.added") {
    json::Object part;
    const bool known = event.at_key("part").get(part) == simdjson::SUCCESS;
    item.pieces.push_back({.refusal = known && json::string_or(part, "type") == "refusal"});
    one.piece_open = true;
  } else if (message && (type == "response.output_text.delta" || type == "response.refusal.delta")) {
    if (item.pieces.empty()) item.pieces.push_back({.refusal = type == "response.refusal.delta"});
    one.piece_open = true;
    item.pieces.back().text += delta;
  } else if (type == "response.reasoning_summary_part.added") {
    one.summary = static_cast<std::size_t>(std::clamp<int64_t>(json::int_or(event, "summary_index"), 0, most_items));
    if (!item.text.empty()) item.text += "\n\n";
    one.piece_open = true;
  } else if (type == "response.content_part.done" || type == "response.reasoning_summary_part.done") {
    one.piece_open = false;
  } else if (type == "response.reasoning_summary_text.delta") {
    item.text += delta;
  } else if (type == "response.function_call_arguments.delta" || type == "response.custom_tool_call_input.delta") {
    item.text += delta;
    one.arguments += delta;
  }
}

}  // namespace weir::responses
