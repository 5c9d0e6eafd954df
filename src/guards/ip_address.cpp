// IP addresses that may stand for a person or a machine of theirs. Not: what stands for no machine of anybody's
// (loopback, link-local and metadata services, multicast, documentation, broadcast, netmasks), whole networks, the
// well-known public resolvers; nor version and section numbers that look alike.
#include <algorithm>
#include <array>

#include "guards/characters.h"
#include "guards/context.h"
#include "guards/data_context.h"
#include "guards/guard.h"
#include "guards/number.h"

namespace weir {
namespace {

using namespace guards;

constexpr WordSet version_words =
    "v|ver|version|release|section|sec|chapter|clause|figure|fig|table|step|build|appendix|theorem|lemma";

// Beside one of these even `5.9.1.2` is an address.
constexpr WordSet address_words =
    "ip|ips|ipv4|ipaddress|ipaddr|address|addr|adresse|host|hosts|hostname|server|client|remote|peer|ping|ssh|scp|"
    "telnet|"
    "traceroute|gateway|router|dns|nameserver|resolver|subnet|logged|firewall|bind|connected|"
    "forwarded|src|dst|destination|dirección|adres|indirizzo";

struct Network {
  uint32_t address;
  uint32_t prefix;  // bits
};

constexpr uint32_t v4(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return (a << 24U) | (b << 16U) | (c << 8U) | d;
}

// IANA's special-purpose registries and the public resolvers: nobody's own machine.
constexpr Network impersonal[] = {
    {v4(0, 0, 0, 0), 8},           // this network
    {v4(127, 0, 0, 0), 8},         // loopback
    {v4(169, 254, 0, 0), 16},      // link-local, and the metadata services of clouds
    {v4(100, 100, 100, 200), 32},  // another such service
    {v4(168, 63, 129, 16), 32},    // and another
    {v4(192, 0, 0, 0), 24},        // protocol assignments
    {v4(192, 0, 2, 0), 24},        // documentation
    {v4(198, 51, 100, 0), 24},     // documentation
    {v4(203, 0, 113, 0), 24},      // documentation
    {v4(198, 18, 0, 0), 15},       // benchmarks
    {v4(224, 0, 0, 0), 3},         // multicast, reserved, broadcast, netmasks
    {v4(1, 1, 1, 1), 32},         {v4(1, 0, 0, 1), 32},      {v4(1, 1, 1, 2), 32},         {v4(8, 8, 8, 8), 32},
    {v4(8, 8, 4, 4), 32},         {v4(9, 9, 9, 9), 32},      {v4(149, 112, 112, 112), 32}, {v4(208, 67, 222, 222), 32},
    {v4(208, 67, 220, 220), 32},  {v4(94, 140, 14, 14), 32},
};

bool is_within(uint32_t address, const Network& network) {
  return (address >> (32U - network.prefix)) == (network.address >> (32U - network.prefix));
}

// The number behind `/`, where one stands; 129: none.
unsigned prefix_after(std::string_view text, std::size_t end) {
  if (end + 1 >= text.size() || text[end] != '/' || !is_digit(text[end + 1])) return 129;
  unsigned bits = 0;
  std::size_t at = end + 1;
  for (; at < text.size() && is_digit(text[at]) && at - end < 5; ++at) {
    bits = bits * 10 + static_cast<unsigned>(text[at] - '0');
  }
  return glued_after(text, at) || bits > 128 ? 129 : bits;
}

constexpr LayoutBeginnings within("1.1|1.2|1.3|2.1|2.2|2.3|3.1|3.2|3.3");

class IpAddress : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "ip_address",
            .description = "IPv4 and IPv6 addresses, apart from those of no machine and of whole networks",
            .classes = class_personal,
            .triggers = {.bytes = ":",
                         .followers = ":0123456789abcdefABCDEF",
                         .digits = 4,
                         .byte_fits = &may_be_in_v6,
                         .number_fits = &may_begin_v4,
                         .within = &within},
            .kinds = {"ipv4", "ipv6"}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    if (sighting.number != nullptr) {
      inspect_v4(sighting, out);
    } else {
      inspect_v6(sighting, out);
    }
  }

 private:
  static bool may_begin_v4(std::string_view, const Number& number, std::size_t group) {
    return group + 4 <= number.count && number.groups[group + 1].gap == '.' && number.groups[group + 2].gap == '.' &&
           number.groups[group + 3].gap == '.';
  }

  // The first colon of an address, behind one to four hexadecimal digits.
  static bool may_be_in_v6(std::string_view text, std::size_t begin, std::size_t) {
    constexpr std::size_t longest = 4;
    std::size_t at = begin;
    while (at > 0 && begin - at <= longest && is_hex(text[at - 1])) --at;
    return at < begin && begin - at <= longest && (at == 0 || text[at - 1] != ':') && !glued_before(text, at);
  }

  static void inspect_v4(const Sighting& sighting, Findings& out) {
    const Number& number = *sighting.number;
    const std::size_t from = sighting.group;
    std::array<int, 4> parts{};
    for (std::size_t i = 0; i < 4; ++i) {
      const Number::Group& group = number.groups[from + i];
      if (group.count > 3 || (i > 0 && group.gap != '.')) return;
      if (i > 0 && group.begin - number.groups[from + i - 1].end > 3) return;  // one dot, perhaps a wide one
      for (std::size_t n = 0; n < group.count; ++n) parts[i] = parts[i] * 10 + number.digits[group.first + n] - '0';
      if (parts[i] > 255 || (group.count > 1 && number.digits[group.first] == '0')) return;
    }
    if (from > 0 && number.groups[from].gap == '.') return;  // five parts: no address
    if (from + 4 < number.count && number.groups[from + 4].gap == '.') return;
    const std::string_view text = sighting.text;
    const std::size_t begin = sighting.at;
    const std::size_t end = number.groups[from + 3].end;
    if (glued_before(text, begin) || (glued_after(text, end) && text[end] != '_')) return;
    if (begin > 0 && text[begin - 1] == '.') return;
    if (!is_personal(parts, prefix_after(text, end)) || is_version(text, begin, end, parts)) return;
    out.add("ipv4", class_personal, begin, end, Confidence::medium);
  }

  static bool is_personal(const std::array<int, 4>& parts, unsigned prefix) {
    uint32_t address = 0;
    for (const int part : parts) address = (address << 8U) | static_cast<uint32_t>(part);
    if ((address & 0x00FFFFFFU) == 0) return false;  // 10.0.0.0
    const bool network = prefix < 32 && (prefix == 0 || (address << prefix) == 0);
    return !network && std::none_of(std::begin(impersonal), std::end(impersonal),
                                    [address](const Network& one) { return is_within(address, one); });
  }

  // Small parts and nothing that speaks of addresses: `nginx 1.25.3.1`, `foo-1.2.3.4.jar`.
  static bool is_version(std::string_view text, std::size_t begin, std::size_t end, const std::array<int, 4>& parts) {
    const std::size_t own = own_begin(text, begin);
    if (leads_to(text.substr(own), begin - own, version_words, WordSet{})) return true;
    const char before = begin > 0 ? text[begin - 1] : ' ';
    const bool product = before == '/' && begin > 1 && is_alpha(text[begin - 2]);  // `Edg/120.0.2.1`
    // Lists of packages are full of `4.0.102.7`.
    const bool small = (parts[0] < 10 && parts[1] < 10) ||
                       (parts[0] < 40 && parts[0] != 10 &&
                        std::all_of(parts.begin(), parts.end(), [](int part) { return part < 100; }));
    if (product && parts[0] != 10 && text.substr(end, 1) != ":") return true;
    // Of four parts most versions begin with a small number; what is beside another one in words is one too.
    const auto beside = parts[0] < 40 ? Beside::in_cells : Beside::in_words;
    if (parts[0] != 10 && (beside_version(text, begin, end, beside) || word_before(text, begin, 24, "oid|oids")))
      return true;
    if (is_required(text, begin) || is_packaged(text, end)) return true;
    const bool built = text.substr(end, 1) == "-" && end + 1 < text.size() && is_alnum(text[end + 1]);
    if (built && parts[0] < 40 && parts[0] != 10) return true;  // `3.0.5.130-5a1e7`
    const bool named = begin > 1 && before == '-' && is_alnum(text[begin - 2]);
    const bool file = end + 1 < text.size() && text[end] == '.' && is_alpha(text[end + 1]);
    const bool cell = before == '\t' && text.substr(end, 1) == "\t";  // of a table: words of other cells say nothing
    if (small && (file || named || cell)) return true;
    if (!small) return false;
    const bool port = text.substr(end, 1) == ":" && end + 1 < text.size() && is_digit(text[end + 1]);
    const bool reached = before == '@' || port || (begin > 1 && text.substr(begin - 2, 2) == "//");
    return !reached && !word_before(text, begin, 32, address_words) && !word_after(text, end, 16, address_words);
  }

  // `^4.1.2.7`, `~> 4.1.2.7`, `(>= 5.18.0.240)`
  static bool is_required(std::string_view text, std::size_t begin) {
    std::size_t at = begin;
    while (at > 0 && begin - at < 2 && text[at - 1] == ' ') --at;
    if (at == begin && at > 0 && (text[at - 1] == '^' || text[at - 1] == '~')) return true;
    if (at < 2) return false;
    const std::string_view sign = text.substr(at - 2, 2);
    return sign == ">=" || sign == "<=" || sign == "~>" || sign == "<<" || sign == ">>";
  }

  // `-2+deb12u1`, `-1` and a tab, `+dfsg`, `~rc1`, `-py3-none`, `.tgz`, `@sha256`
  static bool is_packaged(std::string_view text, std::size_t end) {
    static constexpr WordSet files = "tgz|tar|whl|jar|zip|deb|rpm|gz|xz|exe|msi|so|dll|dmg|apk|nupkg|egg|gem";
    if (end + 1 >= text.size()) return false;
    const char sign = text[end];
    const char next = text[end + 1];
    const std::string_view rest = text.substr(end + 1, 6);
    if (sign == '+' || sign == '~') return is_alnum(next);
    if (sign == '@') return rest == "sha256";
    if (sign == '.') return files.has(rest.substr(0, rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz")));
    if (sign != '-') return false;
    if (rest.starts_with("py") || rest.starts_with("cp")) return true;
    std::size_t digits = 0;
    while (digits < rest.size() && is_digit(rest[digits])) ++digits;
    const char after = digits < rest.size() ? rest[digits] : ' ';
    return digits > 0 && digits < 3 && (after == '\t' || after == '+' || after == '~');
  }

  // Called at each colon; only the first of an address reads on.
  static void inspect_v6(const Sighting& sighting, Findings& out) {
    const std::string_view text = sighting.text;
    std::size_t begin = sighting.at;
    while (begin > 0 && is_hex(text[begin - 1])) --begin;

    std::size_t groups = 0;
    bool shortened = false;
    bool digit = false;
    bool wide = false;  // a group of three or four: `1:2:3:4:5:6:7:8` is a ratio
    std::size_t at = begin;
    std::size_t end = begin;
    while (at < text.size() && groups < 9) {
      const std::size_t group = at;
      while (at < text.size() && at - group < 5 && is_hex(text[at])) digit = is_digit(text[at++]) || digit;
      if (at - group > 4) return;
      wide = wide || at - group > 2;
      if (at > group) {
        ++groups;
        end = at;
      }
      if (at >= text.size() || text[at] != ':') break;
      if (at + 1 < text.size() && text[at + 1] == ':') {
        if (shortened) return;
        shortened = true;
        at += 2;
        end = at;
      } else if (at + 1 < text.size() && is_hex(text[at + 1])) {
        ++at;
      } else {
        break;
      }
    }
    if (glued_after(text, end) || (shortened ? groups > 7 : groups != 8) || !digit || !wide) return;
    const std::string_view first = text.substr(begin, sighting.at - begin);
    if (shortened && !is_routable(first, groups)) return;
    if (!is_personal(text.substr(begin, end - begin), prefix_after(text, end))) return;
    out.add("ipv6", class_personal, begin, end);
  }

  // Not link-local, multicast, documentation, resolvers and metadata services; nor a network (`2a02:8071::/32`).
  static bool is_personal(std::string_view address, unsigned prefix) {
    static constexpr std::string_view beginnings[] = {"fe8", "fe9",       "fea",        "feb",
                                                      "ff",  "2001:db8:", "2001:0db8:", "3fff:"};
    static constexpr std::string_view others[] = {
        "2606:4700:4700::", "2001:4860:4860::", "2620:fe::", "2620:119:35::", "fd00:ec2::254", "64:ff9b::"};
    if (prefix < 128 && address.substr(address.size() - 2) == "::") return false;
    const auto begins = [address](std::string_view one) { return starts_folded(address, one); };
    const bool four = address.find(':') == 4;  // `ff:1::2` is none of them
    return !(four && std::any_of(std::begin(beginnings), std::end(beginnings), begins)) &&
           std::none_of(std::begin(others), std::end(others), begins);
  }

  // `a::b` is also C++ and Python: short forms need the first group of an address in use (2000::/3, fc00::/7,
  // fe80::/10) or many groups.
  static bool is_routable(std::string_view first, std::size_t groups) {
    if (groups >= 4) return true;
    if (first.size() != 4 || groups < 2) return false;
    const char lead = to_lower(first[0]);
    return lead == '2' || lead == '3' || (lead == 'f' && !is_digit(first[1]));
  }
};

}  // namespace

std::unique_ptr<Guard> make_ip_address_guard(const GuardSettings&) { return std::make_unique<IpAddress>(); }

}  // namespace weir
