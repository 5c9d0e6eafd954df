// Answers that are given again, over real sockets: official clients in several dialects, a restart, kill -9 while it
// writes, a disk that is full, files that are damaged.
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

import { PRIVATE, ask, cloud, local, model } from './support/configs.mjs';
import { StandIn } from './support/fault_upstream.mjs';
import { Weir, createKey, suiteScope, tempDir, until } from './support/process.mjs';
import { readStream } from './support/sse.mjs';

const scope = suiteScope();
let near;
let far;

const config = (cache = { ttl: '1h', size: '4MiB' }, more = {}) => ({
  providers: [local('near', near), cloud('far', far)],
  models: [model('small', 'near', 'ok'), model('large', 'far', 'ok', { prices: { input: 2.5, output: 10 } })],
  routes: [
    { name: 'cached', cache, rules: [{ when: { sensitive: 'any' }, zones: ['local'] }, { use: ['large', 'small'] }] },
    { name: 'other', cache, rules: [{ use: ['large'] }] },
    { name: 'plain', rules: [{ use: ['large'] }] },
  ],
  ...more,
});
const say = (words, more = {}) => ({ model: 'cached', messages: [{ role: 'user', content: words }], ...more });
const cacheOf = (answer) => answer.headers.get('x-weir-cache');

before(async () => {
  near = await StandIn.start(scope);
  far = await StandIn.start(scope);
});

describe('in memory', () => {
  let weir;
  before(async () => {
    weir = await Weir.start(scope, { config: config() });
  });

  test('asked once and answered many times, in every form and dialect', async () => {
    far.forget();
    const openai = new OpenAI({ baseURL: weir.base, apiKey: 'x', maxRetries: 0 });
    const anthropic = new Anthropic({ baseURL: weir.url, apiKey: 'x', maxRetries: 0 });
    const question = say('What is a weir, once and for all?', { max_tokens: 500 });
    const first = await openai.chat.completions.create(question).withResponse();
    assert.equal(cacheOf(first.response), 'miss');
    const words = first.data.choices[0].message.content;
    const again = await openai.chat.completions.create(question).withResponse();
    assert.equal(cacheOf(again.response), 'hit');
    assert.equal(again.data.choices[0].message.content, words);
    assert.deepEqual(again.data.usage.prompt_tokens, first.data.usage.prompt_tokens);
    assert.notEqual(again.data.id, first.data.id);

    let streamed = '';
    let usage;
    for await (const chunk of await openai.chat.completions.create({ ...question, stream: true, stream_options: { include_usage: true } })) {
      streamed += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    assert.equal(streamed, words);
    assert.equal(usage.completion_tokens, first.data.usage.completion_tokens);

    const message = await anthropic.messages.create(question).withResponse();
    assert.equal(cacheOf(message.response), 'hit');
    assert.equal(message.data.content[0].text, words);
    const final = await anthropic.messages.stream(question).finalMessage();
    assert.equal(final.content[0].text, words);
    assert.equal(far.requests.length, 1);
  });

  test('the ledger and the usage say what was saved', async () => {
    const asked = await weir.chat(say('How much is saved?'));
    const once = await weir.ledger(asked.id);
    const answer = await weir.chat(say('How much is saved?'));
    assert.equal(cacheOf(answer), 'hit');
    const entry = await weir.ledger(answer.id);
    assert.ok(once.cost_micro_usd > 0);
    assert.equal(entry.cost_micro_usd, 0);
    assert.equal(entry.model, 'large');
    assert.deepEqual(entry.attempts, []);
    assert.match(await weir.metrics(), /weir_cache_saved_microdollars_total [1-9]/);
  });

  test('sensitive requests, other routes and other questions do not meet', async () => {
    for (let i = 0; i < 2; i++) assert.equal(cacheOf(await weir.chat(say(PRIVATE))), 'off');
    await weir.chat(say('Here?'));
    assert.equal(cacheOf(await weir.chat(say('Here?', { model: 'other' }))), 'miss');
    assert.equal(cacheOf(await weir.chat(say('here?'))), 'miss');
    assert.equal(cacheOf(await weir.chat(say('Here?', { temperature: 0.1 }))), 'miss');
    assert.equal(cacheOf(await weir.chat(say('Here?', { model: 'plain' }))), 'off');
  });

  test('hundreds at once: whoever comes later has the answer of whoever came first', async () => {
    await weir.chat(say('All at once?'));
    far.forget();
    const answers = await Promise.all(Array.from({ length: 200 }, () => weir.chat(say('All at once?'))));
    assert.ok(answers.every((answer) => answer.status === 200 && cacheOf(answer) === 'hit'));
    assert.equal(far.requests.length, 0);
  });

  test('memory stays within bounds, whatever is asked', async (t) => {
    const small = await Weir.start(t, { config: config({ ttl: '1h', size: '64KiB' }) });
    for (let i = 0; i < 300; i++) await small.chat(say(`Question ${i}?`));
    assert.equal(cacheOf(await small.chat(say('Question 299?'))), 'hit');
    assert.equal(cacheOf(await small.chat(say('Question 0?'))), 'miss');
  });
});

test('with keys, nobody gets the answer of another, and limits hold for what is kept', async (t) => {
  const data = tempDir(t);
  const one = createKey(data, ['--name', 'one', '--rpm', '3']);
  const two = createKey(data, ['--name', 'two']);
  const weir = await Weir.start(t, { config: config(), data });
  const as = (key) => ({ headers: { authorization: `Bearer ${key.key}` } });
  assert.equal(cacheOf(await weir.chat(say('Mine?'), as(one))), 'miss');
  assert.equal(cacheOf(await weir.chat(say('Mine?'), as(two))), 'miss');
  assert.equal(cacheOf(await weir.chat(say('Mine?'), as(one))), 'hit');
  assert.equal(cacheOf(await weir.chat(say('Mine?'), as(one))), 'hit');
  assert.equal((await weir.chat(say('Mine?'), as(one))).status, 429);
});

describe('on disk', () => {
  const onDisk = { ttl: '1h', size: '4MiB', disk: '16MiB' };
  const file = (weir) => join(weir.data, 'answers.db');

  test('an answer survives a restart, in a file of its owner alone', async (t) => {
    const data = tempDir(t);
    const weir = await Weir.start(t, { config: config(onDisk), data });
    await weir.chat(say('Still there?'));
    await weir.chat(say(PRIVATE));
    await weir.stop();
    assert.equal(statSync(file(weir)).mode & 0o777, 0o600);
    for (const name of readdirSync(data).filter((one) => one.startsWith('answers'))) {
      assert.ok(!readFileSync(join(data, name)).includes('jane.doe'), name);
    }
    far.forget();
    const later = await Weir.start(t, { config: config(onDisk), data });
    const answer = await later.chat(say('Still there?'));
    assert.equal(cacheOf(answer), 'hit');
    assert.equal((await readStream(await later.post('/v1/chat/completions', say('Still there?', { stream: true })))).done, true);
    assert.equal(far.requests.length, 0);
  });

  test('kill -9 in the midst of writing: what is there later is whole', async (t) => {
    const data = tempDir(t);
    for (let round = 0; round < 3; round++) {
      const weir = await Weir.start(t, { config: config(onDisk), data });
      let asked = 0;
      const asking = (async () => {
        try {
          for (; asked < 2_000; asked++) await weir.chat(say(`Round ${round}, question ${asked}?`));
        } catch {
          // it was killed
        }
      })();
      await until(() => asked > 30 + 20 * round, { what: 'some questions' });
      await weir.kill();
      await asking;
    }
    const last = await Weir.start(t, { config: config(onDisk), data });
    let hits = 0;
    for (let i = 0; i < 20; i++) {
      const answer = await last.chat(say(`Round 0, question ${i}?`));
      assert.equal(answer.status, 200);
      hits += cacheOf(answer) === 'hit' ? 1 : 0;
    }
    assert.ok(hits >= 15, `${hits} of 20`);
    assert.ok(!last.output.includes('cannot be'), last.output);
  });

  test('a file that is damaged costs a message and no answer', async (t) => {
    const data = tempDir(t);
    const weir = await Weir.start(t, { config: config(onDisk), data });
    await weir.chat(say('Damaged?'));
    await weir.stop();
    writeFileSync(file(weir), Buffer.alloc(20_000, 'not a database '));
    const later = await Weir.start(t, { config: config(onDisk), data });
    assert.equal(cacheOf(await later.chat(say('Damaged?'))), 'miss');
    assert.equal(cacheOf(await later.chat(say('Damaged?'))), 'hit');
    assert.match(later.output, /cache of answers/);
  });

  test('where it may not be written, requests are answered all the same', async (t) => {
    const data = tempDir(t);
    const weir = await Weir.start(t, { config: config(onDisk), data });
    await weir.chat(say('First?'));
    await weir.stop();
    chmodSync(file(weir), 0o000);
    const later = await Weir.start(t, { config: config(onDisk), data });
    assert.equal((await later.chat(say('First?'))).status, 200);
    assert.equal(cacheOf(await later.chat(say('First?'))), 'hit');
  });

  test('a route that says no more of a cache leaves nothing on disk', async (t) => {
    const data = tempDir(t);
    const weir = await Weir.start(t, { config: config(onDisk), data });
    await weir.chat(say('Forget this particular question?'));
    await until(() => statSync(file(weir)).size > 0, { what: 'the file' });
    await weir.stop();
    const later = await Weir.start(t, { config: { ...config(), routes: [{ name: 'cached', rules: [{ use: ['large'] }] }] }, data });
    assert.equal(cacheOf(await later.chat(say('Forget this particular question?'))), 'off');
    await later.stop();
    for (const name of readdirSync(data).filter((one) => one.startsWith('answers'))) {
      assert.ok(!readFileSync(join(data, name)).includes('stand-in'), name);
    }
  });
});
