// What is said of people, a line a statement: found in every language that the guards read, and not where the same
// words speak of things, firms or the world.
#include "guards/guard.h"

namespace weir {
namespace {

struct Statements {
  std::string_view what;
  std::string_view lines;
};

constexpr Statements said[] = {
    {"age",
     R"(He is 34 years old.
My grandmother turned 92 years old yesterday.
a 34-year-old woman from Leeds
The patient is a 58 year old male with chest pain.
the applicant, aged 27, lives in Ulm
aged 34
34 yrs old
She is 34 y/o
Sie ist 34 Jahre alt.
Der 45-jährige Mann wurde verletzt.
eine 28-jährige Patientin
Elle a 34 ans.
J'ai 17 ans et je cherche un stage.
mon mari aura 50 ans en mai
une femme âgée de 61 ans
Tiene 34 años
Tengo 29 años y vivo en Sevilla.
un hombre de 45 años
Ha 34 anni
Ho 23 anni.
una donna di 52 anni
Ela tem 41 anos.
o meu avô fez 90 anos
Hij is 34 jaar oud
een 45-jarige man
Mam 34 lata
Moja córka ma 5 lat.
Jag är 34 år.
en 45-årig kvinna
Jeg er 28 år gammel.
Min mor er 61 år.
Olen 34 vuotta vanha.
Hän on 41-vuotias.
Je mi 34 let.
34 yaşındayım.
Annem 60 yaşında.
Мне 34 года.
Моей дочери 7 лет.
34-летний мужчина
Мені 34 роки.
彼女は34歳です
她今年28岁)"},
    {"birth_date",
     R"(DOB: 1984-03-12
born on March 12, 1984
her birthday is March 12, 1984
geboren am 12. März 1984
geb. am 12.3.84
GebDat 12.03.1984
née le 12 mars 1984
date de naissance : 12/03/1984
nació el 12 de marzo de 1984
F. nac.: 12/03/1984
nata a Roma il 12/03/1984
data di nascita: 12/03/1984
nasceu em 12 de março de 1984
data de nascimento: 12/03/1984
geboren op 12 maart 1984
data urodzenia: 12.03.1984
urodziłem się 12 marca 1984
född 12 mars 1984
födelsedatum: 1984-03-12
fødselsdato: 12.03.1984
syntymäaika: 12.3.1984
datum narození: 12. 3. 1984
doğum tarihi: 12.03.1984
12 Mart 1984 doğumlu
родился 12 марта 1984 года
12.03.1984 г.р.
дата народження: 12.03.1984
ημερομηνία γέννησης: 12/03/1984
生年月日: 1984年3月12日
생년월일: 1984-03-12)"},
    {"health",
     R"(Allergies: peanuts, latex
"blood_type": "AB negative"
Blutgruppe: 0 negativ
Je suis allergique aux arachides
Soy alérgico a la penicilina
Sono allergico alla penicillina
Ela tem diabetes
O meu pai sofre de Alzheimer
Ho l'epilessia
Mia madre soffre di depressione
Ik heb astma
Mijn vader heeft kanker.
Moja żona choruje na raka
J'ai le sida
Il a le diabète.
Tengo VIH
Mi hermana tiene cáncer de mama
Ich habe Krebs
Jag har epilepsi.
Min mor har kræft.
Hun har kreft.
Hänellä on diabetes, minulla astma.
Mám cukrovku.
Annem kanser hastası.
У меня диабет.
Моя мать болеет раком.
I have bipolar disorder and take lithium)"},
    {"nationality",
     R"(Je suis de nationalité algérienne
Er ist türkischer Staatsbürger
He is a Polish citizen
My wife is Syrian.
Soy colombiana.
Lui è rumeno.
Ele é brasileiro.
Hij is Marokkaan.
Jestem Ukrainką.
Han är svensk.
Hän on suomalainen.
Она украинка.)"},
    {"religion",
     R"(Sono ebreo
Es musulmán.
Ich bin evangelisch
Elle est juive.
Sou católica praticante.
Ik ben moslim.
Jestem katolikiem.
Jag är muslim.
Hun er jøde.
Olen muslimi.
Jsem ateista.
Ben müslümanım.
Я мусульманин.)"},
    {"sexual_orientation",
     R"(As a gay man I feel left out
Er ist schwul
Je suis homosexuel
Mi marido es gay.
Mio figlio è gay.
Mijn broer is homo.
Moja siostra jest lesbijką.
Hon är lesbisk.
Я гей.)"},
    {"ethnicity",
     R"(She is of Roma origin
Elle est d'origine maghrébine.
Er ist arabischer Herkunft.
Ella es de origen gitano.)"},
    {"political_opinion",
     R"(He voted for Trump
I am a member of the Communist Party
Ich habe die AfD gewählt.
J'ai voté pour Macron.
Ho votato PD.
Głosowałem na PiS.
Hij stemt op de PVV.
Jag röstar på Sverigedemokraterna.
Он голосовал за Путина.)"},
    {"union_membership",
     R"(il est syndiqué à la CGT
Er ist Mitglied der IG Metall.
Zij is lid van de FNV.
Jestem członkiem Solidarności.
I joined the union last year.)"},
    {"genetic_data", "BRCA1 mutation carrier\nShe carries the BRCA1 mutation\nmy DNA test results show"},
    {"biometric_data",
     "my fingerprint template\nMein Fingerabdruck ist gespeichert.\nMes empreintes digitales sont enregistrées."},
    {"criminal_conviction",
     R"(he was convicted of theft
Er ist vorbestraft.
Il a été condamné pour vol.
Mi hermano tiene antecedentes penales.
È stato condannato per furto.
Foi condenado por roubo.
Został skazany za kradzież.
Он был осуждён за кражу.)"},
    {"position",
     R"(48°51'24"N 2°21'03"E
48°51′24″N, 2°21′03″E
N 48° 51' 24.5" W 002° 21' 03.2"
48.8566° N, 2.3522° E
He stands at 48.858370, 2.294481 now
lat: 40.712776, lon: -74.005974
geo:48.858370,2.294481
https://www.google.com/maps/@48.85837,2.294481,17z
https://maps.google.com/?q=48.858370,2.294481
https://www.openstreetmap.org/#map=18/48.85837/2.29448
latitude 48 degrees 51 minutes 24 seconds north, longitude 2 degrees 21 minutes 3 seconds east)"},
};

constexpr std::string_view of_nobody =
    R"(a 5-year-old startup in Berlin
our 3-year-old server died
a 12-year-old whisky
a 30 year mortgage
The bridge is 34 years old.
My house is 34 years old.
whisky aged 12 years in oak
people aged 65 and over
children aged 5 to 12
il y a 34 ans
J'ai 10 ans d'expérience
Tengo 10 años de experiencia en ventas
Mam 10 lat doświadczenia
La empresa tiene 34 años
L'entreprise a 34 ans
Mein Auto ist 10 Jahre alt.
eine 5-jährige Garantie
Het huis is 34 jaar oud.
Huset är 34 år gammalt.
let x = 34
NATO was founded in 1949
the history of the Communist Party
Members of the union met with the management.
The Catholic Church was founded long ago.
Muslim countries have signed the treaty.
The German car is fast.
She is a German teacher at our school.
Who voted for the bill in 1964?
How is a fingerprint template computed?
The BRCA1 gene is on chromosome 17.
What happens when somebody is convicted of theft?
The word is of Latin origin.
La Iglesia católica fue fundada hace siglos.
Die katholische Kirche ist alt.
Wer wählt die AfD?
Diabetes ist eine Krankheit.
Il diabete ha molte cause.
Czym jest cukrzyca?
O diabetes é uma doença crônica.
El cáncer es una enfermedad.
Как лечить диабет?
Is diabetes hereditary?
Turn it by 30° 15' to the left.
[48.858370, 2.294481]
x = 48.858370, 2.294481)";

const GuardSet& all_guards() {
  static const GuardSet guards{GuardSettings{}};
  return guards;
}

template <typename Take>
void each_line(std::string_view lines, Take take) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    take(line);
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
  }
}

std::string found_in(std::string_view text) {
  std::string seen;
  for (const Finding& finding : all_guards().inspect(text)) seen += fmt::format(" {}", finding.what);
  return seen;
}

TEST(said_of_people, is_found_in_every_language) {
  for (const Statements& statements : said) {
    each_line(statements.lines, [&](std::string_view line) {
      EXPECT_NE((found_in(line) + " ").find(fmt::format(" {} ", statements.what)), std::string::npos)
          << line << " should hold " << statements.what << ", found:" << found_in(line);
    });
  }
}

TEST(said_of_people, of_things_and_topics_is_nothing) {
  each_line(of_nobody, [](std::string_view line) { EXPECT_EQ(found_in(line), "") << line; });
}

}  // namespace
}  // namespace weir
