// StreamEvents → events of the Responses format. Items open and close as the kind of content changes; each event has a
// number, and the last one carries the whole answer. What went out as bytes of the same format is followed, so that
// another model can go on where it stopped.
#include "formats/responses/client_face.h"
#include "formats/responses/response_object.h"
#include "formats/responses/stream_items.h"

namespace weir::responses {
namespace {

using Kind = StreamEvent::Kind;

class Writer final : public EventWriter {
 public:
  explicit Writer(const Request& request) : object_(request), items_(DeclaredTools::of(request)) {}

  void begin(const StreamHead& head) override {
    id_ = head.id.empty() ? "resp_0" : head.id;
    model_ = head.model;
    created_ = head.created;
    items_.begin(id_);
  }

  void write(const StreamEvent& event, std::string& out) override {
    if (ended_ || event.index != 0) return;
    switch (event.kind) {
      case Kind::lifecycle:
        return start(out);
      case Kind::finish:
        finish_ = event.finish;
        return;
      case Kind::usage:
        usage_ = event.usage;
        return;
      case Kind::error:
        return fail(event.error, out);
      case Kind::other:  // another format's
      case Kind::done:
        return;
      default:
        start(out);
        items_.write(event, out);
    }
  }

  void passed(const FramedEvent& framed, std::span<const StreamEvent> events) override {
    if (!framed.has_data || !scratch_.parse_copy(framed.data)) return;
    json::Object event;
    if (scratch_.root().get(event) != simdjson::SUCCESS) return;
    const auto type = json::string_or(event, "type");
    if (type.empty()) return;
    started_ = true;
    ended_ = ended_ || type == "response.completed" || type == "response.incomplete" || type == "response.failed" ||
             type == "error";
    json::Object response;
    if (event.at_key("response").get(response) == simdjson::SUCCESS) {
      if (const auto id = json::string_or(response, "id"); !id.empty()) id_ = id;
      if (const auto model = json::string_or(response, "model"); !model.empty()) model_ = model;
      created_ = json::int_or(response, "created_at", created_);
      items_.begin(id_);
    }
    items_.follow(type, event, events);
  }

  void end(std::string& out) override {
    if (ended_) return;
    start(out);
    auto outcome = outcome_of(finish_);
    items_.close(outcome.status, out);
    if (usage_.known || usage_.estimated) outcome.usage = &usage_;
    finish(outcome, out);
  }

  void fail(const Error& error, std::string& out) override {
    if (ended_) return;
    start(out);
    // Some clients look for the one, some for the other.
    finish({.status = "failed", .error = &error}, out);
    items_.emit(out, "error", [&](json::Writer& writer) { write_error_fields(writer, error); });
  }

 private:
  void start(std::string& out) {
    if (std::exchange(started_, true)) return;
    const Outcome outcome{.status = "in_progress"};
    write_response("response.created", outcome, out);
    write_response("response.in_progress", outcome, out);
  }

  void finish(const Outcome& outcome, std::string& out) {
    ended_ = true;
    std::string event("response.");
    write_response(event.append(outcome.status), outcome, out);
  }

  void write_response(std::string_view event, const Outcome& outcome, std::string& out) {
    const auto finished = items_.finished();
    items_.emit(out, event, [&](json::Writer& writer) {
      writer.key("response").raw(object_.write(id_, model_, created_, finished, outcome));
    });
  }

  // As in the body of an error, without the object around it.
  static void write_error_fields(json::Writer& writer, const Error& error) {
    const auto body = client().write_error(error);
    const auto inner = json::member(body, "error");
    for (const std::string_view field : {"code", "message", "param"}) {
      const auto value = json::member(inner, field);
      writer.key(field).raw(value.empty() ? std::string_view("null") : value);
    }
  }

  ResponseObject object_;
  StreamItems items_;
  json::Document scratch_;  // of events that went out as they came
  std::string id_;
  std::string model_;
  int64_t created_ = 0;
  bool started_ = false;
  bool ended_ = false;
  FinishReason finish_ = FinishReason::none;
  Usage usage_;
};

}  // namespace

std::unique_ptr<EventWriter> make_writer(const Request& request) { return std::make_unique<Writer>(request); }

}  // namespace weir::responses
