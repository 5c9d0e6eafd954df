#include "judges/answer_text.h"

#include <algorithm>

#include "core/utf8.h"

namespace weir {
namespace {

char32_t lower(char32_t c) {
  if (c >= U'A' && c <= U'Z') return c + 32;
  if (c >= 0xc0 && c <= 0xde && c != 0xd7) return c + 32;                  // Latin-1
  if (c >= 0x100 && c <= 0x137 && c != 0x130 && c % 2 == 0) return c + 1;  // Latin extended
  if (c >= 0x139 && c <= 0x148 && c % 2 == 1) return c + 1;
  if (c >= 0x14a && c <= 0x177 && c % 2 == 0) return c + 1;
  if (c == 0x179 || c == 0x17b || c == 0x17d) return c + 1;
  if (c == 0x130) return U'i';
  if (c >= 0x391 && c <= 0x3a9) return c + 32;  // Greek
  if (c >= 0x410 && c <= 0x42f) return c + 32;  // Cyrillic
  if (c >= 0x400 && c <= 0x40f) return c + 80;
  if (c == 0x490) return 0x491;
  return c;
}

bool is_blank(char32_t c) {
  return c == U' ' || (c >= U'\t' && c <= U'\r') || c == 0xa0 || (c >= 0x2000 && c <= 0x200b) || c == 0x202f ||
         c == 0x3000 || c == 0xfeff;
}

// Typographic marks as the plain ones that people type.
char32_t plain(char32_t c) {
  if (c == 0x2018 || c == 0x2019 || c == 0x02bc || c == 0x00b4 || c == 0x0060) return U'\'';
  if (c == 0x201c || c == 0x201d || c == 0x201e || c == 0xab || c == 0xbb) return U'"';
  if (c == 0xff0c || c == 0x3001) return U',';
  return c;
}

void append_parts(const Message& message, std::string& out) {
  for (const auto& part : message.parts) {
    if (part.kind != Part::Kind::text || part.text.empty()) continue;
    out.append(out.empty() ? "" : "\n").append(part.text);
  }
}

}  // namespace

std::string said_text(const Choice& choice) {
  std::string text;
  for (const auto& part : choice.parts) {
    if (part.kind == Part::Kind::text || part.kind == Part::Kind::refusal) text += part.text;
  }
  return text;
}

std::string question_text(const Request& request) {
  std::string text;
  for (auto one = request.messages.rbegin(); one != request.messages.rend(); ++one) {
    if (one->role != Role::user) continue;
    append_parts(*one, text);
    if (!text.empty()) return text;
  }
  if (!request.inputs.empty()) text = request.inputs.front();
  return text;
}

std::string asked_text(const Request& request, std::size_t most) {
  std::string text;
  for (const auto& message : request.messages) {
    if (message.role == Role::system || message.role == Role::developer || message.role == Role::user)
      append_parts(message, text);
  }
  for (const auto input : request.inputs) text.append("\n").append(input);
  if (text.size() > most) text.erase(0, text.size() - most);
  return text;
}

char32_t next_character(std::string_view text, std::size_t& at) {
  const auto next = character_at(text, at);
  at += next.size;
  return next.value;
}

bool is_cjk(char32_t c) {
  return (c >= 0x3040 && c <= 0x30ff) || (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x4e00 && c <= 0x9fff) ||
         (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3134f);
}

bool is_letter(char32_t c) {
  if (c < 0x80) return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
  if (c < 0xc0) return c == 0xaa || c == 0xb5 || c == 0xba;
  if (c == 0xd7 || c == 0xf7) return false;
  const bool punctuation = (c >= 0x2000 && c <= 0x2bff) || (c >= 0x3000 && c <= 0x303f) ||
                           (c >= 0xfe00 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff20) ||
                           (c >= 0xe000 && c <= 0xf8ff) || (c >= 0x1f000 && c <= 0x1ffff) || c == 0xfffd || c == 0xfeff;
  return !punctuation;
}

std::string normalised(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool blank = true;  // none at the beginning
  for (std::size_t at = 0; at < text.size();) {
    const auto c = plain(lower(next_character(text, at)));
    if (is_blank(c)) {
      if (!blank) out += ' ';
      blank = true;
      continue;
    }
    blank = false;
    append_utf8(out, c);
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto end = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto c = lower(next_character(text, at));
    if (is_cjk(c)) {
      end();
      append_utf8(word, c);
      end();
    } else if (is_letter(c) || (c >= U'0' && c <= U'9')) {
      append_utf8(word, c);
    } else {
      end();
    }
  }
  end();
  return words;
}

int64_t tokens_of(std::string_view text) {
  int64_t cjk = 0;
  int64_t bytes = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto before = at;
    if (is_cjk(next_character(text, at))) {
      ++cjk;
    } else {
      bytes += static_cast<int64_t>(at - before);
    }
  }
  return cjk + (bytes + 3) / 4;
}

}  // namespace weir
