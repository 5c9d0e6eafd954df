// Random conversations and answers in canonical form, for round trips through a wire format: what a model face writes
// and the same format's client face reads must say the same (`difference` is ""), and so must answers the other way.
// The same seed gives the same conversation on every machine. A Request made here owns its texts and has no document:
// it may be moved, and only be written by translation.
//
//   for (uint64_t seed = 1; seed <= 300; ++seed) {
//     const auto asked = random_conversation(seed, {.refusals = false});
//     …
//     EXPECT_EQ(difference(asked, read), "") << "seed " << seed;
//   }
#pragma once

#include <cstdint>
#include <string>

#include "core/request.h"
#include "core/response.h"

namespace weir {

// What may occur. Whatever a format has no place for, or that comes back in another canonical form, is switched off.
struct Carries {
  // Turns.
  bool system = true;
  bool several_systems = true;   // more than one at the front
  bool later_systems = false;    // between the turns
  bool developers = false;       // role developer beside system
  bool same_role_twice = false;  // two messages of one role in a row, other than system and tool
  bool prefill = false;          // an assistant's message at the end
  bool speaker_names = false;
  // Parts.
  bool texts_in_a_row = true;  // several text parts one behind the other
  bool refusals = false;
  bool open_thoughts = false;   // without a signature
  bool sealed_thoughts = true;  // with text and signature
  bool hidden_thoughts = true;  // with a signature only
  bool sealed_calls = false;    // Part::signature of a tool call
  bool images_inline = true;
  bool images_by_url = true;
  bool documents = false;  // PDFs in base64
  bool audio = false;
  bool cache_marks = false;  // Part::cache and Tool::cache
  // Tools.
  bool tools = true;
  bool call_ids = true;       // false: neither calls nor results have one, and results come in the calls' order
  bool result_names = false;  // Message::name of a result
  bool parallel_calls = true;
  bool text_before_calls = true;
  bool text_after_calls = false;  // also calls with text between them
  bool result_errors = true;
  bool result_images = true;  // images inside a result; texts only otherwise
  bool several_result_parts = true;
  bool empty_results = true;  // no part at all
  bool bare_tools = true;     // without a description, without parameters
  bool strict_tools = true;
  bool named_choice = true;
  bool parallel_switch = true;  // Request::parallel_tool_calls
  // Settings.
  bool temperature_above_1 = false;
  bool top_k = true;
  bool penalties = true;
  bool seed = true;
  bool stops = true;
  bool no_limit = true;  // max_tokens may be absent
  bool json_object = true;
  bool json_schema = true;
  bool schema_names = true;  // and `strict` of a schema
  bool efforts = false;      // reasoning_effort
  bool thinking_tokens = false;
  bool several_answers = false;  // n
};

// Operation chat, with the model `the-model`. request.format is "", so that seals belong to no format: set it to one
// whose seals they shall be.
[[nodiscard]] Request random_conversation(uint64_t seed, const Carries& carries = {});

// One choice, as a model would end it: its finish fits its parts.
[[nodiscard]] Response random_answer(uint64_t seed, const Carries& carries = {});

// Where two requests say something else: `messages[2].parts[0].text: "a", not "b"`; "" nowhere. Arguments and schemas
// are compared as JSON; document, format, carried, foreign, left_out and text_bytes are not compared.
[[nodiscard]] std::string difference(const Request& expected, const Request& actual);
// The same of answers: model, parts, finish, stop sequence and usage; ids only where both have one.
[[nodiscard]] std::string difference(const Response& expected, const Response& actual);

}  // namespace weir
