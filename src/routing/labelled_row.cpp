#include "routing/labelled_row.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/json.h"

namespace weir::routing {
namespace {

constexpr double highest_score = 100;

tl::unexpected<Error> fault(std::string what) { return failure(ErrorCode::invalid_request, std::move(what)); }

Result<double> one_score(json::Element value, std::string_view key) {
  double number = 0;
  bool flag = false;
  if (value.get(flag) == simdjson::SUCCESS) return flag ? 1.0 : 0.0;
  if (value.get(number) != simdjson::SUCCESS) return fault(fmt::format("`{}` is no number", key));
  if (!(number >= 0 && number <= highest_score)) return fault(fmt::format("`{}` is not within 0 and 100", key));
  return number;
}

Result<double> score_of(json::Element value, std::string_view key) {
  json::Array list;
  if (value.get(list) != simdjson::SUCCESS) return one_score(value, key);
  if (list.size() == 0) return fault(fmt::format("`{}` is an empty list", key));
  double sum = 0;
  for (const auto item : list) {
    Result<double> one = one_score(item, key);
    if (!one) return one;
    sum += *one;
  }
  return sum / static_cast<double>(list.size());
}

// The value under the first of `keys` that is there and not null.
std::optional<json::Element> find(json::Object object, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    json::Element value;
    if (object[key].get(value) == simdjson::SUCCESS && !value.is_null()) return value;
  }
  return std::nullopt;
}

Status read_text(json::Object object, const char* key, std::string& out) {
  const auto value = find(object, {key});
  if (!value) return {};
  std::string_view text;
  if (value->get(text) != simdjson::SUCCESS) return fault(fmt::format("`{}` is no text", key));
  out = text;
  return {};
}

Status read_prompt(json::Object object, std::string& out) {
  if (auto read = read_text(object, "prompt", out); !read) return read;
  if (!out.empty()) return {};
  const auto turns = find(object, {"turns"});
  json::Array list;
  if (!turns) return fault("there is no `prompt`, or an empty one");
  if (turns->get(list) != simdjson::SUCCESS) return fault("`turns` is no list");
  for (const auto item : list) {
    std::string_view text;
    if (item.get(text) != simdjson::SUCCESS) return fault("`turns` holds something that is no text");
    if (!out.empty()) out += '\n';
    out += text;
  }
  return out.empty() ? Status(fault("`turns` is empty")) : Status();
}

// `has_scale`: the scores may be of a file's own scale.
Status read_scores(json::Object object, LabelledRow& row, bool& has_scale) {
  const auto weak = find(object, {"weak", "weak_score"});
  const auto strong = find(object, {"strong", "strong_score"});
  if (weak && strong) {
    const Result<double> of_weak = score_of(*weak, "weak");
    if (!of_weak) return failure(of_weak.error());
    const Result<double> of_strong = score_of(*strong, "strong");
    if (!of_strong) return failure(of_strong.error());
    row.scored = true;
    has_scale = true;
    row.weak = *of_weak;
    row.strong = *of_strong;
    return {};
  }
  if (weak || strong) return fault(fmt::format("there is no `{}` beside the other", weak ? "strong" : "weak"));
  const auto label = find(object, {"label"});
  if (!label) {
    return row.task.empty() ? Status(fault("there are neither `weak` and `strong`, nor `label`, nor `task`"))
                            : Status();
  }
  std::string_view said;
  if (label->get(said) != simdjson::SUCCESS || (said != "weak" && said != "strong")) {
    return fault("`label` is neither \"weak\" nor \"strong\"");
  }
  row.scored = true;
  row.weak = said == "weak" ? 1 : 0;
  row.strong = 1;
  return {};
}

Result<LabelledRow> read_row(std::string_view line, json::Document& document, bool& has_scale) {
  if (const Status parsed = document.parse_copy(line); !parsed) return failure(parsed.error());
  json::Object object;
  if (document.root().get(object) != simdjson::SUCCESS) return fault("it is no JSON object");
  LabelledRow row;
  if (auto read = read_prompt(object, row.prompt); !read) return failure(read.error());
  if (auto read = read_text(object, "subject", row.subject); !read) return failure(read.error());
  if (row.subject.empty()) {
    if (auto read = read_text(object, "category", row.subject); !read) return failure(read.error());
  }
  if (auto read = read_text(object, "task", row.task); !read) return failure(read.error());
  if (auto read = read_scores(object, row, has_scale); !read) return failure(read.error());
  return row;
}

void scale(const std::vector<std::size_t>& places, std::vector<LabelledRow>& rows) {
  double highest = 0;
  for (const auto i : places) highest = std::max({highest, rows[i].weak, rows[i].strong});
  if (highest <= 1) return;
  const double by = highest > 10 ? 100 : 10;
  for (const auto i : places) {
    rows[i].weak /= by;
    rows[i].strong /= by;
  }
}

}  // namespace

Status read_labelled_rows(std::string_view text, std::string_view name, std::vector<LabelledRow>& out) {
  json::Document document;
  const std::size_t before = out.size();
  std::vector<std::size_t> with_scale;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    bool has_scale = false;
    Result<LabelledRow> row = read_row(line, document, has_scale);
    if (!row) return fault(fmt::format("{}, line {}: {}", name, number, row.error().message));
    if (has_scale) with_scale.push_back(out.size());
    out.push_back(std::move(*row));
  }
  if (out.size() == before) return fault(fmt::format("{} has no rows", name));
  scale(with_scale, out);
  return {};
}

}  // namespace weir::routing
