// The exchange of a token that we made for one of the provider's own. A method of Relay.
#include "formats/token_exchange.h"
#include "pipeline/relay.h"
#include "upstream/exchange.h"

namespace weir {
namespace {

constexpr int64_t exchange_ms = 10'000;
constexpr std::size_t most_answer = 64 * 1024;

}  // namespace

uint64_t Relay::tokens_exchanged(uint32_t model) const {
  const auto* const exchange = dynamic_cast<const TokenExchange*>(context_.provider_of(model).tokens.get());
  return exchange == nullptr ? 0 : exchange->exchanged();
}

net::Task<bool> Relay::renew_token(uint32_t model, Renewal why) {
  const auto& provider = context_.provider_of(model);
  const auto* const exchange = dynamic_cast<const TokenExchange*>(provider.tokens.get());
  if (exchange == nullptr || exchange->place().empty()) co_return false;
  const auto wall_s = wall_clock_us() / 1'000'000;
  const bool refused = why == Renewal::refused;
  if (refused && exchange->exchanged() != tokens_exchanged_) co_return true;  // somebody else did
  if (!exchange->wants_one(wall_s, refused)) co_return false;
  // As the provider, but elsewhere.
  auto keeper = provider;
  keeper.id += "/token";
  if (!parse_url(exchange->place(), keeper.url)) co_return false;
  const auto question = exchange->ask(wall_s);
  const ExchangeWaits waits{
      .deadline_us = std::min(context_.deadline_us, context_.worker.loop.deadline_in_ms(exchange_ms)),
      .head_ms = exchange_ms};
  Exchange asked(context_.worker.pool, keeper);
  Status taken = co_await asked.send(question, waits, &downstream_.cancellation());
  if (taken) {
    auto body = co_await asked.read_all(most_answer);
    HttpResponse answer{.status = asked.status(), .headers = {}, .body = body ? std::move(*body) : std::string()};
    taken = exchange->take(answer, wall_s);
  } else if (taken.error().code != ErrorCode::client_gone) {
    static_cast<void>(exchange->take({.status = 0}, wall_s));  // in vain
  }
  if (!taken) {
    context_.worker.log.warn("a service account's token was not exchanged",
                             {{"provider", provider.id}, {"why", taken.error().message}});
  }
  co_return taken.has_value();
}

}  // namespace weir
