// What answers cost and why: usage in several dialects, what providers state, tiers; prompts that a local server cut; and
// the price catalog, shown and renewed.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { Weir, cli, cliAsync, root, suiteScope, tempDir } from './support/process.mjs';

// Answers each request with what the test wants, and keeps the last body.
async function server(scope, answer) {
  const state = { answer, last: null };
  const http = createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const text = Buffer.concat(parts).toString();
      state.last = text ? JSON.parse(text) : null;
      const { status = 200, body } = state.answer(state.last, request);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise((done) => { http.listen(0, '127.0.0.1', done); });
  scope.after(() => { http.closeAllConnections(); http.close(); });
  state.url = `http://127.0.0.1:${http.address().port}`;
  return state;
}
const completion = (content, more) => ({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }], ...more });
const HELLO = [{ role: 'user', content: 'How high is the river?' }];

describe('what an answer costs', () => {
  const scope = suiteScope();
  let upstream;
  let weir;
  before(async () => {
    upstream = await server(scope, () => ({ body: completion('x') }));
    weir = await Weir.start(scope, { config: {
      providers: [{ id: 'openai', url: `${upstream.url}/v1`, kind: 'openai', api_key: 'k', retries: 0 }],
      models: [
        { id: 'listed', provider: 'openai', name: 'gpt-4o' },
        { id: 'like', provider: 'openai', name: 'gpt-4o-audio-preview-2030' },
        { id: 'own', provider: 'openai', name: 'own', prices: { input: 5, cached: 0.5, output: 25, written: 6.25 } },
        { id: 'free', provider: 'openai', name: 'nobody-knows-it' },
      ],
    } });
  });
  const asked = async (model, usage, more = {}) => {
    upstream.answer = () => ({ body: completion('a river answer', { usage, ...more }) });
    const answer = await weir.chat({ model, messages: HELLO });
    assert.equal(answer.status, 200, answer.text);
    const entry = await weir.ledger(answer.id);
    return { ...entry, attempt: entry.attempts[0] };
  };

  test('cached and written tokens beside the input have their own prices', async () => {
    const { usage, cost_micro_usd: cost } = await asked('own', { prompt_tokens: 9, completion_tokens: 100, total_tokens: 17_311, cache_read_input_tokens: 17_102, cache_creation_input_tokens: 100 });
    assert.deepEqual([usage.input_tokens, usage.cached_tokens, usage.cache_write_tokens, usage.output_tokens], [17_211, 17_102, 100, 100]);
    assert.equal(cost, Math.round(9 * 5 + 17_102 * 0.5 + 100 * 6.25 + 100 * 25));
  });

  test('a tier has its price, and where nobody knows it the cost is marked', async () => {
    const flex = await asked('listed', { prompt_tokens: 1000, completion_tokens: 1000, total_tokens: 2000 }, { service_tier: 'flex' });
    assert.equal(flex.cost_micro_usd, 6_250);
    assert.equal(flex.attempt.price_source, 'catalog');
    assert.match(flex.attempt.price_note, /tier/);
    const priority = await asked('listed', { prompt_tokens: 1000, completion_tokens: 1000, total_tokens: 2000 }, { service_tier: 'priority' });
    assert.equal(priority.attempt.price_known, false);
    assert.equal(priority.attempt.cost_micro_usd, null);
  });

  test('what the provider states wins, and names that only a rule knows are marked', async () => {
    const stated = await asked('free', { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20, cost: 0.0125 });
    assert.equal(stated.cost_micro_usd, 12_500);
    assert.equal(stated.attempt.price_source, 'stated');
    assert.equal((await asked('like', { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 })).attempt.price_source, 'catalog_rule');
    assert.equal((await asked('free', { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 })).attempt.price_known, false);
  });

  test('zero usage beside a text is estimated', async () => {
    const { usage, cost_micro_usd: cost } = await asked('own', { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 });
    assert.equal(usage.estimated, true);
    assert.ok(usage.output_tokens > 0 && cost > 0);
  });

  test('`weir usage` says it all', () => {
    const { stdout } = weir.cli('usage');
    const text = stdout.replace(/\s+/g, ' ');
    for (const said of [/provider itself said/, /catalog does not list/, /counted by an estimate/, /tokens are estimated/]) assert.match(text, said);
    const { total } = JSON.parse(weir.cli('usage', '--json').stdout);
    assert.equal(total.stated, 1);
    assert.equal(total.by_rule, 1);
    assert.equal(total.cache_write_tokens, 100);
  });
});

describe('a local server that would cut the prompt', () => {
  const scope = suiteScope();
  const LONG = [{ role: 'user', content: 'The river is calm today. '.repeat(1500) }];

  test('Ollama is asked for a context that fits; what was cut is no answer', async () => {
    let read = 9_001;
    const ollama = await server(scope, () => ({ body: { model: 'x', created_at: '2026-01-01T00:00:00Z', message: { role: 'assistant', content: 'hi' }, done: true, done_reason: 'stop', prompt_eval_count: read, eval_count: 1 } }));
    const weir = await Weir.start(scope, { config: {
      providers: [{ id: 'box', kind: 'ollama', url: ollama.url, discover: false, health_check: false, retries: 0 }],
      models: [{ id: 'm', provider: 'box', name: 'x', context_length: 32_768 }],
    } });
    assert.equal((await weir.chat({ model: 'm', messages: HELLO })).status, 200);
    assert.equal(ollama.last.options?.num_ctx, undefined, 'a short one leaves the server as it is');
    assert.equal((await weir.chat({ model: 'm', messages: LONG })).status, 200);
    assert.equal(ollama.last.options.num_ctx, 16_384);
    assert.equal((await weir.chat({ model: 'm', messages: LONG, options: { num_ctx: 9_999 }, keep_alive: '30m' })).status, 200);
    assert.equal(ollama.last.options.num_ctx, 9_999);
    assert.equal(ollama.last.keep_alive, '30m');
    assert.equal((await weir.chat({ model: 'm', messages: HELLO })).status, 200);
    assert.equal(ollama.last.options.num_ctx, 16_384, 'a short one behind a long one does not make the server load the model anew');
    read = 4_096;
    const cut = await weir.chat({ model: 'm', messages: LONG });
    assert.equal(cut.json.error.code, 'context_length_exceeded', cut.text);
    assert.match(cut.json.error.message, /4096 tokens/);
  });
});

describe('the price catalog', () => {
  const scope = suiteScope();
  const text = readFileSync(join(root, 'catalog/prices.tsv'), 'utf8');
  const dated = (date) => text.replace(/^(@\t[^\t]*\t[^\t]*\t)[^\t]*/gm, `$1${date}`);
  const today = new Date().toISOString().slice(0, 10);

  test('is shown, renewed from a file or an address, and never silently older', async () => {
    const home = tempDir(scope);
    const data = join(home, 'data');
    const shown = () => JSON.parse(cli(['catalog', '--json', '--data', data], { home }).stdout);
    const embedded = shown();
    assert.equal(embedded.file, null);
    assert.ok(embedded.models > 1000);
    const file = join(home, 'new.tsv');
    writeFileSync(file, dated(today).replace(/^gpt-4o\t128000\t[^\t]*/m, 'gpt-4o\t128000\t1000000/1000000/1000000'));
    const update = cli(['catalog', 'update', file, '--data', data], { home });
    assert.equal(update.code, 0, update.stderr);
    assert.equal(shown().date, today);
    const config = join(home, 'weir.yaml');
    writeFileSync(config, JSON.stringify({ providers: [{ kind: 'openai', api_key: 'k' }], models: [{ id: 'm', provider: 'openai', name: 'gpt-4o' }] }));
    const models = JSON.parse(cli(['models', '--config', config, '--json'], { home, env: { WEIR_DATA: data } }).stdout);
    assert.equal(models.models[0].prices.input, 1);
    assert.equal(models.models[0].prices_as_of, today);

    writeFileSync(file, dated('2026-09-24'));
    const older = cli(['catalog', 'update', file, '--data', data], { home });
    assert.equal(older.code, 4);
    assert.match(older.stderr, /is of 2026-09-24; the one in use is of/);
    assert.equal(shown().date, today);

    const remote = await server(scope, () => ({ body: dated(today) }));
    assert.equal((await cliAsync(['catalog', 'update', `${remote.url}/prices.tsv`, '--data', data], { home })).code, 0);
  });

  test('what is damaged or absurd is refused, and the old one stays', () => {
    const home = tempDir(scope);
    const data = join(home, 'data');
    const file = join(home, 'new.tsv');
    for (const [bad, said] of [
      ['', /models/],
      ['{"not": "it"}', /line 1/],
      [dated('2999-01-01'), /future/],
      [dated('soon'), /no date/],
      [dated(today).replace(/^gpt-4o\t128000\t[^\t]*/m, 'gpt-4o\t128000\tcheap'), /line \d+.*prices/],
      [dated(today).replace(/^gpt-4o\t128000\t[^\t]*/m, 'gpt-4o\t128000\t99999999999999/1/1'), /absurd/],
      [dated(today).replace(/^([^#@\t][^\t]*\t\d+\t)(\d+)\/(\d+)/gm, '$1$2000/$3000'), /another one|absurd/],
    ]) {
      writeFileSync(file, bad);
      const { code, stderr } = cli(['catalog', 'update', file, '--data', data], { home });
      assert.equal(code, 4, `${said}: ${stderr}`);
      assert.match(stderr.replace(/\s+/g, ' '), said);
    }
    assert.equal(JSON.parse(cli(['catalog', '--json', '--data', data], { home }).stdout).file, null);
  });

  test('the data of its source are taken as they are, as JSON and as a module', () => {
    const home = tempDir(scope);
    const out = join(home, 'out.tsv');
    const models = Array.from({ length: 60 }, (_, i) => ({ id: `gpt-${i}`, match: { equals: `gpt-${i}` }, context_window: 1000, prices: { input_mtok: 2.5, cache_read_mtok: 0.25, output_mtok: { base: 10, tiers: [{ start: 200_000, price: 15 }] } } }));
    const json = JSON.stringify([{ id: 'openai', name: 'OpenAI', models }]);
    const module = `const E = ${json.replace(/"(id|name|models|match|equals)":/g, '$1:').replace('"OpenAI"', "'OpenAI'")}, k = !0;\nexport { E };`;
    for (const source of [json, module]) {
      const file = join(home, 'source');
      writeFileSync(file, source);
      const { code, stderr } = cli(['catalog', 'update', file, '--date', '2026-10-01', '--output', out], { home });
      assert.equal(code, 0, stderr);
      assert.match(readFileSync(out, 'utf8'), /^gpt-7\t1000\t2500000\/250000\/10000000;>200000:2500000\/250000\/15000000\t-\t=gpt-7$/m);
    }
  });
});
