#include "formats/openai/files.h"

#include <fmt/format.h>

#include "formats/openai/client_face.h"
#include "formats/openai/model_face.h"
#include "formats/shared/errors.h"
#include "formats/shared/form_json.h"
#include "formats/shared/multipart.h"
#include "formats/shared/query.h"

namespace weir::openai_files {
namespace {

// What is special stands before what is general.
constexpr std::array patterns = {
    PathPattern{.method = "POST", .path = "/v1/files", .operation = Operation::file},
    PathPattern{.method = "GET", .path = "/v1/files", .operation = Operation::file},
    PathPattern{.method = "GET", .path = "/v1/files/*/content", .operation = Operation::file},
    PathPattern{.method = "GET", .path = "/v1/files/*", .operation = Operation::file},
    PathPattern{.method = "DELETE", .path = "/v1/files/*", .operation = Operation::file},
    PathPattern{.method = "POST", .path = "/v1/batches", .operation = Operation::batch},
    PathPattern{.method = "GET", .path = "/v1/batches", .operation = Operation::batch},
    PathPattern{.method = "POST", .path = "/v1/batches/*/cancel", .operation = Operation::batch},
    PathPattern{.method = "GET", .path = "/v1/batches/*", .operation = Operation::batch},
};

constexpr std::size_t longest_id = 256;

// An id becomes a part of a path at the provider: nothing in it may lead elsewhere.
bool is_id(std::string_view text) {
  constexpr std::string_view others = "-_.:";
  const bool plain = std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
  });
  return plain && !text.empty() && text.size() <= longest_id && !text.starts_with('.');
}

// The query without `model`, which is ours.
std::string query_for_provider(std::string_view query) {
  std::string out;
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty() || pair.starts_with("model=")) continue;
    out.append(out.empty() ? "" : "&").append(pair);
  }
  return out;
}

Status take_form(Asked& asked, Request& request) {
  const auto boundary = form_boundary(asked.content_type);
  if (boundary.empty())
    return failure(Error{.code = ErrorCode::invalid_request,
                         .message = "A file is sent as a form: Content-Type multipart/form-data, with the fields "
                                    "'file' and 'purpose'.",
                         .param = "file"});
  auto fields = read_form(asked.body, boundary);
  if (!fields) return failure(std::move(fields.error()));
  const bool has_file =
      std::any_of(fields->begin(), fields->end(), [](const FormField& field) { return field.name == "file"; });
  if (!has_file)
    return failure(
        Error{.code = ErrorCode::invalid_request, .message = "Missing required parameter: 'file'.", .param = "file"});
  auto json = form_as_json(*fields, FormOf::file);
  request.form = std::move(asked.body);
  request.form_type = form_type_with(boundary);
  asked.body = std::move(json);
  return {};
}

std::string endpoint_of(const Asked& asked) {
  std::string endpoint(asked.path.substr(std::string_view("/v1").size()));
  if (const auto star = endpoint.find('*'); star != std::string::npos) endpoint.replace(star, 1, asked.named);
  const auto query = query_for_provider(asked.query);
  return query.empty() ? endpoint : endpoint + "?" + query;
}

// What all requests of a batch took, once it has ended.
void read_finished(const json::Object& batch, Response& response) {
  constexpr std::array<std::string_view, 4> ends = {"completed", "failed", "expired", "cancelled"};
  json::Object usage;
  const auto status = json::string_or(batch, "status");
  if (std::find(ends.begin(), ends.end(), status) == ends.end()) return;
  if (batch.at_key("usage").get(usage) != simdjson::SUCCESS) return;
  response.id = json::string_or(batch, "id");
  response.model = json::string_or(batch, "model");
  for (const std::string_view moment : {"completed_at", "failed_at", "expired_at", "cancelled_at", "created_at"}) {
    if (response.created == 0) response.created = json::int_or(batch, moment);
  }
  constexpr int64_t last_moment = 4'102'444'800;  // 2100: beyond it somebody lies
  response.created = std::clamp<int64_t>(response.created, 0, last_moment);
  response.usage = openai_provider::read_usage(usage);
}

}  // namespace

std::span<const PathPattern> paths() { return patterns; }

Result<Request> read_request(Asked asked, json::DocumentPool& pool) {
  Request request;
  request.operation = asked.operation;
  request.format = openai_dialect::name;
  request.carried = std::move(asked.carried);
  request.method = asked.method;
  if (asked.path.find('*') != std::string_view::npos && !is_id(asked.named))
    return failure(ErrorCode::not_found, "The id in the path is none that a provider gives.");
  request.endpoint = request.keep(endpoint_of(asked));
  request.model = request.keep(std::string(query_value(asked.query, "model")));
  const bool upload = request.method == "POST" && request.operation == Operation::file;
  if (upload) {
    if (auto taken = take_form(asked, request); !taken) return failure(std::move(taken.error()));
  }
  if (asked.body.empty()) asked.body = "{}";
  request.document = pool.take();
  if (auto parsed = request.document->parse_request(std::move(asked.body)); !parsed)
    return failure(std::move(parsed.error()));
  json::Object root;
  if (request.document->root().get(root) != simdjson::SUCCESS)
    return failure(ErrorCode::invalid_request, fmt::format("The body must be a JSON object, but it is {}.",
                                                           json::type_name(request.document->root())));
  request.document->survey();
  return request;
}

HttpRequest write_request(const Request& request, const Target& target) {
  HttpRequest http{.method = std::string(request.method)};
  const auto question = request.endpoint.find('?');
  http.path = openai_provider::path_for(target.provider, request.endpoint.substr(0, question), {});
  if (question != std::string_view::npos) {
    const bool has_query = http.path.find('?') != std::string::npos;
    http.path.append(has_query ? "&" : "?").append(request.endpoint.substr(question + 1));
  }
  openai_provider::add_credential(target.provider, http.headers);
  if (request.method != "POST") return http;
  const bool form = !request.form.empty();
  const auto& json = request.document->text();
  if (!form && request.fields().empty()) return http;  // a cancellation
  http.headers.add("Content-Type", form ? request.form_type : std::string("application/json"));
  http.body = form ? request.form : json;
  return http;
}

Result<Response> read_answer(const Request& request, std::string body) {
  Response response{.operation = request.operation};
  json::Document document;
  json::Object object;
  const bool content = request.endpoint.find("/content") != std::string_view::npos;
  const bool is_json = body.starts_with('{') && document.parse_copy(body);
  if (is_json && document.root().get(object) == simdjson::SUCCESS) {
    if (!content && is_error_body(object)) return failure(classify_body(document.root(), 0));
  } else if (!content) {
    return failure(ErrorCode::upstream_malformed, "The provider's answer is malformed: it is no JSON object.");
  }
  response.usage.known = true;  // keeping a file takes no tokens
  if (request.operation == Operation::batch && is_json) read_finished(object, response);
  response.raw = std::move(body);
  return response;
}

}  // namespace weir::openai_files
