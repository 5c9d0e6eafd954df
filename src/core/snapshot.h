// Snapshot: everything the config says, resolved and checked, as one immutable value that is swapped whole on reload.
// Made by `config/`; read by every stage. Indices (provider, model, route) are positions in the vectors of the same
// Snapshot and mean nothing in another; ids are stable across reloads. Safe to read from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/connection_settings.h"
#include "core/http.h"
#include "core/operation.h"
#include "core/parameter_rules.h"
#include "core/sensitivity.h"
#include "core/token_maker.h"
#include "core/unreadable.h"
#include "core/usage.h"
#include "core/zone.h"

namespace weir {

// Looks names up by string_view without making a string of them.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
};
using NameIndex = std::unordered_map<std::string, uint32_t, NameHash, std::equal_to<>>;

// Wire-format deviations of a provider that otherwise speaks its adapter's format.
struct Quirks {
  bool no_stream_options = false;         // rejects `stream_options`
  bool no_max_completion_tokens = false;  // knows only `max_tokens`
  bool no_developer_role = false;         // knows only `system`
  bool accepts_prefill = false;           // continues a trailing assistant message
  bool prefill_flags = false;             // ... only with `continue_final_message` (vLLM)
  bool prefill_prefix = false;            // ... only with `prefix: true` in that message (Mistral)
  bool no_max_tokens = false;             // wants `max_completion_tokens` instead of `max_tokens`
  bool no_v1_path = false;                // paths hang at the root: `/chat/completions`
  bool api_key_header = false;            // the credential goes into `api-key`, not into `Authorization`
  bool vertex_ai = false;        // Gemini on Vertex AI: the credential is an OAuth token; one text an embedding
  bool rerank_texts = false;     // reranks `texts` and not `documents` (Text Embeddings Inference)
  bool takes_top_k = false;      // knows `top_k` beside OpenAI's fields (local servers)
  bool bearer_key = false;       // the credential goes into `Authorization` (Anthropic's format: `x-api-key`)
  bool anthropic_2026 = false;   // Anthropic's API version 2026-10-21: a bearer key, no sampling settings
  bool short_call_ids = false;   // ids of tool calls are 9 letters and digits (Mistral)
  bool mistral_fields = false;   // fields as in Mistral's API, and no others
  bool together_fields = false;  // stop as a list, logprobs as a number … (Together)
  bool groq_fields = false;      // no logprobs, one answer, no names of speakers (Groq)
  bool tgi_fields = false;       // response_format as TGI has it
  bool azure_paths = false;      // /openai/v1, or /openai/deployments/NAME where an api-version is said
  bool operator==(const Quirks&) const = default;
};

// All in milliseconds; 0 = not said: core/timeout_rules.h then says how long, by zone, form of answer and turn.
struct Timeouts {
  int64_t connect = 2'000;
  int64_t first_byte = 0;   // from the request sent to the response head
  int64_t first_token = 0;  // from the request sent to the first content of a stream
  int64_t idle = 0;         // between two reads of a body or stream
  int64_t total = 600'000;  // one attempt
  bool operator==(const Timeouts&) const = default;
};

// One of several keys of a provider; requests are spread over them by weight.
struct Credential {
  std::string key;  // never logged
  int64_t weight = 1;
  bool operator==(const Credential&) const = default;
};

struct ProviderSettings {
  std::string id;
  std::string kind;     // as written in the config: `vllm`, `openai`, …: a row of the presets table
  std::string adapter;  // the entry of providers.def that speaks for it: `openai`, `ollama`, `sandbox`
  Url url;
  std::string query;                                         // that goes with every path: `api-version=…`; no `?`
  std::string api_key;                                       // resolved; never logged
  std::shared_ptr<const TokenMaker> tokens;                  // in place of api_key; null as a rule
  std::vector<Credential> credentials;                       // all, where there are several; `api_key` is the first
  std::vector<std::pair<std::string, std::string>> headers;  // extra ones to send
  Zone zone;
  bool zone_said = false;  // in the config: no assumption of ours
  Quirks quirks;
  Timeouts timeouts;
  int64_t slots = 0;        // concurrent requests; 0 = no limit
  int64_t queue_limit = 0;  // waiting requests at most; 0 = by expected wait and memory (core/slot_rules.h)
  int64_t queue_ms = -1;    // longest wait for a slot; -1 = not said (core/slot_rules.h)
  int64_t retries = 1;      // of the same candidate, where it can help
  MicroDollars cost_per_hour = 0;
  bool health_check = false;                                    // ask actively (local servers)
  std::string health_path;                                      // "" = the adapter's model list
  SharedTlsSettings tls;                                        // null: nothing is said of it
  OperationSet format_serves = static_cast<OperationSet>(~0U);  // what its wire format has
  std::string client_key;  // the file of our own key, for those who ask who may read it
  std::optional<Proxy> proxy;
  std::shared_ptr<const std::string> workflow;  // JSON of a template for its models (ComfyUI); null = none
  ParameterRules parameters;
  bool discover = false;  // ask it for its models and add those that the config does not list
  std::size_t line = 0;   // of the config file
};

struct ModelSettings {
  std::string id;
  uint32_t provider = 0;
  std::string name;          // as the provider knows it
  std::optional<Zone> zone;  // where it is not its provider's: a server of ours that passes on to somebody else's
  Prices prices;
  std::string prices_as_of;    // date of the catalog entry; "" when from the config
  bool price_by_rule = false;  // the catalog does not list this name: a rule for names like it gave the price
  int64_t context_length = 0;  // 0 = unknown
  int64_t max_output = 0;      // 0 = unknown
  bool chat = true;
  bool embeddings = false;
  bool tools = true;
  bool images = true;                           // false only where it is known not to
  bool deprecated = false;                      // by its provider: never chosen by default
  std::shared_ptr<const std::string> workflow;  // in place of its provider's; null = that one
  OperationSet also = 0;                        // that it serves beside chat and embeddings
  bool wildcard = false;  // stands for many (core/wildcard.h): a `*` in id and name, which nobody may ask for
  std::vector<std::string> aliases;  // further names for callers
  ParameterRules parameters;         // after the provider's

  // All that it serves, if its provider's format has it.
  [[nodiscard]] OperationSet serves() const;
};

// Values that one part of the house makes and another reads; whoever only carries a Snapshot need not know them.
struct Escalation;          // core/escalation.h
struct Objective;           // core/objective.h
struct CacheRules;          // core/cache_rules.h
struct HedgeRules;          // core/hedge_rules.h
struct LessonRules;         // core/lesson_rules.h
struct DialSettings;        // core/dial_settings.h
struct ExperimentSettings;  // core/experiment_settings.h

// A rule's condition. All that are set must hold; an empty condition always does.
struct When {
  ClassSet sensitive = 0;                   // any of these classes is in the request
  bool sensitive_any = false;               // `sensitive: any`: any class at all
  Confidence confidence = Confidence::low;  // that the guards have at least, of one of these classes
  std::vector<std::string> callers;         // key names; any of them
  std::vector<std::string> tags;            // all of them
  std::vector<std::string> models;          // requested model or route name; any of them
  std::optional<int64_t> tokens_above;      // estimated input tokens
  std::optional<int64_t> tokens_below;
  std::optional<bool> has_tools;
  std::optional<bool> has_images;
  std::optional<bool> has_files;
  std::optional<bool> has_audio;
  std::optional<bool> stream;
  std::vector<std::string> operations;     // chat, completion, embedding; any of them
  std::vector<std::string> tasks;          // as estimated (`greeting`, `code` …); any of them
  std::optional<double> difficulty_above;  // as estimated, 0 to 1
  std::optional<double> difficulty_below;
  std::optional<double> budget_left_below;  // share of the caller's budget that is left, 0 to 1
};

struct Rule {
  When when;
  std::vector<Zone> zones;      // narrows; empty = does not narrow
  std::vector<Zone> redact;     // may be entered only without the values for which the rule holds; empty = says nothing
  bool block = false;           // refuses the request
  std::vector<uint32_t> use;    // model indices in order; empty = names no candidates
  int64_t spill_queue_ms = -1;  // wait for a slot at most so long before the next candidate; -1 = provider's queue_ms
  std::shared_ptr<const Escalation> escalate;  // asks the next candidate after a poor answer; null = never
  std::shared_ptr<const Objective> objective;  // how `use` is put into order; null = as written
  std::size_t line = 0;                        // of the config file, for explain
};

enum class OnStreamFailure : uint8_t { end, resume };  // config: `end`, `continue`
// What a route would rather have when its first choice asks for a moment: another's answer now, or that one's soon.
enum class Prefer : uint8_t { fast, first_choice };

struct RouteSettings {
  std::string name;
  std::vector<Rule> rules;
  std::optional<uint32_t> baseline;  // model index
  OnStreamFailure on_stream_failure = OnStreamFailure::end;
  int64_t total_ms = 600'000;  // deadline over all attempts
  int64_t patience_ms = -1;    // a wait that a provider asks for is worth it up to this; -1 = not said
  Prefer prefer = Prefer::fast;
  UnreadableSet accepts = 0;     // kinds of content that may pass unread
  std::string policy = "rules";  // entry of policies.def
  std::string description;
  bool store_responses = true;           // its answers may be kept for clients that go on from them
  std::vector<uint32_t> larger_context;  // models for what is too long for those that the rules name
  int64_t placeholders_ms = 0;  // how long a conversation's placeholders are remembered; 0 = for the request alone
  int64_t audit_ms = -1;        // how long rows of its audit are kept; -1 = for ever
  std::shared_ptr<const CacheRules> cache;     // null = no answer is kept for the same question
  std::shared_ptr<const HedgeRules> hedge;     // null = one candidate at a time
  std::shared_ptr<const LessonRules> lessons;  // null = nothing is kept of escalations
  std::shared_ptr<const DialSettings> dial;    // null = shares are as written
};

struct WordList {
  ClassSet label = 0;
  std::vector<std::string> words;  // matched without regard to case, at word boundaries
};

// Findings that do not count: all of a kind, or those of one value, network or mail domain.
struct GuardException {
  std::string kind;                 // what a finding is called (`ipv4`), or the guard that finds it (`ip_address`)
  std::string value;                // "" = any
  std::string domain;               // of mail addresses, with those below it; "" = any
  std::optional<Confidence> below;  // only those less sure than this
};

struct GuardSettings {
  std::vector<std::string> off;  // names of guards.def entries that are switched off
  std::vector<WordList> word_lists;
  std::vector<GuardException> exceptions;
  Confidence least_confidence = Confidence::low;  // findings below it do not count
  bool identity = false;         // names of persons and postal addresses are looked for: somebody asks for them
  bool identity_in_any = false;  // and are part of `sensitive: any`
};

struct Limits {
  std::size_t header_bytes = 32 * 1024;
  std::size_t body_bytes = 32 * 1024 * 1024;
  std::size_t response_bytes = 64 * 1024 * 1024;
  std::size_t event_bytes = 4 * 1024 * 1024;  // one event of a stream
  int64_t header_ms = 10'000;
  std::size_t parsing_bytes = 64 * 1024 * 1024;  // of large bodies that are parsed and read by the guards at once
  int64_t parsing_ms = 10'000;                   // longest wait for that
  int64_t body_ms = 60'000;                      // between two reads of a request body
  int64_t body_total_ms = 300'000;               // a request body, whole
  int64_t idle_ms = 75'000;                      // keep-alive
  int64_t write_ms = 60'000;                     // a client that takes nothing for so long is gone
  int64_t connections = 10'000;
};

// Answers that clients may go on from and fetch again.
struct KeptResponses {
  int64_t keep_ms = 30LL * 24 * 3'600'000;      // since they were given; 0 = none is kept
  std::size_t most_bytes = 1024 * 1024 * 1024;  // of all; beyond it the oldest go
};

struct ServerSettings {
  std::vector<std::string> listen;  // `127.0.0.1:4077`, `[::1]:4077`, `unix:/run/weir.sock`
  uint32_t socket_mode = 0660;      // of Unix sockets
  std::string tls_certificate;      // files; both or none
  std::string tls_key;
  std::vector<std::string> cors_origins;
  std::vector<std::string> hosts;  // further names that it is called by, without ports; `*` = any
  std::string metrics_listen;      // /metrics is served there and nowhere else; "" = with everything else
  std::string metrics_key;         // what /metrics asks for; "" = nothing
  bool core_dumps = false;         // memory holds credentials and prompts
  int64_t drain_ms = 30'000;
  int64_t threads = 0;              // 0 = one per core
  bool allow_keyless = false;       // serve beyond loopback without keys
  std::string log_format = "text";  // text | json
  std::string log_level = "info";
};

// Fills in what is known of a model by its name alone: prices, context, zone, abilities. Any thread.
using ModelResolver = std::function<void(ModelSettings& model, const ProviderSettings& provider)>;

struct Snapshot {
  uint64_t version = 0;  // rises with each reload
  std::string source;    // file name, "" = zero configuration
  ServerSettings server;
  Limits limits;
  KeptResponses responses;
  GuardSettings guards;
  ClassNames classes;
  std::vector<ProviderSettings> providers;
  std::vector<ModelSettings> models;
  std::vector<RouteSettings> routes;
  std::vector<std::shared_ptr<const ExperimentSettings>> experiments;
  NameIndex model_by_id;  // and by alias
  NameIndex route_by_name;
  NameIndex model_by_path;          // `PROVIDER_ID/NAME`, the other way to name a model
  std::vector<uint32_t> wildcards;  // model indices, the most particular first
  ModelResolver resolve;            // of the models that wildcards stand for; may be empty
  bool default_routes = false;      // the config names no routes: `auto` and `private` were made, and follow discovery
  bool sandbox = false;             // sandbox models are in play: answers say so
};

// Fills the name indices and `wildcards` from the vectors; call it after every change of those.
void index_names(Snapshot& snapshot);
// The model of that id, alias or path, or the wildcard that stands for it; nullopt when there is none.
[[nodiscard]] std::optional<uint32_t> find_model(const Snapshot& snapshot, std::string_view name);

// Where a request goes when that model is asked.
[[nodiscard]] const Zone& zone_of(const ModelSettings& model, const Snapshot& snapshot);
[[nodiscard]] const Zone& zone_of(uint32_t model, const Snapshot& snapshot);

// Cost of one attempt. Cloud: by tokens, at the standard tier; `minute`: of the UTC day in which it was asked, -1 = in
// the dearest. Local (`cost_per_hour`): busy milliseconds × hourly cost / slots.
[[nodiscard]] MicroDollars token_cost(const Prices& prices, const Usage& usage, int64_t minute = -1);
[[nodiscard]] MicroDollars machine_cost(MicroDollars cost_per_hour, int64_t slots, int64_t busy_us);

}  // namespace weir
