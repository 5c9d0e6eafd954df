// MAC addresses (IEEE 802): six pairs of hexadecimal digits, parted by colons, or by `-` where a word names them. Not
// those of no device: broadcast, multicast, all zero.
#include <algorithm>
#include <array>

#include "guards/characters.h"
#include "guards/context.h"
#include "guards/guard.h"

namespace weir {
namespace {

using namespace guards;

constexpr std::string_view words[] = {"mac", "mac address", "mac-adresse", "macaddress", "hwaddr", "adresse mac"};

class MacAddress : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "mac_address",
            .description = "MAC addresses of devices",
            .classes = class_personal,
            .triggers = {.bytes = ":",
                         .followers = "0123456789abcdefABCDEF",
                         .words = words,
                         .byte_fits = &may_be_first_colon},
            .kinds = {"mac_address"}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    const std::string_view text = sighting.text;
    if (sighting.end - sighting.at == 1) {
      // At each colon; only the first of an address reads on.
      if (sighting.at >= 2) add(text, sighting.at - 2, ':', Confidence::medium, out);
      return;
    }
    static constexpr WordSet fillers = "address|is|was|the|of|my|id|adresse|ist|value|addr";
    const Value value = value_after(text, sighting.end, fillers);
    if (value.end > value.begin) add(text, value.begin, '-', Confidence::high, out);
  }

 private:
  static bool may_be_first_colon(std::string_view text, std::size_t begin, std::size_t end) {
    return begin >= 2 && end + 2 < text.size() && text[end + 2] == ':' && is_hex(text[begin - 1]) &&
           is_hex(text[begin - 2]) && is_hex(text[end + 1]);
  }

  static constexpr std::size_t pairs = 6;
  static constexpr std::size_t size = pairs * 3 - 1;

  static void add(std::string_view text, std::size_t begin, char mark, Confidence confidence, Findings& out) {
    const std::string_view address = text.substr(begin, size);
    if (address.size() < size || glued_before(text, begin) || glued_after(text, begin + size)) return;
    const char next = begin + size < text.size() ? text[begin + size] : ' ';
    if ((begin > 0 && text[begin - 1] == mark) ||
        (next == mark && begin + size + 1 < text.size() && is_hex(text[begin + size + 1]))) {
      return;  // a part of something longer: a fingerprint, an IPv6 address
    }
    std::array<int, pairs> bytes{};
    bool letter = false;
    for (std::size_t i = 0; i < pairs; ++i) {
      const char high = address[3 * i];
      const char low = address[3 * i + 1];
      if (!is_hex(high) || !is_hex(low) || (i + 1 < pairs && address[3 * i + 2] != mark)) return;
      bytes[i] = hex_value(high) * 16 + hex_value(low);
      letter = letter || is_alpha(high) || is_alpha(low);
    }
    const bool zero = std::all_of(bytes.begin(), bytes.end(), [](int byte) { return byte == 0; });
    const bool to_many = (bytes[0] & 1) != 0;
    const bool pattern = bytes[1] - bytes[0] == bytes[2] - bytes[1] && bytes[3] - bytes[2] == bytes[2] - bytes[1];
    if (zero || to_many || (!letter && confidence != Confidence::high) || pattern) return;
    out.add("mac_address", class_personal, begin, begin + size, confidence);
  }
};

}  // namespace

std::unique_ptr<Guard> make_mac_address_guard(const GuardSettings&) { return std::make_unique<MacAddress>(); }

}  // namespace weir
