#include "core/json.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <fmt/format.h>

namespace weir::json {
namespace {

constexpr std::size_t smallest_capacity = 2 * 1024;  // a document takes ten times its capacity, and a stream keeps one
constexpr std::size_t largest_kept = 1024 * 1024;    // a pooled document holds about ten times this, a parser four
constexpr std::size_t most_kept = 64;
constexpr std::size_t most_texts = 256;  // three or four a request under way

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

// First `"` or `\` at or after `at`.
const char* find_quote_or_backslash(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  while (end - at >= 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i hits = _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hits));
    if (mask != 0) return at + std::countr_zero(mask);
    at += 16;
  }
#endif
  while (at != end && *at != '"' && *at != '\\') ++at;
  return at;
}

// `at` is behind the opening quote; returns the closing one, or `end` when there is none.
const char* closing_quote(const char* at, const char* end) {
  for (;;) {
    at = find_quote_or_backslash(at, end);
    if (at >= end || *at == '"') return at;
    at = end - at > 2 ? at + 2 : end;
  }
}

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
      while (next < end && *next >= '0' && *next <= '9') ++next;
      out.append(at, next);
      const bool real = next < end && (*next == '.' || *next == 'e' || *next == 'E');
      const bool fraction = at > text.data() && (at[-1] == '.' || at[-1] == 'e' || at[-1] == 'E' || at[-1] == '+');
      if (!real && !fraction && static_cast<std::size_t>(next - at) > widest) out += ".0";
    } else {
      out += *at;
    }
    at = next;
  }
  return out;
}

enum class Byte : uint8_t { skip, quote, open, close, colon, comma, number, word };

constexpr std::array<Byte, 256> byte_classes = [] {
  std::array<Byte, 256> table{};
  table['"'] = Byte::quote;
  table['{'] = table['['] = Byte::open;
  table['}'] = table[']'] = Byte::close;
  table[':'] = Byte::colon;
  table[','] = Byte::comma;
  table['-'] = Byte::number;
  for (unsigned c = '0'; c <= '9'; ++c) table[c] = Byte::number;
  for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = Byte::word;
  return table;
}();

const char* skip_run(const char* at, const char* end) {
  while (at != end) {
    const char c = *at;
    const bool inside =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '+' || c == '.' || c == 'E';
    if (!inside) break;
    ++at;
  }
  return at;
}

// Walks the tokens of a valid JSON text whose root is an object, without recursion. `sink` gets
// string(begin, end, is_value), number(text) and field(field) for the top level.
template <typename Sink>
void walk(std::string_view text, Sink&& sink) {
  const char* const base = text.data();
  const char* const end = base + text.size();
  const char* at = base;
  std::size_t depth = 0;
  bool after_colon = false;
  const char* last_end = base;  // of the last token: values end there, blanks behind them are not theirs
  Field field;
  bool open_field = false;
  const auto close_field = [&] {
    if (!open_field) return;
    field.value_end = static_cast<std::size_t>(last_end - base);
    sink.field(field);
    open_field = false;
  };
  const auto begin_value = [&](const char* where) {
    if (depth == 1 && after_colon) field.value_begin = static_cast<std::size_t>(where - base);
  };
  while (at < end) {
    switch (byte_classes[static_cast<unsigned char>(*at)]) {
      case Byte::skip:
        ++at;
        break;
      case Byte::quote: {
        const char* const close = closing_quote(at + 1, end);
        if (close >= end) return;
        begin_value(at);
        const std::string_view inside(at + 1, static_cast<std::size_t>(close - at - 1));
        const auto resolved = sink.string(inside, after_colon);
        if (depth == 1 && !after_colon) {
          field = Field{.key = resolved, .key_begin = static_cast<std::size_t>(at - base)};
          open_field = true;
        }
        after_colon = false;
        at = last_end = close + 1;
        break;
      }
      case Byte::open:
        begin_value(at);
        ++depth;
        after_colon = false;
        last_end = ++at;
        break;
      case Byte::close:
        if (depth == 1) {
          close_field();
          return;
        }
        --depth;
        last_end = ++at;
        break;
      case Byte::colon:
        after_colon = true;
        ++at;
        break;
      case Byte::comma:
        if (depth == 1) close_field();
        ++at;
        break;
      case Byte::number:
      case Byte::word: {
        begin_value(at);
        const char* const stop = skip_run(at, end);
        if (byte_classes[static_cast<unsigned char>(*at)] == Byte::number) {
          sink.number(std::string_view(at, static_cast<std::size_t>(stop - at)));
        }
        after_colon = false;
        at = last_end = stop;
        break;
      }
    }
  }
}

// `at` is on the first byte of a value; returns the byte behind its last one.
const char* skip_value(const char* at, const char* end) {
  std::size_t depth = 0;
  while (at < end) {
    switch (byte_classes[static_cast<unsigned char>(*at)]) {
      case Byte::quote:
        at = closing_quote(at + 1, end) + 1;
        break;
      case Byte::open:
        ++depth;
        ++at;
        continue;
      case Byte::close:
        --depth;
        ++at;
        break;
      case Byte::number:
      case Byte::word:
        at = skip_run(at, end);
        break;
      default:
        ++at;
        continue;
    }
    if (depth == 0) return std::min(at, end);
  }
  return end;
}

const char* skip_to_token(const char* at, const char* end) {
  while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r' || *at == ',')) ++at;
  return at;
}

constexpr std::array<bool, 256> not_base64 = [] {
  std::array<bool, 256> table{};
  table.fill(true);
  for (unsigned c = '0'; c <= '9'; ++c) table[c] = false;
  for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = false;
  for (unsigned c = 'A'; c <= 'Z'; ++c) table[c] = false;
  for (const char c : std::string_view("+/=-_")) table[static_cast<unsigned char>(c)] = false;
  return table;
}();

bool names_a_medium(std::string_view key) {
  return key == "url" || key == "image_url" || key == "file_data" || key == "audio_url" || key == "video_url" ||
         key == "file_url";
}

// The part of a value that a reader of texts must see: all of it, or the head of a medium's `data:` URL. Whatever is
// not provably base64 of a medium stays whole, because guards read this.
std::string_view readable_part(std::string_view key, std::string_view value) {
  if (!value.starts_with("data:") || !names_a_medium(key)) return value;
  const auto comma = value.substr(0, 256).find(',');
  if (comma == std::string_view::npos || !value.substr(0, comma).ends_with(";base64")) return value;
  const auto type = value.substr(5);
  const bool medium = type.starts_with("image/") || type.starts_with("audio/") || type.starts_with("video/") ||
                      type.starts_with("application/");
  if (!medium) return value;
  unsigned bad = 0;
  for (const char c : value.substr(comma + 1)) bad |= not_base64[static_cast<unsigned char>(c)] ? 1U : 0U;
  return bad != 0 ? value : value.substr(0, comma + 1);
}

// simdjson writes all strings of a document, keys too, one behind the other in document order: a 32-bit length, the
// resolved bytes, a zero. Reading them in step with the text saves resolving escapes a second time.
struct SurveySink {
  std::vector<Field>& fields;
  std::vector<std::string_view>& texts;
  const uint8_t* strings;
  std::string_view key;

  std::string_view string(std::string_view, bool is_value) {
    uint32_t length = 0;
    std::memcpy(&length, strings, sizeof length);
    const std::string_view resolved(reinterpret_cast<const char*>(strings) + sizeof length, length);
    strings += sizeof length + length + 1;
    texts.push_back(is_value ? readable_part(key, resolved) : resolved);
    key = resolved;
    return resolved;
  }
  void number(std::string_view text) { texts.push_back(text); }
  void field(const Field& field) { fields.push_back(field); }
};

struct FieldSink {
  std::vector<Field>& fields;
  static std::string_view string(std::string_view raw, bool) { return raw; }
  static void number(std::string_view) {}
  void field(const Field& field) { fields.push_back(field); }
};

}  // namespace

void Document::forget() {
  constexpr std::size_t most_kept_texts = 4 * 1024;
  fields_.clear();
  texts_.clear();
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
  if (!has_room_for(text_.size())) {
    return failure(ErrorCode::internal, fmt::format("No memory to parse {} bytes of JSON.", text_.size()));
  }
  auto code = parser_->parse_into_document(document_, text_.data(), text_.size(), false).get(root_);
  if (code == simdjson::NUMBER_ERROR) {
    const auto widened = wide_integers_as_reals(text_);
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

void Document::survey() {
  fields_.reserve(16);
  texts_.reserve(64);
  walk(text_, SurveySink{.fields = fields_, .texts = texts_, .strings = document_.string_buf.get(), .key = {}});
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
