// What the clients of the matrix share. A client is one wire format as its SDK speaks it: it says a neutral question in its own
// words, reads what comes back, and holds all of it against the format's published description and against the order in which
// the format's events must come.
//
// client: { name, title, description, streamType,
//   ask({ model, stream, system, messages, tools, schema, stop, limit, thinking }) → { path, body, headers }
//   user(parts), answered(result), results(list) → messages of its own format; parts: { text } | { image } | { document }
//   whole(json), streamed(text) → result
//   failure(json) → the words of an error that came with a status
//   named(failure, kind) — does it have the name that its SDK looks at?
//   sealed: of what it has a place for the provider's seal · counts: what its usage says beside input and output
//   filters: its finish can say that a filter stopped it
//   cannot: { feature: why its format has no word for it } }
// result: { text, thoughts: [text], calls: [{ id, name, args }], refusal, finish, stopSequence, usage, error, native }
import assert from 'node:assert/strict';

import { violations } from '../standins/specification.mjs';

export function held(description, type, value) {
  assert.deepEqual(violations(description, type, value), [], `not what its description says: ${JSON.stringify(value)}`);
  return value;
}

export const empty = () => ({ text: '', thoughts: [], calls: [], refusal: '', finish: undefined, stopSequence: undefined, usage: undefined, error: undefined, native: undefined });

// The events of a stream of server-sent events: [{ name, data }]. Comments are passed over; half an event is an error.
export function serverEvents(text) {
  const blocks = text.split('\n\n');
  assert.equal(blocks.pop(), '', `the stream ends within an event: ${JSON.stringify(text.slice(-200))}`);
  const events = [];
  for (const block of blocks) {
    const lines = block.split('\n').filter((line) => line && !line.startsWith(':'));
    if (!lines.length) continue;
    const field = (name) => lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, ''));
    const data = field('data').join('\n');
    events.push({ name: field('event')[0], data: data === '[DONE]' ? data : JSON.parse(data) });
  }
  return events;
}

export const inlineUrl = ({ mime, bytes }) => `data:${mime};base64,${bytes.toString('base64')}`;
