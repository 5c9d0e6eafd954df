// Request bodies of Anthropic's format → Request. Strict about the types of what Weir reads, silent about what it does
// not know. Each field is looked at once, in the order of the body.
#include <fmt/format.h>

#include "formats/anthropic/client_face.h"
#include "formats/anthropic/request_reader.h"
#include "formats/anthropic/wire.h"

namespace weir::anthropic {
namespace {

struct NamedKey {
  std::string_view name;
  Key key;
};
constexpr std::array keys = {
    NamedKey{"model", Key::model},
    NamedKey{"messages", Key::messages},
    NamedKey{"max_tokens", Key::max_tokens},
    NamedKey{"system", Key::system},
    NamedKey{"stream", Key::stream},
    NamedKey{"temperature", Key::temperature},
    NamedKey{"top_p", Key::top_p},
    NamedKey{"top_k", Key::top_k},
    NamedKey{"stop_sequences", Key::stop_sequences},
    NamedKey{"tools", Key::tools},
    NamedKey{"tool_choice", Key::tool_choice},
    NamedKey{"thinking", Key::thinking},
    NamedKey{"output_config", Key::output_config},
    NamedKey{"output_format", Key::output_format},  // of the beta, before output_config
    NamedKey{"cache_control", Key::cache_control},
    NamedKey{"mcp_servers", Key::mcp_servers},
    NamedKey{"container", Key::container},
    NamedKey{"inference_geo", Key::inference_geo},
    NamedKey{"thread", Key::thread},
};

Key find_key(std::string_view name) {
  for (const auto& one : keys) {
    if (one.name == name) return one.key;
  }
  return Key::unknown;
}

}  // namespace

bool RequestReader::read_body() {
  json::Object root;
  if (request_.document->root().get(root) != simdjson::SUCCESS) {
    error_ = Error{.code = ErrorCode::invalid_request,
                   .message = fmt::format("The body must be a JSON object, but it is {}.",
                                          json::type_name(request_.document->root()))};
    return false;
  }
  request_.document->survey();
  uint64_t seen = 0;
  std::size_t index = 0;
  for (const auto member : root) {
    const auto& range = request_.fields()[index++];
    const auto key = find_key(member.key);
    // `metadata`, `service_tier`, `context_management` and whatever comes with a new beta: known to its own format
    // only.
    if (key == Key::unknown) {
      if (!member.value.is_null()) leave_out(member.key);
      continue;
    }
    const Place place{.key = member.key};
    const auto bit = uint64_t{1} << static_cast<unsigned>(key);
    if ((seen & bit) != 0) {
      return fail(place, fmt::format("Duplicate parameter: '{}' is given twice.", member.key));
    }
    seen |= bit;
    if (member.value.is_null()) continue;
    const auto raw =
        std::string_view(request_.document->text()).substr(range.value_begin, range.value_end - range.value_begin);
    if (!field(key, member.value, place, raw)) return false;
  }
  return finish();
}

bool RequestReader::field(Key key, const Element& value, const Place& place, std::string_view raw) {
  switch (key) {
    case Key::model:
      return read(value, place, request_.model);
    case Key::messages:
      return messages(value, place);
    case Key::system:
      return system(value, place);
    case Key::stream:
      return read(value, place, request_.stream);
    case Key::max_tokens:
      if (!read(value, place, request_.max_tokens)) return false;
      return *request_.max_tokens >= 0 ||
             fail(place, fmt::format("Invalid 'max_tokens': {} is less than 0.", *request_.max_tokens));
    case Key::cache_control:
      cache_last_ = value.is_object();
      return true;
    case Key::mcp_servers: {
      json::Array servers;
      if (!read(value, place, servers)) return false;
      if (servers.size() != 0) only_here(place, "MCP servers");
      return true;
    }
    case Key::container:
      only_here(place, "a container");
      return true;
    case Key::inference_geo:
      only_here(place, "a region to infer in");
      return true;
    case Key::thread:
      return thread(value, place);
    default:
      return setting(key, value, place, raw);
  }
}

// Who begins one says all in this request. Who goes on with one and reaches a model of another format is told that it
// is not kept (write_error), and says all again.
bool RequestReader::thread(const Element& value, const Place& place) {
  json::Object asked;
  if (!read(value, place, asked)) return false;
  if (json::string_or(asked, "type") == "create") {
    leave_out("thread");
  } else {
    only_here(place, "a conversation that its provider keeps");
  }
  return true;
}

bool RequestReader::setting(Key key, const Element& value, const Place& place, std::string_view raw) {
  switch (key) {
    case Key::temperature:
      return read(value, place, request_.temperature);
    case Key::top_p:
      return read(value, place, request_.top_p);
    case Key::top_k:
      return read(value, place, request_.top_k);
    case Key::stop_sequences:
      return stops(value, place);
    case Key::tools:
      count(raw);
      return tools(value, place);
    case Key::tool_choice:
      return tool_choice(value, place);
    case Key::thinking:
      return thinking(value, place);
    case Key::output_config:
      count(raw);
      return output_config(value, place);
    case Key::output_format:
      count(raw);
      return output_format(value, place);
    default:
      return true;
  }
}

bool RequestReader::stops(const Element& value, const Place& place) {
  json::Array list;
  if (!read(value, place, list)) return false;
  for (const auto element : list) {
    const Place here{.outer = &place, .key = {}, .index = request_.stop.size()};
    if (!read(element, here, request_.stop.emplace_back())) return false;
  }
  return true;
}

bool RequestReader::thinking(const Element& value, const Place& place) {
  json::Object object;
  std::string_view type;
  std::string_view display;
  if (!read(value, place, object) || !need(object, "type", place, type) || !may(object, "display", place, display))
    return false;
  if (type == "disabled") {
    request_.thinking_tokens = 0;
    return true;
  }
  if (type != "enabled" && type != "adaptive") {
    only_here(place, fmt::format("thinking of type '{}'", type));
    return true;
  }
  request_.show_thinking = display != "omitted";
  request_.thinking_tokens = -1;
  if (type == "adaptive") return true;
  const Place budget_place{.outer = &place, .key = "budget_tokens"};
  Element budget;
  if (object.at_key("budget_tokens").get(budget) != simdjson::SUCCESS) return missing(budget_place);
  int64_t tokens = 0;
  if (!read(budget, budget_place, tokens)) return false;
  if (tokens < 1) return fail(budget_place, "Invalid 'thinking.budget_tokens': it must be at least 1024.");
  request_.thinking_tokens = tokens;
  return true;
}

bool RequestReader::output_config(const Element& value, const Place& place) {
  json::Object object;
  if (!read(value, place, object)) return false;
  for (const auto member : object) {
    const Place here{.outer = &place, .key = member.key};
    if (member.value.is_null()) continue;
    if (member.key == "effort") {
      if (!read(member.value, here, request_.reasoning_effort)) return false;
    } else if (member.key == "format") {
      if (!output_format(member.value, here)) return false;
    } else {
      leave_out(member.key, "output_config");
    }
  }
  return true;
}

bool RequestReader::output_format(const Element& value, const Place& place) {
  json::Object object;
  std::string_view type;
  if (!read(value, place, object) || !need(object, "type", place, type)) return false;
  if (type != "json_schema") {
    only_here(place, fmt::format("an output of type '{}'", type));
    return true;
  }
  request_.response_format = ResponseFormat::json_schema;
  return need_schema(object, "schema", place, request_.json_schema);
}

bool RequestReader::need_schema(const json::Object& object, std::string_view key, const Place& place,
                                std::optional<json::Value>& out) {
  const Place here{.outer = &place, .key = key};
  Element value;
  if (object.at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) return missing(here);
  if (!value.is_object()) return wrong_type(here, "an object", value);
  out = value;
  return true;
}

bool RequestReader::tools(const Element& value, const Place& place) {
  json::Array list;
  if (!read(value, place, list)) return false;
  request_.tools.reserve(list.size());
  std::size_t index = 0;
  for (const auto element : list) {
    const Place here{.outer = &place, .key = {}, .index = index++};
    json::Object object;
    std::string_view type;
    if (!read(element, here, object) || !may(object, "type", here, type)) return false;
    if (!type.empty() && type != "custom") {
      only_here(here, fmt::format("a tool of type '{}'", type));
    } else if (!tool(object, here)) {
      return false;
    }
  }
  return true;
}

bool RequestReader::tool(const json::Object& object, const Place& place) {
  Tool tool;
  if (!need(object, "name", place, tool.name) || !need_schema(object, "input_schema", place, tool.parameters) ||
      !may(object, "description", place, tool.description)) {
    return false;
  }
  for (const auto member : object) {
    const Place here{.outer = &place, .key = member.key};
    if (member.value.is_null() || member.key == "type" || member.key == "name" || member.key == "input_schema" ||
        member.key == "description") {
      continue;
    }
    if (member.key == "strict") {
      if (!read(member.value, here, tool.strict)) return false;
    } else if (member.key == "cache_control") {
      tool.cache = member.value.is_object();
    } else {  // how it is streamed, found or shown with examples
      leave_out(member.key, "tools");
    }
  }
  request_.tools.push_back(tool);
  return true;
}

bool RequestReader::tool_choice(const Element& value, const Place& place) {
  json::Object object;
  std::string_view type;
  std::optional<bool> alone;
  if (!read(value, place, object) || !need(object, "type", place, type) ||
      !may(object, "disable_parallel_tool_use", place, alone)) {
    return false;
  }
  if (alone) request_.parallel_tool_calls = !*alone;
  auto& choice = request_.tool_choice;
  if (type == "auto") {
    choice.mode = ToolChoice::Mode::automatic;
  } else if (type == "any") {
    choice.mode = ToolChoice::Mode::any;
  } else if (type == "none") {
    choice.mode = ToolChoice::Mode::none;
  } else if (type == "tool") {
    choice.mode = ToolChoice::Mode::named;
    return need(object, "name", place, choice.name);
  } else {
    choice.mode = ToolChoice::Mode::foreign;
    only_here(place, fmt::format("a choice of type '{}'", type));
  }
  return true;
}

bool RequestReader::finish() {
  if (request_.model.empty()) return missing(Place{.key = "model"});
  if (!has_messages_) return missing(Place{.key = "messages"});
  if (request_.operation == Operation::chat && !request_.max_tokens) return missing(Place{.key = "max_tokens"});
  request_.messages.insert(request_.messages.begin(), std::make_move_iterator(front_.begin()),
                           std::make_move_iterator(front_.end()));
  auto& last = request_.messages.back();
  if (cache_last_ && !last.parts.empty()) last.parts.back().cache = true;
  return true;
}

void RequestReader::only_here(const Place& place, std::string what) {
  request_.foreign.push_back({.place = to_string(place), .what = std::move(what)});
}

// Enough to be told of; a body may have a hundred thousand.
void RequestReader::leave_out(std::string_view what, std::string_view group) {
  constexpr std::size_t most = 50;
  auto& out = request_.left_out;
  if (out.size() >= most) return;
  const auto name = group.empty() ? std::string(what) : fmt::format("{}.{}", group, what);
  if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(request_.keep(name));
}

Result<Request> read_request(Asked asked, json::DocumentPool& pool) {
  Request request;
  request.operation = asked.operation;
  request.format = format_name;
  request.carried = std::move(asked.carried);
  request.include_usage = true;
  request.document = pool.take();
  if (auto parsed = request.document->parse_request(std::move(asked.body)); !parsed)
    return failure(std::move(parsed.error()));
  RequestReader reader(request);
  if (!reader.read_body()) return failure(reader.take_error());
  return request;
}

}  // namespace weir::anthropic
