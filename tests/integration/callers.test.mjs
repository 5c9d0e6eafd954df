// Who may talk to Weir: programs of every make as they are, and no web page; what the doors of a process are like.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { before, beforeEach, describe, test } from 'node:test';
import tls from 'node:tls';

import { chromium } from 'playwright-core';

import { ask, local, model } from './support/configs.mjs';
import { SPOKEN, StandIn } from './support/fault_upstream.mjs';
import { Weir, createKey, freePort, suiteScope, tempDir, until } from './support/process.mjs';
import { RawClient, postBytes } from './support/raw_http.mjs';

const BROWSER = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path));

let near;
const scope = suiteScope();
before(async () => {
  near = await StandIn.start(scope);
});
beforeEach(() => near.forget());

const config = (server = {}) => ({
  server,
  providers: [local('near', near)],
  models: [model('ok', 'near', 'ok'), model('slow', 'near', 'slow-10-30')],
  routes: [{ name: 'assistant', rules: [{ use: ['ok'] }] }],
});
const body = JSON.stringify(ask('assistant'));

// Requests to the model server, without those that only ask what it has.
const asked = () => near.requests.filter(({ method }) => method === 'POST').length;

async function connect(t, port) {
  const client = await RawClient.connect(port);
  t.after(() => client.destroy());
  return client;
}

// One request with exactly these header lines; its answer.
async function send(t, port, line, headers, text = '') {
  const client = await connect(t, port);
  const length = text ? `Content-Length: ${Buffer.byteLength(text)}\r\n` : '';
  await client.send(`${line} HTTP/1.1\r\n${headers.map((header) => `${header}\r\n`).join('')}${length}\r\n${text}`);
  return client.answer();
}
// What a program prints; null where this machine has no such program.
const run = (program, args) => new Promise((done, fail) => {
  execFile(program, args, { timeout: 20_000 }, (error, stdout) => (error?.code === 'ENOENT' ? done(null) : error ? fail(error) : done(stdout)));
});
const POST = 'POST /v1/chat/completions';

describe('without keys', () => {
  let weir;
  const scope = suiteScope();
  before(async () => {
    weir = await Weir.start(scope, { config: config({ cors: ['https://app.example.org'], hosts: ['ai.example.org'] }) });
  });

  const pages = {
    'a form of another site': ['Host: localhost', 'Origin: https://evil.example', 'Content-Type: text/plain'],
    'a script of another site': ['Host: localhost', 'Origin: https://evil.example', 'Content-Type: application/json'],
    'a page of no origin': ['Host: localhost', 'Origin: null', 'Content-Type: text/plain'],
    'a request that says cross-site': ['Host: localhost', 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: no-cors'],
    'a name that a page pointed here': ['Host: evil.example', 'Origin: http://evil.example', 'Content-Type: application/json'],
    'the same with a port': ['Host: evil.example:4077', 'Content-Type: application/json'],
    'an old browser that names its page': ['Host: localhost', 'Referer: https://evil.example/', 'Content-Type: text/plain'],
    'a user in the host': ['Host: localhost:1@evil.example', 'Content-Type: application/json'],
  };
  for (const [what, headers] of Object.entries(pages)) {
    test(`${what} is refused, with the mend`, async (t) => {
      const answer = await send(t, weir.port, POST, headers, body);
      assert.ok([400, 403, 415].includes(answer.status), answer.line);
      const { error } = answer.json();
      assert.match(error.message, /server\.cors|server\.hosts|application\/json|NAME:PORT/);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
      assert.equal(asked(), 0, 'the model server saw nothing');
    });
  }

  for (const path of ['/v1/models', '/v1/requests/req_1', '/metrics']) {
    test(`GET ${path} neither, by another name or from another site`, async (t) => {
      for (const headers of [['Host: evil.example'], ['Host: localhost', 'Origin: https://evil.example'],
        ['Host: localhost', 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: no-cors'],
        ['Host: localhost', 'Origin: https://evil.example', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==']]) {
        const answer = await send(t, weir.port, `GET ${path}`, headers);
        assert.equal(answer.status, 403, `${headers}: ${answer.body}`);
      }
    });
  }

  test('programs are served as they are', async (t) => {
    for (const headers of [['Host: localhost'], ['Host: 127.0.0.1:80', 'Content-Type: application/x-www-form-urlencoded'], ['Host: [::1]:4077', 'Content-Type: text/plain'],
      ['HOST:   LOCALHOST.:4077  ', 'Content-Type: application/json; charset=utf-8'], ['Host: ai.example.org', 'Content-Type: application/json'],
      ['Host: localhost', 'Origin: https://app.example.org', 'Content-Type: application/json']]) {
      const answer = await send(t, weir.port, POST, headers, body);
      assert.equal(answer.status, 200, `${headers}: ${answer.body}`);
      assert.equal(answer.json().choices[0].message.content, SPOKEN);
    }
    const old = await connect(t, weir.port);
    await old.send(`POST /v1/chat/completions HTTP/1.0\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await old.untilClosed();
    assert.match(old.received.toString(), /^HTTP\/1\.1 200/);
    const fetched = await fetch(`${weir.base}/chat/completions`, { method: 'POST', body });
    assert.equal(fetched.status, 200, 'node’s fetch, which says text/plain by itself');
    const curl = await run('curl', ['-s', `${weir.base}/chat/completions`, '-d', body]);
    if (curl !== null) assert.equal(JSON.parse(curl).choices[0].message.content, SPOKEN);
    const python = await run('python3', ['-c', `import http.client,sys
c=http.client.HTTPConnection("localhost",${weir.port})
c.request("POST","/v1/chat/completions",sys.argv[1])
print(c.getresponse().status)`, body]);
    if (python !== null) assert.equal(python.trim(), '200');
  });

  test('targets in every form', async (t) => {
    for (const target of [`http://localhost:${weir.port}/v1/chat/completions`, '//v1//chat/completions', '/v1/chat//completions?x=//y']) {
      assert.equal((await send(t, weir.port, `POST ${target}`, ['Host: localhost'], body)).status, 200, target);
    }
    assert.equal((await send(t, weir.port, 'POST http://evil.example/v1/chat/completions', ['Host: localhost'], body)).status, 403);
    assert.equal((await send(t, weir.port, 'POST http://u:p@localhost/v1/chat/completions', ['Host: localhost'], body)).status, 400);
  });

  test('probes are answered by any name', async (t) => {
    for (const path of ['/healthz', '/readyz']) assert.equal((await send(t, weir.port, `GET ${path}`, ['Host: pod-7.example'])).status, 200);
  });

  test('only listed pages may reach a machine of one’s own', async (t) => {
    const preflight = (origin) => send(t, weir.port, 'OPTIONS /v1/chat/completions', ['Host: localhost', `Origin: ${origin}`,
      'Access-Control-Request-Method: POST', 'Access-Control-Request-Headers: content-type', 'Access-Control-Request-Private-Network: true']);
    const good = await preflight('https://app.example.org');
    assert.equal(good.headers['access-control-allow-private-network'], 'true');
    assert.equal(good.headers['access-control-allow-origin'], 'https://app.example.org');
    const bad = await preflight('https://evil.example');
    assert.equal(bad.headers['access-control-allow-private-network'], undefined);
    assert.equal(bad.headers['access-control-allow-origin'], undefined);
    const rebound = await send(t, weir.port, 'OPTIONS /v1/chat/completions', ['Host: evil.example', 'Origin: http://evil.example']);
    assert.equal(rebound.status, 403);
  });

  describe('in Chromium', { skip: BROWSER ? false : 'needs a browser: apt-get install chromium' }, () => {
    let browser;
    let site;
    const scope = suiteScope();
    before(async () => {
      // The same page by three names: a stranger's, and one that the stranger has pointed at this machine.
      site = http.createServer((_, response) => response.setHeader('content-type', 'text/html').end('<p>a page</p>'));
      await new Promise((done) => site.listen(0, '127.0.0.1', done));
      scope.after(() => site.close());
      browser = await chromium.launch({ executablePath: BROWSER,
        args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
          '--disable-sync', '--no-proxy-server', '--disable-features=BlockInsecurePrivateNetworkRequests,LocalNetworkAccessChecks',
          '--host-resolver-rules=MAP evil.example 127.0.0.1'] });
      scope.after(() => browser.close());
    });

    const open = async (t, url) => {
      const page = await browser.newPage();
      t.after(() => page.close());
      await page.goto(url);
      return page;
    };

    test('a form of another site reaches no model', async (t) => {
      const page = await open(t, `http://evil.example:${site.address().port}/`);
      const [response] = await Promise.all([
        page.waitForResponse((one) => one.url().includes('/v1/chat/completions')),
        page.evaluate(([action, start]) => {
          const form = Object.assign(document.createElement('form'), { method: 'POST', enctype: 'text/plain', action });
          form.append(Object.assign(document.createElement('input'), { name: `${start.slice(0, -1)},"x":"`, value: '"}' }));
          document.body.append(form);
          form.submit();
        }, [`${weir.base}/chat/completions`, body]),
      ]);
      assert.equal(response.status(), 403);
      assert.equal(asked(), 0);
    });

    test('a script of another site reaches no model', async (t) => {
      const page = await open(t, `http://evil.example:${site.address().port}/`);
      const tried = await page.evaluate(([url, text]) => Promise.all([
        fetch(url, { method: 'POST', body: text, mode: 'no-cors' }).then(() => 'sent', () => 'refused'),
        fetch(url, { method: 'POST', body: text }).then(() => 'read', () => 'refused'),
        fetch(url, { method: 'POST', body: text, headers: { 'content-type': 'application/json' } }).then(() => 'read', () => 'refused'),
        navigator.sendBeacon(url, text),
      ]), [`${weir.base}/chat/completions`, body]);
      assert.deepEqual(tried.slice(1, 3), ['refused', 'refused']);
      assert.equal((await fetch(`${weir.url}/healthz`)).status, 200);
      assert.equal(asked(), 0);
    });

    test('a name that was pointed at this machine reaches nothing', async (t) => {
      const page = await open(t, `http://evil.example:${weir.port}/healthz`);
      const statuses = await page.evaluate((text) => Promise.all([
        fetch('/v1/chat/completions', { method: 'POST', body: text, headers: { 'content-type': 'application/json' } }).then((one) => one.status),
        fetch('/v1/models').then((one) => one.status), fetch('/metrics').then((one) => one.status)]), body);
      assert.deepEqual(statuses, [403, 403, 403]);
      assert.equal(asked(), 0);
    });
  });
});

test('with keys, callers come by any name and from listed pages', async (t) => {
  const data = tempDir(t);
  const { key } = createKey(data, ['--name', 'app']);
  const weir = await Weir.start(t, { config: config({ cors: ['https://app.example.org'] }), data });
  const bearer = `Authorization: Bearer ${key}`;
  for (const headers of [['Host: ai.company.example'], ['Host: localhost', 'Origin: https://app.example.org', 'Sec-Fetch-Site: cross-site', 'Content-Type: application/json']]) {
    assert.equal((await send(t, weir.port, POST, [...headers, bearer], body)).status, 200, headers);
    assert.equal((await send(t, weir.port, POST, headers, body)).status, 401);
  }
});

describe('/metrics', () => {
  test('can ask for a key', async (t) => {
    const weir = await Weir.start(t, { config: config({ metrics: { key: '${METRICS_KEY}' } }), env: { METRICS_KEY: 'let-me-in' } });
    const status = async (headers) => (await fetch(`${weir.url}/metrics`, { headers })).status;
    assert.equal(await status({}), 401);
    assert.equal(await status({ authorization: 'Bearer let-me-on' }), 401);
    assert.equal(await status({ authorization: 'Bearer let-me-in-' }), 401);
    assert.equal(await status({ authorization: 'Bearer let-me-in' }), 200);
    assert.equal((await send(t, weir.port, 'GET /metrics', ['Host: metrics.example', 'Authorization: Bearer let-me-in'])).status, 200);
    assert.equal((await fetch(`${weir.url}/healthz`)).status, 200);
  });

  test('can have a listener of its own', async (t) => {
    const port = await freePort();
    const weir = await Weir.start(t, { config: config({ metrics: { listen: `127.0.0.1:${port}` } }) });
    const status = async (at, path) => (await fetch(`http://127.0.0.1:${at}${path}`)).status;
    assert.equal(await status(port, '/metrics'), 200);
    assert.equal(await status(port, '/healthz'), 200);
    assert.equal(await status(port, '/v1/models'), 404);
    assert.equal((await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, { method: 'POST', body })).status, 404);
    assert.equal(await status(weir.port, '/metrics'), 404);
    assert.equal(await status(weir.port, '/v1/models'), 200);
    assert.equal(asked(), 0);
  });

  test('a key that is an unset variable is refused', async (t) => {
    const weir = await Weir.start(t, { config: config({ metrics: { key: '${NOT_SET_AT_ALL:-}' } }), wait: false });
    assert.notEqual((await weir.ended).code, 0);
  });
});

describe('the process', () => {
  const limit = (weir, name) => new RegExp(`${name} +(\\S+) +(\\S+)`).exec(readFileSync(`/proc/${weir.pid}/limits`, 'utf8')).slice(1, 3);

  test('a Unix socket is open to its group, or to whom the config says', async (t) => {
    for (const [server, mode] of [[{}, 0o660], [{ socket_mode: '0600' }, 0o600], [{ socket_mode: '666' }, 0o666]]) {
      const path = join(tempDir(t), 'weir.sock');
      const weir = await Weir.start(t, { config: config(server), listen: `unix:${path}`, wait: false });
      await weir.ready(async () => (await RawClient.connect(path)).destroy() ?? true);
      assert.equal(statSync(path).mode & 0o777, mode);
      const client = await RawClient.connect(path);
      t.after(() => client.destroy());
      await client.send(postBytes(body).replace('Host: localhost', 'Host: any.name'));
      assert.equal((await client.answer()).status, 200);
    }
  });

  test('writes no core dumps unless asked to, and may open as many files as there are', async (t) => {
    const weir = await Weir.start(t, { config: config() });
    assert.deepEqual(limit(weir, 'Max core file size'), ['0', '0']);
    const [soft, hard] = limit(weir, 'Max open files');
    assert.equal(soft, hard);
    const asked = await Weir.start(t, { config: config({ core_dumps: true }) });
    assert.equal(limit(asked, 'Max core file size')[1], limit({ pid: process.pid }, 'Max core file size')[1]);
  });
});

describe('a renewed certificate', () => {
  const make = (folder, name) => {
    const [key, certificate] = [join(folder, `${name}-key.pem`), join(folder, `${name}.pem`)];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-days', '2', '-subj', `/CN=${name}`,
      '-addext', 'subjectAltName=DNS:localhost'], { stdio: 'ignore' });
    return { key: readFileSync(key), certificate: readFileSync(certificate) };
  };

  test('is taken up on SIGHUP; connections go on; a broken pair changes nothing', async (t) => {
    const folder = tempDir(t);
    const [first, second] = ['first', 'second'].map((name) => make(folder, name));
    const paths = { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
    const place = (pair) => Object.keys(paths).forEach((part) => writeFileSync(paths[part], pair[part]));
    place(first);
    const weir = await Weir.start(t, { config: config({ tls: paths }), wait: false, args: ['--threads', '2'] });
    const dial = () => new Promise((done, fail) => {
      const socket = tls.connect({ host: '127.0.0.1', servername: 'localhost', port: weir.port, rejectUnauthorized: false }, () => done(socket));
      socket.once('error', fail);
    });
    const served = async () => {
      const socket = await dial();
      const name = socket.getPeerCertificate().subject.CN;
      socket.destroy();
      return name;
    };
    await weir.ready(served);
    assert.equal(await served(), 'first');
    const old = await RawClient.connect(null, { socket: await dial() });
    t.after(() => old.destroy());
    await old.send(postBytes(body));
    assert.equal((await old.answer()).status, 200);

    place(second);
    weir.signal('SIGHUP');
    await until(async () => (await Promise.all(Array.from({ length: 8 }, served))).every((name) => name === 'second'), { what: 'the new certificate' });
    await old.send(postBytes(body));
    assert.equal((await old.answer()).status, 200, 'a connection of before');

    place({ certificate: second.certificate, key: first.key });
    weir.signal('SIGHUP');
    await until(() => /certificate refused/.test(weir.output), { what: 'the refusal to be said' });
    assert.match(weir.output, /key\.pem/);
    assert.equal(await served(), 'second');
    writeFileSync(paths.certificate, 'no certificate');
    weir.signal('SIGHUP');
    await until(() => weir.output.match(/certificate refused/g).length > 1, { what: 'the second refusal to be said' });
    assert.equal(await served(), 'second');
  });
});
