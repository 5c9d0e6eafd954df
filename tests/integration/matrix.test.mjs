// Every client's format in front of every provider's format behind: each feature in each cell, with what goes out and what comes
// back held against the published descriptions of both. What a format cannot say is refused with the place named, and the table
// says why. The result stands in docs/compatibility.md; WEIR_UPDATE=1 writes it there, and without that a difference fails.
// WEIR_MATRIX=CLIENT:MODEL[:FEATURE] (each may be empty) runs a part of it.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { clients } from './support/clients/all.mjs';
import { Matrix, models } from './support/matrix_cells.mjs';
import { features } from './support/matrix_features.mjs';
import { notes } from './support/matrix_notes.mjs';
import { root, suiteScope } from './support/process.mjs';

const [onlyClient, onlyModel, onlyFeature] = (process.env.WEIR_MATRIX ?? '').split(':');
const wanted = (only, name) => !only || only.split(',').includes(name);
const part = Boolean(onlyClient || onlyModel || onlyFeature);

const scope = suiteScope();
const results = new Map(); // `client model feature` → { shown, why }
let matrix;
before(async () => {
  matrix = await Matrix.start(scope, { only: ({ format }) => !onlyModel || wanted(onlyModel, format) });
});

// Asks for what cannot be said to this provider: refused before anything goes out, with its place.
async function refused(cell, feature, place) {
  const reached = cell.standIn.requests.length;
  await assert.rejects(feature.run(cell), (error) => {
    assert.ok(error.status >= 400 && error.status < 500, `it must be refused, not: ${error.message}`);
    assert.match(error.words, place, 'the refusal names the place');
    return true;
  });
  assert.equal(cell.standIn.requests.length, reached, 'nothing reached the provider');
}

async function fill(client, model, name, feature) {
  const cell = matrix.cell(client, model);
  if (client.cannot[name]) return { shown: '–', why: client.cannot[name] };
  const [place, why, but] = model.cannot[name] ?? [];
  if (place && client.name !== but) {
    await refused(cell, feature, place);
    return { shown: '–', why };
  }
  let failure;
  await feature.run(cell).catch((error) => {
    failure = error;
  });
  const complaints = cell.takeComplaints();
  if (complaints.length) {
    const told = complaints.slice(0, 3).map(({ what, body }) => `${what}\n    in ${body}`).join('\n  ');
    throw new Error(`${failure ? `${failure.message}\n` : ''}the provider would not have taken that:\n  ${told}`);
  }
  if (failure) throw failure;
  return { shown: '✓', why: notes(client, model, name) };
}

for (const client of clients.filter(({ name }) => wanted(onlyClient, name))) {
  for (const model of models.filter(({ format }) => wanted(onlyModel, format))) {
    describe(`${client.title} → ${model.title}`, () => {
      for (const [name, feature] of Object.entries(features).filter(([key]) => wanted(onlyFeature, key))) {
        test(feature.title, async () => {
          const key = `${client.name} ${model.format} ${name}`;
          results.set(key, { shown: '✗' });
          results.set(key, await fill(client, model, name, feature));
        });
      }
    });
  }
}

// The tables, one a client, with their footnotes.
function written() {
  const whys = [];
  const mark = (why) => {
    if (!why) return '';
    if (!whys.includes(why)) whys.push(why);
    return ` [${whys.indexOf(why) + 1}]`;
  };
  const lines = [];
  for (const client of clients) {
    lines.push(`| a client of ${client.title} | ${models.map(({ title }) => title).join(' | ')} |`, `|---|${models.map(() => '---').join('|')}|`);
    for (const [name, { title }] of Object.entries(features)) {
      const cells = models.map(({ format }) => {
        const { shown, why } = results.get(`${client.name} ${format} ${name}`) ?? { shown: '?' };
        return shown + mark(why);
      });
      lines.push(`| ${title} | ${cells.join(' | ')} |`);
    }
    lines.push('');
  }
  whys.forEach((why, index) => lines.push(`- [${index + 1}] ${why}`));
  return lines.join('\n');
}

test('the table in docs/compatibility.md is what was seen', { skip: part && 'only a part was run' }, (context) => {
  const table = written();
  const file = join(root, 'docs/compatibility.md');
  const [begin, end] = ['<!-- matrix: begin -->\n', '\n<!-- matrix: end -->'];
  const document = readFileSync(file, 'utf8');
  const [from, to] = [document.indexOf(begin) + begin.length, document.indexOf(end)];
  assert.ok(from >= begin.length && to >= from, 'the document has no place for the table');
  context.diagnostic(table.replaceAll('\n', '\n# '));
  if (process.env.WEIR_UPDATE === '1') writeFileSync(file, document.slice(0, from) + table + document.slice(to));
  else assert.equal(document.slice(from, to), table, 'run again with WEIR_UPDATE=1 and look at what changed');
});
