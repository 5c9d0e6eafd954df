// Every format that models speak, against its fixtures: encode/ (request → HTTP request), decode/ (answer → canonical),
// stream/ (events → canonical), errors/ (a refusal → what it means), models/ (the list of models).
#include <gtest/gtest.h>

#include <random>

#include "core/sse.h"
#include "fixture.h"
#include "formats/format.h"
#include "formats/presets.h"

namespace weir::conformance {
namespace {

class model_face_of : public testing::TestWithParam<const Format*> {
 protected:
  const ModelFace& it() const { return *GetParam()->model; }
  const Format& format() const { return *GetParam(); }
  // A provider that speaks another's format word for word shares its fixtures.
  std::vector<Fixture> fixtures(std::string_view kind) const {
    const auto own = load("formats/" + std::string(format().name) + "/model/" + std::string(kind));
    if (!own.empty() || format().wire.empty()) return own;
    return load("formats/" + std::string(format().wire) + "/model/" + std::string(kind));
  }
  Result<Request> request_of(const Fixture& fixture) {
    return client_face(fixture.text("/dialect", "openai"))
        .read({.operation = fixture.operation(), .named = fixture.text("/named"), .body = fixture.body("/request")},
              pool_);
  }
  json::DocumentPool pool_;
};

std::vector<const Format*> with_models() {
  std::vector<const Format*> all;
  for (const auto* format : formats()) {
    if (format->model != nullptr) all.push_back(format);
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(every, model_face_of, testing::ValuesIn(with_models()),
                         [](const auto& entry) { return std::string(entry.param->name); });

// A request that came in no format that the provider speaks is translated; nothing else about it changes.
Request as_if_from_elsewhere(Request request) {
  request.format = "elsewhere";
  return request;
}

TEST_P(model_face_of, is_found_by_its_name) {
  EXPECT_EQ(find_format(format().name), &format());
  EXPECT_FALSE(format().description.empty());
  EXPECT_EQ(find_format("none"), nullptr);
}

TEST_P(model_face_of, encodes_requests) {
  const auto all = fixtures("encode");
  if (all.empty()) GTEST_SKIP() << "tested in tests/unit/formats";
  for (const auto& fixture : all) {
    SCOPED_TRACE(fixture.name);
    auto request = request_of(fixture);
    ASSERT_TRUE(request.has_value()) << request.error().message;
    if (fixture.text("/translate") == "yes") request = as_if_from_elsewhere(std::move(*request));
    const auto settings = provider_settings(fixture);
    const auto model = model_settings(fixture);
    const auto http = it().write(*request, {.provider = settings, .model = model}, fixture.text("/prefill"));
    json::Element expected;
    if (fixture.find("/error", expected)) {
      ASSERT_FALSE(http.has_value());
      EXPECT_EQ(mismatch(fixture, "/error", dump(http.error())), "");
      continue;
    }
    ASSERT_TRUE(http.has_value()) << http.error().message;
    EXPECT_EQ(http->method, "POST");
    if (fixture.find("/path", expected)) {
      EXPECT_EQ(http->path, fixture.text("/path"));
    }
    if (fixture.find("/bytes", expected)) {
      EXPECT_EQ(http->body, fixture.text("/bytes"));
    }
    if (fixture.find("/expect", expected)) {
      EXPECT_EQ(mismatch(fixture, "/expect", http->body), "") << http->body;
    }
    if (fixture.find("/authorization", expected)) {
      EXPECT_EQ(http->headers.get("authorization"), fixture.text("/authorization"));
    }
    if (fixture.find("/api-key", expected)) {
      EXPECT_EQ(http->headers.get("api-key"), fixture.text("/api-key"));
    }
    EXPECT_EQ(http->headers.get("content-type"), "application/json");
  }
}

// By bytes or translated: what the provider is asked means the same.
TEST_P(model_face_of, asks_the_same_by_bytes_and_translated) {
  if (format().wire.empty()) GTEST_SKIP() << "always translated";
  const auto& client = client_face(format().wire);
  // By the path that it is sent to: another than the one that was asked, where a format has several.
  const auto read = [&](const Fixture& fixture, std::string body, std::string_view path = {}) {
    const auto match = match_path("POST", path);
    const bool own = match.format != nullptr && match.format->client == &client;
    return client.read({.operation = own ? match.pattern->operation : fixture.operation(),
                        .named = fixture.text("/named"),
                        .body = std::move(body)},
                       pool_);
  };
  for (const auto& fixture : load("formats/" + std::string(format().wire) + "/client/decode")) {
    SCOPED_TRACE(fixture.name);
    auto request = read(fixture, fixture.body("/body"));
    if (!request || request->inputs_are_tokens || !request->foreign.empty()) continue;
    if (!holds(format().serves, request->operation)) continue;
    const ProviderSettings settings{.url = {.host = "h"}};
    const ModelSettings model{.name = "the-model"};
    const auto spliced = it().write(*request, {.provider = settings, .model = model}, "");
    request = as_if_from_elsewhere(std::move(*request));
    const auto translated = it().write(*request, {.provider = settings, .model = model}, "");
    ASSERT_TRUE(spliced && translated);
    const auto a = read(fixture, spliced->body, spliced->path);
    const auto b = read(fixture, translated->body, translated->path);
    ASSERT_TRUE(a.has_value()) << a.error().message;
    ASSERT_TRUE(b.has_value()) << b.error().message;
    EXPECT_EQ(a->model, "the-model");
    EXPECT_EQ(b->messages.size(), a->messages.size());
    EXPECT_EQ(b->inputs, a->inputs);
    EXPECT_EQ(b->max_tokens, a->max_tokens);
    EXPECT_EQ(b->stream, a->stream);
    EXPECT_EQ(b->include_usage, a->include_usage);
    EXPECT_EQ(b->tools.size(), a->tools.size());
    EXPECT_EQ(b->stop, a->stop);
    EXPECT_EQ(b->temperature, a->temperature);
    EXPECT_EQ(b->response_format, a->response_format);
  }
}

// Every preset of this adapter must produce a body that its format can hold, whatever its quirks.
TEST_P(model_face_of, every_preset_encodes_every_request) {
  for (const auto& preset : presets()) {
    if (preset.adapter != format().name) continue;
    for (const auto& fixture : load("formats/openai/client/decode")) {
      SCOPED_TRACE(std::string(preset.kind) + " " + fixture.name);
      auto request =
          client_face("openai").read({.operation = fixture.operation(), .body = fixture.body("/body")}, pool_);
      if (!request || !holds(format().serves, request->operation)) continue;
      if (format().wire != "openai" && !request->foreign.empty()) continue;  // the pipeline refuses it
      const ProviderSettings settings{.url = {.host = "h"}, .api_key = "the-credential", .quirks = preset.quirks};
      const ModelSettings model{.name = "the-model"};
      const auto prefill = preset.quirks.accepts_prefill && fixture.operation() == Operation::chat ? "So far" : "";
      const auto http = it().write(*request, {.provider = settings, .model = model}, prefill);
      if (!http) {
        EXPECT_EQ(http.error().code, ErrorCode::unsupported);
        EXPECT_FALSE(http.error().param.empty());
        continue;
      }
      json::Document body;
      ASSERT_TRUE(body.parse(http->body)) << http->body;
      json::Object object = body.root().get_object();
      // Where it stands in the body at all: other formats name it in the path.
      const bool named = json::string_or(object, "model") == "the-model";
      const bool runs_one = format().name == "tgi";
      EXPECT_TRUE(runs_one || named || http->path.find("the-model") != std::string::npos) << http->path;
      const auto has = [&](std::string_view key) { return object.at_key(key).error() == simdjson::SUCCESS; };
      if (preset.quirks.no_stream_options) {
        EXPECT_FALSE(has("stream_options"));
      }
      if (preset.quirks.no_max_completion_tokens) {
        EXPECT_FALSE(has("max_completion_tokens"));
      }
      if (preset.quirks.no_max_tokens && fixture.operation() == Operation::chat) {
        EXPECT_FALSE(has("max_tokens"));
      }
      if (preset.quirks.no_developer_role) {
        EXPECT_EQ(http->body.find("\"developer\""), std::string::npos);
      }
      EXPECT_EQ(http->body.find("the-credential"), std::string::npos);
    }
  }
}

TEST_P(model_face_of, decodes_answers) {
  const auto all = fixtures("decode");
  if (all.empty()) GTEST_SKIP() << "tested in tests/unit/formats";
  for (const auto& fixture : all) {
    SCOPED_TRACE(fixture.name);
    Request request;
    request.operation = fixture.operation();
    const auto body = fixture.body("/body");
    const auto response = it().read(request, body, pool_);
    json::Element expected;
    if (fixture.find("/error", expected)) {
      ASSERT_FALSE(response.has_value());
      EXPECT_EQ(mismatch(fixture, "/error", dump(response.error())), "");
      continue;
    }
    ASSERT_TRUE(response.has_value()) << response.error().message;
    EXPECT_EQ(mismatch(fixture, "/expect", dump(*response)), "") << dump(*response);
    // What clients are not promised so is written anew.
    json::Element rewritten;
    EXPECT_EQ(response->raw, fixture.find("/rewritten", rewritten) ? std::string() : body);
    for (std::size_t i = 0; i < body.size(); i += 1 + body.size() / 200) {
      const auto cut = it().read(request, body.substr(0, i), pool_);
      ASSERT_FALSE(cut.has_value());
      EXPECT_EQ(cut.error().code, ErrorCode::upstream_malformed);
    }
  }
}

struct Decoded {
  std::vector<StreamEvent> events;
  int64_t malformed = 0;
  StreamState state;
};

Decoded decode_stream(const Format& format, const std::vector<std::string>& chunks) {
  Decoded decoded;
  const Request request;
  const auto reader = format.model->stream(request);
  EventFramer framer(format.framing);
  json::Document scratch;
  FramedEvent event;
  const auto take = [&] {
    if (!event.has_data) return;
    if (!reader->read(event, scratch, decoded.events)) ++decoded.malformed;
  };
  for (const auto& chunk : chunks) {
    framer.feed(chunk);
    while (framer.next(event).value_or(false)) take();
  }
  if (framer.finish(event).value_or(false)) take();
  decoded.state = reader->state();
  return decoded;
}

TEST_P(model_face_of, decodes_streams_whatever_their_chunks) {
  const auto all = fixtures("stream");
  if (all.empty()) GTEST_SKIP() << "tested in tests/unit/formats";
  std::mt19937 random(11);
  for (const auto& fixture : all) {
    SCOPED_TRACE(fixture.name);
    const auto stream = framed(format(), fixture);
    const auto whole = decode_stream(format(), {stream});
    EXPECT_EQ(mismatch(fixture, "/expect", dump(whole.events)), "") << dump(whole.events);
    EXPECT_EQ(whole.malformed, fixture.number("/malformed"));
    for (std::size_t cut = 1; cut < stream.size(); ++cut) {
      const auto split = decode_stream(format(), {stream.substr(0, cut), stream.substr(cut)});
      ASSERT_EQ(dump(split.events), dump(whole.events)) << cut;
    }
    for (int round = 0; round < 20; ++round) {
      std::vector<std::string> chunks;
      for (std::size_t at = 0; at < stream.size(); at += chunks.back().size())
        chunks.push_back(stream.substr(at, 1 + random() % 40));
      const auto split = decode_stream(format(), chunks);
      ASSERT_EQ(dump(split.events), dump(whole.events));
    }
  }
}

// What a client is shown of a stream must mean the same when it is read again.
TEST_P(model_face_of, streams_survive_openais_format) {
  for (const auto& fixture : fixtures("stream")) {
    SCOPED_TRACE(fixture.name);
    auto decoded = decode_stream(format(), {framed(format(), fixture)});
    const auto errors =
        std::erase_if(decoded.events, [](const StreamEvent& event) { return event.kind == StreamEvent::Kind::error; });
    Request request;
    request.operation = fixture.operation();
    request.include_usage = true;
    if (decoded.events.empty() || decoded.events.back().kind != StreamEvent::Kind::done) {
      decoded.events.push_back({.kind = StreamEvent::Kind::done});
    }
    const auto bytes = shown(client_face("openai"), request, decoded.events, decoded.state);
    auto again = decode_stream(*find_format("openai"), {bytes});
    const auto drop = [](const StreamEvent& event) {
      return event.kind == StreamEvent::Kind::lifecycle || event.kind == StreamEvent::Kind::usage ||
             event.kind == StreamEvent::Kind::signature || event.kind == StreamEvent::Kind::other;
    };
    std::erase_if(again.events, drop);
    std::erase_if(decoded.events, drop);
    EXPECT_EQ(dump(again.events), dump(decoded.events));
    if (errors == 0) {
      EXPECT_EQ(again.state.usage, decoded.state.usage);
    }
    EXPECT_EQ(again.malformed, 0);
  }
}

TEST_P(model_face_of, answers_survive_openais_format) {
  for (const auto& fixture : fixtures("decode")) {
    SCOPED_TRACE(fixture.name);
    Request request;
    request.operation = fixture.operation();
    const auto response = it().read(request, fixture.body("/body"), pool_);
    if (!response) continue;
    for (const bool base64 : {false, true}) {
      request.wants_base64 = base64;
      const auto again = model_face("openai").read(request, client_face("openai").write(*response, request), pool_);
      ASSERT_TRUE(again.has_value()) << again.error().message;
      EXPECT_EQ(again->choices.size(), response->choices.size());
      for (std::size_t i = 0; i < again->choices.size() && i < response->choices.size(); ++i) {
        for (const auto kind : {Part::Kind::text, Part::Kind::thinking, Part::Kind::refusal})
          EXPECT_EQ(again->choices[i].text(kind), response->choices[i].text(kind));
        EXPECT_EQ(again->choices[i].finish, response->choices[i].finish);
        EXPECT_EQ(again->choices[i].has(Part::Kind::tool_call), response->choices[i].has(Part::Kind::tool_call));
      }
      EXPECT_EQ(again->embeddings, response->embeddings);
      if (response->usage.known) {
        EXPECT_EQ(again->usage.input, response->usage.input);
      }
    }
  }
}

TEST_P(model_face_of, says_what_a_refusal_means) {
  const auto all = fixtures("errors");
  if (all.empty()) GTEST_SKIP() << "tested in tests/unit/formats";
  for (const auto& fixture : all) {
    SCOPED_TRACE(fixture.name);
    HttpResponse response{.status = static_cast<int>(fixture.number("/status")), .body = fixture.body("/body")};
    json::Element headers;
    if (fixture.find("/headers", headers)) {
      const json::Object fields = headers.get_object();
      for (const auto field : fields) {
        response.headers.add(std::string(field.key), fixture.text("/headers/" + std::string(field.key)));
      }
    }
    EXPECT_EQ(mismatch(fixture, "/expect", dump(it().classify(response))), "") << dump(it().classify(response));
  }
}

TEST_P(model_face_of, lists_models) {
  if (it().list_models({}).path.empty()) GTEST_SKIP() << "its servers have no list";
  const auto all = fixtures("models");
  if (all.empty()) GTEST_SKIP() << "tested in tests/unit/formats";
  for (const auto& fixture : all) {
    SCOPED_TRACE(fixture.name);
    const auto request = it().list_models(provider_settings(fixture));
    EXPECT_EQ(request.method, "GET");
    if (format().name != "sandbox") {
      EXPECT_EQ(request.path, fixture.text("/path"));
    }
    const auto names = it().read_models(fixture.body("/body"));
    ASSERT_TRUE(names.has_value()) << names.error().message;
    std::string list;
    json::Writer writer(list);
    writer.begin_array();
    for (const auto& model : names->models) writer.value(model.name);
    writer.end_array();
    EXPECT_EQ(mismatch(fixture, "/expect", list), "");
  }
  EXPECT_FALSE(it().read_models("<html>").has_value());
  EXPECT_FALSE(it().read_models("{}").has_value());
}

}  // namespace
}  // namespace weir::conformance
