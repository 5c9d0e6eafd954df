// What guards read: every string and number of a body, whatever its shape.
#include <gtest/gtest.h>

#include <random>

#include "formats/format.h"

namespace weir {
namespace {

struct Grown {
  std::string json;
  std::vector<std::string> texts;
};

// A random JSON value; `texts` gets every string, key and number in it, in document order.
class Grower {
 public:
  explicit Grower(uint32_t seed) : random_(seed) {}

  void value(int depth, Grown& out) {
    switch (pick(depth > 4 ? 5 : 7)) {
      case 0:
        out.json += "null";
        break;
      case 1:
        out.json += "true";
        break;
      case 2:
        number(out);
        break;
      case 3:
      case 4:
        string(out);
        break;
      case 5:
        array(depth, out);
        break;
      default:
        object(depth, out);
        break;
    }
  }

  void string(Grown& out) {
    static const std::vector<std::string> pieces = {
        "a", "\"", "\\", "\n", "é", "😀", " ", "{", "]", ":", ",", "data:image/png;base64,", "4111"};
    std::string text;
    for (auto n = pick(6); n > 0; --n) text += pieces[pick(pieces.size())];
    json::append_string(out.json, text);
    out.texts.push_back(text);
  }

 private:
  std::size_t pick(std::size_t n) { return random_() % n; }
  void blank(Grown& out) {
    if (pick(4) == 0) out.json += pick(2) == 0 ? " " : "\n\t";
  }
  void number(Grown& out) {
    static const std::vector<std::string> numbers = {"0", "-1", "4111111111111111", "1.50", "2e3", "-0.25E-2"};
    const auto& text = numbers[pick(numbers.size())];
    out.json += text;
    out.texts.push_back(text);
  }
  void array(int depth, Grown& out) {
    out.json += '[';
    for (std::size_t i = 0, n = pick(4); i < n; ++i) {
      if (i != 0) out.json += ',';
      blank(out);
      value(depth + 1, out);
      blank(out);
    }
    out.json += ']';
  }
  void object(int depth, Grown& out) {
    out.json += '{';
    for (std::size_t i = 0, n = pick(4); i < n; ++i) {
      if (i != 0) out.json += ',';
      blank(out);
      string(out);
      blank(out);
      out.json += ':';
      blank(out);
      value(depth + 1, out);
    }
    out.json += '}';
  }

  std::mt19937 random_;
};

TEST(texts, hold_every_string_key_and_number_of_any_body) {
  json::DocumentPool pool;
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    Grown grown{.json = R"({"model":"m","messages":[{"role":"user","content":"x"}],"extra":)",
                .texts = {"model", "m", "messages", "role", "user", "content", "x", "extra"}};
    Grower(seed).value(0, grown);
    grown.json += '}';
    const auto request = client_face("openai").read({.body = grown.json}, pool);
    ASSERT_TRUE(request.has_value()) << request.error().message << "\n" << grown.json;
    ASSERT_EQ(std::vector<std::string>(request->texts().begin(), request->texts().end()), grown.texts) << grown.json;
  }
}

TEST(texts, count_what_the_model_reads) {
  json::DocumentPool pool;
  const auto request = client_face("openai").read(
      {.body =
           R"({"model":"m","messages":[{"role":"user","content":"12345"},{"role":"assistant","content":"123"}],"user":"not prompt"})"},
      pool);
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->text_bytes, 8U);
}

TEST(decoded_request, keeps_its_views_when_it_is_moved) {
  json::DocumentPool pool;
  auto request =
      client_face("openai").read({.body = R"({"model":"m","messages":[{"role":"user","content":"hello"}]})"}, pool);
  ASSERT_TRUE(request.has_value());
  const Request moved = std::move(*request);
  EXPECT_EQ(moved.model, "m");
  EXPECT_EQ(moved.messages.at(0).parts.at(0).text, "hello");
  EXPECT_EQ(moved.fields().at(0).key, "model");
}

}  // namespace
}  // namespace weir
