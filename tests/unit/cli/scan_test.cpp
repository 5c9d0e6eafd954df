// `weir scan`: windows over a stream, placeholders and the way back, and the command's forms of output and exit codes.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/command.h"
#include "cli/scan_windows.h"
#include "guards/placeholders.h"

namespace weir {
namespace {

namespace fs = std::filesystem;

class scan : public testing::Test {
 protected:
  scan() {
    folder_ = fs::temp_directory_path() / fmt::format("weir-scan-{}", getpid());
    fs::create_directories(folder_);
  }
  ~scan() override { fs::remove_all(folder_); }

  std::string file(const std::string& name, std::string_view text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return (folder_ / name).string();
  }
  static std::string contents(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

  struct Ran {
    int code = 0;
    std::string out;
    std::string err;
  };
  static std::string text_of(std::FILE* stream) {
    std::string text;
    std::rewind(stream);
    for (int c = 0; (c = std::fgetc(stream)) != EOF;) text += static_cast<char>(c);
    return text;
  }
  static Ran run(std::vector<std::string> words) {
    std::vector<const char*> arguments{"weir", "scan"};
    for (const std::string& word : words) arguments.push_back(word.c_str());
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(std::tmpfile(), std::fclose);
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> err(std::tmpfile(), std::fclose);
    Console console(out.get(), err.get());
    const int code = CommandLine().run(static_cast<int>(arguments.size()), arguments.data(), console);
    return {.code = code, .out = text_of(out.get()), .err = text_of(err.get())};
  }

  fs::path folder_;
};

const GuardSet& guards() {
  static const GuardSet all{GuardSettings{}};
  return all;
}

TEST_F(scan, tells_line_column_kind_class_and_confidence_but_not_the_value) {
  const Ran ran = run({file("a.txt", "nothing\nüber anna@posteo.de\n")});
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.out.find("a.txt:2:6"), std::string::npos) << ran.out;
  for (const char* word : {"email", "personal", "high"}) EXPECT_NE(ran.out.find(word), std::string::npos) << ran.out;
  EXPECT_EQ(ran.out.find("anna"), std::string::npos);
  EXPECT_NE(run({"--values", file("a.txt", "anna@posteo.de")}).out.find("anna@posteo.de"), std::string::npos);
}

TEST_F(scan, ends_with_0_1_or_2) {
  EXPECT_EQ(run({file("clean.txt", "nothing here")}).code, 0);
  EXPECT_EQ(run({"--json", file("found.txt", "anna@posteo.de")}).code, 1);
  EXPECT_EQ(run({(folder_ / "missing.txt").string()}).code, 2);
  EXPECT_EQ(run({folder_.string()}).code, 2);
  EXPECT_EQ(run({"--map", "x", file("clean.txt", "")}).code, 2);
  EXPECT_EQ(run({"--json", "--redact", file("clean.txt", "")}).code, 2);
  EXPECT_EQ(run({"--jsonl", "text", file("bad.jsonl", "{\"text\":\"a\"}\nno json\n")}).code, 2);
  EXPECT_EQ(run({"--jsonl", "text", file("bad.jsonl", "{\"text\":3}\n")}).code, 2);
}

TEST_F(scan, leaves_out_what_is_less_sure_than_asked) {
  const std::string path = file("sin.txt", "SIN 130 692 545");
  EXPECT_EQ(run({path}).code, 1);
  EXPECT_EQ(run({"--least-confidence", "medium", path}).code, 0);
}

TEST_F(scan, writes_json_that_parses) {
  const Ran ran = run({"--json", file("a.txt", "ä anna@posteo.de and 4111 1111 1111 1111\n")});
  simdjson::dom::parser parser;
  const auto root = parser.parse(ran.out);
  EXPECT_EQ(int64_t(root["count"]), 2) << ran.out;
  EXPECT_EQ(std::string_view(root["findings"].at(0)["type"]), "email");
  EXPECT_EQ(int64_t(root["findings"].at(0)["start"]), 2);
  EXPECT_EQ(int64_t(root["findings"].at(0)["end"]), 16);
}

TEST_F(scan, writes_rows_back_with_findings_in_code_points) {
  const Ran ran = run({"--jsonl", "text",
                       file("rows.jsonl",
                            "{\"id\":7,\"text\":\"\\u00fcber anna@posteo.de\",\"findings\":[1]}\n"
                            "{\"other\":null}\n")});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out,
            "{\"id\":7,\"text\":\"über anna@posteo.de\",\"findings\":[{\"start\":5,\"end\":19,\"type\":\"email\","
            "\"class\":[\"personal\"],\"confidence\":\"high\"}]}\n{\"other\":null,\"findings\":[]}\n");
}

TEST_F(scan, puts_placeholders_in_and_takes_them_out_again) {
  const std::string text =
      "anna@posteo.de wrote to bob@posteo.de, then anna@posteo.de paid with 4111 1111 1111 1111.\n";
  const std::string map = (folder_ / "map.json").string();
  std::ofstream(map) << "old";
  const Ran redacted = run({"--redact", "--map", map, file("letter.txt", text)});
  EXPECT_EQ(redacted.code, 1);
  EXPECT_EQ(redacted.out, "<EMAIL_1> wrote to <EMAIL_2>, then <EMAIL_1> paid with <PAYMENT_CARD_1>.\n");
  struct stat status {};
  ASSERT_EQ(stat(map.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const Ran restored = run({"--restore", map, file("answer.txt", redacted.out)});
  EXPECT_EQ(restored.code, 0);
  EXPECT_EQ(restored.out, text);
}

TEST_F(scan, numbers_that_stand_in_the_text_already_are_not_given) {
  const Ran ran = run({"--redact", file("a.txt", "<EMAIL_1> is anna@posteo.de")});
  EXPECT_EQ(ran.out, "<EMAIL_1> is <EMAIL_2>");
}

// Whatever the size of the windows, each value is found once and where it stands.
TEST(scan_windows, find_what_one_reading_of_the_whole_finds) {
  std::string text;
  for (int i = 0; i < 400; ++i) {
    text += fmt::format("line {} of the letter, in which nothing stands that anybody minds, goes on and on\n", i);
    if (i % 7 == 0) text += fmt::format("write to anna{}@posteo.de or call +49 30 9018{:04}\n", i, i);
  }
  const std::vector<Placed> whole = placed(guards().inspect(text));
  ASSERT_GT(whole.size(), 100U);
  for (const std::size_t size : {std::size_t{1}, std::size_t{300}, std::size_t{5000}, std::size_t{1} << 20U}) {
    std::istringstream in(text);
    std::string together;
    std::vector<std::pair<std::size_t, std::size_t>> found;
    ScanWindows(guards(), size, 4096).read(in, [&](std::string_view piece, const std::vector<Placed>& places) {
      for (const Placed& one : places) found.emplace_back(together.size() + one.begin, together.size() + one.end);
      together += piece;
    });
    EXPECT_EQ(together, text) << size;
    ASSERT_EQ(found.size(), whole.size()) << size;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      EXPECT_EQ(found[i].first, whole[i].begin) << size;
      EXPECT_EQ(found[i].second, whole[i].end) << size;
    }
  }
}

}  // namespace
}  // namespace weir
