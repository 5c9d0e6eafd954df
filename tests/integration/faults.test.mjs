// Every way a model server can fail: what the client sees, and what the ledger holds, for whole answers and for streams,
// with a second candidate and without.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { ask, faultConfig } from './support/configs.mjs';
import { SPOKEN, StandIn } from './support/fault_upstream.mjs';
import { Weir, cliAsync, freePort, suiteScope } from './support/process.mjs';
import { readStream } from './support/sse.mjs';

const GOOD = { status: 200, outcome: 'ok' };
const MALFORMED = { status: 502, outcome: 'upstream_malformed', next: true };
const TRUNCATED = { status: 502, outcome: 'upstream_truncated', next: true };
const TIMEOUT = { status: 504, outcome: 'upstream_timeout', next: true };
const MID_STREAM = (outcome) => ({ status: 200, outcome, next: false, midStream: true });

// What follows from each fault. `attempts`: of one candidate (2: it was tried once more). `next`: another candidate is asked.
const EXPECTED = {
  ok: { both: GOOD },
  'reset-before-headers': { both: { status: 502, outcome: 'upstream_reset', attempts: 2, next: true } },
  'close-before-headers': { both: { status: 502, outcome: 'upstream_reset', attempts: 2, next: true } },
  stall: { both: TIMEOUT },
  'huge-headers': { both: MALFORMED },
  'not-http': { both: { ...MALFORMED, outcome: /^upstream_(malformed|truncated)$/ } },
  429: { both: { status: 429, outcome: 'upstream_rate_limited', attempts: 2, next: true, message: /too many requests/ } },
  '429-long': { both: { status: 429, outcome: 'upstream_rate_limited', attempts: 1, next: true, retryAfter: 3600 } },
  '429-once': { both: { ...GOOD, attempts: 2, first: 'upstream_rate_limited' } }, // another answers sooner than it may be asked again
  '500-html': { both: { status: 502, outcome: 'upstream_server_error', attempts: 2, next: true } },
  '500-once': { both: { ...GOOD, attempts: 2 } },
  'reset-once': { both: { ...GOOD, attempts: 2 } },
  'bad-request': { both: { status: 400, outcome: 'upstream_rejected', next: false, message: /temperature must be below 2/, param: 'temperature' } },
  'content-filter': { both: { status: 400, outcome: 'content_filtered', next: false, message: /refused by the content policy/ } },
  overflow: { both: { status: 400, outcome: 'context_overflow', next: true, message: /maximum context length is 100 tokens/ } },
  unauthorized: { both: { status: 502, outcome: 'upstream_auth', next: true } },
  'garbage-json': { whole: MALFORMED, stream: { status: 502, outcome: /^upstream_(malformed|truncated)$/, next: true } },
  'html-200': { both: MALFORMED },
  'wrong-shape': { both: MALFORMED },
  'length-too-long': { whole: TRUNCATED },
  'length-too-short': { whole: MALFORMED },
  'one-line': { both: MALFORMED },
  'headers-then-nothing': { both: TIMEOUT },
  'reset-mid-body': { whole: TRUNCATED, stream: MID_STREAM('upstream_truncated') },
  trickle: { both: GOOD },
  'split-utf8': { both: { ...GOOD, text: 'Käse, 東京, 🌊!' } },
  'role-then-nothing': { stream: TIMEOUT },
  'role-then-reset': { stream: { status: 502, outcome: /^upstream_(truncated|reset)$/, next: true, maxAttempts: 2 } },
  'stall-mid-stream': { stream: MID_STREAM('upstream_timeout') },
  'truncated-event': { stream: MID_STREAM('upstream_malformed') },
  'ends-early': { stream: MID_STREAM('upstream_truncated') },
  'garbage-event': { stream: { ...GOOD, badEvents: 1 } },
  'error-event': { stream: { ...MID_STREAM(/^upstream_/), message: /the model crashed/ } },
  'error-event-first': { stream: { status: /^50/, outcome: /^upstream_/, next: true, message: /the model crashed/, maxAttempts: 2 } },
  'no-done': { stream: GOOD },
  'no-done-open': { stream: GOOD },
  'no-usage': { both: { ...GOOD, estimated: true } },
};

const matches = (actual, expected, what) =>
  expected instanceof RegExp ? assert.match(String(actual), expected, what) : assert.equal(actual, expected, what);

let near;
let far;
let weir;

const scope = suiteScope();
before(async () => {
  near = await StandIn.start(scope);
  far = await StandIn.start(scope);
  weir = await Weir.start(scope, { config: faultConfig(near, far) });
});

async function send(route, stream) {
  const body = ask(route, stream ? { stream: true, stream_options: { include_usage: true } } : {});
  const answer = stream ? await readStream(await weir.post('/v1/chat/completions', body)) : await weir.chat(body);
  assert.ok(answer.id, 'x-weir-request-id is on every answer');
  return { answer, entry: await weir.ledger(answer.id) };
}

function checkError(error, expected) {
  assert.equal(typeof error?.message, 'string');
  assert.equal(typeof error.type, 'string');
  assert.ok('code' in error && 'param' in error, 'the error has the fields of OpenAI errors');
  if (expected.message) assert.match(error.message, expected.message, "the upstream's own message is kept");
  if (expected.param) assert.equal(error.param, expected.param);
}

function checkGood(answer, expected, stream) {
  assert.equal(answer.status, 200, answer.text ?? answer.raw);
  const text = expected.text ?? SPOKEN;
  if (stream) {
    assert.equal(answer.text, text);
    assert.equal(answer.error, null);
    assert.ok(answer.done, 'ends with [DONE]');
    assert.equal(answer.finish, 'stop');
    assert.equal(answer.broken, null);
  } else {
    assert.equal(answer.json.choices[0].message.content, text);
  }
}

for (const [fault, cases] of Object.entries(EXPECTED)) {
  for (const kind of ['whole', 'stream']) {
    const expected = cases[kind] ?? cases.both;
    if (!expected) continue;
    const stream = kind === 'stream';

    test(`${fault}, ${kind} answer, no other candidate`, async () => {
      near.counts.delete(fault);
      const before = near.requestsFor(fault).length;
      const route = `${stream ? 'stream-' : ''}only-${fault}`;
      const { answer, entry } = await send(route, stream);
      const asked = near.requestsFor(fault).length - before;
      matches(entry.outcome, expected.outcome, JSON.stringify(entry));
      assert.equal(entry.attempts.length, asked, 'the ledger holds every attempt');
      if (expected.maxAttempts) assert.ok(asked <= expected.maxAttempts, `asked ${asked} times`);
      else assert.equal(asked, expected.attempts ?? 1, 'asked again only where it can help');
      assert.equal(entry.http_status, answer.status);
      assert.equal(entry.stream, stream);
      const last = entry.attempts.at(-1);
      if (expected.outcome === 'ok') {
        checkGood(answer, expected, stream);
        assert.equal(entry.model, `near/${route}`);
        assert.equal(answer.headers.get('x-weir-model'), `near/${route}`);
        assert.equal(last.outcome, 'ok');
        assert.equal(last.bad_events ?? 0, expected.badEvents ?? 0, 'malformed events are skipped and counted');
        assert.equal(entry.usage.estimated, Boolean(expected.estimated), 'usage that nobody reported is marked');
        assert.ok(entry.usage.output_tokens > 0);
        if (!expected.estimated) assert.equal(entry.usage.input_tokens, 20);
        return;
      }
      matches(last.outcome, expected.outcome);
      matches(answer.status, expected.status);
      if (last.outcome === 'upstream_timeout') {
        const waited = last.duration_us / 1000;
        assert.ok(waited >= 690 && waited < 5_000, `it was waited for as long as its limits say (0.7 to 0.9 s), not ${waited} ms`);
      }
      checkError(stream ? answer.error : answer.json?.error, expected);
      if (expected.retryAfter) assert.equal(Number(answer.headers.get('retry-after')), expected.retryAfter);
      if (expected.midStream) {
        assert.ok(SPOKEN.startsWith(answer.text) && answer.text, 'what came before the failure arrived');
        assert.ok(!answer.finish, 'a broken answer does not look finished');
        assert.equal(last.partial, true);
        assert.ok(entry.usage.output_tokens > 0, 'partial usage is recorded');
        assert.equal(entry.usage.estimated, true);
      } else {
        assert.equal(entry.model, null, 'no model answered');
        assert.equal(entry.cost_micro_usd, 0, 'a failed attempt is not billed as a completion');
        assert.doesNotMatch(answer.type ?? answer.headers.get('content-type'), /event-stream/, 'a clean error, not a stream');
      }
    });

    test(`${fault}, ${kind} answer, with another candidate`, async () => {
      near.counts.delete(fault);
      const asked = far.requests.length;
      const { answer, entry } = await send(`${stream ? 'stream-' : ''}${fault}`, stream);
      const calls = far.requests.length - asked;
      if (expected.outcome === 'ok' && !expected.first) {
        assert.equal(calls, 0);
        return checkGood(answer, expected, stream);
      }
      if (!expected.next && !expected.first) {
        assert.equal(calls, 0, 'nobody else is asked');
        matches(entry.outcome, expected.outcome);
        return checkError(stream ? answer.error : answer.json?.error, expected);
      }
      checkGood(answer, {}, stream);
      assert.equal(calls, 1);
      assert.equal(entry.outcome, 'ok');
      assert.equal(entry.model, 'far-ok');
      assert.equal(answer.headers.get('x-weir-model'), 'far-ok', 'the caller sees the model that answered');
      assert.equal(answer.headers.get('x-weir-zone'), 'cloud');
      assert.equal(Number(answer.headers.get('x-weir-attempts')), entry.attempts.length);
      matches(entry.attempts[0].outcome, expected.first ?? expected.outcome);
      assert.equal(entry.attempts.at(-1).model, 'far-ok');
      assert.equal(entry.usage.input_tokens, 20);
    });
  }
}

describe('a port that nobody listens on', () => {
  test('falls back, and is an error of its own without another candidate', async (t) => {
    const closed = { url: `http://127.0.0.1:${await freePort()}/v1` };
    const other = await Weir.start(t, { config: faultConfig(closed, far) });
    const alone = await other.chat(ask('only-ok'));
    assert.equal(alone.status, 502);
    assert.equal((await other.ledger(alone.id)).outcome, 'upstream_unreachable');
    const fallback = await other.chat(ask('ok'));
    assert.equal(fallback.status, 200);
    assert.equal(fallback.headers.get('x-weir-model'), 'far-ok');
    const entry = await other.ledger(fallback.id);
    assert.deepEqual(entry.attempts.map(({ outcome }) => outcome), ['upstream_unreachable', 'ok']);
  });
});

test('a line of 100 MB does not end up in memory', async () => {
  await send('only-one-line', true);
  assert.ok(weir.memoryMb() < 150, `${weir.memoryMb()} MB`);
});

test('weir still serves after every fault, and nothing it sent was no HTTP', async () => {
  const { answer } = await send('ok', false);
  assert.equal(answer.status, 200);
  assert.deepEqual([...near.failures, ...far.failures], []);
});

test('weir usage sums what was answered, and by whom', async () => {
  const { code, stdout, stderr } = await cliAsync(['usage', '--since', '1h', '--by', 'model', '--json', '--data', weir.data]);
  assert.equal(code, 0, stderr);
  const { rows, total } = JSON.parse(stdout);
  const of = (group) => rows.find((row) => row.group === group);
  // Every answer of the good stand-in says the same usage: 20 tokens in and 12 out.
  const ok = of('near/only-ok');
  assert.ok(ok.requests > 0 && ok.errors === 0, JSON.stringify(ok));
  assert.equal(ok.input_tokens, 20 * ok.requests);
  assert.equal(ok.output_tokens, 12 * ok.requests);
  const far = of('far-ok');
  // $2.5 and $10 for a million: 50 and 120 micro-dollars an answer; parts of streams that others began cost besides.
  assert.ok(far.requests > 0 && far.cost_micro_usd >= 170 * far.requests, JSON.stringify(far));
  for (const field of ['requests', 'errors', 'input_tokens', 'output_tokens', 'cost_micro_usd']) {
    assert.equal(rows.reduce((sum, row) => sum + row[field], 0), total[field], field);
  }
});
