// The official `openai` package, unmodified, as the client: against weir in front of a stand-in that speaks the same format.
import assert from 'node:assert/strict';
import { before, beforeEach, describe, test } from 'node:test';

import OpenAI from 'openai';

import { SHORT, cloud, local, model } from './support/configs.mjs';
import { SPOKEN, StandIn } from './support/fault_upstream.mjs';
import { Weir, until, suiteScope } from './support/process.mjs';

const say = (content, more = {}) => ({ model: 'assistant', messages: [{ role: 'user', content }], ...more });
const TOOLS = ['get_level', 'get_flow'].map((name) => ({
  type: 'function',
  function: { name, description: 'Of a river', parameters: { type: 'object', properties: { river: { type: 'string' } }, required: ['river'] } },
}));

let near;
let far;
let weir;
let client;

const scope = suiteScope();
before(async () => {
  near = await StandIn.start(scope);
  far = await StandIn.start(scope);
  weir = await Weir.start(scope, { config: {
    providers: [local('box', near, { timeouts: SHORT }), cloud('rented', far, { timeouts: SHORT })],
    models: [
      model('small', 'box', 'ok', { context_length: 8192, embeddings: true }),
      model('large', 'rented', 'ok', { context_length: 128_000, prices: { input: 2.5, output: 10 }, embeddings: true }),
      ...['reset-mid-body', 'bad-request', 'content-filter', 'error-event', 'stall-mid-stream'].map((fault) => model(fault, 'box', fault)),
    ],
    routes: [
      { name: 'assistant', baseline: 'large', rules: [{ use: ['small', 'large'] }] },
      { name: 'embed', rules: [{ use: ['small'] }] },
    ],
  } });
  client = new OpenAI({ baseURL: weir.base, apiKey: 'not-needed', maxRetries: 0 });
});

beforeEach(() => {
  near.forget();
  far.forget();
});

const sent = () => near.requests.at(-1).json;

describe('chat', () => {
  test('a whole answer, with the headers that say where it came from', async () => {
    const { data, response } = await client.chat.completions.create(say('Hello')).withResponse();
    assert.equal(data.object, 'chat.completion');
    assert.equal(data.choices[0].message.role, 'assistant');
    assert.equal(data.choices[0].message.content, SPOKEN);
    assert.equal(data.choices[0].finish_reason, 'stop');
    assert.equal(data.usage.prompt_tokens, 20);
    assert.equal(data.usage.prompt_tokens_details.cached_tokens, 4);
    assert.equal(response.headers.get('x-weir-model'), 'small');
    assert.equal(response.headers.get('x-weir-zone'), 'local');
    assert.equal(response.headers.get('x-weir-attempts'), '1');
    assert.ok(response.headers.get('x-weir-reason'));
    assert.match(response.headers.get('x-weir-request-id'), /^[\w-]{8,}$/);
  });

  test('a stream', async () => {
    let text = '';
    let finish;
    for await (const chunk of await client.chat.completions.create(say('Hello', { stream: true }))) {
      assert.equal(chunk.object, 'chat.completion.chunk');
      assert.equal(chunk.usage ?? null, null, 'no usage for a caller that did not ask for it');
      text += chunk.choices[0]?.delta.content ?? '';
      finish = chunk.choices[0]?.finish_reason ?? finish;
    }
    assert.equal(text, SPOKEN);
    assert.equal(finish, 'stop');
  });

  test('a stream with its usage', async () => {
    const chunks = [];
    for await (const chunk of await client.chat.completions.create(say('Hello', { stream: true, stream_options: { include_usage: true } }))) chunks.push(chunk);
    const last = chunks.at(-1);
    assert.deepEqual(last.choices, []);
    assert.equal(last.usage.completion_tokens, 12);
  });

  test('the stream helper of the SDK', async () => {
    const stream = client.beta.chat.completions.stream(say('Hello'));
    assert.equal(await stream.finalContent(), SPOKEN);
  });

  test('tools: forced, parallel, streamed, and their results sent back', async () => {
    const answer = await client.chat.completions.create(say('Level?', { tools: TOOLS, tool_choice: 'required' }));
    const calls = answer.choices[0].message.tool_calls;
    assert.deepEqual(calls.map((call) => call.function.name), ['get_level', 'get_flow']);
    assert.equal(answer.choices[0].finish_reason, 'tool_calls');
    assert.deepEqual(sent().tools, TOOLS);
    assert.equal(sent().tool_choice, 'required');

    const single = await client.chat.completions.create(say('Level?', { tools: TOOLS, tool_choice: 'required', parallel_tool_calls: false }));
    assert.equal(single.choices[0].message.tool_calls.length, 1);

    const pieces = [];
    for await (const chunk of await client.chat.completions.create(say('Level?', { tools: TOOLS, tool_choice: 'required', stream: true }))) {
      for (const call of chunk.choices[0]?.delta.tool_calls ?? []) {
        pieces[call.index] ??= { id: call.id, name: call.function.name, arguments: '' };
        pieces[call.index].arguments += call.function.arguments ?? '';
      }
    }
    assert.deepEqual(pieces.map(({ name }) => name), ['get_level', 'get_flow']);
    pieces.forEach((call) => assert.deepEqual(JSON.parse(call.arguments), { river: 'Rhine' }));

    const messages = [
      { role: 'user', content: 'Level?' },
      { role: 'assistant', content: null, tool_calls: calls },
      ...calls.map((call) => ({ role: 'tool', tool_call_id: call.id, content: '3.2 m' })),
    ];
    await client.chat.completions.create({ model: 'assistant', messages, tools: TOOLS });
    assert.deepEqual(sent().messages, messages);
  });

  test('response_format: json_object and json_schema', async () => {
    const schema = { name: 'level', strict: true, schema: { type: 'object', properties: { level: { type: 'number' }, river: { type: 'string' } }, required: ['level', 'river'], additionalProperties: false } };
    const plain = await client.chat.completions.create(say('JSON', { response_format: { type: 'json_object' } }));
    assert.equal(JSON.parse(plain.choices[0].message.content).level, 3);
    const strict = await client.chat.completions.create(say('JSON', { response_format: { type: 'json_schema', json_schema: schema } }));
    assert.equal(JSON.parse(strict.choices[0].message.content).river, 'Rhine');
    assert.deepEqual(sent().response_format.json_schema, schema);
  });

  test('vision parts arrive as they were sent', async () => {
    const content = [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: 'https://example.org/weir.jpg', detail: 'low' } },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${Buffer.alloc(300_000, 7).toString('base64')}` } },
    ];
    const answer = await client.chat.completions.create(say(content));
    assert.equal(answer.choices[0].message.content, SPOKEN);
    assert.deepEqual(sent().messages[0].content, content);
  });

  test('log-probabilities, n, and several choices in a stream', async () => {
    const probable = await client.chat.completions.create(say('Hi', { logprobs: true, top_logprobs: 2 }));
    assert.equal(probable.choices[0].logprobs.content[0].logprob, -0.25);
    const many = await client.chat.completions.create(say('Hi', { n: 3 }));
    assert.deepEqual(many.choices.map(({ index }) => index), [0, 1, 2]);
    const texts = ['', '', ''];
    for await (const chunk of await client.chat.completions.create(say('Hi', { n: 3, stream: true, logprobs: true }))) {
      for (const choice of chunk.choices) texts[choice.index] += choice.delta.content ?? '';
    }
    assert.deepEqual(texts, [SPOKEN, SPOKEN, SPOKEN]);
  });

  test('every known parameter, and those nobody knows, reach the model untouched', async () => {
    const more = {
      stop: ['END', '\n\n'], seed: 42, max_completion_tokens: 77, temperature: 0.123456789, top_p: 0.9, presence_penalty: 0.5, frequency_penalty: -0.5,
      reasoning_effort: 'low', user: 'someone', metadata: { team: 'rivers' }, logit_bias: { 50256: -100 }, service_tier: 'auto', store: false,
      x_vendor: { deep: [1, 2.5, null, { yes: true }] }, big: 12345678901234567890n.toString(), text: 'Grüße, 東京 🌊 \u2028 \\ "',
    };
    await client.chat.completions.create(say('Hi', more));
    const { model: name, messages, ...rest } = sent();
    assert.equal(name, 'ok', 'the model is named as its server knows it');
    assert.deepEqual(rest, more);
    assert.deepEqual(messages, say('Hi').messages);
  });

  test('numbers, escapes and spacing are forwarded byte for byte', async () => {
    const body = '{ "model":"assistant" ,\t"messages":[{"role":"user","content":"\\u00e9 \\/ 1"}],"big":12345678901234567890123,"e":1E+2,"z":-0.0 }';
    assert.equal((await weir.chat(body)).status, 200);
    assert.equal(near.requests.at(-1).text, body.replace('"assistant"', '"ok"'));
  });

  test('a model that is named directly', async () => {
    const { data, response } = await client.chat.completions.create(say('Hi', { model: 'large' })).withResponse();
    assert.equal(data.choices[0].message.content, SPOKEN);
    assert.equal(response.headers.get('x-weir-zone'), 'cloud');
    assert.equal(far.requests.at(-1).headers.authorization, 'Bearer sk-cloud-credential', "the provider's credential, not the caller's");
  });

  test("the caller's own credential goes nowhere", async () => {
    await client.chat.completions.create(say('Hi'));
    assert.doesNotMatch(JSON.stringify(near.requests.at(-1).headers), /not-needed/);
  });
});

describe('other operations', () => {
  test('completions, whole and streamed', async () => {
    const answer = await client.completions.create({ model: 'assistant', prompt: 'The river' });
    assert.equal(answer.object, 'text_completion');
    assert.equal(answer.choices[0].text, SPOKEN);
    let text = '';
    for await (const chunk of await client.completions.create({ model: 'assistant', prompt: 'The river', stream: true })) text += chunk.choices[0]?.text ?? '';
    assert.equal(text, SPOKEN);
  });

  test('embeddings: the base64 that the SDK asks for, floats, and several inputs', async () => {
    const one = await client.embeddings.create({ model: 'embed', input: 'river' });
    assert.deepEqual(one.data[0].embedding, [0.25, -0.5, 0]);
    const many = await client.embeddings.create({ model: 'embed', input: ['a', 'b'], encoding_format: 'float' });
    assert.deepEqual(many.data.map(({ embedding }) => embedding), [[0.25, -0.5, 0], [0.25, -0.5, 1]]);
    assert.equal(many.usage.prompt_tokens, 7);
  });

  test('models: routes first, then models, with what is known of them', async () => {
    const list = [];
    for await (const entry of client.models.list()) list.push(entry);
    assert.deepEqual(list.slice(0, 2).map(({ id }) => id).sort(), ['assistant', 'embed']);
    const large = list.find(({ id }) => id === 'large');
    assert.equal(large.object, 'model');
    assert.match(large.zone, /^cloud/);
    assert.equal(large.context_length, 128_000);
    assert.match(JSON.stringify(large), /2\.5/, 'its price is shown');
    assert.equal((await client.models.retrieve('small')).zone, 'local');
    await assert.rejects(client.models.retrieve('smal'), (error) => error.status === 404 && /small/.test(error.message));
  });
});

describe('errors, as the SDK raises them', () => {
  test('malformed JSON says where', async () => {
    const answer = await weir.chat('{"model":"assistant",\n  "messages": [}');
    assert.equal(answer.status, 400);
    assert.match(answer.json.error.message, /line 2/);
    assert.equal(answer.json.error.type, 'invalid_request_error');
  });

  test('an unknown model: which names exist, and the nearest', async () => {
    await assert.rejects(client.chat.completions.create(say('Hi', { model: 'asistant' })), (error) => {
      assert.ok(error instanceof OpenAI.NotFoundError);
      assert.match(error.message, /assistant/);
      assert.match(error.message, /small/);
      assert.equal(error.param, 'model');
      return true;
    });
  });

  for (const [what, body, param] of [
    ['no model', { messages: [{ role: 'user', content: 'x' }] }, 'model'],
    ['no messages', { model: 'assistant' }, 'messages'],
    ['messages of a wrong type', { model: 'assistant', messages: 'hello' }, 'messages'],
    ['a message that is no object', { model: 'assistant', messages: ['hello'] }, 'messages[0]'],
    ['a role that does not exist', { model: 'assistant', messages: [{ role: 'wizard', content: 'x' }] }, 'messages[0].role'],
    ['content of a wrong type', { model: 'assistant', messages: [{ role: 'user', content: 5 }] }, 'messages[0].content'],
    ['stream of a wrong type', { ...say('x'), stream: 'yes' }, 'stream'],
    ['temperature of a wrong type', { ...say('x'), temperature: 'hot' }, 'temperature'],
    ['tools of a wrong type', { ...say('x'), tools: {} }, 'tools'],
    ['a body that is no object', [], null],
  ]) {
    test(what, async () => {
      const answer = await weir.chat(body);
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.json.error.type, 'invalid_request_error');
      if (param) assert.equal(answer.json.error.param, param);
      assert.ok(answer.json.error.message.length > 10);
      assert.equal(near.requests.length, 0);
    });
  }

  test("an upstream's refusal keeps its words, its status and the field", async () => {
    await assert.rejects(client.chat.completions.create(say('Hi', { model: 'bad-request' })), (error) => {
      assert.ok(error instanceof OpenAI.BadRequestError);
      assert.match(error.message, /temperature must be below 2/);
      assert.equal(error.param, 'temperature');
      return true;
    });
    await assert.rejects(client.chat.completions.create(say('Hi', { model: 'content-filter' })), (error) => {
      assert.equal(error.status, 400);
      assert.equal(error.code, 'content_filter');
      return true;
    });
  });

  for (const fault of ['reset-mid-body', 'error-event', 'stall-mid-stream']) {
    test(`a failure in mid-stream is raised, never a short success: ${fault}`, async () => {
      let text = '';
      await assert.rejects(async () => {
        for await (const chunk of await client.chat.completions.create(say('Hi', { model: fault, stream: true }))) text += chunk.choices[0]?.delta.content ?? '';
      }, OpenAI.APIError);
      assert.ok(text.length > 0 && SPOKEN.startsWith(text));
    });
  }

  test('paths and methods that do not exist', async () => {
    const missing = await fetch(`${weir.url}/v1/chat/complete`, { method: 'POST', body: '{}' });
    assert.equal(missing.status, 404);
    assert.equal((await missing.json()).error.type, 'invalid_request_error');
    const wrong = await fetch(`${weir.url}/v1/chat/completions`);
    assert.equal(wrong.status, 405);
    assert.match(wrong.headers.get('allow'), /POST/);
  });

  test('a body that is too large', async (t) => {
    const small = await Weir.start(t, { config: {
      limits: { body: 10_000 }, providers: [local('box', near)], models: [model('m', 'box', 'ok')], routes: [],
    } });
    const answer = await small.chat({ model: 'm', messages: [{ role: 'user', content: 'x'.repeat(20_000) }] });
    assert.equal(answer.status, 413);
    assert.match(answer.json.error.message, /10[,_ ]?000|limit/i);
  });
});

test('aborting in the SDK ends the request upstream', async () => {
  const controller = new AbortController();
  const stream = await client.chat.completions.create(say('Hi', { model: 'stall-mid-stream', stream: true }), { signal: controller.signal });
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta.content) controller.abort();
  }
  await until(() => near.requestsFor('stall-mid-stream').at(-1).gone, { what: 'the upstream to see it' });
});
