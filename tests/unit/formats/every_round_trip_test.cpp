// Ten thousand random conversations: each is written in one format and read by its clients' side, then written in
// another and read there, and must say what it said. What two formats have no place for, or say in another way, is left
// out for that pair; formats' own tests have each of these. A conversation that fails is shown as small as it can be.
#include <gtest/gtest.h>

#include <array>
#include <bit>

#include "formats/format.h"
#include "formats/shrink.h"

namespace weir {
namespace {

struct Side {
  std::string_view format;
  Carries carries;
};

// What every pair leaves out: seals mean nothing to another format.
constexpr Carries common{.several_systems = false,
                         .texts_in_a_row = false,
                         .sealed_thoughts = false,
                         .hidden_thoughts = false,
                         .result_errors = false,
                         .result_images = false,
                         .several_result_parts = false,
                         .empty_results = false,
                         .bare_tools = false,
                         .strict_tools = false,
                         .parallel_switch = false,
                         .no_limit = false,
                         .schema_names = false};

constexpr Carries without(Carries carries, bool Carries::*member) {
  carries.*member = false;
  return carries;
}
template <typename... More>
constexpr Carries without(const Carries& carries, bool Carries::*member, More... more) {
  return without(without(carries, member), more...);
}

const std::array sides = {
    Side{"openai", without(common, &Carries::top_k)},
    Side{"anthropic", without(common, &Carries::penalties, &Carries::seed, &Carries::json_object)},
    Side{"gemini", without(common, &Carries::images_by_url, &Carries::named_choice, &Carries::penalties)},
    Side{"responses", without(common, &Carries::top_k, &Carries::penalties, &Carries::seed, &Carries::stops)},
    Side{"ollama", without(common, &Carries::images_inline, &Carries::images_by_url, &Carries::named_choice)},
    Side{"cohere",
         without(common, &Carries::named_choice, &Carries::json_object, &Carries::json_schema, &Carries::penalties)},
};

Carries both(const Carries& a, const Carries& b) {
  using Flags = std::array<bool, sizeof(Carries)>;
  auto left = std::bit_cast<Flags>(a);
  const auto right = std::bit_cast<Flags>(b);
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = left[i] && right[i];
  return std::bit_cast<Carries>(left);
}

// What is the same, said in two ways, and limits that not all share.
void settle(Request& request) {
  if (request.tool_choice.mode == ToolChoice::Mode::automatic) request.tool_choice = {};
  if (request.tool_choice.mode == ToolChoice::Mode::none) request.tool_choice = {};
  if (!request.tools.empty()) {  // not every model takes both
    request.response_format = ResponseFormat::text;
    request.json_schema.reset();
  }
  if (request.response_format != ResponseFormat::json_schema) request.json_schema_strict.reset();
  if (request.top_p) request.top_p = std::clamp(*request.top_p, 0.01, 0.99);
  if (request.stop.size() > 4) request.stop.resize(4);
  for (auto& tool : request.tools) {
    if (tool.strict == false) tool.strict.reset();
  }
  request.json_schema_name = {};
  request.json_schema_strict.reset();
  request.thinking_tokens.reset();
  for (auto& message : request.messages) {
    if (message.role == Role::tool) message.name = {};  // its call has it
    for (auto& part : message.parts) {
      if (part.kind == Part::Kind::tool_call) part.signature = {};  // a stand-in, where one must be
      if (part.media.detail == "auto") part.media.detail = {};
    }
  }
}

// As it comes back from a format; an Error where that refuses it.
Result<Request> through(const Side& side, const Request& request, json::DocumentPool& pool) {
  const ProviderSettings provider{.url = {.host = "h"}};
  const ModelSettings model{.name = "the-model"};
  auto sent = model_face(side.format).write(request, {.provider = provider, .model = model}, {});
  if (!sent) return failure(std::move(sent.error()));
  return client_face(side.format)
      .read({.operation = Operation::chat,
             .named = "the-model",
             .streams = request.stream,
             .body = std::move(sent->body)},
            pool);
}

// What it says differently after both; "" for nothing. A refusal is told in `refused`.
std::string lost(Request& asked, const Side& first, const Side& second, json::DocumentPool& pool,
                 std::string& refused) {
  asked.format = "elsewhere";
  settle(asked);
  if (first.format == "ollama" || second.format == "ollama") asked.tool_choice = {};  // it has none
  auto once = through(first, asked, pool);
  if (!once) {
    refused = std::string(first.format) + ": " + once.error().message;
    return {};
  }
  settle(*once);
  auto twice = through(second, *once, pool);
  if (!twice) {
    refused = std::string(second.format) + ": " + twice.error().message;
    return {};
  }
  settle(*twice);
  if (!once->foreign.empty()) return "foreign: " + once->foreign.front().place;
  if (!twice->foreign.empty()) return "foreign: " + twice->foreign.front().place;
  return difference(asked, *twice);
}

TEST(every_round_trip, says_what_was_said_whatever_two_formats_it_went_through) {
  constexpr uint64_t conversations = 10'000;
  json::DocumentPool pool;
  std::size_t refusals = 0;
  for (uint64_t seed = 1; seed <= conversations; ++seed) {
    const auto& first = sides[seed % sides.size()];
    const auto& second = sides[seed / sides.size() % sides.size()];
    const auto carries = both(first.carries, second.carries);
    const auto make = [&] { return random_conversation(seed, carries); };
    std::string refused;
    auto asked = make();
    auto what = lost(asked, first, second, pool, refused);
    ASSERT_EQ(refused, "") << "seed " << seed << ", through " << first.format << " and " << second.format;
    refusals += refused.empty() ? 0 : 1;
    if (what.empty()) continue;
    auto smallest = shrunk(make, [&](Request& request) {
      std::string ignored;
      const bool empty = std::any_of(request.messages.begin(), request.messages.end(),
                                     [](const Message& message) { return message.parts.empty(); });
      return !empty && !request.messages.empty() && !lost(request, first, second, pool, ignored).empty();
    });
    what = lost(smallest, first, second, pool, refused);
    const ProviderSettings provider;
    const ModelSettings model{.name = "the-model"};
    FAIL() << "seed " << seed << ", through " << first.format << " and " << second.format << ": " << what
           << "\nthe smallest that fails: "
           << model_face(first.format).write(smallest, {.provider = provider, .model = model}, {})->body;
  }
  EXPECT_EQ(refusals, 0U);
}

TEST(shrunk, is_the_smallest_conversation_that_still_fails) {
  std::size_t found = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const auto has_call = [](Request& request) {
      return std::any_of(request.messages.begin(), request.messages.end(),
                         [](const Message& message) { return message.has_calls(); });
    };
    const auto make = [&] { return random_conversation(seed, {}); };
    if (auto whole = make(); !has_call(whole)) continue;
    const auto smallest = shrunk(make, has_call);
    ASSERT_EQ(smallest.messages.size(), 1U);
    EXPECT_EQ(smallest.messages[0].parts.size(), 1U);
    EXPECT_TRUE(smallest.tools.empty());
    EXPECT_FALSE(smallest.temperature || smallest.top_p || smallest.max_tokens || !smallest.stop.empty());
    ++found;
  }
  EXPECT_GT(found, 5U);
}

}  // namespace
}  // namespace weir
