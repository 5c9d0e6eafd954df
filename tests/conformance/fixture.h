// Fixtures: one JSON file a behaviour, named for it. What goes in, and what must come out in canonical form. Shared by
// the conformance tests and the schema check.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/request.h"
#include "core/response.h"
#include "core/snapshot.h"
#include "core/stream_event.h"
#include "formats/format.h"

namespace weir::conformance {

struct Fixture {
  std::string name;  // `providers/openai/stream/tool_calls_in_pieces`
  std::shared_ptr<json::Document> document;

  // The value at a JSON pointer; false when absent.
  bool find(std::string_view pointer, json::Element& out) const;
  [[nodiscard]] std::string text(std::string_view pointer, std::string_view otherwise = {}) const;
  [[nodiscard]] int64_t number(std::string_view pointer, int64_t otherwise = 0) const;
  // A body: a string as it is, anything else as JSON.
  [[nodiscard]] std::string body(std::string_view pointer) const;
  [[nodiscard]] Operation operation() const;
};

// All fixtures of `tests/fixtures/<folder>`, by name.
[[nodiscard]] std::vector<Fixture> load(std::string_view folder);

[[nodiscard]] ProviderSettings provider_settings(const Fixture& fixture);
[[nodiscard]] ModelSettings model_settings(const Fixture& fixture);

// The stream of a fixture's `events`, in the format's framing. Of Amazon's messages each is `{"event": TYPE, "payload":
// …}`, or with `exception` in the place of `event`.
[[nodiscard]] std::string framed(const Format& format, const Fixture& fixture);

// A stream with these events as a client of that format gets it. `state`: of the reader that they came from.
[[nodiscard]] std::string shown(const ClientFace& face, const Request& request, const std::vector<StreamEvent>& events,
                                const StreamState& state);

// Canonical forms as JSON: only what differs from the default.
[[nodiscard]] std::string dump(const Request& request);
[[nodiscard]] std::string dump_texts(const Request& request);
[[nodiscard]] std::string dump(const Response& response);
[[nodiscard]] std::string dump(const std::vector<StreamEvent>& events);
[[nodiscard]] std::string dump(const Error& error);

// As difference() of what stands at `pointer` (`/expect`) and `actual`. With WEIR_UPDATE=1 in the environment the file
// is given what differs, and "" comes back: look at what changed.
[[nodiscard]] std::string mismatch(const Fixture& fixture, std::string_view pointer, std::string_view actual);

// "" when both are the same JSON value, without regard to the order of keys; else where they differ.
[[nodiscard]] std::string difference(std::string_view expected, std::string_view actual);

}  // namespace weir::conformance
