// BodyWriter: a Request of another format → the body of generateContent. Lives on the stack of translate_body(); used
// by one thread.
#pragma once

#include <string>
#include <string_view>

#include "core/request.h"
#include "core/result.h"
#include "formats/format.h"
#include "formats/gemini/model_traits.h"

namespace weir::gemini {

class BodyWriter {
 public:
  BodyWriter(const Request& request, const Target& target, std::string& out);

  [[nodiscard]] Status write(std::string_view prefill);

 private:
  [[nodiscard]] Status check() const;
  void tools();
  void tool_config();
  void settings();
  void sampling(json::Writer& writer) const;
  void thinking(json::Writer& writer) const;
  [[nodiscard]] int64_t budget(int64_t tokens) const;
  [[nodiscard]] std::string_view level(std::string_view effort) const;

  // write_contents.cpp
  [[nodiscard]] Status system();
  [[nodiscard]] Status contents(std::string_view prefill);
  [[nodiscard]] Status message(std::size_t index);
  [[nodiscard]] Status result(std::size_t index);
  [[nodiscard]] Status user_part(std::size_t message, std::size_t index);
  void model_part(const Part& part);
  void call(const Part& part, std::string_view seal);
  void open(std::string_view role);
  void close();
  void text(std::string_view words);

  const Request& request_;
  const ModelTraits traits_;
  json::Writer writer_;
  std::size_t instructions_ = 0;  // so many messages in front go into `systemInstruction`
  std::string_view open_;         // the role of the content that is being written; "" = none
  bool results_ = false;          // ... which holds results of functions
  bool called_ = false;           // ... of the model: a call is in it
  bool any_contents_ = false;
  std::string after_;  // media of results that may not stand inside them
};

}  // namespace weir::gemini
