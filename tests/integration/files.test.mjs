// Files and batches with the official client, unmodified. The provider is a stand-in that keeps what it gets and answers as
// OpenAI's API reference says.
import assert from 'node:assert/strict';
import http from 'node:http';
import { before, describe, test } from 'node:test';

import OpenAI, { toFile } from 'openai';

import { PRIVATE, cloud } from './support/configs.mjs';
import { Weir, cli, createKey, suiteScope, tempDir } from './support/process.mjs';

const ENDED = Math.floor(Date.now() / 1000) - 60;

class Keeper {
  static async start(scope) {
    const it = new Keeper();
    it.server = http.createServer((request, response) => {
      const parts = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => it.answer(request, Buffer.concat(parts), response));
    });
    await new Promise((done) => it.server.listen(0, '127.0.0.1', done));
    scope.after(() => new Promise((done) => { it.server.closeAllConnections(); it.server.close(done); }));
    it.url = `http://127.0.0.1:${it.server.address().port}/v1`;
    it.seen = [];
    it.files = new Map();
    return it;
  }
  answer(request, body, response) {
    this.seen.push({ method: request.method, path: request.url, body, authorization: request.headers.authorization });
    const json = (value, status = 200) => { response.statusCode = status; response.setHeader('content-type', 'application/json').end(JSON.stringify(value)); };
    const file = (id) => ({ id, object: 'file', bytes: this.files.get(id).length, created_at: 1, filename: 'a.jsonl', purpose: 'batch', status: 'processed' });
    const batch = { id: 'batch_1', object: 'batch', endpoint: '/v1/chat/completions', input_file_id: 'file-1', completion_window: '24h', created_at: 1, status: 'in_progress' };
    const path = request.url.split('?')[0];
    const [, , kind, id, action] = path.split('/');
    if (kind === 'files' && request.method === 'POST') {
      this.files.set('file-1', body);
      return json(file('file-1'));
    }
    if (kind === 'files' && !id) return json({ object: 'list', data: [...this.files.keys()].map(file), has_more: false });
    if (kind === 'files' && !this.files.has(id)) return json({ error: { message: `No such File object: ${id}`, type: 'invalid_request_error', param: 'id', code: null } }, 404);
    if (kind === 'files' && action === 'content') return response.setHeader('content-type', 'application/octet-stream').end(Buffer.from([0, 1, 2, 255]));
    if (kind === 'files' && request.method === 'DELETE') { this.files.delete(id); return json({ id, object: 'file', deleted: true }); }
    if (kind === 'files') return json(file(id));
    if (request.method === 'POST' && !id) return json(batch);
    if (action === 'cancel') return json({ ...batch, status: 'cancelling' });
    if (!id) return json({ object: 'list', data: [batch], has_more: false });
    return json({ ...batch, id, status: 'completed', completed_at: ENDED, model: 'gpt-real', usage: { input_tokens: 1_000_000, input_tokens_details: { cached_tokens: 0 }, output_tokens: 100_000, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 1_100_000 } });
  }
}

let keeper;
let data;
let config;
let weir;
let client;
const scope = suiteScope();
before(async () => {
  keeper = await Keeper.start(scope);
  config = {
    providers: [cloud('far', keeper)],
    models: [
      { id: 'storage', provider: 'far', name: 'storage', serves: ['files', 'batches'] },
      { id: 'talker', provider: 'far', name: 'gpt-real', prices: { input: 2, output: 10, batch: 0.5 } },
    ],
    routes: [{ name: 'talk', rules: [{ when: { sensitive: 'any' }, zones: ['local'] }, { use: ['talker'] }] }],
  };
  data = tempDir(scope);
  const { key } = createKey(data, ['--name', 'app']);
  weir = await Weir.start(scope, { config, data });
  client = new OpenAI({ baseURL: `${weir.url}/v1`, apiKey: key, maxRetries: 0 });
});

const lines = (text) => toFile(Buffer.from(JSON.stringify({ custom_id: '1', method: 'POST', url: '/v1/chat/completions', body: { model: 'gpt-real', messages: [{ role: 'user', content: text }] } }) + '\n'), 'a.jsonl');

describe('files', () => {
  test('are kept by the provider, and all that is asked of them goes there', async () => {
    const made = await client.files.create({ file: await lines('How is the river?'), purpose: 'batch' });
    assert.equal(made.id, 'file-1');
    assert.equal(keeper.seen.at(-1).authorization, 'Bearer sk-cloud-credential');
    assert.ok(keeper.seen.at(-1).body.includes('How is the river?'));
    assert.deepEqual((await client.files.list({ limit: 3 })).data.map((file) => file.id), ['file-1']);
    assert.equal(keeper.seen.at(-1).path, '/v1/files?limit=3');
    assert.equal((await client.files.retrieve('file-1')).object, 'file');
    assert.deepEqual(Buffer.from(await (await client.files.content('file-1')).arrayBuffer()), Buffer.from([0, 1, 2, 255]));
    assert.equal((await client.files.del('file-1')).deleted, true);
    await assert.rejects(client.files.retrieve('file-1'), (error) => error.status === 404 && /No such File/.test(error.message));
  });
  test('with private words in them do not leave, and neither does what cannot be read', async () => {
    const before = keeper.seen.length;
    await assert.rejects(client.files.create({ file: await lines(PRIVATE), purpose: 'batch' }), (error) => error.status === 400 && error.code === 'zone_refused');
    await assert.rejects(client.files.create({ file: await toFile(Buffer.from([0x25, 0x50, 0x44, 0x46, 0, 1, 2]), 'a.pdf'), purpose: 'user_data' }), (error) => error.status === 400);
    assert.equal(keeper.seen.length, before);
  });
  test('need a key, and an id that leads nowhere else', async () => {
    const before = keeper.seen.length;
    assert.equal((await fetch(`${weir.url}/v1/files`)).status, 401);
    for (const id of ['..%2f..%2fv1%2fmodels', 'a%2Fb', '%2e%2e']) {
      const response = await fetch(`${weir.url}/v1/files/${id}`, { headers: { authorization: `Bearer ${client.apiKey}` } });
      assert.equal(response.status, 404, id);
    }
    assert.equal(keeper.seen.length, before);
  });
});

describe('batches', () => {
  test('are made, listed and cancelled', async () => {
    const made = await client.batches.create({ input_file_id: 'file-1', endpoint: '/v1/chat/completions', completion_window: '24h' });
    assert.equal(made.status, 'in_progress');
    assert.deepEqual(JSON.parse(keeper.seen.at(-1).body), { input_file_id: 'file-1', endpoint: '/v1/chat/completions', completion_window: '24h' });
    assert.equal((await client.batches.list()).data.length, 1);
    assert.equal((await client.batches.cancel('batch_1')).status, 'cancelling');
  });
  test('are paid once, at the price of their model, however often they are asked for and whoever restarts', async () => {
    const money = () => {
      const usage = JSON.parse(cli(['usage', '--data', data, '--json']).stdout);
      return usage.rows.find((row) => row.model === 'talker' || row.group === 'talker');
    };
    for (let i = 0; i < 3; ++i) assert.equal((await client.batches.retrieve('batch_7')).status, 'completed');
    await weir.stop();
    const once = money();
    assert.ok(once, 'the ledger has the batch under its model');
    weir = await Weir.start(scope, { config, data });
    client.baseURL = `${weir.url}/v1`;
    await client.batches.retrieve('batch_7');
    await weir.stop();
    assert.deepEqual(money(), once);
  });
});

test('where nothing keeps files, the answer says what to write', async () => {
  const bare = await Weir.start(scope, { config: { ...config, models: [config.models[1]] }, data: tempDir(scope) });
  const response = await fetch(`${bare.url}/v1/files`);
  assert.equal(response.status, 404);
  assert.match((await response.json()).error.message, /serves: \[files\]/);
});
