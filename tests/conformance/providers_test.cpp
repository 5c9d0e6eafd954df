// Every provider, against its fixtures: encode/ (request → HTTP request), decode/ (answer → canonical), stream/ (events
// → canonical), errors/ (a refusal → what it means), models/ (the list of models).
#include <gtest/gtest.h>

#include <random>

#include "core/sse.h"
#include "formats/format.h"
#include "fixture.h"
#include "formats/presets.h"
#include "formats/format.h"

namespace weir::conformance {
namespace {

class provider : public testing::TestWithParam<const Provider*> {
 protected:
  const Provider& it() const { return *GetParam(); }
  // A provider that speaks another's format word for word shares its fixtures.
  std::vector<Fixture> fixtures(std::string_view kind) const {
    const auto own = load("providers/" + std::string(it().info().name) + "/" + std::string(kind));
    if (!own.empty() || it().info().dialect.empty()) return own;
    return load("providers/" + std::string(it().info().dialect) + "/" + std::string(kind));
  }
  Result<Request> request_of(const Fixture& fixture) {
    return find_dialect(fixture.text("/dialect", "openai"))
        ->decode(fixture.operation(), fixture.body("/request"), pool_);
  }
  json::DocumentPool pool_;
};

INSTANTIATE_TEST_SUITE_P(every, provider, testing::ValuesIn(providers()),
                         [](const auto& entry) { return std::string(entry.param->info().name); });

// A request that came in no dialect the provider knows is translated; nothing else about it changes.
Request as_if_from_elsewhere(Request request) {
  request.dialect = "elsewhere";
  return request;
}

TEST_P(provider, is_found_by_its_name) {
  EXPECT_EQ(find_provider(it().info().name), &it());
  EXPECT_FALSE(it().info().description.empty());
  EXPECT_EQ(find_provider("none"), nullptr);
}

TEST_P(provider, encodes_requests) {
  const auto all = fixtures("encode");
  EXPECT_FALSE(all.empty());
  for (const auto& fixture : all) {
    SCOPED_TRACE(fixture.name);
    auto request = request_of(fixture);
    ASSERT_TRUE(request.has_value()) << request.error().message;
    if (fixture.text("/translate") == "yes") request = as_if_from_elsewhere(std::move(*request));
    const auto settings = provider_settings(fixture);
    const auto model = model_settings(fixture);
    const auto http = it().encode(*request, {.provider = settings, .model = model}, fixture.text("/prefill"));
    json::Element expected;
    if (fixture.find("/error", expected)) {
      ASSERT_FALSE(http.has_value());
      EXPECT_EQ(difference(fixture.body("/error"), dump(http.error())), "");
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
      EXPECT_EQ(difference(fixture.body("/expect"), http->body), "") << http->body;
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
TEST_P(provider, asks_the_same_by_bytes_and_translated) {
  if (it().info().dialect.empty()) GTEST_SKIP() << "always translated";
  const auto& dialect = *find_dialect(it().info().dialect);
  for (const auto& fixture : load("dialects/" + std::string(it().info().dialect) + "/decode")) {
    SCOPED_TRACE(fixture.name);
    auto request = dialect.decode(fixture.operation(), fixture.body("/body"), pool_);
    if (!request || request->inputs_are_tokens || request->has_other_tools) continue;
    const ProviderSettings settings{.url = {.host = "h"}};
    const ModelSettings model{.name = "the-model"};
    const auto spliced = it().encode(*request, {.provider = settings, .model = model}, "");
    request = as_if_from_elsewhere(std::move(*request));
    const auto translated = it().encode(*request, {.provider = settings, .model = model}, "");
    ASSERT_TRUE(spliced && translated);
    const auto a = dialect.decode(fixture.operation(), spliced->body, pool_);
    const auto b = dialect.decode(fixture.operation(), translated->body, pool_);
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
TEST_P(provider, every_preset_encodes_every_request) {
  for (const auto& preset : presets()) {
    if (preset.adapter != it().info().name) continue;
    for (const auto& fixture : load("dialects/openai/decode")) {
      SCOPED_TRACE(std::string(preset.kind) + " " + fixture.name);
      auto request = find_dialect("openai")->decode(fixture.operation(), fixture.body("/body"), pool_);
      if (!request) continue;
      const ProviderSettings settings{.url = {.host = "h"}, .api_key = "the-credential", .quirks = preset.quirks};
      const ModelSettings model{.name = "the-model"};
      const auto prefill = preset.quirks.accepts_prefill && fixture.operation() == Operation::chat ? "So far" : "";
      const auto http = it().encode(*request, {.provider = settings, .model = model}, prefill);
      if (!http) {
        EXPECT_EQ(http.error().code, ErrorCode::unsupported);
        EXPECT_FALSE(http.error().param.empty());
        continue;
      }
      json::Document body;
      ASSERT_TRUE(body.parse(http->body)) << http->body;
      json::Object object = body.root().get_object();
      EXPECT_EQ(json::string_or(object, "model"), "the-model");
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

TEST_P(provider, decodes_answers) {
  const auto all = fixtures("decode");
  EXPECT_FALSE(all.empty());
  for (const auto& fixture : all) {
    SCOPED_TRACE(fixture.name);
    Request request;
    request.operation = fixture.operation();
    const auto body = fixture.body("/body");
    const auto response = it().decode(request, body, pool_);
    json::Element expected;
    if (fixture.find("/error", expected)) {
      ASSERT_FALSE(response.has_value());
      EXPECT_EQ(difference(fixture.body("/error"), dump(response.error())), "");
      continue;
    }
    ASSERT_TRUE(response.has_value()) << response.error().message;
    EXPECT_EQ(difference(fixture.body("/expect"), dump(*response)), "") << dump(*response);
    // What clients are not promised so is written anew.
    json::Element rewritten;
    EXPECT_EQ(response->raw, fixture.find("/rewritten", rewritten) ? std::string() : body);
    for (std::size_t i = 0; i < body.size(); i += 1 + body.size() / 200) {
      const auto cut = it().decode(request, body.substr(0, i), pool_);
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

Decoded decode_stream(const Provider& provider, const std::vector<std::string>& chunks) {
  Decoded decoded;
  EventFramer framer(provider.info().framing);
  json::Document scratch;
  FramedEvent event;
  const auto take = [&] {
    if (!event.has_data) return;
    if (!provider.decode_event(event.data, decoded.state, scratch, decoded.events)) ++decoded.malformed;
  };
  for (const auto& chunk : chunks) {
    framer.feed(chunk);
    while (framer.next(event).value_or(false)) take();
  }
  if (framer.finish(event).value_or(false)) take();
  return decoded;
}

std::string framed(const Provider& provider, const Fixture& fixture) {
  std::string stream;
  json::Element events;
  if (!fixture.find("/events", events)) return stream;
  const json::Array list = events.get_array();
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto body = fixture.body("/events/" + std::to_string(i));
    stream += provider.info().framing == Framing::sse ? "data: " + body + "\n\n" : body + "\n";
  }
  return stream;
}

TEST_P(provider, decodes_streams_whatever_their_chunks) {
  const auto all = fixtures("stream");
  EXPECT_FALSE(all.empty());
  std::mt19937 random(11);
  for (const auto& fixture : all) {
    SCOPED_TRACE(fixture.name);
    const auto stream = framed(it(), fixture);
    const auto whole = decode_stream(it(), {stream});
    EXPECT_EQ(difference(fixture.body("/expect"), dump(whole.events)), "") << dump(whole.events);
    EXPECT_EQ(whole.malformed, fixture.number("/malformed"));
    for (std::size_t cut = 1; cut < stream.size(); ++cut) {
      const auto split = decode_stream(it(), {stream.substr(0, cut), stream.substr(cut)});
      ASSERT_EQ(dump(split.events), dump(whole.events)) << cut;
    }
    for (int round = 0; round < 20; ++round) {
      std::vector<std::string> chunks;
      for (std::size_t at = 0; at < stream.size(); at += chunks.back().size())
        chunks.push_back(stream.substr(at, 1 + random() % 40));
      const auto split = decode_stream(it(), chunks);
      ASSERT_EQ(dump(split.events), dump(whole.events));
    }
  }
}

// What a client of any dialect is shown of a stream must mean the same when it is read again.
TEST_P(provider, streams_survive_the_openai_dialect) {
  const auto& dialect = *find_dialect("openai");
  const auto& reader = *find_provider("openai");
  for (const auto& fixture : fixtures("stream")) {
    SCOPED_TRACE(fixture.name);
    auto decoded = decode_stream(it(), {framed(it(), fixture)});
    std::erase_if(decoded.events, [](const StreamEvent& event) { return event.kind == StreamEvent::Kind::error; });
    Request request;
    request.operation = fixture.operation();
    request.include_usage = true;
    if (decoded.events.empty() || decoded.events.back().kind != StreamEvent::Kind::done) {
      decoded.events.push_back({.kind = StreamEvent::Kind::done});
    }
    std::string bytes;
    for (const auto& event : decoded.events) dialect.encode_event(event, request, decoded.state, bytes);
    auto again = decode_stream(reader, {bytes});
    const auto drop = [](const StreamEvent& event) {
      return event.kind == StreamEvent::Kind::lifecycle || event.kind == StreamEvent::Kind::usage;
    };
    std::erase_if(again.events, drop);
    std::erase_if(decoded.events, drop);
    EXPECT_EQ(dump(again.events), dump(decoded.events));
    EXPECT_EQ(again.state.usage, decoded.state.usage);
    EXPECT_EQ(again.malformed, 0);
  }
}

TEST_P(provider, answers_survive_the_openai_dialect) {
  for (const auto& fixture : fixtures("decode")) {
    SCOPED_TRACE(fixture.name);
    Request request;
    request.operation = fixture.operation();
    const auto response = it().decode(request, fixture.body("/body"), pool_);
    if (!response) continue;
    for (const bool base64 : {false, true}) {
      request.wants_base64 = base64;
      const auto again =
          find_provider("openai")->decode(request, find_dialect("openai")->encode(*response, request), pool_);
      ASSERT_TRUE(again.has_value()) << again.error().message;
      EXPECT_EQ(again->choices.size(), response->choices.size());
      for (std::size_t i = 0; i < again->choices.size() && i < response->choices.size(); ++i) {
        EXPECT_EQ(again->choices[i].text, response->choices[i].text);
        EXPECT_EQ(again->choices[i].reasoning, response->choices[i].reasoning);
        EXPECT_EQ(again->choices[i].finish, response->choices[i].finish);
        EXPECT_EQ(again->choices[i].tool_calls.size(), response->choices[i].tool_calls.size());
      }
      EXPECT_EQ(again->embeddings, response->embeddings);
      if (response->usage.known) {
        EXPECT_EQ(again->usage.input, response->usage.input);
      }
    }
  }
}

TEST_P(provider, says_what_a_refusal_means) {
  const auto all = fixtures("errors");
  EXPECT_FALSE(all.empty());
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
    EXPECT_EQ(difference(fixture.body("/expect"), dump(it().classify(response))), "") << dump(it().classify(response));
  }
}

TEST_P(provider, lists_models) {
  const auto all = fixtures("models");
  EXPECT_FALSE(all.empty());
  for (const auto& fixture : all) {
    SCOPED_TRACE(fixture.name);
    const auto request = it().list_models(provider_settings(fixture));
    EXPECT_EQ(request.method, "GET");
    if (it().info().name != "sandbox") {
      EXPECT_EQ(request.path, fixture.text("/path"));
    }
    const auto names = it().decode_models(fixture.body("/body"));
    ASSERT_TRUE(names.has_value()) << names.error().message;
    std::string list;
    json::Writer writer(list);
    writer.begin_array();
    for (const auto& model : names->models) writer.value(model.name);
    writer.end_array();
    EXPECT_EQ(difference(fixture.body("/expect"), list), "");
  }
  EXPECT_FALSE(it().decode_models("<html>").has_value());
  EXPECT_FALSE(it().decode_models("{}").has_value());
}

}  // namespace
}  // namespace weir::conformance
