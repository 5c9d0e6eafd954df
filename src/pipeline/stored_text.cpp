#include "pipeline/stored_text.h"

#include "core/utf8.h"
#include "telemetry/log.h"

namespace weir {
namespace {

constexpr std::size_t most_model_bytes = 256;
constexpr std::size_t most_shown = 80;
// Read so much more than is kept: a value that is cut in its middle is still known for what it is.
constexpr std::size_t read_beyond = Sighting::look_ahead;

std::string printable(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, '?');
  return out;
}

std::string without_findings(std::string_view text, const std::vector<Finding>& findings, const Snapshot& snapshot) {
  std::string out;
  std::size_t at = 0;
  for (const auto& finding : findings) {
    if (finding.end <= at) continue;
    if (finding.begin > at) out.append(text.substr(at, finding.begin - at));
    out.append("[").append(snapshot.classes.join(finding.classes)).append("]");
    at = finding.end;
  }
  return out.append(text.substr(at));
}

}  // namespace

std::string stored_text(std::string_view text, std::size_t most_bytes, const Snapshot& snapshot,
                        const GuardSet& guards) {
  if (text.empty()) return {};
  const auto read = text.substr(0, most_bytes + read_beyond);
  std::string clean(read);
  if (guards.classify({read}) != 0) clean = without_findings(read, guards.inspect(read), snapshot);
  clean = redact(clean);
  const auto kept = cut_at_character(clean, most_bytes);
  const bool whole = kept.size() == clean.size() && read.size() == text.size();
  return printable(kept) + (whole ? "" : "…");
}

std::string stored_model(std::string_view requested, const Snapshot& snapshot, const GuardSet& guards) {
  // What only a wildcard stands for is the caller's own word.
  const auto model = find_model(snapshot, requested);
  const bool ours = snapshot.route_by_name.find(requested) != snapshot.route_by_name.end() ||
                    (model && !snapshot.models[*model].wildcard);
  return ours ? std::string(requested) : stored_text(requested, most_model_bytes, snapshot, guards);
}

std::string shortened(std::string_view name) {
  const auto kept = cut_at_character(name, most_shown);
  if (kept.size() == name.size()) return printable(name);
  return fmt::format("{}… ({} bytes)", printable(kept), name.size());
}

}  // namespace weir
