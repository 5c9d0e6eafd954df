#include "formats/comfyui/workflow.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/json.h"
#include "core/nearest.h"
#include "formats/shared/translation.h"

namespace weir::comfyui {
namespace {

constexpr std::size_t deepest = 64;
constexpr int64_t usual_side = 1024;
constexpr int64_t usual_steps = 20;
constexpr double usual_cfg = 7;
constexpr double usual_strength = 0.75;
constexpr std::array<std::string_view, 14> names = {"prompt",   "negative_prompt", "width", "height",    "seed",
                                                    "n",        "batch",           "steps", "cfg_scale", "sampler",
                                                    "strength", "model",           "image", "mask"};

struct Placeholder {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view name;
  std::optional<std::string_view> otherwise;
};

std::string_view without_blanks(std::string_view text) {
  const auto begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

// The first one at or behind `from`.
std::optional<Placeholder> next_placeholder(std::string_view text, std::size_t from) {
  const auto begin = text.find("{{", from);
  const auto end = begin == std::string_view::npos ? begin : text.find("}}", begin);
  if (end == std::string_view::npos) return std::nullopt;
  Placeholder found{.begin = begin, .end = end + 2};
  const auto inner = text.substr(begin + 2, end - begin - 2);
  const auto bar = inner.find('|');
  found.name = without_blanks(inner.substr(0, bar));
  if (bar != std::string_view::npos) found.otherwise = without_blanks(inner.substr(bar + 1));
  return found;
}

// Calls `visit` with each text of the graph that is a value.
template <typename Visit>
void each_text(const json::Element& element, std::size_t depth, const Visit& visit) {
  std::string_view text;
  json::Object object;
  json::Array array;
  if (element.get(text) == simdjson::SUCCESS) {
    visit(text);
  } else if (depth < deepest && element.get(object) == simdjson::SUCCESS) {
    for (const auto member : object) each_text(member.value, depth + 1, visit);
  } else if (depth < deepest && element.get(array) == simdjson::SUCCESS) {
    for (const auto one : array) each_text(one, depth + 1, visit);
  }
}

std::vector<std::string> placeholders_of(const json::Element& root) {
  std::vector<std::string> found;
  each_text(root, 0, [&](std::string_view text) {
    for (auto at = next_placeholder(text, 0); at; at = next_placeholder(text, at->end)) found.emplace_back(at->name);
  });
  return found;
}

bool holds(const std::vector<std::string>& found, std::string_view name) {
  return std::find(found.begin(), found.end(), name) != found.end();
}

std::optional<WorkflowFault> check_nodes(const json::Object& graph) {
  if (graph["nodes"].error() == simdjson::SUCCESS && graph["links"].error() == simdjson::SUCCESS) {
    return WorkflowFault{"it is a workflow as the editor saves it, not in API format",
                         "export it with `Export (API)` from ComfyUI's menu"};
  }
  std::size_t count = 0;
  for (const auto member : graph) {
    json::Object node;
    const bool good = member.value.get(node) == simdjson::SUCCESS && !json::string_or(node, "class_type").empty();
    if (!good) {
      return WorkflowFault{fmt::format("its node `{}` has no `class_type`", member.key.substr(0, 40)),
                           "export it with `Export (API)` from ComfyUI's menu"};
    }
    ++count;
  }
  if (count == 0) return WorkflowFault{"it has no nodes", "export it with `Export (API)` from ComfyUI's menu"};
  return std::nullopt;
}

class Filler {
 public:
  Filler(const PictureRequest& asked, const Filling& filling, std::string& out)
      : asked_(asked), filling_(filling), writer_(out) {}

  void element(const json::Element& value, std::size_t depth) {
    std::string_view text;
    json::Object object;
    json::Array array;
    if (value.get(text) == simdjson::SUCCESS) {
      write_text(text);
    } else if (depth < deepest && value.get(object) == simdjson::SUCCESS) {
      writer_.begin_object();
      for (const auto member : object) {
        writer_.key(member.key);
        element(member.value, depth + 1);
      }
      writer_.end_object();
    } else if (depth < deepest && value.get(array) == simdjson::SUCCESS) {
      writer_.begin_array();
      for (const auto one : array) element(one, depth + 1);
      writer_.end_array();
    } else {
      writer_.value(value);
    }
  }

 private:
  void write_text(std::string_view text) {
    const auto first = next_placeholder(text, 0);
    if (!first) {
      writer_.value(text);
      return;
    }
    const bool whole = first->begin == 0 && first->end == text.size();
    if (whole && is_number(first->name)) {
      writer_.raw(value_of(*first));
      return;
    }
    std::string filled;
    std::size_t at = 0;
    for (auto found = first; found; found = next_placeholder(text, at)) {
      filled.append(text.substr(at, found->begin - at)).append(value_of(*found));
      at = found->end;
    }
    filled.append(text.substr(at));
    writer_.value(filled);
  }

  static bool is_number(std::string_view name) {
    constexpr std::array<std::string_view, 8> numbers = {"width", "height", "seed",      "n",
                                                         "batch", "steps",  "cfg_scale", "strength"};
    return std::find(numbers.begin(), numbers.end(), name) != numbers.end();
  }

  // As text; of a number as JSON.
  [[nodiscard]] std::string value_of(const Placeholder& place) const {
    const auto number = [&](const auto& said, auto usual) {
      if (said) return fmt::format("{}", *said);
      return place.otherwise ? as_number(*place.otherwise, usual) : fmt::format("{}", usual);
    };
    const auto words = [&](std::string_view said) {
      return std::string(said.empty() ? place.otherwise.value_or("") : said);
    };
    if (place.name == "prompt") return words(asked_.prompt);
    if (place.name == "negative_prompt") return words(asked_.negative_prompt);
    if (place.name == "sampler") return words(asked_.sampler.empty() && !place.otherwise ? "euler" : asked_.sampler);
    if (place.name == "model") return words(filling_.model);
    if (place.name == "image") return words(filling_.image);
    if (place.name == "mask") return words(filling_.mask);
    if (place.name == "width") return number(asked_.width, usual_side);
    if (place.name == "height") return number(asked_.height, usual_side);
    if (place.name == "steps") return number(asked_.steps, usual_steps);
    if (place.name == "cfg_scale") return number(asked_.cfg_scale, usual_cfg);
    if (place.name == "strength") return number(asked_.strength, usual_strength);
    // Without one of the caller's always another: the server answers a repeated graph with nothing.
    if (place.name == "seed") return fmt::format("{}", asked_.seed.value_or(filling_.seed));
    return fmt::format("{}", asked_.n);
  }

  template <typename T>
  static std::string as_number(std::string_view text, T usual) {
    T number{};
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool good =
        read.ec == std::errc() && read.ptr == text.data() + text.size() && std::isfinite(static_cast<double>(number));
    return fmt::format("{}", good ? number : usual);
  }

  const PictureRequest& asked_;
  const Filling& filling_;
  json::Writer writer_;
};

// A field of the request, and the placeholders that are a place for it.
struct Need {
  bool asked;
  std::string_view field;
  std::array<std::string_view, 2> places;
};

Status check_places(const std::vector<std::string>& found, const PictureRequest& asked) {
  const std::array needs = {
      Need{!asked.negative_prompt.empty(), "negative_prompt", {"negative_prompt", "negative_prompt"}},
      Need{asked.width.has_value(), "size", {"width", "height"}},
      Need{asked.seed.has_value(), "seed", {"seed", "seed"}},
      Need{asked.n > 1, "n", {"n", "batch"}},
      Need{asked.steps.has_value(), "steps", {"steps", "steps"}},
      Need{asked.cfg_scale.has_value(), "cfg_scale", {"cfg_scale", "cfg_scale"}},
      Need{!asked.sampler.empty(), "sampler", {"sampler", "sampler"}},
      Need{asked.strength.has_value(), "strength", {"strength", "strength"}},
      Need{!asked.images.empty(), "image", {"image", "image"}},
      Need{asked.mask.has_value(), "mask", {"mask", "mask"}},
  };
  for (const auto& need : needs) {
    if (!need.asked || holds(found, need.places[0]) || holds(found, need.places[1])) continue;
    return failure(
        unsupported(fmt::format("The workflow of this model has no place for it: no {{{{{}}}}}.", need.places[0]),
                    std::string(need.field)));
  }
  if (asked.images.size() > 1) return failure(unsupported("A workflow changes one picture.", "image"));
  if (asked.images.empty() && holds(found, "image"))
    return failure(unsupported("The workflow of this model changes a picture: ask at /v1/images/edits.", "image"));
  if (!asked.mask && holds(found, "mask"))
    return failure(unsupported("The workflow of this model wants a mask.", "mask"));
  return {};
}

}  // namespace

std::optional<WorkflowFault> check_workflow(std::string_view text) {
  json::Document document;
  if (const auto parsed = document.parse_copy(text); !parsed)
    return WorkflowFault{"it is no JSON: " + parsed.error().message,
                         "export it with `Export (API)` from ComfyUI's menu"};
  json::Object graph;
  if (document.root().get(graph) != simdjson::SUCCESS)
    return WorkflowFault{"it is no JSON object", "export it with `Export (API)` from ComfyUI's menu"};
  const auto nodes = check_nodes(graph);
  if (nodes) return *nodes;
  const auto found = placeholders_of(document.root());
  for (const auto& one : found) {
    if (std::find(names.begin(), names.end(), one) != names.end()) continue;
    const auto near = nearest(one, std::vector<std::string_view>(names.begin(), names.end()));
    return WorkflowFault{fmt::format("nothing is called {{{{{}}}}}", one),
                         near.empty() ? fmt::format("one of {}", fmt::join(names, ", "))
                                      : fmt::format("did you mean {{{{{}}}}}?", near)};
  }
  if (!holds(found, "prompt"))
    return WorkflowFault{"it has no {{prompt}}", "write {{prompt}} where the text of the node for the prompt stands"};
  return std::nullopt;
}

Status has_place_for(std::string_view workflow, const PictureRequest& asked) {
  json::Document document;
  if (auto parsed = document.parse_copy(workflow); !parsed) return failure(std::move(parsed.error()));
  return check_places(placeholders_of(document.root()), asked);
}

Result<std::string> fill_workflow(std::string_view workflow, const PictureRequest& asked, const Filling& filling) {
  json::Document document;
  if (auto parsed = document.parse_copy(workflow); !parsed) return failure(std::move(parsed.error()));
  if (auto good = check_places(placeholders_of(document.root()), asked); !good) return failure(std::move(good.error()));
  std::string out;
  out.reserve(workflow.size() + asked.prompt.size());
  Filler(asked, filling, out).element(document.root(), 0);
  return out;
}

}  // namespace weir::comfyui
