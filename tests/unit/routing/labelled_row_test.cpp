#include "routing/labelled_row.h"

#include <gtest/gtest.h>

namespace weir::routing {
namespace {

Result<std::vector<LabelledRow>> rows(std::string_view text) {
  std::vector<LabelledRow> out;
  if (const Status read = read_labelled_rows(text, "a.jsonl", out); !read) return failure(read.error());
  return out;
}

TEST(LabelledRow, is_read_in_each_of_its_forms) {
  const auto read = rows(
      "{\"prompt\":\"a\",\"weak\":0,\"strong\":1,\"subject\":\"s\",\"id\":7}\r\n"
      "\n"
      "{\"prompt\":\"b\",\"weak_score\":true,\"strong_score\":false}\n"
      "{\"prompt\":\"c\",\"label\":\"weak\"}\n"
      "{\"prompt\":\"d\",\"label\":\"strong\",\"task\":\"code\"}\n"
      "{\"turns\":[\"e\",\"f\"],\"weak\":[1,0],\"strong\":[1,1],\"category\":\"x\"}\n"
      "{\"prompt\":\"g\",\"task\":\"greeting\"}");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 6U);
  EXPECT_EQ((*read)[0].subject, "s");
  EXPECT_EQ((*read)[1].weak, 1);
  EXPECT_EQ((*read)[2].weak, 1);
  EXPECT_EQ((*read)[3].weak, 0);
  EXPECT_EQ((*read)[3].strong, 1);
  EXPECT_EQ((*read)[4].prompt, "e\nf");
  EXPECT_EQ((*read)[4].weak, 0.5);
  EXPECT_EQ((*read)[4].subject, "x");
  EXPECT_FALSE((*read)[5].scored);
}

TEST(LabelledRow, scores_of_another_scale_are_brought_to_one) {
  const auto ten = rows("{\"prompt\":\"a\",\"weak\":[8,6],\"strong\":9}\n{\"prompt\":\"b\",\"weak\":1,\"strong\":10}");
  ASSERT_TRUE(ten);
  EXPECT_DOUBLE_EQ((*ten)[0].weak, 0.7);
  EXPECT_DOUBLE_EQ((*ten)[1].weak, 0.1);
  const auto hundred = rows("{\"prompt\":\"a\",\"weak\":8,\"strong\":90}");
  EXPECT_DOUBLE_EQ((*hundred)[0].weak, 0.08);
}

TEST(LabelledRow, errors_say_file_line_and_what_is_wrong) {
  struct Case {
    const char* line;
    const char* says;
  };
  for (const auto& [line, says] :
       {Case{"{", ""}, Case{"[1]", "no JSON object"}, Case{"3", "no JSON object"}, Case{"{}", "prompt"},
        Case{"{\"prompt\":\"\",\"weak\":0,\"strong\":1}", "prompt"},
        Case{"{\"prompt\":7,\"weak\":0,\"strong\":1}", "no text"}, Case{"{\"prompt\":\"a\"}", "neither"},
        Case{"{\"prompt\":\"a\",\"weak\":0}", "strong"}, Case{"{\"prompt\":\"a\",\"strong\":0}", "weak"},
        Case{"{\"prompt\":\"a\",\"weak\":\"0\",\"strong\":1}", "no number"},
        Case{"{\"prompt\":\"a\",\"weak\":-1,\"strong\":1}", "within"},
        Case{"{\"prompt\":\"a\",\"weak\":1e9,\"strong\":1}", "within"},
        Case{"{\"prompt\":\"a\",\"weak\":[],\"strong\":1}", "empty list"},
        Case{"{\"prompt\":\"a\",\"label\":\"good\"}", "label"},
        Case{"{\"turns\":\"a\",\"weak\":0,\"strong\":1}", "no list"},
        Case{"{\"turns\":[1],\"weak\":0,\"strong\":1}", "no text"},
        Case{"{\"turns\":[],\"weak\":0,\"strong\":1}", "empty"}, Case{"{\"prompt\":\"a\",\"task\":1}", "no text"}}) {
    const auto read = rows(std::string("{\"prompt\":\"a\",\"weak\":0,\"strong\":1}\n\n") + line);
    ASSERT_FALSE(read) << line;
    EXPECT_TRUE(read.error().message.starts_with("a.jsonl, line 3: ")) << read.error().message;
    EXPECT_NE(read.error().message.find(says), std::string::npos) << read.error().message;
  }
  EXPECT_FALSE(rows("\n \n"));
}

}  // namespace
}  // namespace weir::routing
