// What Ollama's SDK asks beside chat: generate, loading a model, the older embeddings; by bytes in front of an Ollama, and
// translated in front of another format.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { suiteScope, tempDir, until, Weir } from './support/process.mjs';

const sdk = await import('ollama').catch((error) => ({ reason: `ollama does not load here: ${error.message}` }));
const AT = '2026-01-01T00:00:00Z';

// An Ollama that says `own words`, and remembers what it was asked.
function answer(asked, url, body) {
  if (!body) return JSON.stringify({ models: url === '/api/ps' ? [{ name: 'q:real', model: 'q:real' }] : [] }); // whether it is there, and what is loaded
  asked.push({ url, body });
  const { prompt, messages, stream } = JSON.parse(body);
  if (url === '/api/embeddings') return JSON.stringify({ embedding: [0.5, 1] });
  const generates = url === '/api/generate';
  const loads = generates ? !prompt : !messages?.length;
  const line = (text, more) => JSON.stringify({ model: 'q', created_at: AT, ...(generates ? { response: text } : { message: { role: 'assistant', content: text } }), ...more });
  const last = { done: true, done_reason: loads ? 'load' : 'stop', ...(!loads && { total_duration: 12_345, prompt_eval_count: 5, eval_count: 3 }) };
  if (stream === false) return line(loads ? '' : 'own words', last);
  const said = loads ? [] : [line('own ', { done: false, later: 1 }), line('words', { done: false })];
  return [...said, line('', last), ''].join('\n');
}

describe('ollama 0.6, beside chat', { skip: sdk.reason ?? false }, () => {
  const scope = suiteScope();
  const asked = [];
  let server;
  let client;
  before(async () => {
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      response.setHeader('content-type', 'application/x-ndjson').end(answer(asked, request.url, body));
    });
    await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
    const url = `http://127.0.0.1:${server.address().port}`;
    const weir = await Weir.start(scope, {
      data: tempDir(scope),
      config: {
        providers: [{ id: 'own', kind: 'ollama', url, zone: 'local', discover: false }, { id: 'toy', kind: 'sandbox' }],
        models: [{ id: 'q', provider: 'own', name: 'q:real' }, { id: 'e', provider: 'own', name: 'e:real', embeddings: true, chat: false }, { id: 'other', provider: 'toy', name: 'echo' }],
      },
    });
    client = new sdk.Ollama({ host: weir.url });
  });
  after(() => server.close());

  const streamed = async (stream) => {
    const lines = [];
    for await (const line of await stream) lines.push(line);
    return lines;
  };
  const text = (lines) => lines.map(({ response }) => response).join('');

  test('what an Ollama is asked and says goes on as bytes', async () => {
    const whole = await client.generate({ model: 'q', prompt: 'hi', context: [1, 2, 3] });
    assert.deepEqual([whole.response, whole.total_duration], ['own words', 12_345]);
    assert.deepEqual(asked.at(-1), { url: '/api/generate', body: '{"model":"q:real","prompt":"hi","context":[1,2,3],"stream":false}' });
    const lines = await streamed(client.generate({ model: 'q', prompt: 'hi', stream: true, options: { mirostat: 1 } }));
    assert.deepEqual([text(lines), lines[0].later, lines.at(-1).done], ['own words', 1, true]);
    assert.equal((await client.generate({ model: 'q', prompt: 'hi', raw: true })).response, 'own words');
    assert.deepEqual((await client.embeddings({ model: 'e', prompt: 'a' })).embedding, [0.5, 1]);
    assert.deepEqual(asked.at(-1), { url: '/api/embeddings', body: '{"model":"e:real","prompt":"a"}' });
  });

  test('what is loaded is what the server has in memory', async () => {
    await until(async () => (await client.ps()).models.length === 1, { what: 'the health check' });
    const { models: [loaded] } = await client.ps();
    assert.deepEqual([loaded.name, loaded.model], ['q', 'q'], 'by its name here; nothing of the cloud, and no model that would have to be loaded');
  });

  test('an Ollama can be told to load a model', async () => {
    assert.equal((await client.generate({ model: 'q' })).done_reason, 'load');
    for (const lines of [await streamed(client.generate({ model: 'q', prompt: '', stream: true })), await streamed(client.chat({ model: 'q', messages: [], stream: true }))]) {
      assert.equal(lines.at(-1).done_reason, 'load');
    }
  });

  test('another format is asked for what it can, and refuses the rest by its place', async () => {
    const { response, done_reason: reason } = await client.generate({ model: 'other', prompt: 'hello', system: 'be brief' });
    assert.ok(response.length > 0);
    assert.equal(reason, 'stop');
    const lines = await streamed(client.generate({ model: 'other', prompt: 'hello', stream: true }));
    assert.equal(text(lines), response);
    assert.ok(lines.at(-1).eval_count > 0);
    for (const [more, place] of [[{ context: [1] }, /^context /], [{ prompt: '' }, /^prompt /], [{ template: 'x' }, /^template /]]) {
      await assert.rejects(client.generate({ model: 'other', prompt: 'x', ...more }), (error) => error.status_code === 400 && place.test(error.message));
    }
  });
});
