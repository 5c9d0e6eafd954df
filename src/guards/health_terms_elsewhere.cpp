#include "guards/health_terms.h"

namespace weir::guards {
namespace {

constexpr std::string_view conditions =
    "alzheimer|parkinson|multiple sclerosis|lithium|"
    // German
    "zuckerkrank|brustkrebs|lungenkrebs|darmkrebs|leukämie|multiple sklerose|schizophrenie|bipolare störung|magersucht|"
    "bulimie|angststörung|panikattacken|alkoholiker|alkoholikerin|alkoholabhängig|hiv-positiv|aids|migräne|rheuma|"
    "arthrose|"
    "herzschwäche|herzkrank|bandscheibenvorfall|neurodermitis|schuppenflechte|dialyse|fehlgeburt|abtreibung|depressiv|"
    "schwerbehindert|autist|autistin|autismus|adhs|essstörung|suchtkrank|lungenentzündung|tuberkulose|krankheiten|"
    "gehirntumor|hirntumor|nierenversagen|borderline|"
    // allergies
    "allergique|alérgico|alérgica|alergico|alergica|allergico|allergica|alergiczny|alergiczna|uczulony|uczulona|"
    "allergisk|allerginen|alerjik|alerjim|аллергия|аллергией|алергія|allergie|"
    // French
    "cancer du sein|leucémie|épilepsie|asthme|sclérose en "
    "plaques|schizophrénie|schizophrène|bipolaire|anorexie|boulimie|"
    "anxiété|alcoolique|hépatite|arthrite|insuffisance cardiaque|crise cardiaque|avc|autiste|autisme|tumeur|fausse "
    "couche|"
    "avortement|dépressif|dépressive|endométriose|tuberculose|handicapé|handicapée|"
    // Spanish
    "cáncer de mama|epilepsia|asma|párkinson|esclerosis múltiple|esquizofrenia|trastorno bipolar|ansiedad|alcohólico|"
    "alcohólica|migraña|migrañas|artritis|insuficiencia cardíaca|infarto|ictus|autismo|autista|aborto|fibromialgia|"
    "enfermedad|diabético|diabética|hipertenso|hipertensa|leucemia|"
    // Italian
    "tumore al seno|epilessia|sclerosi multipla|disturbo bipolare|anoressia|ansia|alcolista|epatite|emicrania|artrite|"
    "autistico|autistica|celiachia|celiaco|celiaca|ipertensione|diabetico|diabetica|malattia|"
    // Portuguese
    "câncer de mama|esclerose múltipla|transtorno bipolar|ansiedade|alcoólatra|hepatite|enxaqueca|enfarte|lúpus|doença|"
    // Dutch
    "suikerziekte|kanker|borstkanker|leukemie|astma|multiple sclerose|schizofrenie|bipolaire stoornis|angststoornis|"
    "alcoholist|reuma|hartfalen|hartinfarct|beroerte|autisme|depressie|depressief|zwanger|miskraam|ziekte|"
    // Polish
    "cukrzycę|cukrzycy|cukrzyca|raka|rakiem|raka piersi|białaczkę|białaczki|padaczkę|padaczki|astmę|astmy|alzheimera|"
    "parkinsona|stwardnienie "
    "rozsiane|schizofrenię|schizofrenii|depresję|depresji|nadciśnienie|zawał|udar|migrenę|migreny|"
    "autyzm|anoreksję|anoreksji|gruźlicę|łuszczycę|alkoholikiem|alkoholiczką|w ciąży|poronienie|nowotwór|"
    "chorobę dwubiegunową|wirusem hiv|"
    // Swedish, Danish, Norwegian
    "bröstcancer|leukemi|epilepsi|alzheimers|parkinsons|multipel "
    "skleros|schizofreni|bipolär|hjärtinfarkt|migrän|gravid|"
    "deprimerad|alkoholist|missfall|sukkersyge|kræft|brystkræft|leukæmi|sklerose|skizofreni|migræne|kreft|brystkreft|"
    "depresjon|hjerteinfarkt|hjerneslag|migrene|sykdom|sjukdom|sygdom|"
    // Finnish, Czech
    "syöpä|syöpää|rintasyöpä|leukemia|alzheimerin tauti|ms-tauti|skitsofrenia|masennus|masennusta|migreeni|autismi|"
    "raskaana|sydänkohtaus|cukrovku|cukrovka|rakovinu|rakovina|leukémii|epilepsii|roztroušenou sklerózu|schizofrenii|"
    "deprese|depresi|infarkt|mrtvici|migrény|těhotná|"
    // Turkish
    "diyabet|şeker hastası|şeker hastasıyım|şeker hastalığı|kanser|kanseri|lösemi|astım|şizofreni|depresyon|hamile|"
    "hamileyim|kalp krizi|migren|otizm|"
    // Russian, Ukrainian
    "диабет|диабета|диабетом|рак|рака|раком|лейкемия|лейкоз|эпилепсия|эпилепсией|эпилепсию|астма|астмой|астму|"
    "альцгеймера|"
    "паркинсона|рассеянный склероз|рассеянным "
    "склерозом|шизофрения|шизофренией|шизофрению|депрессия|депрессией|депрессию|"
    "вич|спид|инфаркт|инсульт|мигрень|аутизм|беременна|гепатит|туберкулёз|туберкулез|діабет|раку|епілепсія|епілепсію|"
    "астму|депресія|депресію|віл|вагітна|шизофренія";

constexpr WordSet people =
    "hänellä|minulla|hänen|minun|bin|ihr|ihre|seine|schwester|bruder|kollege|kollegin|chef|freund|freundin|kunde|j|ai|"
    "elle|sa|son|sœur|frère|mère|"
    "voisin|voisine|collègue|patiente|me|él|ella|su|marido|hermano|hermana|abuela|abuelo|vecino|vecina|amigo|amiga|io|"
    "lui|"
    "lei|mia|nonna|nonno|sorella|fratello|amico|amica|signora|signor|ele|ela|sou|estou|esposa|irmã|irmão|avó|avô|"
    "vizinho|"
    "ik|hij|zij|mijn|vrouw|zoon|dochter|moeder|vader|zus|broer|collega|jestem|moja|mój|mojego|mojej|moje|żona|mąż|"
    "matka|"
    "ojciec|syn|córka|siostra|brat|babcia|dziadek|pacjent|pacjentka|ona|jag|han|hon|hustru|dotter|mamma|mor|pappa|"
    "syster|"
    "jeg|hun|kone|datter|søster|hans|hennes|hendes|minä|olen|hän|vaimoni|mieheni|äitini|isäni|já|můj|moje|manžel|"
    "manželka|"
    "žena|otec|dcera|sestra|benim|eşim|annem|babam|oğlum|kızım|kardeşim|я|мне|меня|он|она|него|неё|нее|него|мой|моя|"
    "моей|"
    "моего|муж|жена|мать|отец|мама|папа|сын|дочь|брат|сестра|бабушка|дедушка|пациент|мене|він|вона|мій|чоловік|дружина";

constexpr WordSet having =
    "habe|hat|hatte|leidet|leide|ai|avait|souffre|tiene|tengo|tenía|padece|padezco|sufre|sufro|ho|ha|aveva|soffre|"
    "soffro|"
    "tem|tenho|tinha|sofre|sofro|heb|heeft|lijdt|lijd|mam|ma|miał|miała|choruje|choruję|cierpi|cierpię|zdiagnozowano|"
    "har|"
    "havde|hadde|lider|sairastaa|sairastan|má|mám|trpí|trpím|страдает|страдаю|болеет|болею|болен|больна|хворіє|хворію|"
    "diagnosticaron|estoy|suis|bin|soy|sou|estou|jestem|sono";

}  // namespace

ConditionsElsewhere conditions_elsewhere() { return {.conditions = conditions, .people = people, .having = having}; }

}  // namespace weir::guards
