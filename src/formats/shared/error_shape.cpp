#include "formats/shared/error_shape.h"

#include <array>

#include <fmt/format.h>

#include "core/json.h"

namespace weir {
namespace {

// What a status is called, in the words of each format.
struct StatusName {
  int status;
  std::string_view anthropic;
  std::string_view gemini;
  std::string_view bedrock;
};
constexpr std::array status_names = {
    StatusName{400, "invalid_request_error", "INVALID_ARGUMENT", "ValidationException"},
    StatusName{401, "authentication_error", "UNAUTHENTICATED", "UnrecognizedClientException"},
    StatusName{403, "permission_error", "PERMISSION_DENIED", "AccessDeniedException"},
    StatusName{404, "not_found_error", "NOT_FOUND", "ResourceNotFoundException"},
    StatusName{405, "invalid_request_error", "UNIMPLEMENTED", "ValidationException"},
    StatusName{413, "request_too_large", "INVALID_ARGUMENT", "ValidationException"},
    StatusName{429, "rate_limit_error", "RESOURCE_EXHAUSTED", "ThrottlingException"},
    StatusName{500, "api_error", "INTERNAL", "InternalServerException"},
    StatusName{503, "overloaded_error", "UNAVAILABLE", "ServiceUnavailableException"},
    StatusName{504, "timeout_error", "DEADLINE_EXCEEDED", "ModelTimeoutException"},
};

const StatusName& name_of(int status) {
  const StatusName* general = &status_names.front();
  for (const auto& one : status_names) {
    if (one.status == status) return one;
    if (one.status == 500 && status > 500) general = &one;
  }
  return *general;
}

// These shapes have no field for the place.
std::string with_place(const Error& error) {
  if (error.param.empty() || error.param == "model" || error.message.find(error.param) != std::string::npos)
    return error.message;
  return fmt::format("{} ({})", error.message, error.param);
}

}  // namespace

std::string write_error_as(ErrorShape shape, const Error& error) {
  const auto message = with_place(error);
  const auto& name = name_of(error.status());
  std::string body;
  json::Writer out(body);
  out.begin_object();
  switch (shape) {
    case ErrorShape::anthropic:
      out.key("type").value("error").key("error").begin_object();
      out.key("type").value(name.anthropic).key("message").value(message).end_object();
      out.key("request_id").null();  // in the header
      break;
    case ErrorShape::gemini:
      out.key("error").begin_object().key("code").value(error.status());
      out.key("message").value(message).key("status").value(name.gemini).end_object();
      break;
    case ErrorShape::ollama:
      out.key("error").value(message);
      break;
    case ErrorShape::bedrock:
      out.key("__type").value(name.bedrock).key("message").value(message);
      break;
    case ErrorShape::openai:
    case ErrorShape::cohere:
      out.key("message").value(message);
      break;
  }
  out.end_object();
  return body;
}

}  // namespace weir
