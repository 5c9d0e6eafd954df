// The first promise, at the level of sockets: a request with something private in it never reaches the cloud, whatever the
// local side does, and however the private thing is hidden. The cloud stand-in counts connections and bytes.
import assert from 'node:assert/strict';
import { before, beforeEach, describe, test } from 'node:test';

import { PRIVATE, ask, cloud, faultConfig, local, model } from './support/configs.mjs';
import { StandIn, faults } from './support/fault_upstream.mjs';
import { RawClient } from './support/raw_http.mjs';
import { Weir, freePort, suiteScope } from './support/process.mjs';
import { readStream } from './support/sse.mjs';

const GUARD = { when: { sensitive: 'any' }, zones: ['local'] };
const secretAsk = (route, more = {}) => ask(route, { messages: [{ role: 'user', content: PRIVATE }], ...more });

let near;
let far;
let weir;

const scope = suiteScope();
before(async () => {
  near = await StandIn.start(scope);
  far = await StandIn.start(scope);
  // The cloud has time: what is tested of it is never that it is slow, and two hundred answers at once take a busy machine a while.
  weir = await Weir.start(scope, { config: faultConfig(near, far, { far: { timeouts: { total_ms: 20_000 } } }) });
});

function cloudSawNothing(what) {
  assert.equal(far.connections.length, 0, `${what}: the cloud got a connection`);
  assert.equal(far.bytes, 0, `${what}: the cloud got bytes`);
}

// First, before anything was sent to the cloud on purpose: connections count from the start of weir.
describe('whatever the local side does', () => {
  for (const fault of Object.keys(faults).filter((name) => name !== 'endless')) {
    for (const stream of [false, true]) {
      test(`${fault}${stream ? ', streamed' : ''}: the cloud receives nothing`, async () => {
        for (const route of [fault, `continue-${fault}`]) {
          near.counts.delete(fault);
          const response = await weir.post('/v1/chat/completions', secretAsk(route, { stream }));
          const answer = await readStream(response);
          assert.ok(answer.status === 200 || answer.status >= 400);
          if (answer.status === 200) assert.equal(response.headers.get('x-weir-zone'), 'local');
          cloudSawNothing(`${route}${stream ? ' (stream)' : ''}`);
        }
      });
    }
  }

  test('nobody listens at all: a clear refusal, and the cloud receives nothing', async (t) => {
    const closed = { url: `http://127.0.0.1:${await freePort()}/v1` };
    const other = await Weir.start(t, { config: faultConfig(closed, far) });
    const answer = await other.chat(secretAsk('ok'));
    assert.ok(answer.status >= 400);
    assert.equal(typeof answer.json.error.message, 'string');
    cloudSawNothing('closed port');
    assert.ok(!(await other.ledger(answer.id)).attempts.some(({ zone }) => zone !== 'local'));
  });
});

describe('where the private thing is hidden', () => {
  const card = '4111 1111 1111 1111';
  const mail = 'jane.doe@example.com';
  const hidden = {
    'the system message': { messages: [{ role: 'system', content: `The customer is ${mail}.` }, { role: 'user', content: 'Hi' }] },
    'a developer message': { messages: [{ role: 'developer', content: `The customer is ${mail}.` }, { role: 'user', content: 'Hi' }] },
    'an earlier turn': { messages: [{ role: 'user', content: 'a' }, { role: 'assistant', content: `It is ${mail}.` }, { role: 'user', content: 'b' }] },
    'a text part': { messages: [{ role: 'user', content: [{ type: 'text', text: 'see' }, { type: 'text', text: card }] }] },
    'a name field': { messages: [{ role: 'user', name: mail, content: 'Hi' }] },
    'tool call arguments': { messages: [
      { role: 'user', content: 'go' },
      { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'mail', arguments: JSON.stringify({ to: mail }) } }] },
      { role: 'tool', tool_call_id: 'c1', content: 'sent' }] },
    'doubly escaped tool call arguments': { messages: [
      { role: 'user', content: 'go' },
      { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'pay', arguments: '{"card":"4111\\u0020111111111111"}' } }] },
      { role: 'tool', tool_call_id: 'c1', content: 'paid' }] },
    'a tool result': { messages: [
      { role: 'user', content: 'go' },
      { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'find', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: 'c1', content: JSON.stringify({ rows: [{ mail }] }) }] },
    "a tool's description": { messages: [{ role: 'user', content: 'go' }],
      tools: [{ type: 'function', function: { name: 'f', description: `Writes to ${mail}`, parameters: { type: 'object', properties: {} } } }] },
    'a default in a tool schema': { messages: [{ role: 'user', content: 'go' }],
      tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: { to: { type: 'string', default: mail } } } } }] },
    'a response schema': { messages: [{ role: 'user', content: 'go' }],
      response_format: { type: 'json_schema', json_schema: { name: 's', schema: { type: 'object', properties: { a: { const: mail } } } } } },
    metadata: { messages: [{ role: 'user', content: 'go' }], metadata: { customer: mail } },
    'the user field': { messages: [{ role: 'user', content: 'go' }], user: mail },
    'a stop sequence': { messages: [{ role: 'user', content: 'go' }], stop: [mail] },
    'a field nobody knows': { messages: [{ role: 'user', content: 'go' }], x_vendor: { deep: [{ er: mail }] } },
    'the name of a field': { messages: [{ role: 'user', content: 'go' }], metadata: { [mail]: 'yes' } },
    'a prediction': { messages: [{ role: 'user', content: 'go' }], prediction: { type: 'content', content: `Dear ${mail}` } },
    'the URL of an image': { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: `https://x.example/?m=${mail}` } }] }] },
    'a part of a kind nobody knows': { messages: [{ role: 'user', content: [{ type: 'memo', memo: mail }] }] },
    'a card as a number': { messages: [{ role: 'user', content: 'go' }], metadata: { card: 4111111111111111 } },
    'a private key': { messages: [{ role: 'user', content: '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----' }] },
    'a key of an API': { messages: [{ role: 'user', content: 'use AKIAIOSFODNN7EXAMPLE and wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }] },
    'an IBAN': { messages: [{ role: 'user', content: 'Pay DE89 3704 0044 0532 0130 00 please' }] },
    'the end of a long text': { messages: [{ role: 'user', content: `${'The river flows. '.repeat(60_000)}${card}` }] },
    'the end of many numbers': { messages: [{ role: 'user', content: `${'12 4711 88 3 2048 '.repeat(30_000)}\n${mail}` }] },
    'the last of many texts': { messages: [...Array.from({ length: 9 }, () => ({ role: 'user', content: 'The river flows. '.repeat(9_000) })), { role: 'user', content: mail }] },
  };
  const raw = {
    'unicode escapes': `{"model":"ok","messages":[{"role":"user","content":"\\u006aane.doe\\u0040example\\u002ecom"}]}`,
    'escaped keys': `{"model":"ok","mess\\u0061ges":[{"r\\u006fle":"user","cont\\u0065nt":"jane.doe@example.com"}]}`,
    'the first of two messages fields': `{"model":"ok","messages":[{"role":"user","content":"jane.doe@example.com"}],"messages":[{"role":"user","content":"Hi"}]}`,
    'the second of two messages fields': `{"model":"ok","messages":[{"role":"user","content":"Hi"}],"messages":[{"role":"user","content":"jane.doe@example.com"}]}`,
    'the first of two contents': `{"model":"ok","messages":[{"role":"user","content":"jane.doe@example.com","content":"Hi"}]}`,
    'the second of two contents': `{"model":"ok","messages":[{"role":"user","content":"Hi","content":"jane.doe@example.com"}]}`,
    'a route named twice': `{"model":"only-ok","model":"ok","messages":[{"role":"user","content":"jane.doe@example.com"}]}`,
  };

  beforeEach(() => near.forget());

  for (const [where, body] of [...Object.entries(hidden), ...Object.entries(raw)]) {
    test(where, async () => {
      const answer = await weir.chat(typeof body === 'string' ? body : { model: 'ok', ...body });
      cloudSawNothing(where);
      // Refused as ambiguous is as good as kept: but kept means answered at home.
      if (answer.status === 200) assert.equal(answer.headers.get('x-weir-zone'), 'local', answer.text);
      else assert.ok(answer.status >= 400 && answer.status < 500, answer.text);
      // And it is the finding that kept it there: with nothing but a cloud model it is refused.
      const refused = await weir.chat(typeof body === 'string' ? body.replaceAll('"ok"', '"far"').replaceAll('"only-ok"', '"far"') : { model: 'far', ...body });
      assert.ok(refused.status >= 400 && refused.status < 500, `${refused.status}: not found in ${where}`);
      cloudSawNothing(`${where}, cloud only`);
    });
  }

  test('an embedding input and a completion prompt', async () => {
    for (const [path, body] of [
      ['/v1/embeddings', { model: 'far', input: ['fine', PRIVATE] }],
      ['/v1/completions', { model: 'far', prompt: PRIVATE }],
      ['/v1/completions', { model: 'far', prompt: 'a', suffix: PRIVATE }],
    ]) {
      const response = await weir.post(path, body);
      assert.equal(response.status, 400, `${path}: ${await response.text()}`);
      cloudSawNothing(path);
    }
  });
});

describe('what a caller can say', () => {
  test('x-weir-sensitive keeps a harmless text at home', async () => {
    const answer = await weir.chat(ask('far'), { headers: { 'x-weir-sensitive': 'health' } });
    assert.equal(answer.status, 400);
    assert.match(answer.json.error.message, /health/);
    cloudSawNothing('declared');
    const kept = await weir.chat(ask('reset-before-headers'), { headers: { 'x-weir-sensitive': 'health' } });
    assert.ok(kept.status >= 500, kept.text);
    cloudSawNothing('declared, local broken');
  });

  test('a class that does not exist is refused, not passed over', async () => {
    const answer = await weir.chat(ask('ok'), { headers: { 'x-weir-sensitive': 'helth' } });
    assert.equal(answer.status, 400);
    assert.match(answer.json.error.message, /helth/);
    cloudSawNothing('unknown class');
  });

  test('an empty declaration takes nothing away from what was found', async () => {
    const answer = await weir.chat(secretAsk('far'), { headers: { 'x-weir-sensitive': '' } });
    assert.equal(answer.status, 400);
    cloudSawNothing('empty declaration');
  });

  test('every line of the header counts, and one that is too long is refused, never cut', async () => {
    const connection = await RawClient.connect(weir.port);
    const body = JSON.stringify(ask('far'));
    const request = (lines) => `POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n${lines}\r\n${body}`;
    await connection.send(request('x-weir-sensitive:\r\nX-Weir-Sensitive: health\r\n'));
    const hidden = await connection.answer();
    assert.equal(hidden.status, 400);
    assert.match(String(hidden.body), /zone_refused/);
    const long = await RawClient.connect(weir.port);
    await long.send(request(`x-weir-sensitive: ${' '.repeat(1020)}personal, ${'health, '.repeat(200)}secret\r\n`));
    assert.equal((await long.answer()).status, 400);
    cloudSawNothing('header lines');
  });

  test('a cloud model that is named directly is held by the same rules', async () => {
    const answer = await weir.chat(secretAsk('far-ok'));
    assert.equal(answer.status, 400, answer.text);
    cloudSawNothing('named directly');
  });

  test('the refusal says what was found and where it may go, not what it said', async () => {
    const answer = await weir.chat(secretAsk('far'));
    assert.equal(answer.status, 400);
    assert.match(answer.json.error.message, /local/);
    assert.match(answer.json.error.message, /personal|financial/);
    assert.equal(answer.json.error.code, 'zone_refused');
    assert.equal(answer.json.error.type, 'invalid_request_error', 'clients read 403 and its kind as a bad credential');
    assert.doesNotMatch(answer.text, /4111|jane/);
    const entry = await weir.ledger(answer.id);
    assert.equal(entry.outcome, 'zone_refused');
    assert.equal(entry.attempts.length, 0);
    assert.doesNotMatch(JSON.stringify(entry), /4111|jane/, 'the ledger holds no prompt text');
    cloudSawNothing('refusal');
  });
});

describe('values that only other texts give away stay at home', () => {
  const message = (content, role = 'user') => ({ role, content });
  const call = (args) => ({ role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: args } }] });
  const table = '| Name | Phone |\n|---|---|\n| Ben | |\n| Anna | 4673395 |';
  const bodies = {
    'question and answer': [message('Hello.'), message('What is your phone number?', 'assistant'), message('4673395')],
    'two parts of one message': [message([{ type: 'text', text: 'My card is 4111 1111' }, { type: 'text', text: '1111 1111' }])],
    'two messages': [message('DE89 3704 0044'), message('0532 0130 00')],
    'key and value in tool arguments': [call('{"ssn": "536904399"}'), { role: 'tool', tool_call_id: 'call_1', content: 'ok' }],
    'header and column of a table': [message(`See:\n${table}`)],
    'header and column of a CSV file': [message('id,account_number\n1,\n2,12345678\n')],
    'quoted and broken over a line': [message('> my card is 4111 1111\n> 1111 1111')],
    'digits of another script': [message('मेरा SSN ५३६-९०-४३९९ है')],
  };
  for (const [where, messages] of Object.entries(bodies)) {
    test(where, async () => {
      const answer = await weir.chat(ask('far', { messages }));
      assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}: ${answer.text}`);
      assert.match(answer.json.error.message, /Found: \w+ in messages\[\d\]/);
      assert.doesNotMatch(answer.text, /4111|3395|4399|0532|12345678/);
      cloudSawNothing(where);
    });
  }

  test('in metadata, with the key as its name', async () => {
    const answer = await weir.chat(ask('far', { metadata: { date_of_birth: '1985-03-12' } }));
    assert.ok(answer.status >= 400 && answer.status < 500, answer.text);
    assert.match(answer.json.error.message, /Found: birth_date in metadata\./);
    cloudSawNothing('metadata');
  });

  test('several prompts of one completion, several inputs of one embedding', async () => {
    for (const [path, body] of [
      ['/v1/completions', { model: 'far', prompt: ['What is your SSN?', '536904399'] }],
      ['/v1/embeddings', { model: 'far', input: ['My card is 4111 11', '11 1111 1111'] }],
    ]) {
      const response = await weir.post(path, body);
      const text = await response.text();
      assert.ok(response.status >= 400 && response.status < 500, `${path}: ${text}`);
      assert.match(text, /Found: \w+ in (prompt|input)\[1\]|Found: \w+ in (prompt|input)/);
      cloudSawNothing(path);
    }
  });

  test('the refusal names the message of each kind', async () => {
    const answer = await weir.chat(ask('far', { messages: [message('hi'), message('jane@posteo.de'), message('and 4111 1111 1111 1111')] }));
    assert.match(answer.json.error.message, /Found: email in messages\[1\]; payment_card in messages\[2\]\./);
    assert.doesNotMatch(answer.text, /jane|4111/);
  });
});

test('one sensitive request among many harmless ones: only the harmless ones leave', async () => {
  const marks = [];
  await Promise.all(Array.from({ length: 200 }, async (_, i) => {
    const bad = i % 4 === 0;
    if (bad) marks.push(i);
    const answer = await weir.chat(ask('far', { messages: [{ role: 'user', content: bad ? `${PRIVATE} #${i}#` : `Harmless #${i}#` }] }));
    assert.equal(answer.status, bad ? 400 : 200);
  }));
  for (const { text } of far.requests) for (const i of marks) assert.ok(!text.includes(`#${i}#`));
  assert.equal(far.requests.length, 150);
});

test('prompt text is in no log, no metric and no ledger file', async (t) => {
  const marker = 'zinnober-quastenflosser';
  const own = await Weir.start(t, { config: {
    server: { log: { level: 'debug' } },
    providers: [local('near', near), cloud('far', far)],
    models: [model('a', 'near', 'ok'), model('b', 'near', '500-html')],
    routes: [{ name: 'r', rules: [GUARD, { use: ['a'] }] }, { name: 'bad', rules: [{ use: ['b'] }] }],
  } });
  const ids = [];
  for (const route of ['r', 'bad', 'nonesuch']) {
    ids.push((await own.chat(ask(route, { messages: [{ role: 'user', content: `${marker} ${PRIVATE}` }] }))).id);
  }
  await own.ledger(ids[0]);
  assert.doesNotMatch(await own.metrics(), new RegExp(marker));
  await own.stop();
  assert.doesNotMatch(own.output, new RegExp(`${marker}|sk-cloud-credential|4111`));
  const { readdirSync, readFileSync } = await import('node:fs');
  for (const file of readdirSync(own.data)) {
    const bytes = readFileSync(`${own.data}/${file}`, 'latin1');
    assert.ok(!bytes.includes(marker) && !bytes.includes('jane.doe'), file);
  }
});
