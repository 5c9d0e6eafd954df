#include "guards/person_terms.h"

namespace weir::guards {
namespace {

constexpr WordSet english = "s";
constexpr WordSet german = "e|er|en|es|em|in|innen|n";
constexpr WordSet romance = "s|e|es|ne|nes";

constexpr PersonTerms terms[] = {
    {Fact::nationality, Claim::is,
     "american|british|english|scottish|irish|welsh|french|german|austrian|swiss|italian|spanish|portuguese|dutch|"
     "belgian|"
     "danish|swedish|norwegian|finnish|icelandic|polish|czech|slovak|hungarian|romanian|bulgarian|greek|turkish|"
     "russian|"
     "ukrainian|belarusian|serbian|croatian|bosnian|slovenian|albanian|kosovar|macedonian|lithuanian|latvian|estonian|"
     "georgian|armenian|azerbaijani|kazakh|uzbek|chinese|taiwanese|japanese|korean|south korean|north "
     "korean|vietnamese|"
     "thai|filipino|filipina|indonesian|malaysian|singaporean|indian|pakistani|bangladeshi|sri lankan|nepali|nepalese|"
     "afghan|iranian|iraqi|syrian|lebanese|jordanian|israeli|palestinian|saudi|yemeni|kuwaiti|emirati|egyptian|libyan|"
     "moroccan|algerian|tunisian|sudanese|somali|eritrean|ethiopian|kenyan|ugandan|tanzanian|rwandan|congolese|"
     "cameroonian|nigerian|ghanaian|senegalese|ivorian|malian|gambian|south african|zimbabwean|canadian|mexican|cuban|"
     "dominican|haitian|jamaican|puerto rican|guatemalan|honduran|salvadoran|nicaraguan|costa rican|brazilian|"
     "argentinian|argentine|chilean|colombian|peruvian|venezuelan|ecuadorian|bolivian|uruguayan|paraguayan|australian|"
     "new zealander|us citizen|u.s. citizen|eu citizen|briton|scot|dane|swede|finn|pole|turk|spaniard|dutchman|"
     "dutchwoman|frenchman|frenchwoman|englishman|irishman|irishwoman",
     english},
    // German: adjectives before `Staatsbürger`, `Herkunft`; nouns.
    {Fact::nationality, Claim::is,
     "deutsch|österreichisch|schweizerisch|türkisch|syrisch|afghanisch|irakisch|iranisch|polnisch|russisch|ukrainisch|"
     "rumänisch|bulgarisch|italienisch|spanisch|portugiesisch|griechisch|französisch|britisch|englisch|amerikanisch|"
     "chinesisch|indisch|vietnamesisch|marokkanisch|algerisch|tunesisch|ägyptisch|serbisch|kroatisch|bosnisch|"
     "albanisch|"
     "kosovarisch|eritreisch|somalisch|nigerianisch|pakistanisch|libanesisch|ungarisch|tschechisch|niederländisch|"
     "deutscher|deutsche|österreicher|schweizer|türke|türkin|syrer|afghane|afghanin|iraker|iraner|pole|polin|russe|"
     "russin|"
     "ukrainer|rumäne|rumänin|bulgare|bulgarin|italiener|spanier|portugiese|portugiesin|grieche|griechin|franzose|"
     "französin|brite|britin|engländer|amerikaner|chinese|chinesin|inder|vietnamese|vietnamesin|marokkaner|algerier|"
     "tunesier|ägypter|serbe|serbin|kroate|kroatin|bosnier|albaner|kosovare|eritreer|somalier|nigerianer|pakistaner|"
     "libanese|libanesin|ungar|tscheche|tschechin|niederländer|holländer|däne|dänin|schwede|schwedin|norweger|finne|"
     "finnin|kanadier|brasilianer|mexikaner|kolumbianer|israeli|georgier|armenier|kasache|kasachin",
     german},
    {Fact::nationality, Claim::is,
     "français|allemand|italien|espagnol|portugais|belge|suisse|anglais|britannique|irlandais|néerlandais|polonais|"
     "roumain|"
     "bulgare|russe|ukrainien|turc|turque|grec|grecque|algérien|marocain|tunisien|sénégalais|malien|ivoirien|"
     "camerounais|"
     "congolais|syrien|libanais|afghan|irakien|iranien|chinois|japonais|vietnamien|indien|pakistanais|américain|"
     "canadien|"
     "québécois|brésilien|colombien|haïtien|comorien|égyptien|libyen|géorgien|arménien|tchétchène|guinéen|mauritanien",
     romance},
    {Fact::nationality, Claim::is,
     "español|española|alemán|alemana|francés|francesa|italiano|italiana|portugués|portuguesa|inglés|inglesa|británico|"
     "británica|irlandés|irlandesa|rumano|rumana|búlgaro|búlgara|polaco|polaca|ruso|rusa|ucraniano|ucraniana|marroquí|"
     "argelino|argelina|senegalés|senegalesa|chino|japonés|japonesa|pakistaní|estadounidense|mexicano|mexicana|"
     "colombiano|colombiana|venezolano|venezolana|ecuatoriano|ecuatoriana|peruano|peruana|boliviano|boliviana|"
     "argentino|"
     "argentina|chileno|chilena|cubano|cubana|dominicano|dominicana|hondureño|hondureña|brasileño|brasileña|sirio|"
     "siria|"
     "turco|turca|griego|griega|"
     "tedesco|tedesca|francese|spagnolo|spagnola|portoghese|inglese|rumeno|rumena|polacco|polacca|russo|russa|ucraino|"
     "ucraina|albanese|marocchino|marocchina|tunisino|tunisina|senegalese|nigeriano|nigeriana|egiziano|egiziana|cinese|"
     "giapponese|indiano|indiana|bengalese|pakistano|pakistana|americano|americana|brasiliano|brasiliana|svizzero|"
     "svizzera|"
     "greco|greca|siriano|siriana|"
     "brasileiro|brasileira|português|alemão|alemã|francês|espanhol|espanhola|inglês|angolano|angolana|moçambicano|"
     "moçambicana|cabo-verdiano|cabo-verdiana|ucraniano|romeno|romena|chinês|chinesa|venezuelano|venezuelana|sírio|"
     "síria",
     "s|i"},
    {Fact::nationality,
     Claim::is,
     "polakiem|polką|niemcem|niemką|ukraińcem|ukrainką|rosjaninem|rosjanką|białorusinem|białorusinką|czechem|czeszką|"
     "słowakiem|słowaczką|francuzem|francuzką|włochem|włoszką|hiszpanem|hiszpanką|anglikiem|angielką|amerykaninem|"
     "amerykanką|turkiem|turczynką|wietnamczykiem|wietnamką|gruzinem|gruzinką|syryjczykiem|syryjką|litwinem|litwinką|"
     "čech|češka|slovák|slovenka|polák|němec|němka|ukrajinec|ukrajinka|rus|ruska|vietnamec|vietnamka",
     {}},
    {Fact::nationality,
     Claim::is,
     "nederlander|nederlandse|duitser|duitse|belg|belgische|turkse|marokkaan|marokkaanse|surinamer|surinaamse|poolse|"
     "syriër|syrische|afghaan|afghaanse|iraniër|iraanse|spanjaard|spaanse|italiaan|italiaanse|fransman|française|brit|"
     "britse|amerikaan|amerikaanse|chinees|chinese|oekraïner|oekraïense|rus|russische|"
     "svensk|tysk|dansk|norsk|finsk|finne|polsk|polack|turk|tyrker|tyrkisk|turkisk|syrier|syrisk|irakier|irakisk|"
     "iranier|"
     "iransk|somalier|somalisk|eritrean|eritreansk|afghansk|rysk|ryss|russisk|russer|ukrainsk|ukrainare|amerikansk|"
     "amerikan|fransk|spansk|italiensk|kines|kinesisk|islandsk|isländsk|pakistansk|litauisk|"
     "suomalainen|ruotsalainen|virolainen|venäläinen|saksalainen|somalialainen|irakilainen|syyrialainen|ukrainalainen|"
     "norjalainen|tanskalainen|amerikkalainen|kiinalainen|"
     "türküm|almanım|suriyeliyim|türk|alman|suriyeli|afgan|iranlı|ıraklı|rus|ukraynalı|azeri|"
     "русский|русская|украинец|украинка|белорус|белоруска|татарин|узбек|узбечка|таджик|таджичка|киргиз|казах|казашка|"
     "немец|"
     "немка|американец|американка|китаец|китаянка|армянин|армянка|грузин|грузинка|азербайджанец|українець|українка|"
     "росіянин|"
     "росіянка|поляк|полька|німець|німкеня",
     {}},
};

}  // namespace

std::span<const PersonTerms> nationalities() { return terms; }

}  // namespace weir::guards
