// Builder: a Document that was read → a Snapshot, with references resolved and values checked. Internal to config/;
// used once by one thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/document.h"
#include "config/load.h"
#include "config/reader.h"
#include "core/objective.h"
#include "formats/presets.h"

namespace weir::config {

class Builder {
 public:
  Builder(const Document& document, Reading& reading, const Surroundings& surroundings)
      : document_(document), reading_(reading), surroundings_(surroundings) {}

  Snapshot build();

 private:
  // build_server.cpp
  void server();
  void metrics(const MetricsDoc& doc, ServerSettings& out);
  void guards();
  void exception(const ExceptionDoc& doc);
  void word_file(const Text& file, WordList& list);
  [[nodiscard]] std::string beside_config(const std::string& path) const;
  std::string readable_file(const Text& path, std::string_view key);
  // build_identity.cpp
  void identity();
  // build_providers.cpp
  void provider(const ProviderDoc& doc);
  void provider_url(const ProviderDoc& doc, const Preset* preset, ProviderSettings& out);
  void provider_zone(const ProviderDoc& doc, const Preset* preset, ProviderSettings& out);
  void provider_key(const ProviderDoc& doc, const Preset* preset, ProviderSettings& out);
  void unit_price(const ModelDoc& doc, ModelSettings& out);
  void provider_service_account(const ProviderDoc& doc, ProviderSettings& out);
  void provider_headers(const ProviderDoc& doc, ProviderSettings& out);
  // build_credentials.cpp
  void check_credential(const Text& key, const Preset* preset, std::string_view name);
  void provider_keys(const ProviderDoc& doc, const Preset* preset, ProviderSettings& out);
  // build_parameters.cpp
  ParameterRules parameters(const ParametersDoc& doc);
  std::vector<std::string> field_path(std::string_view written, const yaml::Node* at);
  std::string json_of(const yaml::Node& node, std::string_view key);
  void clamps(const yaml::Node& map, ParameterRules& out);
  void given_values(const yaml::Node& map, ParameterRule::Act act, ParameterRules& out);
  // build_connections.cpp
  std::string file_text(const Text& path, std::string_view key);
  void provider_tls(const ProviderDoc& doc, ProviderSettings& out);
  void provider_proxy(const ProviderDoc& doc, ProviderSettings& out);
  // build_models.cpp
  void model(const ModelDoc& doc);
  [[nodiscard]] Text model_id(const ModelDoc& doc) const;
  bool claim_model(const ModelDoc& doc, const Text& id);
  void model_aliases(const ModelDoc& doc, ModelSettings& out);
  void model_prices(const ModelDoc& doc, ModelSettings& out);
  void model_services(const ModelDoc& doc, ModelSettings& out);
  void model_zone(const ModelDoc& doc, ModelSettings& out);
  // build_workflow.cpp
  std::shared_ptr<const std::string> workflow(const Text& file, std::string_view adapter);
  void model_workflow(const ModelDoc& doc, ModelSettings& out);
  // build_providers.cpp
  void discovery();
  // build_load.cpp
  void cache(const RouteDoc& doc, RouteSettings& out);
  void hedge(const RouteDoc& doc, RouteSettings& out);
  std::optional<double> budget_left(const Text& text);
  // build_routes.cpp
  void route(const RouteDoc& doc);
  Rule rule(const RuleDoc& doc);
  When when(const WhenDoc& doc);
  ClassSet class_of(const Text& text);
  std::vector<Zone> zones_of(const Texts& texts);
  std::optional<Zone> zone_of_text(const Text& text);
  std::optional<uint32_t> model_of(const Text& text, std::string_view key);
  std::optional<uint32_t> discovered_later(std::string_view path);
  std::optional<uint32_t> by_wildcard(std::string_view name);
  // build_escalation.cpp
  std::shared_ptr<const Escalation> escalation(const RuleDoc& rule);
  std::shared_ptr<const LessonRules> lessons(const RouteDoc& route);
  // build_routes.cpp
  // build_objective.cpp
  void difficulty(const Texts& texts, When& out);
  void model_quality(const ModelDoc& doc, uint32_t model);
  void objective(const RuleDoc& doc, Rule& rule);
  void share(const ShareDoc& doc, const Rule& rule, Objective& out);
  void larger_context(const RouteDoc& doc, RouteSettings& out);
  void warn_of_dead_rules(const RouteDoc& doc, const RouteSettings& route);
  void what_may_leave(const RuleDoc& doc, Rule& out);
  void warn_of_redact_nowhere(const RouteDoc& doc, const RouteSettings& route);
  void warn_of_empty_zones(const RouteDoc& doc, const RouteSettings& route);

  // build_experiments.cpp
  void experiment(const ExperimentDoc& doc);
  void dial(const RouteDoc& doc, RouteSettings& out);

  // Registers a name; reports it when it is no id or was taken before.
  bool claim(std::map<std::string, std::size_t>& taken, const Text& name, std::string_view what);
  [[nodiscard]] std::vector<std::string_view> model_names() const;

  // In model_index_: listed, but of a provider that does not exist.
  static constexpr uint32_t unusable_model = 0xffffffff;

  const Document& document_;
  Reading& reading_;
  const Surroundings& surroundings_;
  Snapshot snapshot_;
  std::map<std::string, std::size_t> provider_lines_;  // id → line
  std::map<std::string, std::size_t> name_lines_;      // of models and routes: callers see one list of names
  std::map<std::string, uint32_t> provider_index_;
  std::map<std::string, uint32_t> model_index_;
  std::map<std::string, std::size_t> experiment_lines_;
  std::map<uint32_t, ModelQuality> qualities_;  // of models that say how good they are
  uint32_t shares_ = 0;                         // rules with `share`, so far
};

}  // namespace weir::config
