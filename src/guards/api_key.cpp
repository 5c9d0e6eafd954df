// Keys and tokens that carry their issuer's mark (key_marks.h). What comes after the mark must have the issuer's
// characters and length, and, where words could follow the mark as well, look random.
#include <algorithm>
#include <array>

#include "guards/characters.h"
#include "guards/guard.h"
#include "guards/key_marks.h"
#include "guards/number.h"
#include "guards/randomness.h"

namespace weir {
namespace {

using namespace guards;

// The tokens of Discord's bots begin with the bot's number in base64: `MT`, `Mj` … for its first digit, and a letter
// for the second one.
constexpr std::string_view first_digits = "MTMjMzNDNTNjNzODOT";
constexpr std::string_view second_digits = "AEIMQUYcgk";

constexpr auto discord_beginnings = [] {
  std::array<std::array<char, 3>, (first_digits.size() / 2) * second_digits.size()> list{};
  std::size_t n = 0;
  for (std::size_t i = 0; i < first_digits.size(); i += 2) {
    for (const char second : second_digits) list[n++] = {first_digits[i], first_digits[i + 1], second};
  }
  return list;
}();

// `eyJ…` is base64 of `{"`: a token has two dots, and what comes after the first is such a text too (or encrypted).
bool is_token(std::string_view body) {
  const std::size_t first = body.find('.');
  return first != std::string_view::npos && first >= 10 && body.size() - first > 10;
}

// `pat` and 14 characters, a dot, 64 hexadecimal digits.
bool is_airtable(std::string_view body) {
  constexpr std::size_t id = 14;
  return body.find('.') == id && std::all_of(body.begin() + id + 1, body.end(), [](char c) { return is_hex(c); });
}

// `A3-ASWWYB-798JRY-LJVD4-23DC2-86TVM-H43EB`: capitals and digits in groups.
bool is_onepassword(std::string_view body) {
  const bool capitals =
      std::all_of(body.begin(), body.end(), [](char c) { return is_digit(c) || is_upper(c) || c == '-'; });
  return capitals && std::count(body.begin(), body.end(), '-') >= 4;
}

// Not the beginning of a longer hash.
bool is_clickhouse(std::string_view body) {
  constexpr std::size_t size = 38;
  return body.size() == size && std::any_of(body.begin(), body.end(), [](char c) { return !is_hex(c); });
}

bool has_longer_mark(std::string_view text, const KeyMark& mark) {
  return std::any_of(key_marks().begin(), key_marks().end(), [&](const KeyMark& other) {
    return other.prefix.size() > mark.prefix.size() && other.prefix.starts_with(mark.prefix) &&
           text.starts_with(other.prefix);
  });
}

template <Body body>
std::size_t body_end(std::string_view text, std::size_t at) {
  while (at < text.size() && in_body(text[at], body)) ++at;
  return at;
}

// How a key that is longer than the view goes on.
Findings::Extend extend_by(Body body) {
  switch (body) {
    case Body::dotted:
      return &body_end<Body::dotted>;
    case Body::base64:
      return &body_end<Body::base64>;
    case Body::query:
      return &body_end<Body::query>;
    default:
      return &body_end<Body::base64url>;
  }
}

class ApiKey : public Guard {
 public:
  ApiKey() {
    for (const KeyMark& mark : key_marks()) words_.push_back(mark.prefix);
    for (const auto& beginning : discord_beginnings) words_.emplace_back(beginning.data(), beginning.size());
    words_.push_back("mmk");
  }

  GuardInfo info() const override {
    return {.name = "api_key",
            .description = "API keys and tokens that carry their issuer's mark: OpenAI, AWS, GitHub, Slack, JWT …",
            .classes = class_secret,
            .triggers = {.bytes = "~",
                         .words = words_,
                         .digits = 8,
                         .byte_fits = &is_behind_azure_mark,
                         .number_fits = &may_be_telegram},
            .kinds = kinds_of(key_marks(), {"telegram_token", "discord_token", "azure_secret", "maxmind_key"})};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    if (sighting.number != nullptr) return inspect_telegram(sighting, out);
    if (sighting.end - sighting.at == 1) return inspect_azure(sighting, out);
    if (sighting.word + 1 == words_.size()) return inspect_maxmind(sighting, out);
    if (sighting.word >= key_marks().size()) return inspect_discord(sighting, out);
    const KeyMark& mark = key_marks()[sighting.word];
    const std::string_view text = sighting.text;
    // The index folds case; marks don't.
    if (sighting.end - sighting.at != mark.prefix.size()) return;
    if (mark.body != Body::path && text.substr(sighting.at, mark.prefix.size()) != mark.prefix) return;
    if (glued_before(text, sighting.at) && text[sighting.at - 1] != '_') return;
    std::size_t end = sighting.end;
    while (end < text.size() && in_body(text[end], mark.body)) ++end;
    if (mark.body != Body::query) {
      while (end > sighting.end && (text[end - 1] == '.' || text[end - 1] == '-' || text[end - 1] == ',')) --end;
    }
    const std::string_view body = text.substr(sighting.end, end - sighting.end);
    if (!fits(mark, body) || (is_closed(mark.body) && glued_after(text, end))) return;
    if (has_longer_mark(text.substr(sighting.at), mark)) return;  // `sk-` is the beginning of others
    out.add_whole(mark.what, class_secret, sighting.at, end, Confidence::high, extend_by(mark.body));
  }

 private:
  static bool is_behind_azure_mark(std::string_view text, std::size_t begin, std::size_t) {
    return begin >= 5 && text[begin - 1] == 'Q' && is_digit(text[begin - 2]);
  }

  static bool may_be_telegram(std::string_view text, const Number& number, std::size_t group) {
    return text.substr(number.groups[group].end, 2) == ":A";
  }

  static bool is_closed(Body body) { return body == Body::hex || body == Body::hexdash || body == Body::base36; }

  static bool fits(const KeyMark& mark, std::string_view body) {
    const std::size_t longest_hex = mark.body == Body::hexdash ? 180 : 80;
    if (body.size() < mark.least) return false;
    if (mark.body == Body::upper32 && body.size() != mark.least) return false;
    if (is_closed(mark.body) && body.size() > longest_hex) return false;
    if (mark.body == Body::hexdash && std::none_of(body.begin(), body.end(), is_digit)) return false;
    if (mark.what == "jwt") return is_token(body);
    if (mark.what == "airtable_token") return is_airtable(body);
    if (mark.what == "onepassword_key") return is_onepassword(body);
    if (mark.what == "clickhouse_key") return is_clickhouse(body);
    if (mark.what == "harness_token" && std::count(body.begin(), body.end(), '.') != 2) return false;
    return mark.look == Look::any || mark.body == Body::hexdash || looks_random(body);
  }

  // Licence keys of MaxMind end with their mark: six characters, 29, `mmk`.
  static void inspect_maxmind(const Sighting& sighting, Findings& out) {
    constexpr std::size_t size = 37;  // with both `_`
    constexpr std::size_t first = 6;
    const std::string_view text = sighting.text;
    if (sighting.at < size || text[sighting.at - 1] != '_' || glued_after(text, sighting.end)) return;
    const std::size_t begin = sighting.at - size;
    const std::string_view key = text.substr(begin, size - 1);
    if (key[first] != '_' || glued_before(text, begin) || !looks_random(key.substr(first + 1))) return;
    out.add("maxmind_key", class_secret, begin, sighting.end);
  }

  // Telegram bots: `123456789:AA…`, 8–10 digits, a colon, 35 characters.
  static void inspect_telegram(const Sighting& sighting, Findings& out) {
    const std::string_view text = sighting.text;
    const std::size_t digits = sighting.end - sighting.at;
    if (digits < 8 || digits > 10) return;
    const std::size_t end = body_end<Body::base64url>(text, sighting.end + 1);
    const std::size_t size = end - sighting.end - 1;
    if (size < 32 || size > 40) return;
    out.add("telegram_token", class_secret, sighting.at, end);
  }

  // Discord's bots: the number in base64, the time in six characters, 27–38 more.
  static void inspect_discord(const Sighting& sighting, Findings& out) {
    const std::string_view text = sighting.text;
    const auto& beginning = discord_beginnings[sighting.word - key_marks().size()];
    if (text.substr(sighting.at, 3) != std::string_view(beginning.data(), beginning.size())) return;
    if (glued_before(text, sighting.at)) return;
    const std::size_t first = body_end<Body::base64url>(text, sighting.at);
    const std::size_t number = first - sighting.at;
    if (number < 22 || number > 28 || text.substr(first, 1) != ".") return;
    const std::size_t second = body_end<Body::base64url>(text, first + 1);
    if (second - first - 1 != 6 || text.substr(second, 1) != ".") return;
    const std::size_t end = body_end<Body::base64url>(text, second + 1);
    const std::size_t rest = end - second - 1;
    if (rest < 27 || rest > 40) return;
    out.add("discord_token", class_secret, sighting.at, end);
  }

  // Client secrets of Microsoft Entra: three characters, a digit, `Q~`, 31–34 more.
  static void inspect_azure(const Sighting& sighting, Findings& out) {
    const std::string_view text = sighting.text;
    const auto in_secret = [](char c) { return in_body(c, Body::dotted) || c == '~'; };
    const std::size_t at = sighting.at;
    const std::size_t begin = at - 5;
    if (!std::all_of(text.begin() + static_cast<std::ptrdiff_t>(begin), text.begin() + static_cast<std::ptrdiff_t>(at),
                     in_secret)) {
      return;
    }
    if (begin > 0 && in_secret(text[begin - 1])) return;
    std::size_t end = sighting.end;
    while (end < text.size() && in_secret(text[end])) ++end;
    const std::size_t size = end - sighting.end;
    if (size < 31 || size > 36) return;
    out.add("azure_secret", class_secret, begin, end);
  }

  std::vector<std::string_view> words_;
};

}  // namespace

std::unique_ptr<Guard> make_api_key_guard(const GuardSettings&) { return std::make_unique<ApiKey>(); }

}  // namespace weir
