// What providers send: whole answers, streams, refusals and model lists never crash the adapters, and what is decoded
// can be shown to a client as JSON. The first byte chooses provider, operation and kind of answer.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <tuple>

#include "core/sse.h"
#include "formats/format.h"
#include "formats/shared/answer_form.h"
#include "formats/shared/assembler.h"
#include "formats/format.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void stream(const weir::Provider& provider, const weir::Request& request, std::string_view bytes) {
  const auto& dialect = *weir::find_dialect("openai");
  weir::EventFramer framer(provider.info().framing);
  weir::StreamState state;
  weir::json::Document scratch;
  std::vector<weir::StreamEvent> events;
  weir::FramedEvent event;
  weir::json::Document forwarded;
  state.forwarding.wanted = !request.include_usage;
  framer.feed(bytes);
  while (framer.next(event).value_or(false)) {
    (void)provider.decode_event(event.data, state, scratch, events);
    (void)weir::find_provider("openai")->decode_event(event.data, state, scratch, events);
    // What goes on in place of the event's bytes is JSON, whatever they were.
    const auto& [way, text, usage] = std::tie(state.forwarding.way, state.forwarding.text, state.forwarding.usage);
    if (way == weir::Forwarding::Way::rewritten) require(forwarded.parse_copy(text).has_value());
    require(usage.empty() || forwarded.parse_copy(usage).has_value());
  }
  weir::AnswerAssembler assembler;
  for (const auto& one : events) (void)assembler.add(one);
  if (const auto whole = assembler.take(request.operation, state)) {
    require(forwarded.parse(dialect.encode(*whole, request)).has_value());
    for (const auto& one : weir::events_of(*whole)) require(one.kind != weir::StreamEvent::Kind::error);
  }
  std::string shown;
  for (const auto& one : events) dialect.encode_event(one, request, state, shown);
  weir::EventFramer again(weir::Framing::sse);
  again.feed(shown);
  while (again.next(event).value_or(false)) {
    require(event.data == "[DONE]" || scratch.parse_copy(event.data).has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  static weir::json::DocumentPool pool;
  const auto& all = weir::providers();
  const auto& provider = *all[data[0] % all.size()];
  weir::Request request;
  request.operation = static_cast<weir::Operation>((data[0] >> 2) % 3);
  request.include_usage = (data[0] & 16) != 0;
  std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] >> 6) {
    case 0: {
      if ((data[0] & 32) != 0) request.dialect = "openai";
      const auto response = weir::decode_answer(provider, request, body, pool);
      weir::json::Document shown;
      if (response && request.dialect == "openai" && provider.info().dialect == "openai")
        require(response->raw.empty() || shown.parse(response->raw).has_value());
      if (response) require(shown.parse(weir::find_dialect("openai")->encode(*response, request)).has_value());
      break;
    }
    case 1:
      stream(provider, request, body);
      break;
    case 2: {
      weir::HttpResponse response{.status = 400 + data[0] % 200, .headers = {}, .body = body};
      response.headers.add("retry-after", body.substr(0, 40));
      const auto error = provider.classify(response);
      require(!error.message.empty() && error.retry_after_ms >= 0);
      weir::json::Document shown;
      require(shown.parse(weir::find_dialect("openai")->encode_error(error)).has_value());
      break;
    }
    default:
      (void)provider.decode_models(body);
      break;
  }
  return 0;
}
