// weir bench-model against a real llama-server, and against servers that fail.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { LlamaServer, cliAsync, freePort, llamaServer, suiteScope, tempDir } from './support/process.mjs';

const scope = suiteScope();
const bench = (...args) => cliAsync(['bench-model', ...args]);

// A server that answers as it is told: `models` for the list, `chat(response, body)` for the rest.
async function serve({ models = ['m'], chat }) {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (text) => { body += text; }).on('end', () => {
      if (request.url === '/v1/models') {
        response.setHeader('Content-Type', 'application/json');
        response.end(JSON.stringify({ object: 'list', data: models.map((id) => ({ id, object: 'model' })) }));
      } else {
        chat(response, JSON.parse(body));
      }
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  scope.after(() => server.close());
  scope.after(() => server.closeAllConnections());
  return `http://127.0.0.1:${server.address().port}`;
}

const words = (usage) => (response, body) => {
  response.setHeader('Content-Type', 'text/event-stream');
  for (let i = 0; i < body.max_tokens; ++i) response.write(`data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { content: 'a ' } }] })}\n\n`);
  if (usage) response.write(`data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: { prompt_tokens: 7, completion_tokens: body.max_tokens, total_tokens: 7 + body.max_tokens } })}\n\n`);
  response.end('data: [DONE]\n\n');
};

const found = llamaServer();
describe('a real llama-server', { skip: found.path ? false : found.reason }, () => {
  let server;
  let data;
  let result;
  before(async () => {
    server = await LlamaServer.start(scope, { slots: 4, context: 8192 });
    data = tempDir(scope);
    result = await bench('--url', server.url, '--concurrency', '1,4', '--requests', '8', '--prompt-tokens', '64', '--output-tokens', '32', '--data', data, '--json');
    assert.equal(result.code, 0, result.stderr);
  });

  test('every level has its answers, tokens and times', () => {
    const measured = JSON.parse(result.stdout);
    assert.equal(measured.model, 'tiny');
    assert.deepEqual(measured.levels.map((level) => level.concurrency), [1, 4]);
    for (const level of measured.levels) {
      assert.equal(level.requests, 8);
      assert.equal(level.failed, 0);
      assert.equal(level.estimated, false);
      assert.equal(level.output_tokens, 8 * 32, 'the end of text is ignored: all answers are as long as asked');
      assert.ok(level.input_tokens > 8 * 64 * 0.6 && level.input_tokens < 8 * 64 * 1.6, `${level.input_tokens} prompt tokens, not 8 × 64: words are not tokens`);
      assert.ok(level.tokens_per_s > 0 && level.tokens_per_s_per_stream > 0);
      assert.ok(level.ttft_ms.p50 > 0 && level.ttft_ms.p50 <= level.ttft_ms.p95);
      assert.ok(level.latency_ms.p50 >= level.ttft_ms.p50 && level.latency_ms.p50 <= level.latency_ms.p95);
      assert.ok(Math.abs(level.tokens_per_s * level.seconds - level.output_tokens) < 1e-6 * level.output_tokens);
    }
  });

  test('the result is stored, and weir plan size uses it', async () => {
    const file = join(data, 'measurements', 'tiny.json');
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(result.stdout));
    const sized = await cliAsync(['plan', 'size', 'llama-3-8b', '--gpu', 'l4', '--concurrency', '4', '--measured', file, '--quant', 'q4_k_m', '--json']);
    assert.equal(sized.code, 0, sized.stderr);
    const answer = JSON.parse(sized.stdout);
    assert.equal(answer.measured.tokens_per_s, JSON.parse(result.stdout).levels[1].tokens_per_s);
    assert.ok(answer.placements[0].bound.tokens_per_s >= answer.measured.tokens_per_s);
    const none = await cliAsync(['plan', 'size', 'llama-3-8b', '--gpu', 'l4', '--concurrency', '2', '--measured', file, '--quant', 'q4_k_m']);
    assert.equal(none.code, 4);
    assert.match(none.stderr, /no measurement at --concurrency 2[\s\S]*it has 1, 4/);
  });

  test('a table for people', async () => {
    const shown = await bench('--url', server.url, '--model', 'tiny', '--concurrency', '2', '--requests', '4', '--output-tokens', '8', '--data', data);
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /At a time\s+Answers\s+tok\/s/);
    for (const line of shown.stdout.split('\n')) assert.ok([...line].length <= 80, line);
    assert.match(shown.stderr, /stored in .*tiny\.json/);
  });

  test('a model that it does not have', async () => {
    const answer = await bench('--url', server.url, '--model', 'tinny', '--data', data);
    assert.equal(answer.code, 4);
    assert.match(answer.stderr, /no model `tinny`; did you mean `tiny`\?/);
  });
});

describe('servers that are different', () => {
  test('without usage, chunks are counted and marked', async () => {
    const url = await serve({ chat: words(false) });
    const answer = await bench('--url', url, '--concurrency', '1', '--requests', '2', '--output-tokens', '5', '--data', tempDir(scope), '--json');
    assert.equal(answer.code, 0, answer.stderr);
    const [level] = JSON.parse(answer.stdout).levels;
    assert.equal(level.output_tokens, 10);
    assert.equal(level.estimated, true);
  });

  test('time bounds a level', async () => {
    const url = await serve({ chat: (response, body) => setTimeout(() => words(true)(response, body), 300) });
    const answer = await bench('--url', url, '--concurrency', '1', '--requests', '1000', '--seconds', '1', '--output-tokens', '5', '--data', tempDir(scope), '--json');
    assert.equal(answer.code, 0, answer.stderr);
    assert.ok(JSON.parse(answer.stdout).levels[0].requests <= 5);
  });

  const failures = [
    ['a server error', (response) => { response.statusCode = 500; response.end('{"error":{"message":"out of memory on the card"}}'); }, /out of memory on the card/, 1],
    ['an unknown model', (response) => { response.statusCode = 404; response.end('{"error":{"message":"no such model: m"}}'); }, /no such model: m/, 4],
    ['no stream', (response) => response.end('hello'), /no text in it/, 1],
    ['a stream that breaks', (response) => { response.setHeader('Content-Type', 'text/event-stream'); response.write('data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'); setTimeout(() => response.destroy(), 50); }, /broke off/, 1],
  ];
  for (const [name, chat, message, code] of failures) {
    test(name, async () => {
      const data = tempDir(scope);
      const answer = await bench('--url', await serve({ chat }), '--concurrency', '2', '--requests', '4', '--data', data);
      assert.equal(answer.code, code, answer.stderr);
      assert.match(answer.stderr, message);
      assert.equal(existsSync(join(data, 'measurements')), false);
    });
  }

  test('some failures are counted, and said', async () => {
    let count = 0;
    const url = await serve({ chat: (response, body) => (++count % 4 === 0 ? Object.assign(response, { statusCode: 500 }).end('{}') : words(true)(response, body)) });
    const answer = await bench('--url', url, '--concurrency', '1', '--requests', '8', '--output-tokens', '3', '--data', tempDir(scope), '--json');
    assert.equal(answer.code, 0, answer.stderr);
    const [level] = JSON.parse(answer.stdout).levels;
    assert.equal(level.requests + level.failed, 8);
    assert.ok(level.failed >= 1, answer.stdout);
    assert.match(answer.stderr, /requests failed at concurrency 1/);
  });

  test('several models, and none named', async () => {
    const answer = await bench('--url', await serve({ models: ['a', 'b'], chat: words(true) }));
    assert.equal(answer.code, 2);
    assert.match(answer.stderr, /several models[\s\S]*it has a, b/);
  });
});

describe('what cannot be asked', () => {
  const rows = [
    [['--url', 'http://api.example.com/v1'], 4, /api\.example\.com is no machine of one's own[\s\S]*--allow-cloud/],
    [['--url', 'nonsense'], 2, /--url: `nonsense`/],
    [['--url', 'http://127.0.0.1:1', '--concurrency', '0'], 2, /--concurrency: `0`/],
    [['--url', 'http://127.0.0.1:1', '--concurrency', '1,,2'], 2, /--concurrency: ``/],
    [['--url', 'http://127.0.0.1:1', '--concurrency', '1e30'], 2, /--concurrency: `1e30`/],
    [['--url', 'http://127.0.0.1:1', '--requests', '-1'], 2, /--requests/],
    [['--url', 'http://127.0.0.1:1', '--seconds', '999999'], 2, /--seconds: `999999`/],
    [['--url', 'http://127.0.0.1:1', '--gpu', 'rtx-4099'], 4, /did you mean `rtx-4090`/],
    [[], 2, /--url/],
  ];
  for (const [args, code, message] of rows) {
    test(args.join(' ') || 'nothing', async () => {
      const answer = await bench(...args);
      assert.equal(answer.code, code, answer.stderr);
      assert.match(answer.stderr, message);
    });
  }

  test('nothing listens', async () => {
    const answer = await bench('--url', `http://127.0.0.1:${await freePort()}`);
    assert.equal(answer.code, 1);
    assert.match(answer.stderr, /cannot be reached[\s\S]*start the server first/);
  });
});
