// RequestWriter: one request from canonical form into a body of Anthropic's format. Lives on the stack of
// translate_body(); used by one thread.
#pragma once

#include <string>
#include <string_view>

#include "formats/anthropic/call_ids.h"
#include "formats/anthropic/model_traits.h"
#include "formats/format.h"

namespace weir::anthropic {

class RequestWriter {
 public:
  RequestWriter(const Request& request, const Target& target, std::string_view prefill, std::string& out);
  Status write();

 private:
  struct Thinking {
    bool on = false;
    bool off = false;    // is said to be
    int64_t budget = 0;  // 0: adaptive
    std::string_view effort;
  };

  [[nodiscard]] Status check() const;
  [[nodiscard]] int64_t output_limit() const;
  [[nodiscard]] int64_t within_context(int64_t limit) const;
  void plan_thinking();
  void plan_budget(int64_t wanted);
  Status stops();
  void sampling();
  void tools();
  void tool(const Tool& tool);
  void tool_choice();
  void thinking();
  Status output_config();

  // write_messages.cpp
  Status system();
  Status messages();
  // The turn that begins at `begin`, of an assistant or of everybody else; the index behind it.
  Result<std::size_t> turn(std::size_t begin);
  Status user_turn(std::size_t begin, std::size_t end);
  Status assistant_turn(std::size_t begin, std::size_t end);
  Status result(std::size_t index);
  Status part(std::size_t index, std::size_t at);
  Status image(const Part& part, const std::string& place);
  Status document(const Part& part, const std::string& place);
  void thought(const Part& part);
  void text(std::string_view text, bool cache);
  void prefill();
  void cache_mark(bool cache);
  // Before each block: its message begins with the first one.
  void begin_block(std::string_view type);
  void end_message();
  [[nodiscard]] bool is_hoisted(std::size_t index) const;
  [[nodiscard]] bool is_said(std::string_view text) const;

  const Request& request_;
  const Target& target_;
  std::string_view prefill_;
  const ModelTraits traits_;
  json::Writer writer_;
  Thinking thinking_;
  int64_t max_tokens_ = 0;
  std::size_t marks_over_ = 0;  // marks for the cache that are too many, the first ones
  std::size_t leading_ = 0;     // messages at the front that are the system text
  std::string_view role_;       // of the blocks that follow
  bool message_open_ = false;
  CallIds call_ids_;
};

}  // namespace weir::anthropic
