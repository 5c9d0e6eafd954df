#include "server/session_host.h"

#include <array>
#include <ctime>

#include "server/http_session.h"

namespace weir {

void SessionHost::drain() {
  draining = true;
  const auto now = sessions;
  for (auto* session : now) session->drain();
}

void SessionHost::cut() {
  const auto now = sessions;
  for (auto* session : now) session->cut();
}

std::string_view SessionHost::http_date() {
  if (date.empty() || worker.loop.now_us() - date_made_us > 500'000) {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 40> text{};
    date.assign(text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
    date_made_us = worker.loop.now_us();
  }
  return date;
}

}  // namespace weir
