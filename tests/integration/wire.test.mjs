// What providers really put on the wire, and what a client is promised whatever they do: failures that say 200, answers in
// the other form, ends that are none, characters cut in two, usage and tool calls as the format has them.
import assert from 'node:assert/strict';
import { before, beforeEach, describe, test } from 'node:test';

import { SHORT, ask, model } from './support/configs.mjs';
import { StandIn } from './support/fault_upstream.mjs';
import { Weir, suiteScope } from './support/process.mjs';
import { readStream } from './support/sse.mjs';

const SECOND = 'said by the second';
// A model of its own for each fault: a breaker that one of them opens is nothing to the others.
const FAULTS = 32;
const own = Array.from({ length: FAULTS }, (_, i) => `own${i}`);
const scope = suiteScope();
let first;
let second;
let ollama;
let weir;

const provider = (id, upstream, more = {}) => ({
  id, kind: 'openai_compatible', url: upstream.url, zone: 'local', health_check: false, discover: false, timeouts: SHORT, retries: 0, ...more });

before(async () => {
  first = await StandIn.start(scope);
  second = await StandIn.start(scope);
  ollama = await StandIn.start(scope);
  second.scripts.set('two', (x) => (x.body.stream ? streamOf(x, [x.delta(SECOND), x.finish(), x.frame([], { usage: x.usage() })]) : x.json(200, x.completion(SECOND))));
  weir = await Weir.start(scope, { config: {
    providers: [provider('a', first, { api_key: 'tk-abcdefgh-123456', headers: { 'X-Tenant': 'tenant-secret-77' } }), provider('b', second),
      { id: 'o', kind: 'ollama', url: ollama.url.replace(/\/v1$/, ''), zone: 'local', health_check: false, discover: false, timeouts: SHORT }],
    models: [model('m1', 'a', 'one', { embeddings: true }), model('m2', 'b', 'two'), model('ol', 'o', 'small'), ...own.map((id) => model(id, 'a', 'one'))],
    routes: [...own.map((id) => ({ name: `${id}-r`, rules: [{ use: [id, 'm2'] }] })), { name: 'c', on_stream_failure: 'continue', rules: [{ use: ['m1', 'm2'] }] }],
  } });
});
beforeEach(() => first.forget());

async function streamOf(x, events, { done = true } = {}) {
  await x.streamHead();
  for (const event of events) await (typeof event === 'number' ? new Promise((go) => setTimeout(go, event)) : event.raw ? x.chunk(event.raw) : x.event(event));
  await x.endStream({ done });
}

// The first provider does `script` from now on.
const says = (script) => first.scripts.set('one', script);
const whole = (more, path = '/v1/chat/completions') => weir.post(path, { ...ask('m1'), ...more }).then(async (r) => ({ status: r.status, json: await r.json(), id: r.headers.get('x-weir-request-id'), model: r.headers.get('x-weir-model') }));
const stream = async (more = {}) => readStream(await weir.post('/v1/chat/completions', ask('m1', { stream: true, ...more })));
const ASKED = { stream_options: { include_usage: true } };
const chunk = (choice, rest = {}) => ({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'one', choices: [{ index: 0, delta: {}, finish_reason: null, ...choice }], ...rest });
const text = (content, more = {}) => chunk({ delta: { content }, ...more });
const usageOf = (prompt, completion) => ({ prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion });
const textOf = (events, index = 0) => events.flatMap((event) => event.choices ?? []).filter((choice) => choice.index === index).map(({ delta }) => delta?.content ?? '').join('');
const finishesOf = (events) => events.flatMap((event) => event.choices ?? []).filter(({ finish_reason: reason }) => reason);

describe('a failure that says something about the provider is no failure for the caller', () => {
  const answers = {
    'a retired model': [400, { error: { message: 'The model `one` has been decommissioned.', code: 'model_decommissioned' } }, 'upstream_no_model'],
    'a refused key': [400, { code: 'invalid', error: 'Incorrect API key provided: tk***56.' }, 'upstream_auth'],
    'a model without tools': [400, { error: 'one does not support tools' }, 'unsupported'],
    'more tokens than a minute has': [429, { error: { message: 'Request too large for one on tokens per min (TPM): Limit 10, Requested 20.', code: 'rate_limit_exceeded' } }, 'upstream_too_large'],
    'a path that is none': [405, { message: 'no' }, 'upstream_no_model'],
    'an error in a choice': [200, { choices: [{ index: 0, message: { role: 'assistant', content: '' }, finish_reason: 'error', error: { code: 429, message: 'limited' } }] }, 'upstream_rate_limited'],
    'nothing at all': [200, { id: 'x', object: 'chat.completion', created: 1, model: 'one', choices: [{ index: 0, message: { role: 'assistant', content: '' }, finish_reason: 'stop' }], usage: usageOf(0, 0) }, 'upstream_malformed'],
    'words without a name': [200, { detail: 'the backend is gone' }, 'upstream_server_error'],
  };
  let next = 0;
  for (const [what, [status, body, outcome]] of Object.entries(answers)) {
    for (const streamed of [false, true]) {
      const route = `own${next++}-r`;
      test(`${what}, ${streamed ? 'a stream' : 'whole'}`, async () => {
        says((x) => x.json(status, body));
        const answer = streamed ? await stream({ model: route }) : await whole({ model: route });
        assert.equal(streamed ? answer.text : answer.json.choices[0].message.content, SECOND);
        const entry = await weir.ledger(answer.id);
        assert.deepEqual(entry.attempts.map((attempt) => attempt.outcome), [outcome, 'ok']);
      });
    }
  }
});

describe('words in a stream', () => {
  const streams = {
    'a JSON error with status 200': (x) => x.json(200, { error: { message: "This model's maximum context length is 4096 tokens", code: 'context_length_exceeded' } }),
    'plain text': async (x) => { await x.streamHead(); await x.chunk('upstream failure: 4096 things went wrong'); await x.endStream({ done: false }); },
    'event: error': (x) => streamOf(x, [{ raw: 'event: error\ndata: 4096 things went wrong\n\n' }], { done: false }),
    'JSON without data:': (x) => streamOf(x, [{ raw: '{"error":{"message":"4096 things went wrong"}}\n\n' }], { done: false }),
    'a page': (x) => streamOf(x, [{ raw: '<html><body>4096 things went wrong</body></html>' }], { done: false }),
  };
  for (const [what, script] of Object.entries(streams)) {
    test(`${what}: its words reach the caller as an error with a status`, async () => {
      says(script);
      const answer = await stream();
      assert.ok(answer.status >= 400);
      assert.match(answer.error.message, /4096/);
    });
  }

  test('after the first words: the words said before, then the error', async () => {
    says((x) => streamOf(x, [text('so far '), chunk({ delta: { content: 'so good' }, finish_reason: 'error', error: { message: 'it crashed' } })], { done: false }));
    const answer = await stream();
    assert.equal(answer.text, 'so far so good');
    assert.match(answer.error.message, /it crashed/);
    assert.ok(!answer.finish);
  });
});

describe('either form of answer is understood', () => {
  const message = { role: 'assistant', content: 'hello', tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }] };
  const answer = (n = 1) => ({ id: 'x', object: 'chat.completion', created: 1, model: 'one', usage: usageOf(3, 2),
    choices: Array.from({ length: n }, (_, index) => ({ index, message, finish_reason: 'tool_calls' })) });

  test('a whole answer becomes a stream', async () => {
    says((x) => x.json(200, answer(2)));
    const { events, text: said, done } = await stream({ n: 2, ...ASKED });
    assert.equal(said, 'hello');
    assert.equal(textOf(events, 1), 'hello');
    assert.equal(finishesOf(events).length, 2);
    assert.equal(events.at(-1).usage.completion_tokens, 2);
    assert.ok(done);
    assert.ok(events.some((event) => event.choices[0]?.delta.tool_calls?.[0].function.name === 'f'));
  });

  test('events become a whole answer', async () => {
    says((x) => streamOf(x, [
      chunk({ delta: { role: 'assistant', reasoning: 'hm' } }), text('hel', { logprobs: { content: [{ token: 'hel', logprob: -1 }] } }),
      text('lo', { logprobs: { content: [{ token: 'lo', logprob: -2 }] } }), chunk({ index: 1, delta: { content: 'two' } }),
      chunk({ delta: { tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a"' } }] } }),
      chunk({ delta: { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] } }),
      chunk({ finish_reason: 'tool_calls' }), chunk({ index: 1, finish_reason: 'length' }), { ...chunk({}, { usage: usageOf(3, 9) }), choices: [] }]));
    const { status, json } = await whole({ n: 2 });
    assert.equal(status, 200);
    assert.equal(json.object, 'chat.completion');
    assert.equal(json.choices[0].message.content, 'hello');
    assert.equal(json.choices[0].message.reasoning_content, 'hm');
    assert.deepEqual(json.choices[0].message.tool_calls, [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }]);
    assert.equal(json.choices[0].logprobs.content.length, 2);
    assert.equal(json.choices[1].message.content, 'two');
    assert.equal(json.choices[1].finish_reason, 'length');
    assert.equal(json.usage.completion_tokens, 9);
  });
});

describe('the end of a stream is its end', () => {
  const pieces = ['one ', 'two ', 'three'];
  const streams = {
    'stop with every piece': (x) => streamOf(x, pieces.map((piece, i) => ({ ...text(piece, { finish_reason: 'stop' }), usage: usageOf(9, i + 1) }))),
    'a finish before more': (x) => streamOf(x, [text('one '), chunk({ finish_reason: 'stop' }), 50, text('two '), text('three'), chunk({ finish_reason: 'stop' })]),
    'content after the usage': (x) => streamOf(x, [text('one '), chunk({ finish_reason: 'stop' }), { ...chunk({}), choices: [], usage: usageOf(9, 1) }, 50, text('two three')]),
    'no [DONE]': (x) => streamOf(x, [text('one two three'), chunk({ finish_reason: 'stop' })], { done: false }),
    '[DONE] without a finish': (x) => streamOf(x, [text('one two three')]),
    'the finish beside the last piece': (x) => streamOf(x, [text('one two '), text('three', { finish_reason: 'stop' })]),
    'an empty finish with every piece': (x) => streamOf(x, [...pieces.map((piece) => text(piece, { finish_reason: '' })), chunk({ finish_reason: 'eos' })]),
    'nothing more after the finish, and the connection open': async (x) => { await x.streamHead(); await x.event(text('one two three')); await x.event(chunk({ finish_reason: 'stop' })); await x.silence(); },
  };
  for (const [what, script] of Object.entries(streams)) {
    test(what, async () => {
      says(script);
      const answer = await stream(ASKED);
      assert.equal(answer.text, 'one two three');
      assert.equal(answer.error, null);
      assert.deepEqual(finishesOf(answer.events).map(({ finish_reason: reason }) => reason), ['stop'], 'one finish');
      assert.deepEqual(answer.events.at(-1).choices, []);
      assert.ok(answer.events.at(-1).usage, 'usage last');
      assert.ok(answer.done);
    });
  }

  test('one of several choices finishes twice', async () => {
    says((x) => streamOf(x, [text('a'), chunk({ finish_reason: 'stop' }), chunk({ finish_reason: 'stop' }), 50, chunk({ index: 1, delta: { content: 'b' } }), chunk({ index: 1, finish_reason: 'length' })]));
    const { events } = await stream({ n: 2 });
    assert.equal(textOf(events, 1), 'b');
    assert.deepEqual(finishesOf(events).map(({ index, finish_reason: reason }) => [index, reason]), [[0, 'stop'], [1, 'length']]);
  });

  test('a stream that ends without a finish and without [DONE] is broken', async () => {
    says((x) => streamOf(x, [text('half')], { done: false }));
    const answer = await stream();
    assert.equal(answer.text, 'half');
    assert.ok(answer.error);
  });
});

describe('no text is dropped', () => {
  const raw = (content, key = 'content') => ({ raw: `data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"one","choices":[{"index":0,"delta":{"${key}":${content}},"finish_reason":null}]}\n\n` });
  const end = chunk({ finish_reason: 'stop' });
  const streams = {
    'surrogate halves in two deltas': [[raw('"good \\ud83d"'), raw('"\\ude00 morning"')], 'good 😀 morning'],
    'with other events between': [[raw('"a\\ud83d"'), { raw: ': ping\n\n' }, raw('""'), raw('"\\ude00\\ud83d"'), raw('"\\ude01"')], 'a😀😁'],
    'a half alone': [[raw('"a\\ud83d"'), raw('"b"')], 'a\ufffdb'],
    'a control character and an unknown escape': [[raw('"a\tb\\q"')], 'a\tb\\q'],
    'log probabilities that JSON has not': [[{ raw: 'data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"one","choices":[{"index":0,"delta":{"content":"sure"},"logprobs":{"content":[{"token":"sure","logprob":-Infinity,"bytes":null,"top_logprobs":[{"token":"x","logprob":NaN}]}]},"finish_reason":null}]}\n\n' }], 'sure'],
    'two events in one': [[{ raw: `data: ${JSON.stringify(text('a'))}\ndata: ${JSON.stringify(text('b'))}\n\n` }], 'ab'],
  };
  for (const [what, [events, expected]] of Object.entries(streams)) {
    test(what, async () => {
      says((x) => streamOf(x, [...events, end]));
      const answer = await stream();
      assert.equal(answer.text, expected);
      assert.equal(answer.error, null);
    });
  }

  test('bytes of one character in two deltas', async () => {
    const bytes = (...parts) => Buffer.concat([Buffer.from('data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"one","choices":[{"index":0,"delta":{"content":"'), Buffer.from(parts), Buffer.from('"},"finish_reason":null}]}\n\n')]);
    says((x) => streamOf(x, [{ raw: bytes(0xf0, 0x9f) }, { raw: bytes(0x98, 0x80) }, end]));
    assert.equal((await stream()).text, '😀');
  });

  test('text that cannot be had ends in an error, not in less text', async () => {
    says((x) => streamOf(x, [text('kept '), { raw: 'data: {"id":"x","choices":[{"index":0,"delta":{"content":"los\n\n' }, text('after'), end]));
    const answer = await stream();
    assert.equal(answer.text, 'kept ');
    assert.ok(answer.error);
    const entry = await weir.ledger(answer.id);
    assert.equal(entry.attempts[0].bad_events, 1);
  });
});

describe('what clients are promised', () => {
  const events = [{ ...text('hi'), usage: usageOf(9, 1) }, { ...chunk({ finish_reason: 'stop' }), usage: usageOf(9, 2) }, { ...chunk({}), choices: [], usage: usageOf(9, 2) }];

  test('usage once, last, with no choices, where it is asked', async () => {
    says((x) => streamOf(x, events));
    const answer = await stream(ASKED);
    assert.deepEqual(answer.events.at(-1).choices, []);
    assert.equal(answer.events.filter(({ usage }) => usage).length, 1);
    assert.equal((await weir.ledger(answer.id)).usage.output_tokens, 2);
  });

  test('and nowhere, not even as null, where it is not', async () => {
    says((x) => streamOf(x, [{ ...text('hi "usage":null'), usage: null }, ...events]));
    const answer = await stream();
    assert.equal(answer.text, 'hi "usage":nullhi');
    assert.ok(answer.events.every((event) => !('usage' in event)), JSON.stringify(answer.events));
  });

  test('tool calls with index, id and arguments as a string', async () => {
    const call = (name, args, more = {}) => ({ function: { name, arguments: args }, ...more });
    says((x) => streamOf(x, [chunk({ delta: { tool_calls: [call('a', { city: 'Rome' }, { extra_content: { kept: 1 } }), call('b', { city: 'Bonn' })] } }), chunk({ finish_reason: 'tool_calls' })]));
    const { events: seen } = await stream();
    const calls = seen.flatMap((event) => event.choices[0]?.delta.tool_calls ?? []);
    assert.deepEqual(calls.map(({ index }) => index), [0, 1]);
    assert.equal(new Set(calls.map(({ id }) => id)).size, 2);
    assert.ok(calls.every(({ id, type }) => id && type === 'function'));
    assert.deepEqual(calls.map(({ function: f }) => JSON.parse(f.arguments)), [{ city: 'Rome' }, { city: 'Bonn' }]);
    assert.deepEqual(calls[0].extra_content, { kept: 1 }, 'what is not known is kept');
  });

  test('an id once: clients join what they are given', async () => {
    const piece = (index, id, name, args) => chunk({ delta: { tool_calls: [{ index, id, type: 'function', function: { name, arguments: args } }] } });
    says((x) => streamOf(x, [piece(0, 'c1', 'a', '{'), piece(0, 'c1', 'a', '}'), piece(0, 'c2', 'b', '{}'), chunk({ finish_reason: 'tool_calls' })]));
    const { events: seen } = await stream();
    const calls = [];
    for (const delta of seen.flatMap((event) => event.choices[0]?.delta.tool_calls ?? [])) {
      const one = (calls[delta.index] ??= { id: '', name: '', arguments: '' });
      one.id += delta.id ?? '';
      one.name += delta.function.name ?? '';
      one.arguments += delta.function.arguments ?? '';
    }
    assert.deepEqual(calls, [{ id: 'c1', name: 'a', arguments: '{}' }, { id: 'c2', name: 'b', arguments: '{}' }]);
  });

  test('reasoning under both names, in streams and in whole answers', async () => {
    says((x) => (x.body.stream
      ? streamOf(x, [chunk({ delta: { reasoning: 'hm', reasoning_details: [{ type: 'reasoning.text' }] } }), text('yes'), chunk({ finish_reason: 'stop' })])
      : x.json(200, { ...x.completion('yes'), choices: [{ index: 0, message: { role: 'assistant', content: 'yes', reasoning: 'hm' }, finish_reason: 'stop' }] })));
    const { events: seen } = await stream();
    assert.equal(seen[0].choices[0].delta.reasoning_content, 'hm');
    assert.equal(seen[0].choices[0].delta.reasoning, 'hm');
    assert.ok(seen[0].choices[0].delta.reasoning_details);
    const { json } = await whole({});
    assert.equal(json.choices[0].message.reasoning_content, 'hm');
    assert.equal(json.choices[0].message.reasoning, 'hm');
  });

  test('a whole answer has what the format says', async () => {
    says((x) => x.json(200, { choices: [{ message: { tool_calls: [{ function: { name: 'f', arguments: { a: 1 } } }] } }], extra: 1 }));
    const { json } = await whole({});
    assert.equal(json.object, 'chat.completion');
    assert.ok(json.id && json.model && Number.isInteger(json.created));
    const [choice] = json.choices;
    assert.equal(choice.index, 0);
    assert.equal(choice.message.role, 'assistant');
    assert.equal(choice.message.content, null);
    assert.equal(choice.message.tool_calls[0].function.arguments, '{"a":1}');
    assert.ok(choice.message.tool_calls[0].id);
    assert.equal(json.extra, 1);
  });

  for (const format of ['base64', 'float', undefined]) {
    for (const given of [[0.5, 0.25, -1], 'AAAAPwAAgD4AAIC/']) {
      test(`embeddings as ${format ?? 'nothing'} asked, as ${typeof given} given`, async () => {
        says((x) => x.json(200, { object: 'list', data: [{ object: 'embedding', index: 0, embedding: given }], model: 'one', usage: { prompt_tokens: 3, total_tokens: 3 } }));
        const { json } = await whole({ messages: undefined, input: 'x', ...(format && { encoding_format: format }) }, '/v1/embeddings');
        assert.deepEqual(json.data[0].embedding, format === 'base64' ? 'AAAAPwAAgD4AAIC/' : [0.5, 0.25, -1]);
      });
    }
  }
});

describe('continue', () => {
  test('after a tool call nobody takes over', async () => {
    says(async (x) => {
      await x.streamHead();
      await x.event(chunk({ delta: { tool_calls: [{ index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":' } }] } }));
      x.reset();
    });
    const answer = await stream({ model: 'c' });
    assert.ok(answer.error, 'half a call is not made whole by another model');
    assert.ok(!answer.finish);
  });
});

describe('what a provider says of us', () => {
  test('neither our key nor a header of ours reaches the caller, nor the prompt the ledger', async () => {
    says((x) => x.json(400, { error: { message: `bad: tk-abcdefgh-123456, tenant-secret-77, sk-...wxyz, ab***yz, you said "${x.body.messages[0].content}"`, code: 'tenant-secret-77' } }));
    const { status, json, id } = await whole({ messages: [{ role: 'user', content: 'Patient Anna Huber-Zwölf is ill' }] });
    assert.equal(status, 400);
    const shown = JSON.stringify(json);
    for (const secret of ['abcdefgh', '123456', 'secret-77', 'wxyz', 'ab***']) assert.ok(!shown.includes(secret), shown);
    const entry = JSON.stringify(await weir.ledger(id));
    for (const word of ['Anna', 'Huber', 'Zwölf', 'abcdefgh']) assert.ok(!entry.includes(word), entry);
    assert.match(entry, /bad: /);
  });
});

describe('Ollama', () => {
  const lines = (x, list) => x.head(200, { 'Content-Type': 'application/x-ndjson', 'Transfer-Encoding': 'chunked' })
    .then(async () => { for (const line of list) await x.chunk(`${JSON.stringify(line)}\n`); await x.write('0\r\n\r\n'); });
  const piece = (content, more = {}) => ({ model: 'small', created_at: '2026-01-01T00:00:00Z', message: { role: 'assistant', content }, done: false, ...more });
  const end = { done: true, done_reason: 'stop', prompt_eval_count: 7, eval_count: 3 };

  test('a stream, a whole answer and a tool call', async () => {
    ollama.scripts.set('small', (x) => (x.body.stream === false ? x.json(200, piece('hello', end)) : lines(x, [piece('hel'), piece('lo', { message: { role: 'assistant', content: 'lo', tool_calls: [{ function: { name: 'f', arguments: { a: 1 } } }] } }), piece('', end)])));
    const answer = await stream({ model: 'ol', ...ASKED });
    assert.equal(answer.text, 'hello');
    assert.equal(answer.finish, 'tool_calls');
    assert.equal(answer.events.at(-1).usage.completion_tokens, 3);
    const { json } = await whole({ model: 'ol' });
    assert.equal(json.choices[0].message.content, 'hello');
    assert.equal(json.usage.prompt_tokens, 7);
  });

  test('an error line, and one without words', async () => {
    for (const error of ['model crashed', '']) {
      ollama.scripts.set('small', (x) => lines(x, [piece('so far'), { error }]));
      const answer = await stream({ model: 'ol' });
      assert.equal(answer.text, 'so far');
      assert.ok(answer.error.message);
    }
  });

  test('lines where a whole answer was asked', async () => {
    ollama.scripts.set('small', (x) => lines(x, [piece('hel'), piece('lo'), piece('', end)]));
    const { json } = await whole({ model: 'ol' });
    assert.equal(json.choices[0].message.content, 'hello');
  });
});
