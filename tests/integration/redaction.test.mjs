// Only what has to stays back: a request goes to the cloud without what its rule names, and the client gets what it would
// have got with it. Held against the bytes that the cloud's socket received, in every dialect that clients speak, whole and
// streamed, through tools, faults and fallbacks; and at every exit there is.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, beforeEach, describe, test } from 'node:test';

import { ask, cloud, local, model } from './support/configs.mjs';
import { EchoCloud } from './support/echo_cloud.mjs';
import { Weir, cli, root, suiteScope } from './support/process.mjs';

const REDACT = { when: { sensitive: 'any' }, redact: ['cloud'] };
const planted = {
  email: 'anna.berg@posteo.de',
  card: '4111 1111 1111 1111',
  iban: 'DE89370400440532013000',
  phone: '+49 30 901820 55',
  ssn: '536-90-4399',
  address: '81.2.69.142',
  key: 'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
};
const PROSE = `Write to ${planted.email}, card ${planted.card}, IBAN ${planted.iban}, call ${planted.phone}; SSN ${planted.ssn}, ` +
  `host ${planted.address}, token ${planted.key}.`;

const scope = suiteScope();
let echo;
let anthropic;
let home;
let weir;  // takes out
let open;  // the same without

function config(rules) {
  const route = (name, use, more = {}) => ({ name, rules: [...rules, { use }], ...more });
  return {
    providers: [
      cloud('far', echo), cloud('second', echo), { id: 'claude', kind: 'anthropic', url: anthropic.url.replace(/\/v1$/, ''), zone: 'cloud', api_key: 'sk-ant-x' },
      local('near', home),
    ],
    models: [
      model('far-model', 'far', 'm', { embeddings: true }), model('second-model', 'second', 'm2'), model('claude-model', 'claude', 'claude-sonnet-4-5'),
      model('near-model', 'near', 'n'), model('small', 'far', 's', { context_length: 300 }),
    ],
    routes: [
      route('main', ['far-model']), route('claude', ['claude-model']), route('two', ['far-model', 'second-model']),
      route('near-first', ['near-model', 'far-model']), route('on', ['far-model', 'second-model'], { on_stream_failure: 'continue' }),
      route('near-on', ['near-model', 'far-model'], { on_stream_failure: 'continue' }),
      route('long', ['small'], { larger_context: ['second-model'] }), route('session', ['far-model'], { redact_session: '10m' }),
    ],
  };
}

before(async () => {
  echo = await EchoCloud.start(scope);
  anthropic = await EchoCloud.start(scope);
  home = await EchoCloud.start(scope);
  weir = await Weir.start(scope, { config: config([REDACT]), args: ['--log-level', 'trace'] });
  open = await Weir.start(scope, { config: config([]) });
});
beforeEach(() => [echo, anthropic, home].forEach((one) => Object.assign(one, { received: [], fail: [], breaks: 0, cut: 7 })));

// In any of the forms in which it could have got there.
function forms(value) {
  const out = new Set([value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), value.replace(/[ -]/g, ''), Buffer.from(value).toString('hex')]);
  for (let shift = 0; shift < 3; ++shift) {
    const encoded = Buffer.from('x'.repeat(shift) + value).toString('base64');
    out.add(encoded.slice(shift === 0 ? 0 : 4, -4));
  }
  return [...out].filter((form) => form.length > 5);
}

function nothingReached(...clouds) {
  for (const one of clouds) {
    const bytes = one.bytes;
    for (const [name, value] of Object.entries(planted)) {
      for (const form of forms(value)) assert.ok(!bytes.includes(form), `the cloud got ${name} as ${form}`);
    }
  }
}

// Without what no two answers have in common.
const same = (text) => text.replace(/"(id|request_id|created|created_at|createTime|responseId|total_duration|load_duration|prompt_eval_duration|eval_duration|completed_at|generation_id|item_id|obfuscation|response_id)":\s?("[^"]*"|\d+)/g, '"$1":0');

// The answer's parts, however a stream was cut.
function heard(text, stream) {
  if (!stream) return same(text);
  const lines = text.split('\n').map((line) => line.replace(/^data: /, '')).filter((line) => line.startsWith('{'));
  let out = '';
  const collect = (value, key) => {
    if (typeof value === 'string') {
      if (key === 'args' || ['content', 'text', 'delta', 'arguments', 'partial_json', 'thinking', 'response', 'name', 'reasoning_content'].includes(key)) out += value;
    } else if (value && typeof value === 'object') {
      const free = key === 'args' || key === 'arguments' || Array.isArray(value);
      for (const [name, inner] of Object.entries(value)) collect(inner, free ? key : name);
    }
  };
  for (const line of lines) {
    const event = JSON.parse(line);
    if (/(done|completed|added|stop|start)$/.test(event.type ?? '') && event.type !== 'content_block_start') continue;
    collect(event, '');
  }
  return out;
}

async function both(path, body, { stream = false } = {}) {
  const answers = [];
  for (const one of [weir, open]) {
    for (const upstream of [echo, anthropic, home]) upstream.forget();
    const response = await one.post(path, body);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    if (one === weir) {
      nothingReached(echo, anthropic);
      assert.match(response.headers.get('x-weir-reason'), /redacted: .*\w+:\d/);
      assert.match(response.headers.get('x-weir-redacted'), /\w+:\d/);
    }
    answers.push(heard(text, stream));
  }
  assert.equal(answers[0], answers[1]);
  return answers[0];
}

const tool = { name: 'note', description: `Notes things; its owner is ${planted.email}.`, parameters: { type: 'object', properties: { note: { type: 'string' } } } };

// Each dialect: a plain question, and one with a system prompt, tools, and a turn of theirs.
const dialects = {
  chat: {
    path: () => '/v1/chat/completions',
    plain: (model, text) => ({ model, messages: [{ role: 'system', content: `Owner: ${planted.email}` }, { role: 'user', content: text }] }),
    tools: (model, text) => ({ model, messages: [{ role: 'user', content: text }], tools: [{ type: 'function', function: tool }] }),
    loop: (model, text) => ({
      model, tools: [{ type: 'function', function: tool }],
      messages: [
        { role: 'user', content: text },
        { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'note', arguments: JSON.stringify({ note: text, ssn: planted.ssn }) } }] },
        { role: 'tool', tool_call_id: 'c1', content: JSON.stringify({ rows: [{ mail: planted.email }], text }) }],
    }),
  },
  completions: { path: () => '/v1/completions', plain: (model, text) => ({ model, prompt: text }), skip: true },
  responses: {
    path: () => '/v1/responses',
    plain: (model, text) => ({ model, instructions: `Owner: ${planted.email}`, input: [{ role: 'user', content: [{ type: 'input_text', text }] }] }),
    tools: (model, text) => ({ model, input: text, tools: [{ type: 'function', ...tool }] }),
    loop: (model, text) => ({
      model, tools: [{ type: 'function', ...tool }],
      input: [
        { role: 'user', content: text }, { type: 'function_call', call_id: 'c1', name: 'note', arguments: JSON.stringify({ note: text }) },
        { type: 'function_call_output', call_id: 'c1', output: text }],
    }),
  },
  anthropic: {
    path: () => '/v1/messages',
    plain: (model, text) => ({ model, max_tokens: 500, system: `Owner: ${planted.email}`, messages: [{ role: 'user', content: [{ type: 'text', text }] }] }),
    tools: (model, text) => ({ model, max_tokens: 500, messages: [{ role: 'user', content: text }], tools: [{ name: tool.name, description: tool.description, input_schema: tool.parameters }] }),
    loop: (model, text) => ({
      model, max_tokens: 500, tools: [{ name: tool.name, description: tool.description, input_schema: tool.parameters }],
      messages: [
        { role: 'user', content: text }, { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'note', input: { note: text, ssn: 536904399 } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: text }] }],
    }),
  },
  gemini: {
    path: (model, stream) => `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    plain: (model, text) => ({ systemInstruction: { parts: [{ text: `Owner: ${planted.email}` }] }, contents: [{ role: 'user', parts: [{ text }] }] }),
    tools: (model, text) => ({ contents: [{ role: 'user', parts: [{ text }] }], tools: [{ functionDeclarations: [tool] }] }),
    loop: (model, text) => ({
      tools: [{ functionDeclarations: [tool] }],
      contents: [
        { role: 'user', parts: [{ text }] }, { role: 'model', parts: [{ functionCall: { name: 'note', args: { note: text } } }] },
        { role: 'user', parts: [{ functionResponse: { name: 'note', response: { said: text, ssn: 536904399 } } }] }],
    }),
  },
  ollama: {
    path: () => '/api/chat',
    plain: (model, text) => ({ model, messages: [{ role: 'system', content: `Owner: ${planted.email}` }, { role: 'user', content: text }] }),
    tools: (model, text) => ({ model, messages: [{ role: 'user', content: text }], tools: [{ type: 'function', function: tool }] }),
    loop: (model, text) => ({
      model, tools: [{ type: 'function', function: tool }],
      messages: [
        { role: 'user', content: text }, { role: 'assistant', content: '', tool_calls: [{ function: { name: 'note', arguments: { note: text } } }] },
        { role: 'tool', tool_name: 'note', content: text }],
    }),
    always: true,
  },
  cohere: {
    path: () => '/v2/chat',
    plain: (model, text) => ({ model, messages: [{ role: 'system', content: `Owner: ${planted.email}` }, { role: 'user', content: text }] }),
    tools: (model, text) => ({ model, messages: [{ role: 'user', content: text }], tools: [{ type: 'function', function: tool }] }),
    loop: (model, text) => ({
      model, tools: [{ type: 'function', function: tool }],
      messages: [
        { role: 'user', content: text }, { role: 'assistant', tool_calls: [{ id: 'c1', type: 'function', function: { name: 'note', arguments: JSON.stringify({ note: text }) } }] },
        { role: 'tool', tool_call_id: 'c1', content: text }],
    }),
  },
};

describe('what leaves, and what comes back', () => {
  for (const [name, dialect] of Object.entries(dialects).filter(([, one]) => !one.skip)) {
    for (const kind of ['plain', 'tools', 'loop']) {
      for (const stream of [false, true]) {
        for (const route of name === 'anthropic' ? ['main', 'claude'] : ['main', ...(name === 'chat' ? ['claude'] : [])]) {
          test(`${name}, ${kind}${stream ? ', streamed' : ''}, to ${route}`, async () => {
            const body = dialect[kind](route, PROSE);
            if (stream || dialect.always) body.stream = stream;
            if (name === 'gemini') delete body.stream;
            const answer = await both(dialect.path(route, stream), body, { stream });
            for (const value of [planted.email, planted.card]) assert.ok(answer.includes(value), `${value} did not come back: ${answer}`);
            assert.ok(!/<[A-Z_]+_\d+>/.test(answer), answer);
          });
        }
      }
    }
  }

  test('streams cut at every length give the same', async () => {
    for (echo.cut of [1, 2, 3, 5, 11, 1000]) await both('/v1/chat/completions', { ...dialects.chat.plain('main', PROSE), stream: true }, { stream: true });
  });

  // The kinds and their values are those of tests/unit/redaction/every_kind_test.cpp, where one without a value fails.
  test('a value of every kind that guards know, in one dialect after the other', async () => {
    const letters = (size) => createHash('sha512').update(`${size}`).digest('base64').replace(/[+/=]/g, '').slice(0, size);
    const rows = JSON.parse(readFileSync(join(root, 'tests/fixtures/planted/values.json'), 'utf8'))
      .map(({ kind, text }) => ({ kind, text: text.replace(/\{alnum:(\d+)\}/g, (_, size) => letters(Number(size))) }));
    const scanned = cli(['scan', '--jsonl', 'text', '--no-identity'], { input: rows.map((row) => JSON.stringify(row)).join('\n') });
    assert.equal(scanned.code, 1, scanned.stderr);
    const names = Object.keys(dialects).filter((one) => !dialects[one].skip);
    let sent = 0;
    for (const [place, { kind, text, findings }] of scanned.stdout.trim().split('\n').map((line) => JSON.parse(line)).entries()) {
      const found = findings.find(({ type }) => type === kind);
      if (!found) continue;  // names and words of one's own: another configuration
      planted.value = [...text].slice(found.start, found.end).join('');
      try {
        const name = names[place % names.length];
        const stream = place % 4 < 2;
        const body = dialects[name][['plain', 'tools', 'loop'][place % 3]]('main', `Look: ${text}\nMail ${planted.email}.`);
        if (name !== 'gemini') body.stream = stream;
        echo.cut = 1 + place % 23;
        await both(dialects[name].path('main', stream), body, { stream });
        sent += 1;
      } finally {
        delete planted.value;
      }
    }
    assert.ok(sent > 100, `${sent} kinds were sent`);
  });

  test('random conversations: nothing planted leaves, everything comes back', async () => {
    let seed = 20260101;
    const random = (below) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % below;
    };
    const values = Object.values(planted);
    const words = ['please', 'the', 'river', '"quoted"', 'a\\b', 'ünï', '日本', '{x: 1}', '<b>', 'line\nbreak', '&amp;', '100%'];
    const disguises = [(v) => v, (v) => v, (v) => `"${v}"`, (v) => JSON.stringify({ v }), (v) => Buffer.from(`it is ${v} indeed`).toString('base64'), (v) => v.replace('@', '%40')];
    const names = Object.keys(dialects).filter((one) => !dialects[one].skip);
    for (let round = 0; round < 60; ++round) {
      let text = '';
      for (let i = 0; i < 4 + random(8); ++i) {
        text += `${random(3) === 0 ? disguises[random(disguises.length)](values[random(values.length)]) : words[random(words.length)]} `;
      }
      text += `call ${planted.phone} end`;
      const name = names[random(names.length)];
      const stream = random(2) === 1;
      const body = dialects[name][['plain', 'tools', 'loop'][random(3)]]('main', text);
      if (name !== 'gemini') body.stream = stream;
      echo.cut = 1 + random(30);
      if (random(4) === 0) echo.fail = [500];
      await both(dialects[name].path('main', stream), body, { stream });
    }
  });
});

describe('every exit', () => {
  const post = async (route, more = {}) => {
    const answer = await weir.chat({ ...dialects.chat.plain(route, PROSE), ...more });
    nothingReached(echo, anthropic);
    return answer;
  };

  test('a retry and a fallback within the cloud', async () => {
    echo.fail = [500, 500];
    const answer = await post('two');
    assert.equal(answer.status, 200, answer.text);
    assert.ok(answer.text.includes(planted.email));
    const entry = await weir.ledger(answer.id);
    assert.ok(entry.attempts.length > 1);
  });

  test('a local server gets it as it is, its fallback in the cloud without', async () => {
    const kept = await post('near-first');
    assert.equal(kept.headers.get('x-weir-zone'), 'local');
    assert.ok(home.bytes.includes(planted.email));
    assert.ok(kept.text.includes(planted.email));
    home.fail = [500, 500, 500];
    const answer = await post('near-first');
    assert.equal(answer.headers.get('x-weir-zone'), 'cloud', answer.text);
    assert.ok(answer.text.includes(planted.email));
  });

  test('a stream that breaks is continued by another in the cloud, which sees placeholders alone', async () => {
    for (const route of ['on', 'near-on']) {
      [echo, home].forEach((one) => one.forget());
      (route === 'on' ? echo : home).breaks = 1;
      const response = await weir.post('/v1/chat/completions', { ...dialects.chat.plain(route, PROSE), stream: true });
      const text = heard(await response.text(), true);
      nothingReached(echo, anthropic);
      assert.ok(text.includes(planted.email) && text.includes(planted.key), text);
      assert.equal(text.split(planted.key).length, 2, `said twice: ${text}`);
    }
  });

  test('larger_context', async () => {
    const answer = await post('long', { messages: [{ role: 'user', content: `${PROSE} ${'word '.repeat(400)}` }] });
    assert.equal(answer.status, 200, answer.text);
    assert.ok(answer.text.includes(planted.email));
  });

  test('a model that is named directly', async () => {
    const answer = await post('far-model');
    assert.equal(answer.status, 200, answer.text);
    assert.ok(answer.text.includes(planted.email));
  });

  test('embeddings', async () => {
    const response = await weir.post('/v1/embeddings', { model: 'main', input: [PROSE] });
    assert.equal(response.status, 200);
    nothingReached(echo);
    assert.ok(echo.bytes.includes('<EMAIL_1>'));
  });

  test('counting tokens asks nobody', async () => {
    const response = await weir.post('/v1/messages/count_tokens', dialects.anthropic.plain('claude', PROSE));
    assert.equal(response.status, 200);
    assert.equal(echo.bytes + anthropic.bytes, '');
  });

  test('errors of providers that repeat what they got', async () => {
    echo.fail = [400];
    const answer = await post('main');
    assert.equal(answer.status, 400);
    assert.ok(!JSON.stringify(await weir.ledger(answer.id)).includes(planted.email));
  });

  test('what cannot be taken out does not leave: an image, a declared class, a value in an id, an address, a form', async () => {
    const refused = [
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==' } }] }] },
      { messages: [{ role: 'user', content: PROSE }, { role: 'assistant', content: null, tool_calls: [{ id: planted.email, type: 'function', function: { name: 'f', arguments: '{}' } }] }, { role: 'tool', tool_call_id: planted.email, content: 'x' }] },
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'see' }, { type: 'image_url', image_url: { url: `https://example.org/${planted.email}` } }] }] },
    ];
    for (const body of refused) {
      const answer = await weir.chat({ model: 'main', ...body });
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.json.error.code, 'zone_refused', answer.text);
      assert.ok(!answer.text.includes(planted.email));
    }
    const declared = await weir.chat(ask('main'), { headers: { 'x-weir-sensitive': 'health' } });
    assert.equal(declared.json.error.code, 'zone_refused');
    const form = new FormData();
    form.append('purpose', 'batch');
    form.append('file', new Blob([PROSE], { type: 'text/plain' }), 'x.jsonl');
    await fetch(`${weir.url}/v1/files`, { method: 'POST', body: form });
    nothingReached(echo);
    assert.equal(echo.bytes, '');
    const near = await weir.chat({ model: 'near-first', ...refused[0] });
    assert.equal(near.headers.get('x-weir-zone'), 'local');
  });

  test('nothing of it is written down: ledger, log, data folder', async () => {
    const answer = await post('main');
    const entry = JSON.stringify(await weir.ledger(answer.id));
    for (const value of Object.values(planted)) {
      assert.ok(!entry.includes(value));
      assert.ok(!weir.output.includes(value), 'the log has it');
      for (const file of readdirSync(weir.data).filter((name) => name.startsWith('ledger'))) {
        assert.ok(!readFileSync(join(weir.data, file)).toString('latin1').includes(value), file);
      }
    }
  });

  test('kept responses hold what was said, not placeholders', async () => {
    const first = await (await weir.post('/v1/responses', { model: 'main', input: `Remember ${planted.email}` })).json();
    const kept = await (await fetch(`${weir.url}/v1/responses/${first.id}`)).json();
    assert.ok(JSON.stringify(kept).includes(planted.email));
    const second = await weir.post('/v1/responses', { model: 'main', input: 'And now?', previous_response_id: first.id });
    assert.ok((await second.text()).includes(planted.email));
    nothingReached(echo);
  });
});

describe('rules', () => {
  test('block refuses in every zone, and says what and where, never the value', async (t) => {
    const other = await Weir.start(t, { config: config([{ when: { sensitive: ['secret'] }, block: true }, REDACT]) });
    for (const route of ['main', 'near-first', 'far-model', 'near-model']) {
      const answer = await other.chat({ model: route, messages: [{ role: 'user', content: 'Hi' }, { role: 'user', content: `token ${planted.key}` }] });
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.json.error.code, 'content_blocked');
      assert.match(answer.json.error.message, /messages\[1\]/);
      assert.ok(!answer.text.includes(planted.key));
    }
    assert.ok(!/^POST /m.test(echo.bytes + home.bytes));
    const passes = await other.chat({ model: 'main', messages: [{ role: 'user', content: `mail ${planted.email}` }] });
    assert.equal(passes.status, 200, passes.text);
  });

  test('zones still narrow: what must stay stays, redacted or not', async (t) => {
    const other = await Weir.start(t, { config: config([{ when: { sensitive: ['secret'] }, zones: ['local'] }, REDACT]) });
    const answer = await other.chat({ model: 'main', messages: [{ role: 'user', content: PROSE }] });
    assert.equal(answer.json.error.code, 'zone_refused', answer.text);
    assert.equal(echo.bytes, '');
  });

  test('in a session a value keeps its placeholder from one request to the next', async () => {
    const placeholders = async (content) => {
      echo.forget();
      await weir.chat({ model: 'session', messages: [{ role: 'user', content }] });
      return echo.bytes.match(/<EMAIL_\d+>/g);
    };
    const [one] = await placeholders('mail s1@posteo.de');
    const [two] = await placeholders('mail s2@posteo.de');
    assert.notEqual(one, two);
    assert.deepEqual(await placeholders('mail s2@posteo.de and s1@posteo.de'), [two, one]);
  });
});
