// A primary that is down is probed, not hammered, and is used again within seconds of coming back.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { SHORT, ask, cloud, local, model } from './support/configs.mjs';
import { StandIn } from './support/fault_upstream.mjs';
import { Weir, sleep, until, suiteScope } from './support/process.mjs';

let far;
const scope = suiteScope();
before(async () => {
  far = await StandIn.start(scope);
});

const config = (near, more = {}) => ({
  providers: [local('near', near, { timeouts: SHORT, ...more }), cloud('far', far)],
  models: [model('small', 'near', 'primary'), model('large', 'far', 'ok')],
  routes: [{ name: 'assistant', rules: [{ use: ['small', 'large'] }] }, { name: 'only', rules: [{ use: ['small'] }] }],
});

// Asks for `ms`, as fast as answers come, from a few clients; every answer must be good. How many small answered.
async function load(weir, ms, route = 'assistant') {
  const end = Date.now() + ms;
  const seen = { small: 0, large: 0, requests: 0 };
  await Promise.all(Array.from({ length: 4 }, async () => {
    while (Date.now() < end) {
      const answer = await weir.chat(ask(route));
      assert.equal(answer.status, 200, answer.text);
      seen[answer.headers.get('x-weir-model')]++;
      seen.requests++;
      await sleep(2);
    }
  }));
  return seen;
}

for (const [what, fail] of Object.entries({
  'answers 500': (x) => x.error(500, 'stand-in: broken'),
  'resets connections': (x) => x.reset(),
  'is silent': (x) => x.silence(),
})) {
  test(`a primary that ${what}: others answer, it is probed now and then, and comes back`, async (t) => {
    const near = await StandIn.start(t);
    near.scripts.set('primary', (x) => x.ok());
    const weir = await Weir.start(t, { config: config(near) });
    assert.equal((await load(weir, 300)).large, 0);
    near.scripts.set('primary', fail);
    await load(weir, 2_500);
    near.forget();
    const down = await load(weir, 2_000);
    assert.equal(down.small, 0);
    assert.ok(down.requests > 100, 'requests are served without waiting for the one that is down');
    const probes = near.requestsFor('primary').length;
    assert.ok(probes <= 12, `${probes} of ${down.requests} requests went to the one that is down`);
    near.scripts.set('primary', (x) => x.ok());
    await until(async () => (await weir.chat(ask('assistant'))).headers.get('x-weir-model') === 'small', { timeout: 10_000, every: 50, what: 'the primary to be used again' });
    await sleep(500);
    const back = await load(weir, 500);
    assert.ok(back.small > back.large, JSON.stringify(back));
  });
}

test('a primary whose port is closed comes back when it listens again', async (t) => {
  const near = await StandIn.start(t);
  near.scripts.set('primary', (x) => x.ok());
  const { port } = near;
  const weir = await Weir.start(t, { config: config(near) });
  assert.equal((await load(weir, 200)).large, 0);
  await near.close();
  assert.equal((await load(weir, 1_500)).requests > 50, true);
  await near.listen(port);
  await until(async () => (await weir.chat(ask('assistant'))).headers.get('x-weir-model') === 'small', { timeout: 10_000, every: 50 });
});

test('an active health check takes a silent local server out before a request meets it', async (t) => {
  const near = await StandIn.start(t);
  near.scripts.set('primary', (x) => x.ok());
  const { port } = near;
  const weir = await Weir.start(t, { config: config(near, { health_check: true }) });
  assert.equal((await weir.chat(ask('assistant'))).headers.get('x-weir-model'), 'small');
  await near.close();
  await until(async () => /weir_\w*up\{[^}]*near[^}]*\} 0/.test(await weir.metrics()), { timeout: 15_000, every: 100, what: 'metrics to say that it is down' });
  const answer = await weir.chat(ask('assistant'));
  assert.equal(answer.headers.get('x-weir-model'), 'large');
  assert.equal(answer.headers.get('x-weir-attempts'), '1', 'nobody had to find out the hard way');
  await near.listen(port);
  await until(async () => (await weir.chat(ask('assistant'))).headers.get('x-weir-model') === 'small', { timeout: 15_000, every: 100 });
});

describe('when everything is down', () => {
  test('a request is still tried, and says what happened', async (t) => {
    const near = await StandIn.start(t);
    near.scripts.set('primary', (x) => x.error(500, 'stand-in: broken'));
    const weir = await Weir.start(t, { config: config(near) });
    for (let i = 0; i < 40; i++) {
      const answer = await weir.chat(ask('only'));
      assert.ok([502, 503].includes(answer.status), answer.text);
      if (answer.status === 503) assert.ok(answer.headers.get('retry-after'), '503 says when to come again');
    }
    near.scripts.set('primary', (x) => x.ok());
    await until(async () => (await weir.chat(ask('only'))).status === 200, { timeout: 10_000, every: 50 });
  });
});
