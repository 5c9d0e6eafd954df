// Streams: what is held back, what follows a failure before and after the first words, clients that leave, clients that
// are slow.
import assert from 'node:assert/strict';
import { before, beforeEach, describe, test } from 'node:test';

import { SHORT, ask, cloud, faultConfig, local, model } from './support/configs.mjs';
import { SPOKEN, StandIn } from './support/fault_upstream.mjs';
import { Weir, sleep, until, suiteScope } from './support/process.mjs';
import { RawClient, postBytes } from './support/raw_http.mjs';
import { readStream } from './support/sse.mjs';

let near;
let far;
let weir;

const scope = suiteScope();
before(async () => {
  near = await StandIn.start(scope);
  far = await StandIn.start(scope);
  weir = await Weir.start(scope, { config: faultConfig(near, far, { faults: ['slow-20-50', 'slow-5-100'] }) });
});
beforeEach(() => {
  near.forget();
  far.forget();
});

const stream = async (route, more = {}) => readStream(await weir.post('/v1/chat/completions', ask(route, { stream: true, ...more })));

describe('before the first words', () => {
  for (const fault of ['role-then-nothing', 'role-then-reset', 'headers-then-nothing', 'error-event-first', 'stall']) {
    test(`${fault}: another model answers, and the client sees one stream`, async () => {
      const answer = await stream(fault);
      assert.equal(answer.status, 200);
      assert.equal(answer.text, SPOKEN);
      assert.ok(answer.done);
      assert.equal(answer.headers.get('x-weir-model'), 'far-ok');
      assert.equal(answer.events.filter((event) => event.choices?.[0]?.delta?.role).length, 1, 'one beginning, not two');
      assert.equal(new Set(answer.events.map(({ id }) => id)).size, 1);
    });
  }

  test('tool calls count as first words', async () => {
    const answer = await stream('ok', { tools: [{ type: 'function', function: { name: 'f', parameters: {} } }], tool_choice: 'required' });
    assert.equal(answer.finish, 'tool_calls');
    assert.equal(answer.headers.get('x-weir-model'), 'near/ok');
  });

  test('words arrive as they are said, not all at the end', async () => {
    const times = [];
    const response = await weir.post('/v1/chat/completions', ask('only-slow-5-100', { stream: true }));
    await readStream(response, { onEvent: (event) => { if (event.choices?.[0]?.delta?.content) times.push(Date.now()); } });
    assert.equal(times.length, 5);
    assert.ok(times.at(-1) - times[0] > 150, `all within ${times.at(-1) - times[0]} ms`);
  });
});

describe('after the first words', () => {
  test('on_stream_failure: end — an error event, never a short success', async () => {
    const answer = await stream('first-half-then-reset');
    assert.ok(answer.error);
    assert.equal(answer.finish, null);
    assert.ok(SPOKEN.startsWith(answer.text) && answer.text.length > 5);
    assert.equal(far.requests.length, 0);
    assert.equal((await weir.ledger(answer.id)).outcome, 'upstream_truncated');
  });

  test('on_stream_failure: continue — another model takes over where its text agrees', async () => {
    const answer = await stream('continue-first-half-then-reset', { stream_options: { include_usage: true } });
    assert.equal(answer.text, SPOKEN, 'the whole text once, with nothing twice and nothing missing');
    assert.equal(answer.error, null);
    assert.equal(answer.finish, 'stop');
    assert.ok(answer.done);
    assert.equal(new Set(answer.events.map(({ id }) => id)).size, 1, 'one stream to the client');
    const entry = await weir.ledger(answer.id);
    assert.equal(entry.outcome, 'ok');
    assert.deepEqual(entry.attempts.map(({ outcome }) => outcome), ['upstream_truncated', 'ok']);
    assert.equal(entry.attempts[0].partial, true);
    assert.ok(entry.attempts[0].usage.output_tokens > 0, 'both parts are in the ledger');
  });

  test('continue — with a text that does not agree there is an error event', async () => {
    far.scripts.set('ok', async (x) => {
      await x.begin();
      await x.event(x.delta('Something else entirely.'));
      await x.end();
    });
    try {
      const answer = await stream('continue-first-half-then-reset');
      assert.ok(answer.error);
      assert.ok(SPOKEN.startsWith(answer.text));
    } finally {
      far.scripts.delete('ok');
    }
  });

  test('continue — a model that accepts a prefill goes on from what was said', async (t) => {
    let prefill;
    far.scripts.set('prefill', async (x) => {
      prefill = x.body.messages.at(-1);
      await x.begin();
      await x.event(x.delta(SPOKEN.slice(prefill.content.length)));
      await x.end();
    });
    const own = await Weir.start(t, { config: {
      providers: [local('near', near, { timeouts: SHORT }), local('second', far, { timeouts: SHORT, quirks: { accepts_prefill: true } })],
      models: [model('a', 'near', 'first-half-then-reset'), model('b', 'second', 'prefill')],
      routes: [{ name: 'r', on_stream_failure: 'continue', rules: [{ use: ['a', 'b'] }] }],
    } });
    const answer = await readStream(await own.post('/v1/chat/completions', ask('r', { stream: true })));
    assert.equal(answer.text, SPOKEN);
    assert.equal(prefill.role, 'assistant');
    assert.ok(SPOKEN.startsWith(prefill.content));
    assert.equal(answer.error, null);
  });

  test('continue — what is private stays local in mid-stream too', async () => {
    const answer = await stream('continue-first-half-then-reset', { messages: [{ role: 'user', content: 'Mail jane.doe@example.com' }] });
    assert.ok(answer.error);
    assert.equal(far.bytes, 0);
  });

  test('a complete stream without [DONE] is finished at once, with its usage', async () => {
    const began = Date.now();
    const answer = await stream('only-no-done-open', { stream_options: { include_usage: true } });
    assert.ok(answer.done);
    assert.equal(answer.usage.completion_tokens, 12);
    assert.equal((await weir.ledger(answer.id)).usage.output_tokens, 12);
    assert.ok(Date.now() - began < SHORT.idle_ms + 1_500, 'it did not wait for a timeout');
  });
});

describe('a client that leaves', () => {
  test('in mid-stream: the upstream is cancelled at once, partial usage is kept, nobody is blamed', async () => {
    const controller = new AbortController();
    const response = await weir.post('/v1/chat/completions', ask('slow-20-50', { stream: true }), { signal: controller.signal });
    await readStream(response, { onEvent: (event, { text }) => { if (text) controller.abort(); } });
    const left = Date.now();
    await until(() => near.requestsFor('slow-20-50')[0].gone, { what: 'the upstream to be cancelled', timeout: 1_000, every: 5 });
    assert.ok(Date.now() - left < 500);
    const entry = await weir.ledger(response.headers.get('x-weir-request-id'));
    assert.equal(entry.outcome, 'client_gone');
    assert.equal(entry.attempts.length, 1, 'no retry');
    assert.ok(entry.usage.output_tokens > 0);
    assert.equal(far.requests.length, 0, 'no fallback');
  });

  test('before the answer: the same', async () => {
    for (const route of ['stall', 'headers-then-nothing']) {
      const client = await RawClient.connect(weir.port);
      await client.send(postBytes(JSON.stringify(ask(route, { stream: true }))));
      await until(() => near.requestsFor(route).length === 1);
      client.destroy();
      await until(() => near.requestsFor(route)[0].gone, { timeout: 600, every: 5, what: 'the upstream to be cancelled' });
    }
    assert.equal(far.requests.length, 0);
  });

  test('twenty who leave do not open the breaker', async () => {
    for (let i = 0; i < 20; i++) {
      const controller = new AbortController();
      const response = await weir.post('/v1/chat/completions', ask('only-slow-20-50', { stream: true }), { signal: controller.signal });
      await response.body.getReader().read();
      controller.abort();
    }
    const answer = await stream('only-slow-20-50');
    assert.ok(answer.done);
  });
});

describe('a client that is slow', () => {
  test('an endless stream: the upstream is paused, and weir stays small', async () => {
    const client = await RawClient.connect(weir.port);
    client.socket.pause();
    const before = weir.memoryMb();
    near.endlessEvents = 0;
    client.socket.write(postBytes(JSON.stringify(ask('endless', { stream: true }))));
    await until(() => near.endlessEvents > 10, { what: 'the stream to flow' });
    let last = -1;
    await until(async () => {
      const same = near.endlessEvents === last;
      last = near.endlessEvents;
      await sleep(200);
      return same;
    }, { what: 'the upstream to be paused', timeout: 15_000 });
    assert.ok(weir.memoryMb() < before + 20, `${before} → ${weir.memoryMb()} MB`);
    // Reading on, it flows on.
    client.socket.resume();
    await until(() => near.endlessEvents > last + 100, { what: 'the stream to flow again' });
    client.destroy();
    await until(() => near.requestsFor('endless')[0].gone);
  });

  test('twenty of them at once', async () => {
    const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.connect(weir.port)));
    const before = weir.memoryMb();
    for (const client of clients) {
      client.socket.pause();
      client.socket.write(postBytes(JSON.stringify(ask('endless', { stream: true }))));
    }
    await until(() => near.requestsFor('endless').length === 20);
    await sleep(1_000);
    assert.ok(weir.memoryMb() < before + 60, `${before} → ${weir.memoryMb()} MB`);
    assert.ok((await stream('ok')).done, 'others are served meanwhile');
    clients.forEach((client) => client.destroy());
    await until(() => near.requestsFor('endless').every(({ gone }) => gone));
  });
});

test('a first-token limit of its own: headers at once and then nothing', async (t) => {
  const own = await Weir.start(t, { config: {
    providers: [local('near', near, { timeouts: { ...SHORT, first_byte_ms: 5_000, idle_ms: 5_000, first_token_ms: 400 } }), cloud('far', far)],
    models: [model('a', 'near', 'role-then-nothing'), model('b', 'far', 'ok')],
    routes: [{ name: 'r', rules: [{ use: ['a', 'b'] }] }],
  } });
  const answer = await readStream(await own.post('/v1/chat/completions', ask('r', { stream: true })));
  assert.equal(answer.text, SPOKEN);
  const [first] = (await own.ledger(answer.id)).attempts;
  assert.equal(first.outcome, 'upstream_timeout');
  assert.ok(first.duration_us >= 400_000 && first.duration_us < 4_000_000, `ended by first_token (0.4 s), not by another limit: ${first.duration_us} µs`);
});
