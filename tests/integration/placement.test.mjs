// Where requests go when there are several places: real llama-servers as replicas and in the queue, and stand-ins where
// one must be slow on purpose.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { cloud, local, model } from './support/configs.mjs';
import { StandIn } from './support/fault_upstream.mjs';
import { LlamaServer, Weir, llamaServer, sleep, suiteScope, until } from './support/process.mjs';

const found = llamaServer();
const scope = suiteScope();
const say = (words, more = {}) => ({ model: 'home', messages: [{ role: 'user', content: words }], max_tokens: 8, ...more });

describe('two llama-servers as replicas', { skip: found.path ? false : found.reason }, () => {
  let servers;
  let far;
  let weir;
  before(async () => {
    servers = [await LlamaServer.start(scope, { slots: 1 }), await LlamaServer.start(scope, { slots: 1 })];
    far = await StandIn.start(scope);
    weir = await Weir.start(scope, { config: {
      providers: [local('one', servers[0], { slots: 1 }), local('two', servers[1], { slots: 1 }), cloud('rented', far)],
      models: [model('tiny-one', 'one', 'tiny', { context_length: 4096 }), model('tiny-two', 'two', 'tiny', { context_length: 4096 }),
        model('large', 'rented', 'ok')],
      routes: [
        { name: 'home', policy: 'balanced', rules: [{ use: ['tiny-one', 'tiny-two'] }] },
        { name: 'queue', rules: [{ use: ['tiny-one'] }] },
        { name: 'spill', policy: 'balanced', rules: [{ when: { sensitive: 'any' }, zones: ['local'] },
          { use: ['tiny-one', 'tiny-two', 'large'], spill: { queue_ms: 50 } }] },
      ],
    } });
  });
  const modelOf = (answer) => answer.headers.get('x-weir-model');
  const hold = async (name, more = {}) => {
    const controller = new AbortController();
    const response = await weir.post('/v1/chat/completions', { ...say('hold on', { stream: true, ignore_eos: true, max_tokens: 100_000 }), model: name, ...more }, { signal: controller.signal });
    await response.body.getReader().read();
    return { stop: () => controller.abort(), model: response.headers.get('x-weir-model') };
  };
  const idle = () => until(async () => (await servers[0].busySlots()) + (await servers[1].busySlots()) === 0, { what: 'both to be idle' });

  test('a conversation stays where its beginning was read; new ones go to both', async () => {
    const used = new Set();
    for (let i = 0; i < 8; i++) {
      const messages = [{ role: 'user', content: `river number ${i} and what flows in it` }];
      const first = await weir.chat({ ...say(''), messages });
      assert.equal(first.status, 200, first.text);
      used.add(modelOf(first));
      messages.push({ role: 'assistant', content: first.json.choices[0].message.content || 'so' }, { role: 'user', content: 'and then' });
      const second = await weir.chat({ ...say(''), messages });
      assert.equal(modelOf(second), modelOf(first), `conversation ${i}`);
    }
    assert.equal(used.size, 2);
  });

  test('a busy one is passed by, whoever the conversation belongs to', async () => {
    const holder = await hold('home');
    for (let i = 0; i < 6; i++) {
      const answer = await weir.chat(say(`river ${i}`));
      assert.equal(answer.status, 200, answer.text);
      assert.notEqual(modelOf(answer), holder.model);
      assert.ok((await weir.ledger(answer.id)).attempts.every(({ queue_us }) => queue_us < 1_000_000));
    }
    holder.stop();
    await idle();
  });

  test('when both are busy, what may leave spills over and what is private waits at home', async () => {
    const holders = [await hold('home'), await hold('home')];
    assert.notEqual(holders[0].model, holders[1].model);
    const before = far.requests.length;
    assert.equal(modelOf(await weir.chat({ ...say('how is the river'), model: 'spill' })), 'large');
    const waiting = weir.chat({ ...say('write to jane.doe@example.com'), model: 'spill' });
    await sleep(300);
    holders.forEach((holder) => holder.stop());
    const kept = await waiting;
    assert.equal(kept.status, 200, kept.text);
    assert.match(modelOf(kept), /^tiny/);
    assert.equal(far.requests.length, before + 1);
    await idle();
  });

  test('people go before batch in the queue of a real server', async () => {
    const holder = await hold('queue');
    const order = [];
    const ask = async (who, headers) => {
      const answer = await weir.chat({ ...say(`${who} asks`, { max_tokens: 4 }), model: 'queue' }, { headers });
      assert.equal(answer.status, 200, answer.text);
      order.push(who);
    };
    const all = [];
    for (let i = 0; i < 2; i++) all.push(ask('batch', { 'x-weir-priority': 'batch' }));
    await sleep(150);
    for (let i = 0; i < 3; i++) all.push(ask('person', {}));
    await sleep(150);
    holder.stop();
    await Promise.all(all);
    assert.deepEqual(order, ['person', 'person', 'person', 'batch', 'batch']);
    const refused = await weir.chat(say('x'), { headers: { 'x-weir-priority': 'urgent' } });
    assert.equal(refused.status, 400);
  });
});
