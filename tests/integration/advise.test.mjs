// `weir advise`: from a file of answers, from the ledger, and asked on a (pseudo-)terminal.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { Weir, cli, root, sleep, standIns, tempDir, weirBinary } from './support/process.mjs';

const team = (name) => join(root, 'examples/advice', `${name}.yaml`);
const TEAMS = readdirSync(join(root, 'examples/advice'));
const KEYS = { OPENAI_API_KEY: 'k', MISTRAL_API_KEY: 'k' };

describe('from a file', () => {
  test('twelve teams: verdict, reasons with numbers, costs that add up, and a configuration that check accepts', (t) => {
    assert.equal(TEAMS.length, 12);
    const folder = tempDir(t);
    for (const file of TEAMS) {
      const config = join(folder, file);
      const { code, stdout, stderr } = cli(['advise', '--answers', join(root, 'examples/advice', file), '--json', '--write', config]);
      assert.equal(code, 0, stderr);
      const advice = JSON.parse(stdout);
      assert.match(advice.verdict, /^(cloud|hybrid|local)$/);
      assert.match(advice.stage, /^(start|growth|scale)$/);
      const chosen = advice.options.find((option) => option.name === advice.verdict);
      const needed = advice.needs.filter((need) => need.met).map((need) => need.need);
      for (const option of advice.options) {
        if (option.monthly_usd < chosen.monthly_usd - 0.005) assert.ok(needed.some((need) => !option.meets.includes(need)), `${file}: ${option.name}`);
      }
      for (const one of advice.assumptions) assert.ok(one.what && one.value && one.from, `${file}: ${JSON.stringify(one)}`);
      for (const option of advice.options) {
        const { cloud_usd, machines_usd, people_usd } = option.breakdown;
        assert.ok(Math.abs(cloud_usd + machines_usd + people_usd - option.monthly_usd) < 1e-6, file);
      }
      assert.equal(readFileSync(config, 'utf8'), advice.config);
      const check = cli(['check', '--config', config], { env: KEYS });
      assert.equal(check.code, 0, check.stderr);
      assert.equal(check.stderr, '', file);
    }
  });

  test('text at 80 and 200 columns, with the configuration below', () => {
    for (const columns of [80, 200]) {
      const { code, stdout } = cli(['advise', '--answers', team('clinic')], { env: { COLUMNS: String(columns) } });
      assert.equal(code, 0);
      const [report, config] = stdout.split('\nweir.yaml\n');
      for (const line of report.split('\n')) assert.ok([...line].length <= columns, `${columns}: ${line}`);
      assert.match(report, /data +personal,health data|data +health data/);
      assert.match(report, /all together/);
      assert.match(config, /zones: \[local\]/);
      assert.doesNotMatch(stdout, /\x1b/);
    }
  });

  test('--csv is the table of choices', () => {
    const { stdout } = cli(['advise', '--answers', team('enterprise'), '--csv']);
    const lines = stdout.trimEnd().split('\r\n');
    assert.deepEqual(lines.map((line) => line.split(',')[0]), ['choice', 'cloud', 'hybrid', 'local']);
  });

  test('--html writes one file and says where; where it cannot, exit 1', (t) => {
    const file = join(tempDir(t), 'advice.html');
    const good = cli(['advise', '--answers', team('game'), '--html', file]);
    assert.equal(good.code, 0);
    assert.match(good.stderr, /advice\.html/);
    assert.match(readFileSync(file, 'utf8'), /^<!doctype html>/);
    const bad = cli(['advise', '--answers', team('game'), '--html', join(file, 'below.html')]);
    assert.equal(bad.code, 1);
    assert.match(bad.stderr, /cannot write .*below\.html/);
  });

  test('--write leaves a file alone that is there already', (t) => {
    const file = join(tempDir(t), 'weir.yaml');
    writeFileSync(file, 'mine');
    const { code, stderr } = cli(['advise', '--answers', team('game'), '--write', file]);
    assert.equal(code, 1);
    assert.match(stderr, /is there already/);
    assert.equal(readFileSync(file, 'utf8'), 'mine');
  });

  for (const [what, text, words] of [
    ['a negative volume', 'requests_per_month: -1', /answers\.yaml:1:21: error: `requests_per_month` must be .* not `-1`/],
    ['no volume', 'requests_per_month: 0', /answers\.yaml:1:21.*not `0`/],
    ['NaN', 'requests_per_month: NaN', /answers\.yaml:1:21.*not `NaN`/],
    ['1e30', 'requests_per_month: 1e30', /answers\.yaml:1:21.*not `1e30`/],
    ['a word that is none', 'requests_per_month: 5\nquality: goood', /answers\.yaml:2:10.*\n.*\n.*\n +mend: did you mean `good`\?/],
    ['nothing', '', /answers are a map/],
  ]) {
    test(`${what}: exit 3, with file, line, column and the mend`, (t) => {
      const file = join(tempDir(t), 'answers.yaml');
      writeFileSync(file, `${text}\n${text === '' ? '' : 'input_tokens: 1\noutput_tokens: 1\nsensitive: none\npeople: none\n'}`);
      const { code, stdout, stderr } = cli(['advise', '--answers', file]);
      assert.equal(code, 3);
      assert.equal(stdout, '');
      assert.match(stderr, words);
      assert.match(stderr, /mend: /);
    });
  }

  test('a file that is not there: exit 1', () => {
    const { code, stderr } = cli(['advise', '--answers', '/nonexistent/answers.yaml']);
    assert.equal(code, 1);
    assert.match(stderr, /cannot read \/nonexistent\/answers\.yaml/);
  });
});

describe('what is told instead of assumed', () => {
  const advise = (name, ...args) => {
    const { code, stdout, stderr } = cli(['advise', '--answers', team(name), '--json', ...args]);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };
  const from = (advice, what) => advice.assumptions.find((one) => one.what === what);

  test('models, cached prompts, staff, power and owned cards, each shown as told', () => {
    const plain = advise('clinic');
    const told = advise('clinic', '--local-model', 'gpt-oss-20b', '--cloud-model', 'openai/gpt-5.4', '--cached-share', '40%',
      '--staff-per-month', '0', '--infrastructure-per-month', '10', '--electricity-per-kwh', '0.30', '--owned', '2 x rtx-4090');
    assert.equal(told.local_model, 'gpt-oss-20b');
    assert.equal(told.cloud_model, 'openai/gpt-5.4');
    for (const what of ['Rented model', 'Local model', 'Cached share of prompts', 'People', 'Monitoring and infrastructure', 'Electricity']) {
      assert.match(from(told, what).from, /told/, what);
      assert.doesNotMatch(from(plain, what).from, /^told/, what);
    }
    const local = told.options.find((option) => option.name === 'local');
    assert.equal(local.hardware.paid, 'owned');
    assert.ok(local.monthly_usd < 500, `${local.monthly_usd}`);
  });

  for (const [args, words] of [
    [['--local-model', 'gpt-oss-121b'], /did you mean `gpt-oss-120b`/],
    [['--owned', '2 x rtx-4099'], /did you mean `rtx-4090`/],
    [['--cached-share', '140%'], /cached_share/],
    [['--staff-per-month', 'much'], /staff_per_month/],
    [['--cloud-model', 'openai/gpt-9000'], /gpt-9000/],
    [['--local-model', 'kimi-k2', '--quant', 'fp32'], /no machine of the catalog/],
  ]) {
    test(`${args.join(' ')} is refused with the mend`, () => {
      const { code, stdout, stderr } = cli(['advise', '--answers', team('clinic'), '--json', ...args]);
      assert.ok(code === 3 || code === 4, `${code}`);
      assert.equal(stdout, '');
      assert.match(stderr, words);
      assert.doesNotMatch(stderr, /\d \| /, 'no line of the file is shown for what stands in none');
    });
  }
});

test('without a terminal and without answers: exit 2, with what to do', () => {
  const { code, stderr } = cli(['advise']);
  assert.equal(code, 2);
  assert.match(stderr, /--answers FILE/);
});

test('--from-ledger measures volume and tokens; the file need not say them', async (t) => {
  const served = await standIns(t);
  const weir = await Weir.start(t, { config: { providers: [{ id: 'toy', zone: 'local', ...served }], models: [{ id: 'toy', provider: 'toy', name: 'toy' }] } });
  const chat = () => weir.chat({ model: 'toy', messages: [{ role: 'user', content: 'Write to anna.smith@example.com' }] });
  const first = await chat();
  assert.equal(first.status, 200, first.text);
  await weir.ledger(first.id);
  await sleep(2500);
  for (let i = 0; i < 4; ++i) await weir.ledger((await chat()).id);

  const file = join(tempDir(t), 'rest.yaml');
  writeFileSync(file, 'sensitive: none\npeople: none\n');
  const { code, stdout, stderr } = cli(['advise', '--from-ledger', '4s', '--answers', file, '--data', weir.data, '--json']);
  assert.equal(code, 0, stderr);
  const advice = JSON.parse(stdout);
  // Some requests in some seconds: a month has hundreds of thousands of times as many.
  assert.ok(advice.requests_per_month > 500_000, stdout);
  assert.match(stderr, /sensitive data in \d of \d recorded requests/);
  assert.match(advice.next_step.command, /--from-ledger 30d/);

  writeFileSync(file, 'people: none\n');
  const missing = cli(['advise', '--from-ledger', '4s', '--answers', file, '--data', weir.data]);
  assert.equal(missing.code, 3);
  assert.match(missing.stderr, /`sensitive` is missing/);
  assert.doesNotMatch(missing.stderr, /requests_per_month/);
});

test('--from-ledger without a ledger: exit 5', (t) => {
  const folder = join(tempDir(t), 'data');
  mkdirSync(folder);
  const { code, stderr } = cli(['advise', '--from-ledger', '30d', '--answers', team('clinic'), '--data', folder]);
  assert.equal(code, 5);
  assert.match(stderr, /weir serve/);
});

// `script` gives the command a terminal of its own and types what it gets on its standard input.
describe('on a terminal', { skip: existsSync('/usr/bin/script') ? false : 'needs script(1), of the package bsdutils' }, () => {
  const asked = (input, args = '') =>
    spawnSync('script', ['--quiet', '--return', '--command', `${weirBinary} advise ${args}`, '/dev/null'], {
      input, encoding: 'utf8', timeout: 60_000, env: { ...process.env, NO_COLOR: '1', COLUMNS: '100' },
    });

  test('asks, checks each answer at once, takes defaults, and advises', () => {
    const answers = ['Our team', 'many', '20000', '500', '300', '', 'none', '', '', 'fastt', '', '', '', 'part_time', ''];
    const { status, stdout } = asked(`${answers.join('\n')}\n`);
    assert.equal(status, 0, stdout);
    assert.match(stdout, /`requests_per_month` must be a whole number/);
    assert.match(stdout, /`latency` cannot be `fastt`/);
    assert.match(stdout, /Our team: cloud/);
    assert.doesNotMatch(stdout, /sensitive_share/, 'nothing is sensitive: no share is asked for');
    assert.match(stdout, /providers:/);
  });

  test('Ctrl-D leaves, and nothing is written', () => {
    const { status, stdout } = asked('Our team\n\x04');
    assert.equal(status, 0, stdout);
    assert.match(stdout, /left; nothing was written/);
    assert.doesNotMatch(stdout, /providers:/);
  });
});
