#include "judges/left_over.h"

#include <algorithm>
#include <array>
#include <string>

#include "judges/answer_text.h"

namespace weir {
namespace {

constexpr std::size_t longest = 60;  // bytes between the brackets

// In square brackets, in small letters: what follows may be anything.
constexpr std::array openings = {
    "your ",      "insert ", "enter ",    "name of ", "company name", "recipient", "add your",  "placeholder",
    "dein ",      "deine ",  "deinen ",   "ihr ",     "ihre ",        "ihren ",    "name des ", "einfügen",
    "firmenname", "votre ",  "nom de ",   "insérer ", "su nombre",    "tu nombre", "nombre de", "insertar ",
    "il tuo ",    "nome ",   "inserire ", "seu nome", "inserir ",     "uw naam",   "jouw naam", "twoje imię",
    "date",       "datum",   "name]",     "name,",    "имя",          "ваше ",     "您的",      "你的",
};

bool looks_unfilled(std::string_view inside) {
  const auto text = normalised(inside) + "]";
  return std::any_of(openings.begin(), openings.end(), [&](const char* begin) { return text.starts_with(begin); });
}

// `<PERSON_1>`, `<EMAIL_12>`: letters, one line below, a number.
bool is_typed_mark(std::string_view inside) {
  const auto line = inside.rfind('_');
  if (line == std::string_view::npos || line < 3 || line + 1 == inside.size()) return false;
  const auto is_capital = [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return std::all_of(inside.begin(), inside.begin() + static_cast<std::ptrdiff_t>(line), is_capital) &&
         std::all_of(inside.begin() + static_cast<std::ptrdiff_t>(line) + 1, inside.end(), is_digit);
}

bool is_template_name(std::string_view inside) {
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ' ' || c == '.' ||
           (c >= '0' && c <= '9');
  };
  return !inside.empty() && std::all_of(inside.begin(), inside.end(), is_part);
}

struct Brackets {
  std::string_view open, close;
  bool (*unfilled)(std::string_view);
};
constexpr std::array brackets = {
    Brackets{"[", "]", looks_unfilled},
    Brackets{"{{", "}}", is_template_name},
    Brackets{"<", ">", is_typed_mark},
};

}  // namespace

std::string_view left_over_in(std::string_view answer, std::string_view asked) {
  // In code, brackets are code.
  const bool has_code = answer.find("```") != std::string_view::npos;
  for (const auto& kind : brackets) {
    if (has_code && kind.open == "{{") continue;
    for (auto at = answer.find(kind.open); at != std::string_view::npos; at = answer.find(kind.open, at + 1)) {
      const auto begin = at + kind.open.size();
      const auto end = answer.substr(0, std::min(answer.size(), begin + longest)).find(kind.close, begin);
      if (end == std::string_view::npos || !kind.unfilled(answer.substr(begin, end - begin))) continue;
      // `[Date](https://…)` is a link.
      if (kind.open == "[" && answer.substr(end + 1).starts_with("(")) continue;
      const auto whole = answer.substr(at, end + kind.close.size() - at);
      if (asked.find(whole) == std::string_view::npos) return whole;
    }
  }
  const auto small = normalised(answer.substr(0, 20'000));
  if (small.find("lorem ipsum dolor") != std::string::npos && normalised(asked).find("lorem") == std::string::npos) {
    return "lorem ipsum";
  }
  return {};
}

}  // namespace weir
