// A stand-in for Ollama's own API: chat, generate, embed, tags, show, version. Not Ollama: what it sends and what it is sent are
// held against their published description, with the fields of messages that it leaves out (api/types.go). It streams unless
// told otherwise, in lines of JSON; its calls have no ids, its thoughts no seals, its images no types.
import { Refused, faults, pieces, play, untilItBreaks } from './script.mjs';

const AT = '2026-01-01T00:00:00Z';
const MAGIC = { '89504e47': 'image/png', ffd8ff: 'image/jpeg', 47494638: 'image/gif', 52494646: 'image/webp' };

function imageOf(data) {
  const bytes = Buffer.from(data, 'base64');
  const mime = Object.entries(MAGIC).find(([magic]) => bytes.toString('hex').startsWith(magic))?.[1];
  if (!mime) throw new Refused('invalid image');
  return { kind: 'image', mime, bytes };
}

function readTurn({ role, content = '', thinking, tool_calls: calls = [], images = [], tool_name: name, tool_call_id: id }) {
  if (role === 'tool') return { role, text: content, name };
  return {
    role, text: content, id,
    thoughts: thinking ? [{ text: thinking }] : [],
    calls: calls.map(({ function: { name: called, arguments: args } }) => ({ name: called, args: args ?? {} })),
    media: images.map(imageOf),
  };
}

function read(body) {
  return {
    system: body.messages.filter(({ role }) => role === 'system').map(({ content }) => content).join('\n'),
    turns: body.messages.filter(({ role }) => role !== 'system').map(readTurn),
    tools: (body.tools ?? []).map(({ function: { name, parameters } }) => ({ name, schema: parameters })),
    schema: typeof body.format === 'object' ? body.format : undefined,
    stop: [body.options?.stop ?? []].flat(),
    limit: body.options?.num_predict,
    thinking: Boolean(body.think),
    steady: body.model.includes('steady'),
  };
}

const closing = ({ usage, finish }) => ({
  done: true, done_reason: finish === 'length' ? 'length' : 'stop', total_duration: 5_000_000, load_duration: 1_000_000,
  prompt_eval_count: usage.input, prompt_eval_duration: 1_000_000, eval_count: usage.output, eval_duration: 3_000_000,
});
const callOf = ({ name, args }) => ({ function: { name, arguments: args } });
const of = (answer, ...kinds) => answer.pieces.filter(({ kind }) => kinds.includes(kind)).map(({ text }) => text).join('');

function whole(x, answer) {
  const calls = answer.pieces.filter(({ kind }) => kind === 'call');
  const thinking = of(answer, 'thought');
  const message = { role: 'assistant', content: of(answer, 'text', 'refusal'), ...(thinking && { thinking }), ...(calls.length && { tool_calls: calls.map(callOf) }) };
  x.json(200, x.own('ChatResponse', { model: x.body.model, created_at: AT, message, ...closing(answer) }));
}

async function stream(x, answer) {
  const line = (message, more = { done: false }) => {
    const value = { model: x.body.model, created_at: AT, message: { role: 'assistant', content: '', ...message }, ...more };
    x.own(more.done ? 'ChatResponse' : 'ChatStreamEvent', value);
    return x.send(`${JSON.stringify(value)}\n`);
  };
  x.begin('application/x-ndjson');
  for (const piece of answer.pieces) {
    if (piece.kind === 'call') await line({ tool_calls: [callOf(piece)] });
    else for (const some of untilItBreaks(answer, pieces(piece.text))) await line(piece.kind === 'thought' ? { thinking: some } : { content: some });
  }
  if (answer.fault?.kind === 'cut') return x.cut();
  if (answer.fault) await x.send(`${JSON.stringify({ error: 'stand-in: it broke in the middle' })}\n`);
  else await line({}, closing(answer));
  return x.end();
}

const refuse = (x, { message, status }) => x.json(status, { error: message });

function embed(x) {
  x.hold('EmbedRequest');
  const embeddings = [x.body.input].flat().map((text, index) => [0.25, -0.5, index, text.length]);
  x.json(200, x.own('EmbedResponse', { model: x.body.model, embeddings, total_duration: 1, load_duration: 1, prompt_eval_count: 7 }));
}

export const ollama = {
  name: 'ollama',
  description: 'ollama',
  answer(x) {
    if (x.method === 'GET' && x.path === '/api/tags') {
      return x.json(200, { models: [{ name: 'scripted', model: 'scripted', modified_at: AT, size: 1, digest: 'standin', details: { format: 'gguf', family: 'standin', parameter_size: '1B', quantization_level: 'Q4_0' } }] });
    }
    if (x.method === 'GET' && x.path === '/api/version') return x.json(200, { version: '0.99.0' });
    if (x.body?.model?.startsWith('nosuch')) return refuse(x, faults.unknown(x.body.model));
    switch (x.path) {
      case '/api/show': return x.json(200, { details: { family: 'standin' }, model_info: { 'standin.context_length': 131072 }, capabilities: ['completion', 'tools', 'vision', 'thinking'] });
      case '/api/embed': return embed(x);
      case '/api/chat':
        x.hold('ChatRequest');
        return play(x, { read, streams: x.body.stream !== false, whole, stream, refuse });
      default: return refuse(x, new Refused('404 page not found', { status: 404 }));
    }
  },
};
