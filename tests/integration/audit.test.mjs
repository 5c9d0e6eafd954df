// The audit of real traffic: what was held, what of it left, a chain that survives kill -9 and shows what was altered.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { PRIVATE, ask, cloud, local, model } from './support/configs.mjs';
import { StandIn } from './support/fault_upstream.mjs';
import { Weir, cli, suiteScope, tempDir, until } from './support/process.mjs';

let near;
let far;
let data;
const scope = suiteScope();
before(async () => {
  near = await StandIn.start(scope);
  far = await StandIn.start(scope);
  data = join(tempDir(scope), 'data');
});

const guard = { when: { sensitive: 'any' }, zones: ['local'] };
const config = (more = {}) => ({
  providers: [local('near', near), cloud('far', far)],
  models: [model('ok', 'near', 'ok'), model('far-ok', 'far', 'ok')],
  routes: [
    { name: 'assistant', rules: [guard, { use: ['far-ok', 'ok'] }], ...more },
    { name: 'cloud-only', rules: [guard, { use: ['far-ok'] }] },
    { name: 'anything', rules: [{ use: ['far-ok'] }] },
  ],
});
const secret = (route) => ask(route, { messages: [{ role: 'user', content: PRIVATE }] });

const audit = (folder, ...options) => {
  const { code, stdout, stderr } = cli(['audit', '--data', folder, '--json', ...options]);
  return { code, stderr, report: stdout ? JSON.parse(stdout) : null };
};
const sql = (folder, query) => execFileSync('sqlite3', [join(folder, 'weir.db'), query], { encoding: 'utf8' }).trim();

test('says of each class how many requests held it, and what became of them', async (t) => {
  const weir = await Weir.start(t, { config: config(), data });
  for (const request of [ask('assistant'), secret('assistant'), secret('cloud-only'), secret('anything')]) await weir.chat(request);
  const report = await until(() => {
    const found = audit(data, '--verify');
    return found.report?.requests === 4 && found.report;
  });
  const financial = report.classes.find((one) => one.class === 'financial');
  assert.deepEqual(financial, { class: 'financial', requests: 3, stayed: 1, refused: 1, left_redacted: 0, left: 1 });
  assert.equal(report.without_findings, 1);
  assert.equal(report.chain.intact, true);
  assert.equal(report.chain.rows, 4);

  const one = audit(data, '--route', 'assistant').report;
  assert.equal(one.requests, 2);
  assert.equal(one.classes.find((each) => each.class === 'personal').left, 0);
  const text = cli(['audit', '--data', data, '--route', 'assistant']).stdout;
  assert.match(text, /1 request held `financial`; none left\./);
  assert.ok(!text.includes('4111'), 'no value is in it');
  const csv = cli(['audit', '--data', data, '--csv']).stdout.trim().split('\n');
  assert.equal(csv.length, 5);
  assert.match(csv[0], /^row,time,request,/);
});

test('the chain is whole after kill -9 under load, and goes on', async (t) => {
  const weir = await Weir.start(t, { config: config(), data });
  const load = Array.from({ length: 200 }, (_, i) => weir.chat(i % 2 ? secret('assistant') : ask('assistant')).catch(() => {}));
  await Promise.race(load);
  await weir.kill();
  await Promise.all(load);
  assert.equal(audit(data, '--verify').report.chain.intact, true);
  const again = await Weir.start(t, { config: config(), data });
  const before_ = audit(data).report.requests;
  await again.chat(secret('assistant'));
  await until(() => audit(data).report.requests === before_ + 1);
  const { report } = audit(data, '--verify');
  assert.equal(report.chain.intact, true);
  assert.equal(report.chain.rows, Number(sql(data, 'SELECT count(*) FROM audit')));
  await again.stop();
});

test('what was altered or put back is seen, offline', async () => {
  const good = audit(data, '--verify').report.chain;
  const copy = () => {
    const folder = join(tempDir(scope), 'data');
    cpSync(data, folder, { recursive: true });
    return folder;
  };
  for (const change of ["UPDATE shapes SET classes = '' WHERE classes <> ''", 'DELETE FROM audit WHERE number = 2',
    `DELETE FROM audit WHERE number = ${good.rows}`]) {
    const folder = copy();
    sql(folder, change);
    const { code, report } = audit(folder, '--verify');
    assert.equal(code, 1, change);
    assert.equal(report.chain.intact, false, change);
    assert.ok(report.chain.faults.length > 0);
  }
  const folder = copy();
  sql(folder, 'DELETE FROM audit; DELETE FROM audit_head;');
  assert.equal(audit(folder, '--verify').report.chain.intact, true, 'an empty chain is whole by itself');
  assert.equal(audit(folder, '--head', `${good.head.row}:${good.head.mac}`).code, 1, 'but not beside a head that was noted');
});

test('a route\'s rows are erased when their time is over, and the chain stays whole', async (t) => {
  const rows = audit(data).report.requests;
  const weir = await Weir.start(t, { config: config({ audit_keep: '0s' }), data });
  const left = await until(() => {
    const { report } = audit(data, '--verify');
    return report.requests < rows && report;
  });
  assert.equal(left.chain.intact, true);
  assert.ok(left.chain.erased > 0);
  assert.equal(audit(data, '--route', 'assistant').report.requests, 0);
  assert.ok(audit(data, '--route', 'anything').report.requests > 0);
  await weir.stop();
});

test('bad options and a missing key get a word', () => {
  for (const options of [['--head', 'x'], ['--head', '1:ab'], ['--since', 'soon'], ['--csv', '--json']]) {
    assert.equal(cli(['audit', '--data', data, ...options]).code, 2, options.join(' '));
  }
  const missing = cli(['audit', '--data', data, '--verify', '--key-file', join(data, 'none')]);
  assert.equal(missing.code, 5);
  assert.match(missing.stderr, /none/);
  assert.equal(cli(['audit', '--data', join(data, 'nowhere')]).code, 5);
});
