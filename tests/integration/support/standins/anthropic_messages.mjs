// A stand-in for Anthropic's Messages, token counts and list of models. Not Anthropic's server: what it sends and what it is
// sent are held against their published description (`CreateMessageParams`, `Message`, `MessageStreamEvent`), and thoughts must
// come back as they were, with their signature, or it refuses as the real one does.
import { event } from './server.mjs';
import { Refused, faults, imageAt, pieces, play, untilItBreaks } from './script.mjs';

const FINISH = { stop: 'end_turn', stop_sequence: 'stop_sequence', length: 'max_tokens', calls: 'tool_use', filter: 'refusal' };
const seals = {
  maker: 'anthropic',
  on: 'thoughts',
  // While it must think, the turns in which it used tools must begin with what it thought.
  needed({ always }, done) {
    if (!always) return;
    for (const { turn } of done) {
      if (turn.first !== 'thinking') throw new Refused(`messages: Expected \`thinking\` or \`redacted_thinking\`, but found \`${turn.first}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block`);
    }
  },
};

const blocks = (content) => (typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []));
const textOf = (content) => blocks(content).filter(({ type }) => type === 'text').map(({ text }) => text).join('');

function mediumOf({ type, source }) {
  const kind = type === 'image' ? 'image' : 'document';
  if (source.type === 'text') return { kind, mime: source.media_type, bytes: Buffer.from(source.data) };
  if (source.type === 'url' && type === 'image') return { kind, ...imageAt(source.url) };
  if (source.type !== 'base64') throw new Refused(`this ${type} cannot be fetched here`);
  return { kind, mime: source.media_type, bytes: Buffer.from(source.data, 'base64') };
}

function readTurn({ role, content }) {
  const list = blocks(content);
  const results = list.filter(({ type }) => type === 'tool_result');
  const others = list.filter(({ type }) => type !== 'tool_result');
  if (role === 'user' && results.length && list.findIndex(({ type }) => type !== 'tool_result') < results.length && others.length) {
    throw new Refused('tool_result blocks must stand before everything else in a message');
  }
  const turns = results.map((block) => ({ role: 'tool', id: block.tool_use_id, text: textOf(block.content), failed: block.is_error }));
  if (!others.length) return turns;
  return [...turns, {
    role, first: others[0].type, text: textOf(others),
    thoughts: others.filter(({ type }) => type === 'thinking').map(({ thinking, signature }) => ({ text: thinking, seal: signature })),
    calls: others.filter(({ type }) => type === 'tool_use').map(({ id, name, input }) => ({ id, name, args: input })),
    media: others.filter(({ type }) => type === 'image' || type === 'document').map(mediumOf),
  }];
}

// Messages of one role that follow each other are one turn.
function merged(messages) {
  const out = [];
  for (const { role, content } of messages) {
    if (out.at(-1)?.role === role) out.at(-1).content.push(...blocks(content));
    else out.push({ role, content: [...blocks(content)] });
  }
  return out;
}

function read(body) {
  if (body.messages[0]?.role !== 'user') throw new Refused('messages: first message must use the "user" role');
  const empty = body.messages.find(({ content }) => blocks(content).some(({ type, text }) => type === 'text' && !text));
  if (empty) throw new Refused('messages: text content blocks must be non-empty');
  const thinking = body.thinking && body.thinking.type !== 'disabled';
  if (body.thinking?.budget_tokens >= body.max_tokens) throw new Refused('`max_tokens` must be greater than `thinking.budget_tokens`');
  if (body.thinking?.budget_tokens < 1024) throw new Refused('thinking.budget_tokens: Input should be greater than or equal to 1024');
  if (thinking && ['any', 'tool'].includes(body.tool_choice?.type)) throw new Refused('Thinking may not be enabled when tool_choice forces tool use.');
  return {
    system: textOf(body.system),
    turns: merged(body.messages).flatMap(readTurn),
    tools: (body.tools ?? []).map(({ name, input_schema }) => ({ name, schema: input_schema })),
    schema: body.output_config?.format?.schema,
    stop: body.stop_sequences,
    limit: body.max_tokens,
    thinking,
    always: body.thinking?.type === 'enabled',
    steady: body.model.includes('steady'),
  };
}

// Of the output, what was thought is told since the SDK's 0.137.
const usageOf = ({ input, cached, written, output, reasoning }) => ({
  input_tokens: input - cached - written, cache_creation_input_tokens: written, cache_read_input_tokens: cached, output_tokens: output,
  ...(reasoning && output > reasoning && { output_tokens_details: { thinking_tokens: reasoning } }),
});
const fullUsage = (usage, output = usage.output) => ({
  ...usageOf({ ...usage, output }), cache_creation: { ephemeral_5m_input_tokens: usage.written, ephemeral_1h_input_tokens: 0 },
  inference_geo: null, server_tool_use: null, service_tier: 'standard',
});

function blockOf(piece) {
  switch (piece.kind) {
    case 'thought': return { type: 'thinking', thinking: piece.text, signature: piece.seal };
    case 'call': return { type: 'tool_use', id: `toolu_${piece.id}`, name: piece.name, input: piece.args, caller: { type: 'direct' } };
    default: return { type: 'text', text: piece.text, citations: null };
  }
}

const messageOf = (x, more) => ({ id: 'msg_standin', type: 'message', role: 'assistant', model: x.body.model, container: null, stop_details: null, stop_sequence: null, ...more });

function whole(x, answer) {
  x.json(200, x.own('Message', messageOf(x, {
    content: answer.pieces.map(blockOf), stop_reason: FINISH[answer.finish], stop_sequence: answer.stopSequence ?? null, usage: fullUsage(answer.usage),
  })), { 'request-id': 'req_standin' });
}

function deltasOf(piece, answer) {
  if (piece.kind === 'call') return pieces(JSON.stringify(piece.args)).map((some) => ({ type: 'input_json_delta', partial_json: some }));
  if (piece.kind === 'thought') return [...pieces(piece.text).map((some) => ({ type: 'thinking_delta', thinking: some })), { type: 'signature_delta', signature: piece.seal }];
  return untilItBreaks(answer, pieces(piece.text)).map((some) => ({ type: 'text_delta', text: some }));
}

function opened(piece) {
  if (piece.kind === 'thought') return { type: 'thinking', thinking: '', signature: '' };
  if (piece.kind === 'call') return { ...blockOf(piece), input: {} };
  return { type: 'text', text: '', citations: null };
}

async function stream(x, answer) {
  const send = (type, more = {}) => x.send(event(x.own('MessageStreamEvent', { type, ...more }), type));
  x.begin('text/event-stream; charset=utf-8', { 'request-id': 'req_standin' });
  await send('message_start', { message: messageOf(x, { content: [], stop_reason: null, usage: fullUsage(answer.usage, 1) }) });
  await send('ping');
  for (const [index, piece] of answer.pieces.entries()) {
    await send('content_block_start', { index, content_block: opened(piece) });
    for (const delta of deltasOf(piece, answer)) await send('content_block_delta', { index, delta });
    if (!answer.fault) await send('content_block_stop', { index });
  }
  if (answer.fault?.kind === 'cut') return x.cut();
  if (answer.fault) {
    await x.send(event(bodyOf('overloaded_error', 'Overloaded'), 'error'));
    return x.end();
  }
  await send('message_delta', {
    delta: { stop_reason: FINISH[answer.finish], stop_sequence: answer.stopSequence ?? null, stop_details: null, container: null },
    usage: { ...usageOf(answer.usage), server_tool_use: null },
  });
  await send('message_stop');
  return x.end();
}

const bodyOf = (type, message) => ({ type: 'error', error: { type, message }, request_id: 'req_standin' });
const TYPES = { rate: 'rate_limit_error', overloaded: 'overloaded_error', unauthorized: 'authentication_error', unknown: 'not_found_error', invalid: 'invalid_request_error' };
function refuse(x, { message, status, kind }) {
  const body = x.own('ErrorResponse', bodyOf(TYPES[kind] ?? 'api_error', message));
  x.json(kind === 'overloaded' ? 529 : status, body, { 'request-id': 'req_standin', ...(kind === 'rate' && { 'retry-after': '30' }) });
}

export const anthropicMessages = {
  name: 'anthropic',
  description: 'anthropic',
  answer(x) {
    const key = x.headers['x-api-key'] ?? x.headers.authorization?.replace('Bearer ', '');
    if (key !== 'standin-key') return refuse(x, faults.unauthorized());
    if (!/^20\d\d-\d\d-\d\d$/.test(x.headers['anthropic-version'] ?? '')) return refuse(x, new Refused('anthropic-version: header is required'));
    if (x.method === 'GET' && x.path === '/v1/models') {
      const model = { type: 'model', id: 'scripted', display_name: 'A stand-in', created_at: '2026-01-01T00:00:00Z', capabilities: null, max_input_tokens: null, max_tokens: null };
      return x.json(200, x.own('ListResponse_ModelInfo_', { data: [model], has_more: false, first_id: 'scripted', last_id: 'scripted' }));
    }
    if (x.body?.model?.startsWith('nosuch')) return refuse(x, faults.unknown(x.body.model));
    if (x.path === '/v1/messages/count_tokens') {
      x.hold('CountMessageTokensParams');
      return x.json(200, { input_tokens: 21 });
    }
    if (x.path !== '/v1/messages') return refuse(x, new Refused(`there is nothing at ${x.path}`, { status: 404, kind: 'unknown' }));
    x.hold('CreateMessageParams');
    return play(x, { read, seals, streams: Boolean(x.body.stream), whole, stream, refuse });
  },
};
