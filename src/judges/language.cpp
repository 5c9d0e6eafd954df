#include "judges/language.h"

#include <algorithm>
#include <array>
#include <vector>

#include "judges/answer_text.h"

namespace weir {
namespace {

constexpr std::size_t most_read = 4000;  // bytes: more says no more
constexpr int least_letters = 6;         // of a script that says all by itself
constexpr int least_latin_words = 4;

struct Script {
  std::string_view name;
  char32_t from, to;
};
constexpr std::array scripts = {
    Script{"greek", 0x370, 0x3ff},      Script{"cyrillic", 0x400, 0x52f},  Script{"armenian", 0x530, 0x58f},
    Script{"hebrew", 0x590, 0x5ff},     Script{"arabic", 0x600, 0x6ff},    Script{"arabic", 0x750, 0x77f},
    Script{"devanagari", 0x900, 0x97f}, Script{"bengali", 0x980, 0x9ff},   Script{"gurmukhi", 0xa00, 0xa7f},
    Script{"gujarati", 0xa80, 0xaff},   Script{"tamil", 0xb80, 0xbff},     Script{"telugu", 0xc00, 0xc7f},
    Script{"kannada", 0xc80, 0xcff},    Script{"malayalam", 0xd00, 0xd7f}, Script{"thai", 0xe00, 0xe7f},
    Script{"georgian", 0x10a0, 0x10ff}, Script{"korean", 0xac00, 0xd7af},  Script{"korean", 0x1100, 0x11ff},
    Script{"japanese", 0x3040, 0x30ff}, Script{"han", 0x3400, 0x4dbf},     Script{"han", 0x4e00, 0x9fff},
};

struct StopWords {
  std::string_view language;
  std::string_view words;  // with a blank on either side of each
};
// Words that are frequent in one language and rare as words of the others here.
constexpr std::array stop_words = {
    StopWords{"en",
              " the of and to is that it for you with this are be was have not from your can what how which would "
              "there their they will my does should about write please explain when "},
    StopWords{"de",
              " der die das und ist nicht ein eine einen zu mit den von auf für im dem sich des auch wie ich sie es du "
              "wir kann werden wird sind bei oder aber wenn was warum bitte mir mein meine hat haben "},
    StopWords{
        "fr",
        " le les des et est un une du dans pour que qui pas sur avec ce il elle je vous nous sont au aux plus par "
        "mais ou cette être fait comment quel quelle est-ce mon ma "},
    StopWords{"es",
              " el los las y es un una del que por para con no se su lo como más pero sus este esta son está cómo qué "
              "cuál cuando muy hay mi puedo puede "},
    StopWords{"it",
              " il gli le di che è un una per con non del della sono nel alla come più ma questo questa si anche dei "
              "delle cosa perché puoi mio mia dove "},
    StopWords{"pt",
              " o os as e é um uma do da dos das em que não para com se por mais como mas foi são você ao está isso "
              "meu minha qual quando pode "},
    StopWords{"nl",
              " de het een en van is dat niet op te zijn met voor aan er ook als maar dit wat hoe ik je kan worden bij "
              "naar deze hebben mijn waarom "},
    StopWords{"pl",
              " i w na z jest nie się do że to jak o po co dla są ale od przez jego oraz tak czy proszę mi może być "
              "który która "},
    StopWords{"sv", " och att det är som en på för med av inte den till ett har jag kan du vi från men om så hur vad "},
    StopWords{"da", " og at det er som en på for med af ikke den til et har jeg kan du vi fra men om så hvordan hvad "},
    StopWords{"cs", " a je se na v že to s z do jak pro ale jsou by co které nebo jsem tak od není mi může prosím "},
    StopWords{"tr", " ve bir bu için ile de da ne nasıl olarak çok daha gibi ama değil mi var olan lütfen bana "},
    StopWords{"id",
              " yang dan di itu dengan untuk tidak ini dari dalam adalah akan pada juga saya apa bagaimana bisa "},
    StopWords{"vi", " và là của có không được cho một các với trong này để tôi như thế nào bạn những "},
};

std::string_view by_stop_words(std::string_view text) {
  std::array<int, stop_words.size()> hits{};
  int words = 0;
  for (const auto& word : words_of(text)) {
    ++words;
    const auto wanted = " " + word + " ";
    for (std::size_t i = 0; i < stop_words.size(); ++i) {
      if (stop_words[i].words.find(wanted) != std::string_view::npos) ++hits[i];
    }
  }
  if (words < least_latin_words) return {};
  const auto best = std::max_element(hits.begin(), hits.end());
  int second = 0;
  for (auto one = hits.begin(); one != hits.end(); ++one) {
    if (one != best) second = std::max(second, *one);
  }
  // A fifth of the words of running text are such words; of a list of names or of code, none or few of each.
  const bool enough = *best >= 2 && *best * 6 >= words && *best > second + second / 3 && *best >= second + 2;
  return enough ? stop_words[static_cast<std::size_t>(best - hits.begin())].language : std::string_view();
}

// Names of languages and words for translating, as they stand in instructions.
constexpr std::array language_words = {
    "translat", "language",    "übersetz",    "sprache",     "tradu",      "langue",     "idioma",    "lingua",
    "vertaal",  "vertal",      "przetłumacz", "tłumacz",     "język",      "översätt",   "oversæt",   "přelož",
    "çevir",    "dil ",        "terjemah",    "перевед",     "перевод",    "язык",       "переклад",  "翻译",
    "翻譯",     "翻訳",        "번역",        "ترجم",        "अनुवाद",      "english",    "german",    "french",
    "spanish",  "italian",     "portuguese",  "dutch",       "polish",     "swedish",    "danish",    "czech",
    "turkish",  "russian",     "ukrainian",   "arabic",      "hebrew",     "chinese",    "mandarin",  "japanese",
    "korean",   "hindi",       "greek",       "thai",        "vietnamese", "indonesian", "latin",     "englisch",
    "deutsch",  "französisch", "spanisch",    "italienisch", "anglais",    "allemand",   "français",  "espagnol",
    "italien",  "inglés",      "alemán",      "francés",     "español",    "inglese",    "tedesco",   "francese",
    "spagnolo", "inglês",      "alemão",      "engels",      "duits",      "frans",      "angielsk",  "niemieck",
    "английск", "немецк",      "русск",       "英语",        "英文",       "中文",       "英語",      "日本語",
    "영어",     "한국어",      "ingilizce",   "türkçe",      "engelska",   "engelsk",    "svenska",   "anglicky",
    "locale",   "bahasa",      "tiếng",       "polski",      "nederlands", "italiano",   "português", "čeština",
};

}  // namespace

std::string_view language_of(std::string_view text) {
  text = text.substr(0, most_read);
  int latin = 0;
  int letters = 0;
  std::array<int, scripts.size()> counts{};
  for (std::size_t at = 0; at < text.size();) {
    const auto c = next_character(text, at);
    if (!is_letter(c)) continue;
    ++letters;
    if (c < 0x250 || (c >= 0x1e00 && c <= 0x1eff)) {
      ++latin;
      continue;
    }
    for (std::size_t i = 0; i < scripts.size(); ++i) {
      if (c >= scripts[i].from && c <= scripts[i].to) ++counts[i];
    }
  }
  int kana = 0;
  int han = 0;
  std::string_view most;
  int most_count = 0;
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    int of_script = 0;
    for (std::size_t j = 0; j < scripts.size(); ++j) {
      if (scripts[j].name == scripts[i].name) of_script += counts[j];
    }
    if (scripts[i].name == "japanese") kana = of_script;
    if (scripts[i].name == "han") han = of_script;
    if (of_script > most_count) {
      most_count = of_script;
      most = scripts[i].name;
    }
  }
  // Japanese is written with both.
  if (kana > 0 && kana * 8 >= han && kana + han >= most_count) {
    most = "japanese";
    most_count = kana + han;
  }
  // A Chinese or Japanese character says more than a letter does.
  const int weight = most == "han" || most == "japanese" ? 3 : 1;
  if (most_count * weight >= least_letters && most_count * weight > 2 * latin) return most;
  if (latin * 10 < letters * 9) return {};
  return by_stop_words(text);
}

bool speaks_of_languages(std::string_view asked) {
  return std::any_of(language_words.begin(), language_words.end(),
                     [&](const char* word) { return asked.find(word) != std::string_view::npos; });
}

}  // namespace weir
