// Without a config file: what is found, and what the first curl shows when nothing is.
import assert from 'node:assert/strict';
import net from 'node:net';
import { before, describe, test } from 'node:test';

import { ask } from './support/configs.mjs';
import { StandIn } from './support/fault_upstream.mjs';
import { Weir, until, suiteScope } from './support/process.mjs';
import { readStream } from './support/sse.mjs';

// The usual ports are fixed: a test can use them only where nobody else does.
const usual = [11434, 1234, 8000, 8080, 3000];
const isFree = (port) => new Promise((done) => {
  const server = net.createServer().once('error', () => done(false)).once('listening', () => server.close(() => done(true)));
  server.listen(port, '127.0.0.1');
});

describe('nothing found', async () => {
  const taken = [];
  for (const port of usual) if (!(await isFree(port))) taken.push(port);

  describe('the sandbox', { skip: taken.length ? `something listens on ${taken}` : false }, () => {
    let weir;
    const scope = suiteScope();
    before(async () => {
      weir = await Weir.start(scope);
    });

    test('the first request is answered, and says loudly by whom', async () => {
      const answer = await weir.chat(ask('auto'));
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.headers.get('x-weir-sandbox'), 'true');
      assert.match(answer.json.choices[0].message.content, /sandbox/i);
      assert.match(weir.output, /sandbox/i, 'on the terminal');
      const entry = await weir.ledger(answer.id);
      assert.equal(entry.sandbox, true);
      assert.equal(entry.attempts.length, 1);
    });

    test('streams too', async () => {
      const answer = await readStream(await weir.post('/v1/chat/completions', ask('auto', { stream: true })));
      assert.ok(answer.done);
      assert.match(answer.text, /sandbox/i);
      assert.ok(answer.events.length > 3);
    });

    test('private things stay with the local stand-in', async () => {
      for (const route of ['auto', 'private']) {
        const answer = await weir.chat(ask(route, { messages: [{ role: 'user', content: 'My mail is jane.doe@example.com' }] }));
        assert.equal(answer.status, 200, answer.text);
        assert.equal(answer.headers.get('x-weir-zone'), 'local');
      }
    });

    test('both routes and both stand-ins are listed', async () => {
      const { data } = await (await fetch(`${weir.url}/v1/models`)).json();
      assert.deepEqual(data.slice(0, 2).map(({ id }) => id), ['auto', 'private']);
      const zones = data.slice(2).map(({ zone }) => zone.split(':')[0]);
      assert.ok(zones.includes('local') && zones.includes('cloud'));
    });
  });
});

describe('servers on their usual ports', () => {
  for (const [port, name] of [[1234, 'LM Studio'], [8000, 'vLLM'], [8080, 'llama-server']]) {
    test(`${name} is found, with its models`, async (t) => {
      if (!(await isFree(port))) return t.skip(`something listens on ${port}`);
      const server = await StandIn.start(t, { port, models: ['some-model-7b', 'another/model:latest'] });
      server.scripts.set('some-model-7b', (x) => x.ok());
      const weir = await Weir.start(t);
      assert.match(weir.output, new RegExp(`${name}|${port}`));
      assert.match(weir.output, /some-model-7b/);
      const ids = (await (await fetch(`${weir.url}/v1/models`)).json()).data.map(({ id }) => id);
      assert.ok(ids.some((id) => id.includes('some-model-7b')), ids.join());
      const answer = await weir.chat(ask('private'));
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.headers.get('x-weir-zone'), 'local');
      assert.equal(answer.headers.get('x-weir-sandbox'), null);
      assert.ok(server.requests.some(({ path }) => path.endsWith('/chat/completions')));
    });
  }
});

test('a key in the environment adds its provider, and is shown nowhere', async (t) => {
  const weir = await Weir.start(t, { env: { OPENAI_API_KEY: 'sk-very-secret-value' } });
  assert.match(weir.output, /OpenAI|openai/);
  assert.doesNotMatch(weir.output, /sk-very-secret-value/);
  const { data } = await (await fetch(`${weir.url}/v1/models`)).json();
  assert.ok(data.some(({ zone }) => zone?.startsWith('cloud')));
});
