#include "pipeline/with_model.h"

#include <gtest/gtest.h>

#include "core/json.h"

namespace weir {
namespace {

TEST(with_model, names_the_model_and_leaves_all_else_as_it_is) {
  struct Case {
    std::string_view body;
    std::string_view named;
  };
  for (const auto& c :
       {Case{R"({"messages":[]})", R"({"model":"m","messages":[]})"}, Case{R"({})", R"({"model":"m"})"},
        Case{" \n{ }", " \n{\"model\":\"m\" }"}, Case{R"({"model":"other", "n" : 1e3})", R"({"model":"m", "n" : 1e3})"},
        Case{R"({"n":1,"model":null})", R"({"n":1,"model":"m"})"},
        Case{R"({"x":{"model":"inside"},"y":"\"model\":1"})",
             R"({"model":"m","x":{"model":"inside"},"y":"\"model\":1"})"},
        Case{R"({"model":{"a":[1,{"b":2}]},"n":1})", R"({"model":"m","n":1})"}}) {
    EXPECT_EQ(with_model(std::string(c.body), "m"), c.named);
  }
  EXPECT_EQ(with_model("{}", "a\"b\\\n"), R"({"model":"a\"b\\\n"})");
}

TEST(with_model, what_is_no_object_stays_for_the_decoder_to_refuse) {
  for (const char* body : {"", " ", "[]", "null", "\"{\"", "x{}", "{\"model\"}", "{\"model\":", "}{"}) {
    const auto named = with_model(body, "m");
    json::Document document;
    EXPECT_TRUE(named == body || !document.parse_copy(named)) << named;
  }
}

}  // namespace
}  // namespace weir
