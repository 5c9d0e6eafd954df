// The stand-ins for providers are themselves held against what they stand for: each is asked by its provider's own SDK,
// straight, and all that goes both ways is held against the provider's published description. What a provider refuses, its
// stand-in refuses.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { suiteScope } from './support/process.mjs';
import { wires } from './support/standins/all.mjs';
import { COUNTED, FULL_USAGE, REFUSAL, SPOKEN, sealOf } from './support/standins/script.mjs';
import { StandIn } from './support/standins/server.mjs';

const load = (name) => import(name).catch((error) => ({ reason: `${name} does not load here: ${error.message}` }));
const [openai, anthropic, google, cohere, ollama] = await Promise.all(['openai-newest', '@anthropic-ai/sdk', '@google/genai-newest', 'cohere-ai', 'ollama'].map(load));

const scope = suiteScope();
const standIns = {};
before(async () => {
  for (const [name, wire] of Object.entries(wires)) standIns[name] = await StandIn.start(scope, wire);
});
after(() => {
  for (const [name, { mistakes, failures }] of Object.entries(standIns)) {
    assert.deepEqual(mistakes, [], `${name}: what it sends is not what its description says`);
    assert.deepEqual(failures, [], `${name} failed`);
  }
});

const clean = (name) => {
  const { complaints } = standIns[name];
  assert.deepEqual(complaints, []);
};
const parameters = { type: 'object', properties: { river: { type: 'string' } }, required: ['river'] };
const RESULT = '3.5 m, rising — Köln';
const SAID = /^get_level\(.*Rhône.*\) said: 3\.5 m, rising — Köln\.$/s;
async function collect(stream) {
  const events = [];
  for await (const event of stream) events.push(event);
  return events;
}

describe('OpenAI chat', { skip: openai.reason ?? false }, () => {
  const client = () => new openai.default({ baseURL: `${standIns.openai.url}/v1`, apiKey: 'standin-key', maxRetries: 0 });
  const ask = (content, more = {}) => client().chat.completions.create({ model: 'scripted', messages: [{ role: 'user', content }], ...more });
  const tools = ['get_level', 'get_weather'].map((name) => ({ type: 'function', function: { name, parameters } }));

  test('says, streams, calls and is told', async () => {
    assert.equal((await ask('Hello')).choices[0].message.content, SPOKEN);
    const stream = client().chat.completions.stream({ model: 'scripted', messages: [{ role: 'user', content: '[[tool]]' }], tools, stream_options: { include_usage: true } });
    const { choices: [{ message, finish_reason }], usage } = await stream.finalChatCompletion();
    assert.equal(finish_reason, 'tool_calls');
    assert.equal(usage.total_tokens, 30);
    const answer = await client().chat.completions.create({ model: 'scripted', tools, messages: [{ role: 'user', content: '[[tool]]' }, message, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: RESULT }] });
    assert.match(answer.choices[0].message.content, SAID);
    standIns.openai.complaints = standIns.openai.complaints.filter(({ what }) => !/parsed/.test(what)); // the SDK's own
    clean('openai');
  });

  test('stops, is cut, refuses, counts, fails', async () => {
    const [stopped, cut, refused, counted] = await Promise.all([ask('[[stop]]', { stop: ['three'] }), ask('[[count]]', { max_completion_tokens: 20 }), ask('[[refuse]]'), ask('[[usage]]')]);
    assert.equal(stopped.choices[0].message.content, 'one two ');
    assert.equal(cut.choices[0].message.content, COUNTED.slice(0, 20).join(' '));
    assert.equal(cut.choices[0].finish_reason, 'length');
    assert.equal(refused.choices[0].message.refusal, REFUSAL);
    assert.equal(counted.usage.prompt_tokens_details.cached_tokens, FULL_USAGE.cached);
    await assert.rejects(ask('[[fail rate]]'), openai.RateLimitError);
    await assert.rejects(ask('[[fail broken]]'), openai.InternalServerError);
    await assert.rejects(ask('x', { model: 'nosuch' }), openai.NotFoundError);
    for (const kind of ['error', 'cut']) await assert.rejects((async () => collect(await ask(`[[breaks ${kind}]]`, { stream: true })))());
    clean('openai');
  });
});

describe('OpenAI Responses', { skip: openai.reason ?? false }, () => {
  const client = () => new openai.default({ baseURL: `${standIns.responses.url}/v1`, apiKey: 'standin-key', maxRetries: 0 });
  const tools = [{ type: 'function', name: 'get_level', parameters, strict: false }];
  const thinking = { reasoning: { effort: 'low', summary: 'auto' }, include: ['reasoning.encrypted_content'], store: false };

  test('says and streams', async () => {
    assert.equal((await client().responses.create({ model: 'scripted', input: 'Hello' })).output_text, SPOKEN);
    const events = await collect(await client().responses.create({ model: 'scripted', input: 'Hello', stream: true }));
    assert.equal(events.filter(({ type }) => type === 'response.output_text.delta').map(({ delta }) => delta).join(''), SPOKEN);
    assert.deepEqual(events.map(({ sequence_number }) => sequence_number), events.map((_, index) => index));
    clean('responses');
  });

  test('thinks over two turns and wants its thoughts back', async () => {
    const input = [{ role: 'user', content: '[[think]]' }];
    let answer;
    for (let round = 0; round < 3; round++) {
      answer = await client().responses.stream({ model: 'scripted', input, tools, ...thinking }).finalResponse();
      for (const item of answer.output) {
        const { parsed_arguments, ...plain } = item;
        input.push(plain);
        if (item.type === 'function_call') input.push({ type: 'function_call_output', call_id: item.call_id, output: RESULT });
      }
    }
    assert.match(answer.output_text, /Thoughts that came back sealed: 2\./);
    input[1] = { ...input[1], summary: [{ type: 'summary_text', text: 'Something else.' }] };
    await assert.rejects(client().responses.create({ model: 'scripted', input, tools, ...thinking }), /signature/);
    standIns.responses.complaints = standIns.responses.complaints.filter(({ what }) => !/signature/.test(what));
    clean('responses');
  });

  test('refuses, is cut, fails', async () => {
    const refused = await client().responses.create({ model: 'scripted', input: '[[refuse]]' });
    assert.deepEqual([refused.status, refused.output[0].content[0].refusal], ['incomplete', REFUSAL]);
    await assert.rejects(client().responses.create({ model: 'scripted', input: '[[fail rate]]' }), openai.RateLimitError);
    const events = await collect(await client().responses.create({ model: 'scripted', input: '[[breaks error]]', stream: true }));
    assert.equal(events.at(-1).type, 'response.failed');
    clean('responses');
  });
});

describe("Anthropic's Messages", { skip: anthropic.reason ?? false }, () => {
  const client = () => new anthropic.default({ baseURL: standIns.anthropic.url, apiKey: 'standin-key', maxRetries: 0 });
  const tools = ['get_level', 'get_weather'].map((name) => ({ name, input_schema: parameters }));
  const ask = (messages, more = {}) => client().messages.create({ model: 'scripted', max_tokens: 4096, messages: typeof messages === 'string' ? [{ role: 'user', content: messages }] : messages, ...more });

  test('says and streams', async () => {
    assert.equal((await ask('Hello')).content[0].text, SPOKEN);
    assert.equal(await client().messages.stream({ model: 'scripted', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] }).finalText(), SPOKEN);
    assert.equal((await client().messages.countTokens({ model: 'scripted', messages: [{ role: 'user', content: 'Hello' }] })).input_tokens, 21);
    clean('anthropic');
  });

  test('thinks over two turns and wants its thoughts back', async () => {
    const thinking = { type: 'enabled', budget_tokens: 1024 };
    const messages = [{ role: 'user', content: '[[think]]' }];
    let answer;
    for (let round = 0; round < 3; round++) {
      answer = await client().messages.stream({ model: 'scripted', max_tokens: 4096, messages, tools, thinking }).finalMessage();
      messages.push({ role: 'assistant', content: answer.content.map(({ citations, ...block }) => block) });
      const call = answer.content.find(({ type }) => type === 'tool_use');
      if (call) messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: RESULT }] });
    }
    assert.match(answer.content[1].text, /Thoughts that came back sealed: 2\./);
    clean('anthropic');
    const broken = structuredClone(messages.slice(0, -1));
    broken[1].content[0].signature = sealOf('somebody else', 'x');
    await assert.rejects(ask(broken, { tools, thinking }), /signature/);
    broken[1].content.shift();
    await assert.rejects(ask(broken, { tools, thinking }), /Expected `thinking`/);
    standIns.anthropic.complaints = [];
  });

  test('counts in its own way and fails', async () => {
    const { usage } = await ask('[[usage]]');
    assert.deepEqual([usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens, usage.output_tokens], [400, 400, 200, 300]);
    await assert.rejects(ask('[[fail overloaded]]'), (error) => error.status === 529);
    await assert.rejects(async () => client().messages.stream({ model: 'scripted', max_tokens: 100, messages: [{ role: 'user', content: '[[breaks error]]' }] }).finalMessage(), /Overloaded/);
    clean('anthropic');
  });
});

describe("Google's Gemini", { skip: google.reason ?? false }, () => {
  const client = () => new google.GoogleGenAI({ apiKey: 'standin-key', httpOptions: { baseUrl: standIns.gemini.url } });
  const config = { tools: [{ functionDeclarations: [{ name: 'get_level', parametersJsonSchema: parameters }] }], thinkingConfig: { includeThoughts: true } };

  test('says and streams', async () => {
    assert.equal((await client().models.generateContent({ model: 'scripted', contents: 'Hello' })).text, SPOKEN);
    const events = await collect(await client().models.generateContentStream({ model: 'scripted', contents: 'Hello' }));
    assert.equal(events.map(({ text }) => text ?? '').join(''), SPOKEN);
    assert.equal((await client().models.embedContent({ model: 'scripted', contents: ['a', 'bc'] })).embeddings.length, 2);
    clean('gemini');
  });

  test('thinks over two turns and wants the seals of its calls back', async () => {
    const contents = [{ role: 'user', parts: [{ text: '[[think]]' }] }];
    let answer;
    for (let round = 0; round < 3; round++) {
      answer = await client().models.generateContent({ model: 'scripted', contents, config });
      contents.push(answer.candidates[0].content);
      if (answer.functionCalls) contents.push({ role: 'user', parts: [{ functionResponse: { name: 'get_level', response: { output: RESULT } } }] });
    }
    assert.match(answer.text, /Thoughts that came back sealed: 2\./);
    clean('gemini');
    delete contents[1].parts.find((part) => part.functionCall).thoughtSignature;
    await assert.rejects(client().models.generateContent({ model: 'scripted', contents: contents.slice(0, -1), config }), /thought_signature/);
    standIns.gemini.complaints = [];
  });

  test('counts in its own way and fails', async () => {
    const { usageMetadata: usage } = await client().models.generateContent({ model: 'scripted', contents: '[[usage]]' });
    assert.deepEqual([usage.promptTokenCount, usage.cachedContentTokenCount, usage.candidatesTokenCount, usage.thoughtsTokenCount], [1000, 400, 180, 120]);
    await assert.rejects(client().models.generateContent({ model: 'scripted', contents: '[[fail rate]]' }), (error) => error.status === 429);
    await assert.rejects(async () => collect(await client().models.generateContentStream({ model: 'scripted', contents: '[[breaks error]]' })), /overloaded/);
    clean('gemini');
  });
});

describe("Cohere's v2", { skip: cohere.reason ?? false }, () => {
  const client = () => new cohere.CohereClientV2({ environment: standIns.cohere.url, token: 'standin-key', maxRetries: 0 });
  const tools = [{ type: 'function', function: { name: 'get_level', parameters } }];

  test('says, streams, calls and is told', async () => {
    const asked = { model: 'scripted', messages: [{ role: 'user', content: 'Hello' }] };
    assert.equal((await client().chat(asked)).message.content[0].text, SPOKEN);
    const events = await collect(await client().chatStream(asked));
    assert.equal(events.map(({ delta }) => delta?.message?.content?.text ?? '').join(''), SPOKEN);
    const messages = [{ role: 'user', content: '[[tool]]' }];
    const { message } = await client().chat({ model: 'scripted', messages, tools });
    assert.equal(message.toolPlan, 'Let me look. ');
    messages.push({ role: 'assistant', toolCalls: message.toolCalls, toolPlan: message.toolPlan }, { role: 'tool', toolCallId: message.toolCalls[0].id, content: RESULT });
    assert.match((await client().chat({ model: 'scripted', messages, tools })).message.content[0].text, SAID);
    const calls = (await collect(await client().chatStream({ model: 'scripted', messages: messages.slice(0, 1), tools }))).filter(({ type }) => type === 'tool-call-delta');
    assert.deepEqual(JSON.parse(calls.map(({ delta }) => delta.message.toolCalls.function.arguments).join('')).gauge, { at: [1, 2.5, null, true] });
    clean('cohere');
  });

  test('embeds, ranks, fails', async () => {
    const { embeddings } = await client().embed({ model: 'scripted', texts: ['a', 'bc'], inputType: 'search_query', embeddingTypes: ['float'] });
    assert.deepEqual(embeddings.float[1], [0.25, -0.5, 1, 2]);
    const { results } = await client().rerank({ model: 'scripted', query: 'river level', documents: ['a city', 'the river level'] });
    assert.equal(results[0].index, 1);
    await assert.rejects(client().chat({ model: 'scripted', messages: [{ role: 'user', content: '[[fail rate]]' }] }), cohere.Cohere.TooManyRequestsError);
    clean('cohere');
  });
});

describe('Ollama', { skip: ollama.reason ?? false }, () => {
  const client = () => new ollama.Ollama({ host: standIns.ollama.url });
  const tools = [{ type: 'function', function: { name: 'get_level', description: '', parameters } }];

  test('says, streams, calls, is told, embeds, fails', async () => {
    const asked = { model: 'scripted', messages: [{ role: 'user', content: 'Hello' }] };
    assert.equal((await client().chat(asked)).message.content, SPOKEN);
    const lines = await collect(await client().chat({ ...asked, stream: true }));
    assert.equal(lines.map(({ message }) => message.content).join(''), SPOKEN);
    const messages = [{ role: 'user', content: '[[tool]]' }];
    const { message } = await client().chat({ model: 'scripted', messages, tools });
    messages.push(message, { role: 'tool', content: RESULT, tool_name: 'get_level' });
    assert.match((await client().chat({ model: 'scripted', messages, tools })).message.content, SAID);
    assert.equal((await client().embed({ model: 'scripted', input: ['a', 'bc'] })).embeddings.length, 2);
    await assert.rejects(client().chat({ model: 'scripted', messages: [{ role: 'user', content: '[[fail broken]]' }] }), /it broke/);
    await assert.rejects(async () => collect(await client().chat({ model: 'scripted', messages: [{ role: 'user', content: '[[breaks error]]' }], stream: true })), /in the middle/);
    clean('ollama');
  });
});
