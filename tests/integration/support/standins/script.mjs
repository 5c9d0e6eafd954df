// The model that all stand-ins for providers play. It is none: what it says is a function of what it is asked, and its answers
// say so. Each stand-in reads its own wire format into the turns below and writes what comes back in its own words; what a
// real provider would refuse (a tool result that nobody asked for, a thought whose seal is broken) is refused here as well.
//
// asked:  { system, turns, tools: [{ name, schema }], schema, stop: [text], limit, thinking, steady (a model that never fails) }
// a turn: { role: user | assistant | tool, text, thoughts: [{ text, seal }], calls: [{ id, name, args, seal }],
//           media: [{ kind, mime, bytes }], id, name, failed (role tool) }
// answer: { pieces: [{ kind: thought | text | call | refusal, text, seal, id, name, args }],
//           finish: stop | stop_sequence | length | calls | filter, stopSequence, usage, fault }
//
// The last user's turn with `[[…]]` in it says what to do: the keys of `scripts`.
import { createHash } from 'node:crypto';

export const SPOKEN = 'This is a stand-in, not a model: the river is calm — Käse, 東京, 🌊 — and rises slowly today.';
export const USAGE = { input: 21, cached: 0, written: 0, output: 9, reasoning: 0 };
export const FULL_USAGE = { input: 1000, cached: 400, written: 200, output: 300, reasoning: 120 };
export const REFUSAL = 'I will not help with that.';
export const RICH = 'The river — Käse, 東京, 👩‍👩‍👧 and 🌊, Zürich, नमस्ते, e\u0301, "quoted" \\ {braces} data: [DONE]\n\nis a stand-in\'s, and rises.';
export const THOUGHT = 'Shall I? Ja — 考える 🤔 …\nYes.';
export const COUNTED = Array.from({ length: 60 }, (_, i) => `w${i}`);
const ARGUMENTS = { river: 'Rhône "Ü" \\ 東京', gauge: { at: [1, 2.5, null, true] } };

const digest = (text) => createHash('sha256').update(text).digest('base64');
export const fingerprint = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 12);
// The seal that `maker` puts on what it thought; nobody else can make it, and a changed text breaks it.
export const sealOf = (maker, text) => digest(`${maker}'s seal of ${text}`);

// What Google takes in place of a seal that nobody has (ai.google.dev, "Thought signatures").
export const NO_SEAL = 'skip_thought_signature_validator';

// What a provider answers with an error of its own.
export class Refused extends Error {
  constructor(message, { status = 400, kind = 'invalid' } = {}) {
    super(message);
    Object.assign(this, { status, kind });
  }
}

// A value that a schema allows, always the same.
export function example(schema) {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const type = [schema.type ?? (schema.properties ? 'object' : 'string')].flat()[0].toLowerCase();
  if (type === 'object') return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, part]) => [name, example(part)]));
  if (type === 'array') return [example(schema.items ?? {}), example(schema.items ?? {})];
  return { integer: 3, number: 2.5, boolean: true, null: null }[type] ?? 'Rhein — Köln';
}

const text = (said, more = {}) => ({ pieces: [{ kind: 'text', text: said }], finish: 'stop', ...more });
const call = (tool, args, id) => ({ kind: 'call', id, name: tool.name, args });
const described = ({ mime, bytes }) => `${mime}, ${bytes.length} bytes, ${fingerprint(bytes)}`;

// Calls and what the tools said to them, in pairs, of the turns since the one that is answered.
function rounds({ turns }, since) {
  const said = [];
  for (const [at, turn] of turns.entries()) {
    if (at <= since || turn.role !== 'assistant' || !turn.calls?.length) continue;
    const results = [];
    for (let next = at + 1; turns[next]?.role === 'tool'; next++) results.push(turns[next]);
    const pairs = turn.calls.map((made) => {
      const index = results.findIndex((result) => (result.id ? result.id === made.id : !result.name || result.name === made.name));
      if (index < 0) throw new Refused(`the call ${made.name} (${made.id}) has no result`);
      const [result] = results.splice(index, 1);
      if (result.name && result.name !== made.name) throw new Refused(`the result of ${made.name} is said to be ${result.name}'s`);
      return { ...made, said: result.text, failed: result.failed };
    });
    if (results.length) throw new Refused(`a result (${results[0].id ?? results[0].name}) belongs to no call`);
    said.push({ turn, pairs });
  }
  return said;
}

const quoted = ({ pairs }) => pairs.map(({ name, args, said, failed }) => `${name}(${JSON.stringify(args)}) ${failed ? 'failed' : 'said'}: ${said}`).join('; ');

const scripts = {
  say: () => text(SPOKEN),
  recall: ({ system, turns }) => text([`system=${system ?? ''}`, ...turns.map((turn) => `${turn.role}=${turn.text}`)].join('|')),
  tool({ tools, done }, args) {
    if (!tools[0]) return text('no tools came');
    if (done.length) return text(`${quoted(done[0])}.`);
    return { pieces: [{ kind: 'text', text: 'Let me look. ' }, call(tools[0], args ?? ARGUMENTS, 'call_a1')], finish: 'calls' };
  },
  // `call NAME {…}`: for agents, whose tools have names of their own. Some quote what they were told.
  call({ tools, done, thinking, seen }, rest) {
    const thought = thinking ? [{ kind: 'thought', text: `Round ${done.length + 1} …` }] : [];
    if (done.length) return { pieces: [...thought, { kind: 'text', text: `${done.map(quoted).join('; ')}. Thoughts that came back sealed: ${seen}.` }], finish: 'stop' };
    const [, name, args] = /^(\S+) (\{.*\})$/s.exec(rest.replaceAll('\\"', '"')) ?? [];
    if (!tools.some((tool) => tool.name === name)) return text(`There is no tool ${name} among ${tools.map((tool) => tool.name).join(', ')}.`);
    return { pieces: [...thought, { kind: 'text', text: 'Let me see. ' }, call({ name }, JSON.parse(args), 'call_c1')], finish: 'calls' };
  },
  parallel({ tools, done }) {
    if (tools.length < 2) return text(`only ${tools.length} tools came`);
    if (done.length) return text(`${quoted(done[0])}.`);
    return { pieces: [call(tools[0], { river: 'Rhine' }, 'call_p1'), call(tools[1], { city: 'Köln', days: 2 }, 'call_p2')], finish: 'calls' };
  },
  // All that an answer can have: a thought, a text, two calls at once, counts of every kind.
  everything({ tools, thinking }, kind) {
    const thought = thinking ? [{ kind: 'thought', text: THOUGHT }] : [];
    if (kind === 'words' || tools.length < 2) return { pieces: [...thought, { kind: 'text', text: RICH }], finish: 'stop', usage: FULL_USAGE };
    return { pieces: [...thought, { kind: 'text', text: RICH }, call(tools[0], ARGUMENTS, 'call_e1'), call(tools[1], { city: 'Köln 👩‍👩‍👧', days: [2, { of: '"x"\\n' }] }, 'call_e2')], finish: 'calls', usage: FULL_USAGE };
  },
  think({ tools, done, thinking, seen }) {
    const thought = (said) => (thinking ? [{ kind: 'thought', text: said }] : []);
    if (!tools[0]) return { pieces: [...thought('Shall I? Yes — Köln.'), { kind: 'text', text: 'I thought.' }], finish: 'stop' };
    if (done.length < 2) {
      return { pieces: [...thought(`Thought ${done.length + 1}: the gauge of Köln …`), call(tools[0], { river: `Rhine ${done.length + 1}` }, `call_t${done.length + 1}`)], finish: 'calls' };
    }
    return { pieces: [...thought('Thought 3: enough.'), { kind: 'text', text: `${done.map(quoted).join('; ')}. Thoughts that came back sealed: ${seen}.` }], finish: 'stop' };
  },
  look({ turn }) {
    return text(turn.media?.length ? `I see ${turn.media.map(described).join(' and ')}.` : 'Nothing to see came.');
  },
  json: ({ schema }) => text(schema ? JSON.stringify(example(schema)) : 'no schema came'),
  stop: () => text('one two three four five'),
  count: () => text(COUNTED.join(' ')),
  refuse: () => ({ pieces: [{ kind: 'refusal', text: REFUSAL }], finish: 'filter' }),
  usage: () => text(SPOKEN, { usage: FULL_USAGE }),
  fail: (_, kind) => ({ fault: { kind } }),
  breaks: (_, kind) => text(SPOKEN, { fault: { kind, within: true } }),
};

// Where a text ends: at a stop sequence or at as many words as were allowed.
function ended(answer, { stop, limit }) {
  if (!answer.pieces) return answer;
  const said = answer.pieces.find(({ kind }) => kind === 'text');
  if (!said || answer.finish !== 'stop') return answer;
  const at = (stop ?? []).map((word) => [said.text.indexOf(word), word]).filter(([index]) => index >= 0).sort((a, b) => a[0] - b[0])[0];
  if (at) {
    said.text = said.text.slice(0, at[0]);
    return { ...answer, finish: 'stop_sequence', stopSequence: at[1] };
  }
  const words = said.text.split(' ');
  if (limit && said.text.startsWith('w0 ') && words.length > limit) {
    said.text = words.slice(0, limit).join(' ');
    return { ...answer, finish: 'length' };
  }
  return answer;
}

// The command of the last turn that has one, and where that stands.
function commanded(turns) {
  for (let at = turns.length - 1; at >= 0; at--) {
    const found = turns[at].role === 'user' && /\[\[([a-z]+)(?:\s+(.*?))?\]\]/s.exec(turns[at].text ?? '');
    if (found) return { at, name: found[1], rest: found[2] };
  }
  return { at: turns.findLastIndex(({ role }) => role === 'user'), name: 'say' };
}

// Seals of thoughts (`on: 'thoughts'`) or of calls (`on: 'calls'`) that came back: how many, and none of them broken.
function sealsSeen(turns, { maker, on }) {
  let seen = 0;
  for (const turn of turns) {
    const things = on === 'calls' ? (turn.calls ?? []).slice(0, 1) : (turn.thoughts ?? []);
    for (const thing of things) {
      if (!thing.seal || thing.seal === NO_SEAL) continue;
      const sealed = on === 'calls' ? `${thing.name} ${JSON.stringify(thing.args)}` : thing.text;
      if (thing.seal !== sealOf(maker, sealed)) throw new Refused(`the signature of ${JSON.stringify(sealed)} is not valid: ${thing.seal}`);
      seen += 1;
    }
  }
  return seen;
}

// What the model answers. `seals`: { maker, on: thoughts | calls, needed(asked, rounds) } of a provider that seals.
export function reply(asked, seals) {
  const turns = [...asked.turns];
  const begun = turns.at(-1)?.role === 'assistant' && !turns.at(-1).calls?.length ? turns.pop().text : '';
  const command = commanded(turns);
  const done = rounds({ turns }, command.at);
  const seen = seals ? sealsSeen(turns, seals) : 0;
  seals?.needed?.(asked, done);
  const script = Object.hasOwn(scripts, command.name) ? scripts[command.name] : () => text(`I do not know the script ${command.name}.`);
  const rest = command.rest?.startsWith('{') ? JSON.parse(command.rest) : command.rest;
  const answer = ended(script({ ...asked, turns, tools: asked.tools ?? [], turn: turns[command.at] ?? {}, done, seen }, rest), asked);
  for (const piece of answer.pieces ?? []) {
    if (seals?.on === 'thoughts' && piece.kind === 'thought') piece.seal = sealOf(seals.maker, piece.text);
  }
  const first = answer.pieces?.find(({ kind }) => kind === 'call'); // of parallel ones only the first is sealed
  if (seals?.on === 'calls' && first) first.seal = sealOf(seals.maker, `${first.name} ${JSON.stringify(first.args)}`);
  if (begun) continued(answer, begun);
  if (asked.steady) delete answer.fault;
  return { usage: USAGE, ...answer };
}

// A text that somebody began is not said again.
function continued(answer, begun) {
  const said = answer.pieces?.find(({ kind }) => kind === 'text');
  if (!said?.text.startsWith(begun)) throw new Refused(`that does not continue: ${JSON.stringify(begun)}`);
  said.text = said.text.slice(begun.length);
}

// `text` in small pieces, none of which cuts a character.
export const pieces = (said) => said.match(/\s*\S{1,7}\s*/gsu) ?? (said ? [said] : []);

// How far a broken stream gets: half of its pieces.
export const untilItBreaks = (answer, list) => (answer.fault?.within ? list.slice(0, Math.ceil(list.length / 2)) : list);

// One question to its end: read, answered and written by the functions of a wire format.
//   read(body) → asked · whole(x, answer) · stream(x, answer) · refuse(x, Refused)
export async function play(x, { read, seals, streams, whole, stream, refuse }) {
  let answer;
  try {
    const asked = read(x.body);
    answer = reply(asked, seals);
    if (answer.fault && !answer.fault.within) throw faults[answer.fault.kind]();
    if (answer.fault && !streams && answer.fault.kind === 'error') throw faults.broken();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    // A refusal that no script asked for is a fault of whoever asked.
    if (error.kind === 'invalid') x.complain(`refused: ${error.message}`);
    return refuse(x, error);
  }
  if (answer.fault && !streams) return x.cut();
  return streams ? stream(x, answer) : whole(x, answer);
}

export const faults = {
  broken: () => new Refused('stand-in: it broke', { status: 500, kind: 'broken' }),
  rate: () => new Refused('stand-in: too many requests', { status: 429, kind: 'rate' }),
  overloaded: () => new Refused('stand-in: overloaded', { status: 503, kind: 'overloaded' }),
  unauthorized: () => new Refused('stand-in: this key is not known', { status: 401, kind: 'unauthorized' }),
  unknown: (model) => new Refused(`stand-in: the model ${model} does not exist`, { status: 404, kind: 'unknown' }),
};

// The data of a `data:` URL, or nothing.
export function dataUrl(url) {
  const found = /^data:([^;,]*);base64,(.*)$/s.exec(url ?? '');
  return found && { mime: found[1], bytes: Buffer.from(found[2], 'base64') };
}

// An image as it came in, or its address, which nobody here fetches.
export function imageAt(url) {
  return dataUrl(url) ?? (/^https?:/.test(url) ? { mime: 'address', bytes: Buffer.from(url) } : undefined);
}
