// The client side of the benchmarks: sends 1 KB chat requests over N keep-alive connections and measures each answer.
//   closed loop  every connection sends its next request when the answer is complete
//   open loop    --rate R: requests are due at random (Poisson) moments, R a second; latency counts from when a request
//   was
//                due, so that a server that falls behind cannot hide it
// Prints one JSON object. One thread, epoll, one write per request.
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "response_reader.h"
#include "sockets.h"

namespace weir::bench {
namespace {

struct Options {
  uint16_t port = 0;
  std::size_t connections = 64;
  double seconds = 3;
  double warmup = 0.5;
  int64_t requests = 0;
  double rate = 0;
  double disconnect = 0;
  std::size_t bytes = 1024;
  std::string models = "json";
  std::string keys_file;
  std::vector<std::string> headers;
};

// A model and its share of the requests; names that begin with `sse` or `cut` are streamed.
struct Kind {
  std::string model;
  double weight = 1;
};

std::vector<Kind> parse_models(const std::string& text) {
  std::vector<Kind> kinds;
  for (const std::string& item : CLI::detail::split(text, ',')) {
    const std::size_t colon = item.find(':');
    kinds.push_back({.model = item.substr(0, colon),
                     .weight = colon == std::string::npos ? 1.0 : std::stod(item.substr(colon + 1))});
  }
  return kinds;
}

std::vector<std::string> read_keys(const std::string& file) {
  std::vector<std::string> keys;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) keys.push_back(line);
  }
  if (keys.empty()) keys.emplace_back();
  return keys;
}

std::string request_bytes(const Options& options, const std::string& model, const std::string& key) {
  const bool stream = model.starts_with("sse") || model.starts_with("cut");
  std::string body =
      fmt::format(R"({{"model":"{}","messages":[{{"role":"system","content":"You are the support desk of a )"
                  R"(bicycle shop. Answer in two sentences."}},{{"role":"user","content":")",
                  model);
  const std::string tail =
      fmt::format(R"("}}],"temperature":0.7,"max_tokens":256{}}})", stream ? R"(,"stream":true)" : "");
  constexpr std::string_view words =
      "The rear wheel of the blue city bike clicks when I pedal uphill, and the chain slips. ";
  for (std::size_t i = 0; body.size() + tail.size() < options.bytes; ++i) body += words[i % words.size()];
  body += tail;
  std::string headers = key.empty() ? "" : "Authorization: Bearer " + key + "\r\n";
  for (const std::string& header : options.headers) headers += header + "\r\n";
  return fmt::format(
      "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nAccept: "
      "application/json\r\n"
      "User-Agent: bench-load\r\n{}Content-Length: {}\r\n\r\n{}",
      options.port, headers, body.size(), body);
}

struct Connection {
  Fd fd;
  std::size_t index = 0;
  bool busy = false;
  bool leaves = false;  // will hang up in the middle of this answer
  bool ready = false;   // connected
  std::string_view unsent;
  int64_t due = 0;        // latency counts from here
  int64_t first = 0;      // first byte of the answer
  std::string_view next;  // to be sent once connected
  ResponseReader reader;
};

class Load {
 public:
  explicit Load(Options options)
      : options_(std::move(options)), kinds_(parse_models(options_.models)), connections_(options_.connections) {
    std::vector<double> weights;
    for (const Kind& kind : kinds_) weights.push_back(kind.weight);
    pick_ = std::discrete_distribution<std::size_t>(weights.begin(), weights.end());
    const std::vector<std::string> keys = read_keys(options_.keys_file);
    for (const Kind& kind : kinds_) {
      std::vector<std::string>& list = requests_.emplace_back();
      for (const std::string& key : keys) list.push_back(request_bytes(options_, kind.model, key));
    }
  }

  void run() {
    ::prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      connections_[i].index = i;
      open(connections_[i]);
    }
    start_ = now_ns();
    measure_from_ = start_ + static_cast<int64_t>(options_.warmup * 1e9);
    const int64_t end = measure_from_ + static_cast<int64_t>(options_.seconds * 1e9);
    next_arrival_ = start_;
    if (options_.rate <= 0) {
      for (Connection& connection : connections_) begin(connection, start_);
    } else {
      for (Connection& connection : connections_) idle_.push_back(&connection);
    }
    std::array<epoll_event, 512> events{};
    while (options_.requests > 0 ? finished_ < options_.requests : now_ns() < end) {
      const int64_t wait = options_.rate > 0 ? std::max<int64_t>(0, next_arrival_ - now_ns()) : 100'000'000;
      const int count = epoll_.wait(events, std::min<int64_t>(wait, 100'000'000));
      for (const epoll_event& ready : std::span(events).first(static_cast<std::size_t>(count))) {
        serve(*static_cast<Connection*>(ready.data.ptr), ready.events);
      }
      if (options_.rate > 0) arrive();
    }
    ended_ = now_ns();
    print();
  }

 private:
  void open(Connection& connection) {
    connection.fd = connect_to_loopback(options_.port);
    connection.ready = false;
    epoll_.add(connection.fd.get(), EPOLLIN | EPOLLOUT, &connection);
  }

  void arrive() {
    const int64_t now = now_ns();
    while (next_arrival_ <= now) {
      due_.push_back(next_arrival_);
      next_arrival_ += static_cast<int64_t>(gap_(random_) / options_.rate * 1e9);
    }
    while (!due_.empty() && !idle_.empty()) {
      Connection* connection = idle_.back();
      idle_.pop_back();
      begin(*connection, due_.front());
      due_.pop_front();
    }
  }

  void begin(Connection& connection, int64_t due) {
    const std::vector<std::string>& list = requests_[kinds_.size() == 1 ? 0 : pick_(random_)];
    connection.busy = true;
    connection.due = due;
    connection.first = 0;
    connection.leaves = options_.disconnect > 0 && unit_(random_) < options_.disconnect;
    connection.reader.reset();
    connection.unsent = list[turn_++ % list.size()];
    if (connection.ready) write(connection);
  }

  void write(Connection& connection) {
    const ssize_t count = ::send(connection.fd.get(), connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN) return fail(connection);
    connection.unsent.remove_prefix(count < 0 ? 0 : static_cast<std::size_t>(count));
    if (!connection.unsent.empty()) epoll_.change(connection.fd.get(), EPOLLIN | EPOLLOUT, &connection);
  }

  void serve(Connection& connection, uint32_t events) {
    if ((events & EPOLLERR) != 0) return fail(connection);
    if ((events & EPOLLOUT) != 0) {
      connection.ready = true;
      epoll_.change(connection.fd.get(), EPOLLIN, &connection);
      if (connection.busy && !connection.unsent.empty()) write(connection);
    }
    if ((events & (EPOLLIN | EPOLLHUP)) == 0) return;
    const ssize_t count = ::read(connection.fd.get(), buffer_.data(), buffer_.size());
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return connection.reader.ends_with_close() ? finish(connection) : fail(connection);
    if (connection.first == 0) connection.first = now_ns();
    bytes_ += count;
    connection.reader.take({buffer_.data(), static_cast<std::size_t>(count)});
    if (connection.leaves) return leave(connection);
    if (connection.reader.broken()) return fail(connection);
    if (connection.reader.done()) finish(connection);
  }

  void finish(Connection& connection) {
    const int64_t now = now_ns();
    if (now >= measure_from_) {
      ++measured_;
      events_ += connection.reader.events();
      ++statuses_[connection.reader.status()];
      latency_.push_back(static_cast<uint32_t>((now - connection.due) / 100));
      first_byte_.push_back(static_cast<uint32_t>((connection.first - connection.due) / 100));
    }
    if (!connection.reader.keep_alive() || connection.reader.ends_with_close()) reopen(connection);
    next(connection, now);
  }

  void leave(Connection& connection) {
    ++left_;
    reopen(connection);
    next(connection, now_ns());
  }

  void fail(Connection& connection) {
    if (connection.busy) ++failed_;
    if (failed_ > 1'000 && failed_ > finished_ / 2) {
      print();
      throw std::runtime_error("most requests fail");
    }
    reopen(connection);
    if (connection.busy) next(connection, now_ns());
  }

  void reopen(Connection& connection) {
    connection.fd.reset();
    open(connection);
  }

  void next(Connection& connection, int64_t now) {
    ++finished_;
    if (options_.rate <= 0) return begin(connection, now);
    connection.busy = false;
    idle_.push_back(&connection);
  }

  static std::string quantiles(std::vector<uint32_t>& values) {
    std::sort(values.begin(), values.end());
    const auto at = [&](double share) {
      if (values.empty()) return 0.0;
      const auto rank = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
      return static_cast<double>(values[rank]) / 10.0;
    };
    return fmt::format(R"({{"p50":{},"p90":{},"p99":{},"p999":{},"max":{}}})", at(0.5), at(0.9), at(0.99), at(0.999),
                       at(1.0));
  }

  void print() {
    const double seconds = static_cast<double>(now_ns() - measure_from_) / 1e9;
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto micros = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
    };
    std::string statuses;
    for (const auto& [status, count] : statuses_)
      statuses += fmt::format("{}\"{}\":{}", statuses.empty() ? "" : ",", status, count);
    fmt::print(
        R"({{"seconds":{:.4f},"requests":{},"finished":{},"failed":{},"left":{},"per_second":{:.1f},"events":{},)"
        R"("events_per_second":{:.1f},"statuses":{{{}}},"bytes":{},"latency_us":{},"first_byte_us":{},"cpu_us":{:.0f}}})"
        "\n",
        seconds, measured_, finished_, failed_, left_, static_cast<double>(measured_) / seconds, events_,
        static_cast<double>(events_) / seconds, statuses, bytes_, quantiles(latency_), quantiles(first_byte_),
        micros(usage.ru_utime) + micros(usage.ru_stime));
  }

  Options options_;
  std::vector<Kind> kinds_;
  std::vector<std::vector<std::string>> requests_;  // by kind, then by key
  std::vector<Connection> connections_;
  std::vector<Connection*> idle_;
  std::deque<int64_t> due_;
  Epoll epoll_;
  std::array<char, 256 * 1024> buffer_{};
  std::mt19937_64 random_{1};
  std::exponential_distribution<double> gap_{1.0};
  std::uniform_real_distribution<double> unit_{0.0, 1.0};
  std::discrete_distribution<std::size_t> pick_;
  std::size_t turn_ = 0;
  int64_t start_ = 0;
  int64_t measure_from_ = 0;
  int64_t ended_ = 0;
  int64_t next_arrival_ = 0;
  int64_t measured_ = 0;
  int64_t finished_ = 0;
  int64_t failed_ = 0;
  int64_t left_ = 0;
  int64_t events_ = 0;
  int64_t bytes_ = 0;
  std::map<int, int64_t> statuses_;
  std::vector<uint32_t> latency_;  // tenths of a microsecond
  std::vector<uint32_t> first_byte_;
};

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  CLI::App app("Load for benchmarks: chat requests over keep-alive connections; prints one JSON object");
  weir::bench::Options options;
  app.add_option("--port", options.port, "of the server on 127.0.0.1")->required();
  app.add_option("--connections,-c", options.connections);
  app.add_option("--seconds,-s", options.seconds, "measured time, after the warm-up");
  app.add_option("--warmup", options.warmup, "seconds that do not count");
  app.add_option("--requests,-n", options.requests, "stop after so many instead");
  app.add_option("--rate", options.rate, "open loop: requests a second; 0 = closed loop");
  app.add_option("--disconnect", options.disconnect,
                 "share of requests whose client hangs up in the middle of the answer");
  app.add_option("--bytes", options.bytes, "size of a request body");
  app.add_option("--models", options.models, "MODEL[:WEIGHT],… ; see the upstream for what a name does");
  app.add_option("--keys", options.keys_file, "file with one API key a line, used in turn");
  app.add_option("--header", options.headers, "one more header: `Name: value`; may be repeated");
  CLI11_PARSE(app, argc, argv);
  std::make_unique<weir::bench::Load>(std::move(options))->run();
}
