#include "guards/exceptions.h"

#include <algorithm>
#include <optional>

#include "guards/characters.h"

namespace weir::guards {
namespace {

// As it is compared: case and what parts groups say nothing, digits of any script are alike.
std::string plain(std::string_view value) {
  std::string out;
  for (std::size_t at = 0; at < value.size();) {
    const Digit digit = digit_at(value, at);
    const Character here = character_at(value, at);
    if (digit.value >= 0) {
      out.push_back(static_cast<char>('0' + digit.value));
    } else if (!is_any_space(here.value) && !is_any_dash(here.value) && !is_ignorable(here.value)) {
      append_utf8(out, fold(here.value));
    }
    at += here.size;
  }
  return out;
}

struct Network {
  uint32_t address = 0;
  uint32_t mask = 0;
};

std::optional<uint32_t> read_part(std::string_view& rest, uint32_t most) {
  std::size_t size = 0;
  uint32_t value = 0;
  while (size < rest.size() && size < 3 && is_digit(rest[size])) {
    value = value * 10 + static_cast<uint32_t>(rest[size++] - '0');
  }
  if (size == 0 || value > most) return std::nullopt;
  rest.remove_prefix(size);
  return value;
}

// `192.168.1.20` or `192.168.0.0/16`.
std::optional<Network> read_network(std::string_view text) {
  Network network{.mask = ~uint32_t{0}};
  for (int i = 0; i < 4; ++i) {
    if (i > 0 && (text.empty() || text.front() != '.')) return std::nullopt;
    if (i > 0) text.remove_prefix(1);
    const auto part = read_part(text, 255);
    if (!part) return std::nullopt;
    network.address = (network.address << 8U) | *part;
  }
  if (text.empty()) return network;
  if (text.front() != '/') return std::nullopt;
  text.remove_prefix(1);
  const auto bits = read_part(text, 32);
  if (!bits || *bits == 0 || !text.empty()) return std::nullopt;
  network.mask <<= 32U - *bits;
  network.address &= network.mask;
  return network;
}

bool is_of_domain(std::string_view address, std::string_view domain) {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos) return false;
  const std::string_view host = address.substr(at + 1);
  if (host.size() < domain.size() || !equals_folded(host.substr(host.size() - domain.size()), domain)) return false;
  return host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
}

}  // namespace

Exceptions::Exceptions(const std::vector<GuardException>& list, Confidence least) : least_(least) {
  for (const GuardException& one : list) {
    Entry entry{.kind = one.kind, .plain = plain(one.value), .domain = {}, .below = one.below};
    for (const char c : one.domain) entry.domain.push_back(to_lower(c));
    if (entry.domain.substr(0, 2) == "*.") entry.domain.erase(0, 2);
    if (const auto network = read_network(one.value); network && is_network(one.value)) {
      entry.plain.clear();
      entry.address = network->address;
      entry.mask = network->mask;
    }
    entries_.push_back(std::move(entry));
  }
}

bool Exceptions::is_network(std::string_view value) {
  return value.find('/') != std::string_view::npos && read_network(value).has_value();
}

bool Exceptions::has(std::string_view guard, std::string_view what, std::string_view value,
                     Confidence confidence) const {
  if (confidence < least_) return true;
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    if (entry.kind != what && entry.kind != guard) return false;
    if (entry.below && confidence >= *entry.below) return false;
    if (!entry.domain.empty() && !is_of_domain(value, entry.domain)) return false;
    if (!entry.plain.empty() && plain(value) != entry.plain) return false;
    if (entry.mask == 0) return true;
    const auto address = read_network(value);
    return address && (address->address & entry.mask) == entry.address;
  });
}

}  // namespace weir::guards
