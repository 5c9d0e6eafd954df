// What servers of each format are seen to send, or might, told of a good answer; as in lies.mjs. `translated`: a client of the
// same format is given what its provider says, so it is only held for the others.
import { everyObject, isObject, valuesOf } from './lies.mjs';

const chunks = (answer) => answer.items.filter(({ data }) => isObject(data));
const deltas = (answer) => chunks(answer).flatMap(({ data }) => data.choices ?? []).map(({ delta }) => delta).filter(Boolean);
const clone = (value) => structuredClone(value);
const openai = (name, expect, change, more = {}) => ({ name, expect, change, formats: ['openai'], streams: true, ...more });
const toolPieces = (answer, change) => deltas(answer).forEach((delta) => delta.tool_calls?.forEach((call) => change(call, delta)));
// The pieces of a call as one.
function wholeCalls(answer) {
  const seen = new Map();
  answer.items = answer.items.filter(({ data }) => {
    const calls = data.choices?.[0]?.delta?.tool_calls;
    if (!calls) return true;
    const [call] = calls;
    if (!seen.has(call.index)) {
      seen.set(call.index, call);
      return true;
    }
    seen.get(call.index).function.arguments += call.function.arguments;
    return false;
  });
}
const finishOf = (answer) => chunks(answer).find(({ data }) => data.choices?.[0]?.finish_reason);
const usageOf = (answer) => chunks(answer).find(({ data }) => data.usage);
const insertBefore = (answer, item, ...more) => answer.items.splice(answer.items.indexOf(item), 0, ...more);
const insertBehind = (answer, item, ...more) => answer.items.splice(answer.items.indexOf(item) + 1, 0, ...more);

const openaiLies = [
  openai('the role in each chunk', 'same', (a) => deltas(a).forEach((delta) => { delta.role = 'assistant'; })),
  openai('the role nowhere', 'same', (a) => deltas(a).forEach((delta) => { delete delta.role; })),
  openai('content null beside everything', 'same', (a) => deltas(a).forEach((delta) => { delta.content ??= null; delta.refusal ??= null; delta.tool_calls ??= null; delta.function_call ??= null; delta.reasoning_content ??= null; })),
  openai('content empty beside everything', 'same', (a) => deltas(a).forEach((delta) => { delta.content ??= ''; delta.tool_calls ??= []; delta.reasoning_content ??= ''; })),
  openai('content as parts', 'same', (a) => deltas(a).forEach((delta) => { if (delta.content) delta.content = [{ type: 'text', text: delta.content }]; })),
  openai('content as a list of texts', 'same', (a) => deltas(a).forEach((delta) => { if (delta.content) delta.content = [delta.content]; })),
  openai('content as one part', 'same', (a) => deltas(a).forEach((delta) => { if (delta.content) delta.content = { type: 'text', text: delta.content }; })),
  openai('thoughts as `reasoning`', 'same', (a) => deltas(a).forEach((delta) => { if (delta.reasoning_content) { delta.reasoning = delta.reasoning_content; delete delta.reasoning_content; } })),
  openai('thoughts under both names', 'same', (a) => deltas(a).forEach((delta) => { if (delta.reasoning_content) delta.reasoning = delta.reasoning_content; })),
  openai('thoughts as parts', 'same', (a) => deltas(a).forEach((delta) => { if (delta.reasoning_content) { delta.content = [{ type: 'thinking', thinking: [{ type: 'text', text: delta.reasoning_content }] }]; delete delta.reasoning_content; } })),
  openai('thoughts as parts that hold a text', 'same', (a) => deltas(a).forEach((delta) => { if (delta.reasoning_content) { delta.content = [{ type: 'thinking', thinking: delta.reasoning_content }]; delete delta.reasoning_content; } })),
  openai('thoughts as `reasoning_details`', 'same', (a) => deltas(a).forEach((delta) => { if (delta.reasoning_content) { delta.reasoning_details = [{ type: 'reasoning.text', text: delta.reasoning_content, format: 'unknown', index: 0 }]; delete delta.reasoning_content; } })),
  openai('calls without an index', 'same', (a) => { wholeCalls(a); toolPieces(a, (call) => { delete call.index; }); }),
  openai('calls in pieces without an index', 'same', (a) => toolPieces(a, (call) => { delete call.index; })),
  openai('calls with index null', 'same', (a) => toolPieces(a, (call) => { call.index = null; })),
  openai('calls from 1', 'same', (a) => toolPieces(a, (call) => { call.index += 1; })),
  openai('calls from 5, two at a time', 'same', (a) => toolPieces(a, (call) => { call.index = call.index * 2 + 5; })),
  openai('all calls have index 0', 'same', (a) => toolPieces(a, (call) => { call.index = 0; })),
  openai('the index as a text', 'same', (a) => toolPieces(a, (call) => { call.index = String(call.index); })),
  openai('whole calls, all with index 0', 'same', (a) => { wholeCalls(a); toolPieces(a, (call) => { call.index = 0; }); }),
  openai('whole calls of index 0 without ids', 'same', (a) => { wholeCalls(a); toolPieces(a, (call) => { call.index = 0; delete call.id; }); }),
  openai('whole calls in one chunk', 'same', (a) => { wholeCalls(a); const [first, second] = deltas(a).filter((delta) => delta.tool_calls); if (second) { first.tool_calls.push(...second.tool_calls); delete second.tool_calls; } }),
  openai('whole calls in one chunk without indexes and ids', 'same', (a) => { wholeCalls(a); const [first, second] = deltas(a).filter((delta) => delta.tool_calls); if (second) { first.tool_calls.push(...second.tool_calls); delete second.tool_calls; first.tool_calls.forEach((call) => { delete call.index; delete call.id; }); } }),
  openai('arguments as an object', 'same', (a) => { wholeCalls(a); toolPieces(a, (call) => { call.function.arguments = JSON.parse(call.function.arguments); }); }),
  openai('no ids of calls', 'same', (a) => toolPieces(a, (call) => { delete call.id; })),
  openai('empty ids of calls', 'same', (a) => toolPieces(a, (call) => { if (call.id) call.id = ''; })),
  openai('the same id for all calls', 'same', (a) => toolPieces(a, (call) => { if (call.id) call.id = 'call_same'; })),
  openai('ids as numbers', 'same', (a) => toolPieces(a, (call) => { if (call.id) call.id = Number(call.id.slice(-1)); })),
  openai('the id in each piece', 'same', (a) => { const ids = []; toolPieces(a, (call) => { ids[call.index] ??= call.id; call.id = ids[call.index]; }); }),
  openai('id and name in each piece', 'same', (a) => { const known = []; toolPieces(a, (call) => { known[call.index] ??= [call.id, call.function.name]; [call.id, call.function.name] = known[call.index]; call.type = 'function'; }); }),
  openai('the name empty or null in later pieces', 'same', (a) => { const known = []; toolPieces(a, (call) => { if (known[call.index]) { call.function.name = call.index ? null : ''; call.id = call.index ? null : ''; } known[call.index] = true; }); }),
  openai('no type of calls', 'same', (a) => toolPieces(a, (call) => { delete call.type; })),
  openai('the pieces of two calls mixed', 'same', (a) => {
    const of = (index) => a.items.filter(({ data }) => data.choices?.[0]?.delta?.tool_calls?.[0].index === index);
    const [first, second] = [of(0), of(1)];
    if (!first.length) return;
    const at = a.items.indexOf(first[0]);
    const mixed = Array.from({ length: Math.max(first.length, second.length) }, (_, i) => [first[i], second[i]].filter(Boolean)).flat();
    a.items.splice(at, first.length + second.length, ...mixed);
  }),
  openai('calls before the text', 'same', (a) => {
    const calls = a.items.filter(({ data }) => data.choices?.[0]?.delta?.tool_calls);
    const at = a.items.findIndex(({ data }) => data.choices?.[0]?.delta?.content);
    a.items = a.items.filter((item) => !calls.includes(item));
    a.items.splice(at, 0, ...calls);
  }),
  openai('a call in no list', 'same', (a) => toolPieces(a, (call, delta) => { delta.tool_calls = call; })),
  openai('a message in place of a delta', 'same', (a) => chunks(a).forEach(({ data }) => data.choices?.forEach((choice) => { choice.message = choice.delta; delete choice.delta; }))),
  openai('a message beside a null delta', 'same', (a) => chunks(a).forEach(({ data }) => data.choices?.forEach((choice) => { choice.message = choice.delta; choice.delta = null; }))),
  openai('a message beside an empty delta', 'same', (a) => chunks(a).forEach(({ data }) => data.choices?.forEach((choice) => { choice.message = choice.delta; choice.delta = {}; }))),
  openai('the text so far in a message beside', 'same', (a) => { let text = ''; chunks(a).forEach(({ data }) => data.choices?.forEach((choice) => { text += choice.delta.content ?? ''; choice.message = { role: 'assistant', content: text }; })); }),
  openai('text in place of a delta', 'same', (a) => chunks(a).forEach(({ data }) => data.choices?.forEach((choice) => { if (choice.delta.content) { choice.text = choice.delta.content; delete choice.delta.content; } }))),
  openai('text beside the same content', 'same', (a) => chunks(a).forEach(({ data }) => data.choices?.forEach((choice) => { if (choice.delta.content) choice.text = choice.delta.content; }))),
  openai('no index of the choice', 'same', (a) => chunks(a).forEach(({ data }) => data.choices?.forEach((choice) => { delete choice.index; }))),
  openai('choices from 1', 'same', (a) => chunks(a).forEach(({ data }) => data.choices?.forEach((choice) => { choice.index = 1; }))),
  openai('empty choices between', 'same', (a) => { a.items = a.items.flatMap((item) => (isObject(item.data) ? [{ data: { ...item.data, choices: [], usage: undefined } }, item] : [item])); }),
  openai('choices null between', 'same', (a) => { a.items = a.items.flatMap((item) => (isObject(item.data) ? [{ data: { ...item.data, choices: null, usage: undefined } }, item] : [item])); }),
  openai('filter results first', 'same', (a) => a.items.unshift({ data: { choices: [], created: 0, id: '', model: '', object: '', prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }] } })),
  openai('no id, object, created, model', 'same', (a) => chunks(a).forEach(({ data }) => { delete data.id; delete data.object; delete data.created; delete data.model; })),
  openai('created as a text and with a fraction', 'same', (a) => chunks(a).forEach(({ data }, i) => { data.created = i % 2 ? '1760000000' : 1760000000.25; })),
  openai('stop in each chunk', 'same', (a) => chunks(a).forEach(({ data }) => data.choices?.forEach((choice) => { choice.finish_reason ??= 'stop'; })), { lastFinish: true }),
  openai('an empty finish in each chunk', 'same', (a) => chunks(a).forEach(({ data }) => data.choices?.forEach((choice) => { choice.finish_reason ??= ''; }))),
  openai('the finish twice', 'same', (a) => { const finish = finishOf(a); insertBehind(a, finish, clone(finish)); }),
  openai('the finish twice, stop behind', 'same', (a) => { const finish = finishOf(a); const second = clone(finish); second.data.choices[0].finish_reason = 'stop'; insertBehind(a, finish, second); }, { calls: true }),
  openai('stop where there are calls', 'same', (a) => { finishOf(a).data.choices[0].finish_reason = 'stop'; }),
  openai('a finish of another word', 'same', (a) => { finishOf(a).data.choices[0].finish_reason = 'eos_token'; }),
  openai('no finish, [DONE]', 'same', (a) => { finishOf(a).data.choices[0].finish_reason = null; }),
  openai('no finish, no [DONE]', 'error', (a) => { finishOf(a).data.choices[0].finish_reason = null; a.items.pop(); }),
  openai('no [DONE]', 'same', (a) => a.items.pop()),
  openai('the finish with the last text', 'same', (a) => { const finish = finishOf(a); const before = a.items[a.items.indexOf(finish) - 1]; before.data.choices[0].finish_reason = finish.data.choices[0].finish_reason; a.items.splice(a.items.indexOf(finish), 1); }),
  openai('usage with the finish', 'same', (a) => { const usage = usageOf(a); finishOf(a).data.usage = usage.data.usage; a.items.splice(a.items.indexOf(usage), 1); }),
  openai('usage with the finish and again', 'same', (a) => { finishOf(a).data.usage = clone(usageOf(a).data.usage); }),
  openai('usage twice', 'same', (a) => { const usage = usageOf(a); insertBehind(a, usage, clone(usage)); }),
  openai('usage in each chunk', 'same', (a) => { const full = usageOf(a).data.usage; let n = 0; chunks(a).forEach(({ data }) => { if (!data.usage) data.usage = { ...full, completion_tokens: n, total_tokens: full.prompt_tokens + n++ }; }); }),
  openai('the same usage in each chunk', 'same', (a) => { const full = usageOf(a).data.usage; chunks(a).forEach(({ data }) => { data.usage ??= full; }); }),
  openai('usage first', 'same', (a) => { const usage = usageOf(a); a.items.splice(a.items.indexOf(usage), 1); a.items.unshift(usage); }),
  openai('usage before the finish', 'same', (a) => { const usage = usageOf(a); a.items.splice(a.items.indexOf(usage), 1); insertBefore(a, finishOf(a), usage); }),
  openai('usage behind [DONE]', 'same', (a) => { const usage = usageOf(a); a.items.splice(a.items.indexOf(usage), 1); a.items.push(usage); }, { usage: false }),
  openai('usage in a chunk with null choices', 'same', (a) => { usageOf(a).data.choices = null; }),
  openai('usage in a chunk without choices', 'same', (a) => { delete usageOf(a).data.choices; }),
  openai('usage in a chunk with an empty choice', 'same', (a) => { usageOf(a).data.choices = [{ index: 0, delta: {}, finish_reason: null, logprobs: null }]; }),
  openai('usage in texts', 'same', (a) => { const { usage } = usageOf(a).data; for (const key of ['prompt_tokens', 'completion_tokens', 'total_tokens']) usage[key] = String(usage[key]); }),
  openai('usage with fractions', 'same', (a) => { for (const item of a.items) if (item.data.usage) item.raw = `data: ${JSON.stringify(item.data).replace(/"(prompt|completion|total)_tokens":(\d+)/g, '"$1_tokens":$2.0')}\n\n`; }),
  openai('usage without its sum', 'same', (a) => { delete usageOf(a).data.usage.total_tokens; }),
  openai('usage of the sum and the prompt', 'same', (a) => { delete usageOf(a).data.usage.completion_tokens; }),
  openai('usage null', 'same', (a) => { usageOf(a).data.usage = null; }, { usage: false }),
  openai('no usage', 'same', (a) => { a.items.splice(a.items.indexOf(usageOf(a)), 1); }, { usage: false }),
  openai('usage as x_groq has it', 'same', (a) => { const usage = usageOf(a); finishOf(a).data.x_groq = { id: 'x', usage: usage.data.usage }; a.items.splice(a.items.indexOf(usage), 1); }),
  openai('details null', 'same', (a) => { Object.assign(usageOf(a).data.usage, { prompt_tokens_details: null, completion_tokens_details: null }); }, { usage: false }),
  openai('cached tokens as DeepSeek says them', 'same', (a) => { const { usage } = usageOf(a).data; usage.prompt_cache_hit_tokens = 400; usage.prompt_cache_miss_tokens = 600; delete usage.prompt_tokens_details.cached_tokens; }),
  openai('two events in one block of data', 'same', (a) => { for (let i = 2; i + 1 < a.items.length - 2; i += 3) { if (!isObject(a.items[i].data) || !isObject(a.items[i + 1].data)) continue; a.items[i] = { raw: `data: ${JSON.stringify(a.items[i].data)}\ndata: ${JSON.stringify(a.items[i + 1].data)}\n\n` }; a.items.splice(i + 1, 1); } }),
  openai('halves of a character in two chunks', 'same', (a) => {
    a.items = a.items.flatMap((item) => {
      const text = item.data.choices?.[0]?.delta?.content;
      const at = text ? [...text].findIndex((c) => c.length === 2) : -1;
      if (at < 0) return [item];
      const unit = [...text].slice(0, at).join('').length + 1;
      const of = (content) => { const data = clone(item.data); data.choices[0].delta.content = content; return { data }; };
      return [of(text.slice(0, unit)), of(text.slice(unit))];
    });
  }),
  openai('NaN in logprobs', 'same', (a) => { a.items = a.items.map((item) => (item.data.choices?.[0]?.delta?.content ? { raw: `data: ${JSON.stringify(item.data).replace('"logprobs":null', '"logprobs":{"content":[{"token":"x","logprob":-Infinity,"bytes":null,"top_logprobs":[]}],"refusal":null}')}\n\n` } : item)); }),
  openai('a chunk that was cut in the middle of its text', 'error', (a) => { const at = a.items.findIndex(({ data }) => data.choices?.[0]?.delta?.content); const line = JSON.stringify(a.items[at + 2].data); a.items[at + 2] = { raw: `data: ${line.slice(0, line.indexOf('"content":"') + 14)}\n\n` }; }),
  openai('garbage between', 'same', (a) => a.items.splice(4, 0, { raw: 'data: garbage\n\n' }, { raw: 'data: {"x": }\n\n' }, { raw: 'data: 42\n\n' }, { raw: 'data: null\n\n' }, { raw: 'data: []\n\n' })),
  openai('chunks of nothing', 'same', (a) => a.items.splice(4, 0, { data: {} }, { data: { choices: [{}] } }, { data: { choices: [{ delta: null, index: 0, finish_reason: null }] } }, { data: { choices: ['x', null, 1] } })),
];
const wholeOpenai = (name, expect, change, more = {}) => ({ name, expect, change: (answer) => change(answer.value, answer.value.choices[0].message, answer.value.choices[0]), formats: ['openai'], streams: false, ...more });
const eachCall = (message, change) => message.tool_calls?.forEach(change);
const openaiWholeLies = [
  wholeOpenai('content as parts', 'same', (_, message) => { message.content = [{ type: 'text', text: message.content.slice(0, 9) }, { type: 'text', text: message.content.slice(9) }]; }),
  wholeOpenai('content as a list of texts', 'same', (_, message) => { message.content = [message.content.slice(0, 9), message.content.slice(9)]; }),
  wholeOpenai('content as one part', 'same', (_, message) => { message.content = { type: 'text', text: message.content }; }),
  wholeOpenai('thoughts as `reasoning`', 'same', (_, message) => { message.reasoning = message.reasoning_content; delete message.reasoning_content; }),
  wholeOpenai('thoughts under both names', 'same', (_, message) => { message.reasoning = message.reasoning_content; }),
  wholeOpenai('thoughts as parts', 'same', (_, message) => { message.content = [{ type: 'thinking', thinking: [{ type: 'text', text: message.reasoning_content }] }, { type: 'text', text: message.content }]; delete message.reasoning_content; }),
  wholeOpenai('thoughts as parts that hold a text', 'same', (_, message) => { message.content = [{ type: 'thinking', thinking: message.reasoning_content }, { type: 'text', text: message.content }]; delete message.reasoning_content; }),
  wholeOpenai('thoughts as `reasoning_details`', 'same', (_, message) => { message.reasoning_details = [{ type: 'reasoning.text', text: message.reasoning_content, format: 'unknown', index: 0 }]; delete message.reasoning_content; }),
  wholeOpenai('thoughts before the text in <think>', 'either', (_, message) => { message.content = `<think>${message.reasoning_content}</think>${message.content}`; delete message.reasoning_content; }, { skip: true }),
  wholeOpenai('arguments as an object', 'same', (_, message) => eachCall(message, (call) => { call.function.arguments = JSON.parse(call.function.arguments); })),
  wholeOpenai('no ids', 'same', (_, message) => eachCall(message, (call) => { delete call.id; })),
  wholeOpenai('empty ids', 'same', (_, message) => eachCall(message, (call) => { call.id = ''; })),
  wholeOpenai('the same id for all', 'same', (_, message) => eachCall(message, (call) => { call.id = 'call_same'; })),
  wholeOpenai('ids as numbers', 'same', (_, message) => eachCall(message, (call, i) => { call.id = i + 1; })),
  wholeOpenai('no type of calls', 'same', (_, message) => eachCall(message, (call) => { delete call.type; })),
  wholeOpenai('an index of calls', 'same', (_, message) => eachCall(message, (call, i) => { call.index = i + 1; })),
  wholeOpenai('no role', 'same', (_, message) => { delete message.role; }),
  wholeOpenai('calls null', 'same', (_, message) => { message.tool_calls ??= null; message.function_call = null; }),
  wholeOpenai('stop where there are calls', 'same', (_, __, choice) => { choice.finish_reason = 'stop'; }),
  wholeOpenai('a finish of another word', 'same', (_, __, choice) => { choice.finish_reason = 'eos_token'; }),
  wholeOpenai('no finish', 'same', (_, __, choice) => { delete choice.finish_reason; }),
  wholeOpenai('finish null', 'same', (_, __, choice) => { choice.finish_reason = null; }),
  wholeOpenai('no index', 'same', (_, __, choice) => { delete choice.index; }),
  wholeOpenai('from 1', 'same', (_, __, choice) => { choice.index = 1; }),
  wholeOpenai('no id, object, created, model', 'same', (value) => { delete value.id; delete value.object; delete value.created; delete value.model; }),
  wholeOpenai('usage in texts', 'same', ({ usage }) => { for (const key of ['prompt_tokens', 'completion_tokens', 'total_tokens']) usage[key] = String(usage[key]); }),
  wholeOpenai('usage without its sum', 'same', ({ usage }) => { delete usage.total_tokens; }),
  wholeOpenai('usage of the sum and the prompt', 'same', ({ usage }) => { delete usage.completion_tokens; }),
  wholeOpenai('usage null', 'same', (value) => { value.usage = null; }, { usage: false }),
  wholeOpenai('no usage', 'same', (value) => { delete value.usage; }, { usage: false }),
  wholeOpenai('cached tokens as DeepSeek says them', 'same', ({ usage }) => { usage.prompt_cache_hit_tokens = 400; usage.prompt_cache_miss_tokens = 600; delete usage.prompt_tokens_details.cached_tokens; }),
  wholeOpenai('a delta in place of the message', 'either', (_, message, choice) => { choice.delta = message; delete choice.message; }),
];

const anthropic = (name, expect, change, more = {}) => ({ name, expect, change, formats: ['anthropic'], streams: true, ...more });
const typed = (answer, type) => answer.items.filter(({ data }) => data.type === type);
const blocksOf = (answer, type) => typed(answer, 'content_block_start').filter(({ data }) => data.content_block.type === type);
const anthropicLies = [
  anthropic('no pings, no stops of blocks', 'same', (a) => { a.items = a.items.filter(({ data }) => data.type !== 'ping' && data.type !== 'content_block_stop'); }, { translated: true }),
  anthropic('no index', 'same', (a) => a.items.forEach(({ data }) => { delete data.index; }), { translated: true }),
  anthropic('all blocks have index 0', 'same', (a) => a.items.forEach(({ data }) => { if ('index' in data) data.index = 0; }), { translated: true }),
  anthropic('blocks from 1', 'same', (a) => a.items.forEach(({ data }) => { if ('index' in data) data.index += 1; }), { translated: true }),
  anthropic('no types in the data', 'same', (a) => a.items.forEach(({ data }) => { delete data.type; }), { translated: true }),
  anthropic('no types of deltas', 'same', (a) => typed(a, 'content_block_delta').forEach(({ data }) => { delete data.delta.type; }), { translated: true }),
  anthropic('no starts of text blocks', 'same', (a) => { const gone = new Set(blocksOf(a, 'text')); a.items = a.items.filter((item) => !gone.has(item)); }, { translated: true }),
  anthropic('no starts of calls', 'error', (a) => { const gone = new Set(blocksOf(a, 'tool_use')); a.items = a.items.filter((item) => !gone.has(item)); }, { callsOnly: true, translated: true }),
  anthropic('inputs whole at the start', 'same', (a) => {
    for (const start of blocksOf(a, 'tool_use')) {
      const mine = typed(a, 'content_block_delta').filter(({ data }) => data.index === start.data.index);
      start.data.content_block.input = JSON.parse(mine.map(({ data }) => data.delta.partial_json).join(''));
      a.items = a.items.filter((item) => !mine.includes(item));
    }
  }, { translated: true }),
  anthropic('inputs as objects', 'same', (a) => {
    for (const start of blocksOf(a, 'tool_use')) {
      const [first, ...rest] = typed(a, 'content_block_delta').filter(({ data }) => data.index === start.data.index);
      first.data.delta.partial_json = JSON.parse([first, ...rest].map(({ data }) => data.delta.partial_json).join(''));
      a.items = a.items.filter((item) => !rest.includes(item));
    }
  }, { translated: true }),
  anthropic('texts in the starts of blocks', 'same', (a) => {
    for (const start of blocksOf(a, 'text')) {
      const mine = typed(a, 'content_block_delta').filter(({ data }) => data.index === start.data.index);
      start.data.content_block.text = mine.map(({ data }) => data.delta.text).join('');
      a.items = a.items.filter((item) => !mine.includes(item));
    }
  }),
  anthropic('no ids of calls', 'same', (a) => blocksOf(a, 'tool_use').forEach(({ data }) => { delete data.content_block.id; }), { translated: true }),
  anthropic('empty ids of calls', 'same', (a) => blocksOf(a, 'tool_use').forEach(({ data }) => { data.content_block.id = ''; }), { translated: true }),
  anthropic('the same id for all calls', 'same', (a) => blocksOf(a, 'tool_use').forEach(({ data }) => { data.content_block.id = 'toolu_same'; }), { translated: true }),
  anthropic('no message_start', 'same', (a) => a.items.shift(), { usage: false, translated: true }),
  anthropic('no message_stop', 'same', (a) => a.items.pop()),
  anthropic('no message_delta', 'either', (a) => { a.items = a.items.filter(({ data }) => data.type !== 'message_delta'); }, { usage: false, translated: true }),
  anthropic('neither message_delta nor message_stop', 'error', (a) => { a.items = a.items.filter(({ data }) => data.type !== 'message_delta' && data.type !== 'message_stop'); }),
  anthropic('message_delta twice', 'same', (a) => { const [item] = typed(a, 'message_delta'); insertBehind(a, item, clone(item)); }, { translated: true }),
  anthropic('message_stop twice', 'same', (a) => { a.items.push(clone(a.items.at(-1))); }, { translated: true }),
  anthropic('end_turn where there are calls', 'same', (a) => { typed(a, 'message_delta')[0].data.delta.stop_reason = 'end_turn'; }),
  anthropic('a stop reason of another word', 'either', (a) => { typed(a, 'message_delta')[0].data.delta.stop_reason = 'whatever'; }, { translated: true }),
  anthropic('stop_reason null', 'same', (a) => { typed(a, 'message_delta')[0].data.delta.stop_reason = null; }, { translated: true }),
  anthropic('usage only at the start', 'same', (a) => { const [start] = typed(a, 'message_start'); const [end] = typed(a, 'message_delta'); start.data.message.usage = end.data.usage; delete end.data.usage; }, { translated: true }),
  anthropic('usage only at the end', 'same', (a) => { delete typed(a, 'message_start')[0].data.message.usage; }, { translated: true }),
  anthropic('usage of the output alone at the end', 'same', (a) => { const [end] = typed(a, 'message_delta'); end.data.usage = { output_tokens: end.data.usage.output_tokens, output_tokens_details: end.data.usage.output_tokens_details }; }),
  anthropic('usage null at the start', 'same', (a) => { typed(a, 'message_start')[0].data.message.usage = null; }, { translated: true }),
  anthropic('usage zero at the start', 'same', (a) => { typed(a, 'message_start')[0].data.message.usage = { input_tokens: 0, output_tokens: 0 }; }, { translated: true }),
  anthropic('no usage', 'same', (a) => { delete typed(a, 'message_start')[0].data.message.usage; delete typed(a, 'message_delta')[0].data.usage; }, { usage: false, translated: true }),
  anthropic('deltas of a kind that nobody knows', 'same', (a) => { const [first] = typed(a, 'content_block_delta'); insertBefore(a, first, { name: 'content_block_delta', data: { type: 'content_block_delta', index: 0, delta: { type: 'shine_delta', shine: 3 } } }); }, { translated: true }),
  anthropic('[DONE] as of OpenAI', 'same', (a) => { a.items.push({ raw: 'data: [DONE]\n\n' }); }),
];
const wholeAnthropic = (name, expect, change, more = {}) => ({ name, expect, change: ({ value }) => change(value), formats: ['anthropic'], streams: false, ...more });
const anthropicWholeLies = [
  wholeAnthropic('content as a text', 'same', (value) => { const texts = value.content.filter(({ type }) => type === 'text'); if (!value.content.some(({ type }) => type === 'tool_use')) { value.content = texts.map(({ text }) => text).join(''); } }, { thoughtless: true, translated: true }),
  wholeAnthropic('content as one block', 'either', (value) => { value.content = value.content.find(({ type }) => type === 'text'); }, { translated: true, skip: true }),
  wholeAnthropic('input as a text', 'same', (value) => value.content.forEach((block) => { if (block.input) block.input = JSON.stringify(block.input); }), { translated: true }),
  wholeAnthropic('no ids of calls', 'same', (value) => value.content.forEach((block) => { delete block.id; }), { translated: true }),
  wholeAnthropic('the same id for all calls', 'same', (value) => value.content.forEach((block) => { if (block.id) block.id = 'toolu_same'; }), { translated: true }),
  wholeAnthropic('end_turn where there are calls', 'same', (value) => { value.stop_reason = 'end_turn'; }),
  wholeAnthropic('no stop reason', 'same', (value) => { value.stop_reason = null; }, { translated: true }),
  wholeAnthropic('no usage', 'same', (value) => { delete value.usage; }, { usage: false, translated: true }),
  wholeAnthropic('an input of null', 'either', (value) => value.content.forEach((block) => { if (block.input) block.input = null; }), { skip: true }),
];

const gemini = (name, expect, change, more = {}) => ({ name, expect, change: (answer) => valuesOf(answer).forEach((value, index, all) => change(value, index, all, answer)), formats: ['gemini'], ...more });
const partsOf = (value) => value.candidates?.[0]?.content?.parts ?? [];
const geminiLies = [
  gemini('snake case', 'same', (value) => everyObject(value, (object) => { for (const key of Object.keys(object)) { const name = key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`); if (name !== key) { object[name] = object[key]; delete object[key]; } } }), { translated: true }),
  gemini('no role, no index', 'same', (value) => { delete value.candidates?.[0]?.index; delete value.candidates?.[0]?.content?.role; }),
  gemini('candidates from 1', 'same', (value) => { if (value.candidates?.[0]) value.candidates[0].index = 1; }, { translated: true }),
  gemini('no usage before the end', 'same', (value, index, all) => { if (index < all.length - 1) delete value.usageMetadata; }),
  gemini('no usage', 'same', (value) => { delete value.usageMetadata; }, { usage: false }),
  gemini('usage in a chunk of its own', 'same', (value, index, all, answer) => { if (index !== all.length - 1 || !answer.items) return; answer.items.push({ data: { usageMetadata: value.usageMetadata } }); delete value.usageMetadata; }),
  gemini('usage twice', 'same', (value, index, all, answer) => { if (index === all.length - 1 && answer.items) answer.items.push({ data: { usageMetadata: value.usageMetadata } }); }),
  gemini('STOP in each chunk', 'same', (value) => { if (value.candidates?.[0]) value.candidates[0].finishReason ??= 'STOP'; }, { translated: true }),
  gemini('the unspecified reason in each chunk', 'same', (value) => { if (value.candidates?.[0]) value.candidates[0].finishReason ??= 'FINISH_REASON_UNSPECIFIED'; }, { translated: true }),
  gemini('a reason of another word', 'same', (value) => { if (value.candidates?.[0]?.finishReason) value.candidates[0].finishReason = 'FINE'; }, { translated: true }),
  gemini('no reason', 'error', (value) => { delete value.candidates?.[0]?.finishReason; }, { streams: true }),
  gemini('ids of calls', 'same', (value) => partsOf(value).forEach((part, i) => { if (part.functionCall) part.functionCall.id = `c${i}${part.functionCall.name}`; })),
  gemini('the same id for all calls', 'same', (value) => partsOf(value).forEach((part) => { if (part.functionCall) part.functionCall.id = 'same'; }), { translated: true }),
  gemini('empty ids of calls', 'same', (value) => partsOf(value).forEach((part) => { if (part.functionCall) part.functionCall.id = ''; }), { translated: true }),
  gemini('args as a text', 'same', (value) => partsOf(value).forEach((part) => { if (part.functionCall) part.functionCall.args = JSON.stringify(part.functionCall.args); }), { translated: true }),
  gemini('parts as one', 'same', (value) => { const content = value.candidates?.[0]?.content; if (content?.parts?.length === 1) [content.parts] = content.parts; }, { streams: true, translated: true }),
  gemini('empty parts and candidates between', 'same', (value, index, all, answer) => { if (index === 0 && answer.items) answer.items.splice(2, 0, { data: { candidates: [] , usageMetadata: {} } }, { data: { candidates: [{ index: 0, content: { role: 'model', parts: [] } }] } }, { data: { candidates: [{ index: 0, content: {} }] } }, { data: { candidates: [{ index: 0 }] } }); }),
];

const cohere = (name, expect, change, more = {}) => ({ name, expect, change, formats: ['cohere'], streams: true, ...more });
const cohereLies = [
  cohere('no types in the data', 'same', (a) => a.items.forEach(({ data }) => { delete data.type; }), { translated: true }),
  cohere('no starts and ends of content', 'same', (a) => { a.items = a.items.filter(({ data }) => !/^content-(start|end)$/.test(data.type)); }, { translated: true }),
  cohere('no indexes', 'same', (a) => a.items.forEach(({ data }) => { delete data.index; }), { translated: true }),
  cohere('calls in lists', 'same', (a) => a.items.forEach(({ data }) => { if (data.delta?.message?.tool_calls) data.delta.message.tool_calls = [data.delta.message.tool_calls]; }), { translated: true }),
  cohere('no ids of calls', 'same', (a) => a.items.forEach(({ data }) => { if (data.delta?.message?.tool_calls) delete data.delta.message.tool_calls.id; }), { translated: true }),
  cohere('the same id for all calls', 'same', (a) => a.items.forEach(({ data }) => { if (data.delta?.message?.tool_calls?.id) data.delta.message.tool_calls.id = 'same'; }), { translated: true }),
  cohere('whole arguments at the start', 'same', (a) => {
    let open;
    a.items = a.items.filter(({ data }) => {
      if (data.type === 'tool-call-start') open = data.delta.message.tool_calls;
      if (data.type !== 'tool-call-delta') return true;
      open.function.arguments += data.delta.message.tool_calls.function.arguments;
      return false;
    });
  }),
  cohere('the id in each piece', 'same', (a) => { let id; a.items.forEach(({ data }) => { const call = data.delta?.message?.tool_calls; if (data.type === 'tool-call-start') ({ id } = call); if (data.type === 'tool-call-delta') call.id = id; }); }),
  cohere('no message-end', 'error', (a) => a.items.pop()),
  cohere('message-end twice', 'same', (a) => a.items.push(clone(a.items.at(-1))), { translated: true }),
  cohere('message-end without a reason', 'same', (a) => { delete a.items.at(-1).data.delta.finish_reason; }, { translated: true }),
  cohere('COMPLETE where there are calls', 'same', (a) => { a.items.at(-1).data.delta.finish_reason = 'COMPLETE'; }),
  cohere('usage in billed units alone', 'same', (a) => { const { usage } = a.items.at(-1).data.delta; usage.billed_units.input_tokens = usage.tokens.input_tokens; delete usage.tokens; }, { translated: true }),
  cohere('no usage', 'same', (a) => { delete a.items.at(-1).data.delta.usage; }, { usage: false }),
  cohere('content as a text', 'same', (a) => a.items.forEach(({ data }) => { const content = data.delta?.message?.content; if (data.type === 'content-delta' && content?.text) data.delta.message.content = content.text; }), { translated: true }),
  cohere('content in lists', 'same', (a) => a.items.forEach(({ data }) => { const content = data.delta?.message?.content; if (content) data.delta.message.content = [content]; }), { translated: true }),
];

const ollama = (name, expect, change, more = {}) => ({ name, expect, change: (answer) => change(valuesOf(answer), answer), formats: ['ollama'], ...more });
const messagesOf = (all) => all.map(({ message }) => message);
const ollamaLies = [
  ollama('calls with ids, types and indexes', 'same', (all) => messagesOf(all).forEach((message) => message.tool_calls?.forEach((call, i) => Object.assign(call, { id: `call_${call.function.name}`, type: 'function', index: i }))), { translated: true }),
  ollama('the same id for all calls', 'same', (all) => messagesOf(all).forEach((message) => message.tool_calls?.forEach((call) => { call.id = 'same'; })), { translated: true }),
  ollama('arguments as a text', 'same', (all) => messagesOf(all).forEach((message) => message.tool_calls?.forEach((call) => { call.function.arguments = JSON.stringify(call.function.arguments); })), { translated: true }),
  ollama('a call in no list', 'same', (all, answer) => { if (answer.items) messagesOf(all).forEach((message) => { if (message.tool_calls) [message.tool_calls] = message.tool_calls; }); }, { translated: true }),
  ollama('calls at the end', 'same', (all, answer) => { if (!answer.items) return; const calls = messagesOf(all).flatMap((message) => message.tool_calls ?? []); messagesOf(all).forEach((message) => delete message.tool_calls); if (calls.length) all.at(-1).message.tool_calls = calls; }),
  ollama('content null beside calls and thoughts', 'same', (all) => messagesOf(all).forEach((message) => { message.content ||= null; message.thinking ||= null; }), { translated: true }),
  ollama('content as parts', 'same', (all) => messagesOf(all).forEach((message) => { if (message.content) message.content = [{ type: 'text', text: message.content }]; }), { translated: true }),
  ollama('thoughts as `reasoning`', 'same', (all) => messagesOf(all).forEach((message) => { if (message.thinking) { message.reasoning = message.thinking; delete message.thinking; } }), { translated: true, debatable: true }),
  ollama('no created_at, no model', 'same', (all) => all.forEach((value) => { delete value.created_at; delete value.model; }), { translated: true }),
  ollama('no done reason', 'same', (all) => all.forEach((value) => { delete value.done_reason; }), { translated: true }),
  ollama('done as a text', 'either', (all) => all.forEach((value) => { if ('done' in value) value.done = String(value.done); }), { translated: true }),
  ollama('no counts', 'same', (all) => all.forEach((value) => { delete value.prompt_eval_count; delete value.eval_count; }), { usage: false, translated: true }),
  ollama('no last line', 'error', (_, answer) => { answer.items?.pop(); }, { streams: true }),
  ollama('done twice', 'same', (_, answer) => { answer.items?.push(clone(answer.items.at(-1))); }, { streams: true, translated: true }),
  ollama('lines as events', 'same', (_, answer) => { answer.items = answer.items.map(({ data }) => ({ raw: `data: ${JSON.stringify(data)}\n\n` })); }, { streams: true, translated: true }),
  ollama('lines of events without blank lines', 'same', (_, answer) => { answer.items = answer.items.map(({ data }) => ({ raw: `data: ${JSON.stringify(data)}\n` })); }, { streams: true, translated: true, debatable: true }),
];

const responses = (name, expect, change, more = {}) => ({ name, expect, change, formats: ['responses'], streams: true, ...more });
const without = (answer, gone) => { answer.items = answer.items.filter((item) => !gone(item.data)); };
const responsesLies = [
  responses('no sequence numbers', 'same', (a) => a.items.forEach(({ data }) => { delete data.sequence_number; }), { translated: true }),
  responses('no item ids', 'same', (a) => a.items.forEach(({ data }) => { delete data.item_id; }), { translated: true }),
  responses('no output indexes', 'same', (a) => a.items.forEach(({ data }) => { delete data.output_index; }), { translated: true }),
  responses('all output indexes 0', 'same', (a) => a.items.forEach(({ data }) => { if ('output_index' in data) data.output_index = 0; }), { translated: true }),
  responses('output indexes from 1', 'same', (a) => a.items.forEach(({ data }) => { if ('output_index' in data) data.output_index += 1; }), { translated: true }),
  responses('neither indexes nor item ids', 'same', (a) => a.items.forEach(({ data }) => { delete data.output_index; delete data.item_id; }), { translated: true }),
  responses('no starts of items', 'same', (a) => without(a, ({ type }) => type === 'response.output_item.added'), { translated: true }),
  responses('no starts and no ends of items', 'same', (a) => without(a, ({ type }) => /output_item/.test(type)), { translated: true }),
  responses('deltas alone, and the end', 'same', (a) => without(a, ({ type }) => !/delta$|completed/.test(type)), { translated: true }),
  responses('no deltas', 'same', (a) => without(a, ({ type }) => /delta$/.test(type)), { translated: true }),
  responses('the end alone', 'same', (a) => without(a, ({ type }) => type !== 'response.completed'), { translated: true }),
  responses('an end without its output', 'same', (a) => { a.items.at(-1).data.response.output = []; }, { translated: true }),
  responses('an end without a response', 'either', (a) => { delete a.items.at(-1).data.response; }, { usage: false, translated: true }),
  responses('no end', 'error', (a) => a.items.pop()),
  responses('the end twice', 'same', (a) => a.items.push(clone(a.items.at(-1))), { translated: true }),
  responses('other ids at the end', 'same', (a) => a.items.at(-1).data.response.output.forEach((item, i) => { item.id = `other_${i}`; }), { translated: true }),
  responses('no call ids', 'same', (a) => a.items.forEach(({ data }) => { if (data.item) delete data.item.call_id; data.response?.output?.forEach((item) => delete item.call_id); }), { translated: true }),
  responses('neither ids nor call ids', 'same', (a) => a.items.forEach(({ data }) => { for (const item of [data.item, ...(data.response?.output ?? [])]) { delete item?.call_id; delete item?.id; } }), { translated: true }),
  responses('the same call id for all', 'same', (a) => a.items.forEach(({ data }) => { for (const item of [data.item, ...(data.response?.output ?? [])]) if (item?.call_id) item.call_id = 'same'; }), { translated: true }),
  responses('[DONE] at the end', 'same', (a) => a.items.push({ raw: 'data: [DONE]\n\n' })),
  responses('no usage', 'same', (a) => { delete a.items.at(-1).data.response.usage; }, { usage: false, translated: true }),
];

const bedrock = (name, expect, change, more = {}) => ({ name, expect, change, formats: ['bedrock'], streams: true, ...more });
const bedrockLies = [
  bedrock('no ids of calls', 'same', (a) => a.items.forEach(({ data }) => { if (data.start?.toolUse) delete data.start.toolUse.toolUseId; })),
  bedrock('the same id for all calls', 'same', (a) => a.items.forEach(({ data }) => { if (data.start?.toolUse) data.start.toolUse.toolUseId = 'same'; })),
  bedrock('end_turn where there are calls', 'same', (a) => a.items.forEach(({ name: kind, data }) => { if (kind === 'messageStop') data.stopReason = 'end_turn'; })),
  bedrock('no metadata', 'same', (a) => { a.items = a.items.filter(({ name: kind }) => kind !== 'metadata'); }, { usage: false }),
  bedrock('no messageStop', 'either', (a) => { a.items = a.items.filter(({ name: kind }) => kind !== 'messageStop'); }, { usage: false }),
  bedrock('neither messageStop nor metadata', 'error', (a) => { a.items = a.items.filter(({ name: kind }) => kind !== 'messageStop' && kind !== 'metadata'); }),
  bedrock('events that nobody knows', 'same', (a) => a.items.splice(3, 0, { name: 'shine', data: { text: 'x', p: 'y' } })),
  bedrock('a broken checksum', 'error', (a) => { a.items.splice(5, 0, { raw: Buffer.from('000000170000000000000000000000000000000000000000', 'hex') }); }),
];

// --- the other form of answer
const otherForm = {
  openai: ({ body, ...rest }) => { const { stream_options: options, ...json } = JSON.parse(body); return { ...rest, body: JSON.stringify({ ...json, stream: !json.stream, ...(!json.stream && { stream_options: { include_usage: true } }) }) }; },
  gemini: ({ path, ...rest }) => ({ ...rest, path: path.includes('streamGenerateContent') ? path.replace(/streamGenerateContent.*/, 'generateContent') : path.replace('generateContent', 'streamGenerateContent?alt=sse') }),
  bedrock: ({ path, ...rest }) => ({ ...rest, path: path.endsWith('converse') ? `${path}-stream` : path.replace('-stream', '') }),
  other: ({ body, ...rest }) => { const json = JSON.parse(body); return { ...rest, body: JSON.stringify({ ...json, stream: !json.stream }) }; },
};
const otherForms = ['openai', 'anthropic', 'gemini', 'cohere', 'ollama', 'responses', 'bedrock'].flatMap((format) => [
  { name: 'the other form of answer', formats: [format], expect: 'same', asks: otherForm[format] ?? otherForm[format === 'openai' ? 'openai' : 'other'] },
  { name: 'the other form of answer, byte by byte', formats: [format], expect: 'same', asks: otherForm[format] ?? otherForm.other, wire: { size: 3, pause: true } },
  { name: 'the other form of answer, with the type of this one', formats: [format], streams: true, expect: 'same', asks: otherForm[format] ?? otherForm.other, wire: { type: 'text/event-stream' } },
]);

export const formatLies = [...openaiLies, ...openaiWholeLies, ...anthropicLies, ...anthropicWholeLies, ...geminiLies, ...cohereLies, ...ollamaLies, ...responsesLies, ...bedrockLies, ...otherForms];
