// Every format that clients speak, against its fixtures: decode/ (request body → canonical, or the error), encode/
// (canonical answer → body), stream/ (events → bytes).
#include <gtest/gtest.h>

#include "core/sse.h"
#include "fixture.h"
#include "formats/format.h"

namespace weir::conformance {
namespace {

class client_face_of : public testing::TestWithParam<const Format*> {
 protected:
  const ClientFace& it() const { return *GetParam()->client; }
  std::vector<Fixture> fixtures(std::string_view kind) const {
    return load("formats/" + std::string(GetParam()->name) + "/client/" + std::string(kind));
  }
  Result<Request> read(const Fixture& fixture, std::string body) {
    return it().read({.operation = fixture.operation(),
                      .named = fixture.text("/named"),
                      .streams = fixture.text("/streams") == "yes",
                      .query = fixture.text("/query"),
                      .body = std::move(body)},
                     pool_);
  }
  json::DocumentPool pool_;
};

// Those whose clients talk to models: others only pass what they say on to one provider.
std::vector<const Format*> with_clients() {
  std::vector<const Format*> all;
  for (const auto* format : formats()) {
    if (format->client == nullptr) continue;
    const auto paths = format->client->paths();
    const bool talks = std::any_of(paths.begin(), paths.end(),
                                   [](const PathPattern& pattern) { return pattern.operation == Operation::chat; });
    if (talks) all.push_back(format);
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(every, client_face_of, testing::ValuesIn(with_clients()),
                         [](const auto& entry) { return std::string(entry.param->name); });

TEST_P(client_face_of, is_found_by_its_name_and_paths) {
  EXPECT_EQ(find_format(GetParam()->name), GetParam());
  for (const auto& pattern : it().paths()) {
    std::string path(pattern.path);
    if (const auto star = path.find('*'); star != std::string::npos) path.replace(star, 1, "name/with:all-of.it");
    const auto asked = path + "?x=1";  // the match views into it
    const auto match = match_path(pattern.method, asked);
    EXPECT_EQ(match.format, GetParam()) << path;
    EXPECT_EQ(match.named, path == pattern.path ? "" : "name/with:all-of.it");
    const auto other = match_path("PATCH", path);
    EXPECT_EQ(other.format, nullptr);
    EXPECT_EQ(other.known, GetParam());
  }
  EXPECT_EQ(match_path("POST", "/nowhere").known, nullptr);
}

TEST_P(client_face_of, decodes_requests_and_names_their_faults) {
  const auto all = fixtures("decode");
  if (all.empty()) GTEST_SKIP() << "tested in tests/unit/formats";
  for (const auto& fixture : all) {
    SCOPED_TRACE(fixture.name);
    const auto request = read(fixture, fixture.body("/body"));
    json::Element expected;
    if (fixture.find("/error", expected)) {
      ASSERT_FALSE(request.has_value());
      EXPECT_EQ(mismatch(fixture, "/error", dump(request.error())), "");
      continue;
    }
    ASSERT_TRUE(request.has_value()) << request.error().message;
    EXPECT_EQ(mismatch(fixture, "/expect", dump(*request)), "") << dump(*request);
    if (fixture.find("/texts", expected)) {
      EXPECT_EQ(difference(fixture.body("/texts"), dump_texts(*request)), "") << dump_texts(*request);
    }
    EXPECT_EQ(request->format, GetParam()->name);
    EXPECT_GE(request->estimated_input_tokens(), 1);
  }
}

// No prefix of a good body, and no body with one byte broken, may crash or be taken for something it is not.
TEST_P(client_face_of, broken_bodies_are_errors_not_crashes) {
  for (const auto& fixture : fixtures("decode")) {
    const auto body = fixture.body("/body");
    for (std::size_t i = 0; i < body.size(); i += 1 + body.size() / 200) {
      EXPECT_FALSE(read(fixture, body.substr(0, i)).has_value()) << fixture.name << " cut at " << i;
      auto broken = body;
      broken[i] = '\x01';
      const auto decoded = read(fixture, broken);
      if (!decoded) {
        EXPECT_FALSE(decoded.error().message.empty());
      }
    }
  }
}

// The answers and streams of every provider, shown to a client of this format.
std::vector<StreamEvent> events_of(EventReader& reader, const Fixture& fixture) {
  std::vector<StreamEvent> events;
  json::Document scratch;
  json::Element list;
  if (!fixture.find("/events", list)) return events;
  const json::Array lines = list.get_array();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto place = "/events/" + std::to_string(i);
    const auto data = fixture.body(place);
    (void)reader.read({.data = data, .name = {}, .raw = {}, .has_data = true}, scratch, events);
  }
  return events;
}

TEST_P(client_face_of, encodes_streams) {
  const auto all = fixtures("stream");
  if (all.empty()) GTEST_SKIP() << "tested in tests/unit/formats";
  for (const auto& fixture : all) {
    SCOPED_TRACE(fixture.name);
    const auto request = read(fixture, fixture.body("/request"));
    ASSERT_TRUE(request.has_value()) << request.error().message;
    const auto reader = model_face(fixture.text("/provider", "openai")).stream(*request);
    const auto out = shown(it(), *request, events_of(*reader, fixture), reader->state());
    json::Element lines;
    ASSERT_TRUE(fixture.find("/expect", lines));
    const json::Array list = lines.get_array();
    const bool lined = it().stream_type(*request).find("ndjson") != std::string_view::npos;
    EventFramer framer(lined ? Framing::ndjson : Framing::sse);
    framer.feed(out);
    FramedEvent event;
    for (std::size_t i = 0; i < list.size(); ++i) {
      ASSERT_TRUE(framer.next(event).value_or(false)) << out;
      EXPECT_EQ(event.data, fixture.body("/expect/" + std::to_string(i)));
    }
    EXPECT_FALSE(framer.next(event).value_or(false)) << event.raw;
  }
}

TEST_P(client_face_of, encodes_answers) {
  const auto all = fixtures("encode");
  if (all.empty()) GTEST_SKIP() << "tested in tests/unit/formats";
  for (const auto& fixture : all) {
    SCOPED_TRACE(fixture.name);
    const auto request = read(fixture, fixture.body("/request"));
    ASSERT_TRUE(request.has_value()) << request.error().message;
    const auto response =
        model_face(fixture.text("/provider", "openai")).read(*request, fixture.body("/answer"), pool_);
    ASSERT_TRUE(response.has_value()) << response.error().message;
    EXPECT_EQ(mismatch(fixture, "/expect", it().write(*response, *request)), "") << it().write(*response, *request);
  }
}

TEST_P(client_face_of, every_error_has_a_body_and_a_stream_event) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(ErrorCode::count_); ++i) {
    const Error error{.code = static_cast<ErrorCode>(i), .message = "what \"went\" wrong\n", .param = "messages[0]"};
    json::Document document;
    ASSERT_TRUE(document.parse(it().write_error(error)));
    const Request request;
    const auto writer = it().stream(request);
    writer->begin({.id = "i", .model = "m", .created = 1});
    std::string framed;
    writer->fail(error, framed);
    if (it().stream_type(request) != "text/event-stream; charset=utf-8") continue;
    EventFramer framer(Framing::sse);
    framer.feed(framed);
    FramedEvent event;
    std::size_t events = 0;
    for (; framer.next(event).value(); ++events) EXPECT_TRUE(document.parse(std::string(event.data)));
    EXPECT_GE(events, 1U);
  }
}

}  // namespace
}  // namespace weir::conformance
