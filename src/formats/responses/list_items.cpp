// A page of a list, as OpenAI's clients ask for one: `order`, `limit`, `after`.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "formats/responses/conversation.h"
#include "formats/shared/query.h"

namespace weir::responses {
namespace {

constexpr int64_t usual_limit = 20;
constexpr int64_t most_limit = 100;

Error wrong(std::string_view param, std::string message) {
  return {.code = ErrorCode::invalid_request, .message = std::move(message), .param = std::string(param)};
}

Result<std::size_t> limit_of(std::string_view query) {
  const auto text = query_value(query, "limit");
  int64_t limit = usual_limit;
  if (!text.empty()) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || limit < 1 || limit > most_limit) {
      return failure(wrong("limit", fmt::format("Invalid 'limit': expected a number from 1 to {}.", most_limit)));
    }
  }
  return static_cast<std::size_t>(limit);
}

std::string id_of(std::string_view item) {
  const auto id = json::member(item, "id");
  return std::string(id.size() < 2 ? std::string_view() : id.substr(1, id.size() - 2));
}

}  // namespace

Result<std::string> list_items(std::vector<std::string> items, std::string_view query) {
  const auto limit = limit_of(query);
  if (!limit) return failure(limit.error());
  const auto order = query_value(query, "order");
  if (!order.empty() && order != "asc" && order != "desc") {
    return failure(wrong("order", "Invalid 'order': expected 'asc' or 'desc'."));
  }
  if (order != "asc") std::reverse(items.begin(), items.end());
  auto begin = items.begin();
  if (const auto after = query_value(query, "after"); !after.empty()) {
    begin = std::find_if(items.begin(), items.end(), [&](const std::string& item) { return id_of(item) == after; });
    if (begin == items.end()) return failure(wrong("after", "Invalid 'after': there is no item with that id."));
    ++begin;
  }
  const auto left = static_cast<std::size_t>(items.end() - begin);
  const auto end = begin + static_cast<std::ptrdiff_t>(std::min(*limit, left));
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("object").value("list").key("data").begin_array();
  for (auto at = begin; at != end; ++at) writer.raw(*at);
  writer.end_array();
  if (begin == end) {
    writer.key("first_id").null().key("last_id").null();
  } else {
    writer.key("first_id").value(id_of(*begin)).key("last_id").value(id_of(*(end - 1)));
  }
  writer.key("has_more").boolean(end != items.end()).end_object();
  return out;
}

}  // namespace weir::responses
