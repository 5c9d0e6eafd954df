// What the HTTP stacks of other languages send and take that browsers and node do not: their bytes, without the stacks themselves.
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import { before, describe, test } from 'node:test';
import tls from 'node:tls';

import { Authority } from './support/certificates.mjs';
import { ask, local, model } from './support/configs.mjs';
import { SPOKEN, StandIn } from './support/fault_upstream.mjs';
import { Weir, createKey, sleep, suiteScope, tempDir } from './support/process.mjs';
import { RawClient, postBytes } from './support/raw_http.mjs';

const LIMIT = 100_000;
const body = JSON.stringify(ask('ok'));
const scope = suiteScope();
let config;
let weir;
before(async () => {
  const near = await StandIn.start(scope);
  config = (server = {}) => ({ server, limits: { body: LIMIT }, providers: [local('near', near)], models: [model('ok', 'near', 'ok')] });
  weir = await Weir.start(scope, { config: config() });
});

async function connect(t, options = {}) {
  const client = await RawClient.connect(options.port ?? weir.port, options);
  t.after(() => client.destroy());
  return client;
}

describe('what is refused before its body was read', () => {
  const PIECE = 'x'.repeat(5_000);
  const announced = (length, fields = '') => `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${fields}Content-Length: ${length}\r\n\r\n`;
  // Pieces, each after a while; none of them may meet an end of the connection.
  async function trickle(client, piece, times, pause) {
    let ended = false;
    client.socket.on('end', () => (ended = true));
    for (let i = 0; i < times; i++) {
      assert.equal(ended || client.closed, false, `our side ended after ${i} of ${times} pieces`);
      await client.send(piece);
      await sleep(pause);
    }
  }
  const refused = async (client, status) => {
    const answer = await client.answer();
    assert.equal(answer.status, status);
    assert.equal(answer.headers.connection, 'close');
    assert.ok(answer.json().error.message);
  };

  // Stacks that write all before they read (http.client, LWP, HttpURLConnection) over a slow line; and those for which the end
  // of what they are sent is the end of the connection (node's).
  test('leaves a slow client the time to say all of it', async (t) => {
    const sized = await connect(t);
    await sized.send(announced(40 * PIECE.length));
    await refused(sized, 413);
    await trickle(sized, PIECE, 39, 75);
    await sized.send(PIECE);
    await sized.untilClosed();
    const chunked = await connect(t);
    await chunked.send('POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
    await trickle(chunked, `${PIECE.length.toString(16)}\r\n${PIECE}\r\n`, 40, 10);
    await refused(chunked, 413);
    await chunked.send('0\r\n\r\n');
    await chunked.untilClosed();
  });

  test('closes at once for who asked first', async (t) => {
    const client = await connect(t);
    await client.send(announced(10 * LIMIT, 'Expect: 100-continue\r\n'));
    await refused(client, 413);
    await client.untilClosed({ timeout: 1_500 });
  });

  test('reaches fetch, whose body is a stream', async () => {
    async function* pieces() {
      for (let i = 0; i < 200; i++) yield Buffer.from(PIECE);
    }
    for (let i = 0; i < 5; i++) {
      const answer = await fetch(`${weir.url}/v1/chat/completions`, { method: 'POST', body: pieces(), duplex: 'half' });
      assert.equal(answer.status, 413);
      assert.match((await answer.json()).error.message, /larger than the limit/);
    }
  });

  test('holds for TLS', async (t) => {
    const authority = new Authority(scope);
    const { certFile, keyFile } = authority.sign('localhost');
    const secure = await Weir.start(t, { config: config({ tls: { certificate: certFile, key: keyFile } }), wait: false });
    const dial = () => new Promise((done, fail) => {
      const socket = tls.connect({ host: '127.0.0.1', port: secure.port, servername: 'localhost', ca: authority.pem, ALPNProtocols: ['h2', 'http/1.1'] }, () => done(socket)).once('error', fail);
    });
    await secure.ready(async () => (await dial()).destroy() ?? true);
    const socket = await dial();
    assert.equal(socket.alpnProtocol, 'http/1.1');
    const client = await connect(t, { socket });
    await client.send(announced(40 * PIECE.length));
    await refused(client, 413);
    await trickle(client, PIECE, 39, 75);
    await client.send(PIECE);
    await client.untilClosed();

    // A base URL that begins with http:// is told so, in a way that its client shows.
    for (const head of [postBytes(body), 'GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n']) {
      const plain = await connect(t, { port: secure.port });
      await plain.send(head);
      const answer = await plain.answer();
      assert.equal(answer.status, 400);
      assert.match(answer.json().error.message, /https:\/\//);
      await plain.untilClosed();
    }
  });
});

describe('HTTP/2', () => {
  // java.net.http.HttpClient, curl --http2
  test('offered with Upgrade: h2c is left out', async (t) => {
    const client = await connect(t);
    const offer = 'Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA\r\nUpgrade: h2c\r\n';
    for (let i = 0; i < 2; i++) {
      await client.send(postBytes(body, { headers: offer }));
      const answer = await client.answer();
      assert.equal(answer.status, 200);
      assert.equal(answer.json().choices[0].message.content, SPOKEN);
    }
  });

  // curl --http2-prior-knowledge then asks again in HTTP/1.1; others show the word.
  test('spoken without asking is declined with the word for it', async () => {
    const session = http2.connect(weir.url);
    session.on('error', () => {});
    const request = session.request({ ':method': 'POST', ':path': '/v1/chat/completions' });
    const error = await new Promise((done) => request.on('error', done).end(body));
    session.destroy();
    assert.match(error.message, /HTTP_1_1_REQUIRED/);
  });
});

test('OPTIONS * asks the server as a whole', async (t) => {
  const client = await connect(t);
  await client.send('OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n');
  assert.equal((await client.answer()).status, 204);
});

test('a JSON text in UTF-16 is called by its name', async () => {
  for (const mark of ['\ufeff', '']) {
    const answer = await fetch(`${weir.url}/v1/chat/completions`, { method: 'POST', body: Buffer.from(mark + body, 'utf16le') });
    assert.equal(answer.status, 415);
    assert.match((await answer.json()).error.message, /UTF-16/);
  }
});

test('a key may come as a password, and beside one that is for a proxy', async (t) => {
  const data = tempDir(scope);
  const { key } = createKey(data, ['--name', 'stacks']);
  const keyed = await Weir.start(t, { data, config: config() });
  const basic = (pair) => `Basic ${Buffer.from(pair).toString('base64')}`;
  const asked = async (headers) => (await fetch(`${keyed.url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })).status;
  assert.equal(await asked({ authorization: basic(`me:${key}`) }), 200);
  assert.equal(await asked({ authorization: basic('proxy:secret'), 'x-api-key': key }), 200);
  assert.equal(await asked({ authorization: 'Bearer of-somebody-else', 'api-key': key }), 200);
  assert.equal(await asked({ authorization: basic('proxy:secret') }), 401);
  assert.equal(await asked({ authorization: basic('me:wk-wrong') }), 401);
});
