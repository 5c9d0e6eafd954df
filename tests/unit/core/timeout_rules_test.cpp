#include "core/timeout_rules.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

constexpr auto whole = AskedForm::whole;
constexpr auto stream = AskedForm::stream;
constexpr auto local = ZoneKind::local;
constexpr auto cloud = ZoneKind::cloud;

TEST(timeout_rules, what_the_config_says_counts) {
  const Timeouts said{.first_byte = 1'000, .first_token = 2'000, .idle = 3'000};
  for (const auto zone : {local, cloud}) {
    for (const auto turn : {Turn::last, Turn::others_follow}) {
      const auto streamed = waits_for(said, {.zone = zone, .form = stream, .turn = turn, .input_tokens = 100'000});
      EXPECT_EQ(streamed.head_ms, 1'000);
      EXPECT_EQ(streamed.silence_ms, 2'000);
      EXPECT_EQ(streamed.content_ms, 2'000);
      EXPECT_EQ(streamed.idle_ms, 3'000);
      const auto at_once = waits_for(said, {.zone = zone, .form = whole, .turn = turn});
      EXPECT_EQ(at_once.head_ms, 1'000);
      EXPECT_EQ(at_once.idle_ms, 3'000);
    }
  }
}

TEST(timeout_rules, a_limit_for_the_head_alone_is_not_undercut_by_another_rule) {
  EXPECT_EQ(waits_for({.first_byte = 300'000}, {.form = stream, .turn = Turn::others_follow}).silence_ms, 300'000);
  EXPECT_EQ(waits_for({.first_token = 300'000}, {.form = stream, .turn = Turn::others_follow}).head_ms, 300'000);
}

TEST(timeout_rules, somebody_at_a_screen_can_bear_a_silent_first_choice) {
  for (const auto zone : {local, cloud}) {
    const auto waits = waits_for({}, {.zone = zone, .form = stream, .turn = Turn::others_follow, .input_tokens = 50});
    EXPECT_LE(waits.head_ms, 21'000);
    EXPECT_LE(waits.silence_ms, 21'000);
  }
}

TEST(timeout_rules, a_local_server_may_take_minutes) {
  EXPECT_GE(waits_for({}, {.zone = local, .form = whole, .turn = Turn::last}).head_ms, 600'000);
  EXPECT_GE(waits_for({}, {.zone = local, .form = whole, .turn = Turn::others_follow}).head_ms, 300'000);
  EXPECT_GE(waits_for({}, {.zone = local, .form = stream, .turn = Turn::last}).silence_ms, 300'000);
  // A long prompt on a slow machine: 100 tokens a second.
  EXPECT_GE(
      waits_for({}, {.zone = local, .form = stream, .turn = Turn::others_follow, .input_tokens = 8'000}).silence_ms,
      80'000);
}

TEST(timeout_rules, prompts_and_answers_take_their_time_and_a_machine_of_ours_takes_more) {
  const auto wait = [](ZoneKind zone, AskedForm form, int64_t input, int64_t output) {
    return waits_for({}, {.zone = zone,
                          .form = form,
                          .turn = Turn::others_follow,
                          .input_tokens = input,
                          .output_tokens = output})
        .head_ms;
  };
  for (const auto form : {whole, stream}) {
    EXPECT_EQ(wait(local, form, 10'000, 0) - wait(local, form, 0, 0), 100'000) << "100 tokens a second are read";
    EXPECT_EQ(wait(cloud, form, 10'000, 0) - wait(cloud, form, 0, 0), 10'000) << "a thousand";
  }
  EXPECT_EQ(wait(local, whole, 0, 1'000) - wait(local, whole, 0, 0), 100'000) << "10 a second are written";
  EXPECT_EQ(wait(cloud, whole, 0, 1'000) - wait(cloud, whole, 0, 0), 20'000) << "50 a second";
  EXPECT_EQ(wait(cloud, stream, 0, 1'000), wait(cloud, stream, 0, 0)) << "a stream begins before it ends";
}

TEST(timeout_rules, habits_of_a_model_are_known) {
  const Awaited slow{.form = stream, .turn = Turn::others_follow, .usual_first_ms = 15'000};
  EXPECT_EQ(waits_for({}, slow).silence_ms, 60'000);
  const Awaited quick{.form = stream, .turn = Turn::others_follow, .usual_first_ms = 200};
  EXPECT_EQ(waits_for({}, quick).silence_ms, 20'000);
  const Awaited very_slow{.form = stream, .turn = Turn::others_follow, .usual_first_ms = 500'000};
  EXPECT_EQ(waits_for({}, very_slow).silence_ms, 120'000) << "habit is no excuse for any length";
}

TEST(timeout_rules, signs_of_life_buy_time_but_not_for_ever) {
  for (const auto turn : {Turn::last, Turn::others_follow}) {
    const auto waits = waits_for({}, {.form = stream, .turn = turn});
    EXPECT_GT(waits.content_ms, waits.silence_ms);
    EXPECT_LE(waits.content_ms, 600'000);
  }
  EXPECT_LT(waits_for({}, {.form = stream, .turn = Turn::others_follow}).content_ms,
            waits_for({}, {.form = stream, .turn = Turn::last}).content_ms);
}

TEST(timeout_rules, who_has_others_behind_it_is_waited_for_less) {
  for (const auto zone : {local, cloud}) {
    for (const auto form : {whole, stream}) {
      const auto last = waits_for({}, {.zone = zone, .form = form, .turn = Turn::last});
      const auto first = waits_for({}, {.zone = zone, .form = form, .turn = Turn::others_follow});
      EXPECT_LT(first.head_ms, last.head_ms);
      EXPECT_LE(first.silence_ms, last.silence_ms);
    }
  }
  const auto resumed = OnStreamFailure::resume;
  EXPECT_LT(waits_for({}, {.turn = Turn::others_follow, .on_stream_failure = resumed}).idle_ms,
            waits_for({}, {.turn = Turn::others_follow}).idle_ms);
}

}  // namespace
}  // namespace weir
