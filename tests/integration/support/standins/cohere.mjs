// A stand-in for Cohere's v2 chat, embed and rerank. Not Cohere's server: what it sends and what it is sent are held against
// their published description. Its thoughts carry no seal, its refusals are plain texts, its counts are fractions.
import { event } from './server.mjs';
import { Refused, faults, imageAt, pieces, play, untilItBreaks } from './script.mjs';

const FINISH = { stop: 'COMPLETE', stop_sequence: 'STOP_SEQUENCE', length: 'MAX_TOKENS', calls: 'TOOL_CALL', filter: 'COMPLETE' };

const blocks = (content) => (typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []));
const textOf = (content) => blocks(content).filter(({ type }) => type === 'text').map(({ text }) => text).join('');

function mediumOf({ image_url: { url } }) {
  const data = imageAt(url);
  if (!data) throw new Refused('this image cannot be fetched here');
  return { kind: 'image', ...data };
}

function readTurn(message) {
  if (message.role === 'tool') {
    const documents = blocks(message.content).filter(({ type }) => type === 'document').map(({ document }) => (typeof document.data === 'string' ? document.data : document.data.output ?? document.data.result ?? JSON.stringify(document.data)));
    return { role: 'tool', id: message.tool_call_id, text: textOf(message.content) + documents.join('') };
  }
  if (message.role === 'assistant' && !message.content && !message.tool_calls?.length) throw new Refused('an assistant message needs content or tool_calls');
  return {
    role: message.role,
    text: textOf(message.content) || message.tool_plan || '',
    thoughts: blocks(message.content).filter(({ type }) => type === 'thinking').map(({ thinking }) => ({ text: thinking })),
    calls: (message.tool_calls ?? []).map(({ id, function: { name, arguments: args } }) => ({ id, name, args: JSON.parse(args) })),
    media: blocks(message.content).filter(({ type }) => type === 'image_url').map(mediumOf),
  };
}

function read(body) {
  if (body.stop_sequences?.length > 5) throw new Refused('at most 5 stop_sequences');
  const format = body.response_format;
  if (format?.json_schema && body.tools) throw new Refused('response_format is not supported with tools');
  return {
    system: body.messages.filter(({ role }) => role === 'system').map(({ content }) => textOf(content)).join('\n'),
    turns: body.messages.filter(({ role }) => role !== 'system').map(readTurn),
    tools: (body.tools ?? []).map(({ function: { name, parameters } }) => ({ name, schema: parameters })),
    schema: format?.json_schema,
    stop: body.stop_sequences,
    limit: body.max_tokens,
    thinking: body.thinking?.type === 'enabled',
    steady: body.model.includes('steady'),
  };
}

// As it says them: 21.0.
const usageOf = ({ input, cached, output }) => ({
  billed_units: { input_tokens: input - 3, output_tokens: output }, tokens: { input_tokens: input, output_tokens: output }, ...(cached && { cached_tokens: cached }),
});
const floats = (text) => text.replace(/("(?:input|output|cached)_tokens":\d+)(?=[,}])/g, '$1.0');

const callOf = (piece, args = JSON.stringify(piece.args)) => ({ id: piece.id, type: 'function', function: { name: piece.name, arguments: args } });
const contentOf = ({ kind, text }) => (kind === 'thought' ? { type: 'thinking', thinking: text } : { type: 'text', text });
// The text beside calls is a plan, not content.
const planned = (answer) => answer.finish === 'calls';

function whole(x, answer) {
  const calls = answer.pieces.filter(({ kind }) => kind === 'call');
  const plan = planned(answer) ? answer.pieces.filter(({ kind }) => kind === 'text').map(({ text }) => text).join('') : '';
  const content = answer.pieces.filter(({ kind }) => kind !== 'call' && !(planned(answer) && kind === 'text')).map(contentOf);
  const message = { role: 'assistant', ...(calls.length && { tool_calls: calls.map((piece) => callOf(piece)) }), ...(plan && { tool_plan: plan }), ...(content.length && { content }) };
  x.json(200, floats(JSON.stringify(x.own('ChatResponseV2', { id: 'standin-cohere', message, finish_reason: FINISH[answer.finish], usage: usageOf(answer.usage) }))));
}

async function stream(x, answer) {
  const send = (type, more = {}) => x.send(event(floats(JSON.stringify(x.own('StreamedChatResponseV2', { type, ...more }))), type));
  const message = (index, value) => ({ index, delta: { message: value } });
  x.begin('text/event-stream');
  await send('message-start', { id: 'standin-cohere', delta: { message: { role: 'assistant' } } });
  let index = 0;
  for (const piece of answer.pieces) {
    if (piece.kind === 'call') {
      await send('tool-call-start', message(index, { tool_calls: callOf(piece, '') }));
      for (const some of pieces(JSON.stringify(piece.args))) await send('tool-call-delta', message(index, { tool_calls: { function: { arguments: some } } }));
      await send('tool-call-end', { index });
    } else if (planned(answer) && piece.kind === 'text') {
      for (const some of pieces(piece.text)) await send('tool-plan-delta', { delta: { message: { tool_plan: some } } });
      continue;
    } else {
      const field = piece.kind === 'thought' ? 'thinking' : 'text';
      await send('content-start', message(index, { content: { type: field, [field]: '' } }));
      for (const some of untilItBreaks(answer, pieces(piece.text))) await send('content-delta', message(index, { content: { [field]: some } }));
      if (!answer.fault) await send('content-end', { index });
    }
    index += 1;
  }
  if (answer.fault?.kind === 'cut') return x.cut();
  if (answer.fault) await send('message-end', { delta: { finish_reason: 'ERROR', error: 'stand-in: it broke in the middle', usage: usageOf(answer.usage) } });
  else await send('message-end', { delta: { finish_reason: FINISH[answer.finish], usage: usageOf(answer.usage) } });
  return x.end();
}

function refuse(x, { message, status }) {
  x.json(status, { id: 'standin-error', message });
}

function embed(x) {
  x.hold('EmbedRequestV2');
  const texts = x.body.texts ?? x.body.inputs?.map(({ content }) => textOf(content)) ?? [];
  const vectors = texts.map((text, index) => [0.25, -0.5, index, text.length]);
  const types = x.body.embedding_types ?? ['float'];
  const embeddings = Object.fromEntries(types.map((type) => [type, type === 'base64' ? vectors.map((v) => Buffer.from(Float32Array.from(v).buffer).toString('base64')) : vectors]));
  x.json(200, x.own('EmbedByTypeResponse', { id: 'standin-embed', embeddings, texts, meta: { api_version: { version: '2' }, billed_units: { input_tokens: 7 } }, response_type: 'embeddings_by_type' }));
}

// The more of the query's words a document has, the better it is.
function rerank(x) {
  x.hold('RerankRequestV2');
  const words = x.body.query.toLowerCase().split(/\W+/);
  const results = x.body.documents
    .map((document, index) => ({ index, relevance_score: words.filter((word) => document.toLowerCase().includes(word)).length / words.length }))
    .sort((a, b) => b.relevance_score - a.relevance_score).slice(0, x.body.top_n);
  x.json(200, x.own('RerankResponseV2', { id: 'standin-rerank', results, meta: { api_version: { version: '2' }, billed_units: { search_units: 1 } } }));
}

export const cohere = {
  name: 'cohere',
  description: 'cohere',
  answer(x) {
    if (x.headers.authorization !== 'Bearer standin-key') return refuse(x, faults.unauthorized());
    if (x.method === 'GET' && x.path === '/v1/models') return x.json(200, { models: [{ name: 'scripted', endpoints: ['chat'], context_length: 128000 }] });
    if (x.body?.model?.startsWith('nosuch')) return refuse(x, faults.unknown(x.body.model));
    switch (x.path) {
      case '/v2/embed': return embed(x);
      case '/v2/rerank': return rerank(x);
      case '/v2/chat':
        x.hold('ChatRequestV2');
        return play(x, { read, streams: Boolean(x.body.stream), whole, stream, refuse });
      default: return refuse(x, new Refused(`there is nothing at ${x.path}`, { status: 404 }));
    }
  },
};
