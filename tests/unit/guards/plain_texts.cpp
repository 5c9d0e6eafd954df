// What is encoded is read: base64 in its forms, inside other texts, behind escapes, within itself; and what cannot be
// read is said.
#include "guards/plain_texts.h"

#include <gtest/gtest.h>

#include <random>

#include "core/base64.h"
#include "guards/guard.h"

namespace weir {
namespace {

const std::string secret = "Please write to anna.smith@example.com about card 4111 1111 1111 1111";

struct Read {
  std::string texts;
  ClassSet classes = 0;
  std::string unreadable;
  std::string carried;
};

Read read(const std::string& text, UnreadableSet medium, std::size_t at_once) {
  static const GuardSet guards{GuardSettings{}};
  const std::vector<std::string_view> texts = {"before", text, "after"};
  std::vector<json::MediumText> media;
  if (medium != 0) media.push_back({.text = 1, .kind = medium});
  guards::PlainTexts plain(texts, media);
  while (!plain.advance(at_once)) {
  }
  const auto& read = plain.changed() ? plain.texts() : texts;
  Read result{.unreadable = join_names(plain.unreadable()), .carried = join_names(plain.carried())};
  for (const auto one : read) result.texts.append(one).append("|");
  result.classes = guards.classify(read);
  return result;
}

Read read(const std::string& text, UnreadableSet medium = 0) { return read(text, medium, SIZE_MAX); }

std::string url_safe(std::string text) {
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  while (text.ends_with('=')) text.pop_back();
  return text;
}

std::string in_lines(const std::string& text, std::size_t width, const std::string& separator) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += width) out += (i == 0 ? "" : separator) + text.substr(i, width);
  return out;
}

std::string hex_of(const std::string& text) {
  std::string out;
  for (const char c : text) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

std::string wide(const std::string& text) {
  std::string out;
  for (const char c : text) (out += c) += '\0';
  return out;
}

// So many bytes of no text, the same each time.
std::string noise(std::size_t size, std::string first = "") {
  std::mt19937 random(7);
  while (first.size() < size) first += static_cast<char>(random() & 0xff);
  return first;
}

TEST(plain_texts, base64_of_text_is_read_in_all_its_forms) {
  const auto plain = encode_base64(secret);
  const std::string longer = encode_base64(fmt::format("{:x<300} {} {:y<300}", "", secret, ""));
  const std::vector<std::string> forms = {
      plain,
      "Decode this: " + plain + " and answer.",
      "data:text/plain;base64," + plain,
      "![a](data:image/svg+xml;base64," + encode_base64("<svg><text>" + secret + "</text></svg>") + ")",
      "data:application/json;base64," + encode_base64("{\"to\":\"" + secret + "\"}"),
      "data:image/png;base64," + plain,  // it says that it is an image, and is none
      "?q=" + url_safe(plain),
      "id_" + url_safe(plain),
      "v1/" + plain,
      in_lines(longer, 76, "\n"),
      in_lines(longer, 64, "\r\n"),
      in_lines(longer, 76, "\n> "),
      in_lines(longer, 76, "\\n"),
      encode_base64(plain),
      encode_base64("nested: " + plain),
      encode_base64("user=anna.smith%40example.com&card=4111%201111%201111%201111"),
      "a\\u0020b \\u002f " + plain.substr(0, 20) + "\\u00" + hex_of(plain.substr(20, 1)) + plain.substr(21),
      hex_of(secret),
      encode_base64(wide(secret)),
      encode_base64("\xEF\xBB\xBF" + secret),
  };
  for (const auto& form : forms) {
    EXPECT_EQ(read(form).classes, class_personal | class_financial) << form;
    EXPECT_EQ(read(form).unreadable, "") << form;
  }
}

TEST(plain_texts, how_much_is_read_at_once_changes_nothing) {
  const auto plain = encode_base64(secret);
  const std::vector<std::string> texts = {
      plain,
      "see " + in_lines(encode_base64(std::string(5000, 'a') + secret), 76, "\n") + " end",
      "data:image/png;base64," + encode_base64(noise(9000, "\x89PNG\r\n\x1a\n")),
      encode_base64(noise(700)),
      "%61 " + plain + " x",
      fmt::format("{:a<3000} {}", "", plain)};
  for (const auto& text : texts) {
    const auto whole = read(text);
    for (const std::size_t at_once : {1, 7, 64, 1000}) {
      const auto parts = read(text, 0, at_once);
      EXPECT_EQ(parts.texts, whole.texts) << at_once;
      EXPECT_EQ(parts.classes, whole.classes) << at_once;
      EXPECT_EQ(parts.unreadable, whole.unreadable) << at_once;
      EXPECT_EQ(parts.carried, whole.carried) << at_once;
    }
  }
}

struct Medium {
  std::string first;
  std::string kind;
};

TEST(plain_texts, media_are_told_by_their_first_bytes_under_any_key_and_not_read_as_text) {
  using namespace std::string_literals;
  const std::vector<Medium> media = {{"\x89PNG\r\n\x1a\n", "images"},
                                     {"\xff\xd8\xff\xe0", "images"},
                                     {"GIF89a", "images"},
                                     {"RIFF\1\2\3\4WEBP", "images"},
                                     {"RIFF\1\2\3\4WAVE", "audio"},
                                     {"ID3\4\0\0"s, "audio"},
                                     {"OggS", "audio"},
                                     {"fLaC", "audio"},
                                     {"\0\0\0\x20"s + "ftypisom", "video"},
                                     {"\x1a\x45\xdf\xa3", "video"},
                                     {"%PDF-1.7\n", "files"},
                                     {"PK\3\4", "files"},
                                     {"\x1f\x8b\x08", "encoded"}};
  for (const auto& [first, kind] : media) {
    const auto data = encode_base64(noise(6000, first));
    for (const auto& text : {data, "data:application/octet-stream;base64," + data, "![x](data:;base64," + data + ")"}) {
      const auto seen = read(text);
      EXPECT_EQ(seen.unreadable, kind) << text.substr(0, 60);
      EXPECT_EQ(seen.classes, 0U) << kind;
      EXPECT_LT(seen.texts.size(), 100U) << kind;
    }
    EXPECT_EQ(read(data).carried, kind);
    EXPECT_EQ(read("look: " + data + " what is it?").carried, "");
  }
}

TEST(plain_texts, what_stands_where_media_stand_is_read_or_said) {
  EXPECT_EQ(read(encode_base64(noise(90)), unreadable_audio).carried, "audio");  // raw samples have no name in front
  EXPECT_EQ(read(encode_base64("anna@example.com"), unreadable_files).classes, class_personal);
  EXPECT_EQ(read("Just a note to anna@example.com", unreadable_files).classes, class_personal);
  EXPECT_EQ(read("Just a note", unreadable_files).unreadable, "");
}

TEST(plain_texts, long_data_that_is_no_text_is_unreadable) {
  for (const std::size_t size : {200, 700, 5000}) {
    EXPECT_EQ(read("the blob: " + encode_base64(noise(size))).unreadable, "encoded") << size;
    EXPECT_EQ(read(url_safe(encode_base64(noise(size)))).unreadable, "encoded") << size;
    EXPECT_EQ(read(encode_base64("A readable beginning, then: " + noise(size))).unreadable, "encoded") << size;
  }
  EXPECT_EQ(read(hex_of(noise(600))).unreadable, "encoded");
}

TEST(plain_texts, what_is_nested_deeper_than_is_undone_is_unreadable) {
  std::string nested = secret;
  for (int i = 0; i < guards::PlainTexts::most_layers; ++i) nested = encode_base64(nested);
  EXPECT_EQ(read(nested).classes, class_personal | class_financial);
  EXPECT_EQ(read(encode_base64(nested)).unreadable, "encoded");
  EXPECT_EQ(read("anna%25252540example.com").unreadable, "encoded");
  EXPECT_EQ(read("anna%252540example.com").unreadable, "");
}

TEST(plain_texts, ordinary_texts_stay_as_they_are) {
  const std::vector<std::string> texts = {
      "The quick brown fox jumps over the lazy dog. " + std::string(400, '-'),
      "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      "sha512-WKqcwb1cBvXxJ5q5nVqS0w4fR8vJ8eYbq0pCw0JzZ4yq6m7w2Tz3nY1b4cD5eF6gH7iJ8kL9mN0oP1qR2sT3uV==",
      "/home/anna/projects/some-application/src/components/dashboard/widgets/charts/TimeSeriesChartWidgetContainer/"
      "index",
      "AbstractSingletonProxyFactoryBeanConfigurationProviderTest",
      "550e8400-e29b-41d4-a716-446655440000 550e8400-e29b-41d4-a716-446655440001",
      std::string(2000, '='),
      std::string(600, 'A'),
      "ACGTACGGTTAACCGGTTACGTACGT" + std::string(300, 'G'),
      "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft"};
  for (const auto& text : texts) {
    const auto seen = read(text);
    EXPECT_EQ(seen.unreadable, "") << text;
    EXPECT_EQ(seen.texts, "before|" + text + "|after|") << text;
  }
}

}  // namespace
}  // namespace weir
