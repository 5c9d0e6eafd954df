// Passwords on command lines, where tools take them: `mysql -pSECRET`, `docker login -p SECRET`, `redis-cli -a SECRET`,
// `net use Z: \\server\share SECRET`, `echo SECRET | sudo -S`; and in files that look like command lines
// (`requirepass SECRET`).
#include <algorithm>
#include <array>

#include "guards/characters.h"
#include "guards/command_line.h"
#include "guards/context.h"
#include "guards/guard.h"

namespace weir {
namespace {

using namespace guards;

enum class Takes : uint8_t {
  next,     // `-p SECRET`
  glued,    // `-pSECRET`
  percent,  // `-U anna%SECRET`
  slash,    // `anna/SECRET@host`, no option
  first,    // the first word behind
  second,   // the second one
  windows,  // the last word but switches
  piped,    // before it: `echo anna:SECRET | chpasswd`
};

struct Command {
  std::string_view word;
  std::string_view option;
  Takes takes;
};

constexpr Command commands[] = {
    {"mysql", "-p", Takes::glued},        {"mysqldump", "-p", Takes::glued},
    {"mysqladmin", "-p", Takes::glued},   {"mariadb", "-p", Takes::glued},
    {"mariadb-dump", "-p", Takes::glued}, {"mysqlimport", "-p", Takes::glued},
    {"7z a", "-p", Takes::glued},         {"docker login", "-p", Takes::next},
    {"podman login", "-p", Takes::next},  {"registry login", "-p", Takes::next},
    {"az login", "-p", Takes::next},      {"oc login", "-p", Takes::next},
    {"cf login", "-p", Takes::next},      {"mongosh", "-p", Takes::next},
    {"mongo", "-p", Takes::next},         {"mongodump", "-p", Takes::next},
    {"redis-cli", "-a", Takes::next},     {"ldapsearch", "-w", Takes::next},
    {"ldapadd", "-w", Takes::next},       {"ldapmodify", "-w", Takes::next},
    {"plink", "-pw", Takes::next},        {"pscp", "-pw", Takes::next},
    {"putty", "-pw", Takes::next},        {"unzip", "-P", Takes::next},
    {"zip", "-P", Takes::next},           {"sqlcmd", "-P", Takes::next},
    {"bcp", "-P", Takes::next},           {"openssl enc", "-k", Takes::next},
    {"ipmitool", "-P", Takes::next},      {"smbclient", "-U", Takes::percent},
    {"rpcclient", "-U", Takes::percent},  {"xfreerdp", "/p:", Takes::glued},
    {"sqlplus", "", Takes::slash},        {"exp", "", Takes::slash},
    {"impdp", "", Takes::slash},          {"requirepass", "", Takes::first},
    {"masterauth", "", Takes::first},     {"wpa_passphrase", "", Takes::second},
    {"net use", "", Takes::windows},      {"net user", "", Takes::windows},
    {"chpasswd", "", Takes::piped},       {"sudo -s", "", Takes::piped},
    {"htpasswd", "-b", Takes::windows},   {"htpasswd -b", "", Takes::windows},
    {"htpasswd -bc", "", Takes::windows}, {"iwconfig", "key", Takes::next},
    {"snmpwalk", "-A", Takes::next},      {"vault login", "", Takes::first},
};

constexpr auto words = [] {
  std::array<std::string_view, std::size(commands)> list{};
  for (std::size_t i = 0; i < list.size(); ++i) list[i] = commands[i].word;
  return list;
}();

// What people choose and no name of a file, host or option is; so a digit or a sign is wanted, and letters.
bool is_chosen(std::string_view value) {
  const bool letter = std::any_of(value.begin(), value.end(), is_alpha);
  const bool other =
      std::any_of(value.begin(), value.end(), [](char c) { return is_digit(c) || c == '!' || c == '#'; });
  const bool path = value.find('/') != std::string_view::npos || value.ends_with(".txt") || value.ends_with(".sql");
  return value.size() >= 6 && letter && other && !path && value.front() != '-';
}

class CommandPassword : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "command_password",
            .description = "passwords on command lines: mysql, docker, redis-cli, net use, chpasswd and others",
            .classes = class_secret,
            .triggers = {.words = words},
            .kinds = {"login_credentials"}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    const std::string_view text = sighting.text;
    if (!ends_word(text, sighting.end)) return;
    const Command& command = commands[sighting.word];
    if (command.takes == Takes::piped) return inspect_piped(sighting, out);
    if (sighting.end >= text.size() || text[sighting.end] != ' ') return;
    const std::string_view line = line_from(text, sighting.end);
    Token before;
    std::size_t at = sighting.end;
    std::size_t passed = 0;
    Token last;
    for (Token token = read_token(line, at); token.begin < line.size() && token.end > token.begin && passed < 24;
         token = read_token(line, at)) {
      const std::string_view value = line.substr(token.begin, token.end - token.begin);
      at = token.end + (token.quoted ? 1 : 0);
      ++passed;
      if (value == "|" || value == "&&" || value == ";" || value == ">") break;
      if (take(command, line, token, before, passed, out)) return;
      if (value.front() != '/' && value.front() != '-') last = token;
      before = token;
    }
    // `net use Z: \\server\share SECRET`, `htpasswd -b file anna SECRET`
    constexpr std::size_t fewest = 2;
    if (command.takes == Takes::windows && passed >= fewest && last.end > last.begin)
      add(line, last.begin, last.end, out);
  }

 private:
  static std::string_view line_from(std::string_view text, std::size_t at) {
    constexpr std::size_t longest = 384;
    std::size_t end = at;
    while (end < text.size() && end - at < longest && !is_mark(text[end]) &&
           (text[end] != '\n' || (end > 0 && text[end - 1] == '\\'))) {
      ++end;
    }
    return text.substr(0, end);
  }

  static bool add(std::string_view text, std::size_t begin, std::size_t end, Findings& out) {
    const std::string_view value = text.substr(begin, end - begin);
    if (!is_password(value) || !is_chosen(value)) return false;
    out.add("login_credentials", class_secret, begin, end, Confidence::medium);
    return true;
  }

  static bool take(const Command& command, std::string_view line, const Token& token, const Token& before,
                   std::size_t passed, Findings& out) {
    const std::string_view value = line.substr(token.begin, token.end - token.begin);
    const std::string_view prior = line.substr(before.begin, before.end - before.begin);
    switch (command.takes) {
      case Takes::next:
        return prior == command.option && add(line, token.begin, token.end, out);
      case Takes::glued:
        return value.starts_with(command.option) && value.size() > command.option.size() && value[1] != '-' &&
               add(line, token.begin + command.option.size(), token.end, out);
      case Takes::percent: {
        const std::size_t sign = value.find('%');
        return prior == command.option && sign != std::string_view::npos &&
               add(line, token.begin + sign + 1, token.end, out);
      }
      case Takes::slash: {
        const std::size_t sign = value.find('/');
        const std::size_t host = value.find('@');
        if (sign == 0 || sign == std::string_view::npos || host == std::string_view::npos || host < sign) return false;
        return add(line, token.begin + sign + 1, token.begin + host, out);
      }
      case Takes::first:
        return passed == 1 && add(line, token.begin, token.end, out);
      case Takes::second:
        return passed == 2 && add(line, token.begin, token.end, out);
      default:
        return false;
    }
  }

  // `echo "anna:SECRET" | chpasswd`, `echo SECRET | sudo -S`
  static void inspect_piped(const Sighting& sighting, Findings& out) {
    constexpr std::size_t way = 128;
    const std::string_view text = sighting.text;
    const std::size_t from = sighting.at - std::min(sighting.at, way);
    const std::string_view before = text.substr(from, sighting.at - from);
    const std::size_t pipe = before.rfind('|');
    const std::size_t echo = before.rfind("echo ");
    if (pipe == std::string_view::npos || echo == std::string_view::npos || pipe < echo) return;
    Token token = read_token(text.substr(0, from + pipe), from + echo + 4);
    const std::size_t colon = text.substr(0, token.end).find(':', token.begin);
    if (commands[sighting.word].word == "chpasswd") {
      if (colon == std::string_view::npos) return;
      token.begin = colon + 1;
    }
    add(text, token.begin, token.end, out);
  }
};

}  // namespace

std::unique_ptr<Guard> make_command_password_guard(const GuardSettings&) { return std::make_unique<CommandPassword>(); }

}  // namespace weir
