// Forms: what they are to every reader is read, and nothing of them stays unread.
#include "formats/shared/multipart.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/json.h"
#include "formats/shared/form_json.h"

namespace weir {
namespace {

std::string form(std::string_view boundary, const std::vector<std::pair<std::string, std::string>>& parts) {
  std::string body;
  for (const auto& [head, value] : parts) body += fmt::format("--{}\r\n{}\r\n\r\n{}\r\n", boundary, head, value);
  return body + fmt::format("--{}--\r\n", boundary);
}

std::string form(std::string_view head, std::string_view value = "x") {
  return form("B", {{std::string(head), std::string(value)}});
}

const std::vector<std::pair<std::string, std::string>> transcription = {
    {"Content-Disposition: form-data; name=\"model\"", "whisper"},
    {"content-disposition: form-data; filename=\"a \\\"b\\\".wav\"; name=\"file\"\r\nContent-Type: audio/wav",
     std::string("RIFF\0\r\n--x\r\n\xff", 14)},
    {"Content-Disposition: form-data; name=\"prompt\"", "my ssn is 123-45-6789"},
    {"Content-Disposition: form-data; name=\"stream\"", "true"},
};

TEST(form, is_read_field_by_field) {
  const auto body = form("B-1", transcription);
  const auto fields = read_form(body, form_boundary("Multipart/Form-Data; charset=utf-8; boundary=\"B-1\""));
  ASSERT_TRUE(fields) << fields.error().message;
  ASSERT_EQ(fields->size(), 4U);
  EXPECT_EQ((*fields)[0].value, "whisper");
  EXPECT_EQ((*fields)[1].name, "file");
  EXPECT_EQ((*fields)[1].file_name, "a \\\"b\\\".wav");
  EXPECT_EQ((*fields)[1].type, "audio/wav");
  EXPECT_EQ((*fields)[1].value.size(), 14U);
}

TEST(form, that_is_cut_anywhere_is_refused) {
  const auto body = form("B", transcription);
  for (std::size_t end = 0; end + 4 < body.size(); ++end) EXPECT_FALSE(read_form(body.substr(0, end), "B")) << end;
  EXPECT_FALSE(read_form("--B\r\nno colon\r\n\r\nx\r\n--B--", "B"));
  EXPECT_FALSE(read_form("--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--", "B"));
}

TEST(form, with_endless_fields_is_refused) {
  std::string body;
  for (int i = 0; i < 1000; ++i) body += "--B\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n";
  EXPECT_FALSE(read_form(body + "--B--", "B"));
}

TEST(form, has_a_boundary_that_every_reader_finds) {
  EXPECT_EQ(form_boundary("multipart/form-data; boundary=a-B_9"), "a-B_9");
  EXPECT_EQ(form_boundary("multipart/form-data; charset=utf-8 ; BOUNDARY = \"a:b?\""), "a:b?");
  EXPECT_EQ(form_boundary("multipart/form-data; boundary=" + std::string(70, 'a')), std::string(70, 'a'));
  for (const std::string_view none :
       {"application/json", "multipart/form-data", "multipart/mixed; boundary=B",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"", "multipart/form-data; boundary=\"B",
        "multipart/form-data; boundary=A; boundary=B", "multipart/form-data; boundary=B; boundary*0=A",
        "multipart/form-data; boundary*=utf-8''B", "multipart/form-data; boundary=\"a\\\"b\"",
        "multipart/form-data; boundary=\"a b\"", "multipart/form-data; boundary=a\tb",
        "multipart/form-data; boundary=\"A\"B"})
    EXPECT_EQ(form_boundary(none), "") << none;
  EXPECT_EQ(form_boundary("multipart/form-data; boundary=" + std::string(71, 'a')), "");
  for (const std::string_view boundary : {"a-B_9", "a:b?", "(a)/=,", "'x'+."})
    EXPECT_EQ(form_boundary(form_type_with(boundary)), boundary);
}

// Whoever reads a form otherwise than we do finds fields in it that no guard has seen, or another model's name.
TEST(form, that_is_another_to_another_reader_is_refused) {
  const std::string part = "Content-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n";
  const std::string good = "--B\r\n" + part + "--B--\r\n";
  ASSERT_TRUE(read_form(good, "B"));
  ASSERT_TRUE(read_form("\r\n" + good + "\r\n \n", "B"));
  ASSERT_TRUE(read_form("--B \t\r\n" + part + "--B--", "B")) << "blanks behind a delimiter are allowed";
  for (const auto& odd : {
           "Anna Berg\r\n" + good,
           "\n" + good,
           good + "Anna Berg",
           good + good,
           "--B--\r\n" + good,
           "--B Anna\r\n" + part + "--B--\r\n",
           "--BX\r\n" + part + "--B--\r\n",
           "--B\n" + part + "--B--\r\n",
           "--B\r\n" + part + "--B-\r\n",
           "--B\r\n" + part + "--BX--\r\n",
           std::string("--B\nContent-Disposition: form-data; name=\"a\"\n\nx\n--B--\n"),
           "--B\r\n\r\n" + part + "--B--\r\n",
           std::string("--B\r\n\r\nx\r\n--B--\r\n"),
       })
    EXPECT_FALSE(read_form(odd, "B")) << odd;
  for (const std::string_view value : {"\n--B\n", "x\n--B--", "\r--B", "--B", "--B--\r\n", "x\r\r--B\r\n"})
    EXPECT_FALSE(read_form(form("Content-Disposition: form-data; name=\"a\"", value), "B")) << value;
  for (const std::string_view value : {"x--B", " --B", "\r\n --B", "\r\n-B", "--b", ""})
    EXPECT_TRUE(read_form(form("Content-Disposition: form-data; name=\"a\"", value), "B")) << value;
}

TEST(form, with_a_head_that_can_be_read_in_two_ways_is_refused) {
  const std::string name = "Content-Disposition: form-data; name=\"a\"";
  for (const auto& odd : {
           name + "; name=\"model\"",
           name + "; NAME=model",
           name + "; name*=utf-8''model",
           name + "; name*0=mod",
           name + "; filename=\"x\"; filename=\"y\"",
           name + "\r\n" + name,
           name + "\r\nContent-Type: a/b\r\nContent-Type: c/d",
           name + "\nContent-Type: audio/wav",
           name + "\rX: y",
           name + "\r\n folded: x",
           name + "\r\nX : y",
           name + "\r\nno colon",
           name + "\r\n: x",
           name + "\"x",
           name + "; filename=\"x",
           name + "\r\nContent-Transfer-Encoding: quoted-printable",
           name + "\r\nContent-Transfer-Encoding: base64",
           name + "\r\nContent-Transfer-Encoding: 7bit; x",
           std::string("Content-Disposition: attachment; name=a"),
           std::string("Content-Disposition: form-data"),
           std::string("Content-Disposition: form-data; name=\"\""),
           std::string("Content-Disposition: form-data; name=\"mod\\el\""),
           std::string("Content-Type: audio/wav"),
           name + '\0',
           "Content-Type: audio/wav\r\n\r\n" + name,
       })
    EXPECT_FALSE(read_form(form(odd), "B")) << odd;
  for (const auto& good : {
           name,
           name + ";",
           name + " ; filename=\"\"",
           std::string("CONTENT-DISPOSITION:form-data;name=a"),
           name + "\r\nContent-Length: 1\r\nX-Y: \"z\"",
           name + "; filename=\"n\"; filename*=UTF-8''n",
           name + "\r\nContent-Transfer-Encoding: binary",
       })
    EXPECT_TRUE(read_form(form(good), "B")) << good;
}

TEST(form, a_part_is_a_file_by_its_files_name_or_by_saying_that_it_is_no_text) {
  const std::string name = "Content-Disposition: form-data; name=\"a\"";
  for (const auto& [head, is_file] : std::initializer_list<std::pair<std::string, bool>>{
           {name, false},
           {name + "; filename=\"x\"", true},
           {name + "; filename=\"\"", true},
           {name + "; filename*=utf-8''x", true},
           {name + "\r\nContent-Type: audio/wav", true},
           {name + "\r\nContent-Type: multipart/mixed; boundary=C", true},
           // .NET says it of every field.
           {name + "\r\nContent-Type: text/plain; charset=utf-8", false},
           {name + "\r\nContent-Type: Text/Plain", false},
           {name + "\r\nContent-Type: application/json", false},
           {name + "; filename=\"x\"\r\nContent-Type: text/plain", true},
       }) {
    const auto body = form(head);
    const auto fields = read_form(body, "B");
    ASSERT_TRUE(fields) << head;
    EXPECT_EQ(fields->front().is_file, is_file) << head;
    EXPECT_EQ(begins_file("\r\n" + head, "a"), is_file) << head;
    EXPECT_FALSE(begins_file("\r\n" + head, "b"));
    EXPECT_FALSE(begins_file(head, "a")) << "a header behind the delimiter is none to whoever reads lines";
  }
}

struct Told {
  json::Document document;
  [[nodiscard]] bool has(std::string_view text) const {
    return std::any_of(document.texts().begin(), document.texts().end(),
                       [&](std::string_view one) { return one.find(text) != std::string_view::npos; });
  }
};

void tell(Told& told, const std::string& body, FormOf what) {
  const auto fields = read_form(body, "B");
  ASSERT_TRUE(fields) << fields.error().message;
  ASSERT_TRUE(told.document.parse(form_as_json(*fields, what)));
  told.document.survey();
}

// Each byte of a form goes out: so each is told, but for those of a file that is what it is said to be.
TEST(form, nothing_of_it_is_kept_from_the_guards) {
  const std::string secret = "anna.berg@posteo.de";
  for (const auto what : {FormOf::sound, FormOf::picture, FormOf::file}) {
    for (const auto& [head, value] : std::initializer_list<std::pair<std::string, std::string>>{
             {"Content-Disposition: form-data; name=\"prompt\"", secret},
             {"Content-Disposition: form-data; name=\"" + secret + "\"", "x"},
             {"Content-Disposition: form-data; name=\"prompt\"; note=\"" + secret + "\"", "x"},
             {"Content-Disposition: form-data; name=\"prompt\"\r\nX-Note: " + secret, "x"},
             {"Content-Disposition: form-data; name=\"prompt\"\r\nContent-Type: text/plain; note=" + secret, "x"},
             {"Content-Disposition: form-data; name=\"prompt\"\r\nContent-Type: text/plain", secret},
             {"Content-Disposition: form-data; name=\"prompt\"\r\nContent-Type: audio/wav", secret},
             {"Content-Disposition: form-data; name=\"prompt\"; filename=\"a.wav\"", secret},
             {"Content-Disposition: form-data; name=\"file\"; filename=\"a.wav\"", secret},
             {"Content-Disposition: form-data; name=\"file\"; filename=\"" + secret + "\"", std::string("\0", 1)},
             {"Content-Disposition: form-data; name=\"file\"; filename=\"a\"; filename*=utf-8''" + secret,
              std::string("\0", 1)},
             {"Content-Disposition: form-data; name=\"file\"; filename=\"a\"\r\nContent-Type: audio/wav; note=" +
                  secret,
              std::string("\0", 1)},
             {"Content-Disposition: form-data; name=\"image\"; filename=\"a\"\r\nContent-Type: image/svg+xml", secret},
             {"Content-Disposition: form-data; name=\"file\"\r\nContent-Type: multipart/mixed; boundary=C",
              "--C\r\nContent-Type: text/plain\r\n\r\n" + secret + "\r\n--C--"},
         }) {
      Told told;
      tell(told, form(head, value), what);
      EXPECT_TRUE(told.has(secret)) << static_cast<int>(what) << " " << head;
    }
  }
}

TEST(form, a_file_is_a_medium_of_its_kind_where_it_is_one_and_a_file_otherwise) {
  const std::string wav("RIFF\0\0\0\0WAVE", 12);
  const std::string unknown("\0\1\2", 3);
  struct Case {
    std::string_view name, type, bytes;
    FormOf what;
    UnreadableSet is;
  };
  const Case cases[] = {
      {"file", "audio/wav", wav, FormOf::sound, unreadable_audio},
      {"file", "application/octet-stream", unknown, FormOf::sound, unreadable_audio},
      {"file", "video/mp4", unknown, FormOf::sound, unreadable_audio},
      {"file", "audio/wav", "words", FormOf::sound, unreadable_audio},
      {"prompt", "audio/wav", unknown, FormOf::sound, unreadable_files},
      {"file", "application/pdf", unknown, FormOf::sound, unreadable_files},
      {"file", "audio/wav", "%PDF-1.7\0\1", FormOf::sound, unreadable_files},
      {"file", "image/png", unknown, FormOf::sound, unreadable_files},
      {"file", "multipart/mixed; boundary=C", unknown, FormOf::sound, unreadable_files},
      {"image", "image/png", unknown, FormOf::picture, unreadable_images},
      {"image[]", "application/octet-stream", unknown, FormOf::picture, unreadable_images},
      {"mask", "image/png", unknown, FormOf::picture, unreadable_images},
      {"image", "application/pdf", unknown, FormOf::picture, unreadable_files},
      {"prompt", "image/png", unknown, FormOf::picture, unreadable_files},
      {"file", "audio/wav", unknown, FormOf::file, unreadable_files},
      {"file", "audio/wav", "words", FormOf::file, 0},
      // In UTF-16, in Latin-1: whoever reads it otherwise finds words in it that no guard saw.
      {"prompt", "", std::string_view("a\0n\0n\0a\0", 8), FormOf::sound, unreadable_files},
      {"prompt", "", "M\xfcller", FormOf::picture, unreadable_files},
      {"M\xfcller", "", "x", FormOf::file, unreadable_files},
      {"prompt", "", "M\xc3\xbcller\r\n\tAnna", FormOf::sound, 0},
  };
  for (const auto& one : cases) {
    Told told;
    const auto head =
        one.type.empty()
            ? fmt::format("Content-Disposition: form-data; name=\"{}\"", one.name)
            : fmt::format("Content-Disposition: form-data; name=\"{}\"; filename=\"f\"\r\nContent-Type: {}", one.name,
                          one.type);
    tell(told, form(head, one.bytes), one.what);
    EXPECT_EQ(told.document.carries(), one.is) << one.name << " " << one.type << " " << static_cast<int>(one.what);
  }
}

}  // namespace
}  // namespace weir
