#include "guards/person_terms.h"

namespace weir::guards {
namespace {

constexpr WordSet english = "s";
constexpr WordSet german = "e|er|en|es|em|s|in|innen|n";
constexpr WordSet romance = "s|e|es|ne|nes";
constexpr WordSet turkish = "ım|im|um|üm|yım|yim|ın";

constexpr PersonTerms terms[] = {
    {Fact::religion, Claim::is,
     "muslim|christian|catholic|protestant|orthodox christian|greek orthodox|russian orthodox|jewish|jew|orthodox jew|"
     "hindu|buddhist|sikh|atheist|agnostic|mormon|jehovah's witness|jehovah’s witness|baptist|methodist|lutheran|"
     "evangelical|anglican|presbyterian|pentecostal|seventh-day adventist|sunni|shia|shiite|sufi|alevi|ahmadi|quaker|"
     "scientologist|pagan|wiccan|zoroastrian|bahá'í|jain|druze|yazidi|copt|rastafarian",
     english},
    {Fact::religion, Claim::is,
     "muslim|moslem|muslima|muslimisch|katholisch|katholik|evangelisch|protestant|protestantisch|jüdisch|jude|jüdin|"
     "atheist|buddhist|konfessionslos|russisch-orthodox|griechisch-orthodox|alevit|zeuge jehovas|zeugin jehovas|"
     "freikirchlich|agnostiker|sunnit|schiit|jesidin|jeside",
     german},
    {Fact::religion, Claim::is,
     "musulman|catholique|protestant|chrétien|juif|juive|athée|bouddhiste|hindou|témoin de "
     "jéhovah|orthodoxe|évangélique|"
     "agnostique",
     romance},
    {Fact::religion, Claim::is,
     "musulmán|musulmana|católico|católica|protestante|cristiano|cristiana|evangélico|evangélica|judío|judía|ateo|atea|"
     "budista|hindú|agnóstico|agnóstica|mormón|mormona|testigo de jehová|cattolico|cattolica|musulmano|ebreo|ebrea|"
     "buddista|induista|testimone di "
     "geova|valdese|ortodosso|ortodossa|muçulmano|muçulmana|cristão|cristã|judeu|judia|ateu|"
     "ateia|espírita|umbandista|testemunha de jeová",
     "s"},
    {Fact::religion,
     Claim::is,
     "muzułmaninem|muzułmanką|muzułmanin|muzułmanka|katolikiem|katoliczką|katolik|katoliczka|protestantem|protestantką|"
     "żydem|żydówką|ateistą|ateistką|buddystą|buddystką|prawosławny|prawosławna|świadkiem jehowy|ewangelikiem|"
     "chrześcijaninem|chrześcijanką|katolík|katolička|křesťan|křesťanka|evangelík|židovka|ateista|ateistka|muslimka",
     {}},
    {Fact::religion,
     Claim::is,
     "moslim|moslima|katholiek|protestants|gereformeerd|hervormd|christen|christelijk|joods|jodin|jood|atheïst|"
     "boeddhist|"
     "hindoe|jehova's getuige|kristen|katolikk|judisk|jøde|jødisk|ateist|jehovas vittne|muslimi|kristitty|katolilainen|"
     "luterilainen|ortodoksi|juutalainen|ateisti|buddhalainen",
     {}},
    {Fact::religion,
     Claim::is,
     "мусульманин|мусульманка|христианин|христианка|католик|католичка|православный|православная|еврей|еврейка|иудей|"
     "атеист|"
     "атеистка|буддист|буддистка|православний|православна|єврей|єврейка|атеїст|атеїстка|баптист",
     {}},
    {Fact::religion, Claim::is, "müslüman|hristiyan|yahudi|alevi", turkish},
    {Fact::religion,
     Claim::says,
     "converted to islam|converted to judaism|converted to christianity|converted to catholicism|zum islam konvertiert|"
     "convertie à l'islam|converti à l'islam|aus der kirche ausgetreten|müslümanım|hristiyanım|yahudiyim|aleviyim|"
     "ateistim|goes to mosque|prays at the mosque",
     {}},

    {Fact::ethnicity, Claim::is,
     "african american|african-american|of mixed race|mixed-race|biracial|hispanic|latino|latina|latinx|native "
     "american|"
     "aboriginal|romani|sinti|caucasian|kurdish|kurd|inuit|sami|gypsy|white british|black british|asian american|"
     "asian-american|arab american|uyghur|rohingya|tamil|pashtun|hutu|tutsi",
     english},
    {Fact::ethnicity,
     Claim::is,
     "kurde|kurdin|kurdisch|romni|sinto|sintiza|sorbe|sorbin|gitano|gitana|arabe|kabyle|berbère|métisse|"
     "mulato|mulata|mestizo|mestiza|indígena|romem|romką|kurdem|kurdyjką|koerd|koerdisch|"
     "kurdi|romani|kürt|kürdüm|цыган|цыганка|татарин|татарка|чеченец|чеченка",
     {}},

    {Fact::orientation, Claim::is,
     "gay|lesbian|bisexual|homosexual|heterosexual|pansexual|asexual|queer|transgender|trans|trans man|trans woman|"
     "non-binary|nonbinary|transsexual|intersex|genderfluid",
     english},
    {Fact::orientation, Claim::is,
     "schwul|lesbisch|bisexuell|homosexuell|transsexuell|lesbe|asexuell|pansexuell|intergeschlechtlich|nichtbinär",
     german},
    {Fact::orientation, Claim::is,
     "homosexuel|homosexuelle|lesbienne|bisexuel|bisexuelle|transgenre|pansexuel|asexuel|transsexuel", romance},
    {Fact::orientation, Claim::is,
     "lesbiana|transexual|transgénero|homosexual|lesbica|omosessuale|bisessuale|transessuale|lésbica|homossexual|"
     "bissexual|"
     "gejem|lesbijką|biseksualny|biseksualna|homoseksualny|homoseksualna|homoseksualistą|transpłciowy|transpłciowa|"
     "homoseksueel|biseksueel|lesbisk|homoseksuell|homoseksuel|bisexuell|biseksuell|homo|bög|flata|homoseksuaali|"
     "biseksuaali|eşcinsel|eşcinselim|biseksüel|lezbiyen|homosexuál|lesba|bisexuál|гей|лесбиянка|бисексуал|"
     "бисексуалка|лесбійка",
     "s"},
    {Fact::orientation, Claim::says, "came out as gay|came out as lesbian|came out as trans|came out as bisexual", {}},

    {Fact::politics, Claim::is,
     "registered democrat|registered republican|democrat|republican|communist|marxist|tory|tory voter|labour voter|"
     "labour supporter|trump supporter|biden supporter|maga supporter|anarchist|libertarian|social democrat|"
     "socialist party member|party member|neo-nazi",
     english},
    {Fact::politics, Claim::is,
     "kommunist|parteimitglied|spd-mitglied|cdu-mitglied|csu-mitglied|fdp-mitglied|afd-mitglied|afd-wähler|spd-wähler|"
     "cdu-wähler|grünen-wähler|linken-wähler|sozialdemokrat|neonazi|afd-anhänger",
     german},
    {Fact::politics, Claim::is,
     "communiste|militant socialiste|militante socialiste|adhérent du parti|adhérente du parti|frontiste|macroniste|"
     "comunista|militante del psoe|militante del pp|votante de vox|peronista|leghista|grillino|grillina|petista|"
     "bolsonarista|komunistą|pisowcem|communist|kommunist|socialdemokrat|moderat|kommunisti|komünist|коммунист|"
     "коммунистка|единоросс",
     "s"},

    {Fact::union_member, Claim::is,
     "union member|trade union member|trade unionist|union rep|union representative|shop steward|unionized|unionised",
     english},
    {Fact::union_member, Claim::is,
     "gewerkschaftsmitglied|gewerkschafter|gewerkschaftlich organisiert|syndiqué|syndiquée|délégué syndical|"
     "déléguée syndicale|syndicaliste|sindicalista|afiliado a un sindicato|afiliada a un sindicato|delegado sindical|"
     "delegada sindical|sindacalista|iscritto al sindacato|iscritta al sindacato|sindicalizado|sindicalizada|"
     "filiado ao sindicato|filiada ao sindicato|związkowcem|vakbondslid|fackligt ansluten|fackmedlem|"
     "fagforeningsmedlem|fagorganisert|ammattiliiton jäsen|sendikalı|sendika üyesi|член профсоюза|членом профсоюза",
     "in|innen|s"},

    {Fact::genetic, Claim::is,
     "brca1 mutation carrier|brca2 mutation carrier|brca1 carrier|brca2 carrier|brca mutation carrier|apoe4 carrier|"
     "carrier of the brca1|carrier of the brca2|carrier of the brca|carrier of cystic fibrosis|carrier of sickle cell|"
     "sickle cell carrier|brca positive|brca1 positive|brca2 positive|brca1-positive|brca-positive|genmutationsträger|"
     "porteur de la mutation|porteuse de la mutation|portador de la mutación|portadora de la mutación|"
     "portatore della mutazione|portatrice della mutazione|portador da mutação|portadora da mutação|nosicielką mutacji|"
     "nosicielem mutacji|drager van het brca|draagster van het brca|bärare av brca",
     "in|s"},
    {Fact::genetic,
     Claim::says,
     "carries the brca1|carries the brca2|carry the brca1|carry the brca2|carries a brca|has the brca1|has the brca2|"
     "has a brca1|have a brca1|have the brca1|has the huntington gene|carries the huntington gene|"
     "tested positive for brca|tested positive for the brca|tested positive for the huntington|brca1 mutation carrier|"
     "brca2 mutation carrier|trägt die brca1|trägt die brca2|hat eine brca1-mutation|hat eine brca2-mutation|"
     "porte la mutation brca1|tiene la mutación brca1|ha la mutazione brca1|tem a mutação brca1|ma mutację brca1",
     {}},
    {Fact::genetic,
     Claim::has,
     "dna test results|dna results|dna profile|dna sample|genetic test results|genetic test|genetic profile|"
     "23andme results|whole genome|gentest|genetisches profil|dna-profil|profil génétique|test génétique|perfil "
     "genético|"
     "prueba genética|profilo genetico|test genetico|teste genético|profil genetyczny|badanie genetyczne|dna-profiel|"
     "генетический тест",
     {}},

    {Fact::biometric, Claim::has,
     "fingerprint|fingerprint template|fingerprint scan|thumbprint|palm print|palmprint|iris scan|retina scan|retinal "
     "scan|"
     "faceprint|face template|face scan|facial scan|facial recognition template|voiceprint|voice print|biometric data|"
     "biometric template|biometric profile|biometrics|fingerabdruck|fingerabdrücke|irisscan|gesichtsscan|"
     "biometrischen daten|empreinte digitale|empreintes digitales|scan de l'iris|données biométriques|huella dactilar|"
     "huellas dactilares|datos biométricos|impronta digitale|impronte digitali|dati biometrici|impressão digital|"
     "impressões digitais|dados biométricos|odcisk palca|odciski palców|dane biometryczne|vingerafdruk|"
     "vingerafdrukken|fingeravtryck|fingeraftryk|fingeravtrykk|sormenjälki|otisk prstu|otisky prstů|отпечаток пальца|"
     "отпечатки пальцев|відбиток пальця",
     "s"},
    {Fact::biometric, Claim::says, "sormenjälkeni|parmak izim|yüz taramam", {}},

    {Fact::conviction,
     Claim::says,
     "was convicted of|were convicted of|been convicted of|got convicted of|is a convicted|am a convicted|pleaded "
     "guilty to|"
     "pled guilty to|was found guilty of|has a criminal record|have a criminal record|his criminal record|"
     "her criminal record|my criminal record|served time|did time for|spent time in prison|is on parole|is on "
     "probation|"
     "am on probation|am on parole|was sentenced to|is a registered sex offender|was in prison for|went to prison for|"
     "went to jail for|was jailed for|"
     "verurteilt wegen|wegen diebstahls verurteilt|wegen betrugs verurteilt|rechtskräftig verurteilt|wurde verurteilt|"
     "ist vorbestraft|bin vorbestraft|vorstrafe wegen|saß im gefängnis|"
     "a été condamné|a été condamnée|ai été condamné|ai été condamnée|casier judiciaire pour|a fait de la prison|"
     "fue condenado|fue condenada|fui condenado|fui condenada|tiene antecedentes penales|tengo antecedentes penales|"
     "è stato condannato|è stata condannata|sono stato condannato|sono stata condannata|ha precedenti penali|"
     "foi condenado|foi condenada|tem antecedentes criminais|"
     "został skazany|została skazana|zostałem skazany|zostałam skazana|jest karany|był karany|była karana|"
     "werd veroordeeld|is veroordeeld|ben veroordeeld|heeft een strafblad|heb een strafblad|"
     "dömdes för|blev dömd för|är dömd för|blev dømt for|ble dømt for|er dømt for|er straffet for|on "
     "tuomittu|tuomittiin|"
     "byl odsouzen|byla odsouzena|hüküm giydi|sabıkası var|mahkum oldu|был осуждён|был осужден|была осуждена|"
     "осуждён за|осужден за|судим за|имеет судимость|був засуджений|була засуджена",
     {}},
};

constexpr WordSet parties =
    "party|partei|parti|partido|partito|partij|partii|partiet|puolueen|partisi|партии|партію|trump|biden|harris|obama|"
    "clinton|sanders|labour|tories|tory|conservative|conservatives|republican|republicans|democrat|democrats|"
    "democratic|"
    "greens|libdems|lib|ukip|snp|reform|afd|spd|cdu|csu|fdp|grünen|grüne|linke|linken|bsw|macron|pen|mélenchon|rn|lfi|"
    "socialiste|écologiste|verts|républicains|reconquête|zemmour|vox|psoe|pp|podemos|sumar|erc|bildu|meloni|pd|lega|"
    "salvini|forza|lula|bolsonaro|pt|chega|ps|psd|pis|po|konfederacja|konfederację|konfederacji|lewica|lewicę|lewicy|"
    "pvv|vvd|d66|pvda|groenlinks|wilders|sverigedemokraterna|socialdemokraterna|moderaterna|vänsterpartiet|"
    "miljöpartiet|arbeiderpartiet|høyre|frp|socialdemokratiet|venstre|perussuomalaiset|perussuomalaisia|kokoomusta|"
    "akp|chp|mhp|hdp|erdoğan|ano|ods|spolu|путина|навального|лдпр|кпрф|россию|communist|socialist|communiste|comunista|"
    "kommunistischen|labor|fidesz|syriza";

constexpr WordSet unions =
    "union|unions|unison|unite|uaw|seiu|teamsters|afl|cwa|nea|usw|gmb|rmt|gewerkschaft|verdi|ver|metall|gew|ngg|dgb|"
    "bce|"
    "syndicat|cgt|cfdt|fo|cfe|sud|sindicato|sindicatos|ccoo|ugt|sindacato|cgil|cisl|uil|związku|związków|solidarności|"
    "solidarność|vakbond|fnv|cnv|facket|lo|tco|ifmetall|kommunal|fagforeningen|fagforbundet|hk|ammattiliiton|"
    "ammattiliittoon|"
    "sendikanın|sendikaya|профсоюза|профспілки|odborů|fagforening|fagforbund";

}  // namespace

std::span<const PersonTerms> person_terms() { return terms; }

const WordSet& party_names() { return parties; }

const WordSet& union_names() { return unions; }

}  // namespace weir::guards
