// Format: a wire format, with the side that clients speak (ClientFace), the side that models speak (ModelFace), or
// both. Pure functions of bytes: no sockets, no retries, no clock, no environment, no logging of bodies. One instance
// of each per process, stateless, safe from any thread; readers and writers of a stream belong to one stream and one
// thread. What a format lacks is an absent face, path or operation, known before anything is asked: there are no stubs.
// What a certain server does differently is data (Quirks, presets.h), not another format.
//
// Adding one: a folder, a line in formats.def, fixtures (docs/extending.md).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/http.h"
#include "core/request.h"
#include "core/response.h"
#include "core/result.h"
#include "core/snapshot.h"
#include "core/sse.h"
#include "core/stream_event.h"

namespace weir {

// ---- the side that clients speak

struct PathPattern {
  std::string_view method;
  std::string_view path;  // one `*` stands for one byte or more: the model's name, or what is asked about
  Operation operation = Operation::chat;
  bool streams = false;  // whoever asks here asks for a stream, whatever the body says
  bool info = false;     // answered by the gateway itself, from what it serves (ClientFace::inform)
  bool kept = false;     // answered by the gateway itself, from what it keeps (ConversationFace)
};

// A request as a client sent it.
struct Asked {
  Operation operation = Operation::chat;
  std::string_view method = "POST";                          // static
  std::string_view path;                                     // the pattern that it matched
  std::string content_type;                                  // of the body, as the client says
  std::string named;                                         // what the pattern's `*` stood for; "" = nothing
  bool streams = false;                                      // as PathPattern::streams
  std::string query;                                         // of the target, without `?`
  std::vector<std::pair<std::string, std::string>> carried;  // header lines that the format may carry on
  std::string body;
};

// What is known of an answer when its stream begins.
struct StreamHead {
  std::string id;
  std::string model;
  int64_t created = 0;       // seconds since the epoch
  int64_t input_tokens = 0;  // estimated: what the provider counts comes with the usage event
};

// Writes one client's stream. Loop thread only.
class EventWriter {
 public:
  virtual ~EventWriter() = default;
  // Before anything else, once.
  virtual void begin(const StreamHead& head) = 0;
  // Appends the framed bytes of one event to `out`; nothing for what the format does not show, or shows later.
  virtual void write(const StreamEvent& event, std::string& out) = 0;
  // This event went out as bytes of the same format: only remember, in case another model has to go on.
  virtual void passed(const FramedEvent& framed, std::span<const StreamEvent> events) = 0;
  // Nothing follows: what was kept back, and the format's last words.
  virtual void end(std::string& out) = 0;
  virtual void fail(const Error& error, std::string& out) = 0;
};

// One model or route, as lists show it.
struct ModelCard {
  std::string_view id;
  std::string_view owner;
  std::string_view description;
  int64_t created = 0;         // seconds since the epoch
  int64_t context_length = 0;  // 0 = not known
  int64_t max_output = 0;      // 0 = not known
  OperationSet serves = 0;
  bool tools = true;
  bool images = true;
  bool loaded = false;  // its local server has it in memory, as far as that tells
};

// A question about the gateway's own models.
struct Inquiry {
  std::string_view path;   // the pattern that it matched
  std::string_view named;  // what its `*` stood for
  std::string_view query;
  std::string_view body;
};

class ConversationFace;  // conversation_face.h

class ClientFace {
 public:
  virtual ~ClientFace() = default;
  [[nodiscard]] virtual std::span<const PathPattern> paths() const = 0;
  // Errors carry message and param as this format's callers expect them.
  [[nodiscard]] virtual Result<Request> read(Asked asked, json::DocumentPool& pool) const = 0;
  [[nodiscard]] virtual std::string write(const Response& response, const Request& request) const = 0;
  [[nodiscard]] virtual std::unique_ptr<EventWriter> stream(const Request& request) const = 0;
  [[nodiscard]] virtual std::string write_error(const Error& error) const = 0;
  // An answer's id as this format's clients expect it, made of a text that is unique: `chatcmpl-…`, `msg_…`.
  [[nodiscard]] virtual std::string make_id(std::string_view unique, Operation operation) const = 0;

  // What most formats need not say anything about.
  [[nodiscard]] virtual std::string_view stream_type(const Request&) const {
    return "text/event-stream; charset=utf-8";
  }
  // The header in which its clients look for the request's id, besides x-request-id; "" = none.
  [[nodiscard]] virtual std::string_view id_header() const { return {}; }
  // The headers of a client that the same format's providers are sent too (`anthropic-beta`); names in lower case.
  [[nodiscard]] virtual std::span<const std::string_view> carries() const { return {}; }
  // Operation::token_count: so many tokens, counted by us.
  [[nodiscard]] virtual std::string write_count(int64_t, const Request&) const { return "{}"; }
  // Paths with `info`: the answer's body. unknown_model, not_found.
  [[nodiscard]] virtual Result<std::string> inform(const Inquiry&, std::span<const ModelCard>) const {
    return failure(ErrorCode::not_found, "There is nothing here.");
  }
  // For formats whose clients go on from earlier answers by their id; nullptr: they send all of it each time.
  [[nodiscard]] virtual const ConversationFace* conversations() const { return nullptr; }
};

// ---- the side that models speak

// One model of a server's list, and what the list says of who runs it.
struct ListedModel {
  std::string name;
  std::string owner;       // `owned_by`, in small letters; "" where it is not said
  bool passed_on = false;  // the server says that another's machine answers for it (Ollama's `remote_host`)
  // As the server runs it, or would; what it does not tell is 0 or unset.
  int64_t context_length = 0;
  std::optional<bool> tools = std::nullopt;
  std::optional<bool> images = std::nullopt;
  std::optional<bool> embeds = std::nullopt;  // it makes embeddings and does not chat
};

struct ModelList {
  std::vector<ListedModel> models;
  bool usual = true;  // its form is the one that servers of this format give; false: something else answers there
};

// One more question to a server about its models.
struct ModelQuestion {
  HttpRequest ask;
  bool at_root = false;   // its path does not hang below the provider's `url.path`
  std::size_t model = 0;  // whom it is about, where it is about one: its place in the list
};

// To whom a request is written.
struct Target {
  const ProviderSettings& provider;
  const ModelSettings& model;
  int64_t context = 0;  // to run the model with, where a server is told with each request; 0 = its own will do
  int64_t wall_s = 0;   // seconds since the epoch, for those who sign requests with it
  uint64_t unique = 0;  // another with each attempt, for seeds and ids
};

// What is asked of a job's server next, after a pause.
struct NextStep {
  HttpRequest ask;
  int64_t after_ms = 0;
};

// One job at a server that does not answer at once: uploads, questions whether it is done, the fetching of what came
// of it. Knows what was said so far and says what is asked next; who sends and waits is the relay (pipeline/job.cpp).
// The first request is the one that ModelFace::write made. May outlive its request (to be cancelled), so it keeps what
// it needs of it; provider and model outlive it. Loop thread only.
class Job {
 public:
  virtual ~Job() = default;
  // The 2xx answer to what was asked last. nullopt: the job is done. An error: it has failed, or the answer is not
  // what the format promises.
  [[nodiscard]] virtual Result<std::optional<NextStep>> then(HttpResponse answer) = 0;
  // What came of it. Once, when it is done.
  [[nodiscard]] virtual Result<Response> answer() = 0;
  // What to send, in this order, when nobody waits for it any more. Empty: nothing runs there, or nothing is known that
  // could be named; where that is so before the first answer, this one is waited for all the same, to be able to.
  [[nodiscard]] virtual std::vector<HttpRequest> cancel() const = 0;
};

// Reads one upstream stream. Loop thread only.
class EventReader {
 public:
  virtual ~EventReader() = default;
  // One framed event (SSE: name and data; NDJSON: the line). Appends what it means. upstream_malformed: skip it and
  // count it.
  [[nodiscard]] virtual Status read(const FramedEvent& event, json::Document& scratch,
                                    std::vector<StreamEvent>& out) = 0;
  [[nodiscard]] StreamState& state() { return state_; }

 protected:
  StreamState state_;
};

class ModelFace {
 public:
  virtual ~ModelFace() = default;
  // `prefill`: what was already said to the client and is to be continued ("" = from the start). The credential goes
  // into the headers here. The path is the one below `provider.url`; the client puts `url.path` before it. What the
  // format cannot carry is `unsupported`, with `param`: the next candidate may be able to. Request::foreign has been
  // refused before this is called.
  [[nodiscard]] virtual Result<HttpRequest> write(const Request& request, const Target& target,
                                                  std::string_view prefill) const = 0;
  // Once more what write() said of the whole body in the head, for a body that was changed since: a signature.
  [[nodiscard]] virtual Status sign(HttpRequest&, const Target&) const { return {}; }
  // A 2xx answer. upstream_malformed when it is not what the format promises.
  [[nodiscard]] virtual Result<Response> read(const Request& request, std::string body,
                                              json::DocumentPool& pool) const = 0;
  [[nodiscard]] virtual std::unique_ptr<EventReader> stream(const Request& request) const = 0;
  // For servers that answer in jobs: one, for the request that `write` made with the same target; null: this request is
  // answered at once, by `read` or `stream`.
  [[nodiscard]] virtual std::unique_ptr<Job> job(const Request&, const Target&) const { return nullptr; }
  // A non-2xx answer as an Error: code, the provider's own message and code, Retry-After.
  [[nodiscard]] virtual Error classify(const HttpResponse& response) const = 0;

  // Model discovery: the request, and the models in its answer. An empty path: such a server has no list of them.
  [[nodiscard]] virtual HttpRequest list_models(const ProviderSettings& provider) const = 0;
  [[nodiscard]] virtual Result<ModelList> read_models(std::string body) const = 0;

  // What the list leaves open and the server tells elsewhere: how long a context it runs a model with, what that can
  // do. Asked after the list; whatever is not answered stays open.
  [[nodiscard]] virtual std::vector<ModelQuestion> ask_more(const ProviderSettings&, const ModelList&) const {
    return {};
  }
  virtual void read_more(const ModelQuestion&, std::string_view, ModelList&) const {}

  // A field of another format's body that write() sends all the same, although it is in Request::left_out.
  [[nodiscard]] virtual bool takes(std::string_view) const { return false; }
};

// ---- both

struct Format {
  std::string_view name;  // as in formats.def
  std::string_view description;
  // A request that came in the format of this name is forwarded as bytes; "" = always translated.
  std::string_view wire;
  Framing framing = Framing::sse;
  // Of a stream that passes as bytes: every event goes on where it stands. Otherwise the finish and the usage are shown
  // last, once, whenever they came.
  bool in_order = false;
  [[nodiscard]] bool passes_in_order(Operation operation) const {
    return in_order || (operation != Operation::chat && operation != Operation::completion);
  }
  std::string_view version_path = "";  // where such a server tells its `version`, and nobody else does; "" = nowhere
  OperationSet serves = 0;             // on the model side
  const ClientFace* client = nullptr;  // null: nobody asks in it
  const ModelFace* model = nullptr;    // null: nobody answers in it
};

// All entries of formats.def, in that order; nullptr when the name is none.
[[nodiscard]] std::span<const Format* const> formats();
[[nodiscard]] const Format* find_format(std::string_view name);
// The same for one that must be there and have the side.
[[nodiscard]] const ClientFace& client_face(std::string_view name);
[[nodiscard]] const ModelFace& model_face(std::string_view name);

// The format and pattern that serve `method path`; without a format when none does.
struct PathMatch {
  const Format* format = nullptr;
  const PathPattern* pattern = nullptr;
  std::string_view named;         // what `*` stands for in `path`
  const Format* known = nullptr;  // the path exists, with this or another method
};
[[nodiscard]] PathMatch match_path(std::string_view method, std::string_view path);
// nullopt: `path` is none of `pattern`. Otherwise what its `*` stands for ("" without one).
[[nodiscard]] std::optional<std::string_view> match_pattern(std::string_view pattern, std::string_view path);

}  // namespace weir
