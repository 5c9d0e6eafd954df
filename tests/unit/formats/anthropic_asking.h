// Requests of another format at a model of Anthropic's, for the tests of what it is sent.
#pragma once

#include <gtest/gtest.h>

#include "formats/format.h"

namespace weir::anthropic_tests {

inline const ModelFace& face() { return model_face("anthropic"); }

struct To {
  ProviderSettings provider;
  ModelSettings model{.name = "claude-opus-4-5"};
  std::string prefill;
};

inline Result<HttpRequest> send(const Request& request, const To& to = {}) {
  return face().write(request, {.provider = to.provider, .model = to.model}, to.prefill);
}

// A request of another format.
inline Request asking(std::vector<Message> messages = {}) {
  Request request;
  request.format = "elsewhere";
  request.model = "route";
  request.messages = std::move(messages);
  if (request.messages.empty()) request.messages.push_back({.role = Role::user, .parts = {{.text = "hi"}}});
  request.max_tokens = 100;
  return request;
}

inline Part call(std::string_view id, std::string_view name, std::string_view arguments = "{}") {
  return {.kind = Part::Kind::tool_call, .text = arguments, .id = id, .name = name};
}
inline Part thought(std::string_view text, std::string_view seal) {
  return {.kind = Part::Kind::thinking, .text = text, .signature = seal};
}
inline Part image(Media media) { return {.kind = Part::Kind::media, .media = media}; }
inline Message says(Role role, std::vector<Part> parts) { return {.role = role, .parts = std::move(parts)}; }
inline Message answers(std::string_view id, std::string_view text, std::string_view name = {}) {
  return {.role = Role::tool, .parts = {{.text = text}}, .name = name, .tool_call_id = id};
}

// What stands under the key, as JSON; "" where it is not there.
inline std::string field(const std::string& body, std::string_view key) {
  json::Document document;
  EXPECT_TRUE(document.parse_copy(body).has_value()) << body;
  json::Element value;
  return document.root().at_key(key).get(value) == simdjson::SUCCESS ? std::string(simdjson::minify(value)) : "";
}
inline std::string sent(const Request& request, std::string_view key, const To& to = {}) {
  const auto http = send(request, to);
  EXPECT_TRUE(http.has_value()) << (http ? "" : http.error().message);
  return http ? field(http->body, key) : "";
}

}  // namespace weir::anthropic_tests
