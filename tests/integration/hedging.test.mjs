// A second candidate that is asked when the first is silent (`hedge`), with real processes over real sockets: who
// answers, in which dialect, what becomes of the other one at its socket and in the ledger, what a budget allows, and
// who is never asked.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { cloud, local, model } from './support/configs.mjs';
import { StandIn } from './support/fault_upstream.mjs';
import { Weir, cli, createKey, sleep, suiteScope, tempDir, until } from './support/process.mjs';
import { readStream } from './support/sse.mjs';

const scope = suiteScope();
const prices = { input: 1, output: 10 };
const question = (name, more = {}) => ({ model: name, messages: [{ role: 'user', content: 'How is the river today?' }], ...more });
const counter = (text, name) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? NaN);

// Both say who they are; `near` can be told how long it is silent, and what it does then.
async function world({ route = {}, rules, keys = [], near: nearMore = {}, far: farMore = {} } = {}) {
  const near = await StandIn.start(scope, { models: ['near'] });
  const far = await StandIn.start(scope, { models: ['far'] });
  const answer = (text) => async (x) => {
    const usage = { prompt_tokens: 20, completion_tokens: 12, total_tokens: 32 };
    if (!x.body.stream) {
      return x.json(200, { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: x.request.model, choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }], usage });
    }
    const piece = (delta, finish_reason = null) => x.event({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: x.request.model, choices: [{ index: 0, delta, finish_reason }] });
    await x.streamHead();
    await piece({ role: 'assistant', content: '' });
    await piece({ content: text });
    await piece({}, 'stop');
    await x.event({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: x.request.model, choices: [], usage });
    await x.endStream();
  };
  const state = { near: answer('near speaks'), far: answer('far speaks') };
  near.scripts.set('near', (x, count) => state.near(x, count));
  far.scripts.set('far', (x, count) => state.far(x, count));
  const data = tempDir(scope);
  const headers = {};
  for (const options of keys) headers[options[1]] = { authorization: `Bearer ${createKey(data, options).key}` };
  const weir = await Weir.start(scope, { data, config: {
    server: { threads: 1 },
    providers: [local('home', near, { retries: 0, ...nearMore }), cloud('rented', far, { retries: 0, ...farMore })],
    models: [model('small', 'home', 'near', { prices, context_length: 8000 }), model('large', 'rented', 'far', { prices, context_length: 8000 })],
    routes: [{ name: 'quick', hedge: { after: '150ms', share: '100%' }, rules: rules ?? [{ when: { sensitive: 'any' }, zones: ['local'] }, { use: ['small', 'large'] }], ...route }],
  } });
  const after = (ms, then) => async (x, count) => {
    await sleep(ms);
    if (!x.gone) await then(x, count);
  };
  return { near, far, weir, state, answer, after, headers };
}
const silent = (x) => x.silence();

const dialects = [
  ['OpenAI', '/v1/chat/completions', (stream) => question('quick', { stream })],
  ['Anthropic', '/v1/messages', (stream) => question('quick', { stream, max_tokens: 100 })],
  ['Responses', '/v1/responses', (stream) => ({ model: 'quick', input: 'How is the river today?', stream })],
  ['Ollama', '/api/chat', (stream) => question('quick', { stream })],
  ['Gemini', (stream) => `/v1beta/models/quick:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, () => ({ contents: [{ role: 'user', parts: [{ text: 'How is the river today?' }] }] })],
  ['Cohere', '/v2/chat', (stream) => question('quick', { stream })],
];

describe('who answers', () => {
  let w;
  before(async () => {
    w = await world();
  });

  for (const [name, path, body] of dialects) {
    for (const stream of [false, true]) {
      test(`${name}, ${stream ? 'a stream' : 'a whole answer'}: the second, when the first is silent; the first is stopped and accounted`, async () => {
        w.near.forget();
        w.far.forget();
        w.state.near = silent;
        w.state.far = w.answer('far speaks');
        const response = await w.weir.post(typeof path === 'string' ? path : path(stream), body(stream));
        const text = await response.text();
        assert.equal(response.status, 200, text);
        assert.equal(text.split('far speaks').length > 1, true, text);
        assert.ok(!text.includes('near speaks'), text);
        assert.equal(response.headers.get('x-weir-model'), 'large');
        assert.equal(response.headers.get('x-weir-attempts'), '1');
        assert.match(response.headers.get('x-weir-reason'), /small had said nothing for 150 ms, so large was asked as well/);
        await until(() => w.near.requests.length === 1 && w.near.requests[0].gone, { what: 'the first to be stopped at its socket' });
        const entry = await w.weir.ledger(response.headers.get('x-weir-request-id'));
        assert.equal(entry.outcome, 'ok');
        assert.deepEqual(entry.attempts.map(({ model: id, outcome, purpose }) => [id, outcome, purpose ?? '']), [['small', 'cancelled', 'hedge'], ['large', 'ok', '']]);
        const [lost, won] = entry.attempts;
        // What it had read, as of a client that leaves: the estimate of the prompt, and nothing said.
        assert.ok(lost.usage.estimated && lost.usage.input_tokens > 0 && lost.usage.output_tokens === 0, JSON.stringify(lost.usage));
        assert.equal(lost.cost_micro_usd, lost.usage.input_tokens * prices.input);
        assert.deepEqual([won.usage.input_tokens, won.usage.output_tokens, won.cost_micro_usd], [20, 12, 20 * prices.input + 12 * prices.output]);
        assert.deepEqual([entry.usage.input_tokens, entry.usage.output_tokens], [20, 12], 'of the answer that the client has');
        assert.equal(entry.cost_micro_usd, lost.cost_micro_usd + won.cost_micro_usd);
      });
    }
  }

  test('the first, when it speaks in time: nobody else hears of it', async () => {
    w.far.forget();
    const connections = w.far.connections.length;
    w.state.near = w.answer('near speaks');
    const answer = await w.weir.chat(question('quick'));
    assert.match(answer.text, /near speaks/);
    assert.equal(w.far.requests.length, 0);
    assert.equal(w.far.connections.length, connections);
    assert.equal((await w.weir.ledger(answer.id)).attempts.length, 1);
  });

  test('the first, when it is late but earlier than the second; the second is stopped', async () => {
    w.far.forget();
    w.state.near = w.after(400, w.answer('near speaks'));
    w.state.far = silent;
    for (const stream of [false, true]) {
      const response = await w.weir.post('/v1/chat/completions', question('quick', { stream }));
      const answer = await readStream(response);
      assert.match(answer.raw, /near speaks/);
      assert.ok(!answer.raw.includes('far speaks'));
      const entry = await w.weir.ledger(answer.id);
      assert.deepEqual(entry.attempts.map(({ model: id, outcome, purpose }) => [id, outcome, purpose ?? '']), [['small', 'ok', ''], ['large', 'cancelled', 'hedge']]);
    }
    await until(() => w.far.requests.length === 2 && w.far.requests.every(({ gone }) => gone), { what: 'the second to be stopped' });
  });

  test('one that fails while the other lives ends nothing; when both fail the first failure is told, and the others named', async () => {
    w.state.near = w.after(300, (x) => x.error(400, 'near does not want it'));
    w.state.far = w.after(400, w.answer('far speaks'));
    const rescued = await w.weir.chat(question('quick'));
    assert.equal(rescued.status, 200, rescued.text);
    assert.match(rescued.text, /far speaks/);
    w.state.near = w.after(600, w.answer('near speaks'));
    w.state.far = (x) => x.error(500, 'far is broken');
    const held = await w.weir.chat(question('quick'));
    assert.match(held.text, /near speaks/);
    assert.deepEqual((await w.weir.ledger(held.id)).attempts.map(({ outcome }) => outcome), ['ok', 'upstream_server_error']);
    w.state.near = w.after(300, (x) => x.error(503, 'near is down'));
    const both = await w.weir.chat(question('quick'));
    assert.ok(both.status >= 500, both.text);
    assert.match(both.text, /near is down/);
    const entry = await w.weir.ledger(both.id);
    assert.deepEqual(entry.attempts.map(({ purpose }) => purpose ?? ''), ['', '']);
    assert.equal(entry.cost_micro_usd, 0);
  });

  test('whatever the moment, one answer comes whole', async () => {
    for (let round = 0; round < 40; round++) {
      w.state.near = w.after(140 + round, w.answer('near speaks'));
      w.state.far = w.after(round % 7, w.answer('far speaks'));
      const stream = round % 2 === 0;
      const answer = await readStream(await w.weir.post('/v1/chat/completions', question('quick', { stream })));
      assert.equal(answer.status, 200, answer.raw);
      const near = answer.raw.includes('near speaks');
      assert.notEqual(near, answer.raw.includes('far speaks'), answer.raw);
      assert.equal(answer.headers.get('x-weir-model'), near ? 'small' : 'large');
      if (stream) assert.ok(answer.done && answer.finish === 'stop' && !answer.error, answer.raw);
      const entry = await w.weir.ledger(answer.id);
      assert.equal(entry.attempts.filter(({ outcome }) => outcome === 'ok').length, 1);
      assert.equal(entry.model, near ? 'small' : 'large');
      assert.equal(entry.cost_micro_usd, entry.attempts.reduce((sum, { cost_micro_usd }) => sum + cost_micro_usd, 0));
    }
  });

  test('metrics count them, and a client that leaves stops both', async () => {
    const text = await w.weir.metrics();
    assert.ok(counter(text, 'weir_hedges_total') >= counter(text, 'weir_hedges_won_total'));
    assert.ok(counter(text, 'weir_hedges_won_total') >= 12, text);
    w.near.forget();
    w.far.forget();
    w.state.near = silent;
    w.state.far = silent;
    const controller = new AbortController();
    const asked = w.weir.post('/v1/chat/completions', question('quick', { stream: true }), { signal: controller.signal }).catch(() => null);
    await until(() => w.far.requests.length === 1, { what: 'both to be asked' });
    controller.abort();
    await asked;
    await until(() => [...w.near.requests, ...w.far.requests].every(({ gone }) => gone), { what: 'both to be stopped' });
  });
});

describe('bounds', () => {
  test('no more than the share of the route, however slow the first is', async () => {
    const w = await world({ route: { hedge: '30ms' } });
    w.state.near = w.after(120, w.answer('near speaks'));
    for (let i = 0; i < 5; i++) {
      await Promise.all(Array.from({ length: 8 }, async () => {
        const answer = await w.weir.chat(question('quick'));
        assert.equal(answer.status, 200, answer.text);
      }));
    }
    assert.equal(w.far.requests.length, 4, 'a tenth of forty');
    const text = await w.weir.metrics();
    assert.equal(counter(text, 'weir_hedges_total'), 4);
    assert.equal(counter(text, 'weir_hedges_withheld_total'), 36);
  });

  test('p95: once there is one, those that take longer', async () => {
    const w = await world({ route: { hedge: { after: 'p95', share: '100%' } } });
    w.state.near = w.after(30, w.answer('near speaks'));
    for (let i = 0; i < 24; i++) assert.match((await w.weir.chat(question('quick', { stream: true }))).text, /near speaks/);
    const asked = w.far.requests.length;
    w.state.near = silent;
    const began = Date.now();
    const answer = await w.weir.chat(question('quick', { stream: true }));
    assert.match(answer.text, /far speaks/);
    assert.ok(Date.now() - began < 5_000);
    assert.equal(w.far.requests.length, asked + 1);
  });

  test('a slot is not waited for beside the first', async () => {
    const w = await world({ far: { slots: 1 } });
    w.state.near = w.after(500, w.answer('near speaks'));
    w.state.far = silent;
    const holder = new AbortController();
    const held = w.weir.post('/v1/chat/completions', question('large'), { signal: holder.signal }).catch(() => null);
    await until(() => w.far.requests.length === 1, { what: 'the only slot to be taken' });
    const answer = await w.weir.chat(question('quick'));
    assert.match(answer.text, /near speaks/);
    assert.equal(w.far.requests.length, 1);
    assert.match(await w.weir.metrics(), /^weir_hedges_withheld_total 1$/m);
    holder.abort();
    await held;
  });

  test('a budget that does not hold two is not spent twice, also by requests that race; what both took is spent', async () => {
    const w = await world({ keys: [['--name', 'poor', '--budget-day', '0.015'], ['--name', 'rich', '--budget-day', '10']] });
    w.state.near = w.after(400, w.answer('near speaks'));
    const ask = (name) => w.weir.chat(question('quick', { max_tokens: 1000 }), { headers: w.headers[name] });
    const poor = await ask('poor');
    assert.match(poor.text, /near speaks/, 'a thousand tokens cost 0.01: two do not fit');
    assert.equal(w.far.requests.length, 0);
    const rich = await Promise.all(Array.from({ length: 8 }, () => ask('rich')));
    let spent = 0;
    for (const answer of rich) {
      assert.match(answer.text, /far speaks/);
      const entry = await w.weir.ledger(answer.id, { headers: w.headers.rich });
      assert.equal(entry.attempts.length, 2);
      assert.equal(entry.cost_micro_usd, entry.attempts.reduce((sum, { cost_micro_usd }) => sum + cost_micro_usd, 0));
      spent += entry.cost_micro_usd;
    }
    const usage = JSON.parse(w.weir.cli('usage', '--json', '--since', '2026-01-01', '--by', 'key').stdout);
    const row = JSON.stringify(usage);
    assert.ok(row.includes(String(spent)), `${spent} in ${row}`);
  });
});

describe('who is never asked beside the first', () => {
  test('whom the rules keep from it, whatever is said in whatever dialect', async () => {
    const w = await world();
    w.state.near = w.after(350, w.answer('near speaks'));
    const secret = 'write to jane.doe@example.com';
    for (const stream of [false, true]) {
      const answer = await w.weir.chat({ model: 'quick', stream, messages: [{ role: 'user', content: secret }] });
      assert.match(answer.text, /near speaks/);
    }
    const other = await w.weir.post('/v1/messages', { model: 'quick', max_tokens: 50, messages: [{ role: 'user', content: secret }] });
    assert.match(await other.text(), /near speaks/);
    assert.equal(w.far.requests.length, 0);
    assert.equal(w.far.connections.length, 0, 'not even a connection');
  });

  test('answers that are judged, requests that are redacted, results of tools, what can wait', async () => {
    const w = await world({ rules: [{ when: { sensitive: 'any' }, redact: ['cloud'] }, { when: { tags: 'judged' }, use: ['small', 'large'], escalate: { below: 0.1 } }, { use: ['small', 'large'] }] });
    w.state.near = w.after(350, w.answer('near speaks'));
    const ask = async (body, headers = {}) => assert.match((await w.weir.chat({ model: 'quick', ...body }, { headers })).text, /near speaks/);
    await ask(question('quick'), { 'x-weir-tags': 'judged' });
    await ask({ messages: [{ role: 'user', content: 'write to jane.doe@example.com' }] });
    await ask(question('quick'), { 'x-weir-priority': 'batch' });
    const call = { id: 'call_1', type: 'function', function: { name: 'level', arguments: '{}' } };
    await ask({ messages: [{ role: 'user', content: 'How high?' }, { role: 'assistant', content: null, tool_calls: [call] }, { role: 'tool', tool_call_id: 'call_1', content: '3' }] });
    assert.equal(w.far.requests.length, 0);
    assert.match(await w.weir.metrics(), /^weir_hedges_total 0$/m);
    await assert.doesNotReject(async () => {
      const answer = await w.weir.chat(question('quick'));
      assert.match(answer.text, /far speaks/, 'all others are');
    });
  });

  test('weir explain says who would be asked, and why nobody', async () => {
    const w = await world({ rules: [{ when: { sensitive: 'any' }, zones: ['local'] }, { when: { tags: 'judged' }, use: ['small', 'large'], escalate: { below: 0.1 } }, { use: ['small', 'large'] }] });
    const explain = (body, ...args) => cli(['explain', '--config', w.weir.configFile, ...args], { input: JSON.stringify(body), home: w.weir.home }).stdout;
    assert.match(explain(question('quick')), /Hedge +large is asked as well when small has said nothing for 150 ms; of 100 % of the requests at most/);
    assert.match(explain(question('quick'), '--tags', 'judged'), /Hedge +one is asked at a time: its answer is judged/);
    assert.match(explain({ model: 'quick', messages: [{ role: 'user', content: 'write to jane.doe@example.com' }] }), /Hedge +one is asked at a time: there is no other/);
    assert.match(JSON.parse(explain(question('quick'), '--json')).hedge, /large is asked as well/);
    assert.equal(JSON.parse(explain(question('small'), '--json')).hedge, undefined);
  });
});

test('shutting down ends both, and the client is told', async () => {
  const w = await world({ route: { total: '60s' } });
  w.state.near = silent;
  w.state.far = silent;
  const asked = w.weir.chat(question('quick'));
  await until(() => w.far.requests.length === 1, { what: 'both to be asked' });
  const stopping = w.weir.stop({ patience: 20_000 });
  w.weir.signal('SIGTERM');
  await sleep(100);
  w.weir.signal('SIGTERM');
  const answer = await asked;
  assert.equal(answer.status, 503, answer.text);
  const ended = await stopping;
  assert.equal(ended.code, 0);
  await until(() => [...w.near.requestsFor('near'), ...w.far.requestsFor('far')].every(({ gone }) => gone), { what: 'both to be stopped' });
});
