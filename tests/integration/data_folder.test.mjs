// The database belongs to one server: its locks hold while it serves, so that commands and backups beside it take nothing
// away; keys that change count at once; and a second server is refused, by data folder and by address, with the first one's
// process id.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { ask, local, model } from './support/configs.mjs';
import { StandIn } from './support/fault_upstream.mjs';
import { Weir, cli, createKey, freePort, sleep, suiteScope, tempDir, until, weirBinary } from './support/process.mjs';

let near;
const scope = suiteScope();
before(async () => {
  near = await StandIn.start(scope);
});

const config = (more = {}) => ({
  providers: [local('near', near)],
  models: [model('ok', 'near', 'ok')],
  routes: [{ name: 'assistant', rules: [{ use: ['ok'] }] }],
  ...more,
});
const bearer = (key) => ({ headers: { authorization: `Bearer ${key.key}` } });
const sql = (data, query) => execFileSync('sqlite3', ['-cmd', '.timeout 5000', join(data, 'weir.db'), query], { encoding: 'utf8' }).trim();

async function start(t, options = {}) {
  const data = join(tempDir(t), 'data');
  const key = createKey(data, ['--name', 'first']);
  return { weir: await Weir.start(t, { config: config(), data, ...options }), key, data };
}

// The locks that the kernel knows on this file, of this process.
function locksOf(pid, file) {
  const { ino } = statSync(file);
  return readFileSync('/proc/locks', 'utf8').split('\n').filter((line) => {
    const fields = line.trim().split(/\s+/);
    return fields.includes(String(pid)) && fields.some((field) => field.endsWith(`:${ino}`));
  });
}

// Requests without a pause until told to stop; resolves to how many were answered.
function load(weir, key, clients = 4) {
  let stopped = false;
  let answered = 0;
  const all = Promise.all(Array.from({ length: clients }, async () => {
    while (!stopped) {
      const answer = await weir.chat(ask('assistant'), bearer(key));
      assert.equal(answer.status, 200, answer.text);
      answered++;
    }
  }));
  return { answered: () => answered, stop: async () => { stopped = true; await all; return answered; } };
}

describe('the database while it is served from', () => {
  test('its locks are held, also after commands beside it', async (t) => {
    const { weir, data, key } = await start(t);
    await weir.chat(ask('assistant'), bearer(key));
    const held = () => locksOf(weir.pid, join(data, 'weir.db')).length;
    assert.ok(held() > 0, 'at start');
    const { ino } = statSync(join(data, 'weir.db-wal'));
    createKey(data, ['--name', 'second']);
    assert.equal(cli(['keys', 'list', '--data', data]).code, 0);
    assert.equal(cli(['usage', '--data', data]).code, 0);
    sql(data, 'SELECT count(*) FROM requests');
    assert.ok(held() > 0, 'after commands');
    assert.equal(statSync(join(data, 'weir.db-wal')).ino, ino, 'nobody deleted the log under the server');
    for (const file of ['weir.db', 'weir.db-wal', 'weir.db-shm']) assert.equal(statSync(join(data, file)).mode & 0o077, 0, file);
  });

  test('each of ten new keys counts within a second, each revocation too, while the config is reloaded', async (t) => {
    // A provider that is asked for its models and never answers keeps every reload busy.
    const silent = net.createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
    t.after(() => silent.close());
    await new Promise((done) => silent.once('listening', done));
    const slow = { id: 'silent', kind: 'llama_server', url: `http://127.0.0.1:${silent.address().port}/v1`, health_check: false };
    const { weir, data } = await start(t, { config: config({ providers: [local('near', near), slow] }) });
    const status = async (key) => (await weir.chat(ask('assistant'), bearer(key))).status;
    for (let i = 2; i <= 11; i++) {
      weir.signal('SIGHUP');
      const key = createKey(data, ['--name', `key ${i}`]);
      await until(async () => (await status(key)) === 200, { timeout: 1_000, what: `key ${i} to count` });
      if (i % 3 !== 0) continue;
      weir.signal('SIGHUP');
      assert.equal(cli(['keys', 'revoke', `key ${i}`, '--data', data]).code, 0);
      await until(async () => (await status(key)) === 401, { timeout: 1_000, what: `the revocation of key ${i}` });
    }
  });

  test('backups under load count up', async (t) => {
    const { weir, data, key } = await start(t);
    const traffic = load(weir, key);
    const counts = [];
    for (let i = 0; i < 5; i++) {
      await sleep(120);
      createKey(data, ['--name', `beside ${i}`]);
      const copy = join(data, `copy-${i}.db`);
      await promisify(execFile)('sqlite3', [join(data, 'weir.db'), `.backup '${copy}'`]);
      assert.equal(execFileSync('sqlite3', [copy, 'PRAGMA integrity_check'], { encoding: 'utf8' }).trim(), 'ok');
      counts.push(Number(execFileSync('sqlite3', [copy, 'SELECT count(*) FROM requests'], { encoding: 'utf8' })));
    }
    await traffic.stop();
    for (let i = 1; i < counts.length; i++) assert.ok(counts[i] > counts[i - 1], `${counts}`);
  });

  test('a database that is moved away is said, and nothing is lost once it is back', async (t) => {
    const { weir, data, key } = await start(t);
    const file = join(data, 'weir.db');
    renameSync(file, `${file}.away`);
    const { id } = await weir.chat(ask('assistant'), bearer(key));
    await until(async () => (await fetch(`${weir.url}/readyz`)).status === 503, { what: '/readyz to say so' });
    assert.match(weir.output, /deleted, moved or replaced/);
    renameSync(`${file}.away`, file);
    await until(async () => (await fetch(`${weir.url}/readyz`)).status === 200, { what: 'the ledger to go on' });
    assert.equal((await weir.ledger(id, bearer(key))).outcome, 'ok');
    await weir.stop();
    assert.equal(sql(data, 'SELECT count(*) FROM requests'), '1');
  });

  test('keys that are deleted by hand close the gate, and a new one opens it', async (t) => {
    const { weir, data, key } = await start(t);
    assert.equal((await weir.chat(ask('assistant'), bearer(key))).status, 200);
    sql(data, "DELETE FROM keys; UPDATE counters SET value = value + 1 WHERE name = 'keys_version'");
    await until(async () => (await weir.chat(ask('assistant'), bearer(key))).status === 401, { what: 'the key to be gone' });
    assert.equal((await weir.chat(ask('assistant'))).status, 401, 'nor without any');
    const next = createKey(data, ['--name', 'next']);
    await until(async () => (await weir.chat(ask('assistant'), bearer(next))).status === 200, { timeout: 1_000 });
  });

  test('after the last key was revoked: what to do is said, by the command and to callers', async (t) => {
    const { weir, data, key } = await start(t);
    const revoked = cli(['keys', 'revoke', 'first', '--data', data]);
    assert.match(revoked.stderr, /last key.*weir keys create --name/s);
    const refused = await until(async () => {
      const answer = await weir.chat(ask('assistant'), bearer(key));
      return answer.status === 401 && answer;
    });
    assert.match(refused.json.error.message, /weir keys create --name/);
    const again = createKey(data, ['--name', 'first']); // the name of a revoked key is free
    await until(async () => (await weir.chat(ask('assistant'), bearer(again))).status === 200, { timeout: 1_000 });
    assert.equal((await weir.chat(ask('assistant'), bearer(key))).status, 401, 'and the old one stays revoked');
  });
});

// Refused: its exit code and words. It must not have touched the first one.
async function refused(t, options) {
  const second = await Weir.start(t, { config: config(), wait: false, ...options });
  const { code } = await second.ended;
  return { code, output: second.output };
}

describe('a second server', () => {
  test('on the same data folder is refused with the pid of the first; after kill -9 there is nothing in the way', async (t) => {
    const { weir, data, key } = await start(t);
    for (let i = 0; i < 2; i++) {
      const { code, output } = await refused(t, { data });
      assert.equal(code, 5, output);
      assert.match(output, new RegExp(`pid ${weir.pid}\\b`));
      assert.match(output, /--data/);
    }
    assert.equal((await weir.chat(ask('assistant'), bearer(key))).status, 200);
    await weir.kill();
    const next = await Weir.start(t, { config: config(), data });
    assert.equal((await next.chat(ask('assistant'), bearer(key))).status, 200);
  });

  test('of eight that start at once on one data folder one serves', async (t) => {
    const data = join(tempDir(t), 'data');
    const all = await Promise.all(Array.from({ length: 8 }, () => Weir.start(t, { config: config(), data, wait: false })));
    await until(() => all.filter(({ exited }) => exited).length === 7, { what: 'seven to give up' });
    const serving = all.find(({ exited }) => !exited);
    await serving.ready(async () => (await fetch(`${serving.url}/healthz`)).ok);
    for (const { exited } of all) assert.ok(!exited || exited.code === 5);
  });

  for (const [first, second] of [['127.0.0.1', '127.0.0.1'], ['127.0.0.1', '0.0.0.0'], ['0.0.0.0', '127.0.0.1'], ['127.0.0.1', 'localhost']]) {
    test(`on the same port is refused with the pid of the first: ${second} after ${first}`, async (t) => {
      const port = await freePort();
      const keyless = config({ server: { allow_keyless: true } });
      const weir = await Weir.start(t, { config: keyless, port, listen: `${first}:${port}` });
      const { code, output } = await refused(t, { config: keyless, port, listen: `${second}:${port}` });
      assert.equal(code, 1, output);
      assert.match(output, new RegExp(`pid ${weir.pid}\\b`));
      const answers = await Promise.all(Array.from({ length: 20 }, () => weir.chat(ask('assistant'))));
      assert.ok(answers.every(({ status }) => status === 200));
      await weir.kill();
      await Weir.start(t, { config: keyless, port, listen: `${second}:${port}` });
    });
  }

  test('of eight that start at once on one port one serves', async (t) => {
    const port = await freePort();
    const all = await Promise.all(Array.from({ length: 8 }, () => Weir.start(t, { config: config(), port, wait: false })));
    await until(() => all.filter(({ exited }) => exited).length === 7, { what: 'seven to give up' });
    await until(async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok);
  });

  test('on a port of somebody else, and on an address named twice', async (t) => {
    const other = net.createServer().listen(0, '127.0.0.1');
    t.after(() => other.close());
    await new Promise((done) => other.once('listening', done));
    const { port } = other.address();
    const taken = await refused(t, { port });
    assert.equal(taken.code, 1);
    assert.match(taken.output, new RegExp(`pid ${process.pid}\\b`));
    const twice = await freePort();
    const { code, output } = await refused(t, { port: twice, args: ['--listen', `127.0.0.1:${twice}`] });
    assert.equal(code, 1);
    assert.match(output, /twice/);
  });

  test('on a second address that another one has is refused, and the first address is free again', async (t) => {
    const weir = await Weir.start(t, { config: config() });
    const own = await freePort();
    const { code } = await refused(t, { port: own, args: ['--listen', `127.0.0.1:${weir.port}`] });
    assert.equal(code, 1);
    await Weir.start(t, { config: config(), port: own });
  });

  test('on a Unix socket: a live one is refused, a dead one replaced, a file is left alone', async (t) => {
    const folder = tempDir(t);
    const path = join(folder, 'weir.sock');
    const begin = () => Weir.start(t, { config: config(), listen: `unix:${path}`, wait: false });
    const listening = (weir) => weir.ready(async () => weir.output.includes('Listening on'));
    const weir = await begin();
    await listening(weir);
    for (const name of [path, join(folder, '.', 'weir.sock')]) {
      const { code, output } = await refused(t, { listen: `unix:${name}` });
      assert.equal(code, 1, output);
      assert.match(output, new RegExp(`pid ${weir.pid}\\b`));
    }
    await weir.kill();
    assert.ok(existsSync(path), 'kill -9 leaves the file');
    const next = await begin();
    await listening(next);
    await next.stop();
    assert.ok(!existsSync(path), 'an orderly end does not');
    writeFileSync(path, 'precious');
    const { code, output } = await refused(t, { listen: `unix:${path}` });
    assert.equal(code, 1, output);
    assert.match(output, /no socket/);
    assert.ok(lstatSync(path).isFile());
    assert.equal(readFileSync(path, 'utf8'), 'precious');
  });

  test('of another user is refused with the pid of the first', { skip: process.getuid() !== 0 && 'needs root to be two users' }, async (t) => {
    const { weir, data } = await start(t);
    const folder = tempDir(t);
    chmodSync(folder, 0o777);
    const binary = join(folder, 'weir');
    execFileSync('cp', [weirBinary, binary]);
    const as = (args) => new Promise((done) => execFile(binary, args, { uid: 65534, gid: 65534, env: { HOME: folder }, timeout: 20_000 },
      (error, stdout, stderr) => done({ code: error?.code ?? 0, output: stdout + stderr })));
    const port = await as(['serve', '--listen', `127.0.0.1:${weir.port}`, '--data', join(folder, 'data')]);
    assert.equal(port.code, 1, port.output);
    assert.match(port.output, new RegExp(`pid ${weir.pid}\\b`));
    for (let at = data; at !== '/tmp' && at !== '/'; at = join(at, '..')) chmodSync(at, 0o755);
    const shared = await as(['serve', '--listen', `127.0.0.1:${await freePort()}`, '--data', data]);
    assert.equal(shared.code, 5, shared.output);
    assert.match(shared.output, new RegExp(`pid ${weir.pid}\\b`));
  });
});

test('a reload that would leave a reachable server without keys is refused', async (t) => {
  const port = await freePort();
  const weir = await Weir.start(t, { config: config({ server: { allow_keyless: true } }), port, listen: `0.0.0.0:${port}` });
  writeFileSync(weir.configFile, JSON.stringify(config()));
  await until(() => /config refused/.test(weir.output), { what: 'the refusal' });
  assert.equal((await weir.chat(ask('assistant'))).status, 200);
});

test('a restart at once after SIGTERM waits for the one that ends', async (t) => {
  const { weir, data, key } = await start(t);
  await weir.chat(ask('assistant'), bearer(key));
  weir.signal('SIGTERM');
  const next = await Weir.start(t, { config: config(), data });
  assert.equal((await next.chat(ask('assistant'), bearer(key))).status, 200);
});
