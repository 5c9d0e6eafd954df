// SDKs of services that speak OpenAI's format, or nearly: Together's, Groq's and Mistral's, unmodified, in front of every provider's
// format.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';

import { BEHIND, PARAMETERS, RESULT, SAID, collect, gateway, load } from './support/sdk_gateway.mjs';
import { SPOKEN } from './support/standins/script.mjs';

const [together, groq, mistral] = await Promise.all(['together-ai', 'groq-sdk', '@mistralai/mistralai'].map(load));
const it = gateway();
const tools = [{ type: 'function', function: { name: 'get_level', description: 'The level of a river', parameters: PARAMETERS } }];
const user = (content) => [{ role: 'user', content }];
const clean = () => assert.deepEqual(it.complaints(), [], 'the provider would not have taken that');

// Both are made by the generator that made OpenAI's.
for (const [name, sdk, path] of [['together-ai 0.52', together, '/v1'], ['groq-sdk 1.6', groq, '']]) {
  describe(name, { skip: sdk.reason ?? false }, () => {
    const client = (apiKey = it.secret) => new sdk.default({ baseURL: it.url + path, apiKey, maxRetries: 0 });
    const ask = (model, content, more = {}) => client().chat.completions.create({ model, messages: typeof content === 'string' ? user(content) : content, ...more });
    afterEach(clean);

    for (const model of BEHIND) {
      test(`says, streams, calls the tools of ${model}`, async () => {
        const chunks = await collect(await ask(model, 'Hello', { stream: true }));
        assert.equal(chunks.map(({ choices }) => choices[0]?.delta?.content ?? '').join(''), SPOKEN);
        const { choices: [{ message, finish_reason: reason }] } = await ask(model, '[[tool]]', { tools });
        assert.equal(reason, 'tool_calls');
        const messages = [...user('[[tool]]'), message, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: RESULT }];
        assert.match((await ask(model, messages, { tools })).choices[0].message.content, SAID);
      });
    }

    test('embeds and lists', async () => {
      assert.equal((await client().embeddings.create({ model: 'embedder', input: 'a' })).data[0].embedding.length, 4);
      const listed = await client().models.list();
      assert.ok((listed.data ?? listed).some(({ id }) => id === 'bedrock'));
    });

    test('has its own errors for what goes wrong', async () => {
      await assert.rejects(client('none').chat.completions.create({ model: 'openai', messages: user('Hello') }), sdk.default.AuthenticationError);
      await assert.rejects(ask('nosuch', 'Hello'), sdk.default.NotFoundError);
      await assert.rejects(ask('gemini.rate', '[[fail rate]]'), sdk.default.RateLimitError);
    });
  });
}

describe('@mistralai/mistralai 2.7', { skip: mistral.reason ?? false }, () => {
  const client = (apiKey = it.secret) => new mistral.Mistral({ serverURL: it.url, apiKey, retryConfig: { strategy: 'none' } });
  afterEach(clean);

  for (const model of BEHIND) {
    test(`says, streams, calls the tools of ${model}`, async () => {
      assert.equal((await client().chat.complete({ model, messages: user('Hello') })).choices[0].message.content, SPOKEN);
      const chunks = await collect(await client().chat.stream({ model, messages: user('Hello') }));
      assert.equal(chunks.map(({ data }) => data.choices[0]?.delta?.content ?? '').join(''), SPOKEN);
      const { choices: [{ message, finishReason }] } = await client().chat.complete({ model, messages: user('[[tool]]'), tools });
      assert.equal(finishReason, 'tool_calls');
      const messages = [...user('[[tool]]'), { ...message, role: 'assistant' }, { role: 'tool', toolCallId: message.toolCalls[0].id, content: RESULT }];
      assert.match((await client().chat.complete({ model, messages, tools })).choices[0].message.content, SAID);
    });
  }

  // Its embeddings want an `id`, which OpenAI's answers do not have.
  test('its errors carry the status', async () => {
    const ask = (model, content, key) => client(key).chat.complete({ model, messages: user(content) });
    await assert.rejects(ask('openai', 'Hello', 'none'), (error) => error.statusCode === 401);
    await assert.rejects(ask('nosuch', 'Hello'), (error) => error.statusCode === 404);
    await assert.rejects(ask('gemini.rate', '[[fail rate]]'), (error) => error.statusCode === 429);
  });
});
