// What is taken out of a body, wherever it stands, and that all of it can be put back.
#include "redaction/redactor.h"

#include <gtest/gtest.h>

#include <random>

#include "asked.h"
#include "redaction/restore_answer.h"

namespace weir::redaction {
namespace {

const GuardSet& guards() {
  static const GuardSet set{GuardSettings{}};
  return set;
}

struct Case {
  std::string_view what;
  std::string_view body;
  std::string_view hidden;    // must not be in what goes out
  std::string_view expected;  // must be in it
};

TEST(redactor, takes_values_out_wherever_they_stand) {
  const Case cases[] = {
      {"a message", R"({"messages":[{"role":"user","content":"Write to anna@posteo.de please"}]})", "anna@posteo.de",
       "Write to <EMAIL_1> please"},
      {"by a question in another message",
       R"({"messages":[{"role":"assistant","content":"What is your SSN?"},{"role":"user","content":"536904399"}]})",
       "536904399", "\"<US_SSN_1>\""},
      {"by its key", R"({"model":"m","messages":[],"metadata":{"date_of_birth":"12.03.1984"}})", "12.03.1984", "<"},
      {"a number of JSON", R"({"messages":[{"content":[{"type":"tool_use","id":"a","input":{"ssn":536904399}}]}]})",
       "536904399", "\"ssn\":\"<US_SSN_1>\""},
      {"arguments of a tool",
       R"({"messages":[{"tool_calls":[{"function":{"name":"f","arguments":"{\"to\":\"anna@posteo.de\",\"ssn\":536904399}"}}]}]})",
       "536904399", R"({\"to\":\"<EMAIL_1>\",\"ssn\":\"<US_SSN_1>\"})"},
      {"behind an escape", R"({"messages":[{"content":"mail:\\nanna@posteo.de"}]})", "anna@posteo",
       "mail:\\\\n<EMAIL_1>"},
      {"written with escapes", R"({"messages":[{"content":"mail anna\\u0040posteo.de now"}]})", "posteo",
       "<EMAIL_1> now"},
      {"in base64", R"({"messages":[{"content":"see TXkgbWFpbCBpcyBhbm5hQHBvc3Rlby5kZSBub3c= there"}]})", "TXkgbWFpbC",
       "see <ENCODED_EMAIL_1> there"},
      {"a field's name", R"({"messages":[{"content":"x"}],"metadata":{"anna@posteo.de":"1"}})", "anna@posteo.de",
       "\"<EMAIL_1>\":\"1\""},
      {"the same value where nothing tells what it is",
       R"({"messages":[{"content":"My SSN is 536904399."},{"content":"Order 536904399 came."}]})", "536904399",
       "Order <US_SSN_1> came."},
      {"halves of a value",
       R"({"messages":[{"content":[{"type":"text","text":"card 4111 1111"},{"type":"text","text":"1111 1111 ok"}]}]})",
       "1111 1111 ok", "<PAYMENT_CARD_"},
      {"two messages", R"({"messages":[{"content":"anna@posteo.de, bob@posteo.de"},{"content":"bob@posteo.de"}]})",
       "posteo", "<EMAIL_1>, <EMAIL_2>"},
  };
  for (const Case& one : cases) {
    const auto out = redacted(guards(), one.body);
    ASSERT_TRUE(out) << one.what << ": " << out.error().message;
    EXPECT_EQ(out->body.find(one.hidden), std::string::npos) << one.what << ": " << out->body;
    EXPECT_NE(out->body.find(one.expected), std::string::npos) << one.what << ": " << out->body;
    EXPECT_EQ(restored_body(out->replacements, out->body), one.body) << one.what;
  }
}

TEST(redactor, leaves_a_request_alone_in_which_nothing_is_wanted) {
  constexpr std::string_view body = R"({"messages":[{"content":"Write to anna@posteo.de"}]})";
  const auto out = redacted(guards(), body, {.any = class_secret});
  ASSERT_TRUE(out);
  EXPECT_EQ(out->body, body);
  EXPECT_EQ(out->replacements.summary(), "");
}

TEST(redactor, takes_out_only_what_the_guards_are_sure_enough_of) {
  constexpr std::string_view body = R"({"messages":[{"content":"anna@posteo.de, number AB123456C"}]})";
  const auto out = redacted(guards(), body, {.high = class_personal});
  ASSERT_TRUE(out);
  EXPECT_NE(out->body.find("AB123456C"), std::string::npos) << out->body;
  EXPECT_EQ(out->body.find("anna"), std::string::npos) << out->body;
}

TEST(redactor, takes_no_more_than_the_value_where_messages_meet) {
  const auto out = redacted(
      guards(),
      R"({"messages":[{"content":"mail anna@posteo.de"},{"content":"Sure, done."},{"content":"My SSN is 536904399."},{"content":"Order it"}]})");
  ASSERT_TRUE(out);
  EXPECT_NE(out->body.find("mail <EMAIL_1>\"},{\"content\":\"Sure, done.\""), std::string::npos) << out->body;
  EXPECT_NE(out->body.find(".\"},{\"content\":\"Order it\""), std::string::npos) << out->body;
}

TEST(redactor, fails_closed_where_a_value_must_stay) {
  for (
      const std::string_view body :
      {R"({"model":"anna@posteo.de","messages":[]})",
       R"({"messages":[{"role":"tool","tool_call_id":"anna@posteo.de","content":"x"}]})",
       R"({"messages":[{"content":[{"type":"image_url","image_url":{"url":"https://x.org/anna@posteo.de.png"}}]}]})"}) {
    const auto out = redacted(guards(), body);
    ASSERT_FALSE(out) << body << out->body;
    EXPECT_EQ(out.error().code, ErrorCode::zone_refused);
    EXPECT_EQ(out.error().message.find("anna"), std::string::npos);
  }
}

TEST(redactor, numbers_stay_when_a_conversation_grows) {
  const auto first =
      redacted(guards(), R"({"messages":[{"content":"a@posteo.de and b@posteo.de"}],"user":"z@posteo.de"})");
  const auto second = redacted(
      guards(),
      R"({"messages":[{"content":"a@posteo.de and b@posteo.de"},{"content":"c@posteo.de"}],"user":"z@posteo.de"})");
  ASSERT_TRUE(first && second);
  for (const std::string value : {"a@posteo.de", "b@posteo.de", "z@posteo.de"}) {
    EXPECT_EQ(first->replacements.name_of.at(value), second->replacements.name_of.at(value)) << value;
  }
}

TEST(redactor, does_not_take_the_names_that_the_request_itself_uses) {
  const auto out = redacted(guards(), R"({"messages":[{"content":"<EMAIL_1>, email_2: anna@posteo.de"}]})");
  ASSERT_TRUE(out);
  EXPECT_NE(out->body.find("<EMAIL_1>, email_2: <EMAIL_3>"), std::string::npos) << out->body;
  EXPECT_EQ(restored(out->replacements, "<EMAIL_1>, email_2: <EMAIL_3>"), "<EMAIL_1>, email_2: anna@posteo.de");
}

TEST(redactor, names_of_tools_stay_names) {
  const auto out = redacted(
      guards(),
      R"({"tools":[{"type":"function","function":{"name":"call_+14155552671","parameters":{"type":"object","properties":{"x":{}}}}}],"messages":[{"content":"My phone is 4155552671."}]})");
  if (!out) GTEST_SKIP() << "no name of a tool: " << out.error().message;
  EXPECT_EQ(out->body.find("4155552671"), std::string::npos) << out->body;
}

// Values of many kinds in texts of many forms: none is left, and all of it comes back.
TEST(redactor, property_no_planted_value_is_left_and_all_come_back) {
  const std::string values[] = {"anna.berg@posteo.de",
                                "4111 1111 1111 1111",
                                "DE89 3704 0044 0532 0130 00",
                                "+49 30 901820 55",
                                "536-90-4399",
                                "81.2.69.142",
                                "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
                                "postgres://bob:hunter2x@db.acme.io/x"};
  const std::string frames[] = {
      "Please use {} for it.", "{}",          "a={}; b=2", "Line one\nthen {}\tand \"{}\"", "{\"k\": \"{}\"}",
      "<b>{}</b> & more",      "käse {} 日本"};
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string body;
    json::Writer w(body);
    w.begin_object().key("model").value("m").key("messages").begin_array();
    std::vector<std::string> planted;
    for (int message = 0; message < 3; ++message) {
      std::string text = frames[random() % std::size(frames)];
      const std::string& value = values[random() % std::size(values)];
      for (auto at = text.find("{}"); at != std::string::npos; at = text.find("{}")) text.replace(at, 2, value);
      planted.push_back(value);
      w.begin_object().key("role").value("user").key("content").value(text).end_object();
    }
    w.end_array().end_object();
    const auto out = redacted(guards(), body);
    ASSERT_TRUE(out) << body << out.error().message;
    for (const auto& value : planted) EXPECT_EQ(out->body.find(value), std::string::npos) << body << out->body;
    EXPECT_EQ(restored_body(out->replacements, out->body), body) << out->body;
  }
}

TEST(redactor, hostile_bodies_never_break_it) {
  const std::string body =
      R"({"messages":[{"content":"anna@posteo.de \\ \" \u0000 4111 1111 1111 1111","x":[1,2.5e3,-4155552671,null,true,{"a@b.example.org":[]}]}],"n":536904399})";
  for (std::size_t cut = 0; cut < body.size(); ++cut) {
    json::DocumentPool pool;
    for (const std::string with : {"", "\"", "}", "@posteo.de", "\\"}) {
      std::string changed = body.substr(0, cut) + with + body.substr(cut + 1);
      json::Document document;
      if (!document.parse(changed) || !document.root().is_object()) continue;
      const auto out = redacted(guards(), changed);
      if (!out) continue;
      json::Document again;
      EXPECT_TRUE(again.parse(out->body)) << out->body;
    }
  }
}

}  // namespace
}  // namespace weir::redaction
