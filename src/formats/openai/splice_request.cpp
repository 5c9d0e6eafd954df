// The fast lane: the caller's body with only the named bytes changed. Everything Weir does not know stays as it came.
#include "formats/openai/model_face.h"

namespace weir::openai_provider {
namespace {

using json::Field;
using json::Splice;

class Splicer {
 public:
  Splicer(const Request& request, const Target& target)
      : request_(request), target_(target), text_(request.document->text()) {}

  std::string run(std::string_view prefill) {
    const auto& quirks = target_.provider.quirks;
    set_model();
    if (request_.operation != Operation::embedding && request_.stream) {
      set_stream_options(quirks);
    } else if (quirks.no_stream_options) {
      remove("stream_options");
    }
    if (request_.operation == Operation::chat) {
      set_token_limit(quirks);
      if (quirks.no_developer_role) rename_developer();
      if (!prefill.empty()) append_prefill(quirks, prefill);
    }
    cut_removed();
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
  void replace_value(const Field& field, std::string with) {
    splices_.push_back({.begin = field.value_begin, .end = field.value_end, .with = std::move(with)});
  }
  void rename(const Field& field, std::string_view key) {
    const auto colon = text_.find(':', closing_quote(field.key_begin));
    splices_.push_back({.begin = field.key_begin, .end = colon, .with = "\"" + std::string(key) + "\""});
  }
  [[nodiscard]] std::size_t closing_quote(std::size_t opening) const {
    auto at = opening + 1;
    while (text_[at] != '"') at += text_[at] == '\\' ? 2 : 1;
    return at;
  }
  void remove(std::string_view key) {
    const auto* field = find(key);
    if (field != nullptr) removed_.push_back(static_cast<std::size_t>(field - request_.fields().data()));
  }
  [[nodiscard]] bool is_removed(std::size_t index) const {
    return std::find(removed_.begin(), removed_.end(), index) != removed_.end();
  }
  // A removed field takes the comma before it along where a field before it stays, else the one behind it. `model`
  // always stays, so there is one or the other.
  void cut_removed() {
    for (const auto index : removed_) {
      const auto& field = request_.fields()[index];
      std::size_t before = 0;
      while (before < index && is_removed(before)) ++before;
      if (before < index) {
        splices_.push_back({.begin = text_.rfind(',', field.key_begin), .end = field.value_end, .with = {}});
      } else {
        splices_.push_back({.begin = field.key_begin, .end = text_.find(',', field.value_end) + 1, .with = {}});
      }
    }
  }
  void append_field(std::string field) {
    const auto& last = request_.fields().back();
    splices_.push_back({.begin = last.value_end, .end = last.value_end, .with = "," + std::move(field)});
  }

  void set_model() {
    if (request_.model == target_.model.name) return;
    std::string name;
    json::append_string(name, target_.model.name);
    replace_value(*find("model"), std::move(name));
  }

  // Usage is always asked for: the ledger needs it, and the caller is spared it if it did not ask.
  void set_stream_options(const Quirks& quirks) {
    if (quirks.no_stream_options) return remove("stream_options");
    if (request_.include_usage) return;
    const auto* field = find("stream_options");
    if (field == nullptr) return append_field(R"("stream_options":{"include_usage":true})");
    const auto options = value(*field);
    const auto old = options == "null" ? std::string_view() : json::member(options, "include_usage");
    if (!old.empty()) {
      const auto begin = static_cast<std::size_t>(old.data() - text_.data());
      splices_.push_back({.begin = begin, .end = begin + old.size(), .with = "true"});
    } else if (options.starts_with('{') && !json::top_level_fields(options).empty()) {
      splices_.push_back(
          {.begin = field->value_begin + 1, .end = field->value_begin + 1, .with = R"("include_usage":true,)"});
    } else {
      replace_value(*field, R"({"include_usage":true})");
    }
  }

  void set_token_limit(const Quirks& quirks) {
    if (quirks.no_max_completion_tokens) swap_limit("max_completion_tokens", "max_tokens");
    if (quirks.no_max_tokens) swap_limit("max_tokens", "max_completion_tokens");
  }
  void swap_limit(std::string_view from, std::string_view to) {
    const auto* field = find(from);
    if (field == nullptr) return;
    const auto* other = find(to);
    if (other == nullptr) return rename(*field, to);
    // Both are given: max_completion_tokens is the one that counts.
    if (from == "max_completion_tokens") replace_value(*other, std::string(value(*field)));
    remove(from);
  }

  void rename_developer() {
    const bool any = std::any_of(request_.messages.begin(), request_.messages.end(),
                                 [](const Message& message) { return message.role == Role::developer; });
    if (!any) return;
    const auto messages = json::elements(value(*find("messages")));
    for (std::size_t i = 0; i < messages.size() && i < request_.messages.size(); ++i) {
      if (request_.messages[i].role != Role::developer) continue;
      const auto role = json::member(messages[i], "role");
      const auto begin = static_cast<std::size_t>(role.data() - text_.data());
      splices_.push_back({.begin = begin, .end = begin + role.size(), .with = R"("system")"});
    }
  }

  void append_prefill(const Quirks& quirks, std::string_view prefill) {
    const auto end = find("messages")->value_end - 1;  // of the closing bracket
    splices_.push_back({.begin = end, .end = end, .with = "," + prefill_message(quirks, prefill)});
    if (quirks.prefill_flags) append_field(R"("continue_final_message":true,"add_generation_prompt":false)");
  }

  const Request& request_;
  const Target& target_;
  std::string_view text_;
  std::vector<Splice> splices_;
  std::vector<std::size_t> removed_;  // indices of fields
};

}  // namespace

std::string prefill_message(const Quirks& quirks, std::string_view prefill) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("role").value("assistant").key("content").value(prefill);
  if (quirks.prefill_prefix) writer.key("prefix").boolean(true);
  writer.end_object();
  return out;
}

std::string splice_body(const Request& request, const Target& target, std::string_view prefill) {
  return Splicer(request, target).run(prefill);
}

}  // namespace weir::openai_provider
