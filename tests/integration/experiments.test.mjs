// Experiments with real processes: shadow copies and where they may go, sticky arms, canaries that roll back, the dial, and
// what the commands say of it all.
import assert from 'node:assert/strict';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { PRIVATE, model } from './support/configs.mjs';
import { LlamaServer, Weir, cli, cliAsync, llamaServer, suiteScope, tempDir, until } from './support/process.mjs';

const scope = suiteScope();

// A provider of OpenAI's format that says what `says` tells it to, and remembers all that it was asked.
class Provider {
  asked = [];
  says = (body) => `from ${body.model}`;
  delay = 0;
  holding = [];

  static async start(says) {
    const provider = new Provider();
    if (says) provider.says = says;
    provider.server = http.createServer(async (request, response) => {
      let text = '';
      for await (const piece of request) text += piece;
      if (request.method === 'GET') return response.writeHead(200, { 'content-type': 'application/json' }).end('{"object":"list","data":[]}');
      const body = JSON.parse(text);
      provider.asked.push(body);
      if (provider.hold) await new Promise((done) => { provider.holding.push(done); response.on('close', () => { provider.left = true; done(); }); });
      const said = provider.says(body);
      if (said === null) return response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{"message":"broken"}}');
      const usage = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };
      if (body.stream) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const chunk = (delta, finish = null) => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: body.model, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
        response.write(chunk({ role: 'assistant', content: '' }));
        for (const word of said.split(/(?<= )/)) response.write(chunk({ content: word }));
        response.write(chunk({}, 'stop'));
        response.write(`data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: body.model, choices: [], usage })}\n\n`);
        return response.end('data: [DONE]\n\n');
      }
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({
        id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: body.model, usage,
        choices: [{ index: 0, message: { role: 'assistant', content: said }, finish_reason: 'stop' }],
      }));
    });
    await new Promise((done) => provider.server.listen(0, '127.0.0.1', done));
    scope.after(() => { provider.server.closeAllConnections(); provider.server.close(); });
    provider.url = `http://127.0.0.1:${provider.server.address().port}`;
    return provider;
  }

  prompts() {
    return this.asked.map((body) => body.messages.at(-1).content);
  }
}

const PRICES = { input: 2.5, output: 10 };
const guard = { when: { sensitive: 'any' }, zones: ['local'] };
const config = (near, far, more = {}) => ({
  providers: [
    { id: 'near', kind: 'openai_compatible', url: `${near.url}/v1`, zone: 'local', health_check: false, discover: false, api_key: '' },
    { id: 'far', kind: 'openai', url: `${far.url}/v1`, zone: 'cloud', api_key: 'sk-far' },
  ],
  models: [model('small', 'near', near.model ?? 'small', { prices: { input: 0, output: 0 } }), model('large', 'far', 'large', { prices: PRICES }), model('other', 'far', 'other', { prices: PRICES })],
  routes: [
    { name: 'helper', rules: [guard, { use: ['large', 'small'] }], ...more.route },
    { name: 'home', rules: [guard, { use: ['small', 'large'] }] },
  ],
  experiments: more.experiments ?? [],
});

async function ask(weir, content, { route = 'helper', headers = {}, ...more } = {}) {
  const response = await fetch(`${weir.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: route, messages: [{ role: 'user', content }], ...more }),
  });
  const text = await response.text();
  return { response, text, id: response.headers.get('x-weir-request-id'), body: more.stream ? null : JSON.parse(text), model: response.headers.get('x-weir-model'), arm: response.headers.get('x-weir-experiment') };
}

async function status(data, file, name) {
  const result = await cliAsync(['experiment', 'status', ...(name ? [name] : []), '--json', '--data', data, ...(file ? ['--config', file] : [])]);
  if (result.code !== 0) return null;
  return JSON.parse(result.stdout).experiments.find((one) => !name || one.name === name);
}

const start = async (made) => {
  const data = join(tempDir(scope), 'data');
  const file = join(tempDir(scope), 'weir.yaml');
  writeFileSync(file, JSON.stringify(made));
  const weir = await Weir.start(scope, { config: made, data });
  return { weir, data, file };
};

test('a shadow asks the other model after the caller was answered, never beyond the zone, and is accounted apart', async () => {
  const near = await Provider.start();
  const far = await Provider.start();
  const { weir, data, file } = await start(config(near, far, { experiments: [
    { name: 'home-shadow', kind: 'shadow', route: 'home', models: ['large'], sample: '100%', per_minute: 1000 },
    { name: 'helper-shadow', kind: 'shadow', route: 'helper', models: ['small'], sample: '100%', keep_answers: true, per_minute: 1000 },
  ] }));
  // From home to the cloud: what is private stays, though a copy is asked of everything else.
  for (let i = 0; i < 6; ++i) assert.equal((await ask(weir, `${PRIVATE} Number ${i}.`, { route: 'home' })).model, 'small');
  const open = await ask(weir, 'How is the river today?', { route: 'home' });
  assert.equal(open.model, 'small');
  assert.equal(open.arm, 'home-shadow:answered');
  await until(() => far.asked.length === 1, { what: 'the copy' });
  // A stream is copied as well, in the other direction.
  const streamed = await ask(weir, 'And tomorrow?', { stream: true });
  assert.match(streamed.text, /from.*large|\[DONE\]/s);
  await until(() => near.prompts().includes('And tomorrow?'), { what: 'the copy of the stream' });
  const seen = await until(async () => { const one = await status(data, file, 'helper-shadow'); return one?.pairs?.comparisons === 1 && one; }, { what: 'the comparison' });
  assert.equal(seen.pairs.tested, 'small');
  assert.equal(seen.pairs.reference, 'large');
  assert.equal(seen.pairs.win_rate.mean, 0.5);
  assert.equal(seen.kind, 'shadow');
  const home = await status(data, file, 'home-shadow');
  assert.equal(home.pairs.comparisons, 1, 'private requests were not compared');
  // The socket is the proof: nothing private was ever sent there.
  assert.deepEqual(far.prompts().sort(), ['And tomorrow?', 'How is the river today?']);
  assert.ok(!JSON.stringify(far.asked).includes('4111'));

  // The caller's row does not hold the copy's time or money; the copy has a row of its own.
  const entry = await until(async () => {
    const got = await fetch(`${weir.url}/v1/requests/${open.response.headers.get('x-weir-request-id')}`);
    return got.ok && got.json();
  }, { what: 'the entry' });
  assert.equal(entry.attempts.length, 1);
  assert.equal(entry.experiment, 'home-shadow:answered');
  const traffic = cli(['verdict', 'home', '--json', '--data', data]);
  assert.equal(JSON.parse(traffic.stdout).tasks[0].comparisons, 1);
  const metrics = await (await fetch(`${weir.url}/metrics`)).text();
  const counted = [...metrics.matchAll(/^weir_requests_total\{[^}]*route="(home|helper)"[^}]*\} (\d+)/gm)].reduce((sum, [, , n]) => sum + Number(n), 0);
  assert.equal(counted, 8, 'copies are no requests of the route');

  // By hand: the pair is shown without names, and counts.
  const judged = cli(['experiment', 'judge', 'helper-shadow', '--data', data, '--config', file], { input: 'x\n1\n' });
  assert.equal(judged.code, 0, judged.stderr);
  assert.match(judged.stdout, /And tomorrow\?[\s\S]*from [\s\S]*answer 2[\s\S]*1 judged/);
  const after = await status(data, file, 'helper-shadow');
  assert.equal(after.pairs.by_hand.tested + after.pairs.by_hand.reference, 1);
  assert.equal(cli(['experiment', 'judge', 'helper-shadow', '--data', data, '--config', file], { input: '1\n' }).code, 4);
  for (const name of readdirSync(data).filter((one) => one.startsWith('experiments.db'))) {
    assert.equal(statSync(join(data, name)).mode & 0o077, 0, `${name} is for its owner alone`);
  }
});

test('answers are not kept unless the experiment says so, nor those of private requests', async () => {
  const near = await Provider.start();
  const far = await Provider.start();
  const made = config(near, far, { experiments: [{ name: 'trial', kind: 'shadow', route: 'inside', models: ['tiny'], sample: '100%', keep_answers: true, per_minute: 1000 }] });
  made.models.push(model('tiny', 'near', 'tiny'));
  made.routes.push({ name: 'inside', rules: [guard, { use: ['small'] }] });
  const { weir, data, file } = await start(made);
  await ask(weir, PRIVATE, { route: 'inside' });
  await ask(weir, 'plain words', { route: 'inside' });
  // Both are compared: the model in question is of the same zone. Only one is kept.
  await until(async () => (await status(data, file, 'trial'))?.pairs?.comparisons === 2, { what: 'two comparisons' });
  const judged = cli(['experiment', 'judge', 'trial', '--data', data], { input: 't\nt\nt\n' });
  assert.match(judged.stdout, /1 of 1/);
  assert.match(judged.stdout, /plain words/);
  assert.doesNotMatch(judged.stdout, /4111/);
});

test('a copy under way delays no shutdown', async () => {
  const near = await Provider.start();
  const far = await Provider.start();
  near.hold = true;
  const { weir } = await start(config(near, far, { experiments: [{ name: 'trial', kind: 'shadow', route: 'helper', models: ['small'], sample: '100%', at_once: 2, per_minute: 1000 }] }));
  for (let i = 0; i < 5; ++i) assert.equal((await ask(weir, `number ${i}`)).model, 'large');
  await until(() => near.holding.length === 2, { what: 'two copies' });
  assert.equal(near.asked.length, 2, 'no more than two at once');
  weir.child.kill('SIGTERM');
  await until(() => weir.exited, { what: 'the end', timeout: 5_000 });
  assert.equal(weir.exited.code, 0);
});

test('an A/B experiment keeps callers in their arms and splits them as it says', async () => {
  const near = await Provider.start();
  const far = await Provider.start();
  const { weir, data, file } = await start(config(near, far, { experiments: [{ name: 'two', kind: 'ab', route: 'helper', models: ['large', 'small'], share: '30%', sticky: 'tag' }] }));
  const arms = new Map();
  const said = { large: 0, small: 0 };
  for (let i = 0; i < 300; ++i) {
    const { model: answered, arm, id } = await ask(weir, 'hello', { headers: { 'x-weir-tags': `team-${i % 150}` } });
    // People like the small one less, and one in three says so.
    if (i % 3 === 0) {
      const told = await fetch(`${weir.url}/v1/feedback`, { method: 'POST', body: JSON.stringify({ request_id: id, score: answered === 'small' ? 0.25 : 'up' }) });
      assert.equal(told.status, 200);
      said[answered] += 1;
    }
    assert.equal(arm, `two:${answered}`);
    const first = arms.get(i % 150);
    if (first) assert.equal(answered, first, 'the same tag is in the same arm');
    arms.set(i % 150, answered);
  }
  const small = [...arms.values()].filter((one) => one === 'small').length;
  assert.ok(small > 25 && small < 65, `${small} of 150 are in the arm of 30 %`);
  // Zones hold in the arms: one that may not leave is in no arm.
  const kept = await ask(weir, PRIVATE, { headers: { 'x-weir-tags': [...arms.entries()].find(([, one]) => one === 'large')[0] } });
  assert.equal(kept.model, 'small');
  const seen = await until(async () => { const one = await status(data, file, 'two'); return one?.arms?.reduce((sum, arm) => sum + arm.answers, 0) >= 300 && one; }, { what: 'all outcomes' });
  assert.deepEqual(seen.arms.map((one) => one.arm), ['large', 'small']);
  assert.equal(seen.difference.arm, 'small');
  assert.ok(seen.difference.quality.low <= 0 && seen.difference.quality.high >= 0);
  assert.deepEqual(seen.arms.map((one) => [one.feedback.count, one.feedback.mean]), [[said.large, 1], [said.small, 0.25]]);
  assert.ok(Math.abs(seen.difference.feedback.mean + 0.75) < 1e-9, 'what callers said is compared too');
  assert.ok(seen.difference.feedback.low < -0.75 && seen.difference.feedback.high > -0.75);
  assert.match(cli(['experiment', 'status', 'two', '--data', data, '--config', file]).stdout, /feedback 1\.000 on \d+ of them[^]*feedback -0\.750 \[/);
  assert.ok(!JSON.stringify(far.asked).includes('4111'));

  assert.equal(cli(['experiment', 'stop', 'two', '--data', data, '--config', file]).code, 0);
  await until(async () => (await ask(weir, 'hello', { headers: { 'x-weir-tags': 'team-1' } })).arm === null, { what: 'the stop' });
});

test('a bad canary rolls back by itself, stays so after a restart, and says why', async () => {
  const near = await Provider.start(() => ' ');
  const far = await Provider.start();
  const made = config(near, far, { experiments: [{ name: 'fly', kind: 'canary', route: 'helper', models: ['small'], share: '20%', sticky: 'conversation' }] });
  const { weir, data, file } = await start(made);
  let flown = 0;
  const moved = async () => (await status(data, file, 'fly'))?.shares?.[0];
  let shares;
  for (let i = 0; i < 1500 && !shares; ++i) {
    const { arm } = await ask(weir, `question ${i}`);
    flown += arm === 'fly:small' ? 1 : 0;
    if (i % 100 === 99) shares = await moved();
  }
  assert.equal(shares.state, 'rolled_back');
  assert.equal(shares.share, 0);
  assert.match(shares.reason, /score/);
  assert.ok(flown > 0 && flown < 200, `${flown} answers were enough`);
  const again = await ask(weir, 'question 3');
  assert.equal(again.arm, 'fly:others');
  await until(() => weir.output.includes('a share moved'), { what: 'the log' });
  weir.child.kill('SIGKILL');
  await until(() => weir.exited, { what: 'the end' });
  const after = await Weir.start(scope, { config: made, data });
  for (let i = 0; i < 30; ++i) assert.equal((await ask(after, `question ${i}`)).arm, 'fly:others');
});

test('the dial finds a good local model, task by task, records its moves, and they can be undone', async () => {
  const near = await Provider.start(() => 'It is four.');
  const far = await Provider.start(() => 'It is four.');
  const { weir, data, file } = await start(config(near, far, {
    route: { dial: { keep_quality: 0.9, of: 'large', model: 'small', sample: '100%', per_minute: 100000, at_once: 100 } },
  }));
  const share = async () => JSON.parse((await cliAsync(['dial', 'status', '--json', '--data', data])).stdout || '{"dials":[]}').dials[0];
  let dial;
  for (let i = 0; i < 2000 && !(dial?.share >= 0.3); ++i) {
    await ask(weir, `what is two and two, number ${i}?`);
    if (i % 100 === 99) dial = await share();
  }
  assert.ok(dial.share >= 0.3, `it stands at ${dial.share}`);
  assert.match(dial.reason, /comparisons/);
  const history = JSON.parse((await cliAsync(['dial', 'history', 'helper', '--json', '--data', data])).stdout).moves;
  assert.ok(history.length >= 2);
  // Down too, now and then: while many copies are under way the share must be safe whatever they will say.
  for (const move of history) assert.ok(move.to !== move.from && move.reason.length > 10);
  const undone = await cliAsync(['dial', 'undo', 'helper', '--data', data]);
  assert.equal(undone.code, 0, undone.stderr);
  const held = await share();
  assert.equal(held.held, true);
  assert.ok(held.share < dial.share || history.length > 2);
  await until(async () => {
    // What is asked now is answered by the share that is held.
    for (let i = 0; i < 40; ++i) await ask(weir, `and three, number ${i}?`);
    return (await share()).share === held.share;
  }, { what: 'the held share' });
  assert.equal((await cliAsync(['dial', 'release', 'helper', '--data', data])).code, 0);
  assert.equal((await share()).held, false);
  // Private requests are not the dial's: they are local whatever it says, and nobody else is asked.
  await ask(weir, PRIVATE);
  await until(async () => near.prompts().includes(PRIVATE));
  assert.ok(!JSON.stringify(far.asked).includes('4111'));
  const verdict = await cliAsync(['verdict', 'helper', '--json', '--data', data, '--config', file]);
  const said = JSON.parse(verdict.stdout);
  assert.equal(said.verdict, 'yes');
  assert.equal(verdict.code, 0);
  assert.ok(said.saves_usd_month > 0, 'the large model is paid for');
});

test('the verdict says no to a bad model, and how much is missing where little is known', async () => {
  const near = await Provider.start(() => 'I cannot help with that.');
  const far = await Provider.start(() => 'It is four.');
  const { weir, data, file } = await start(config(near, far, { experiments: [{ name: 'trial', kind: 'shadow', route: 'helper', models: ['small'], sample: '100%', at_once: 100, per_minute: 100000 }] }));
  assert.equal(cli(['verdict', 'helper', '--data', data]).code, 5);
  await ask(weir, 'two and two?');
  await until(async () => (await status(data, file, 'trial'))?.pairs?.comparisons === 1, { what: 'a comparison' });
  const early = cli(['verdict', 'helper', '--data', data]);
  assert.equal(early.code, 1);
  assert.match(early.stdout, /not enough evidence yet/);
  for (let i = 0; i < 60; ++i) await ask(weir, `two and ${i}?`);
  await until(async () => (await status(data, file, 'trial')).pairs.comparisons === 61, { what: 'all comparisons' });
  const late = cli(['verdict', 'helper', '--data', data]);
  assert.equal(late.code, 4, late.stdout);
  assert.match(late.stdout, /no: its answers are more than 5.0 points worse/);
});

const llama = llamaServer();
test('a real llama-server is asked in the shadow', { skip: llama.path ? false : llama.reason }, async () => {
  const far = await Provider.start();
  const server = await LlamaServer.start(scope);
  const { weir, data, file } = await start(config({ url: server.url, model: 'tiny' }, far, { experiments: [{ name: 'trial', kind: 'shadow', route: 'helper', models: ['small'], sample: '100%', per_minute: 1000 }] }));
  for (let i = 0; i < 3; ++i) assert.equal((await ask(weir, `question ${i}`, { max_tokens: 8 })).model, 'large');
  const seen = await until(async () => { const one = await status(data, file, 'trial'); return one?.pairs?.comparisons === 3 && one; }, { what: 'the comparisons', timeout: 30_000 });
  assert.equal(seen.pairs.failures, 0);
});
