// The commands: help, exit codes, what `check` says of a wrong config, and that `explain` decides as serving does.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { PRIVATE, ask, cloud, local, model } from './support/configs.mjs';
import { StandIn } from './support/fault_upstream.mjs';
import { Weir, cli, tempDir, suiteScope } from './support/process.mjs';

const root = new URL('../..', import.meta.url).pathname;
const COMMANDS = ['serve', 'check', 'explain', 'models', 'keys', 'usage', 'plan', 'advise', 'examples', 'version'];

describe('help and usage', () => {
  test('weir --help lists every command, weir COMMAND --help has examples', () => {
    const help = cli(['--help']);
    assert.equal(help.code, 0);
    for (const command of COMMANDS) {
      assert.match(help.stdout, new RegExp(`\\b${command}\\b`));
      const own = cli([command, '--help']);
      assert.equal(own.code, 0, command);
      assert.match(own.stdout, /weir /, `${command} has an example`);
    }
    for (const command of ['keys', 'usage', 'serve']) assert.match(cli([command, ...(command === 'keys' ? ['list'] : []), '--help']).stdout, /--data/);
  });

  test('version', () => {
    const { code, stdout } = cli(['version']);
    assert.equal(code, 0);
    assert.match(stdout, /\d+\.\d+\.\d+/);
  });

  test('a command or option that does not exist: 2, on stderr', () => {
    for (const args of [['srve'], ['srve', '--help'], ['keys', 'mak', '--help'], ['serve', '--nonsense'], ['usage', '--by', 'colour']]) {
      const { code, stdout, stderr } = cli(args);
      assert.equal(code, 2, args.join(' '));
      assert.equal(stdout, '');
      assert.ok(stderr.length > 10);
    }
  });

  test('help is given wherever a command or a file stands before it', () => {
    for (const args of [['keys', 'create'], ['plan', 'some.yaml'], ['plan', 'size', 'llama-3-8b'], ['examples', 'laptop.yaml']]) {
      const { code, stdout } = cli([...args, '--help']);
      assert.equal(code, 0, args.join(' '));
      assert.match(stdout, /Usage: /);
    }
  });

  test('the examples come with the binary: each is listed with what it is, and printed as it stands in the project', () => {
    const { examples } = JSON.parse(cli(['examples', '--json']).stdout);
    const files = readdirSync(join(root, 'examples'), { recursive: true }).filter((name) => name.includes('.')).sort();
    assert.deepEqual(examples.map(({ name }) => name), files);
    for (const { name, about } of examples) {
      assert.equal(cli(['examples', name]).stdout, readFileSync(join(root, 'examples', name), 'utf8'), name);
      if (name.endsWith('.yaml')) assert.ok(about.length > 5, name);
    }
    assert.equal(cli(['examples', 'examples/laptop']).stdout, readFileSync(join(root, 'examples/laptop.yaml'), 'utf8'));
    const unknown = cli(['examples', 'labtop.yaml']);
    assert.equal(unknown.code, 4);
    assert.match(unknown.stderr, /laptop\.yaml/);
  });

  for (const shell of ['bash', 'zsh', 'fish']) {
    test(`completion for ${shell}`, () => {
      const { code, stdout } = cli(['completion', shell]);
      assert.equal(code, 0);
      for (const command of COMMANDS) assert.match(stdout, new RegExp(command));
    });
  }
});

describe('check', () => {
  const write = (t, text) => {
    const file = join(tempDir(t), 'weir.yaml');
    writeFileSync(file, text);
    return file;
  };
  const GOOD = `providers:
  - {id: box, kind: llama_server, url: "http://127.0.0.1:9"}
models:
  - {id: small, provider: box, name: tiny}
routes:
  - name: assistant
    rules:
      - {use: [small]}
`;

  test('a good one', (t) => {
    const { code, stdout, stderr } = cli(['check', '--config', write(t, GOOD)]);
    assert.equal(code, 0, stderr + stdout);
  });

  for (const [what, change, line, words] of [
    ['a model that does not exist', (text) => text.replace('use: [small]', 'use: [smal]'), 8, /smal.*small/s],
    ['a kind that does not exist', (text) => text.replace('llama_server', 'llama_sever'), 2, /llama_server/],
    ['a key that does not exist', (text) => text.replace('rules:', 'rulez:'), 7, /rules/],
    ['a provider that does not exist', (text) => text.replace('provider: box', 'provider: bix'), 4, /box/],
    ['a value of a wrong type', (text) => text.replace('name: assistant', 'name: [1, 2]'), 6, /name/],
    ['broken YAML', (text) => text.replace('{id: small', '{id: small, ['), 4, /./],
    ['a key twice', (text) => `${text}models: []\n`, 9, /models/],
  ]) {
    test(`${what}: file, line, column and the mend`, (t) => {
      const file = write(t, change(GOOD));
      const { code, stderr } = cli(['check', '--config', file]);
      assert.equal(code, 3, stderr);
      const place = new RegExp(`weir\\.yaml:(\\d+):(\\d+)`).exec(stderr);
      assert.ok(place, stderr);
      assert.ok(Math.abs(Number(place[1]) - line) <= 1, stderr);
      assert.match(stderr, words);
    });
  }

  test('a file that is not there', () => {
    const { code, stderr } = cli(['check', '--config', '/nonexistent/weir.yaml']);
    assert.notEqual(code, 0);
    assert.match(stderr, /nonexistent/);
  });

  test('serve refuses the same', (t) => {
    const { code, stderr } = cli(['serve', '--config', write(t, GOOD.replace('use: [small]', 'use: [smal]')), '--listen', '127.0.0.1:0', '--data', join(tempDir(t), 'd')]);
    assert.equal(code, 3);
    assert.match(stderr, /weir\.yaml:8/);
  });
});

describe('explain', () => {
  let weir;
  const scope = suiteScope();
  before(async () => {
    const near = await StandIn.start(scope);
    const far = await StandIn.start(scope);
    weir = await Weir.start(scope, { config: {
      guards: { words: [{ class: 'custom:project', words: ['Bluebird'] }] },
      providers: [local('near', near), cloud('far', far)],
      models: [model('small', 'near', 'ok', { context_length: 2048, tools: false }), model('eu', 'far', 'ok'), model('large', 'far', 'ok', { images: false })],
      routes: [
        { name: 'assistant', rules: [
          { when: { sensitive: ['personal', 'financial', 'secret', 'custom:project'] }, zones: ['local'] },
          { when: { tags: ['batch'] }, use: ['large', 'small'] },
          { when: { tokens_above: 1000 }, use: ['eu'] },
          { when: { has_tools: true }, use: ['small', 'large'] },
          { use: ['small', 'eu', 'large'] },
        ] },
        { name: 'cloudy', rules: [{ when: { sensitive: 'any' }, zones: ['local'] }, { use: ['large'] }] },
      ],
    } });
  });

  const explain = (body, ...args) => cli(['explain', '--config', weir.configFile, '--data', weir.data, ...args], { input: typeof body === 'string' ? body : JSON.stringify(body) });
  const requests = {
    'a harmless one': [ask('assistant')],
    'a private one': [ask('assistant', { messages: [{ role: 'user', content: PRIVATE }] })],
    'a word of our own': [ask('assistant', { messages: [{ role: 'user', content: 'How is project bluebird?' }] })],
    'a tagged one': [ask('assistant'), { 'x-weir-tags': 'batch' }, ['--tags', 'batch']],
    'a declared one': [ask('assistant'), { 'x-weir-sensitive': 'secret' }, ['--sensitive', 'secret']],
    'a long one': [ask('assistant', { messages: [{ role: 'user', content: 'river '.repeat(2_000) }] })],
    'one with tools': [ask('assistant', { tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }] })],
    'one with an image': [ask('assistant', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x.example/a.png' } }] }] })],
    'a model named directly': [ask('large')],
  };
  for (const [what, [body, headers = {}, args = []]] of Object.entries(requests)) {
    test(`${what}: the same plan as serving`, async () => {
      const { code, stdout, stderr } = explain(body, '--json', ...args);
      assert.equal(code, 0, stderr);
      const told = JSON.parse(stdout);
      const answer = await weir.chat(body, { headers });
      assert.equal(answer.status, 200, answer.text);
      const entry = await weir.ledger(answer.id);
      const shape = (plan) => plan.candidates.map(({ model: id, kept, reason }) => ({ id, kept, reason }));
      assert.deepEqual(shape(told.plan ?? told), shape(entry.plan));
      assert.equal(shape(told.plan ?? told).find(({ kept }) => kept).id, answer.headers.get('x-weir-model'));
    });
  }

  test('in words: every candidate, kept or dropped, by which rule', () => {
    const { code, stdout } = explain(requests['a private one'][0]);
    assert.equal(code, 0);
    for (const name of ['small', 'eu', 'large']) assert.match(stdout, new RegExp(`\\b${name}\\b`));
    assert.match(stdout, /rule 1/i);
    assert.match(stdout, /personal|financial/);
  });

  test('a refusal: exit code 4, and the reason', () => {
    const { code, stdout, stderr } = explain(ask('cloudy', { messages: [{ role: 'user', content: PRIVATE }] }));
    assert.equal(code, 4, stdout + stderr);
    assert.match(stdout + stderr, /local/);
  });

  test('from a file; an unknown model; no JSON', (t) => {
    const file = join(tempDir(t), 'request.json');
    writeFileSync(file, JSON.stringify(ask('assistant')));
    assert.equal(explain('', '--file', file).code, 0);
    const unknown = explain(ask('asistant'));
    assert.notEqual(unknown.code, 0);
    assert.match(unknown.stdout + unknown.stderr, /assistant/);
    const broken = explain('{"model": \n oops');
    assert.notEqual(broken.code, 0);
    assert.match(broken.stdout + broken.stderr, /line 2/);
  });

  test('models: every model with its zone and price, also as JSON, as the endpoint has it', async () => {
    const { code, stdout } = cli(['models', '--config', weir.configFile]);
    assert.equal(code, 0);
    for (const name of ['small', 'eu', 'large', 'local', 'cloud']) assert.match(stdout, new RegExp(name));
    const json = cli(['models', '--config', weir.configFile, '--json']);
    assert.equal(json.code, 0);
    for (const model of JSON.parse(json.stdout).models) {
      const served = await (await fetch(`${weir.url}/v1/models/${model.id}`)).json();
      for (const [field, value] of Object.entries(model)) assert.deepEqual(served[field], value, field);
    }
  });

  test('usage by each group, as a table and as JSON', async () => {
    const report = (by) => JSON.parse(weir.cli('usage', '--since', '1h', '--by', by, '--json').stdout);
    const day = () => new Date().toISOString().slice(0, 10);
    const before = report('model').total;
    const today = day();
    const entry = await weir.ledger((await weir.chat(ask('assistant'))).id);
    const groups = { model: entry.model, route: 'assistant', key: '', zone: entry.zone, day: today };
    for (const [by, group] of Object.entries(groups)) {
      const json = report(by);
      assert.equal(json.by, by);
      assert.equal(json.total.requests, before.requests + 1, by);
      assert.equal(json.total.input_tokens, before.input_tokens + entry.usage.input_tokens, by);
      assert.equal(json.total.output_tokens, before.output_tokens + entry.usage.output_tokens, by);
      assert.equal(json.total.cost_micro_usd, before.cost_micro_usd + entry.cost_micro_usd, by);
      for (const field of ['requests', 'input_tokens', 'output_tokens', 'cost_micro_usd']) {
        assert.equal(json.rows.reduce((sum, row) => sum + row[field], 0), json.total[field], `${by}: ${field}`);
      }
      const row = json.rows.find((one) => one.group === group);
      assert.ok(row || day() !== today, `${by}: ${JSON.stringify(json.rows)}`);
      const table = weir.cli('usage', '--since', '1h', '--by', by);
      assert.equal(table.code, 0, table.stderr);
      assert.match(table.stdout, new RegExp(`${group || 'no key'}.*\\b${row?.requests ?? ''}`, 'i'), by);
    }
  });

  test('usage of a data folder that does not exist: 5', (t) => {
    const { code, stderr } = cli(['usage', '--data', join(tempDir(t), 'nothing')]);
    assert.equal(code, 5, stderr);
  });
});
