// The caller's own body for a provider of the same format: every byte as it came, but for the model's name where the
// body says it, seals that another provider made (shown to the client while a route was served elsewhere), calls
// without one where the model refuses those, and a text to go on from.
#include "formats/gemini/model_face.h"
#include "formats/gemini/names.h"
#include "formats/shared/signature.h"

namespace weir::gemini {
namespace {

using json::Splice;

class Splicer {
 public:
  Splicer(const Request& request, const Target& target)
      : request_(request),
        text_(request.document->text()),
        traits_(traits_of(target.model.name)),
        resource_(resource_of(target.model.name)) {}

  std::string run(std::string_view prefill) {
    for (const auto& field : request_.fields()) {
      if (field.key == "model") name_model(value(field));
      if (field.key == "requests") {
        for (const auto one : listed(value(field))) name_model(json::member(one, "model"));
      }
      if (field.key != "contents") continue;
      const auto contents = value(field);
      if (has_calls_or_seals()) mend_seals(contents);
      if (!prefill.empty()) append(contents, prefill);
    }
    std::stable_sort(splices_.begin(), splices_.end(),
                     [](const Splice& a, const Splice& b) { return a.begin < b.begin; });
    return json::apply(text_, splices_, request_.spare_text());
  }

 private:
  [[nodiscard]] std::string_view value(const json::Field& field) const {
    return text_.substr(field.value_begin, field.value_end - field.value_begin);
  }
  [[nodiscard]] std::size_t place_of(std::string_view inside) const {
    return static_cast<std::size_t>(inside.data() - text_.data());
  }
  void replace(std::string_view inside, std::string with) {
    const auto begin = place_of(inside);
    splices_.push_back({.begin = begin, .end = begin + inside.size(), .with = std::move(with)});
  }
  // The elements of a list, or what stands there without one.
  static std::vector<std::string_view> listed(std::string_view value) {
    if (value.starts_with('[')) return json::elements(value);
    return value.starts_with('{') ? std::vector{value} : std::vector<std::string_view>{};
  }

  void name_model(std::string_view value) {
    if (!value.starts_with('"')) return;
    std::string name;
    json::append_string(name, resource_);
    if (name != value) replace(value, std::move(name));
  }

  // Nothing else has to be looked at.
  [[nodiscard]] bool has_calls_or_seals() const {
    return std::any_of(request_.messages.begin(), request_.messages.end(), [](const Message& message) {
      return std::any_of(message.parts.begin(), message.parts.end(), [](const Part& part) {
        return part.kind == Part::Kind::tool_call || !part.signature.empty();
      });
    });
  }

  void mend_seals(std::string_view contents) {
    bool called = false;  // in this turn of the model, which may come in several contents
    for (const auto content : listed(contents)) {
      const bool model = json::member(content, "role") == R"("model")";
      if (!model) called = false;
      for (const auto part : listed(json::member(content, "parts"))) mend_seal(part, called);
    }
  }

  void mend_seal(std::string_view part, bool& called) {
    if (!part.starts_with('{')) return;
    auto seal = json::member(part, "thoughtSignature");
    if (seal.empty()) seal = json::member(part, "thought_signature");
    auto call = json::member(part, "functionCall");
    if (call.empty()) call = json::member(part, "function_call");
    const bool first = !call.empty() && !std::exchange(called, true);
    if (is_foreign(seal)) {
      replace_seal(part, seal);
    } else if (first && traits_.wants_seals && (seal.empty() || seal == "null" || seal == R"("")")) {
      if (!seal.empty()) return replace(seal, quoted(no_seal));
      const auto begin = place_of(part) + 1;
      splices_.push_back({.begin = begin, .end = begin, .with = R"("thoughtSignature":)" + quoted(no_seal) + ","});
    }
  }

  static std::string quoted(std::string_view text) {
    std::string out;
    json::append_string(out, text);
    return out;
  }

  // Another provider's, by the name that it carries.
  static bool is_foreign(std::string_view seal) {
    if (seal.size() < 2 || !seal.starts_with('"')) return false;
    json::Document document;  // some clients write `\/`
    std::string_view text = seal.substr(1, seal.size() - 2);
    if (text.find('\\') != std::string_view::npos) {
      if (!document.parse_copy(seal) || document.root().get(text) != simdjson::SUCCESS) return false;
    }
    const auto inside = unwrapped_seal(text);
    return inside && signature_for(*inside, "gemini", "gemini").empty();
  }

  // What takes no seals is given none: the member goes, with the comma behind it or before it.
  void replace_seal(std::string_view part, std::string_view seal) {
    if (traits_.wants_seals) return replace(seal, quoted(no_seal));
    for (const auto& field : json::top_level_fields(part)) {
      if (part.substr(field.value_begin, field.value_end - field.value_begin).data() != seal.data()) continue;
      auto begin = field.key_begin;
      auto end = part.find_first_not_of(" \t\r\n", field.value_end);
      if (part[end] == ',') {
        ++end;
      } else if (const auto comma = part.rfind(',', begin); comma != std::string_view::npos) {
        begin = comma;
        end = field.value_end;
      }
      replace(part.substr(begin, end - begin), {});
    }
  }

  void append(std::string_view contents, std::string_view prefill) {
    std::string turn;
    json::Writer writer(turn);
    writer.begin_object().key("role").value("model").key("parts").begin_array();
    writer.begin_object().key("text").value(prefill).end_object().end_array().end_object();
    const auto begin = place_of(contents);
    if (contents.starts_with('[')) {
      const auto end = begin + contents.size() - 1;
      splices_.push_back({.begin = end, .end = end, .with = "," + turn});
    } else {
      splices_.push_back({.begin = begin, .end = begin, .with = "["});
      splices_.push_back({.begin = begin + contents.size(), .end = begin + contents.size(), .with = "," + turn + "]"});
    }
  }

  const Request& request_;
  std::string_view text_;
  const ModelTraits traits_;
  const std::string resource_;
  std::vector<Splice> splices_;
};

}  // namespace

std::string splice_body(const Request& request, const Target& target, std::string_view prefill) {
  return Splicer(request, target).run(prefill);
}

}  // namespace weir::gemini
