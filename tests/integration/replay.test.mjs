// `weir plan replay`: what was served is replayed from its ledger. Under the same config it costs the same; what-ifs move
// the figures the way they must; what is wrong is said with its mend.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { PRIVATE, model } from './support/configs.mjs';
import { LlamaServer, Weir, cli, llamaServer, sleep, standIns, suiteScope, tempDir } from './support/process.mjs';

const RULES = [{ when: { sensitive: 'any' }, zones: ['local'] }, { use: ['small', 'large'], spill: { queue: '200ms' } }];
let remote = { kind: 'sandbox' };
const settings = (box, { rules = RULES, far = {} } = {}) => ({
  providers: [
    { id: 'box', zone: 'local', slots: 2, cost_per_hour: 3.6, ...box },
    { id: 'far', zone: 'cloud', ...remote, ...far },
  ],
  models: [
    model('small', 'box', box.kind === 'llama_server' ? 'tiny' : 'sandbox-local'),
    model('large', 'far', 'sandbox-cloud', { prices: { input: 2.5, output: 10 } }),
    model('cheap', 'far', 'sandbox-mini', { prices: { input: 0.1, output: 0.2 } }),
  ],
  routes: [{ name: 'assistant', baseline: 'large', rules }],
});

const found = llamaServer();
const kinds = [
  { title: 'a stand-in', box: () => remote },
  { title: 'a real llama-server', skip: found.path ? false : found.reason,
    box: async (scope) => ({ kind: 'llama_server', url: (await LlamaServer.start(scope, { slots: 2 })).url }) },
];

for (const kind of kinds) {
  describe(`a replay of requests to ${kind.title}`, { skip: kind.skip ?? false }, () => {
    const scope = suiteScope();
    let weir;
    let box;
    const ids = [];

    const file = (config, name = 'candidate.yaml') => {
      const path = join(weir.home, name);
      writeFileSync(path, typeof config === 'string' ? config : JSON.stringify(config, null, 1));
      return path;
    };
    const run = (...args) => weir.cli('plan', 'replay', '--from-ledger', '1h', ...args);
    const scenarios = (...args) => {
      const { code, stdout, stderr } = run('--json', '--config', weir.configFile, ...args);
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout).scenarios;
    };

    before(async () => {
      remote = await standIns(scope);
      box = await kind.box(scope);
      weir = await Weir.start(scope, { config: settings(box) });
      const ask = async (content, more = {}) => {
        const answer = await weir.chat({ model: 'assistant', messages: [{ role: 'user', content }], max_tokens: 60, ...more });
        ids.push(answer.id);
        return answer;
      };
      // More at once than there are slots: some wait, some spill over.
      for (let round = 0; round < 4; round += 1) {
        await Promise.all(Array.from({ length: 6 }, (_, i) => ask(i === 0 ? PRIVATE : `How high is the river at bridge ${i}?`)));
      }
      // The tiny model may stumble over a tool call, and a recorded failure stays one.
      if (box.kind !== 'llama_server') await ask('one with tools', { tools: [{ type: 'function', function: { name: 'level', parameters: { type: 'object', properties: {} } } }] });
      await weir.ledger(ids.at(-1));
      await sleep(200);
    });

    test('the same config: what is decided alike costs the same to the micro-dollar', () => {
      const [recorded, replayed] = scenarios();
      assert.equal(recorded.requests, ids.length);
      assert.equal(recorded.answered, replayed.answered);
      assert.equal(replayed.same_model.metered_micro_usd, replayed.same_model.recorded_micro_usd);
      assert.ok(replayed.same_model.requests >= 0.6 * ids.length, `${replayed.same_model.requests} of ${ids.length}`);
      if (replayed.same_model.requests === ids.length) assert.equal(replayed.metered_micro_usd, recorded.metered_micro_usd);
    });

    test('sensitive requests stay local, whatever share goes to the cloud', () => {
      for (const result of scenarios('--local-share', '0%')) {
        assert.ok(result.sensitive.requests >= 4);
        assert.equal(result.sensitive.reached_cloud, 0);
      }
    });

    test('one more machine: no longer waits, twice the bill', () => {
      const [, before, after] = scenarios('--gpus', '+1');
      assert.ok(after.queue_wait.p95_us <= before.queue_wait.p95_us);
      assert.ok(after.spilled <= before.spilled);
      assert.ok(Math.abs(after.machines_micro_usd - 2 * before.machines_micro_usd) <= 1, 'twice, but for rounding');
      assert.equal(after.machines[0].slots, 4);
    });

    test('all local or as little as may be', () => {
      const [, , all] = scenarios('--local-share', '100%', '--slots', 'box=64');
      assert.equal(all.local_share, 1);
      assert.equal(all.tokens_micro_usd, 0);
      const [, , none] = scenarios('--local-share', '0%');
      assert.ok(none.cloud_share > 0.5);
    });

    test('another cloud model, by id and from the price catalog, costs less', () => {
      const [, before, after] = scenarios('--local-share', '0%', '--cloud-model', 'cheap');
      assert.ok(after.tokens_micro_usd < scenarios('--local-share', '0%')[2].tokens_micro_usd);
      assert.equal(before.requests, after.requests);
      const priced = scenarios('--local-share', '0%', '--cloud-model', 'openai/gpt-4o-mini')[2];
      assert.ok(priced.models.some((one) => one.model === 'openai/gpt-4o-mini'));
    });

    test('another file beside it: a scenario each', () => {
      const other = file(settings({ kind: 'sandbox', slots: 8 }), 'other.yaml');
      assert.equal(scenarios('--compare', other).length, 3);
    });

    test('a table, CSV and a page', () => {
      const text = run('--config', weir.configFile);
      assert.equal(text.code, 0, text.stderr);
      for (const word of ['as recorded', 'METERED', 'SPILLED', 'P95', 'BILL', 'Assumptions']) assert.match(text.stdout, new RegExp(word));
      assert.ok(text.stdout.split('\n').every((line) => [...line].length <= 80), 'no line wider than 80');
      const csv = run('--config', weir.configFile, '--csv').stdout.trim().split(/\r?\n/);
      assert.equal(csv.length, 3);
      assert.ok(csv.every((line) => line.split(',').length === csv[0].split(',').length));
      const page = join(weir.home, 'report.html');
      assert.equal(run('--config', weir.configFile, '--html', page).code, 0);
    });

    test('names and numbers that are wrong: 2, with the mend', () => {
      for (const [args, said] of [
        [['--slots', 'bix=4'], /did you mean `box`/],
        [['--slots', 'far=4'], /no provider with slots/],
        [['--slots', 'box=0'], /--slots.*PROVIDER=N/],
        [['--gpus', '1'], /--gpus.*\+1/],
        [['--gpus', '+1e9'], /--gpus/],
        [['--local-share', '180%'], /--local-share.*80%/],
        [['--local-share', 'nan'], /--local-share/],
        [['--cloud-model', 'larj'], /did you mean `large`/],
        [['--cloud-model', 'small'], /not in the cloud/],
        [['--speed', 'small=-3'], /--speed/],
      ]) {
        const { code, stdout, stderr } = run('--config', weir.configFile, ...args);
        assert.equal(code, 2, `${args}: ${stderr}`);
        assert.equal(stdout, '');
        assert.match(stderr, said);
      }
    });

    test('a config that is wrong: 3, with file, line and column', () => {
      const bad = file('providers:\n  - {id: box, kind: sandbox, slotz: 2}\n', 'bad.yaml');
      for (const args of [['--config', bad], ['--config', weir.configFile, '--compare', bad]]) {
        const { code, stderr } = run(...args);
        assert.equal(code, 3);
        assert.match(stderr, /bad\.yaml:2:\d+/);
      }
    });

    test('a time without requests: 1, with the mend', () => {
      const empty = weir.cli('plan', 'replay', '--from-ledger', '2999-01-01', '--config', weir.configFile);
      assert.notEqual(empty.code, 0);
      assert.ok(empty.stderr.length > 10);
      assert.equal(weir.cli('plan', 'replay', '--from-ledger', 'soon', '--config', weir.configFile).code, 2);
    });
  });
}

describe('a replay without a ledger', () => {
  const scope = suiteScope();

  test('no data folder: 5, and where it was looked for', () => {
    const home = tempDir(scope);
    const config = join(home, 'weir.yaml');
    writeFileSync(config, JSON.stringify(settings({ kind: 'sandbox' })));
    const { code, stderr } = cli(['plan', 'replay', '--config', config, '--data', join(home, 'nowhere')]);
    assert.equal(code, 5);
    assert.match(stderr, /nowhere/);
  });

  test('an empty ledger: 1, and what to do', async () => {
    const weir = await Weir.start(scope, { config: settings({ kind: 'sandbox' }) });
    const { code, stderr } = weir.cli('plan', 'replay', '--config', weir.configFile);
    assert.equal(code, 1);
    assert.match(stderr, /no requests/);
  });

  test('no config at all: 2', () => {
    const home = tempDir(scope);
    mkdirSync(join(home, 'data'));
    const { code, stderr } = cli(['plan', 'replay', '--data', join(home, 'data')], { home });
    assert.equal(code, 2);
    assert.match(stderr, /--config/);
  });
});
