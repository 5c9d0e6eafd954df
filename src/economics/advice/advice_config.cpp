// The configuration that goes with an advice. Hard constraints are rules with `zones`, which no other rule can widen.
#include <cctype>

#include <fmt/format.h>

#include "economics/advice/advice.h"
#include "economics/base/money.h"
#include "economics/cost/comparison.h"
#include "report/shown_text.h"

namespace weir::plan {
namespace {

using report::shown;
using report::wrapped;

// A name as it is where it is plain, else in quotes: what people tell may hold anything.
std::string scalar(std::string_view name) {
  const bool plain = !name.empty() && std::isalnum(static_cast<unsigned char>(name.front())) != 0 &&
                     name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-") ==
                         std::string_view::npos;
  if (plain) return std::string(name);
  std::string out = "'";
  for (const char c : shown(name)) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

class ConfigWriter {
 public:
  ConfigWriter(const Answers& answers, const Advice& advice, const Economics& economics)
      : answers_(answers), advice_(advice), economics_(economics) {}

  [[nodiscard]] std::string write() {
    comment(answers_.name.empty() ? "By weir advise." : fmt::format("{}, by weir advise.", answers_.name));
    comment(advice_.summary);
    out_ += "providers:\n";
    if (uses_local()) local_provider();
    if (uses_cloud()) cloud_provider();
    out_ += "\nmodels:\n";
    if (uses_local()) {
      out_ += fmt::format("  - {{id: own, provider: machines, name: {}, context_length: {}}}\n",
                          scalar(economics_.local_name), economics_.context);
    }
    if (uses_cloud())
      out_ += fmt::format("  - {{id: rented, provider: {}, name: {}}}\n", cloud_id(), scalar(cloud_name()));
    out_ += "\nroutes:\n  - name: assistant\n";
    if (uses_cloud()) out_ += "    baseline: rented          # what all-cloud would have cost, for weir usage\n";
    out_ += "    rules:\n";
    zone_rules();
    use_rules();
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool uses_local() const { return advice_.verdict != Verdict::cloud; }
  [[nodiscard]] bool uses_cloud() const { return advice_.verdict != Verdict::local; }
  [[nodiscard]] std::string cloud_id() const {
    return economics_.cloud_model.substr(0, economics_.cloud_model.find('/'));
  }
  [[nodiscard]] std::string cloud_name() const {
    return economics_.cloud_model.substr(economics_.cloud_model.find('/') + 1);
  }

  [[nodiscard]] std::string region() const {
    return answers_.residency == Residency::eu ? ":eu" : answers_.residency == Residency::us ? ":us" : "";
  }

  void comment(std::string_view text) {
    for (const std::string& line : wrapped(shown(text), 110)) out_ += "# " + line + "\n";
  }

  void local_provider() {
    const auto& hardware = economics_.of(advice_.verdict).hardware;
    const int64_t machines = hardware ? hardware->machines : 1;
    const MicroDollars per_hour = hardware ? hardware->per_hour * machines : 0;
    out_ += "  - id: machines\n    kind: vllm\n    zone: local\n";
    out_ += fmt::format("    url: http://127.0.0.1:8000   # {}{}\n",
                        hardware ? hardware->title : "the machine that serves the model",
                        machines > 1 ? fmt::format("; the address in front of {} of them", grouped(machines)) : "");
    out_ += fmt::format("    slots: {}\n", std::min<int64_t>(100'000, economics_.sequences * machines));
    out_ += fmt::format("    cost_per_hour: {}.{:02}\n", per_hour / 1'000'000, per_hour / 10'000 % 100);
  }

  void cloud_provider() {
    if (economics_.cloud_kind.empty()) {
      out_ += fmt::format(
          "  - id: {0}\n    kind: openai_compatible\n    url: https://{0}.example/v1   # the address of its "
          "OpenAI-compatible API\n    zone: cloud{1}\n",
          cloud_id(), region());
      return;
    }
    out_ += fmt::format(
        "  - id: {}\n    kind: {}                 # its key comes from its usual variable: weir check says which\n",
        cloud_id(), economics_.cloud_kind);
    if (!region().empty())
      out_ += fmt::format("    zone: cloud{}             # by contract with the provider: see to it\n", region());
  }

  void zone_rules() {
    if (advice_.verdict == Verdict::local) {
      out_ += "      - zones: [local]          # nothing leaves\n";
      return;
    }
    if (!region().empty()) out_ += fmt::format("      - zones: [local, cloud{}]\n", region());
    if (advice_.verdict == Verdict::hybrid) {
      out_ += "      - {when: {sensitive: any}, zones: [local]}\n";
      return;
    }
    out_ +=
        "      # Refuses requests with keys or passwords in them, as long as there is no local model:\n"
        "      # - {when: {sensitive: [secret]}, zones: [local]}\n";
  }

  void use_rules() {
    if (advice_.verdict == Verdict::local) {
      out_ += "      - use: [own]\n";
    } else if (advice_.verdict == Verdict::cloud) {
      out_ += "      - use: [rented]\n";
    } else {
      out_ += fmt::format(
          "      - {{when: {{tags: [hard]}}, use: [rented, own]}}   # x-weir-tags: hard\n"
          "      - {{use: [own, rented], spill: {{queue: {}}}}}\n",
          patience());
    }
  }

  // How long a request waits for a local slot before it goes to the cloud.
  [[nodiscard]] std::string_view patience() const {
    switch (answers_.latency) {
      case Latency::realtime:
        return "50ms";
      case Latency::interactive:
        return "300ms";
      case Latency::relaxed:
        return "5s";
      case Latency::batch:
        break;
    }
    return "60s";
  }

  const Answers& answers_;
  const Advice& advice_;
  const Economics& economics_;
  std::string out_;
};

}  // namespace

std::string weir_yaml(const Answers& answers, const Advice& advice, const Economics& economics) {
  return ConfigWriter(answers, advice, economics).write();
}

}  // namespace weir::plan
