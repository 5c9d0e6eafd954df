// HTTP/1.1 as bytes on a socket: framing, limits, hostile requests, TLS, Unix sockets, drain and reload.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, beforeEach, describe, test } from 'node:test';
import tls from 'node:tls';

import { ask, local, model } from './support/configs.mjs';
import { SPOKEN, StandIn } from './support/fault_upstream.mjs';
import { Weir, cli, sleep, tempDir, until, suiteScope } from './support/process.mjs';
import { RawClient, postBytes } from './support/raw_http.mjs';
import { readStream } from './support/sse.mjs';

let near;
let weir;

const config = (more = {}) => ({
  server: { cors: ['https://app.example.org'], ...more.server },
  limits: { headers: 16_384, body: 1_000_000, ...more.limits },
  providers: [local('near', near)],
  models: ['ok', 'slow-10-30', 'slow-40-50', 'slow-1-300', 'endless', ...(more.models ?? [])].map((name) => model(name, 'near', name)),
  routes: [{ name: 'assistant', rules: [{ use: ['ok'] }] }],
});
const body = (name = 'assistant', more = {}) => JSON.stringify(ask(name, more));

const scope = suiteScope();
before(async () => {
  near = await StandIn.start(scope);
  weir = await Weir.start(scope, { config: config() });
});
beforeEach(() => near.forget());

async function connect(t, port = weir.port) {
  const client = await RawClient.connect(port);
  t.after(() => client.destroy());
  return client;
}

describe('framing', () => {
  test('keep-alive: many requests on one connection', async (t) => {
    const client = await connect(t);
    for (let i = 0; i < 20; i++) {
      await client.send(postBytes(body()));
      const answer = await client.answer();
      assert.equal(answer.status, 200);
      assert.equal(answer.json().choices[0].message.content, SPOKEN);
    }
  });

  test('pipelined requests are answered in order, slow ones first', async (t) => {
    const client = await connect(t);
    await client.send(postBytes(body('slow-1-300')) + postBytes(body('nonesuch')) + postBytes(body()) + 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await client.answer()).status);
    assert.deepEqual(statuses, [200, 404, 200, 200]);
  });

  test('Connection: close is honoured, HTTP/1.0 gets no chunks', async (t) => {
    const client = await connect(t);
    await client.send(postBytes(body(), { headers: 'Connection: close\r\n' }));
    const answer = await client.answer();
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.connection, 'close');
    await client.untilClosed();
    const old = await connect(t);
    await old.send(`POST /v1/chat/completions HTTP/1.0\r\nContent-Length: ${Buffer.byteLength(body('slow-10-30', { stream: true }))}\r\n\r\n${body('slow-10-30', { stream: true })}`);
    await old.untilClosed();
    const text = old.received.toString();
    assert.doesNotMatch(text, /transfer-encoding/i);
    assert.match(text, /\[DONE\]/);
  });

  test('Expect: 100-continue', async (t) => {
    const client = await connect(t);
    const text = body();
    await client.send(`POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: ${text.length}\r\n\r\n`);
    assert.equal((await client.answer()).status, 100);
    await client.send(text);
    assert.equal((await client.answer()).status, 200);
  });

  test('Expect: 100-continue is refused at once for a body that is too large', async (t) => {
    const client = await connect(t);
    await client.send('POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 999999999\r\n\r\n');
    assert.equal((await client.answer()).status, 413);
  });

  test('chunked request bodies, with extensions and trailers, cut anywhere', async (t) => {
    const client = await connect(t);
    const text = body();
    const chunked = `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5;name=value\r\n${text.slice(0, 5)}\r\n` +
      `${(text.length - 5).toString(16).toUpperCase()}\r\n${text.slice(5)}\r\n0\r\nX-Trailer: yes\r\n\r\n`;
    for (let at = 0; at < chunked.length; at += 7) await client.send(chunked.slice(at, at + 7));
    assert.equal((await client.answer()).status, 200);
    await client.send(postBytes(body()));
    assert.equal((await client.answer()).status, 200, 'the connection goes on');
  });

  test('one byte at a time', async (t) => {
    const client = await connect(t);
    for (const byte of Buffer.from(postBytes(body()))) await client.send(Buffer.from([byte]));
    assert.equal((await client.answer()).status, 200);
  });

  test('HEAD has the head of GET and no body', async (t) => {
    const client = await connect(t);
    await client.send('HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const head = await client.answer({ noBody: true });
    const full = await client.answer();
    assert.equal(head.status, 200);
    assert.equal(head.headers['content-length'], full.headers['content-length']);
    assert.equal(full.status, 200);
  });

  test('a stream that is asked for gets chunks and ends with the last of them', async (t) => {
    const client = await connect(t);
    await client.send(postBytes(body('assistant', { stream: true })));
    const answer = await client.answer();
    assert.match(answer.headers['content-type'], /^text\/event-stream/);
    assert.match(answer.body, /data: \[DONE\]\n\n$/);
    await client.send(postBytes(body()));
    assert.equal((await client.answer()).status, 200, 'the connection goes on');
  });
});

describe('CORS and OPTIONS', () => {
  const preflight = (origin) => `OPTIONS /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nOrigin: ${origin}\r\nAccess-Control-Request-Method: POST\r\n` +
    'Access-Control-Request-Headers: authorization,content-type\r\n\r\n';

  test('an origin on the list is allowed, another is not', async (t) => {
    const client = await connect(t);
    await client.send(preflight('https://app.example.org'));
    const good = await client.answer();
    assert.ok(good.status === 204 || good.status === 200);
    assert.equal(good.headers['access-control-allow-origin'], 'https://app.example.org');
    assert.match(good.headers['access-control-allow-methods'], /POST/);
    assert.match(good.headers['access-control-allow-headers'], /authorization/i);
    await client.send(preflight('https://evil.example.org'));
    assert.equal((await client.answer()).headers['access-control-allow-origin'], undefined);
    await client.send(postBytes(body(), { headers: 'Origin: https://app.example.org\r\n' }));
    const answer = await client.answer();
    assert.equal(answer.headers['access-control-allow-origin'], 'https://app.example.org');
    assert.match(answer.headers.vary ?? '', /origin/i);
    assert.match(answer.headers['access-control-expose-headers'] ?? '', /x-weir-request-id/i);
  });

  test('off by default', async (t) => {
    const plain = await Weir.start(t, { config: { ...config(), server: {} } });
    const client = await connect(t, plain.port);
    await client.send(preflight('https://app.example.org'));
    assert.equal((await client.answer()).headers['access-control-allow-origin'], undefined);
  });
});

describe('hostile and malformed requests are refused, and nothing of them is served', () => {
  const text = body();
  const cases = {
    'a bare CR in a header': `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX-A: a\rContent-Length: 3\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
    'a bare CR before a second header': `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nDummy: x\rTransfer-Encoding: chunked\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
    'a bare LF after the request line': `POST /v1/chat/completions HTTP/1.1\nHost: localhost\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
    'a bare LF between headers': `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\nContent-Length: ${text.length}\r\n\r\n${text}`,
    'two different lengths': `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
    'the same length twice': `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${text.length}\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
    'a list as length': `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${text.length}, ${text.length}\r\n\r\n${text}`,
    'length and chunks': `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${text.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'chunks and length': `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`,
    'an encoding that is not the last': `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
    'an unknown encoding': `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
    'two encodings': `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'a folded header': `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX-A: a\r\n b\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
    'a NUL in a header': `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX-A: a\0b\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
    'a NUL in the path': `POST /v1/chat\0/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
    'a space before the colon': `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length : ${text.length}\r\n\r\n${text}`,
    'a negative length': `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n${text}`,
    'a length with a plus': `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: +${text.length}\r\n\r\n${text}`,
    'a hexadecimal length': `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0x10\r\n\r\n${text}`,
    'an overflowing length': 'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999999\r\n\r\n',
    'a chunk size that is none': 'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n',
    'an overflowing chunk size': 'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n0\r\n\r\n',
    'a bare LF after a chunk size': 'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n',
    'no version': 'POST /v1/chat/completions\r\nHost: localhost\r\n\r\n',
    'another protocol': 'SSH-2.0-OpenSSH_9.2\r\n\r\n',
    'a TLS hello': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
    'HTTP/2 with prior knowledge': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'no Host': `POST /v1/chat/completions HTTP/1.1\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
  };
  for (const [what, bytes] of Object.entries(cases)) {
    test(what, async (t) => {
      const client = await connect(t);
      const smuggled = 'GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX-Smuggled: 1\r\n\r\n';
      await client.send(Buffer.from(bytes + smuggled, 'latin1'));
      const answer = await client.answer();
      if (answer) {
        assert.ok(answer.status >= 400 && answer.status < 600, answer.line);
        assert.notEqual(answer.status, 500);
      }
      await client.untilClosed();
      assert.equal(client.received.indexOf('HTTP/1.1 200'), -1, 'nothing behind it is served');
      assert.equal(near.requests.length, 0, 'the model server saw nothing');
    });
  }
});

test('others are served while the guards read megabytes', async (t) => {
  const one = await Weir.start(t, { config: config({ limits: { body: 32_000_000 } }), args: ['--threads', '1'] });
  const client = await connect(t, one.port);
  // A text that the guards are slow with.
  const dear = JSON.stringify(ask('assistant', { messages: [{ role: 'user', content: 'password: 12 4711 88 3 '.repeat(900_000) }] }));
  // Refused, but only after the guards: so that nothing but them takes time once all of it was sent.
  await client.send(postBytes(dear, { headers: 'x-weir-sensitive: nonesuch\r\n' }));
  let over = false;
  const refused = client.answer({ timeout: 60_000 }).finally(() => { over = true; });
  let served = 0;
  for (; !over; served++) assert.equal((await one.chat(ask('assistant'))).status, 200);
  assert.equal((await refused).status, 400);
  assert.ok(served >= 20, `only ${served} others were served meanwhile`);
});

describe('limits', () => {
  test('a header that is too large', async (t) => {
    const client = await connect(t);
    await client.send(`GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: ${'a'.repeat(40_000)}\r\n\r\n`);
    assert.equal((await client.answer()).status, 431);
    await client.untilClosed();
  });

  test('a header that never ends', async (t) => {
    const client = await connect(t);
    await client.send('GET /healthz HTTP/1.1\r\nHost: localhost\r\n');
    for (let i = 0; i < 400 && !client.closed; i++) await client.send(`X-${i}: ${'a'.repeat(100)}\r\n`);
    assert.equal((await client.answer()).status, 431);
  });

  test('a chunked body that is too large', async (t) => {
    const client = await connect(t);
    await client.send('POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (let i = 0; i < 40 && !client.closed; i++) await client.send(`8000\r\n${'a'.repeat(32_768)}\r\n`);
    assert.equal((await client.answer()).status, 413);
  });

  describe('with short patience', () => {
    let strict;
    const scope = suiteScope();
    before(async () => {
      strict = await Weir.start(scope, { config: config({ limits: { header_wait_ms: 400, body_wait_ms: 400, idle_ms: 600, connections: 8 } }) });
    });

    test('a header that trickles in is cut off (slowloris)', async (t) => {
      const client = await connect(t, strict.port);
      const began = Date.now();
      while (!client.closed && Date.now() - began < 5_000) {
        await client.send('X');
        await sleep(50);
      }
      assert.ok(client.closed, 'each byte does not buy more time');
      const answer = await client.answer();
      if (answer) assert.equal(answer.status, 408);
    });

    test('a body that stops coming', async (t) => {
      const client = await connect(t, strict.port);
      await client.send(postBytes('{"model":', { length: 500 }));
      assert.equal((await client.answer()).status, 408);
      await client.untilClosed();
    });

    test('an idle connection is closed without a word', async (t) => {
      const client = await connect(t, strict.port);
      await client.send(postBytes(body()));
      assert.equal((await client.answer()).status, 200);
      await client.untilClosed();
      assert.equal(client.received.length, 0);
    });

    test('connections beyond the limit are turned away, and let in again when there is room', async (t) => {
      const many = [];
      for (let i = 0; i < 30; i++) many.push(await connect(t, strict.port));
      // Who is idle makes room and a probe always has some: these are neither, until all have come.
      await Promise.all(many.map((client) => client.send('GET /v1/models HTTP/1.1\r\nHost: localhost\r\n')));
      await sleep(150);
      await Promise.all(many.map((client) => client.send('\r\n').catch(() => null)));
      const answers = await Promise.all(many.map((client) => client.answer({ timeout: 3_000 }).catch(() => null)));
      const served = answers.filter((answer) => answer?.status === 200).length;
      assert.equal(served, 8, `${served} of 30 were served at once`);
      many.forEach((client) => client.destroy());
      await until(async () => (await fetch(`${strict.url}/healthz`)).ok, { what: 'room again' });
    });
  });
});

describe('listeners', () => {
  test('TLS with certificate and key files', async (t) => {
    const folder = tempDir(t);
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-days', '2', '-subj', '/CN=localhost',
      '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'], { stdio: 'ignore' });
    const secure = await Weir.start(t, { config: config({ server: { tls: { certificate, key } } }), wait: false });
    const ca = readFileSync(certificate);
    const dial = () => new Promise((done, fail) => {
      const socket = tls.connect({ host: '127.0.0.1', servername: 'localhost', port: secure.port, ca, ALPNProtocols: ['http/1.1'] }, () => done(socket));
      socket.once('error', fail);
    });
    await secure.ready(async () => (await dial()).destroy() ?? true);
    const socket = await dial();
    assert.ok(socket.authorized);
    assert.match(socket.getProtocol(), /TLSv1\.[23]/);
    const client = await RawClient.connect(null, { socket });
    t.after(() => client.destroy());
    await client.send(postBytes(body()));
    assert.equal((await client.answer()).json().choices[0].message.content, SPOKEN);
    await client.send(postBytes(body('slow-10-30', { stream: true })));
    assert.match((await client.answer()).body, /\[DONE\]/);
    const plain = await connect(t, secure.port);
    await plain.send(postBytes(body()));
    await plain.untilClosed();
    assert.equal(plain.received.indexOf('HTTP/1.1 200'), -1);
  });

  test('a Unix socket', async (t) => {
    const path = join(tempDir(t), 'weir.sock');
    const own = await Weir.start(t, { config: config(), listen: `unix:${path}`, wait: false });
    let client;
    await own.ready(async () => (client = await RawClient.connect(path)));
    t.after(() => client.destroy());
    await client.send(postBytes(body()));
    assert.equal((await client.answer()).status, 200);
  });

  test('a port that is taken is said plainly', async (t) => {
    const result = await Weir.start(t, { config: config(), listen: `127.0.0.1:${near.port}`, wait: false });
    const { code } = await result.ended;
    assert.notEqual(code, 0);
    assert.match(result.output, new RegExp(`${near.port}`));
    assert.match(result.output, /in use/i);
  });
});

describe('SIGTERM', () => {
  test('stops accepting, finishes running streams, and ends with 0', async (t) => {
    const own = await Weir.start(t, { config: config({ server: { drain_ms: 10_000 } }) });
    const idle = await connect(t, own.port);
    const response = await own.post('/v1/chat/completions', ask('slow-40-50', { stream: true }));
    const reading = readStream(response);
    await sleep(200);
    own.signal('SIGTERM');
    await until(async () => {
      const refused = await RawClient.connect(own.port).then((client) => client.destroy(), () => true);
      return refused;
    }, { what: 'new connections to be refused' });
    await idle.untilClosed();
    const answer = await reading;
    assert.equal(answer.broken, null);
    assert.ok(answer.done);
    assert.equal((await own.ended).code, 0);
    const usage = cli(['usage', '--since', '1h', '--json', '--data', own.data]);
    assert.equal(usage.code, 0, 'what was finished while draining is in the ledger');
    assert.match(usage.stdout, /slow-40-50/);
  });

  test('a stream that outlives the deadline is ended with an error, not cut', async (t) => {
    const own = await Weir.start(t, { config: config({ server: { drain_ms: 500 } }) });
    const reading = readStream(await own.post('/v1/chat/completions', ask('slow-40-50', { stream: true })));
    await sleep(200);
    own.signal('SIGTERM');
    const answer = await reading;
    assert.equal(answer.done, false);
    assert.ok(answer.error, answer.raw);
    assert.equal((await own.ended).code, 0);
  });
});

describe('reload', () => {
  const swap = (own, value) => {
    writeFileSync(`${own.configFile}.new`, typeof value === 'string' ? value : JSON.stringify(value));
    renameSync(`${own.configFile}.new`, own.configFile);
  };
  const names = async (own) => (await (await fetch(`${own.url}/v1/models`)).json()).data.map(({ id }) => id);
  const renamed = (name) => ({ ...config(), routes: [{ name, rules: [{ use: ['ok'] }] }] });

  test('SIGHUP takes the new config, running requests keep the old one', async (t) => {
    const own = await Weir.start(t, { config: config() });
    const reading = own.post('/v1/chat/completions', ask('slow-40-50', { stream: true })).then(readStream);
    await sleep(200);
    swap(own, { ...renamed('renamed'), models: [model('ok', 'near', 'ok')] });
    own.signal('SIGHUP');
    await until(async () => (await names(own)).includes('renamed'));
    assert.ok(!(await names(own)).includes('assistant'));
    assert.ok((await reading).done, 'the stream of a model that is gone now was finished');
  });

  test('a changed file is noticed by itself', async (t) => {
    const own = await Weir.start(t, { config: config() });
    swap(own, renamed('renamed'));
    await until(async () => (await names(own)).includes('renamed'), { timeout: 8_000 });
    writeFileSync(own.configFile, JSON.stringify(renamed('again'))); // in place, as some editors do
    await until(async () => (await names(own)).includes('again'), { timeout: 8_000 });
  });

  test('a config that is wrong is refused with its line, and the old one stays', async (t) => {
    const own = await Weir.start(t, { config: config() });
    swap(own, 'providers:\n  - {id: near, kind: nonesuch}\n');
    own.signal('SIGHUP');
    await until(() => /nonesuch/.test(own.output), { what: 'the refusal to be said' });
    assert.match(own.output, /:2\b|line 2/);
    assert.ok((await names(own)).includes('assistant'));
    assert.equal((await own.chat(ask('assistant'))).status, 200);
  });

  test('under load, no request sees half a config or is lost', async (t) => {
    const own = await Weir.start(t, { config: config() });
    const both = { ...config(), routes: ['assistant', 'other'].map((name) => ({ name, rules: [{ use: ['ok'] }] })) };
    let stop = false;
    const statuses = new Map();
    const load = Promise.all(Array.from({ length: 8 }, async () => {
      while (!stop) {
        const { status } = await own.chat(ask('assistant'));
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    }));
    for (let i = 0; i < 20; i++) {
      swap(own, i % 2 ? config() : both);
      own.signal('SIGHUP');
      await sleep(50);
    }
    stop = true;
    await load;
    assert.deepEqual([...statuses.keys()], [200]);
  });
});

test('health, readiness and metrics', async () => {
  assert.equal((await fetch(`${weir.url}/healthz`)).status, 200);
  assert.equal((await fetch(`${weir.url}/readyz`)).status, 200);
  await weir.chat(ask('assistant'));
  const metrics = await weir.metrics();
  assert.match(metrics, /^# TYPE gen_ai_/m);
  assert.match(metrics, /^weir_/m);
  for (const line of metrics.trim().split('\n')) assert.match(line, /^(# (HELP|TYPE) \w+ .*|[a-zA-Z_:][\w:]*(\{.*\})? -?[\d.e+-]+(Inf|NaN)?)$/);
});
