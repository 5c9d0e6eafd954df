// whisper.cpp's /inference: OpenAI's forms with a few other words.
#include "formats/shared/multipart.h"
#include "formats/whispercpp/model_face.h"
#include "job_asking.h"

namespace weir::test {
namespace {

struct WhisperCpp : JobAsking {
  const ModelFace& face = model_face("whispercpp");
  const std::string sound = std::string("RIFF\0\r\n--x\xff", 11);

  Request transcript(const std::vector<FormPart>& more, std::string_view path = "/v1/audio/transcriptions") {
    std::vector<FormPart> parts{{"name=\"model\"", "m"},
                                {"name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav", sound}};
    parts.insert(parts.end(), more.begin(), more.end());
    return ask(Operation::transcription, path, form_of(parts), "multipart/form-data; boundary=B");
  }
  std::vector<std::pair<std::string, std::string>> sent(const Request& request) {
    const auto http = face.write(request, target(), "");
    EXPECT_TRUE(http) << http.error().message;
    EXPECT_EQ(http->path, "/inference");
    const auto fields = read_form(http->body, form_boundary(http->headers.get("content-type")));
    EXPECT_TRUE(fields);
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& field : *fields) out.emplace_back(field.name, field.value);
    return out;
  }
  using Fields = std::vector<std::pair<std::string, std::string>>;
};

TEST_F(WhisperCpp, a_form_is_sent_without_what_it_does_not_know) {
  EXPECT_EQ(sent(transcript({{"name=\"language\"", "de"}, {"name=\"prompt\"", "Weir"}, {"name=\"beam_size\"", "5"}})),
            (Fields{{"file", sound}, {"language", "de"}, {"prompt", "Weir"}, {"beam_size", "5"}}));
  EXPECT_EQ(
      sent(transcript({{"name=\"response_format\"", "verbose_json"}, {"name=\"timestamp_granularities[]\"", "word"}})),
      (Fields{{"file", sound}, {"response_format", "verbose_json"}, {"no_language_probabilities", "true"}}));
  EXPECT_EQ(sent(transcript({}, "/v1/audio/translations")), (Fields{{"file", sound}, {"translate", "true"}}));
}

TEST_F(WhisperCpp, what_it_cannot_do_is_refused_with_its_place) {
  for (const auto& [field, value, param] :
       {std::tuple{"stream", "true", "stream"}, std::tuple{"response_format", "diarized_json", "response_format"},
        std::tuple{"include[]", "logprobs", "include"}, std::tuple{"chunking_strategy", "{}", "chunking_strategy"}}) {
    const auto http = face.write(transcript({{fmt::format("name=\"{}\"", field), value}}), target(), "");
    ASSERT_FALSE(http) << field;
    EXPECT_EQ(http.error().code, ErrorCode::unsupported);
    EXPECT_EQ(http.error().param, param);
  }
  const auto json = ask(Operation::transcription, "/v1/audio/transcriptions", R"({"model":"m"})");
  EXPECT_EQ(face.write(json, target(), "").error().param, "file");
}

TEST_F(WhisperCpp, answers_are_what_openais_clients_expect) {
  const auto plain = transcript({});
  EXPECT_EQ(face.read(plain, R"({"text":" Hello\n"})", pool)->raw, R"({"text":" Hello\n"})");
  const auto text = face.read(transcript({{"name=\"response_format\"", "text"}}), "Hello\n", pool);
  EXPECT_EQ(text->raw, "Hello\n");
  EXPECT_EQ(text->content_type, "text/plain; charset=utf-8") << "the server says that it is HTML";
  const auto srt = face.read(transcript({{"name=\"response_format\"", "srt"}}), "1\n00:00 --> 00:01\nHi\n", pool);
  EXPECT_EQ(srt->content_type, "") << "as the server says";
  const auto words = face.read(
      transcript({{"name=\"response_format\"", "verbose_json"}, {"name=\"timestamp_granularities[]\"", "word"}}),
      R"({"task":"transcribe","language":"english","duration":1.5,"text":"a b","segments":[)"
      R"({"id":0,"text":"a","words":[{"word":"a","start":0.0,"end":0.5}]},)"
      R"({"id":1,"text":"b","words":[{"word":"b","start":0.5,"end":1.0}]}]})",
      pool);
  ASSERT_TRUE(words);
  expect(words->raw, "/words", R"([{"word":"a","start":0.0,"end":0.5},{"word":"b","start":0.5,"end":1.0}])");
  expect(words->raw, "/task", "\"transcribe\"");
}

TEST_F(WhisperCpp, answers_that_are_none_are_errors) {
  const auto plain = transcript({});
  for (const auto* wrong : {"", "[]", "{", "{}", "<html>", R"({"error":"failed to read audio data"})"})
    EXPECT_FALSE(face.read(plain, wrong, pool)) << wrong;
  EXPECT_EQ(face.classify({404, {}, "File Not Found (/inference)"}).code, ErrorCode::upstream_no_model);
  EXPECT_EQ(face.classify({400, {}, "Invalid request"}).code, ErrorCode::upstream_rejected);
  EXPECT_EQ(face.classify({500, {}, R"({"error":"failed to process audio"})"}).message, "failed to process audio");
}

}  // namespace
}  // namespace weir::test
