// IP addresses that may stand for a person or a machine of theirs. Not: loopback, unspecified, broadcast, netmasks,
// whole networks, the well-known public resolvers; nor version and section numbers that look alike.
#include <array>

#include "guards/characters.h"
#include "guards/context.h"
#include "guards/guard.h"
#include "guards/number.h"

namespace weir {
namespace {

using namespace guards;

constexpr WordSet version_words =
    "v|ver|version|release|section|sec|chapter|clause|figure|fig|table|step|build|appendix|theorem|lemma";

class IpAddress : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "ip_address",
            .description = "IPv4 and IPv6 addresses, apart from loopback and the like",
            .classes = class_personal,
            .triggers = {.bytes = ":", .digits = 4}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    if (sighting.number != nullptr) {
      inspect_v4(sighting, out);
    } else {
      inspect_v6(sighting, out);
    }
  }

 private:
  static void inspect_v4(const Sighting& sighting, Findings& out) {
    const Number& number = *sighting.number;
    const std::size_t from = sighting.group;
    if (from + 4 > number.count) return;
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
    if (glued_before(text, begin) || (glued_after(text, end) && text[end] != '_') || !is_personal(parts)) return;
    if (begin > 0 && text[begin - 1] == '.') return;
    if (leads_to(text, begin, version_words, WordSet{})) return;
    out.add("ipv4", class_personal, begin, end);
  }

  static bool is_personal(const std::array<int, 4>& parts) {
    const auto [a, b, c, d] = parts;
    if (a == 127 || a == 0 || (b == 0 && c == 0 && d == 0)) return false;
    if (a == 255) return false;  // broadcast, netmasks
    const bool alike = a == b && b == c && c == d;
    if (alike && (a == 1 || a == 8 || a == 9)) return false;
    return !(a == 8 && b == 8 && c == 4 && d == 4) && !(a == 1 && b == 0 && c == 0 && d == 1);
  }

  // Called at each colon; only the first of an address reads on.
  static void inspect_v6(const Sighting& sighting, Findings& out) {
    const std::string_view text = sighting.text;
    if (sighting.end >= text.size() || !(is_hex(text[sighting.end]) || text[sighting.end] == ':')) return;
    std::size_t begin = sighting.at;
    while (begin > 0 && sighting.at - begin <= 4 && is_hex(text[begin - 1])) --begin;
    if (begin == sighting.at || sighting.at - begin > 4 || glued_before(text, begin)) return;
    if (begin > 0 && text[begin - 1] == ':') return;

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
    if (shortened && !is_routable(text.substr(begin, sighting.at - begin), groups)) return;
    out.add("ipv6", class_personal, begin, end);
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
