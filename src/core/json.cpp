#include "core/json.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include <fmt/format.h>

#include "core/json_bulk.h"
#include "core/json_scan.h"

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

enum class StringIs : uint8_t { key, value };

// Whether the string that ended before `at` is followed by a colon.
bool is_key_before(const char* at, const char* end) {
  while (at < end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')) ++at;
  return at < end && *at == ':';
}

// Walks the tokens of a valid JSON text whose root is an object, without recursion. `sink` gets
// string(text, what it is), number(text), open() and close() of objects and arrays, and field(field) for the top level.
// A long list of numbers is given as one number(), with the commas in it: a view for each would take eight times the
// memory of `1,1,1`.
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
        const bool is_key = !after_colon && is_key_before(close + 1, end);
        const auto resolved = sink.string(inside, is_key ? StringIs::key : StringIs::value);
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
        sink.open();
        after_colon = false;
        last_end = ++at;
        break;
      case Byte::close:
        if (depth == 1) {
          close_field();
          return;
        }
        --depth;
        sink.close();
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
        if (!after_colon) {
          if (const auto run = number_run(at, end); run.count >= long_run) {
            sink.number(std::string_view(at, static_cast<std::size_t>(run.end - at)));
            at = last_end = run.end;
            break;
          }
        }
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

// simdjson writes all strings of a document, keys too, one behind the other in document order: a 32-bit length, the
// resolved bytes, a zero. Reading them in step with the text saves resolving escapes a second time. Where a medium may
// stand is known by the keys around a value.
class SurveySink {
 public:
  SurveySink(std::vector<Field>& fields, std::vector<std::string_view>& texts, std::vector<const char*>& keys,
             std::vector<MediumText>& media, const uint8_t* strings)
      : fields_(fields), texts_(texts), keys_(keys), media_(media), strings_(strings) {}

  std::string_view string(std::string_view, StringIs what) {
    uint32_t length = 0;
    std::memcpy(&length, strings_, sizeof length);
    const std::string_view resolved(reinterpret_cast<const char*>(strings_) + sizeof length, length);
    strings_ += sizeof length + length + 1;
    if (what == StringIs::key) {
      key(resolved);
      keys_.push_back(resolved.data());
    } else {
      value(resolved);
    }
    numbers_ = 0;
    texts_.push_back(resolved);
    return resolved;
  }

  void number(std::string_view text) {
    texts_.push_back(text);
    // A prompt as token ids, or an embedding, under whatever key. A list of choices in a schema is none.
    numbers_ += text.find(',') == std::string_view::npos ? 1 : fewest_ids;
    if (vector_depth_ != 0 || (numbers_ >= fewest_ids && key_ != "enum")) add(unreadable_tokens);
  }

  void field(const Field& field) { fields_.push_back(field); }

  void open() {
    ++depth_;
    if (pending_.sort == Sort::none) return;
    if (pending_.sort == Sort::medium || pending_.sort == Sort::reference) add(pending_.kind);
    if (pending_.sort == Sort::vector && vector_depth_ == 0) vector_depth_ = depth_;
    if (pending_.sort != Sort::vector && medium_depth_ == 0) {
      medium_depth_ = depth_;
      medium_ = key_ == "source" && part_ != 0 ? part_ : pending_.kind;
      sealed_ = pending_.sort == Sort::opaque;
    }
    pending_ = {};
  }

  void close() {
    if (depth_ == medium_depth_) medium_depth_ = 0;
    if (depth_ == vector_depth_) vector_depth_ = 0;
    --depth_;
  }

  [[nodiscard]] UnreadableSet carries() const { return carries_; }

 private:
  using Sort = MediumKey::Sort;
  static constexpr std::size_t fewest_ids = 64;    // so many numbers in a row are no text's numbers
  static constexpr std::size_t shortest_data = 8;  // that is worth a look

  void add(UnreadableSet kind) { carries_ = static_cast<UnreadableSet>(carries_ | kind); }

  void key(std::string_view name) {
    key_ = name;
    pending_ = medium_key(name);
    if (depth_ == 1) described_ = is_description(name);
    // Ollama's: the conversation so far, as token ids. Deeper down it is anybody's word.
    if (depth_ == 1 && name == "context") pending_ = {Sort::vector, unreadable_tokens};
    if (pending_.sort == Sort::none || pending_.sort == Sort::opaque) return;
    // What a tool's schema calls `image_url` is no image; `audio` of a request says how to speak.
    if (described_ || (depth_ == 1 && name == "audio")) pending_ = {};
  }

  static bool is_description(std::string_view top_level) {
    return top_level == "tools" || top_level == "functions" || top_level == "tool_choice" ||
           top_level == "response_format" || top_level == "format" || top_level == "metadata";
  }

  void value(std::string_view text) {
    auto pending = std::exchange(pending_, {});
    // What a model thought and its provider sealed: `{"type": "redacted_thinking", "data": …}`.
    if (key_ == "data" && std::exchange(redacted_, false)) pending = {.sort = Sort::opaque};
    const bool within = medium_depth_ != 0;
    if (pending.sort == Sort::medium || pending.sort == Sort::reference) {
      if (!text.empty()) add(pending.kind);
    } else if (pending.sort == Sort::place && pending.kind != unreadable_files) {
      if (is_remote_address(text)) add(pending.kind);
    } else if (within && !sealed_) {
      within_medium(text);
    } else if (key_ == "type") {
      part_ = kind_of_part(text);
      redacted_ = text == "redacted_thinking";
    }
    if (text.size() < shortest_data || is_about_a_medium(key_)) return;
    if (pending.sort == Sort::opaque || (within && sealed_)) {
      media_.push_back({.text = texts_.size(), .kind = 0});
    } else if (within || pending.kind != 0) {
      media_.push_back({.text = texts_.size(), .kind = pending.kind != 0 ? pending.kind : medium_});
    }
  }

  // What stands beside the data and says of what kind it is, or what it is called: always a text.
  static bool is_about_a_medium(std::string_view name) {
    for (const std::string_view one : {"type", "mime_type", "media_type", "mimeType", "mediaType", "format", "detail",
                                       "filename", "name", "title", "role"}) {
      if (name == one) return true;
    }
    return false;
  }

  void within_medium(std::string_view text) {
    if (key_ == "url" || key_ == "uri") {
      if (is_remote_address(text)) add(medium_);
    } else if (key_ == "id") {  // of what the model said before
      if (medium_ == unreadable_audio && !text.empty()) add(medium_);
    } else if (key_ == "mime_type" || key_ == "media_type" || key_ == "mimeType" || key_ == "mediaType") {
      if (const auto kind = kind_of_media_type(text); kind != 0) medium_ = kind;
    }
  }

  std::vector<Field>& fields_;
  std::vector<std::string_view>& texts_;
  std::vector<const char*>& keys_;
  std::vector<MediumText>& media_;
  const uint8_t* strings_;
  std::string_view key_;
  MediumKey pending_;  // of the last key, until its value has come
  std::size_t depth_ = 0;
  std::size_t medium_depth_ = 0;  // of the object or list where media may stand; 0: none
  std::size_t vector_depth_ = 0;
  std::size_t numbers_ = 0;  // in a row
  UnreadableSet medium_ = 0;
  UnreadableSet part_ = 0;  // what the last `type` says
  UnreadableSet carries_ = 0;
  bool sealed_ = false;
  bool redacted_ = false;  // the part that is being read says so
  bool described_ = false;
};

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

void Document::survey() {
  fields_.reserve(16);
  texts_.reserve(64);
  SurveySink sink(fields_, texts_, keys_, media_, document_.string_buf.get());
  walk(text_, sink);
  carries_ = sink.carries();
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
