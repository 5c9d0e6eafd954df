// Secrets that are known by what they are assigned to: `password = …`, `"api_key": "…"`, `Authorization: Bearer …`, `my
// password is …`. Placeholders (`<your key>`, `${KEY}`, `***`), code (`getpass()`) and type names are not secrets.
#include <algorithm>
#include <array>

#include "guards/characters.h"
#include "guards/context.h"
#include "guards/guard.h"
#include "guards/key_marks.h"
#include "guards/randomness.h"
#include "guards/secret_names.h"

namespace weir {
namespace {

using namespace guards;

constexpr std::size_t longest_value = 960;   // as far as it is read to be judged
constexpr std::size_t longest_phrase = 128;  // a value with spaces

struct Place {
  std::size_t at = 0;
  bool found = false;
  bool quoted = false;
  bool spoken = false;  // `is`, not a sign
};

void skip(std::string_view text, std::size_t& at, std::string_view any_of, std::size_t most) {
  for (std::size_t n = 0; n < most && at < text.size() && any_of.find(text[at]) != std::string_view::npos; ++n) ++at;
}

// Past `is`, also where a few words say whose it is: `the password for the wifi is`. `at` where there is no verb.
std::size_t after_verb(std::string_view text, std::size_t at) {
  static constexpr WordSet verbs = "is|was|ist|lautet|es|est|è|é";
  static constexpr WordSet relations = "for|to|of|on|für|pour|para";
  std::size_t end = at;
  for (int word = 0; word < 6; ++word) {
    const std::size_t begin = end;
    while (end < text.size() && (is_alpha(text[end]) || !is_ascii(text[end]))) ++end;
    const std::string_view here = text.substr(begin, end - begin);
    if (verbs.has(here)) return end;
    if (here.empty() || (word == 0 && !relations.has(here)) || end - at > 48) return at;
    skip(text, end, " ", 1);
  }
  return at;
}

// `"name": "DB_PASSWORD", "value": "…"`: where the value begins, from behind the name's closing quote. `at`: it is
// none.
std::size_t value_field(std::string_view text, std::size_t at) {
  std::size_t end = at;
  skip(text, end, ",:{\x1F \t\r\n", 8);
  if (end == at) return at;
  skip(text, end, "\\\"'", 3);
  const std::string_view field = text.substr(end);
  const std::size_t size = starts_folded(field, "value") ? 5 : starts_folded(field, "number") ? 6 : 0;
  if (size == 0) return at;
  end += size;
  skip(text, end, "\\\"'", 3);
  const std::size_t sign = end;
  skip(text, end, ": =", 3);
  if (end == sign) return at;
  skip(text, end, "\\", 3);
  return end;
}

// `variable "db_password" { default = "…" }`: the same.
std::size_t default_field(std::string_view text, std::size_t at) {
  constexpr std::size_t way = 160;
  std::size_t brace = at;
  skip(text, brace, " ", 2);
  if (brace >= text.size() || text[brace] != '{') return at;
  const std::string_view block = text.substr(brace, way);
  const std::size_t name = block.substr(0, block.find('}')).find("default");
  if (name == std::string_view::npos) return at;
  std::size_t value = brace + name + std::string_view("default").size();
  skip(text, value, " =", 12);
  if (value >= text.size() || text[value] != '"') return at;
  return value + 1;
}

// `password_file`, `token-path`: what they hold says where it is.
bool names_a_place(std::string_view rest) {
  static constexpr WordSet places = "file|path|dir|filename|policy|length|url|uri|expiry|ttl|type";
  const std::size_t part = rest.find_last_of("_-");
  return part != std::string_view::npos && places.has(rest.substr(part + 1));
}

// From the end of the name to the value: the rest of an identifier, a closing quote, the sign, an opening quote.
Place find_value(std::string_view text, std::size_t at) {
  if (at < text.size() && is_alpha(text[at])) return {};  // `tokens`, `secretary`
  if (text[at - 1] == ':' || text[at - 1] == '=') --at;   // `pw:` is a name with its sign
  const std::size_t name_end = at;
  while (at < text.size() && at - name_end < 40 && (is_alnum(text[at]) || text[at] == '_' || text[at] == '-')) ++at;
  if (names_a_place(text.substr(name_end, at - name_end))) return {};
  skip(text, at, "\\\"'`])*", 6);
  if (const std::size_t value = default_field(text, at); value != at)
    return {.at = value, .found = value + 1 < text.size(), .quoted = true};
  if (const std::size_t value = value_field(text, at); value != at) {
    const bool quoted = value < text.size() && is_quote(text[value]);
    return {.at = value + (quoted ? 1 : 0), .found = value + 1 < text.size(), .quoted = quoted};
  }
  skip(text, at, " \t", 8);
  const std::size_t sign = at;
  skip(text, at, ":=>", 3);
  if (text.substr(at, 3) == "\xEF\xBC\x9A") at += 3;  // full-width colon
  Place place;
  if (at == sign) {
    at = after_verb(text, at);
    if (at == sign) return {};
    skip(text, at, ":", 1);
    place.spoken = true;
  }
  skip(text, at, " \t*", 8);
  if (text.substr(at, 2) == "\\n") at += 2;
  skip(text, at, "\r\n \t", 8);
  skip(text, at, "\\", 4);
  if (at < text.size() && is_quote(text[at])) {
    place.quoted = true;
    ++at;
  }
  place.at = at;
  place.found = at < text.size();
  return place;
}

std::string_view read_value(std::string_view text, const Place& place) {
  std::size_t end = place.at;
  while (end < text.size() && end - place.at < longest_value) {
    const char c = text[end];
    if (is_space(c) || is_mark(c) || is_quote(c) || (c == '\\' && end + 1 < text.size() && is_quote(text[end + 1])))
      break;
    if (!place.quoted && (c == ',' || c == ';' || c == '<' || c == '&')) break;
    ++end;
  }
  std::string_view value = text.substr(place.at, end - place.at);
  while (!place.quoted && !value.empty() && std::string_view(".:?)]}").find(value.back()) != std::string_view::npos) {
    value.remove_suffix(1);
  }
  return value;
}

struct Traits {
  bool digit = false;
  bool upper = false;
  bool lower = false;
  bool symbol = false;
  bool one_character = true;  // `********`, `xxxxxxxx`
};

Traits traits_of(std::string_view value) {
  Traits traits;
  for (const char c : value) {
    traits.digit = traits.digit || is_digit(c);
    traits.upper = traits.upper || is_upper(c);
    traits.lower = traits.lower || (is_alpha(c) && !is_upper(c));
    traits.symbol = traits.symbol || (!is_alnum(c) && c != '_' && c != '-' && c != '.');
    traits.one_character = traits.one_character && c == value.front();
  }
  return traits;
}

bool is_placeholder(std::string_view value) {
  static constexpr std::string_view beginnings[] = {
      "your",        "my-",        "my_",      "example", "placeholder", "changeme", "insert",
      "process.env", "os.environ", "env.",     "xxx",     "secrets.",    "vault:",   "system.getenv",
      "redacted",    "[redacted",  "request.", "self.",   "this."};
  if (std::string_view("<${%*[(.&@#!").find(value.front()) != std::string_view::npos && value.size() > 1) {
    const char c = value.front();
    const char next = value[1];
    if (c == '<' || c == '[' || c == '(' || (c == '$' && (next == '{' || next == '(' || is_upper(next))) || c == '{' ||
        (c == '%' && (next == '(' || next == 's' || is_upper(next))) || (c == '*' && next == '*') ||
        (c == '.' && next == '.')) {
      return true;
    }
  }
  return std::any_of(std::begin(beginnings), std::end(beginnings),
                     [value](std::string_view one) { return starts_folded(value, one); });
}

// `getpass.getpass(…)`, `config["x"]`, `user.password`: code, not a value.
bool is_code(std::string_view value) {
  if (!is_alpha(value.front()) && value.front() != '_') return false;
  std::size_t end = 0;
  while (end < value.size() && (is_alnum(value[end]) || value[end] == '_' || value[end] == '.' || value[end] == ':'))
    ++end;
  // `constants_1.STRICT_TOKEN`, `user.password2`
  if (end == value.size()) return value.find('.') != std::string_view::npos && looks_like_words(value);
  return value[end] == '(' || value[end] == '[' || value.substr(end, 2) == "->";
}

// `v0.0.0-20260916192156-3e28d7ed64df`, `1:4.13+dfsg1-1+deb12u1`, and what a build calls itself.
bool is_version(std::string_view value) {
  if (is_digit(value.front())) {
    const bool small = std::all_of(value.begin(), value.end(), [](char c) {
      return is_digit(c) || (is_alpha(c) && !is_upper(c)) ||
             std::string_view(".+~:-").find(c) != std::string_view::npos;
    });
    const bool dotted = value.find('.') != std::string_view::npos;
    if (small && dotted && value.size() > 2 && value[1] == ':' && is_digit(value[2])) return true;
    const auto has = [value](std::string_view mark) { return value.find(mark) != std::string_view::npos; };
    return small && dotted &&
           (has("+dfsg") || has("+deb") || has("ubuntu") || has("+git") || has("+20") || has("~rc") || has("+ds"));
  }
  std::size_t at = value.front() == 'v' ? 1 : 0;
  int parts = 0;
  while (at < value.size() && is_digit(value[at])) {
    while (at < value.size() && is_digit(value[at])) ++at;
    ++parts;
    if (at < value.size() && value[at] == '.') ++at;
  }
  return value.front() == 'v' && parts >= 3 && (at == value.size() || value[at] == '-' || value[at] == '+');
}

// `PWD=/home/user1/src`
bool is_path(std::string_view value) {
  static constexpr WordSet roots =
      "etc|usr|var|run|home|opt|tmp|dev|proc|srv|mnt|lib|bin|root|sys|app|data|secrets|users|workspace";
  if (value.front() == '/') {
    const std::size_t second = value.find('/', 1);
    if (second != std::string_view::npos && roots.has(value.substr(1, second - 1))) return true;
  }
  if (value.starts_with("./") || value.starts_with("../") || value.starts_with("~/")) return true;
  return value.front() == '/' && value.find('/', 1) != std::string_view::npos && looks_like_words(value);
}

// `token: AccessTokenV1Response`, `auth: libplexus-sec-dispatcher-java`
bool is_name(std::string_view value) {
  const auto in_name = [](char c) { return is_alnum(c) || c == '_' || c == '.' || c == '-' || c == ':'; };
  return std::all_of(value.begin(), value.end(), in_name) && looks_like_words(value);
}

// Letters and digits in one piece, no address and no sentence.
bool is_service_key(std::string_view value) {
  const bool piece = std::all_of(value.begin(), value.end(), [](char c) { return in_body(c, Body::base64url); });
  const bool digit = std::any_of(value.begin(), value.end(), is_digit);
  return piece && digit && looks_random(value);
}

bool is_secret(std::string_view value, Made made, const Place& place) {
  if (made == Made::pin) {
    return value.size() >= 4 && value.size() <= 8 && std::all_of(value.begin(), value.end(), is_digit);
  }
  if (value.size() < 6 || is_placeholder(value)) return false;
  if (!place.quoted && (is_code(value) || is_path(value) || is_version(value))) return false;
  const Traits traits = traits_of(value);
  if (traits.one_character) return false;
  const bool letters = traits.upper || traits.lower;
  if (made != Made::by_people && made != Made::phrase) {
    if (!place.quoted && !place.spoken && is_name(value)) return false;
    const std::size_t least = made == Made::after_scheme || made == Made::service ? 16
                              : made == Made::by_suffix                           ? 20
                              : place.quoted                                      ? 12
                                                                                  : 14;
    if (value.size() < least || !letters || value.find("::") != std::string_view::npos) return false;
    if (made == Made::service) return is_service_key(value);
    if (made == Made::by_suffix) return looks_random(value);
    constexpr std::size_t of_letters = 16;  // what has no digit must be longer and of no words
    return traits.digit || (value.size() >= of_letters && looks_random(value));
  }
  if (place.quoted && !place.spoken) return letters && (traits.digit || traits.symbol || value.size() >= 8);
  return traits.digit ? letters || traits.symbol || (place.spoken && value.size() >= 6)
                      : traits.symbol && letters && value.find('(') == std::string_view::npos && !place.spoken &&
                            value.find('/') == std::string_view::npos;
}

class AssignedSecret : public Guard {
 public:
  AssignedSecret() {
    for (const SecretName& name : secret_names()) words_.push_back(name.word);
  }

  GuardInfo info() const override {
    return {.name = "assigned_secret",
            .description = "values given to a password, key, secret or token, in code, config, JSON or words",
            .classes = class_secret,
            .triggers = {.words = words_},
            .kinds = kinds_of(secret_names())};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    const SecretName& name = secret_names()[sighting.word];
    const std::string_view text = sighting.text;
    Place place;
    if (name.made == Made::after_scheme) {
      place = {.at = sighting.end, .found = true};
      skip(text, place.at, " :", 3);
      place.found = place.at > sighting.end && place.at < text.size();
    } else {
      place = find_value(text, sighting.end);
      if (!place.found && name.made == Made::pin) place = right_behind(text, sighting);
    }
    if (is_test_result(text, sighting, place)) return;
    if (name.made == Made::by_suffix) {
      const bool suffix = sighting.at > 1 && (text[sighting.at - 1] == '_' || text[sighting.at - 1] == '-');
      if (suffix && !glued_after(text, sighting.end)) add_value(name, text, place, out);
      return;
    }
    if (add_value(name, text, place, out) || name.made == Made::after_scheme || name.made == Made::service) return;
    if (name.made == Made::phrase && add_phrase(name, text, place, out)) return;
    // `What is the password?`, and then the answer.
    if (glued_after(text, sighting.end)) return;
    const std::size_t answer = answer_begin(text, sighting.end);
    if (answer == std::string_view::npos) return;
    // In code `?` asks nothing: `token = strict ? a : b`, `"pass?", "string?"`.
    const std::string_view question = text.substr(sighting.end, answer - sighting.end);
    const std::string_view asked = question.substr(0, question.find('?'));
    if (asked.find_first_of("=\"'`(){}[];,\\/|&_") != std::string_view::npos) return;
    add_value(name, text, {.at = answer, .found = true}, out);
  }

 private:
  // `--- PASS: TestVet/5`
  static bool is_test_result(std::string_view text, const Sighting& sighting, const Place& place) {
    if (!place.found || text.substr(sighting.at, sighting.end - sighting.at) != "PASS") return false;
    const std::string_view value = read_value(text, place);
    return starts_folded(value, "test") || value.find('/') != std::string_view::npos || looks_like_words(value);
  }

  // `verification code 482913`: of names that say what stands there, and `pin` alone does not (`pin 4711`).
  static Place right_behind(std::string_view text, const Sighting& sighting) {
    constexpr std::size_t telling = 4;  // letters, and more of them tell
    const bool named = sighting.end - sighting.at > telling || text.substr(sighting.at, 3) == "OTP";
    std::size_t at = sighting.end;
    skip(text, at, " ", 1);
    const bool there = named && at > sighting.end && at < text.size() && is_digit(text[at]);
    return {.at = at, .found = there, .spoken = true};
  }

  static bool add_value(const SecretName& name, std::string_view text, const Place& place, Findings& out) {
    if (!place.found) return false;
    const std::string_view value = read_value(text, place);
    // `token: Bearer …`: the scheme's own trigger reads on.
    const bool behind_placeholder = value.starts_with('@') && text[place.at - 1] == '>';  // `<user>:<password>@host`
    if (value.empty() || behind_placeholder || schemes.has(value) || !is_secret(value, name.made, place)) return false;
    out.add_whole(name.what, class_secret, place.at, place.at + value.size(), confidence_of(value, name.made, place),
                  value.size() < longest_value ? &stays : &value_end);
    return true;
  }

  static std::size_t stays(std::string_view, std::size_t end) { return end; }

  static std::size_t value_end(std::string_view text, std::size_t end) {
    while (end < text.size() && (in_body(text[end], Body::query) || text[end] == '.')) ++end;
    return end;
  }

  // `the passphrase is blue-bicycle-under-rain`
  static bool is_dashed_phrase(std::string_view value) {
    std::size_t words = 1;
    for (std::size_t at = 0; at < value.size(); ++at) {
      const bool part = value[at] == '-' || value[at] == '_' || value[at] == '.';
      if (!part && !is_alpha(value[at]) && is_ascii(value[at])) return false;
      if (part && (at == 0 || at + 1 == value.size() || !in_word(value[at + 1]))) return false;
      words += part ? 1 : 0;
    }
    return words >= 3;
  }

  // `passphrase: correct horse battery staple`: words that make no sentence.
  static bool add_phrase(const SecretName& name, std::string_view text, const Place& place, Findings& out) {
    static constexpr WordSet of_sentences =
        "the|a|an|of|to|for|is|are|used|use|with|your|or|if|and|in|that|be|must|not|no|when|this|key|on|from|it|as|"
        "password|passphrase|required|protected|der|die|das|und|mit|ist|le|la|el|de";
    if (!place.found) return false;
    if (const auto value = read_value(text, place); is_dashed_phrase(value)) {
      out.add(name.what, class_secret, place.at, place.at + value.size(), Confidence::medium);
      return true;
    }
    if (place.spoken) return false;
    std::size_t count = 0;
    std::size_t end = place.at;
    while (end < text.size() && end - place.at < longest_phrase) {
      const std::size_t begin = end;
      while (end < text.size() && (is_alpha(text[end]) || text[end] == '-' || !is_ascii(text[end]))) ++end;
      if (end == begin || of_sentences.has(text.substr(begin, end - begin))) return false;
      ++count;
      if (end >= text.size() || text[end] != ' ') break;
      ++end;
    }
    const bool over = end >= text.size() || std::string_view("\n\r\"'`,\\}").find(text[end]) != std::string_view::npos;
    if (count < 3 || count > 12 || !over) return false;
    out.add(name.what, class_secret, place.at, end, Confidence::medium);
    return true;
  }

  static Confidence confidence_of(std::string_view value, Made made, const Place& place) {
    if (made == Made::pin || place.spoken) return Confidence::medium;
    if (made != Made::by_people && made != Made::phrase)
      return looks_random(value) ? Confidence::high : Confidence::medium;
    const Traits traits = traits_of(value);
    return traits.digit || traits.symbol ? Confidence::high : Confidence::medium;
  }

  static constexpr WordSet schemes = "bearer|basic";

  std::vector<std::string_view> words_;
};

}  // namespace

std::unique_ptr<Guard> make_assigned_secret_guard(const GuardSettings&) { return std::make_unique<AssignedSecret>(); }

}  // namespace weir
