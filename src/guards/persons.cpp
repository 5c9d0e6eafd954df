#include "guards/persons.h"

#include <algorithm>

#include "guards/characters.h"
#include "guards/context.h"

namespace weir::guards {
namespace {

constexpr std::size_t reach = 96;
constexpr std::size_t words_behind = 4;

constexpr WordSet english =
    "i|am|im|me|my|myself|he|she|his|her|him|hers|we|our|they|their|who|whose|you|your|wife|husband|mother|father|mom|"
    "mum|"
    "dad|son|daughter|brother|sister|partner|boyfriend|girlfriend|friend|colleague|coworker|boss|neighbor|neighbour|"
    "client|"
    "patient|employee|customer|man|woman|boy|girl|male|female|mr|mrs|ms|dr|applicant|candidate|defendant|plaintiff|"
    "suspect|"
    "driver|tenant|pupil|student|child|baby|infant|toddler|teenager|teen|adult|lady|gentleman|guy|nephew|niece|cousin|"
    "uncle|"
    "aunt|grandmother|grandfather|grandma|grandpa|grandson|granddaughter|fiancé|fiancée|spouse|roommate|manager|"
    "teacher|"
    "nurse|doctor|widow|widower|victim|resident|passenger|person|somebody|someone|kid|twin";

constexpr WordSet german_and_french =
    "ich|bin|er|sie|wir|mein|meine|meiner|meinen|mir|mich|seine|ihre|frau|mann|herr|kollege|kollegin|patient|"
    "patientin|kunde|kundin|mutter|vater|sohn|tochter|bruder|schwester|freund|freundin|chef|chefin|nachbar|nachbarin|"
    "bewerber|bewerberin|mitarbeiter|mitarbeiterin|oma|opa|tante|onkel|junge|mädchen|kind|schüler|schülerin|"
    "studentin|ehemann|ehefrau|je|j|suis|il|elle|nous|mon|ma|mes|son|sa|mari|femme|homme|fils|fille|mère|père|frère|"
    "sœur|soeur|ami|amie|collègue|voisin|voisine|patiente|client|cliente|monsieur|madame|mme|garçon|enfant|étudiant|"
    "étudiante|salarié|salariée|employé|employée|copain|copine|conjoint|épouse|époux|bébé";

constexpr WordSet spanish_and_italian =
    "yo|él|ella|mi|mis|su|soy|estoy|tengo|me|esposa|esposo|marido|mujer|hombre|hijo|hija|madre|padre|hermano|hermana|"
    "amigo|"
    "amiga|compañero|compañera|jefe|jefa|vecino|vecina|paciente|señor|señora|sr|sra|niño|niña|chico|chica|abuelo|"
    "abuela|tío|"
    "tía|novio|novia|empleado|empleada|alumno|alumna|io|lui|lei|sono|ho|mio|mia|moglie|marito|figlio|figlia|fratello|"
    "sorella|"
    "amico|amica|collega|capo|vicino|paziente|signor|signora|signore|uomo|donna|ragazzo|ragazza|bambino|bambina|nonno|"
    "nonna|"
    "zio|zia|fidanzato|fidanzata|dipendente|cliente|mamma|papà";

constexpr WordSet portuguese_and_polish =
    "eu|ele|ela|meu|minha|sou|tenho|estou|marido|esposa|mulher|homem|filho|filha|mãe|pai|irmão|irmã|amigo|amiga|"
    "colega|chefe|vizinho|vizinha|paciente|senhor|senhora|menino|menina|avô|avó|tio|tia|namorado|namorada|"
    "funcionário|funcionária|ona|mój|moja|mojego|mojej|moje|jestem|mam|jego|jej|pan|pani|pana|żona|mąż|matka|ojciec|"
    "mama|tata|syn|córka|brat|siostra|przyjaciel|przyjaciółka|kolega|koleżanka|szef|szefowa|sąsiad|sąsiadka|pacjent|"
    "pacjentka|klient|klientka|mężczyzna|kobieta|chłopiec|dziewczynka|babcia|dziadek|pracownik|pracownica|uczeń";

constexpr WordSet dutch_and_northern =
    "ik|ben|hij|zij|ze|mijn|man|vrouw|zoon|dochter|moeder|vader|broer|zus|vriend|vriendin|collega|baas|buurman|"
    "buurvrouw|patiënt|patiënte|klant|meneer|mevrouw|jongen|meisje|oma|opa|tante|oom|werknemer|jag|han|hon|mitt|"
    "hustru|fru|son|dotter|mamma|mor|pappa|bror|syster|vän|kollega|chef|granne|kvinna|pojke|flicka|jeg|hun|kone|mann|"
    "mand|kvinde|kvinne|sønn|søn|datter|søster|søsken|venn|ven|sjef|nabo|gutt|dreng|pige|jente|pasient|mormor|farmor|"
    "morfar|farfar|minä|olen|hän|vaimo|mies|nainen|poika|tytär|äiti|isä|veli|sisko|ystävä|potilas|minun|vaimoni|"
    "mieheni|äitini|isäni|poikani|tyttäreni|hans|hennes|hendes";

constexpr WordSet eastern =
    "jsem|můj|moje|má|manžel|manželka|matka|otec|syn|dcera|bratr|sestra|pacient|pacientka|žena|muž|mi|mu|jí|benim|"
    "eşim|annem|babam|oğlum|kızım|kardeşim|arkadaşım|kadın|adam|erkek|kız|я|мне|меня|он|она|ему|ей|мой|моя|моей|"
    "моего|муж|жена|мать|отец|мама|папа|сын|дочь|брат|сестра|друг|подруга|коллега|пациент|пациентка|мужчина|женщина|"
    "мальчик|девочка|бабушка|дедушка|клиент|клиентка|сыну|дочери|мужу|жене|маме|папе|мені|він|вона|йому|їй|мій|"
    "чоловік|жінка|дружина|син|донька|εγώ|είμαι|αυτός|αυτή|γυναίκα|άντρας|γιος|κόρη|ασθενής|我|他|她|患者|私|彼|彼女|"
    "男性|女性|남자|"
    "여자|저는|나는";

constexpr WordSet things =
    "startup|company|firm|business|bank|whisky|whiskey|wine|scotch|rum|cheese|server|servers|laptop|computer|pc|"
    "phone|car|truck|van|bike|house|home|building|bridge|church|tree|mortgage|bond|loan|lease|contract|warranty|"
    "tradition|history|project|codebase|software|system|engine|machine|model|book|film|movie|song|law|city|town|"
    "country|planet|earth|universe|star|fossil|rock|castle|school|university|club|brand|product|website|site|blog|"
    "account|bug|ticket|issue|dog|cat|horse|puppy|kitten|treasury|plan|period|experience|debt|sofa|roof|boat|ship|"
    "aircraft|plane|apartment|flat|library|framework|version|data|dataset";

constexpr WordSet foreign_things =
    "auto|haus|gebäude|brücke|firma|unternehmen|baum|wein|kirche|schule|stadt|wagen|hund|katze|maison|voiture|"
    "entreprise|société|bâtiment|pont|arbre|vin|église|école|ville|chien|immeuble|casa|coche|empresa|edificio|puente|"
    "árbol|vino|iglesia|escuela|ciudad|perro|gato|macchina|azienda|ponte|albero|chiesa|scuola|città|cane|palazzo|"
    "carro|prédio|árvore|vinho|igreja|escola|cidade|cachorro|dom|samochód|budynek|drzewo|wino|kościół|szkoła|miasto|"
    "pies|kot|huis|gebouw|bedrijf|boom|wijn|kerk|hond|kat|hus|bil|företag|træ|træd|talo|yritys|дом|машина|компания|"
    "здание|мост|дерево|город|собака|кошка|фирма|ev|araba|şirket|bina|garantie|garantía|garanzia|erfahrung|jubiläum|"
    "bestehen|geschichte";

template <typename Take>
void each_word(std::string_view text, Take take) {
  for (std::size_t at = 0; at < text.size();) {
    if (!in_word(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && in_word(text[end])) ++end;
    if (!take(text.substr(at, end - at))) return;
    at = end;
  }
}

bool is_thing_word(std::string_view word) { return things.has(word) || foreign_things.has(word); }

std::string_view sentence_ahead(std::string_view text, std::size_t at) {
  const std::string_view ahead = text.substr(at, reach);
  return ahead.substr(0, ahead.find_first_of(".?!\n;,:()\x1E\x1F"));
}

}  // namespace

bool is_person_word(std::string_view word) {
  return english.has(word) || german_and_french.has(word) || spanish_and_italian.has(word) ||
         portuguese_and_polish.has(word) || dutch_and_northern.has(word) || eastern.has(word);
}

Sentence sentence_before(std::string_view text, std::size_t at) {
  const std::size_t from = at - std::min(at, reach);
  std::string_view before = text.substr(from, at - from);
  const std::size_t stop = before.find_last_of("?!\n;\x1E");
  if (stop != std::string_view::npos) before.remove_prefix(stop + 1);
  for (std::size_t full = before.rfind(". "); full != std::string_view::npos;) {
    // `Mr. Smith`, `J. Smith`: no sentence ends there.
    const std::size_t begin = before.substr(0, full).find_last_of(" .,(\"") + 1;
    const std::string_view word = before.substr(begin, full - begin);
    constexpr std::size_t shortened = 3;
    if (word.size() > shortened || !is_upper(word.empty() ? 'a' : word.front())) {
      before.remove_prefix(full + 2);
      break;
    }
    if (begin == 0) break;
    full = before.substr(0, full).rfind(". ");
  }
  Sentence out;
  std::size_t edge = 0;
  while (edge < before.size() && !in_word(before[edge])) ++edge;
  out.text = before.substr(edge);
  // A thing that is spoken of before a comma or an `and` is no longer what the sentence is about.
  static constexpr WordSet joining = "and|und|et|y|e|i|en|och|og|ja|a|и";
  std::size_t last = 0;
  each_word(out.text, [&](std::string_view word) {
    const auto begin = static_cast<std::size_t>(word.data() - out.text.data());
    const bool parted = out.text.substr(last, begin - last).find(',') != std::string_view::npos;
    last = begin + word.size();
    ++out.words;
    out.somebody = out.somebody || is_person_word(word);
    out.thing = is_thing_word(word) || (out.thing && !parted && !joining.has(word));
    return true;
  });
  return out;
}

bool names_person_behind(std::string_view text, std::size_t at) {
  std::size_t passed = 0;
  bool found = false;
  each_word(sentence_ahead(text, at), [&](std::string_view word) {
    found = is_person_word(word);
    return !found && ++passed < words_behind && !is_thing_word(word);
  });
  return found;
}

bool is_of_thing(std::string_view text, std::size_t at) {
  bool thing = false;
  each_word(sentence_ahead(text, at), [&](std::string_view word) {
    thing = is_thing_word(word);
    return false;
  });
  return thing;
}

bool ends_with_word(std::string_view text, std::string_view words) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (text.size() < words.size() || !equals_folded(text.substr(text.size() - words.size()), words)) return false;
  return text.size() == words.size() || !in_word(text[text.size() - words.size() - 1]);
}

}  // namespace weir::guards
