// The fast lane: the caller's body with only the named bytes changed.
#include <algorithm>

#include "formats/responses/model_face.h"
#include "formats/responses/seal.h"

namespace weir::responses {
namespace {

using json::Field;
using json::Splice;

std::string_view unquoted(std::string_view string) {
  return string.size() < 2 || string.front() != '"' ? std::string_view() : string.substr(1, string.size() - 2);
}

std::string said(std::string_view prefill) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("role").value("assistant").key("content").value(prefill).end_object();
  return out;
}

class Splicer {
 public:
  Splicer(const Request& request, const Target& target)
      : request_(request), target_(target), text_(request.document->text()) {}

  std::string run(std::string_view prefill) {
    set_model();
    if (const auto* input = find("input"); input != nullptr) {
      const auto value = text_.substr(input->value_begin, input->value_end - input->value_begin);
      if (value.starts_with('[')) {
        mend_items(value, prefill);
      } else if (!prefill.empty()) {
        put(input->value_begin, input->value_begin, R"([{"role":"user","content":)");
        put(input->value_end, input->value_end, "}," + said(prefill) + "]");
      }
    }
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
  void put(std::size_t begin, std::size_t end, std::string with) {
    splices_.push_back({.begin = begin, .end = end, .with = std::move(with)});
  }

  void set_model() {
    const auto* field = find("model");
    if (field == nullptr || request_.model == target_.model.name) return;
    std::string name;
    json::append_string(name, target_.model.name);
    put(field->value_begin, field->value_end, std::move(name));
  }

  // A provider looks up the ids of items and refuses seals that are not its own. So from what others gave in its place
  // ids are taken away, and sealed thoughts.
  void mend_items(std::string_view list, std::string_view prefill) {
    const auto mentions = [&](std::string_view word) { return list.find(word) != std::string_view::npos; };
    const bool mixed = mentions("_weir_") || mentions("\"weir.") || mentions("\"call:");
    const bool renames = target_.provider.quirks.no_developer_role && mentions("developer");
    const auto begin = static_cast<std::size_t>(list.data() - text_.data());
    if (!mixed && !renames) {
      if (prefill.empty()) return;
      const auto end = begin + list.size() - 1;  // of the closing bracket
      return put(end, end, (json::elements(list).empty() ? "" : ",") + said(prefill));
    }
    std::string mended;
    const auto add = [&](std::string_view item) { mended.append(mended.empty() ? "[" : ",").append(item); };
    for (const auto item : json::elements(list)) {
      if (!item.starts_with('{')) {
        add(item);
      } else if (!mixed || !is_made_thought(item)) {
        add(mended_item(item, renames));
      }
    }
    if (!prefill.empty()) add(said(prefill));
    put(begin, begin + list.size(), mended.empty() ? "[]" : mended + "]");
  }

  static bool is_made_thought(std::string_view item) {
    if (unquoted(json::member(item, "type")) != "reasoning") return false;
    const auto encrypted = unquoted(json::member(item, "encrypted_content"));
    return is_made_seal(encrypted) || (encrypted.empty() && is_made_id(unquoted(json::member(item, "id"))));
  }

  static std::string mended_item(std::string_view item, bool renames) {
    std::vector<Splice> splices;
    const auto fields = json::top_level_fields(item);
    // A message with parts, as answers have it, needs an id, whosever it is; the others do without.
    const bool needs_id =
        unquoted(json::member(item, "type")) == "message" && json::member(item, "content").starts_with('[');
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const auto& field = fields[i];
      const auto value = item.substr(field.value_begin, field.value_end - field.value_begin);
      if (renames && field.key == "role" && value == R"("developer")") {
        splices.push_back({.begin = field.value_begin, .end = field.value_end, .with = R"("system")"});
      }
      if (field.key != "id" || needs_id || !is_made_id(unquoted(value))) continue;
      if (i + 1 < fields.size()) {
        splices.push_back({.begin = field.key_begin, .end = fields[i + 1].key_begin, .with = {}});
      } else if (i > 0) {
        splices.push_back({.begin = fields[i - 1].value_end, .end = field.value_end, .with = {}});
      }
    }
    return json::apply(item, splices);
  }

  const Request& request_;
  const Target& target_;
  std::string_view text_;
  std::vector<Splice> splices_;
};

}  // namespace

std::string splice_body(const Request& request, const Target& target, std::string_view prefill) {
  return Splicer(request, target).run(prefill);
}

}  // namespace weir::responses
