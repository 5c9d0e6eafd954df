#include "guards/wallet_checks.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "core/crc32.h"
#include "guards/characters.h"
#include "guards/keccak.h"

namespace weir::guards {
namespace {

using Holds = WalletText::Holds;

constexpr std::string_view bitcoin_letters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::string_view ripple_letters = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";
constexpr std::string_view bech32_letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::string_view base32_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

using Places = std::array<int8_t, 128>;

constexpr Places places_in(std::string_view letters) {
  Places places{};
  places.fill(-1);
  for (std::size_t i = 0; i < letters.size(); ++i)
    places[static_cast<unsigned char>(letters[i])] = static_cast<int8_t>(i);
  return places;
}

constexpr Places bitcoin_places = places_in(bitcoin_letters);
constexpr Places ripple_places = places_in(ripple_letters);
constexpr Places bech32_places = places_in(bech32_letters);
constexpr Places base32_places = places_in(base32_letters);

int place_of(const Places& places, char c) { return is_ascii(c) ? places[static_cast<unsigned char>(c)] : -1; }

bool all_in(const Places& places, std::string_view text) {
  return std::all_of(text.begin(), text.end(), [&](char c) { return place_of(places, c) >= 0; });
}

// Bytes without the heap: no text here is longer than an extended key or a Cardano address of the first kind.
struct Bytes {
  std::array<char, 128> data{};
  std::size_t size = 0;

  [[nodiscard]] std::string_view view() const { return {data.data(), size}; }
};

// Base 58 as one big number; leading zeros are written as the first letter each.
std::optional<Bytes> from_base58(std::string_view text, const Places& places) {
  Bytes out;  // the last byte first
  for (const char c : text) {
    const int place = place_of(places, c);
    if (place < 0) return std::nullopt;
    auto carry = static_cast<uint32_t>(place);
    for (std::size_t i = 0; i < out.size; ++i) {
      carry += static_cast<uint32_t>(static_cast<uint8_t>(out.data[i])) * 58;
      out.data[i] = static_cast<char>(carry & 0xFFU);
      carry >>= 8U;
    }
    for (; carry > 0; carry >>= 8U) {
      if (out.size == out.data.size()) return std::nullopt;
      out.data[out.size++] = static_cast<char>(carry & 0xFFU);
    }
  }
  for (const char c : text) {
    if (place_of(places, c) != 0) break;
    if (out.size == out.data.size()) return std::nullopt;
    out.data[out.size++] = 0;
  }
  std::reverse(out.data.begin(), out.data.begin() + static_cast<std::ptrdiff_t>(out.size));
  return out;
}

std::array<unsigned char, SHA256_DIGEST_LENGTH> sha256(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> out{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), out.data());  // NOLINT: OpenSSL's bytes
  return out;
}

// The last four bytes are the beginning of what the others hash to, twice.
bool ends_in_own_hash(std::string_view bytes) {
  const auto once = sha256(bytes.substr(0, bytes.size() - 4));
  const auto twice = sha256({reinterpret_cast<const char*>(once.data()), once.size()});  // NOLINT: the same
  return std::equal(bytes.end() - 4, bytes.end(), twice.begin(),
                    [](char a, unsigned char b) { return static_cast<unsigned char>(a) == b; });
}

// By how many bytes there are before the checksum, and how they begin (in hexadecimal digits): keys. The rest of these
// sizes are addresses.
struct KeyForm {
  std::size_t size;
  std::string_view begins;
};

constexpr KeyForm bitcoin_keys[] = {
    {33, ""},         {34, ""},                                              // WIF
    {78, "0488ade4"}, {78, "049d7878"}, {78, "04b2430c"}, {78, "04358394"},  // BIP-32: xprv, yprv, zprv, tprv
    {36, "0d0f3a07"}, {68, "2bf64e07"}, {58, "0142"},     {39, "0142"},     {39, "0143"}};  // Tezos; BIP-38
constexpr KeyForm ripple_keys[] = {{17, ""}, {19, ""}};                                     // seeds
constexpr std::size_t bitcoin_sizes[] = {21, 22, 23, 33, 34, 36, 39, 58, 68, 78};
constexpr std::size_t ripple_sizes[] = {17, 19, 21, 31, 33};

bool begins_with_hex(std::string_view bytes, std::string_view hex) {
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    if (static_cast<uint8_t>(bytes[i / 2]) != hex_value(hex[i]) * 16 + hex_value(hex[i + 1])) return false;
  }
  return true;
}

template <std::size_t forms, std::size_t sizes>
WalletText base58_check(std::string_view run, const Places& places, const KeyForm (&keys)[forms],
                        const std::size_t (&known)[sizes]) {
  const auto bytes = from_base58(run, places);
  if (!bytes || bytes->size < 5) return {};
  const std::size_t size = bytes->size - 4;
  if (std::find(std::begin(known), std::end(known), size) == std::end(known) || !ends_in_own_hash(bytes->view()))
    return {};
  const bool key = std::any_of(std::begin(keys), std::end(keys), [&](const KeyForm& form) {
    return form.size == size && begins_with_hex(bytes->view(), form.begins);
  });
  return {.holds = key ? Holds::key : Holds::address, .checked = Checked::right};
}

// Eight bytes are written as eleven letters each, the last 69 − 64 = 5 (or 77 − 72) as seven: the last four are a hash.
bool is_monero(std::string_view run) {
  std::string bytes;
  for (std::size_t at = 0; at < run.size(); at += 11) {
    const std::string_view block = run.substr(at, 11);
    uint64_t value = 0;
    for (const char c : block) {
      const int place = place_of(bitcoin_places, c);
      if (place < 0) return false;
      value = value * 58 + static_cast<uint64_t>(place);
    }
    const std::size_t size = block.size() == 11 ? 8 : 5;
    for (std::size_t i = size; i-- > 0;) bytes.push_back(static_cast<char>(value >> (8 * i)));
  }
  const auto hash = keccak256(std::string_view(bytes).substr(0, bytes.size() - 4));
  return std::equal(bytes.end() - 4, bytes.end(), hash.begin(),
                    [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; });
}

uint32_t bech32_sum(std::string_view prefix, std::string_view data) {
  constexpr std::array<uint32_t, 5> generator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
  uint32_t check = 1;
  const auto feed = [&](uint32_t five_bits) {
    const uint32_t top = check >> 25U;
    check = ((check & 0x1ffffffU) << 5U) ^ five_bits;
    for (uint32_t i = 0; i < generator.size(); ++i) check ^= ((top >> i) & 1U) != 0 ? generator[i] : 0;
  };
  for (const char c : prefix) feed(static_cast<uint32_t>(to_lower(c)) >> 5U);
  feed(0);
  for (const char c : prefix) feed(static_cast<uint32_t>(to_lower(c)) & 31U);
  for (const char c : data) feed(static_cast<uint32_t>(place_of(bech32_places, to_lower(c))));
  return check;
}

bool in_one_case(std::string_view text) {
  const bool upper = std::any_of(text.begin(), text.end(), is_upper);
  return !upper || std::none_of(text.begin(), text.end(), [](char c) { return is_alpha(c) && !is_upper(c); });
}

// Prefixes of which a wrong checksum is a slip of the pen and not another word.
bool is_bech32_prefix(std::string_view prefix) {
  constexpr std::string_view known[] = {"bc", "tb", "ltc", "addr", "stake", "cosmos", "osmo", "nsec", "lnbc"};
  return std::any_of(std::begin(known), std::end(known),
                     [&](std::string_view one) { return equals_folded(prefix, one); });
}

// BIP-173, BIP-350. `before` ends with what belongs to the prefix, `addr_test`.
WalletText bech32(std::string_view run, std::string_view before) {
  constexpr uint32_t by_bip_173 = 1;
  constexpr uint32_t by_bip_350 = 0x2bc830a3;
  constexpr std::size_t least = 25;
  const std::size_t bar = run.rfind('1');
  if (bar == std::string_view::npos || bar == 0 || run.size() - bar < least || !in_one_case(run)) return {};
  const std::string_view data = run.substr(bar + 1);
  if (!std::all_of(data.begin(), data.end(), [](char c) { return place_of(bech32_places, to_lower(c)) >= 0; }))
    return {};
  std::string prefix(run.substr(0, bar));
  if (before.ends_with('_')) {
    std::size_t begin = before.size() - 1;
    while (begin > 0 && is_alpha(before[begin - 1])) --begin;
    prefix.insert(0, before.substr(begin));
  }
  const uint32_t sum = bech32_sum(prefix, data);
  const Holds holds = equals_folded(prefix, "nsec") || prefix.ends_with("_sk") ? Holds::key : Holds::address;
  if (sum == by_bip_173 || sum == by_bip_350) {
    const bool public_identity = equals_folded(prefix, "npub") || equals_folded(prefix, "age");
    return {.holds = holds, .checked = public_identity ? Checked::no_such : Checked::right};
  }
  return {.holds = holds, .checked = is_bech32_prefix(prefix) ? Checked::wrong : Checked::no_such};
}

// CashAddr: forty bits, over a prefix that is often left out.
bool is_cash_address(std::string_view run) {
  constexpr std::array<uint64_t, 5> generator = {0x98f2bc8e61, 0x79b76d99e2, 0xf33e5fb3c4, 0xae2eabe2a8, 0x1e4f43e470};
  constexpr std::string_view prefix = "bitcoincash";
  uint64_t check = 1;
  const auto feed = [&](uint64_t five_bits) {
    const uint64_t top = check >> 35U;
    check = ((check & 0x07ffffffffU) << 5U) ^ five_bits;
    for (uint32_t i = 0; i < generator.size(); ++i) check ^= ((top >> i) & 1U) != 0 ? generator[i] : 0;
  };
  for (const char c : prefix) feed(static_cast<uint64_t>(c) & 31U);
  feed(0);
  for (const char c : run) feed(static_cast<uint64_t>(place_of(bech32_places, to_lower(c))));
  return check == 1;
}

// ERC-55: a letter is a capital where the hash of the small ones has a high bit.
WalletText ethereum(std::string_view run) {
  constexpr std::size_t begin = 2;
  const std::string_view digits = run.substr(begin);
  if (!std::all_of(digits.begin(), digits.end(), is_hex)) return {};
  std::array<char, 40> small{};
  std::transform(digits.begin(), digits.end(), small.begin(), to_lower);
  std::array<bool, 16> seen{};
  for (const char c : small) seen[static_cast<std::size_t>(hex_value(c))] = true;
  constexpr std::ptrdiff_t fewest = 6;  // `0x000…dead`, `0xEeee…EEeE`: constants, nobody's
  if (std::count(seen.begin(), seen.end(), true) < fewest) return {};
  if (in_one_case(digits)) return {.checked = Checked::form};
  const auto hash = keccak256({small.data(), small.size()});
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (!is_alpha(digits[i])) continue;
    const unsigned half = i % 2 == 0 ? hash[i / 2] >> 4U : hash[i / 2] & 15U;
    if (is_upper(digits[i]) != (half >= 8)) return {.checked = Checked::wrong};
  }
  return {.checked = Checked::right};
}

Bytes from_base32(std::string_view run) {
  Bytes out;
  uint32_t bits = 0;
  uint32_t held = 0;
  for (const char c : run) {
    held = (held << 5U) | static_cast<uint32_t>(place_of(base32_places, c));
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out.data[out.size++] = static_cast<char>((held >> bits) & 0xFFU);
  }
  return out;
}

uint16_t crc16(std::string_view bytes) {  // XMODEM
  uint16_t crc = 0;
  for (const char c : bytes) {
    crc = static_cast<uint16_t>(crc ^ (static_cast<uint8_t>(c) << 8U));
    for (int i = 0; i < 8; ++i)
      crc = static_cast<uint16_t>((crc & 0x8000U) != 0 ? (crc << 1U) ^ 0x1021U : static_cast<unsigned>(crc) << 1U);
  }
  return crc;
}

// SEP-23: `G…` an account, `S…` its seed, `M…` a part of one, `C…` a contract; the last two bytes check the others.
WalletText stellar(std::string_view run) {
  const Bytes bytes = from_base32(run);
  const std::string_view all = bytes.view();
  const uint16_t crc = crc16(all.substr(0, all.size() - 2));
  const bool right = static_cast<uint8_t>(all[all.size() - 2]) == (crc & 0xFFU) &&
                     static_cast<uint8_t>(all[all.size() - 1]) == crc >> 8U;
  return {.holds = run[0] == 'S' ? Holds::key : Holds::address, .checked = right ? Checked::right : Checked::no_such};
}

bool ends_in_digest(std::string_view hashed, const EVP_MD* hash, std::string_view end, bool from_its_end) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(hashed.data(), hashed.size(), digest.data(), &size, hash, nullptr) != 1) return false;
  const unsigned char* first = from_its_end ? digest.data() + size - end.size() : digest.data();
  return std::equal(end.begin(), end.end(), first,
                    [](char a, unsigned char b) { return static_cast<unsigned char>(a) == b; });
}

bool is_algorand(std::string_view run) {
  const Bytes bytes = from_base32(run);
  return ends_in_digest(bytes.view().substr(0, 32), EVP_sha512_256(), bytes.view().substr(32, 4), true);
}

// SS58: a network, the key, two bytes of a hash.
bool is_ss58(std::string_view run) {
  const auto bytes = from_base58(run, bitcoin_places);
  if (!bytes || (bytes->size != 35 && bytes->size != 36)) return false;
  const std::string_view all = bytes->view();
  const std::string hashed = "SS58PRE" + std::string(all.substr(0, all.size() - 2));
  return ends_in_digest(hashed, EVP_blake2b512(), all.substr(all.size() - 2), false);
}

// The first addresses of Cardano: CBOR of a byte string and the CRC-32 of it.
bool is_cardano_byron(std::string_view run) {
  const auto bytes = from_base58(run, bitcoin_places);
  if (!bytes || bytes->size < 16) return false;
  const std::string_view all = bytes->view();
  if (all.substr(0, 4) != "\x82\xD8\x18\x58") return false;
  const std::size_t size = static_cast<uint8_t>(all[4]);
  if (all.size() != size + 10 || all[5 + size] != '\x1A') return false;
  uint32_t written = 0;
  for (const char c : all.substr(6 + size)) written = written << 8U | static_cast<uint8_t>(c);
  return written == crc32(all.substr(5, size));
}

bool is_mixed(std::string_view run) { return std::any_of(run.begin(), run.end(), is_digit) && !in_one_case(run); }

// Written in base 58, with a checksum or, as Solana's, without one.
WalletText in_base58(std::string_view run) {
  constexpr std::size_t longest_address = 36;
  if (!is_mixed(run)) return {};
  const bool bitcoin = all_in(bitcoin_places, run);
  if (bitcoin && (run.size() == 95 || run.size() == 106) && is_monero(run)) return {.checked = Checked::right};
  if (bitcoin && run.size() <= 112) {
    const WalletText found = base58_check(run, bitcoin_places, bitcoin_keys, bitcoin_sizes);
    if (found.checked != Checked::no_such) return found;
    if (run.size() >= 56 && is_cardano_byron(run)) return {.checked = Checked::right};
    if (run.size() >= 46 && run.size() <= 50 && is_ss58(run)) return {.checked = Checked::right};
  }
  if ((run[0] == 'r' || run[0] == 's' || run[0] == 'X') && run.size() <= 50 && all_in(ripple_places, run)) {
    const WalletText found = base58_check(run, ripple_places, ripple_keys, ripple_sizes);
    if (found.checked != Checked::no_such) return found;
  }
  if (!bitcoin) return {};
  if (run.size() <= longest_address) {
    const bool begins = std::string_view("13LMDATXtr").find(run[0]) != std::string_view::npos;
    if (begins) return {.checked = Checked::wrong};
  }
  const auto bytes = from_base58(run, bitcoin_places);
  if (bytes && bytes->size == 32) return {.checked = Checked::form};
  if (bytes && bytes->size == 64) return {.holds = Holds::key, .checked = Checked::form};
  return {};
}

}  // namespace

WalletText wallet_text(std::string_view run, std::string_view before) {
  constexpr std::size_t of_ethereum = 42;
  constexpr std::size_t of_cash = 42;
  if (run.size() == of_ethereum && starts_folded(run, "0x")) return ethereum(run);
  if (const WalletText found = bech32(run, before); found.checked != Checked::no_such) return found;
  const bool may_be_cash = run.size() == of_cash && std::string_view("qpQP").find(run[0]) != std::string_view::npos;
  if (may_be_cash && in_one_case(run) &&
      std::all_of(run.begin(), run.end(), [](char c) { return place_of(bech32_places, to_lower(c)) >= 0; }) &&
      is_cash_address(run)) {
    return {.checked = Checked::right};
  }
  const bool of_base32 = (run.size() == 56 || run.size() == 58 || run.size() == 69) && all_in(base32_places, run);
  if (of_base32 && run.size() == 58 && is_algorand(run)) return {.checked = Checked::right};
  if (of_base32 && run.size() != 58 && std::string_view("GSMC").find(run[0]) != std::string_view::npos) {
    if (const WalletText found = stellar(run); found.checked != Checked::no_such) return found;
  }
  return in_base58(run);
}

}  // namespace weir::guards
