// What a config says of a provider: where it is, how it is reached, its credentials and quirks. As document.h, which
// includes it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/document_base.h"
#include "core/snapshot.h"

namespace weir::config {

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

// From the tables of the folders that own them.
[[nodiscard]] std::vector<std::string_view> provider_kinds();

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

}  // namespace weir::config
