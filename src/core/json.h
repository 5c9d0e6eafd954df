// JSON in and out. Reading: simdjson's DOM, which validates all of the text (structure, numbers, UTF-8), with the place
// of the first error. Writing: an appender. Splicing: byte ranges of top-level fields, so that a body can be forwarded
// with one field changed and every other byte as it came.
//
// A Document owns the text and everything that views into it; it is used by one thread at a time.
#pragma once

#include <simdjson.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/unreadable.h"

namespace weir::json {

using Element = simdjson::dom::element;
using Object = simdjson::dom::object;
using Array = simdjson::dom::array;

// One field of the top-level object of a valid JSON text, as byte ranges into it.
struct Field {
  std::string_view key;       // without quotes, escapes resolved by survey(), not by top_level_fields()
  std::size_t key_begin = 0;  // of the opening quote
  std::size_t value_begin = 0;
  std::size_t value_end = 0;
};

// Which texts of a document are keys and which are numbers, told by where they lie in memory: so it also holds for a
// list of texts from which some were left out, or into which others were put. Views into the document.
class TextKinds {
 public:
  TextKinds() = default;
  TextKinds(std::string_view body, const std::vector<const char*>& keys) : body_(body), keys_(keys) {}

  [[nodiscard]] bool is_number(std::string_view text) const {
    return std::greater_equal<>()(text.data(), body_.data()) && std::less<>()(text.data(), body_.data() + body_.size());
  }
  [[nodiscard]] bool is_key(std::string_view text) const;

 private:
  std::string_view body_;
  std::span<const char* const> keys_;  // where they begin, ascending
};

// A text that stands where a medium may stand: whether it is one, its bytes say.
struct MediumText {
  std::size_t text = 0;    // index into Document::texts()
  UnreadableSet kind = 0;  // what it is if it is no text; 0: a seal that only its provider can read
};

class Document {
 public:
  // Takes `text` (give it 64 spare bytes of capacity and nothing is copied). invalid_json with line, column and what
  // was wrong otherwise. Views of an earlier parse end here.
  Status parse(std::string text);
  // The same for what a client sent, which may be large and hostile: with more than `most_values` values it is refused
  // (body_too_large), and of each long list of plain numbers only one is in root(): text() has them all. So parsing
  // takes at most about four times the text's size.
  Status parse_request(std::string text);
  // How many numbers parse_request() left out of root().
  [[nodiscard]] std::size_t left_out() const { return left_out_; }
  // The same for a text that somebody else owns: copied into a buffer that is kept from call to call.
  Status parse_copy(std::string_view text);

  [[nodiscard]] Element root() const { return root_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::string take_text() { return std::move(text_); }
  [[nodiscard]] std::size_t capacity() const { return document_.capacity(); }

  // Finds the top-level fields, keys resolved (see Field), every string (keys too) and number of the document in
  // document order (a long list of numbers is one text), and by keys and shapes what it carries that is no text.
  // Linear, no recursion. Precondition: the last parse() succeeded and the root is an object.
  void survey();
  // What the last survey() found; empty after the next parse().
  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
  [[nodiscard]] const std::vector<std::string_view>& texts() const { return texts_; }
  [[nodiscard]] TextKinds text_kinds() const { return {text_, keys_}; }
  [[nodiscard]] const std::vector<MediumText>& media() const { return media_; }
  [[nodiscard]] UnreadableSet carries() const { return carries_; }

 private:
  friend class DocumentPool;
  void forget();  // what survey() found
  [[nodiscard]] bool has_room_for(std::size_t bytes);
  Status parse_padded(const std::string& padded);

  // What only parsing needs, and most of the memory: documents of one pool have it in common, others their own.
  std::shared_ptr<simdjson::dom::parser> parser_;
  simdjson::dom::document document_;
  std::string text_;
  Element root_;
  std::vector<Field> fields_;
  std::vector<std::string_view> texts_;
  std::vector<const char*> keys_;
  std::size_t left_out_ = 0;
  std::vector<MediumText> media_;
  UnreadableSet carries_ = 0;
};

// Documents are costly to make and cheap to reuse. One pool per event loop; not thread-safe. What grew large is not
// kept. The pool outlives its handles.
class DocumentPool {
 public:
  struct Return {
    DocumentPool* pool = nullptr;
    void operator()(Document* document) const;
  };
  using Handle = std::unique_ptr<Document, Return>;

  [[nodiscard]] Handle take();

  // An empty string that has memory already: texts come and go with every request, and are too large for the
  // allocator's own fast lists. Texts of documents that come back are kept; `keep` adds others.
  [[nodiscard]] std::string spare_text();
  void keep(std::string text);

 private:
  std::shared_ptr<simdjson::dom::parser> parser_;
  std::vector<std::unique_ptr<Document>> idle_;
  std::vector<std::string> texts_;
};

// Where the `index`-th of a document's texts() stands: `messages[3].content`. "" when there are not so many.
[[nodiscard]] std::string path_of_text(const Document& document, std::size_t index);

// Where JSON stops being JSON. Lines and columns count from 1; columns count bytes.
struct Fault {
  std::size_t offset = 0;
  std::size_t line = 1;
  std::size_t column = 1;
  std::string_view what;  // "expected ',' or '}'"; empty: no fault found
};
[[nodiscard]] Fault locate_fault(std::string_view text);

// Lenient readers: nullopt / "" when absent or of another type.
[[nodiscard]] std::string_view string_or(const Object& object, std::string_view key, std::string_view otherwise = {});
[[nodiscard]] int64_t int_or(const Object& object, std::string_view key, int64_t otherwise = 0);

// A member that pick() looks for, and what it found.
struct Wanted {
  std::string_view name;
  Element value;
  bool found = false;

  // As string_or and int_or.
  [[nodiscard]] std::string_view text_or(std::string_view otherwise = {}) const;
  [[nodiscard]] int64_t int_or(int64_t otherwise = 0) const;
  // False when it is absent or of another type.
  template <typename T>
  [[nodiscard]] bool get(T& out) const {
    return found && value.get(out) == simdjson::SUCCESS;
  }
};
// Several members in one pass, which costs less than one look-up each. Of members with the same name the first counts.
void pick(const Object& object, std::span<Wanted> wanted);

// Leaves `out` as it is when the value is absent or of another type. `source`: an Element, or a look-up of one.
template <typename Source, typename T>
void read_if(const Source& source, T& out) {
  T value{};
  if (source.get(value) == simdjson::SUCCESS) out = value;
}

// What parse() allows; deeper nesting is refused.
inline constexpr std::size_t max_depth = 1024;
// What parse_request() allows.
inline constexpr std::size_t most_values = 1'000'000;

// `"string"`, `a number`, `null`, `an object` …: for messages.
[[nodiscard]] std::string_view type_name(const Element& element);

// In order of appearance, duplicates included. Precondition: `text` is valid JSON whose root is an object.
[[nodiscard]] std::vector<Field> top_level_fields(std::string_view text);

// Inside a valid JSON text, without parsing it again: the elements of an array, the value of an object's first member
// of that name ("" when there is none), as views of `text` without blanks around them.
[[nodiscard]] std::vector<std::string_view> elements(std::string_view array);
[[nodiscard]] std::string_view member(std::string_view object, std::string_view key);

// One change to a body: replaces [begin, end) by `with`. An insertion has begin == end.
struct Splice {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string with;
};
// `splices` in ascending order, not overlapping. Written into the memory of `out`.
[[nodiscard]] std::string apply(std::string_view text, const std::vector<Splice>& splices, std::string out = {});

// Appends `text` as a JSON string with its quotes; control characters escaped, invalid UTF-8 replaced by U+FFFD.
void append_string(std::string& out, std::string_view text);

// Length (1 to 4) of the well-formed UTF-8 sequence that `text` starts with; 0 when it starts with none.
[[nodiscard]] std::size_t utf8_sequence_length(std::string_view text);

// A value inside a larger request: it stands in a parsed document, or is JSON text that was made. A view either way.
class Value {
 public:
  Value() = default;
  Value(const Element& element) : element_(element), parsed_(true) {}  // NOLINT(google-explicit-constructor)
  // Precondition: valid JSON.
  [[nodiscard]] static Value made(std::string_view json) {
    Value value;
    value.text_ = json;
    return value;
  }
  // nullptr where it was made.
  [[nodiscard]] const Element* element() const { return parsed_ ? &element_ : nullptr; }
  [[nodiscard]] std::string_view text() const { return text_; }  // "" where it was parsed
  [[nodiscard]] std::string to_string() const;                   // as JSON, minified where it was parsed

 private:
  Element element_;
  std::string_view text_;
  bool parsed_ = false;
};

// Appends JSON to a string it does not own; commas are put in by itself.
//   Writer w(out); w.begin_object(); w.key("a").value(1); w.key("b").begin_array(); … w.end_array(); w.end_object();
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view name);
  Writer& value(std::string_view text);
  Writer& value(const char* text) { return value(std::string_view(text)); }
  Writer& value(const std::string& text) { return value(std::string_view(text)); }
  Writer& value(int64_t number);
  Writer& value(int number) { return value(static_cast<int64_t>(number)); }
  Writer& value(uint64_t number);
  Writer& value(float number);
  Writer& value(double number);  // shortest form that reads back the same; NaN and infinities become null
  Writer& boolean(bool truth);
  Writer& null();
  Writer& value(const Element& element);  // minified
  Writer& value(const Value& value);
  Writer& raw(std::string_view json);  // must be valid JSON

 private:
  void separate();

  std::string& out_;
  bool comma_ = false;
};

}  // namespace weir::json
