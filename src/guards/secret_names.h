// The names whose values are secrets: `password`, `apiKey`, `contraseña`; and how much each wants of its value. Static
// data; what may stand between a name and its value is the guard's business.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace weir::guards {

// How much a value must look like a secret: people choose passwords, machines make tokens.
// `by_suffix`: only as the last part of a name, `OPENAI_KEY`; `service`: whose values are its keys where they look like
// some; `phrase`: also several words.
enum class Made : uint8_t { by_people, by_machines, by_suffix, service, after_scheme, pin, phrase };

struct SecretName {
  std::string_view word;
  std::string_view what;
  Made made;
};

[[nodiscard]] std::span<const SecretName> secret_names();

}  // namespace weir::guards
