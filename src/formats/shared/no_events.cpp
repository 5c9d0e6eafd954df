#include "formats/shared/no_events.h"

namespace weir {
namespace {

class NoEvents final : public EventReader {
 public:
  explicit NoEvents(std::string_view message) : message_(message) {}
  Status read(const FramedEvent&, json::Document&, std::vector<StreamEvent>&) override {
    return failure(ErrorCode::upstream_malformed, std::string(message_));
  }

 private:
  std::string_view message_;
};

}  // namespace

std::unique_ptr<EventReader> no_events(std::string_view message) { return std::make_unique<NoEvents>(message); }

}  // namespace weir
