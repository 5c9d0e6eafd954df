// What one client can take from the others: memory, connections, time. And the forms that a body may come in.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { before, beforeEach, describe, test } from 'node:test';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

import { ask, local, model } from './support/configs.mjs';
import { StandIn } from './support/fault_upstream.mjs';
import { Weir, sleep, suiteScope, until } from './support/process.mjs';
import { RawClient, postBytes } from './support/raw_http.mjs';
import { readStream } from './support/sse.mjs';

let near;
const scope = suiteScope();
before(async () => {
  near = await StandIn.start(scope);
});
beforeEach(() => near.forget());

const config = (limits = {}, server = {}) => ({
  server,
  limits,
  providers: [local('near', near)],
  models: ['ok', 'slow-40-50', 'endless'].map((name) => model(name, 'near', name)),
  routes: [{ name: 'assistant', rules: [{ use: ['ok'] }] }],
});
const body = (name = 'assistant', more = {}) => JSON.stringify(ask(name, more));

async function connect(t, port) {
  const client = await RawClient.connect(port);
  t.after(() => client.destroy());
  return client;
}
// Requests to the model server, without those that only ask what it has.
const asked = () => near.requests.filter(({ method }) => method === 'POST').length;
const get = (client, path = '/healthz') => client.send(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);

describe('the form of a body', () => {
  let weir;
  const scope = suiteScope();
  before(async () => {
    weir = await Weir.start(scope, { config: config({ body: 1_000_000 }) });
  });
  const post = (bytes, headers) => fetch(`${weir.base}/chat/completions`, { method: 'POST', body: bytes, headers: { 'content-type': 'application/json', ...headers } });

  test('gzip and deflate are unpacked, and the model server sees the text', async () => {
    const text = body('assistant', { user: 'ä'.repeat(100_000) });
    for (const [coding, packed] of [['gzip', gzipSync(text)], ['x-gzip', gzipSync(text)], ['GZIP', gzipSync(text)], ['deflate', deflateSync(text)], ['identity', text], ['', text]]) {
      const response = await post(packed, coding ? { 'content-encoding': coding } : {});
      assert.equal(response.status, 200, `${coding}: ${await response.clone().text()}`);
      const seen = near.requests.at(-1);
      assert.equal(seen.json.user, JSON.parse(text).user);
      assert.equal(seen.headers['content-encoding'], undefined);
    }
  });

  test('a small body that unpacks to a large one is refused at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000, 0x20));
    const before = weir.memoryMb();
    assert.equal((await post(bomb, { 'content-encoding': 'gzip' })).status, 413);
    assert.ok(weir.memoryMb() < before + 60, `${before} MB grew to ${weir.memoryMb()} MB`);
  });

  test('what is damaged or of another coding is refused, and says what is read', async () => {
    const packed = gzipSync(body());
    assert.equal((await post(packed.subarray(0, -5), { 'content-encoding': 'gzip' })).status, 400);
    assert.equal((await post(body(), { 'content-encoding': 'gzip' })).status, 400);
    assert.equal((await post(deflateRawSync(body()), { 'content-encoding': 'deflate' })).status, 400);
    for (const coding of ['br', 'zstd', 'gzip, gzip', 'compress']) {
      const response = await post(packed, { 'content-encoding': coding });
      assert.equal(response.status, 415, coding);
      assert.match(response.headers.get('accept-encoding'), /gzip.*identity/);
      assert.match((await response.json()).error.message, /gzip|identity/);
    }
    assert.equal(asked(), 0);
  });

  test('another charset is refused; UTF-8 by all its names, and a byte order mark, are not', async () => {
    for (const type of ['application/json; charset=utf-16', 'application/json;charset=ISO-8859-1', 'text/plain; charset="latin1"', 'application/json; x=y; Charset = windows-1252']) {
      const response = await post(body(), { 'content-type': type });
      assert.equal(response.status, 415, type);
      assert.match((await response.json()).error.message, /UTF-8/);
    }
    for (const type of ['application/json; charset=utf-8', 'application/json;charset="UTF8"', 'application/json; charset=us-ascii', 'application/json; profile=x'])
      assert.equal((await post(body(), { 'content-type': type })).status, 200, type);
    assert.equal((await post(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(body())]), {})).status, 200);
    assert.ok(near.requests.at(-1).text.startsWith('{'), 'the mark is not sent on');
  });
});

describe('memory', () => {
  // A model server that takes large bodies without keeping them.
  let taker;
  const scope = suiteScope();
  before(async () => {
    const answer = { id: 'x', object: 'chat.completion', created: 1, model: 'x', usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
      choices: [{ index: 0, message: { role: 'assistant', content: 'taken' }, finish_reason: 'stop' }] };
    const server = http.createServer((request, response) => {
      request.resume().on('end', () => response.setHeader('content-type', 'application/json').end(JSON.stringify(answer)));
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    scope.after(() => server.close(() => {}) && server.closeAllConnections?.());
    taker = { url: `http://127.0.0.1:${server.address().port}` };
  });
  const taking = (limits) => ({ ...config(limits), providers: [local('near', taker)] });
  const MB = 1024 * 1024;
  const SIZE = 31 * MB;
  const peak = (weir) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${weir.pid}/status`, 'utf8'))[1]) / 1024;
  const filled = (unit, key = 'x') => {
    const head = body().slice(0, -1);
    return Buffer.from(`${head},"${key}":[${unit.repeat(Math.floor((SIZE - head.length - 20) / unit.length))}0]}`);
  };
  // Sends it all; gives { status, json } and how long the others waited at most.
  const post = async (weir, bytes) => {
    const response = await fetch(`${weir.base}/chat/completions`, { method: 'POST', body: bytes, headers: { 'content-type': 'application/json' } });
    return { status: response.status, text: await response.text() };
  };

  for (const [what, unit, status] of [['numbers', '1,', 200], ['numbers with blanks', '1 , ', 200], ['reals', '0.5,', 200], ['empty lists', '[],', 413], ['empty texts', '"",', 413],
    ['exponents', '1e1,', 413], ['pairs', '{"a":1},', 413], ['words', 'null,', 413], ['short texts', '"a\\n",', 413], ['blanks', '                ', 200]]) {
    test(`a body of 31 MB of ${what} takes less than six times that`, async (t) => {
      const weir = await Weir.start(t, { config: taking() });
      const idle = peak(weir);
      const answer = await post(weir, filled(unit));
      assert.equal(answer.status, status, answer.text.slice(0, 300));
      assert.ok(peak(weir) - idle < 6 * 31, `${Math.round(idle)} MB grew to ${Math.round(peak(weir))} MB`);
    });
  }

  test('six at once take no more than six times one, all are answered, and others are served meanwhile', async (t) => {
    const weir = await Weir.start(t, { config: taking({ parsing_wait: '60s' }), args: ['--threads', '1'] });
    const bytes = filled('1,');
    const idle = peak(weir);
    let over = false;
    const large = Promise.all(Array.from({ length: 6 }, () => post(weir, bytes))).finally(() => { over = true; });
    let served = 0;
    for (; !over; served++) assert.equal((await weir.chat(ask('assistant'))).status, 200);
    assert.deepEqual((await large).map(({ status }) => status), Array(6).fill(200));
    assert.ok(peak(weir) - idle < 6 * 6 * 31 / 2, `${Math.round(idle)} MB grew to ${Math.round(peak(weir))} MB`);
    assert.ok(served >= 10, `only ${served} others were served meanwhile`);
  });

  test('who waits too long for its turn to be parsed is told to come again', async (t) => {
    const weir = await Weir.start(t, { config: taking({ parsing: 1_000_000, parsing_wait_ms: 1 }), args: ['--threads', '1'] });
    // Texts that keep the guards busy.
    const slow = JSON.stringify(ask('assistant', { messages: [{ role: 'user', content: '12 4711 88 3 2048 16 0 9973 '.repeat(300_000) }] }));
    const answers = await Promise.all(Array.from({ length: 4 }, async () => {
      const response = await fetch(`${weir.base}/chat/completions`, { method: 'POST', body: slow, headers: { 'content-type': 'application/json' } });
      return { status: response.status, retry: response.headers.get('retry-after'), json: await response.json() };
    }));
    const refused = answers.filter(({ status }) => status === 503);
    assert.ok(refused.length >= 1 && refused.length < 4, `${answers.map(({ status }) => status)}`);
    for (const { retry, json } of refused) {
      assert.equal(retry, '1');
      assert.match(json.error.message, /limits\.parsing/);
    }
    assert.equal((await weir.chat(ask('assistant'))).status, 200);
  });

  test('a list of token ids is counted and passed on as it came', async (t) => {
    const weir = await Weir.start(t, { config: { ...config(), models: [model('ok', 'near', 'ok', { embeddings: true })] } });
    const input = Array.from({ length: 300_000 }, (_, i) => i % 50_000);
    const response = await weir.post('/v1/embeddings', { model: 'assistant', input });
    assert.equal(response.status, 200, await response.clone().text());
    assert.deepEqual(near.requests.at(-1).json.input, input);
    const mixed = await weir.post('/v1/embeddings', { model: 'assistant', input: [...input, 0.5, ...input] });
    assert.equal(mixed.status, 400);
  });
});

describe('connections', () => {
  test('as many as the limit says are kept, the oldest idle ones go first, and a probe always has room', async (t) => {
    const weir = await Weir.start(t, { config: config({ connections: 8 }), args: ['--threads', '2'] });
    const clients = [];
    for (let i = 0; i < 30; i++) {
      clients.push(await connect(t, weir.port));
      await sleep(2);
    }
    await until(() => clients.filter(({ closed }) => closed).length >= 22, { what: 'the oldest to be closed' });
    await sleep(50);
    assert.deepEqual(clients.map(({ closed }) => closed), [...Array(22).fill(true), ...Array(8).fill(false)]);
    await Promise.all(clients.slice(22).map((client) => get(client)));
    for (const client of clients.slice(22)) assert.equal((await client.answer()).status, 200);

    // All of them busy: nobody goes.
    clients.forEach((client) => client.destroy());
    // Whoever asks is a connection too; until the others have been seen to go, the next ones would be beyond the limit.
    const open = async () => Number((await weir.metrics()).match(/^weir_connections_open (\d+)/m)[1]);
    await until(async () => (await open()) === 1, { what: 'them to be gone' });
    const busy = await Promise.all(Array.from({ length: 8 }, () => connect(t, weir.port)));
    busy.forEach((client) => client.socket.pause()); // what comes without end is not read here
    await Promise.all(busy.map((client) => client.send(postBytes(body('endless', { stream: true })))));
    await until(() => asked() === 8, { what: 'eight requests' });
    const ninth = await connect(t, weir.port);
    await ninth.send(postBytes(body()));
    const refused = await ninth.answer();
    assert.equal(refused.status, 503);
    assert.equal(refused.headers['retry-after'], '1');
    assert.equal(refused.json().error.code, 'too_many_connections');
    await ninth.untilClosed();
    // Silent ones that take every place beyond the limit do not keep a probe out.
    const silent = await Promise.all(Array.from({ length: 100 }, () => connect(t, weir.port)));
    for (let i = 0; i < 5; i++) {
      const probe = await connect(t, weir.port);
      await get(probe);
      assert.equal((await probe.answer()).status, 200);
      await probe.untilClosed();
    }
    silent.forEach((client) => client.destroy());
    assert.ok(busy.every((client) => !client.closed), 'who is served stays');
    assert.equal(asked(), 8);
    busy.pop().destroy();
    await until(async () => (await weir.chat(ask('assistant'))).status === 200, { what: 'room again' });
  });

  test('no more than there are descriptors for', async (t) => {
    const weir = await Weir.start(t, { config: config(), command: ['sh', '-c', 'ulimit -n 256; exec "$0" "$@"'] });
    assert.match(weir.output, /fewer connections/);
    const clients = [];
    for (let i = 0; i < 300; i++) clients.push(await connect(t, weir.port));
    assert.equal((await weir.chat(ask('assistant'))).status, 200);
    assert.equal((await fetch(`${weir.url}/healthz`)).status, 200);
    await until(() => clients.filter(({ closed }) => !closed).length <= 32, { what: 'the others to be closed' });
  });

  test('who sends request upon request without waiting does not keep the others from theirs', async (t) => {
    const weir = await Weir.start(t, { config: config(), args: ['--threads', '1'] });
    const flood = await connect(t, weir.port);
    const many = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(20_000);
    flood.socket.write(many);
    let seen = 0;
    flood.socket.on('data', () => { flood.received = Buffer.alloc(0); seen++; });
    for (let i = 0; i < 5; i++) assert.equal((await weir.chat(ask('assistant'))).status, 200);
    assert.ok(seen > 0);
  });
});

describe('time', () => {
  let weir;
  const scope = suiteScope();
  before(async () => {
    weir = await Weir.start(scope, { config: config({ header_wait_ms: 1_000, body_wait_ms: 1_000, body_total_ms: 2_000, idle_ms: 1_500, write_wait_ms: 1_500 }) });
  });
  // No shorter than it says, and not much longer.
  const took = (began, ms) => {
    const passed = Date.now() - began;
    assert.ok(passed >= ms * 0.9 && passed < ms + 2_500, `${passed} ms, not ${ms}`);
  };

  test('a body that trickles in has an end', async (t) => {
    for (const chunked of [false, true]) {
      const client = await connect(t, weir.port);
      const began = Date.now();
      const text = body();
      await client.send(chunked ? 'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n'
        : `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${text.length}\r\n\r\n`);
      for (let i = 0; i < text.length && client.received.length === 0 && Date.now() - began < 8_000; i++) {
        await client.send(chunked ? `1\r\n${text[i]}\r\n` : text[i]);
        await sleep(100);
      }
      const answer = await client.answer();
      took(began, 2_000);
      assert.equal(answer.status, 408);
      assert.match(answer.json().error.message, /2000 ms/);
      await client.untilClosed();
    }
  });

  test('a body that stops, a head that trickles and an idle connection get their time, and no more', async (t) => {
    const [stopped, head, fresh, used] = await Promise.all([0, 1, 2, 3].map(() => connect(t, weir.port)));
    const began = Date.now();
    const stops = stopped.send(postBytes('{"model":', { length: 500 })).then(() => stopped.answer()).then((answer) => {
      took(began, 1_000);
      assert.equal(answer.status, 408);
    });
    const trickles = (async () => {
      for (const byte of 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: '.padEnd(300, 'x')) {
        if (head.received.length > 0 || head.closed) break;
        await head.send(byte);
        await sleep(50);
      }
      assert.equal((await head.answer()).status, 408);
      took(began, 1_000);
    })();
    const says = fresh.untilClosed().then(() => took(began, 1_000));
    const waits = (async () => {
      await get(used);
      await used.answer();
      const since = Date.now();
      await used.untilClosed();
      took(since, 1_500);
    })();
    await Promise.all([stops, trickles, says, waits]);
  });

  test('a client that takes nothing is given up, and one that takes slowly is not', async (t) => {
    const client = await connect(t, weir.port);
    await client.send(postBytes(body('endless', { stream: true })));
    await until(() => client.received.length > 0, { what: 'the stream' });
    client.socket.pause();
    const began = Date.now();
    await until(() => near.connections.some(({ requests, closed }) => closed && requests.length > 0), { what: 'the model server to be left alone', timeout: 20_000 });
    assert.ok(Date.now() - began >= 1_300, 'it had its time');
    const slow = readStream(await weir.post('/v1/chat/completions', ask('slow-40-50', { stream: true })));
    assert.ok((await slow).done, 'a stream of two seconds');
  });
});
