// SDKs of other formats, unmodified, pointed at Weir: of what is not served in their format their own error classes tell their
// users; and AzureOpenAI with its deployments.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { AzureOpenAI, BadRequestError, NotFoundError } from 'openai';

import { ask, local, model } from './support/configs.mjs';
import { SPOKEN, StandIn } from './support/fault_upstream.mjs';
import { Weir, createKey, suiteScope, tempDir } from './support/process.mjs';

// A package that this version of node cannot load is a reason, not a failure.
const load = (name) => import(name).catch((error) => ({ reason: `${name} does not load here: ${error.message}` }));
const anthropic = await load('@anthropic-ai/sdk');
const google = await load('@google/genai');
const ollama = await load('ollama');

const config = {
  server: { drain: '1s' },
  providers: [],
  models: [model('gpt-4o', 'near', 'ok'), model('org/small', 'near', 'ok')],
  routes: [{ name: 'assistant', rules: [{ use: ['gpt-4o'] }] }],
};
const messages = ask('x').messages;

let weir;
let keyed;
let secret;
const scope = suiteScope();
before(async () => {
  const near = await StandIn.start(scope);
  config.providers = [local('near', near)];
  weir = await Weir.start(scope, { config });
  const data = tempDir(scope);
  secret = createKey(data, ['--name', 'app']).key;
  keyed = await Weir.start(scope, { config, data });
});

describe('Azure OpenAI, of the openai package', () => {
  const client = (more = {}) => new AzureOpenAI({ endpoint: weir.url, apiKey: 'none', apiVersion: '2024-10-21', maxRetries: 0, ...more });

  test('the model of a request is its deployment', async () => {
    const { data, response } = await client().chat.completions.create({ model: 'assistant', messages }).withResponse();
    assert.equal(data.choices[0].message.content, SPOKEN);
    assert.equal(response.headers.get('x-weir-model'), 'gpt-4o');
  });

  test('a deployment of the client counts, whatever the request says', async () => {
    for (const name of ['', 'gpt-35-turbo', 'assistant']) {
      const { response } = await client({ deployment: 'org/small' }).chat.completions.create({ model: name, messages }).withResponse();
      assert.equal(response.headers.get('x-weir-model'), 'org/small', name);
    }
  });

  test('streams, embeddings and the list of models', async () => {
    let text = '';
    for await (const chunk of await client().chat.completions.create({ model: 'gpt-4o', messages, stream: true })) text += chunk.choices[0]?.delta?.content ?? '';
    assert.equal(text, SPOKEN);
    const ids = [];
    for await (const one of client().models.list()) ids.push(one.id);
    assert.deepEqual(ids, ['assistant', 'gpt-4o', 'org/small']);
  });

  test('what a model does not serve is said, and an unknown deployment is named', async () => {
    await assert.rejects(client().images.generate({ model: 'gpt-4o', prompt: 'a weir' }), (error) => error instanceof BadRequestError && /does not serve images/.test(error.message));
    await assert.rejects(client().chat.completions.create({ model: 'nosuch', messages }), (error) => error instanceof NotFoundError && /nosuch/.test(error.message));
  });

  test('its api-key header is a key', async () => {
    const chat = (apiKey) => client({ endpoint: keyed.url, apiKey }).chat.completions.create({ model: 'gpt-4o', messages });
    assert.equal((await chat(secret)).choices[0].message.content, SPOKEN);
    await assert.rejects(chat('none'), (error) => error.status === 401);
  });
});

// What of a format is served is held by sdk_*.test.mjs; what is not says so in that format's own shape.
describe("Anthropic's", { skip: anthropic.reason ?? false }, () => {
  const client = (more = {}) => new anthropic.default({ baseURL: weir.url, apiKey: 'none', maxRetries: 0, ...more });

  test('its NotFoundError says that batches are not served', async () => {
    await assert.rejects(client().messages.batches.list(), (error) => {
      assert.ok(error instanceof anthropic.default.NotFoundError, error.constructor.name);
      assert.equal(error.error.error.type, 'not_found_error');
      assert.match(error.error.error.message, /Weir does not serve Anthropic's/);
      return true;
    });
  });

  test('without a good key its AuthenticationError says so', async () => {
    const ask = (more) => client({ baseURL: keyed.url, ...more }).messages.create({ model: 'assistant', max_tokens: 10, messages });
    await assert.rejects(ask(), (error) => error instanceof anthropic.default.AuthenticationError && /wk-/.test(error.message));
    await assert.rejects(ask({ apiKey: null, authToken: 'none' }), (error) => error instanceof anthropic.default.AuthenticationError);
    assert.equal((await ask({ apiKey: secret })).content[0].text, SPOKEN);
  });
});

// What it can do here: gemini_sdk.test.mjs.
describe("Google's", { skip: google.reason ?? false }, () => {
  const client = (url = weir.url, apiKey = 'none') => new google.GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } });

  test('its ApiError says that caches are not served', async () => {
    await assert.rejects(client().caches.list(), (error) => {
      assert.equal(error.status, 404);
      const { error: inside } = JSON.parse(error.message);
      assert.equal(inside.status, 'NOT_FOUND');
      return /Weir does not serve/.test(inside.message);
    });
  });

  test('its x-goog-api-key header is a key', async () => {
    const call = (apiKey) => client(keyed.url, apiKey).models.generateContent({ model: 'assistant', contents: 'hi' });
    await assert.rejects(call('none'), (error) => error.status === 401 && JSON.parse(error.message).error.status === 'UNAUTHENTICATED');
    assert.equal((await call(secret)).text, SPOKEN);
  });
});

describe("Ollama's", { skip: ollama.reason ?? false }, () => {
  test('its ResponseError says that models are not made or fetched here', async () => {
    const client = new ollama.Ollama({ host: weir.url });
    for (const call of [() => client.pull({ model: 'assistant' }), () => client.delete({ model: 'assistant' })]) {
      await assert.rejects(call(), (error) => error.name === 'ResponseError' && error.status_code === 404 && /does not serve/.test(error.message));
    }
  });

  test('its command probes the address and is answered', async () => {
    assert.equal((await fetch(weir.url, { method: 'HEAD' })).status, 200);
    assert.equal((await fetch(`${weir.url}/api/version`)).status, 200);
  });
});
