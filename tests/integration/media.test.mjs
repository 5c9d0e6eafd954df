// Pictures, sound and moderation with the official client, unmodified. The servers behind are stand-ins that look at the
// bytes they got and answer as OpenAI's API reference says; forms must arrive as they were sent.
import assert from 'node:assert/strict';
import http from 'node:http';
import { before, describe, test } from 'node:test';

import OpenAI, { toFile } from 'openai';

import { cloud, local } from './support/configs.mjs';
import { Weir, createKey, suiteScope, tempDir } from './support/process.mjs';

const SOUND = Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0xff, 0xfb, 0, 13, 10]);
const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

// What each path answers; `seen` keeps the last request whole.
class MediaServer {
  static async start(scope) {
    const it = new MediaServer();
    it.server = http.createServer((request, response) => {
      const parts = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => it.answer(request, Buffer.concat(parts), response));
    });
    await new Promise((done) => it.server.listen(0, '127.0.0.1', done));
    scope.after(() => new Promise((done) => { it.server.closeAllConnections(); it.server.close(done); }));
    it.url = `http://127.0.0.1:${it.server.address().port}/v1`;
    it.count = 0;
    return it;
  }
  answer(request, body, response) {
    this.count += 1;
    this.seen = { path: request.url, type: request.headers['content-type'], authorization: request.headers.authorization, body };
    const json = (value) => response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    const streams = /"stream":\s*true/.test(body.toString('latin1')) || /name="stream"\r\n\r\ntrue/.test(body.toString('latin1'));
    switch (request.url) {
      case '/v1/images/generations':
      case '/v1/images/edits':
        if (streams) {
          response.setHeader('content-type', 'text/event-stream');
          response.write('event: image_generation.partial_image\ndata: {"type":"image_generation.partial_image","b64_json":"AA==","partial_image_index":0}\n\n');
          return response.end('event: image_generation.completed\ndata: {"type":"image_generation.completed","b64_json":"AAEC","usage":{"input_tokens":11,"output_tokens":272,"total_tokens":283}}\n\n');
        }
        return json({ created: 1, data: [{ b64_json: 'AAEC' }], usage: { input_tokens: 11, output_tokens: 272, total_tokens: 283 } });
      case '/v1/audio/speech':
        return response.setHeader('content-type', 'audio/mpeg').end(SOUND);
      case '/v1/audio/transcriptions':
        if (body.includes('srt')) return response.setHeader('content-type', 'text/plain').end('1\n00:00:00,000 --> 00:00:01,000\nHello.\n');
        return json({ text: 'Hello.', usage: { type: 'tokens', input_tokens: 14, output_tokens: 5, total_tokens: 19 } });
      case '/v1/audio/translations':
        return json({ text: 'Good day.' });
      case '/v1/moderations':
        return json({ id: 'modr-1', model: 'omni', results: [{ flagged: false, categories: {}, category_scores: {} }] });
      default:
        response.statusCode = 404;
        return json({ error: { message: 'no such path' } });
    }
  }
}

let near;
let far;
let weir;
let client;
const scope = suiteScope();
before(async () => {
  near = await MediaServer.start(scope);
  far = await MediaServer.start(scope);
  const serves = (id, provider, what, prices) => ({ id, provider, name: `real-${id}`, serves: [what], ...(prices && { prices }) });
  const config = {
    providers: [local('near', near, { kind: 'openai_compatible', zone: 'local' }), cloud('far', far)],
    models: [serves('painter', 'far', 'images', { image: 0.04 }), serves('near-painter', 'near', 'images'), serves('voice', 'far', 'speech', { character: 0.000015 }),
      serves('ear', 'far', 'transcriptions', { second: 0.0001 }), serves('near-ear', 'near', 'transcriptions'), serves('judge', 'far', 'moderations'),
      { id: 'talker', provider: 'far', name: 'gpt' }],
    routes: [
      { name: 'listen', rules: [{ when: { sensitive: 'any' }, zones: ['local'] }, { use: ['ear', 'near-ear'] }] },
      { name: 'open-paint', accept_unreadable: ['images'], rules: [{ use: ['painter'] }] },
      { name: 'open-ear', accept_unreadable: ['audio'], rules: [{ use: ['ear'] }] },
      { name: 'paint', rules: [{ when: { sensitive: 'any' }, zones: ['local'] }, { use: ['painter', 'near-painter'] }] },
    ],
  };
  const data = tempDir(scope);
  const { key } = createKey(data, ['--name', 'app']);
  weir = await Weir.start(scope, { config, data });
  client = new OpenAI({ baseURL: `${weir.url}/v1`, apiKey: key, maxRetries: 0 });
});

describe('pictures', () => {
  test('are made, and the model is the provider\'s', async () => {
    const { data, response } = await client.images.generate({ model: 'painter', prompt: 'a weir at dawn', n: 1 }).withResponse();
    assert.equal(data.data[0].b64_json, 'AAEC');
    assert.equal(data.usage.output_tokens, 272);
    assert.equal(response.headers.get('x-weir-model'), 'painter');
    assert.deepEqual(JSON.parse(far.seen.body), { model: 'real-painter', prompt: 'a weir at dawn', n: 1 });
    assert.equal(far.seen.authorization, 'Bearer sk-cloud-credential');
  });
  test('come as a stream', async () => {
    const response = await fetch(`${weir.url}/v1/images/generations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${client.apiKey}` },
      body: JSON.stringify({ model: 'painter', prompt: 'a weir', stream: true }),
    });
    assert.match(response.headers.get('content-type'), /^text\/event-stream/);
    const types = [...(await response.text()).matchAll(/"type":"([^"]+)"/g)].map((match) => match[1]);
    assert.deepEqual(types, ['image_generation.partial_image', 'image_generation.completed']);
  });
  test('are edited: the form arrives as it was sent', async () => {
    const image = await toFile(PICTURE, 'weir.png', { type: 'image/png' });
    const answer = await client.images.edit({ model: 'open-paint', image, prompt: 'more water' });
    assert.equal(answer.data[0].b64_json, 'AAEC');
    assert.match(far.seen.type, /^multipart\/form-data; boundary=/);
    assert.ok(far.seen.body.includes(PICTURE));
    assert.ok(far.seen.body.includes('real-painter'));
  });
  test('of private words stay here', async () => {
    const before = far.count;
    const { response } = await client.images.generate({ model: 'paint', prompt: 'a letter to jane.doe@example.com' }).withResponse();
    assert.equal(response.headers.get('x-weir-model'), 'near-painter');
    assert.equal(far.count, before);
  });
});

describe('sound', () => {
  const file = () => toFile(SOUND, 'hello.mp3', { type: 'audio/mpeg' });
  test('is made: every byte and its type', async () => {
    const response = await client.audio.speech.create({ model: 'voice', input: 'Hello.', voice: 'alloy' });
    assert.equal(response.headers.get('content-type'), 'audio/mpeg');
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), SOUND);
  });
  test('is written down, as JSON and as subtitles', async () => {
    assert.equal((await client.audio.transcriptions.create({ model: 'open-ear', file: await file() })).text, 'Hello.');
    assert.ok(far.seen.body.includes(SOUND));
    const subtitles = await client.audio.transcriptions.create({ model: 'open-ear', file: await file(), response_format: 'srt' });
    assert.match(subtitles, /-->/);
    assert.equal((await client.audio.translations.create({ model: 'open-ear', file: await file() })).text, 'Good day.');
  });
  test('cannot be read by guards, so it stays where the route says that private things stay', async () => {
    const before = far.count;
    const { data, response } = await client.audio.transcriptions.create({ model: 'listen', file: await file() }).withResponse();
    assert.equal(data.text, 'Hello.');
    assert.equal(response.headers.get('x-weir-model'), 'near-ear');
    assert.equal(far.count, before);
  });
});

test('moderation answers as the provider does', async () => {
  assert.equal((await client.moderations.create({ model: 'judge', input: 'hello' })).results[0].flagged, false);
});

test('the ledger has what it cost', async () => {
  const { response } = await client.images.generate({ model: 'painter', prompt: 'a weir' }).withResponse();
  const entry = await client.get(`/requests/${response.headers.get('x-weir-request-id')}`);
  assert.equal(entry.operation, 'image');
  assert.equal(entry.usage.output_tokens, 272);
});

describe('money', () => {
  const entry = async (response) => client.get(`/requests/${response.headers.get('x-weir-request-id')}`);
  const wav = (seconds) => {
    const head = Buffer.alloc(44);
    head.write('RIFF', 0);
    head.write('WAVEfmt ', 8);
    head.writeUInt32LE(16, 16);
    head.writeUInt32LE(32_000, 28);
    head.write('data', 36);
    head.writeUInt32LE(32_000 * seconds, 40);
    return Buffer.concat([head, Buffer.alloc(32_000 * seconds)]);
  };
  test('by the picture', async () => {
    const { response } = await client.images.generate({ model: 'painter', prompt: 'a weir' }).withResponse();
    const told = await entry(response);
    assert.equal(told.cost_micro_usd, 40_000);
    assert.equal(told.usage.units, 1);
    assert.equal(told.usage.unit, 'image');
  });
  test('by the second that the file says, and by the character', async () => {
    const file = await toFile(wav(3), 'a.wav', { type: 'audio/wav' });
    const heard = await client.audio.transcriptions.create({ model: 'open-ear', file }).withResponse();
    assert.equal((await entry(heard.response)).cost_micro_usd, 300);
    const spoken = await client.audio.speech.create({ model: 'voice', input: 'Grüße', voice: 'alloy' });
    assert.equal((await entry(spoken)).cost_micro_usd, 75);
  });
  test('that nobody can tell is marked', async () => {
    const file = await toFile(SOUND, 'a.mp3', { type: 'audio/mpeg' });
    const { response } = await client.audio.translations.create({ model: 'open-ear', file }).withResponse();
    assert.equal((await entry(response)).attempts[0].price_known, false);
  });
});

describe('what is wrong is said', () => {
  test('a model that serves something else', async () => {
    await assert.rejects(client.images.generate({ model: 'talker', prompt: 'x' }), (error) => error.status >= 400 && /images/.test(error.message));
    await assert.rejects(client.chat.completions.create({ model: 'painter', messages: [{ role: 'user', content: 'x' }] }), (error) => error.status >= 400 && /chat/.test(error.message));
  });
  test('a form that is cut, and one without a model', async () => {
    const post = (body) => fetch(`${weir.url}/v1/audio/transcriptions`, { method: 'POST', body, headers: { 'content-type': 'multipart/form-data; boundary=B', authorization: `Bearer ${client.apiKey}` } });
    for (const body of ['', '--B\r\n', '--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx', '--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--B--\r\n']) {
      const response = await post(body);
      assert.equal(response.status, 400, body);
      assert.ok((await response.json()).error.message);
    }
  });
});
