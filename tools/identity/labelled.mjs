// Labelled texts ({text, spans: [{start, end, type}]}, code points) as the trainer reads them, in two halves by the
// template that a text was made from: what is left of it without the values and digits.
//
//   node labelled.mjs FILE.jsonl.gz OUT   writes OUT.0.jsonl and OUT.1.jsonl
import fs from 'node:fs';
import zlib from 'node:zlib';
import { Chance } from './chance.mjs';

const kinds = { PERSON: 'person', ADDRESS: 'address', STREET_ADDRESS: 'address' };
const halves = [[], []];
for (const line of zlib.gunzipSync(fs.readFileSync(process.argv[2])).toString().trim().split('\n')) {
  const { text, spans } = JSON.parse(line);
  const points = [...text];
  const place = (at) => Buffer.byteLength(points.slice(0, at).join(''));
  const masked = [...points];
  for (const { start, end, type } of spans.sort((a, b) => b.start - a.start)) masked.splice(start, end - start, `@${type}`);
  const half = Chance.hash(masked.join('').replace(/\d+/g, '#').toLowerCase().slice(0, 60)) % 2;
  const marks = spans.filter(({ type }) => kinds[type]).map(({ start, end, type }) => [place(start), place(end), kinds[type]]);
  halves[half].push(JSON.stringify({ text, spans: marks, lang: `half ${half}` }));
}
halves.forEach((lines, half) => fs.writeFileSync(`${process.argv[3]}.${half}.jsonl`, `${lines.join('\n')}\n`));
