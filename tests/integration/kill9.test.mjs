// kill -9 under load, ten times, each after commands beside the server (a key made, a key revoked, a backup): an answer that
// is older than 100 ms has its row in the ledger, the keys are as the commands left them, and the file always opens.
// The promise holds as long as the disk keeps up; how long the disk (and the machine) takes is measured beside it, on a file
// of our own in the same folder, and allowed for.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { promisify } from 'node:util';

import { ask, local, model } from './support/configs.mjs';
import { StandIn } from './support/fault_upstream.mjs';
import { Weir, cli, cliAsync, createKey, sleep, tempDir, suiteScope } from './support/process.mjs';

const ROUNDS = 10;
const DURABLE_MS = 100;

let near;
let data;
let key;
const scope = suiteScope();
before(async () => {
  near = await StandIn.start(scope);
  data = join(tempDir(scope), 'data');
  key = createKey(data, ['--name', 'app']);
});

async function command(...args) {
  const { code, stdout, stderr } = await cliAsync(args);
  assert.equal(code, 0, stderr);
  return stdout;
}

const config = () => ({
  providers: [local('near', near, { cost_per_hour: 1 })],
  models: [model('ok', 'near', 'ok')],
  routes: [{ name: 'assistant', rules: [{ use: ['ok'] }] }],
});

function ledgerFile() {
  const files = execFileSync('find', [data, '-name', '*.db'], { encoding: 'utf8' }).trim().split('\n');
  assert.equal(files.length, 1, files.join());
  return files[0];
}

const sql = (query) => execFileSync('sqlite3', [ledgerFile(), query], { encoding: 'utf8', maxBuffer: 1 << 28 }).trim();

// The longest that a small durable write took, until stopped.
async function watchDisk() {
  const file = await open(join(data, 'disk-probe'), 'w');
  const page = Buffer.alloc(4096, 'x');
  let longest = 0;
  let stopped = false;
  const watching = (async () => {
    while (!stopped) {
      const began = performance.now();
      await file.write(page); // at the end: a file that grows, as the ledger's log does
      await file.datasync();
      longest = Math.max(longest, performance.now() - began);
      await sleep(5);
    }
    await file.close();
  })();
  return async () => {
    stopped = true;
    await watching;
    return longest;
  };
}

test(`${ROUNDS} times`, async (t) => {
  let answered = 0;
  const checked = [];
  for (let round = 0; round < ROUNDS; round++) {
    const weir = await Weir.start(t, { config: config(), data });
    const answers = []; // [id, time]
    let killed = false;
    const diskWatched = await watchDisk();
    const clients = Promise.all(Array.from({ length: 8 }, async (_, i) => {
      while (!killed) {
        try {
          const answer = await weir.chat(ask('assistant', { stream: i % 2 === 0 }), { headers: { authorization: `Bearer ${key.key}` } });
          assert.equal(answer.status, 200, answer.text);
          answers.push([answer.id, Date.now()]);
        } catch (error) {
          if (!killed) throw error;
        }
      }
    }));
    await sleep(100);
    const made = await command('keys', 'create', '--name', `round ${round}`, '--json', '--data', data);
    if (round > 0) await command('keys', 'revoke', `round ${round - 1}`, '--data', data);
    if (round % 3 === 0) await promisify(execFile)('sqlite3', [ledgerFile(), `.backup '${join(data, 'copy.backup')}'`]);
    await sleep(150 + Math.random() * 250);
    killed = true;
    const killedAt = Date.now();
    await weir.kill();
    await clients;
    // A commit may wait for the one before it, and each is a few writes.
    const allowed = DURABLE_MS + 2 * (await diskWatched());

    // The file opens by itself, before anything of ours repairs it.
    assert.equal(sql('PRAGMA integrity_check'), 'ok');
    assert.equal(sql('PRAGMA foreign_key_check'), '');
    const usage = cli(['usage', '--since', '1h', '--json', '--data', data]);
    assert.equal(usage.code, 0, usage.stderr);
    const names = JSON.parse(cli(['keys', 'list', '--json', '--data', data]).stdout).keys.filter(({ revoked }) => revoked === null).map(({ name }) => name);
    assert.deepEqual(names, ['app', `round ${round}`]);

    const next = await Weir.start(t, { config: config(), data });
    const old = answers.filter(([, time]) => time < killedAt - allowed);
    checked.push(Math.round(allowed));
    const missing = [];
    for (const [id, time] of old) {
      const response = await fetch(`${next.url}/v1/requests/${id}`, { headers: { authorization: `Bearer ${key.key}` } });
      if (response.status !== 200) missing.push(`${id}, answered ${killedAt - time} ms before`);
      else await response.arrayBuffer();
    }
    assert.deepEqual(missing, [], `round ${round}: rows are missing`);
    assert.equal((await next.chat(ask('assistant'), { headers: { authorization: `Bearer ${JSON.parse(made).key}` } })).status, 200);
    answered += old.length;
    await next.kill();
  }
  assert.ok(answered > 5 * ROUNDS, `only ${answered} answers could be checked`);
  t.diagnostic(`${answered} answers checked, those older than ${checked} ms`);
});
