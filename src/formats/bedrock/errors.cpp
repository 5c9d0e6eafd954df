// Errors of Bedrock: their type stands in a header or, in a stream, in the event's name; the body has a message only.
#include <fmt/format.h>
#include <array>

#include "formats/bedrock/model_face.h"
#include "formats/shared/errors.h"

namespace weir::bedrock {
namespace {

struct ErrorType {
  std::string_view name;
  int status;  // by which it is judged: not always the one it comes with
};
constexpr std::array types = {
    ErrorType{"AccessDeniedException", 403},
    ErrorType{"ConflictException", 400},
    ErrorType{"InternalServerException", 500},
    ErrorType{"ModelErrorException", 424},
    ErrorType{"ModelNotReadyException", 429},
    ErrorType{"ModelStreamErrorException", 424},
    ErrorType{"ModelTimeoutException", 408},
    ErrorType{"ResourceNotFoundException", 404},
    ErrorType{"ServiceQuotaExceededException", 429},  // comes with 400: the account's limit, nothing that is wrong
    ErrorType{"ServiceUnavailableException", 503},
    ErrorType{"ThrottlingException", 429},
    ErrorType{"ValidationException", 400},
    ErrorType{"UnrecognizedClientException", 403},
    ErrorType{"ExpiredTokenException", 403},
    ErrorType{"InvalidSignatureException", 403},
    ErrorType{"IncompleteSignatureException", 403},  // comes with 400
    ErrorType{"MissingAuthenticationTokenException", 403},
};

// `ValidationException:http://…` in the header, `com.amazon.coral.service#AccessDeniedException` in a body,
// `throttlingException` in a stream.
std::string plain_type(std::string_view type) {
  type = type.substr(0, type.find(':'));
  if (const auto hash = type.rfind('#'); hash != std::string_view::npos) type.remove_prefix(hash + 1);
  std::string plain(type);
  if (!plain.empty() && plain[0] >= 'a' && plain[0] <= 'z') plain[0] = static_cast<char>(plain[0] - 'a' + 'A');
  return plain;
}

int status_of(std::string_view type, int otherwise) {
  for (const auto& one : types) {
    if (one.name == type) return one.status;
  }
  return otherwise;
}

// What the body says, if it is an object that says anything.
struct Said {
  std::string type;
  std::string message;
  int status = 0;  // of the model behind, where it is told
};
bool read_said(std::string_view body, Said& said) {
  json::Document document;
  json::Object object;
  if (!document.parse_copy(body) || document.root().get(object) != simdjson::SUCCESS) return false;
  said.type = json::string_or(object, "__type");
  said.message = json::string_or(object, "message", json::string_or(object, "Message"));
  const auto original = json::string_or(object, "originalMessage");
  if (said.message.empty()) {
    said.message = original;
  } else if (!original.empty() && said.message.find(original) == std::string::npos) {
    said.message += fmt::format(" ({})", original);
  }
  const auto status = json::int_or(object, "originalStatusCode");
  if (status >= 400 && status <= 599) said.status = static_cast<int>(status);
  return true;
}

Error classify_said(std::string_view type, std::string_view message, int status, const Headers& headers) {
  HttpResponse shaped{.status = status, .headers = headers};
  json::Writer(shaped.body).begin_object().key("__type").value(type).key("message").value(message).end_object();
  return classify_response(shaped);
}

}  // namespace

Error classify(const HttpResponse& response) {
  Said said;
  if (!read_said(response.body, said)) {
    // A proxy's page, or nothing: its type may still be told.
    const auto type = plain_type(response.headers.get("x-amzn-errortype"));
    if (type.empty() || response.body.find_first_not_of(" \t\r\n") != std::string::npos) {
      return classify_response(response);
    }
    return classify_said(type, type, status_of(type, response.status), response.headers);
  }
  auto type = plain_type(response.headers.get("x-amzn-errortype"));
  if (type.empty()) type = plain_type(said.type);
  if (type.empty() && said.message.empty()) return classify_response(response);
  return classify_said(type, said.message.empty() ? type : said.message, status_of(type, response.status),
                       response.headers);
}

Error classify_in_stream(std::string_view type, std::string_view data) {
  Said said;
  if (!read_said(data, said)) said.message = data;
  const auto plain = plain_type(type);
  const auto status = said.status != 0 ? said.status : status_of(plain, 0);
  if (said.message.empty()) said.message = plain;
  if (said.message.empty()) said.message = "The provider reported an error without saying which.";
  return classify_said(plain, said.message, status, {});
}

}  // namespace weir::bedrock
