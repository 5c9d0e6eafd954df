// IBAN (ISO 13616): country, its length, remainder 1 modulo 97. Written in one run or in groups.
#include <algorithm>
#include <array>

#include "guards/characters.h"
#include "guards/checksum.h"
#include "guards/context.h"
#include "guards/guard.h"
#include "guards/naming.h"
#include "guards/number.h"

namespace weir {
namespace {

using namespace guards;

// The SWIFT registry, release 99 (2024), and the countries that use IBANs without being in it: `DE22` is 22 characters.
constexpr std::string_view registry =
    "AD24AE23AL28AO25AT20AZ28BA20BE16BF28BG22BH22BI27BJ28BR29BY28CF27CG27CH21CI28CM27CR22CV25CY28CZ24DE22DJ27DK18DO28"
    "DZ26EE20EG29ES24FI18FK18FO18FR27GA27GB22GE22GI23GL18GQ27GR27GT28GW25HN28HR21HU28IE22IL23IQ23IR26IS26IT27JO30KM27"
    "KW30KZ20LB28LC32LI21LT20LU20LV21LY25MA28MC27MD24ME22MG27MK19ML28MN20MR27MT31MU30MZ25NE28NI28NL18NO15OM23PK24PL28"
    "PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SN28SO23ST25SV28TD27TG28TL23TN24TR26UA29VA22VG24XK20YE30";

// The registry by the two letters.
constexpr auto country_lengths = [] {
  std::array<uint8_t, 26 * 26> lengths{};
  for (std::size_t at = 0; at < registry.size(); at += 4) {
    const auto country = static_cast<std::size_t>((registry[at] - 'A') * 26 + registry[at + 1] - 'A');
    lengths[country] = static_cast<uint8_t>(two(registry, at + 2));
  }
  return lengths;
}();

// 0: no country. Both are letters.
std::size_t length_for(char first, char second) {
  return country_lengths[static_cast<std::size_t>((to_upper(first) - 'A') * 26 + to_upper(second) - 'A')];
}

class Iban : public Guard {
  // Two letters of a country, perhaps a space.
  static bool may_begin(std::string_view text, const Number& number, std::size_t group) {
    const std::size_t at = number.groups[group].begin;
    if (at < 2) return false;
    const char last = text[at - 1];
    if (last == ' ') return at > 2 && is_upper(text[at - 2]) && is_upper(text[at - 3]);
    return is_alpha(last) && is_alpha(text[at - 2]) && length_for(text[at - 2], last) != 0;
  }

 public:
  GuardInfo info() const override {
    return {.name = "iban",
            .description = "IBANs: country, length, remainder modulo 97",
            .classes = class_financial | class_personal,
            .triggers = {.digits = 2, .number_fits = &may_begin},
            .kinds = {"iban"}};
  }

  // Called at the first digits of any number: an IBAN begins two letters before them.
  void inspect(const Sighting& sighting, Findings& out) const override {
    const std::string_view text = sighting.text;
    std::size_t begin = sighting.at;
    if (begin > 2 && text[begin - 1] == ' ' && is_upper(text[begin - 2]) && is_upper(text[begin - 3]))
      --begin;  // `DE 89 …`
    if (begin < 2 || !is_alpha(text[begin - 1]) || !is_alpha(text[begin - 2])) return;
    begin -= 2;
    if (glued_before(text, begin) && text[begin - 1] != '_') return;
    const std::size_t length = length_for(text[begin], text[begin + 1]);
    if (length == 0) return;

    std::array<char, 34> iban{};
    std::size_t size = 0;
    std::size_t end = begin;
    for (std::size_t at = begin; at < text.size() && size < length;) {
      const Digit digit = digit_at(text, at);
      const Character here = character_at(text, at);
      if (digit.value >= 0 || (is_ascii(text[at]) && is_alnum(text[at]))) {
        iban[size++] = digit.value >= 0 ? static_cast<char>('0' + digit.value) : text[at];
        end = at + here.size;
      } else if (at - end > 4 || !(is_any_space(here.value) || is_any_dash(here.value) || here.value == '.' ||
                                   is_ignorable(here.value))) {
        return;
      }
      at += here.size;
    }
    if (size < length || glued_after(text, end)) return;
    // A part of a UUID: `ba05d819-4349-6c26-5b37-…`.
    const bool longer = (begin > 1 && text[begin - 1] == '-' && is_hex(text[begin - 2])) ||
                        (end + 1 < text.size() && text[end] == '-' && is_hex(text[end + 1]));
    const auto in_uuid = [](char c) { return is_hex(c) && !is_upper(c); };
    if (longer && std::all_of(iban.begin(), iban.begin() + static_cast<std::ptrdiff_t>(length), in_uuid)) return;
    if (!is_digit(iban[2]) || !is_digit(iban[3])) return;
    std::array<char, 34> turned{};
    for (std::size_t i = 0; i < length; ++i) turned[i] = iban[(i + 4) % length];
    if (mod97({turned.data(), length}) == 1) return out.add("iban", class_financial | class_personal, begin, end);
    // Named outright, a slip of the pen does not hide it.
    if (is_named(text, begin, end, "iban"))
      out.add("iban", class_financial | class_personal, begin, end, Confidence::low);
  }
};

}  // namespace

std::unique_ptr<Guard> make_iban_guard(const GuardSettings&) { return std::make_unique<Iban>(); }

}  // namespace weir
