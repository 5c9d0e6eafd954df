#include "cli/load_level.h"

#include <array>
#include <chrono>

#include "core/json.h"
#include "core/sse.h"
#include "formats/openai/model_face.h"
#include "upstream/exchange.h"

namespace weir {
namespace {

constexpr std::size_t longest_error = std::size_t{1} << 20;
constexpr int64_t grace_ms = 120'000;  // for requests that were begun in time

int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Common words; the number in front keeps prompts apart from the first token on.
std::string prompt_of(int64_t number, int64_t count) {
  constexpr std::array words =
      std::to_array<std::string_view>({"river", "stone", "water", "light", "house", "field", "north", "green", "paper",
                                       "table", "story", "small", "right", "night"});
  auto text = fmt::format("{} ", number);
  for (int64_t i = 1; i < count; ++i) {
    text += words[static_cast<std::size_t>(i * 7 + number) % words.size()];
    text += ' ';
  }
  return text;
}

std::string body_of(const LoadSettings& settings, int64_t number) {
  std::string text;
  json::Writer out(text);
  out.begin_object().key("model").value(settings.model).key("messages").begin_array();
  out.begin_object()
      .key("role")
      .value("user")
      .key("content")
      .value(prompt_of(number, settings.prompt_words))
      .end_object();
  out.end_array().key("max_tokens").value(settings.output_tokens);
  out.key("stream").boolean(true).key("stream_options").begin_object().key("include_usage").boolean(true).end_object();
  if (settings.extras == Extras::local) out.key("ignore_eos").boolean(true).key("cache_prompt").boolean(false);
  out.end_object();
  return text;
}

class Level {
 public:
  Level(const ProviderSettings& server, const LoadSettings& settings, const LoadProgress& progress)
      : server_(server),
        settings_(settings),
        progress_(progress),
        model_(model_face("openai")),
        pool_(loop_, dialer_) {}

  LoadRun run() {
    loop_.post([this] {
      begin_us_ = now_us();
      deadline_us_ = loop_.deadline_in_ms(settings_.seconds * 1000 + grace_ms);
      working_ = settings_.concurrency;
      for (int64_t i = 0; i < settings_.concurrency; ++i) net::spawn(work());
    });
    loop_.run();
    return std::move(run_);
  }

 private:
  // A server that answers nothing is not asked for ever.
  [[nodiscard]] bool may_begin() const {
    const bool hopeless = answered_ == 0 && failures_ >= settings_.concurrency + 1;
    return started_ < settings_.requests && now_us() - begin_us_ < settings_.seconds * 1'000'000 && !hopeless;
  }

  net::Task<void> work() {
    while (may_begin()) {
      const auto number = settings_.first_number + started_++;
      const auto sample = co_await ask(number);
      run_.samples.push_back(sample);
      tokens_ += sample.output_tokens;
      if (sample.output_tokens > 0) ++answered_;
      progress_(answered_, tokens_);
    }
    if (--working_ == 0) loop_.stop();
  }

  void fail(Error error) {
    ++failures_;
    if (!run_.error) run_.error = std::move(error);
  }

  net::Task<plan::Sample> ask(int64_t number) {
    plan::Sample sample{.begin_us = now_us() - begin_us_};
    HttpRequest request;
    request.path = openai_provider::path_for(server_, "/chat/completions", settings_.model);
    request.headers.add("Content-Type", "application/json");
    request.headers.add("Accept", "text/event-stream");
    openai_provider::add_credential(server_, request.headers);
    request.body = body_of(settings_, number);
    auto outcome = co_await exchange_once(request, sample);
    // The server had closed an idle connection: the request never reached it.
    if (outcome == Outcome::stale) outcome = co_await exchange_once(request, sample);
    if (outcome == Outcome::stale)
      fail(Error{.code = ErrorCode::upstream_reset, .message = "the server closes its connections"});
    if (outcome != Outcome::answered) sample.output_tokens = 0;
    sample.end_us = now_us() - begin_us_;
    co_return sample;
  }

  enum class Outcome : uint8_t { answered, failed, stale };

  net::Task<Outcome> exchange_once(const HttpRequest& request, plan::Sample& sample) {
    Exchange exchange(pool_, server_);
    const ExchangeWaits waits{.deadline_us = deadline_us_};
    auto sent = co_await exchange.send(request, waits, nullptr);
    if (!sent) {
      if (exchange.was_reused() && sent.error().code == ErrorCode::upstream_reset) co_return Outcome::stale;
      fail(sent.error());
      co_return Outcome::failed;
    }
    if (exchange.status() != 200) {
      auto body = co_await exchange.read_all(longest_error);
      HttpResponse response;
      response.status = exchange.status();
      response.headers = exchange.headers();
      if (body) response.body = std::move(*body);
      fail(model_.classify(response));
      co_return Outcome::failed;
    }
    auto read = co_await read_stream(exchange, sample);
    if (!read) fail(read.error());
    co_return read ? Outcome::answered : Outcome::failed;
  }

  net::Task<Status> read_stream(Exchange& exchange, plan::Sample& sample) {
    EventFramer framer(Framing::sse);
    const auto reader = model_.stream(weir::Request{});
    Stream stream;
    for (;;) {
      const ReadUntil as_told;
      auto piece = co_await exchange.read(as_told);
      if (!piece) co_return failure(piece.error());
      if (piece->empty()) break;
      framer.feed(*piece);
      auto taken = take_events(framer, *reader, stream, sample);
      if (!taken) co_return taken;
    }
    if (stream.chunks == 0)
      co_return failure(ErrorCode::upstream_malformed, "the server's answer has no text in it, or is no event stream");
    const bool counted = stream.usage.known && stream.usage.output > 0;
    sample.output_tokens = counted ? stream.usage.output : stream.chunks;
    sample.input_tokens = counted ? stream.usage.input : 0;
    sample.estimated = !counted;
    co_return Status{};
  }

  struct Stream {
    int64_t chunks = 0;
    Usage usage;
  };

  Status take_events(EventFramer& framer, EventReader& reader, Stream& stream, plan::Sample& sample) {
    FramedEvent event;
    for (;;) {
      const auto more = framer.next(event);
      if (!more) return failure(more.error());
      if (!*more) return {};
      if (!event.has_data) continue;
      events_.clear();
      if (auto read = reader.read(event, scratch_, events_); !read) return read;
      bool content = false;
      for (const auto& each : events_) {
        content = content || each.is_content();
        if (each.kind == StreamEvent::Kind::usage) stream.usage = each.usage;
        if (each.kind == StreamEvent::Kind::error) return failure(each.error);
      }
      if (content && stream.chunks++ == 0) sample.first_token_us = now_us() - begin_us_;
    }
  }

  const ProviderSettings& server_;
  const LoadSettings& settings_;
  const LoadProgress& progress_;
  const ModelFace& model_;
  net::EventLoop loop_;
  Dialer dialer_;
  UpstreamPool pool_;
  json::Document scratch_;
  std::vector<StreamEvent> events_;
  LoadRun run_;
  int64_t begin_us_ = 0;
  int64_t deadline_us_ = 0;
  int64_t working_ = 0;
  int64_t started_ = 0;
  int64_t answered_ = 0;
  int64_t failures_ = 0;
  int64_t tokens_ = 0;
};

}  // namespace

LoadRun run_load(const ProviderSettings& server, const LoadSettings& settings, const LoadProgress& progress) {
  return Level(server, settings, progress).run();
}

}  // namespace weir
