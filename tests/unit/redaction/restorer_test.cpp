// The way back: in streams cut anywhere, in JSON, and however a model wrote a placeholder.
#include "redaction/restorer.h"

#include <gtest/gtest.h>

#include <random>

#include "asked.h"
#include "redaction/restore_answer.h"

namespace weir::redaction {
namespace {

Replacements known() {
  Replacements out;
  (void)out.take("email", "anna@posteo.de");
  (void)out.take("email", "bob@posteo.de");
  (void)out.take("secret", "pa\"ss\\word");
  (void)out.take("us_ssn", "536-90-4399");
  (void)out.take("ipv4", "81.2.69.142");
  out.numbers.insert(out.take("phone", "4155552671").substr(1, 7));
  return out;
}

struct Case {
  std::string_view text;
  std::string_view expected;
  JsonState::Of of = JsonState::Of::text;
};

constexpr Case cases[] = {
    {"Dear <EMAIL_1>, or <EMAIL_2>?", "Dear anna@posteo.de, or bob@posteo.de?"},
    {"<EMAIL_1><EMAIL_2>", "anna@posteo.debob@posteo.de"},
    {"if a < b and <EMAIL_9> or <EMAIL", "if a < b and <EMAIL_9> or <EMAIL"},
    {"the password is <SECRET_1>", "the password is pa\"ss\\word"},
    {R"({"pw":"<SECRET_1>","to":"x <EMAIL_1>"})", R"({"pw":"pa\"ss\\word","to":"x anna@posteo.de"})"},
    {R"({"pw":"<SECRET_1>"})", R"({"pw":"pa\"ss\\word"})", JsonState::Of::json},
    {R"({"phone":"<PHONE_1>","text":"call <PHONE_1>"})", R"({"phone":4155552671,"text":"call 4155552671"})",
     JsonState::Of::json},
    {R"({"to":<EMAIL_1>,"n":<PHONE_1>})", R"({"to":"anna@posteo.de","n":4155552671})", JsonState::Of::json},
    {R"({"to":"\u003cEMAIL_1\u003e","x":"\n<EMAIL_1>"})", R"({"to":"anna@posteo.de","x":"\nanna@posteo.de"})",
     JsonState::Of::json},
    {"[EMAIL_1] is who", "anna@posteo.de is who"},
    {"(see <EMAIL_1>) [<EMAIL_1>](mailto:<EMAIL_1>)", "(see anna@posteo.de) [anna@posteo.de](mailto:anna@posteo.de)"},
    {"<EMAIL_1>s and EMAIL_1's", "anna@posteo.des and anna@posteo.de's"},
};

TEST(restorer, puts_values_back_wherever_a_stream_is_cut) {
  const Replacements names = known();
  for (const Case& one : cases) {
    EXPECT_EQ(restored(names, one.text, one.of), one.expected);
    for (std::size_t cut = 0; cut <= one.text.size(); ++cut) {
      Restorer restorer(names, one.of);
      std::string out = restorer.add(one.text.substr(0, cut));
      out += restorer.add(one.text.substr(cut));
      out += restorer.end();
      EXPECT_EQ(out, one.expected) << cut;
    }
    Restorer restorer(names, one.of);
    std::string out;
    for (const char c : one.text) out += restorer.add({&c, 1});
    out += restorer.end();
    EXPECT_EQ(out, one.expected) << "byte by byte";
  }
}

TEST(restorer, keeps_back_no_more_than_what_may_become_a_placeholder) {
  const Replacements names = known();
  Restorer restorer(names);
  EXPECT_EQ(restorer.add("What a nice day it is to walk"), "What a nice day it is to walk");
  EXPECT_EQ(restorer.add(" to the em"), " to the ");
  EXPECT_EQ(restorer.add("ir of"), "emir of");
  EXPECT_EQ(restorer.add(" <EMAIL_"), " ");
  EXPECT_TRUE(restorer.holds_back());
  EXPECT_EQ(restorer.add("1>!"), "anna@posteo.de!");
}

// The ways in which models write placeholders that they were given otherwise.
std::string distorted(std::string_view name, int way) {
  const std::string bare(name.substr(1, name.size() - 2));
  const auto with = [&](auto change) {
    std::string out;
    for (const char c : bare) out += change(c);
    return out;
  };
  const auto lower = with([](char c) { return std::string(1, static_cast<char>(std::tolower(c))); });
  const auto spaced = with([](char c) { return c == '_' ? std::string(" ") : std::string(1, c); });
  const auto hyphened = with([](char c) { return c == '_' ? std::string("-") : std::string(1, c); });
  const auto escaped = with([](char c) { return c == '_' ? std::string("\\_") : std::string(1, c); });
  const auto wide = with([](char c) {
    if (c == '_') return std::string("＿");
    const int code = c + 0xFEE0;
    return std::string{static_cast<char>(0xE0 | (code >> 12)), static_cast<char>(0x80 | ((code >> 6) & 0x3F)),
                       static_cast<char>(0x80 | (code & 0x3F))};
  });
  std::string title = lower;
  title[0] = static_cast<char>(std::toupper(title[0]));
  const auto number = bare.rfind('_');
  const std::string plural = bare.substr(0, number) + "S" + bare.substr(number);
  const std::string filled = bare.substr(0, number + 1) + "0" + bare.substr(number + 1);
  const std::string ways[] = {"<" + lower + ">",
                              "<" + title + ">",
                              "[" + bare + "]",
                              "{" + bare + "}",
                              "(" + bare + ")",
                              "«" + bare + "»",
                              "《" + bare + "》",
                              "【" + bare + "】",
                              "「" + bare + "」",
                              "＜" + bare + "＞",
                              "‹" + bare + "›",
                              "⟨" + bare + "⟩",
                              bare,
                              lower,
                              "**" + bare + "**",
                              "`<" + bare + ">`",
                              "< " + bare + " >",
                              "<" + spaced + ">",
                              "<" + hyphened + ">",
                              "<\u200b" + bare + ">",
                              hyphened,
                              "&lt;" + bare + "&gt;",
                              "\\u003c" + bare + "\\u003e",
                              "\\<" + escaped + "\\>",
                              "%3C" + bare + "%3E",
                              "<" + plural + ">",
                              "<" + bare + "s>",
                              "<" + filled + ">",
                              "<" + wide + ">",
                              "<" + bare,
                              bare + ">",
                              "<*" + bare + "*>"};
  return ways[static_cast<std::size_t>(way) % std::size(ways)];
}
constexpr int ways = 32;

TEST(restorer, at_least_95_of_100_distorted_placeholders_come_back) {
  const Replacements names = known();
  int all = 0;
  int back = 0;
  for (const auto& [value, name] : names.name_of) {
    for (int way = 0; way < ways; ++way) {
      for (const std::string frame : {"Dear {}, thanks.", "{}", "x: {}\n- {}", "“{}”", "to {}."}) {
        std::string text = frame;
        std::string expected = frame;
        const std::string written = distorted(name, way);
        for (auto at = text.find("{}"); at != std::string::npos; at = text.find("{}")) text.replace(at, 2, written);
        for (auto at = expected.find("{}"); at != std::string::npos; at = expected.find("{}"))
          expected.replace(at, 2, value);
        const std::string out = restored(names, text);
        ++all;
        // Marks of emphasis around it, and an S behind it, stay.
        const bool good =
            out.find(value) != std::string::npos && out.find(name.substr(1, name.size() - 3)) == std::string::npos;
        back += good ? 1 : 0;
        if (!good) std::cout << "not restored: " << text << " -> " << out << '\n';
      }
    }
  }
  EXPECT_GE(back * 100, all * 95) << back << " of " << all;
  std::cout << back << " of " << all << " distorted placeholders came back\n";
  RecordProperty("restored", back);
}

TEST(restorer, invented_placeholders_and_plain_words_stay) {
  const Replacements names = known();
  for (const std::string_view text :
       {"<EMAIL_3>", "<PERSON_1>", "email 1 of 2", "e-mail", "an email_12 field", "REEMAIL_1", "<EMAIL_12>", "EMAIL_1x",
        "IPV4 and US SSN", "<email>", "emails_ 1", "phone-1-800"}) {
    EXPECT_EQ(restored(names, text), text);
  }
}

TEST(stream_restorer, joins_pieces_of_texts_and_calls_and_ends_them_in_order) {
  const Replacements names = known();
  using Kind = StreamEvent::Kind;
  const std::string thought = "Ask <EMAIL_1> now <EM";
  const std::string answer = "Mail <EMAIL_2> and <SECRET_1>";
  const std::string arguments = R"({"pw":"<SECRET_1>","n":"<PHONE_1>","to":["<EMAIL_1>"]})";
  for (std::size_t size = 1; size < 12; ++size) {
    std::vector<StreamEvent> events;
    const auto say = [&](Kind kind, const std::string& text, int64_t tool = 0) {
      for (std::size_t at = 0; at < text.size(); at += size) {
        StreamEvent event{.kind = kind, .tool_index = tool};
        (kind == Kind::tool_call ? event.tool.arguments : event.text) = text.substr(at, size);
        if (kind == Kind::tool_call && at == 0) event.tool.name = "mail_EMAIL_1";
        events.push_back(std::move(event));
      }
    };
    say(Kind::reasoning, thought);
    say(Kind::text, answer);
    say(Kind::tool_call, arguments, 0);
    say(Kind::tool_call, arguments, 1);
    events.push_back({.kind = Kind::finish, .finish = FinishReason::tool_calls});
    events.push_back({.kind = Kind::done});

    StreamRestorer restorer(names);
    std::vector<StreamEvent> all;
    for (auto& event : events) {
      std::vector<StreamEvent> one;
      one.push_back(std::move(event));
      restorer.restore(one);
      for (auto& out : one) all.push_back(std::move(out));
    }
    EXPECT_TRUE(restorer.end().empty());
    std::string thoughts, text, calls[2], name;
    bool finished = false;
    for (const auto& event : all) {
      EXPECT_FALSE(finished && event.is_content()) << "content behind the finish";
      if (event.kind == Kind::reasoning) {
        EXPECT_TRUE(text.empty());
        thoughts += event.text;
      } else if (event.kind == Kind::text) {
        EXPECT_TRUE(calls[0].empty());
        text += event.text;
      } else if (event.kind == Kind::tool_call) {
        calls[event.tool_index] += event.tool.arguments;
        name += event.tool.name;
      }
      finished = finished || event.kind == Kind::finish;
    }
    EXPECT_EQ(thoughts, "Ask anna@posteo.de now <EM") << size;
    EXPECT_EQ(text, "Mail bob@posteo.de and pa\"ss\\word") << size;
    for (const auto& call : calls) EXPECT_EQ(call, R"({"pw":"pa\"ss\\word","n":4155552671,"to":["anna@posteo.de"]})");
    EXPECT_EQ(name, "mail_anna@posteo.demail_anna@posteo.de");
  }
}

TEST(restored_body, keeps_ids_usage_and_unknown_fields) {
  const Replacements names = known();
  constexpr std::string_view body =
      R"({"id":"chatcmpl-1","x_unknown":{"a":[1.50,"<EMAIL_1>"]},"choices":[{"message":{"content":"Hi <EMAIL_1>","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"p\":\"<SECRET_1>\"}"}}]}}],"usage":{"prompt_tokens":3}})";
  EXPECT_EQ(
      restored_body(names, std::string(body)),
      R"({"id":"chatcmpl-1","x_unknown":{"a":[1.50,"anna@posteo.de"]},"choices":[{"message":{"content":"Hi anna@posteo.de","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"p\":\"pa\\\"ss\\\\word\"}"}}]}}],"usage":{"prompt_tokens":3}})");
  EXPECT_EQ(restored_body(names, "just <EMAIL_1>"), "just anna@posteo.de");
}

}  // namespace
}  // namespace weir::redaction
