#include "config/render.h"

#include <algorithm>

#include <fmt/format.h>

#include "config/values.h"
#include "core/escalation.h"
#include "report/shown_text.h"
#include "report/text_table.h"

namespace weir {
namespace {

using report::Align;
using report::Column;

std::string printable(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) out += (i == 0 ? "" : std::string(separator)) + parts[i];
  return out;
}

std::string zones_text(const std::vector<Zone>& zones) {
  std::vector<std::string> names;
  for (const auto& zone : zones) names.push_back(to_string(zone));
  return names.empty() ? "nowhere" : join(names, " or ");
}

std::string price_text(MicroDollars price, bool known) { return known ? dollars_text(price) : "-"; }

std::string serves_text(const ModelSettings& model) {
  if (model.wildcard && model.chat && model.embeddings) return "what each name says";
  std::vector<std::string> parts;
  if (model.chat) parts.emplace_back("chat");
  if (model.embeddings) parts.emplace_back("embeddings");
  for (const auto operation : all_operations) {
    if (holds(model.also, operation)) parts.emplace_back(service_name(operation));
  }
  if (model.chat && !model.tools) parts.emplace_back("no tools");
  if (model.chat && !model.images) parts.emplace_back("no images");
  return join(parts, ", ");
}

std::string model_id(uint32_t model, const Snapshot& snapshot) { return snapshot.models[model].id; }

void add_when(std::vector<std::string>& parts, std::string_view what, const std::vector<std::string>& values) {
  if (!values.empty()) parts.push_back(fmt::format("{} {}", what, join(values, ", ")));
}

void add_when(std::vector<std::string>& parts, std::string_view what, const std::optional<bool>& value) {
  if (value) parts.push_back(fmt::format("{}{}", *value ? "" : "no ", what));
}

std::string when_text(const When& when, const Snapshot& snapshot) {
  std::vector<std::string> parts;
  if (when.sensitive_any) {
    parts.emplace_back("any sensitive class");
  } else if (when.sensitive != 0) {
    parts.push_back("sensitive " + snapshot.classes.join(when.sensitive));
  }
  if (when.confidence != Confidence::low) parts.push_back(fmt::format("{} confidence", to_text(when.confidence)));
  add_when(parts, "caller", when.callers);
  add_when(parts, "tags", when.tags);
  add_when(parts, "asked for", when.models);
  add_when(parts, "operation", when.operations);
  if (when.tokens_above) parts.push_back(fmt::format("over {} tokens", *when.tokens_above));
  if (when.tokens_below) parts.push_back(fmt::format("under {} tokens", *when.tokens_below));
  add_when(parts, "task", when.tasks);
  if (when.difficulty_above) parts.push_back(fmt::format("difficulty over {:.3g}", *when.difficulty_above));
  if (when.difficulty_below) parts.push_back(fmt::format("difficulty under {:.3g}", *when.difficulty_below));
  add_when(parts, "tools", when.has_tools);
  add_when(parts, "images", when.has_images);
  add_when(parts, "files", when.has_files);
  add_when(parts, "audio", when.has_audio);
  add_when(parts, "stream", when.stream);
  return parts.empty() ? "always" : "when " + join(parts, " and ");
}

std::string rule_text(const Rule& rule, const Snapshot& snapshot) {
  std::vector<std::string> parts;
  if (!rule.zones.empty()) parts.push_back("only " + zones_text(rule.zones));
  if (!rule.use.empty()) {
    std::vector<std::string> ids;
    for (const auto model : rule.use) ids.push_back(model_id(model, snapshot));
    parts.push_back("use " + join(ids, ", "));
  }
  return printable(when_text(rule.when, snapshot) + ": " + join(parts, "; "));
}

// `Label     text`, with what follows of a long text under its beginning.
void add_labelled(std::string& out, std::string_view label, std::string_view text, std::size_t width) {
  constexpr std::size_t indent = 10;
  for (const std::string& line : report::wrapped(report::shown(text), std::max(width, 2 * indent) - indent)) {
    out += fmt::format("{:<{}}{}\n", label, indent, line);
    label = {};
  }
}

}  // namespace

std::string render_models(const Snapshot& snapshot, std::size_t width) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& model : snapshot.models) {
    const auto& provider = snapshot.providers[model.provider];
    rows.push_back({model.id, provider.id, to_string(zone_of(model, snapshot)),
                    model.context_length > 0 ? std::to_string(model.context_length) : "-",
                    price_text(model.prices.input, model.prices.known),
                    price_text(model.prices.output, model.prices.known), serves_text(model)});
  }
  auto text = report::text_table(
      std::array{Column{"Model"}, Column{"Provider"}, Column{"Zone"}, Column{"Context", Align::right},
                 Column{"$ in/1M", Align::right}, Column{"$ out/1M", Align::right}, Column{"Serves"}},
      rows, width);
  std::vector<std::string> aliases;
  for (const auto& model : snapshot.models) {
    for (const auto& alias : model.aliases) aliases.push_back(alias + " is " + model.id);
  }
  if (!aliases.empty()) {
    for (const auto& line : report::wrapped(report::shown("Aliases: " + join(aliases, ", ")), width))
      text += line + '\n';
  }
  std::string by_rule;
  for (const auto& model : snapshot.models) {
    if (model.price_by_rule) by_rule += (by_rule.empty() ? "" : ", ") + model.id;
  }
  if (by_rule.empty()) return text;
  const auto note = "Priced by a rule for names like theirs, because the catalog does not list them: " + by_rule +
                    ". Give them `prices` to be sure.";
  for (const auto& line : report::wrapped(report::shown(note), width)) text += line + '\n';
  return text;
}

std::string render_choice(const Snapshot& snapshot) {
  std::string out;
  for (const auto& provider : snapshot.providers) {
    if (provider.credentials.empty()) continue;
    std::vector<std::string> weights;
    for (const auto& one : provider.credentials) weights.push_back(std::to_string(one.weight));
    out += fmt::format("{} has {} keys, of weight {}\n", provider.id, weights.size(), join(weights, ", "));
  }
  for (const auto index : snapshot.wildcards) {
    const auto& model = snapshot.models[index];
    out += fmt::format("{} stands for every model of that pattern, at {} as {}\n", model.id,
                       snapshot.providers[model.provider].id, model.name);
  }
  for (const auto& model : snapshot.models) {
    if (!model.aliases.empty()) out += fmt::format("{} is also called {}\n", model.id, join(model.aliases, ", "));
  }
  return out;
}

std::string render_routes(const Snapshot& snapshot, std::size_t width) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& route : snapshot.routes) {
    rows.push_back({route.name, std::to_string(route.rules.size()),
                    route.baseline ? model_id(*route.baseline, snapshot) : "-", route.description});
  }
  return report::text_table(
      std::array{Column{"Route"}, Column{"Rules", Align::right}, Column{"Baseline"}, Column{"Description"}}, rows,
      width);
}

std::string render_rules(const RouteSettings& route, const Snapshot& snapshot) {
  std::string out;
  for (std::size_t i = 0; i < route.rules.size(); ++i) {
    const Rule& rule = route.rules[i];
    const auto place = rule.line > 0 ? fmt::format("line {}", rule.line) : std::string();
    out += fmt::format("{:>3}  {:<9}  {}\n", i + 1, place, rule_text(rule, snapshot));
  }
  return out;
}

std::string render_plan(const Plan& plan, const Snapshot& snapshot, std::size_t width) {
  std::string out;
  if (plan.route) {
    const auto& route = snapshot.routes[*plan.route];
    add_labelled(out, "Route", route.name, width);
    for (const auto index : plan.matched_rules) {
      const auto& rule = route.rules[static_cast<std::size_t>(index)];
      const auto place = rule.line > 0 ? fmt::format(" (line {})", rule.line) : std::string();
      // A rule with `use` below the one that counted holds too, but gives nothing.
      const bool unused = rule.zones.empty() && index != plan.use_rule;
      add_labelled(out, fmt::format("Rule {}", index + 1),
                   fmt::format("holds{}: {}{}", place, rule_text(rule, snapshot),
                               unused ? " (an earlier rule names the models)" : ""),
                   width);
    }
  } else {
    add_labelled(out, "Route", "none: a model was named directly", width);
  }
  const auto classes = snapshot.classes.join(plan.classes);
  add_labelled(out, "Contains", classes.empty() ? std::string("nothing sensitive") : classes, width);
  if (plan.unreadable != 0) add_labelled(out, "Unread", join_names(plan.unreadable), width);
  add_labelled(out, "Zones", plan.narrowed_by.empty() ? std::string("any") : zones_text(plan.zones), width);
  if (plan.escalate) add_labelled(out, "Escalate", describe(*plan.escalate), width);
  std::vector<std::vector<std::string>> rows;
  std::size_t place = 0;
  for (const auto& candidate : plan.candidates) {
    const bool kept = is_kept(candidate.verdict);
    rows.push_back({kept ? std::to_string(++place) : "-", model_id(candidate.model, snapshot),
                    to_string(zone_of(candidate, snapshot)),
                    kept                                     ? "kept"
                    : candidate.verdict == Verdict::reserved ? "in reserve"
                                                             : "dropped",
                    describe(candidate, plan, snapshot)});
  }
  if (!rows.empty())
    out += "\n" + report::text_table(
                      std::array{Column{"#", Align::right}, Column{"Model"}, Column{"Zone"}, Column{""}, Column{"Why"}},
                      rows, width);
  if (plan.kept() == 0) {
    out += '\n';
    add_labelled(out, "Refused", plan.refusal.message, width);
  }
  return out;
}

}  // namespace weir
