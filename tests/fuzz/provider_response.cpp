// What providers send: whole answers, streams, refusals and model lists never crash the adapters, and what is decoded
// can be shown to a client as JSON. Of servers that work in jobs: each line is the next answer, whatever was asked. The
// first byte chooses operation and kind of answer, the second the format.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <tuple>

#include "core/sse.h"
#include "formats/format.h"
#include "formats/shared/answer_form.h"
#include "formats/shared/assembler.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// What a client of that format is shown is whole events with JSON in them.
void show(const weir::Format& client, const weir::Request& request, const std::vector<weir::StreamEvent>& events) {
  const auto writer = client.client->stream(request);
  std::string shown;
  writer->begin({.id = "i", .model = "m", .created = 1, .input_tokens = 1});
  for (const auto& one : events) writer->write(one, shown);
  writer->end(shown);
  if (client.client->stream_type(request) != "text/event-stream; charset=utf-8") return;
  weir::EventFramer again(weir::Framing::sse);
  weir::FramedEvent event;
  weir::json::Document scratch;
  again.feed(shown);
  while (again.next(event).value_or(false)) {
    require(event.data == "[DONE]" || scratch.parse_copy(event.data).has_value());
  }
}

void stream(const weir::Format& format, const weir::Request& request, std::string_view bytes) {
  weir::EventFramer framer(format.framing);
  const auto reader = format.model->stream(request);
  auto& state = reader->state();
  weir::json::Document scratch;
  std::vector<weir::StreamEvent> events;
  weir::FramedEvent event;
  weir::json::Document forwarded;
  state.forwarding.wanted = !request.include_usage;
  framer.feed(bytes);
  while (framer.next(event).value_or(false)) {
    (void)reader->read(event, scratch, events);
    // What goes on in place of the event's bytes is JSON, whatever they were.
    const auto& [way, text, usage] = std::tie(state.forwarding.way, state.forwarding.text, state.forwarding.usage);
    if (way == weir::Forwarding::Way::rewritten) require(forwarded.parse_copy(text).has_value());
    require(usage.empty() || forwarded.parse_copy(usage).has_value());
  }
  weir::AnswerAssembler assembler;
  for (const auto& one : events) (void)assembler.add(one);
  if (const auto whole = assembler.take(request.operation, state)) {
    for (const auto* other : weir::formats()) {
      if (other->client != nullptr) require(forwarded.parse(other->client->write(*whole, request)).has_value());
    }
    for (const auto& one : weir::events_of(*whole)) require(one.kind != weir::StreamEvent::Kind::error);
  }
  for (const auto* other : weir::formats()) {
    if (other->client != nullptr) show(*other, request, events);
  }
}

// Words for one that serves them, else a picture to be made; null where the format knows neither.
weir::Result<weir::Request> asked_of(const weir::Format& format, weir::json::DocumentPool& pool) {
  using weir::Operation;
  const bool words = weir::holds(format.serves, Operation::chat);
  return weir::client_face("openai").read(
      {.operation = words ? Operation::chat : Operation::image,
       .path = words ? "/v1/chat/completions" : "/v1/images/generations",
       .body = words ? R"({"model":"m","messages":[{"role":"user","content":"Hi"}]})"
                     : R"({"model":"m","prompt":"a weir","n":2})"},
      pool);
}

void job(const weir::Format& format, std::string_view body, weir::json::DocumentPool& pool) {
  const auto request = asked_of(format, pool);
  require(request.has_value());
  const weir::ProviderSettings provider{.url = {.host = "h"}, .api_key = "secret"};
  const weir::ModelSettings model{
      .name = "owner/name",
      .workflow = std::make_shared<const std::string>(
          R"({"1":{"class_type":"X","inputs":{"a":"{{prompt}}","b":"{{n}}","c":"{{seed}}"}}})")};
  const auto running = format.model->job(*request, {.provider = provider, .model = model, .unique = 7});
  if (!running) return;
  while (!body.empty()) {
    const auto end = std::min(body.find('\n'), body.size());
    const auto step = running->then({.status = 200, .headers = {}, .body = std::string(body.substr(0, end))});
    body.remove_prefix(std::min(end + 1, body.size()));
    // Whatever an answer says, what follows is asked of the provider itself, in one line.
    for (const auto& word : running->cancel()) require(word.path.starts_with('/'));
    if (!step) return;
    if (!*step) {
      const auto answer = running->answer();
      weir::json::Document shown;
      if (answer) require(shown.parse(weir::client_face("openai").write(*answer, *request)).has_value());
      return;
    }
    const auto& path = (*step)->ask.path;
    require(path.starts_with('/') && path.find_first_of(" \r\n#") == std::string::npos);
    require((*step)->after_ms >= 0);
  }
}

std::vector<const weir::Format*> with_models() {
  std::vector<const weir::Format*> all;
  for (const auto* format : weir::formats()) {
    if (format->model != nullptr) all.push_back(format);
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static weir::json::DocumentPool pool;
  static const auto all = with_models();
  const auto& format = *all[data[1] % all.size()];
  weir::Request request;
  request.operation = static_cast<weir::Operation>((data[0] >> 2) % 3);
  request.include_usage = (data[0] & 16) != 0;
  std::string body(reinterpret_cast<const char*>(data) + 2, size - 2);
  switch (data[0] >> 6) {
    case 0: {
      if ((data[0] & 32) != 0) request.format = "openai";
      const auto response = weir::decode_answer(*format.model, request, body, pool);
      weir::json::Document shown;
      if (response && request.format == "openai" && format.wire == "openai")
        require(response->raw.empty() || shown.parse(response->raw).has_value());
      if (response) require(shown.parse(weir::client_face("openai").write(*response, request)).has_value());
      break;
    }
    case 1:
      stream(format, request, body);
      break;
    case 2: {
      weir::HttpResponse response{.status = 400 + data[0] % 200, .headers = {}, .body = body};
      response.headers.add("retry-after", body.substr(0, 40));
      const auto error = format.model->classify(response);
      require(!error.message.empty() && error.retry_after_ms >= 0);
      weir::json::Document shown;
      require(shown.parse(weir::client_face("openai").write_error(error)).has_value());
      break;
    }
    default:
      (void)format.model->read_models(body);
      job(format, body, pool);
      break;
  }
  return 0;
}
