#include "formats/responses/conversation.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "formats/responses/seal.h"
#include "formats/shared/place.h"
#include "formats/shared/query.h"

namespace weir::responses {
namespace {

using json::Splice;

constexpr std::string_view previous_key = "previous_response_id";
constexpr std::string_view reference_type = "item_reference";
constexpr std::size_t longest_id = 256;

std::string_view value_of(std::string_view text, const json::Field& field) {
  return text.substr(field.value_begin, field.value_end - field.value_begin);
}

std::string_view unquoted(std::string_view string) {
  return string.size() < 2 || string.front() != '"' ? std::string_view() : string.substr(1, string.size() - 2);
}

bool is_null_or_absent(std::string_view value) { return value.empty() || value == "null"; }

std::string joined(const std::vector<std::string>& items) {
  std::string out("[");
  for (const auto& item : items) out.append(out.size() == 1 ? "" : ",").append(item);
  return out.append("]");
}

// A field with the comma that belongs to it.
Splice without(const std::vector<json::Field>& fields, std::size_t index) {
  if (index + 1 < fields.size()) return {.begin = fields[index].key_begin, .end = fields[index + 1].key_begin};
  if (index > 0) return {.begin = fields[index - 1].value_end, .end = fields[index].value_end};
  return {.begin = fields[index].key_begin, .end = fields[index].value_end};
}

std::string without_member(std::string_view object, std::string_view key) {
  const auto fields = json::top_level_fields(object);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].key == key) return json::apply(object, {without(fields, i)});
  }
  return std::string(object);
}

// What `input` says, as items.
std::vector<std::string> items_of(std::string_view input) {
  std::vector<std::string> items;
  if (input.starts_with('"')) {
    items.push_back(
        fmt::format(R"({{"type":"message","role":"user","content":[{{"type":"input_text","text":{}}}]}})", input));
  } else if (input.starts_with('[')) {
    for (const auto item : json::elements(input)) items.emplace_back(item);
  }
  return items;
}

// A provider knows this thought by its id, and nobody else knows anything of it.
bool is_only_an_id(std::string_view item) {
  if (unquoted(json::member(item, "type")) != "reasoning" || is_made_id(unquoted(json::member(item, "id"))))
    return false;
  return unquoted(json::member(item, "encrypted_content")).empty() &&
         json::elements(json::member(item, "content")).empty();
}

void append_input(std::vector<std::string>& items, const TurnTexts& turn) {
  for (const auto item : json::elements(turn.input)) items.emplace_back(item);
}

Error wrong(std::string_view param, std::string message) {
  return {.code = ErrorCode::invalid_request, .message = std::move(message), .param = std::string(param)};
}

// An answer as it is kept; unset: not complete, or none that could be found again.
std::optional<KeptAnswer> whole_answer(const json::Object& answer, std::string_view text) {
  const auto id = json::string_or(answer, "id");
  const auto status = json::string_or(answer, "status");
  json::Array output;
  const bool whole =
      (status == "completed" || status == "incomplete") && answer.at_key("output").get(output) == simdjson::SUCCESS;
  if (!whole || id.empty() || id.size() > longest_id) return std::nullopt;
  return KeptAnswer{.id = std::string(id), .answer = std::string(text)};
}

std::string marked(std::string_view answer, const ConversationFace::Mark& mark) {
  auto text = mark.kept ? with_member(answer, "store", "true") : std::string(answer);
  if (mark.previous.empty()) return text;
  std::string quoted;
  json::append_string(quoted, mark.previous);
  return with_member(text, previous_key, quoted);
}

// The items of an answer's output as they go back, each in its place; "" = a thought that does not.
std::vector<std::string> sent_back(std::string_view answer) {
  const auto output = json::elements(json::member(answer, "output"));
  const bool loses = std::any_of(output.begin(), output.end(), is_only_an_id);
  std::vector<std::string> items;
  std::size_t number = 0;  // of those that go back
  for (const auto item : output) {
    if (!loses) {
      items.emplace_back(item);
    } else if (unquoted(json::member(item, "type")) == "message") {
      // It needs one, but not that one.
      const auto made = make_item_id("msg", unquoted(json::member(answer, "id")), number);
      items.push_back(with_member(item, "id", fmt::format("\"{}\"", made)));
    } else {
      items.push_back(is_only_an_id(item) ? std::string() : without_member(item, "id"));
    }
    if (!items.back().empty()) ++number;
  }
  return items;
}

std::string_view input_of(std::string_view body) {
  for (const auto& field : json::top_level_fields(body)) {
    if (field.key == "input") return value_of(body, field);
  }
  return {};
}

// Of an item that is a reference; "" = it is none.
std::string_view referred_id(std::string_view item) {
  if (!item.starts_with('{') || unquoted(json::member(item, "type")) != reference_type) return {};
  return unquoted(json::member(item, "id"));
}

// As it goes back; "": it does not. nullopt: it is in none of them.
std::optional<std::string> find_item(std::span<const TurnTexts> answers, std::string_view id) {
  for (const auto& turn : answers) {
    const auto output = json::elements(json::member(turn.answer, "output"));
    const auto found = std::find_if(output.begin(), output.end(),
                                    [&](std::string_view item) { return unquoted(json::member(item, "id")) == id; });
    if (found == output.end()) continue;
    return sent_back(turn.answer)[static_cast<std::size_t>(found - output.begin())];
  }
  return std::nullopt;
}

class Face final : public ConversationFace {
 public:
  bool may_continue(std::string_view body) const override {
    return body.find(previous_key) != std::string_view::npos || body.find(reference_type) != std::string_view::npos;
  }

  Result<std::optional<std::string>> continues(std::string_view body) const override {
    json::Document document;
    json::Object root;
    json::Element value;
    if (!document.parse_copy(body) || document.root().get(root) != simdjson::SUCCESS) return std::nullopt;
    if (root.at_key(previous_key).get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
    std::string_view id;
    if (value.get(id) != simdjson::SUCCESS) {
      return failure(wrong(previous_key, fmt::format("Invalid type for 'previous_response_id': expected a string, but "
                                                     "got {}.",
                                                     json::type_name(value))));
    }
    json::Element conversation;
    if (root.at_key("conversation").get(conversation) == simdjson::SUCCESS && !conversation.is_null()) {
      return failure(wrong(previous_key, "'previous_response_id' and 'conversation' exclude each other."));
    }
    return std::string(id);
  }

  Expanded expand(std::string_view body, std::span<const TurnTexts> earlier) const override;

  std::vector<std::string> refers_to(std::string_view body) const override {
    std::vector<std::string> ids;
    json::Document document;
    json::Object root;
    if (body.find(reference_type) == std::string_view::npos || !document.parse_copy(body) ||
        document.root().get(root) != simdjson::SUCCESS) {
      return ids;
    }
    for (const auto item : json::elements(input_of(body))) {
      const auto id = referred_id(item);
      if (!id.empty() && std::find(ids.begin(), ids.end(), id) == ids.end()) ids.emplace_back(id);
    }
    return ids;
  }
  std::string put_in(std::string_view body, std::span<const TurnTexts> answers) const override;
  std::vector<std::string> item_ids(std::string_view answer) const override {
    std::vector<std::string> ids;
    for (const auto item : json::elements(json::member(answer, "output"))) {
      const auto id = unquoted(json::member(item, "id"));
      if (!id.empty() && id.size() <= longest_id) ids.emplace_back(id);
    }
    return ids;
  }

  Error cannot_continue(std::string_view id, Missing missing) const override {
    auto error = wrong(
        previous_key,
        fmt::format("Previous response with id '{}' not found{}.", id.substr(0, longest_id),
                    missing == Missing::in_part ? ": an earlier turn of its conversation is no longer kept" : ""));
    error.provider_code = "previous_response_not_found";
    return error;
  }

  Result<bool> wants_keeping(const Request& request) const override {
    bool wanted = request.operation == Operation::chat;
    for (const auto& field : request.fields()) {
      const auto value = value_of(request.document->text(), field);
      if (field.key == previous_key && value != "null") {
        return failure(wrong(previous_key, "'previous_response_id' must be given once, and its name without escapes."));
      }
      if (field.key == "store" && value == "false") wanted = false;
      if (field.key == "conversation" && value != "null") wanted = false;  // its provider knows what was said before
    }
    return wanted;
  }

  void will_keep(Request& request) const override { std::erase(request.left_out, std::string_view("store")); }

  std::string new_items(const Request& request, std::size_t earlier_items) const override {
    for (const auto& field : request.fields()) {
      if (field.key != "input") continue;
      auto items = items_of(value_of(request.document->text(), field));
      items.erase(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(std::min(earlier_items, items.size())));
      return joined(items);
    }
    return "[]";
  }

  std::string mark_whole(std::string_view answer, const Mark& mark,
                         std::optional<KeptAnswer>& complete) const override {
    json::Document document;
    json::Object object;
    if (!document.parse_copy(answer) || document.root().get(object) != simdjson::SUCCESS) return {};
    auto text = marked(answer, mark);
    complete = whole_answer(object, text);
    return complete ? text : std::string();
  }

  std::string mark_event(std::string_view data, const Mark& mark, std::optional<KeptAnswer>& complete) const override {
    if (data.find(R"("response")") == std::string_view::npos) return {};
    json::Document document;
    json::Object event;
    json::Object response;
    if (!document.parse_copy(data) || document.root().get(event) != simdjson::SUCCESS ||
        event.at_key("response").get(response) != simdjson::SUCCESS) {
      return {};
    }
    const auto type = json::string_or(event, "type");
    if (type == "response.failed") return {};  // is not kept
    const auto text = marked(json::member(data, "response"), mark);
    if (type == "response.completed" || type == "response.incomplete") complete = whole_answer(response, text);
    return with_member(data, "response", text);
  }

  bool asks_for_all(const Question& question) const override { return question.pattern == input_items_path; }
  Result<Reply> reply(const Question& question, std::span<const TurnTexts> turns) const override;
};

ConversationFace::Expanded Face::expand(std::string_view body, std::span<const TurnTexts> earlier) const {
  std::vector<std::string> items;
  for (const auto& turn : earlier) {
    append_input(items, turn);
    for (auto& item : items_to_send_back(turn.answer)) items.push_back(std::move(item));
  }
  Expanded out{.earlier_items = items.size()};
  const auto fields = json::top_level_fields(body);
  std::optional<std::size_t> previous;
  const json::Field* input = nullptr;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].key == previous_key && !previous) previous = i;
    if (fields[i].key == "input") input = &fields[i];
  }
  std::vector<Splice> splices;
  if (input == nullptr && previous) {
    splices.push_back({.begin = fields[*previous].key_begin,
                       .end = fields[*previous].value_end,
                       .with = "\"input\":" + joined(items)});
    previous.reset();
  } else if (input != nullptr) {
    const auto value = value_of(body, *input);
    const bool readable = value.starts_with('"') || value.starts_with('[') || value == "null";
    for (auto& item : items_of(value)) items.push_back(std::move(item));
    // Of another type: whoever reads the request says so.
    if (readable) splices.push_back({.begin = input->value_begin, .end = input->value_end, .with = joined(items)});
  }
  if (previous) splices.push_back(without(fields, *previous));
  std::stable_sort(splices.begin(), splices.end(), [](const Splice& a, const Splice& b) { return a.begin < b.begin; });
  out.body = json::apply(body, splices);
  return out;
}

std::string Face::put_in(std::string_view body, std::span<const TurnTexts> answers) const {
  const auto input = input_of(body);
  std::vector<Splice> splices;
  for (const auto item : json::elements(input)) {
    const auto id = referred_id(item);
    const auto meant = id.empty() ? std::nullopt : find_item(answers, id);
    if (!meant) continue;
    if (meant->empty()) return std::string(body);
    const auto begin = static_cast<std::size_t>(item.data() - body.data());
    splices.push_back({.begin = begin, .end = begin + item.size(), .with = *meant});
  }
  return splices.empty() ? std::string(body) : json::apply(body, splices);
}

Result<ConversationFace::Reply> Face::reply(const Question& question, std::span<const TurnTexts> turns) const {
  if (turns.empty()) {
    return failure(ErrorCode::not_found,
                   fmt::format("Response with id '{}' not found.", question.id.substr(0, longest_id)));
  }
  const auto& last = turns.back();
  if (question.pattern == cancel_path) {
    return failure(wrong("", "Cannot cancel a synchronous response: it was complete before it was kept."));
  }
  if (question.pattern == input_items_path) {
    std::vector<std::string> items;
    for (const auto& turn : turns) {
      for (const auto item : json::elements(turn.input))
        items.push_back(shown_item(item, make_item_id("inp", turn.id, items.size())));
      if (&turn == &last) break;
      for (const auto item : json::elements(json::member(turn.answer, "output"))) items.emplace_back(item);
    }
    auto body = list_items(std::move(items), question.query);
    if (!body) return failure(std::move(body.error()));
    return Reply{.body = std::move(*body)};
  }
  if (question.method == "DELETE") {
    Reply reply{.drop = true};
    json::Writer writer(reply.body);
    writer.begin_object().key("id").value(last.id).key("object").value("response").key("deleted").boolean(true);
    writer.end_object();
    return reply;
  }
  if (query_value(question.query, "stream") == "true") {
    int64_t after = -1;
    const auto said = query_value(question.query, "starting_after");
    const auto read = std::from_chars(said.data(), said.data() + said.size(), after);
    if (!said.empty() && (read.ec != std::errc() || read.ptr != said.data() + said.size() || after < 0))
      return failure(wrong("starting_after", "Invalid 'starting_after': it is the number of an event."));
    return Reply{.body = replay(last.answer, after)};
  }
  return Reply{.body = std::string(last.answer)};
}

}  // namespace

const ConversationFace& conversations() {
  static const Face one;
  return one;
}

std::string with_member(std::string_view object, std::string_view key, std::string_view value) {
  const auto fields = json::top_level_fields(object);
  for (const auto& field : fields) {
    if (field.key == key)
      return json::apply(object, {{.begin = field.value_begin, .end = field.value_end, .with = std::string(value)}});
  }
  const auto end = object.rfind('}');
  return json::apply(
      object, {{.begin = end, .end = end, .with = fmt::format("{}\"{}\":{}", fields.empty() ? "" : ",", key, value)}});
}

std::vector<std::string> items_to_send_back(std::string_view answer) {
  auto items = sent_back(answer);
  std::erase(items, std::string());
  return items;
}

std::string shown_item(std::string_view item, std::string_view made_id) {
  std::string out(item);
  if (!item.starts_with('{')) return out;
  if (is_null_or_absent(json::member(out, "type"))) out = with_member(out, "type", R"("message")");
  const auto content = json::member(out, "content");
  if (unquoted(json::member(out, "type")) == "message" && content.starts_with('"')) {
    const bool said = unquoted(json::member(out, "role")) == "assistant";
    out = with_member(out, "content",
                      fmt::format(R"([{{"type":"{}","text":{}{}}}])", said ? "output_text" : "input_text", content,
                                  said ? R"(,"annotations":[])" : ""));
  }
  if (is_null_or_absent(json::member(out, "id"))) {
    std::string quoted;
    json::append_string(quoted, made_id);
    out = with_member(out, "id", quoted);
  }
  return out;
}

}  // namespace weir::responses
