#include "formats/responses/declared_tools.h"

#include <algorithm>

#include "core/utf8.h"

namespace weir::responses {
namespace {

constexpr std::string_view key = R"("input")";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

DeclaredTools::DeclaredTools(const json::Element& tools) {
  json::Array list;
  if (tools.get(list) != simdjson::SUCCESS) return;
  for (const auto tool : list) add(tool, {});
  for (const auto tool : list) {
    json::Object object;
    json::Array inner;
    if (tool.get(object) != simdjson::SUCCESS || json::string_or(object, "type") != "namespace") continue;
    if (object.at_key("tools").get(inner) != simdjson::SUCCESS) continue;
    for (const auto one : inner) add(one, json::string_or(object, "name"));
  }
}

DeclaredTools DeclaredTools::of(const Request& request) {
  if (request.format != "responses" || request.document == nullptr) return {};
  json::Element tools;
  if (request.document->root().at_key("tools").get(tools) != simdjson::SUCCESS) return {};
  return DeclaredTools(tools);
}

void DeclaredTools::add(const json::Element& tool, std::string_view space) {
  json::Object object;
  if (tool.get(object) != simdjson::SUCCESS) return;
  const auto type = json::string_or(object, "type");
  const auto said = json::string_or(object, "name");
  if ((type != "function" && type != "custom") || said.empty()) return;
  std::string name(said);
  // Two namespaces may have functions of one name. What is declared twice in one place is the client's affair.
  if (!space.empty() && find(name) != nullptr) name.assign(space).append("__").append(said);
  while (!space.empty() && find(name) != nullptr) name += '_';
  tools_.push_back(
      {.name = std::move(name), .said = std::string(said), .space = std::string(space), .custom = type == "custom"});
}

const DeclaredTool* DeclaredTools::find(std::string_view name) const {
  const auto found = std::find_if(tools_.begin(), tools_.end(), [&](const auto& tool) { return tool.name == name; });
  return found == tools_.end() ? nullptr : &*found;
}

const DeclaredTool* DeclaredTools::find_said(std::string_view said, std::string_view space) const {
  const auto found = std::find_if(tools_.begin(), tools_.end(),
                                  [&](const auto& tool) { return tool.said == said && tool.space == space; });
  return found == tools_.end() ? nullptr : &*found;
}

std::string arguments_of_input(std::string_view input) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("input").value(input).end_object();
  return out;
}

std::string input_of_arguments(std::string_view arguments) {
  json::Document document;
  json::Object object;
  std::string_view input;
  if (document.parse_copy(arguments) && document.root().get(object) == simdjson::SUCCESS) {
    if (object.at_key("input").get(input) == simdjson::SUCCESS) return std::string(input);
    if (object.size() == 0) return {};
  }
  return std::string(arguments);
}

std::string InputReader::add(std::string_view piece) {
  std::string out;
  for (const char c : piece) take(c, out);
  return out;
}

void InputReader::take(char c, std::string& out) {
  switch (stage_) {
    case Stage::text:
      if (c == '\\') {
        stage_ = Stage::escape;
        return;
      }
      give_up_half(out);
      if (c == '"') {
        stage_ = Stage::over;
      } else {
        out += c;
      }
      return;
    case Stage::escape:
      take_escape(c, out);
      return;
    case Stage::unicode: {
      const int digit = digit_of(c);
      unit_ = unit_ * 16 + static_cast<uint32_t>(std::max(digit, 0));
      if (++matched_ < 4) return;
      stage_ = Stage::text;
      take_unit(unit_, out);
      return;
    }
    case Stage::over:
      return;
    default:
      all_ += c;
      take_before(c);
  }
}

// Before the text, as almost every model writes it: `{"input":"`. Anything else is read when all of it is there.
void InputReader::take_before(char c) {
  if (is_blank(c) && matched_ == 0) return;
  if (stage_ == Stage::begin && c == '{') {
    stage_ = Stage::key;
  } else if (stage_ == Stage::key && c == key[matched_]) {
    if (++matched_ < key.size()) return;
    matched_ = 0;
    stage_ = Stage::colon;
  } else if (stage_ == Stage::colon && c == ':') {
    stage_ = Stage::quote;
  } else if (stage_ == Stage::quote && c == '"') {
    stage_ = Stage::text;
  } else {
    stage_ = Stage::other;
  }
}

void InputReader::take_escape(char c, std::string& out) {
  constexpr std::string_view letters = "nrtbf";
  constexpr std::string_view meant = "\n\r\t\b\f";
  stage_ = Stage::text;
  if (c == 'u') {
    stage_ = Stage::unicode;
    matched_ = 0;
    unit_ = 0;
    return;
  }
  give_up_half(out);
  const auto at = letters.find(c);
  out += at == std::string_view::npos ? c : meant[at];
}

void InputReader::take_unit(uint32_t unit, std::string& out) {
  if (unit >= 0xdc00 && unit < 0xe000 && high_ != 0) {
    append_utf8(out, 0x10000 + ((high_ - 0xd800) << 10U) + (unit - 0xdc00));
    high_ = 0;
    return;
  }
  give_up_half(out);
  if (unit >= 0xd800 && unit < 0xdc00) {
    high_ = unit;
  } else {
    append_utf8(out, unit >= 0xdc00 && unit < 0xe000 ? 0xfffd : unit);
  }
}

void InputReader::give_up_half(std::string& out) {
  if (high_ != 0) append_utf8(out, 0xfffd);
  high_ = 0;
}

std::string InputReader::end() {
  std::string out;
  const bool begun = stage_ == Stage::text || stage_ == Stage::escape || stage_ == Stage::unicode;
  if (begun) give_up_half(out);
  if (!begun && stage_ != Stage::over) out = input_of_arguments(all_);
  stage_ = Stage::over;
  return out;
}

}  // namespace weir::responses
