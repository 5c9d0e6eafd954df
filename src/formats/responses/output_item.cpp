#include "formats/responses/output_item.h"

#include "formats/responses/seal.h"

namespace weir::responses {
namespace {

void write_text(json::Writer& writer, std::string_view type, std::string_view text) {
  writer.begin_object().key("type").value(type).key("text").value(text).end_object();
}

void write_bytes(json::Writer& writer, const json::Object& token) {
  writer.key("bytes");
  json::Element bytes;
  if (token.at_key("bytes").get(bytes) == simdjson::SUCCESS && bytes.is_array()) {
    writer.value(bytes);
    return;
  }
  writer.begin_array();
  for (const char c : json::string_or(token, "token")) writer.value(static_cast<int>(static_cast<unsigned char>(c)));
  writer.end_array();
}

void write_token(json::Writer& writer, const json::Object& token) {
  double logprob = 0;
  json::read_if(token.at_key("logprob"), logprob);
  writer.key("token").value(json::string_or(token, "token")).key("logprob").value(logprob);
  write_bytes(writer, token);
}

void write_token_with_others(json::Writer& writer, const json::Object& token) {
  writer.begin_object();
  write_token(writer, token);
  writer.key("top_logprobs").begin_array();
  json::Array others;
  if (token.at_key("top_logprobs").get(others) == simdjson::SUCCESS) {
    for (const auto element : others) {
      json::Object other;
      if (element.get(other) != simdjson::SUCCESS) continue;
      writer.begin_object();
      write_token(writer, other);
      writer.end_object();
    }
  }
  writer.end_array().end_object();
}

void write_call(json::Writer& writer, const OutputItem& item, std::string_view status) {
  const bool custom = item.kind == OutputItem::Kind::custom_call;
  writer.key("type").value(custom ? "custom_tool_call" : "function_call").key("status").value(status);
  writer.key("call_id").value(item.call_id).key("name").value(item.name);
  if (!item.space.empty()) writer.key("namespace").value(item.space);
  writer.key(custom ? "input" : "arguments").value(item.text);
}

}  // namespace

void write_piece(json::Writer& writer, const OutputItem::Piece& piece) {
  if (piece.refusal) {
    writer.begin_object().key("type").value("refusal").key("refusal").value(piece.text).end_object();
    return;
  }
  writer.begin_object().key("type").value("output_text").key("text").value(piece.text);
  writer.key("annotations").begin_array().end_array();
  writer.key("logprobs").raw("[" + piece.logprobs + "]").end_object();
}

void write_item(json::Writer& writer, const OutputItem& item, std::string_view status) {
  writer.begin_object().key("id").value(item.id);
  switch (item.kind) {
    case OutputItem::Kind::message:
      writer.key("type").value("message").key("status").value(status).key("role").value("assistant");
      writer.key("content").begin_array();
      for (const auto& piece : item.pieces) write_piece(writer, piece);
      writer.end_array();
      break;
    case OutputItem::Kind::reasoning:
      writer.key("type").value("reasoning").key("summary").begin_array();
      if (!item.text.empty()) write_text(writer, "summary_text", item.text);
      writer.end_array();
      if (!item.encrypted.empty()) writer.key("encrypted_content").value(item.encrypted);
      break;
    case OutputItem::Kind::function_call:
    case OutputItem::Kind::custom_call:
      write_call(writer, item, status);
      break;
  }
  writer.end_object();
}

void set_tool(OutputItem& item, std::string_view name, const DeclaredTools& tools) {
  const auto* const declared = tools.find(name);
  item.kind = declared != nullptr && declared->custom ? OutputItem::Kind::custom_call : OutputItem::Kind::function_call;
  item.name = declared != nullptr ? declared->said : std::string(name);
  item.space = declared != nullptr ? declared->space : std::string();
}

void set_seal(OutputItem& item, std::string_view signature) {
  const auto seal = split_seal(signature);
  if (!seal.id.empty()) item.id = seal.id;
  item.encrypted = seal.encrypted;
}

std::string logprobs_of_chat(std::string_view logprobs) {
  std::string out;
  json::Document document;
  json::Array tokens;
  if (logprobs.empty() || !document.parse_copy(logprobs)) return out;
  if (document.root().at_key("content").get(tokens) != simdjson::SUCCESS) return out;
  for (const auto element : tokens) {
    json::Object token;
    if (element.get(token) != simdjson::SUCCESS) continue;
    if (!out.empty()) out += ',';
    json::Writer writer(out);
    write_token_with_others(writer, token);
  }
  return out;
}

std::string logprobs_for_chat(const json::Element& list) {
  std::string out;
  json::Array tokens;
  if (list.get(tokens) != simdjson::SUCCESS || tokens.size() == 0) return out;
  json::Writer writer(out);
  writer.begin_object().key("content").begin_array();
  for (const auto element : tokens) {
    json::Object token;
    if (element.get(token) == simdjson::SUCCESS) write_token_with_others(writer, token);
  }
  writer.end_array().key("refusal").null().end_object();
  return out;
}

}  // namespace weir::responses
