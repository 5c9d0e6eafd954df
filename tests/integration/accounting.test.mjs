// What is counted, reserved and stored holds for any numbers and names: of clients (choices, prompts, lengths, files, names)
// and of providers (usage that cannot be).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { ask, cloud, local, model } from './support/configs.mjs';
import { SPOKEN, StandIn } from './support/fault_upstream.mjs';
import { Weir, cli, createKey, suiteScope, tempDir, until } from './support/process.mjs';
import { readStream } from './support/sse.mjs';

let far;
const scope = suiteScope();
before(async () => {
  far = await StandIn.start(scope);
});

// $10 for a million tokens in, $100 out: the stand-in's answer (20 in, 12 out) costs 1,400 micro-dollars.
const PRICES = { input: 10, cached: 10, output: 100 };
const CONTEXT = 8_192;
const config = () => ({
  providers: [cloud('far', far), local('near', far, { id: 'near' })],
  models: [
    model('paid', 'far', 'ok', { prices: PRICES }),
    model('liar', 'far', 'liar', { prices: PRICES, context_length: CONTEXT }),
    model('local-liar', 'near', 'liar', { context_length: CONTEXT }),
  ],
  routes: [{ name: 'main', rules: [{ use: ['paid'] }] }],
});
const bearer = (key) => ({ headers: { authorization: `Bearer ${key.key}` } });

async function start(t, keys = {}) {
  const data = join(tempDir(t), 'data');
  const made = Object.fromEntries(Object.entries(keys).map(([name, options]) => [name, createKey(data, ['--name', name, ...options])]));
  return { weir: await Weir.start(t, { config: config(), data }), made, data };
}

const usage = (data, ...more) => {
  const { code, stdout, stderr } = cli(['usage', '--since', '1h', '--json', '--data', data, ...more]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
};

describe('what a request may cost is reserved', () => {
  const BIG = 2 ** 62;
  const pdf = (bytes) => `data:application/pdf;base64,${Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(bytes, 7)]).toString('base64')}`;
  const part = (value) => ask('paid', { max_tokens: 1, messages: [{ role: 'user', content: [{ type: 'text', text: 'What is this?' }, value] }] });
  // Each costs at most some cents as it is understood wrongly, and more than the budget of a dollar as it is.
  const tooDear = {
    'a length at the end of its type': ask('paid', { max_tokens: Number.MAX_SAFE_INTEGER }),
    'a length times choices that wraps': JSON.stringify(ask('paid', { n: 4 })).replace('{', `{"max_tokens":${BIG.toLocaleString('fullwide', { useGrouping: false })},`),
    'many choices': ask('paid', { max_tokens: 100, n: 128 }),
    'many choices without a length': ask('paid', { n: 100 }),
    'a real number as length': JSON.stringify(ask('paid', {})).replace('{', '{"max_tokens":1e300,'),
    'a 3 MB file': part({ type: 'file', file: { filename: 'a.pdf', file_data: pdf(3_000_000) } }),
    'a long sound': part({ type: 'input_audio', input_audio: { format: 'wav', data: Buffer.concat([Buffer.from('RIFF'), Buffer.alloc(26_000_000)]).toString('base64').slice(0, 31_000_000) } }),
    'many files by reference': ask('paid', { max_tokens: 1, messages: [{ role: 'user', content: Array.from({ length: 30 }, () => ({ type: 'file', file: { file_id: 'file-abc' } })) }] }),
  };
  for (const [what, body] of Object.entries(tooDear)) {
    test(`${what}: refused, and nothing is sent`, async (t) => {
      const { weir, made } = await start(t, { app: ['--budget-day', what === 'a long sound' ? '0.2' : '1'] });
      far.forget();
      const answer = await weir.chat(body, bearer(made.app));
      assert.equal(answer.status, 429, answer.text);
      assert.equal(answer.json.error.type, 'insufficient_quota');
      assert.equal(far.requests.length, 0);
      assert.equal((await weir.chat(ask('paid', { max_tokens: 12 }), bearer(made.app))).status, 200, 'what fits goes on');
    });
  }

  for (const [what, more] of Object.entries({
    'a thousand prompts': { prompt: Array(1_000).fill('river'), max_tokens: 16 },
    'a thousand prompts as token ids': { prompt: Array(1_000).fill([1, 2, 3]), max_tokens: 16 },
    'the best of a hundred': { prompt: 'river', max_tokens: 200, best_of: 100 },
    'prompts without a length': { prompt: Array(10).fill('river') },
  })) {
    test(`${what}: refused, and nothing is sent`, async (t) => {
      const { weir, made } = await start(t, { app: ['--budget-day', '1'] });
      far.forget();
      const response = await weir.post('/v1/completions', { model: 'paid', ...more }, bearer(made.app));
      assert.equal(response.status, 429, await response.text());
      assert.equal(far.requests.length, 0);
      assert.equal((await weir.post('/v1/completions', { model: 'paid', prompt: 'river', max_tokens: 16 }, bearer(made.app))).status, 200);
    });
  }

  test('tokens per minute count choices and prompts too', async (t) => {
    const { weir, made } = await start(t, { app: ['--tpm', '5000'] });
    assert.equal((await weir.chat(ask('main', { n: 10 }), bearer(made.app))).status, 429);
    assert.equal((await weir.chat(ask('main', { n: 10, max_tokens: 600 }), bearer(made.app))).status, 429);
    assert.equal((await weir.post('/v1/completions', { model: 'paid', prompt: Array(10).fill('a'), max_tokens: 600 }, bearer(made.app))).status, 429);
    assert.equal((await weir.chat(ask('main', { n: 4, max_tokens: 600 }), bearer(made.app))).status, 200);
  });

  test('what cost more than was reserved is charged in full, and the next is stopped', async (t) => {
    const { weir, made, data } = await start(t, { app: ['--budget-month', '0.001'] });
    // Reserved: some 20 tokens in and 1 out, 300 micro-dollars; the stand-in says 20 and 12.
    const first = await weir.chat(ask('paid', { max_tokens: 1 }), bearer(made.app));
    assert.equal(first.status, 200, first.text);
    assert.equal((await weir.ledger(first.id, bearer(made.app))).cost_micro_usd, 1_400);
    const next = await weir.chat(ask('paid', { max_tokens: 1 }), bearer(made.app));
    assert.equal(next.status, 429);
    assert.match(next.json.error.message, /\$0\.001000 per month.*\$0\.001400 spent/);
    await weir.stop();
    assert.equal(usage(data, '--key', 'app').total.cost_micro_usd, 1_400);
    const again = await Weir.start(t, { config: config(), data });
    assert.equal((await again.chat(ask('paid', { max_tokens: 1 }), bearer(made.app))).status, 429, 'also after a restart');
  });
});

describe('usage that cannot be', () => {
  const MOST = CONTEXT * 2; // context, a quarter, and a margin
  const raw = (text) => text; // as it stands in the JSON
  const lies = {
    'the end of the type': [raw('9223372036854775807'), raw('9223372036854775807')],
    'beyond the type': [raw('18446744073709551615'), raw('1e300')],
    'beyond the context': [raw('500000'), raw('500000')],
    negative: [raw('-5'), raw('-9223372036854775808')],
    'fractional, in strings': [raw('"20.5"'), raw('"12.25"')],
    'beyond everything, in strings': [raw('"99999999999999999999999"'), raw('"1e999"')],
    'no numbers': [raw('"many"'), raw('[1]')],
  };
  const text = (input, output) => `{"prompt_tokens":${input},"completion_tokens":${output},"total_tokens":${input}}`;

  for (const [what, [input, output]] of Object.entries(lies)) {
    for (const stream of [false, true]) {
      test(`${what}, ${stream ? 'in a stream' : 'in a whole answer'}: cut, marked, and the ledger goes on`, async (t) => {
        const { weir, made, data } = await start(t, { app: ['--budget-day', '1000'] });
        far.scripts.set('liar', async (x) => {
          const lie = (value) => JSON.stringify(value).replace(/"usage":\{[^}]*\{[^}]*\}[^}]*\}/, `"usage":${text(input, output)}`);
          if (!stream) return x.json(200, lie(x.completion()));
          await x.begin(3);
          await x.event(x.finish());
          await x.event(lie(x.frame([], { usage: x.usage() })));
          await x.endStream();
        });
        for (const name of ['liar', 'local-liar']) {
          const response = await weir.post('/v1/chat/completions', ask(name, { stream }), bearer(made.app));
          assert.equal(response.status, 200);
          if (stream) await readStream(response);
          else assert.equal((await response.json()).choices[0].message.content, SPOKEN);
          const entry = await weir.ledger(response.headers.get('x-weir-request-id'), bearer(made.app));
          for (const counted of [entry.usage, entry.attempts[0].usage]) {
            // Where nothing of it is left to go by, it is estimated from the text, as if none had come.
            assert.ok(counted.implausible || counted.estimated, JSON.stringify(counted));
            for (const tokens of [counted.input_tokens, counted.output_tokens]) assert.ok(tokens >= 0 && tokens <= MOST, String(tokens));
          }
          assert.ok(entry.cost_micro_usd >= 0 && entry.cost_micro_usd <= MOST * 110);
        }
        assert.equal((await weir.chat(ask('paid', { max_tokens: 12 }), bearer(made.app))).status, 200);
        await weir.stop();
        const report = usage(data);
        assert.equal(report.total.requests, 3);
        assert.equal(report.total.implausible + report.total.estimated, 2);
        assert.match(cli(['usage', '--since', '1h', '--data', data]).stdout, /2 requests came with/);
      });
    }
  }

  test('what is unusual but can be is taken as it is', async (t) => {
    const { weir } = await start(t);
    for (const [input, output] of [[String(CONTEXT), String(CONTEXT)], ['"20"', '"12"'], ['20.0', '12.0']]) {
      far.scripts.set('liar', (x) => x.json(200, JSON.stringify(x.completion()).replace(/"usage":.*\}\}(,|\})/, `"usage":${text(input, output)}$1`)));
      const answer = await weir.chat(ask('liar'));
      const entry = await weir.ledger(answer.id);
      assert.equal(entry.usage.implausible, false, `${input} ${JSON.stringify(entry.usage)}`);
      assert.equal(entry.usage.output_tokens, Math.max(Number(String(output).replaceAll('"', ''))), `${output}`);
    }
  });

  test('weir usage survives any row', async (t) => {
    const { weir, data } = await start(t);
    for (let i = 0; i < 3; i++) await weir.ledger((await weir.chat(ask('main'))).id);
    await weir.stop();
    const columns = ['input', 'cached', 'output', 'reasoning', 'cost', 'baseline_cost', 'first_token_us', 'duration_us', 'first_attempt', 'attempts', 'time_us'];
    for (const value of ['9223372036854775807', '-9223372036854775807 - 1', '0']) {
      execFileSync('sqlite3', [join(data, 'weir.db'), `UPDATE request_rows SET ${columns.map((name) => `${name} = ${value}`).join(', ')}`]);
      for (const by of ['model', 'route', 'key', 'zone', 'day']) {
        assert.equal(usage(data, '--by', by).total.requests, 3, `${value} by ${by}`);
        assert.equal(cli(['usage', '--since', '1h', '--by', by, '--data', data]).code, 0);
      }
    }
  });
});

describe("a client's own words", () => {
  const size = (data) => readdirSync(data).reduce((sum, file) => sum + statSync(join(data, file)).size, 0);
  const stored = (data) => readdirSync(data).map((file) => readFileSync(join(data, file), 'latin1')).join('\n');

  test('a name of 20 MB is refused with its beginning, and the ledger stays small', async (t) => {
    const { weir, data, made } = await start(t, { app: [], narrow: ['--route', 'main'] });
    const before = size(data);
    for (const key of [made.app, made.narrow]) {
      const answer = await weir.chat(ask('x'.repeat(20 * 1024 * 1024)), bearer(key));
      assert.equal(answer.status, key === made.app ? 404 : 403);
      assert.ok(answer.text.length < 2_000, `an answer of ${answer.text.length} bytes`);
      assert.match(answer.json.error.message, /x{20}.*20971520 bytes/);
      const entry = await weir.ledger(answer.id, bearer(key));
      assert.ok(entry.requested.length < 300 && entry.requested.startsWith('xxxx') && entry.requested.endsWith('…'));
    }
    await weir.stop();
    assert.ok(size(data) - before < 300_000, `${size(data) - before} bytes`);
  });

  test('what a guard finds in them is not stored', async (t) => {
    const { weir, data, made } = await start(t, { app: [] });
    const values = ['jane.doe@firm.example', '4111111111111111', 'DE89370400440532013000'];
    const ids = [];
    for (const value of values) {
      ids.push((await weir.chat(ask(`model for ${value}`), bearer(made.app))).id);
      ids.push((await weir.chat(ask('main'), { headers: { ...bearer(made.app).headers, 'x-weir-tags': `team:a,user:${value}` } })).id);
      ids.push((await weir.chat(ask(`${'y'.repeat(245)} ${value}`), bearer(made.app))).id);
    }
    const entries = [];
    for (const id of ids) entries.push(await weir.ledger(id, bearer(made.app)));
    assert.match(entries[0].requested, /^model for \[.*personal.*\]$/);
    assert.equal(entries[1].tags[0], 'team:a');
    assert.match(entries[1].tags[1], /^user:\[.*personal/);
    await weir.stop();
    const text = stored(data);
    for (const value of values) assert.ok(!text.includes(value) && !text.includes(value.slice(0, 10)), value);
  });
});

describe('keys from end to end', () => {
  test('every path but the probes needs one, in either header', async (t) => {
    const { weir, made } = await start(t, { app: [] });
    for (const path of ['/v1/models', '/v1/models/paid', '/v1/models/nothing', '/v1/requests/req_00000000000000000000000000']) {
      assert.equal((await fetch(weir.url + path)).status, 401, path);
      assert.notEqual((await fetch(weir.url + path, { headers: { 'x-api-key': made.app.key } })).status, 401, path);
      assert.notEqual((await fetch(weir.url + path, bearer(made.app))).status, 401, path);
    }
    assert.equal((await weir.chat(ask('main'), { headers: { 'x-api-key': made.app.key } })).status, 200);
    assert.equal((await weir.chat(ask('main'), { headers: { 'x-api-key': `${made.app.key}x` } })).status, 401);
  });

  test('usage of one key, by its name and by its id; two of one name are told apart by their ids', async (t) => {
    const { weir, made, data } = await start(t, { app: [], other: [] });
    for (const key of [made.app, made.app, made.other]) await weir.ledger((await weir.chat(ask('main'), bearer(key))).id, bearer(key));
    assert.equal(cli(['keys', 'revoke', 'app', '--data', data]).code, 0);
    const second = createKey(data, ['--name', 'app']);
    const third = await until(async () => {
      const answer = await weir.chat(ask('main'), bearer(second));
      return answer.status === 200 && answer;
    });
    await weir.ledger(third.id, bearer(second));
    assert.equal(usage(data, '--key', 'app').total.requests, 3);
    assert.equal(usage(data, '--key', made.app.id).total.requests, 2);
    assert.equal(usage(data, '--key', second.id).total.requests, 1);
    assert.equal(usage(data, '--key', 'other').total.requests, 1);
    assert.equal(usage(data, '--key', 'nobody').total.requests, 0);
    assert.deepEqual(usage(data, '--by', 'key').rows.map(({ group, requests }) => `${group} ${requests}`).sort(), ['app 1', 'app 2', 'other 1']);
  });

  test('a budget a month is kept beside one a day, and the smaller one counts', async (t) => {
    const { weir, made } = await start(t, { month: ['--budget-day', '5', '--budget-month', '0.002'], day: ['--budget-day', '0.002', '--budget-month', '5'] });
    for (const [name, period] of [['month', 'month'], ['day', 'day']]) {
      const body = ask('paid', { max_tokens: 12 });
      assert.equal((await weir.chat(body, bearer(made[name]))).status, 200);
      const refused = await weir.chat(body, bearer(made[name]));
      assert.equal(refused.status, 429);
      assert.match(refused.json.error.message, new RegExp(`per ${period} `));
      const seconds = Number(refused.headers.get('retry-after'));
      const now = new Date();
      const end = period === 'day' ? Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1) : Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1);
      assert.ok(Math.abs(seconds - (end - now) / 1000) < 10, `${seconds} s until ${new Date(end).toISOString()}`);
    }
  });
});
