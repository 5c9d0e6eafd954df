#include "economics/advice/advice_machines.h"

#include <algorithm>

#include <fmt/format.h>

#include "economics/base/money.h"
#include "economics/cost/cost_model.h"
#include "economics/models/formats.h"
#include "economics/sizing/roofline.h"
#include "economics/sizing/sizing.h"

namespace weir::plan {
namespace {

constexpr int64_t most_desktop_cards = 2;  // that fit into a computer, with their power
constexpr int64_t least_context = 4096;

// Who waits for nothing can share a machine with many.
int64_t sequences_of(Latency latency) {
  switch (latency) {
    case Latency::realtime:
      return 4;
    case Latency::interactive:
      return 16;
    case Latency::relaxed:
      return 32;
    case Latency::batch:
      break;
  }
  return 64;
}

// Who asks the rent or the price, and when it was seen: the part of `rent: RunPod; price: launch` that is about it.
std::string source_of(const Gpu& gpu, Paid paid) {
  const std::string_view wanted = paid == Paid::rented ? "rent:" : "price:";
  const auto from = gpu.prices_from.find(wanted);
  if (from == std::string_view::npos) return fmt::format("{}; {}", gpu.prices_from, gpu.as_of);
  const auto part = gpu.prices_from.substr(from);
  return fmt::format("{}; GPU catalog of {}", part.substr(0, part.find("; ")), gpu.as_of);
}

class Search {
 public:
  explicit Search(const MachineAsk& ask) : ask_(ask), answers_(ask.answers) {}

  Result<Machines> find() && {
    SizingRequest request{.shape = ask_.shape, .quantisation = ask_.quantisation};
    // A request may be twice the average.
    const int64_t tokens = answers_.input_per_request() + answers_.output_per_request();
    const int64_t wanted = std::max(least_context, (2 * tokens + 1023) / 1024 * 1024);
    out_.context = ask_.shape.context > 0 ? std::min(ask_.shape.context, wanted) : wanted;
    request.context = out_.context;
    request.concurrency = sequences_of(answers_.latency);
    // A context so long that nothing holds so many of them: fewer at a time.
    while (!add_machines(request) && request.concurrency > 1) request.concurrency /= 2;
    out_.sequences = request.concurrency;
    if (out_.candidates.empty()) {
      return failure(
          ErrorCode::invalid_request,
          fmt::format("local_model: no machine of the catalog that servers run on holds {} with {} tokens; name "
                      "a smaller one, or fewer bits with quantisation: weir plan size {} shows which hold it",
                      ask_.title, grouped(out_.context), ask_.shape.name));
    }
    drop_the_slow();
    return std::move(out_);
  }

 private:
  // Whether there is a machine of any number; owned ones are only so many.
  bool add_machines(const SizingRequest& request) {
    out_.candidates.clear();
    out_.owned.clear();
    for (const OwnedCards& cards : answers_.told.owned) add_owned(request, cards);
    bool any = false;
    for (const Placement& placement : placements(request)) {
      // Servers for many at a time do not run on Apple's.
      if (placement.gpu.architecture == Architecture::apple) continue;
      const bool desktop = placement.gpu.title.find("GeForce") != std::string_view::npos;
      if (desktop && placement.cards > most_desktop_cards) continue;
      if (placement.gpu.rent_per_hour > 0 && may_rent()) {
        out_.candidates.push_back(candidate(request, placement, Paid::rented));
        any = true;
      }
      if (placement.gpu.price > 0) {
        out_.candidates.push_back(candidate(request, placement, Paid::bought));
        any = true;
      }
    }
    return any;
  }

  // As many machines as the cards make, each of the fewest cards that hold the model.
  void add_owned(const SizingRequest& request, const OwnedCards& owned) {
    const Gpu gpu = *find_gpu(owned.gpu);
    const std::string name = fmt::format("{} × {}", owned.cards, gpu.id);
    if (const auto why = why_not_on(gpu, request.quantisation); !why.empty()) {
      out_.owned.push_back({name, std::string(not_used), why});
      return;
    }
    SizingRequest fitting = request;
    std::optional<Placement> found;
    for (; !found && fitting.concurrency >= 1; fitting.concurrency /= 2) {
      found = smallest_placement(fitting, gpu);
      if (found && found->cards > owned.cards) found.reset();
      if (found) break;
    }
    if (!found) {
      out_.owned.push_back(
          {name, std::string(not_used),
           fmt::format("they do not hold {} with {} tokens of context", ask_.title, grouped(request.context))});
      return;
    }
    Candidate one = candidate(fitting, *found, Paid::owned);
    one.hardware.most_machines = owned.cards / found->cards;
    out_.owned.push_back({name,
                          fmt::format("{} machine{} of {}, {} at a time each", grouped(one.hardware.most_machines),
                                      one.hardware.most_machines == 1 ? "" : "s", cards_text(gpu, found->cards),
                                      grouped(fitting.concurrency)),
                          "told; nothing but their power is paid"});
    out_.candidates.push_back(std::move(one));
  }

  // Machines whose first token comes too late for who waits; all stay where all are late. What is there already is only
  // left out where the team stated that it must be in time.
  void drop_the_slow() {
    const auto limit = first_token_limit(answers_.latency);
    if (!limit) return;
    const auto late = [&](const Candidate& one) { return one.hardware.first_token_s > *limit; };
    const auto in_time = [&](const Candidate& one) { return !late(one) && one.hardware.most_machines == 0; };
    if (std::none_of(out_.candidates.begin(), out_.candidates.end(), in_time)) return;
    const bool must = answers_.latency == Latency::realtime;
    for (const Candidate& one : out_.candidates) {
      if (!must || !late(one) || one.hardware.paid != Paid::owned) continue;
      out_.owned.push_back(
          {one.hardware.title, std::string(not_used),
           fmt::format("the first token is expected after {:.0f} ms", one.hardware.first_token_s * 1000)});
    }
    std::erase_if(out_.candidates,
                  [&](const Candidate& one) { return late(one) && (must || one.hardware.paid != Paid::owned); });
  }

  [[nodiscard]] Candidate candidate(const SizingRequest& request, const Placement& placement, Paid paid) const {
    const Gpu& gpu = placement.gpu;
    const TokenMix mix{.prompt = answers_.input_per_request(),
                       .output = std::max<int64_t>(1, answers_.output_per_request())};
    const Speed speed = roofline(request, gpu, placement.cards, mix);
    const Memory memory = memory_of(request);
    Candidate out;
    out.hardware = {.gpu = std::string(gpu.id),
                    .title = cards_title(gpu, placement.cards),
                    .cards = placement.cards,
                    .paid = paid,
                    .prices_from = source_of(gpu, paid),
                    .link = link_note(gpu, placement.cards),
                    .memory_bytes = memory.weights + memory.kv + memory.overhead * static_cast<double>(placement.cards),
                    .tokens_per_s = speed.tokens_per_s * assumed::real_share,
                    .first_token_s = speed.ttft_s / assumed::real_share};
    const double prompt_rate = static_cast<double>(mix.prompt) / speed.prefill_s * assumed::real_share;
    out.option = {.machine = {.gpu = std::string(gpu.id), .gpus = placement.cards},
                  .capacity = {.output_rate = rate_of(out.hardware.tokens_per_s),
                               .prompt_rate = rate_of(prompt_rate),
                               .utilisation = assumed::utilisation},
                  .staff = ask_.staff,
                  .monitoring = 0,
                  .infrastructure = ask_.infrastructure};
    if (paid == Paid::rented) {
      out.option.machine.rent_per_hour = gpu.rent_per_hour * placement.cards;
      out.hardware.spot_per_hour = gpu.spot_per_hour * placement.cards;
    } else {
      const bool whole = gpu.link == Link::network;  // price and watts are those of the computer
      const MicroDollars host = whole ? 0 : assumed::host_price_per_card * placement.cards + assumed::host_price;
      out.option.machine.owned = Owned{.price = paid == Paid::owned ? 0 : gpu.price * placement.cards + host,
                                       .life_months = assumed::life_months,
                                       .watts = gpu.watts * placement.cards + (whole ? 0 : assumed::host_watts),
                                       .dollars_per_kwh = ask_.per_kwh,
                                       .pue = assumed::pue};
    }
    return out;
  }

  // Thousandths of tokens a second, never none.
  static int64_t rate_of(double tokens_per_s) {
    return std::max<int64_t>(1, static_cast<int64_t>(tokens_per_s * 1000));
  }

  // Data that must stay is on machines of one's own.
  [[nodiscard]] bool may_rent() const {
    return classes_that_stay(answers_) == 0 && answers_.residency != Residency::on_premises;
  }

  const MachineAsk& ask_;
  const Answers& answers_;
  Machines out_;
};

}  // namespace

Result<Machines> machines_for(const MachineAsk& ask) { return Search(ask).find(); }

}  // namespace weir::plan
