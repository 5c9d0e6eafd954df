#include "server/form_spool.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "formats/shared/multipart.h"

namespace weir {
namespace {

constexpr std::string_view boundary = "b0undary";
const std::string folder = std::filesystem::temp_directory_path().string();

std::string plain(std::string_view name, std::string_view value) {
  return fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n", boundary, name, value);
}

std::string file(std::string_view value, std::string_view name = "file") {
  return fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"a\"\r\n\r\n{}\r\n", boundary,
                     name, value);
}

std::string end() { return fmt::format("--{}--\r\n", boundary); }

constexpr FormSpool::Limits narrow{.file_in_memory = 100, .text = 2'000, .all = 100'000};

// The form's text, and what the files in it are when the marks are resolved.
struct Spooled {
  std::string text;
  std::string whole;
  bool aside = false;
};

Result<Spooled> spool(std::string_view form, std::size_t step, const FormSpool::Limits& limits) {
  FormSpool taker(boundary, folder, limits);
  for (std::size_t at = 0; at < form.size(); at += step) {
    if (auto taken = taker.take(form.substr(at, step)); !taken) return failure(taken.error());
  }
  if (auto done = taker.finish(); !done) return failure(done.error());
  Spooled out{.text = taker.text()};
  const auto files = taker.files();
  out.aside = files != nullptr;
  if (!files) {
    out.whole = out.text;
    return out;
  }
  for (const auto& piece : files->pieces(out.text)) {
    if (piece.size == 0) {
      out.whole += piece.text;
      continue;
    }
    std::string bytes(static_cast<std::size_t>(piece.size), '\0');
    EXPECT_EQ(files->read(piece.begin, bytes), bytes.size());
    out.whole += bytes;
  }
  EXPECT_EQ(files->full_size(out.text), out.whole.size());
  return out;
}

// Values that look like the end of themselves, and are not to any reader.
std::string tricky(std::size_t size) {
  std::mt19937 random(static_cast<unsigned>(size));  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same each time
  const std::vector<std::string> bits = {"\r\n--b0und",        "\r",  "\n", "\r\n", "x--b0undary", "x",
                                         std::string(7, '\0'), "\xff"};
  std::string out;
  while (out.size() < size) out += bits[random() % bits.size()];
  return out;
}

TEST(form_spool, however_a_form_is_cut_it_is_the_same_form) {
  const auto form = plain("a", "1") + file("s") + file("") + file(tricky(700)) + plain("model", "m") +
                    file(tricky(300)) + plain("z", "") + end();
  for (std::size_t step = 1; step <= form.size(); step += step < 64 ? 1 : 97) {
    const auto out = spool(form, step, narrow);
    ASSERT_TRUE(out) << step << out.error().message;
    EXPECT_TRUE(out->aside);
    ASSERT_EQ(out->whole, form) << step;
    const auto fields = read_form(out->text, boundary);
    ASSERT_TRUE(fields) << step;
    ASSERT_EQ(fields->size(), 7U);
    EXPECT_EQ((*fields)[4].value, "m");
    EXPECT_EQ((*fields)[1].value, "s");
    EXPECT_LT((*fields)[3].value.size(), 100U) << "put aside";
    EXPECT_GE((*fields)[5].value.size(), 300U) << "only one is";
  }
}

TEST(form_spool, only_large_files_are_put_aside) {
  EXPECT_FALSE(spool(plain("text", std::string(1'500, 'x')) + file("small") + end(), 64, narrow)->aside);
  EXPECT_TRUE(spool(file(std::string(1'500, 'x')) + end(), 64, narrow)->aside);
}

TEST(form_spool, only_the_file_that_is_uploaded_is_put_aside) {
  for (const auto& other : {file(std::string(1'500, 'x'), "prompt"), file(std::string(1'500, 'x'), "file2"),
                            plain("file", std::string(1'500, 'x'))})
    EXPECT_FALSE(spool(other + end(), 64, narrow)->aside) << other.substr(0, 80);
}

TEST(form_spool, a_file_for_which_there_is_no_room_is_put_aside) {
  const FormSpool::Limits limits{.file_in_memory = 2'000, .text = 2'000, .all = 100'000};
  const auto form = plain("text", std::string(1'500, 'x')) + file(std::string(1'000, 'y')) + end();
  for (const std::size_t step : {1U, 7U, 64U, 5'000U}) {
    const auto out = spool(form, step, limits);
    ASSERT_TRUE(out) << out.error().message;
    EXPECT_TRUE(out->aside);
    EXPECT_EQ(out->whole, form);
  }
}

// Else a reader behind us would find fields in a file, where nobody looked.
TEST(form_spool, a_delimiter_that_some_readers_take_for_one_is_refused_wherever_it_stands) {
  const auto before = plain("model", "m");
  for (const std::string_view inside : {"\n--b0undary", "\r--b0undary", "\r\r--b0undary", "\n\n--b0undary"}) {
    for (std::size_t place = 0; place < 700; place += place < 4 ? 1 : (place > 90 && place < 110 ? 2 : 67)) {
      auto value = std::string(700, 'x');
      value.replace(place, 0, inside);
      const auto form = before + file(value) + end();
      for (const std::size_t step : {1U, 13U, 100U, 5'000U}) {
        const auto out = spool(form, step, narrow);
        ASSERT_FALSE(out) << place << " " << step;
        ASSERT_EQ(out.error().code, ErrorCode::invalid_request);
      }
    }
  }
  EXPECT_FALSE(spool(file("--b0undary--" + std::string(700, 'x')) + end(), 64, narrow));
}

TEST(form_spool, text_and_all_of_it_have_limits) {
  const auto text = spool(plain("text", std::string(3'000, 'x')) + end(), 64, narrow);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::body_too_large);
  const auto all = spool(file(std::string(100'001, 'x')) + end(), 640, narrow);
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().code, ErrorCode::body_too_large);
}

TEST(form_spool, what_is_no_form_is_text) {
  for (const std::string_view odd :
       {"", "x", "--b0undary", "--b0undary\r\n\r\n", "--other\r\n\r\n", "\r\n\r\n--b0undary--"}) {
    const auto out = spool(odd, 1, narrow);
    ASSERT_TRUE(out);
    EXPECT_EQ(out->text, odd);
  }
}

TEST(form_spool, a_form_that_is_cut_off_in_a_file_is_no_whole_form) {
  const auto form = file(std::string(1'000, 'x'));
  const auto out = spool(std::string_view(form).substr(0, 900), 64, narrow);
  ASSERT_TRUE(out);
  EXPECT_FALSE(read_form(out->text, boundary));
}

TEST(form_spool, a_file_of_letters_alone_is_known_for_text) {
  for (const auto& [value, is_text] :
       std::initializer_list<std::pair<std::string, bool>>{{std::string(900, 'x'), true},
                                                           {std::string(900, 'x') + "\xfc\r\n\t", true},
                                                           {std::string(900, 'x') + '\0', false},
                                                           {'\x01' + std::string(900, 'x'), false}}) {
    FormSpool taker(boundary, folder, narrow);
    ASSERT_TRUE(taker.take(file(value) + end()));
    EXPECT_EQ(taker.files()->is_text(0), is_text);
  }
}

TEST(form_spool, a_mark_that_a_client_guesses_stands_for_nothing) {
  const auto other = spool(file(std::string(1'000, 'x')) + end(), 64, narrow);
  ASSERT_TRUE(other);
  const auto mark = other->text.substr(other->text.find("\r\n\r\n") + 4, 37);
  const auto out = spool(plain("a", mark) + file(std::string(1'000, 'y')) + end(), 64, narrow);
  ASSERT_TRUE(out);
  EXPECT_NE(out->whole.find(mark), std::string::npos);
  EXPECT_EQ(out->whole.find("xxx"), std::string::npos);
}

TEST(form_spool, a_folder_that_is_not_there_is_said) {
  FormSpool taker(boundary, "/nonexistent/folder", narrow);
  const auto taken = taker.take(file(std::string(1'000, 'x')));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::internal);
}

}  // namespace
}  // namespace weir
