#include "economics/advice/answers.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "config/reader.h"
#include "economics/advice/answers_keys.h"
#include "economics/cost/comparison.h"
#include "economics/cost/cost_model.h"
#include "economics/models/hardware.h"
#include "economics/models/model_shape.h"
#include "economics/models/quantisation.h"

namespace weir::plan {
namespace {

constexpr int64_t most_tokens = 1'000'000'000'000'000;  // a month
constexpr std::array<std::string_view, 4> latencies = {"realtime", "interactive", "relaxed", "batch"};
constexpr std::array<std::string_view, 3> peoples = {"none", "part_time", "dedicated"};
constexpr std::array<std::string_view, 3> loads = {"steady", "office_hours", "bursty"};
constexpr std::array<std::string_view, 4> residencies = {"anywhere", "eu", "us", "on_premises"};
constexpr std::array<std::string_view, 3> customisations = {"none", "prompting", "fine_tuning"};
constexpr std::array<std::string_view, 3> qualities = {"basic", "good", "best"};
constexpr std::array<std::string_view, 6> regulations = {"gdpr", "hipaa", "pci",
                                                         "dora", "ferpa", "professional_secrecy"};

template <typename Enum, std::size_t Size>
Enum value_of(std::string_view text, const std::array<std::string_view, Size>& names) {
  const auto* const found = std::find(names.begin(), names.end(), text);
  return static_cast<Enum>(found == names.end() ? 0 : found - names.begin());
}

bool says_none(const Texts& texts) {
  return std::any_of(texts.begin(), texts.end(), [](const Text& text) { return text.value == "none"; });
}

// The busiest hour as a multiple of the average one, for loads that are stated.
double peak_of(LoadShape load) {
  if (load == LoadShape::office_hours) return 3;
  return load == LoadShape::bursty ? 6 : 1;
}

LoadShape load_of(const HourShares& hours) {
  const double peak = *std::max_element(hours.begin(), hours.end()) * 24;
  if (peak < 1.5) return LoadShape::steady;
  return peak < 4.5 ? LoadShape::office_hours : LoadShape::bursty;
}

class AnswersMaker {
 public:
  AnswersMaker(config::Reading& reading, const AnswersDoc& doc) : reading_(reading), doc_(doc) {}

  Answers make(const std::optional<Workload>& measured) {
    out_.name = doc_.name.value;
    out_.load = value_of<LoadShape>(doc_.load.value, loads);
    if (measured) {
      out_.workload = *measured;
      out_.load = load_of(measured->hours);
    } else {
      workload();
    }
    sensitive();
    regulation();
    out_.residency = value_of<Residency>(doc_.residency.value, residencies);
    out_.latency = value_of<Latency>(doc_.latency.value, latencies);
    out_.quality = value_of<Quality>(doc_.quality.value, qualities);
    out_.customisation = value_of<Customisation>(doc_.customisation.value, customisations);
    out_.people = value_of<People>(doc_.people.value, peoples);
    out_.budget = doc_.budget;
    told();
    if (out_.budget == 0) {
      reading_.error(doc_.at->find("budget_per_month"), "`budget_per_month` cannot be `0`: nothing costs nothing",
                     "write what it may cost, or leave the key out where there is no limit");
    }
    return std::move(out_);
  }

 private:
  void workload() {
    if (!doc_.requests || !doc_.input_tokens || !doc_.output_tokens) return;  // reported already
    if (Wide{*doc_.requests} * std::max(*doc_.input_tokens, *doc_.output_tokens) > most_tokens) {
      reading_.error(doc_.at->find("requests_per_month"),
                     "`requests_per_month` times tokens is more than a quadrillion tokens a month",
                     "check `requests_per_month`, `input_tokens` and `output_tokens`");
      return;
    }
    // What the models that are advised take.
    if (*doc_.input_tokens + *doc_.output_tokens > 130'000) {
      reading_.error(doc_.at->find("input_tokens"), "`input_tokens` and `output_tokens` are more than 130000 together",
                     "write averages: of a request, not of a day");
      return;
    }
    out_.workload = {
        .requests = *doc_.requests,
        .tokens = {.input = *doc_.requests * *doc_.input_tokens, .output = *doc_.requests * *doc_.output_tokens},
        .hours = hours_with_peak(peak_of(out_.load)),
        .source = "stated"};
  }

  void sensitive() {
    const ClassNames classes;
    for (const Text& text : doc_.sensitive) out_.sensitive |= classes.find(text.value).value_or(0);
    const yaml::Node* share = doc_.at->find("sensitive_share");
    if (says_none(doc_.sensitive) && doc_.sensitive.size() > 1) {
      return reading_.error(doc_.sensitive.front().at, "`sensitive` cannot be `none` and something else",
                            "remove `none`, or all others");
    }
    if (out_.sensitive != 0 && doc_.at->find("sensitive_share") == nullptr) {
      return reading_.error(doc_.sensitive.front().at, "`sensitive_share` is missing: how many requests hold such data",
                            "add sensitive_share: 30%");
    }
    if (!doc_.sensitive_share) return;  // none, or reported already
    if (out_.sensitive != 0 && *doc_.sensitive_share == 0) {
      return reading_.error(share, "`sensitive_share` cannot be 0 when `sensitive` names something",
                            "write its share, as in 30%, or sensitive: none");
    }
    if (out_.sensitive == 0 && *doc_.sensitive_share > 0 && says_none(doc_.sensitive)) {
      return reading_.error(share, "`sensitive_share` has a share of nothing: `sensitive` is `none`",
                            "say what is in these requests, as in sensitive: [personal], or remove the share");
    }
    out_.sensitive_share = *doc_.sensitive_share;
  }

  void regulation() {
    if (says_none(doc_.regulation) && doc_.regulation.size() > 1) {
      return reading_.error(doc_.regulation.front().at, "`regulation` cannot be `none` and something else",
                            "remove `none`, or all others");
    }
    for (const Text& text : doc_.regulation) {
      if (text.value == "none") continue;
      const auto one = value_of<Regulation>(text.value, regulations);
      if (std::find(out_.regulation.begin(), out_.regulation.end(), one) == out_.regulation.end())
        out_.regulation.push_back(one);
    }
  }

  void told() {
    Told& out = out_.told;
    out = {.cloud_model = doc_.cloud_model.value,
           .local_model = doc_.local_model.value,
           .quantisation = doc_.quantisation.value,
           .cached_share = doc_.cached_share,
           .staff = doc_.staff,
           .infrastructure = doc_.infrastructure,
           .per_kwh = doc_.per_kwh};
    if (out.cached_share)
      out_.workload.tokens.cached = scaled(out_.workload.tokens.input, *out.cached_share, whole_share);
    if (!out.local_model.empty()) {
      if (const auto shape = shape_named(out.local_model); !shape) {
        reading_.error(doc_.local_model.at, "`local_model`: " + shape.error().message,
                       "write a name that `weir plan size` knows, as in local_model: gpt-oss-120b");
      }
    }
    if (!out.quantisation.empty() && find_quantisation(out.quantisation) == nullptr) {
      const auto near = nearest_quantisation(out.quantisation);
      reading_.error(doc_.quantisation.at, fmt::format("`quantisation` cannot be `{}`", out.quantisation),
                     near.empty() ? "write one that `weir plan size --quant` knows, as in q4_k_m"
                                  : fmt::format("did you mean `{}`?", near));
    }
    for (const Text& text : doc_.owned) {
      if (const auto cards = owned_cards(text)) out.owned.push_back(*cards);
    }
  }

  // `2 x rtx-4090`, `2 × RTX 4090`, `rtx-4090`.
  std::optional<OwnedCards> owned_cards(const Text& text) {
    constexpr int64_t most_cards = 1024;
    std::string_view rest = text.value;
    OwnedCards out;
    const auto digits = rest.substr(0, rest.find_first_not_of("0123456789"));
    const auto after = rest.substr(digits.size());
    const auto unit = after.substr(std::min(after.find_first_not_of(' '), after.size()));
    const bool counted = !digits.empty() && (unit.starts_with("x ") || unit.starts_with("X ") ||
                                             unit.starts_with("×") || (after.starts_with(' ') && !find_gpu(rest)));
    if (counted) {
      out.cards = parse_integer(digits).value_or(0);
      rest = unit.substr(unit.starts_with("×")                              ? std::string_view("×").size()
                         : unit.starts_with("x ") || unit.starts_with("X ") ? 1
                                                                            : 0);
    }
    if (out.cards < 1 || out.cards > most_cards) {
      reading_.error(
          text.at,
          fmt::format("`owned` cannot be `{}`: from 1 to {} cards of a kind are possible", text.value, most_cards),
          "write how many of which, as in owned: [2 x rtx-4090]");
      return std::nullopt;
    }
    const auto gpu = gpu_named(rest.substr(std::min(rest.find_first_not_of(' '), rest.size())));
    if (!gpu) {
      reading_.error(text.at, "`owned`: " + gpu.error().message,
                     "write how many of which, as in owned: [2 x rtx-4090]");
      return std::nullopt;
    }
    out.gpu = gpu->id;
    return out;
  }

  config::Reading& reading_;
  const AnswersDoc& doc_;
  Answers out_;
};

// A command line's options, read with the same checks as a file; what they say wins.
struct OptionsDoc : AnswersDoc {};
template <typename V>
void fields(V& v, OptionsDoc& d) {
  told_fields(v, d);
}

std::optional<std::string> no_variables(std::string_view /*name*/) { return std::nullopt; }

// Stands in for a Reader, and collects what there is to ask.
class Interviewer {
 public:
  void text(std::string_view key, Text& /*out*/, const config::About& about) { add(key, about, Several::no); }
  void texts(std::string_view key, Texts& /*out*/, const config::About& about) { add(key, about, Several::yes); }
  template <typename T>
  void integer(std::string_view key, T& /*out*/, config::Range /*range*/, const config::About& about) {
    add(key, about, Several::no);
  }
  template <typename T>
  void share(std::string_view key, T& /*out*/, const config::About& about) {
    add(key, about, Several::no);
  }
  template <typename T>
  void dollars(std::string_view key, T& /*out*/, const config::About& about) {
    add(key, about, Several::no);
  }

  std::vector<Question> questions;

 private:
  enum class Several : uint8_t { no, yes };

  void add(std::string_view key, const config::About& about, Several several) {
    std::string_view example = about.example;
    if (example.starts_with('[')) example = example.substr(1, example.size() - 2);
    questions.push_back({.key = key,
                         .text = about.text,
                         .example = example,
                         .fallback = about.need == Need::required ? std::string_view() : about.otherwise,
                         .choices = about.choices,
                         .several = several == Several::yes});
  }
};

const std::string* answer_to(const std::vector<GivenAnswer>& given, std::string_view key) {
  const auto found = std::find_if(given.begin(), given.end(), [&](const GivenAnswer& one) { return one.key == key; });
  return found == given.end() ? nullptr : &found->text;
}

bool is_measured(std::string_view key) {
  return key == "requests_per_month" || key == "input_tokens" || key == "output_tokens" || key == "load";
}

// In quotes, so that it is text whatever it holds.
std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "''" : std::string(1, static_cast<unsigned char>(c) < ' ' ? ' ' : c);
  return out + "'";
}

// `personal, health` as a list.
std::string list_yaml(std::string_view rest) {
  std::string out;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    std::string_view one = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    one.remove_prefix(std::min(one.find_first_not_of(" ["), one.size()));
    one = one.substr(0, one.find_last_not_of(" ]") + 1);
    if (!one.empty()) out += (out.empty() ? "" : ", ") + in_quotes(one);
  }
  return "[" + out + "]";
}

// A list for keys that take several, else one scalar.
std::string as_yaml(const GivenAnswer& answer, const Question& question) {
  return question.several ? list_yaml(answer.text) : in_quotes(answer.text);
}

std::vector<Question> all_questions() {
  Interviewer interviewer;
  AnswersDoc doc{.only_asked = true};
  fields(interviewer, doc);
  return std::move(interviewer.questions);
}

}  // namespace

std::string_view to_string(Latency value) { return latencies[static_cast<std::size_t>(value)]; }
std::string_view to_string(People value) { return peoples[static_cast<std::size_t>(value)]; }
std::string_view to_string(LoadShape value) { return loads[static_cast<std::size_t>(value)]; }
std::string_view to_string(Residency value) { return residencies[static_cast<std::size_t>(value)]; }
std::string_view to_string(Customisation value) { return customisations[static_cast<std::size_t>(value)]; }
std::string_view to_string(Quality value) { return qualities[static_cast<std::size_t>(value)]; }
std::string_view to_string(Regulation value) { return regulations[static_cast<std::size_t>(value)]; }

int64_t Answers::input_per_request() const {
  return (workload.tokens.input + workload.requests / 2) / workload.requests;
}
int64_t Answers::output_per_request() const {
  return (workload.tokens.output + workload.requests / 2) / workload.requests;
}

namespace {

void take_options(const std::vector<GivenAnswer>& options, yaml::Tree& tree, std::vector<Problem>& problems,
                  AnswersDoc& doc) {
  if (options.empty()) return;
  const std::string file = "the options";
  const std::size_t before = problems.size();
  std::string text;
  for (const GivenAnswer& one : options) {
    text += fmt::format("{}: {}\n", one.key, one.key == "owned" ? list_yaml(one.text) : in_quotes(one.text));
  }
  if (!tree.parse(text, file, problems)) return;
  const Environment environment = no_variables;
  config::Reading reading(file, environment, problems);
  OptionsDoc over;
  config::Reader::read(reading, tree.root(), over);
  // They stand in no line of the file.
  for (std::size_t i = before; i < problems.size(); ++i) problems[i].line = problems[i].column = 0;
  for (Text* one : {&over.cloud_model, &over.local_model, &over.quantisation}) one->at = nullptr;
  for (Text& one : over.owned) one.at = nullptr;
  if (!over.cloud_model.value.empty()) doc.cloud_model = over.cloud_model;
  if (!over.local_model.value.empty()) {
    doc.local_model = over.local_model;
    doc.quantisation = {};  // that of another model
  }
  if (!over.quantisation.value.empty()) doc.quantisation = over.quantisation;
  if (!over.owned.empty()) doc.owned = over.owned;
  if (over.cached_share) doc.cached_share = over.cached_share;
  if (over.staff) doc.staff = over.staff;
  if (over.infrastructure) doc.infrastructure = over.infrastructure;
  if (over.per_kwh) doc.per_kwh = over.per_kwh;
}

}  // namespace

AnswersRead read_answers(std::string_view text, const std::string& file, const std::optional<Workload>& measured,
                         const std::vector<GivenAnswer>& options) {
  AnswersRead read;
  yaml::Tree tree;
  if (!tree.parse(text, file, read.problems)) return read;
  const Environment environment = no_variables;
  config::Reading reading(file, environment, read.problems);
  if (tree.root().kind != yaml::Node::Kind::map) {
    reading.error(&tree.root(), "answers are a map, and this is " + std::string(yaml::kind_name(tree.root())),
                  "begin with requests_per_month: 20000; `weir examples` has whole files");
    return read;
  }
  AnswersDoc doc{.measured = measured.has_value()};
  config::Reader::read(reading, tree.root(), doc);
  yaml::Tree option_tree;  // outlives what `doc` takes out of it
  take_options(options, option_tree, read.problems, doc);
  Answers answers = AnswersMaker(reading, doc).make(measured);
  std::stable_sort(read.problems.begin(), read.problems.end(), [](const Problem& a, const Problem& b) {
    return a.line != b.line ? a.line < b.line : a.column < b.column;
  });
  if (!has_errors(read.problems)) read.answers = std::move(answers);
  return read;
}

std::optional<Question> next_question(const std::vector<GivenAnswer>& given, const std::optional<Workload>& measured) {
  for (Question& question : all_questions()) {
    if (answer_to(given, question.key) != nullptr || (measured && is_measured(question.key))) continue;
    if (question.key == "sensitive_share") {
      const std::string* kinds = answer_to(given, "sensitive");
      if (kinds == nullptr || kinds->find("none") != std::string::npos) continue;
      question.fallback = {};
    }
    return std::move(question);
  }
  return std::nullopt;
}

std::optional<Problem> check_answer(const GivenAnswer& answer) {
  if (answer.text.empty()) return std::nullopt;  // what that means, the question says
  const AnswersRead read = read_answers(answers_text({answer}), "");
  for (const Problem& problem : read.problems) {
    // The other keys are missing, which is no fault of this one.
    if (problem.message.find("is missing") == std::string::npos) return problem;
  }
  return std::nullopt;
}

std::string answers_text(const std::vector<GivenAnswer>& given) {
  std::string out;
  const std::vector<Question> questions = all_questions();
  for (const GivenAnswer& answer : given) {
    const auto question =
        std::find_if(questions.begin(), questions.end(), [&](const Question& one) { return one.key == answer.key; });
    if (question == questions.end() || answer.text.empty()) continue;
    out += fmt::format("{}: {}\n", answer.key, as_yaml(answer, *question));
  }
  return out;
}

}  // namespace weir::plan
