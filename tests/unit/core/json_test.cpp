#include "core/json.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace weir::json {
namespace {

Status parse(Document& document, std::string_view text) { return document.parse(std::string(text)); }

std::vector<std::string> texts_of(std::string_view text) {
  Document document;
  EXPECT_TRUE(parse(document, text)) << text;
  document.survey();
  return {document.texts().begin(), document.texts().end()};
}

TEST(json_document, gives_back_the_text_it_was_given) {
  Document document;
  const std::string text = R"({"a": [1, 2.5, "x"]})";
  ASSERT_TRUE(document.parse(text));
  EXPECT_EQ(document.text(), text);
  EXPECT_EQ(document.take_text(), text);
}

TEST(json_document, text_with_spare_capacity_is_not_copied) {
  std::string text;
  text.reserve(4096);
  text = R"({"a": 1})";
  const char* const where = text.data();
  Document document;
  ASSERT_TRUE(document.parse(std::move(text)));
  EXPECT_EQ(document.text().data(), where);
}

TEST(json_document, is_usable_again_after_an_error) {
  Document document;
  EXPECT_FALSE(parse(document, R"({"a":})"));
  EXPECT_TRUE(parse(document, R"({"a": 1})"));
  EXPECT_EQ(int_or(document.root().get_object().value_unsafe(), "a"), 1);
}

TEST(json_document_pool, a_document_that_grew_large_is_not_kept) {
  DocumentPool pool;
  const Document* small = nullptr;
  {
    auto handle = pool.take();
    small = handle.get();
    ASSERT_TRUE(parse(*handle, "{}"));
  }
  auto handle = pool.take();
  EXPECT_EQ(handle.get(), small);
  ASSERT_TRUE(handle->parse("\"" + std::string(3'000'000, 'x') + "\""));
  EXPECT_GT(handle->capacity(), 3'000'000U);
  handle.reset();
  EXPECT_LT(pool.take()->capacity(), 3'000'000U);
}

struct BadText {
  std::string_view text;
  std::size_t line;
  std::size_t column;
  std::string_view what;  // part of the message
};

class json_fault : public testing::TestWithParam<BadText> {};

TEST_P(json_fault, is_found_where_it_is_and_named) {
  Document document;
  const auto parsed = parse(document, GetParam().text);
  ASSERT_FALSE(parsed) << GetParam().text;
  EXPECT_EQ(parsed.error().code, ErrorCode::invalid_json);
  const auto fault = locate_fault(GetParam().text);
  EXPECT_EQ(fault.line, GetParam().line) << fault.what;
  EXPECT_EQ(fault.column, GetParam().column) << fault.what;
  EXPECT_NE(fault.what.find(GetParam().what), std::string_view::npos) << fault.what;
  EXPECT_NE(parsed.error().message.find(fault.what), std::string::npos) << parsed.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    texts, json_fault,
    testing::Values(
        BadText{"", 1, 1, "empty"}, BadText{" \n ", 2, 2, "nothing but blanks"},
        BadText{R"({"a": 1,})", 1, 9, "comma too many"}, BadText{"[1,]", 1, 4, "comma too many"},
        BadText{"{\n  \"a\": 1\n  \"b\": 2}", 3, 3, "expected ',' or '}'"},
        BadText{"[1 2]", 1, 4, "expected ',' or ']'"}, BadText{R"({"a" 1})", 1, 6, "expected ':'"},
        BadText{R"({a: 1})", 1, 2, "key in double quotes"}, BadText{R"({'a': 1})", 1, 2, "double quotes"},
        BadText{R"({"a": 'x'})", 1, 7, "double quotes"}, BadText{R"({"a": tru})", 1, 7, "expected a value"},
        BadText{R"({"a": truely})", 1, 7, "expected a value"}, BadText{R"({"a": NaN})", 1, 7, "expected a value"},
        BadText{R"({"a": "x)", 1, 7, "closing quote"}, BadText{"{\"a\": \"x\ny\"}", 1, 9, "line break"},
        BadText{"{\"a\": \"x\ty\"}", 1, 9, "control character"}, BadText{R"({"a": "\x"})", 1, 8, "escape"},
        BadText{R"({"a": "\u12g4"})", 1, 10, "hexadecimal"}, BadText{R"(["\ud800"])", 1, 3, "surrogate"},
        BadText{R"(["\udc00"])", 1, 3, "surrogate"}, BadText{"[\"\xff\"]", 1, 3, "UTF-8"},
        BadText{"[\"\xed\xa0\x80\"]", 1, 3, "UTF-8"}, BadText{"\xEF\xBB\xBF{}", 1, 1, "byte order mark"},
        BadText{"{} {}", 1, 4, "follows the end"}, BadText{"[01]", 1, 2, "leading zeros"},
        BadText{"[1.]", 1, 4, "decimal point"}, BadText{"[1e]", 1, 4, "exponent"}, BadText{"[-]", 1, 3, "after '-'"},
        BadText{"[1e999]", 1, 2, "double"}, BadText{R"({"a": [1, 2)", 1, 12, "inside an array"},
        BadText{R"({"a": 1)", 1, 8, "inside an object"}, BadText{R"({"a":)", 1, 6, "where a value was expected"}));

TEST(json_document, integers_may_be_of_any_width) {
  const std::string_view text =
      R"({"a":123456789012345678901234567890,"b":-99999999999999999999,"c":18446744073709551615,"d":"1\"2"})";
  Document document;
  ASSERT_TRUE(parse(document, text));
  EXPECT_EQ(document.text(), text);
  EXPECT_TRUE(locate_fault(text).what.empty());
  EXPECT_EQ(texts_of(text),
            (std::vector<std::string>{"a", "123456789012345678901234567890", "b", "-99999999999999999999", "c",
                                      "18446744073709551615", "d", "1\"2"}));
  const auto endless = parse(document, "[" + std::string(400, '9') + "]");
  ASSERT_FALSE(endless);
  EXPECT_NE(endless.error().message.find("too large"), std::string::npos) << endless.error().message;
}

// Wide integers are looked for in texts that may be no JSON at all.
TEST(json_document, a_wide_integer_beside_an_open_string_is_an_error) {
  for (const std::string_view text :
       {"'7\"\\", "[01\"\\", "[123456789012345678901,\"\\", "7\"a\\\"", "[1.5e999999,\"\\"}) {
    Document document;
    EXPECT_FALSE(parse(document, text)) << text;
  }
}

TEST(json_document, long_exponents_and_fractions_beside_a_wide_integer_stay_numbers) {
  for (const std::string_view number :
       {"137890e-600024681345645678901789", "1e+0000000000000000000000000000005", "1.12345678901234567890123456789",
        "1.12345678901234567890123456789E-0000000000000000000000000000002", "0e-99999999999999999999", "-1e-1"}) {
    Document document;
    EXPECT_TRUE(parse(document, fmt::format("[{}, 1345645678901789018604, {}]", number, number))) << number;
  }
}

TEST(json_fault, hostile_depth_is_refused_without_recursion) {
  const std::string deep(1'000'000, '[');
  Document document;
  const auto parsed = document.parse(deep);
  ASSERT_FALSE(parsed);
  EXPECT_NE(parsed.error().message.find("nested too deeply"), std::string::npos) << parsed.error().message;
}

// The checker and simdjson must agree on what is JSON: every prefix and every single-byte change of a text with all
// kinds of tokens.
TEST(json_fault, agrees_with_the_parser_on_mutations) {
  const std::string text =
      R"({"a\n\u00e9\ud83d\ude00": [1, -2.5e+3, 0, true, false, null, {"é": ""}], "b": {"c": [[]], "d": {}}})";
  Document document;
  ASSERT_TRUE(document.parse(text));
  EXPECT_TRUE(locate_fault(text).what.empty());
  const auto check = [&](const std::string& mutant) {
    const bool parses = document.parse(mutant).has_value();
    const bool clean = locate_fault(mutant).what.empty();
    EXPECT_EQ(parses, clean) << mutant << ": " << locate_fault(mutant).what;
  };
  for (std::size_t i = 0; i < text.size(); ++i) check(text.substr(0, i));
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char c : std::string_view("\"\\{}[]:,0-e. tu\n\x01\x80\xff")) {
      auto mutant = text;
      mutant[i] = c;
      check(mutant);
    }
  }
}

TEST(json_survey, lists_every_string_key_and_number_in_document_order) {
  EXPECT_EQ(texts_of(R"({"b": "x", "a": {"k": [1, -2.50, "t\n\u00e9", true, null]}, "z": 4111111111111111})"),
            (std::vector<std::string>{"b", "x", "a", "k", "1", "-2.50", "t\né", "z", "4111111111111111"}));
}

TEST(json_survey, says_by_keys_and_shapes_what_is_no_text) {
  const std::string ids = "1" + [] {
    std::string more;
    for (int i = 0; i < 80; ++i) more += "," + std::to_string(i);
    return more;
  }();
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"messages":[{"role":"user","content":"hello"}],"temperature":0.5})", ""},
      {R"({"messages":[{"content":[{"type":"image_url","image_url":{"url":"https://x.example/a.png"}}]}]})", "images"},
      {R"({"messages":[{"content":[{"type":"image_url","image_url":"https://x.example/a.png"}]}]})", "images"},
      {R"({"messages":[{"content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}]})", "audio"},
      {R"({"messages":[{"content":[{"type":"file","file":{"file_id":"file-1"}}]}]})", "files"},
      {R"({"input":[{"content":[{"type":"input_file","file_url":"https://x.example/a.pdf"}]}]})", "files"},
      {R"({"contents":[{"parts":[{"fileData":{"fileUri":"gs://bucket/a"}}]}]})", "files"},
      {R"({"messages":[{"content":[{"type":"image","source":{"type":"url","url":"https://x.example/a"}}]}]})",
       "images"},
      {R"({"messages":[{"content":[{"type":"video_url","video_url":{"url":"https://x.example/a"}}]}]})", "video"},
      {R"({"messages":[{"role":"assistant","audio":{"id":"audio_1"}}],"audio":{"voice":"alloy"}})", "audio"},
      {R"({"messages":[],"audio":{"voice":"alloy","format":"wav"}})", ""},
      {R"({"model":"m","prompt_token_ids":[1,2,3]})", "tokens"},
      {R"({"model":"m","input":[)" + ids + "]}", "tokens"},
      {R"({"model":"m","input":[[)" + ids + "]]}", "tokens"},
      {R"({"tools":[{"function":{"parameters":{"properties":{"n":{"enum":[)" + ids + "]}}}}}]}", ""},
      {R"({"tools":[{"function":{"parameters":{"properties":{"image_url":{"type":"string"},"file_id":{"a":"b"}}}}}]})",
       ""},
      {R"({"metadata":{"file_id":"file-1"}})", ""},
      {R"({"messages":[{"image_url":null,"file_id":""}]})", ""},
  };
  for (const auto& [text, kinds] : cases) {
    Document document;
    ASSERT_TRUE(document.parse(text)) << text;
    document.survey();
    EXPECT_EQ(join_names(document.carries()), kinds) << text;
  }
}

TEST(json_survey, resolves_escaped_keys) {
  Document document;
  ASSERT_TRUE(parse(document, R"({"m\u006fdel" : "x" })"));
  document.survey();
  const auto& fields = document.fields();
  ASSERT_EQ(fields.size(), 1U);
  EXPECT_EQ(fields[0].key, "model");
  EXPECT_EQ(document.text().substr(fields[0].value_begin, fields[0].value_end - fields[0].value_begin), "\"x\"");
}

TEST(json_fields, ranges_are_exact_for_every_kind_of_value) {
  const std::string_view text =
      " { \"s\" : \"a\\\"}\" ,\n\"n\":-1.5e3 , \"o\": { \"s\": [1, {}] } ,\"a\":[ ],\"t\":true,\"z\" :null\n}";
  std::vector<std::string> seen;
  for (const auto& field : top_level_fields(text)) {
    EXPECT_EQ(text[field.key_begin], '"');
    seen.push_back(std::string(field.key) + "=" +
                   std::string(text.substr(field.value_begin, field.value_end - field.value_begin)));
  }
  EXPECT_EQ(seen, (std::vector<std::string>{R"(s="a\"}")", "n=-1.5e3", R"(o={ "s": [1, {}] })", "a=[ ]", "t=true",
                                            "z=null"}));
}

TEST(json_fields, keep_duplicates_and_may_be_none) {
  EXPECT_EQ(top_level_fields(R"({"a":1,"a":2})").size(), 2U);
  EXPECT_TRUE(top_level_fields("{ }").empty());
}

TEST(json_parts, elements_and_members_are_views_of_the_text) {
  const std::string_view text = R"({ "a" : [ 1 , "x,]" , {"b":[2]} ,[], null ] , "k\u0065y" : { "z" : -1.5 } })";
  EXPECT_EQ(elements(member(text, "a")),
            (std::vector<std::string_view>{"1", R"("x,]")", R"({"b":[2]})", "[]", "null"}));
  EXPECT_EQ(member(member(text, "key"), "z"), "-1.5");
  EXPECT_EQ(member(text, "none"), "");
  EXPECT_TRUE(elements("[ ]").empty());
  EXPECT_GE(member(text, "a").data(), text.data());
}

TEST(json_apply, replaces_inserts_and_removes) {
  EXPECT_EQ(apply("0123456789", {{.begin = 0, .end = 0, .with = "a"},
                                 {.begin = 2, .end = 4, .with = "-"},
                                 {.begin = 8, .end = 10, .with = ""}}),
            "a01-4567");
}

TEST(json_writer, puts_commas_where_they_belong) {
  std::string out;
  Writer writer(out);
  writer.begin_object().key("a").value(1).key("b").begin_array().value("x").value(2.5).boolean(true).null();
  writer.begin_object().end_object().begin_array().end_array().end_array().key("c").raw("[]").key("d").value(uint64_t{1}
                                                                                                             << 63);
  writer.end_object();
  EXPECT_EQ(out, R"({"a":1,"b":["x",2.5,true,null,{},[]],"c":[],"d":9223372036854775808})");
}

TEST(json_writer, strings_survive_a_round_trip) {
  std::string all;
  for (int c = 0; c < 0x80; ++c) all += static_cast<char>(c);
  all += "é漢😀";
  std::string out;
  append_string(out, all);
  Document document;
  ASSERT_TRUE(document.parse(out)) << out;
  EXPECT_EQ(document.root().get_string().value(), all);
}

TEST(json_writer, broken_utf8_becomes_the_replacement_character) {
  for (const std::string_view broken : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
    std::string out;
    append_string(out, std::string("a") + std::string(broken) + "b");
    Document document;
    ASSERT_TRUE(document.parse(out));
    const std::string_view text = document.root().get_string().value();
    EXPECT_TRUE(text.starts_with("a\xEF\xBF\xBD")) << text;
    EXPECT_TRUE(text.ends_with("b"));
  }
}

TEST(json_writer, what_is_no_number_in_json_becomes_null) {
  std::string out;
  Writer writer(out);
  writer.begin_array().value(std::numeric_limits<double>::infinity()).value(std::nan("")).value(0.1).end_array();
  EXPECT_EQ(out, "[null,null,0.1]");
}

}  // namespace
}  // namespace weir::json
