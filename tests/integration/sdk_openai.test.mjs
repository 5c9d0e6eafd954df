// OpenAI's SDK, unmodified, in front of every provider's format: Responses, chat, embeddings; and as AzureOpenAI.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';

import { BEHIND, PARAMETERS, RESULT, SAID, collect, gateway, load } from './support/sdk_gateway.mjs';
import { FULL_USAGE, SPOKEN } from './support/standins/script.mjs';

const sdk = await load('openai-newest');
const it = gateway();
const tools = [{ type: 'function', name: 'get_level', description: 'The level of a river', parameters: PARAMETERS, strict: false }];
const chatTools = tools.map(({ type, strict, ...tool }) => ({ type, function: tool }));
const client = (more = {}) => new sdk.default({ baseURL: `${it.url}/v1`, apiKey: it.secret, maxRetries: 0, ...more });

describe('openai 7.59', { skip: sdk.reason ?? false }, () => {
  afterEach(() => assert.deepEqual(it.complaints(), [], 'the provider would not have taken that'));

  for (const model of BEHIND) {
    test(`Responses: says, streams, calls the tools of ${model}`, async () => {
      assert.equal((await client().responses.create({ model, input: 'Hello' })).output_text, SPOKEN);
      const input = [{ role: 'user', content: '[[tool]]' }];
      const called = await client().responses.stream({ model, input, tools, store: false }).finalResponse();
      const call = called.output.find(({ type }) => type === 'function_call');
      input.push(...called.output.map(({ parsed_arguments, ...item }) => item), { type: 'function_call_output', call_id: call.call_id, output: RESULT });
      assert.match((await client().responses.create({ model, input, tools, store: false })).output_text, SAID);
    });

    test(`chat: says, streams, calls the tools of ${model}`, async () => {
      const messages = [{ role: 'user', content: '[[tool]]' }];
      const called = await client().chat.completions.stream({ model, messages, tools: chatTools, stream_options: { include_usage: true } }).finalChatCompletion();
      const [{ message, finish_reason: reason }] = called.choices;
      assert.deepEqual([reason, called.usage.total_tokens], ['tool_calls', 30]);
      const { parsed, ...plain } = message;
      plain.tool_calls = plain.tool_calls.map(({ function: { parsed_arguments, ...made }, ...rest }) => ({ ...rest, function: made }));
      messages.push(plain, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: RESULT });
      assert.match((await client().chat.completions.create({ model, messages, tools: chatTools })).choices[0].message.content, SAID);
    });
  }

  test('embeds with models of four formats', async () => {
    for (const model of ['embedder', 'embedder.cohere', 'embedder.gemini', 'embedder.ollama']) {
      const { data, usage } = await client().embeddings.create({ model, input: ['a', 'bc'] });
      assert.deepEqual([...data[1].embedding], [0.25, -0.5, 1, 2], model);
      assert.ok(usage.prompt_tokens > 0, model);
    }
  });

  test('lists models and counts', async () => {
    const listed = await collect(client().models.list());
    assert.ok(listed.some(({ id, object }) => id === 'bedrock' && object === 'model'));
    const { usage } = await client().responses.create({ model: 'responses', input: '[[usage]]' });
    assert.deepEqual([usage.input_tokens, usage.input_tokens_details.cached_tokens, usage.output_tokens_details.reasoning_tokens], [FULL_USAGE.input, FULL_USAGE.cached, FULL_USAGE.reasoning]);
  });

  test('has its own errors for what goes wrong', async () => {
    for (const ask of [(model, text, more) => client(more).responses.create({ model, input: text }), (model, text, more) => client(more).chat.completions.create({ model, messages: [{ role: 'user', content: text }] })]) {
      await assert.rejects(ask('openai', 'Hello', { apiKey: 'none' }), sdk.AuthenticationError);
      await assert.rejects(ask('nosuch', 'Hello'), (error) => error instanceof sdk.NotFoundError && error.code === 'model_not_found');
      for (const model of ['openai', 'anthropic', 'responses']) {
        await assert.rejects(ask(`${model}.rate`, '[[fail rate]]'), sdk.RateLimitError, model);
        await assert.rejects(ask(`${model}.broken`, '[[fail broken]]'), sdk.InternalServerError, model);
      }
    }
    await assert.rejects(client().responses.create({ model: 'openai', input: 17 }), (error) => error instanceof sdk.BadRequestError && /input/.test(error.message));
    for (const model of ['openai', 'bedrock']) {
      const stream = () => client().chat.completions.create({ model: `${model}.middle`, stream: true, messages: [{ role: 'user', content: '[[breaks error]]' }] });
      await assert.rejects(async () => collect(await stream()), sdk.APIError, model);
    }
  });

  test('AzureOpenAI: its deployment is a model of any format', async () => {
    const azure = (more = {}) => new sdk.AzureOpenAI({ endpoint: it.url, apiKey: it.secret, apiVersion: '2024-10-21', maxRetries: 0, ...more });
    const messages = [{ role: 'user', content: 'Hello' }];
    for (const model of ['gemini', 'anthropic']) {
      assert.equal((await azure().chat.completions.create({ model, messages })).choices[0].message.content, SPOKEN);
      const chunks = await collect(await azure({ deployment: model }).chat.completions.create({ model: '', messages, stream: true }));
      assert.equal(chunks.map(({ choices }) => choices[0]?.delta?.content ?? '').join(''), SPOKEN);
    }
    assert.equal((await azure().embeddings.create({ model: 'embedder', input: 'a' })).data.length, 1);
    await assert.rejects(azure({ apiKey: 'none' }).chat.completions.create({ model: 'gemini', messages }), sdk.AuthenticationError);
  });
});
