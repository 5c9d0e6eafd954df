// Makes ordinary.json.gz: prompts that name nobody, word problems with the names in them, and the words of both in
// small letters. From files of prompts, {id, prompt} a line: MMLU (MIT) and GSM8K (MIT) as RouteLLM (Apache-2.0)
// publishes them. Only every third of the former and every second of the latter is taken; the others are for measuring.
//
//   node ordinary.mjs mmlu.jsonl.gz gsm8k.jsonl.gz
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { createRequire } from 'node:module';
import { Chance } from './chance.mjs';

const here = path.dirname(new URL(import.meta.url).pathname);
const { allLocales } = createRequire(import.meta.url)('@faker-js/faker');
const rows = (file) => zlib.gunzipSync(fs.readFileSync(file)).toString().trim().split('\n').map((line) => JSON.parse(line));
const flat = (list) => (!list ? [] : Array.isArray(list) ? list : Object.values(list).flat());
const given = new Set(Object.values(allLocales).flatMap((locale) => flat(locale.person?.first_name)));

const mmlu = rows(process.argv[2]).filter(({ id }) => Chance.hash(id) % 3 === 0);
const gsm8k = rows(process.argv[3]).filter(({ id }) => Chance.hash(id) % 2 === 0);
const counts = new Map();
for (const { prompt } of [...mmlu, ...gsm8k]) {
  for (const word of prompt.split(/[^\p{L}\p{M}]+/u)) if (word.length > 1 && word === word.toLowerCase()) counts.set(word, (counts.get(word) ?? 0) + 1);
}
const common = [...counts].filter(([, n]) => n >= 2).map(([word]) => word).sort();
const isCommon = new Set(common);
const isName = (word) => given.has(word) && !isCommon.has(word.toLowerCase());
const eponyms = new Set(fs.readFileSync(path.join(here, 'eponyms.txt'), 'utf8').split(/\s+/));
const people = new Set(fs.readFileSync(path.join(here, 'node_modules/@cspell/dict-people-names/dict/people-names.txt'), 'utf8').split('\n').map((line) => line.trim()));
// Within a sentence, a name of a family that is no term.
const isSomebody = (prompt) => [...prompt.matchAll(/[a-z,] ([A-Z][a-z]+)/g)].some(([, word]) => people.has(word) && !eponyms.has(word) && !isCommon.has(word.toLowerCase()));
const nobody = mmlu.filter(({ prompt }) => !prompt.includes('This question refers to the following information') && !isSomebody(prompt) && !/\b(Mr|Mrs|Ms|Dr|Sir|Lord|Professor|Justice|Senator|President|King|Queen)\.? [A-Z]/.test(prompt) &&
  !/[a-z,] [A-Z]\. ?[A-Z]/.test(prompt) && !prompt.split(/[^\p{L}\p{M}]+/u).some(isName)).map(({ prompt }) => prompt);
const problems = gsm8k.map(({ prompt }) => ({ text: prompt, names: [...new Set(prompt.split(/[^\p{L}\p{M}]+/u).filter(isName))] })).filter(({ names }) => names.length > 0);
const result = zlib.gzipSync(JSON.stringify({ nobody, people: problems, common }), { level: 9 });
fs.writeFileSync(path.join(here, 'ordinary.json.gz'), result);
console.log(nobody.length, problems.length, common.length, result.length);
