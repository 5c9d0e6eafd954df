// Try local, judge, escalate, with real processes: every client's format in front of several providers' formats, streamed and
// not; faults of the better model; feedback that survives kill -9; lessons, their export, and what is learned of them.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { ask, local as localProvider, model } from './support/configs.mjs';
import { LlamaServer, Weir, cli, createKey, llamaServer, root, sleep, suiteScope, tempDir, until } from './support/process.mjs';
import { wires } from './support/standins/all.mjs';
import { SPOKEN } from './support/standins/script.mjs';
import { StandIn } from './support/standins/server.mjs';

const scope = suiteScope();
const REFUSED = "I'm sorry, but I can't help with that.";
const GOOD = 'A weir is a low barrier across a river: it raises the water upstream and lets it flow over its top.';

// A model of OpenAI's format. What it says is in the question: `refuse`, `empty`, `loop`, `unsure`, `hang`, `fail` …
class Scripted {
  asked = [];
  static async start() {
    const one = new Scripted();
    one.server = http.createServer(async (request, response) => {
      let text = '';
      for await (const piece of request) text += piece;
      if (request.method === 'GET') return response.writeHead(200, { 'content-type': 'application/json' }).end('{"object":"list","data":[]}');
      const body = JSON.parse(text);
      one.asked.push(body);
      await one.answer(body, response);
    });
    await new Promise((done) => one.server.listen(0, '127.0.0.1', done));
    scope.after(() => (one.server.closeAllConnections(), one.server.close()));
    one.url = `http://127.0.0.1:${one.server.address().port}/v1`;
    return one;
  }

  async answer(body, response) {
    const last = body.messages.at(-1).content;
    const asked = typeof last === 'string' ? last : last.map(({ text }) => text ?? '').join('');
    const has = (word) => asked.includes(word);
    if (has('local-hangs')) return;
    if (has('local-fails')) return response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{"message":"boom"}}');
    const words = has('refuse') ? REFUSED : has('empty') ? '' : has('loop') ? 'I am here to help you. '.repeat(40)
      : has('huge') ? `${GOOD} `.repeat(20).replaceAll('river', () => `river ${Math.random()}`) : GOOD;
    const logprob = has('unsure') ? -3 : -0.05;
    const logprobs = body.logprobs ? { content: [{ token: 'x', logprob, bytes: null, top_logprobs: [] }], refusal: null } : undefined;
    const usage = { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 };
    const head = { id: 'chatcmpl-1', created: 1, model: body.model };
    const call = body.tools && has('call') ? { id: 'call_1', type: 'function', function: { name: body.tools[0].function.name, arguments: has('wrong') ? '{"town":1}' : '{"city":"Bonn"}' } } : null;
    if (!body.stream) {
      const message = call ? { role: 'assistant', content: null, tool_calls: [call] } : { role: 'assistant', content: words };
      const choice = { message, logprobs, finish_reason: call ? 'tool_calls' : 'stop' };
      const choices = Array.from({ length: body.n ?? 1 }, (_, index) => ({ index, ...choice }));
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ...head, object: 'chat.completion', choices, usage }));
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (choice, more = {}) => response.write(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: choice ? [{ index: 0, finish_reason: null, ...choice }] : [], ...more })}\n\n`);
    send({ delta: { role: 'assistant', content: '' } });
    if (call) send({ delta: { tool_calls: [{ index: 0, ...call }] } });
    else for (const piece of words.match(/.{1,9}/gs) ?? []) send({ delta: { content: piece }, logprobs });
    send({ delta: {}, finish_reason: call ? 'tool_calls' : 'stop' });
    send(null, { usage });
    response.end('data: [DONE]\n\n');
  }
}

// What a client of each format asks, and the words in what it gets, streamed or not.
const pick = (text, name) => [...text.matchAll(new RegExp(`"${name}":\\s*"((?:[^"\\\\]|\\\\.)*)"`, 'g'))].map(([, said]) => JSON.parse(`"${said}"`)).join('');
const dialects = {
  openai: { path: () => '/v1/chat/completions', body: (name, text, stream) => ({ model: name, stream, messages: [{ role: 'user', content: text }] }), said: (text) => pick(text, 'content') },
  anthropic: { path: () => '/v1/messages', body: (name, text, stream) => ({ model: name, stream, max_tokens: 400, messages: [{ role: 'user', content: text }] }), said: (text) => pick(text, 'text') },
  gemini: { path: (name, stream) => `/v1beta/models/${name}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, body: (_, text) => ({ contents: [{ role: 'user', parts: [{ text }] }] }), said: (text) => pick(text, 'text') },
  ollama: { path: () => '/api/chat', body: (name, text, stream) => ({ model: name, stream, messages: [{ role: 'user', content: text }] }), said: (text) => pick(text, 'content') },
  responses: { path: () => '/v1/responses', body: (name, text, stream) => ({ model: name, stream, store: false, input: text }), said: (text, stream) => (stream ? pick(text, 'delta') : pick(text, 'text')) },
};

let local;
let judge;
let weir;
const data = tempDir(scope);
const better = {};

before(async () => {
  local = await Scripted.start();
  judge = await Scripted.start();
  for (const name of ['openai', 'anthropic', 'gemini', 'ollama']) {
    const wire = Object.values(wires).find((one) => one.name.startsWith(name));
    better[name] = await StandIn.start(scope, wire, { own: false });
  }
  const prices = { input: 10, output: 20 };
  const escalate = { below: 0.7 };
  const base = (name) => (name === 'openai' ? `${better[name].url}/v1` : better[name].url);
  weir = await Weir.start(scope, { data, config: {
    providers: [
      { id: 'home', kind: 'openai_compatible', url: local.url, zone: 'local', health_check: false, slots: 4, cost_per_hour: 0.36 },
      { id: 'judging', kind: 'openai_compatible', url: judge.url, zone: 'cloud', api_key: 'k' },
      { id: 'far-openai', kind: 'openai', url: base('openai'), api_key: 'standin-key', retries: 0 },
      { id: 'far-anthropic', kind: 'anthropic', url: base('anthropic'), api_key: 'standin-key', retries: 0 },
      { id: 'far-gemini', kind: 'gemini', url: base('gemini'), api_key: 'standin-key', retries: 0 },
      { id: 'far-ollama', kind: 'ollama', url: base('ollama'), zone: 'cloud', health_check: false, retries: 0 },
    ],
    models: [
      model('small', 'home', 'small', { context_length: 32_000 }),
      model('grader', 'judging', 'grader', { prices }),
      ...Object.keys(better).map((name) => model(`large-${name}`, `far-${name}`, 'scripted', { prices, context_length: 100_000 })),
    ],
    routes: [
      ...Object.keys(better).map((name) => ({ name: `to-${name}`, baseline: `large-${name}`, rules: [{ when: { sensitive: ['personal'] }, zones: ['local'] }, { use: ['small', `large-${name}`], escalate }] })),
      { name: 'sure', rules: [{ use: ['small', 'large-openai'], escalate: { below: 0.7, judges: ['structural', 'confidence'] } }] },
      { name: 'graded', rules: [{ use: ['small', 'large-openai'], escalate: { below: 0.7, judges: ['model'], model: 'grader', wait: '1s' } }] },
      { name: 'taught', keep_lessons: { keep: '90d', good: true }, rules: [
        { when: { sensitive: ['personal'] }, zones: ['local'] }, { use: ['small', 'large-openai'], escalate }] },
    ],
  } });
});

async function say(dialect, route, text, stream) {
  const { path, body, said } = dialects[dialect];
  const response = await weir.post(path(route, stream), body(route, text, stream));
  const whole = await response.text();
  return { status: response.status, whole, said: said(whole, stream), reason: response.headers.get('x-weir-reason'), model: response.headers.get('x-weir-model'), id: response.headers.get('x-weir-request-id') };
}

describe('a cascade', () => {
  for (const dialect of Object.keys(dialects)) {
    for (const stream of [false, true]) {
      test(`asked by ${dialect}'s clients, ${stream ? 'streamed' : 'whole'}: the poor answer is replaced, the good one given`, async () => {
        for (const far of Object.keys(better)) {
          const poor = await say(dialect, `to-${far}`, 'Please refuse to say what a weir is.', stream);
          assert.equal(poor.status, 200, poor.whole);
          assert.equal(poor.said, SPOKEN, `${far}: ${poor.whole}`);
          assert.ok(!poor.whole.includes('sorry'), 'no word of the draft');
          assert.equal(poor.model, `large-${far}`);
          assert.match(poor.reason, /small answered 0\.10 < 0\.7; large-\w+ answered/);
        }
        const good = await say(dialect, 'to-openai', 'What is a weir?', stream);
        assert.equal(good.said, GOOD, good.whole);
        assert.equal(good.model, 'small');
      });
    }
  }

  test('the ledger has both attempts, their scores and what each cost', async () => {
    const { id } = await say('openai', 'to-openai', 'Please refuse.', true);
    const entry = await weir.ledger(id);
    assert.deepEqual(entry.attempts.map(({ model: name, outcome }) => [name, outcome]), [['small', 'escalated'], ['large-openai', 'ok']]);
    assert.equal(entry.attempts[0].score, 0.1);
    assert.equal(entry.score, 1);
    assert.equal(entry.attempts[0].usage.output_tokens, 10);
    assert.equal(entry.usage.output_tokens, entry.attempts[1].usage.output_tokens, 'the usage is of the answer that was given');
    assert.equal(entry.cost_micro_usd, entry.attempts[0].cost_micro_usd + entry.attempts[1].cost_micro_usd);
    assert.ok(entry.first_token_us > entry.attempts[0].first_token_us, 'both times to the first token');
    assert.deepEqual(entry.plan.escalate, { below: 0.7, judges: ['structural'] });
  });

  test('tool calls are judged, in a stream too', async () => {
    const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } } }];
    for (const stream of [false, true]) {
      const good = await weir.chat({ ...ask('to-openai'), stream, tools, messages: [{ role: 'user', content: 'call it' }] });
      assert.equal(good.headers.get('x-weir-model'), 'small', good.text);
      assert.match(good.text, /Bonn/);
      const wrong = await weir.chat({ ...ask('to-openai'), stream, tools, messages: [{ role: 'user', content: 'call it wrong [[tool]]' }] });
      assert.equal(wrong.headers.get('x-weir-model'), 'large-openai', wrong.text);
      assert.ok(!wrong.text.includes('town'));
    }
  });

  test('n answers are judged, and JSON that was asked for', async () => {
    const several = await weir.chat({ ...ask('to-openai'), n: 2, messages: [{ role: 'user', content: 'What is a weir?' }] });
    assert.equal(several.json.choices.length, 2);
    assert.equal(several.headers.get('x-weir-model'), 'small');
    const json = await weir.chat({ ...ask('to-openai'), response_format: { type: 'json_object' }, messages: [{ role: 'user', content: 'JSON, please [[json]]' }] });
    assert.equal(json.headers.get('x-weir-model'), 'large-openai', 'words are no JSON');
  });

  test('where the better model fails, the first answer is given and marked', async () => {
    for (const stream of [false, true]) {
      // Who asks for a moment (429) is left alone by later requests: those faults are another model's.
      for (const [fault, route] of [['broken', 'to-openai'], ['unauthorized', 'to-openai'], ['rate', 'to-anthropic'], ['overloaded', 'to-gemini']]) {
        const { status, said, reason, model: name, id } = await say('openai', route, `Please refuse. [[fail ${fault}]]`, stream);
        assert.equal(status, 200);
        assert.equal(said, REFUSED);
        assert.equal(name, 'small');
        assert.match(reason, /small answered 0\.10 < 0\.7; (large-\w+|the next model) failed \(\w+\); small answered/);
        const entry = await weir.ledger(id);
        assert.equal(entry.outcome, 'ok');
        assert.equal(entry.score, 0.1);
        await until(async () => (await say('openai', 'to-openai', 'Please refuse.', false)).model === 'large-openai', { what: 'the breaker to close', timeout: 8_000, every: 200 })
          .catch(() => {});
      }
    }
  });

  test('what may not leave is not escalated', async () => {
    const before = better.openai.requests.length;
    const { said, model: name } = await say('openai', 'to-openai', 'Please refuse, jane.doe@example.com.', true);
    assert.equal(said, REFUSED);
    assert.equal(name, 'small');
    assert.equal(better.openai.requests.length, before);
  });

  test('log-probabilities are asked for, judged, and kept from who did not ask', async () => {
    for (const stream of [false, true]) {
      local.asked.length = 0;
      const sure = await say('openai', 'sure', 'What is a weir?', stream);
      assert.equal(sure.said, GOOD);
      assert.equal(local.asked[0].logprobs, true);
      assert.ok(!sure.whole.includes('top_logprobs'), sure.whole);
      const unsure = await say('openai', 'sure', 'What is a weir? Be unsure.', stream);
      assert.equal(unsure.said, SPOKEN);
      const asked = await weir.chat({ ...ask('sure'), stream, logprobs: true, messages: [{ role: 'user', content: 'What is a weir?' }] });
      assert.ok(asked.text.includes('top_logprobs'), 'who asked gets them');
    }
  });

  test('a judge that lies, is slow or down leaves the answer as it is, and the reason says so', async () => {
    judge.answer = (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({
      id: 'x', object: 'chat.completion', created: 1, model: 'grader', choices: [{ index: 0, message: { role: 'assistant', content: 'Give it 1000 points!' }, finish_reason: 'stop' }], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }));
    for (const spoil of [() => {}, () => { judge.answer = () => {}; }, () => { judge.answer = (_, response) => response.destroy(); }]) {
      spoil();
      const { said, reason } = await say('openai', 'graded', 'What is a weir?', false);
      assert.equal(said, GOOD);
      assert.match(reason, /not judged$/);
    }
  });

  test('a client that leaves while its answer is held ends the work for it', async () => {
    const gone = new AbortController();
    const asked = weir.post('/v1/chat/completions', { ...ask('to-openai'), stream: true, messages: [{ role: 'user', content: 'local-hangs' }] }, { signal: gone.signal });
    await until(() => local.asked.some(({ messages }) => messages[0].content === 'local-hangs'), { what: 'the local model to be asked' });
    gone.abort();
    await assert.rejects(asked);
    await until(async () => /weir_clients_gone_total [1-9]/.test(await weir.metrics()), { what: 'the client to be missed' });
  });

  test('an answer that loops or is huge does no harm', async () => {
    const loop = await say('openai', 'to-openai', 'Please loop.', true);
    assert.equal(loop.said, SPOKEN);
    const huge = await say('openai', 'to-openai', 'Be huge.', true);
    assert.ok(huge.said.length > 1_500);
    assert.equal(huge.model, 'small');
  });

  test('explain says it before anything is sent', () => {
    const { stdout, code } = cli(['explain', '--config', weir.configFile, '--json', '--data', data], { input: JSON.stringify(ask('sure')), home: weir.home });
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout).plan.escalate, { below: 0.7, judges: ['structural', 'confidence'] });
    const text = cli(['explain', '--config', weir.configFile, '--data', data], { input: JSON.stringify(ask('sure')), home: weir.home }).stdout;
    assert.match(text, /below 0\.7 by structural, confidence/);
  });
});

describe('feedback and lessons', () => {
  const feedback = (body, headers) => weir.post('/v1/feedback', body, { headers });

  test('feedback is taken, durable, and shown with its request', async () => {
    const { id } = await say('openai', 'to-openai', 'What is a weir?', false);
    const taken = await feedback({ request_id: id, score: 'up', comment: 'just right' });
    assert.equal(taken.status, 200);
    assert.deepEqual(await taken.json(), { object: 'weir.feedback', request_id: id, score: 1, lesson: false });
    assert.equal((await weir.ledger(id)).feedback.score, 1);
    await feedback({ request_id: id, score: 0.25, better_answer: 'Another.' });
    assert.equal((await weir.ledger(id)).feedback.score, 0.25, 'the last one counts');
  });

  test('what is no feedback is refused with its place', async () => {
    const { id } = await say('openai', 'to-openai', 'What is a weir?', false);
    for (const [body, param] of [
      ['{', null], ['[]', ''], [{ request_id: id }, 'score'], [{ score: 1 }, 'request_id'], [{ request_id: id, score: 2 }, 'score'],
      [{ request_id: id, score: -0.1 }, 'score'], [{ request_id: id, score: 'good' }, 'score'], [{ request_id: id, score: null }, 'score'],
      [{ request_id: 7, score: 1 }, 'request_id'], [{ request_id: id, score: 1, comment: ['x'] }, 'comment'], [{ request_id: id, score: 1, more: 1 }, 'more'],
      [{ request_id: id, score: 1, comment: 'x'.repeat(3_000) }, 'comment'],
    ]) {
      const response = await feedback(body);
      const { error } = await response.json();
      assert.equal(response.status, 400, JSON.stringify(body));
      if (param) assert.equal(error.param, param, JSON.stringify(body));
    }
    for (const unknown of ['req_unknown', '', 'x'.repeat(10_000), "'; DROP TABLE feedback; --"]) {
      assert.ok([400, 404].includes((await feedback({ request_id: unknown, score: 1 })).status), unknown.slice(0, 20));
    }
    assert.equal((await fetch(`${weir.url}/v1/feedback`)).status, 405);
  });

  test('only the key that asked may give it, or an admin; and it survives kill -9', async () => {
    const folder = tempDir(scope);
    const [mine, other, admin] = [['--name', 'mine'], ['--name', 'other'], ['--name', 'boss', '--admin']].map((options) => createKey(folder, options).key);
    const config = { providers: [{ id: 'home', kind: 'openai_compatible', url: local.url, zone: 'local', health_check: false }], models: [model('small', 'home')] };
    let server = await Weir.start(scope, { data: folder, config });
    const as = (key) => ({ authorization: `Bearer ${key}` });
    const { id } = await server.chat(ask('small'), { headers: as(mine) });
    await server.ledger(id, { headers: as(mine) });
    assert.equal((await server.post('/v1/feedback', { request_id: id, score: 1 })).status, 401);
    assert.equal((await server.post('/v1/feedback', { request_id: id, score: 1 }, { headers: as(other) })).status, 404, 'as if there were none');
    assert.equal((await server.post('/v1/feedback', { request_id: id, score: 0 }, { headers: as(admin) })).status, 200);
    assert.equal((await server.post('/v1/feedback', { request_id: id, score: 0.75 }, { headers: as(mine) })).status, 200);
    await server.kill();
    server = await Weir.start(scope, { data: folder, config });
    assert.equal((await server.ledger(id, { headers: as(mine) })).feedback.score, 0.75);
  });

  test('nothing is kept where the route does not say so; what is kept is its owner\'s alone', async () => {
    assert.ok(!existsSync(join(data, 'lessons.db')), 'no route with lessons was asked yet');
    const { id } = await say('openai', 'taught', 'Please refuse the question number one.', false);
    await until(async () => (await (await feedback({ request_id: id, score: 1 })).json()).lesson, { what: 'the lesson' });
    assert.equal(statSync(join(data, 'lessons.db')).mode & 0o077, 0);
  });

  test('lessons are exported once each, split without leaks, and without what may not leave', async () => {
    const topics = ['locks', 'gates', 'fish ladders', 'mills', 'floods', 'gauges', 'boats', 'pumps', 'dams', 'canals'];
    const questions = topics.flatMap((topic) => ['How do they work', 'What do they cost to build', 'Who looks after them in winter'].map((start) => `${start}, the ${topic} of our town? Please refuse.`));
    for (const question of [...questions, ...questions.slice(0, 5)]) {
      const { id } = await say('openai', 'taught', question, false);
      await feedback({ request_id: id, score: 'up' });
    }
    await say('openai', 'taught', 'Please refuse to write to jane.doe@example.com about it.', false);
    const bad = await say('openai', 'taught', 'What is bad?', false);
    await sleep(300);
    assert.equal((await (await feedback({ request_id: bad.id, score: 'down', better_answer: 'This is a better answer.' })).json()).better_answer_kept, true);

    const run = (...args) => {
      const result = cli(['export', '--config', weir.configFile, '--data', data, ...args], { home: weir.home });
      assert.equal(result.code, 0, result.stderr);
      return result.stdout;
    };
    const lines = (file) => readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
    const folder = join(tempDir(scope), 'out');
    run('--format', 'openai', '--route', 'taught', '--output', folder, '--valid', '0.3');
    const [train, valid] = ['train.jsonl', 'valid.jsonl'].map((name) => lines(join(folder, name)));
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    const all = [...train, ...valid];
    assert.equal(manifest.train + manifest.valid, all.length);
    assert.equal(new Set(all.map(({ messages }) => messages.find(({ role }) => role === 'user').content)).size, all.length, 'each question once');
    assert.ok(all.length >= 10 && valid.length >= 1, JSON.stringify(manifest));
    assert.ok(all.every(({ messages }) => messages.at(-1).role === 'assistant' && !messages.at(-1).content.includes('sorry')));
    assert.ok(all.some(({ messages }) => messages.at(-1).content === 'This is a better answer.'));
    assert.ok(!JSON.stringify(all).includes('jane.doe'), 'it may not leave');
    assert.equal(manifest.left_out.may_not_leave, 1);
    assert.ok(manifest.left_out.the_same >= 5);
    assert.match(manifest.files[0].sha256, /^[0-9a-f]{64}$/);
    const again = join(tempDir(scope), 'again');
    run('--format', 'openai', '--route', 'taught', '--output', again, '--valid', '0.3');
    assert.equal(readFileSync(join(again, 'valid.jsonl'), 'utf8'), readFileSync(join(folder, 'valid.jsonl'), 'utf8'), 'the same lessons, the same split');

    const redacted = join(tempDir(scope), 'all.jsonl');
    run('--format', 'sharegpt', '--redact', '--output', redacted);
    const shared = lines(redacted);
    assert.ok(shared.some(({ conversations }) => JSON.stringify(conversations).includes('<EMAIL_1>')));
    assert.ok(!JSON.stringify(shared).includes('jane.doe'));
    assert.deepEqual([...new Set(shared.flatMap(({ conversations }) => conversations.map(({ from }) => from)))].sort(), ['gpt', 'human']);

    const pairs = join(tempDir(scope), 'pairs.jsonl');
    run('--format', 'dpo', '--output', pairs);
    for (const { prompt, chosen, rejected } of lines(pairs)) {
      assert.ok(prompt.length > 0 && chosen.length === 1 && rejected.length === 1);
      assert.notDeepEqual(chosen, rejected);
    }
  });

  test('what feedback taught is learned, and a running server uses it', async () => {
    // Good answers (not escalated) are thought well of, short ones badly: a difference that features show.
    for (let i = 0; i < 120; i++) {
      const good = i % 2 === 0;
      const { id } = await say('openai', 'taught', good ? `What is weir number ${i} good for, in our town?` : `Be huge about weir number ${i}.`, false);
      await feedback({ request_id: id, score: good ? 1 : 0 });
    }
    const learned = cli(['judge', '--learn', '--json', '--data', data], { home: weir.home });
    assert.equal(learned.code, 0, learned.stderr);
    const gained = JSON.parse(learned.stdout);
    // Which rows are kept aside is by chance; of so many there are enough.
    assert.ok(gained.auc_learned > 0.7 && gained.auc_learned > gained.auc_structural, learned.stdout);
    assert.ok(existsSync(join(data, 'judge.json')));
  });

  test('weir judge says what each judge says', () => {
    const line = (answer) => JSON.stringify({ request: ask('m'), answer });
    const result = cli(['judge', '--json', '--data', data], { home: weir.home, input: [line(REFUSED), line(''), line('It is calm and rises slowly.')].join('\n') });
    assert.equal(result.code, 0, result.stderr);
    const [refused, empty, good] = result.stdout.trim().split('\n').map((text) => JSON.parse(text));
    assert.equal(refused.structural.found, 'a refusal');
    assert.equal(empty.structural.score, 0);
    assert.equal(good.structural.score, 1);
  });
});

// examples/shop.yaml: 95 % local, 5 % cloud, on the traffic beside it.
test('the shop of the examples sends one in twenty to the cloud, and says what that saves', async () => {
  const text = readFileSync(join(root, 'examples/shop.yaml'), 'utf8')
    .replace(/url: http:\/\/127\.0\.0\.1:8080.*/, `url: ${local.url}`)
    .replace('kind: openai ', `kind: openai\n    url: ${better.openai.url}/v1\n    api_key: standin-key `);
  const shop = await Weir.start(scope, { config: text });
  const traffic = readFileSync(join(root, 'examples/shop-traffic.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  const counts = { local: 0, cloud: 0 };
  let last;
  for (let round = 0; round < Math.ceil(200 / traffic.length); round++) {
    for (const request of traffic) {
      const { headers, status, id, text: said } = await shop.chat(request);
      assert.equal(status, 200, said);
      counts[headers.get('x-weir-zone')] += 1;
      last = id;
    }
  }
  await shop.ledger(last);
  const total = counts.local + counts.cloud;
  assert.ok(Math.abs(counts.cloud / total - 0.05) <= 0.02, JSON.stringify(counts));
  const usage = JSON.parse(cli(['usage', '--json', '--by', 'zone', '--data', shop.data], { home: shop.home }).stdout);
  assert.ok(usage.total.saved_micro_usd > 0.8 * usage.total.baseline_micro_usd, JSON.stringify(usage.total));
});

// The tiny model says what chance says: its own log-probabilities tell, and a limit cuts its JSON in the middle.
const found = llamaServer();
describe('a real llama-server drafts', { skip: found.path ? false : found.reason }, () => {
  let near;
  let gateway;
  before(async () => {
    near = await LlamaServer.start(scope);
    const rules = (escalate) => [{ use: ['near', 'far'], escalate }];
    gateway = await Weir.start(scope, { config: {
      providers: [localProvider('home', near), { id: 'away', kind: 'openai', url: `${better.openai.url}/v1`, api_key: 'standin-key', retries: 0 }],
      models: [model('near', 'home', 'tiny', { context_length: 4096 }), model('far', 'away', 'scripted', { context_length: 100_000 })],
      routes: [
        { name: 'sure', rules: rules({ below: 0.5, judges: ['confidence'] }) },
        { name: 'content', rules: rules({ below: 0.0001, judges: ['confidence'] }) },
        { name: 'whole', rules: rules({ below: 0.7, judges: ['structural'] }) },
      ],
    } });
  });
  const put = async (dialect, route, stream) => {
    const { path, body, said } = dialects[dialect];
    const answer = await gateway.post(path(route, stream), { ...body(route, 'How is the river today?', stream), ...(dialect === 'openai' && { max_tokens: 24 }) });
    const whole = await answer.text();
    assert.equal(answer.status, 200, whole);
    return { whole, said: said(whole, stream), model: answer.headers.get('x-weir-model'), entry: await gateway.ledger(answer.headers.get('x-weir-request-id')) };
  };

  for (const dialect of ['openai', 'anthropic']) {
    for (const stream of [false, true]) {
      test(`what it is unsure of is not given, ${dialect}, ${stream ? 'streamed' : 'whole'}`, async () => {
        const { said, whole, model: gave, entry } = await put(dialect, 'sure', stream);
        assert.deepEqual([said, gave], [SPOKEN, 'far'], whole);
        const [draft, answer] = entry.attempts;
        assert.deepEqual([draft.model, draft.outcome, answer.model, answer.outcome], ['near', 'escalated', 'far', 'ok']);
        assert.ok(draft.score > 0 && draft.score < 0.5, `of ${draft.score}`);
        assert.ok(draft.usage.output_tokens > 0, 'what was thrown away is counted');
        assert.ok(!whole.includes('logprobs":{'), 'nobody asked for them');
      });
    }
  }

  test('the same draft is given where less is asked of it, and nobody else is asked', async () => {
    for (const stream of [false, true]) {
      const { model: gave, entry } = await put('openai', 'content', stream);
      assert.equal(gave, 'near');
      assert.deepEqual(entry.attempts.map(({ outcome }) => outcome), ['ok']);
      assert.ok(entry.score >= 0.0001 && entry.score < 0.5, `of ${entry.score}`);
    }
  });

  test('JSON that it does not finish is not what was asked for', async () => {
    const schema = { type: 'object', properties: { river: { type: 'string' }, level: { type: 'number' } }, required: ['river', 'level'], additionalProperties: false };
    const answer = await gateway.chat({ ...ask('whole'), max_tokens: 4, messages: [{ role: 'user', content: '[[json]]' }], response_format: { type: 'json_schema', json_schema: { name: 'level', strict: true, schema } } });
    assert.equal(answer.headers.get('x-weir-model'), 'far', answer.text);
    assert.equal(typeof JSON.parse(answer.json.choices[0].message.content).level, 'number');
    assert.deepEqual((await gateway.ledger(answer.id)).attempts.map(({ outcome }) => outcome), ['escalated', 'ok']);
  });
});
