#include "formats/shrink.h"

#include <array>

namespace weir {
namespace {

// One thing that is taken away.
struct Cut {
  enum class What : uint8_t { message, part, tool, setting };
  What what = What::message;
  std::size_t first = 0;
  std::size_t second = 0;  // of a part: its place in the message
};

using Reset = void (*)(Request&);
constexpr std::array<Reset, 14> settings = {
    [](Request& request) { request.temperature.reset(); },
    [](Request& request) { request.top_p.reset(); },
    [](Request& request) { request.top_k.reset(); },
    [](Request& request) { request.presence_penalty.reset(); },
    [](Request& request) { request.frequency_penalty.reset(); },
    [](Request& request) { request.seed.reset(); },
    [](Request& request) { request.max_tokens.reset(); },
    [](Request& request) { request.stop.clear(); },
    [](Request& request) { request.n = 1; },
    [](Request& request) { request.reasoning_effort = {}; },
    [](Request& request) { request.thinking_tokens.reset(); },
    [](Request& request) { request.tool_choice = {}; },
    [](Request& request) { request.parallel_tool_calls.reset(); },
    [](Request& request) {
      request.response_format = ResponseFormat::text;
      request.json_schema.reset();
    },
};

template <typename T>
void erase_at(std::vector<T>& list, std::size_t at) {
  if (at < list.size()) list.erase(list.begin() + static_cast<std::ptrdiff_t>(at));
}

void apply(const Cut& cut, Request& request) {
  switch (cut.what) {
    case Cut::What::message:
      return erase_at(request.messages, cut.first);
    case Cut::What::part:
      if (cut.first < request.messages.size()) erase_at(request.messages[cut.first].parts, cut.second);
      return;
    case Cut::What::tool:
      return erase_at(request.tools, cut.first);
    case Cut::What::setting:
      return settings[cut.first](request);
  }
}

Request made(const std::function<Request()>& make, const std::vector<Cut>& cuts) {
  auto request = make();
  for (const auto& cut : cuts) apply(cut, request);
  return request;
}

// Of what is there; the largest first.
std::vector<Cut> possible(const Request& request) {
  std::vector<Cut> all;
  for (std::size_t i = 0; i < request.messages.size(); ++i) all.push_back({Cut::What::message, i, 0});
  for (std::size_t i = 0; i < request.tools.size(); ++i) all.push_back({Cut::What::tool, i, 0});
  for (std::size_t i = 0; i < request.messages.size(); ++i) {
    for (std::size_t j = 0; j < request.messages[i].parts.size(); ++j) all.push_back({Cut::What::part, i, j});
  }
  return all;
}

}  // namespace

Request shrunk(const std::function<Request()>& make, const std::function<bool(Request&)>& fails) {
  std::vector<Cut> cuts;
  const auto still_fails = [&](const Cut& cut) {
    cuts.push_back(cut);
    auto request = made(make, cuts);
    if (fails(request)) return true;
    cuts.pop_back();
    return false;
  };
  for (bool smaller = true; smaller;) {
    const auto all = possible(made(make, cuts));
    smaller = std::any_of(all.begin(), all.end(), still_fails);
  }
  for (std::size_t i = 0; i < settings.size(); ++i) (void)still_fails({Cut::What::setting, i, 0});
  return made(make, cuts);
}

}  // namespace weir
