// StreamEnding: what a client is told only when a stream is really over: why each choice ended, and the usage.
// Providers say `stop` with every piece, before the last one, or twice; what they said last counts, and not before the
// end. Loop thread only; one per attempt.
#pragma once

#include <string>
#include <vector>

#include "core/request.h"
#include "core/stream_event.h"
#include "formats/format.h"

namespace weir {

class StreamEnding {
 public:
  // Content of a choice: a finish that was heard before was none.
  void content(const StreamEvent& event);
  // `bytes`: to be shown for it; "" when the dialect writes it. Of the same end twice the first is shown.
  void finish(const StreamEvent& event, std::string bytes);
  // The usage as the provider's own event.
  void usage(std::string bytes) { usage_ = std::move(bytes); }

  [[nodiscard]] int64_t finished() const { return static_cast<int64_t>(finishes_.size()); }
  // More may come although everything has finished: a finish stood beside content, or was none.
  [[nodiscard]] bool doubtful() const { return doubtful_; }
  // All ended of their own accord: with no content and no tokens that is no answer.
  [[nodiscard]] bool only_stopped() const;
  [[nodiscard]] bool has_usage() const { return !usage_.empty(); }

  // The finishes (one for every choice that had content), then the usage where it is asked for.
  void write(EventWriter& writer, const Request& request, std::string& out);

 private:
  struct Finish {
    StreamEvent event;
    std::string bytes;
  };
  struct Begun {
    int64_t choice = 0;
    bool calls = false;
  };

  std::vector<Finish> finishes_;  // of the choices that have ended, in the order of their ends
  std::vector<Begun> begun_;
  std::string usage_;
  bool doubtful_ = false;
};

}  // namespace weir
