// Every dialect, against its fixtures: decode/ (request body → canonical, or the error), encode/ (canonical answer →
// body), stream/ (events → bytes).
#include <gtest/gtest.h>

#include "core/sse.h"
#include "formats/format.h"
#include "fixture.h"
#include "formats/format.h"

namespace weir::conformance {
namespace {

class dialect : public testing::TestWithParam<const Dialect*> {
 protected:
  const Dialect& it() const { return *GetParam(); }
  std::vector<Fixture> fixtures(std::string_view kind) const {
    return load("dialects/" + std::string(it().info().name) + "/" + std::string(kind));
  }
  json::DocumentPool pool_;
};

INSTANTIATE_TEST_SUITE_P(every, dialect, testing::ValuesIn(dialects()),
                         [](const auto& entry) { return std::string(entry.param->info().name); });

TEST_P(dialect, is_found_by_its_name_and_paths) {
  EXPECT_EQ(find_dialect(it().info().name), &it());
  for (const auto& path : it().info().paths) {
    const auto match = match_dialect(path.method, std::string(path.path) + "?x=1");
    EXPECT_EQ(match.dialect, &it());
    EXPECT_EQ(match.operation, path.operation);
    const auto other = match_dialect("DELETE", path.path);
    EXPECT_EQ(other.dialect, nullptr);
    EXPECT_TRUE(other.path_known);
  }
  EXPECT_FALSE(match_dialect("POST", "/nowhere").path_known);
}

TEST_P(dialect, decodes_requests_and_names_their_faults) {
  const auto all = fixtures("decode");
  EXPECT_FALSE(all.empty());
  for (const auto& fixture : all) {
    SCOPED_TRACE(fixture.name);
    const auto request = it().decode(fixture.operation(), fixture.body("/body"), pool_);
    json::Element expected;
    if (fixture.find("/error", expected)) {
      ASSERT_FALSE(request.has_value());
      EXPECT_EQ(difference(fixture.body("/error"), dump(request.error())), "");
      continue;
    }
    ASSERT_TRUE(request.has_value()) << request.error().message;
    EXPECT_EQ(difference(fixture.body("/expect"), dump(*request)), "") << dump(*request);
    if (fixture.find("/texts", expected)) {
      EXPECT_EQ(difference(fixture.body("/texts"), dump_texts(*request)), "") << dump_texts(*request);
    }
    EXPECT_EQ(request->dialect, it().info().name);
    EXPECT_GE(request->estimated_input_tokens(), 1);
  }
}

// No prefix of a good body, and no body with one byte broken, may crash or be taken for something it is not.
TEST_P(dialect, broken_bodies_are_errors_not_crashes) {
  for (const auto& fixture : fixtures("decode")) {
    const auto body = fixture.body("/body");
    for (std::size_t i = 0; i < body.size(); i += 1 + body.size() / 200) {
      EXPECT_FALSE(it().decode(fixture.operation(), body.substr(0, i), pool_).has_value())
          << fixture.name << " cut at " << i;
      auto broken = body;
      broken[i] = '\x01';
      const auto decoded = it().decode(fixture.operation(), broken, pool_);
      if (!decoded) {
        EXPECT_FALSE(decoded.error().message.empty());
      }
    }
  }
}

// The answers and streams of every provider, shown to a client of this dialect.
std::vector<StreamEvent> events_of(const Provider& provider, const Fixture& fixture, StreamState& state) {
  std::vector<StreamEvent> events;
  json::Document scratch;
  json::Element list;
  if (!fixture.find("/events", list)) return events;
  const json::Array lines = list.get_array();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    (void)provider.decode_event(fixture.body("/events/" + std::to_string(i)), state, scratch, events);
  }
  return events;
}

TEST_P(dialect, encodes_streams) {
  const auto all = fixtures("stream");
  EXPECT_FALSE(all.empty());
  for (const auto& fixture : all) {
    SCOPED_TRACE(fixture.name);
    const auto request = it().decode(fixture.operation(), fixture.body("/request"), pool_);
    ASSERT_TRUE(request.has_value()) << request.error().message;
    StreamState state;
    const auto events = events_of(*find_provider(fixture.text("/provider", "openai")), fixture, state);
    std::string out;
    for (const auto& event : events) it().encode_event(event, *request, state, out);
    std::string expected;
    json::Element lines;
    ASSERT_TRUE(fixture.find("/expect", lines));
    const json::Array list = lines.get_array();
    for (std::size_t i = 0; i < list.size(); ++i) {
      expected += "data: " + fixture.body("/expect/" + std::to_string(i)) + "\n\n";
    }
    EXPECT_EQ(out, expected);
  }
}

TEST_P(dialect, encodes_answers) {
  const auto all = fixtures("encode");
  EXPECT_FALSE(all.empty());
  for (const auto& fixture : all) {
    SCOPED_TRACE(fixture.name);
    const auto request = it().decode(fixture.operation(), fixture.body("/request"), pool_);
    ASSERT_TRUE(request.has_value()) << request.error().message;
    const auto response =
        find_provider(fixture.text("/provider", "openai"))->decode(*request, fixture.body("/answer"), pool_);
    ASSERT_TRUE(response.has_value()) << response.error().message;
    EXPECT_EQ(difference(fixture.body("/expect"), it().encode(*response, *request)), "")
        << it().encode(*response, *request);
  }
}

TEST_P(dialect, every_error_has_a_body_and_a_stream_event) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(ErrorCode::count_); ++i) {
    const Error error{.code = static_cast<ErrorCode>(i), .message = "what \"went\" wrong\n", .param = "messages[0]"};
    json::Document document;
    ASSERT_TRUE(document.parse(it().encode_error(error)));
    StreamState state;
    std::string framed;
    it().encode_stream_error(error, state, framed);
    EventFramer framer(Framing::sse);
    framer.feed(framed);
    FramedEvent event;
    ASSERT_TRUE(framer.next(event).value());
    EXPECT_TRUE(document.parse(std::string(event.data)));
    EXPECT_EQ(event.raw.size(), framed.size());
  }
}

}  // namespace
}  // namespace weir::conformance
