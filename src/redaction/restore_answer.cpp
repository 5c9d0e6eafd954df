#include "redaction/restore_answer.h"

#include <utility>

#include "redaction/body_places.h"

namespace weir::redaction {
namespace {

// Values under it are what a person or a model wrote: a number there is no number of JSON.
bool is_prose(const BodyPlace& place) {
  return !place.data && (place.key == "content" || place.key == "text" || place.key == "thinking" ||
                         place.key == "reasoning" || place.key == "reasoning_content" || place.key == "refusal");
}

std::string as_json(std::string_view text) {
  std::string out;
  json::append_string(out, text);
  return out;
}

// The text that stands at `place`, as JSON; "" where nothing is to be put back.
std::string restored_value(const Replacements& known, const BodyPlace& place, std::string_view text) {
  if (place.kind == BodyPlace::Kind::number) return {};
  const bool in_name = place.kind == BodyPlace::Kind::key || place.key == "name";
  if (in_name) {
    auto name = restored_name(known, text);
    return name == text ? std::string() : as_json(name);
  }
  if (!is_prose(place) && !known.numbers.empty()) {
    const auto whole = known.placeholders.match(text, 0, '\0', Placeholders::Ends::here);
    if (whole.state == Placeholders::Match::State::found && whole.end == text.size() && known.is_number(whole.name)) {
      return std::string(whole.value);
    }
  }
  const bool json = place.key == "arguments" || place.key == "partial_json";
  auto value = restored(known, text, json ? JsonState::Of::json : JsonState::Of::text);
  return value == text ? std::string() : as_json(value);
}

}  // namespace

std::string restored_body(const Replacements& known, const std::string& body) {
  json::Document document;
  simdjson::dom::object object;
  if (!document.parse(body) || document.root().get(object) != simdjson::SUCCESS) return restored(known, body);
  document.survey();
  const auto places = places_of(document);
  std::vector<json::Splice> splices;
  for (std::size_t i = 0; i < places.size(); ++i) {
    auto value = restored_value(known, places[i], document.texts()[i]);
    if (!value.empty()) splices.push_back({.begin = places[i].begin, .end = places[i].end, .with = std::move(value)});
  }
  return splices.empty() ? body : json::apply(document.text(), splices);
}

void restore(const Replacements& known, Response& response) {
  for (auto& choice : response.choices) {
    for (auto& part : choice.parts) {
      part.text = restored(known, part.text);
      part.call.name = restored_name(known, part.call.name);
      part.call.arguments = restored(known, part.call.arguments, JsonState::Of::json);
    }
    choice.stop_sequence = restored(known, choice.stop_sequence);
  }
  // Numbers alone: nothing that was taken out can be in them.
  const bool texts = response.operation != Operation::embedding && response.pictures.empty();
  const bool sound = !response.content_type.empty() && response.content_type.find("json") == std::string::npos &&
                     response.content_type.find("text") == std::string::npos;
  if (texts && !sound && !response.raw.empty()) response.raw = restored_body(known, response.raw);
}

bool StreamRestorer::is_piece(const StreamEvent& event) {
  return event.kind == StreamEvent::Kind::text || event.kind == StreamEvent::Kind::reasoning ||
         event.kind == StreamEvent::Kind::refusal || event.kind == StreamEvent::Kind::tool_call;
}

// Another kind of piece, or another call, ends the one before.
Restorer& StreamRestorer::restorer_of(const StreamEvent& event, std::vector<StreamEvent>& out) {
  const auto same = [&event](const Open& one) {
    return one.kind == event.kind && one.choice == event.index &&
           (event.kind != StreamEvent::Kind::tool_call || one.tool_index == event.tool_index);
  };
  for (std::size_t i = 0; i < open_.size();) {
    if (open_[i].choice == event.index && !same(open_[i])) {
      // Calls may come in turns: each goes on where it was.
      const bool another_call = open_[i].kind == StreamEvent::Kind::tool_call && event.kind == open_[i].kind;
      if (another_call) {
        ++i;
        continue;
      }
      close(i, out);
    } else {
      ++i;
    }
  }
  for (auto& one : open_) {
    if (same(one)) return one.restorer;
  }
  const bool call = event.kind == StreamEvent::Kind::tool_call;
  open_.push_back({.kind = event.kind,
                   .choice = event.index,
                   .tool_index = event.tool_index,
                   .restorer = Restorer(known_, call ? JsonState::Of::json : JsonState::Of::text)});
  return open_.back().restorer;
}

void StreamRestorer::close(std::size_t at, std::vector<StreamEvent>& out) {
  Open open = std::move(open_[at]);
  open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(at));
  auto rest = open.restorer.end();
  if (rest.empty()) return;
  StreamEvent event{.kind = open.kind, .index = open.choice, .tool_index = open.tool_index};
  (open.kind == StreamEvent::Kind::tool_call ? event.tool.arguments : event.text) = std::move(rest);
  out.push_back(std::move(event));
}

void StreamRestorer::close_choice(int64_t choice, std::vector<StreamEvent>& out) {
  for (std::size_t i = 0; i < open_.size();) {
    if (open_[i].choice == choice) {
      close(i, out);
    } else {
      ++i;
    }
  }
}

void StreamRestorer::restore(std::vector<StreamEvent>& events) {
  std::vector<StreamEvent> out;
  out.reserve(events.size() + 2);
  for (auto& event : events) {
    if (event.kind == StreamEvent::Kind::signature || event.kind == StreamEvent::Kind::finish) {
      close_choice(event.index, out);
      if (event.kind == StreamEvent::Kind::finish) event.text = restored(known_, event.text);
    } else if (event.kind == StreamEvent::Kind::done) {
      for (auto& one : end()) out.push_back(std::move(one));
    }
    if (!is_piece(event)) {
      out.push_back(std::move(event));
      continue;
    }
    auto& restorer = restorer_of(event, out);
    const bool call = event.kind == StreamEvent::Kind::tool_call;
    auto& piece = call ? event.tool.arguments : event.text;
    if (call) event.tool.name = restored_name(known_, event.tool.name);
    const bool was_empty = piece.empty();
    auto ready = restorer.add(piece);
    if (ready != piece) event.logprobs.clear();  // they are of other words
    piece = std::move(ready);
    const bool says_something =
        !piece.empty() || was_empty || (call && (!event.tool.name.empty() || !event.tool.id.empty()));
    if (says_something) out.push_back(std::move(event));
  }
  events = std::move(out);
}

std::vector<StreamEvent> StreamRestorer::end() {
  std::vector<StreamEvent> out;
  while (!open_.empty()) close(0, out);
  return out;
}

}  // namespace weir::redaction
