// A local server is local only as long as its answers come from it: Ollama's cloud models and proxies.
import assert from 'node:assert/strict';
import http from 'node:http';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { PRIVATE, ask } from './support/configs.mjs';
import { StandIn } from './support/fault_upstream.mjs';
import { Child, Weir, tempDir, until, weirBinary } from './support/process.mjs';

const CLOUD = { remote_host: 'https://ollama.com:443', remote_model: 'gpt-oss:120b' };

// Ollama's API, as far as it is asked here. `models`: name → what its list and its answers say beside the usual.
async function ollama(scope, models, { version = '0.12.3' } = {}) {
  const asked = [];
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
      const json = (value, status = 200) => response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(value)}\n`);
      if (request.url === '/api/tags') {
        return json({ models: Object.entries(models).map(([name, { list = {} }]) => ({ name, model: name, ...list })) });
      }
      if (request.url === '/api/version') return version ? json({ version }) : json({ error: 'not found' }, 404);
      if (request.url === '/api/show') return json({ error: 'an older version' }, 404);
      const body = JSON.parse(Buffer.concat(chunks));
      asked.push(body.model);
      const answer = { model: body.model, created_at: '2026-11-01T10:00:00.123456789Z', ...(models[body.model]?.answer ?? {}) };
      const message = { role: 'assistant', content: 'calm' };
      if (!body.stream) return json({ ...answer, message, done: true, done_reason: 'stop', prompt_eval_count: 5, eval_count: 1 });
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.write(`${JSON.stringify({ ...answer, message, done: false })}\n`);
      response.end(`${JSON.stringify({ ...answer, message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop', prompt_eval_count: 5, eval_count: 1 })}\n`);
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  scope.after(() => new Promise((done) => { server.closeAllConnections(); server.close(done); }));
  return { url: `http://127.0.0.1:${server.address().port}`, asked };
}

const config = (server, names) => ({
  providers: [{ id: 'box', kind: 'ollama', url: server.url, zone: 'local', health_check: false }],
  models: names.map((name, i) => ({ id: `m${i}`, provider: 'box', name })),
  routes: names.map((name, i) => ({ name: `private${i}`, rules: [{ zones: ['local'] }, { use: [`m${i}`] }] }))
    .concat([{ name: 'guarded', rules: [{ when: { sensitive: 'any' }, zones: ['local'] }, { use: names.map((_, i) => `m${i}`) }] }]),
});
const secret = (model, more = {}) => ask(model, { messages: [{ role: 'user', content: PRIVATE }], ...more });

// `weir check`, beside which the servers of this process must be able to answer.
const check = async (scope, value, { args = [], mode = 0o600 } = {}) => {
  const file = join(tempDir(scope), 'weir.yaml');
  writeFileSync(file, JSON.stringify(value));
  chmodSync(file, mode);
  const run = new Child(scope, weirBinary, ['check', '--config', file, '--data', join(tempDir(scope), 'none'), ...args], { env: { NO_COLOR: '1' } });
  return { code: (await run.ended).code, text: run.output };
};

describe("Ollama's cloud models", () => {
  test('are in the cloud by their name, wherever they are listed', async (t) => {
    const names = ['gpt-oss:120b-cloud', 'kimi-k2:cloud', 'some-cloud'];
    const server = await ollama(t, Object.fromEntries(names.map((name) => [name, {}])));
    const weir = await Weir.start(t, { config: config(server, names) });
    for (const i of names.keys()) {
      for (const model of [`private${i}`, `m${i}`]) {
        const answer = await weir.chat(secret(model));
        assert.equal(answer.status, 400, `${names[i]}: ${answer.text}`);
        assert.equal(answer.json.error.code, 'zone_refused');
      }
    }
    assert.deepEqual(server.asked, []);
    const { data } = await (await fetch(`${weir.url}/v1/models`)).json();
    for (const { kind, zone } of data) if (kind === 'model') assert.equal(zone, 'cloud');
    const said = await check(t, config(server, names));
    assert.equal(said.code, 0, said.text);
    for (const i of names.keys()) assert.match(said.text, new RegExp(`warning: .m${i}. is one of Ollama's cloud models`));
  });

  test('are in the cloud by what the list says, whatever their name', async (t) => {
    const server = await ollama(t, { copied: { list: CLOUD }, honest: {} });
    const weir = await Weir.start(t, { config: config(server, ['copied', 'honest']) });
    assert.match(weir.output, /passes copied on/);
    assert.equal((await weir.chat(secret('private0'))).status, 400);
    assert.deepEqual(server.asked, []);
    const kept = await weir.chat(secret('guarded'));
    assert.equal(kept.status, 200, kept.text);
    assert.equal(kept.headers.get('x-weir-model'), 'm1');
    assert.equal(kept.headers.get('x-weir-zone'), 'local');
  });

  for (const stream of [false, true]) {
    test(`are in the cloud from the answer on that says so${stream ? ', streamed' : ''}`, async (t) => {
      const server = await ollama(t, { sly: { answer: CLOUD } });
      const weir = await Weir.start(t, { config: config(server, ['sly']) });
      const first = await weir.post('/v1/chat/completions', ask('private0', { stream }));
      await first.text();
      assert.equal(first.status, 200);
      const id = first.headers.get('x-weir-request-id');
      const entry = await weir.ledger(id);
      assert.equal(entry.zone, 'cloud', 'it is recorded where the answer came from');
      await until(() => /passes a model on/.test(weir.output), { what: 'the log to say so' });
      const before = server.asked.length;
      assert.equal((await weir.chat(secret('private0', { stream }))).status, 400);
      assert.equal(server.asked.length, before);
    });
  }
});

describe('proxies', () => {
  const proxy = async (scope, owner) => {
    const server = http.createServer((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ object: 'list', data: [{ id: 'some-model', object: 'model', created: 1, owned_by: owner }] }));
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    scope.after(() => new Promise((done) => { server.closeAllConnections(); server.close(done); }));
    return `http://127.0.0.1:${server.address().port}`;
  };
  const proxied = (url, zone) => ({
    providers: [{ id: 'lite', kind: 'vllm', url, health_check: false, ...zone }],
    models: [{ id: 'a', provider: 'lite', name: 'some-model' }],
    routes: [{ name: 'private', rules: [{ zones: ['local'] }, { use: ['a'] }] }],
  });

  for (const owner of ['openai', 'Anthropic', 'azure_ai', 'google', 'bedrock']) {
    test(`a server with models of ${owner} is local only where that is written, and then there is a warning`, async (t) => {
      const url = await proxy(t, owner);
      const silent = await Weir.start(t, { config: proxied(url, {}) });
      assert.match(silent.output, /counts as cloud/);
      assert.equal((await silent.chat(ask('private'))).status, 400);
      const said = await Weir.start(t, { config: proxied(url, { zone: 'local' }) });
      assert.match(said.output, /is said to be local, but/);
      assert.match(said.output, /zone: cloud/);
    });
  }

  test('a server of our own is left alone', async (t) => {
    const near = await StandIn.start(t, { models: ['some-model'] });
    const weir = await Weir.start(t, { config: proxied(near.url, {}) });
    assert.doesNotMatch(weir.output, /cloud/);
  });
});

describe('weir check warns of what may leave', () => {
  const guard = { when: { sensitive: 'any' }, zones: ['local'] };
  const base = (more = {}) => ({
    providers: [{ id: 'far', kind: 'openai', url: 'http://127.0.0.1:9/v1', api_key: '' }, { id: 'near', kind: 'vllm', url: 'http://127.0.0.1:9', health_check: false }],
    models: [{ id: 'a', provider: 'far', name: 'x', prices: { input: 1, output: 1 } }, { id: 'b', provider: 'near', name: 'y' }],
    routes: [{ name: 'guarded', rules: [guard, { use: ['b', 'a'] }] }],
    ...more,
  });
  const cases = {
    'a route without a rule beside one with it': [base({ routes: [...base().routes, { name: 'open', rules: [{ use: ['a'] }] }] }), /route `open` has no rule on sensitive data/],
    'a guard that is off': [base({ guards: { off: ['email'] } }), /asks for personal, and the guard `email`, which finds that, is off/],
    'any origin without keys': [base({ server: { cors: ['*'] } }), /any web page/],
    'a file that others can read': [base(), /configuration can be read by other users/, 0o644],
    "a model of Ollama's cloud": [base({ models: [...base().models, { id: 'c', provider: 'near', name: 'gpt-oss:120b-cloud' }] }), /Ollama's cloud models/],
  };
  for (const [what, [value, expected, mode]] of Object.entries(cases)) {
    test(what, async (t) => {
      const said = await check(t, value, { mode });
      assert.match(said.text, expected);
      assert.match(said.text, /mend: /);
      assert.equal(said.code, 0, said.text);
      assert.equal((await check(t, value, { mode, args: ['--strict'] })).code, 3);
      const json = JSON.parse((await check(t, value, { mode, args: ['--json', '--offline'] })).text);
      assert.equal(json.good, true);
      assert.ok(json.problems.some(({ weight, message }) => weight === 'warning' && expected.test(message)), JSON.stringify(json));
    });
  }

  test('and of nothing where there is nothing', async (t) => {
    const said = await check(t, base(), { args: ['--strict'] });
    assert.equal(said.code, 0, said.text);
    assert.doesNotMatch(said.text, /warning/);
    const confined = base({ routes: [...base().routes, { name: 'private', rules: [{ zones: ['local'] }, { use: ['b'] }] }] });
    assert.doesNotMatch((await check(t, confined)).text, /warning/);
  });
});
