// The fast lane: the caller's body with only the named bytes changed. Everything Weir does not know stays as it came.
#include "formats/anthropic/model_face.h"
#include "formats/anthropic/model_traits.h"
#include "formats/anthropic/wire.h"
#include "formats/shared/signature.h"

namespace weir::anthropic {
namespace {

using json::Field;
using json::Splice;

// One of a list of members or elements, and whether it goes.
struct Item {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool goes = false;
};

class Splicer {
 public:
  Splicer(const Request& request, const Target& target, std::string_view prefill)
      : request_(request),
        target_(target),
        prefill_(prefill),
        traits_(traits_of(target.model.name)),
        text_(request.document->text()) {}

  std::string run() {
    if (request_.model != target_.model.name) {
      std::string name;
      json::append_string(name, target_.model.name);
      replace(*find("model"), std::move(name));
    }
    if (traits_.claude && has_unsealed()) cut_thoughts();
    if (!prefill_.empty()) append_prefill();
    cut_fields();
    std::stable_sort(splices_.begin(), splices_.end(),
                     [](const Splice& a, const Splice& b) { return a.begin < b.begin; });
    return json::apply(text_, splices_, request_.spare_text());
  }

 private:
  [[nodiscard]] const Field* find(std::string_view key) const {
    for (const auto& field : request_.fields()) {
      if (field.key == key) return &field;
    }
    return nullptr;
  }
  [[nodiscard]] std::string_view value(const Field& field) const {
    return text_.substr(field.value_begin, field.value_end - field.value_begin);
  }
  void replace(const Field& field, std::string with) {
    splices_.push_back({.begin = field.value_begin, .end = field.value_end, .with = std::move(with)});
  }
  [[nodiscard]] Item item_of(std::string_view part) const {
    const auto begin = static_cast<std::size_t>(part.data() - text_.data());
    return {.begin = begin, .end = begin + part.size()};
  }

  // What goes takes the comma before it along where something before it stays, else the one behind it. One of them
  // stays.
  void cut(const std::vector<Item>& items) {
    bool any_before = false;
    for (const auto& item : items) {
      if (!item.goes) {
        any_before = true;
      } else if (any_before) {
        splices_.push_back({.begin = text_.rfind(',', item.begin), .end = item.end, .with = {}});
      } else {
        splices_.push_back({.begin = item.begin, .end = text_.find(',', item.end) + 1, .with = {}});
      }
    }
  }

  // `model` always stays.
  void cut_fields() {
    std::vector<Item> items;
    bool any = false;
    for (const auto& field : request_.fields()) {
      const bool goes = is_refused(field.key);
      any = any || goes;
      items.push_back({.begin = field.key_begin, .end = field.value_end, .goes = goes});
    }
    if (any) cut(items);
  }

  [[nodiscard]] bool is_refused(std::string_view key) const {
    if (key == "temperature") return !traits_.sampling && request_.temperature && *request_.temperature != 1;
    constexpr double still_taken = 0.99;
    if (key == "top_p") return !traits_.sampling && request_.top_p && *request_.top_p < still_taken;
    if (key == "top_k") return !traits_.sampling && request_.top_k.has_value();
    return key == "thinking" && !thinks_;
  }

  [[nodiscard]] bool is_unsealed(const Part& part) const {
    return part.kind == Part::Kind::thinking && signature_for(part.signature, request_.format, format_name).empty();
  }
  [[nodiscard]] bool has_unsealed() const {
    return std::any_of(request_.messages.begin(), request_.messages.end(), [this](const Message& message) {
      return std::any_of(message.parts.begin(), message.parts.end(),
                         [this](const Part& part) { return is_unsealed(part); });
    });
  }

  // Of the content block: is it a thought that no model of Anthropic's sealed?
  [[nodiscard]] bool goes(const json::Element& block) const {
    json::Object object;
    if (block.get(object) != simdjson::SUCCESS) return false;
    const auto type = json::string_or(object, "type");
    if (type == "redacted_thinking")
      return signature_for(json::string_or(object, "data"), format_name, format_name).empty();
    return type == "thinking" && signature_for(json::string_or(object, "signature"), format_name, format_name).empty();
  }

  void cut_thoughts() {
    thinks_ = traits_.adaptive || has_thoughts_of_turn(request_);
    json::Array list;
    if (request_.document->root().at_key("messages").get(list) != simdjson::SUCCESS) return;
    const auto texts = json::elements(value(*find("messages")));
    std::vector<Item> messages;
    std::size_t index = 0;
    bool any = false;
    for (const auto message : list) {
      auto item = item_of(texts[index++]);
      item.goes = !cut_blocks(message, text_.substr(item.begin, item.end - item.begin));
      any = any || item.goes;
      messages.push_back(item);
    }
    if (any) cut(messages);
  }

  // False when nothing would be left of the message.
  bool cut_blocks(const json::Element& message, std::string_view text) {
    json::Array list;
    if (message.at_key("content").get(list) != simdjson::SUCCESS || list.size() == 0) return true;
    const auto texts = json::elements(json::member(text, "content"));
    std::vector<Item> blocks;
    bool any = false;
    bool all = true;
    std::size_t index = 0;
    for (const auto block : list) {
      auto item = item_of(texts[index++]);
      item.goes = goes(block);
      any = any || item.goes;
      all = all && item.goes;
      blocks.push_back(item);
    }
    if (any && !all) cut(blocks);
    return !all;
  }

  // One goes on with a text without thinking first; the text may not end with blanks.
  void append_prefill() {
    thinks_ = false;
    auto said = prefill_;
    if (traits_.claude) said = said.substr(0, said.find_last_not_of(" \t\r\n\f\v") + 1);
    if (said.empty()) return;
    std::string message = ",";
    json::Writer writer(message);
    writer.begin_object().key("role").value("assistant").key("content").value(said).end_object();
    const auto end = find("messages")->value_end - 1;  // of the closing bracket
    splices_.push_back({.begin = end, .end = end, .with = std::move(message)});
  }

  const Request& request_;
  const Target& target_;
  std::string_view prefill_;
  const ModelTraits traits_;
  std::string_view text_;
  std::vector<Splice> splices_;
  bool thinks_ = true;  // where the caller says so
};

}  // namespace

std::string splice_body(const Request& request, const Target& target, std::string_view prefill) {
  return Splicer(request, target, prefill).run();
}

}  // namespace weir::anthropic
