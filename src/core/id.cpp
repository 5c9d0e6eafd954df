#include "core/id.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <span>
#include <stdexcept>
#include <system_error>

#include "core/stable_hash.h"

namespace weir {
namespace {

constexpr int64_t epoch_us = 1'577'836'800'000'000;  // 2020-01-01
constexpr int source_bits = 12;
constexpr int64_t max_us = (int64_t{1} << 51) - 1;

constexpr std::string_view prefix = "req_";
constexpr std::size_t digits = 13;  // of 5 bits: 64 bits and one to spare
constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr uint8_t no_digit = 0xff;

constexpr std::array<uint8_t, 256> digit_values = [] {
  std::array<uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    const auto letter = static_cast<uint8_t>(alphabet[i]);
    values[letter] = static_cast<uint8_t>(i);
    if (letter >= 'a') values[letter - 'a' + 'A'] = static_cast<uint8_t>(i);
  }
  return values;
}();

void write_digits(char* out, uint64_t number) {
  for (std::size_t i = digits; i-- > 0; number >>= 5) out[i] = alphabet[number & 31];
}

std::optional<uint64_t> read_digits(std::string_view text) {
  uint64_t number = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const auto value = digit_values[static_cast<uint8_t>(text[i])];
    if (value == no_digit || (i == 0 && value > 15)) return std::nullopt;
    number = number << 5 | value;
  }
  return number;
}

// splitmix64 (Steele, Lea, Flood 2014): spreads a counter over all 64 bits.
uint64_t next_random(uint64_t& state) {
  uint64_t z = (state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// 0, or the errno.
int fill_randomly(std::span<uint8_t> bytes) {
  while (!bytes.empty()) {
    const auto got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return 0;
}

}  // namespace

RequestIds::RequestIds(uint16_t source) : source_(source), state_(0) {
  if (source >= max_sources) throw std::invalid_argument("RequestIds: the source must be below 4096");
  std::array<uint8_t, sizeof state_> seed{};
  if (const int error = fill_randomly(seed); error != 0) {
    throw std::system_error(error, std::generic_category(), "getrandom");
  }
  std::memcpy(&state_, seed.data(), sizeof state_);
}

RequestKey RequestIds::next_key(int64_t now_us) {
  last_us_ = std::min(std::max(now_us - epoch_us, last_us_ + 1), max_us);
  return {.key = last_us_ << source_bits | source_, .random = next_random(state_)};
}

void write_request_id(const RequestKey& key, std::string& out) {
  out.resize(prefix.size() + 2 * digits);
  prefix.copy(out.data(), prefix.size());
  write_digits(out.data() + prefix.size(), static_cast<uint64_t>(key.key));
  write_digits(out.data() + prefix.size() + digits, key.random);
}

std::string to_request_id(const RequestKey& key) {
  std::string id;
  write_request_id(key, id);
  return id;
}

std::optional<RequestKey> parse_request_id(std::string_view id) {
  if (id.size() != prefix.size() + 2 * digits || !id.starts_with(prefix)) return std::nullopt;
  const auto key = read_digits(id.substr(prefix.size()));
  const auto random = read_digits(id.substr(prefix.size() + digits));
  if (!key || !random || *key > static_cast<uint64_t>(INT64_MAX)) return std::nullopt;
  return RequestKey{.key = static_cast<int64_t>(*key), .random = *random};
}

int64_t first_key_at(int64_t time_us) {
  if (time_us <= epoch_us) return 0;
  return std::min(time_us - epoch_us, max_us) << source_bits;
}

RequestKey request_key_of(std::string_view what, int64_t time_us) {
  const auto hash = fnv1a(what);
  return {.key = first_key_at(time_us) + static_cast<int64_t>(hash % RequestIds::max_sources), .random = hash};
}

int64_t time_of_key(int64_t key) { return (key >> source_bits) + epoch_us; }

Result<std::string> random_text(std::size_t bytes) {
  std::vector<uint8_t> random(bytes);
  if (const int error = fill_randomly(random); error != 0) {
    return failure(ErrorCode::internal, "the kernel gives no randomness: " + std::generic_category().message(error));
  }
  std::string text;
  text.reserve((bytes * 8 + 4) / 5);
  uint32_t bits = 0;
  int count = 0;
  for (const auto byte : random) {
    bits = bits << 8 | byte;
    for (count += 8; count >= 5; count -= 5) text += alphabet[bits >> (count - 5) & 31];
  }
  if (count > 0) text += alphabet[bits << (5 - count) & 31];
  return text;
}

Result<std::string> new_key_id() {
  return random_text(10).map([](std::string text) { return "key_" + std::move(text); });
}

}  // namespace weir
