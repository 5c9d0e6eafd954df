// The first promise, place by place: whatever class of private thing stands wherever a value can stand in a request, in
// whatever form, the recording cloud upstream gets no connection and no byte.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { faultConfig } from './support/configs.mjs';
import { StandIn, faults } from './support/fault_upstream.mjs';
import { Weir, suiteScope } from './support/process.mjs';

const VALUES = {
  'an e-mail address': 'write to jane.doe@example.com',
  'a card': 'card 4111 1111 1111 1111',
  'an IBAN': 'IBAN DE89 3704 0044 0532 0130 00',
  'a diagnosis': 'I was diagnosed with diabetes',
  'a password': 'my password is hunter2-Ax9kd',
  'a key of an API': 'AKIAIOSFODNN7EXAMPLE',
  'a phone number': 'call me at +49 30 901820',
  'a word of our own': 'project bluebird starts',
};

const base64 = (text) => Buffer.from(text).toString('base64');
const escaped = (text) => [...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
// Forms that a value may be in, in any place where a text may stand.
const FORMS = {
  plain: (v) => v,
  'in a sentence': (v) => `Please look at this: ${v}. Thank you.`,
  base64: base64,
  'base64 in a sentence': (v) => `Please decode ${base64(v)} and go on.`,
  'base64url without padding': (v) => Buffer.from(v).toString('base64url'),
  'base64 twice': (v) => base64(base64(v)),
  'base64 over lines': (v) => base64(`${'some words before it, '.repeat(8)}${v}`).replace(/(.{64})/g, '$1\n'),
  'a data URL of a text': (v) => `data:text/plain;base64,${base64(v)}`,
  'a data URL of an SVG': (v) => `data:image/svg+xml;base64,${base64(`<svg><text>${v}</text></svg>`)}`,
  'a data URL of JSON': (v) => `data:application/json;base64,${base64(JSON.stringify({ v }))}`,
  'an escaped string': escaped,
  'percent-encoded': (v) => [...v].map((c) => `%${c.charCodeAt(0).toString(16)}`).join(''),
  'JSON in JSON': (v) => JSON.stringify({ a: JSON.stringify({ b: v }) }),
};

const chat = (more, content = 'go') => ({ messages: [{ role: 'user', content }], ...more });
const turns = (...messages) => ({ messages: [{ role: 'user', content: 'go' }, ...messages] });
const call = (fields) => turns({ role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}', ...fields } }] },
  { role: 'tool', tool_call_id: 'c1', content: 'done' });
const tool = (fields) => chat({ tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} }, ...fields } }] });
const COMPLETIONS = '/v1/completions';
const EMBEDDINGS = '/v1/embeddings';
// Every place where a value can stand: the body with it there, and the path.
const PLACES = {
  system: (v) => ({ messages: [{ role: 'system', content: v }, { role: 'user', content: 'go' }] }),
  developer: (v) => ({ messages: [{ role: 'developer', content: v }, { role: 'user', content: 'go' }] }),
  user: (v) => chat({}, v),
  'a part': (v) => chat({}, [{ type: 'text', text: 'see' }, { type: 'text', text: v }]),
  'a part of an unknown kind': (v) => chat({}, [{ type: 'memo', memo: { deep: [v] } }]),
  'the URL of an image': (v) => chat({}, [{ type: 'image_url', image_url: { url: v } }]),
  'the data of a file': (v) => chat({}, [{ type: 'file', file: { filename: 'a.txt', file_data: v } }]),
  'the name of a file': (v) => chat({}, [{ type: 'file', file: { filename: v, file_data: 'x' } }]),
  assistant: (v) => turns({ role: 'assistant', content: v }, { role: 'user', content: 'on' }),
  refusal: (v) => turns({ role: 'assistant', content: null, refusal: v }, { role: 'user', content: 'on' }),
  reasoning: (v) => turns({ role: 'assistant', content: 'a', reasoning_content: v }, { role: 'user', content: 'on' }),
  'a name': (v) => ({ messages: [{ role: 'user', name: v, content: 'go' }] }),
  'a tool result': (v) => turns({ role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }] },
    { role: 'tool', tool_call_id: 'c1', content: v }),
  'tool arguments': (v) => call({ arguments: JSON.stringify({ to: v }) }),
  'the name of a called function': (v) => call({ name: v }),
  'the name of a function': (v) => tool({ name: v }),
  'the description of a tool': (v) => tool({ description: v }),
  'a default in a schema': (v) => tool({ parameters: { type: 'object', properties: { a: { type: 'string', default: v } } } }),
  'a choice in a schema': (v) => tool({ parameters: { type: 'object', properties: { a: { enum: ['x', v] } } } }),
  'the name of a property': (v) => tool({ parameters: { type: 'object', properties: { [v]: { type: 'string' } } } }),
  'a response schema': (v) => chat({ response_format: { type: 'json_schema', json_schema: { name: 's', schema: { type: 'object', properties: { a: { const: v } } } } } }),
  metadata: (v) => chat({ metadata: { customer: v } }),
  'a key of metadata': (v) => chat({ metadata: { [v]: 'yes' } }),
  'the user field': (v) => chat({ user: v }),
  'a stop sequence': (v) => chat({ stop: ['x', v] }),
  'a logit name': (v) => chat({ logit_bias: { [v]: 1 } }),
  'a prediction': (v) => chat({ prediction: { type: 'content', content: v } }),
  'an unknown field': (v) => chat({ x_vendor: { deep: [{ er: v }] } }),
  'the name of an unknown field': (v) => chat({ x_vendor: { [v]: 1 } }),
  'inline data of another format': (v) => chat({ contents: [{ parts: [{ inline_data: { mime_type: 'text/plain', data: v } }] }] }),
  'a source of another format': (v) => chat({}, [{ type: 'document', source: { type: 'text', media_type: 'text/plain', data: v } }]),
  'an embedding input': (v) => [EMBEDDINGS, { input: v }],
  'one of several inputs': (v) => [EMBEDDINGS, { input: ['fine', v] }],
  'a prompt': (v) => [COMPLETIONS, { prompt: v }],
  'one of several prompts': (v) => [COMPLETIONS, { prompt: ['fine', v] }],
  'a suffix': (v) => [COMPLETIONS, { prompt: 'a', suffix: v }],
};

const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * i * 31 + i * 7) & 255))]);
const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), png]);
const wav = Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVEfmt '), png]);
const packed = Buffer.concat([Buffer.from('1f8b0800', 'hex'), png]);
const ids = Array.from({ length: 100 }, (_, i) => 1000 + i);
// What nobody here can read, in the forms of the usual APIs; the kind that the refusal names.
const UNREADABLE = {
  'token ids': ['tokens', [EMBEDDINGS, { input: [15496, 995] }]],
  'lists of token ids': ['tokens', [EMBEDDINGS, { input: [[15496, 995], [1, 2]] }]],
  'a prompt as token ids': ['tokens', [COMPLETIONS, { prompt: ids }]],
  'token ids under a key of vLLM': ['tokens', chat({ prompt_token_ids: [1, 2, 3] })],
  'many numbers under any key': ['tokens', chat({ x: { y: ids } })],
  'an image': ['images', chat({}, [{ type: 'image_url', image_url: { url: `data:image/png;base64,${png.toString('base64')}` } }])],
  'an image by its address': ['images', chat({}, [{ type: 'image_url', image_url: { url: 'https://pictures.example/a.png' } }])],
  'an image of another format': ['images', chat({}, [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: png.toString('base64') } }])],
  'inline data': ['images', chat({ contents: [{ parts: [{ inline_data: { mime_type: 'image/png', data: png.toString('base64') } }] }] })],
  'an image in a text': ['images', chat({}, `See ![it](data:image/png;base64,${png.toString('base64')}) here.`)],
  'an image under any key': ['images', chat({ x: { y: png.toString('base64') } })],
  audio: ['audio', chat({}, [{ type: 'input_audio', input_audio: { format: 'wav', data: wav.toString('base64') } }])],
  'audio without a head': ['audio', chat({}, [{ type: 'input_audio', input_audio: { format: 'pcm16', data: png.subarray(8).toString('base64') } }])],
  video: ['video', chat({}, [{ type: 'video_url', video_url: { url: 'https://pictures.example/a.mp4' } }])],
  'a PDF': ['files', chat({}, [{ type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf.toString('base64')}` } }])],
  'a small PDF': ['files', chat({}, [{ type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${base64('%PDF-1.4\n1 0 obj')}` } }])],
  'a PDF without a type': ['files', chat({}, [{ type: 'file', file: { file_data: pdf.toString('base64') } }])],
  'the id of a file': ['files', chat({}, [{ type: 'file', file: { file_id: 'file-abc123' } }])],
  'the address of a file': ['files', chat({}, [{ type: 'input_file', file_url: 'https://files.example/a.pdf' }])],
  'packed data': ['encoded', chat({}, `Unpack this: ${packed.toString('base64')}`)],
  'noise in base64': ['encoded', chat({ x: png.subarray(8, 400).toString('base64') })],
  'base64 deeper than is undone': ['encoded', chat({}, [1, 2, 3, 4, 5].reduce(base64, 'write to jane.doe@example.com'))],
  'escapes deeper than are undone': ['encoded', chat({}, 'jane.doe%25252540example.com')],
};

let near;
let far;
let weir;
const scope = suiteScope();
before(async () => {
  near = await StandIn.start(scope);
  far = await StandIn.start(scope);
  const config = faultConfig(near, far);
  config.guards = { words: [{ class: 'custom:project', words: ['bluebird'] }] };
  weir = await Weir.start(scope, { config });
});

const requestOf = (made) => (Array.isArray(made) ? made : ['/v1/chat/completions', made]);
const ask = async (model, made, headers = {}) => {
  const [path, body] = requestOf(made);
  const response = await weir.post(path, { model, ...body }, { headers });
  return { status: response.status, text: await response.text() };
};

// So many at a time, in order.
async function inBatches(items, size, run) {
  for (let at = 0; at < items.length; at += size) await Promise.all(items.slice(at, at + size).map(run));
}

function cloudSawNothing(what) {
  assert.equal(far.connections.length, 0, `${what}: the cloud got a connection`);
  assert.equal(far.bytes, 0, `${what}: the cloud got bytes`);
}

describe('every class in every form', () => {
  for (const [place, make] of Object.entries(PLACES)) {
    test(`in ${place}`, async () => {
      const cases = Object.entries(VALUES).flatMap(([what, value]) => Object.entries(FORMS).map(([form, of]) => [`${what}, ${form}`, of(value)]));
      await inBatches(cases, 26, async ([what, value]) => {
        const answer = await ask('far', make(value));
        assert.equal(answer.status, 400, `${what}: ${answer.text}`);
        assert.match(answer.text, /zone_refused/, `${what}: ${answer.text}`);
      });
      cloudSawNothing(place);
    });
  }
});

describe('what nobody can read', () => {
  for (const [what, [kind, made]] of Object.entries(UNREADABLE)) {
    test(what, async () => {
      for (const model of ['far', 'far-ok']) {
        const answer = await ask(model, made);
        assert.equal(answer.status, 400, answer.text);
        const { error } = JSON.parse(answer.text);
        assert.equal(error.code, 'zone_refused', answer.text);
        assert.match(error.message, /unreadable/);
        assert.match(error.message, new RegExp(`accept_unreadable: \\[[a-z, ]*${kind}`), 'the key that would accept it');
      }
      cloudSawNothing(what);
    });
  }

  test('an image of megabytes is an image, not a text with numbers in it', async () => {
    const large = Buffer.alloc(6_000_000);
    for (let i = 0; i < large.length; i++) large[i] = (i * 2654435761) >>> 13;
    png.copy(large, 0, 0, 64);
    const answer = await ask('far', chat({}, [{ type: 'image_url', image_url: { url: `data:image/png;base64,${large.toString('base64')}` } }]));
    assert.equal(answer.status, 400);
    const { error } = JSON.parse(answer.text);
    assert.match(error.message, /contains unreadable data/, answer.text);
  });
});

describe('whatever the local side does', () => {
  const kinds = Object.keys(faults).filter((name) => !/endless|slow|trickle|stall|silent|hang/.test(name));
  for (const fault of kinds) {
    test(fault, async () => {
      const cases = Object.entries(PLACES).filter((_, i) => (i + kinds.indexOf(fault)) % 6 === 0)
        .flatMap(([place, make]) => [fault, `continue-${fault}`].flatMap((route) => [false, true].map((stream) => [place, route, make(FORMS.base64(VALUES['a card'])), stream])));
      await inBatches(cases, 16, async ([, route, made, stream]) => {
        const [path, body] = requestOf(made);
        await ask(route, [path, path.endsWith('embeddings') ? body : { ...body, stream }]);
      });
      cloudSawNothing(fault);
    });
  }
});

test('headers: what is declared counts, what is private in tags goes nowhere', async () => {
  for (const sensitive of ['personal', 'secret,health', ' unreadable ', 'custom:project']) {
    assert.equal((await ask('far', chat({}), { 'x-weir-sensitive': sensitive })).status, 400, sensitive);
  }
  cloudSawNothing('declared');
});

test('the harmless reach the cloud: the stand-in records', async () => {
  const harmless = 'How is the river today?';
  for (const [place, make] of Object.entries(PLACES).filter(([place]) => !/URL of an image|data of a file/.test(place))) {
    const answer = await ask('far', make(harmless));
    assert.ok(!/zone_refused/.test(answer.text), `${place}: ${answer.text}`);
  }
  assert.ok(far.bytes > 0);
});
