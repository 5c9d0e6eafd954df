// What becomes of a stream whose first model fails, whatever the fault: by default another answers until the first words
// were said, and an error says so after that; with `on_stream_failure: continue` the reader gets the whole text, once.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { SHORT, ask, cloud, local, model } from './support/configs.mjs';
import { SPOKEN, StandIn } from './support/fault_upstream.mjs';
import { Weir, cliAsync, freePort, sleep, suiteScope } from './support/process.mjs';
import { readStream } from './support/sse.mjs';

// Before the first words: another model answers. After them: an error, or another goes on.
const BEFORE = ['status-500', '503-retry-after', '429', '429-long', 'stall', 'headers-then-nothing', 'role-then-nothing', 'reset-before-headers',
  'close-before-headers', 'role-then-reset', 'error-event-first', 'empty-stream', 'done-at-once', 'json-error-200', 'html-200', '500-html', 'garbage-json',
  'unauthorized', 'not-http', 'huge-headers'];
const AFTER = ['first-half-then-reset', 'ends-early', 'truncated-event', 'stall-mid-stream', 'error-event'];
const GOOD = ['ok', 'no-done', 'no-done-open', 'trickle'];
const UNREACHABLE = ['refused', 'unknown-name', 'no-tls'];
const PRICES = { input: 1, output: 10 };

let near;
let far;
let weir;
const scope = suiteScope();

const route = (name, use, more = {}) => ({ name, rules: [{ use }], ...more });

before(async () => {
  near = await StandIn.start(scope);
  far = await StandIn.start(scope);
  const closed = await freePort();
  const faults = [...BEFORE, ...AFTER, ...GOOD];
  const providers = [local('near', near, { timeouts: SHORT }), cloud('far', far, { timeouts: SHORT }),
    local('refused', { url: `http://127.0.0.1:${closed}` }, { timeouts: SHORT }),
    cloud('unknown-name', { url: 'https://models.invalid/v1' }, { timeouts: SHORT }),
    cloud('no-tls', { url: near.url.replace('http:', 'https:') }, { timeouts: SHORT })];
  const models = [model('backup', 'far', 'ok', { prices: PRICES })];
  const routes = [];
  for (const kind of ['default', 'continue']) {
    for (const fault of faults) models.push(model(`first-${kind}-${fault}`, 'near', fault, { prices: PRICES }));
    for (const id of UNREACHABLE) models.push(model(`first-${kind}-${id}`, id, 'ok', { prices: PRICES }));
    for (const fault of [...faults, ...UNREACHABLE]) {
      routes.push(route(`${kind}-${fault}`, [`first-${kind}-${fault}`, 'backup'], kind === 'continue' ? { on_stream_failure: 'continue' } : {}));
    }
  }
  weir = await Weir.start(scope, { config: { providers, models, routes } });
});

const stream = async (of, name, more = {}) =>
  readStream(await of.post('/v1/chat/completions', ask(name, { stream: true, stream_options: { include_usage: true }, ...more })));

function assertWhole(answer) {
  assert.equal(answer.status, 200, answer.raw);
  assert.equal(answer.error, null);
  assert.equal(answer.text, SPOKEN, 'the whole text once');
  assert.equal(answer.finish, 'stop');
  assert.ok(answer.done, 'ends with [DONE]');
  assert.equal(answer.broken, null);
  assert.equal(answer.events.filter((event) => event.choices?.[0]?.delta?.role).length, 1, 'one beginning');
  assert.equal(new Set(answer.events.map(({ id }) => id)).size, 1, 'one stream');
  assert.equal(answer.events.filter(({ usage }) => usage).length, 1, 'usage once');
}

// What the request holds is what its attempts hold together.
function assertSums(entry) {
  const spent = entry.attempts.filter(({ usage }) => usage);
  for (const field of ['input_tokens', 'output_tokens', 'cached_tokens']) {
    assert.equal(entry.usage[field] ?? 0, spent.reduce((sum, { usage }) => sum + (usage[field] ?? 0), 0), field);
  }
  assert.equal(entry.cost_micro_usd, entry.attempts.reduce((sum, { cost_micro_usd: cost }) => sum + (cost ?? 0), 0));
}

for (const kind of ['default', 'continue']) {
  for (const fault of [...BEFORE, ...UNREACHABLE]) {
    test(`${fault}, ${kind}: another model answers`, async () => {
      const answer = await stream(weir, `${kind}-${fault}`);
      assertWhole(answer);
      assert.equal(answer.headers.get('x-weir-model'), 'backup');
      const entry = await weir.ledger(answer.id);
      assert.equal(entry.outcome, 'ok');
      assert.equal(entry.model, 'backup');
      assert.ok(!entry.attempts[0].partial);
      assert.equal(entry.usage.input_tokens, 20, 'nothing of the failure is billed');
      assertSums(entry);
      for (const { message } of entry.attempts) assert.doesNotMatch(message ?? '', /127\.0\.0\.1|models\.invalid|https?:\/\//, 'no address in a message');
    });
  }
  for (const fault of GOOD) {
    test(`${fault}, ${kind}: nobody else is asked`, async () => {
      const asked = far.requests.length;
      assertWhole(await stream(weir, `${kind}-${fault}`));
      assert.equal(far.requests.length, asked);
    });
  }
}

for (const fault of AFTER) {
  test(`${fault}, default: a clean error`, async () => {
    const answer = await stream(weir, `default-${fault}`);
    assert.equal(answer.status, 200);
    assert.ok(SPOKEN.startsWith(answer.text) && answer.text.length > 5);
    assert.ok(answer.error.message && answer.error.type);
    assert.equal(answer.finish, null);
    assert.ok(!answer.done, 'a broken stream does not look finished');
    const entry = await weir.ledger(answer.id);
    assert.match(entry.outcome, /^upstream_(truncated|timeout|server_error|malformed)$/);
    assert.equal(entry.attempts.length, 1);
    assert.equal(entry.attempts[0].partial, true);
    assert.ok(entry.usage.output_tokens > 0 && entry.usage.estimated);
    assertSums(entry);
  });

  test(`${fault}, continue: the whole text, and a ledger that knows both`, async () => {
    const answer = await stream(weir, `continue-${fault}`);
    assertWhole(answer);
    assert.equal(answer.headers.get('x-weir-model'), `first-continue-${fault}`, 'the head went out with the first words');
    const entry = await weir.ledger(answer.id);
    assert.equal(entry.outcome, 'ok');
    assert.equal(entry.model, 'backup');
    assert.deepEqual(entry.attempts.map((one) => one.model), [`first-continue-${fault}`, 'backup']);
    assert.match(entry.reason, new RegExp(`first-continue-${fault}.*backup`), 'the reason names both');
    assert.ok(entry.attempts[0].usage.output_tokens > 0 && entry.attempts[0].usage.estimated);
    assert.ok(entry.attempts[0].cost_micro_usd > 0);
    assert.equal(entry.attempts[1].usage.output_tokens, 12);
    assertSums(entry);
    assert.equal(answer.usage.prompt_tokens, entry.usage.input_tokens, 'the caller is told what both have used');
    assert.equal(answer.usage.completion_tokens, entry.usage.output_tokens);
  });
}

test('weir usage --by model: what each model used stands with that model', async () => {
  const { code, stdout, stderr } = await cliAsync(['usage', '--since', '1h', '--by', 'model', '--json', '--data', weir.data]);
  assert.equal(code, 0, stderr);
  const rows = JSON.parse(stdout).rows ?? JSON.parse(stdout).groups ?? JSON.parse(stdout);
  const text = JSON.stringify(rows);
  for (const fault of AFTER) assert.match(text, new RegExp(`first-continue-${fault}`), 'the one that broke off has a row of its own');
});

describe('on_stream_failure: continue', () => {
  // The one that takes over, told apart by what it does with a beginning.
  const rest = (x) => {
    const last = x.body.messages.at(-1);
    return last.role === 'assistant' ? SPOKEN.slice(last.content.length) : SPOKEN;
  };
  const says = (text) => async (x) => {
    await x.begin();
    for (const piece of text(x).match(/.{1,7}/gs) ?? []) await x.event(x.delta(piece));
    await x.end();
  };
  const refuses = (status, message) => async (x) => (x.body.messages.at(-1).role === 'assistant' ? x.error(status, message) : x.ok());
  const SCRIPTS = {
    'takes-it': says(rest),
    'starts-afresh': says(() => SPOKEN),
    'starts-afresh-with-blanks': says(() => `\n ${SPOKEN}`),
    otherwise: says(() => 'This is another answer, of another model.'),
    'refuses-with-400': refuses(400, 'assistant message must not be last'),
    'refuses-with-500': refuses(500, 'Assistant response prefill is incompatible with enable_thinking.'),
    'refuses-with-422': refuses(422, 'extra inputs are not permitted'),
    broken: (x) => x.error(500, 'stand-in: broken'),
    'breaks-first': (x, count) => (count % 2 === 1 ? x.begin(4).then(() => sleep(30)).then(() => x.reset()) : x.ok()),
  };
  const config = (uses, quirks = {}) => ({
    providers: [local('near', near, { timeouts: SHORT }), local('second', far, { timeouts: SHORT, quirks })],
    models: [model('first', 'near', 'first-half-then-reset'), model('only', 'near', 'breaks-first'),
      ...Object.keys(SCRIPTS).map((name) => model(name, 'second', name)), model('good', 'second', 'ok')],
    routes: [...uses.map((use) => route(`to-${use.join('+')}`, ['first', ...use], { on_stream_failure: 'continue' })),
      route('alone', ['only'], { on_stream_failure: 'continue' })],
  });
  const start = async (t, uses, quirks) => {
    for (const [name, script] of Object.entries(SCRIPTS)) for (const standIn of [near, far]) standIn.scripts.set(name, script);
    return Weir.start(t, { config: config(uses, quirks) });
  };
  const prefilled = (name) => far.requestsFor(name).filter(({ json }) => json.messages.at(-1).role === 'assistant').length;

  for (const [name, accepts, prefills] of [['takes-it', true, 1], ['takes-it', false, 0], ['starts-afresh', true, 1], ['starts-afresh', false, 0],
    ['starts-afresh-with-blanks', true, 1], ['starts-afresh-with-blanks', false, 0], ['refuses-with-400', true, 1], ['refuses-with-500', true, 1],
    ['refuses-with-422', true, 1]]) {
    test(`a backup that ${name}, ${accepts ? 'declared to take a beginning' : 'not declared to'}: the whole text once`, async (t) => {
      far.forget();
      const own = await start(t, [[name]], { accepts_prefill: accepts });
      assertWhole(await stream(own, `to-${name}`));
      assert.equal(prefilled(name), prefills);
      if (!name.startsWith('refuses')) return;
      assert.equal(far.requestsFor(name).length, 2, 'asked again without it');
      assertWhole(await stream(own, `to-${name}`));
      assert.equal(prefilled(name), 1, 'and remembered: the next request does not try');
    });
  }

  for (const name of ['otherwise', 'broken']) {
    test(`a backup that is ${name}: the third is asked`, async (t) => {
      const own = await start(t, [[name, 'good']], { accepts_prefill: false });
      const answer = await stream(own, `to-${name}+good`);
      assertWhole(answer);
      const entry = await own.ledger(answer.id);
      assert.equal(entry.attempts.at(-1).model, 'good');
      assertSums(entry);
    });

    test(`a backup that is ${name}, and nobody else: the first failure is told`, async (t) => {
      const own = await start(t, [[name]], { accepts_prefill: false });
      const answer = await stream(own, `to-${name}`);
      assert.ok(SPOKEN.startsWith(answer.text) && answer.text.length > 5, answer.text);
      assert.match(answer.error.message, /near broke off/);
      assert.ok(!answer.done);
      assert.equal((await own.ledger(answer.id)).outcome, 'upstream_truncated');
    });
  }

  test('a backup that says otherwise is not to blame: it answers the next request', async (t) => {
    const own = await start(t, [['otherwise']], { accepts_prefill: false });
    for (let i = 0; i < 6; i++) await stream(own, 'to-otherwise');
    const asked = far.requestsFor('otherwise').length;
    const answer = await stream(own, 'otherwise');
    assert.equal(answer.error, null);
    assert.equal(far.requestsFor('otherwise').length, asked + 1);
  });

  test('without another model the same one is asked once more', async (t) => {
    const own = await start(t, [], {});
    const answer = await stream(own, 'alone');
    assertWhole(answer);
    const entry = await own.ledger(answer.id);
    assert.deepEqual(entry.attempts.map(({ model: id }) => id), ['only', 'only']);
  });

  test('tool calls cannot be taken over: an error says so', async (t) => {
    near.scripts.set('tool-then-reset', async (x) => {
      await x.begin();
      await x.event(x.frame([{ index: 0, finish_reason: null, delta: { tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"ri' } }] } }]));
      await sleep(30);
      x.reset();
    });
    const own = await Weir.start(t, { config: {
      providers: [local('near', near, { timeouts: SHORT }), cloud('far', far)],
      models: [model('first', 'near', 'tool-then-reset'), model('backup', 'far', 'ok')],
      routes: [route('r', ['first', 'backup'], { on_stream_failure: 'continue' })],
    } });
    const asked = far.requests.length;
    const answer = await stream(own, 'r', { tools: [{ type: 'function', function: { name: 'f', parameters: {} } }] });
    assert.ok(answer.error);
    assert.equal(far.requests.length, asked);
  });
});

test('with no limit declared a silent first model is bearable: before the head, after it, and in mid-stream', { timeout: 60_000 }, async (t) => {
  const faults = ['stall', 'headers-then-nothing', 'role-then-nothing', 'stall-mid-stream'];
  const own = await Weir.start(t, { config: {
    providers: [cloud('near', near), cloud('far', far)],
    models: [...faults.map((fault) => model(fault, 'near', fault)), model('backup', 'far', 'ok')],
    routes: faults.map((fault) => route(`r-${fault}`, [fault, 'backup'], { on_stream_failure: 'continue' })),
  } });
  await Promise.all(faults.map(async (fault) => {
    const began = Date.now();
    assertWhole(await stream(own, `r-${fault}`));
    assert.ok(Date.now() - began < 45_000, `${fault}: ${Date.now() - began} ms`);
  }));
});
