#include "formats/shared/token_count.h"

#include <charconv>
#include <cmath>

namespace weir {
namespace {

TokenCount of_real(double real) {
  constexpr double beyond = 9.2e18;
  if (std::isnan(real) || real < 0) return {.value = 0, .doubtful = true};
  if (real > beyond) return {.value = std::numeric_limits<int64_t>::max(), .doubtful = true};
  const double whole = std::ceil(real);
  return {.value = static_cast<int64_t>(whole), .doubtful = whole != real};
}

TokenCount of_text(std::string_view text) {
  double real = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), real);
  if (error == std::errc::result_out_of_range) return of_real(text.starts_with('-') ? -1.0 : 1e19);
  if (error != std::errc{} || end != text.data() + text.size()) return {.value = 0, .doubtful = true};
  return of_real(real);
}

}  // namespace

TokenCount read_token_count(const json::Element& element) {
  if (element.is_null()) return {};
  int64_t whole = 0;
  if (element.get(whole) == simdjson::SUCCESS) return {.value = std::max<int64_t>(whole, 0), .doubtful = whole < 0};
  double real = 0;  // also of integers that need 64 bits without a sign
  if (element.get(real) == simdjson::SUCCESS) return of_real(real);
  std::string_view text;
  if (element.get(text) == simdjson::SUCCESS) return of_text(text);
  return {.value = 0, .doubtful = true};
}

int64_t read_searches(const json::Object& usage) {
  constexpr int64_t most = 1'000'000;
  for (const std::string_view place : {"/server_tool_use/web_search_requests", "/num_search_queries",
                                       "/server_side_tool_usage_details/web_search_calls"}) {
    json::Element element;
    if (usage.at_pointer(place).get(element) != simdjson::SUCCESS) continue;
    const auto count = read_token_count(element);
    if (!count.doubtful && count.value > 0 && count.value <= most) return count.value * 1'000;
  }
  return 0;
}

}  // namespace weir
