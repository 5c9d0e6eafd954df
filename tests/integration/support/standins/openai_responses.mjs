// A stand-in for OpenAI's Responses. Not OpenAI's server: what it sends and what it is sent are held against their published
// description (`CreateResponse`, `Response`, `ResponseStreamEvent`). It keeps nothing between requests, so thoughts come back
// as items with their encrypted content, or not at all.
import { event } from './server.mjs';
import { Refused, dataUrl, faults, imageAt, pieces, play, sealOf, untilItBreaks } from './script.mjs';

const CREATED = 1760000000;
const seals = { maker: 'responses', on: 'thoughts' };

const blocks = (content) => (typeof content === 'string' ? [{ type: 'input_text', text: content }] : (content ?? []));
const textOf = (content) => blocks(content).map((part) => part.text ?? part.refusal ?? '').join('');

function mediaOf(content) {
  return blocks(content).filter(({ type }) => type === 'input_image' || type === 'input_file').map(({ type, image_url, file_data }) => {
    const data = type === 'input_image' ? imageAt(image_url) : dataUrl(file_data);
    if (!data) throw new Refused(`this ${type} cannot be fetched here`);
    return { kind: type === 'input_image' ? 'image' : 'document', ...data };
  });
}

function readArguments(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(`these arguments are no JSON: ${text}`);
  }
}

// Items of an assistant that follow each other are one turn.
function turnsOf(input) {
  const turns = [];
  const assistant = () => {
    if (turns.at(-1)?.role !== 'assistant') turns.push({ role: 'assistant', text: '', thoughts: [], calls: [] });
    return turns.at(-1);
  };
  for (const [at, item] of input.entries()) {
    switch (item.type ?? 'message') {
      case 'reasoning':
        if (!['function_call', 'message', 'reasoning'].includes(input[at + 1]?.type ?? (input[at + 1] && 'message'))) throw new Refused(`Item '${item.id}' of type 'reasoning' was provided without its required following item.`);
        assistant().thoughts.push({ text: item.summary.map(({ text }) => text).join(''), seal: item.encrypted_content });
        break;
      case 'function_call': assistant().calls.push({ id: item.call_id, name: item.name, args: readArguments(item.arguments) }); break;
      case 'function_call_output': turns.push({ role: 'tool', id: item.call_id, text: textOf(item.output) }); break;
      case 'message':
        if (item.role === 'assistant') assistant().text += textOf(item.content);
        else turns.push({ role: item.role === 'user' ? 'user' : 'system', text: textOf(item.content), media: mediaOf(item.content) });
        break;
      default: throw new Refused(`there are no items of type ${item.type} here`);
    }
  }
  return turns;
}

function read(body) {
  if (body.previous_response_id) throw new Refused(`Previous response with id '${body.previous_response_id}' not found.`);
  const turns = turnsOf(typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : body.input);
  const format = body.text?.format;
  return {
    system: [body.instructions ?? [], turns.filter(({ role }) => role === 'system').map(({ text }) => text)].flat().join('\n'),
    turns: turns.filter(({ role }) => role !== 'system'),
    tools: (body.tools ?? []).map(({ name, parameters }) => ({ name, schema: parameters })),
    schema: format?.type === 'json_schema' ? format.schema : undefined,
    limit: body.max_output_tokens,
    thinking: Boolean(body.reasoning) && body.reasoning.effort !== 'none',
    steady: body.model.includes('steady'),
  };
}

const usageOf = ({ input, cached, written, output, reasoning }) => ({
  input_tokens: input, input_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
  output_tokens: output, output_tokens_details: { reasoning_tokens: reasoning }, total_tokens: input + output,
});

const responseOf = ({ body }, more) => ({
  id: 'resp_standin', object: 'response', created_at: CREATED, status: 'in_progress', background: false, error: null, incomplete_details: null,
  instructions: body.instructions ?? null, max_output_tokens: body.max_output_tokens ?? null, model: body.model, output: [],
  parallel_tool_calls: body.parallel_tool_calls ?? true, previous_response_id: null, reasoning: { effort: body.reasoning?.effort ?? null, summary: body.reasoning?.summary ?? null },
  store: body.store ?? true, temperature: body.temperature ?? 1, text: { format: { type: 'text' } }, tool_choice: body.tool_choice ?? 'auto', tools: body.tools ?? [],
  top_p: body.top_p ?? 1, truncation: 'disabled', usage: null, metadata: {}, ...more,
});

// What can be read of a thought is only its summary, where one is wanted; what can be sent back only where that is.
function itemOf({ body }, piece, index) {
  switch (piece.kind) {
    case 'thought': {
      const summary = body.reasoning?.summary ? [{ type: 'summary_text', text: piece.text }] : [];
      const sealed = body.include?.includes('reasoning.encrypted_content');
      return { id: `rs_standin_${index}`, type: 'reasoning', summary, ...(sealed && { encrypted_content: sealOf(seals.maker, summary[0]?.text ?? '') }) };
    }
    case 'call': return { id: `fc_standin_${index}`, type: 'function_call', status: 'completed', call_id: piece.id, name: piece.name, arguments: JSON.stringify(piece.args) };
    default: return { id: `msg_standin_${index}`, type: 'message', status: 'completed', role: 'assistant', content: [contentOf(piece)] };
  }
}
const contentOf = ({ kind, text }) => (kind === 'refusal' ? { type: 'refusal', refusal: text } : { type: 'output_text', text, annotations: [], logprobs: [] });

function ended(x, answer) {
  const output = answer.pieces.map((piece, index) => itemOf(x, piece, index));
  const reason = { length: 'max_output_tokens', filter: 'content_filter' }[answer.finish];
  return responseOf(x, { status: reason ? 'incomplete' : 'completed', incomplete_details: reason ? { reason } : null, output, usage: usageOf(answer.usage) });
}

function whole(x, answer) {
  x.json(200, x.own('Response', ended(x, answer)), { 'x-request-id': 'req_standin' });
}

async function stream(x, answer) {
  let number = 0;
  const send = (type, more) => x.send(event(x.own('ResponseStreamEvent', { type, sequence_number: number++, ...more }), type));
  x.begin('text/event-stream; charset=utf-8', { 'x-request-id': 'req_standin' });
  await send('response.created', { response: responseOf(x) });
  await send('response.in_progress', { response: responseOf(x) });
  for (const [index, piece] of answer.pieces.entries()) {
    if (await item(x, send, { answer, piece, index })) continue;
    if (answer.fault.kind === 'cut') return x.cut();
    await send('response.failed', { response: responseOf(x, { status: 'failed', error: { code: 'server_error', message: 'stand-in: it broke in the middle' } }) });
    return x.end();
  }
  const response = ended(x, answer);
  await send(`response.${response.status}`, { response });
  return x.end();
}

// One item of the output; false when the stream breaks within it.
async function item(x, send, { answer, piece, index }) {
  const done = itemOf(x, piece, index);
  const place = { item_id: done.id, output_index: index };
  const open = { message: { status: 'in_progress', content: [] }, function_call: { status: 'in_progress', arguments: '' }, reasoning: { summary: [] } }[done.type];
  await send('response.output_item.added', { output_index: index, item: { ...done, ...open } });
  if (done.type === 'function_call') {
    for (const delta of pieces(done.arguments)) await send('response.function_call_arguments.delta', { ...place, delta });
    await send('response.function_call_arguments.done', { ...place, name: done.name, arguments: done.arguments });
  } else if (done.type === 'reasoning') {
    for (const { text } of done.summary) {
      const part = { ...place, summary_index: 0 };
      await send('response.reasoning_summary_part.added', { ...part, part: { type: 'summary_text', text: '' } });
      for (const delta of pieces(text)) await send('response.reasoning_summary_text.delta', { ...part, delta });
      await send('response.reasoning_summary_text.done', { ...part, text });
      await send('response.reasoning_summary_part.done', { ...part, part: { type: 'summary_text', text } });
    }
  } else {
    const refusal = piece.kind === 'refusal';
    const name = refusal ? 'response.refusal' : 'response.output_text';
    const part = { ...place, content_index: 0 };
    const logprobs = refusal ? {} : { logprobs: [] };
    await send('response.content_part.added', { ...part, part: contentOf({ ...piece, text: '' }) });
    for (const delta of untilItBreaks(answer, pieces(piece.text))) await send(`${name}.delta`, { ...part, delta, ...logprobs });
    if (answer.fault) return false;
    await send(`${name}.done`, { ...part, [refusal ? 'refusal' : 'text']: piece.text, ...logprobs });
    await send('response.content_part.done', { ...part, part: contentOf(piece) });
  }
  await send('response.output_item.done', { output_index: index, item: done });
  return true;
}

const TYPES = { rate: ['requests', 'rate_limit_exceeded'], unauthorized: ['invalid_request_error', 'invalid_api_key'], unknown: ['invalid_request_error', 'model_not_found'], invalid: ['invalid_request_error', null] };
function refuse(x, { message, status, kind }) {
  const [type, code] = TYPES[kind] ?? ['server_error', null];
  x.json(status, { error: { message, type, param: null, code } }, kind === 'rate' ? { 'retry-after': '30' } : {});
}

export const openaiResponses = {
  name: 'responses',
  description: 'openai',
  answer(x) {
    const path = x.path.replace(/^.*\/v1(?=\/)/, '');
    if (x.headers.authorization !== 'Bearer standin-key') return refuse(x, faults.unauthorized());
    if (x.method === 'GET' && path === '/models') return x.json(200, { object: 'list', data: [{ id: 'scripted', object: 'model', created: CREATED, owned_by: 'stand-in' }] });
    if (x.body?.model?.startsWith('nosuch')) return refuse(x, faults.unknown(x.body.model));
    if (path !== '/responses') return refuse(x, new Refused(`there is nothing at ${x.path}`, { status: 404 }));
    x.hold('CreateResponse');
    return play(x, { read, seals, streams: Boolean(x.body.stream), whole, stream, refuse });
  },
};
