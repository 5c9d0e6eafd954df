// Vercel's AI SDK, unmodified, with its providers for OpenAI (Responses and chat), Anthropic and Google, in front of every
// provider's format: texts, streams, tools over several steps, objects, pictures, thoughts, aborts, errors.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';

import { BEHIND, PARAMETERS, RESULT, gateway, load } from './support/sdk_gateway.mjs';
import { PNG } from './support/standins/jobs.mjs';
import { SPOKEN } from './support/standins/script.mjs';

const [ai, openai, anthropic, google] = await Promise.all(['ai', '@ai-sdk/openai', '@ai-sdk/anthropic', '@ai-sdk/google'].map(load));
const reason = [ai, openai, anthropic, google].find((sdk) => sdk.reason)?.reason ?? false;
const it = gateway();
const clients = {
  // What was said goes back as ids alone: those of answers that the gateway keeps.
  responses: (model, apiKey = it.secret) => openai.createOpenAI({ baseURL: `${it.url}/v1`, apiKey }).responses(model),
  chat: (model, apiKey = it.secret) => openai.createOpenAI({ baseURL: `${it.url}/v1`, apiKey }).chat(model),
  anthropic: (model, apiKey = it.secret) => anthropic.createAnthropic({ baseURL: `${it.url}/v1`, apiKey })(model),
  google: (model, apiKey = it.secret) => google.createGoogle({ baseURL: `${it.url}/v1beta`, apiKey })(model),
};
globalThis.AI_SDK_LOG_WARNINGS = false;

for (const [client, make] of Object.entries(clients)) {
  describe(`ai 7.0, ${client}`, { skip: reason }, () => {
    const tools = reason ? {} : { get_level: ai.tool({ description: 'The level of a river', inputSchema: ai.jsonSchema(PARAMETERS), execute: async () => RESULT }) };
    const asked = (model, prompt, more = {}) => ({ model: make(model), prompt, maxRetries: 0, maxOutputTokens: 4_000, ...more });
    const whole = (...args) => ai.generateText(asked(...args));
    async function streamed(...args) {
      const result = ai.streamText({ ...asked(...args), onError() {} });
      const parts = [];
      for await (const part of result.fullStream) {
        if (part.type === 'error') throw part.error;
        parts.push(part);
      }
      return { text: parts.filter(({ type }) => type === 'text-delta').map(({ text }) => text).join(''), parts, usage: await result.usage, steps: await result.steps };
    }
    // What goes on as bytes in the client's own format is the client's to answer for.
    afterEach(() => assert.deepEqual(it.complaints().filter((what) => client !== 'responses' || !what.startsWith('CreateResponse')), [], 'the provider would not have taken that'));

    for (const model of BEHIND) {
      test(`says and streams what ${model} says`, async () => {
        for (const how of [whole, streamed]) {
          const { text, usage } = await how(model, 'Hello');
          assert.equal(text, SPOKEN);
          assert.deepEqual([usage.inputTokens, usage.outputTokens], [21, 9]);
        }
      });

      test(`calls the tools of ${model} in steps`, async () => {
        for (const how of [whole, streamed]) {
          const { steps } = await how(model, '[[think]]', { tools, stopWhen: ai.stepCountIs(5) });
          assert.deepEqual(steps.map(({ finishReason }) => finishReason), ['tool-calls', 'tool-calls', 'stop']);
          assert.match(steps.at(-1).text, /Rhine 1.*3\.5 m, rising — Köln.*Rhine 2.*3\.5 m, rising — Köln/s);
        }
      });
    }

    test('shows pictures, and gets objects', async () => {
      for (const model of BEHIND) {
        const messages = [{ role: 'user', content: [{ type: 'text', text: '[[look]]' }, { type: 'image', image: PNG }] }];
        assert.match((await whole(model, undefined, { messages })).text, new RegExp(`I see image/png, ${PNG.length} bytes`), model);
        // Of a name that it does not know, Anthropic's makes a tool.
        if (client === 'anthropic') continue;
        const schema = ai.jsonSchema({ type: 'object', properties: { river: { type: 'string' }, level: { type: 'number' } }, required: ['river', 'level'], additionalProperties: false });
        assert.deepEqual((await whole(model, '[[json]]', { output: ai.Output.object({ schema }) })).output, { river: 'Rhein — Köln', level: 2.5 }, model);
      }
    });

    test('stops in the middle, and has its own errors', async () => {
      const leaves = new AbortController();
      const result = ai.streamText({ ...asked('gemini', '[[count]]'), abortSignal: leaves.signal, onError() {} });
      let last;
      for await (const { type } of result.fullStream) {
        if (type === 'text-delta') leaves.abort();
        last = type;
      }
      assert.equal(last, 'abort');
      const says = (status, again) => (error) => ai.APICallError.isInstance(error) && error.statusCode === status && error.isRetryable === again && error.message.length > 0;
      await assert.rejects(ai.generateText({ model: make('openai', 'none'), prompt: 'Hello', maxRetries: 0 }), says(401, false));
      await assert.rejects(whole('nosuch', 'Hello'), says(404, false));
      for (const model of ['openai', 'anthropic', 'gemini']) {
        await assert.rejects(whole(`${model}.rate`, '[[fail rate]]'), says(429, true), model);
        await assert.rejects(whole(`${model}.broken`, '[[fail broken]]'), says(502, true), model);
      }
    });
  });
}
