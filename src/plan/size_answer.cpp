#include "plan/size_answer.h"

#include "plan/size_text.h"

namespace weir::plan {
namespace {

// The ones that people choose among, from most to fewest bits.
constexpr std::string_view shown[] = {"fp16",   "int8", "q8_0",   "q6_k", "q5_k_m",
                                      "q4_k_m", "awq",  "q3_k_m", "q2_k", "iq2_xs"};

SizedPlacement sized(const SizeQuestion& question, Placement placement) {
  SizedPlacement result{
      .placement = placement,
      .bound = roofline(question.request, placement.gpu, placement.cards, question.mix, question.measured_tokens_per_s),
      .rent_per_hour = placement.gpu.rent_per_hour * placement.cards};
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
  bool placed = false;
  for (const auto name : shown) {
    const auto& quantisation = *find_quantisation(name);
    if (!placed && quantisation.body_bits <= asked.quantisation.body_bits) {
      all.push_back(own);
      placed = true;
    }
    if (name != asked.quantisation.name) all.push_back(at_bits(request, quantisation, cards));
  }
  if (!placed) all.push_back(own);
  return all;
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
  notes.push_back("Rents and data sheets: catalog/gpus.tsv, with date and source of each.");
  return notes;
}

}  // namespace weir::plan
