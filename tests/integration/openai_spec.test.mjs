// What the stand-in says, and what weir makes of it, held against OpenAI's own description of their API.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { ask, local, model } from './support/configs.mjs';
import { StandIn } from './support/fault_upstream.mjs';
import { missing, violations } from './support/openai_schema.mjs';
import { Weir, suiteScope } from './support/process.mjs';
import { readStream } from './support/sse.mjs';

const TOOLS = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];
const REQUESTS = {
  plain: {}, 'with tools': { tools: TOOLS, tool_choice: 'required' }, 'with log-probabilities': { logprobs: true }, 'of several choices': { n: 3 },
};

describe('against the description', { skip: missing }, () => {
  let near;
  let weir;
  const scope = suiteScope();
  before(async () => {
    near = await StandIn.start(scope);
    weir = await Weir.start(scope, { config: {
      providers: [local('near', near)],
      models: ['ok', 'bad-request', 'error-event', 'status-503'].map((name) => model(name, 'near', name, { embeddings: true })),
      routes: [],
    } });
  });

  const bases = { 'the stand-in': () => near.url, weir: () => `${weir.url}/v1` };
  const post = (base, path, body) => fetch(base() + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

  for (const [who, base] of Object.entries(bases)) {
    for (const [what, more] of Object.entries(REQUESTS)) {
      test(`${who}: chat ${what}`, async () => {
        assert.deepEqual(violations(ask('ok', more), 'CreateChatCompletionRequest'), [], 'the request itself');
        assert.deepEqual(violations(await (await post(base, '/chat/completions', ask('ok', more))).json(), 'CreateChatCompletionResponse'), []);
        const stream = await readStream(await post(base, '/chat/completions', ask('ok', { ...more, stream: true, stream_options: { include_usage: true } })));
        assert.ok(stream.done && stream.events.length > 3);
        for (const event of stream.events) assert.deepEqual(violations(event, 'CreateChatCompletionStreamResponse'), [], JSON.stringify(event));
      });
    }

    test(`${who}: completions and embeddings`, async () => {
      assert.deepEqual(violations(await (await post(base, '/completions', { model: 'ok', prompt: 'a' })).json(), 'CreateCompletionResponse'), []);
      assert.deepEqual(violations(await (await post(base, '/embeddings', { model: 'ok', input: 'a' })).json(), 'CreateEmbeddingResponse'), []);
    });
  }

  test('weir: models', async () => {
    const { data } = await (await fetch(`${weir.url}/v1/models`)).json();
    for (const entry of data) assert.deepEqual(violations(entry, 'Model'), []);
  });

  test('weir: errors, whole and inside a stream', async () => {
    for (const body of [ask('nonesuch'), ask('bad-request'), ask('status-503'), { model: 'ok' }]) {
      const answer = await weir.chat(body);
      assert.ok(answer.status >= 400);
      assert.deepEqual(violations(answer.json, 'ErrorResponse'), [], answer.text);
    }
    const stream = await readStream(await weir.post('/v1/chat/completions', ask('error-event', { stream: true })));
    assert.deepEqual(violations({ error: stream.error }, 'ErrorResponse'), []);
  });
});
