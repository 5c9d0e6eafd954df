#include <CLI/CLI.hpp>

#include <charconv>
#include <filesystem>
#include <fstream>

#include "cli/counts.h"
#include "cli/plan.h"
#include "cli/stop.h"
#include "cli/weight_files.h"
#include "config/values.h"
#include "economics/models/formats.h"
#include "economics/sizing/measurement.h"
#include "economics/sizing/size_answer.h"
#include "economics/sizing/size_text.h"

namespace weir {
namespace {

constexpr int64_t most_tokens = 100'000'000;
constexpr int64_t most_sequences = 100'000;
constexpr int64_t usual_context = 8192;
constexpr int64_t usual_concurrency = 16;  // what people see who serve a team; one stream alone wastes the card

OrStop<int64_t> whole_number(std::string_view option, const std::string& text, int64_t most) {
  const auto value = parse_integer(text);
  if (value && *value >= 1 && *value <= most) return *value;
  return stop(ExitCode::usage,
              fmt::format("{}: `{}` is no whole number from 1 to {}", option, text, plan::count_text(most)));
}

class PlanSize final : public PlanVerb {
 public:
  void add(CLI::App& plan) override {
    app_ = plan.add_subcommand("size", "How much memory a model takes, which cards hold it, how fast it can be");
    app_->footer(
        "MODEL is a name of the catalog in any spelling (qwen2.5:7b, meta-llama/Llama-3.1-8B-Instruct), a .gguf or "
        ".safetensors file, or a folder of them; of files only the headers are read.\n"
        "Speeds are upper bounds; docs/sizing.md has the formulas and what is assumed.\n\n"
        "Examples:\n"
        "  weir plan size llama-3-8b\n"
        "  weir plan size llama-3.3-70b --quant q4_k_m --context 16384 --concurrency 8\n"
        "  weir plan size ./model.gguf --gpu rtx-4090 --concurrency 1 --measured 118\n"
        "  weir plan size mixtral-8x7b --gpu a100 --cards 2 --json");
    app_->add_option("MODEL", model_, "A model, a weight file or a folder")->required();
    app_->add_option(
            "--quant", quant_,
            "Bits of the weights: fp16, int8, q8_0, q4_k_m, awq … (default: as the model is published; a file has its "
            "own)")
        ->type_name("NAME");
    app_->add_option("--context", context_,
                     "Tokens of each sequence, prompt and answer (default 8192, or the model's own limit)")
        ->transform(counts())
        ->type_name("N");
    app_->add_option("--concurrency", concurrency_, "Sequences at a time (default 16, or what --gpu holds of them)")
        ->transform(counts())
        ->type_name("N");
    app_->add_option("--prompt-tokens", prompt_, "Of a request, for speeds")
        ->transform(counts())
        ->type_name("N")
        ->capture_default_str();
    app_->add_option("--output-tokens", output_tokens_, "Of an answer, for speeds")
        ->transform(counts())
        ->type_name("N")
        ->capture_default_str();
    app_->add_option("--kv-bits", kv_bits_, "Bits of a cached number: 16 or 8")->type_name("N")->capture_default_str();
    app_->add_option("--gpu", gpu_, "Only this card of the catalog")->type_name("ID");
    app_->add_option("--cards", cards_, "How many of it: 1, 2, 4 or 8")->type_name("N")->capture_default_str();
    app_->add_option("--measured", measured_,
                     "Measured output tokens/s of all streams, or `last`: what weir bench-model stored for this model")
        ->type_name("N|last|FILE");
    data_.add(*app_);
    output_.add(*app_);
  }

  [[nodiscard]] bool chosen() const override { return app_->parsed(); }

  [[nodiscard]] ExitCode run(Console& console) override {
    const auto question = ask();
    if (!question) {
      console.error(question.error().message, question.error().hint);
      return question.error().code;
    }
    const auto answer = plan::answer_size(*question);
    const auto report = output_.csv ? plan::to_plain_table(answer, *question) : plan::to_report(answer, *question);
    return output_.show(report, plan::to_json(answer, *question), console);
  }

 private:
  OrStop<plan::SizeQuestion> ask() {
    const auto shape = read_shape();
    if (!shape) return tl::unexpected(shape.error());
    const auto quantisation = read_quantisation(*shape);
    if (!quantisation) return tl::unexpected(quantisation.error());
    plan::SizeQuestion question{.request = {.shape = *shape, .quantisation = *quantisation}};
    if (quant_given_ && shape->weight_bytes > 0 && quantisation->name != shape->quantisation)
      question.request.shape.weight_bytes = 0;
    if (const auto read = read_numbers(question); !read) return tl::unexpected(read.error());
    if (const auto read = read_cards(question); !read) return tl::unexpected(read.error());
    if (const auto read = read_measured(question); !read) return tl::unexpected(read.error());
    return question;
  }

  OrStop<plan::ModelShape> read_shape() const {
    if (names_weight_file(model_)) {
      const auto shape = shape_of_files(model_);
      if (!shape) return stop(ExitCode::failed, shape.error().message);
      return *shape;
    }
    const auto shape = plan::shape_named(model_);
    if (!shape) {
      return stop(ExitCode::refused, shape.error().message,
                  "a .gguf or .safetensors file, or a folder of them, is sized too: weir plan size ./model.gguf");
    }
    return *shape;
  }

  OrStop<plan::Quantisation> read_quantisation(const plan::ModelShape& shape) {
    quant_given_ = !quant_.empty();
    const auto name = quant_given_                 ? quant_
                      : shape.quantisation.empty() ? std::string(plan::own_format(shape).name)
                                                   : shape.quantisation;
    if (const auto* known = plan::find_quantisation(name)) return *known;
    // A file's own format that has no line of its own is sized by its bytes; the rate is what such formats use.
    if (!quant_given_) return *plan::find_quantisation(shape.weight_bytes > 0 ? "q4_k_m" : "fp16");
    const auto near = plan::nearest_quantisation(name);
    std::string known;
    for (const auto& each : plan::quantisations()) known += fmt::format(" {}", each.name);
    return stop(ExitCode::usage,
                fmt::format("--quant: there is no quantisation `{}`{}", name,
                            near.empty() ? "" : fmt::format("; did you mean `{}`?", near)),
                "known are" + known);
  }

  OrStop<int> read_numbers(plan::SizeQuestion& question) {
    auto& request = question.request;
    const auto limit = request.shape.context;
    const auto otherwise = std::to_string(limit > 0 ? std::min(limit, usual_context) : usual_context);
    const auto usual = std::to_string(usual_concurrency);
    const struct {
      std::string_view option;
      const std::string text;
      int64_t most;
      int64_t& into;
    } numbers[] = {{"--context", context_.empty() ? otherwise : context_, most_tokens, request.context},
                   {"--concurrency", concurrency_.empty() ? usual : concurrency_, most_sequences, request.concurrency},
                   {"--prompt-tokens", prompt_, most_tokens, question.mix.prompt},
                   {"--output-tokens", output_tokens_, most_tokens, question.mix.output}};
    for (const auto& number : numbers) {
      const auto value = whole_number(number.option, number.text, number.most);
      if (!value) return tl::unexpected(value.error());
      number.into = *value;
    }
    if (kv_bits_ != "16" && kv_bits_ != "8")
      return stop(ExitCode::usage, fmt::format("--kv-bits: `{}` is neither 16 nor 8", kv_bits_));
    request.kv_bytes = kv_bits_ == "8" ? 1 : 2;
    if (limit > 0 && request.context > limit) {
      question.warnings.push_back(
          fmt::format("--context {} is beyond the {} tokens that the model was made for: answers get worse there.",
                      plan::count_text(request.context), plan::count_text(limit)));
    }
    if (question.mix.prompt + question.mix.output > request.context) {
      return stop(ExitCode::usage,
                  fmt::format("{} prompt and {} output tokens are more than --context {}", question.mix.prompt,
                              question.mix.output, request.context),
                  "raise --context, or lower --prompt-tokens or --output-tokens");
    }
    return 0;
  }

  OrStop<int> read_cards(plan::SizeQuestion& question) const {
    const auto cards = whole_number("--cards", cards_, 8);
    if (!cards) return tl::unexpected(cards.error());
    if (gpu_.empty()) {
      if (*cards != 1)
        return stop(ExitCode::usage, "--cards says how many of --gpu: name one",
                    "without --gpu every card of the catalog is tried, up to eight of each");
      return 0;
    }
    const auto gpu = plan::gpu_named(gpu_);
    if (!gpu) return stop(ExitCode::refused, "--gpu: " + gpu.error().message, "catalog/gpus.tsv lists them all");
    if (!plan::can_split(question.request.shape, *cards)) {
      return stop(ExitCode::refused,
                  fmt::format("--cards: {} heads ({} for keys and values) cannot be split among {} cards",
                              question.request.shape.heads, question.request.shape.kv_heads, *cards),
                  "take 1, 2 or 4");
    }
    if (const auto why = plan::why_not_on(*gpu, question.request.quantisation); !why.empty()) {
      return stop(ExitCode::refused, "--gpu: " + why);
    }
    question.gpu = *gpu;
    question.cards = *cards;
    auto placement = plan::place(question.request, *gpu, *cards);
    if (concurrency_.empty() && placement.sequences == 0) {
      question.request.concurrency = 1;  // not even one: what would hold one is the mend
      placement = plan::place(question.request, *gpu, *cards);
    } else if (concurrency_.empty() && !placement.holds(question.request.concurrency)) {
      question.request.concurrency = placement.sequences;
      question.warnings.push_back(fmt::format("{} holds {} sequences of {} tokens at a time, not {}: sized for those.",
                                              plan::cards_text(*gpu, *cards), placement.sequences,
                                              plan::count_text(question.request.context), usual_concurrency));
      placement = plan::place(question.request, *gpu, *cards);
    }
    if (!placement.holds(question.request.concurrency)) {
      return stop(ExitCode::refused, "--gpu " + plan::why_too_small(question.request, placement));
    }
    return 0;
  }

  OrStop<int> read_measured(plan::SizeQuestion& question) const {
    if (measured_.empty()) {
      if (const auto file = stored_measurement(question.request.shape)) {
        question.warnings.push_back(
            fmt::format("This model was measured here: {} (use it with --gpu ID --measured last).", *file));
      }
      return 0;
    }
    if (!question.gpu)
      return stop(ExitCode::usage, "--measured holds for the card it was measured on: name it with --gpu");
    double rate = 0;
    const auto* const end = measured_.data() + measured_.size();
    const auto parsed = std::from_chars(measured_.data(), end, rate);
    constexpr double most = 1e9;
    if (parsed.ec == std::errc() && parsed.ptr == end) {
      if (!(rate > 0) || rate > most)
        return stop(
            ExitCode::usage,
            fmt::format("--measured: `{}` tokens/s make no sense: above 0 and at most 1,000,000,000", measured_));
      question.measured_tokens_per_s = rate;
      question.measured_from = "--measured";
      return 0;
    }
    return read_measurement_file(question);
  }

  OrStop<int> read_measurement_file(plan::SizeQuestion& question) const {
    auto file = measured_;
    if (measured_ == "last") {
      const auto stored = stored_measurement(question.request.shape);
      if (!stored) {
        return stop(ExitCode::refused,
                    fmt::format("--measured last: nothing was measured for {} in {}", model_,
                                (std::filesystem::path(data_.folder()) / "measurements").string()),
                    "measure it: weir bench-model --url http://127.0.0.1:8080, or name the file of a measurement");
      }
      file = *stored;
    }
    std::ifstream in(file, std::ios::binary);
    if (!in)
      return stop(ExitCode::usage,
                  fmt::format("--measured: `{}` is no number of tokens/s, not `last`, and no file", measured_));
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    const auto measurement = plan::parse_measurement(text);
    if (!measurement) return stop(ExitCode::failed, fmt::format("{}: {}", file, measurement.error().message));
    if (concurrency_.empty()) take_measured_level(*measurement, question);
    const auto* const level = measurement->at_concurrency(question.request.concurrency);
    if (level == nullptr) {
      std::string levels;
      for (const auto& each : measurement->levels)
        levels += fmt::format("{}{}", levels.empty() ? "" : ", ", each.concurrency);
      return stop(ExitCode::refused,
                  fmt::format("{} has no measurement at --concurrency {}", file, question.request.concurrency),
                  "it has " + levels);
    }
    if (!measurement->gpu.empty() && measurement->gpu != question.gpu->id) {
      return stop(ExitCode::refused,
                  fmt::format("{} was measured on {}, not on {}", file, measurement->gpu, question.gpu->id),
                  fmt::format("take --gpu {}", measurement->gpu));
    }
    question.measured_tokens_per_s = level->tokens_per_s;
    question.measured_from = fmt::format("{} of {}", file, measurement->at);
    return 0;
  }

  // Where none is asked for: the level that was measured next below the usual one.
  static void take_measured_level(const plan::Measurement& measurement, plan::SizeQuestion& question) {
    int64_t best = 0;
    for (const auto& level : measurement.levels) {
      if (level.concurrency <= question.request.concurrency) best = std::max(best, level.concurrency);
    }
    if (best > 0) question.request.concurrency = best;
  }

  // The file for this model: as it was named here, or under another name that means the same shape.
  std::optional<std::string> stored_measurement(const plan::ModelShape& shape) const {
    const auto folder = std::filesystem::path(data_.folder()) / "measurements";
    std::error_code error;
    const auto exact = folder / plan::measurement_file(model_);
    if (std::filesystem::is_regular_file(exact, error)) return exact.string();
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      if (entry.path().extension() != ".json") continue;
      const auto other = plan::shape_named(entry.path().stem().string());
      if (other && other->name == shape.name) return entry.path().string();
    }
    return std::nullopt;
  }

  CLI::App* app_ = nullptr;
  std::string model_;
  std::string quant_;
  bool quant_given_ = false;
  std::string context_;
  std::string concurrency_;
  std::string prompt_ = "500";
  std::string output_tokens_ = "500";
  std::string kv_bits_ = "16";
  std::string gpu_;
  std::string cards_ = "1";
  std::string measured_;
  DataOption data_;
  OutputOptions output_;
};

}  // namespace

std::unique_ptr<PlanVerb> make_plan_size() { return std::make_unique<PlanSize>(); }

}  // namespace weir
