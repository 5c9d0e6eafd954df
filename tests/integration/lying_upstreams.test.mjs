// Providers that say a good answer otherwise than their format has it: every byte of it in other pieces, other line ends, fields
// that are missing, of another type or of nobody's, ends that are none, HTTP of every kind, errors in the middle. Each client
// gets what the truth would have given it, or an error in its own words and the next model where nothing was sent yet; never an
// answer with less in it. Seeded; WEIR_LIES=all tells every lie to every client.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { clients } from './support/clients/all.mjs';
import { commonLies, cutLies } from './support/lies.mjs';
import { formatLies } from './support/lies_of_formats.mjs';
import { LyingUpstream, seeded } from './support/lying_upstream.mjs';
import { models } from './support/matrix_cells.mjs';
import { Weir, suiteScope } from './support/process.mjs';
import { wires } from './support/standins/all.mjs';
import { StandIn } from './support/standins/server.mjs';

const ALL = process.env.WEIR_LIES === 'all';
const SHARE = ALL ? 1 : 0.4; // of the lies that any format may suffer
const SEED = 11;
const ENTRIES = 150; // a model of its own for each failure: what one does to a breaker is nothing to another
const TIMEOUTS = { connect_ms: 2_000, first_byte_ms: 20_000, first_token_ms: 20_000, idle_ms: 2_000, total_ms: 30_000 };
const object = (properties) => ({ type: 'object', properties });
const TOOLS = [
  { name: 'gauge', description: 'How high it stands.', parameters: object({ river: { type: 'string' }, gauge: { type: 'object' } }) },
  { name: 'weather', description: 'What is to come.', parameters: object({ city: { type: 'string' }, days: { type: 'array', items: {} } }) },
];

// What is not put right. Lies of a format's own are told to clients of the others: one of the same format is passed on as it
// came where its fields are odd and its text is there. The words of some errors blame the request, so that nobody else is asked.
// A stream in Amazon's own framing is not taken for a whole answer. A piece that is cut where its JSON still ends is taken for one.
const OPEN = {
  openai: ['an error, first, no name', 'an error, first, error name', 'an error with 200 instead of an answer: {"object"', 'a chunk that was cut', 'a message beside an empty delta'],
  anthropic: ['cut at 23/24'],
  cohere: ['pings as events', 'keepalive events'],
  bedrock: ['the other form of answer', 'cut at 23/24'],
};
// Whom a lie is told to: always the same client.
const place = (name) => [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 65_521, 7);
// By the parser of HTTP: two extensions of one chunk. Fields that nobody knows pass to clients of the same format.
const OPEN_TO_ALL = ['chunked with extensions', 'unknown fields everywhere'];
const isOpen = (format, lie) => [...OPEN_TO_ALL, ...(OPEN[format] ?? [])].some((name) => lie.name.startsWith(name));

const scope = suiteScope();
const lying = {};
const next = {};
let weir;

before(async () => {
  const good = await StandIn.start(scope, wires.openai, { own: false });
  const providers = [{ id: 'good', kind: 'openai_compatible', url: good.url, api_key: 'standin-key', zone: 'cloud', health_check: false, discover: false }];
  const entries = [{ id: 'good', provider: 'good', name: 'scripted' }];
  const routes = [];
  for (const { format, kind, name } of models) {
    lying[format] = await LyingUpstream.start(scope, await StandIn.start(scope, wires[format], { own: false }));
    next[format] = 0;
    providers.push({ id: format, kind, url: lying[format].url, api_key: 'standin-key', zone: 'cloud', health_check: false, discover: false, retries: 0, timeouts: TIMEOUTS });
    for (let i = 0; i < ENTRIES; i++) {
      entries.push({ id: `${format}-${i}`, provider: format, name });
      routes.push({ name: `next-${format}-${i}`, rules: [{ use: [`${format}-${i}`, 'good'] }] });
    }
  }
  weir = await Weir.start(scope, { config: JSON.stringify({ providers, models: entries, routes }) });
});

// One request to its end: { status, by, id, result | failed }.
async function ask(client, { model, streams }) {
  const { path, body, headers } = client.ask({ model, stream: streams, thinking: true, tools: TOOLS, messages: client.user([{ text: '[[everything]]' }]) });
  const response = await fetch(weir.url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body), signal: AbortSignal.timeout(60_000) });
  const text = await response.text();
  const told = { status: response.status, id: response.headers.get('x-weir-request-id'), by: response.headers.get('x-weir-model') };
  try {
    if (response.status !== 200) return { ...told, failed: client.failure(JSON.parse(text)).message };
    const result = streams ? client.streamed(text) : client.whole(JSON.parse(text));
    assert.ok(!result.broken, 'a stream just ends');
    return { ...told, result, failed: result.error };
  } catch (error) {
    error.message += `\nin ${text.slice(0, 3_000)}`;
    throw error;
  }
}

// Whatever a client does with it: what was said, called and thought, why it ended, what it cost.
function seen({ text, thoughts, calls, finish, usage }) {
  const ids = calls.map(({ id }) => id).filter((id) => id !== undefined);
  assert.ok(!ids.includes('') && new Set(ids).size === ids.length, `ids of calls: ${JSON.stringify(ids)}`);
  return { text, thoughts: thoughts.join(''), calls: calls.map(({ name, args }) => ({ name, args })), finish, usage };
}

function holdAnswer(lie, got, truth, own) {
  assert.ok(lie.expect !== 'error' || !own, 'a failure is taken for an answer');
  const { usage, thoughts, ...rest } = seen(got.result);
  const { usage: counted, thoughts: thought, ...wanted } = truth;
  assert.deepEqual(rest, wanted);
  if (own) assert.equal(thoughts, thought);
  if (own && lie.usage !== false) assert.deepEqual(usage, counted);
}

function holdError(lie, got, { client, truth, routed }) {
  assert.notEqual(lie.expect, 'same', `an error instead of the answer: ${got.status} ${got.failed}`);
  assert.doesNotMatch(got.failed, /127\.0\.0\.1|standin-key/, 'nothing inner is told');
  if (lie.words) assert.match(got.failed, lie.words, "the provider's own words are kept");
  if (routed && !lie.callers) assert.ok(got.result, 'the next model is asked where nothing was sent');
  if (got.result && client.name !== 'responses') assert.ok(truth.text.startsWith(got.result.text), `not what was said: ${got.result.text}`);
}

async function tell(lie, { format, client, streams, truth, seed, routed }) {
  lying[format].begin(lie, seed);
  const model = `${format}-${next[format]}`;
  const got = await ask(client, { model: routed ? `next-${model}` : model, streams });
  if (got.failed === undefined) {
    holdAnswer(lie, got, truth, got.by === model);
  } else {
    next[format] += 1;
    holdError(lie, got, { client, truth, routed });
  }
  const entry = await weir.ledger(got.id);
  assert.equal(entry.outcome === 'ok', got.failed === undefined, `the ledger says ${entry.outcome}`);
  if (got.failed === undefined && got.by !== model) assert.ok(entry.attempts.length > 1, 'the ledger has both attempts');
}

for (const { format, title } of models) {
  describe(`${title} tells it otherwise`, { concurrency: false }, () => {
    for (const streams of [true, false]) {
      test(streams ? 'in streams' : 'in whole answers', async () => {
        const random = seeded(SEED + (streams ? 1 : 0));
        const mine = (lie) => (!lie.formats || lie.formats.includes(format)) && (lie.streams === undefined || lie.streams === streams) && !lie.skip && !lie.debatable && !isOpen(format, lie);
        const lies = [...[...commonLies, ...cutLies].filter((lie) => mine(lie) && random.next() < SHARE), ...formatLies.filter(mine)];
        const truths = new Map();
        const faults = [];
        let turn = 0;
        for (const lie of lies) {
          const listeners = clients.filter(({ name }) => !((lie.translated || (!ALL && formatLies.includes(lie))) && name === format));
          for (const client of ALL ? listeners : [listeners[(turn++, place(lie.name)) % listeners.length]]) {
            if (!truths.has(client)) {
              lying[format].begin(null);
              truths.set(client, seen((await ask(client, { model: `${format}-${next[format]}`, streams })).result));
            }
            const routed = lie.expect !== 'same' && turn % 2 === 0;
            await tell(lie, { format, client, streams, truth: truths.get(client), seed: turn, routed })
              .catch((error) => faults.push(`${lie.name}, to ${client.title}${routed ? ', with another model' : ''}: ${error.message.slice(0, 600)}`));
            assert.equal(weir.exited, null, `it ended at: ${lie.name}\n${weir.output.slice(-2_000)}`);
          }
        }
        assert.deepEqual(faults, []);
        assert.deepEqual(lying[format].failures, []);
      });
    }
  });
}
