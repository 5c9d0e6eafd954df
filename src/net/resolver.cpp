#include "net/resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

namespace weir::net {
namespace {

constexpr std::size_t max_workers = 4;  // one hanging name server must not hold up the other names

void set_port(Address& address, uint16_t port) {
  if (address.storage.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(&address.storage)->sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port = htons(port);
  }
}

std::optional<Address> literal(const std::string& host) {
  Address address;
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    address.storage.ss_family = AF_INET;
    address.length = sizeof(sockaddr_in);
    return address;
  }
  if (inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
    address.storage.ss_family = AF_INET6;
    address.length = sizeof(sockaddr_in6);
    return address;
  }
  return std::nullopt;
}

std::vector<Address> with_port(std::vector<Address> addresses, uint16_t port) {
  for (auto& address : addresses) set_port(address, port);
  return addresses;
}

}  // namespace

Resolver::~Resolver() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& worker : workers_) worker.join();
}

void Resolver::ask(Question question) {
  const std::lock_guard lock(mutex_);
  questions_.push_back(std::move(question));
  if (idle_ == 0 && workers_.size() < max_workers) workers_.emplace_back([this] { work(); });
  wake_.notify_one();
}

void Resolver::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    wake_.wait(lock, [this] { return stopping_ || !questions_.empty(); });
    --idle_;
    if (stopping_) return;
    const Question question = std::move(questions_.front());
    questions_.pop_front();
    lock.unlock();

    Answer answer;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int error = ::getaddrinfo(question.host.c_str(), nullptr, &hints, &found); error != 0) {
      answer.error = gai_strerror(error);
    }
    for (const auto* at = found; at != nullptr; at = at->ai_next) {
      Address address;
      std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
      address.length = at->ai_addrlen;
      answer.addresses.push_back(address);
    }
    if (found != nullptr) ::freeaddrinfo(found);
    question.answer(std::move(answer));
    lock.lock();
  }
}

Task<Result<std::vector<Address>>> Resolver::resolve(EventLoop& loop, std::string host, uint16_t port, Wait wait) {
  if (auto address = literal(host)) co_return with_port({*address}, port);
  std::vector<Address> stale;
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = answers_.find(host); known != answers_.end()) {
      if (loop.now_us() - known->second.asked_us < ttl_ms * 1000) co_return with_port(known->second.addresses, port);
      stale = known->second.addresses;
    }
  }
  // The waiter may be gone when the answer comes, so both sides share what they write to.
  struct Shared {
    Signal* signal = nullptr;
    Answer answer;
  };
  const auto shared = std::make_shared<Shared>();
  Signal signal(loop, wait);
  shared->signal = &signal;
  ask({host, [&loop, shared](Answer answer) {
         loop.post([shared, answer = std::move(answer)]() mutable {
           shared->answer = std::move(answer);
           if (shared->signal != nullptr) shared->signal->fire();
         });
       }});
  const auto outcome = co_await signal;
  shared->signal = nullptr;
  if (outcome == Outcome::ready && !shared->answer.addresses.empty()) {
    const std::lock_guard lock(mutex_);
    shared->answer.asked_us = loop.now_us();
    answers_[host] = shared->answer;
    co_return with_port(shared->answer.addresses, port);
  }
  if (!stale.empty() && outcome != Outcome::cancelled) co_return with_port(stale, port);
  if (outcome == Outcome::cancelled) co_return failure(ErrorCode::client_gone, "cancelled");
  const auto why = outcome == Outcome::timed_out ? std::string("no answer in time") : shared->answer.error;
  co_return failure(ErrorCode::upstream_unreachable, "its name could not be resolved: " + why);
}

}  // namespace weir::net
