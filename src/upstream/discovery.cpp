#include "upstream/discovery.h"

#include <csignal>

#include "core/json.h"
#include "formats/format.h"
#include "upstream/exchange.h"

namespace weir {
namespace {

constexpr std::size_t max_answer = 16 * 1024 * 1024;

net::Task<Result<HttpResponse>> get(UpstreamPool& pool, const ProviderSettings& provider, const HttpRequest& request,
                                    int64_t deadline_us) {
  Exchange exchange(pool, provider);
  const ExchangeWaits waits{.deadline_us = deadline_us};
  if (auto sent = co_await exchange.send(request, waits, nullptr); !sent) co_return failure(sent.error());
  HttpResponse response{.status = exchange.status(), .headers = exchange.headers(), .body = {}};
  auto body = co_await exchange.read_all(max_answer);
  if (!body) co_return failure(body.error());
  response.body = std::move(*body);
  co_return response;
}

// OpenSSL writes without asking for no signal, and a command that only looks round has not switched it off.
class WithoutBrokenPipes {
 public:
  WithoutBrokenPipes() : before_(std::signal(SIGPIPE, SIG_IGN)) {}
  WithoutBrokenPipes(const WithoutBrokenPipes&) = delete;
  WithoutBrokenPipes& operator=(const WithoutBrokenPipes&) = delete;
  ~WithoutBrokenPipes() { std::signal(SIGPIPE, before_); }

 private:
  void (*before_)(int);
};

bool tells_version(const Result<HttpResponse>& answer) {
  json::Document document;
  if (!answer || answer->status != 200 || !document.parse_copy(answer->body)) return false;
  json::Object object;
  return document.root().get(object) == simdjson::SUCCESS && !json::string_or(object, "version").empty();
}

// What is not answered, or not in time, stays open.
net::Task<void> ask_more(UpstreamPool& pool, const ProviderSettings& provider, const ModelFace& model, ModelList& list,
                         int64_t deadline_us) {
  auto root = provider;
  root.url.path.clear();
  const auto questions = model.ask_more(provider, list);
  for (const auto& question : questions) {
    const auto answer = co_await get(pool, question.at_root ? root : provider, question.ask, deadline_us);
    if (!answer && answer.error().code == ErrorCode::upstream_timeout) co_return;
    if (answer && answer->status == 200) model.read_more(question, answer->body, list);
  }
}

net::Task<Result<ModelList>> ask_with(UpstreamPool& pool, const ProviderSettings& provider, int64_t deadline_us) {
  const auto* const format = find_format(provider.adapter);
  if (format == nullptr) co_return failure(ErrorCode::internal, "unknown format " + provider.adapter);
  const auto request = format->model->list_models(provider);
  if (request.path.empty()) {
    co_return failure(ErrorCode::not_found, "a server of this kind has no list of models; name them under `models`");
  }
  auto answer = co_await get(pool, provider, request, deadline_us);
  if (!answer) co_return failure(answer.error());
  if (answer->status != 200) co_return failure(format->model->classify(*answer));
  auto list = format->model->read_models(std::move(answer->body));
  if (list) co_await ask_more(pool, provider, *format->model, *list, deadline_us);
  const std::string path(format->version_path);
  if (!list || path.empty() || provider.zone.kind != ZoneKind::local) co_return list;
  const HttpRequest version{.method = "GET", .path = path, .headers = request.headers, .body = {}};
  const auto told = co_await get(pool, provider, version, deadline_us);
  list->usual = list->usual && tells_version(told);
  co_return list;
}

// Of several keys the first that is taken.
net::Task<Result<ModelList>> ask(UpstreamPool& pool, const ProviderSettings& provider, int64_t deadline_us) {
  auto list = co_await ask_with(pool, provider, deadline_us);
  ProviderSettings other = provider;
  for (const auto& credential : provider.credentials) {
    const bool refused = !list && (list.error().code == ErrorCode::upstream_auth ||
                                   list.error().code == ErrorCode::upstream_rate_limited);
    if (!refused) break;
    if (credential.key == provider.api_key) continue;
    other.api_key = credential.key;
    list = co_await ask_with(pool, other, deadline_us);
  }
  co_return list;
}

}  // namespace

std::vector<Result<ModelList>> discover_models(std::span<const ProviderSettings> providers, int64_t timeout_ms) {
  std::vector<Result<ModelList>> answers(providers.size());
  if (providers.empty()) return answers;
  const WithoutBrokenPipes quiet;
  net::EventLoop loop;
  Dialer dialer;
  UpstreamPool pool(loop, dialer);
  std::size_t waiting = providers.size();
  const auto deadline = loop.deadline_in_ms(timeout_ms);
  const auto run_one = [&](std::size_t i) -> net::Task<void> {
    answers[i] = co_await ask(pool, providers[i], deadline);
    if (--waiting == 0) loop.stop();
  };
  loop.post([&] {
    for (std::size_t i = 0; i < providers.size(); ++i) net::spawn(run_one(i));
  });
  loop.run();
  return answers;
}

}  // namespace weir
