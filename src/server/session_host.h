// SessionHost: what the client connections of one event loop share. Loop thread only, but what IdleList says of itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/pipeline.h"
#include "server/caller_check.h"
#include "server/gateway_api.h"
#include "server/idle_list.h"

namespace weir {

class HttpSession;

// By which listener a connection came in. Lives as long as the loops.
struct Door {
  enum class Serves : uint8_t { everything, metrics };
  Reach reach = Reach::loopback;
  Serves serves = Serves::everything;
};

struct SessionHost {
  Worker& worker;
  Pipeline& pipeline;
  GatewayApi& api;
  std::vector<HttpSession*> sessions;  // alive now
  IdleList idle;                       // of those, the ones that wait for a request
  IdleList surplus_idle;               // the same of surplus ones
  std::string data_folder;             // for what is too large for memory; "" = there is none
  bool draining = false;
  std::string date;  // the Date header's value, made once a second
  int64_t date_made_us = 0;

  // No new requests; connections without one are closed now, the others after their answer.
  void drain();
  // Ends every session at once, whatever it is doing.
  void cut();
  [[nodiscard]] std::string_view http_date();
};

// What a connection beyond the limit gets for anything but a health probe.
inline constexpr std::string_view too_many_connections =
    R"({"error":{"message":"Too many connections. Try again soon; `limits.connections` says how many there may be.",)"
    R"("type":"server_error","param":null,"code":"too_many_connections"}})";

}  // namespace weir
