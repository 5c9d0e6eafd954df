// `weir plan --from-ledger`: the workload is what was served, and the options follow from what was paid.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { model } from './support/configs.mjs';
import { Weir, root, sleep, standIns, suiteScope } from './support/process.mjs';

describe('a plan from traffic', () => {
  const scope = suiteScope();
  let weir;
  const json = (...args) => {
    const { code, stdout, stderr } = weir.cli('plan', ...args, '--from-ledger', '15s', '--json');
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };

  before(async () => {
    const served = await standIns(scope);
    weir = await Weir.start(scope, { config: {
      providers: [{ id: 'near', zone: 'local', ...served }, { id: 'far', zone: 'cloud', ...served }],
      models: [model('small', 'near', 'sandbox-local', { prices: { input: 1, output: 1 } }), model('large', 'far', 'sandbox-cloud', { prices: { input: 30, output: 60 } })],
      routes: [{ name: 'assistant', baseline: 'large', rules: [{ use: ['small'] }] }, { name: 'best', baseline: 'large', rules: [{ use: ['large'] }] }],
    } });
    let last;
    for (let i = 0; i < 8; i += 1) last = await weir.chat({ model: i % 4 ? 'assistant' : 'best', messages: [{ role: 'user', content: `How high is the river at bridge ${i}?` }] });
    await weir.ledger(last.id);
    await sleep(200);
  });

  test('the month is the traffic scaled, and its parts sum to it', () => {
    const { workload } = json();
    assert.ok(workload.requests > 8, 'scaled to a month');
    assert.match(workload.source, /ledger/);
    assert.equal(workload.mix.reduce((sum, { requests }) => sum + requests, 0), workload.requests);
    assert.deepEqual(workload.mix.map(({ name }) => name).sort().map((name) => name.split(/[ ,:]/)[0]), ['assistant', 'best']);
  });

  test('what was paid comes first; all on the baseline costs more, at its prices', () => {
    const { workload, options } = json();
    const [paid] = options;
    assert.equal(paid.name, 'as paid');
    const baseline = options.find(({ name }) => name.includes('baseline'));
    const expected = (workload.input_tokens * 30 + workload.output_tokens * 60) / 1e6;
    assert.ok(Math.abs(baseline.monthly_usd - expected) / expected < 0.01, `${baseline.monthly_usd} for ${expected}`);
    assert.ok(paid.monthly_usd > 0 && paid.monthly_usd < baseline.monthly_usd);
  });

  test('machines that could serve it locally are among the options, in whole numbers', () => {
    const { options } = json();
    const local = options.filter(({ kind }) => kind === 'local');
    assert.ok(local.length > 0);
    for (const { machines } of local) assert.ok(Number.isInteger(machines) && machines >= 1);
  });

  test('with a plan file its options stay and its workload is replaced', () => {
    const { workload, options } = json(`${root}/examples/plans/one-million.yaml`);
    assert.match(workload.source, /ledger/);
    assert.deepEqual(options.map(({ name }) => name), ['cloud', 'local', 'hybrid 80/20']);
    assert.equal(options[1].monthly_usd, 7820);
    const expected = (workload.input_tokens * 30 + workload.output_tokens * 60) / 1e6;
    assert.ok(Math.abs(options[0].monthly_usd - expected) < 0.01);
  });
});
