// How providers are reached: through a company's proxy, over TLS that is checked, with a certificate of Weir's own. Real
// proxies, real TLS servers; what is looked at is also what each of them gets to see.
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, beforeEach, describe, test } from 'node:test';

import { Authority } from './support/certificates.mjs';
import { ask, model } from './support/configs.mjs';
import { SPOKEN, StandIn } from './support/fault_upstream.mjs';
import { ForwardProxy } from './support/forward_proxy.mjs';
import { Weir, cli, cliAsync, freePort, sleep, suiteScope, tempDir, until } from './support/process.mjs';
import { readStream } from './support/sse.mjs';

const PROMPT = 'How is the river today?';
const SECRET = 'p@ss/wörd:1';
const USER = `CORP\\me:${SECRET}`;
const IN_URL = `CORP%5Cme:${encodeURIComponent(SECRET)}`;

const scope = suiteScope();
let authority;
let llm; // what is asked
let spare; // who answers when it does not
let ports; // of llm, by certificate

const provider = (id, url, more = {}) => ({ id, kind: 'openai_compatible', url, zone: 'cloud', api_key: 'sk-the-credential', health_check: false,
  discover: false, retries: 0, timeouts: { connect_ms: 3000, first_byte_ms: 3000, first_token_ms: 3000, total_ms: 10_000 }, ...more });
// `m` is asked alone, route `r` goes on to the spare.
const config = (first, more = {}) => ({
  providers: [first, provider('spare', spare.url, { zone: 'local', proxy: 'none' })],
  models: [model('m', first.id, 'ok'), model('backup', 'spare', 'ok')],
  routes: [{ name: 'r', rules: [{ use: ['m', 'backup'] }] }],
  ...more,
});
// One loop, so that one connection is enough.
const start = (t, first, env = {}) => Weir.start(t, { config: config(first), env, args: ['--threads', '1'] });

before(async () => {
  authority = new Authority(scope);
  llm = await StandIn.start(scope);
  spare = await StandIn.start(scope);
  const good = authority.sign('llm', 'DNS:llm.test,DNS:localhost,IP:127.0.0.1,IP:::1');
  const other = authority.sign('other', 'DNS:other.test');
  const stranger = new Authority(scope, 'A stranger').sign('llm', 'DNS:llm.test');
  ports = {
    plain: llm.port,
    good: await llm.secure(scope, { key: good.key, cert: good.cert }),
    other: await llm.secure(scope, { key: other.key, cert: other.cert }),
    stranger: await llm.secure(scope, { key: stranger.key, cert: stranger.cert }),
    wants: await llm.secure(scope, { key: good.key, cert: good.cert, ca: authority.pem, requestCert: true, rejectUnauthorized: true }),
    wants12: await llm.secure(scope, { key: good.key, cert: good.cert, ca: authority.pem, requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' }),
  };
});
beforeEach(() => {
  llm.forget();
  spare.forget();
});

const proxyTo = (t, hosts, more = {}) => ForwardProxy.start(t, { hosts, ...more });

// The model alone fails, and says why; the route answers all the same.
async function fallsBack(weir, why, { code = 'upstream_unreachable' } = {}) {
  const alone = await weir.chat(ask('m'));
  assert.ok(alone.status >= 500, `${alone.status} ${alone.text}`);
  assert.match(alone.json.error.message, why);
  assert.equal(alone.json.error.code, code, alone.text);
  const routed = await weir.chat(ask('r'));
  assert.equal(routed.status, 200, routed.text);
  const entry = await weir.ledger(routed.id);
  assert.deepEqual(entry.attempts.map(({ provider: id }) => id), ['p', 'spare']);
  return alone;
}

describe('a proxy that the environment names', () => {
  test('opens a tunnel for https, and sees a name and nothing else', async (t) => {
    const proxy = await proxyTo(t, { 'llm.test:443': ports.good });
    const weir = await start(t, provider('p', 'https://llm.test/v1', { ca_file: authority.file }), { HTTPS_PROXY: proxy.url });
    const whole = await weir.chat(ask('m'));
    assert.equal(whole.status, 200, whole.text);
    assert.equal(whole.json.choices[0].message.content, SPOKEN);
    const stream = await readStream(await weir.post('/v1/chat/completions', ask('m', { stream: true })));
    assert.equal(stream.text, SPOKEN);
    assert.equal(stream.done, true);
    assert.equal(proxy.relayed.length, 0);
    assert.deepEqual(proxy.connects.map(({ target }) => target), ['llm.test:443'], 'the tunnel serves again');
    assert.deepEqual(Object.keys(proxy.connects[0].headers), ['host']);
    assert.equal(llm.requests[0].headers.host, 'llm.test');
    assert.equal(llm.requests[0].path, '/v1/chat/completions');
  });

  test('passes a stream through the tunnel as it comes', async (t) => {
    const proxy = await proxyTo(t, { 'llm.test:443': ports.good });
    const weir = await Weir.start(t, { env: { HTTPS_PROXY: proxy.url }, config: {
      providers: [provider('p', 'https://llm.test/v1', { ca_file: authority.file })], models: [model('m', 'p', 'slow-5-200')] } });
    const times = [];
    await readStream(await weir.post('/v1/chat/completions', ask('m', { stream: true })), { onEvent: () => times.push(Date.now()) });
    assert.ok(times.at(-1) - times[1] > 300, `all at once: ${times}`);
  });

  test('gets requests in absolute form for http', async (t) => {
    const proxy = await proxyTo(t, { 'plain.test:8000': ports.plain });
    const weir = await start(t, provider('p', 'http://plain.test:8000/v1'), { http_proxy: proxy.url, HTTP_PROXY: 'http://127.0.0.1:1' });
    const answer = await weir.chat(ask('m'));
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(proxy.relayed.map(({ method, target }) => [method, target]), [['POST', 'http://plain.test:8000/v1/chat/completions']]);
    assert.equal(llm.requests[0].headers.host, 'plain.test:8000');
    const stream = await readStream(await weir.post('/v1/chat/completions', ask('m', { stream: true })));
    assert.equal(stream.text, SPOKEN);
  });

  test('gets the credentials of its URL, and nobody else does', async (t) => {
    const proxy = await proxyTo(t, { 'llm.test:443': ports.good, 'plain.test:80': ports.plain }, { credentials: Buffer.from(USER).toString('latin1') });
    proxy.credentials = Buffer.from(USER, 'utf8');
    for (const url of ['https://llm.test/v1', 'http://plain.test/v1']) {
      const weir = await start(t, provider('p', url, { ca_file: authority.file }), { ALL_PROXY: `http://${IN_URL}@${proxy.place}` });
      const answer = await weir.chat(ask('m'));
      assert.equal(answer.status, 200, answer.text);
      assert.equal(llm.requests.at(-1).headers['proxy-authorization'], undefined);
      assert.equal(llm.requests.at(-1).headers.authorization, 'Bearer sk-the-credential');
      assert.doesNotMatch(weir.output + await weir.metrics() + JSON.stringify(await weir.ledger(answer.id)), /p@ss|p%40ss/);
    }
    assert.equal(proxy.asked, 2);
    assert.ok(proxy.connects.every(({ headers }) => !headers.authorization), 'the provider\'s credential is not the proxy\'s');
  });

  test('is not asked where NO_PROXY says so, for loopback, for what is local, or where the config says none', async (t) => {
    const proxy = await proxyTo(t, {});
    const env = { ALL_PROXY: proxy.url, NO_PROXY: 'example.org,.invalid' };
    const named = await start(t, provider('p', 'http://llm.invalid/v1'), env);
    assert.equal((await named.chat(ask('m'))).status, 502);
    const loopback = await start(t, provider('p', llm.url), env);
    assert.equal((await loopback.chat(ask('m'))).status, 200);
    const local = await start(t, provider('p', 'http://gpu.internal/v1', { zone: 'local' }), env);
    assert.equal((await local.chat(ask('m'))).status, 502);
    const said = await start(t, provider('p', 'http://llm.example/v1', { proxy: 'none' }), env);
    assert.equal((await said.chat(ask('m'))).status, 502);
    assert.equal(proxy.asked, 0);
  });

  test('carries the search for models too, with no config at all', async (t) => {
    const proxy = await proxyTo(t, { 'api.llm.test:80': ports.plain });
    const weir = await Weir.start(t, { env: { HTTP_PROXY: proxy.url, OPENAI_API_KEY: 'sk-x', OPENAI_BASE_URL: 'http://api.llm.test/v1' } });
    assert.ok(proxy.relayed.some(({ method, target }) => method === 'GET' && target === 'http://api.llm.test/v1/models'));
    const answer = await weir.chat(ask('openai/ok'));
    assert.equal(answer.status, 200, answer.text);
  });

  test('that cannot be read is said, and its provider is not asked past it', async (t) => {
    const socks = await cliAsync(['check', '--config', configFile(t, provider('p', 'https://llm.test/v1'))], { env: { ALL_PROXY: `socks5://me:${SECRET}@p:1` } });
    assert.equal(socks.code, 3, socks.stdout);
    assert.match(socks.stderr, /`p` cannot be reached as the environment says: `ALL_PROXY` names a SOCKS proxy/);
    assert.doesNotMatch(socks.stderr + socks.stdout, /p@ss/);
    const zero = await Weir.start(t, { env: { HTTP_PROXY: 'socks5://p:1', OPENAI_API_KEY: 'sk-x', OPENAI_BASE_URL: llm.url.replace('127.0.0.1', 'llm.test') } });
    assert.match(zero.output, /SOCKS/);
  });
});

describe('a proxy of one provider', () => {
  test('is taken whatever the environment says, also to this machine', async (t) => {
    const proxy = await proxyTo(t, { [`127.0.0.1:${ports.plain}`]: ports.plain });
    const weir = await start(t, provider('p', llm.url, { proxy: '${MY_PROXY}' }), { MY_PROXY: proxy.url, NO_PROXY: '*', HTTP_PROXY: 'http://127.0.0.1:1' });
    const answer = await weir.chat(ask('m'));
    assert.equal(answer.status, 200, answer.text);
    assert.equal(proxy.relayed.length, 1);
  });

  test('leads to IPv6 addresses', async (t) => {
    const proxy = await proxyTo(t, { '[::1]:8443': ports.good, '[::1]:443': ports.good });
    for (const [url, target] of [['https://[::1]:8443/v1', '[::1]:8443'], ['https://[::1]/v1', '[::1]:443']]) {
      const weir = await start(t, provider('p', url, { proxy: proxy.url, ca_file: authority.file }));
      const answer = await weir.chat(ask('m'));
      assert.equal(answer.status, 200, answer.text);
      assert.equal(proxy.connects.at(-1).target, target);
      assert.equal(proxy.connects.at(-1).headers.host, target);
    }
  });

  test('may be spoken to over TLS, whose certificate is checked', async (t) => {
    const own = authority.sign('proxy', 'DNS:localhost');
    const proxy = await proxyTo(t, { 'llm.test:443': ports.good, 'plain.test:80': ports.plain }, { tls: { key: own.key, cert: own.cert }, credentials: 'me:pass' });
    const url = proxy.url.replace('//', '//me:pass@');
    for (const to of ['https://llm.test/v1', 'http://plain.test/v1']) {
      const weir = await start(t, provider('p', to, { proxy: url, ca_file: authority.file }));
      for (let i = 0; i < 3; i++) {
        const stream = await readStream(await weir.post('/v1/chat/completions', ask('m', { stream: i > 0 })));
        assert.equal(stream.status, 200, stream.raw);
        if (i > 0) assert.equal(stream.text, SPOKEN);
      }
      const large = await weir.chat(ask('m', { messages: [{ role: 'user', content: 'river '.repeat(200_000) }] }));
      assert.equal(large.status, 200, large.text);
    }
    assert.equal(proxy.connects.length, 1);
    const stranger = await start(t, provider('p', 'http://plain.test/v1', { proxy: url }));
    await fallsBack(stranger, new RegExp(`its proxy localhost:${proxy.port} \\(from \`proxy\`\\) cannot be used: TLS: .*certificate`));
    assert.ok(proxy.relayed.every(({ headers }) => headers.host), 'nothing was said to it');
  });

  const failures = {
    'wants a password': { credentials: USER, why: /answered 407: it wants a user and a password/ },
    'refuses the password': { credentials: USER, url: (proxy) => `http://me:hunter2@${proxy.place}`, why: /answered 407: it refuses the user or the password/ },
    'does not reach the host': { hosts: {}, why: /answered 502: it does not reach this provider/ },
    'does not let through': { answer: 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n', why: /answered 403: it does not let Weir through/ },
    'speaks Negotiate only': { answer: 'HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n', why: /takes no user and password \(Basic\)/ },
    'is a web server': { answer: 'HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n', why: /answered 405: it does not open tunnels/ },
    'speaks no HTTP': { answer: 'SSH-2.0-OpenSSH_9.2p1\n', why: /did not answer CONNECT in HTTP/ },
    'closes at once': { answer: '', end: true, why: /closed the connection before it answered CONNECT/ },
    'sends a body before the tunnel': { answer: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', why: /sent more than its answer to CONNECT/ },
    'sends a head without an end': { answer: `HTTP/1.1 200 OK\r\nX-Pad: ${'p'.repeat(100_000)}`, why: /head of more than 64 KiB|did not answer CONNECT/ },
    'says nothing': { answer: '', why: /did not open a tunnel in time; `timeouts.connect` of this provider/ },
    'breaks the tunnel in the handshake': { answer: 'HTTP/1.1 200 OK\r\n\r\n', end: true, why: /TLS: / },
  };
  for (const [name, { credentials, hosts, url, answer, end, why }] of Object.entries(failures)) {
    test(`that ${name} costs this provider, not the answer`, async (t) => {
      const proxy = await proxyTo(t, hosts ?? { 'llm.test:443': ports.good }, { credentials });
      if (answer !== undefined) {
        proxy.onConnect = ({ socket }) => {
          if (answer) socket.write(answer);
          if (end) socket.end();
        };
      }
      const weir = await start(t, provider('p', 'https://llm.test/v1', { proxy: url?.(proxy) ?? proxy.url, ca_file: authority.file,
        timeouts: { connect_ms: 700, total_ms: 5000 } }));
      const alone = await fallsBack(weir, why);
      if (name !== 'breaks the tunnel in the handshake') assert.ok(alone.json.error.message.includes(`its proxy ${proxy.place} (from \`proxy\`)`), alone.text);
      assert.doesNotMatch(weir.output + alone.text, /hunter2|aHVudGVyMg|bWU6aHVudGVyMg/);
      assert.equal(llm.requests.length, 0);
    });
  }

  test('that is not there costs this provider, not the answer', async (t) => {
    const port = await freePort();
    const weir = await start(t, provider('p', 'https://llm.test/v1'), { https_proxy: `127.0.0.1:${port}` });
    await fallsBack(weir, new RegExp(`its proxy 127\\.0\\.0\\.1:${port} \\(from \`https_proxy\`\\) cannot be reached: `));
  });

  test('that refuses a plain request is told from the provider, and an echo of its password hidden', async (t) => {
    const proxy = await proxyTo(t, { 'plain.test:80': ports.plain }, { credentials: USER });
    const weir = await start(t, provider('p', 'http://plain.test/v1', { proxy: `http://me:hunter2hunter@${proxy.place}` }));
    await fallsBack(weir, /its proxy .* answered 407: it refuses/);
    const echo = `Basic ${Buffer.from('me:hunter2hunter').toString('base64')}`;
    proxy.onRequest = (request, response) => response.writeHead(503, { 'Content-Type': 'text/plain' }).end(`no route for ${request.headers['proxy-authorization']} hunter2hunter`);
    const alone = await fallsBack(weir, new RegExp(`\\(It was asked through the proxy ${proxy.place}, from \`proxy\`\\.\\)`), { code: 'upstream_server_error' });
    assert.ok(!alone.text.includes(echo) && !alone.text.includes('hunter2hunter'), alone.text);
    assert.equal(llm.requests.length, 0);
  });

  test('that closes idle tunnels costs nothing', async (t) => {
    const proxy = await proxyTo(t, { 'llm.test:443': ports.good });
    const weir = await start(t, provider('p', 'https://llm.test/v1', { proxy: proxy.url, ca_file: authority.file }));
    for (let i = 0; i < 5; i++) {
      assert.equal((await weir.chat(ask('m'))).status, 200);
      proxy.dropTunnels();
      if (i % 2) await sleep(20);
    }
    assert.equal(proxy.connects.length, 5);
  });

  test('is seen by health checks', async (t) => {
    const proxy = await proxyTo(t, { 'plain.test:80': ports.plain });
    const weir = await start(t, provider('p', 'http://plain.test/v1', { zone: 'local', proxy: proxy.url, health_check: true }));
    await until(() => proxy.relayed.some(({ target }) => target === 'http://plain.test/v1/models'), { what: 'a health check' });
    proxy.credentials = 'now:wanted';
    await until(() => /is down/.test(weir.output), { what: 'the provider to be down' });
    assert.match(weir.output, /is down.*proxy/);
    proxy.credentials = null;
    await until(() => /is up/.test(weir.output), { what: 'the provider to be up' });
  });

  test('changes on reload, and no connection of before is used', async (t) => {
    const [first, second] = [await proxyTo(t, { 'llm.test:443': ports.good }), await proxyTo(t, { 'llm.test:443': ports.good })];
    const of = (proxy) => config(provider('p', 'https://llm.test/v1', { proxy, ca_file: authority.file }));
    const weir = await Weir.start(t, { config: of(first.url), args: ['--threads', '1'] });
    const reload = async (proxy) => {
      const loads = (weir.output.match(/config loaded/g) ?? []).length;
      writeFileSync(weir.configFile, JSON.stringify(of(proxy)));
      weir.signal('SIGHUP');
      await until(() => (weir.output.match(/config loaded/g) ?? []).length > loads, { what: 'the reload' });
    };
    assert.equal((await weir.chat(ask('m'))).status, 200);
    await reload(second.url);
    assert.equal((await weir.chat(ask('m'))).status, 200);
    assert.deepEqual([first.connects.length, second.connects.length], [1, 1]);
    await reload(second.url);
    assert.equal((await weir.chat(ask('m'))).status, 200);
    assert.deepEqual([first.connects.length, second.connects.length], [1, 1], 'the same way serves on');
    await reload(first.url);
    assert.equal((await weir.chat(ask('m'))).status, 200);
    assert.deepEqual([first.connects.length, second.connects.length], [2, 1]);
  });

  test('without which a model was down has its chance when the config mends it', async (t) => {
    const proxy = await proxyTo(t, { 'llm.test:443': ports.good });
    const of = (url) => config(provider('p', 'https://llm.test/v1', { proxy: url, ca_file: authority.file }));
    const weir = await Weir.start(t, { config: of('http://127.0.0.1:1') });
    for (let i = 0; i < 8; i++) await weir.chat(ask('r'));
    writeFileSync(weir.configFile, JSON.stringify(of(proxy.url)));
    weir.signal('SIGHUP');
    await until(() => /config loaded/.test(weir.output), { what: 'the reload' });
    const answer = await weir.chat(ask('r'));
    assert.equal((await weir.ledger(answer.id)).attempts[0].provider, 'p');
    assert.equal(proxy.connects.length, 1);
  });
});

describe('a provider over https', () => {
  const direct = (port, more) => provider('p', `https://localhost:${port}/v1`, more);
  const tunnelled = (proxy, more) => provider('p', 'https://llm.test/v1', { proxy: proxy.url, ...more });

  test('is believed with an authority of its own, per provider', async (t) => {
    const weir = await start(t, direct(ports.good, { ca_file: authority.file }));
    assert.equal((await weir.chat(ask('m'))).status, 200);
    await fallsBack(await start(t, direct(ports.good)), /TLS: .*certificate.*; `ca_file` names further authorities/);
    assert.equal(llm.requests.length, 1, 'nothing was said to whom was not believed');
  });

  test('is not believed with another name, from a stranger or through a tunnel that leads elsewhere', async (t) => {
    const proxy = await proxyTo(t, { 'llm.test:443': ports.good });
    await fallsBack(await start(t, direct(ports.other, { ca_file: authority.file })), /TLS: hostname mismatch/);
    for (const [port, why] of [[ports.other, /TLS: hostname mismatch/], [ports.stranger, /TLS: .*certificate/], [ports.plain, /TLS/]]) {
      proxy.hosts = { 'llm.test:443': port };
      await fallsBack(await start(t, tunnelled(proxy, { ca_file: authority.file })), why);
    }
    assert.equal(llm.requests.length, 0);
  });

  test('may have the name that the config gives it', async (t) => {
    const weir = await start(t, direct(ports.other, { ca_file: authority.file, tls_server_name: 'other.test' }));
    assert.equal((await weir.chat(ask('m'))).status, 200);
    await fallsBack(await start(t, direct(ports.good, { ca_file: authority.file, tls_server_name: 'other.test' })), /hostname mismatch/);
  });

  for (const version of ['wants', 'wants12']) {
    test(`gets the certificate that it asks for (${version === 'wants' ? 'TLS 1.3' : 'TLS 1.2'})`, async (t) => {
      const own = authority.sign('weir', 'DNS:weir.test');
      const mine = { ca_file: authority.file, client_certificate: own.certFile, client_key: own.keyFile };
      const weir = await start(t, direct(ports[version], mine));
      const answer = await weir.chat(ask('m'));
      assert.equal(answer.status, 200, answer.text);
      const proxy = await proxyTo(t, { 'llm.test:443': ports[version] });
      const through = await start(t, tunnelled(proxy, mine));
      assert.equal((await through.chat(ask('m'))).status, 200);

      llm.forget();
      await fallsBack(await start(t, direct(ports[version], { ca_file: authority.file })), /asks for a certificate of ours.*`client_certificate`/);
      const stranger = new Authority(t, 'A stranger').sign('weir', 'DNS:weir.test');
      const wrong = await start(t, direct(ports[version], { ...mine, client_certificate: stranger.certFile, client_key: stranger.keyFile }));
      const routed = await wrong.chat(ask('r'));
      assert.equal(routed.status, 200, routed.text);
      assert.equal((await wrong.ledger(routed.id)).attempts.at(-1).provider, 'spare');
      assert.equal(llm.requests.length, 0);
    });
  }

  test('gets a renewed certificate after SIGHUP; a broken one changes nothing', async (t) => {
    const folder = tempDir(t);
    const names = [];
    const good = authority.sign('server', 'DNS:localhost');
    const port = await llm.secure(t, { key: good.key, cert: good.cert, ca: authority.pem, requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' });
    const accept = llm.accept.bind(llm);
    llm.accept = (socket) => {
      names.push(socket.getPeerCertificate?.().subject?.CN);
      accept(socket);
    };
    t.after(() => delete llm.accept);
    const place = (id) => {
      const own = authority.sign(id, 'DNS:weir.test');
      writeFileSync(join(folder, 'own.pem'), own.cert + own.key);
    };
    place('first');
    const weir = await Weir.start(t, { args: ['--threads', '1'], config: config(direct(port, { ca_file: authority.file, client_certificate: join(folder, 'own.pem') })) });
    assert.equal((await weir.chat(ask('m'))).status, 200);
    place('second');
    weir.signal('SIGHUP');
    await until(() => /config loaded/.test(weir.output), { what: 'the reload' });
    assert.equal((await weir.chat(ask('m'))).status, 200);
    assert.deepEqual(names, ['first', 'second']);
    writeFileSync(join(folder, 'own.pem'), 'nothing of the kind');
    weir.signal('SIGHUP');
    await until(() => /config refused/.test(weir.output), { what: 'the refusal' });
    assert.match(weir.output, /client_certificate.*holds no certificate/);
    assert.equal((await weir.chat(ask('m'))).status, 200);
    assert.deepEqual(names, ['first', 'second']);
  });

  test('that answers a missing certificate with a page has not refused the request', async (t) => {
    llm.scripts.set('nginx', async (x) => {
      const page = '<html><head><title>400 No required SSL certificate was sent</title></head><body><center><h1>400 Bad Request</h1></center>' +
        '<center>No required SSL certificate was sent</center><hr><center>nginx</center></body></html>';
      await x.head(400, { 'Content-Type': 'text/html', 'Content-Length': page.length, Connection: 'close' });
      await x.write(page);
    });
    const weir = await Weir.start(t, { config: { ...config(direct(ports.good, { ca_file: authority.file })),
      models: [model('m', 'p', 'nginx'), model('backup', 'spare', 'ok')] } });
    const answer = await weir.chat(ask('r'));
    assert.equal(answer.status, 200, answer.text);
  });
});

const configFile = (t, first) => {
  const file = join(tempDir(t), 'weir.yaml');
  writeFileSync(file, JSON.stringify({ providers: [first], models: [model('m', first.id, 'ok')] }, null, 1));
  chmodSync(file, 0o600);
  return file;
};
const check = (t, more, url = 'https://llm.test/v1') => cli(['check', '--offline', '--config', configFile(t, provider('p', url, more))]);

describe('weir check', () => {
  test('says what is wrong with a certificate, its key or the authorities', (t) => {
    const own = authority.sign('own');
    const other = authority.sign('other');
    const old = authority.sign('old', 'DNS:weir.test', { days: -1 });
    const text = join(tempDir(t), 'no.pem');
    writeFileSync(text, 'not what it should be');
    const half = join(tempDir(t), 'half.pem');
    writeFileSync(half, authority.pem + authority.pem.slice(0, 200));
    const pair = (certificate, key) => ({ client_certificate: certificate, client_key: key });
    for (const [more, why] of [
      [pair('/nowhere/own.pem', own.keyFile), /the file of `client_certificate` cannot be read/],
      [pair(own.certFile, '/nowhere/own.key'), /the file of `client_key` cannot be read/],
      [pair(text, own.keyFile), /`client_certificate`: holds no certificate in PEM/],
      [pair(own.certFile, text), /`client_key`: holds no private key in PEM/],
      [{ client_certificate: own.certFile }, /`client_key`: holds no private key in PEM/],
      [pair(own.certFile, other.keyFile), /`client_key`: does not belong to the certificate/],
      [pair(own.certFile, authority.encrypted(own)), /`client_key`: is encrypted[^]*openssl pkey/],
      [pair(old.certFile, old.keyFile), /`client_certificate`: expired on 20\d\d-\d\d-\d\d/],
      [{ client_key: own.keyFile }, /`client_key` needs `client_certificate`/],
      [{ ca_file: text }, /`ca_file`: holds no certificate in PEM/],
      [{ ca_file: half }, /`ca_file`: is damaged behind certificate 1/],
    ]) {
      const result = check(t, more);
      assert.equal(result.code, 3, `${JSON.stringify(more)}: ${result.stderr}${result.stdout}`);
      assert.match(result.stderr, why);
      assert.match(result.stderr, /weir\.yaml:\d+:\d+/);
    }
    const good = check(t, pair(own.certFile, own.keyFile));
    assert.equal(good.code, 0, good.stderr);
  });

  test('warns of a key that others may read and of prompts that a proxy may read, and shows no password', (t) => {
    const own = authority.sign('own');
    const key = join(tempDir(t), 'open.key');
    copyFileSync(own.keyFile, key);
    chmodSync(key, 0o644);
    assert.match(check(t, { client_certificate: own.certFile, client_key: key }).stderr, /open\.key: warning: the private key can be read by other users/);
    const plain = check(t, { zone: 'local', proxy: 'http://me:hunter2@proxy.corp:3128' }, 'http://gpu.internal:8000/v1');
    assert.match(plain.stderr, /`p` is asked unencrypted through the proxy proxy\.corp:3128, which can read what is asked/);
    assert.match(plain.stderr, /the proxy's password itself is in the file/);
    const broken = check(t, { proxy: 'http://me:hunter2@proxy.corp:port' });
    assert.equal(broken.code, 3);
    const unwise = check(t, { headers: { 'Proxy-Authorization': 'Basic hunter2' } });
    assert.match(unwise.stderr, /`Proxy-Authorization` is set by Weir itself/);
    for (const { stdout, stderr } of [plain, broken, unwise]) assert.doesNotMatch(stdout + stderr, /hunter2/);
    assert.doesNotMatch(check(t, { zone: 'local', proxy: 'http://proxy.corp:3128' }).stderr, /unencrypted/);
  });
});
