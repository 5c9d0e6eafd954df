// One item of an answer's `output`: written whole, or built piece by piece while it streams. Owning values; one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/response.h"
#include "formats/responses/declared_tools.h"

namespace weir::responses {

struct OutputItem {
  enum class Kind : uint8_t { message, reasoning, function_call, custom_call };
  struct Piece {  // of a message
    bool refusal = false;
    std::string text;
    std::string logprobs;  // JSON objects with commas between them
  };
  Kind kind = Kind::message;
  std::string id;
  int64_t index = 0;          // in `output`
  std::vector<Piece> pieces;  // message
  std::string text;           // reasoning: its summary; function_call: arguments; custom_call: input
  std::string encrypted;      // reasoning: `encrypted_content`; "" = none
  std::string call_id;        // calls
  std::string name;           // calls: as the client named the tool
  std::string space;          // calls: the tool's namespace; "" = none
};

// `status`: `in_progress`, `completed`, `incomplete`.
void write_item(json::Writer& writer, const OutputItem& item, std::string_view status);
// A piece as `content` shows it.
void write_piece(json::Writer& writer, const OutputItem::Piece& piece);
// How the client calls what is called here `name`.
void set_tool(OutputItem& item, std::string_view name, const DeclaredTools& tools);
// A thought's seal, in its two fields.
void set_seal(OutputItem& item, std::string_view signature);

// Log probabilities in the form of OpenAI's chat (`{"content": [{"token", "logprob", "bytes", "top_logprobs"}, …]}`) as
// objects with commas between them; "" when there are none. And the other way, of a list.
[[nodiscard]] std::string logprobs_of_chat(std::string_view logprobs);
[[nodiscard]] std::string logprobs_for_chat(const json::Element& list);

}  // namespace weir::responses
