// Virtual keys: made, listed, revoked; which routes they may name, how much they may ask, how much they may spend, also
// when many requests race.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { ask, cloud, local, model } from './support/configs.mjs';
import { StandIn } from './support/fault_upstream.mjs';
import { Weir, cli, createKey, freePort, tempDir, until, suiteScope } from './support/process.mjs';

let near;
let far;
// Input $10 and output $100 for a million tokens: a stand-in's answer (20 and 12 tokens) costs 1,400 micro-dollars.
const COST_OF_ONE = 1_400;
const config = () => ({
  providers: [local('near', near), cloud('far', far)],
  models: [model('small', 'near', 'ok'), model('slow', 'far', 'slow-1-150', { prices: { input: 10, output: 100 } }), model('large', 'far', 'ok', { prices: { input: 10, cached: 10, output: 100 } })],
  routes: [{ name: 'assistant', rules: [{ use: ['small'] }] }, { name: 'paid', rules: [{ use: ['large'] }] }, { name: 'paid-slow', rules: [{ use: ['slow'] }] }],
});
const bearer = (key) => ({ headers: { authorization: `Bearer ${key.key}` } });

const scope = suiteScope();
before(async () => {
  near = await StandIn.start(scope);
  far = await StandIn.start(scope);
});

async function start(t, keys = {}) {
  const data = join(tempDir(t), 'data');
  const made = Object.fromEntries(Object.entries(keys).map(([name, options]) => [name, createKey(data, ['--name', name, ...options])]));
  return { weir: await Weir.start(t, { config: config(), data }), made, data };
}

describe('the life of a key', () => {
  test('without a key, with a wrong one, with a good one, with a revoked one', async (t) => {
    const { weir, made, data } = await start(t, { app: [] });
    for (const headers of [{}, { authorization: 'Bearer nonsense' }, { authorization: `Bearer ${made.app.key}x` }, { authorization: made.app.key.slice(0, -1) }]) {
      const answer = await weir.chat(ask('assistant'), { headers });
      assert.equal(answer.status, 401, JSON.stringify(headers));
      assert.equal(answer.json.error.type, 'authentication_error');
    }
    const answer = await weir.chat(ask('assistant'), bearer(made.app));
    assert.equal(answer.status, 200);
    const entry = await weir.ledger(answer.id, bearer(made.app));
    assert.equal(entry.caller, 'app');
    assert.equal(cli(['keys', 'revoke', 'app', '--data', data]).code, 0);
    await until(async () => (await weir.chat(ask('assistant'), bearer(made.app))).status === 401, { timeout: 3_000, what: 'the revocation to count' });
  });

  test('a key that is made while weir runs counts within a second', async (t) => {
    const { weir, data } = await start(t, { first: [] });
    const second = createKey(data, ['--name', 'second']);
    await until(async () => (await weir.chat(ask('assistant'), bearer(second))).status === 200, { timeout: 2_000 });
  });

  test('authentication comes before everything else', async (t) => {
    const { weir } = await start(t, { app: [] });
    const answer = await weir.chat('{"broken');
    assert.equal(answer.status, 401, 'the body is not looked at');
    assert.equal((await fetch(`${weir.url}/v1/models`)).status, 401);
    assert.equal((await fetch(`${weir.url}/healthz`)).status, 200, 'probes need no key');
  });

  test('the secret is shown once and stored nowhere', async (t) => {
    const { made, data } = await start(t, { app: [] });
    const list = cli(['keys', 'list', '--json', '--data', data]);
    assert.equal(list.code, 0);
    assert.match(list.stdout, /"app"/);
    assert.ok(!list.stdout.includes(made.app.key));
    for (const file of readdirSync(data)) {
      assert.ok(!readFileSync(join(data, file), 'latin1').includes(made.app.key), file);
    }
  });

  test('a key sees its own ledger entries, not those of others; an admin sees all', async (t) => {
    const { weir, made } = await start(t, { one: [], two: [], boss: ['--admin'] });
    const answer = await weir.chat(ask('assistant'), bearer(made.one));
    await weir.ledger(answer.id, bearer(made.one));
    assert.equal((await fetch(`${weir.url}/v1/requests/${answer.id}`, bearer(made.two))).status, 404);
    assert.equal((await fetch(`${weir.url}/v1/requests/${answer.id}`, bearer(made.boss))).status, 200);
  });

  test('the wrong commands say what is wrong', async (t) => {
    const data = join(tempDir(t), 'data');
    createKey(data, ['--name', 'app']);
    const twice = cli(['keys', 'create', '--name', 'app', '--data', data]);
    assert.notEqual(twice.code, 0);
    assert.match(twice.stderr, /app/);
    const missing = cli(['keys', 'revoke', 'ap', '--data', data]);
    assert.notEqual(missing.code, 0);
    assert.match(missing.stderr, /app/);
  });
});

describe('limits of a key', () => {
  test('allowed routes: only those, and only those are listed', async (t) => {
    const { weir, made } = await start(t, { app: ['--route', 'assistant'] });
    assert.equal((await weir.chat(ask('assistant'), bearer(made.app))).status, 200);
    for (const name of ['paid', 'large', 'small']) {
      const answer = await weir.chat(ask(name), bearer(made.app));
      assert.equal(answer.status, 403, `${name}: ${answer.text}`);
      assert.equal(answer.json.error.type, 'permission_error');
    }
    const list = await (await fetch(`${weir.url}/v1/models`, bearer(made.app))).json();
    assert.deepEqual(list.data.map(({ id }) => id), ['assistant']);
  });

  test('requests per minute', async (t) => {
    const { weir, made } = await start(t, { app: ['--rpm', '5'], other: [] });
    const answers = [];
    for (let i = 0; i < 12; i++) answers.push(await weir.chat(ask('assistant'), bearer(made.app)));
    const good = answers.filter(({ status }) => status === 200).length;
    assert.ok(good >= 5 && good <= 7, `${good} of 12 went through`);
    const refused = answers.find(({ status }) => status === 429);
    assert.equal(refused.json.error.type, 'rate_limit_error');
    assert.ok(Number(refused.headers.get('retry-after')) >= 1);
    assert.equal((await weir.chat(ask('assistant'), bearer(made.other))).status, 200, 'others are not held up');
    assert.equal((await weir.ledger(refused.id, bearer(made.app))).outcome, 'rate_limited');
  });

  test('tokens per minute', async (t) => {
    const { weir, made } = await start(t, { app: ['--tpm', '2000'] });
    const long = ask('assistant', { messages: [{ role: 'user', content: 'word '.repeat(300) }], max_tokens: 20 });
    const first = await weir.chat(long, bearer(made.app));
    assert.equal(first.status, 200, first.text);
    let refused;
    for (let i = 0; i < 100 && !refused; i++) {
      const answer = await weir.chat(long, bearer(made.app));
      if (answer.status !== 200) refused = answer;
    }
    assert.equal(refused?.status, 429);
    assert.match(refused.json.error.message, /token/i);
  });
});

describe('budgets', () => {
  const spent = (data) => {
    const result = cli(['usage', '--since', '1h', '--by', 'key', '--json', '--data', data]);
    assert.equal(result.code, 0, result.stderr);
    return JSON.parse(result.stdout);
  };
  const total = (report) => report.total.cost_micro_usd;

  test('fifty racing requests never spend more than the budget', async (t) => {
    // Room for about seven answers of what they really cost; each reserves more than that.
    const { weir, made, data } = await start(t, { app: ['--budget-day', '0.01'] });
    const body = ask('paid-slow', { max_tokens: 12 });
    const answers = await Promise.all(Array.from({ length: 50 }, () => weir.chat(body, bearer(made.app))));
    const good = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status === 429);
    assert.equal(good.length + refused.length, 50);
    assert.ok(good.length >= 1, refused[0]?.text);
    assert.ok(good.length * COST_OF_ONE <= 10_000, `${good.length} answers cost more than the budget`);
    assert.equal(refused[0].json.error.type, 'insufficient_quota');
    assert.match(refused[0].json.error.message, /budget/i);
    await weir.ledger(answers.at(-1).id, bearer(made.app));
    await weir.stop();
    assert.ok(total(spent(data)) <= 10_000, JSON.stringify(spent(data)));
  });

  test('what was reserved and not used comes back', async (t) => {
    const { weir, made } = await start(t, { app: ['--budget-day', '0.01'] });
    let good = 0;
    for (let i = 0; i < 12; i++) {
      if ((await weir.chat(ask('paid', { max_tokens: 50 }), bearer(made.app))).status === 200) good++;
    }
    assert.ok(good >= 3 && good <= 7, `${good} answers of ${COST_OF_ONE} micro-dollars from a budget of 10,000`);
  });

  test('a restart forgets nothing that was spent', async (t) => {
    const { weir, made, data } = await start(t, { app: ['--budget-day', '0.01'] });
    for (let i = 0; i < 12; i++) await weir.chat(ask('paid', { max_tokens: 50 }), bearer(made.app));
    await weir.stop();
    const again = await Weir.start(t, { config: config(), data });
    const answer = await again.chat(ask('paid', { max_tokens: 50 }), bearer(made.app));
    assert.equal(answer.status, 429, answer.text);
  });

  test('local models are not paid from it', async (t) => {
    const { weir, made } = await start(t, { app: ['--budget-day', '0.000001'] });
    assert.equal((await weir.chat(ask('paid'), bearer(made.app))).status, 429);
    assert.equal((await weir.chat(ask('assistant'), bearer(made.app))).status, 200);
  });
});

describe('beyond loopback', () => {
  test('serving without keys is refused, unless told otherwise', async (t) => {
    const refused = await Weir.start(t, { config: config(), listen: `0.0.0.0:${await freePort()}`, wait: false });
    const { code } = await refused.ended;
    assert.notEqual(code, 0);
    assert.match(refused.output, /key/);
    const port = await freePort();
    const told = await Weir.start(t, { config: { ...config(), server: { allow_keyless: true } }, port, listen: `0.0.0.0:${port}` });
    assert.equal((await told.chat(ask('assistant'))).status, 200);
  });

  test('with a key it serves, and only those who have one', async (t) => {
    const data = join(tempDir(t), 'data');
    const key = createKey(data, ['--name', 'app']);
    const port = await freePort();
    const weir = await Weir.start(t, { config: config(), data, port, listen: `0.0.0.0:${port}` });
    const outside = Object.values(networkInterfaces()).flat().find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
    const send = (headers) => fetch(`http://${outside}:${port}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(ask('assistant')), headers });
    assert.equal((await send({})).status, 401);
    assert.equal((await send(bearer(key).headers)).status, 200);
    assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
    void weir;
  });
});
