// The choice of models, with real processes: several keys of a provider, aliases and wildcards, prompts that are too long,
// parameters of what goes out.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { ask, model } from './support/configs.mjs';
import { Weir, cliAsync, createKey, suiteScope, tempDir, until } from './support/process.mjs';

const scope = suiteScope();

// A provider of OpenAI's format that answers by the key and the model that it is asked with.
class Provider {
  asked = [];
  limited = new Set();
  refused = new Set();

  static async start() {
    const provider = new Provider();
    provider.server = http.createServer(async (request, response) => {
      let text = '';
      for await (const piece of request) text += piece;
      provider.answer(request, text, (status, body, headers = {}) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
      });
    });
    await new Promise((done) => provider.server.listen(0, '127.0.0.1', done));
    scope.after(() => provider.server.close());
    provider.url = `http://127.0.0.1:${provider.server.address().port}/v1`;
    return provider;
  }

  answer(request, text, send) {
    const key = (request.headers.authorization ?? '').replace('Bearer ', '');
    if (request.method === 'GET') return send(200, { object: 'list', data: [] });
    const body = JSON.parse(text);
    this.asked.push({ key, text, body });
    if (this.limited.has(key)) return send(429, { error: { message: 'slow down' } }, { 'retry-after': '30' });
    if (this.refused.has(key)) return send(401, { error: { message: `Incorrect API key provided: ${key}`, code: 'invalid_api_key' } });
    if (body.model.startsWith('short')) {
      return send(400, { error: { message: "This model's maximum context length is 8192 tokens.", code: 'context_length_exceeded' } });
    }
    return send(200, {
      id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: body.model,
      choices: [{ index: 0, message: { role: 'assistant', content: `from ${body.model}` }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
    });
  }

  keys() {
    return this.asked.map(({ key }) => key);
  }
  forget() {
    this.asked = [];
  }
}

let provider;
let weir;
const data = tempDir(scope);
let config;

before(async () => {
  provider = await Provider.start();
  const prices = { input: 1, output: 2 };
  config = {
    providers: [
      { id: 'shared', kind: 'openai_compatible', url: provider.url, zone: 'cloud',
        api_keys: [{ key: '${KEY_A}', weight: 3 }, { key: '${KEY_B}' }] },
      { id: 'many', kind: 'openai', url: provider.url, api_key: '${KEY_C}' },
      { id: 'laptop', kind: 'ollama', url: provider.url.replace('/v1', ''), health_check: false },
    ],
    models: [
      model('m', 'shared', 'm', { prices, aliases: ['fast', 'gpt-4o-mini'] }),
      { provider: 'many', name: '*' },
      { provider: 'laptop', name: '*' },
      model('short-1', 'shared', 'short-1', { prices, context_length: 8192 }),
      model('short-2', 'shared', 'short-2', { prices, context_length: 8192 }),
      model('big', 'shared', 'big', { prices, context_length: 200_000 }),
      model('tuned', 'shared', 'tuned', {
        prices,
        parameters: { drop: ['seed', 'logit_bias'], rename: { max_tokens: 'limit' }, clamp: { temperature: [0, 1] }, default: { top_p: 0.5 }, set: { store: false } },
      }),
    ],
    routes: [
      { name: 'long', rules: [{ when: { sensitive: 'any' }, zones: ['local'] }, { use: ['short-1', 'short-2'] }], larger_context: ['big'] },
      { name: 'narrow', rules: [{ use: ['short-1'] }] },
    ],
  };
  weir = await Weir.start(scope, { config, data, env: { KEY_A: 'sk-key-aaaa', KEY_B: 'sk-key-bbbb', KEY_C: 'sk-key-cccc' } });
});

const post = (name, more = {}, headers = {}) => weir.post('/v1/chat/completions', ask(name, more), { headers });

test('requests are spread over the keys by weight', async () => {
  provider.forget();
  for (let i = 0; i < 8; ++i) assert.equal((await post('m')).status, 200);
  assert.equal(provider.keys().filter((key) => key === 'sk-key-aaaa').length, 6);
  assert.equal(provider.keys().filter((key) => key === 'sk-key-bbbb').length, 2);
});

test('a limited key rests, and nobody notices', async () => {
  provider.forget();
  provider.limited.add('sk-key-aaaa');
  for (let i = 0; i < 5; ++i) assert.equal((await post('m')).status, 200);
  assert.equal(provider.keys().filter((key) => key === 'sk-key-aaaa').length, 1, 'once');
  const metrics = await (await fetch(`${weir.url}/metrics`)).text();
  assert.match(metrics, /weir_credentials_resting\{provider="shared"\} 1\n/);
  provider.limited.clear();
});

test('aliases are listed, and answered by their model', async () => {
  const answer = await post('fast');
  assert.equal(answer.headers.get('x-weir-model'), 'm');
  const { data: listed } = await (await fetch(`${weir.url}/v1/models`)).json();
  const ids = listed.map(({ id }) => id);
  for (const id of ['m', 'fast', 'gpt-4o-mini']) assert.ok(ids.includes(id), id);
  assert.ok(!ids.some((id) => id.includes('*')), 'nothing is invented');
  assert.equal((await (await fetch(`${weir.url}/v1/models/fast`)).json()).alias_of, 'm');
});

test('a wildcard opens all models of its provider, priced by the catalog', async () => {
  provider.forget();
  const known = await post('many/gpt-4o-mini');
  assert.equal(known.headers.get('x-weir-model'), 'many/gpt-4o-mini');
  assert.equal(provider.asked[0].body.model, 'gpt-4o-mini');
  assert.equal(provider.asked[0].key, 'sk-key-cccc');
  const entry = await weir.ledger(known.headers.get('x-weir-request-id'));
  assert.equal(entry.model, 'many/gpt-4o-mini');
  assert.ok(entry.cost_micro_usd > 0, JSON.stringify(entry));
  const unknown = await post('many/nobody-knows-it');
  assert.equal(unknown.status, 200);
  assert.equal((await post('many/../x')).status, 404);
  assert.equal((await post('many/*')).status, 404);
});

test('a wildcard is no way around the zones', async () => {
  provider.forget();
  const secret = { messages: [{ role: 'user', content: 'Write to jane.doe@example.com' }] };
  for (const name of ['many/gpt-4o', 'laptop/gpt-oss:120b-cloud']) {
    const answer = await post(name, secret);
    assert.equal(answer.status, 400, name);
    assert.match(await answer.text(), /zone|may go only to local/);
  }
  assert.deepEqual(provider.asked, []);
});

test('a prompt that is too long goes to the larger context, once', async () => {
  provider.forget();
  const answer = await post('long');
  assert.equal(answer.headers.get('x-weir-model'), 'big');
  assert.deepEqual(provider.asked.map(({ body }) => body.model), ['short-1', 'big']);
  const refused = await post('narrow');
  assert.equal(refused.status, 400);
  const { error } = await refused.json();
  assert.match(error.message, /largest context here is 8192 \(`short-1`\)/);
  assert.match(error.message, /`big` \(200000\) to `larger_context` of route `narrow`/);
});

test('parameters change what they name, and say so', async () => {
  provider.forget();
  const answer = await post('tuned', { seed: 1, temperature: 1.5, max_tokens: 50 });
  const { body } = provider.asked[0];
  assert.deepEqual({ ...body, messages: undefined },
    { model: 'tuned', messages: undefined, temperature: 1, limit: 50, top_p: 0.5, store: false });
  assert.equal(answer.headers.get('x-weir-left-out'), 'seed, temperature (clamped to 1)');
});

test('check and explain show it all, and no key', async () => {
  const file = join(tempDir(scope), 'weir.yaml');
  writeFileSync(file, JSON.stringify(config));
  const env = { KEY_A: 'sk-key-aaaa', KEY_B: 'sk-key-bbbb', KEY_C: 'sk-key-cccc' };
  const checked = await cliAsync(['check', '--offline', '--config', file], { env });
  assert.equal(checked.code, 0, checked.stderr);
  assert.match(checked.stdout, /shared has 2 keys, of weight 3, 1/);
  assert.match(checked.stdout, /many\/\* stands for every model of that pattern/);
  assert.match(checked.stdout, /m is also called fast, gpt-4o-mini/);
  assert.doesNotMatch(checked.stdout + checked.stderr, /sk-key/);
});

// Last: from then on nobody is served without a key.
test('a key may be limited to a wildcard', async () => {
  const { key } = createKey(data, ['--name', 'team', '--routes', 'many/*']);
  const own = { authorization: `Bearer ${key}` };
  await until(async () => (await post('many/gpt-4o')).status === 401, { what: 'the key' });
  assert.equal((await post('many/gpt-4o', {}, own)).status, 200);
  assert.equal((await post('m', {}, own)).status, 403);
  const { data: listed } = await (await fetch(`${weir.url}/v1/models`, { headers: own })).json();
  assert.deepEqual(listed, []);
});
