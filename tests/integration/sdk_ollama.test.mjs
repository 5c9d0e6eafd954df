// Ollama's SDK, unmodified, in front of every provider's format. It sends a key only where it is told to.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';

import { BEHIND, PARAMETERS, RESULT, SAID, collect, gateway, load } from './support/sdk_gateway.mjs';
import { SPOKEN } from './support/standins/script.mjs';

const sdk = await load('ollama');
const it = gateway();
const tools = [{ type: 'function', function: { name: 'get_level', description: 'The level of a river', parameters: PARAMETERS } }];

describe('ollama 0.6', { skip: sdk.reason ?? false }, () => {
  const client = (key = it.secret) => new sdk.Ollama({ host: it.url, headers: { authorization: `Bearer ${key}` } });
  const user = (content) => [{ role: 'user', content }];
  afterEach(() => assert.deepEqual(it.complaints(), [], 'the provider would not have taken that'));

  for (const model of BEHIND) {
    test(`says, streams, calls the tools of ${model}`, async () => {
      assert.equal((await client().chat({ model, messages: user('Hello') })).message.content, SPOKEN);
      const lines = await collect(await client().chat({ model, messages: user('Hello'), stream: true }));
      assert.equal(lines.map(({ message }) => message.content).join(''), SPOKEN);
      assert.deepEqual([lines.at(-1).done, lines.at(-1).done_reason, lines.at(-1).eval_count], [true, 'stop', 9]);
      const messages = user('[[tool]]');
      const { message } = await client().chat({ model, messages, tools });
      messages.push(message, { role: 'tool', content: RESULT, tool_name: message.tool_calls[0].function.name });
      assert.match((await client().chat({ model, messages, tools })).message.content, SAID);
    });
  }

  test('embeds, lists, shows', async () => {
    for (const model of ['embedder', 'embedder.ollama']) {
      assert.deepEqual((await client().embed({ model, input: ['a', 'bc'] })).embeddings[1], [0.25, -0.5, 1, 2], model);
    }
    assert.ok((await client().list()).models.some(({ name }) => name.replace(/:latest$/, '') === 'bedrock'));
    assert.ok(Array.isArray((await client().show({ model: 'bedrock' })).capabilities));
    assert.match((await client().version()).version, /^\d+\.\d+/);
  });

  test('its ResponseError says what goes wrong', async () => {
    const is = (status) => (error) => error.name === 'ResponseError' && error.status_code === status;
    await assert.rejects(client('none').chat({ model: 'ollama', messages: user('Hello') }), is(401));
    await assert.rejects(client().chat({ model: 'nosuch', messages: user('Hello') }), is(404));
    for (const model of ['ollama', 'anthropic']) {
      await assert.rejects(client().chat({ model: `${model}.rate`, messages: user('[[fail rate]]') }), is(429), model);
      await assert.rejects(async () => collect(await client().chat({ model: `${model}.middle`, messages: user('[[breaks error]]'), stream: true })), undefined, model);
    }
  });
});
