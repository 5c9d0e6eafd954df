// Vendors that copy OpenAI's format and do some things otherwise: what each is sent, whether the request came in this
// format, as bytes, or was translated.
#include <gtest/gtest.h>

#include "formats/format.h"
#include "formats/openai/model_face.h"
#include "formats/openai/vendor_body.h"
#include "formats/presets.h"

namespace weir {
namespace {

std::string minified(std::string_view text) {
  json::Document document;
  EXPECT_TRUE(document.parse_copy(text)) << text;
  return document.root().is_object() ? simdjson::minify(document.root()) : std::string(text);
}

enum class Lane : uint8_t { bytes, translated };

Result<HttpRequest> written(std::string_view kind, std::string_view rest, Lane lane,
                            Operation operation = Operation::chat, std::string_view url = {}) {
  static json::DocumentPool pool;
  auto body = std::string(R"({"model":"m",)").append(rest).append("}");
  auto request = client_face("openai").read({.operation = operation, .body = std::move(body)}, pool);
  EXPECT_TRUE(request.has_value()) << rest;
  if (!request) return failure(request.error());
  if (lane == Lane::translated) request->format = "elsewhere";
  const auto& preset = *find_preset(kind);
  ProviderSettings provider{.id = "p", .kind = std::string(kind), .quirks = preset.quirks};
  EXPECT_TRUE(parse_url(url.empty() ? preset.url : url, provider.url));
  const ModelSettings model{.name = "m"};
  return model_face("openai").write(*request, {.provider = provider, .model = model}, "");
}

// The body without its model, or what was refused.
std::string sent(std::string_view kind, std::string_view rest, Lane lane, Operation operation = Operation::chat) {
  const auto http = written(kind, rest, lane, operation);
  if (!http) return std::string(to_string(http.error().code)) + " " + http.error().param;
  return minified(http->body);
}

std::string whole(std::string_view rest) { return minified(std::string(R"({"model":"m",)").append(rest).append("}")); }

struct Case {
  std::string_view what, asked, bytes;
  std::string_view translated = {};  // "" = as `bytes`
};

void expect_all(std::string_view kind, std::span<const Case> cases) {
  for (const auto& one : cases) {
    const auto expect = [&](std::string_view expected, Lane lane) {
      const bool refused = expected.starts_with("unsupported");
      EXPECT_EQ(sent(kind, one.asked, lane), refused ? std::string(expected) : whole(expected)) << one.what;
    };
    expect(one.bytes, Lane::bytes);
    expect(one.translated.empty() ? one.bytes : one.translated, Lane::translated);
  }
}

constexpr std::string_view hi = R"("messages":[{"role":"user","content":"hi"}])";

TEST(mistral, only_its_own_fields_are_sent) {
  constexpr std::array cases{
      Case{"a seed", R"("messages":[{"role":"user","content":"hi"}],"seed":7)",
           R"("messages":[{"role":"user","content":"hi"}],"random_seed":7)"},
      Case{"a seed that it cannot take", R"("messages":[{"role":"user","content":"hi"}],"seed":-7)",
           R"("messages":[{"role":"user","content":"hi"}])"},
      Case{
          "hints that it refuses",
          R"("user":"u","store":true,"safety_identifier":"s","verbosity":"low","messages":[{"role":"user","content":"hi"}],
              "logit_bias":{},"logprobs":false,"top_logprobs":null,"service_tier":"flex")",
          R"("messages":[{"role":"user","content":"hi"}])"},
      Case{"an escaped name of one", "\"us\\u0065r\":\"u\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]",
           R"("messages":[{"role":"user","content":"hi"}])"},
      Case{"a limit under its new name", R"("messages":[{"role":"user","content":"hi"}],"max_completion_tokens":5)",
           R"("messages":[{"role":"user","content":"hi"}],"max_tokens":5)"},
      Case{"a stream",
           R"("messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true})",
           R"("messages":[{"role":"user","content":"hi"}],"stream":true)"},
      Case{"an effort that it does not know", R"("messages":[{"role":"user","content":"hi"}],"reasoning_effort":"max")",
           R"("messages":[{"role":"user","content":"hi"}],"reasoning_effort":"xhigh")"},
      Case{"probabilities", R"("messages":[{"role":"user","content":"hi"}],"logprobs":true)", "unsupported logprobs"},
  };
  expect_all("mistral", cases);
  EXPECT_EQ(sent("mistral", std::string(hi) + R"(,"logit_bias":{"5":1})", Lane::bytes), "unsupported logit_bias");
  EXPECT_EQ(sent("mistral", std::string(hi) + R"(,"modalities":["text","audio"],"audio":{"voice":"x"})", Lane::bytes),
            "unsupported modalities");
  EXPECT_EQ(sent("mistral", std::string(hi) + R"(,"modalities":["text"])", Lane::bytes), whole(hi));
}

// A client of OpenAI's format may well be one of Mistral's.
TEST(mistral, its_own_words_pass) {
  const auto own =
      std::string(hi) +
      R"(,"safe_prompt":true,"prompt_mode":"reasoning","random_seed":3,"metadata":{"a":"b"},"prompt_cache_key":"k",
                      "guardrails":[],"service_tier":"standard_only","prediction":{"type":"content","content":"x"},"novelty":1)";
  EXPECT_EQ(sent("mistral", own, Lane::bytes), whole(own));
}

TEST(mistral, messages_hold_what_its_messages_have) {
  constexpr std::array cases{
      Case{"names of speakers, and a role",
           R"("messages":[{"role":"developer","content":"s","name":"n"},{"role":"user","content":"hi","name":"bob"}])",
           R"("messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"}])"},
      Case{
          "what answers carry beside their text",
          R"("messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"a","refusal":null,"annotations":[],
              "audio":null,"function_call":null,"reasoning_content":"hm"},{"role":"user","content":"b"}])",
          R"("messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"a"},{"role":"user","content":"b"}])"},
      Case{
          "a refusal",
          R"("messages":[{"role":"user","content":"hi"},{"role":"assistant","content":[{"type":"refusal","refusal":"no \"way\""}]}])",
          R"("messages":[{"role":"user","content":"hi"},{"role":"assistant","content":[{"type":"text","text":"no \"way\""}]}])"},
      Case{
          "pictures and sound",
          R"("messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,QQ==","detail":"low"}},
              {"type":"input_audio","input_audio":{"data":"QQ==","format":"wav"}}]}])",
          R"("messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,QQ==","detail":"low"}},
              {"type":"input_audio","input_audio":"QQ=="}]}])"},
      Case{
          "a document",
          R"("messages":[{"role":"user","content":[{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,QQ=="}}]}])",
          R"("messages":[{"role":"user","content":[{"type":"document_url","document_url":"data:application/pdf;base64,QQ==","document_name":"a.pdf"}]}])"},
      Case{"a tool without parameters",
           R"("messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"f"}}])",
           R"("messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"f",
              "parameters":{"type":"object","properties":{}}}}])"},
  };
  expect_all("mistral", cases);
  EXPECT_EQ(sent("mistral", R"("messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"x"}}]}])",
                 Lane::bytes),
            "unsupported messages[0].content[0]");
  EXPECT_EQ(sent("mistral",
                 R"("messages":[{"role":"user","content":"a"},{"role":"assistant","audio":{"id":"x"},"content":"b"}])",
                 Lane::bytes),
            "unsupported messages[1].audio");
}

TEST(mistral, ids_of_calls_are_nine_letters_and_digits) {
  constexpr std::string_view asked =
      R"("messages":[{"role":"user","content":"hi"},{"role":"assistant","content":null,"tool_calls":[
        {"id":"call_abc","type":"function","function":{"name":"f","arguments":"{}"}},
        {"id":"abcDEF123","type":"function","function":{"name":"g","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"call_abc","content":"1"},{"role":"tool","tool_call_id":"abcDEF123","content":"2"}])";
  std::string made;
  for (const auto lane : {Lane::bytes, Lane::translated}) {
    const auto body = sent("mistral", asked, lane);
    json::Document document;
    ASSERT_TRUE(document.parse_copy(body));
    const auto at = [&](std::string_view pointer) {
      std::string_view text;
      EXPECT_EQ(document.root().at_pointer(pointer).get(text), simdjson::SUCCESS) << body;
      return std::string(text);
    };
    const auto id = at("/messages/1/tool_calls/0/id");
    EXPECT_EQ(id.size(), 9U);
    EXPECT_EQ(id.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
              std::string::npos);
    EXPECT_EQ(at("/messages/2/tool_call_id"), id);
    EXPECT_EQ(at("/messages/1/tool_calls/1/id"), "abcDEF123");
    EXPECT_EQ(at("/messages/3/tool_call_id"), "abcDEF123");
    EXPECT_EQ(at("/messages/1/tool_calls/0/function/arguments"), "{}");
    EXPECT_TRUE(made.empty() || made == id) << "the same on both ways";
    made = id;
  }
}

// From a format without ids the results come under the deprecated role, with the tool's name.
TEST(mistral, results_without_an_id_find_their_calls) {
  json::DocumentPool pool;
  auto request = client_face("openai").read(
      {.operation = Operation::chat, .body = R"({"model":"m","messages":[{"role":"user","content":"hi"}]})"}, pool);
  ASSERT_TRUE(request);
  request->format = "elsewhere";
  request->messages.push_back(
      {.role = Role::assistant, .parts = {Part{.kind = Part::Kind::tool_call, .text = "{}", .name = "f"}}});
  request->messages.push_back({.role = Role::tool, .parts = {Part{.text = "1"}}, .name = "f"});
  const ProviderSettings provider{.url = {.host = "h"}, .quirks = find_preset("mistral")->quirks};
  const ModelSettings model{.name = "m"};
  const auto http = model_face("openai").write(*request, {.provider = provider, .model = model}, "");
  ASSERT_TRUE(http);
  json::Document document;
  ASSERT_TRUE(document.parse_copy(http->body));
  std::string_view call;
  std::string_view result;
  std::string_view role;
  ASSERT_EQ(document.root().at_pointer("/messages/1/tool_calls/0/id").get(call), simdjson::SUCCESS) << http->body;
  ASSERT_EQ(document.root().at_pointer("/messages/2/tool_call_id").get(result), simdjson::SUCCESS) << http->body;
  ASSERT_EQ(document.root().at_pointer("/messages/2/role").get(role), simdjson::SUCCESS);
  EXPECT_EQ(call, result);
  EXPECT_EQ(call.size(), 9U);
  EXPECT_EQ(role, "tool");
}

TEST(mistral, other_operations) {
  EXPECT_EQ(sent("mistral", R"("input":"a","dimensions":8,"user":"u")", Lane::bytes, Operation::embedding),
            whole(R"("input":"a","output_dimension":8)"));
  EXPECT_EQ(sent("mistral", R"("input":"a","dimensions":8)", Lane::translated, Operation::embedding),
            whole(R"("input":"a","output_dimension":8)"));
  EXPECT_EQ(sent("mistral", R"("prompt":"a")", Lane::bytes, Operation::completion), "unsupported prompt");
}

TEST(groq, what_it_refuses_is_not_sent) {
  constexpr std::array cases{
      Case{"names of speakers", R"("messages":[{"role":"user","content":"hi","name":"bob"}])",
           R"("messages":[{"role":"user","content":"hi"}])"},
      Case{"one answer", R"("messages":[{"role":"user","content":"hi"}],"n":1)",
           R"("messages":[{"role":"user","content":"hi"}])"},
      Case{"several answers", R"("messages":[{"role":"user","content":"hi"}],"n":2)", "unsupported n"},
      Case{"probabilities", R"("messages":[{"role":"user","content":"hi"}],"logprobs":true)", "unsupported logprobs"},
  };
  expect_all("groq", cases);
  const auto own = std::string(hi) + R"(,"user":"u","service_tier":"flex","seed":4)";
  EXPECT_EQ(sent("groq", own, Lane::bytes), whole(own));
}

TEST(together, stops_are_lists_and_probabilities_numbers) {
  constexpr std::array cases{
      Case{"one stop", R"("messages":[{"role":"user","content":"hi"}],"stop":"a")",
           R"("messages":[{"role":"user","content":"hi"}],"stop":["a"])"},
      Case{"probabilities", R"("messages":[{"role":"user","content":"hi"}],"logprobs":true)",
           R"("messages":[{"role":"user","content":"hi"}],"logprobs":1)"},
      Case{"and alternatives", R"("messages":[{"role":"user","content":"hi"}],"logprobs":true,"top_logprobs":3)",
           R"("messages":[{"role":"user","content":"hi"}],"logprobs":3)"},
      Case{"the other way round", R"("messages":[{"role":"user","content":"hi"}],"top_logprobs":3,"logprobs":true)",
           R"("messages":[{"role":"user","content":"hi"}],"logprobs":3)"},
      Case{"none", R"("messages":[{"role":"user","content":"hi"}],"logprobs":false,"top_logprobs":null)",
           R"("messages":[{"role":"user","content":"hi"}])"},
      Case{"texts in pieces, where it takes one",
           R"("messages":[{"role":"system","content":[{"type":"text","text":"a"},{"type":"text","text":"\u00fc"}]},
              {"role":"user","content":[{"type":"text","text":"hi"}]}])",
           R"("messages":[{"role":"system","content":"aü"},{"role":"user","content":[{"type":"text","text":"hi"}]}])",
           R"("messages":[{"role":"system","content":"aü"},{"role":"user","content":"hi"}])"},
      Case{"calls are numbered",
           R"("messages":[{"role":"user","content":"hi"},{"role":"assistant","content":null,"tool_calls":[
              {"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"1"}])",
           R"("messages":[{"role":"user","content":"hi"},{"role":"assistant","content":null,"tool_calls":[
              {"id":"c","type":"function","function":{"name":"f","arguments":"{}"},"index":0}]},{"role":"tool","tool_call_id":"c","content":"1"}])",
           R"("messages":[{"role":"user","content":"hi"},{"role":"assistant","content":null,"tool_calls":[
              {"id":"c","type":"function","function":{"name":"f","arguments":"{}"},"index":0}]},{"role":"tool","content":"1","tool_call_id":"c"}])"},
  };
  expect_all("together", cases);
  const auto own = std::string(hi) +
                   R"(,"logprobs":5,"repetition_penalty":1.1,"context_length_exceeded_behavior":"error","stop":["x"])";
  json::DocumentPool pool;
  EXPECT_EQ(minified(*openai_provider::vendor_body(std::string("{") + own + "}", find_preset("together")->quirks,
                                                   Operation::chat)),
            minified("{" + own + "}"))
      << "as its own clients say it";
}

TEST(tgi, a_schema_is_the_value_of_the_format) {
  constexpr std::array cases{
      Case{
          "a schema",
          R"("messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"string"}}})",
          R"("messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json","value":{"type":"string"}})"},
      Case{
          "any object", R"("messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json_object"})",
          R"("messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json","value":{"type":"object"}})"},
      Case{"text", R"("messages":[{"role":"user","content":"hi"}],"response_format":{"type":"text"})",
           R"("messages":[{"role":"user","content":"hi"}])"},
      Case{"one stop", R"("messages":[{"role":"user","content":"hi"}],"stop":"a")",
           R"("messages":[{"role":"user","content":"hi"}],"stop":["a"])"},
      Case{"several answers", R"("messages":[{"role":"user","content":"hi"}],"n":2)", "unsupported n"},
  };
  expect_all("tgi", cases);
  for (const std::string_view own :
       {R"({"type":"regex","value":"a+"})", R"({"type":"json","value":{"type":"object"}})",
        R"({"type":"json_schema","value":{"name":"n","schema":{}}})", R"({"type":"json_object","value":{}})"}) {
    const auto body = R"({"messages":[],"response_format":)" + std::string(own) + "}";
    EXPECT_EQ(*openai_provider::vendor_body(body, find_preset("tgi")->quirks, Operation::chat), body)
        << "as its own clients say it";
  }
}

TEST(vendor_body, whatever_stands_in_it_stays_valid) {
  Quirks all;
  all.mistral_fields = all.together_fields = all.groq_fields = all.tgi_fields = all.short_call_ids = true;
  Quirks mistral;
  mistral.mistral_fields = mistral.short_call_ids = true;
  Quirks together;
  together.together_fields = true;
  Quirks tgi;
  tgi.tgi_fields = true;
  for (const auto& quirks : {all, mistral, together, tgi}) {
    for (
        const std::string_view body : {
            R"({})",
            R"({"messages":7})",
            R"({"messages":[]})",
            R"({"messages":[7,null,"x",[],{}]})",
            R"({"messages":[{"role":7,"content":{},"tool_calls":{}}]})",
            R"({"messages":[{"role":"assistant","tool_calls":[7,{}, {"id":7,"function":[]}]}]})",
            R"({"messages":[{"role":"tool"},{"role":"function"},{"role":"tool","tool_call_id":7,"name":[]}]})",
            R"({"messages":[{"role":"user","content":[7,{},{"type":"file"},{"type":"input_audio","input_audio":[]},{"type":"refusal"}]}]})",
            R"({"tools":7})",
            R"({"tools":[7,{},{"function":7},{"function":{}}]})",
            R"({"stop":null,"n":null,"seed":null})",
            R"({"response_format":7})",
            R"({"response_format":{"type":"json_schema"}})",
            R"({"response_format":{"type":"json_schema","json_schema":7}})",
            R"({"logprobs":"x","top_logprobs":{}})",
            "{ \"a\" : [ 1 , 2 ] , \"\\u00e4\\n\" : \"\\ud83d\\ude00\" }",
            R"({"a":1,"a":2})",
        }) {
      const auto made = openai_provider::vendor_body(std::string(body), quirks, Operation::chat);
      json::Document document;
      EXPECT_TRUE(!made || document.parse_copy(*made)) << body << " " << (made ? *made : "");
    }
  }
  EXPECT_EQ(*openai_provider::vendor_body("{ \"user\" : 1 }", {}, Operation::chat), "{ \"user\" : 1 }")
      << "others are not touched";
}

// ---- Azure

HttpRequest azure(std::string_view url, std::string_view model, Operation operation = Operation::chat,
                  ProviderSettings provider = {.api_key = "k"}) {
  json::DocumentPool pool;
  const auto body = operation == Operation::chat ? R"({"model":"m","messages":[{"role":"user","content":"hi"}]})"
                                                 : R"({"model":"m","input":"a"})";
  auto request = client_face("openai").read({.operation = operation, .body = body}, pool);
  EXPECT_TRUE(request);
  provider.quirks = find_preset("azure_openai")->quirks;
  const auto question = url.find('?');
  if (question != std::string_view::npos) provider.query = url.substr(question + 1);
  EXPECT_TRUE(parse_url(url.substr(0, question), provider.url));
  const ModelSettings settings{.name = std::string(model)};
  auto http = model_face("openai").write(*request, {.provider = provider, .model = settings}, "");
  EXPECT_TRUE(http);
  if (http) http->path.insert(0, provider.url.path);
  if (http) http->headers.add("list", model_face("openai").list_models(provider).path);
  return http ? *http : HttpRequest{};
}

TEST(azure, both_of_its_ways_are_asked) {
  struct Asked {
    std::string_view url, path, list;
  };
  for (const auto& [url, path, list] : {
           Asked{"https://x.openai.azure.com", "/openai/v1/chat/completions", "/openai/v1/models"},
           Asked{"https://x.openai.azure.com/openai", "/openai/v1/chat/completions", "/v1/models"},
           Asked{"https://x.openai.azure.com/openai/v1", "/openai/v1/chat/completions", "/models"},
           Asked{"https://x.openai.azure.com/openai/v1?api-version=preview",
                 "/openai/v1/chat/completions?api-version=preview", "/models?api-version=preview"},
           Asked{"https://x.openai.azure.com?api-version=2024-10-21",
                 "/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21", ""},
           Asked{"https://x.openai.azure.com/openai?api-version=2024-10-21",
                 "/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21", ""},
           Asked{"https://x.openai.azure.com/openai/deployments/prod?api-version=2024-10-21",
                 "/openai/deployments/prod/chat/completions?api-version=2024-10-21", ""},
       }) {
    const auto http = azure(url, "my gpt");
    EXPECT_EQ(http.path, path) << url;
    EXPECT_EQ(http.headers.get("list"), list) << url;
    EXPECT_EQ(http.headers.get("api-key"), "k");
    EXPECT_FALSE(http.headers.has("authorization"));
  }
  EXPECT_EQ(azure("https://x.openai.azure.com?api-version=2024-10-21", "e", Operation::embedding).path,
            "/openai/deployments/e/embeddings?api-version=2024-10-21");
}

TEST(azure, a_token_of_entras_takes_the_keys_place) {
  const auto http = azure("https://x.openai.azure.com", "m", Operation::chat,
                          {.api_key = "k", .headers = {{"authorization", "Bearer entra"}}});
  EXPECT_EQ(http.headers.get("Authorization"), "Bearer entra");
  EXPECT_FALSE(http.headers.has("api-key"));
  ProviderSettings provider{.url = {.scheme = Url::Scheme::https, .host = "h"},
                            .api_key = "entra",
                            .quirks = find_preset("azure_openai")->quirks};
  provider.quirks.api_key_header = false;
  Headers headers;
  openai_provider::add_credential(provider, headers);
  EXPECT_EQ(headers.get("Authorization"), "Bearer entra");
}

// What its content filter puts into a stream: a first chunk without choices, and, where it runs beside the stream, late
// ones whose choice has no delta.
TEST(azure, chunks_of_the_content_filter_do_no_harm) {
  Request request;
  request.format = "elsewhere";
  const auto reader = model_face("openai").stream(request);
  json::Document scratch;
  std::vector<StreamEvent> events;
  for (
      const std::string_view data :
      {R"({"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}]})",
       R"({"choices":[{"delta":{"content":"","role":"assistant"},"finish_reason":null,"index":0}],"created":5,"id":"c1","model":"gpt","object":"chat.completion.chunk"})",
       R"({"choices":[{"delta":{"content":"Hello"},"finish_reason":null,"index":0}],"created":5,"id":"c1","model":"gpt","object":"chat.completion.chunk"})",
       R"({"choices":[{"content_filter_offsets":{"check_offset":44,"start_offset":44,"end_offset":198},"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}},"finish_reason":null,"index":0}],"created":0,"id":"","model":"","object":""})",
       R"({"choices":[{"delta":{},"finish_reason":"stop","index":0}],"created":5,"id":"c1","model":"gpt","object":"chat.completion.chunk"})",
       R"({"choices":[{"content_filter_offsets":{"check_offset":506,"start_offset":44,"end_offset":571},"content_filter_results":{},"finish_reason":null,"index":0}],"created":0,"id":"","model":"","object":""})",
       R"({"choices":[],"created":5,"id":"c1","model":"gpt","object":"chat.completion.chunk","usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}})"}) {
    ASSERT_TRUE(reader->read({.data = data, .name = {}, .raw = data, .has_data = true}, scratch, events)) << data;
  }
  std::string text;
  std::string finish;
  int errors = 0;
  for (const auto& event : events) {
    if (event.kind == StreamEvent::Kind::text) text += event.text;
    if (event.kind == StreamEvent::Kind::finish) finish += to_string(event.finish);
    errors += event.kind == StreamEvent::Kind::error ? 1 : 0;
  }
  EXPECT_EQ(text, "Hello");
  EXPECT_EQ(finish, "stop");
  EXPECT_EQ(errors, 0);
  EXPECT_EQ(reader->state().id, "c1");
  EXPECT_EQ(reader->state().model, "gpt");
  EXPECT_EQ(reader->state().usage.output, 2);
}

TEST(azure, a_filtered_prompt_is_told_by_either_spelling) {
  for (const std::string_view inner : {"innererror", "inner_error"}) {
    HttpResponse response{.status = 400};
    response.body =
        R"({"error":{"message":"The response was filtered.","type":null,"param":"prompt","code":null,"status":400,")" +
        std::string(inner) +
        R"(":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"hate":{"filtered":true}}}}})";
    EXPECT_EQ(model_face("openai").classify(response).code, ErrorCode::content_filtered) << inner;
  }
}

}  // namespace
}  // namespace weir
