#include "answers/stored_answer.h"

#include <algorithm>

#include "core/base64.h"
#include "core/json.h"

namespace weir {
namespace {

constexpr int64_t version = 1;

void write_usage(json::Writer& writer, const Usage& usage) {
  writer.begin_array();
  for (const auto count : {usage.input, usage.cached, usage.written, usage.written_long, usage.output, usage.reasoning,
                           usage.media, usage.units, usage.stated, static_cast<int64_t>(usage.tier)}) {
    writer.value(count);
  }
  for (const auto mark : {usage.total_only, usage.known, usage.estimated, usage.implausible}) writer.boolean(mark);
  writer.end_array();
}

void write_part(json::Writer& writer, const AnswerPart& part) {
  writer.begin_array().value(static_cast<int64_t>(part.kind)).value(part.text).value(part.signature);
  if (part.kind == Part::Kind::tool_call) {
    writer.value(part.call.name).value(part.call.arguments).value(part.call.signature);
  }
  writer.end_array();
}

void write_choice(json::Writer& writer, const Choice& choice) {
  writer.begin_object().key("index").value(choice.index);
  writer.key("finish").value(static_cast<int64_t>(choice.finish)).key("stop").value(choice.stop_sequence);
  writer.key("logprobs").value(choice.logprobs).key("parts").begin_array();
  for (const auto& part : choice.parts) write_part(writer, part);
  writer.end_array().end_object();
}

// Reads what stands in a known order; the first thing that is otherwise ends it.
class Items {
 public:
  explicit Items(const json::Array& list) : at_(list.begin()), end_(list.end()) {}

  template <typename T>
  bool next(T& out) {
    if (at_ == end_) return good_ = false;
    const bool read = (*at_).get(out) == simdjson::SUCCESS;
    ++at_;
    return good_ = good_ && read;
  }
  bool text(std::string& out) {
    std::string_view view;
    if (next(view)) out = view;
    return good_;
  }
  template <typename Enum>
  bool choice(Enum& out, Enum last) {
    int64_t number = -1;
    next(number);
    if (number < 0 || number > static_cast<int64_t>(last)) return good_ = false;
    out = static_cast<Enum>(number);
    return good_;
  }
  [[nodiscard]] bool finished() const { return good_ && at_ == end_; }

 private:
  json::Array::iterator at_;
  json::Array::iterator end_;
  bool good_ = true;
};

bool read_usage(const json::Element& value, Usage& usage) {
  json::Array list;
  if (value.get(list) != simdjson::SUCCESS) return false;
  Items items(list);
  for (auto* const count : {&usage.input, &usage.cached, &usage.written, &usage.written_long, &usage.output,
                            &usage.reasoning, &usage.media, &usage.units, &usage.stated}) {
    if (!items.next(*count) || *count < -1) return false;
  }
  items.choice(usage.tier, ServiceTier::other);
  for (auto* const mark : {&usage.total_only, &usage.known, &usage.estimated, &usage.implausible}) items.next(*mark);
  return items.finished();
}

bool read_part(const json::Element& value, AnswerPart& part) {
  json::Array list;
  if (value.get(list) != simdjson::SUCCESS) return false;
  Items items(list);
  items.choice(part.kind, Part::Kind::tool_call);
  items.text(part.text);
  items.text(part.signature);
  if (part.kind == Part::Kind::tool_call) {
    items.text(part.call.name);
    items.text(part.call.arguments);
    items.text(part.call.signature);
  }
  return items.finished() && part.kind != Part::Kind::media;
}

bool read_text(const json::Object& object, std::string_view name, std::string& out) {
  std::string_view view;
  if (object.at_key(name).get(view) != simdjson::SUCCESS) return false;
  out = view;
  return true;
}

bool read_choice(const json::Element& value, Choice& choice) {
  json::Object object;
  json::Array parts;
  int64_t finish = -1;
  if (value.get(object) != simdjson::SUCCESS || object.at_key("index").get(choice.index) != simdjson::SUCCESS ||
      object.at_key("finish").get(finish) != simdjson::SUCCESS || !read_text(object, "stop", choice.stop_sequence) ||
      !read_text(object, "logprobs", choice.logprobs) || object.at_key("parts").get(parts) != simdjson::SUCCESS ||
      finish < 0 || finish > static_cast<int64_t>(FinishReason::content_filter)) {
    return false;
  }
  choice.finish = static_cast<FinishReason>(finish);
  return std::all_of(parts.begin(), parts.end(),
                     [&](const json::Element& part) { return read_part(part, choice.parts.emplace_back()); });
}

bool read_vectors(const json::Array& list, Response& response) {
  return std::all_of(list.begin(), list.end(), [&](const json::Element& packed) {
    std::string_view text;
    if (packed.get(text) != simdjson::SUCCESS) return false;
    auto floats = unpack_floats(text);
    if (!floats) return false;
    response.embeddings.push_back(std::move(*floats));
    return true;
  });
}

bool read_ranking(const json::Array& list, Response& response) {
  return std::all_of(list.begin(), list.end(), [&](const json::Element& one) {
    json::Array pair;
    if (one.get(pair) != simdjson::SUCCESS) return false;
    Items items(pair);
    auto& ranked = response.ranking.emplace_back();
    items.next(ranked.index);
    items.next(ranked.score);
    return items.finished();
  });
}

bool read_response(const json::Object& root, Response& response) {
  json::Array choices;
  json::Array vectors;
  json::Array ranking;
  int64_t operation = -1;
  json::Element usage;
  if (root.at_key("operation").get(operation) != simdjson::SUCCESS || !read_text(root, "name", response.model) ||
      root.at_key("choices").get(choices) != simdjson::SUCCESS ||
      root.at_key("vectors").get(vectors) != simdjson::SUCCESS ||
      root.at_key("ranking").get(ranking) != simdjson::SUCCESS ||
      root.at_key("usage").get(usage) != simdjson::SUCCESS) {
    return false;
  }
  const auto is = [&](Operation one) { return operation == static_cast<int64_t>(one); };
  if (!is(Operation::chat) && !is(Operation::completion) && !is(Operation::embedding) && !is(Operation::rerank))
    return false;
  response.operation = static_cast<Operation>(operation);
  return read_usage(usage, response.usage) && read_vectors(vectors, response) && read_ranking(ranking, response) &&
         std::all_of(choices.begin(), choices.end(),
                     [&](const json::Element& choice) { return read_choice(choice, response.choices.emplace_back()); });
}

}  // namespace

bool can_be_kept(const Response& response) {
  if (response.operation == Operation::embedding) return !response.embeddings.empty();
  if (response.operation == Operation::rerank) return !response.ranking.empty();
  if (response.operation != Operation::chat && response.operation != Operation::completion) return false;
  return !response.choices.empty() &&
         std::all_of(response.choices.begin(), response.choices.end(), [](const auto& one) {
           const bool by_itself = one.finish == FinishReason::stop || one.finish == FinishReason::tool_calls;
           return by_itself && !one.has_other && !one.parts.empty() && !one.has(Part::Kind::media) &&
                  !one.has(Part::Kind::foreign);
         });
}

std::string to_bytes(const StoredAnswer& answer) {
  const auto& response = answer.response;
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("version").value(version).key("model").value(answer.model).key("zone").value(answer.zone);
  writer.key("settings").value(answer.settings).key("cost").value(answer.cost).key("made").value(answer.made_us);
  writer.key("operation").value(static_cast<int64_t>(response.operation)).key("name").value(response.model);
  writer.key("choices").begin_array();
  for (const auto& choice : response.choices) write_choice(writer, choice);
  writer.end_array().key("vectors").begin_array();
  for (const auto& vector : response.embeddings) writer.value(pack_floats(vector));
  writer.end_array().key("ranking").begin_array();
  for (const auto& ranked : response.ranking) writer.begin_array().value(ranked.index).value(ranked.score).end_array();
  writer.end_array().key("usage");
  write_usage(writer, response.usage);
  writer.end_object();
  return out;
}

std::optional<StoredAnswer> stored_answer_of(std::string_view bytes) {
  json::Document document;
  StoredAnswer answer;
  json::Object root;
  int64_t written_by = 0;
  if (!document.parse_copy(bytes) || document.root().get(root) != simdjson::SUCCESS) return std::nullopt;
  if (root.at_key("version").get(written_by) != simdjson::SUCCESS || written_by != version) return std::nullopt;
  const bool good = read_text(root, "model", answer.model) && read_text(root, "zone", answer.zone) &&
                    root.at_key("settings").get(answer.settings) == simdjson::SUCCESS &&
                    root.at_key("cost").get(answer.cost) == simdjson::SUCCESS && answer.cost >= 0 &&
                    root.at_key("made").get(answer.made_us) == simdjson::SUCCESS &&
                    read_response(root, answer.response);
  if (!good || !can_be_kept(answer.response)) return std::nullopt;
  return answer;
}

}  // namespace weir
