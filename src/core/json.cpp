#include "core/json.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include <fmt/format.h>

#include "core/json_bulk.h"
#include "core/json_scan.h"
#include "core/json_walk.h"

namespace weir::json {
namespace {

constexpr std::size_t smallest_capacity = 2 * 1024;  // a document takes ten times its capacity, and a stream keeps one
constexpr std::size_t largest_kept = 1024 * 1024;    // a pooled document holds about ten times this, a parser four
constexpr std::size_t most_kept = 64;
constexpr std::size_t most_texts = 256;  // three or four a request under way
constexpr std::size_t bulk_size = 64 * 1024;

Error describe(const Fault& fault, simdjson::error_code code) {
  Error error{.code = ErrorCode::invalid_json};
  if (fault.what.empty()) {
    error.message = fmt::format("The body is not valid JSON: {}.", simdjson::error_message(code));
  } else {
    error.message =
        fmt::format("The body is not valid JSON: line {}, column {}: {}.", fault.line, fault.column, fault.what);
  }
  return error;
}

bool is_of_number(char c) { return (c >= '0' && c <= '9') || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-'; }

// JSON sets integers no limit, simdjson sets one of 64 bits. A number that is too wide is read as a real; the text that
// is forwarded keeps it as it came.
std::string wide_integers_as_reals(std::string_view text) {
  constexpr std::size_t widest = 18;  // digits that surely fit
  std::string out;
  out.reserve(text.size() + 64);
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    const char* next = at + 1;
    if (*at == '"') {
      next = std::min(closing_quote(at + 1, end) + 1, end);
      out.append(at, next);
    } else if (*at >= '0' && *at <= '9') {
      // All of the number: the digits of a fraction or an exponent are no integer.
      bool integer = true;
      for (; next < end && is_of_number(*next); ++next) integer = integer && *next >= '0' && *next <= '9';
      out.append(at, next);
      if (integer && static_cast<std::size_t>(next - at) > widest) out += ".0";
    } else {
      out += *at;
    }
    at = next;
  }
  return out;
}

struct FieldSink {
  std::vector<Field>& fields;
  static std::string_view string(std::string_view raw, StringIs) { return raw; }
  static void number(std::string_view) {}
  static void open() {}
  static void close() {}
  void field(const Field& field) { fields.push_back(field); }
};

}  // namespace

void Document::forget() {
  constexpr std::size_t most_kept_texts = 4 * 1024;
  fields_.clear();
  texts_.clear();
  keys_.clear();
  if (keys_.capacity() > most_kept_texts) keys_ = {};
  left_out_ = 0;
  media_.clear();
  carries_ = 0;
  if (texts_.capacity() > most_kept_texts) texts_ = {};
  if (fields_.capacity() > most_kept_texts) fields_ = {};
}

bool Document::has_room_for(std::size_t bytes) {
  const auto wanted = std::max(smallest_capacity, std::bit_ceil(bytes));
  if (!parser_) parser_ = std::make_shared<simdjson::dom::parser>();
  return (document_.capacity() >= bytes || document_.allocate(wanted) == simdjson::SUCCESS) &&
         (parser_->capacity() >= bytes || parser_->allocate(wanted, max_depth) == simdjson::SUCCESS);
}

Status Document::parse(std::string text) {
  forget();
  text_ = std::move(text);
  text_.reserve(text_.size() + simdjson::SIMDJSON_PADDING);
  return parse_padded(text_);
}

Status Document::parse_request(std::string text) {
  if (text.size() < bulk_size) return parse(std::move(text));
  const auto bulk = survey_bulk(text);
  if (bulk.values > most_values) {
    return failure(ErrorCode::body_too_large,
                   fmt::format("The body holds more than {} JSON values, lists of numbers not counted. Send it in "
                               "several requests.",
                               most_values));
  }
  if (bulk.cuts.empty()) return parse(std::move(text));
  forget();
  text_ = std::move(text);
  left_out_ = bulk.left_out;
  return parse_padded(lean_text(text_, bulk));
}

// `padded` has spare capacity for what the parser reads beyond its end.
Status Document::parse_padded(const std::string& padded) {
  if (!has_room_for(padded.size())) {
    return failure(ErrorCode::internal, fmt::format("No memory to parse {} bytes of JSON.", padded.size()));
  }
  auto code = parser_->parse_into_document(document_, padded.data(), padded.size(), false).get(root_);
  if (code == simdjson::NUMBER_ERROR) {
    const auto widened = wide_integers_as_reals(padded);
    if (has_room_for(widened.size())) code = parser_->parse_into_document(document_, widened).get(root_);
  }
  if (code == simdjson::SUCCESS) return {};
  root_ = Element{};
  return failure(describe(locate_fault(text_), code));
}

Status Document::parse_copy(std::string_view text) {
  auto buffer = take_text();
  buffer.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  buffer.assign(text);
  return parse(std::move(buffer));
}

void DocumentPool::Return::operator()(Document* document) const {
  std::unique_ptr<Document> owned(document);
  if (pool == nullptr || owned == nullptr) return;
  pool->keep(owned->take_text());
  owned->forget();
  if (owned->capacity() > largest_kept || pool->idle_.size() >= most_kept) return;
  pool->idle_.push_back(std::move(owned));
}

DocumentPool::Handle DocumentPool::take() {
  if (!parser_ || parser_->capacity() > largest_kept) parser_ = std::make_shared<simdjson::dom::parser>();
  std::unique_ptr<Document> document;
  if (idle_.empty()) {
    document = std::make_unique<Document>();
  } else {
    document = std::move(idle_.back());
    idle_.pop_back();
  }
  document->parser_ = parser_;
  return Handle(document.release(), Return{this});
}

std::string DocumentPool::spare_text() {
  if (texts_.empty()) return {};
  auto text = std::move(texts_.back());
  texts_.pop_back();
  return text;
}

void DocumentPool::keep(std::string text) {
  constexpr std::size_t worth_keeping = 512;
  constexpr std::size_t largest_text = 16 * 1024;
  if (text.capacity() < worth_keeping || text.capacity() > largest_text || texts_.size() >= most_texts) return;
  text.clear();
  texts_.push_back(std::move(text));
}

std::string_view string_or(const Object& object, std::string_view key, std::string_view otherwise) {
  std::string_view text;
  return object.at_key(key).get(text) == simdjson::SUCCESS ? text : otherwise;
}

int64_t int_or(const Object& object, std::string_view key, int64_t otherwise) {
  int64_t number = 0;
  return object.at_key(key).get(number) == simdjson::SUCCESS ? number : otherwise;
}

std::string_view Wanted::text_or(std::string_view otherwise) const {
  std::string_view text;
  return get(text) ? text : otherwise;
}

int64_t Wanted::int_or(int64_t otherwise) const {
  int64_t number = 0;
  return get(number) ? number : otherwise;
}

void pick(const Object& object, std::span<Wanted> wanted) {
  for (const auto member : object) {
    for (auto& one : wanted) {
      if (one.name != member.key) continue;
      if (!one.found) one.value = member.value;
      one.found = true;
      break;
    }
  }
}

std::string_view type_name(const Element& element) {
  switch (element.type()) {
    case simdjson::dom::element_type::ARRAY:
      return "an array";
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::INT64:
    case simdjson::dom::element_type::UINT64:
      return "an integer";
    case simdjson::dom::element_type::DOUBLE:
      return "a number";
    case simdjson::dom::element_type::STRING:
      return "a string";
    case simdjson::dom::element_type::BOOL:
      return "a boolean";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
  }
  return "something else";
}

std::vector<Field> top_level_fields(std::string_view text) {
  std::vector<Field> fields;
  fields.reserve(16);
  walk(text, FieldSink{fields});
  return fields;
}

std::vector<std::string_view> elements(std::string_view array) {
  std::vector<std::string_view> found;
  const char* const end = array.data() + array.size();
  const char* at = skip_to_token(array.data(), end);
  if (at == end || *at != '[') return found;
  for (at = skip_to_token(at + 1, end); at < end && *at != ']'; at = skip_to_token(at, end)) {
    const char* const stop = skip_value(at, end);
    found.emplace_back(at, static_cast<std::size_t>(stop - at));
    at = stop;
  }
  return found;
}

std::string_view member(std::string_view object, std::string_view key) {
  for (const auto& field : top_level_fields(object)) {
    bool same = field.key == key;
    if (!same && field.key.find('\\') != std::string_view::npos) {
      Document resolved;
      std::string_view name;
      same = resolved.parse_copy(object.substr(field.key_begin, field.key.size() + 2)) &&
             resolved.root().get(name) == simdjson::SUCCESS && name == key;
    }
    if (same) return object.substr(field.value_begin, field.value_end - field.value_begin);
  }
  return {};
}

std::string apply(std::string_view text, const std::vector<Splice>& splices, std::string out) {
  std::size_t size = text.size();
  for (const auto& splice : splices) size += splice.with.size();
  out.clear();
  out.reserve(size);
  std::size_t at = 0;
  for (const auto& splice : splices) {
    out.append(text.substr(at, splice.begin - at)).append(splice.with);
    at = splice.end;
  }
  out.append(text.substr(at));
  return out;
}

}  // namespace weir::json
