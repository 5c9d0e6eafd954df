// What is estimated of a request before anything is decided, with real processes: rules by task and difficulty, objectives,
// shares, and how the estimate is measured, learned and taken up.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { model } from './support/configs.mjs';
import { Weir, cliAsync, root, suiteScope, tempDir, until } from './support/process.mjs';

const scope = suiteScope();
const data = tempDir(scope);
let weir;
let config;
let file;

const say = (content) => [{ role: 'user', content }];

// Labelled rows of which the weak model fails those about the sea. Chance without a library: the same rows each time.
function rows(count, seed, hard = ['ocean', 'current', 'tide', 'salinity'], easy = ['bread', 'butter', 'jam', 'toast']) {
  let state = seed;
  const roll = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  const pick = (list) => list[Math.floor(roll() * list.length)];
  return Array.from({ length: count }, (_, i) => {
    const sea = roll() < 0.4;
    const words = sea ? hard : easy;
    return { prompt: `Question ${seed}-${i} about ${pick(words)} and ${pick(words)}`, weak: roll() < (sea ? 0.2 : 0.9) ? 1 : 0, strong: roll() < 0.9 ? 1 : 0 };
  });
}
const lines = (list) => list.map((row) => JSON.stringify(row)).join('\n');
const put = (name, content) => {
  const path = join(data, name);
  writeFileSync(path, content);
  return path;
};

before(async () => {
  const quality = (all, more = {}) => Object.fromEntries(Object.entries({ all, ...more }).map(([k, v]) => [k, String(v)]));
  config = {
    providers: [{ id: 'near', kind: 'sandbox', zone: 'local' }, { id: 'far', kind: 'sandbox', zone: 'cloud' }],
    models: [
      model('small', 'near', 'sandbox-small', { quality: quality(0.6, { faq: 0.9 }), prices: { input: 0.1, output: 0.2 } }),
      model('large', 'far', 'sandbox-large', { quality: quality(0.95), prices: { input: 5, output: 20 } }),
    ],
    routes: [
      { name: 'assistant', rules: [
        { when: { sensitive: 'any' }, zones: ['local'] },
        { when: { task: ['greeting', 'faq'] }, use: ['small', 'large'] },
        { when: { difficulty: '> 0.45' }, use: ['large', 'small'] },
        { use: ['small'] },
      ] },
      { name: 'good', rules: [{ use: ['small', 'large'], objective: { take: 'cheapest', least_quality: 0.8 } }] },
      { name: 'fifth', rules: [{ use: ['small', 'large'], share: { to: 'large', of: '20%' } }] },
    ],
  };
  file = put('weir.yaml', JSON.stringify(config));
  weir = await Weir.start(scope, { config, data });
});

const post = (route, content, more = {}) => weir.post('/v1/chat/completions', { model: route, messages: say(content), ...more });
const explain = async (route, content) => {
  const request = put('request.json', JSON.stringify({ model: route, messages: say(content) }));
  const ran = await cliAsync(['explain', '--config', file, '--file', request, '--json'], { env: { WEIR_DATA: data } });
  return JSON.parse(ran.stdout);
};

test('rules by task decide, and the ledger holds task and difficulty', async () => {
  const answer = await post('assistant', 'Hello!');
  assert.equal(answer.status, 200, await answer.text());
  assert.equal(answer.headers.get('x-weir-model'), 'small');
  const entry = await weir.ledger(answer.headers.get('x-weir-request-id'));
  assert.equal(entry.task, 'greeting');
  assert.ok(entry.difficulty >= 0 && entry.difficulty <= 1, JSON.stringify(entry));
});

test('explain shows the estimate that serving makes', async () => {
  for (const prompt of ['Hello!', 'Prove that there are infinitely many primes.', 'Fasse den folgenden Text zusammen: Es regnet.']) {
    const answer = await post('assistant', prompt);
    const entry = await weir.ledger(answer.headers.get('x-weir-request-id'));
    const { facts, plan } = await explain('assistant', prompt);
    assert.equal(facts.task, entry.task, prompt);
    assert.ok(Math.abs(facts.difficulty - entry.difficulty) < 1e-6, prompt);
    assert.equal(plan.candidates[0].model, answer.headers.get('x-weir-model'), prompt);
  }
});

test('a zone is no matter of tasks', async () => {
  const answer = await post('assistant', 'Prove it for my card 4111 1111 1111 1111, step by step.');
  assert.equal(answer.headers.get('x-weir-zone'), 'local');
});

test('an objective takes the cheapest that is good enough for the task', async () => {
  assert.equal((await post('good', 'What are your opening hours?')).headers.get('x-weir-model'), 'small');
  assert.equal((await post('good', 'Write a poem about a lighthouse.')).headers.get('x-weir-model'), 'large');
  const { objective } = await explain('good', 'Write a poem about a lighthouse.');
  assert.match(objective.join('\n'), /small: quality 0\.6, .*does not meet/);
});

test('a share is held within two points', async () => {
  const prompts = ['Hello', 'Thanks!', 'What are your opening hours?', 'Solve 3x + 4 = 10', 'Write a poem about rain',
    'Compare the pros and cons of solar energy step by step', 'Translate to German: good night', 'Where is my parcel?'];
  let large = 0;
  const count = 400;
  // Sandbox models take their time: many at once.
  for (let first = 0; first < count; first += 50) {
    await Promise.all(Array.from({ length: 50 }, async (_, at) => {
      const i = first + at;
      const answer = await post('fifth', `${prompts[(i * 5) % prompts.length]}${i % 3 === 0 ? ` number ${i}` : ''}`);
      if (answer.headers.get('x-weir-model') === 'large') ++large;
      await answer.arrayBuffer();
    }));
  }
  assert.ok(Math.abs(large / count - 0.2) <= 0.02, `${large} of ${count}`);
});

test('eval routing prints the curve, plain or as JSON, also of gzip', async () => {
  const train = put('train.jsonl', lines(rows(500, 1)));
  const held = put('test.jsonl.gz', gzipSync(lines(rows(400, 2))));
  const ran = await cliAsync(['eval', 'routing', '--train', train, '--test', held, '--json']);
  assert.equal(ran.code, 0, ran.stderr);
  const result = JSON.parse(ran.stdout);
  assert.equal(result.rows, 400);
  assert.ok(result.apgr > 0.65 && result.cpt50 < 0.5 && result.cpt50 <= result.cpt80, ran.stdout);
  const all = rows(400, 2);
  const mean = (key) => all.reduce((sum, row) => sum + row[key], 0) / all.length;
  assert.ok(Math.abs(result.weak - mean('weak')) < 1e-9 && Math.abs(result.strong - mean('strong')) < 1e-9);
  const plain = await cliAsync(['eval', 'routing', '--train', train, '--train', held, '--test', put('t.jsonl', lines(rows(50, 3)))]);
  assert.equal(plain.code, 0, plain.stderr);
  assert.match(plain.stdout, /APGR 0\.\d+ +CPT50 0\.\d+ +CPT80 0\.\d+/);
});

test('eval routing says what is wrong, and in which line', async () => {
  const good = put('good.jsonl', lines(rows(100, 1)));
  const bad = put('bad.jsonl', `${lines(rows(2, 5))}\n{"prompt": "x", "weak": 0}\n`);
  for (const [args, says] of [
    [['--train', good, '--test', bad], /bad\.jsonl, line 3: .*strong/],
    [['--train', good, '--test', join(data, 'missing.jsonl')], /cannot read .*missing/],
    [['--train', good, '--test', data], /folder/],
    [['--train', put('few.jsonl', lines(rows(5, 1))), '--test', good], /too few/],
    [['--train', put('cut.jsonl.gz', gzipSync(lines(rows(100, 1))).subarray(0, 300)), '--test', good], /cut\.jsonl\.gz/],
  ]) {
    const ran = await cliAsync(['eval', 'routing', ...args]);
    assert.equal(ran.code, 2, ran.stdout);
    assert.match(ran.stderr, says);
  }
});

test('what was learned is taken up on SIGHUP, and a broken file is refused', async () => {
  const hard = 'Question 9-9 about ocean and tide';
  const difficulty = async (prompt) => {
    const answer = await post('assistant', prompt);
    return (await weir.ledger(answer.headers.get('x-weir-request-id'))).difficulty;
  };
  const beforehand = await difficulty(hard);
  const learned = await cliAsync(['learn', put('own.jsonl', lines(rows(900, 4))), '--data', data, '--json']);
  assert.equal(learned.code, 0, learned.stderr);
  const report = JSON.parse(learned.stdout);
  assert.ok(report.taken && report.apgr > 0.65 && report.held_out > 100, learned.stdout);
  assert.equal(await difficulty(hard), beforehand, 'not before SIGHUP');
  weir.signal('SIGHUP');
  await until(async () => (await difficulty(hard)) !== beforehand, { what: 'the new estimate' });
  assert.ok(await difficulty(hard) > await difficulty('Question 9-9 about bread and jam') + 0.3);

  const made = join(data, 'estimator.model');
  assert.ok(existsSync(made));
  writeFileSync(made, readFileSync(made).subarray(0, 5000));
  const { facts } = await explain('assistant', hard);
  assert.ok(Math.abs(facts.difficulty - beforehand) < 1e-6, 'the one that ships');
});

test('what is worse than the one in use is refused, unless forced', async () => {
  const folder = tempDir(scope);
  const learn = (name, list, ...more) => cliAsync(['learn', put(name, lines(list)), '--data', folder, '--json', ...more]);
  const many = rows(3000, 7);
  assert.equal((await learn('many.jsonl', many)).code, 0);
  const made = join(folder, 'estimator.model');
  const before = readFileSync(made);
  // So few rows teach less than what is in use has learned, also of these very rows.
  const worse = await learn('few.jsonl', many.slice(0, 600));
  assert.equal(worse.code, 4, worse.stdout);
  const report = JSON.parse(worse.stdout);
  assert.ok(!report.taken && report.apgr < report.apgr_before, worse.stdout);
  assert.deepEqual(readFileSync(made), before);
  assert.equal((await learn('few.jsonl', many.slice(0, 600), '--force')).code, 0);
  assert.notDeepEqual(readFileSync(made), before);
});

test('eval tasks tells how often the task is right', async () => {
  const ran = await cliAsync(['eval', 'tasks', '--json']);
  assert.equal(ran.code, 0, ran.stderr);
  const { accuracy, languages } = JSON.parse(ran.stdout);
  assert.ok(accuracy > 0.7, ran.stdout);
  assert.deepEqual(Object.keys(languages).sort(), ['de', 'en', 'es', 'fr', 'it', 'pt']);
});

test('the chatbot example sends its sample of traffic where it says', async () => {
  const sample = readFileSync(join(root, 'examples/traffic/chatbot.jsonl'), 'utf8').trim().split('\n');
  const wrong = [];
  for (const line of sample) {
    const request = put('sample.json', line);
    const ran = await cliAsync(['explain', '--config', join(root, 'examples/chatbot.yaml'), '--file', request, '--json'],
      { env: { WEIR_DATA: tempDir(scope), OPENAI_API_KEY: 'sk-none' } });
    const { plan } = JSON.parse(ran.stdout);
    const { metadata, messages } = JSON.parse(line);
    if (plan.candidates[0].model !== metadata.expected) wrong.push(`${messages[0].content}: ${plan.candidates[0].model}`);
  }
  assert.deepEqual(wrong, []);
});
