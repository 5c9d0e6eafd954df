// `weir plan FILE` on every example: table, JSON, CSV and HTML, piped and on a terminal, and what it says of a wrong plan.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { cli, root, tempDir, weirBinary } from './support/process.mjs';

const folder = join(root, 'examples/plans');
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const file = (name) => join(folder, `${name}.yaml`);
const json = (args) => {
  const { code, stdout, stderr } = cli(['plan', ...args, '--json']);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
};
// Columns as a terminal counts them, near enough for what the examples hold.
const widest = (text) => Math.max(...text.split('\n').map((line) => [...line].length));

describe('the reference cases', () => {
  test('one million requests', () => {
    const plan = json([file('one-million')]);
    const [cloud, local, hybrid] = plan.options;
    assert.equal(cloud.monthly_usd, 45000);
    assert.deepEqual(cloud.breakdown, { input: 15000, output: 30000 });
    assert.equal(local.monthly_usd, 7820);
    assert.deepEqual(local.breakdown, { machines: 4320, staff: 3000, monitoring: 500 });
    assert.equal(local.saved_vs_first_pct, 82.6);
    assert.equal(hybrid.monthly_usd, 16820);
    assert.equal(hybrid.saved_vs_first_pct, 62.6);
    assert.equal(hybrid.parts[1].monthly_usd, 9000);
  });

  test('break-even', () => {
    const [, machine] = json([file('break-even')]).options;
    assert.equal(machine.break_even_requests, 111112);
  });

  test('what was claimed of the online shop', () => {
    const plan = json([file('e-commerce')]);
    const told = plan.options.find((one) => one.name === 'hybrid as told');
    assert.equal(told.saved_vs_first_usd, 20000);
    assert.deepEqual(
      plan.claims.map((one) => one.follows),
      [true, true, false, false],
    );
  });

  test('a rule of thumb that does not follow', () => {
    const [claim] = json([file('rule-of-thumb')]).claims;
    assert.equal(claim.follows, false);
    assert.equal(claim.computed, 7820000);
    const { stdout } = cli(['plan', file('rule-of-thumb')]);
    assert.match(stdout, /7,820,000/);
    assert.match(stdout, /does not follow/);
  });
});

describe('every example', () => {
  for (const name of files) {
    const path = join(folder, name);

    test(`${name}: JSON adds up`, () => {
      const plan = json([path]);
      assert.ok(plan.options.length >= 2);
      for (const option of plan.options) {
        const sum = Object.values(option.breakdown_micro_usd).reduce((a, b) => a + b, 0);
        assert.equal(sum, option.monthly_micro_usd);
        assert.equal(option.monthly_usd, option.monthly_micro_usd / 1e6);
      }
      for (let i = 1; i < plan.volumes.length; ++i) {
        plan.volumes[i].options.forEach((option, at) => {
          assert.ok(option.monthly_micro_usd >= plan.volumes[i - 1].options[at].monthly_micro_usd);
        });
      }
    });

    test(`${name}: piped, at 80 and 200 columns`, () => {
      for (const columns of [80, 200]) {
        const { code, stdout, stderr } = cli(['plan', path], { env: { COLUMNS: String(columns) } });
        assert.equal(code, 0, stderr);
        assert.equal(stderr, '');
        assert.ok(widest(stdout) <= columns, `${widest(stdout)} columns`);
        assert.doesNotMatch(stdout, /\x1b/);
        assert.match(stdout, /Assumptions/);
      }
      const without = cli(['plan', path], { env: { COLUMNS: '' } });
      assert.ok(widest(without.stdout) <= 80);
    });

    test(`${name}: on a terminal, at its width`, { skip: !existsSync('/usr/bin/script') }, () => {
      for (const columns of [80, 200]) {
        const command = `stty cols ${columns}; '${weirBinary}' plan '${path}'`;
        const done = spawnSync('script', ['-qec', command, '/dev/null'], {
          encoding: 'utf8',
          env: { ...process.env, COLUMNS: '', NO_COLOR: '1', TERM: 'xterm' },
        });
        assert.equal(done.status, 0, done.stdout);
        assert.ok(widest(done.stdout.replaceAll('\r', '')) <= columns);
        assert.match(done.stdout, /Monthly/);
      }
    });

    test(`${name}: CSV has a row an option`, () => {
      const { code, stdout } = cli(['plan', path, '--csv']);
      assert.equal(code, 0);
      const lines = stdout.trim().split(/\r?\n/);
      assert.match(lines[0], /^option,kind,monthly_usd,/);
      assert.equal(lines.length, 1 + json([path]).options.length);
    });

    test(`${name}: HTML needs no network`, (t) => {
      const html = join(tempDir(t), 'plan.html');
      const { code, stderr } = cli(['plan', path, '--html', html]);
      assert.equal(code, 0, stderr);
      const text = readFileSync(html, 'utf8');
      assert.match(text, /<svg/);
      assert.doesNotMatch(text, /<(script|link|img|iframe)[^>]*(src|href)=(?!"?data:)/i);
    });
  }
});

describe('the command', () => {
  test('other volumes', () => {
    const plan = json([file('one-million'), '--volumes', '10k,1M,2.5M']);
    assert.deepEqual(
      plan.volumes.map((row) => row.requests),
      [10000, 1000000, 2500000],
    );
    assert.equal(plan.volumes[0].options[0].monthly_usd, 450);
    const wrong = cli(['plan', file('one-million'), '--volumes', '1e30']);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /--volumes: 1e30/);
  });

  test('no plan: 2, and where examples are', () => {
    const { code, stderr } = cli(['plan']);
    assert.equal(code, 2);
    assert.match(stderr, /weir examples/);
  });

  test('a file that is not there: 1, with its name', () => {
    const { code, stderr } = cli(['plan', '/nowhere/plan.yaml']);
    assert.equal(code, 1);
    assert.match(stderr, /\/nowhere\/plan\.yaml/);
  });

  test('a file that is called like a verb', (t) => {
    const cwd = tempDir(t);
    writeFileSync(join(cwd, 'size'), readFileSync(file('break-even')));
    const done = spawnSync(weirBinary, ['plan', './size', '--json'], { cwd, encoding: 'utf8' });
    assert.equal(done.status, 0, done.stderr);
    assert.equal(JSON.parse(done.stdout).options[1].break_even_requests, 111112);
  });

  test('a wrong plan: 3, each fault on one line with place and mend', (t) => {
    const path = join(tempDir(t), 'plan.yaml');
    writeFileSync(
      path,
      `workload: {requests: -5, output_tokens: nan}
options:
  - {name: cloud, cloud: {model: openai/gpt-4z}}
  - {name: local, local: {machine: {gpu: a1000, rent_per_hour: 1e30}}}
`,
    );
    const { code, stdout, stderr } = cli(['plan', path]);
    assert.equal(code, 3);
    assert.equal(stdout, '');
    for (const words of [/:1:\d+: error: `requests`/, /:1:\d+: error: `output_tokens`/, /:3:\d+: error: `model`/, /:4:\d+: error: `gpu`/])
      assert.match(stderr, words);
    assert.match(stderr, /mend: /);
  });

  test('the schema', () => {
    const { code, stdout } = cli(['plan', '--schema']);
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).title, 'Weir plan');
  });

  test('a ledger that is not there: 5', (t) => {
    const { code, stderr } = cli(['plan', '--from-ledger', '30d', '--data', join(tempDir(t), 'none')]);
    assert.equal(code, 5);
    assert.match(stderr, /weir serve/);
  });
});
