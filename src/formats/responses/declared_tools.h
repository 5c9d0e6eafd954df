// The tools that a request in the Responses format declares, as the client names them and as they go by here: functions
// of a namespace stand among all others, and a custom tool (free text instead of arguments) is a function that takes
// one text, `input`. Made from the request's document, when it is read and again when its answer is written, always
// alike. Owning values; one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/request.h"

namespace weir::responses {

struct DeclaredTool {
  std::string name;   // here, once among all tools
  std::string said;   // by the client
  std::string space;  // its namespace; "" = none
  bool custom = false;
};

class DeclaredTools {
 public:
  DeclaredTools() = default;
  // The value of `tools`. What is no tool is passed over: whoever reads the request complains.
  explicit DeclaredTools(const json::Element& tools);
  // Of a request in this format; none of any other.
  [[nodiscard]] static DeclaredTools of(const Request& request);

  // nullptr: no such tool was declared.
  [[nodiscard]] const DeclaredTool* find(std::string_view name) const;
  [[nodiscard]] const DeclaredTool* find_said(std::string_view said, std::string_view space) const;

 private:
  void add(const json::Element& tool, std::string_view space);

  std::vector<DeclaredTool> tools_;
};

// The arguments of a custom tool's call as a function: `{"input": "…"}`.
[[nodiscard]] std::string arguments_of_input(std::string_view input);
// The other way. A model that wrote something else is taken at its word: all of it is the input.
[[nodiscard]] std::string input_of_arguments(std::string_view arguments);

// The same while the arguments come in pieces. Used by one thread.
class InputReader {
 public:
  // What is known of the input since the last piece.
  [[nodiscard]] std::string add(std::string_view piece);
  // What was kept back.
  [[nodiscard]] std::string end();

 private:
  enum class Stage : uint8_t { begin, key, colon, quote, text, escape, unicode, over, other };

  void take(char c, std::string& out);
  void take_before(char c);
  void take_escape(char c, std::string& out);
  void take_unit(uint32_t unit, std::string& out);
  void give_up_half(std::string& out);

  Stage stage_ = Stage::begin;
  std::size_t matched_ = 0;  // of the key; of the digits of an escape
  uint32_t unit_ = 0;
  uint32_t high_ = 0;  // the first half of a character
  std::string all_;    // until the text begins
};

}  // namespace weir::responses
