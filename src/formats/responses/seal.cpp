#include "formats/responses/seal.h"

namespace weir::responses {
namespace {

constexpr std::string_view call_mark = "call:";
constexpr std::string_view made_mark = "_weir_";
constexpr std::string_view foreign_mark = "weir.";  // signature.h
constexpr std::size_t longest_base = 36;            // an id has at most 64 bytes

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

}  // namespace

std::string join_seal(std::string_view id, std::string_view encrypted) {
  // What other formats made was never tied to an id of ours.
  if (encrypted.empty() || is_made_seal(encrypted) || !id.starts_with("rs_") || is_made_id(id)) {
    return std::string(encrypted);
  }
  std::string joined(id);
  return joined.append("/").append(encrypted);
}

Seal split_seal(std::string_view signature) {
  const auto slash = signature.find('/');
  if (!signature.starts_with("rs_") || slash == std::string_view::npos) return {.id = {}, .encrypted = signature};
  return {.id = signature.substr(0, slash), .encrypted = signature.substr(slash + 1)};
}

std::string seal_of_call(std::string_view signature) { return std::string(call_mark).append(signature); }

std::string_view read_seal_of_call(std::string_view encrypted) {
  return encrypted.starts_with(call_mark) ? encrypted.substr(call_mark.size()) : std::string_view();
}

bool is_made_id(std::string_view id) {
  const auto bar = id.find('_');
  return bar != std::string_view::npos && id.substr(bar).starts_with(made_mark);
}

bool is_made_seal(std::string_view encrypted) {
  return encrypted.starts_with(foreign_mark) || encrypted.starts_with(call_mark);
}

std::string make_item_id(std::string_view prefix, std::string_view answer, std::size_t number) {
  if (answer.starts_with("resp_")) answer.remove_prefix(5);
  std::string id(prefix);
  id += made_mark;
  for (const char c : answer.substr(0, longest_base)) id += is_word(c) ? c : '-';
  return id.append("_").append(std::to_string(number));
}

}  // namespace weir::responses
