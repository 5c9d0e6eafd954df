// Google's own SDK, unmodified, pointed at Weir: served by a provider of its own format, whose bytes pass, and by one of
// another, whose answers are translated; and a client of another format served by Google's. The providers are stand-ins
// on real sockets that keep what they were asked.
import assert from 'node:assert/strict';
import http from 'node:http';
import { before, describe, test } from 'node:test';

import OpenAI from 'openai';

import { model } from './support/configs.mjs';
import { Weir, suiteScope } from './support/process.mjs';

const google = await import('@google/genai').catch((error) => ({ reason: `@google/genai does not load here: ${error.message}` }));

const usageMetadata = { promptTokenCount: 7, candidatesTokenCount: 3, totalTokenCount: 12, thoughtsTokenCount: 2 };
const head = { modelVersion: 'gemini-3-stand-in', responseId: 'resp-1' };
const chunk = (parts, more = {}, tail = {}) => ({ candidates: [{ content: { role: 'model', parts }, index: 0, ...more }], ...head, ...tail });
const grounding = { groundingMetadata: { webSearchQueries: ['weir'] } };
const last = chunk([{ text: '' }], { finishReason: 'STOP', ...grounding }, { usageMetadata });
const call = { functionCall: { name: 'level', args: { river: 'Aare' } }, thoughtSignature: 'c2VhbA==' };

// Answers in Gemini's format and in OpenAI's, by path. The last text that was asked says what to do.
class Both {
  asked = [];
  static async start(scope) {
    const it = new Both();
    const server = http.createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (piece) => (body += piece)).on('end', () => {
        it.asked.push({ path: request.url, headers: request.headers, body });
        (request.url.startsWith('/v1beta/') ? it.gemini : it.openai).call(it, request.url, JSON.parse(body || '{}'), response);
      });
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    scope.after(() => server.closeAllConnections?.() ?? server.close());
    scope.after(() => server.close());
    it.url = `http://127.0.0.1:${server.address().port}`;
    return it;
  }

  json(response, value, status = 200) {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
  }

  events(response, events, end = '') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.end(events.map((one) => `data: ${JSON.stringify(one)}\r\n\r\n`).join('') + end);
  }

  gemini(path, body, response) {
    if (path.startsWith('/v1beta/models?')) return this.json(response, { models: [] });
    if (path.endsWith(':batchEmbedContents')) return this.json(response, { embeddings: body.requests.map((_, i) => ({ values: [i, 0.5] })) });
    const text = JSON.stringify(body.contents.at(-1));
    const stream = path.endsWith('alt=sse');
    if (text.includes('use a tool')) {
      return stream ? this.events(response, [chunk([call]), last]) : this.json(response, chunk([call], { finishReason: 'STOP' }, { usageMetadata }));
    }
    if (text.includes('break') && stream) return this.events(response, [chunk([{ text: 'so' }])], '{"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}');
    if (text.includes('block')) return this.json(response, { promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 7, totalTokenCount: 7 } });
    if (stream) return this.events(response, [chunk([{ text: 'hm', thought: true }]), chunk([{ text: 'The river ' }]), chunk([{ text: 'is calm.' }]), last]);
    return this.json(response, chunk([{ text: 'The river is calm.' }], { finishReason: 'STOP', ...grounding }, { usageMetadata }));
  }

  openai(path, body, response) {
    const base = { id: 'chatcmpl-1', created: 1, model: 'gpt-stand-in' };
    const usage = { prompt_tokens: 5, completion_tokens: 4, total_tokens: 9 };
    if (path.endsWith('/models')) return this.json(response, { object: 'list', data: [] });
    if (path.endsWith('/embeddings')) return this.json(response, { object: 'list', data: [body.input].flat().map((_, index) => ({ object: 'embedding', index, embedding: [index, 0.5] })), model: 'e', usage });
    const tool = body.tools && body.messages.at(-1).role === 'user';
    const tool_calls = [{ index: 0, id: 'call_1', type: 'function', function: { name: 'level', arguments: '{"river":"Aare"}' } }];
    if (!body.stream) {
      const message = tool ? { role: 'assistant', content: null, tool_calls } : { role: 'assistant', content: 'The river is calm.', reasoning_content: 'hm' };
      return this.json(response, { ...base, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: tool ? 'tool_calls' : 'stop' }], usage });
    }
    const piece = (delta, finish_reason = null) => ({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] });
    const begin = tool_calls.map((one) => ({ ...one, function: { name: 'level', arguments: '{"river"' } }));
    const said = tool
      ? [piece({ role: 'assistant', tool_calls: begin }), piece({ tool_calls: [{ index: 0, function: { arguments: ':"Aare"}' } }] })]
      : [piece({ role: 'assistant', reasoning_content: 'hm' }), piece({ content: 'The river ' }), piece({ content: 'is calm.' })];
    if (JSON.stringify(body.messages).includes('break')) return this.events(response, said, 'data: {"error":{"message":"overloaded","code":503}}\n\n');
    return this.events(response, [...said, piece({}, tool ? 'tool_calls' : 'stop'), { ...base, object: 'chat.completion.chunk', choices: [], usage }], 'data: [DONE]\n\n');
  }
}

let both;
let weir;
const scope = suiteScope();
before(async () => {
  both = await Both.start(scope);
  weir = await Weir.start(scope, {
    config: {
      server: { drain: '1s' },
      providers: [
        { id: 'g', kind: 'gemini', url: both.url, zone: 'local', api_key: 'google-credential', health_check: false },
        { id: 'o', kind: 'llama_server', url: both.url, zone: 'local', health_check: false },
      ],
      models: [model('flash', 'g', 'gemini-3-flash'), model('gpt', 'o', 'gpt'), model('embedder', 'g', 'gemini-embedding-001', { embeddings: true }), model('other-embedder', 'o', 'e', { embeddings: true })],
      routes: [{ name: 'assistant', rules: [{ use: ['gpt'] }] }],
    },
  });
});

const declaration = { name: 'level', description: 'of a river', parameters: { type: 'OBJECT', properties: { river: { type: 'STRING' } }, required: ['river'] } };

describe("Google's SDK", { skip: google.reason ?? false }, () => {
  const client = () => new google.GoogleGenAI({ apiKey: 'none', httpOptions: { baseUrl: weir.url } });
  const streamed = async (name, contents, config) => {
    const chunks = [];
    for await (const one of await client().models.generateContentStream({ model: name, contents, config })) chunks.push(one);
    return chunks;
  };

  for (const name of ['flash', 'gpt', 'assistant']) {
    test(`${name}: an answer, whole and streamed`, async () => {
      const answer = await client().models.generateContent({ model: name, contents: 'hi', config: { systemInstruction: 'Be brief.', maxOutputTokens: 50, temperature: 0.2 } });
      assert.equal(answer.text, 'The river is calm.');
      assert.equal(answer.candidates[0].finishReason, 'STOP');
      assert.ok(answer.usageMetadata.promptTokenCount > 0 && answer.usageMetadata.totalTokenCount > answer.usageMetadata.promptTokenCount);
      const chunks = await streamed(name, 'hi');
      assert.equal(chunks.map((one) => one.text ?? '').join(''), 'The river is calm.');
      assert.equal(chunks.at(-1).candidates[0].finishReason, 'STOP');
      assert.ok(chunks.at(-1).usageMetadata.totalTokenCount > 0);
      assert.equal(new Set(chunks.map((one) => one.responseId)).size, 1);
    });

    test(`${name}: thoughts where they are asked for`, async () => {
      const chunks = await streamed(name, 'hi', { thinkingConfig: { includeThoughts: true } });
      assert.ok(chunks.some((one) => one.candidates?.[0].content?.parts?.some((part) => part.thought && part.text === 'hm')));
      assert.equal(chunks.map((one) => one.text ?? '').join(''), 'The river is calm.');
    });
  }

  test("a provider of the same format gets the client's bytes, and its own reach the client", async () => {
    const contents = [{ role: 'user', parts: [{ text: 'hi' }] }];
    const answer = await client().models.generateContent({ model: 'flash', contents, config: { tools: [{ googleSearch: {} }] } });
    const { path, headers, body } = both.asked.at(-1);
    assert.equal(path, '/v1beta/models/gemini-3-flash:generateContent');
    assert.equal(headers['x-goog-api-key'], 'google-credential');
    assert.deepEqual(JSON.parse(body), { contents, tools: [{ googleSearch: {} }] });
    assert.deepEqual(answer.candidates[0].groundingMetadata, grounding.groundingMetadata);
  });

  test("what only Google has is refused for others, with its place", async () => {
    await assert.rejects(client().models.generateContent({ model: 'gpt', contents: 'hi', config: { tools: [{ googleSearch: {} }] } }), (error) => {
      const { error: inside } = JSON.parse(error.message);
      assert.equal(inside.status, 'INVALID_ARGUMENT');
      return JSON.stringify(inside).includes('tools[0].googleSearch');
    });
  });

  test('a conversation with a tool, on a model of another format', async () => {
    const chat = client().chats.create({ model: 'gpt', config: { tools: [{ functionDeclarations: [declaration] }] } });
    const first = await chat.sendMessage({ message: 'How high is the Aare?' });
    assert.deepEqual(first.functionCalls, [{ name: 'level', args: { river: 'Aare' }, id: 'call_1' }]);
    const second = await chat.sendMessage({ message: [{ functionResponse: { name: 'level', id: 'call_1', response: { output: '1.2 m' } } }] });
    assert.equal(second.text, 'The river is calm.');
    const { messages, tools } = JSON.parse(both.asked.at(-1).body);
    assert.deepEqual(tools[0].function.parameters, { type: 'object', properties: { river: { type: 'string' } }, required: ['river'] });
    assert.equal(messages[1].tool_calls[0].id, 'call_1');
    assert.equal(messages[1].tool_calls[0].function.arguments, '{"river":"Aare"}');
    assert.deepEqual(messages[2], { role: 'tool', content: '1.2 m', tool_call_id: 'call_1', name: 'level' });
  });

  test('the same streamed: the call comes whole, and the history of a stream is one turn', async () => {
    const chat = client().chats.create({ model: 'gpt', config: { tools: [{ functionDeclarations: [declaration] }] } });
    const calls = [];
    for await (const one of await chat.sendMessageStream({ message: 'How high is the Aare?' })) calls.push(...(one.functionCalls ?? []));
    assert.deepEqual(calls, [{ name: 'level', args: { river: 'Aare' }, id: 'call_1' }]);
    let text = '';
    for await (const one of await chat.sendMessageStream({ message: [{ functionResponse: { name: 'level', response: { output: '1.2 m' } } }] })) text += one.text ?? '';
    assert.equal(text, 'The river is calm.');
    for await (const one of await chat.sendMessageStream({ message: 'And now?' })) assert.ok(one);
    const { messages } = JSON.parse(both.asked.at(-1).body);
    assert.deepEqual(messages.map((one) => one.role), ['user', 'assistant', 'tool', 'assistant', 'user']);
    assert.equal(messages[3].content, 'The river is calm.');
  });

  test('tokens are counted, texts embedded, models listed', async () => {
    const { totalTokens } = await client().models.countTokens({ model: 'gpt', contents: 'The river is calm today.' });
    assert.ok(totalTokens > 3 && totalTokens < 60, `${totalTokens}`);
    for (const name of ['embedder', 'other-embedder']) {
      const { embeddings } = await client().models.embedContent({ model: name, contents: ['a', 'b'] });
      assert.deepEqual(embeddings.map((one) => one.values), [[0, 0.5], [1, 0.5]], name);
    }
    const names = [];
    for await (const one of await client().models.list()) names.push(one.name);
    assert.ok(names.includes('models/assistant') && names.includes('models/flash'), names.join());
    assert.equal((await client().models.get({ model: 'flash' })).name, 'models/flash');
  });

  test('errors are its ApiError, in mid-stream too', async () => {
    await assert.rejects(client().models.generateContent({ model: 'nosuch', contents: 'hi' }), (error) => error.status === 404 && JSON.parse(error.message).error.status === 'NOT_FOUND');
    await assert.rejects(client().models.get({ model: 'nosuch' }), (error) => error.status === 404);
    for (const name of ['flash', 'gpt']) await assert.rejects(streamed(name, 'break off'), (error) => /overloaded/.test(error.message), name);
  });

  test('a prompt that Google blocks is an answer that says so', async () => {
    const answer = await client().models.generateContent({ model: 'flash', contents: 'block this' });
    assert.equal(answer.promptFeedback.blockReason, 'SAFETY');
  });
});

test('a stream without alt=sse is one JSON array, from providers of either format', async () => {
  const ask = async (name) => {
    const response = await fetch(`${weir.url}/v1beta/models/${name}:streamGenerateContent`, { method: 'POST', body: JSON.stringify({ contents: [{ parts: [{ text: 'hi' }] }] }) });
    assert.match(response.headers.get('content-type'), /^application\/json/);
    return JSON.parse(await response.text());
  };
  const text = (chunks) => chunks.flatMap((one) => one.candidates?.[0].content.parts.filter((part) => !part.thought).map((part) => part.text) ?? []).join('');
  const own = await ask('flash');
  assert.equal(text(own), 'The river is calm.');
  assert.deepEqual(own.at(-1), last);
  const other = await ask('gpt');
  assert.equal(text(other), 'The river is calm.');
  assert.equal(other.at(-1).candidates[0].finishReason, 'STOP');
});

describe("OpenAI's SDK on a model of Google's", () => {
  const client = () => new OpenAI({ baseURL: `${weir.url}/v1`, apiKey: 'none', maxRetries: 0 });

  test('a conversation with a tool keeps the seal of the call', async () => {
    const tools = [{ type: 'function', function: { name: 'level', parameters: { type: 'object', properties: { river: { type: 'string' } } } } }];
    const messages = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'use a tool' }];
    const first = await client().chat.completions.create({ model: 'flash', messages, tools });
    const said = first.choices[0].message;
    assert.equal(first.choices[0].finish_reason, 'tool_calls');
    assert.equal(said.tool_calls[0].function.arguments, '{"river":"Aare"}');
    assert.deepEqual([first.usage.prompt_tokens, first.usage.completion_tokens, first.usage.completion_tokens_details.reasoning_tokens], [7, 5, 2]);
    const second = await client().chat.completions.create({ model: 'flash', messages: [...messages, said, { role: 'tool', tool_call_id: said.tool_calls[0].id, content: '1.2 m' }], tools });
    assert.equal(second.choices[0].message.content, 'The river is calm.');
    const { systemInstruction, contents } = JSON.parse(both.asked.at(-1).body);
    assert.deepEqual(systemInstruction, { parts: [{ text: 'Be brief.' }] });
    assert.equal(contents[1].parts[0].thoughtSignature, 'c2VhbA==');
    assert.equal(contents[2].parts[0].functionResponse.name, 'level');
  });

  test('streams', async () => {
    let text = '';
    let usage;
    for await (const one of await client().chat.completions.create({ model: 'flash', messages: [{ role: 'user', content: 'hi' }], stream: true, stream_options: { include_usage: true } })) {
      text += one.choices[0]?.delta?.content ?? '';
      usage = one.usage ?? usage;
    }
    assert.equal(text, 'The river is calm.');
    assert.equal(usage.total_tokens, 12);
  });
});
