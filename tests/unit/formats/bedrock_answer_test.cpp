// Answers, streams and errors of Bedrock → canonical form.
#include <gtest/gtest.h>

#include <random>

#include "amazon_stream.h"
#include "core/sse.h"
#include "formats/bedrock/model_face.h"
#include "formats/format.h"
#include "formats/shared/assembler.h"

namespace weir {
namespace {

using testing::amazon_error;
using testing::amazon_event;
using testing::amazon_exception;

Result<Response> read(std::string_view body, std::string_view asked_in = "openai") {
  json::DocumentPool pool;
  Request request;
  request.format = asked_in;
  return model_face("bedrock").read(request, std::string(body), pool);
}

// `kind:text` of each part; calls as `call:id:name:arguments`; a seal behind `@`.
std::string told(const std::vector<AnswerPart>& parts) {
  std::string out;
  for (const auto& part : parts) {
    if (!out.empty()) out += " | ";
    if (part.kind == Part::Kind::text) out += "text:" + part.text;
    if (part.kind == Part::Kind::thinking) out += "thought:" + part.text + "@" + part.signature;
    if (part.kind == Part::Kind::tool_call)
      out += "call:" + part.call.id + ":" + part.call.name + ":" + part.call.arguments;
  }
  return out;
}

std::string answer_of(std::string_view content, std::string_view stop = "end_turn") {
  return R"({"output":{"message":{"role":"assistant","content":)" + std::string(content) + R"(}},"stopReason":")" +
         std::string(stop) +
         R"(","usage":{"inputTokens":10,"outputTokens":5,"totalTokens":15},"metrics":{"latencyMs":7},"new":{"x":[1]}})";
}

TEST(bedrock_answer, blocks_become_parts_in_their_order) {
  struct Case {
    std::string_view content, parts;
    FinishReason finish = FinishReason::stop;
  };
  for (
      const auto& [content, parts, finish] : {
          Case{R"([{"text":"hi"}])", "text:hi"},
          Case{R"([])", ""},
          Case{R"([{"text":"a"},{"text":""},{"text":"b"}])", "text:ab"},
          Case{R"([{"reasoningContent":{"reasoningText":{"text":"hm","signature":"s1"}}},{"text":"so"},
                   {"toolUse":{"toolUseId":"t1","name":"f","input":{"x":[1, 2]}}},{"toolUse":{"toolUseId":"t2","name":"g"}}])",
               "thought:hm@weir.bedrock.s1 | text:so | call:t1:f:{\"x\":[1,2]} | call:t2:g:{}",
               FinishReason::tool_calls},
          Case{
              R"([{"reasoningContent":{"redactedContent":"QUJD"}},{"reasoningContent":{"reasoningText":{"text":"","signature":"s"}}},
                   {"reasoningContent":{"reasoningText":{"text":"plain"}}}])",
              "thought:@weir.bedrock.redacted.QUJD | thought:@weir.bedrock.s | thought:plain@"},
          Case{R"([{"citationsContent":{"content":[{"text":"from "},{"text":"there"}],"citations":[{"title":"t"}]}}])",
               "text:from there"},
          Case{R"([{"toolUse":{"toolUseId":"t1","name":"search","input":{},"type":"server_tool_use"}},{"text":"a"}])",
               "text:a"},
          Case{R"([{"text":"a"},{"novelty":{"x":1}},{"cachePoint":{"type":"default"}},{"more":3}])", "text:a"},
      }) {
    const auto response = read(answer_of(content));
    ASSERT_TRUE(response.has_value()) << content;
    EXPECT_EQ(told(response->choices.at(0).parts), parts) << content;
    EXPECT_EQ(response->choices[0].finish, finish) << content;
    EXPECT_EQ(response->raw, "") << "no client speaks this format";
  }
  EXPECT_TRUE(read(answer_of(R"([{"image":{"format":"png","source":{"bytes":"QQ=="}}}])"))->choices[0].has_other);
}

TEST(bedrock_answer, says_why_it_ended) {
  for (const auto& [reason, finish] : std::initializer_list<std::pair<std::string_view, FinishReason>>{
           {"end_turn", FinishReason::stop},
           {"stop_sequence", FinishReason::stop},
           {"max_tokens", FinishReason::length},
           {"model_context_window_exceeded", FinishReason::length},
           {"tool_use", FinishReason::tool_calls},
           {"guardrail_intervened", FinishReason::content_filter},
           {"content_filtered", FinishReason::content_filter},
           {"something_new", FinishReason::stop},
       }) {
    EXPECT_EQ(read(answer_of(R"([{"text":"a"}])", reason))->choices[0].finish, finish) << reason;
  }
  for (const std::string_view reason : {"malformed_model_output", "malformed_tool_use"}) {
    const auto response = read(answer_of(R"([{"text":"a"}])", reason));
    ASSERT_FALSE(response) << reason;
    EXPECT_EQ(response.error().code, ErrorCode::upstream_malformed);
    EXPECT_EQ(response.error().provider_code, reason);
  }
}

TEST(bedrock_answer, tokens_of_caches_are_part_of_the_input) {
  const auto usage = [](std::string_view text) {
    const auto body =
        R"({"output":{"message":{"role":"assistant","content":[{"text":"a"}]}},"stopReason":"end_turn","usage":)" +
        std::string(text) + R"(,"serviceTier":{"type":"flex"}})";
    const auto response = read(body);
    EXPECT_TRUE(response.has_value());
    return response ? response->usage : Usage{};
  };
  EXPECT_EQ(
      usage(
          R"({"inputTokens":10,"outputTokens":5,"totalTokens":115,"cacheReadInputTokens":60,"cacheWriteInputTokens":40,
                      "cacheDetails":[{"ttl":"1h","inputTokens":30},{"ttl":"5m","inputTokens":10}]})"),
      (Usage{.input = 110,
             .cached = 60,
             .written = 40,
             .written_long = 30,
             .output = 5,
             .tier = ServiceTier::flex,
             .known = true}));
  EXPECT_EQ(usage(R"({"inputTokens":10,"outputTokens":5})"),
            (Usage{.input = 10, .output = 5, .tier = ServiceTier::flex, .known = true}));
  EXPECT_TRUE(usage(R"({"inputTokens":-1,"outputTokens":"x"})").implausible);
  EXPECT_EQ(
      usage(R"({"inputTokens":9223372036854775807,"cacheReadInputTokens":9223372036854775807,"outputTokens":1e30})")
          .input,
      std::numeric_limits<int64_t>::max());
}

TEST(bedrock_answer, what_is_no_answer_is_an_error) {
  struct Case {
    std::string_view body;
    ErrorCode code;
  };
  for (const auto& [body, code] : {
           Case{"", ErrorCode::upstream_malformed},
           Case{"[]", ErrorCode::upstream_malformed},
           Case{"{}", ErrorCode::upstream_malformed},
           Case{R"({"output":{"message":{"content":"text"}}})", ErrorCode::upstream_malformed},
           Case{R"({"output":{"message":{"content":["text"]}}})", ErrorCode::upstream_malformed},
           Case{R"({"output":{"message":{"content":[{"text":7}]}}})", ErrorCode::upstream_malformed},
           Case{R"({"output":{"message":{"content":[{"toolUse":{}}]}}})", ErrorCode::upstream_malformed},
           Case{R"({"output":7})", ErrorCode::upstream_malformed},
           Case{R"({"Message":"Too many requests: rate limit"})", ErrorCode::upstream_rate_limited},
           Case{R"({"__type":"com.amazon#ThrottlingException","message":"slow"})", ErrorCode::upstream_rate_limited},
       }) {
    const auto response = read(body);
    ASSERT_FALSE(response) << body;
    EXPECT_EQ(response.error().code, code) << body << ": " << response.error().message;
  }
}

// ---- streams

struct Streamed {
  std::vector<std::string> events;
  Usage usage;
  FinishReason finish = FinishReason::none;
  int bad = 0;
  bool operator==(const Streamed&) const = default;
};

std::string told(const StreamEvent& event) {
  using Kind = StreamEvent::Kind;
  switch (event.kind) {
    case Kind::lifecycle:
      return "begin";
    case Kind::text:
      return "text:" + event.text;
    case Kind::reasoning:
      return "thought:" + event.text;
    case Kind::signature:
      return "seal:" + event.text;
    case Kind::refusal:
      return "refusal";
    case Kind::tool_call:
      return "call " + std::to_string(event.tool_index) + ":" + event.tool.id + ":" + event.tool.name + ":" +
             event.tool.arguments;
    case Kind::other:
      return "other";
    case Kind::finish:
      return "finish:" + std::string(to_string(event.finish));
    case Kind::usage:
      return "usage:" + std::to_string(event.usage.input) + "+" + std::to_string(event.usage.output);
    case Kind::error:
      return "error:" + std::string(to_string(event.error.code)) + ":" + event.error.message;
    case Kind::done:
      return "done";
  }
  return "?";
}

Streamed stream(const std::vector<std::string>& chunks, std::string_view asked_in = "openai") {
  Request request;
  request.format = asked_in;
  const auto reader = model_face("bedrock").stream(request);
  EventFramer framer(find_format("bedrock")->framing);
  json::Document scratch;
  std::vector<StreamEvent> events;
  Streamed out;
  FramedEvent framed;
  for (const auto& chunk : chunks) {
    framer.feed(chunk);
    while (framer.next(framed).value_or(false)) {
      if (!reader->read(framed, scratch, events)) ++out.bad;
    }
  }
  for (const auto& event : events) out.events.push_back(told(event));
  out.usage = reader->state().usage;
  out.finish = reader->state().finish;
  return out;
}

std::string delta(int block, std::string_view what) {
  return amazon_event("contentBlockDelta", R"({"contentBlockIndex":)" + std::to_string(block) + R"(,"delta":)" +
                                               std::string(what) + R"(,"p":"abcdef"})");
}
std::string stop(int block) {
  return amazon_event("contentBlockStop", R"({"contentBlockIndex":)" + std::to_string(block) + "}");
}
std::string tool_start(int block, std::string_view id, std::string_view name) {
  return amazon_event("contentBlockStart", R"({"contentBlockIndex":)" + std::to_string(block) +
                                               R"(,"start":{"toolUse":{"toolUseId":")" + std::string(id) +
                                               R"(","name":")" + std::string(name) + R"("}}})");
}
std::string message_stop(std::string_view reason) {
  return amazon_event("messageStop", R"({"stopReason":")" + std::string(reason) + R"("})");
}
const std::string begin = amazon_event("messageStart", R"({"role":"assistant"})");
const std::string metadata =
    amazon_event("metadata", R"({"usage":{"inputTokens":10,"outputTokens":5,"totalTokens":15,"cacheReadInputTokens":3},
                               "metrics":{"latencyMs":9}})");

const std::string everything =
    begin + delta(0, R"({"reasoningContent":{"text":"h"}})") + delta(0, R"({"reasoningContent":{"text":"m"}})") +
    delta(0, R"({"reasoningContent":{"signature":"s1"}})") + stop(0) +
    delta(1, R"({"reasoningContent":{"redactedContent":"QUJD"}})") + stop(1) + delta(2, R"({"text":"Grüß "})") +
    delta(2, R"({"text":""})") + delta(2, R"({"text":"dich"})") + stop(2) + tool_start(3, "t1", "f") +
    delta(3, R"({"toolUse":{"input":""}})") + delta(3, R"({"toolUse":{"input":"{\"x\""}})") +
    delta(3, R"({"toolUse":{"input":":1}"}})") + stop(3) + tool_start(4, "t2", "g") + stop(4) +
    delta(5, R"({"citation":{"title":"t"}})") + amazon_event("novelty", R"({"a":1})") + amazon_event("empty", "") +
    message_stop("tool_use") + metadata;

TEST(bedrock_stream, events_are_read_in_their_order) {
  const auto read = stream({everything});
  EXPECT_EQ(read.events, (std::vector<std::string>{"begin", "thought:h", "thought:m", "seal:weir.bedrock.s1",
                                                   "seal:weir.bedrock.redacted.QUJD", "text:Grüß ", "text:dich",
                                                   "call 0:t1:f:", "call 0:::{\"x\"", "call 0::::1}", "call 1:t2:g:",
                                                   "call 1:::{}", "finish:tool_calls", "usage:13+5", "done"}));
  EXPECT_EQ(read.usage, (Usage{.input = 13, .cached = 3, .output = 5, .known = true}));
  EXPECT_EQ(read.finish, FinishReason::tool_calls);
  EXPECT_EQ(read.bad, 0);
}

TEST(bedrock_stream, every_cut_gives_the_same_events) {
  const auto whole = stream({everything});
  for (std::size_t cut = 0; cut <= everything.size(); ++cut) {
    ASSERT_EQ(stream({everything.substr(0, cut), everything.substr(cut)}), whole) << cut;
  }
  std::vector<std::string> single;
  for (const char c : everything) single.emplace_back(1, c);
  EXPECT_EQ(stream(single), whole);
}

TEST(bedrock_stream, a_model_that_calls_and_says_that_it_ended_has_called) {
  const auto read = stream({begin + tool_start(0, "t", "f") + stop(0) + message_stop("end_turn")});
  EXPECT_EQ(read.events.back(), "finish:tool_calls");
}

TEST(bedrock_stream, seals_are_marked_for_clients_of_other_formats_only) {
  const auto sealed = begin + delta(0, R"({"reasoningContent":{"signature":"s1"}})");
  EXPECT_EQ(stream({sealed}, "anthropic").events.back(), "seal:weir.bedrock.s1");
  EXPECT_EQ(stream({sealed}, "bedrock").events.back(), "seal:s1");
}

TEST(bedrock_stream, what_goes_wrong_inside_is_an_error_of_its_kind) {
  struct Case {
    std::string_view type, payload;
    ErrorCode code;
    std::string_view message;
  };
  for (const auto& [type, payload, code, message] : {
           Case{"throttlingException", R"({"message":"Too many tokens"})", ErrorCode::upstream_rate_limited,
                "Too many tokens"},
           Case{"modelStreamErrorException", R"({"message":"m","originalStatusCode":500,"originalMessage":"o"})",
                ErrorCode::upstream_server_error, "m (o)"},
           Case{"modelStreamErrorException", R"({"originalStatusCode":429,"originalMessage":"slow down"})",
                ErrorCode::upstream_rate_limited, "slow down"},
           Case{"modelStreamErrorException", R"({"message":"The model cannot process"})",
                ErrorCode::upstream_server_error, "The model cannot process"},
           Case{"internalServerException", R"({"message":"Unexpected"})", ErrorCode::upstream_server_error,
                "Unexpected"},
           Case{"serviceUnavailableException", R"({"message":"Busy"})", ErrorCode::upstream_server_error, "Busy"},
           Case{"validationException", R"({"message":"Malformed input"})", ErrorCode::upstream_rejected,
                "Malformed input"},
           Case{"validationException", R"({"message":"Input is too long for requested model."})",
                ErrorCode::context_overflow, "Input is too long for requested model."},
           Case{"modelTimeoutException", R"({"message":"Too slow"})", ErrorCode::upstream_timeout, "Too slow"},
           Case{"novelException", R"({"message":"Rate limit"})", ErrorCode::upstream_rate_limited, "Rate limit"},
           Case{"novelException", "", ErrorCode::upstream_server_error, "NovelException"},
           Case{"novelException", "no JSON", ErrorCode::upstream_server_error, "no JSON"},
           Case{"novelException", "[7]", ErrorCode::upstream_server_error, "[7]"},
           Case{"", "{}", ErrorCode::upstream_server_error, "The provider reported an error without saying which."},
       }) {
    const auto read = stream({begin + amazon_exception(type, payload)});
    ASSERT_EQ(read.events.size(), 2U);
    const auto expected = "error:" + std::string(to_string(code)) + ":" + std::string(message);
    EXPECT_TRUE(read.events[1].starts_with(expected)) << type << payload << read.events[1];
  }
  EXPECT_EQ(stream({begin + amazon_error("InternalError", "It broke.")}).events.back(),
            "error:upstream_server_error:It broke.");
  EXPECT_EQ(stream({begin + amazon_error("ThrottlingException", "")}).events.back(),
            "error:upstream_rate_limited:ThrottlingException");
  EXPECT_TRUE(
      stream({begin + message_stop("malformed_tool_use")}).events.back().starts_with("error:upstream_malformed:"));
}

TEST(bedrock_stream, hostile_events_are_skipped_and_counted) {
  const std::vector<std::pair<std::string_view, std::string_view>> hostile{
      {"contentBlockDelta", "{"},
      {"contentBlockDelta", "[]"},
      {"contentBlockDelta", "null"},
      {"contentBlockDelta", "{}"},
      {"contentBlockDelta", R"({"delta":7})"},
      {"contentBlockStart", "{}"},
      {"contentBlockStart", R"({"start":[],"contentBlockIndex":0})"},
      {"contentBlockStart", R"({"start":{"toolUse":{}},"contentBlockIndex":0})"},
      {"contentBlockStart", R"({"start":{"toolUse":{"name":7}},"contentBlockIndex":0})"},
      {"messageStop", "\xff"},
      {"metadata", "{\"usage\":}"},
  };
  for (const auto& [name, payload] : hostile) {
    const auto read = stream({begin + amazon_event(name, payload) + delta(0, R"({"text":"a"})")});
    EXPECT_EQ(read.bad, 1) << name << payload;
    EXPECT_EQ(read.events.back(), "text:a") << name << payload;
  }
  // Of a wrong type, but in its place: nothing is said, and nothing breaks.
  for (const auto& event :
       {delta(0, R"({"text":7})"), delta(7, R"({"toolUse":{"input":"x"}})"), delta(0, R"({"toolUse":[]})"),
        delta(0, R"({"reasoningContent":{"text":[],"signature":{}}})"), stop(9),
        amazon_event("contentBlockStop", R"({"contentBlockIndex":"x"})"), amazon_event("messageStart", "{}")}) {
    EXPECT_EQ(stream({begin + event + message_stop("end_turn")}).events.back(), "finish:stop");
  }
  EXPECT_EQ(stream({begin + tool_start(0, "a", "f") + tool_start(0, "b", "f")}).bad, 1) << "a block begins once";
  EXPECT_EQ(stream({begin + amazon_event("metadata", R"({"usage":[],"serviceTier":7})")}).events.back(), "done");
}

// Bytes of a good stream, each changed in turn: the checksums find it, and nothing after it counts.
TEST(bedrock_stream, changed_bytes_add_nothing) {
  const auto whole = stream({everything}).events;
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    auto bad = everything;
    const auto at = random() % bad.size();
    bad[at] = static_cast<char>(bad[at] ^ (1 + random() % 255));
    const auto read = stream({bad}).events;
    ASSERT_LT(read.size(), whole.size());
    EXPECT_TRUE(std::equal(read.begin(), read.end(), whole.begin()));
  }
}

// A whole answer and the same as a stream say the same.
TEST(bedrock_stream, assembles_to_what_the_whole_answer_says) {
  Request request;
  request.format = "openai";
  const auto reader = model_face("bedrock").stream(request);
  EventFramer framer(Framing::amazon);
  framer.feed(everything);
  json::Document scratch;
  AnswerAssembler assembler;
  FramedEvent framed;
  std::vector<StreamEvent> events;
  while (framer.next(framed).value_or(false)) ASSERT_TRUE(reader->read(framed, scratch, events));
  for (auto& event : events) ASSERT_TRUE(assembler.add(std::move(event)));
  const auto streamed = assembler.take(Operation::chat, reader->state());
  ASSERT_TRUE(streamed.has_value());
  const auto whole = read(answer_of(R"([{"reasoningContent":{"reasoningText":{"text":"hm","signature":"s1"}}},
    {"reasoningContent":{"redactedContent":"QUJD"}},{"text":"Grüß dich"},{"toolUse":{"toolUseId":"t1","name":"f","input":{"x":1}}},
    {"toolUse":{"toolUseId":"t2","name":"g","input":{}}}])",
                                    "tool_use"));
  EXPECT_EQ(told(streamed->choices.at(0).parts), told(whole->choices.at(0).parts));
  EXPECT_EQ(streamed->choices[0].finish, whole->choices[0].finish);
}

// ---- errors

TEST(bedrock_errors, types_stand_in_a_header) {
  struct Case {
    int status;
    std::string_view type, body;
    ErrorCode code;
    std::string_view message;
  };
  for (
      const auto& [status, type, body, code, message] : {
          Case{429, "ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/",
               R"({"message":"Too many tokens, please wait before trying again."})", ErrorCode::upstream_rate_limited,
               "Too many tokens, please wait before trying again."},
          Case{429, "ModelNotReadyException", R"({"message":"Model is not ready for inference."})",
               ErrorCode::upstream_rate_limited, "Model is not ready for inference."},
          Case{400, "ServiceQuotaExceededException", R"({"message":"Your request exceeds the service quota."})",
               ErrorCode::upstream_rate_limited, "Your request exceeds the service quota."},
          Case{400, "ValidationException", R"({"message":"The model returned the following errors: bad field"})",
               ErrorCode::upstream_rejected, "The model returned the following errors: bad field"},
          Case{400, "ValidationException", R"({"message":"Input is too long for requested model."})",
               ErrorCode::context_overflow, "Input is too long for requested model."},
          Case{400, "ValidationException", R"({"message":"The provided model identifier is invalid."})",
               ErrorCode::upstream_no_model, "The provided model identifier is invalid."},
          Case{
              400, "ValidationException",
              R"({"message":"Invocation of model ID x with on-demand throughput isn't supported. Retry your request with the ID or ARN of an inference profile that contains this model."})",
              ErrorCode::upstream_no_model, "Invocation of model ID x"},
          Case{400, "ValidationException", R"({"message":"This model doesn't support tool use in streaming mode."})",
               ErrorCode::unsupported, "This model doesn't support"},
          Case{
              400, "ValidationException",
              R"({"message":"This action doesn't support the model that you provided. Try again with a supported text or chat model."})",
              ErrorCode::unsupported, "This action doesn't support the model"},
          Case{403, "AccessDeniedException",
               R"({"message":"You don't have access to the model with the specified model ID."})",
               ErrorCode::upstream_auth, "The provider refused Weir's credential"},
          Case{403, "UnrecognizedClientException",
               R"({"message":"The security token included in the request is invalid."})", ErrorCode::upstream_auth,
               "The provider refused Weir's credential"},
          Case{403, "InvalidSignatureException",
               R"({"message":"Signature expired: 20260101T000000Z is now earlier than"})", ErrorCode::upstream_auth,
               "The provider refused Weir's credential"},
          Case{404, "ResourceNotFoundException", R"({"message":"This model version has reached the end of its life."})",
               ErrorCode::upstream_no_model, "This model version"},
          Case{408, "ModelTimeoutException", R"({"message":"The model took too long"})", ErrorCode::upstream_timeout,
               "The model took too long"},
          Case{424, "ModelErrorException", R"({"message":"failed","originalStatusCode":500,"resourceName":"r"})",
               ErrorCode::upstream_server_error, "failed"},
          Case{500, "InternalServerException", R"({"message":"Unexpected"})", ErrorCode::upstream_server_error,
               "Unexpected"},
          Case{503, "ServiceUnavailableException", R"({"message":"Too many connections"})",
               ErrorCode::upstream_server_error, "Too many connections"},
          Case{403, "", R"({"Message":"Missing Authentication Token"})", ErrorCode::upstream_auth,
               "The provider refused Weir's credential"},
          Case{429, "", R"({"__type":"com.amazon.coral.availability#ThrottlingException","message":"Rate exceeded"})",
               ErrorCode::upstream_rate_limited, "Rate exceeded"},
          Case{429, "ThrottlingException", "", ErrorCode::upstream_rate_limited, "ThrottlingException"},
          Case{502, "", "<html><body>Bad Gateway</body></html>", ErrorCode::upstream_server_error,
               "The provider answered with HTML"},
          Case{500, "", "", ErrorCode::upstream_server_error, "The provider answered HTTP 500"},
          Case{400, "", R"({"reason":"odd"})", ErrorCode::upstream_rejected, "The provider answered HTTP 400"},
      }) {
    HttpResponse response{.status = status, .body = std::string(body)};
    if (!type.empty()) response.headers.add("x-amzn-ErrorType", std::string(type));
    response.headers.add("Retry-After", "3");
    const auto error = model_face("bedrock").classify(response);
    EXPECT_EQ(to_string(error.code), to_string(code)) << type << body;
    EXPECT_TRUE(error.message.starts_with(message)) << error.message;
    EXPECT_EQ(error.retry_after_ms, 3'000) << body;
    EXPECT_TRUE(type.empty() || error.provider_code == type.substr(0, type.find(':'))) << error.provider_code;
  }
}

TEST(bedrock, has_no_list_of_models) {
  EXPECT_EQ(model_face("bedrock").list_models({}).path, "");
  EXPECT_FALSE(model_face("bedrock").read_models("{}"));
}

}  // namespace
}  // namespace weir
