#include "core/operation.h"

namespace weir {

std::string_view to_string(Operation operation) {
  switch (operation) {
#define OPERATION(name, service) \
  case Operation::name:          \
    return #name;
#include "core/operation.def"
#undef OPERATION
  }
  return "";
}

std::string_view service_name(Operation operation) {
  switch (operation) {
#define OPERATION(name, service) \
  case Operation::name:          \
    return service;
#include "core/operation.def"
#undef OPERATION
  }
  return "";
}

std::string_view unit_name(Operation operation) {
  switch (operation) {
    case Operation::image:
      return "image";
    case Operation::transcription:
    case Operation::prediction:
      return "second";
    case Operation::speech:
      return "character";
    case Operation::rerank:
    case Operation::chat:  // of the web, beside its tokens
      return "search";
    case Operation::completion:
    case Operation::embedding:
    case Operation::moderation:
    case Operation::token_count:
    case Operation::file:
    case Operation::batch:
      return {};
  }
  return {};
}

std::optional<Operation> find_operation(std::string_view name) {
  for (const auto operation : all_operations) {
    if (to_string(operation) == name) return operation;
  }
  return std::nullopt;
}

}  // namespace weir
