// OpenAI's Responses with state, by OpenAI's own SDK: conversations that go on by an answer's id whichever model answers, are
// fetched, listed and deleted, outlive their process, and stay where private data may be.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { Weir, createKey, sleep, suiteScope, tempDir, until } from './support/process.mjs';
import { PARAMETERS, RESULT, SAID, collect, load } from './support/sdk_gateway.mjs';
import { openaiResponses } from './support/clients/openai_responses.mjs';
import { serverEvents } from './support/clients/wire.mjs';
import { wires } from './support/standins/all.mjs';
import { StandIn } from './support/standins/server.mjs';

const sdk = await load('openai-newest');
const tools = [{ type: 'function', name: 'get_level', description: 'The level of a river', parameters: PARAMETERS, strict: false }];
const PRIVATE = 'My card is 4111 1111 1111 1111.';

describe('kept responses', { skip: sdk.reason ?? false }, () => {
  const scope = suiteScope();
  const standIns = {};
  let data;
  let mine;
  let other;
  let weir;

  const provider = (format, kind, zone) => ({ id: format, kind, url: standIns[format].url, api_key: 'standin-key', zone, health_check: false, discover: false, retries: 0 });
  const start = (more = {}) => Weir.start(scope, { data, config: {
    providers: [provider('ollama', 'ollama', 'local'), provider('anthropic', 'anthropic', 'cloud'), provider('responses', 'openai_responses', 'cloud')],
    models: [{ id: 'near', provider: 'ollama', name: 'scripted' }, { id: 'claude', provider: 'anthropic', name: 'claude-sonnet-4-5' }, { id: 'gpt', provider: 'responses', name: 'scripted' }],
    routes: [
      { name: 'assistant', rules: [{ when: { sensitive: 'any' }, zones: ['local'] }, { use: ['claude', 'near'] }] },
      { name: 'forgetful', store_responses: false, rules: [{ use: ['claude'] }] },
    ],
    ...more,
  } });
  const client = (key = mine, more = {}) => new sdk.default({ baseURL: `${weir.url}/v1`, apiKey: key, maxRetries: 0, ...more });
  const ask = (model, input, more = {}) => client().responses.create({ model, input, ...more });
  const streamed = (model, input, more = {}) => client().responses.stream({ model, input, ...more }).finalResponse();
  const notFound = (error) => error instanceof sdk.BadRequestError && error.code === 'previous_response_not_found' && error.param === 'previous_response_id';
  // Without what the SDK adds to what it got.
  const plain = (response) => JSON.parse(JSON.stringify(response, (key, value) => (/parsed|^_request_id$/.test(key) ? undefined : value)));
  // Restarts it in between, on the same data.
  async function restart(more) {
    await weir.stop();
    weir = await start(more);
  }
  const written = () => readdirSync(data).filter((name) => name.startsWith('responses.db')).map((name) => readFileSync(join(data, name)).toString('latin1')).join('');

  before(async () => {
    for (const format of ['ollama', 'anthropic', 'responses']) standIns[format] = await StandIn.start(scope, wires[format], { own: false });
    data = join(tempDir(scope), 'data');
    mine = createKey(data, ['--name', 'mine']).key;
    other = createKey(data, ['--name', 'other']).key;
    weir = await start();
  });

  for (const model of ['near', 'claude', 'gpt']) {
    test(`items by reference: ${model}`, async () => {
      const first = await ask(model, '[[tool]] one', { tools });
      const [said, call] = ['message', 'function_call'].map((type) => first.output.find((item) => item.type === type));
      assert.notEqual(call.id, said.id);
      const refer = ({ id }) => ({ type: 'item_reference', id });
      const input = [{ role: 'user', content: '[[tool]] one' }, refer(said), refer(call), { type: 'function_call_output', call_id: call.call_id, output: RESULT }];
      const second = await ask(model, input, { tools });
      assert.match(second.output_text, SAID);
      // What was referred to is now a part of that turn, whatever becomes of the other.
      if (model !== 'gpt') await client().responses.delete(first.id); // the stand-in gives one id to all that it says
      const third = await ask(model, '[[recall]]', { previous_response_id: second.id });
      assert.match(third.output_text, /assistant=Let me look\. \|tool=3\.5 m, rising — Köln\|assistant=get_level/);
      // Another's item, and one that is gone, are none: for models of other formats that is said with its place.
      if (model === 'gpt') return;
      for (const key of [other, mine]) {
        await assert.rejects(client(key).responses.create({ model, input, tools }), (error) => error.status === 400 && error.param === 'input[1]');
      }
    });
  }

  test('an item of what was declared private is private wherever it is referred to', async () => {
    const first = await client(mine, { defaultHeaders: { 'x-weir-sensitive': 'health' } }).responses.create({ model: 'assistant', input: 'Hello' });
    const { response } = await client().responses.create({ model: 'assistant', input: [{ type: 'item_reference', id: first.output[0].id }, { role: 'user', content: 'And now?' }] }).withResponse();
    assert.equal(response.headers.get('x-weir-model'), 'near');
  });

  for (const model of ['near', 'claude', 'gpt']) {
    for (const [how, turn] of [['whole', ask], ['streamed', streamed]]) {
      test(`three turns with a tool's call go on by their id: ${model}, ${how}`, async () => {
        const first = await turn(model, '[[recall]] one', { instructions: 'be brief', metadata: { trace: 't1' } });
        assert.equal(first.output_text, 'system=be brief|user=[[recall]] one');
        assert.deepEqual([first.store, first.previous_response_id, first.status, first.metadata.trace ?? 't1'], [true, null, 'completed', 't1']);
        const second = await turn(model, '[[tool]] two', { previous_response_id: first.id, tools });
        assert.equal(second.previous_response_id, first.id);
        const call = second.output.find(({ type }) => type === 'function_call');
        assert.equal(call?.name, 'get_level');
        const third = await turn(model, [{ type: 'function_call_output', call_id: call.call_id, output: RESULT }], { previous_response_id: second.id, tools });
        assert.match(third.output_text, SAID);
        // All of it, without the instructions of an earlier turn.
        const fourth = await turn(model, '[[recall]] four', { previous_response_id: third.id });
        assert.match(fourth.output_text, /^system=\|user=\[\[recall\]\] one\|assistant=system=be brief\|user=\[\[recall\]\] one\|user=\[\[tool\]\] two\|assistant=Let me look\. .*\|tool=3\.5 m, rising — Köln\|assistant=.*\|user=\[\[recall\]\] four$/s);

        assert.deepEqual(plain(await client().responses.retrieve(fourth.id)), plain(fourth), 'as the client had it');
        // The stand-in gives one id to all that it says: pages would begin anew.
        const items = await collect(client().responses.inputItems.list(fourth.id, { order: 'asc', limit: model === 'gpt' ? 100 : 3 }));
        assert.deepEqual(items.map(({ type, role }) => role ?? type), ['user', 'assistant', 'user', 'assistant', 'function_call', 'function_call_output', 'assistant', 'user']);
        assert.ok(items.every(({ id }) => typeof id === 'string' && id.length > 0));
      });
    }
  }

  for (const model of ['near', 'claude', 'gpt']) {
    for (const [what, input] of [['text', 'tell me'], ['call', '[[tool]] look']]) {
      test(`a kept answer is told again as a stream, from any of its events on: ${model}, ${what}`, async () => {
        const first = await ask(model, input, { tools });
        const again = async (more) => {
          const raw = await client().responses.retrieve(first.id, { stream: true, ...more }).asResponse();
          assert.match(raw.headers.get('content-type'), /^text\/event-stream/);
          return raw.text();
        };
        const whole = await again({});
        const told = openaiResponses.streamed(whole); // holds it against OpenAI's description
        assert.equal(told.text, first.output_text);
        assert.deepEqual(told.native, plain(first).output);
        const events = serverEvents(whole);
        for (const [at, event] of events.entries()) {
          const rest = serverEvents(await again({ starting_after: at }));
          assert.deepEqual(rest, events.slice(at + 1), event.name);
        }
        const read = [];
        for await (const event of await client().responses.retrieve(first.id, { stream: true })) read.push(event);
        const { output_text: _, ...kept } = plain(first); // which the client's library adds to whole answers only
        assert.deepEqual(plain(read.at(-1).response), kept);
      });
    }
  }

  test('a conversation goes from model to model', async () => {
    const first = await ask('claude', 'one');
    const second = await streamed('near', 'two', { previous_response_id: first.id });
    const third = await ask('gpt', 'three', { previous_response_id: second.id });
    const fourth = await ask('claude', '[[recall]] four', { previous_response_id: third.id });
    assert.match(fourth.output_text, /user=one\|assistant=.*\|user=two\|assistant=.*\|user=three\|assistant=.*\|user=\[\[recall\]\] four/s);
    for (const { complaints } of Object.values(standIns)) assert.deepEqual(complaints.splice(0), [], 'the provider would not have taken that');
  });

  test('an answer is found the moment it is there, and may be gone on from twice', async () => {
    for (let i = 0; i < 20; i++) {
      const first = await ask('near', `number ${i}`);
      const both = await Promise.all([1, 2].map((n) => ask('near', `[[recall]] ${n}`, { previous_response_id: first.id })));
      for (const { output_text: said } of both) assert.match(said, new RegExp(`user=number ${i}\\|`));
    }
  });

  test('what goes on from an answer is counted with all that was said before', async () => {
    const first = await ask('near', 'a long story '.repeat(100));
    const alone = await client().responses.inputTokens.count({ model: 'near', input: 'x' });
    const all = await client().responses.inputTokens.count({ model: 'near', input: 'x', previous_response_id: first.id });
    assert.ok(all.input_tokens > alone.input_tokens + 300, `${all.input_tokens}, ${alone.input_tokens}`);
  });

  test('private data in an earlier turn keeps the later ones local', async () => {
    const cloud = () => standIns.anthropic.requests.length + standIns.responses.requests.length;
    const earlier = cloud();
    const first = await ask('assistant', PRIVATE);
    const second = await ask('assistant', '[[recall]] And now?', { previous_response_id: first.id });
    assert.match(second.output_text, /4111 1111 1111 1111/);
    assert.equal(cloud(), earlier, 'nothing went out');
    await assert.rejects(ask('claude', 'x', { previous_response_id: second.id, model: 'claude' }), (error) => error.code === 'zone_refused');
    assert.equal(cloud(), earlier, 'nor where the model is named');
    const clean = await ask('assistant', '[[recall]] And now?');
    assert.equal(cloud(), earlier + 1, 'without it, it does');
    assert.doesNotMatch(clean.output_text, /4111/);
  });

  test('what was declared private once stays so in every later turn', async () => {
    const cloud = () => standIns.anthropic.requests.length + standIns.responses.requests.length;
    const earlier = cloud();
    const headers = { 'x-weir-sensitive': 'health' };
    const first = await client().responses.create({ model: 'assistant', input: 'My knee.' }, { headers });
    let { id } = first;
    for (let i = 0; i < 3; i++) ({ id } = await ask('assistant', 'And now?', { previous_response_id: id }));
    assert.equal(cloud(), earlier, 'nothing went out');
    await ask('assistant', 'And now?');
    assert.equal(cloud(), earlier + 1);
  });

  test("another key's answers are not there", async () => {
    const first = await ask('near', 'mine alone');
    const stranger = client(other);
    await assert.rejects(stranger.responses.retrieve(first.id), sdk.NotFoundError);
    await assert.rejects(stranger.responses.delete(first.id), sdk.NotFoundError);
    await assert.rejects(collect(stranger.responses.inputItems.list(first.id)), sdk.NotFoundError);
    await assert.rejects(stranger.responses.create({ model: 'near', input: 'x', previous_response_id: first.id }), notFound);
    await assert.rejects(client('none').responses.retrieve(first.id), sdk.AuthenticationError);
    assert.equal((await client().responses.retrieve(first.id)).id, first.id);
  });

  test('store: false writes nothing, and nothing goes on from it', async () => {
    for (const turn of [ask, streamed]) {
      const secret = `unwritten-${Math.random()}`;
      const first = await turn('near', secret, { store: false });
      assert.equal(first.store, false);
      await assert.rejects(ask('near', 'x', { previous_response_id: first.id }), notFound);
      await assert.rejects(client().responses.retrieve(first.id), sdk.NotFoundError);
      // It goes on from what is kept all the same.
      const kept = await ask('near', 'kept');
      const on = await turn('near', secret, { store: false, previous_response_id: kept.id });
      assert.equal(on.previous_response_id, kept.id);
      await sleep(200);
      assert.ok(!written().includes(secret));
    }
  });

  test('a route may forbid it', async () => {
    const secret = `forbidden-${Math.random()}`;
    const first = await ask('forgetful', secret);
    assert.equal(first.store, false);
    await assert.rejects(ask('forgetful', 'x', { previous_response_id: first.id }), notFound);
    await sleep(200);
    assert.ok(!written().includes(secret));
  });

  test('an answer that broke is not kept', async () => {
    const secret = `broken-${Math.random()}`;
    const events = [];
    await assert.rejects(async () => {
      for await (const event of await ask('claude', `[[breaks error]] ${secret}`, { stream: true })) {
        events.push(event);
        if (event.type === 'response.failed') throw new Error('failed');
      }
    });
    const { id } = events[0].response;
    await assert.rejects(client().responses.retrieve(id), sdk.NotFoundError);
    await sleep(200);
    assert.ok(!written().includes(secret));
  });

  test('deleted is gone, also from the disk, and what went on from it cannot go on', async () => {
    const secret = `to-be-deleted-${Math.random()}`;
    const first = await ask('near', secret);
    const second = await ask('near', 'two', { previous_response_id: first.id });
    await until(() => written().includes(secret), { what: 'the row' });
    const gone = await fetch(`${weir.url}/v1/responses/${first.id}`, { method: 'DELETE', headers: { authorization: `Bearer ${mine}` } });
    assert.deepEqual(await gone.json(), { id: first.id, object: 'response', deleted: true });
    assert.ok(!written().includes(secret), 'neither in the file nor in its log');
    await assert.rejects(client().responses.retrieve(first.id), sdk.NotFoundError);
    await assert.rejects(client().responses.delete(first.id), sdk.NotFoundError);
    await assert.rejects(ask('near', 'x', { previous_response_id: first.id }), notFound);
    await assert.rejects(ask('near', 'x', { previous_response_id: second.id }), (error) => notFound(error) && /no longer kept/.test(error.message));
    assert.equal((await client().responses.retrieve(second.id)).id, second.id);
  });

  test('what is not served is refused in words', async () => {
    const first = await ask('near', 'one');
    const bad = (param, words) => (error) => error instanceof sdk.BadRequestError && error.param === param && words.test(error.message);
    await assert.rejects(ask('gpt', 'x', { background: true }), bad('background', /not served/));
    await assert.rejects(client().responses.retrieve(first.id, { stream: true, starting_after: -3 }), bad('starting_after', /number of an event/));
    await assert.rejects(client().responses.cancel(first.id), bad(null, /synchronous/));
    await assert.rejects(client().responses.cancel('resp_none'), sdk.NotFoundError);
    await assert.rejects(ask('near', 'x', { previous_response_id: 'resp_none' }), notFound);
    await assert.rejects(ask('gpt', 'x', { previous_response_id: 'resp_none' }), notFound, 'also where the provider speaks the same format');
    await assert.rejects(ask('gpt', 'x', { previous_response_id: 17 }), bad('previous_response_id', /an integer/));
    const compact = await weir.post('/v1/responses/compact', {}, { headers: { authorization: `Bearer ${mine}` } });
    assert.match(await compact.text(), /compaction/);
  });

  test('a refusal has its entry in the ledger', async () => {
    const refused = await weir.post('/v1/responses', { model: 'near', input: 'x', previous_response_id: 'resp_none' }, { headers: { authorization: `Bearer ${mine}` } });
    assert.equal(refused.status, 400);
    const entry = await weir.ledger(refused.headers.get('x-weir-request-id'), { headers: { authorization: `Bearer ${mine}` } });
    assert.equal(entry.outcome, 'invalid_request');
  });

  test('other formats take no part in it', async () => {
    const secret = `chat-${Math.random()}`;
    assert.equal((await client().chat.completions.create({ model: 'near', messages: [{ role: 'user', content: secret }] })).object, 'chat.completion');
    await sleep(200);
    assert.ok(!written().includes(secret));
  });

  test('a conversation outlives its process, also by kill -9 a second after the answer', async () => {
    const first = await streamed('gpt', 'before');
    await restart();
    const second = await ask('claude', '[[recall]] after', { previous_response_id: first.id });
    assert.match(second.output_text, /user=before\|/);
    await sleep(1_000);
    await weir.kill();
    weir = await start();
    const third = await ask('near', '[[recall]] and after', { previous_response_id: second.id });
    assert.match(third.output_text, /user=before\|.*user=\[\[recall\]\] after\|/s);
    for (const name of readdirSync(data).filter((one) => one.startsWith('responses.db'))) assert.equal(statSync(join(data, name)).mode & 0o777, 0o600, name);
    assert.equal(execFileSync('sqlite3', [join(data, 'responses.db'), 'PRAGMA integrity_check'], { encoding: 'utf8' }).trim(), 'ok');
  });

  test('a conversation beyond limits.body is refused', async () => {
    await restart({ limits: { body: '64KiB' } });
    let { id } = await ask('near', 'x'.repeat(40_000));
    await assert.rejects(ask('near', 'y'.repeat(40_000), { previous_response_id: id }), (error) => error.status === 413 && /limits\.body/.test(error.message));
    await restart();
  });

  test('switched off, nothing is kept and what was is deleted', async () => {
    const secret = `switched-off-${Math.random()}`;
    const first = await ask('near', secret);
    await until(() => written().includes(secret), { what: 'the row' });
    await restart({ responses: { keep: '0s' } });
    assert.equal((await ask('near', 'x')).store, false);
    await assert.rejects(client().responses.retrieve(first.id), sdk.NotFoundError);
    await assert.rejects(ask('near', 'x', { previous_response_id: first.id }), (error) => /responses\.keep/.test(error.message));
    await until(() => !written().includes(secret), { what: 'an empty file' });
  });
});
