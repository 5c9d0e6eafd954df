#include "config/render.h"

#include <algorithm>

#include <fmt/format.h>

#include "config/values.h"

namespace weir {
namespace {

constexpr std::size_t widest = 48;

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
  std::vector<std::string> parts;
  if (model.chat) parts.emplace_back("chat");
  if (model.embeddings) parts.emplace_back("embeddings");
  if (model.chat && !model.tools) parts.emplace_back("no tools");
  if (model.chat && !model.images) parts.emplace_back("no images");
  return join(parts, ", ");
}

std::string model_id(uint32_t model, const Snapshot& snapshot) { return snapshot.models[model].id; }

const ProviderSettings& provider_of(uint32_t model, const Snapshot& snapshot) {
  return snapshot.providers[snapshot.models[model].provider];
}

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
  add_when(parts, "caller", when.callers);
  add_when(parts, "tags", when.tags);
  add_when(parts, "asked for", when.models);
  add_when(parts, "operation", when.operations);
  if (when.tokens_above) parts.push_back(fmt::format("over {} tokens", *when.tokens_above));
  if (when.tokens_below) parts.push_back(fmt::format("under {} tokens", *when.tokens_below));
  add_when(parts, "tools", when.has_tools);
  add_when(parts, "images", when.has_images);
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

}  // namespace

std::string render_table(const std::vector<std::string_view>& headings,
                         const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::vector<std::string>> lines;
  std::vector<std::size_t> widths(headings.size());
  std::vector<bool> right(headings.size());
  lines.emplace_back();
  for (std::size_t i = 0; i < headings.size(); ++i) {
    right[i] = headings[i].starts_with('>');
    lines[0].emplace_back(headings[i].substr(right[i] ? 1 : 0));
  }
  for (const auto& row : rows) {
    auto& line = lines.emplace_back();
    for (std::size_t i = 0; i < headings.size(); ++i) line.push_back(i < row.size() ? printable(row[i]) : "");
  }
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::min(widest, std::max(widths[i], line[i].size()));
  }
  std::string out;
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (i > 0) text += "  ";
      text += right[i] ? fmt::format("{:>{}}", line[i], widths[i]) : fmt::format("{:<{}}", line[i], widths[i]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  return out;
}

std::string render_models(const Snapshot& snapshot) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& model : snapshot.models) {
    const auto& provider = snapshot.providers[model.provider];
    rows.push_back({model.id, provider.id, to_string(provider.zone),
                    model.context_length > 0 ? std::to_string(model.context_length) : "-",
                    price_text(model.prices.input, model.prices.known),
                    price_text(model.prices.output, model.prices.known), serves_text(model)});
  }
  return render_table({"MODEL", "PROVIDER", "ZONE", ">CONTEXT", ">$IN/1M", ">$OUT/1M", "SERVES"}, rows);
}

std::string render_routes(const Snapshot& snapshot) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& route : snapshot.routes) {
    rows.push_back({route.name, std::to_string(route.rules.size()),
                    route.baseline ? model_id(*route.baseline, snapshot) : "-", route.description});
  }
  return render_table({"ROUTE", ">RULES", "BASELINE", "DESCRIPTION"}, rows);
}

std::string render_providers(const Snapshot& snapshot) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < snapshot.providers.size(); ++i) {
    const auto& provider = snapshot.providers[i];
    const auto models = std::count_if(snapshot.models.begin(), snapshot.models.end(),
                                      [&](const ModelSettings& model) { return model.provider == i; });
    rows.push_back(
        {provider.id, provider.kind, to_string(provider.zone), to_string(provider.url), std::to_string(models)});
  }
  return render_table({"PROVIDER", "KIND", "ZONE", "ADDRESS", ">MODELS"}, rows);
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

std::string render_plan(const Plan& plan, const Snapshot& snapshot) {
  std::string out;
  if (plan.route) {
    const auto& route = snapshot.routes[*plan.route];
    out += "route     " + printable(route.name) + "\n";
    for (const auto index : plan.matched_rules) {
      const auto& rule = route.rules[static_cast<std::size_t>(index)];
      const auto place = rule.line > 0 ? fmt::format(" (line {})", rule.line) : std::string();
      // A rule with `use` below the one that counted holds too, but gives nothing.
      const bool unused = rule.zones.empty() && index != plan.use_rule;
      out += fmt::format("rule {}    holds{}: {}{}\n", index + 1, place, rule_text(rule, snapshot),
                         unused ? " (an earlier rule names the models)" : "");
    }
  } else {
    out += "route     none: a model was named directly\n";
  }
  const auto classes = snapshot.classes.join(plan.classes);
  out += "contains  " + (classes.empty() ? std::string("nothing sensitive") : printable(classes)) + "\n";
  out += "zones     " + (plan.narrowed_by.empty() ? std::string("any") : printable(zones_text(plan.zones))) + "\n";
  std::vector<std::vector<std::string>> rows;
  std::size_t place = 0;
  for (const auto& candidate : plan.candidates) {
    const bool kept = is_kept(candidate.verdict);
    rows.push_back({kept ? std::to_string(++place) : "-", model_id(candidate.model, snapshot),
                    to_string(provider_of(candidate.model, snapshot).zone), kept ? "kept" : "dropped",
                    describe(candidate, plan, snapshot)});
  }
  if (!rows.empty()) out += "\n" + render_table({">#", "MODEL", "ZONE", "", "WHY"}, rows);
  if (plan.kept() == 0) out += "\nrefused: " + printable(plan.refusal.message) + "\n";
  return out;
}

}  // namespace weir
