// `weir forget`, with real processes: what somebody said is in no file of the data folder afterwards, not a byte of it, while
// weir serves and after; what others said and what was counted stays; each time there is a receipt, which can be checked.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { model } from './support/configs.mjs';
import { Weir, cli, cliAsync, createKey, suiteScope, tempDir, until } from './support/process.mjs';

const scope = suiteScope();
const REFUSED = "I'm sorry, but I can't help with that.";

// Says again what it was asked; `refuse` and `fail` are done.
async function provider() {
  const server = http.createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    const reply = (status, value) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (request.method === 'GET') return reply(200, { object: 'list', data: [] });
    const body = JSON.parse(text);
    const asked = body.messages.at(-1).content;
    const words = typeof asked === 'string' ? asked : asked.map((part) => part.text).join('');
    if (words.includes('fail')) return reply(500, { error: { message: `cannot answer: ${words}` } });
    const content = words.includes('refuse') && body.model === 'small' ? REFUSED : `You said: ${words}`;
    reply(200, { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: body.model, choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }], usage: { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 } });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  scope.after(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${server.address().port}/v1`;
}

let config;
before(async () => {
  const url = await provider();
  config = {
    providers: [{ id: 'home', kind: 'openai_compatible', url, zone: 'local', health_check: false, retries: 0 }],
    models: [model('small', 'home', 'small'), model('large', 'home', 'large', { prices: { input: 10, output: 20 } })],
    routes: [{ name: 'taught', keep_lessons: { keep: '90d', good: true }, rules: [{ use: ['small', 'large'], escalate: { below: 0.7 } }] }, { name: 'plain', cache: { ttl: '1h', size: '16MiB', disk: '64MiB' }, rules: [{ use: ['small'] }] }],
    experiments: [{ name: 'try', kind: 'shadow', route: 'plain', models: ['large'], sample: '100%', keep_answers: true, per_minute: 1000 }],
  };
});

const files = (folder) => readdirSync(folder).map((name) => join(folder, name)).filter((file) => statSync(file).isFile());
const holds = (folder, word) => files(folder).filter((file) => readFileSync(file).includes(word));

// A server with keys, and what each person said in every place that keeps something. Words are each person's own, long and
// short, so that pages split and rows overflow.
async function talk({ people = ['anna', 'bert'], rounds = 4 } = {}) {
  const data = join(tempDir(scope), 'data');
  const keys = Object.fromEntries(people.map((name) => [name, createKey(data, ['--name', name])]));
  const weir = await Weir.start(scope, { data, config });
  const ids = {};
  for (let round = 0; round < rounds; round++) {
    for (const name of people) {
      const headers = { authorization: `Bearer ${keys[name].key}`, 'x-weir-tags': `user:${name}-tag,team:river` };
      const word = `${name}-secret-word`;
      const more = `${word} `.repeat(round % 2 ? 3 : 800);
      const say = async (path, body) => {
        const response = await weir.post(path, body, { headers });
        await response.text();
        return response.headers.get('x-weir-request-id');
      };
      const chat = (route, text) => say('/v1/chat/completions', { model: route, messages: [{ role: 'user', content: text }] });
      const lesson = await chat('taught', `Please refuse ${more}`);
      await until(async () => {
        const response = await weir.post('/v1/feedback', { request_id: lesson, score: 1, comment: `comment of ${word}`, better_answer: `better ${word}` }, { headers });
        return (await response.json()).lesson;
      }, { what: 'the lesson' });
      const kept = await say('/v1/responses', { model: 'small', input: `keep ${more}` });
      const copied = await chat('plain', `copy ${more} ${round}`);
      const failed = await chat('small', `fail ${word}`);
      (ids[name] ??= []).push({ lesson, kept, copied, failed });
    }
  }
  const last = ids[people.at(-1)].at(-1).failed;
  await weir.ledger(last, { headers: { authorization: `Bearer ${keys[people.at(-1)].key}` } });
  await until(() => holds(data, `copy ${people.at(-1)}-secret-word`).filter((file) => /(experiments|answers)\.db/.test(file)).length >= 2, { what: 'the copies and the answers' });
  return { data, keys, weir, ids, forget: (...args) => cli(['forget', ...args, '--data', data], { home: weir.home }) };
}

const receipt = (result) => {
  assert.equal(result.code, 0, result.stderr + result.stdout);
  return JSON.parse(result.stdout);
};

describe('a person', () => {
  let all;
  before(async () => {
    all = await talk();
  });

  test('is asked for, and nothing goes without an answer', () => {
    const { forget, data } = all;
    for (const [args, code, says] of [
      [[], 2, /say whom/], [['--key', 'anna'], 2, /--yes/], [['--key', 'anna', '--tag', 'x', '--yes'], 2, /one|exclude|option/i],
      [['--key', 'nobody', '--yes'], 4, /no key `nobody`; there are: anna, bert/], [['--request', 'x', '--yes'], 2, /req_/],
      [['--request', 'req_00000000000000000000000000', '--yes'], 4, /no request of that id/], [['--tag', 'user:nobody', '--yes'], 4, /no request had the tag/],
    ]) {
      const result = forget(...args);
      assert.equal(result.code, code, `${args}: ${result.stderr}${result.stdout}`);
      assert.match(result.stderr + result.stdout, says, `${args}`);
    }
    assert.ok(!existsSync(join(data, 'forgotten.jsonl')));
    const none = cli(['forget', '--key', 'anna', '--yes', '--data', join(tempDir(scope), 'empty')]);
    assert.equal(none.code, 5);
    assert.match(none.stderr, /no ledger/);
  });

  test('--dry-run counts and erases nothing', () => {
    const { forget, data } = all;
    const would = receipt(forget('--key', 'anna', '--dry-run', '--json'));
    assert.deepEqual(would.erased, { lessons: 4, conversations: 4, experiment_texts: 4, answers: 4, feedback: 4, attempt_messages: 8, tags: 16 });
    assert.equal(would.kept.requests, 16);
    for (const name of ['lessons.db', 'responses.db', 'experiments.db', 'answers.db', 'weir.db']) {
      assert.ok(holds(data, 'anna-secret-word').some((file) => file.includes(name)), `${name} holds what she said`);
    }
  });

  test('one request is forgotten alone', () => {
    const { forget, ids } = all;
    const [first] = ids.anna;
    const gone = Object.fromEntries(Object.entries(first).map(([what, id]) => [what, receipt(forget('--request', id, '--yes', '--json')).erased]));
    assert.deepEqual(gone, {
      lesson: { lessons: 1, conversations: 0, experiment_texts: 0, answers: 0, feedback: 1, attempt_messages: 1, tags: 1 },
      kept: { lessons: 0, conversations: 1, experiment_texts: 0, answers: 0, feedback: 0, attempt_messages: 0, tags: 1 },
      copied: { lessons: 0, conversations: 0, experiment_texts: 1, answers: 1, feedback: 0, attempt_messages: 0, tags: 1 },
      failed: { lessons: 0, conversations: 0, experiment_texts: 0, answers: 0, feedback: 0, attempt_messages: 1, tags: 1 },
    });
    const again = receipt(forget('--request', first.lesson.toUpperCase().replace('REQ_', 'req_'), '--yes', '--json'));
    assert.ok(Object.values(again.erased).every((count) => count === 0));
  });

  test('is gone to the last byte while weir serves; others and what was counted stay', async () => {
    const { forget, data, weir, keys } = all;
    const usage = () => JSON.parse(weir.cli('usage', '--json', '--since', '2026-01-01', '--by', 'key').stdout);
    const earlier = usage();
    const gone = receipt(forget('--key', 'anna', '--yes', '--json'));
    assert.deepEqual(gone.erased, { lessons: 3, conversations: 3, experiment_texts: 3, answers: 3, feedback: 3, attempt_messages: 6, tags: 12 });
    assert.deepEqual(gone.failed, []);
    assert.deepEqual(holds(data, 'anna-secret-word'), []);
    assert.deepEqual(holds(data, 'anna-tag'), []);
    for (const name of ['lessons.db', 'responses.db', 'experiments.db', 'answers.db', 'weir.db']) {
      assert.ok(holds(data, 'bert-secret-word').some((file) => file.endsWith(name)), `${name} holds what others said`);
    }
    assert.deepEqual(usage(), earlier, 'counts and money');
    assert.equal(gone.kept.requests, 16);
    const audit = weir.cli('audit', '--verify', '--json');
    assert.equal(audit.code, 0, audit.stdout + audit.stderr);
    const later = await weir.chat({ model: 'taught', messages: [{ role: 'user', content: 'Please refuse, once more' }] }, { headers: { authorization: `Bearer ${keys.bert.key}` } });
    assert.equal(later.status, 200, 'it goes on serving');
    await weir.ledger(later.id, { headers: { authorization: `Bearer ${keys.bert.key}` } });
  });

  test('a second time there is nothing; by its id too', () => {
    const { forget, keys } = all;
    for (const whom of ['anna', keys.anna.id]) {
      const again = receipt(forget('--key', whom, '--yes', '--json'));
      assert.ok(Object.values(again.erased).every((count) => count === 0), JSON.stringify(again));
    }
  });

  test('is known by a tag', () => {
    const { forget, data } = all;
    const gone = receipt(forget('--tag', 'user:bert-tag', '--yes', '--json'));
    assert.deepEqual(gone.erased, { lessons: 4, conversations: 4, experiment_texts: 4, answers: 4, feedback: 4, attempt_messages: 8, tags: 16 });
    assert.deepEqual([...holds(data, 'bert-secret-word'), ...holds(data, 'bert-tag')], []);
    const again = receipt(forget('--tag', 'user:bert-tag', '--yes', '--json'));
    assert.ok(Object.values(again.erased).every((count) => count === 0), 'its receipt knows it');
  });

  test('receipts name nobody, are their owner\'s alone, and are sealed', () => {
    const { forget, data, keys } = all;
    const file = join(data, 'forgotten.jsonl');
    assert.equal(statSync(file).mode & 0o077, 0);
    const text = readFileSync(file, 'utf8');
    for (const name of ['anna', 'bert', keys.anna.id]) assert.ok(!text.includes(name), text);
    const good = forget('--verify');
    assert.equal(good.code, 0, good.stderr);
    const hers = forget('--receipts', '--key', 'anna', '--json').stdout.trim().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(hers.map(({ by, erased }) => [by, erased.lessons]), [['key', 3], ['key', 0], ['key', 0]]);
    const lines = text.trimEnd().split('\n');
    for (const altered of [
      text.replace('"lessons":3', '"lessons":2'), lines.slice(1).join('\n') + '\n', lines.toSpliced?.(2, 1).join('\n') ?? lines.filter((_, i) => i !== 2).join('\n'),
      [lines[1], lines[0], ...lines.slice(2)].join('\n'), `${text}{"number"`,
    ]) {
      writeFileSync(file, altered);
      assert.equal(forget('--verify').code, 1, altered.slice(0, 80));
    }
    for (let cut = lines.length - 1; cut >= 0; cut--) {
      writeFileSync(file, lines.slice(0, cut).map((line) => `${line}\n`).join(''));
      const result = forget('--verify');
      assert.equal(result.code, 1, `${cut} of ${lines.length} are left`);
      assert.match(result.stderr, new RegExp(`receipts? ${cut + 1} .*missing.*cut off the end`));
    }
    rmSync(file);
    assert.match(forget('--verify').stderr, /missing/);
    writeFileSync(file, text, { mode: 0o600 });
    assert.equal(forget('--verify').code, 0);
    appendFileSync(file, '{"half":');
    receipt(forget('--key', 'anna', '--yes', '--json'));
    assert.equal(forget('--verify').code, 1, 'a cut line is shown');
    assert.equal(forget('--receipts').code, 1);
  });
});

test('two at the same moment, with a server that goes on writing, and one that is stopped', async () => {
  const { data, weir, keys, forget } = await talk({ people: ['anna', 'bert', 'carl'], rounds: 2 });
  let stop = false;
  const writing = (async () => {
    while (!stop) await weir.chat({ model: 'taught', messages: [{ role: 'user', content: 'Please refuse this as well.' }] }, { headers: { authorization: `Bearer ${keys.carl.key}` } });
  })();
  const both = await Promise.all(['anna', 'bert', 'anna'].map((name) => cliAsync(['forget', '--key', name, '--yes', '--json', '--data', data])));
  stop = true;
  await writing;
  const receipts = both.map((result) => receipt(result));
  assert.deepEqual(receipts.map(({ number }) => number).sort(), [1, 2, 3]);
  assert.equal(receipts[0].erased.lessons + receipts[2].erased.lessons, 2, 'each row counts once');
  assert.deepEqual([...holds(data, 'anna-secret'), ...holds(data, 'bert-secret')], []);
  assert.equal(forget('--verify').code, 0);
  await weir.stop();
  const gone = receipt(forget('--key', 'carl', '--yes', '--json'));
  assert.ok(gone.erased.lessons >= 2);
  assert.deepEqual(holds(data, 'carl-secret'), []);
  assert.equal(forget('--verify').code, 0);
  assert.equal(cli(['audit', '--verify', '--data', data]).code, 0);
});

test('where a file cannot be had nothing is erased, and it says why', async () => {
  const { data, weir, forget } = await talk({ people: ['anna'], rounds: 1 });
  await weir.stop();
  const refused = (says) => {
    const result = forget('--key', 'anna', '--yes');
    assert.equal(result.code, 5, result.stdout + result.stderr);
    assert.match(result.stderr, says);
    assert.match(result.stderr, /nothing was erased/);
    assert.ok(holds(data, 'anna-secret-word').length >= 4);
  };
  mkdirSync(join(data, 'forgotten.jsonl'));
  refused(/receipt could not be written/);
  rmSync(join(data, 'forgotten.jsonl'), { recursive: true });
  const newer = (file) => {
    const header = readFileSync(join(data, file));
    const was = Buffer.from(header);
    header.writeUInt32BE(99, 60); // user_version
    writeFileSync(join(data, file), header);
    refused(/newer weir/);
    writeFileSync(join(data, file), was);
  };
  for (const file of ['lessons.db', 'responses.db', 'experiments.db', 'answers.db', 'weir.db']) newer(file);
  if (process.getuid() !== 0) {
    execFileSync('chmod', ['-R', 'a-w', data]);
    const result = forget('--key', 'anna', '--yes');
    execFileSync('chmod', ['-R', 'u+w', data]);
    assert.equal(result.code, 5, result.stdout + result.stderr);
  }
  receipt(forget('--key', 'anna', '--yes', '--json'));
  assert.deepEqual(holds(data, 'anna-secret-word'), []);
});

// What a running server keeps in memory alone: answers that are given again, and the numbers of placeholders.
describe('a server that runs', () => {
  let weir;
  let keys;
  let seen;
  let forget;
  before(async () => {
    seen = [];
    const server = http.createServer(async (request, response) => {
      let text = '';
      for await (const piece of request) text += piece;
      const body = text ? JSON.parse(text) : {};
      if (body.messages) seen.push(body.messages.at(-1).content);
      const reply = request.method === 'GET' ? { object: 'list', data: [] }
        : { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: body.model, choices: [{ index: 0, message: { role: 'assistant', content: 'Noted.' }, finish_reason: 'stop' }], usage: { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 } };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    scope.after(() => (server.closeAllConnections(), server.close()));
    const data = join(tempDir(scope), 'data');
    keys = Object.fromEntries(['anna', 'bert'].map((name) => [name, createKey(data, ['--name', name])]));
    weir = await Weir.start(scope, { data, config: {
      providers: [{ id: 'away', kind: 'openai_compatible', url: `http://127.0.0.1:${server.address().port}/v1`, zone: 'cloud', health_check: false, retries: 0 }],
      models: [model('large', 'away', 'large')],
      routes: [{ name: 'kept', cache: { ttl: '1h' }, rules: [{ use: ['large'] }] },
        { name: 'masked', redact_session: '1h', rules: [{ when: { sensitive: 'any' }, redact: ['cloud'] }, { use: ['large'] }] }],
    } });
    forget = (...args) => receipt(cli(['forget', ...args, '--yes', '--json', '--data', data], { home: weir.home }));
  });
  const ask = async (name, route, content, tags = '') => {
    const answer = await weir.chat({ model: route, messages: [{ role: 'user', content }] }, { headers: { authorization: `Bearer ${keys[name].key}`, 'x-weir-tags': tags } });
    assert.equal(answer.status, 200, answer.text);
    return answer;
  };
  const cached = async (...args) => (await ask(...args)).headers.get('x-weir-cache');
  const known = async (name, words, tags) => {
    const first = await ask(name, 'kept', words, tags);
    assert.equal(await cached(name, 'kept', words), 'hit');
    await weir.ledger(first.id, { headers: { authorization: `Bearer ${keys[name].key}` } });
    return first;
  };
  // Nobody asks for it meanwhile: that would keep it anew.
  const dropped = () => until(() => weir.output.split('somebody was forgotten').length > times, { what: 'the server to hear of it', timeout: 1_500 }).then(() => (times += 1));
  let times = 1;

  test('gives no answers of a forgotten key from memory, and those of others still', async () => {
    await known('anna', 'the same question');
    await known('bert', 'the same question');
    assert.equal(forget('--key', 'anna').erased.answers, 0, 'nothing of it is on disk');
    await dropped();
    assert.equal(await cached('anna', 'kept', 'the same question'), 'miss');
    assert.equal(await cached('bert', 'kept', 'the same question'), 'hit');
  });

  test('one request; all that had a tag', async () => {
    const gone = await known('anna', 'first question');
    await known('anna', 'second question');
    forget('--request', gone.id);
    await dropped();
    assert.equal(await cached('anna', 'kept', 'first question'), 'miss');
    assert.equal(await cached('anna', 'kept', 'second question'), 'hit');
    await known('anna', 'a question with a tag', 'user:4711');
    forget('--tag', 'user:4711');
    await dropped();
    assert.equal(await cached('anna', 'kept', 'a question with a tag'), 'miss');
  });

  test('numbers placeholders of a forgotten key anew', async () => {
    const number = async (name, address) => {
      await ask(name, 'masked', `write to ${address}`);
      return /EMAIL_(\d+)/i.exec(seen.at(-1))?.[1];
    };
    for (const name of ['anna', 'bert']) {
      assert.equal(await number(name, 'jane.doe@example.com'), '1');
      assert.equal(await number(name, 'john.roe@example.com'), '2');
    }
    forget('--key', 'anna');
    await dropped();
    assert.equal(await number('anna', 'john.roe@example.com'), '1');
    assert.equal(await number('bert', 'john.roe@example.com'), '2');
  });

  test('a key that is revoked and forgotten', async () => {
    await known('bert', 'the last question');
    weir.cli('keys', 'revoke', 'bert');
    forget('--key', 'bert');
    await dropped();
    assert.equal(cli(['forget', '--verify', '--data', weir.data]).code, 0);
  });
});
