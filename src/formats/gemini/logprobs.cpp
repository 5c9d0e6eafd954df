#include "formats/gemini/logprobs.h"

#include "formats/gemini/names.h"

namespace weir::gemini {
namespace {

using json::Element;

void write_token(json::Writer& writer, const json::Object& token) {
  const auto text = text_of(token, "token");
  double probability = 0;
  Element value;
  if (find(token, "logProbability", value)) json::read_if(value, probability);
  writer.key("token").value(text).key("logprob").value(probability).key("bytes").begin_array();
  for (const char c : text) writer.value(static_cast<int64_t>(static_cast<unsigned char>(c)));
  writer.end_array();
}

json::Array list_at(const json::Object& object, std::string_view name, bool& found) {
  Element value;
  json::Array list;
  found = find(object, name, value) && value.get(list) == simdjson::SUCCESS;
  return list;
}

void write_candidate(json::Writer& writer, const json::Object& token) {
  writer.begin_object().key("token").value(json::string_or(token, "token")).key("logProbability");
  double probability = 0;
  json::read_if(token.at_key("logprob"), probability);
  writer.value(probability).end_object();
}

}  // namespace

std::string logprobs_of(const Element& result) {
  json::Object object;
  bool has_chosen = false;
  bool has_others = false;
  if (result.get(object) != simdjson::SUCCESS) return {};
  const auto chosen = list_at(object, "chosenCandidates", has_chosen);
  const auto others = list_at(object, "topCandidates", has_others);
  if (!has_chosen) return {};
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("content").begin_array();
  json::Array::iterator alternatives = has_others ? others.begin() : json::Array::iterator();
  for (const auto element : chosen) {
    json::Object token;
    writer.begin_object();
    if (element.get(token) == simdjson::SUCCESS) write_token(writer, token);
    writer.key("top_logprobs").begin_array();
    json::Object holder;
    bool any = false;
    json::Array list;
    if (has_others && alternatives != others.end()) {
      if ((*alternatives).get(holder) == simdjson::SUCCESS) list = list_at(holder, "candidates", any);
      ++alternatives;
    }
    if (any) {
      for (const auto one : list) {
        json::Object other;
        if (one.get(other) != simdjson::SUCCESS) continue;
        writer.begin_object();
        write_token(writer, other);
        writer.end_object();
      }
    }
    writer.end_array().end_object();
  }
  writer.end_array().key("refusal").null().end_object();
  return out;
}

void write_logprobs(json::Writer& writer, std::string_view logprobs) {
  json::Document document;
  json::Array tokens;
  if (logprobs.empty() || !document.parse_copy(logprobs)) return;
  if (document.root()["content"].get(tokens) != simdjson::SUCCESS) return;
  writer.key("logprobsResult").begin_object().key("chosenCandidates").begin_array();
  for (const auto element : tokens) {
    json::Object token;
    if (element.get(token) == simdjson::SUCCESS) write_candidate(writer, token);
  }
  writer.end_array().key("topCandidates").begin_array();
  for (const auto element : tokens) {
    json::Array others;
    writer.begin_object().key("candidates").begin_array();
    if (element["top_logprobs"].get(others) == simdjson::SUCCESS) {
      for (const auto other : others) {
        json::Object token;
        if (other.get(token) == simdjson::SUCCESS) write_candidate(writer, token);
      }
    }
    writer.end_array().end_object();
  }
  writer.end_array().end_object();
}

}  // namespace weir::gemini
