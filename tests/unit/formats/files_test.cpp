// OpenAI's files and batches: passed on as they came, text read by the guards, ids that lead nowhere else.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "formats/format.h"

namespace weir {
namespace {

class files : public testing::Test {
 protected:
  Result<Request> ask(std::string_view method, std::string_view target, std::string body = {}, std::string type = {}) {
    const auto question = target.find('?');
    const auto match = match_path(method, target);
    EXPECT_NE(match.pattern, nullptr) << method << " " << target;
    if (match.pattern == nullptr) return failure(ErrorCode::not_found, "no such path");
    return client_face("openai").read(
        {.operation = match.pattern->operation,
         .method = match.pattern->method,
         .path = match.pattern->path,
         .content_type = std::move(type),
         .named = std::string(match.named),
         .query = question == std::string_view::npos ? std::string() : std::string(target.substr(question + 1)),
         .body = std::move(body)},
        pool_);
  }
  HttpRequest sent(const Request& request, std::string_view url = "http://h", std::string query = {}) {
    ProviderSettings provider{.query = std::move(query), .api_key = "k"};
    EXPECT_TRUE(parse_url(url, provider.url));
    provider.quirks.azure_paths = !provider.query.empty();
    const ModelSettings model{.name = "files"};
    auto http = model_face("openai").write(request, {.provider = provider, .model = model}, "");
    EXPECT_TRUE(http) << http.error().message;
    return http ? std::move(*http) : HttpRequest{};
  }
  json::DocumentPool pool_;
};

std::string upload(std::string_view content, std::string_view name = "a.jsonl") {
  return fmt::format(
      "--B\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--B\r\nContent-Disposition: form-data; "
      "name=\"file\"; filename=\"{}\"\r\nContent-Type: application/octet-stream\r\n\r\n{}\r\n--B--\r\n",
      name, content);
}
constexpr std::string_view form_type = "multipart/form-data; boundary=B";

TEST_F(files, each_path_goes_to_the_same_at_the_provider) {
  struct Case {
    std::string_view method, asked, sent;
  };
  const Case cases[] = {
      {"GET", "/v1/files", "/v1/files"},
      {"GET", "/v1/files?limit=2&after=file-1", "/v1/files?limit=2&after=file-1"},
      {"GET", "/v1/files?model=keeper&limit=2", "/v1/files?limit=2"},
      {"GET", "/v1/files/file-abc", "/v1/files/file-abc"},
      {"DELETE", "/v1/files/file-abc", "/v1/files/file-abc"},
      {"GET", "/v1/files/file-abc/content", "/v1/files/file-abc/content"},
      {"GET", "/v1/batches", "/v1/batches"},
      {"GET", "/v1/batches/batch_1", "/v1/batches/batch_1"},
      {"POST", "/v1/batches/batch_1/cancel", "/v1/batches/batch_1/cancel"},
  };
  for (const auto& one : cases) {
    const auto request = ask(one.method, one.asked);
    ASSERT_TRUE(request) << one.asked;
    const auto http = sent(*request);
    EXPECT_EQ(http.method, one.method);
    EXPECT_EQ(http.path, one.sent);
    EXPECT_EQ(http.headers.get("authorization"), "Bearer k");
    EXPECT_EQ(http.body, "");
  }
  EXPECT_EQ(ask("GET", "/v1/files?model=keeper")->model, "keeper");
  EXPECT_EQ(ask("GET", "/v1/files")->model, "");
}

TEST_F(files, at_azure_belong_to_the_account) {
  const auto request = ask("GET", "/v1/files?limit=2");
  EXPECT_EQ(sent(*request, "https://x.openai.azure.com", "api-version=2024-10-21").path,
            "/openai/files?api-version=2024-10-21&limit=2");
}

TEST_F(files, an_id_cannot_lead_elsewhere) {
  for (const std::string_view id : {"..", "a/../../v1/models", "a/b", "a%2Fb", "a b", "a\r\nX: y", ".", "a?b"}) {
    EXPECT_FALSE(client_face("openai").read(
        {.operation = Operation::file, .method = "GET", .path = "/v1/files/*", .named = std::string(id)}, pool_))
        << id;
  }
}

TEST_F(files, a_form_arrives_as_it_was_sent_and_its_text_is_read) {
  const auto body = upload(R"({"custom_id":"1","body":{"messages":[{"role":"user","content":"ssn 123-45-6789"}]}})");
  const auto request = ask("POST", "/v1/files", body, std::string(form_type));
  ASSERT_TRUE(request) << request.error().message;
  const auto& texts = request->texts();
  EXPECT_TRUE(std::any_of(texts.begin(), texts.end(),
                          [](std::string_view text) { return text.find("123-45-6789") != std::string_view::npos; }));
  EXPECT_EQ(request->document->carries() & unreadable_files, 0);
  const auto http = sent(*request);
  EXPECT_EQ(http.body, body);
  EXPECT_EQ(http.headers.get("content-type"), form_type);
}

TEST_F(files, what_is_no_text_is_a_file_that_nobody_can_read) {
  for (const auto& content :
       {std::string("%PDF-1.7\0\1", 10), std::string("\xff\xfe\x41\x00", 4), std::string("a\x80")}) {
    const auto request = ask("POST", "/v1/files", upload(content), std::string(form_type));
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->document->carries() & unreadable_files, unreadable_files);
  }
}

TEST_F(files, a_form_that_is_none_is_refused) {
  EXPECT_EQ(ask("POST", "/v1/files", "{}", "application/json").error().param, "file");
  EXPECT_FALSE(ask("POST", "/v1/files", upload("x").substr(0, 90), std::string(form_type)));
  const auto without = "--B\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--B--\r\n";
  EXPECT_EQ(ask("POST", "/v1/files", without, std::string(form_type)).error().param, "file");
}

TEST_F(files, a_batch_is_sent_as_it_was_said) {
  EXPECT_FALSE(ask("POST", "/v1/batches", "[]"));
  const std::string good = R"({"input_file_id": "file-1",  "completion_window": "24h"})";
  const auto request = ask("POST", "/v1/batches", good, "application/json");
  ASSERT_TRUE(request);
  EXPECT_EQ(sent(*request).body, good);
  EXPECT_EQ(sent(*request).headers.get("content-type"), "application/json");
}

TEST_F(files, answers_go_back_as_they_came) {
  const auto read = [&](std::string_view target, std::string body) {
    return model_face("openai").read(*ask("GET", target), std::move(body), pool_);
  };
  const std::string content("\0\1{", 3);
  EXPECT_EQ(read("/v1/files/file-1/content", content)->raw, content);
  EXPECT_EQ(read("/v1/files/file-1/content", R"({"error":{"message":"in the file"}})")->raw,
            R"({"error":{"message":"in the file"}})");
  EXPECT_FALSE(read("/v1/files/file-1", R"({"error":{"message":"gone"}})"));
  EXPECT_FALSE(read("/v1/files/file-1", "<html>"));
  EXPECT_TRUE(read("/v1/files", R"({"data":[]})")->usage.known);
}

TEST_F(files, only_a_finished_batch_says_what_it_took) {
  const auto read = [&](std::string_view status) {
    return model_face("openai")
        .read(*ask("GET", "/v1/batches/batch_1"),
              fmt::format(R"({{"id":"batch_1","model":"gpt","status":"{}","usage":{{"input_tokens":40,)"
                          R"("input_tokens_details":{{"cached_tokens":4}},"output_tokens":7,"total_tokens":47}}}})",
                          status),
              pool_)
        ->usage;
  };
  EXPECT_EQ(read("completed").input, 40);
  EXPECT_EQ(read("completed").cached, 4);
  EXPECT_EQ(read("expired").output, 7);
  EXPECT_EQ(read("in_progress").input, 0);
  EXPECT_TRUE(read("in_progress").known);
}

}  // namespace
}  // namespace weir
