// Anthropic's SDK, unmodified, of both API versions, in front of every provider's format.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';

import { BEHIND, PARAMETERS, RESULT, SAID, collect, gateway, load } from './support/sdk_gateway.mjs';
import { FULL_USAGE, SPOKEN } from './support/standins/script.mjs';

const versions = { '0.137 (2023-06-01)': await load('@anthropic-ai/sdk-2023'), '1.14 (2026-10-21)': await load('@anthropic-ai/sdk') };
const it = gateway();
const tools = [{ name: 'get_level', description: 'The level of a river', input_schema: PARAMETERS }];

for (const [version, sdk] of Object.entries(versions)) {
  describe(`@anthropic-ai/sdk ${version}`, { skip: sdk.reason ?? false }, () => {
    const client = (more = {}) => new sdk.default({ baseURL: it.url, apiKey: it.secret, maxRetries: 0, ...more });
    const wanted = (content, more = {}) => ({ model: 'anthropic', max_tokens: 4096, messages: typeof content === 'string' ? [{ role: 'user', content }] : content, ...more });
    const ask = (...args) => client().messages.create(wanted(...args));
    afterEach(() => assert.deepEqual(it.complaints(), [], 'the provider would not have taken that'));

    for (const model of BEHIND) {
      test(`says and streams what ${model} says`, async () => {
        const { content, stop_reason: reason } = await ask('Hello', { model });
        assert.deepEqual([content[0].text, reason], [SPOKEN, 'end_turn']);
        const stream = client().messages.stream(wanted('Hello', { model }));
        assert.equal(await stream.finalText(), SPOKEN);
        assert.equal((await stream.finalMessage()).usage.output_tokens, 9);
      });

      test(`calls the tools of ${model}`, async () => {
        const messages = [{ role: 'user', content: '[[tool]]' }];
        const called = await client().messages.stream(wanted(messages, { model, tools })).finalMessage();
        assert.equal(called.stop_reason, 'tool_use');
        const call = called.content.find(({ type }) => type === 'tool_use');
        messages.push({ role: 'assistant', content: called.content.map(({ citations, caller, ...block }) => block) }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: RESULT }] });
        assert.match((await ask(messages, { model, tools })).content[0].text, SAID);
      });
    }

    // From 1.14 on it lets the server keep the conversation, which only Anthropic does; others get all of it each turn.
    test('its tool runner runs with models of every format', { skip: sdk.default?.Beta?.Messages?.prototype?.toolRunner ? false : 'it has none' }, async () => {
      const tool = { ...tools[0], type: 'custom', run: async () => RESULT, parse: (input) => input };
      for (const model of BEHIND.filter((format) => format !== 'anthropic')) {
        for (const stream of [false, true]) {
          const { content } = await client().beta.messages.toolRunner({ ...wanted('[[think]]', { model }), tools: [tool], stream }).runUntilDone();
          assert.match(content.map(({ text }) => text ?? '').join(''), /Rhine 1.*3\.5 m, rising — Köln.*Rhine 2.*3\.5 m, rising — Köln/s, model);
        }
      }
    });

    test('counts as Anthropic does', async () => {
      const { usage } = await ask('[[usage]]');
      assert.deepEqual([usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens, usage.output_tokens],
        [FULL_USAGE.input - FULL_USAGE.cached - FULL_USAGE.written, FULL_USAGE.cached, FULL_USAGE.written, FULL_USAGE.output]);
      for (const model of ['anthropic', 'gemini']) {
        const { input_tokens: tokens } = await client().messages.countTokens({ model, messages: [{ role: 'user', content: 'How high is the Rhine in Köln today?' }], tools });
        assert.ok(Number.isInteger(tokens) && tokens > 5, `${tokens} tokens`);
      }
    });

    test('lists models', async () => {
      const listed = await collect(client().models.list());
      assert.ok(listed.some(({ id, type, display_name: shown, created_at: at }) => id === 'gemini' && type === 'model' && shown && !Number.isNaN(Date.parse(at))), JSON.stringify(listed[0]));
      assert.equal((await client().models.retrieve('bedrock')).id, 'bedrock');
    });

    test('has its own errors for what goes wrong', async () => {
      const is = (type, name) => (error) => {
        assert.ok(error instanceof sdk.default[type], `${error.constructor.name}: ${error.message}`);
        assert.equal(error.error.error.type, name);
        return true;
      };
      await assert.rejects(client({ apiKey: 'none' }).messages.create(wanted('Hello')), is('AuthenticationError', 'authentication_error'));
      await assert.rejects(ask('Hello', { model: 'nosuch' }), is('NotFoundError', 'not_found_error'));
      await assert.rejects(ask('Hello', { max_tokens: 'many' }), is('BadRequestError', 'invalid_request_error'));
      for (const model of ['anthropic', 'openai', 'gemini']) {
        await assert.rejects(ask('[[fail rate]]', { model: `${model}.rate` }), is('RateLimitError', 'rate_limit_error'), model);
        await assert.rejects(ask('[[fail broken]]', { model: `${model}.broken` }), is('InternalServerError', 'api_error'), model);
        await assert.rejects(client().messages.stream(wanted('[[breaks error]]', { model: `${model}.middle` })).finalMessage(), sdk.default.APIError, model);
      }
    });
  });
}
