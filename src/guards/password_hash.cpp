// Hashes of passwords as systems keep them (/etc/shadow, htpasswd, LDAP, frameworks): who has one can try passwords
// against it. Modular crypt format (`$6$salt$hash`, `$2y$10$…`, `$argon2id$…`) and RFC 2307 (`{SSHA}…`).
#include <algorithm>
#include <array>

#include "guards/characters.h"
#include "guards/guard.h"

namespace weir {
namespace {

using namespace guards;

constexpr std::string_view schemes[] = {"$1$",  "$5$",     "$6$",     "$7$",     "$y$",    "$gy$", "$2a$",
                                        "$2b$", "$2x$",    "$2y$",    "$apr1$",  "$P$",    "$H$",  "$sha1$",
                                        "$md5", "$argon2", "$scrypt", "$pbkdf2", "$bcrypt"};

// `pbkdf2_sha256$600000$…` (Django), `scrypt:32768:8:1$…` (Werkzeug).
constexpr std::string_view words[] = {"{SSHA}",         "{SSHA256}",      "{SSHA512}",
                                      "{CRYPT}",        "{PBKDF2",        "pbkdf2_sha256$",
                                      "pbkdf2_sha512$", "pbkdf2:sha256:", "bcrypt_sha256$",
                                      "scrypt:32768:",  "argon2$argon2",  "argon2id$v",
                                      "argon2i$v",      "argon2d$v",      "y$j"};

constexpr std::size_t shortest_hash = 22;
constexpr std::size_t longest = 220;

bool in_hash(char c) { return is_alnum(c) || std::string_view("./$=,+-:").find(c) != std::string_view::npos; }

class PasswordHash : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "password_hash",
            .description = "hashes of passwords: crypt's, as in /etc/shadow and .htpasswd, LDAP's, those of frameworks",
            .classes = class_secret,
            .triggers = {.words = words, .run = Sighting::shortest_run},
            .kinds = {"password_hash"}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    const std::string_view text = sighting.text;
    if (sighting.word != Sighting::of_run) {
      const std::size_t end = hash_end(text, sighting.end);
      const std::size_t begin = sighting.at > 0 && text[sighting.at - 1] == '$' ? sighting.at - 1 : sighting.at;
      if (end - sighting.end >= shortest_hash) out.add("password_hash", class_secret, begin, end);
      return;
    }
    const char before = sighting.at > 0 ? text[sighting.at - 1] : ' ';
    if (before != '$' && before != '.' && before != '/') return;
    // Back to the scheme: the last `$` behind which one stands.
    std::size_t begin = sighting.at;
    std::size_t found = std::string_view::npos;
    while (begin > 0 && sighting.at - begin < longest && in_hash(text[begin - 1]) && text[begin - 1] != ':') {
      --begin;
      if (text[begin] == '$' && names_scheme(text.substr(begin))) found = begin;
    }
    if (found == std::string_view::npos) return;
    const std::size_t end = hash_end(text, sighting.end);
    if (end - found >= shortest_hash + 3) out.add("password_hash", class_secret, found, end);
  }

 private:
  static bool names_scheme(std::string_view text) {
    return std::any_of(std::begin(schemes), std::end(schemes),
                       [text](std::string_view one) { return text.starts_with(one); });
  }

  static std::size_t hash_end(std::string_view text, std::size_t at) {
    const std::size_t begin = at;
    while (at < text.size() && at - begin < longest && in_hash(text[at])) ++at;
    // `root:$6$…:19000:0:…`
    const std::size_t colon = text.substr(0, at).find(':', begin);
    return colon == std::string_view::npos || text.substr(begin, 1) == "8" ? at : colon;
  }
};

}  // namespace

std::unique_ptr<Guard> make_password_hash_guard(const GuardSettings&) { return std::make_unique<PasswordHash>(); }

}  // namespace weir
