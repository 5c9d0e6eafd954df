// Google's SDK, unmodified, in front of every provider's format. Its newest asks under /v1, the one before under /v1beta.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';

import { BEHIND, PARAMETERS, RESULT, SAID, collect, gateway, load } from './support/sdk_gateway.mjs';
import { FULL_USAGE, SPOKEN } from './support/standins/script.mjs';

const versions = { 2.32: await load('@google/genai'), '3.3': await load('@google/genai-newest') };
const it = gateway();

for (const [version, sdk] of Object.entries(versions)) {
  describe(`@google/genai ${version}`, { skip: sdk.reason ?? false }, () => {
    const client = (apiKey = it.secret) => new sdk.GoogleGenAI({ apiKey, httpOptions: { baseUrl: it.url } });
    const config = { tools: [{ functionDeclarations: [{ name: 'get_level', description: 'The level of a river', parametersJsonSchema: PARAMETERS }] }] };
    const ask = (contents, more = {}) => client().models.generateContent({ model: 'gemini', contents, ...more });
    afterEach(() => assert.deepEqual(it.complaints(), [], 'the provider would not have taken that'));

    for (const model of BEHIND) {
      test(`says, streams, calls the tools of ${model}`, async () => {
        assert.equal((await ask('Hello', { model })).text, SPOKEN);
        const chunks = await collect(await client().models.generateContentStream({ model, contents: 'Hello' }));
        assert.equal(chunks.map(({ text }) => text ?? '').join(''), SPOKEN);
        const contents = [{ role: 'user', parts: [{ text: '[[tool]]' }] }];
        const called = await ask(contents, { model, config });
        const [{ id, name }] = called.functionCalls;
        contents.push(called.candidates[0].content, { role: 'user', parts: [{ functionResponse: { ...(id && { id }), name, response: { output: RESULT } } }] });
        assert.match((await ask(contents, { model, config })).text, SAID);
      });
    }

    test('chats with functions that it calls itself', async () => {
      const chat = client().chats.create({ model: 'anthropic' });
      assert.equal((await chat.sendMessage({ message: 'Hello' })).text, SPOKEN);
      assert.match((await chat.sendMessage({ message: '[[recall]]' })).text, /user=Hello\|assistant=This is a stand-in/);
    });

    test('counts, embeds, lists', async () => {
      const { usageMetadata: usage } = await ask('[[usage]]');
      assert.deepEqual([usage.promptTokenCount, usage.cachedContentTokenCount, usage.thoughtsTokenCount], [FULL_USAGE.input, FULL_USAGE.cached, FULL_USAGE.reasoning]);
      const { totalTokens } = await client().models.countTokens({ model: 'anthropic', contents: 'How high is the Rhine in Köln today?' });
      assert.ok(totalTokens > 5, `${totalTokens} tokens`);
      for (const model of ['embedder', 'embedder.gemini']) {
        const { embeddings } = await client().models.embedContent({ model, contents: ['a', 'bc'] });
        assert.deepEqual(embeddings[1].values, [0.25, -0.5, 1, 2], model);
      }
      const listed = await collect(await client().models.list());
      assert.ok(listed.some(({ name }) => name === 'models/bedrock'), JSON.stringify(listed[0]));
      assert.equal((await client().models.get({ model: 'bedrock' })).name, 'models/bedrock');
    });

    test('its ApiError says what goes wrong', async () => {
      const is = (status, name) => (error) => {
        assert.ok(error instanceof sdk.ApiError, `${error.constructor.name}: ${error.message}`);
        assert.deepEqual([error.status, JSON.parse(error.message).error.status], [status, name]);
        return true;
      };
      await assert.rejects(client('none').models.generateContent({ model: 'gemini', contents: 'Hello' }), is(401, 'UNAUTHENTICATED'));
      await assert.rejects(ask('Hello', { model: 'nosuch' }), is(404, 'NOT_FOUND'));
      await assert.rejects(ask('[[fail rate]]', { model: 'openai.rate' }), is(429, 'RESOURCE_EXHAUSTED'));
      const streams = (model) => client().models.generateContentStream({ model, contents: '[[breaks error]]' });
      for (const model of ['gemini.middle', 'cohere.middle']) await assert.rejects(async () => collect(await streams(model)), undefined, model);
    });
  });
}
