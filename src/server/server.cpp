#include "server/server.h"

#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "core/saturating.h"
#include "net/listener.h"
#include "pipeline/shadow_copies.h"
#include "server/health_watch.h"
#include "server/http_session.h"
#include "server/process_limits.h"

namespace weir {
namespace {

constexpr int64_t watch_every_ms = 200;
constexpr int64_t rounds_between_trims = 25;
constexpr int64_t rounds_between_expiries = 3'600'000 / watch_every_ms;
constexpr int64_t most_surplus = 64;

// For whom there is no time to listen to.
std::string turned_away() {
  return fmt::format(
      "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\n\r\n{}",
      too_many_connections.size(), too_many_connections);
}

std::size_t thread_count(const ServerSettings& settings) {
  if (settings.threads > 0) return static_cast<std::size_t>(settings.threads);
  return std::max(1U, std::thread::hardware_concurrency());
}

ConversationKeeper::Settings keeper_settings(const Snapshot& snapshot) {
  return {.keep_us = snapshot.responses.keep_ms * 1000,
          .most_bytes = static_cast<int64_t>(snapshot.responses.most_bytes)};
}

std::map<std::string, CacheRules> cached_routes(const Snapshot& snapshot) {
  std::map<std::string, CacheRules> routes;
  for (const auto& route : snapshot.routes) {
    if (route.cache) routes.emplace(route.name, *route.cache);
  }
  return routes;
}

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

std::string file_signature(const std::string& file) {
  struct stat info {};
  if (file.empty() || ::stat(file.c_str(), &info) != 0) return {};
  return fmt::format("{}:{}:{}:{}", info.st_ino, info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
}

// One event loop with its thread and what lives on it.
struct Server::Loop {
  Loop(Server& the_server, uint16_t number)
      : server(the_server),
        worker(loop, server.dialer_, server.keys_, *server.ledger_, server.metrics_.shard(number), server.options_.log,
               number),
        pipeline(worker),
        api(worker, server.process_),
        host{.worker = worker, .pipeline = pipeline, .api = api, .data_folder = server.options_.data_folder} {
    worker.gate = &server.gate_;
    worker.conversations = server.conversations_.get();
    worker.answers = server.answers_.get();
    worker.lessons = server.lessons_.get();
    worker.trials = server.trials_.get();
    worker.copies = &copies;
  }

  void accept(int fd, const Door& door) {
    auto& process = api.process();
    const auto limit = server.connection_limit(worker.deployment->snapshot->limits);
    const bool secure = tls && door.reach != Reach::unix_socket;
    Accepted connection{.fd = fd, .door = door, .tls = secure ? tls : nullptr};
    if (process.connections.fetch_add(1, std::memory_order_relaxed) < limit || server.close_oldest_idle(*this)) {
      net::spawn(serve_connection(host, std::move(connection)));
      return;
    }
    process.connections.fetch_sub(1, std::memory_order_relaxed);
    worker.metrics.add(Count::connections_refused);
    if (process.surplus.fetch_add(1, std::memory_order_relaxed) < most_surplus || host.surplus_idle.close_oldest()) {
      connection.standing = Standing::surplus;
      net::spawn(serve_connection(host, std::move(connection)));
      return;
    }
    process.surplus.fetch_sub(1, std::memory_order_relaxed);
    if (!secure) {
      const auto text = turned_away();
      [[maybe_unused]] const auto sent = ::write(fd, text.data(), text.size());
    }
    ::close(fd);
  }

  Server& server;
  net::EventLoop loop;
  Worker worker;
  ShadowCopies copies{worker};
  Pipeline pipeline;
  GatewayApi api;
  SessionHost host;
  std::shared_ptr<net::TlsServer> tls;
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
  if (!options_.snapshot->server.core_dumps) forbid_core_dumps();
  process_.most_connections = make_room_for_connections();
  process_.machine = machine_name();
  const auto& wanted = options_.snapshot->limits.connections;
  if (process_.most_connections < wanted) {
    options_.log.info("fewer connections than limits.connections: the process may not open enough files",
                      {{"connections", process_.most_connections}, {"wanted", wanted}});
  }

  if (auto opened = open_data(); !opened) return opened;
  if (auto opened = open_listeners(); !opened) return opened;
  // Before anything is kept in memory.
  Forgetter forgetter(
      options_.data_folder,
      {.answers = answers_.get(), .placeholders = deployment_->placeholder_sessions, .turns = deployment_->turns});
  start_loops();
  folder_watch_ = std::make_unique<FolderWatch>(keys_, *key_store_, std::move(forgetter), options_.log);
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
  conversations_ = std::make_unique<ConversationKeeper>(
      (std::filesystem::path(options_.data_folder) / "responses.db").string(), keeper_settings(*options_.snapshot),
      [log = options_.log](const Error& error) {
        log.error("answers cannot be kept", {{"why", error.message}});
      },
      [] { return wall_clock_us(); });
  answers_ = std::make_unique<AnswerCache>(
      (std::filesystem::path(options_.data_folder) / "answers.db").string(),
      [log = options_.log](const Error& error) {
        log.error("the cache of answers cannot be written or read", {{"why", error.message}});
      },
      [] { return wall_clock_us(); });
  const auto folder = std::filesystem::path(options_.data_folder);
  lessons_ = std::make_unique<LessonKeeper>(
      LessonKeeper::Files{.lessons = (folder / "lessons.db").string(),
                          .weights = (folder / "judge.json").string(),
                          .ledger = folder.string()},
      [log = options_.log](const Error& error) {
        log.error("lessons cannot be kept", {{"why", error.message}});
      },
      [] { return wall_clock_us(); });
  const TrialKeeper::Says says{.error =
                                   [log = options_.log](const Error& error) {
                                     log.error("experiments cannot be kept", {{"why", error.message}});
                                   },
                               .moved =
                                   [log = options_.log](const ShareMove& move) {
                                     log.info("a share moved", {{"experiment", move.experiment},
                                                                {"task", move.task},
                                                                {"from_ppm", move.from},
                                                                {"to_ppm", move.to},
                                                                {"state", move.state},
                                                                {"because", move.reason}});
                                   }};
  trials_ = std::make_unique<TrialKeeper>((std::filesystem::path(options_.data_folder) / "experiments.db").string(),
                                          says, [] { return wall_clock_us(); });
  return {};
}

Status Server::open_listeners() {
  const auto& settings = options_.snapshot->server;
  const auto count = thread_count(settings);
  for (std::size_t i = 0; i < count; ++i) loops_.push_back(std::make_unique<Loop>(*this, static_cast<uint16_t>(i)));
  if (auto loaded = load_certificate(settings); !loaded) return loaded;
  std::vector<std::string> addresses;
  for (const auto& address : settings.listen) {
    if (auto open = listen_on(address, Door::Serves::everything, addresses); !open) return open;
  }
  if (!settings.metrics_listen.empty()) {
    std::vector<std::string> shown;
    if (auto open = listen_on(settings.metrics_listen, Door::Serves::metrics, shown); !open) return open;
    options_.log.info("metrics are served", {{"at", shown.front() + "/metrics"}});
  }
  deploy(options_.snapshot);
  if (options_.on_listening) options_.on_listening(addresses);
  return {};
}

Status Server::listen_on(const std::string& address, Door::Serves serves, std::vector<std::string>& shown) {
  const auto& settings = options_.snapshot->server;
  const bool unix_socket = address.starts_with("unix:");
  auto first = net::ListenSocket::open(address, settings.socket_mode);
  if (!first) return failure(first.error());
  beyond_loopback_ |= !first->loopback() && serves == Door::Serves::everything;
  if (!first->loopback() && !keys_.required() && !settings.allow_keyless && serves == Door::Serves::everything) {
    return failure(
        ErrorCode::internal,
        fmt::format(
            "{} can be reached from other machines, and there are no keys: anybody could spend your money. "
            "Make one with `weir keys create --name NAME`, listen on 127.0.0.1, or set `server.allow_keyless: true`.",
            address));
  }
  const auto reach = unix_socket ? Reach::unix_socket : first->loopback() ? Reach::loopback : Reach::beyond;
  const auto& door = doors_.emplace_back(Door{.reach = reach, .serves = serves});
  shown.push_back((unix_socket ? "" : settings.tls_certificate.empty() ? "http://" : "https://") + first->address());
  std::optional<net::ListenSocket> next(std::move(*first));
  for (auto& loop : loops_) {
    auto another = loop.get() == loops_.back().get() ? Result<net::ListenSocket>(std::move(*next)) : next->another();
    if (!another) return failure(another.error());
    loop->listeners.push_back(std::make_unique<net::Listener>(
        loop->loop, std::move(*another), [&loop = *loop, &door](int fd) { loop.accept(fd, door); }));
  }
  return {};
}

Status Server::load_certificate(const ServerSettings& settings) {
  if (settings.tls_certificate.empty()) return {};
  auto loaded = net::TlsServer::load(settings.tls_certificate, settings.tls_key);
  if (!loaded) return failure(loaded.error());
  for (auto& loop : loops_) {
    if (!loop->thread.joinable()) {
      loop->tls = *loaded;
      continue;
    }
    loop->loop.post([&loop = *loop, tls = *loaded] {
      if (loop.tls) loop.tls = tls;  // what began as HTTP goes on so until the next start
    });
  }
  return {};
}

int64_t Server::connection_limit(const Limits& limits) const {
  return std::min(limits.connections, process_.most_connections);
}

bool Server::close_oldest_idle(Loop& loop) {
  Loop* holder = nullptr;
  int64_t oldest_us = 0;
  for (const auto& one : loops_) {
    const auto since_us = one->host.idle.oldest_us();
    if (since_us == 0 || (holder != nullptr && since_us >= oldest_us)) continue;
    holder = one.get();
    oldest_us = since_us;
  }
  if (holder == nullptr) return false;
  if (holder == &loop) return loop.host.idle.close_oldest();
  if (!holder->host.idle.claim()) return loop.host.idle.close_oldest();
  holder->loop.post([holder] { holder->host.idle.close_claimed(); });
  return true;
}

void Server::deploy(std::shared_ptr<Snapshot> snapshot) {
  conversations_->set(keeper_settings(*snapshot));
  answers_->set(cached_routes(*snapshot));
  snapshot->version = version_++;
  trials_->set(snapshot);
  std::string fault;
  deployment_ = make_deployment(std::move(snapshot), deployment_.get(), metrics_, options_.data_folder, &fault);
  if (!fault.empty()) options_.log.error("what was learned cannot be read", {{"why", fault}});
  for (auto& loop : loops_) {
    if (loop->worker.deployment)
      loop->worker.deploy(deployment_);
    else
      loop->worker.deployment = deployment_;  // not running yet
  }
  expire_audit();
}

void Server::expire_audit() {
  std::vector<AuditExpiry> over;
  for (const auto& route : deployment_->snapshot->routes) {
    if (route.audit_ms >= 0) {
      over.push_back({.route = route.name, .before_us = wall_clock_us() - saturating_multiply(route.audit_ms, 1'000)});
    }
  }
  if (over.empty()) return;
  ledger_->run([over = std::move(over), log = options_.log](Store& store) {
    for (const auto& one : over) {
      if (const auto expired = store.expire_audit(one); !expired) {
        log.error("the audit cannot forget what is over", {{"why", expired.error().message}, {"route", one.route}});
      }
    }
  });
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
  auto deployed = options_.config_signature;
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
    if (rounds % rounds_between_expiries == 0) expire_audit();
  }
}

void Server::reload(std::string_view why) {
  if (!options_.reload) return;
  auto loaded = options_.reload();
  // A renewed certificate counts whatever became of the config.
  const auto& settings = loaded ? (*loaded)->server : deployment_->snapshot->server;
  if (auto renewed = load_certificate(settings); !renewed) {
    options_.log.error("certificate refused; the running one stays",
                       {{"because", why}, {"problem", renewed.error().message}});
  }
  if (!loaded) {
    process_.reloads_failed.fetch_add(1);
    options_.log.error("config refused; the running one stays",
                       {{"because", why}, {"problems", loaded.error().message}});
    return;
  }
  if (beyond_loopback_ && !keys_.required() && !(*loaded)->server.allow_keyless) {
    process_.reloads_failed.fetch_add(1);
    options_.log.error("config refused; the running one stays",
                       {{"because", why},
                        {"problems",
                         "without `server.allow_keyless` this server, which can be reached "
                         "from other machines, needs keys: weir keys create --name NAME"}});
    return;
  }
  if ((*loaded)->server.listen != deployment_->snapshot->server.listen) {
    options_.log.warn("listeners change at the next start only", {});
    (*loaded)->server.listen = deployment_->snapshot->server.listen;
  }
  if ((*loaded)->server.metrics_listen != deployment_->snapshot->server.metrics_listen) {
    options_.log.warn("the listener of /metrics changes at the next start only", {});
    (*loaded)->server.metrics_listen = deployment_->snapshot->server.metrics_listen;
  }
  LogLevel level{};
  if (parse_log_level((*loaded)->server.log_level, level)) options_.log.set_level(level);
  deploy(std::move(*loaded));
  options_.log.info("config loaded", {{"because", why}, {"version", deployment_->snapshot->version}});
}

int64_t Server::session_count() const {
  return process_.connections.load(std::memory_order_relaxed) + process_.surplus.load(std::memory_order_relaxed);
}

void Server::drain() {
  process_.draining.store(true);
  const auto limit_ms = deployment_->snapshot->server.drain_ms;
  options_.log.info("draining", {{"connections", session_count()}, {"limit_ms", limit_ms}});
  for (auto& loop : loops_) {
    loop->loop.post([&loop = *loop] {
      loop.listeners.clear();
      loop.health_stop.request();
      loop.host.drain();
      loop.copies.stop();
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
  while ((session_count() > 0 || trials_->copies() > 0) && std::chrono::steady_clock::now() < last_moment)
    sigtimedwait(&signals, nullptr, &pause);
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
