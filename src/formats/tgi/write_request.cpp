#include "formats/shared/translation.h"
#include "formats/tgi/model_face.h"

namespace weir::tgi {
namespace {

constexpr std::size_t most_stops = 4;

// The first thing that cannot be said here; none: "".
Status can_be_said(const Request& request) {
  struct Limit {
    bool hurt;
    std::string_view param;
    std::string_view why;
  };
  const Limit limits[] = {
      {request.operation != Operation::completion, "model", "serves completions only"},
      {request.inputs_are_tokens, "prompt", "takes a text and no token ids"},
      {request.inputs.size() != 1, "prompt", "takes one prompt a request"},
      {request.n != 1, "n", "gives one answer"},
      {!request.suffix.empty(), "suffix", "fills no gaps"},
      {request.logprobs, "logprobs", "gives no log probabilities as OpenAI does"},
      {request.presence_penalty.value_or(0) != 0, "presence_penalty", "has no penalty for presence"},
      {request.stop.size() > most_stops, "stop", "takes at most four stop sequences"},
      {request.best_of > 1 && request.stream, "best_of", "streams no best of several"},
  };
  for (const auto& limit : limits) {
    if (limit.hurt)
      return failure(
          unsupported("Text Generation Inference's own API " + std::string(limit.why) + ".", std::string(limit.param)));
  }
  return {};
}

void write_sampling(json::Writer& writer, const Request& request) {
  if (request.temperature) {
    const bool samples = *request.temperature > 0;
    writer.key("do_sample").boolean(samples);
    if (samples) writer.key("temperature").value(*request.temperature);
  }
  if (request.top_p && *request.top_p > 0 && *request.top_p < 1) writer.key("top_p").value(*request.top_p);
  if (request.top_k && *request.top_k > 0) writer.key("top_k").value(*request.top_k);
  if (request.frequency_penalty) writer.key("frequency_penalty").value(*request.frequency_penalty);
  // Above 0 there: the same seed is the same number all the same.
  if (request.seed) {
    const auto seed = *request.seed & std::numeric_limits<int64_t>::max();
    writer.key("seed").value(std::max<int64_t>(seed, 1));
  }
}

}  // namespace

Result<std::string> write_body(const Request& request) {
  if (auto said = can_be_said(request); !said) return failure(std::move(said.error()));
  std::string out;
  out.reserve(request.text_bytes + 256);
  json::Writer writer(out);
  writer.begin_object().key("inputs").value(request.inputs.front()).key("parameters").begin_object();
  writer.key("details").boolean(true);
  if (request.max_tokens) writer.key("max_new_tokens").value(*request.max_tokens);
  if (request.best_of > 1) writer.key("best_of").value(request.best_of);
  write_sampling(writer, request);
  if (!request.stop.empty()) {
    writer.key("stop").begin_array();
    for (const auto stop : request.stop) writer.value(stop);
    writer.end_array();
  }
  writer.end_object().end_object();
  return out;
}

}  // namespace weir::tgi
