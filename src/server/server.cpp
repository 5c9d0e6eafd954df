#include "server/server.h"

#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "net/listener.h"
#include "server/health_watch.h"
#include "server/http_session.h"

namespace weir {
namespace {

constexpr int64_t watch_every_ms = 200;
constexpr int64_t rounds_between_trims = 25;
constexpr std::string_view too_many_connections =
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Type: application/json\r\n"
    "Content-Length: 104\r\n\r\n"
    "{\"error\":{\"message\":\"Too many "
    "connections.\",\"type\":\"server_error\",\"param\":null,\"code\":\"too_many_connections\"}}";

std::size_t thread_count(const ServerSettings& settings) {
  if (settings.threads > 0) return static_cast<std::size_t>(settings.threads);
  return std::max(1U, std::thread::hardware_concurrency());
}

// Something that changes when the file's content does.
std::string file_signature(const std::string& file) {
  struct stat info {};
  if (file.empty() || ::stat(file.c_str(), &info) != 0) return {};
  return fmt::format("{}:{}:{}:{}", info.st_ino, info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
}

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

// One event loop with its thread and what lives on it.
struct Server::Loop {
  Loop(Server& server, uint16_t number)
      : worker(loop, server.dialer_, server.keys_, *server.ledger_, server.metrics_.shard(number), server.options_.log,
               number),
        pipeline(worker),
        api(worker, server.process_),
        host{.worker = worker, .pipeline = pipeline, .api = api} {}

  void accept(int fd, const std::shared_ptr<net::TlsServer>& tls) {
    auto& connections = api.process().connections;
    if (connections.fetch_add(1, std::memory_order_relaxed) >= worker.deployment->snapshot->limits.connections) {
      connections.fetch_sub(1, std::memory_order_relaxed);
      worker.metrics.add(Count::connections_refused);
      if (!tls) [[maybe_unused]]
        const auto sent = ::write(fd, too_many_connections.data(), too_many_connections.size());
      ::close(fd);
      return;
    }
    net::spawn(serve_connection(host, fd, tls));
  }

  net::EventLoop loop;
  Worker worker;
  Pipeline pipeline;
  GatewayApi api;
  SessionHost host;
  std::vector<std::unique_ptr<net::Listener>> listeners;
  net::Cancellation health_stop;
  std::thread thread;
};

Server::Server(ServerOptions options)
    : options_(std::move(options)),
      metrics_({.shards = thread_count(options_.snapshot->server), .version = WEIR_VERSION}),
      process_{.metrics = metrics_, .started_s = wall_clock_us() / 1'000'000} {}

Server::~Server() = default;

Status Server::run() {
  // Blocked in every thread that is started from here on; only the watching thread takes them.
  const auto signals = watched_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  if (auto opened = open_data(); !opened) return opened;
  if (auto opened = open_listeners(); !opened) return opened;
  start_loops();
  watch();
  drain();
  return {};
}

Status Server::open_data() {
  const StoreOptions store{.folder = options_.data_folder};
  auto ledger_store = open_store("sqlite", store);
  if (!ledger_store) return failure(ledger_store.error());
  auto key_store = open_store("sqlite", store);
  if (!key_store) return failure(key_store.error());
  key_store_ = std::move(*key_store);
  if (auto loaded = keys_.reload_if_changed(*key_store_, wall_clock_us()); !loaded) return failure(loaded.error());
  ledger_ = std::make_unique<Writer>(std::move(*ledger_store), [log = options_.log](const Error* error,
                                                                                    const Writer::Stats& stats) {
    if (error == nullptr) {
      log.info("ledger writes again", {{"queued", stats.queued}});
    } else {
      log.error("ledger cannot write", {{"why", error->message}, {"queued", stats.queued}, {"dropped", stats.dropped}});
    }
  });
  return {};
}

Status Server::open_listeners() {
  const auto& settings = options_.snapshot->server;
  std::shared_ptr<net::TlsServer> tls;
  if (!settings.tls_certificate.empty()) {
    auto loaded = net::TlsServer::load(settings.tls_certificate, settings.tls_key);
    if (!loaded) return failure(loaded.error());
    tls = std::move(*loaded);
  }
  const auto count = thread_count(settings);
  for (std::size_t i = 0; i < count; ++i) loops_.push_back(std::make_unique<Loop>(*this, static_cast<uint16_t>(i)));
  std::vector<std::string> addresses;
  for (const auto& address : settings.listen) {
    auto first = net::ListenSocket::open(address);
    if (!first) return failure(first.error());
    if (!first->loopback() && !keys_.required() && !settings.allow_keyless) {
      return failure(
          ErrorCode::internal,
          fmt::format(
              "{} can be reached from other machines, and there are no keys: anybody could spend your money. "
              "Make one with `weir keys create NAME`, listen on 127.0.0.1, or set `server.allow_keyless: true`.",
              address));
    }
    addresses.push_back((tls && !address.starts_with("unix:") ? "https://"
                         : address.starts_with("unix:")       ? ""
                                                              : "http://") +
                        first->address());
    std::optional<net::ListenSocket> next(std::move(*first));
    for (auto& loop : loops_) {
      auto another = loop.get() == loops_.back().get() ? Result<net::ListenSocket>(std::move(*next)) : next->another();
      if (!another) return failure(another.error());
      loop->listeners.push_back(std::make_unique<net::Listener>(
          loop->loop, std::move(*another),
          [&loop = *loop, tls = address.starts_with("unix:") ? nullptr : tls](int fd) { loop.accept(fd, tls); }));
    }
  }
  deploy(options_.snapshot);
  if (options_.on_listening) options_.on_listening(addresses);
  return {};
}

void Server::deploy(std::shared_ptr<Snapshot> snapshot) {
  snapshot->version = version_++;
  deployment_ = make_deployment(std::move(snapshot), deployment_.get(), metrics_);
  for (auto& loop : loops_) {
    if (loop->worker.deployment)
      loop->worker.deploy(deployment_);
    else
      loop->worker.deployment = deployment_;  // not running yet
  }
}

void Server::start_loops() {
  for (auto& loop : loops_) {
    loop->thread = std::thread([&loop = *loop] { loop.loop.run(); });
  }
  auto& first = *loops_.front();
  first.loop.post([&first] { net::spawn(watch_health(first.worker, first.health_stop)); });
  process_.ready.store(true);
}

void Server::watch() {
  const auto signals = watched_signals();
  auto deployed = file_signature(options_.config_file);
  auto last = deployed;
  int64_t rounds = 0;
  for (;;) {
    const timespec pause{.tv_sec = 0, .tv_nsec = watch_every_ms * 1'000'000};
    const int signal = sigtimedwait(&signals, nullptr, &pause);
    if (signal == SIGTERM || signal == SIGINT) return;
    // A file is read when it has kept still for one round, so that half of it is never taken.
    const auto now = file_signature(options_.config_file);
    const bool settled = now == last && now != deployed && !now.empty();
    last = now;
    if (signal == SIGHUP || settled) {
      deployed = now;
      reload(signal == SIGHUP ? "SIGHUP" : "file changed");
    }
    // Entries are made on one thread and freed on another, which leaves holes: give the pages back now and then.
    if (++rounds % rounds_between_trims == 0) malloc_trim(0);
    if (auto changed = keys_.reload_if_changed(*key_store_, wall_clock_us()); !changed) {
      options_.log.warn("keys cannot be read", {{"why", changed.error().message}});
    }
  }
}

void Server::reload(std::string_view why) {
  if (!options_.reload) return;
  auto loaded = options_.reload();
  if (!loaded) {
    process_.reloads_failed.fetch_add(1);
    options_.log.error("config refused; the running one stays",
                       {{"because", why}, {"problems", loaded.error().message}});
    return;
  }
  if ((*loaded)->server.listen != deployment_->snapshot->server.listen) {
    options_.log.warn("listeners change at the next start only", {});
    (*loaded)->server.listen = deployment_->snapshot->server.listen;
  }
  LogLevel level{};
  if (parse_log_level((*loaded)->server.log_level, level)) options_.log.set_level(level);
  deploy(std::move(*loaded));
  options_.log.info("config loaded", {{"because", why}, {"version", deployment_->snapshot->version}});
}

int64_t Server::session_count() const { return process_.connections.load(std::memory_order_relaxed); }

void Server::drain() {
  process_.draining.store(true);
  const auto limit_ms = deployment_->snapshot->server.drain_ms;
  options_.log.info("draining", {{"connections", session_count()}, {"limit_ms", limit_ms}});
  for (auto& loop : loops_) {
    loop->loop.post([&loop = *loop] {
      loop.listeners.clear();
      loop.health_stop.request();
      loop.host.drain();
    });
  }
  const auto signals = watched_signals();
  const timespec pause{.tv_sec = 0, .tv_nsec = 20'000'000};
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(limit_ms);
  while (session_count() > 0 && std::chrono::steady_clock::now() < until) {
    const int signal = sigtimedwait(&signals, nullptr, &pause);
    if (signal == SIGTERM || signal == SIGINT) break;  // asked twice: now
  }
  if (session_count() > 0) options_.log.warn("cutting what is left", {{"connections", session_count()}});
  for (auto& loop : loops_) {
    loop->loop.post([&loop = *loop] { loop.host.cut(); });
  }
  const auto last_moment = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  while (session_count() > 0 && std::chrono::steady_clock::now() < last_moment) sigtimedwait(&signals, nullptr, &pause);
  for (auto& loop : loops_) {
    loop->loop.post([&loop = *loop] { loop.worker.pool.clear(); });
    loop->loop.stop();
    loop->thread.join();
  }
  if (auto flushed = ledger_->flush(); !flushed) {
    options_.log.error("ledger entries are lost", {{"why", flushed.error().message}});
  }
  options_.log.info("stopped");
}

}  // namespace weir
