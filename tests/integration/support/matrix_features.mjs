// What each cell of the matrix of clients and providers must do: one function a feature, the same for every cell. Each asks
// through `cell.ask`, which speaks the client's own words, and compares with what the stand-in is known to say.
import assert from 'node:assert/strict';
import { deflateSync } from 'node:zlib';

import { COUNTED, FULL_USAGE, REFUSAL, SPOKEN, USAGE, example, fingerprint } from './standins/script.mjs';
import { hidesThoughts } from './matrix_notes.mjs';

const parameters = (properties) => ({ type: 'object', properties, required: Object.keys(properties), additionalProperties: false });
const TOOLS = [
  { name: 'get_level', description: 'The level of a river', parameters: parameters({ river: { type: 'string' }, gauge: { type: 'object', properties: { at: { type: 'array', items: {} } } } }) },
  { name: 'get_weather', description: 'The weather of a city', parameters: parameters({ city: { type: 'string' }, days: { type: 'integer', minimum: 1 } }) },
];
const ARGUMENTS = { river: 'Rhône "Ü" \\ 東京', gauge: { at: [1, 2.5, null, true] } };
const RESULT = '3.5 m, "rising"\n— Köln';
const SCHEMA = parameters({ river: { type: 'string' }, level: { type: 'number' }, trend: { enum: ['rising', 'falling'], type: 'string' }, gauges: { type: 'array', items: { type: 'integer' } } });
const SYSTEM = 'Speak plainly — as in Köln.';

const DOCUMENT = { mime: 'application/pdf', bytes: Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n'), name: 'levels.pdf' };
const IMAGE = { mime: 'image/png', bytes: png() };

// A whole PNG, of one grey pixel.
function png() {
  const table = Array.from({ length: 256 }, (_, n) => Array.from({ length: 8 }).reduce((c) => (c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1), n) >>> 0);
  const crc = (bytes) => (bytes.reduce((sum, byte) => table[(sum ^ byte) & 255] ^ (sum >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;
  const number = (value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    return Buffer.concat([number(data.length), body, number(crc(body))]);
  };
  const head = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), chunk('IDAT', deflateSync(Buffer.from([0, 128]))), chunk('IEND', Buffer.alloc(0))]);
}

const said = (kind, { mime, bytes }) => `I see ${mime}, ${bytes.length} bytes, ${fingerprint(bytes)}.`;

function answered(result, text, finish = 'stop') {
  assert.equal(result.error, undefined);
  assert.ok(!result.broken, 'the stream ends without its last words');
  assert.equal(result.text, text);
  assert.equal(result.finish, finish);
}

async function spoken(cell, stream) {
  const result = await cell.ask('Hello', { stream });
  answered(result, SPOKEN);
  assert.equal(result.usage.input, USAGE.input);
  assert.equal(result.usage.output, USAGE.output);
}

// Asks, gives the tools' results back, and so on until nothing more is called.
async function rounds(cell, command, more) {
  const messages = cell.client.user([{ text: command }]);
  const answers = [];
  for (let round = 0; round < 5; round++) {
    const answer = await cell.ask(messages, { tools: TOOLS, ...more });
    assert.equal(answer.error, undefined);
    answers.push(answer);
    if (!answer.calls.length) return answers;
    assert.equal(answer.finish, 'calls');
    messages.push(...cell.client.answered(answer));
    messages.push(...cell.client.results(answer.calls.map(({ id, name }) => ({ id, name, text: RESULT }))));
  }
  throw new Error('it calls for ever');
}

const bare = (calls) => calls.map(({ name, args }) => ({ name, args }));
const quoted = (calls) => `${calls.map(({ name, args }) => `${name}(${JSON.stringify(args)}) said: ${RESULT}`).join('; ')}.`;

async function thinks(cell, stream) {
  const answers = await rounds(cell, '[[think]]', { stream, thinking: true });
  assert.equal(answers.length, 3);
  const carried = cell.carries;
  const told = ['Thought 1: the gauge of Köln …', 'Thought 2: the gauge of Köln …', 'Thought 3: enough.'];
  for (const [at, { thoughts }] of answers.entries()) {
    // A provider that wants its seal back cannot go on thinking for a client that has no place for one.
    if (at === 0 || carried || !cell.model.strict) assert.deepEqual(thoughts, hidesThoughts(cell.client, cell.model) ? [] : [told[at]], `the thoughts of turn ${at + 1}`);
  }
  const seen = Number(/sealed: (\d)/.exec(answers[2].text)?.[1]);
  assert.equal(seen, carried && cell.model.seals ? 2 : 0, 'thoughts that came back to the provider with their seal');
  assert.ok(answers[2].text.startsWith(quoted([{ name: 'get_level', args: { river: 'Rhine 1' } }]).slice(0, -1)), answers[2].text);
}

// Each: (cell) → nothing, or throws. `stream`: also asked as a stream.
const both = (check) => async (cell) => {
  for (const stream of [false, true]) await check(cell, stream);
};

export const features = {
  plain: { title: 'plain', run: (cell) => spoken(cell, false) },
  streaming: { title: 'streaming', run: (cell) => spoken(cell, true) },
  system: { title: 'system prompt', run: both(async (cell, stream) => {
    answered(await cell.ask('[[recall]]', { stream, system: SYSTEM }), `system=${SYSTEM}|user=[[recall]]`);
  }) },
  turns: { title: 'several turns', run: both(async (cell, stream) => {
    const messages = cell.client.user([{ text: 'Hello' }]);
    messages.push(...cell.client.answered(await cell.ask(messages, { stream })), ...cell.client.user([{ text: '[[recall]]' }]));
    answered(await cell.ask(messages, { stream }), `system=|user=Hello|assistant=${SPOKEN}|user=[[recall]]`);
  }) },
  tool: { title: 'tool call and result', run: both(async (cell, stream) => {
    const [call, end] = await rounds(cell, '[[tool]]', { stream });
    assert.deepEqual(bare(call.calls), [{ name: 'get_level', args: ARGUMENTS }]);
    assert.equal(call.text, 'Let me look. ');
    answered(end, quoted(call.calls));
  }) },
  parallel: { title: 'parallel calls', run: both(async (cell, stream) => {
    const [call, end] = await rounds(cell, '[[parallel]]', { stream });
    assert.deepEqual(bare(call.calls), [{ name: 'get_level', args: { river: 'Rhine' } }, { name: 'get_weather', args: { city: 'Köln', days: 2 } }]);
    answered(end, quoted(call.calls));
  }) },
  image: { title: 'image', run: both(async (cell, stream) => {
    answered(await cell.ask(cell.client.user([{ text: '[[look]]' }, { image: IMAGE }]), { stream }), said('image', IMAGE));
  }) },
  document: { title: 'document', run: both(async (cell, stream) => {
    answered(await cell.ask(cell.client.user([{ text: '[[look]]' }, { document: DOCUMENT }]), { stream }), said('document', DOCUMENT));
  }) },
  schema: { title: 'JSON by a schema', run: both(async (cell, stream) => {
    const result = await cell.ask('[[json]]', { stream, schema: SCHEMA });
    answered(result, result.text);
    assert.deepEqual(JSON.parse(result.text), example(SCHEMA));
  }) },
  stop: { title: 'stop sequence', run: both(async (cell, stream) => {
    const result = await cell.ask('[[stop]]', { stream, stop: ['three'] });
    answered(result, 'one two ', cell.client.name === 'cohere' || result.finish === 'stop_sequence' ? result.finish : 'stop');
    if (result.finish === 'stop_sequence' && cell.client.name === 'anthropic') assert.equal(result.stopSequence, 'three');
  }) },
  limit: { title: 'limit of tokens', run: both(async (cell, stream) => {
    answered(await cell.ask('[[count]]', { stream, limit: 20 }), COUNTED.slice(0, 20).join(' '), 'length');
  }) },
  thinking: { title: 'thinking over two tool turns', run: both(thinks) },
  usage: { title: 'usage', run: both(async (cell, stream) => {
    const { usage, id } = await cell.ask('[[usage]]', { stream });
    const expected = (key) => (key === 'input' || key === 'output' || cell.model.counts.includes(key) ? FULL_USAGE[key] : 0);
    for (const [key, value] of Object.entries(usage)) if (value !== undefined) assert.equal(value, expected(key), `usage: ${key}`);
    for (const key of cell.model.counts) if (cell.client.counts.includes(key)) assert.equal(usage[key], FULL_USAGE[key], `usage: ${key}`);
    const entry = await cell.ledger(id);
    for (const key of ['input', 'output', ...cell.model.counts]) assert.equal(entry[key], FULL_USAGE[key], `ledger: ${key}`);
  }) },
  refusal: { title: 'refusal', run: both(async (cell, stream) => {
    const result = await cell.ask('[[refuse]]', { stream });
    assert.equal(result.error, undefined);
    const { refuses } = cell.model; // words: as a plain text · filter: its finish says so · silent: ... and nothing else does
    assert.equal(result.refusal || result.text, refuses === 'silent' ? '' : REFUSAL);
    if (refuses === 'words') assert.equal(result.finish, 'stop');
    else if (cell.client.filters) assert.equal(result.finish, 'filter');
  }) },
  error: { title: 'error of the provider', run: both(async (cell, stream) => {
    for (const [kind, status] of [['broken', 502], ['rate', 429], ['overloaded', 503]]) {
      const { failed, status: given } = await cell.ask(`[[fail ${kind}]]`, { stream, model: cell.own(stream ? `${kind}-streaming` : kind), refused: true });
      assert.ok(kind === 'rate' ? given === 429 : given >= 500, `${kind}: ${given} instead of ${status}`);
      assert.match(failed.message, /stand-in/);
      cell.client.named?.(failed, kind);
    }
  }) },
  middle: { title: 'error in mid-stream', run: async (cell) => {
    for (const kind of ['error', 'cut']) {
      const result = await cell.ask(`[[breaks ${kind}]]`, { stream: true, model: cell.own(kind) });
      assert.ok(result.error, `${kind}: no error came, but ${JSON.stringify(result)}`);
      if (kind === 'error') assert.match(result.error, /stand-in|overloaded/i, 'the provider\'s own words');
      assert.ok(result.text.length > 5 && SPOKEN.startsWith(result.text) && result.text !== SPOKEN, `${kind}: ${result.text}`);
    }
  } },
  continued: { title: 'continued by another', run: async (cell) => {
    for (const kind of ['error', 'cut']) answered(await cell.ask(`[[breaks ${kind}]]`, { stream: true, model: cell.own(`continued-${kind}`) }), SPOKEN);
  } },
  continues: { title: 'continues another\'s', run: async (cell) => {
    answered(await cell.ask('[[breaks cut]]', { stream: true, model: cell.own('continues') }), SPOKEN);
  } },
  choice: { title: 'choice of tools', run: both(async (cell, stream) => {
    for (const choice of cell.client.chooses ?? ['auto', 'any', 'none', 'get_weather']) {
      const reached = cell.standIn.requests.length;
      try {
        await cell.ask('Hello', { stream, tools: TOOLS, choice });
      } catch (error) {
        if (!cell.model.chooses || cell.model.chooses.includes(choice)) throw error;
        assert.ok(error.status === 400 && /tool_choice|tools/.test(error.words), error.message);
        assert.equal(cell.standIn.requests.length, reached, 'nothing reached the provider');
        continue;
      }
      assert.deepEqual(chosen(cell.model.format, cell.standIn.last.body), cell.model.forces === false && choice !== 'none' ? 'auto' : choice);
    }
  }) },
  failed: { title: 'tool that failed', run: both(async (cell, stream) => {
    const messages = cell.client.user([{ text: '[[tool]]' }]);
    const call = await cell.ask(messages, { stream, tools: TOOLS });
    messages.push(...cell.client.answered(call), ...cell.client.results(call.calls.map(({ id, name }) => ({ id, name, text: RESULT, failed: true }))));
    const { text } = await cell.ask(messages, { stream, tools: TOOLS });
    const [{ name, args }] = call.calls;
    assert.equal(text, `${name}(${JSON.stringify(args)}) ${cell.model.marks ? 'failed: ' : 'said: Error: '}${RESULT}.`);
  }) },
  link: { title: 'image by its address', run: both(async (cell, stream) => {
    const url = 'https://images.example.org/a%20weir.png';
    await cell.ask(cell.client.user([{ text: 'Hello' }, { image: { url } }]), { stream });
    assert.ok(JSON.stringify(cell.standIn.last.body).includes(url), JSON.stringify(cell.standIn.last.body));
  }) },
  several: { title: 'several answers', run: async (cell) => {
    await cell.ask('Hello', { n: 2 });
    const { body } = cell.standIn.last;
    assert.equal(body.n ?? body.generationConfig?.candidateCount, 2);
  } },
  logprobs: { title: 'log probabilities', run: both(async (cell, stream) => {
    await cell.ask('Hello', { stream, logprobs: true });
    const { body } = cell.standIn.last;
    assert.ok(body.logprobs ?? body.generationConfig?.responseLogprobs ?? body.include?.includes('message.output_text.logprobs'), JSON.stringify(body));
  }) },
};

// What a provider was told of which tools to call: `auto`, `any`, `none`, or the name of one.
function chosen(format, body) {
  const names = { required: 'any', REQUIRED: 'any', NONE: 'none', AUTO: 'auto', ANY: 'any' };
  const plain = (word) => names[word] ?? word ?? 'auto';
  switch (format) {
    case 'openai':
    case 'responses': return typeof body.tool_choice === 'object' ? (body.tool_choice.function?.name ?? body.tool_choice.name) : plain(body.tool_choice);
    case 'anthropic': return body.tool_choice?.name ?? plain(body.tool_choice?.type);
    case 'gemini': return body.toolConfig?.functionCallingConfig.allowedFunctionNames?.[0] ?? plain(body.toolConfig?.functionCallingConfig.mode);
    case 'cohere': return body.tool_choice === 'REQUIRED' && body.tools.length === 1 ? body.tools[0].function.name : plain(body.tool_choice); // the only one there is
    case 'ollama': return body.tools?.length ? 'auto' : 'none';
    case 'bedrock': {
      if (!body.toolConfig || body.additionalModelRequestFields?.tool_choice?.type === 'none') return 'none';
      const choice = body.toolConfig.toolChoice ?? { auto: {} };
      return choice.tool?.name ?? Object.keys(choice)[0];
    }
    default: throw new Error(format);
  }
}
