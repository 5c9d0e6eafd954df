#include "lessons/lesson.h"

#include "core/role_name.h"

namespace weir {
namespace {

void write_call(json::Writer& out, std::string_view id, std::string_view name, std::string_view arguments) {
  out.begin_object();
  if (!id.empty()) out.key("id").value(id);
  out.key("type").value("function");
  out.key("function").begin_object();
  out.key("name").value(name);
  out.key("arguments").value(arguments);
  out.end_object().end_object();
}

void write_message(json::Writer& out, const Message& message) {
  std::string text;
  bool calls = false;
  for (const auto& part : message.parts) {
    if (is_text(part)) text += part.text;
    if (part.kind == Part::Kind::media) text += "[media]";  // what it shows is not kept
    calls = calls || part.kind == Part::Kind::tool_call;
  }
  out.begin_object();
  out.key("role").value(common_role_name(message.role));
  out.key("content").value(text);
  if (calls) {
    out.key("tool_calls").begin_array();
    for (const auto& part : message.parts) {
      if (part.kind == Part::Kind::tool_call) write_call(out, part.id, part.name, part.text);
    }
    out.end_array();
  }
  if (message.role == Role::tool && !message.tool_call_id.empty()) out.key("tool_call_id").value(message.tool_call_id);
  out.end_object();
}

}  // namespace

std::string lesson_messages(const Request& request) {
  std::string text;
  json::Writer out(text);
  out.begin_array();
  for (const auto& message : request.messages) write_message(out, message);
  // A completion's prompt is what a user would say.
  for (const auto prompt : request.inputs) {
    out.begin_object().key("role").value("user").key("content").value(prompt).end_object();
  }
  out.end_array();
  return text;
}

std::string lesson_tools(const Request& request) {
  if (request.tools.empty()) return {};
  std::string text;
  json::Writer out(text);
  out.begin_array();
  for (const auto& tool : request.tools) {
    out.begin_object().key("type").value("function").key("function").begin_object();
    out.key("name").value(tool.name);
    if (!tool.description.empty()) out.key("description").value(tool.description);
    if (tool.parameters) out.key("parameters").value(*tool.parameters);
    out.end_object().end_object();
  }
  out.end_array();
  return text;
}

std::string lesson_answer(const Response& response) {
  std::string text;
  json::Writer out(text);
  out.begin_object().key("role").value("assistant");
  if (!response.choices.empty()) {
    const auto& choice = response.choices.front();
    out.key("content").value(choice.text(Part::Kind::text) + choice.text(Part::Kind::refusal));
    if (choice.has(Part::Kind::tool_call)) {
      out.key("tool_calls").begin_array();
      for (const auto& part : choice.parts) {
        if (part.kind == Part::Kind::tool_call) write_call(out, part.call.id, part.call.name, part.call.arguments);
      }
      out.end_array();
    }
  }
  out.end_object();
  return text;
}

}  // namespace weir
