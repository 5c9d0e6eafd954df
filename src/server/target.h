// The target of a request line, in each of its forms (RFC 9112, 3.2). Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace weir {

struct RequestTarget {
  std::string path;  // without query, decoded, as it is served: what bases of SDKs often add or leave out is mended
  std::string_view query;      // into the target, without `?`
  std::string_view authority;  // of the absolute form, into the target; else ""
  std::string deployment;      // that the path names, as Azure's do: the model, whatever the body says; else ""
};

[[nodiscard]] RequestTarget read_target(std::string_view target);

}  // namespace weir
