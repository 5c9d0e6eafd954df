// Requests for servers that work in jobs, as OpenAI's clients send them, and a job that is played to its end.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "formats/format.h"

namespace weir::test {

inline const std::string png = std::string("\x89PNG\r\n\x1a\n", 8) + "pixels";
inline const std::string png_base64 = "iVBORw0KGgpwaXhlbHM=";

struct FormPart {
  std::string head;
  std::string value;
};
inline std::string form_of(const std::vector<FormPart>& parts) {
  std::string body;
  for (const auto& part : parts)
    body += fmt::format("--B\r\nContent-Disposition: form-data; {}\r\n\r\n{}\r\n", part.head, part.value);
  return body + "--B--\r\n";
}

struct JobAsking : ::testing::Test {
  json::DocumentPool pool;
  ProviderSettings provider{.id = "p", .url = {.host = "h"}, .api_key = "secret"};
  ModelSettings model{.id = "m", .name = "the-model"};
  uint64_t unique = 7;

  Request ask(Operation operation, std::string_view path, std::string body, std::string type = "application/json") {
    auto request = client_face("openai").read(
        {.operation = operation, .path = path, .content_type = std::move(type), .body = std::move(body)}, pool);
    EXPECT_TRUE(request.has_value()) << request.error().message;
    return request ? std::move(*request) : Request{};
  }
  Request picture(std::string_view more) {
    return ask(Operation::image, "/v1/images/generations", fmt::format(R"({{"model":"m","prompt":"a cat"{}}})", more));
  }
  Request edit(const std::vector<FormPart>& more) {
    std::vector<FormPart> parts{{"name=\"model\"", "m"}, {"name=\"prompt\"", "a hat"}};
    parts.insert(parts.end(), more.begin(), more.end());
    return ask(Operation::image, "/v1/images/edits", form_of(parts), "multipart/form-data; boundary=B");
  }
  Request words(std::string_view messages, std::string_view more = {}) {
    return ask(Operation::chat, "/v1/chat/completions",
               fmt::format(R"({{"model":"m","messages":{}{}}})", messages, more));
  }
  [[nodiscard]] Target target() const { return {.provider = provider, .model = model, .unique = unique}; }

  // Whether `path` of the JSON is `value` (JSON text).
  static void expect(std::string_view json, std::string_view pointer, std::string_view value) {
    json::Document document;
    ASSERT_TRUE(document.parse_copy(json)) << json;
    json::Element element;
    const bool found = document.root().at_pointer(pointer).get(element) == simdjson::SUCCESS;
    ASSERT_EQ(found, !value.empty()) << pointer << " of " << json;
    if (!found) return;
    EXPECT_EQ(simdjson::minify(element), value) << pointer;
  }
};

}  // namespace weir::test
