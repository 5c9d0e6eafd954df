// BodySplicer: a caller's own body with a few named bytes changed and every other as it came, for providers of the
// caller's format. Lives on the stack of whoever writes a request; used by one thread. Precondition: the request's
// document was surveyed and its root is an object with at least one field.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/request.h"

namespace weir {

class BodySplicer {
 public:
  explicit BodySplicer(const Request& request) : request_(request), text_(request.document->text()) {}

  // The top-level field of that name; nullptr when there is none.
  [[nodiscard]] const json::Field* find(std::string_view key) const;
  [[nodiscard]] std::string_view value(const json::Field& field) const {
    return text_.substr(field.value_begin, field.value_end - field.value_begin);
  }
  void replace(const json::Field& field, std::string with);
  // `"key":value`, behind the last field.
  void append(std::string field);
  // The same inside the object that is `field`'s value, before its first member.
  void insert(const json::Field& field, std::string_view member);
  // An element behind the last of the array that is `field`'s value.
  void append_to_array(const json::Field& field, std::string_view element);

  // `model`, where the target's name differs from the caller's.
  void set_model(std::string_view name);
  // `stream`, where it is not what Request::stream says; `otherwise`: what a body without it means.
  enum class Absent : uint8_t { whole, streamed };
  void set_stream(Absent absent);

  [[nodiscard]] std::string take();

 private:
  const Request& request_;
  std::string_view text_;
  std::vector<json::Splice> splices_;
};

}  // namespace weir
