// The answer to `weir plan size` as a report and as JSON.
#include <algorithm>
#include <cmath>

#include "core/json.h"
#include "economics/sizing/size_answer.h"
#include "economics/sizing/size_text.h"

namespace weir::plan {
namespace {

std::string shown_cards(const Placement& placement) { return cards_text(placement.gpu, placement.cards); }

// `$3.58`; `-` where there is none.
std::string dollars_shown(double dollars) {
  if (dollars <= 0) return "-";
  const bool in_cents = std::abs(dollars * 100 - std::round(dollars * 100)) < 1e-9;
  return dollars < 0.995 && !in_cents ? fmt::format("${:.3g}", dollars) : fmt::format("${:.2f}", dollars);
}

double dollars_of(MicroDollars amount) { return static_cast<double>(amount) / 1e6; }

Column right(std::string title) { return {.title = std::move(title), .align = Align::right}; }
Column left(std::string title) { return {.title = std::move(title), .align = Align::left}; }

Table memory_table(const SizeAnswer& answer, const SizeQuestion& question) {
  const auto& request = question.request;
  const auto& memory = answer.memory;
  const auto& shape = request.shape;
  const auto weights =
      shape.weight_bytes > 0
          ? fmt::format("all tensors of the file, {} bits a weight",
                        rate_text(memory.weights * 8 / static_cast<double>(shape.parameters)))
          : fmt::format("{} parameters at {}", rate_text(static_cast<double>(shape.parameters) / 1e9) + " B",
                        request.quantisation.name);
  const auto per_token = kv_cache_bytes(shape, 1, request.kv_bytes);
  return {.columns = {left("Memory"), right("Bytes"), left("How")},
          .rows = {{"weights", bytes_text(memory.weights), weights},
                   {"KV cache", bytes_text(memory.kv),
                    fmt::format("{} × {} tokens, {} for the first of each", request.concurrency,
                                count_text(request.context), bytes_text(per_token))},
                   {"overhead", bytes_text(memory.overhead), "driver, kernels, activations; on each card"},
                   {"together", bytes_text(memory.total()), "on one card"}}};
}

Table cards_table(const SizeAnswer& answer, int64_t concurrency) {
  Table table{.columns = {left("Cards"), right("Fit"), right("tok/s"), right("each"), right("First token"),
                          right("req/h"), right("$/h"), right("spot"),
                          right(fmt::format("$/M out at {}", count_text(concurrency)))}};
  for (const auto& row : answer.placements) {
    const auto& placement = row.placement;
    table.rows.push_back({shown_cards(placement), count_text(placement.sequences), rate_text(row.bound.tokens_per_s),
                          rate_text(row.bound.tokens_per_s_per_stream), seconds_text(row.bound.ttft_s),
                          rate_text(row.bound.requests_per_hour), dollars_shown(dollars_of(row.rent_per_hour)),
                          dollars_shown(dollars_of(row.spot_per_hour)), dollars_shown(row.usd_per_million_output)});
  }
  return table;
}

Table bits_table(const SizeAnswer& answer) {
  Table table{.columns = {left("Quantisation"), right("Bits"), right("Weights"), right("Together"),
                          left("Smallest single card"), left("Cheapest to rent")}};
  for (const auto& row : answer.quantisations) {
    table.rows.push_back(
        {fmt::format("{}{}", row.quantisation.name, row.asked ? " ←" : ""), rate_text(row.quantisation.body_bits),
         bytes_text(row.weights), bytes_text(row.total), row.smallest ? std::string(row.smallest->gpu.id) : "-",
         row.cheapest ? fmt::format("{}, {}/h", shown_cards(*row.cheapest),
                                    dollars_shown(dollars_of(row.cheapest->gpu.rent_per_hour * row.cheapest->cards)))
                      : "-"});
  }
  return table;
}

Chart bits_chart(const SizeAnswer& answer) {
  Chart chart{.title = "Memory by quantisation",
              .kind = ChartKind::bars,
              .x_label = "quantisation",
              .y_label = "GB",
              .y_unit = Unit::count};
  Series weights{.name = "weights"};
  Series together{.name = "together"};
  for (std::size_t i = 0; i < answer.quantisations.size(); ++i) {
    const auto& row = answer.quantisations[i];
    chart.categories.emplace_back(row.quantisation.name);
    weights.points.push_back({.x = static_cast<double>(i), .y = row.weights / 1e9});
    together.points.push_back({.x = static_cast<double>(i), .y = row.total / 1e9});
  }
  chart.series = {std::move(weights), std::move(together)};
  return chart;
}

// How the bound grows with concurrency on the first cards of the list, as far as sequences fit.
Chart load_chart(const SizeAnswer& answer, const SizeQuestion& question) {
  const auto& placement = answer.placements.front().placement;
  Chart chart{.title = fmt::format("Output tokens per second on {}, at most", shown_cards(placement)),
              .kind = ChartKind::line,
              .x_label = "sequences at a time",
              .y_label = "tokens per second",
              .x_unit = Unit::count,
              .y_unit = Unit::count};
  Series all{.name = "all together"};
  Series each{.name = "each"};
  constexpr int64_t most = 1024;
  auto request = question.request;
  for (int64_t batch = 1; batch <= std::min(most, std::max<int64_t>(placement.sequences, 1)); batch *= 2) {
    request.concurrency = batch;
    const auto speed = roofline(request, placement.gpu, placement.cards, question.mix);
    all.points.push_back({.x = static_cast<double>(batch), .y = speed.tokens_per_s});
    each.points.push_back({.x = static_cast<double>(batch), .y = speed.tokens_per_s_per_stream});
  }
  chart.series = {std::move(all), std::move(each)};
  chart.marks.push_back({.label = "asked", .x = static_cast<double>(question.request.concurrency)});
  return chart;
}

Table measured_table(const SizeAnswer& answer, const SizeQuestion& question) {
  const auto& bound = answer.placements.front().bound;
  const auto& measured = *answer.measured;
  const auto row = [](std::string what, const Speed& speed) {
    return std::vector<std::string>{std::move(what), rate_text(speed.tokens_per_s),
                                    rate_text(speed.tokens_per_s_per_stream), rate_text(speed.requests_per_hour)};
  };
  Table table{.title = fmt::format("Measured ({})", question.measured_from),
              .columns = {left("Speed"), right("tok/s"), right("each"), right("req/h")},
              .rows = {row(bound.raised ? "bound, raised" : "bound", bound), row("measured", measured)}};
  table.rows.push_back({"share", fmt::format("{:.0f} %", 100 * measured.tokens_per_s / bound.tokens_per_s), "", ""});
  return table;
}

void write_speed(json::Writer& out, const Speed& speed) {
  out.key("tokens_per_s").value(speed.tokens_per_s);
  out.key("tokens_per_s_per_stream").value(speed.tokens_per_s_per_stream);
  out.key("ttft_s").value(speed.ttft_s);
  out.key("requests_per_hour").value(speed.requests_per_hour);
}

void write_placement(json::Writer& out, const Placement& placement) {
  out.key("gpu").value(placement.gpu.id);
  out.key("title").value(placement.gpu.title);
  out.key("cards").value(placement.cards);
  out.key("link").value(link_note(placement.gpu, placement.cards));
  out.key("memory_bytes_per_card").value(placement.gpu.memory_bytes);
  out.key("used_bytes_per_card").value(std::round(placement.used_per_card));
  out.key("room_for_kv_bytes").value(std::round(placement.room_for_kv));
  out.key("sequences_that_fit").value(placement.sequences);
  out.key("longest_context").value(placement.longest_context);
}

void write_model(json::Writer& out, const SizingRequest& request) {
  const auto& shape = request.shape;
  out.key("model").begin_object();
  out.key("name").value(shape.name);
  out.key("title").value(shape.title);
  out.key("parameters").value(shape.parameters);
  out.key("active_parameters").value(shape.active_parameters);
  out.key("layers").value(shape.layers);
  out.key("hidden_size").value(shape.hidden);
  out.key("attention_heads").value(shape.heads);
  out.key("kv_heads").value(shape.kv_heads);
  out.key("head_dim").value(shape.head_dim);
  out.key("vocabulary").value(shape.vocabulary);
  out.key("max_context").value(shape.context);
  out.key("source").value(shape.source);
  out.end_object();
}

void write_memory(json::Writer& out, const SizingRequest& request, const Memory& memory) {
  out.key("quantisation").value(request.quantisation.name);
  out.key("bits_per_weight").value(memory.weights * 8 / static_cast<double>(request.shape.parameters));
  out.key("context").value(request.context);
  out.key("concurrency").value(request.concurrency);
  out.key("memory").begin_object();
  out.key("weights_bytes").value(std::round(memory.weights));
  out.key("kv_bytes_per_token").value(kv_cache_bytes(request.shape, 1, request.kv_bytes));
  out.key("kv_bytes_per_sequence").value(std::round(memory.kv_per_sequence));
  out.key("kv_bytes").value(std::round(memory.kv));
  out.key("overhead_bytes_per_card").value(std::round(memory.overhead));
  out.key("total_bytes").value(std::round(memory.total()));
  out.end_object();
}

void write_sized(json::Writer& out, const SizedPlacement& row) {
  out.begin_object();
  write_placement(out, row.placement);
  out.key("bound").begin_object();
  write_speed(out, row.bound);
  out.key("decode_limited_by").value(row.bound.decode_limit == Bottleneck::bandwidth ? "bandwidth" : "compute");
  out.key("prefill_limited_by").value(row.bound.prefill_limit == Bottleneck::bandwidth ? "bandwidth" : "compute");
  out.key("raised_to_measurement").boolean(row.bound.raised);
  out.key("link_s_per_step").value(row.bound.link_s);
  out.end_object();
  out.key("spot_usd_per_hour");
  row.spot_per_hour > 0 ? out.value(dollars_of(row.spot_per_hour)) : out.null();
  out.key("rents_as_of").value(row.placement.gpu.as_of);
  out.key("rents_from").value(row.placement.gpu.prices_from);
  out.key("rent_usd_per_hour");
  if (row.rent_per_hour > 0) {
    out.value(dollars_of(row.rent_per_hour));
    out.key("usd_per_million_output_tokens").value(row.usd_per_million_output);
  } else {
    out.null();
  }
  out.end_object();
}

std::string title_of(const SizeQuestion& question) {
  return fmt::format("{} at {}", question.request.shape.title, question.request.quantisation.name);
}

}  // namespace

Report to_report(const SizeAnswer& answer, const SizeQuestion& question) {
  const auto& request = question.request;
  const auto& shape = request.shape;
  Report report{.title = title_of(question),
                .subtitle = fmt::format("{} B parameters{}, {} layers, {} heads ({} for keys and values) of {}",
                                        rate_text(static_cast<double>(shape.parameters) / 1e9),
                                        shape.is_mixture()
                                            ? fmt::format(" ({} B for a token)",
                                                          rate_text(static_cast<double>(shape.active_parameters) / 1e9))
                                            : "",
                                        shape.layers, shape.heads, shape.kv_heads, shape.head_dim)};
  report.sections.push_back({.title = "Memory", .blocks = {memory_table(answer, question)}});
  if (answer.placements.empty()) {
    report.sections.push_back(
        {.title = "Cards",
         .blocks = {Notes{.items = {"No card of the catalog holds it, not even eight together: take fewer bits, a "
                                    "shorter context or fewer sequences at a time."}}}});
  } else {
    Section cards{.title = question.gpu ? "On the cards asked for" : "Cards that hold it, cheapest first",
                  .blocks = {cards_table(answer, request.concurrency)}};
    if (answer.measured) cards.blocks.emplace_back(measured_table(answer, question));
    cards.blocks.emplace_back(load_chart(answer, question));
    report.sections.push_back(std::move(cards));
  }
  report.sections.push_back({.title = "At other bits", .blocks = {bits_table(answer), bits_chart(answer)}});
  report.sections.push_back({.blocks = {Notes{.title = "Assumptions", .items = assumptions_of(answer, question)}}});
  return report;
}

Report to_plain_table(const SizeAnswer& answer, const SizeQuestion& question) {
  Table table{.columns = {left("gpu"), right("cards"), right("memory_bytes_per_card"), right("used_bytes_per_card"),
                          right("sequences_that_fit"), right("longest_context"), right("concurrency"),
                          right("tokens_per_s"), right("tokens_per_s_per_stream"), right("ttft_s"),
                          right("requests_per_hour"), right("rent_usd_per_hour"), right("spot_usd_per_hour"),
                          right("usd_per_million_output_tokens"), left("rents_as_of"), left("link")}};
  for (const auto& row : answer.placements) {
    const auto& placement = row.placement;
    const bool rented = row.rent_per_hour > 0;
    table.rows.push_back({std::string(placement.gpu.id), std::to_string(placement.cards),
                          std::to_string(placement.gpu.memory_bytes), fmt::format("{:.0f}", placement.used_per_card),
                          std::to_string(placement.sequences), std::to_string(placement.longest_context),
                          std::to_string(question.request.concurrency), fmt::format("{:.6g}", row.bound.tokens_per_s),
                          fmt::format("{:.6g}", row.bound.tokens_per_s_per_stream),
                          fmt::format("{:.6g}", row.bound.ttft_s), fmt::format("{:.6g}", row.bound.requests_per_hour),
                          rented ? fmt::format("{:.6g}", dollars_of(row.rent_per_hour)) : "",
                          row.spot_per_hour > 0 ? fmt::format("{:.6g}", dollars_of(row.spot_per_hour)) : "",
                          rented ? fmt::format("{:.6g}", row.usd_per_million_output) : "",
                          std::string(placement.gpu.as_of), link_note(placement.gpu, placement.cards)});
  }
  return {.title = title_of(question), .sections = {{.blocks = {std::move(table)}}}};
}

std::string to_json(const SizeAnswer& answer, const SizeQuestion& question) {
  std::string text;
  json::Writer out(text);
  out.begin_object();
  write_model(out, question.request);
  write_memory(out, question.request, answer.memory);
  out.key("published_at").value(own_format(question.request.shape).name);
  out.key("prompt_tokens").value(question.mix.prompt);
  out.key("output_tokens").value(question.mix.output);
  out.key("placements").begin_array();
  for (const auto& row : answer.placements) write_sized(out, row);
  out.end_array();
  if (answer.measured) {
    out.key("measured").begin_object();
    out.key("from").value(question.measured_from);
    write_speed(out, *answer.measured);
    out.end_object();
  }
  out.key("quantisations").begin_array();
  for (const auto& row : answer.quantisations) {
    out.begin_object();
    out.key("name").value(row.quantisation.name);
    out.key("weights_bytes").value(std::round(row.weights));
    out.key("total_bytes").value(std::round(row.total));
    out.key("smallest_single_gpu");
    row.smallest ? out.value(row.smallest->gpu.id) : out.null();
    out.end_object();
  }
  out.end_array();
  out.key("assumptions").begin_array();
  for (const auto& note : assumptions_of(answer, question)) out.value(note);
  out.end_array().end_object();
  return text;
}

}  // namespace weir::plan
