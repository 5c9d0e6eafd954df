// Passwords in the places where tools want them: `curl -u user:password`, lines of .pgpass and .netrc, SQL that makes
// users, options of commands.
#include <algorithm>
#include <array>

#include "guards/characters.h"
#include "guards/command_line.h"
#include "guards/context.h"
#include "guards/guard.h"

namespace weir {
namespace {

using namespace guards;

constexpr std::string_view words[] = {
    "curl",           "wget",       "sshpass",         "machine", "identified by", "identified with",
    "password",       "--password", "--http-password", "--user",  "--proxy-user",  "passin",
    "digest username"};
enum Word : std::size_t {
  curl,
  wget,
  sshpass,
  machine,
  identified_by,
  identified_with,
  password,
  option_first,
  digest = 12
};
static_assert(words[digest] == "digest username");

class LoginCredentials : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "login_credentials",
            .description = "passwords of curl, .pgpass, .netrc, SQL users and command lines",
            .classes = class_secret,
            .triggers = {.bytes = ":", .followers = "0123456789*", .words = words, .byte_fits = &may_be_pgpass},
            .kinds = {"login_credentials"}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    const std::string_view text = sighting.text;
    if (sighting.end - sighting.at == 1) return inspect_pgpass(sighting, out);
    switch (sighting.word) {
      case curl:
      case wget:
      case sshpass:
        return inspect_command(text, sighting.word, sighting.end, out);
      case machine:
        return inspect_netrc(text, sighting.end, out);
      case identified_with: {
        const std::size_t by = text.substr(0, sighting.end + 64).find(" BY ", sighting.end);
        return by == std::string_view::npos ? void() : add_quoted(text, by + 4, out);
      }
      case identified_by:
        return add_quoted(text, sighting.end, out);
      case password:
        return inspect_sql(sighting, out);
      case digest:
        return inspect_digest(text, sighting.end, out);
      default:
        return inspect_option(sighting, out);
    }
  }

 private:
  // A port or `*` behind a host.
  static bool may_be_pgpass(std::string_view text, std::size_t begin, std::size_t) {
    return begin > 0 && in_host(text[begin - 1]);
  }

  static bool in_host(char c) { return is_alnum(c) || std::string_view(".-_*/").find(c) != std::string_view::npos; }

  static void add(std::string_view text, std::size_t begin, std::size_t end, Findings& out) {
    if (is_password(text.substr(begin, end - begin)))
      out.add("login_credentials", class_secret, begin, end, Confidence::medium);
  }

  static void add_quoted(std::string_view text, std::size_t at, Findings& out) {
    const Token token = read_token(text, at);
    if (token.quoted) add(text, token.begin, token.end, out);
  }

  // `user:password`
  static void add_pair(std::string_view text, const Token& token, Findings& out) {
    const std::size_t colon = text.substr(0, token.end).find(':', token.begin);
    if (colon == std::string_view::npos || colon == token.begin || text.substr(colon, 3) == "://") return;
    add(text, colon + 1, token.end, out);
  }

  static void inspect_command(std::string_view text, std::size_t word, std::size_t at, Findings& out) {
    const std::string_view line = text.substr(0, std::min(text.size(), at + 384));
    while (at + 2 < line.size() && !is_mark(line[at])) {
      const bool option = line[at] == '-' && is_space(line[at - 1]);
      const bool other = line[at] == '\n' && line[at - 1] != '\\';
      if (other || line[at] == '|' || line[at] == ';') return;
      if (option && (line[at + 1] == 'u' || line[at + 1] == 'U') && word == curl)
        add_pair(line, read_token(line, at + 2), out);
      if (option && line[at + 1] == 'p' && word == sshpass) {
        const Token token = read_token(line, at + 2);
        add(line, token.begin, token.end, out);
      }
      ++at;
    }
  }

  // `--password s3cr3t`, `--user anna:s3cr3t`; with `=` it is an assignment, which others know.
  static void inspect_option(const Sighting& sighting, Findings& out) {
    const std::string_view text = sighting.text;
    const std::string_view word = words[sighting.word];
    const bool pair = word == "--user" || word == "--proxy-user";
    if (sighting.end >= text.size() || (text[sighting.end] != ' ' && text[sighting.end] != '=')) return;
    const Token token = read_token(text, sighting.end + 1);
    if (pair) return add_pair(text, token, out);
    const std::string_view value = text.substr(token.begin, token.end - token.begin);
    const bool made =
        std::any_of(value.begin(), value.end(), is_digit) && std::any_of(value.begin(), value.end(), is_alpha);
    if (made && value.front() != '-') add(text, token.begin, token.end, out);
  }

  // `machine HOST login USER password PASSWORD`, also over several lines.
  static void inspect_netrc(std::string_view text, std::size_t at, Findings& out) {
    Token token = read_token(text, at);  // the host
    const std::string_view host = text.substr(token.begin, token.end - token.begin);
    if (host.find_first_of(".:0123456789") == std::string_view::npos && host != "localhost") return;
    for (int i = 0; i < 3; ++i) {
      const Token name = read_token(text, token.end);
      const std::string_view word = text.substr(name.begin, name.end - name.begin);
      const Token value = read_token(text, name.end);
      if (word == "password") return add(text, value.begin, value.end, out);
      if (word != "login" && word != "account") return;
      token = value;
    }
  }

  // RFC 7616: the answer to the server's question, made with the password.
  static void inspect_digest(std::string_view text, std::size_t at, Findings& out) {
    constexpr std::size_t way = 600;
    constexpr std::string_view name = "response=\"";
    const std::size_t found = text.substr(0, std::min(text.size(), at + way)).find(name, at);
    if (found == std::string_view::npos) return;
    const std::size_t begin = found + name.size();
    std::size_t end = begin;
    while (end < text.size() && is_hex(text[end])) ++end;
    constexpr std::size_t digits = 32;
    if (end - begin >= digits) out.add("login_credentials", class_secret, begin, end);
  }

  // `CREATE USER anna WITH PASSWORD 'secret'`, `SET PASSWORD = PASSWORD('secret')`.
  static void inspect_sql(const Sighting& sighting, Findings& out) {
    static constexpr WordSet statements = "user|role|login|with|encrypted|set|alter|create|grant";
    const std::string_view text = sighting.text;
    if (sighting.end + 1 >= text.size() || (text[sighting.end] != ' ' && text[sighting.end] != '(')) return;
    if (sighting.at > 0 && text[sighting.at - 1] == '.') return;  // a call: `prompt.password('New: ')`
    if (!word_before(text, sighting.at, 96, statements)) return;
    if (text[sighting.end + 1] == '\'') add_quoted(text, sighting.end + 1, out);
  }

  // `host:5432:database:user:password`, at the first colon.
  static void inspect_pgpass(const Sighting& sighting, Findings& out) {
    const std::string_view text = sighting.text;
    std::size_t at = sighting.end;
    std::size_t begin = sighting.at;
    while (begin > 0 && in_host(text[begin - 1])) --begin;
    if ((begin > 0 && text[begin - 1] == ':')) return;
    if (is_digit(text[begin]) && text.substr(begin, sighting.at - begin).find('.') == std::string_view::npos) return;
    const std::size_t port = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    const bool any_port = at == port && text[at] == '*';
    if (any_port) ++at;
    if (!any_port && (at - port < 4 || at - port > 5)) return;
    std::array<std::size_t, 3> fields{};  // where database, user and password begin
    for (std::size_t i = 0; i < 3; ++i) {
      if (at >= text.size() || text[at] != ':') return;
      fields[i] = ++at;
      while (at < text.size() && !is_space(text[at]) && !is_mark(text[at]) && !is_quote(text[at]) &&
             (text[at] != ':' || i == 2)) {
        if (text[at] == '\\') {
          if (text.substr(at, 2) == "\\n") break;
          ++at;
        }
        ++at;
      }
      if (at == fields[i]) return;
    }
    at = std::min(at, text.size());
    const bool names = is_alpha(text[fields[1]]) || text[fields[1]] == '*';
    const bool database = !is_digit(text[fields[0]]);
    if (names && database) add(text, fields[2], at, out);
  }
};

}  // namespace

std::unique_ptr<Guard> make_login_credentials_guard(const GuardSettings&) {
  return std::make_unique<LoginCredentials>();
}

}  // namespace weir
