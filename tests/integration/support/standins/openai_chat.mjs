// A stand-in for OpenAI's Chat Completions, embeddings and list of models. Not OpenAI's server: what it sends and what it is
// sent are held against their published description (openai/openai-openapi, `CreateChatCompletion…`).
import { event } from './server.mjs';
import { Refused, dataUrl, faults, imageAt, pieces, play, untilItBreaks } from './script.mjs';

const CREATED = 1760000000;
const FINISH = { stop: 'stop', stop_sequence: 'stop', length: 'length', calls: 'tool_calls', filter: 'content_filter' };

function parts(content) {
  const list = typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);
  const media = [];
  for (const part of list) {
    if (part.type === 'image_url') media.push({ kind: 'image', ...known(imageAt(part.image_url.url), 'image_url') });
    if (part.type === 'file') media.push({ kind: 'document', ...known(dataUrl(part.file.file_data), 'file') });
  }
  return { text: list.filter(({ type }) => type === 'text' || type === 'refusal').map((part) => part.text ?? part.refusal).join(''), media };
}

function known(data, what) {
  if (!data) throw new Refused(`this ${what} cannot be fetched here`);
  return data;
}

function readArguments(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(`these arguments are no JSON: ${text}`);
  }
}

function read(body) {
  const system = [];
  const turns = [];
  for (const message of body.messages) {
    const said = parts(message.content);
    if (message.role === 'system' || message.role === 'developer') system.push(said.text);
    else if (message.role === 'tool') turns.push({ role: 'tool', id: message.tool_call_id, text: said.text });
    else {
      const calls = (message.tool_calls ?? []).map(({ id, function: { name, arguments: args } }) => ({ id, name, args: readArguments(args) }));
      turns.push({ role: message.role, ...said, text: said.text || message.refusal || '', calls });
    }
  }
  return {
    system: system.join('\n'),
    turns,
    tools: (body.tools ?? []).map(({ function: { name, parameters } }) => ({ name, schema: parameters })),
    schema: body.response_format?.json_schema?.schema,
    stop: [body.stop ?? []].flat(),
    limit: body.max_completion_tokens ?? body.max_tokens,
    thinking: Boolean(body.reasoning_effort) && body.reasoning_effort !== 'none',
    steady: body.model.includes('steady'),
  };
}

const usageOf = ({ input, cached, written, output, reasoning }) => ({
  prompt_tokens: input, completion_tokens: output, total_tokens: input + output,
  prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0, ...(written && { cache_write_tokens: written }) },
  completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
});

const joined = (answer, kind) => answer.pieces.filter((piece) => piece.kind === kind).map(({ text }) => text).join('') || null;

function whole(x, answer) {
  const calls = answer.pieces.filter(({ kind }) => kind === 'call');
  const thought = joined(answer, 'thought');
  const message = {
    role: 'assistant', content: joined(answer, 'text'), refusal: joined(answer, 'refusal'), annotations: [],
    ...(thought && { reasoning_content: thought }),
    ...(calls.length && { tool_calls: calls.map(({ id, name, args }) => ({ id, type: 'function', function: { name, arguments: JSON.stringify(args) } })) }),
  };
  x.json(200, x.own('CreateChatCompletionResponse', {
    id: 'chatcmpl-standin', object: 'chat.completion', created: CREATED, model: x.body.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: FINISH[answer.finish] }],
    usage: usageOf(answer.usage), service_tier: 'default', system_fingerprint: 'fp_standin',
  }));
}

async function stream(x, answer) {
  const frame = (choices, more = {}) => x.send(event(x.own('CreateChatCompletionStreamResponse', {
    id: 'chatcmpl-standin', object: 'chat.completion.chunk', created: CREATED, model: x.body.model, service_tier: 'default',
    system_fingerprint: 'fp_standin', choices, ...(x.body.stream_options?.include_usage && { usage: null }), ...more,
  })));
  const delta = (value, finish = null) => frame([{ index: 0, delta: value, logprobs: null, finish_reason: finish }]);
  x.begin('text/event-stream; charset=utf-8');
  await delta({ role: 'assistant', content: '', refusal: null });
  let number = 0;
  for (const piece of answer.pieces) {
    if (piece.kind === 'call') {
      await delta({ tool_calls: [{ index: number, id: piece.id, type: 'function', function: { name: piece.name, arguments: '' } }] });
      for (const some of pieces(JSON.stringify(piece.args))) await delta({ tool_calls: [{ index: number, function: { arguments: some } }] });
      number += 1;
    } else {
      const field = { thought: 'reasoning_content', text: 'content', refusal: 'refusal' }[piece.kind];
      for (const some of untilItBreaks(answer, pieces(piece.text))) await delta({ [field]: some });
    }
  }
  if (answer.fault?.kind === 'cut') return x.cut();
  if (answer.fault) {
    await x.send(event({ error: { message: 'stand-in: it broke in the middle', type: 'server_error', param: null, code: null } }));
    return x.end();
  }
  await delta({}, FINISH[answer.finish]);
  if (x.body.stream_options?.include_usage) await frame([], { usage: usageOf(answer.usage) });
  await x.send(event('[DONE]'));
  return x.end();
}

const TYPES = { rate: ['requests', 'rate_limit_exceeded'], unauthorized: ['invalid_request_error', 'invalid_api_key'], unknown: ['invalid_request_error', 'model_not_found'], invalid: ['invalid_request_error', null] };
function refuse(x, { message, status, kind }) {
  const [type, code] = TYPES[kind] ?? ['server_error', null];
  x.json(status, x.own('ErrorResponse', { error: { message, type, param: null, code } }), kind === 'rate' ? { 'retry-after': '30' } : {});
}

function embed(x) {
  x.hold('CreateEmbeddingRequest');
  const inputs = [x.body.input].flat();
  const data = inputs.map((text, index) => {
    const vector = Float32Array.from([0.25, -0.5, index, text.length ?? 0]);
    return { object: 'embedding', index, embedding: x.body.encoding_format === 'base64' ? Buffer.from(vector.buffer).toString('base64') : [...vector] };
  });
  x.json(200, { object: 'list', data, model: x.body.model, usage: { prompt_tokens: 7, total_tokens: 7 } });
}

export const openaiChat = {
  name: 'openai',
  description: 'openai',
  answer(x) {
    const path = x.path.replace(/^.*\/v1(?=\/)/, '');
    if (x.method === 'GET' && path === '/models') return x.json(200, { object: 'list', data: ['scripted'].map((id) => ({ id, object: 'model', created: CREATED, owned_by: 'stand-in' })) });
    if (x.headers.authorization !== 'Bearer standin-key') return refuse(x, faults.unauthorized());
    if (x.body.model?.startsWith('nosuch')) return refuse(x, faults.unknown(x.body.model));
    if (path === '/embeddings') return embed(x);
    if (path !== '/chat/completions') return refuse(x, new Refused(`there is nothing at ${x.path}`, { status: 404 }));
    x.hold('CreateChatCompletionRequest');
    return play(x, { read, streams: Boolean(x.body.stream), whole, stream, refuse });
  },
};
