// A real llama-server with a tiny model behind weir: what a stand-in cannot show.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import OpenAI from 'openai';

import { cloud, local, model } from './support/configs.mjs';
import { StandIn } from './support/fault_upstream.mjs';
import { LlamaServer, Weir, llamaServer, sleep, until, suiteScope } from './support/process.mjs';

const found = llamaServer();
const say = (more = {}) => ({ model: 'home', messages: [{ role: 'user', content: 'hello river' }], max_tokens: 24, ...more });
// Numbers in the tiny model's vocabulary (tiny_gguf.mjs): with a grammar in force they make it call a tool once and stop.
const CALL_A_TOOL = { 260: 120, 261: 100 };

describe('behind weir, a real llama-server', { skip: found.path ? false : found.reason }, () => {
  let server;
  let embedder;
  let far;
  let weir;
  let client;

  const scope = suiteScope();
  before(async () => {
    server = await LlamaServer.start(scope, { slots: 2 });
    embedder = await LlamaServer.start(scope, { slots: 1, args: ['--embeddings', '--pooling', 'mean'] });
    far = await StandIn.start(scope);
    weir = await Weir.start(scope, { config: {
      providers: [
        local('gpu', server, { slots: 2, queue_ms: 1500, cost_per_hour: 3.6 }),
        local('embedder', embedder),
        cloud('rented', far),
      ],
      models: [
        model('tiny', 'gpu', 'tiny', { context_length: 4096 }),
        model('vectors', 'embedder', 'tiny', { embeddings: true }),
        model('large', 'rented', 'ok', { prices: { input: 2.5, output: 10 } }),
      ],
      routes: [
        { name: 'home', baseline: 'large', rules: [{ use: ['tiny'] }] },
        { name: 'spill', rules: [{ use: ['tiny', 'large'], spill: { queue_ms: 100 } }] },
      ],
    } });
    client = new OpenAI({ baseURL: weir.base, apiKey: 'x', maxRetries: 0 });
  });

  test('chat, whole and streamed, with usage that the ledger shares', async () => {
    const { data, response } = await client.chat.completions.create(say({ temperature: 0 })).withResponse();
    assert.ok(data.choices[0].message.content.length > 0);
    const entry = await weir.ledger(response.headers.get('x-weir-request-id'));
    assert.equal(entry.outcome, 'ok');
    assert.equal(entry.usage.input_tokens, data.usage.prompt_tokens);
    assert.equal(entry.usage.output_tokens, data.usage.completion_tokens);

    let text = '';
    let usage;
    for await (const chunk of await client.chat.completions.create(say({ temperature: 0, stream: true, stream_options: { include_usage: true } }))) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    assert.equal(text, data.choices[0].message.content, 'greedy: the same words, streamed or not');
    assert.equal(usage.completion_tokens, data.usage.completion_tokens);
  });

  test('a tool call, whole and streamed', async () => {
    const tools = [{ type: 'function', function: { name: 'get_level', description: 'of a river', parameters: {
      type: 'object', properties: { river: { type: 'string', enum: ['Rhine', 'Elbe'] } }, required: ['river'], additionalProperties: false } } }];
    const body = say({ tools, tool_choice: 'required', logit_bias: CALL_A_TOOL, temperature: 0, max_tokens: 400 });
    const answer = await client.chat.completions.create(body);
    const [call] = answer.choices[0].message.tool_calls;
    assert.equal(call.function.name, 'get_level');
    assert.match(JSON.parse(call.function.arguments).river, /^(Rhine|Elbe)$/);
    assert.equal(answer.choices[0].finish_reason, 'tool_calls');
    const final = await client.beta.chat.completions.stream(body).finalChatCompletion();
    assert.equal(final.choices[0].message.tool_calls[0].function.name, 'get_level');
    assert.match(JSON.parse(final.choices[0].message.tool_calls[0].function.arguments).river, /^(Rhine|Elbe)$/);
  });

  test('a JSON schema is kept to', async () => {
    const schema = { type: 'object', properties: { river: { type: 'string', enum: ['Rhine', 'Elbe'] }, calm: { type: 'boolean' } }, required: ['river', 'calm'], additionalProperties: false };
    const answer = await client.chat.completions.create(say({ max_tokens: 300, temperature: 0, response_format: { type: 'json_schema', json_schema: { name: 's', strict: true, schema } } }));
    const value = JSON.parse(answer.choices[0].message.content);
    assert.match(value.river, /^(Rhine|Elbe)$/);
    assert.equal(typeof value.calm, 'boolean');
  });

  test('log-probabilities', async () => {
    const answer = await client.chat.completions.create(say({ logprobs: true, top_logprobs: 3, max_tokens: 4 }));
    assert.equal(answer.choices[0].logprobs.content[0].top_logprobs.length, 3);
  });

  test('completions', async () => {
    const answer = await client.completions.create({ model: 'home', prompt: 'the river', max_tokens: 8, temperature: 0 });
    assert.ok(answer.choices[0].text.length > 0);
  });

  test('embeddings, as floats and as base64', async () => {
    const floats = await client.embeddings.create({ model: 'vectors', input: ['river', 'stone'], encoding_format: 'float' });
    const packed = await client.embeddings.create({ model: 'vectors', input: ['river', 'stone'] });
    assert.equal(floats.data.length, 2);
    assert.equal(floats.data[0].embedding.length, 64);
    packed.data[1].embedding.forEach((value, i) => assert.ok(Math.abs(value - floats.data[1].embedding[i]) < 1e-4));
  });

  test("a field that only llama-server knows reaches it", async () => {
    const answer = await client.chat.completions.create(say({ ignore_eos: true, max_tokens: 333, cache_prompt: false }));
    assert.equal(answer.usage.completion_tokens, 333);
  });

  test("the server's own error is kept", async () => {
    const answer = await weir.chat(say({ response_format: { type: 'json_schema', json_schema: { name: 's', schema: { type: 'nonsense' } } } }));
    assert.ok(answer.status >= 400, answer.text);
    assert.ok(answer.json.error.message.length > 5);
  });

  test('a client that leaves stops the generation at once, and what was said is in the ledger', async () => {
    const controller = new AbortController();
    const response = await weir.post('/v1/chat/completions', say({ stream: true, ignore_eos: true, max_tokens: 100_000 }), { signal: controller.signal });
    const reader = response.body.getReader();
    await reader.read();
    await until(async () => (await server.busySlots()) === 1, { what: 'the slot to be busy' });
    controller.abort();
    await until(async () => (await server.busySlots()) === 0, { what: 'the slot to be free again', timeout: 2_000 });
    const entry = await weir.ledger(response.headers.get('x-weir-request-id'));
    assert.equal(entry.outcome, 'client_gone');
    assert.ok(entry.usage.output_tokens > 0);
  });

  describe('all slots taken', () => {
    let holders;
    const hold = async () => {
      const controller = new AbortController();
      const response = await weir.post('/v1/chat/completions', say({ stream: true, ignore_eos: true, max_tokens: 100_000 }), { signal: controller.signal });
      await response.body.getReader().read();
      return controller;
    };
    const release = async () => {
      holders.forEach((holder) => holder.abort());
      await until(async () => (await server.busySlots()) === 0);
    };

    test('a request waits for its turn and is answered', async () => {
      holders = [await hold(), await hold()];
      const waiting = weir.chat(say({ max_tokens: 4 }));
      await sleep(200);
      assert.equal(await server.busySlots(), 2, 'the server never sees more than its slots');
      holders[0].abort();
      const answer = await waiting;
      assert.equal(answer.status, 200);
      assert.ok((await weir.ledger(answer.id)).attempts[0].queue_us > 50_000);
      await release();
    });

    test('a request that would wait too long spills over', async () => {
      holders = [await hold(), await hold()];
      const answer = await weir.chat(say({ model: 'spill' }));
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('x-weir-model'), 'large');
      await release();
    });

    test('with nothing left it is 503 with Retry-After', async () => {
      holders = [await hold(), await hold()];
      const answer = await weir.chat(say());
      assert.equal(answer.status, 503, answer.text);
      assert.ok(Number(answer.headers.get('retry-after')) >= 1);
      assert.equal((await weir.ledger(answer.id)).outcome, 'queue_timeout');
      await release();
      assert.equal((await weir.chat(say({ max_tokens: 4 }))).status, 200);
    });
  });

  test('the time on the machine is paid for: cost and what the cloud would have cost', async () => {
    const answer = await weir.chat(say({ ignore_eos: true, max_tokens: 400 }));
    const entry = await weir.ledger(answer.id);
    // $3.60 an hour, one of two slots: half a micro-dollar a millisecond.
    const busy_ms = entry.attempts[0].duration_us / 1000;
    assert.ok(busy_ms > 0);
    assert.ok(Math.abs(entry.cost_micro_usd - busy_ms / 2) <= 1, `${entry.cost_micro_usd} for ${busy_ms} ms`);
    const { input_tokens, output_tokens } = entry.usage;
    assert.ok(Math.abs(entry.baseline_micro_usd - (2.5 * input_tokens + 10 * output_tokens)) <= 1, JSON.stringify(entry));
    const { rows } = JSON.parse((weir.cli('usage', '--since', '1h', '--by', 'model', '--json')).stdout);
    const tiny = rows.find(({ group }) => group === 'tiny');
    assert.ok(tiny.cost_micro_usd >= entry.cost_micro_usd, JSON.stringify(tiny));
  });
});
