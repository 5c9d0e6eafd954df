// Streams in the Responses format → StreamEvents. What was told piece by piece is not told again when it ends; what a
// server only tells whole (an item, or the answer, when it is done) is told then.
#include <algorithm>

#include <fmt/format.h>

#include "core/json_mend.h"
#include "core/saturating.h"
#include "core/text_halves.h"
#include "formats/responses/client_face.h"
#include "formats/responses/model_face.h"
#include "formats/responses/output_item.h"
#include "formats/responses/seal.h"
#include "formats/shared/errors.h"
#include "formats/shared/said.h"
#include "formats/shared/signature.h"

namespace weir::responses {
namespace {

using Kind = StreamEvent::Kind;

// An item of the provider's, as far as it was told.
struct Told {
  int64_t index = 0;  // in `output`
  std::string id;
  int64_t tool_index = -1;
  bool text = false;     // pieces of a message, or of arguments
  bool thought = false;  // pieces of a thought
  bool sealed = false;
  bool custom = false;
  bool over = false;
};

constexpr std::size_t most_items = 10'000;  // of an answer, each told apart

// As it stands between the quotes of a JSON string.
std::string escaped(std::string_view text) {
  std::string out;
  json::append_string(out, text);
  return out.substr(1, out.size() - 2);
}

class Reader final : public EventReader {
 public:
  explicit Reader(std::string_view shown_in) : shown_in_(shown_in) {}

  Status read(const FramedEvent& framed, json::Document& scratch, std::vector<StreamEvent>& out) override {
    state_.forwarding.way = Forwarding::Way::as_it_came;
    auto data = framed.data;
    while (data.ends_with(' ')) data.remove_suffix(1);
    if (data == "[DONE]") {
      add(out, Kind::done);
      return {};
    }
    bool halves = !state_.halves.empty();
    if (auto parsed = scratch.parse_copy(data); !parsed) {
      const auto mended = json::mend(data);
      if (!mended.usable || mended.cut || !scratch.parse_copy(mended.text)) return lost(data, parsed.error(), out);
      halves = halves || mended.halves;
      state_.forwarding.way = Forwarding::Way::from_events;
    }
    json::Object event;
    if (scratch.root().get(event) != simdjson::SUCCESS) {
      return failure(ErrorCode::upstream_malformed, "A stream event is JSON, but no object.");
    }
    const auto before = out.size();
    const auto type = json::string_or(event, "type", framed.name);
    if (type == "error" || (type.empty() && is_error_body(event))) {
      report(scratch.root(), out);
    } else if (type.empty()) {
      return failure(ErrorCode::upstream_malformed, "A stream event has no 'type'.");
    } else {
      read_event(type, event, out);
    }
    if (halves) join_halves(out, before);
    if (out.size() == before) add(out, Kind::lifecycle);
    return {};
  }

 private:
  static StreamEvent& add(std::vector<StreamEvent>& out, Kind kind) {
    auto& event = out.emplace_back();
    event.kind = kind;
    return event;
  }

  void report(const json::Element& holder, std::vector<StreamEvent>& out) {
    add(out, Kind::error).error = classify_body(holder, 0);
    state_.forwarding.way = Forwarding::Way::from_events;
  }

  // Text that cannot be read must not be missing without a word.
  Status lost(std::string_view data, const Error& why, std::vector<StreamEvent>& out) {
    auto message = fmt::format("The provider's stream has an event that cannot be read: {}", why.message);
    if (data.find("\"delta\"") == std::string_view::npos && data.find("\"response.") == std::string_view::npos) {
      return failure(ErrorCode::upstream_malformed, std::move(message));
    }
    add(out, Kind::error).error = {.code = ErrorCode::upstream_malformed, .message = std::move(message)};
    state_.forwarding.way = Forwarding::Way::from_events;
    return {};
  }

  void read_event(std::string_view type, const json::Object& event, std::vector<StreamEvent>& out) {
    if (json::Object response; event.at_key("response").get(response) == simdjson::SUCCESS) {
      return read_response(type, response, event, out);
    }
    auto& told = told_of(type, event);
    if (type == "response.output_item.added" || type == "response.output_item.done") {
      json::Object item;
      if (event.at_key("item").get(item) != simdjson::SUCCESS) return;
      if (type.ends_with("added")) {
        begin_item(item, told, out);
      } else {
        end_item(item, told, out);
      }
    } else if (type.ends_with(".delta")) {
      read_delta(type, event, told, out);
    } else if (type == "response.reasoning_summary_part.added") {
      if (told.thought) add(out, Kind::reasoning).text = "\n\n";
    } else if (is_only_here(type)) {
      add(out, Kind::other);
    }
  }

  // Of tools that the provider runs, pictures and sounds.
  static bool is_only_here(std::string_view type) {
    return type.starts_with("response.audio.") || type.starts_with("response.audio_transcript.") ||
           type.find("_call.") != std::string_view::npos || type.find("_call_code.") != std::string_view::npos ||
           type.starts_with("response.shell_call");
  }

  // An item's id tells which it is. Where servers give none its number does, which some leave out, some begin with 1,
  // and some let be 0 for all; else the order.
  Told& told_of(std::string_view type, const json::Object& event) {
    const auto index = json::int_or(event, "output_index", -1);
    json::Object item;
    auto id = json::string_or(event, "item_id");
    if (event.at_key("item").get(item) == simdjson::SUCCESS) id = json::string_or(item, "id");
    if (const auto* const known = told_with(id)) return told_at(known->index);
    const bool begins = told_.empty() || type == "response.output_item.added";
    if (index >= 0 && !is_anothers(index, id, begins)) return named(told_at(index), id);
    const bool fresh = begins || index >= 0 || is_anothers(last_, id, false);
    return named(told_at(fresh ? next_index() : last_), id);
  }
  const Told* told_with(std::string_view id) const {
    const auto found = std::find_if(told_.rbegin(), told_.rend(), [&](const Told& one) { return one.id == id; });
    return id.empty() || found == told_.rend() ? nullptr : &*found;
  }
  bool is_anothers(int64_t index, std::string_view id, bool begins) const {
    return std::any_of(told_.begin(), told_.end(), [&](const Told& one) {
      return one.index == index && ((!id.empty() && !one.id.empty() && one.id != id) || (begins && id.empty()));
    });
  }
  int64_t next_index() const {
    int64_t next = 0;
    for (const auto& one : told_) next = std::max(next, saturating_add(one.index, 1));
    return next;
  }
  Told& told_at(int64_t index) {
    const auto found = std::find_if(told_.rbegin(), told_.rend(), [&](const Told& one) { return one.index == index; });
    if (found != told_.rend()) {
      last_ = index;
      return *found;
    }
    if (told_.size() < most_items) told_.push_back({.index = index});
    last_ = told_.back().index;
    return told_.back();
  }
  static Told& named(Told& told, std::string_view id) {
    if (told.id.empty()) told.id = id;
    return told;
  }

  void read_delta(std::string_view type, const json::Object& event, Told& told, std::vector<StreamEvent>& out) {
    const auto delta = said_text(event, "delta");
    if (type == "response.output_text.delta") {
      json::Element list;
      std::string logprobs;
      if (event.at_key("logprobs").get(list) == simdjson::SUCCESS) logprobs = logprobs_for_chat(list);
      if (delta.empty() && logprobs.empty()) return;
      told.text = true;
      auto& text = add(out, Kind::text);
      text.text = delta;
      text.logprobs = std::move(logprobs);
    } else if (delta.empty()) {
      return;
    } else if (type == "response.refusal.delta") {
      told.text = true;
      add(out, Kind::refusal).text = delta;
    } else if (type == "response.reasoning_summary_text.delta" || type == "response.reasoning_text.delta") {
      told.thought = true;
      add(out, Kind::reasoning).text = delta;
    } else if (type == "response.function_call_arguments.delta") {
      add_arguments(told, delta, out);
    } else if (type == "response.custom_tool_call_input.delta") {
      add_arguments(told, escaped(delta), out);
    } else if (is_only_here(type)) {
      add(out, Kind::other);
    }
  }

  void add_arguments(Told& told, std::string_view arguments, std::vector<StreamEvent>& out) {
    // Of a call that nobody has named yet: its end says all of them.
    if (arguments.empty() || told.tool_index < 0) return;
    told.text = true;
    auto& piece = add(out, Kind::tool_call);
    piece.tool_index = told.tool_index;
    piece.tool.arguments = arguments;
  }

  void begin_call(const json::Object& item, Told& told, std::vector<StreamEvent>& out) {
    if (told.tool_index >= 0) return;
    told.tool_index = state_.next_tool_index++;
    told.custom = json::string_or(item, "type") == "custom_tool_call";
    auto& call = add(out, Kind::tool_call);
    call.tool_index = told.tool_index;
    call.tool.id = json::string_or(item, "call_id", json::string_or(item, "id"));
    call.tool.name = json::string_or(item, "name");
    if (told.custom) call.tool.arguments = R"({"input":")";
  }
  // What was not told of it in pieces.
  void end_call(const json::Object& item, Told& told, const std::string& arguments, std::vector<StreamEvent>& out) {
    begin_call(item, told, out);
    if (std::exchange(told.over, true)) return;
    const bool told_before = std::exchange(told.text, true);
    if (!told.custom) return told_before ? void() : add_arguments(told, arguments, out);
    const auto rest = told_before ? std::string() : escaped(json::string_or(item, "input"));
    add_arguments(told, rest + "\"}", out);
  }

  void begin_item(const json::Object& item, Told& told, std::vector<StreamEvent>& out) {
    const auto type = json::string_or(item, "type");
    if (type == "function_call" || type == "custom_tool_call") {
      begin_call(item, told, out);
    } else if (type != "message" && type != "reasoning") {
      add(out, Kind::other);
    }
  }

  // All of an item: what was not told of it yet.
  void end_item(const json::Object& item, Told& told, std::vector<StreamEvent>& out) {
    const auto type = json::string_or(item, "type");
    auto parts = parts_of_item(item, shown_in_);
    if (parts.empty() && type != "message" && type != "reasoning") add(out, Kind::other);
    for (auto& part : parts) {
      if (part.kind == Part::Kind::tool_call) {
        end_call(item, told, part.call.arguments, out);
      } else if (part.kind == Part::Kind::thinking) {
        if (!told.thought && !part.text.empty()) add(out, Kind::reasoning).text = std::move(part.text);
        told.thought = true;
        if (!part.signature.empty() && !std::exchange(told.sealed, true)) {
          add(out, Kind::signature).text = std::move(part.signature);
        }
      } else if (!told.text && !part.text.empty()) {
        add(out, part.kind == Part::Kind::refusal ? Kind::refusal : Kind::text).text = std::move(part.text);
      }
    }
    if (type == "message") told.text = true;
  }

  void read_response(std::string_view type, const json::Object& response, const json::Object& event,
                     std::vector<StreamEvent>& out) {
    if (state_.id.empty()) state_.id = json::string_or(response, "id");
    if (state_.model.empty()) state_.model = json::string_or(response, "model");
    if (double created = 0; state_.created == 0) {
      json::read_if(response.at_key("created_at"), created);
      if (created > 0 && created < 9e15) state_.created = static_cast<int64_t>(created);
    }
    if (type == "response.failed" || json::string_or(response, "status") == "failed") {
      json::Element holder;
      if (event.at_key("response").get(holder) == simdjson::SUCCESS) report(holder, out);
      return;
    }
    if (type != "response.completed" && type != "response.incomplete") return;
    json::Array output;
    int64_t index = 0;
    if (response.at_key("output").get(output) == simdjson::SUCCESS) {
      for (const auto element : output) {
        json::Object item;
        if (element.get(item) == simdjson::SUCCESS) end_told(item, index, output.size(), out);
        ++index;
      }
    }
    finish(response, out);
  }

  // An item of the whole answer: told already, or not at all. By its id, else by its place among as many as were told,
  // else by its number.
  void end_told(const json::Object& item, int64_t index, std::size_t of, std::vector<StreamEvent>& out) {
    const auto* const named = told_with(json::string_or(item, "id"));
    if (named != nullptr) {
      index = named->index;
    } else if (told_.size() == of) {
      index = told_[static_cast<std::size_t>(index)].index;
    }
    const auto known = std::any_of(told_.begin(), told_.end(), [&](const Told& one) { return one.index == index; });
    const auto type = json::string_or(item, "type");
    const bool readable =
        type == "message" || type == "reasoning" || type.ends_with("tool_call") || type == "function_call";
    if (known || readable) end_item(item, told_at(index), out);
  }

  void finish(const json::Object& response, std::vector<StreamEvent>& out) {
    state_.finish = finish_of(response, state_.next_tool_index > 0);
    if (state_.finish == FinishReason::none) state_.finish = FinishReason::stop;
    for (auto& half : state_.halves) {  // that found no other half
      auto& event = add(out, half.kind);
      event.tool_index = half.tool_index;
      (half.kind == Kind::tool_call ? event.tool.arguments : event.text) = half.joiner.end();
    }
    state_.halves.clear();
    add(out, Kind::finish).finish = state_.finish;
    auto usage = usage_of(response);
    if (usage.known) {
      state_.usage = usage;
      state_.usage_seen = true;
      add(out, Kind::usage).usage = usage;
    }
    state_.tier = usage.tier;
    add(out, Kind::done);
  }

  // Characters that were cut in two between events, made whole.
  void join_halves(std::vector<StreamEvent>& out, std::size_t from) {
    for (auto i = from; i < out.size(); ++i) {
      auto& event = out[i];
      const bool call = event.kind == Kind::tool_call;
      if (!call && event.kind != Kind::text && event.kind != Kind::reasoning && event.kind != Kind::refusal) continue;
      auto half = std::find_if(state_.halves.begin(), state_.halves.end(), [&](const OpenHalf& one) {
        return one.kind == event.kind && one.tool_index == event.tool_index;
      });
      if (half == state_.halves.end()) {
        half = state_.halves.insert(half, OpenHalf{event.kind, 0, event.tool_index, {}});
      }
      auto& text = call ? event.tool.arguments : event.text;
      text = half->joiner.add(text);
      event.tool.name = without_half_marks(event.tool.name);
      if (!event.logprobs.empty()) event.logprobs = without_half_marks(event.logprobs);
      if (!half->joiner.open()) state_.halves.erase(half);
    }
    state_.forwarding.way = Forwarding::Way::from_events;
  }

  const std::string shown_in_;
  std::vector<Told> told_;
  int64_t last_ = 0;  // the item that was spoken of last
};

}  // namespace

std::unique_ptr<EventReader> make_reader(const Request& request) { return std::make_unique<Reader>(request.format); }

}  // namespace weir::responses
