// Document::survey: one walk that finds the top-level fields, all texts, and where media stand.
#include <cstring>

#include "core/json.h"
#include "core/json_walk.h"

namespace weir::json {
namespace {

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

}  // namespace

void Document::survey() {
  fields_.reserve(16);
  texts_.reserve(64);
  SurveySink sink(fields_, texts_, keys_, media_, document_.string_buf.get());
  walk(text_, sink);
  carries_ = sink.carries();
}

}  // namespace weir::json
