// What a config says of serving: where it listens, how it logs, what clients may send, which answers are kept. As
// document.h, which includes it.
#pragma once

#include <cstdint>

#include "config/document_base.h"
#include "core/snapshot.h"

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

}  // namespace weir::config
