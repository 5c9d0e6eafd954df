// The shape of a config file: one struct per map, and one `fields` function per struct that lists its keys, once.
// Whoever wants to know the keys calls `fields` with a visitor: the Reader fills the struct from YAML (reader.h), the
// Describer makes the JSON Schema and the reference page (describe.h). So the loader, the schema and the page cannot
// disagree.
//
// References to other entries are still texts here, with the place they were written at; `load.cpp` resolves them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/document_base.h"
#include "config/escalation_document.h"
#include "config/experiments_document.h"
#include "config/load_document.h"
#include "config/objective_document.h"
#include "config/yaml.h"
#include "core/snapshot.h"
#include "routing/tasks.h"

namespace weir::config {

struct TlsDoc {
  const yaml::Node* at = nullptr;
  Text certificate;
  Text key;
};

struct LogDoc {
  const yaml::Node* at = nullptr;
  Text format{.value = "text"};
  Text level{.value = "info"};
};

struct MetricsDoc {
  const yaml::Node* at = nullptr;
  Text listen;
  Text key;
};

struct ServerDoc {
  const yaml::Node* at = nullptr;
  Texts listen;
  Text socket_mode;
  TlsDoc tls;
  Texts cors;
  Texts hosts;
  MetricsDoc metrics;
  int64_t drain_ms = ServerSettings{}.drain_ms;
  int64_t threads = ServerSettings{}.threads;
  bool allow_keyless = ServerSettings{}.allow_keyless;
  bool core_dumps = ServerSettings{}.core_dumps;
  LogDoc log;
};

struct LimitsDoc {
  const yaml::Node* at = nullptr;
  Limits value;
};

struct ResponsesDoc {
  const yaml::Node* at = nullptr;
  KeptResponses value;
};

struct WordsDoc {
  const yaml::Node* at = nullptr;
  Text label;
  Texts words;
  Text file;
};

struct ExceptionDoc {
  const yaml::Node* at = nullptr;
  Text kind, value, domain, below;
};

struct IdentityDoc {
  const yaml::Node* at = nullptr;
  bool in_any = false;
};

struct GuardsDoc {
  const yaml::Node* at = nullptr;
  Texts off;
  std::vector<WordsDoc> words;
  std::vector<ExceptionDoc> exceptions;
  Text least_confidence{.value = "low"};
  IdentityDoc identity;
};

struct TimeoutsDoc {
  const yaml::Node* at = nullptr;
  int64_t connect = Timeouts{}.connect;
  std::optional<int64_t> first_byte, first_token, idle;
  int64_t total = Timeouts{}.total;
};

struct QuirkRow {
  std::string_view name;
  bool Quirks::*member;
  std::string_view about;
};
inline constexpr std::array quirk_rows = {
    QuirkRow{"no_stream_options", &Quirks::no_stream_options, "It rejects `stream_options`."},
    QuirkRow{"no_max_completion_tokens", &Quirks::no_max_completion_tokens, "It knows only `max_tokens`."},
    QuirkRow{"no_max_tokens", &Quirks::no_max_tokens, "It wants `max_completion_tokens` instead of `max_tokens`."},
    QuirkRow{"no_developer_role", &Quirks::no_developer_role, "It knows the role `system`, not `developer`."},
    QuirkRow{"accepts_prefill", &Quirks::accepts_prefill, "It goes on with an assistant message that stands last."},
    QuirkRow{"prefill_flags", &Quirks::prefill_flags, "It does so only with `continue_final_message`, as vLLM."},
    QuirkRow{"prefill_prefix", &Quirks::prefill_prefix,
             "It does so only with `prefix: true` in that message, as Mistral."},
    QuirkRow{"no_v1_path", &Quirks::no_v1_path, "Its paths have no `/v1`: `/chat/completions`."},
    QuirkRow{"api_key_header", &Quirks::api_key_header,
             "The credential goes into `api-key`, not into `Authorization`."},
    QuirkRow{"vertex_ai", &Quirks::vertex_ai,
             "It is Gemini on Vertex AI: the credential is an OAuth token, and an embedding takes one text."},
    QuirkRow{"rerank_texts", &Quirks::rerank_texts, "It reranks `texts`, not `documents`."},
    QuirkRow{"takes_top_k", &Quirks::takes_top_k, "It knows `top_k`."},
    QuirkRow{"bearer_key", &Quirks::bearer_key,
             "In Anthropic's format: the credential goes into `Authorization`, not into `x-api-key`."},
    QuirkRow{"anthropic_2026", &Quirks::anthropic_2026,
             "It is asked in Anthropic's API version 2026-10-21, with the credential in `Authorization`."},
    QuirkRow{"short_call_ids", &Quirks::short_call_ids,
             "Its ids of tool calls are nine letters and digits, as Mistral's."},
    QuirkRow{"mistral_fields", &Quirks::mistral_fields,
             "It takes the fields of Mistral's API and no others: `random_seed`, no `user`, no `logprobs`."},
    QuirkRow{"together_fields", &Quirks::together_fields,
             "It takes `stop` as a list and `logprobs` as a number, as Together."},
    QuirkRow{"groq_fields", &Quirks::groq_fields,
             "It refuses `logprobs`, `logit_bias`, more than one answer and the `name` of a speaker, as Groq."},
    QuirkRow{"tgi_fields", &Quirks::tgi_fields, "It takes a schema as the `value` of `response_format`, as TGI."},
    QuirkRow{"azure_paths", &Quirks::azure_paths,
             "Its paths are Azure's: `/openai/v1`, or `/openai/deployments/NAME` where `url` says an `api-version`."},
};
static_assert(sizeof(Quirks) == quirk_rows.size(),
              "every quirk of core/snapshot.h has its row here, so that a config can set it");

struct QuirksDoc {
  const yaml::Node* at = nullptr;
  std::array<std::optional<bool>, quirk_rows.size()> said;
};

struct CredentialDoc {
  const yaml::Node* at = nullptr;
  Text key;
  int64_t weight = Credential{}.weight;
};

struct ParametersDoc {
  const yaml::Node* at = nullptr;
  Texts drop;
  std::vector<std::pair<std::string, Text>> rename;
  const yaml::Node* fallback = nullptr;
  const yaml::Node* clamp = nullptr;
  const yaml::Node* set = nullptr;
};

struct ProviderDoc {
  const yaml::Node* at = nullptr;
  Text id, kind, url, api_key, service_account, zone, health_path, proxy, ca_file, client_certificate, client_key,
      tls_server_name, workflow;
  std::vector<CredentialDoc> api_keys;
  std::vector<std::pair<std::string, Text>> headers;
  ParametersDoc parameters;
  TimeoutsDoc timeouts;
  QuirksDoc quirks;
  int64_t queue_limit = 0, retries = ProviderSettings{}.retries;
  std::optional<int64_t> slots, queue_ms;
  std::optional<MicroDollars> cost_per_hour;
  std::optional<bool> health_check, discover;
  bool tls_verify = true;
};

struct PricesDoc {
  const yaml::Node* at = nullptr;
  std::optional<MicroDollars> input, cached, output, written, written_long;
  std::optional<MicroDollars> image, second, character, search;
  std::optional<int64_t> flex, batch, priority;  // hundredths
};

struct ModelDoc {
  const yaml::Node* at = nullptr;
  Text id, provider, name;
  PricesDoc prices;
  std::optional<int64_t> context_length, max_output;
  std::optional<bool> chat, embeddings, tools, images;
  Texts aliases, serves;
  Text zone, workflow;
  std::vector<std::pair<std::string, Text>> quality;
  ParametersDoc parameters;
};

struct WhenDoc {
  const yaml::Node* at = nullptr;
  Texts sensitive, callers, tags, models, operations, tasks, difficulty;
  Text confidence, budget_left;
  std::optional<int64_t> tokens_above, tokens_below;
  std::optional<bool> has_tools, has_images, has_files, has_audio, stream;
};

struct SpillDoc {
  const yaml::Node* at = nullptr;
  std::optional<int64_t> queue_ms;
};

struct RuleDoc {
  const yaml::Node* at = nullptr;
  WhenDoc when;
  Texts zones, redact, use;
  bool block = false;
  SpillDoc spill;
  EscalateDoc escalate;
  ObjectiveDoc objective;
  ShareDoc share;
};

struct RouteDoc {
  const yaml::Node* at = nullptr;
  Text name, description, policy{.value = "rules"}, baseline, on_stream_failure{.value = "end"},
      prefer{.value = "fast"};
  Texts accept_unreadable, larger_context;
  std::optional<int64_t> patience_ms;
  int64_t total_ms = RouteSettings{}.total_ms;
  bool store_responses = RouteSettings{}.store_responses;
  LessonsDoc keep_lessons;
  std::optional<int64_t> audit_ms;
  std::optional<int64_t> redact_session_ms;
  DialDoc dial;
  CacheDoc cache;
  HedgeDoc hedge;
  std::vector<RuleDoc> rules;
};

struct Document {
  const yaml::Node* at = nullptr;
  ServerDoc server;
  LimitsDoc limits;
  ResponsesDoc responses;
  GuardsDoc guards;
  std::vector<ProviderDoc> providers;
  std::vector<ModelDoc> models;
  Given<std::vector<RouteDoc>> routes;
  std::vector<ExperimentDoc> experiments;
};

// From the tables of the folders that own them.
[[nodiscard]] std::vector<std::string_view> provider_kinds();
[[nodiscard]] std::vector<std::string_view> detector_names();
[[nodiscard]] std::vector<std::string_view> policy_names();
[[nodiscard]] std::vector<std::string_view> unreadable_names();

inline constexpr Range any_count{0, 1'000'000'000};

template <typename V>
void fields(V& v, TlsDoc& d) {
  v.text("certificate", d.certificate,
         {"PEM file with the certificate chain, relative to the config file.", "cert.pem", {}, Need::required});
  v.text("key", d.key, {"PEM file with the private key, relative to the config file.", "key.pem", {}, Need::required});
}

template <typename V>
void fields(V& v, LogDoc& d) {
  v.text("format", d.format, {.text = "How log lines are written.", .example = "json", .choices = {"text", "json"}});
  v.text("level", d.level,
         {.text = "The least weighty lines that are written.",
          .example = "warn",
          .choices = {"trace", "debug", "info", "warn", "error", "off"}});
}

template <typename V>
void fields(V& v, MetricsDoc& d) {
  v.text("listen", d.listen,
         {"Serve `/metrics` there and nowhere else, beside `/healthz` and `/readyz`. Written as in `server.listen`.",
          "127.0.0.1:9464", "with everything else"});
  v.text("key", d.key,
         {"What `/metrics` asks for as a bearer token; write a variable, not the key itself.", "${WEIR_METRICS_KEY}",
          "none"});
}

template <typename V>
void fields(V& v, ServerDoc& d) {
  v.texts("listen", d.listen,
          {"Where to listen: `HOST:PORT`, `[IPV6]:PORT` or `unix:/PATH`. Beyond loopback, keys are needed.",
           "[127.0.0.1:4077, unix:/run/weir.sock]", "127.0.0.1:4077"});
  v.text("socket_mode", d.socket_mode, {"Permissions of Unix sockets, as octal digits.", "'0600'", "0660"});
  v.object("tls", d.tls, {"Serve HTTPS. Without it, HTTP.", "{certificate: cert.pem, key: key.pem}"});
  v.texts("cors", d.cors, {"Origins that browsers may call from; `*` for any.", "[https://chat.example.org]", "none"});
  v.texts("hosts", d.hosts,
          {"Names that Weir is called by, besides those of this machine; `*` for any. Without keys, requests to other "
           "names are refused, so that no web page can point a name of its own at this machine.",
           "[ai.example.org]", "none"});
  v.object("metrics", d.metrics, {"Who may read `/metrics`.", "{listen: '127.0.0.1:9464'}"});
  v.duration("drain", d.drain_ms, {"How long running answers may take to finish after SIGTERM.", "30s"});
  v.integer("threads", d.threads, Range{0, 1024}, {"Event loops; 0 is one per core.", "4"});
  v.flag("allow_keyless", d.allow_keyless,
         {"Serve beyond loopback without keys. Only behind something that checks callers.", "true"});
  v.flag("core_dumps", d.core_dumps,
         {"Let a crash write its memory, which holds prompts and credentials, to a file.", "true"});
  v.object("log", d.log, {"Log lines. They never hold prompts or secrets.", "{format: json}"});
}

template <typename V>
void fields(V& v, LimitsDoc& d) {
  v.size("headers", d.value.header_bytes, {"Largest head of a request.", "32KiB"});
  v.size("body", d.value.body_bytes, {"Largest body of a request.", "64MiB"});
  v.size("parsing", d.value.parsing_bytes,
         {"Bytes of large bodies (from 256 KiB on) that are parsed and read by the guards at once; others wait.",
          "128MiB"});
  v.duration("parsing_wait", d.value.parsing_ms, {"Longest such wait; then 503.", "10s"});
  v.size("response", d.value.response_bytes, {"Largest answer that is taken from a provider.", "64MiB"});
  v.size("event", d.value.event_bytes, {"Largest single event of a provider's stream.", "4MiB"});
  v.duration("header_wait", d.value.header_ms, {"Longest wait for the whole head of a request.", "10s"});
  v.duration("body_wait", d.value.body_ms, {"Longest silence within the body of a request.", "60s"});
  v.duration("body_total", d.value.body_total_ms, {"Longest wait for the whole body of a request.", "5m"});
  v.duration("idle", d.value.idle_ms, {"How long a connection without a request is kept.", "75s"});
  v.duration("write_wait", d.value.write_ms, {"A client that takes nothing for so long is gone.", "60s"});
  v.integer("connections", d.value.connections, Range{1, 10'000'000},
            {"Most client connections at once. Fewer where the process may open fewer files.", "10000"});
}

template <typename V>
void fields(V& v, ResponsesDoc& d) {
  v.duration(
      "keep", d.value.keep_ms,
      {"How long answers are kept for `previous_response_id` and `GET /v1/responses/ID`; `0s`: none is kept, and "
       "what was kept is deleted.",
       "7d"});
  v.size("most", d.value.most_bytes, {"All that is kept, at most; beyond it the oldest go.", "10GiB"});
}

template <typename V>
void fields(V& v, WordsDoc& d) {
  v.text("class", d.label,
         {"The class that these words give a request: `personal`, `financial`, `health`, `secret`, `special`, "
          "`identity` or your own "
          "`custom:NAME`.",
          "custom:project",
          {},
          Need::required});
  v.texts("words", d.words,
          {"Words and phrases; found whole, without regard to case.", "[Bluebird, Project X]", "none"});
  v.text("file", d.file,
         {"A file with one word or phrase a line, relative to the config file; `#` begins a comment.", "words.txt"});
}

template <typename V>
void fields(V& v, ExceptionDoc& d) {
  v.text("kind", d.kind,
         {"What the finding is called, as refusals and `weir explain` name it, or the detector that finds it.",
          "email",
          {},
          Need::required});
  v.text("value", d.value,
         {"Only this value; how it is spaced and cased does not matter. For IPv4 also a network: `10.0.0.0/8`.",
          "'4111 1111 1111 1111'", "any"});
  v.text("domain", d.domain, {"Only mail addresses of this domain and those below it.", "example.com", "any"});
  v.text("below", d.below,
         {.text = "Only findings that the guards are less sure of than this.",
          .example = "high",
          .otherwise = "any",
          .choices = {"medium", "high"}});
}

template <typename V>
void fields(V& v, IdentityDoc& d) {
  v.flag(
      "in_any", d.in_any,
      {"Whether `sensitive: any` has names of persons and postal addresses in it. Elsewhere they are looked for only "
       "where a rule asks for the class `identity`.",
       "true"});
}

template <typename V>
void fields(V& v, GuardsDoc& d) {
  v.texts("off", d.off,
          {.text = "Detectors that are not to run.",
           .example = "[ip_address]",
           .otherwise = "none",
           .choices = detector_names()});
  v.list("words", d.words,
         {"Words of your own that make a request sensitive.", "[{class: 'custom:project', words: [Bluebird]}]"});
  v.list("exceptions", d.exceptions,
         {"What is found and does not count: a mailbox for all, a test card, a network.",
          "[{kind: email, domain: example.com}]"});
  v.text("least_confidence", d.least_confidence,
         {.text = "Findings that the guards are less sure of than this do not count: `low` also takes numbers with a "
                  "wrong check digit after a word that names them.",
          .example = "medium",
          .choices = {confidence_names[0], confidence_names[1], confidence_names[2]}});
  v.object("identity", d.identity,
           {"Names of persons and postal addresses, which a small model finds.", "{in_any: true}"});
}

template <typename V>
void fields(V& v, TimeoutsDoc& d) {
  v.duration("connect", d.connect, {"For a connection, TLS included.", "2s"});
  v.duration("first_byte", d.first_byte,
             {"From the request sent to the head of the answer; of an answer that comes whole, that is all of it.",
              "5m", "by zone, form and turn: see \"How long Weir waits\""});
  v.duration("first_token", d.first_token,
             {"From the request sent to the first content of a stream.", "60s",
              "by zone, form and turn: see \"How long Weir waits\""});
  v.duration("idle", d.idle,
             {"Between two pieces of an answer.", "30s", "by zone, form and turn: see \"How long Weir waits\""});
  v.duration("total", d.total, {"For one attempt.", "10m"});
}

template <typename V>
void fields(V& v, QuirksDoc& d) {
  for (std::size_t i = 0; i < quirk_rows.size(); ++i) {
    v.flag(quirk_rows[i].name, d.said[i], {quirk_rows[i].about, "true", "as the kind has it"});
  }
}

template <typename V>
void fields(V& v, CredentialDoc& d) {
  v.text("key", d.key,
         {"The credential; write a variable, not the key itself.", "${OPENAI_API_KEY}", {}, Need::required});
  v.integer("weight", d.weight, Range{1, 1'000}, {"Its share of the requests, beside the weights of the others.", "3"});
}

template <typename V>
void fields(V& v, ParametersDoc& d) {
  v.texts("drop", d.drop, {"Fields that are left out.", "[logit_bias, seed]", "none"});
  v.map("rename", d.rename, {"Fields that go by another name there.", "{max_tokens: max_completion_tokens}"});
  v.values("default", d.fallback, {"Fields that are added where the caller does not say them.", "{temperature: 0.2}"});
  v.values("clamp", d.clamp, {"Least and most of fields that are numbers.", "{temperature: [0, 1]}"});
  v.values("set", d.set, {"Fields that have this value, whatever the caller says.", "{store: false}"});
}

template <typename V>
void fields(V& v, ProviderDoc& d) {
  v.text("id", d.id, {"Your name for it; models refer to it.", "gpu1", "the kind"});
  v.text("kind", d.kind,
         {"What it is: it says the wire format, the usual address, the credential's variable and the zone.",
          "vllm",
          {},
          Need::required,
          provider_kinds()});
  v.text("url", d.url,
         {"Base URL: `http://`, `https://` or `unix:/PATH`; kinds of OpenAI's format also take a query, as Azure's "
          "`api-version`.",
          "http://10.0.0.5:8000", "the kind's usual one"});
  v.text("api_key", d.api_key,
         {"The credential; write a variable, not the key itself.", "${OPENAI_API_KEY}", "the kind's usual variable"});
  v.text(
      "service_account", d.service_account,
      {"Of kind `vertex`: the key file of a Google service account, of which Weir makes the tokens that it asks with.",
       "/etc/weir/google.json", "the file that GOOGLE_APPLICATION_CREDENTIALS names"});
  v.list("api_keys", d.api_keys,
         {"Several credentials instead of `api_key`: requests are spread over them, and one that is refused or limited "
          "rests while the others go on.",
          "[{key: '${KEY_A}', weight: 3}, {key: '${KEY_B}'}]"});
  v.text("zone", d.zone,
         {"Where data goes when it is sent here: `local`, `cloud`, or with a region, `cloud:eu`.", "cloud:eu",
          "the kind's; must be given for a local kind at an address that is not private"});
  v.map("headers", d.headers, {"More headers to send with every request.", "{OpenAI-Organization: org-1}"});
  v.object("parameters", d.parameters,
           {"What is changed in the bodies of requests to it.", "{drop: [logit_bias]}", "nothing is"});
  v.object("timeouts", d.timeouts, {"How long to wait for it.", "{first_token: 20s}"});
  v.object("quirks", d.quirks, {"What it does otherwise than its wire format says.", "{no_stream_options: true}"});
  v.integer("slots", d.slots, Range{0, 100'000},
            {"Requests that it answers at once; more of them wait. 0 is no limit.", "32",
             "1 for servers of pictures and sounds that work in jobs, else 0"});
  v.integer("queue_limit", d.queue_limit, Range{0, 1'000'000},
            {"Most requests that wait for a slot; 0: as many as can expect one in time and fit into 256 MiB.", "64"});
  v.duration(
      "queue", d.queue_ms,
      {"Longest wait for a slot.", "30s", "10s while another model could answer, else up to the route's `total`"});
  v.integer("retries", d.retries, Range{0, 10}, {"More tries of the same model, where that can help.", "1"});
  v.dollars("cost_per_hour", d.cost_per_hour,
            {"What the machine costs, in dollars an hour: the cost of local answers.", "3.00", "0"});
  v.flag("health_check", d.health_check, {"Ask it actively whether it is alive.", "true", "true for local ones"});
  v.text("health_path", d.health_path, {"Path to ask for that.", "/health", "its list of models"});
  v.text(
      "proxy", d.proxy,
      {"The HTTP proxy it is reached through: `http://host:port` or `https://host:port`, with `USER:PASSWORD@` where "
       "it wants that; `none`: directly.",
       "http://proxy.example.com:3128",
       "for cloud zones what `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say; else none"});
  v.flag("tls_verify", d.tls_verify, {"Check its certificate.", "true"});
  v.text("ca_file", d.ca_file,
         {"PEM file with the authorities to trust, relative to the config file.", "ca.pem", "the system's"});
  v.text(
      "client_certificate", d.client_certificate,
      {"PEM file with a certificate and its chain to show to it, relative to the config file.", "client.pem", "none"});
  v.text("client_key", d.client_key,
         {"PEM file with the certificate's private key, without a passphrase.", "client.key",
          "the file of the certificate"});
  v.text("tls_server_name", d.tls_server_name,
         {"The name that its certificate must have, where that is not the host of `url`.", "llm.example.com",
          "the host of `url`"});
  v.flag("discover", d.discover,
         {"Ask it for its models and add those that `models` does not list.", "true",
          "true for local ones without an entry in `models`"});
  v.text("workflow", d.workflow,
         {"ComfyUI: file with the workflow in API format that its models run, relative to the config file.",
          "flux.json", "none"});
}

template <typename V>
void fields(V& v, PricesDoc& d) {
  v.dollars("input", d.input,
            {"Dollars per million input tokens.", "2.50", "required, unless it is not paid by tokens"});
  v.dollars("cached", d.cached,
            {"Dollars per million input tokens that the provider had cached.", "1.25", "as `input`"});
  v.dollars("output", d.output, {"Dollars per million output tokens.", "10", "required where `input` is given"});
  v.dollars("written", d.written,
            {"Dollars per million input tokens that the provider wrote to its cache.", "3.125", "as `input`"});
  v.dollars("written_long", d.written_long,
            {"The same, where they are kept for an hour instead of minutes.", "5", "as `written`"});
  v.dollars("image", d.image, {"Dollars for one picture, beside its tokens.", "0.04", "by tokens alone"});
  v.dollars("second", d.second, {"Dollars for one second of sound that is written down.", "0.0001", "by tokens alone"});
  v.dollars("character", d.character, {"Dollars for one character that is spoken.", "0.000015", "by tokens alone"});
  v.dollars(
      "search", d.search,
      {"Dollars for one search unit of a rerank, or one search of the web that a provider counts beside an answer's "
       "tokens.",
       "0.002", "by tokens alone"});
  constexpr Decimal factor{.digits = 2, .least = 0, .most = 1'000};
  v.number("flex", d.flex, factor,
           {"What an answer of the service tier `flex` costs: times the standard price.", "0.5",
            "the kind's; where it has none, marked as unknown"});
  v.number("batch", d.batch, factor, {"The same of the tier `batch`.", "0.5", "the kind's, else unknown"});
  v.number("priority", d.priority, factor, {"The same of the tier `priority`.", "2", "the kind's, else unknown"});
}

template <typename V>
void fields(V& v, ModelDoc& d) {
  v.text("id", d.id,
         {"Your name for it; rules and callers use it.", "small", "the name; `PROVIDER/NAME` where that has a `*`"});
  v.text("provider", d.provider, {"The `id` of its provider.", "gpu1", {}, Need::required});
  v.text("name", d.name,
         {"Its name at the provider; with one `*` it stands for all of that pattern.",
          "meta-llama/Llama-3.1-8B-Instruct",
          {},
          Need::required});
  v.texts("aliases", d.aliases, {"Further names that callers may use for it.", "[fast, gpt-4o-mini]", "none"});
  v.object("prices", d.prices,
           {"What it costs; without it, the price catalog's.", "{input: 2.5, cached: 1.25, output: 10}"});
  v.integer("context_length", d.context_length, Range{1, any_count.most},
            {"Tokens it takes at most.", "131072", "the catalog's, else unknown"});
  v.integer("max_output", d.max_output, Range{1, any_count.most},
            {"Tokens it answers at most.", "16384", "the catalog's, else unknown"});
  v.flag("chat", d.chat,
         {"It serves chat and completions.", "true", "true, unless its name is one of an embedding model"});
  v.flag("embeddings", d.embeddings, {"It serves embeddings.", "false", "by its name"});
  v.texts("serves", d.serves,
          {"What it serves beside chat and embeddings: rerank, images, speech, transcriptions, moderations.",
           "[rerank]", "nothing"});
  v.flag("tools", d.tools, {"It takes tools.", "false", "true"});
  v.flag("images", d.images, {"It takes images.", "false", "true"});
  v.map("quality", d.quality,
        {"How good its answers are, 0 to 1: of `all`, or of a task. For `objective`.", "{all: 0.8, code: 0.6}",
         "unknown"});
  v.text("zone", d.zone,
         {"Where data goes when this model is asked, if its provider passes it on to somebody else.", "cloud",
          "its provider's; `cloud` for Ollama's cloud models"});
  v.text("workflow", d.workflow,
         {"ComfyUI: the workflow that this model runs, relative to the config file.", "flux.json", "its provider's"});
  v.object("parameters", d.parameters,
           {"What is changed in the bodies of requests to it, after what its provider says.",
            "{clamp: {max_tokens: [1, 4096]}}", "nothing is"});
}

template <typename V>
void fields(V& v, WhenDoc& d) {
  v.texts("sensitive", d.sensitive,
          {"The request has any of these classes; `any` is any class at all, `unreadable` among them.",
           "[personal, health]", "not asked"});
  v.text("confidence", d.confidence,
         {.text = "How sure the guards are at least of one of those classes; what a caller declares and what cannot be "
                  "read is certain.",
          .example = "high",
          .otherwise = "low",
          .choices = {confidence_names[0], confidence_names[1], confidence_names[2]}});
  v.texts("callers", d.callers, {"Its key has one of these names.", "[night-batch]", "not asked"});
  v.texts("tags", d.tags, {"It carries all of these tags (`x-weir-tags`).", "[batch]", "not asked"});
  v.texts("models", d.models, {"It asks for one of these routes or models.", "[assistant]", "not asked"});
  v.texts("task", d.tasks,
          {.text = "It is estimated to be one of these tasks, by what the user said last.",
           .example = "[greeting, faq]",
           .otherwise = "not asked",
           .choices = {routing::task_names.begin(), routing::task_names.end()}});
  v.texts(
      "difficulty", d.difficulty,
      {"How likely a small model's answer is estimated to be not good enough, 0 to 1: a bound, or one on each side.",
       "\"> 0.7\"", "not asked"});
  v.integer("tokens_above", d.tokens_above, any_count,
            {"Its input is estimated at more tokens than this.", "8000", "not asked"});
  v.integer("tokens_below", d.tokens_below, any_count,
            {"Its input is estimated at fewer tokens than this.", "500", "not asked"});
  v.flag("has_tools", d.has_tools, {"It has tools, or has none.", "true", "not asked"});
  v.flag("has_images", d.has_images, {"It has images, or has none.", "true", "not asked"});
  v.flag("has_files", d.has_files, {"It has files (a PDF, the id of one), or has none.", "true", "not asked"});
  v.flag("has_audio", d.has_audio, {"It has audio, or has none.", "true", "not asked"});
  v.flag("stream", d.stream, {"It wants a stream, or wants none.", "true", "not asked"});
  v.text(
      "budget_left", d.budget_left,
      {"Less than this share of the budget of its key is left, of the day or of the month; keys without a budget have "
       "all of it.",
       "'< 20%'", "not asked"});
  v.texts("operations", d.operations,
          {.text = "It is one of these.",
           .example = "[embedding]",
           .otherwise = "not asked",
           .choices = {"chat", "completion", "embedding"}});
}

template <typename V>
void fields(V& v, SpillDoc& d) {
  v.duration("queue", d.queue_ms,
             {"Longest wait for a slot before the next candidate is tried.", "300ms", "the provider's `queue`"});
}

template <typename V>
void fields(V& v, RuleDoc& d) {
  v.object("when", d.when, {"All that is set must hold; without it, the rule always does.", "{sensitive: [personal]}"});
  v.texts("zones", d.zones,
          {"The request may go only there. Zones of all rules that hold are intersected: none widens them.", "[local]",
           "does not narrow"});
  v.texts(
      "redact", d.redact,
      {"What makes the rule hold may enter these zones only as placeholders (`<EMAIL_1>`), which the answer has turned "
       "back. What cannot be taken out does not go there.",
       "[cloud]", "takes nothing out"});
  v.flag("block", d.block, {"Refuse the request, whoever would answer it.", "true"});
  v.texts("use", d.use,
          {"Models to try, in order. The first rule that holds and has `use` counts.", "[small, large]", "names none"});
  v.object("spill", d.spill, {"When to go on to the next candidate because a local one is full.", "{queue: 300ms}"});
  v.object("escalate", d.escalate,
           {"When to go on to the next candidate because an answer is not good enough.",
            "{below: 0.7, judges: [structural, confidence]}"});
  v.object("objective", d.objective,
           {"How `use` is put into order for each request.", "{take: cheapest, least_quality: 0.8}", "as written"});
  v.object("share", d.share,
           {"Sends the most difficult part of the requests to one model first.", "{to: large, of: 20%}", "as written"});
}

template <typename V>
void fields(V& v, RouteDoc& d) {
  v.text("name", d.name, {"What callers put into `model`.", "assistant", {}, Need::required});
  v.text("description", d.description, {"For people; shown in the list of models.", "Help desk"});
  v.list("rules", d.rules, {"Read from top to bottom.", "[{use: [small, large]}]", {}, Need::required});
  v.text("baseline", d.baseline,
         {"The model that would be used if all went to the cloud: savings are counted against it.", "large", "none"});
  v.text("on_stream_failure", d.on_stream_failure,
         {.text = "What happens when a stream breaks after its first content: end it with an error, or continue it "
                  "with the next candidate.",
          .example = "continue",
          .choices = {"end", "continue"}});
  v.texts("larger_context", d.larger_context,
          {"Models for prompts that are too long for those that the rules name: asked only then, in the same zones.",
           "[big]", "none"});
  v.texts("accept_unreadable", d.accept_unreadable,
          {.text = "Kinds of content that no guard can read and that do not make a request `unreadable` here.",
           .example = "[images, audio]",
           .otherwise = "none",
           .choices = unreadable_names()});
  v.duration("total", d.total_ms, {"For all attempts together.", "2m"});
  v.text("prefer", d.prefer,
         {.text = "When the first choice asks for a moment (Retry-After): `fast` asks the next candidate at once, "
                  "`first_choice` waits for up to `patience` and asks it again.",
          .example = "first_choice",
          .choices = {"fast", "first_choice"}});
  v.duration("patience", d.patience_ms,
             {"The longest wait that a provider may ask for and that is waited for.", "2s",
              "2s; 10s where no other model is left"});
  v.flag("store_responses", d.store_responses,
         {"Answers of this route may be kept for clients of OpenAI's Responses API that go on from them.", "false"});
  v.object("keep_lessons", d.keep_lessons,
           {"Keep what escalations taught, prompts and answers included, in the data folder: for feedback and "
            "`weir export`. Without it nothing is kept.",
            "{keep: 90d}"});
  v.duration("audit_keep", d.audit_ms,
             {"How long the audit's rows of this route say what they were about; then only their place in the chain is "
              "left.",
              "400d", "for ever"});
  v.duration("redact_session", d.redact_session_ms,
             {"How long a caller's values keep their placeholders from one request to the next; in memory only, and "
              "without the values.",
              "30m", "for the request alone"});
  v.object(
      "dial", d.dial,
      {"Let Weir find the share of the local model itself, task by task, as far as comparisons show that the quality "
       "is kept.",
       "{keep_quality: 0.95, of: large}", "shares are as written"});
  v.object("cache", d.cache,
           {"Answers are kept and given again to the same caller for the same question.", "{ttl: 1h, size: 64MiB}",
            "none is kept"});
  v.object_or("hedge", d.hedge, &HedgeDoc::after, "after",
              {"The next candidate is asked as well when the first has not said anything by then; whoever has "
               "something to say first answers, and the other one is stopped.",
               "p95", "one candidate is asked at a time"});
  v.text("policy", d.policy, {.text = "What orders the candidates.", .example = "rules", .choices = policy_names()});
}

template <typename V>
void fields(V& v, Document& d) {
  v.object("server", d.server, {"How Weir listens.", "{listen: [127.0.0.1:4077]}"});
  v.object("limits", d.limits, {"What clients and providers may send.", "{body: 64MiB}"});
  v.object(
      "responses", d.responses,
      {"Answers of OpenAI's Responses API that are kept in the data folder, unless the caller says `store: false`.",
       "{keep: 7d}"});
  v.object("guards", d.guards, {"What makes a request sensitive.", "{off: [ip_address]}"});
  v.list("providers", d.providers, {"Where models are served.", "[{id: openai, kind: openai}]", {}, Need::required});
  v.list("models", d.models,
         {"The models that rules and callers can name.", "[{id: large, provider: openai, name: gpt-4o}]"});
  v.list("routes", d.routes,
         {"Names for callers, each with its rules.", "[{name: assistant, rules: [{use: [large]}]}]",
          "`auto` (local first, sensitive data stays local) and `private` (local only)"});
  v.list("experiments", d.experiments,
         {"Two models side by side, to know which one is good enough.",
          "[{name: trial, kind: shadow, route: assistant, models: [small]}]", "none"});
}

}  // namespace weir::config
