// Replicate's official client, unmodified, in front of Replicate: a stand-in here, which answers as its OpenAPI document says.
import assert from 'node:assert/strict';
import http from 'node:http';
import { before, describe, test } from 'node:test';

import Replicate from 'replicate';

import { PRIVATE } from './support/configs.mjs';
import { Weir, cli, createKey, suiteScope, tempDir } from './support/process.mjs';

const ENDED = new Date(Date.now() - 60_000).toISOString();

class Service {
  static async start(scope) {
    const it = new Service();
    it.seen = [];
    it.asked = new Map();
    it.server = http.createServer((request, response) => {
      const parts = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => it.answer(request, Buffer.concat(parts).toString(), response));
    });
    await new Promise((done) => it.server.listen(0, '127.0.0.1', done));
    scope.after(() => new Promise((done) => { it.server.closeAllConnections(); it.server.close(done); }));
    it.url = `http://127.0.0.1:${it.server.address().port}/v1`;
    return it;
  }
  answer(request, body, response) {
    this.seen.push({ method: request.method, path: request.url, body, authorization: request.headers.authorization, prefer: request.headers.prefer });
    const json = (value, status = 200) => { response.statusCode = status; response.setHeader('content-type', 'application/json').end(JSON.stringify(value)); };
    const prediction = (id, more) => ({
      id, model: 'meta/talker', version: 'hidden', input: {}, output: null, error: null, data_removed: false, logs: '', status: 'processing', created_at: ENDED,
      urls: { web: 'https://replicate.example/p', get: `https://replicate.example/v1/predictions/${id}`, cancel: `https://replicate.example/v1/predictions/${id}/cancel` }, ...more,
    });
    const done = { status: 'succeeded', output: ['The ', 'river.'], completed_at: ENDED, metrics: { predict_time: 2.5, total_time: 3 } };
    const [, , , id, action] = request.url.split('?')[0].split('/');
    if (request.method === 'POST' && request.url.endsWith('/predictions')) {
      const made = `p${this.seen.length}`;
      this.asked.set(made, 0);
      return json(prediction(made), 201);
    }
    if (action === 'cancel') return json(prediction(id, { status: 'canceled', completed_at: ENDED }));
    if (id === undefined) return json({ next: null, previous: null, results: [] });
    if (!this.asked.has(id)) return json({ title: 'Not found', detail: 'The requested resource could not be found.', status: 404 }, 404);
    this.asked.set(id, this.asked.get(id) + 1);
    return json(prediction(id, this.asked.get(id) > 1 ? done : {}));
  }
}

let service;
let weir;
let data;
let client;
const scope = suiteScope();
before(async () => {
  service = await Service.start(scope);
  const config = {
    providers: [{ id: 'rented', kind: 'replicate', url: service.url, zone: 'cloud', api_key: 'r8-credential' }],
    models: [{ id: 'meta/talker', provider: 'rented', name: 'meta/talker', serves: ['chat', 'predictions'], prices: { second: 0.001 } }],
    routes: [{ name: 'talk', rules: [{ when: { sensitive: 'any' }, zones: ['local'] }, { use: ['meta/talker'] }] }],
  };
  data = tempDir(scope);
  const { key } = createKey(data, ['--name', 'app']);
  weir = await Weir.start(scope, { config, data });
  client = new Replicate({ auth: key, baseUrl: `${weir.url}/v1` });
});

describe('the official client', () => {
  test('runs a model: created, waited for, and its output joined', async () => {
    const output = await client.run('meta/talker', { input: { prompt: 'Where does it flow?' }, wait: { mode: 'poll', interval: 50 } });
    assert.deepEqual(output, ['The ', 'river.']);
    assert.equal(service.seen[0].path, '/v1/models/meta/talker/predictions');
    assert.equal(service.seen[0].authorization, 'Bearer r8-credential');
    assert.deepEqual(JSON.parse(service.seen[0].body).input, { prompt: 'Where does it flow?' });
  });
  test('pays a finished prediction once, however often it is asked for', async () => {
    const made = await client.predictions.create({ model: 'meta/talker', input: { prompt: 'x' } });
    for (let i = 0; i < 5; ++i) await client.predictions.get(made.id);
    await weir.stop();
    const rows = JSON.parse(cli(['usage', '--data', data, '--json']).stdout).rows;
    assert.equal(rows.reduce((sum, row) => sum + row.cost_micro_usd, 0), 2 * 2_500);
    weir = await Weir.start(scope, { config: JSON.parse(await (await import('node:fs/promises')).readFile(weir.configFile, 'utf8')), data });
    client.baseUrl = `${weir.url}/v1`;
  });
  test('cancels, lists and is told what is not there', async () => {
    const made = await client.predictions.create({ model: 'meta/talker', input: {} });
    assert.equal((await client.predictions.cancel(made.id)).status, 'canceled');
    assert.deepEqual((await client.predictions.list()).results, []);
    await assert.rejects(client.predictions.get('nobody'), (error) => error.response.status === 404);
  });
  test('takes no private words out', async () => {
    const before = service.seen.length;
    await assert.rejects(client.predictions.create({ model: 'meta/talker', input: { prompt: PRIVATE } }), (error) => error.response.status === 400);
    assert.equal(service.seen.length, before);
  });
});
