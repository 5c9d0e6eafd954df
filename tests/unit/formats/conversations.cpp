#include "formats/conversations.h"

#include <array>
#include <random>

#include <fmt/format.h>

namespace weir {
namespace {

// Not std::uniform_int_distribution: its results differ between libraries.
class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed * 0x9E3779B97F4A7C15ULL + 1) {}

  // From 0 to `sides` - 1.
  std::size_t roll(std::size_t sides) { return static_cast<std::size_t>(engine_() % sides); }
  bool one_in(std::size_t sides) { return roll(sides) == 0; }
  template <typename Range>
  const auto& any_of(const Range& range) {
    return range[roll(std::size(range))];
  }

 private:
  std::mt19937_64 engine_;
};

constexpr std::array<std::string_view, 16> words = {
    "weir",  "dam",  "riveré",    "水門", "😀",    "\"quoted\"", "back\\slash", "line\nbreak",
    "tab\t", "</b>", "{\"a\":1}", "null", "\x7f", "\u2028",     "data: x",     "ﬁ"};
constexpr std::array<std::string_view, 4> image_types = {"image/png", "image/jpeg", "image/gif", "image/webp"};
constexpr std::array<std::string_view, 5> argument_texts = {
    R"({})", R"({"city":"Zürich","days":3})", R"({"a":[1,2.5,null,true,{"b":"\"x\""}]})",
    R"({"text":"line\nbreak 水"})", R"({"big":12345678901234567890,"small":-0.5})"};
constexpr std::array<std::string_view, 3> schema_texts = {
    R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false})",
    R"({"type":"object","properties":{}})",
    R"({"type":"object","properties":{"n":{"type":"integer","enum":[1,2]},"deep":{"type":"array","items":{"type":"object","properties":{"水":{"type":"string"}}}}}})"};
constexpr std::array<std::string_view, 6> efforts = {"none", "minimal", "low", "medium", "high", "xhigh"};

std::string random_text(Dice& dice) {
  std::string text;
  const auto count = 1 + dice.roll(6);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += ' ';
    text += dice.any_of(words);
  }
  return text;
}

// Base64 of nothing in particular.
std::string random_base64(Dice& dice) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  const auto size = 4 * (1 + dice.roll(10));
  for (std::size_t i = 0; i < size; ++i) text += dice.any_of(letters);
  return text;
}

std::string random_id(Dice& dice) { return fmt::format("call_{:08x}", dice.roll(0xFFFFFFFF)); }

class Talk {
 public:
  Talk(uint64_t seed, const Carries& carries) : dice_(seed), carries_(carries) {}

  Request take() {
    request_.model = "the-model";
    if (carries_.tools && !dice_.one_in(3)) tools();
    opening();
    const auto turns = 1 + dice_.roll(4);
    for (std::size_t i = 0; i < turns; ++i) {
      ask();
      if (i + 1 < turns || dice_.one_in(3)) answer();
    }
    close();
    settings();
    return std::move(request_);
  }

 private:
  std::string_view keep(std::string text) { return request_.keep(std::move(text)); }
  std::string_view some_text() { return keep(random_text(dice_)); }
  Message& add(Role role) {
    auto& message = request_.messages.emplace_back();
    message.role = role;
    return message;
  }
  Part& add_part(Message& message, Part::Kind kind) {
    auto& part = message.parts.emplace_back();
    part.kind = kind;
    return part;
  }
  void mark(bool& cache) { cache = carries_.cache_marks && dice_.one_in(4); }
  void text(Message& message) {
    auto& part = add_part(message, Part::Kind::text);
    part.text = some_text();
    mark(part.cache);
  }

  void opening() {
    if (!carries_.system || dice_.one_in(3)) return;
    const auto count = carries_.several_systems ? 1 + dice_.roll(2) : 1;
    for (std::size_t i = 0; i < count; ++i) system();
  }
  void system() {
    auto& message = add(carries_.developers && dice_.one_in(2) ? Role::developer : Role::system);
    text(message);
    if (carries_.texts_in_a_row && dice_.one_in(3)) text(message);
  }

  void ask() {
    const auto times = carries_.same_role_twice && dice_.one_in(4) ? 2 : 1;
    for (int i = 0; i < times; ++i) {
      auto& message = add(Role::user);
      if (carries_.speaker_names && dice_.one_in(4)) message.name = "ann";
      if (dice_.one_in(4)) media(message);
      text(message);
      if (carries_.texts_in_a_row && dice_.one_in(4)) text(message);
      if (dice_.one_in(4)) media(message);
    }
    if (carries_.later_systems && dice_.one_in(5)) system();
  }

  // One of the kinds that may occur, if any.
  void media(Message& message) {
    if (carries_.audio && dice_.one_in(3)) return inline_media(message, Media::Kind::audio, "audio/wav");
    if (carries_.documents && dice_.one_in(3)) return inline_media(message, Media::Kind::document, "application/pdf");
    image(message);
  }
  void inline_media(Message& message, Media::Kind kind, std::string_view mime) {
    auto& part = add_part(message, Part::Kind::media);
    part.media = {.kind = kind, .mime = mime, .data = keep(random_base64(dice_))};
    mark(part.cache);
  }
  void image(Message& message) {
    if (carries_.images_by_url && (!carries_.images_inline || dice_.one_in(2))) {
      auto& part = add_part(message, Part::Kind::media);
      part.media = {.kind = Media::Kind::image,
                    .url = keep(fmt::format("https://pictures.test/{}.png", dice_.roll(100)))};
      mark(part.cache);
    } else if (carries_.images_inline) {
      inline_media(message, Media::Kind::image, dice_.any_of(image_types));
    } else {
      return;
    }
    request_.has_images = true;
  }

  void answer() {
    auto* message = &add(Role::assistant);
    const bool calls = !request_.tools.empty() && dice_.one_in(2);
    think(*message);
    if (!calls || (carries_.text_before_calls && dice_.one_in(2))) words_of(*message);
    if (!calls) {
      if (carries_.same_role_twice && dice_.one_in(5)) text(add(Role::assistant));
      return;
    }
    const auto count = carries_.parallel_calls ? 1 + dice_.roll(3) : 1;
    std::vector<std::pair<std::string_view, std::string_view>> made;  // id, name
    for (std::size_t i = 0; i < count; ++i) {
      made.push_back(call(*message));
      if (carries_.text_after_calls && dice_.one_in(4)) text(*message);
    }
    for (const auto& [id, name] : made) result(id, name);
    if (dice_.one_in(2)) return;
    message = &add(Role::assistant);
    words_of(*message);
  }
  void think(Message& message) {
    if (dice_.one_in(2)) return;
    const auto count = 1 + dice_.roll(2);
    for (std::size_t i = 0; i < count; ++i) {
      if (carries_.hidden_thoughts && dice_.one_in(3)) {
        add_part(message, Part::Kind::thinking).signature = keep("hidden" + random_base64(dice_));
      } else if (carries_.sealed_thoughts) {
        auto& part = add_part(message, Part::Kind::thinking);
        part.text = some_text();
        part.signature = keep("seal" + random_base64(dice_));
      } else if (carries_.open_thoughts && i == 0) {
        add_part(message, Part::Kind::thinking).text = some_text();
      }
    }
  }
  void words_of(Message& message) {
    if (carries_.refusals && dice_.one_in(6)) {
      add_part(message, Part::Kind::refusal).text = some_text();
      return;
    }
    text(message);
    if (carries_.texts_in_a_row && dice_.one_in(5)) text(message);
  }
  std::pair<std::string_view, std::string_view> call(Message& message) {
    auto& part = add_part(message, Part::Kind::tool_call);
    part.name = dice_.any_of(request_.tools).name;
    part.text = dice_.any_of(argument_texts);
    if (carries_.call_ids) part.id = keep(random_id(dice_));
    if (carries_.sealed_calls && dice_.one_in(2)) part.signature = keep("seal" + random_base64(dice_));
    mark(part.cache);
    return {part.id, part.name};
  }
  void result(std::string_view id, std::string_view name) {
    auto& message = add(Role::tool);
    message.tool_call_id = id;
    if (carries_.result_names) message.name = name;
    message.is_error = carries_.result_errors && dice_.one_in(5);
    if (carries_.empty_results && dice_.one_in(8)) return;
    text(message);
    if (!carries_.several_result_parts) return;
    if (carries_.result_images && dice_.one_in(4)) image(message);
    if (carries_.texts_in_a_row && dice_.one_in(5)) text(message);
  }

  // Whoever answers has the last word; a conversation that is asked on ends with the other side.
  void close() {
    const auto last = request_.messages.back().role;
    if (last == Role::assistant && !(carries_.prefill && dice_.one_in(2))) ask();
    if (last == Role::system || last == Role::developer) ask();
    if (!carries_.prefill || request_.messages.back().role != Role::assistant) return;
    auto& message = request_.messages.back();
    while (!message.parts.empty() && message.parts.back().kind != Part::Kind::text) message.parts.pop_back();
    if (message.parts.empty()) text(message);
  }

  void tools() {
    const auto count = 1 + dice_.roll(3);
    for (std::size_t i = 0; i < count; ++i) {
      auto& tool = request_.tools.emplace_back();
      tool.name = keep(fmt::format("tool_{}", i));
      if (!carries_.bare_tools || !dice_.one_in(3)) tool.description = some_text();
      if (!carries_.bare_tools || !dice_.one_in(4)) tool.parameters = json::Value::made(dice_.any_of(schema_texts));
      if (carries_.strict_tools && dice_.one_in(4)) tool.strict = dice_.one_in(2);
      mark(tool.cache);
    }
    using Mode = ToolChoice::Mode;
    constexpr std::array modes = {Mode::unset, Mode::automatic, Mode::any, Mode::none, Mode::named};
    request_.tool_choice.mode = dice_.any_of(modes);
    auto& choice = request_.tool_choice;
    if (choice.mode == Mode::named && !carries_.named_choice) choice.mode = Mode::any;
    if (choice.mode == Mode::named) choice.name = dice_.any_of(request_.tools).name;
    const bool may_call = choice.mode != Mode::none && choice.mode != Mode::unset;
    if (carries_.parallel_switch && may_call && dice_.one_in(3)) request_.parallel_tool_calls = false;
  }

  double fraction(std::size_t steps) { return static_cast<double>(dice_.roll(steps + 1)) / static_cast<double>(steps); }
  void settings() {
    if (dice_.one_in(2)) request_.temperature = fraction(8) * (carries_.temperature_above_1 ? 2 : 1);
    if (dice_.one_in(3)) request_.top_p = fraction(16);
    if (carries_.top_k && dice_.one_in(4)) request_.top_k = static_cast<int64_t>(1 + dice_.roll(99));
    if (carries_.penalties && dice_.one_in(4)) request_.presence_penalty = fraction(4) - 0.5;
    if (carries_.penalties && dice_.one_in(4)) request_.frequency_penalty = fraction(4) - 0.5;
    if (carries_.seed && dice_.one_in(4)) request_.seed = static_cast<int64_t>(dice_.roll(1'000'000));
    constexpr int64_t least = 16;  // of Responses, which raise what is less
    if (!carries_.no_limit || dice_.one_in(2)) request_.max_tokens = least + static_cast<int64_t>(dice_.roll(4'096));
    for (std::size_t i = dice_.roll(3); carries_.stops && i > 0; --i) request_.stop.push_back(some_text());
    if (carries_.several_answers && dice_.one_in(4)) request_.n = static_cast<int64_t>(1 + dice_.roll(4));
    form();
    thoughts();
    request_.stream = dice_.one_in(2);
  }
  void form() {
    const auto kind = dice_.roll(6);
    if (kind == 0 && carries_.json_object) request_.response_format = ResponseFormat::json_object;
    if (kind != 1 || !carries_.json_schema) return;
    request_.response_format = ResponseFormat::json_schema;
    request_.json_schema = json::Value::made(dice_.any_of(schema_texts));
    if (!carries_.schema_names) return;
    request_.json_schema_name = "answer";
    if (dice_.one_in(2)) request_.json_schema_strict = dice_.one_in(2);
  }
  void thoughts() {
    if (carries_.efforts && dice_.one_in(3)) {
      request_.reasoning_effort = dice_.any_of(efforts);
    } else if (carries_.thinking_tokens && dice_.one_in(3)) {
      request_.thinking_tokens = dice_.one_in(4) ? 0 : static_cast<int64_t>(1'024 + dice_.roll(4'096));
    }
  }

  Dice dice_;
  const Carries& carries_;
  Request request_;
};

Usage random_usage(Dice& dice) {
  Usage usage{.known = true};
  usage.input = static_cast<int64_t>(1 + dice.roll(5'000));
  usage.output = static_cast<int64_t>(1 + dice.roll(5'000));
  return usage;
}

void random_thoughts(Dice& dice, const Carries& carries, Choice& choice) {
  for (std::size_t i = dice.roll(3); i > 0; --i) {
    AnswerPart part{.kind = Part::Kind::thinking};
    if (carries.hidden_thoughts && dice.one_in(3)) {
      part.signature = "hidden" + random_base64(dice);
    } else if (carries.sealed_thoughts) {
      part.text = random_text(dice);
      part.signature = "seal" + random_base64(dice);
    } else if (carries.open_thoughts && choice.parts.empty()) {
      part.text = random_text(dice);
    } else {
      continue;
    }
    choice.parts.push_back(std::move(part));
  }
}

}  // namespace

Request random_conversation(uint64_t seed, const Carries& carries) { return Talk(seed, carries).take(); }

Response random_answer(uint64_t seed, const Carries& carries) {
  Dice dice(seed);
  Response response{.operation = Operation::chat, .id = fmt::format("answer{}", seed), .model = "the-model"};
  response.usage = random_usage(dice);
  auto& choice = response.choices.emplace_back();
  random_thoughts(dice, carries, choice);
  const bool calls = carries.tools && dice.one_in(2);
  choice.finish = calls ? FinishReason::tool_calls : FinishReason::stop;
  if (!calls || (carries.text_before_calls && dice.one_in(2))) {
    const bool refuses = carries.refusals && dice.one_in(5);
    choice.parts.push_back({.kind = refuses ? Part::Kind::refusal : Part::Kind::text, .text = random_text(dice)});
  }
  if (!calls) {
    if (dice.one_in(4)) choice.finish = FinishReason::length;
    return response;
  }
  for (std::size_t i = carries.parallel_calls ? 1 + dice.roll(3) : 1; i > 0; --i) {
    AnswerToolCall call{.id = random_id(dice),
                        .name = fmt::format("tool_{}", dice.roll(3)),
                        .arguments = std::string(dice.any_of(argument_texts))};
    choice.parts.push_back({.kind = Part::Kind::tool_call, .call = std::move(call)});
  }
  return response;
}

}  // namespace weir
