// Cohere's SDK, unmodified, in front of every provider's format.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';

import { BEHIND, PARAMETERS, RESULT, SAID, collect, gateway, load } from './support/sdk_gateway.mjs';
import { SPOKEN } from './support/standins/script.mjs';

const sdk = await load('cohere-ai');
const it = gateway();
const tools = [{ type: 'function', function: { name: 'get_level', description: 'The level of a river', parameters: PARAMETERS } }];

describe('cohere-ai 8.1', { skip: sdk.reason ?? false }, () => {
  const client = (token = it.secret) => new sdk.CohereClientV2({ environment: it.url, token, maxRetries: 0 });
  const user = (content) => [{ role: 'user', content }];
  afterEach(() => assert.deepEqual(it.complaints(), [], 'the provider would not have taken that'));

  for (const model of BEHIND) {
    test(`says, streams, calls the tools of ${model}`, async () => {
      const { message, finishReason } = await client().chat({ model, messages: user('Hello') });
      assert.deepEqual([message.content[0].text, finishReason], [SPOKEN, 'COMPLETE']);
      const events = await collect(await client().chatStream({ model, messages: user('Hello') }));
      assert.equal(events.map(({ delta }) => delta?.message?.content?.text ?? '').join(''), SPOKEN);
      const messages = user('[[tool]]');
      const called = await client().chat({ model, messages, tools });
      assert.equal(called.finishReason, 'TOOL_CALL');
      messages.push({ role: 'assistant', toolCalls: called.message.toolCalls, toolPlan: called.message.toolPlan }, { role: 'tool', toolCallId: called.message.toolCalls[0].id, content: RESULT });
      assert.match((await client().chat({ model, messages, tools })).message.content[0].text, SAID);
      const streamed = await collect(await client().chatStream({ model, messages: user('[[tool]]'), tools }));
      const args = streamed.filter(({ type }) => type === 'tool-call-delta').map(({ delta }) => delta.message.toolCalls.function.arguments).join('');
      assert.deepEqual(JSON.parse(args).gauge, { at: [1, 2.5, null, true] });
    });
  }

  test('embeds and ranks', async () => {
    for (const model of ['embedder', 'embedder.cohere']) {
      const { embeddings } = await client().embed({ model, texts: ['a', 'bc'], inputType: 'search_document', embeddingTypes: ['float'] });
      assert.deepEqual(embeddings.float[1], [0.25, -0.5, 1, 2], model);
    }
    const { results } = await client().rerank({ model: 'ranker', query: 'river level', documents: ['a city', 'the river level'], topN: 1 });
    assert.deepEqual(results.map(({ index }) => index), [1]);
  });

  test('has its own errors for what goes wrong', async () => {
    const { UnauthorizedError, NotFoundError, TooManyRequestsError, BadRequestError } = sdk.Cohere;
    await assert.rejects(client('none').chat({ model: 'cohere', messages: user('Hello') }), UnauthorizedError);
    await assert.rejects(client().chat({ model: 'nosuch', messages: user('Hello') }), NotFoundError);
    await assert.rejects(client().chat({ model: 'cohere', messages: [] }), BadRequestError);
    for (const model of ['cohere', 'anthropic']) {
      await assert.rejects(client().chat({ model: `${model}.rate`, messages: user('[[fail rate]]') }), TooManyRequestsError, model);
      await assert.rejects(client().chat({ model: `${model}.broken`, messages: user('[[fail broken]]') }), (error) => error.statusCode >= 500, model);
      const events = await collect(await client().chatStream({ model: `${model}.middle`, messages: user('[[breaks error]]') }));
      assert.equal(events.at(-1).delta.finishReason, 'ERROR', model);
    }
  });
});
