#include "economics/sizing/size_answer.h"

#include <algorithm>

#include "economics/models/formats.h"
#include "economics/sizing/size_text.h"

namespace weir::plan {
namespace {

// The ones that people choose among, from most to fewest bits.
constexpr std::string_view shown[] = {"fp16",   "int8", "q8_0",   "q6_k", "q5_k_m",
                                      "q4_k_m", "awq",  "q3_k_m", "q2_k", "iq2_xs"};

SizedPlacement sized(const SizeQuestion& question, Placement placement) {
  SizedPlacement result{
      .placement = placement,
      .bound = roofline(question.request, placement.gpu, placement.cards, question.mix, question.measured_tokens_per_s),
      .rent_per_hour = placement.gpu.rent_per_hour * placement.cards,
      .spot_per_hour = placement.gpu.spot_per_hour * placement.cards};
  const double output_per_hour = result.bound.requests_per_hour * static_cast<double>(question.mix.output);
  if (result.rent_per_hour > 0 && output_per_hour > 0) {
    result.usd_per_million_output = static_cast<double>(result.rent_per_hour) / output_per_hour;
  }
  return result;
}

SizedQuantisation at_bits(SizingRequest request, const Quantisation& quantisation, const std::vector<Gpu>& cards) {
  request.quantisation = quantisation;
  const auto memory = memory_of(request);
  SizedQuantisation result{.quantisation = quantisation, .weights = memory.weights, .total = memory.total()};
  for (const auto& gpu : cards) {
    if (runs_on(gpu, quantisation) == Runs::no) continue;
    const auto alone = place(request, gpu, 1);
    if (!alone.holds(request.concurrency)) continue;
    if (!result.smallest || gpu.memory_bytes < result.smallest->gpu.memory_bytes) result.smallest = alone;
  }
  const auto all = placements(request);
  if (!all.empty() && all.front().gpu.rent_per_hour > 0) result.cheapest = all.front();
  return result;
}

std::vector<SizedQuantisation> other_bits(const SizingRequest& asked) {
  const std::vector<Gpu> cards(gpus().begin(), gpus().end());
  std::vector<SizedQuantisation> all;
  auto own = at_bits(asked, asked.quantisation, cards);
  own.asked = true;
  auto request = asked;
  request.shape.weight_bytes = 0;  // the file holds for its own bits only
  const auto* const published = find_quantisation(asked.shape.published);
  bool placed = false;
  for (const auto name : shown) {
    const auto& quantisation = *find_quantisation(name);
    if (!placed && quantisation.body_bits <= asked.quantisation.body_bits) {
      all.push_back(own);
      placed = true;
    }
    // More bits than it was published with hold nothing more.
    if (published != nullptr && quantisation.body_bits > published->body_bits) continue;
    if (name != asked.quantisation.name) all.push_back(at_bits(request, quantisation, cards));
  }
  if (!placed) all.push_back(own);
  return all;
}

// What to know of the links between the cards that are shown, each once.
std::vector<std::string> link_notes(const SizeAnswer& answer) {
  std::vector<std::string> notes;
  std::vector<std::pair<Link, bool>> told;
  for (const auto& row : answer.placements) {
    const auto& [placement, bound] = std::pair(row.placement, row.bound);
    const std::pair kind(placement.gpu.link, placement.cards > 2);
    if (placement.cards == 1 || std::find(told.begin(), told.end(), kind) != told.end()) continue;
    told.push_back(kind);
    notes.push_back(link_note(placement.gpu, placement.cards) +
                    fmt::format(" Their sums take at least {} of a step of {}, beside it.", seconds_text(bound.link_s),
                                seconds_text(bound.step_s)));
  }
  return notes;
}

// The oldest and the newest day on which the rents that are shown were seen.
std::string rents_note(const SizeAnswer& answer) {
  std::string_view first;
  std::string_view last;
  for (const auto& row : answer.placements) {
    if (row.rent_per_hour == 0) continue;
    const auto day = row.placement.gpu.as_of;
    if (first.empty() || day < first) first = day;
    if (day > last) last = day;
  }
  std::string seen;
  if (!first.empty())
    seen = first == last ? fmt::format(", seen {}", first) : fmt::format(", seen {} to {}", first, last);
  return fmt::format(
      "$/h: typical rents on demand{}; spot: where the machine may be taken away at short notice, or its "
      "host guarantees nothing. catalog/gpus.tsv has date and source of each, and the data sheets.",
      seen);
}

}  // namespace

SizeAnswer answer_size(const SizeQuestion& question) {
  SizeAnswer answer{.memory = memory_of(question.request)};
  if (question.gpu) {
    answer.placements.push_back(sized(question, place(question.request, *question.gpu, question.cards)));
  } else {
    for (const auto& placement : placements(question.request)) answer.placements.push_back(sized(question, placement));
  }
  answer.quantisations = other_bits(question.request);
  if (question.measured_tokens_per_s && !answer.placements.empty()) {
    answer.measured = scaled_to(answer.placements.front().bound, question.mix, *question.measured_tokens_per_s);
  }
  return answer;
}

std::vector<std::string> assumptions_of(const SizeAnswer& answer, const SizeQuestion& question) {
  const auto& request = question.request;
  const auto& assumed = request.assumptions;
  std::vector<std::string> notes = question.warnings;
  notes.push_back(fmt::format("Shape: {}{}", request.shape.source,
                              request.shape.note.empty() ? "" : " (" + request.shape.note + ")"));
  const auto& own = own_format(request.shape);
  if (request.quantisation.body_bits > own.body_bits) {
    notes.push_back(fmt::format("The model comes at {}: more bits than that hold nothing more.", own.name));
  } else if (request.quantisation.name == own.name && !request.shape.published.empty() &&
             request.shape.quantisation.empty()) {
    notes.push_back(fmt::format("{} is how its maker publishes it.", own.name));
  }
  notes.push_back(request.shape.weight_bytes > 0
                      ? std::string("Weights: the bytes of all tensors in the file.")
                      : fmt::format("Weights: {} bits for each weight of the layers, {} of the embeddings ({}).",
                                    request.quantisation.body_bits,
                                    request.shape.embeddings == Embeddings::tied ? request.quantisation.tied_bits
                                                                                 : request.quantisation.embedding_bits,
                                    request.quantisation.note));
  notes.push_back(fmt::format("KV cache: {} bytes for each cached number, {} tokens for each of {} sequences.",
                              request.kv_bytes, count_text(request.context), count_text(request.concurrency)));
  notes.push_back(
      fmt::format("Each card also needs {} for the driver and kernels and the activations of {} tokens; {:.0f} % of "
                  "its memory can be used.",
                  bytes_text(assumed.runtime_bytes), assumed.prefill_chunk, assumed.usable_share * 100));
  notes.push_back("Several cards split every matrix: 1, 2, 4 or 8 of them, when the heads of the model divide.");
  for (auto& note : link_notes(answer)) notes.push_back(std::move(note));
  notes.push_back(
      fmt::format("Speed is an upper bound (roofline): peak bandwidth and peak arithmetic of the data sheet, {} prompt "
                  "and {} output tokens, {} at a time. Real servers reach a third to four fifths of it: measure yours "
                  "with weir bench-model.",
                  count_text(question.mix.prompt), count_text(question.mix.output), count_text(request.concurrency)));
  notes.push_back(
      "First token: the prompt alone on idle cards; requests/h: prompts one after the other, decoding shared.");
  if (request.shape.is_mixture()) {
    notes.push_back(
        "Mixture of experts: a step reads the experts that its sequences choose, independently of each other.");
  }
  if (!answer.placements.empty() && answer.placements.front().bound.raised) {
    notes.push_back(
        fmt::format("The measured {} tokens/s are more than the data sheet allows: an assumption is wrong, and the "
                    "bound was raised to them.",
                    rate_text(*question.measured_tokens_per_s)));
  }
  notes.push_back(
      fmt::format("$/M out: the rent on demand over the output tokens of an hour, with {} streams at a time "
                  "without pause at the bound; fewer streams make a token dearer.",
                  count_text(request.concurrency)));
  notes.push_back(rents_note(answer));
  return notes;
}

}  // namespace weir::plan
