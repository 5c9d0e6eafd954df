#include "formats/shared/signature.h"

namespace weir {
namespace {

constexpr std::string_view mark = "weir.";

}  // namespace

std::string shown_signature(std::string_view signature, std::string_view made_by, std::string_view shown_in) {
  // One that already carries a name was shown before: it stays as it is.
  if (signature.empty() || made_by == shown_in || signature.starts_with(mark)) return std::string(signature);
  std::string shown(mark);
  shown.append(made_by).append(".").append(signature);
  return shown;
}

std::string_view signature_for(std::string_view signature, std::string_view came_in, std::string_view target) {
  if (!signature.starts_with(mark)) return came_in == target ? signature : std::string_view();
  signature.remove_prefix(mark.size());
  if (!signature.starts_with(target)) return {};
  signature.remove_prefix(target.size());
  if (!signature.starts_with('.')) return {};
  return signature.substr(1);
}

}  // namespace weir
