#include "formats/replicate/client_face.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "formats/replicate/model_face.h"
#include "formats/shared/errors.h"
#include "formats/shared/query.h"

namespace weir::replicate {
namespace {

constexpr std::string_view create_path = "/v1/predictions";
constexpr std::array patterns = {
    PathPattern{.method = "POST", .path = "/v1/models/*/predictions", .operation = Operation::prediction},
    PathPattern{.method = "POST", .path = "/v1/deployments/*/predictions", .operation = Operation::prediction},
    PathPattern{.method = "POST", .path = create_path, .operation = Operation::prediction},
    PathPattern{.method = "GET", .path = create_path, .operation = Operation::prediction},
    PathPattern{.method = "POST", .path = "/v1/predictions/*/cancel", .operation = Operation::prediction},
    PathPattern{.method = "GET", .path = "/v1/predictions/*", .operation = Operation::prediction},
};
constexpr std::array<std::string_view, 2> carried = {"prefer", "cancel-after"};

// As Replicate says what is wrong: `{title, detail, status, invalid_fields}`.
std::string write_error_body(const Error& error) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("title").value(rule_of(error.code).name).key("detail").value(error.message);
  writer.key("status").value(int64_t{error.status()});
  if (!error.param.empty()) {
    writer.key("invalid_fields").begin_array().begin_object().key("field").value(error.param);
    writer.key("description").value(error.message).end_object().end_array();
  }
  writer.end_object();
  return out;
}

// Nobody asks for a stream here.
class NoStream final : public EventWriter {
 public:
  void begin(const StreamHead&) override {}
  void write(const StreamEvent&, std::string&) override {}
  void passed(const FramedEvent&, std::span<const StreamEvent>) override {}
  void end(std::string&) override {}
  void fail(const Error& error, std::string& out) override { out += write_error_body(error); }
};

Status read_model(const Asked& asked, Request& request) {
  if (asked.path.starts_with("/v1/models/")) {
    request.model = request.keep(asked.named);
  } else if (asked.path.starts_with("/v1/deployments/")) {
    request.model = request.keep("deployments/" + asked.named);
  } else if (asked.method == "POST" && asked.path == create_path) {
    json::Object root;
    json::read_if(request.document->root(), root);
    request.model = json::string_or(root, "version");
    if (request.model.empty())
      return failure(Error{
          .code = ErrorCode::invalid_request, .message = "Missing required parameter: 'version'.", .param = "version"});
  } else {
    if (asked.path != create_path && !is_prediction_id(asked.named))
      return failure(ErrorCode::not_found, "The id in the path is none that a prediction has.");
    request.model = request.keep(std::string(query_value(asked.query, "model")));
  }
  return {};
}

class Face final : public ClientFace {
 public:
  std::span<const PathPattern> paths() const override { return patterns; }
  Result<Request> read(Asked asked, json::DocumentPool& pool) const override {
    Request request;
    request.operation = Operation::prediction;
    request.format = name;
    request.carried = std::move(asked.carried);
    request.method = asked.method;
    request.document = pool.take();
    auto body = asked.body.empty() ? std::string("{}") : std::move(asked.body);
    if (auto parsed = request.document->parse_request(std::move(body)); !parsed)
      return failure(std::move(parsed.error()));
    if (!request.document->root().is_object())
      return failure(ErrorCode::invalid_request, "The body must be a JSON object.");
    request.document->survey();
    if (auto read = read_model(asked, request); !read) return failure(std::move(read.error()));
    auto endpoint = std::string(asked.path.substr(std::string_view("/v1").size()));
    if (const auto star = endpoint.find('*'); star != std::string::npos) endpoint.replace(star, 1, asked.named);
    request.endpoint = request.keep(std::move(endpoint));
    for (const auto text : request.texts()) request.text_bytes += text.size();
    return request;
  }
  // Of another's model there is no prediction.
  std::string write(const Response&, const Request&) const override { return "{}"; }
  std::unique_ptr<EventWriter> stream(const Request&) const override { return std::make_unique<NoStream>(); }
  std::string write_error(const Error& error) const override { return write_error_body(error); }
  std::string make_id(std::string_view unique, Operation) const override { return std::string(unique); }
  std::span<const std::string_view> carries() const override { return carried; }
};

// Of a prediction that has come to its end.
double busy_seconds(const json::Object& prediction) {
  double seconds = 0;
  json::read_if(prediction.at_pointer("/metrics/total_time"), seconds);
  json::read_if(prediction.at_pointer("/metrics/predict_time"), seconds);
  return seconds;
}

}  // namespace

const ClientFace& client_side() {
  static const Face one;
  return one;
}

Result<HttpRequest> pass_request(const Request& request, const Target& target) {
  const bool creates = request.method == "POST" && !request.endpoint.ends_with("/cancel");
  auto http = question(target.provider, std::string(request.method), request.endpoint);
  for (const auto& [key, value] : request.carried) http.headers.add(key, value);
  if (!creates) return http;
  const auto place = where(target.model.name);
  if (!place) return failure(place.error());
  http = question(target.provider, "POST", place->tail);
  for (const auto& [key, value] : request.carried) http.headers.add(key, value);
  http.headers.add("Content-Type", "application/json");
  http.body = request.document->text();
  std::string version;
  json::append_string(version, place->version);
  for (const auto& field : request.fields()) {
    if (field.key != "version") continue;
    if (place->version.empty())
      return failure(Error{.code = ErrorCode::unsupported,
                           .message = fmt::format("'{}' is an official model, which has no versions: ask at "
                                                  "/v1/models/{}/predictions.",
                                                  target.model.name, target.model.name),
                           .param = "version"});
    http.body = json::apply(http.body, {{.begin = field.value_begin, .end = field.value_end, .with = version}});
    return http;
  }
  if (place->version.empty()) return http;
  const auto brace = http.body.find('{') + 1;
  http.body.insert(brace, fmt::format("\"version\":{}{}", version, request.fields().empty() ? "" : ","));
  return http;
}

Result<Response> pass_answer(std::string body) {
  json::Document document;
  json::Object object;
  if (!document.parse_copy(body) || document.root().get(object) != simdjson::SUCCESS)
    return failure(ErrorCode::upstream_malformed, "The provider's answer is malformed: it is no JSON object.");
  Response response{.operation = Operation::prediction};
  response.usage.known = true;
  constexpr double most = 1e7;
  const auto status = json::string_or(object, "status");
  const auto seconds = busy_seconds(object);
  const bool over = status == "succeeded" || status == "failed" || status == "canceled";
  if (over && seconds > 0 && seconds < most) {
    response.id = json::string_or(object, "id");
    response.model = json::string_or(object, "model");
    response.created = seconds_of(json::string_or(object, "completed_at", json::string_or(object, "created_at")));
    response.usage.units = std::llround(seconds * 1'000);
  }
  response.raw = std::move(body);
  return response;
}

int64_t seconds_of(std::string_view time) {
  constexpr std::string_view form = "0000-00-00T00:00:00";
  if (time.size() < form.size()) return 0;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool digit = time[i] >= '0' && time[i] <= '9';
    if (form[i] == '0' ? !digit : time[i] != form[i]) return 0;
  }
  const auto number = [&](std::size_t at, std::size_t width) {
    int value = 0;
    std::from_chars(time.data() + at, time.data() + at + width, value);
    return value;
  };
  const std::chrono::year_month_day date{std::chrono::year(number(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                         std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  if (!date.ok()) return 0;
  const std::chrono::seconds day = std::chrono::sys_days(date).time_since_epoch();
  return day.count() + number(11, 2) * 3600 + number(14, 2) * 60 + number(17, 2);
}

}  // namespace weir::replicate
