// Keys and tokens that carry their issuer's mark: one row per mark. What comes after the mark must have the issuer's
// characters and length, and, where the mark is short, a digit and both letter cases or a length that words don't have.
#include <array>

#include "guards/characters.h"
#include "guards/guard.h"

namespace weir {
namespace {

using namespace guards;

enum class Body : uint8_t {
  base62,     // letters, digits
  base64url,  // and `-`, `_`
  dotted,     // and `.`
  upper32,    // capitals and digits
  hex,        // lower case
  query,      // as a value in a URL: base64, `%2B`
};

// Whether the body must look random: words joined by `-` or `_` don't.
enum class Look : uint8_t { any, random };

struct Mark {
  std::string_view prefix;
  std::string_view what;
  Body body;
  uint16_t least;  // characters after the prefix
  Look look = Look::random;
};

constexpr Mark marks[] = {
    {"sk-ant-", "anthropic_key", Body::base64url, 16},
    {"sk-proj-", "openai_key", Body::base64url, 16},
    {"sk-svcacct-", "openai_key", Body::base64url, 16},
    {"sk-admin-", "openai_key", Body::base64url, 16},
    {"sk-or-v1-", "openrouter_key", Body::base62, 16},
    {"sk-", "api_key", Body::base64url, 16},
    {"gsk_", "groq_key", Body::base62, 20},
    {"xai-", "xai_key", Body::base62, 20},
    {"pplx-", "perplexity_key", Body::base62, 20},
    {"r8_", "replicate_key", Body::base62, 20},
    {"hf_", "huggingface_token", Body::base62, 20},
    {"tgp_v1_", "together_key", Body::base64url, 20},
    {"fw_", "fireworks_key", Body::base62, 20},
    {"AIza", "google_key", Body::base64url, 30},
    {"ya29.", "google_token", Body::base64url, 20},
    {"GOCSPX-", "google_secret", Body::base64url, 20},
    {"AKIA", "aws_access_key", Body::upper32, 16, Look::any},
    {"ASIA", "aws_access_key", Body::upper32, 16, Look::any},
    {"ABIA", "aws_access_key", Body::upper32, 16, Look::any},
    {"ACCA", "aws_access_key", Body::upper32, 16, Look::any},
    {"ghp_", "github_token", Body::base62, 30},
    {"gho_", "github_token", Body::base62, 30},
    {"ghu_", "github_token", Body::base62, 30},
    {"ghs_", "github_token", Body::base62, 30},
    {"ghr_", "github_token", Body::base62, 30},
    {"github_pat_", "github_token", Body::base64url, 22},
    {"glpat-", "gitlab_token", Body::base64url, 16},
    {"gldt-", "gitlab_token", Body::base64url, 16},
    {"glrt-", "gitlab_token", Body::base64url, 16},
    {"glcbt-", "gitlab_token", Body::base64url, 16},
    {"xoxb-", "slack_token", Body::base64url, 16},
    {"xoxp-", "slack_token", Body::base64url, 16},
    {"xoxa-", "slack_token", Body::base64url, 16},
    {"xoxr-", "slack_token", Body::base64url, 16},
    {"xoxs-", "slack_token", Body::base64url, 16},
    {"xoxe-", "slack_token", Body::base64url, 16},
    {"xapp-", "slack_token", Body::base64url, 16},
    {"sk_live_", "stripe_key", Body::base62, 16},
    {"sk_test_", "stripe_key", Body::base62, 16},
    {"rk_live_", "stripe_key", Body::base62, 16},
    {"rk_test_", "stripe_key", Body::base62, 16},
    {"whsec_", "stripe_secret", Body::base64url, 20},
    {"sq0atp-", "square_token", Body::base64url, 20},
    {"sq0csp-", "square_secret", Body::base64url, 20},
    {"shpat_", "shopify_token", Body::hex, 24},
    {"shpss_", "shopify_secret", Body::hex, 24},
    {"shppa_", "shopify_token", Body::hex, 24},
    {"shpca_", "shopify_token", Body::hex, 24},
    {"npm_", "npm_token", Body::base62, 30},
    {"pypi-", "pypi_token", Body::base64url, 40},
    {"dckr_pat_", "docker_token", Body::base64url, 20},
    {"SG.", "sendgrid_key", Body::dotted, 40},
    // Sixteen rows, because triggers of three bytes are the shortest that keep the pass quick.
    {"SK0", "twilio_key", Body::hex, 31, Look::any},
    {"SK1", "twilio_key", Body::hex, 31, Look::any},
    {"SK2", "twilio_key", Body::hex, 31, Look::any},
    {"SK3", "twilio_key", Body::hex, 31, Look::any},
    {"SK4", "twilio_key", Body::hex, 31, Look::any},
    {"SK5", "twilio_key", Body::hex, 31, Look::any},
    {"SK6", "twilio_key", Body::hex, 31, Look::any},
    {"SK7", "twilio_key", Body::hex, 31, Look::any},
    {"SK8", "twilio_key", Body::hex, 31, Look::any},
    {"SK9", "twilio_key", Body::hex, 31, Look::any},
    {"SKa", "twilio_key", Body::hex, 31, Look::any},
    {"SKb", "twilio_key", Body::hex, 31, Look::any},
    {"SKc", "twilio_key", Body::hex, 31, Look::any},
    {"SKd", "twilio_key", Body::hex, 31, Look::any},
    {"SKe", "twilio_key", Body::hex, 31, Look::any},
    {"SKf", "twilio_key", Body::hex, 31, Look::any},
    {"key-", "mailgun_key", Body::hex, 32},
    {"dop_v1_", "digitalocean_token", Body::hex, 40},
    {"doo_v1_", "digitalocean_token", Body::hex, 40},
    {"hvs.", "vault_token", Body::base64url, 20},
    {"hvb.", "vault_token", Body::base64url, 20},
    {"glsa_", "grafana_token", Body::base64url, 30},
    {"lin_api_", "linear_key", Body::base62, 30},
    {"ntn_", "notion_token", Body::base62, 30},
    {"secret_", "notion_token", Body::base62, 40},
    {"figd_", "figma_token", Body::base64url, 30},
    {"PMAK-", "postman_key", Body::base64url, 40},
    {"sntrys_", "sentry_token", Body::dotted, 30},
    {"ATATT3", "atlassian_token", Body::base64url, 60},
    {"sig=", "sas_signature", Body::query, 40, Look::any},
    {"xprv", "wallet_key", Body::base62, 90},
    {"eyJ", "jwt", Body::dotted, 20},
    {"hooks.slack.com/services/", "slack_webhook", Body::base62, 8, Look::any},
    {"discord.com/api/webhooks/", "discord_webhook", Body::base62, 15, Look::any},
};

constexpr auto words = [] {
  std::array<std::string_view, std::size(marks)> list{};
  for (std::size_t i = 0; i < list.size(); ++i) list[i] = marks[i].prefix;
  return list;
}();

bool in_body(char c, Body body) {
  switch (body) {
    case Body::base62:
      return is_alnum(c);
    case Body::base64url:
      return is_alnum(c) || c == '-' || c == '_';
    case Body::dotted:
      return is_alnum(c) || c == '-' || c == '_' || c == '.';
    case Body::upper32:
      return is_digit(c) || is_upper(c);
    case Body::query:
      return is_alnum(c) || std::string_view("-_%+/=").find(c) != std::string_view::npos;
    case Body::hex:
      return is_digit(c) || (c >= 'a' && c <= 'f');
  }
  return false;
}

// A digit among the letters, in a run of at least eight of both: `sk-learn-model-selection-2` is words.
bool looks_random(std::string_view body) {
  std::size_t run = 0;
  bool digit = false;
  bool letter = false;
  for (const char c : body) {
    if (!is_alnum(c)) {
      run = 0;
      digit = letter = false;
      continue;
    }
    ++run;
    digit = digit || is_digit(c);
    letter = letter || is_alpha(c);
    if (run >= 8 && digit && letter) return true;
  }
  return false;
}

// `eyJ…` is base64 of `{"`: a token has two dots, and what comes after the first is such a text too (or encrypted).
bool is_token(std::string_view body) {
  const std::size_t first = body.find('.');
  return first != std::string_view::npos && first >= 10 && body.size() - first > 10;
}

bool has_longer_mark(std::string_view text, const Mark& mark) {
  for (const Mark& other : marks) {
    if (other.prefix.size() > mark.prefix.size() && text.substr(0, other.prefix.size()) == other.prefix) return true;
  }
  return false;
}

class ApiKey : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "api_key",
            .description = "API keys and tokens that carry their issuer's mark: OpenAI, AWS, GitHub, Slack, JWT …",
            .classes = class_secret,
            .triggers = {.words = words, .digits = 8},
            .kinds = kinds_of(marks, {"telegram_token"})};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    if (sighting.number != nullptr) return inspect_telegram(sighting, out);
    const Mark& mark = marks[sighting.word];
    const std::string_view text = sighting.text;
    // The index folds case; marks don't.
    if (sighting.end - sighting.at != mark.prefix.size()) return;
    const bool host = mark.look == Look::any && mark.prefix.find('/') != std::string_view::npos;
    if (!host && text.substr(sighting.at, mark.prefix.size()) != mark.prefix) return;
    if (glued_before(text, sighting.at) && text[sighting.at - 1] != '_') return;
    std::size_t end = sighting.end;
    while (end < text.size() && end - sighting.end < longest && in_body(text[end], mark.body)) ++end;
    const std::string_view body = text.substr(sighting.end, end - sighting.end);
    if (body.size() < mark.least) return;
    if (mark.body == Body::upper32 && body.size() != mark.least) return;
    if (mark.body == Body::hex && (glued_after(text, end) || body.size() > 64)) return;
    if (mark.look == Look::random && !looks_random(body)) return;
    if (mark.what == "jwt" && !is_token(body)) return;
    if (has_longer_mark(text.substr(sighting.at), mark)) return;  // `sk-` is the beginning of others
    out.add(mark.what, class_secret, sighting.at, end);
  }

 private:
  static constexpr std::size_t longest = 128;  // of a body, as far as it is read: enough to know it

  // Telegram bots: `123456789:AA…`, 8–10 digits, a colon, 35 characters.
  static void inspect_telegram(const Sighting& sighting, Findings& out) {
    const std::string_view text = sighting.text;
    const std::size_t digits = sighting.end - sighting.at;
    if (digits < 8 || digits > 10 || text.substr(sighting.end, 2) != ":A") return;
    std::size_t end = sighting.end + 1;
    while (end < text.size() && in_body(text[end], Body::base64url)) ++end;
    const std::size_t size = end - sighting.end - 1;
    if (size < 32 || size > 40) return;
    out.add("telegram_token", class_secret, sighting.at, end);
  }
};

}  // namespace

std::unique_ptr<Guard> make_api_key_guard(const GuardSettings&) { return std::make_unique<ApiKey>(); }

}  // namespace weir
