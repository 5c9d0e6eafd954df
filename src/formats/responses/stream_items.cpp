#include "formats/responses/stream_items.h"

#include <algorithm>

#include "formats/responses/seal.h"

namespace weir::responses {
namespace {

using ItemKind = OutputItem::Kind;
using Kind = StreamEvent::Kind;

bool is_call(const OutputItem& item) {
  return item.kind == ItemKind::function_call || item.kind == ItemKind::custom_call;
}

void write_place(json::Writer& writer, const OutputItem& item) {
  writer.key("item_id").value(item.id).key("output_index").value(item.index);
}

void write_place(json::Writer& writer, const OutputItem& item, std::string_view inner, std::size_t index) {
  write_place(writer, item);
  writer.key(inner).value(static_cast<int64_t>(index));
}

void write_summary(json::Writer& writer, std::string_view text) {
  writer.key("part").begin_object().key("type").value("summary_text").key("text").value(text).end_object();
}

bool is_whole(std::string_view arguments) {
  json::Document document;
  return document.parse_copy(arguments).has_value();
}

}  // namespace

std::vector<std::string> StreamItems::finished() const {
  std::vector<std::string> items;
  std::copy_if(finished_.begin(), finished_.end(), std::back_inserter(items),
               [](const std::string& item) { return !item.empty(); });
  return items;
}

StreamItems::Open* StreamItems::find(ItemKind kind) {
  const auto found = std::find_if(open_.begin(), open_.end(), [&](const Open& one) { return one.item.kind == kind; });
  return found == open_.end() ? nullptr : &*found;
}

StreamItems::Open& StreamItems::open(OutputItem item, std::string_view prefix, std::string& out) {
  item.index = static_cast<int64_t>(finished_.size());
  if (item.id.empty()) item.id = make_item_id(prefix, answer_, finished_.size());
  finished_.emplace_back();
  auto& one = open_.emplace_back();
  one.item = std::move(item);
  emit(out, "response.output_item.added", [&](json::Writer& writer) {
    writer.key("output_index").value(one.item.index).key("item");
    write_item(writer, one.item, "in_progress");
  });
  return one;
}

void StreamItems::write(const StreamEvent& event, std::string& out) {
  switch (event.kind) {
    case Kind::text:
    case Kind::refusal:
      close_others(ItemKind::message, -1, out);
      write_text(event, out);
      break;
    case Kind::reasoning:
      close_others(ItemKind::reasoning, -1, out);
      write_thought(event.text, out);
      break;
    case Kind::signature:
      close_others(ItemKind::reasoning, -1, out);
      write_signature(event.text, out);
      break;
    case Kind::tool_call:
      write_call(event, out);
      break;
    default:
      break;
  }
}

void StreamItems::write_text(const StreamEvent& event, std::string& out) {
  const bool refusal = event.kind == Kind::refusal;
  const auto logprobs = refusal ? std::string() : logprobs_of_chat(event.logprobs);
  if (event.text.empty() && logprobs.empty()) return;
  auto* one = find(ItemKind::message);
  if (one == nullptr) one = &open({.kind = ItemKind::message}, "msg", out);
  auto& item = one->item;
  if (one->piece_open && item.pieces.back().refusal != refusal) close_piece(*one, out);
  if (!one->piece_open) {
    item.pieces.push_back({.refusal = refusal});
    one->piece_open = true;
    emit(out, "response.content_part.added", [&](json::Writer& writer) {
      write_place(writer, item, "content_index", item.pieces.size() - 1);
      writer.key("part");
      write_piece(writer, item.pieces.back());
    });
  }
  auto& piece = item.pieces.back();
  piece.text += event.text;
  if (!logprobs.empty()) piece.logprobs.append(piece.logprobs.empty() ? "" : ",").append(logprobs);
  emit(out, refusal ? "response.refusal.delta" : "response.output_text.delta", [&](json::Writer& writer) {
    write_place(writer, item, "content_index", item.pieces.size() - 1);
    writer.key("delta").value(event.text);
    if (!refusal) writer.key("logprobs").raw("[" + logprobs + "]");
  });
}

void StreamItems::close_piece(Open& one, std::string& out) {
  if (!std::exchange(one.piece_open, false)) return;
  const auto& item = one.item;
  const auto& piece = item.pieces.back();
  emit(out, piece.refusal ? "response.refusal.done" : "response.output_text.done", [&](json::Writer& writer) {
    write_place(writer, item, "content_index", item.pieces.size() - 1);
    writer.key(piece.refusal ? "refusal" : "text").value(piece.text);
    if (!piece.refusal) writer.key("logprobs").raw("[" + piece.logprobs + "]");
  });
  emit(out, "response.content_part.done", [&](json::Writer& writer) {
    write_place(writer, item, "content_index", item.pieces.size() - 1);
    writer.key("part");
    write_piece(writer, piece);
  });
}

void StreamItems::write_thought(std::string_view text, std::string& out) {
  auto* one = find(ItemKind::reasoning);
  if (text.empty()) return;
  if (one == nullptr) one = &open({.kind = ItemKind::reasoning}, "rs", out);
  if (!std::exchange(one->piece_open, true)) {
    emit(out, "response.reasoning_summary_part.added", [&](json::Writer& writer) {
      write_place(writer, one->item, "summary_index", one->summary);
      write_summary(writer, {});
    });
  }
  one->item.text += text;
  emit(out, "response.reasoning_summary_text.delta", [&](json::Writer& writer) {
    write_place(writer, one->item, "summary_index", one->summary);
    writer.key("delta").value(text);
  });
}

// Seals the open thought; where there is none, one that nobody can read.
void StreamItems::write_signature(std::string_view signature, std::string& out) {
  OutputItem sealed{.kind = ItemKind::reasoning};
  set_seal(sealed, signature);
  auto* one = find(ItemKind::reasoning);
  const auto encrypted = sealed.encrypted;
  // The id of an item that is open has been told already.
  if (one == nullptr) one = &open(std::move(sealed), "rs", out);
  one->item.encrypted = encrypted;
  close_others(ItemKind::message, -1, out);
}

void StreamItems::close_thought(Open& one, std::string& out) {
  if (!std::exchange(one.piece_open, false)) return;
  emit(out, "response.reasoning_summary_text.done", [&](json::Writer& writer) {
    write_place(writer, one.item, "summary_index", one.summary);
    writer.key("text").value(one.item.text);
  });
  emit(out, "response.reasoning_summary_part.done", [&](json::Writer& writer) {
    write_place(writer, one.item, "summary_index", one.summary);
    write_summary(writer, one.item.text);
  });
}

StreamItems::Open* StreamItems::find_call(const StreamEvent& event) {
  const auto found = std::find_if(open_.begin(), open_.end(), [&](const Open& one) {
    return is_call(one.item) && one.tool_index == event.tool_index;
  });
  return found == open_.end() ? nullptr : &*found;
}

void StreamItems::write_call(const StreamEvent& event, std::string& out) {
  close_others(ItemKind::function_call, event.tool_index, out);
  auto* one = find_call(event);
  if (one == nullptr) {
    if (!event.tool.signature.empty()) {
      open({.kind = ItemKind::reasoning, .encrypted = seal_of_call(event.tool.signature)}, "rs", out);
      close_others(ItemKind::function_call, event.tool_index, out);
    }
    OutputItem item;
    set_tool(item, event.tool.name, tools_);
    item.call_id = event.tool.id;
    const bool custom = item.kind == ItemKind::custom_call;
    one = &open(std::move(item), custom ? "ctc" : "fc", out);
    one->tool_index = event.tool_index;
  }
  add_arguments(*one, event.tool.arguments, out);
}

void StreamItems::add_arguments(Open& one, std::string_view piece, std::string& out) {
  auto& item = one.item;
  const bool custom = item.kind == ItemKind::custom_call;
  one.arguments += piece;
  const auto text = custom ? one.input.add(piece) : std::string(piece);
  if (text.empty()) return;
  item.text += text;
  const auto type = custom ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta";
  emit(out, type, [&](json::Writer& writer) {
    write_place(writer, item);
    writer.key("delta").value(text);
  });
}

void StreamItems::close_call(Open& one, std::string& out) {
  auto& item = one.item;
  if (item.kind == ItemKind::custom_call) {
    const auto rest = one.input.end();
    item.text += rest;
    if (!rest.empty()) {
      emit(out, "response.custom_tool_call_input.delta", [&](json::Writer& writer) {
        write_place(writer, item);
        writer.key("delta").value(rest);
      });
    }
    emit(out, "response.custom_tool_call_input.done", [&](json::Writer& writer) {
      write_place(writer, item);
      writer.key("input").value(item.text);
    });
    return;
  }
  emit(out, "response.function_call_arguments.done", [&](json::Writer& writer) {
    write_place(writer, item);
    writer.key("name").value(item.name).key("arguments").value(item.text);
  });
}

void StreamItems::close_item(Open& one, std::string_view status, std::string& out) {
  if (one.item.kind == ItemKind::message) {
    close_piece(one, out);
  } else if (one.item.kind == ItemKind::reasoning) {
    close_thought(one, out);
  } else {
    close_call(one, out);
  }
  auto& whole = finished_[static_cast<std::size_t>(one.item.index)];
  json::Writer written(whole);
  write_item(written, one.item, status);
  emit(out, "response.output_item.done",
       [&](json::Writer& writer) { writer.key("output_index").value(one.item.index).key("item").raw(whole); });
}

// Pieces of calls may come in turns: one whose arguments are no JSON yet stays open while others are written.
void StreamItems::close_others(ItemKind kind, int64_t keep, std::string& out) {
  const bool calls = kind == ItemKind::function_call;
  std::erase_if(open_, [&](Open& one) {
    const bool stays =
        is_call(one.item) ? calls && (one.tool_index == keep || !is_whole(one.arguments)) : one.item.kind == kind;
    if (!stays) close_item(one, "completed", out);
    return !stays;
  });
}

void StreamItems::close(std::string_view status, std::string& out) {
  for (auto& one : open_) close_item(one, &one == &open_.back() ? status : std::string_view("completed"), out);
  open_.clear();
}

}  // namespace weir::responses
