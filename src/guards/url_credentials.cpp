// URLs that carry a password (RFC 3986, 3.2.1): `postgres://user:secret@host`, `https://token@github.com`.
#include <algorithm>

#include "guards/characters.h"
#include "guards/context.h"
#include "guards/guard.h"

namespace weir {
namespace {

using namespace guards;

class UrlCredentials : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "url_credentials",
            .description = "URLs with user and password",
            .classes = class_secret,
            .triggers = {.bytes = ":", .followers = "/", .byte_fits = &may_be_url},
            .kinds = {"url_credentials"}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    const std::string_view text = sighting.text;
    const std::size_t begin = sighting.end + 2;
    const std::string_view rest = text.substr(begin, longest);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/ \t\r\n\"'<>\\`\x1E\x1F"));
    const std::size_t at = authority.rfind('@');
    if (at == std::string_view::npos) return;
    const std::string_view user_info = authority.substr(0, at);
    const std::size_t colon = user_info.find(':');
    if (colon == std::string_view::npos) return;
    const std::string_view password = user_info.substr(colon + 1);
    if (password.empty() || is_placeholder(password)) return;
    std::size_t scheme = sighting.at;
    while (scheme > 0 && sighting.at - scheme < 24 && (is_alnum(text[scheme - 1]) || text[scheme - 1] == '+')) --scheme;
    out.add("url_credentials", class_secret, scheme, begin + at);
  }

 private:
  static bool may_be_url(std::string_view text, std::size_t, std::size_t end) { return text.substr(end, 2) == "//"; }

  static constexpr std::size_t longest = 512;

  static bool is_placeholder(std::string_view password) {
    static constexpr guards::WordSet names = "password|passwd|pass|pwd|passwort|secret|token|pw";
    if (names.has(password)) return true;  // `http://user:password@host` explains the form
    const char first = password.front();
    if (first == '$' || first == '<' || first == '{' || first == '[' || first == '%')
      return first != '%' || password.size() < 4;
    return std::all_of(password.begin(), password.end(), [first](char c) { return c == first; }) &&
           (first == '*' || first == 'x' || first == 'X' || first == '.');
  }
};

}  // namespace

std::unique_ptr<Guard> make_url_credentials_guard(const GuardSettings&) { return std::make_unique<UrlCredentials>(); }

}  // namespace weir
