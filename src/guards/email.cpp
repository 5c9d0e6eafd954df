// E-mail addresses, as RFC 5321 and 6531 allow them in practice: any script, plus tags, full-width `@`. Also the common
// disguise `name at example dot com`.
#include <algorithm>
#include <array>

#include "guards/characters.h"
#include "guards/context.h"
#include "guards/guard.h"

namespace weir {
namespace {

using namespace guards;

constexpr std::size_t longest_local = 64;
constexpr std::size_t longest_domain = 253;

bool in_local(char c) {
  return is_alnum(c) || !is_ascii(c) || std::string_view(".!#$%&'*+/=?^_`{|}~-").find(c) != std::string_view::npos;
}

// Names of files and scripts that look like domains: `icon@2x.png`.
bool is_file_ending(std::string_view word) {
  static constexpr WordSet endings = "png|jpg|jpeg|gif|svg|webp|css|js|ts|json|mp3|mp4|bz2|md5";
  return endings.has(word);
}

struct Domain {
  std::size_t end = 0;  // 0: none
};

// Nobody reads them: commit trailers, mail programs and tools are full of them.
bool is_no_mailbox(std::string_view local, std::string_view domain) {
  std::array<char, 16> plain{};  // without `-`, `_` and `.`, and without what stands behind `+`
  std::size_t size = 0;
  for (const char c : local.substr(0, local.find('+'))) {
    if (c == '-' || c == '_' || c == '.') continue;
    if (size == plain.size()) break;
    plain[size++] = to_lower(c);
  }
  static constexpr WordSet nobody = "noreply|donotreply|dontreply|mailerdaemon|postmaster|nobody|bounce|bounces";
  if (nobody.has({plain.data(), size})) return true;
  const auto has_label = [domain](std::string_view label) {
    for (std::size_t at = 0; at + label.size() < domain.size(); ++at) {
      const bool begins = at == 0 || domain[at - 1] == '.';
      if (begins && starts_folded(domain.substr(at), label) && domain[at + label.size()] == '.') return true;
    }
    return false;
  };
  return has_label("noreply") || has_label("no-reply");  // `1234+name@users.noreply.github.com`
}

std::size_t digits_at_end(std::string_view label) {
  std::size_t count = 0;
  while (count < label.size() && is_digit(label[label.size() - 1 - count])) ++count;
  return count;
}

// Labels of letters, digits, `-` and non-ASCII bytes, at least two, the last one not a number.
Domain read_domain(std::string_view text, std::size_t begin) {
  const std::size_t stop = std::min(text.size(), begin + longest_domain);
  std::size_t label = begin;
  std::size_t end = 0;
  int labels = 0;
  for (std::size_t at = begin; at <= stop; ++at) {
    if (at < stop && (is_alnum(text[at]) || text[at] == '-')) continue;
    const Character here = at < stop ? character_at(text, at) : Character{};
    const bool dot = here.value == '.' || here.value == 0xFF0E || here.value == 0x3002;
    if (here.size > 1 && !dot && (is_word(here.value) || is_ignorable(here.value))) {
      at += here.size - 1;
      continue;
    }
    if (at == label) break;
    ++labels;
    const std::string_view last = text.substr(label, at - label);
    const std::size_t stuck = digits_at_end(last);  // `anna@example.com2`: a footnote, the next column
    const std::string_view name = last.substr(0, last.size() - stuck);
    const bool letters = name.size() >= 2 && name.front() != '-' && (is_alpha(name.front()) || !is_ascii(name.front()));
    if (labels >= 2 && letters && !is_file_ending(name) && !is_file_ending(last)) end = at - stuck;
    if (!dot) break;
    at += here.size - 1;
    label = at + 1;
  }
  return {.end = end};
}

class Email : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "email",
            .description = "e-mail addresses, also as `name at example dot com` or `name[at]example.com`",
            .classes = class_personal,
            .triggers = {.bytes = "@", .words = words, .byte_fits = &is_behind_local},
            .kinds = {"email"}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    const std::string_view text = sighting.text;
    if (starts_folded(text.substr(sighting.at), "dot")) return inspect_spelled(sighting, out);
    std::size_t begin = sighting.at;
    std::size_t end = sighting.end;
    if (sighting.end - sighting.at == 4) {  // `[at]`, perhaps with spaces around
      while (begin > 0 && sighting.at - begin < 2 && text[begin - 1] == ' ') --begin;
      while (end < text.size() && end - sighting.end < 2 && text[end] == ' ') ++end;
    }
    const std::size_t at = begin;
    if (begin > 0 && text[begin - 1] == '"') {
      begin = quoted_local(text, begin);
    } else {
      while (begin > 0 && at - begin < longest_local && in_local(text[begin - 1])) --begin;
      while (begin < at && (text[begin] == '.' || text[begin] == '\'' || text[begin] == '`')) ++begin;
    }
    if (begin == at) return;
    const Domain domain = read_domain(text, end);
    if (domain.end == 0) return;
    const std::string_view local = text.substr(begin, at - begin);
    if (equals_folded(local, "git")) return;  // `git@host:` names no person
    if (is_password(text, begin)) return;
    if (is_no_mailbox(local, text.substr(end, domain.end - end))) return;
    out.add("email", class_personal, begin, domain.end);
  }

 private:
  static bool is_behind_local(std::string_view text, std::size_t begin, std::size_t) {
    return begin > 0 && (in_local(text[begin - 1]) || text[begin - 1] == '"');
  }

  // `scheme://user:password@host`
  static bool is_password(std::string_view text, std::size_t begin) {
    if (begin == 0 || text[begin - 1] != ':') return false;
    const std::size_t from = begin - std::min<std::size_t>(begin, longest_local);
    const std::string_view before = text.substr(from, begin - from);
    const std::size_t slashes = before.rfind("//");
    return slashes != std::string_view::npos && before.find_first_of(" \t\r\n\"'<>", slashes) == std::string_view::npos;
  }

  static constexpr std::string_view words[] = {"dot", "[at]", "(at)", "{at}", "<at>"};

  static std::size_t quoted_local(std::string_view text, std::size_t at) {
    const std::size_t stop = at - std::min(at, longest_local);
    for (std::size_t begin = at - 1; begin > stop; --begin) {
      if (text[begin - 1] == '\n' || is_mark(text[begin - 1])) break;
      if (text[begin - 1] == '"') return begin + 1 < at ? begin - 1 : at;
    }
    return at;
  }

  // `name at example dot com`, `name (at) example [dot] com`: `sighting` is at `dot`.
  static void inspect_spelled(const Sighting& sighting, Findings& out) {
    static constexpr WordSet endings = "com|org|net|edu|gov|io|de|uk|fr|eu|ch|at|it|es|nl|us|ca|info|co|ai";
    const std::string_view text = sighting.text;
    const auto gap = [](char c) { return c == ' ' || c == '(' || c == ')' || c == '[' || c == ']' || c == '_'; };
    std::size_t at = sighting.at + 3;
    const std::size_t after_dot = at;
    while (at < text.size() && at - after_dot < 4 && gap(text[at])) ++at;
    std::size_t end = at;
    while (end < text.size() && end - at < 8 && is_alpha(text[end])) ++end;
    if (at == after_dot || !endings.has(text.substr(at, end - at))) return;

    std::size_t place = sighting.at;
    const auto back = [&](auto part) {
      const std::size_t from = place;
      while (place > 0 && from - place < longest_local && part(text[place - 1])) --place;
      return text.substr(place, from - place);
    };
    const auto name = [](char c) { return is_alnum(c) || c == '-' || c == '.' || !is_ascii(c); };
    if (back(gap).empty() || back(name).empty() || back(gap).empty()) return;
    if (!equals_folded(back(name), "at") || back(gap).empty() || back(name).empty()) return;
    out.add("email", class_personal, place, end);
  }
};

}  // namespace

std::unique_ptr<Guard> make_email_guard(const GuardSettings&) { return std::make_unique<Email>(); }

}  // namespace weir
