// Session cookies: who has one is logged in. Known by the header (`Cookie:`, `Set-Cookie:`) and a name that means a
// session, or by names that frameworks give to nothing else.
#include <algorithm>
#include <array>

#include "guards/characters.h"
#include "guards/context.h"
#include "guards/guard.h"

namespace weir {
namespace {

using namespace guards;

constexpr std::string_view words[] = {"cookie",
                                      "cookies",
                                      "set-cookie",
                                      "phpsessid",
                                      "jsessionid",
                                      "sessionid",
                                      "connect.sid",
                                      "asp.net_sessionid",
                                      "aspsessionid",
                                      "laravel_session",
                                      "next-auth.session-token",
                                      "wordpress_logged_in"};
constexpr std::size_t first_name = 3;

constexpr std::string_view session_parts[] = {"sess", "sid",      "auth",  "token", "login",
                                              "jwt",  "remember", "user_", "li_at"};

class SessionCookie : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "session_cookie",
            .description = "cookies of logged-in sessions",
            .classes = class_secret,
            .triggers = {.words = words},
            .kinds = {"session_cookie"}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    const std::string_view text = sighting.text;
    if (sighting.word >= first_name) {
      std::size_t at = sighting.end;
      while (at < text.size() && at - sighting.end < 40 && in_name(text[at])) ++at;
      add_value(text, past_sign(text, at), out);
      return;
    }
    // `Cookie: a=1; session=…`, `"Cookie": "…"`, `-H 'Cookie: …'`.
    std::size_t at = sighting.end;
    while (at < text.size() && at - sighting.end < 6 &&
           std::string_view("\"' \\").find(text[at]) != std::string_view::npos) {
      ++at;
    }
    if (at >= text.size() || text[at] != ':') return;
    for (++at; at < text.size();) {
      while (at < text.size() && std::string_view(" \"'\\;").find(text[at]) != std::string_view::npos) ++at;
      const std::size_t begin = at;
      while (at < text.size() && in_name(text[at])) ++at;
      if (at == begin || at >= text.size() || text[at] != '=') return;
      const std::string_view name = text.substr(begin, at - begin);
      const std::size_t value = ++at;
      while (at < text.size() && in_value(text[at])) ++at;
      if (means_session(name) && add_value(text, value, out)) return;
      if (at >= text.size() || text[at] != ';') return;
    }
  }

 private:
  static bool in_name(char c) { return is_alnum(c) || std::string_view("-_.").find(c) != std::string_view::npos; }
  static bool in_value(char c) {
    return !is_space(c) && !is_mark(c) && c != ';' && c != '"' && c != '\'' && c != ',' && c != '<' && c != '`';
  }

  static bool means_session(std::string_view name) {
    for (std::size_t at = 0; at < name.size(); ++at) {
      const auto begins = [&](std::string_view part) { return starts_folded(name.substr(at), part); };
      if (std::any_of(std::begin(session_parts), std::end(session_parts), begins)) return true;
    }
    return false;
  }

  static std::size_t past_sign(std::string_view text, std::size_t at) {
    const std::size_t begin = at;
    while (at < text.size() && at - begin < 6 && std::string_view("\"' :=\\").find(text[at]) != std::string_view::npos)
      ++at;
    return at == begin ? text.size() : at;
  }

  static bool add_value(std::string_view text, std::size_t begin, Findings& out) {
    std::size_t end = begin;
    bool digit = false;
    bool letter = false;
    while (end < text.size() && in_value(text[end]) && text[end] != '&') {
      digit = digit || is_digit(text[end]);
      letter = letter || is_alpha(text[end]);
      ++end;
    }
    const bool made = end - begin >= 12 && digit && letter && text[begin] != '$' && text[begin] != '{';
    if (made) out.add("session_cookie", class_secret, begin, end);
    return made;
  }
};

}  // namespace

std::unique_ptr<Guard> make_session_cookie_guard(const GuardSettings&) { return std::make_unique<SessionCookie>(); }

}  // namespace weir
