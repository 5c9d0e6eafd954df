// Ways to tell a good answer otherwise, with what must come of each:
//   same    the caller gets what the truth would have given
//   error   a clean error, and the route's next candidate where nothing has been sent yet
//   either  one of both, but nothing in between
// lie: { name, expect, formats, streams, usage: false where counts may differ, change(answer, { random }), style, bytes, wire }
export const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

// What a model says in a tool's arguments is its own: nothing is changed there.
const OWN = new Set(['arguments', 'args', 'input', 'generated_text']);
export function everyObject(value, change, path = []) {
  if (Array.isArray(value)) value.forEach((one, index) => everyObject(one, change, [...path, index]));
  if (!isObject(value)) return;
  for (const key of Object.keys(value)) if (!OWN.has(key)) everyObject(value[key], change, [...path, key]);
  change(value, path);
}
export const valuesOf = (answer) => (answer.items ? answer.items.map(({ data }) => data).filter(isObject) : [answer.value]);
const eachObject = (change) => (answer) => valuesOf(answer).forEach((value) => everyObject(value, change));

function reversed(value) {
  if (Array.isArray(value)) return value.map(reversed);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).reverse().map(([key, one]) => [key, OWN.has(key) ? one : reversed(one)]));
}
const mapValues = (answer, map) => {
  if (answer.items) answer.items = answer.items.map((item) => (isObject(item.data) ? { ...item, data: map(item.data) } : item));
  else answer.value = map(answer.value);
};

// --- what any format may suffer
const everywhere = [
  { name: 'unknown fields everywhere', expect: 'same', change: eachObject((object) => Object.assign(object, { x_new: { deep: [1, 'two', null] }, x_flag: true, x_words: 'and more' })) },
  { name: 'unknown nulls everywhere', expect: 'same', change: eachObject((object) => Object.assign(object, { x_null: null })) },
  { name: 'keys in the other order', expect: 'same', change: (answer) => mapValues(answer, reversed) },
  { name: 'everything beyond ASCII escaped', expect: 'same', style: { escaped: true } },
  { name: 'a byte order mark', expect: 'same', style: { bom: true } },
];

const sse = (lie) => ({ streams: true, expect: 'same', formats: ['openai', 'anthropic', 'gemini', 'cohere', 'responses', 'tgi'], ...lie });
const styles = [
  sse({ name: 'CRLF', style: { end: '\r\n' } }),
  sse({ name: 'CR', style: { end: '\r' } }),
  sse({ name: 'no blank behind data:', style: { blank: '' } }),
  sse({ name: 'two blanks behind data:', style: { blank: '  ' } }),
  sse({ name: 'data in several lines', style: { lines: true } }),
  sse({ name: 'data in several lines, CRLF', style: { lines: true, end: '\r\n' } }),
  sse({ name: 'comments between', style: { before: (i) => `: ping ${i}\n\n` } }),
  sse({ name: 'comments within', style: { before: () => ': within\n' } }),
  sse({ name: 'id and retry', style: { before: (i) => `id: ${i}\nretry: 3000\n` } }),
  sse({ name: 'id and retry behind', style: { behind: 'id: 7\nretry: 1\nfoo\nbar: baz\n' } }),
  sse({ name: 'blocks of retry alone', style: { before: () => 'retry: 3000\n\nid: 9\n\nevent: ping\n\n' } }),
  sse({ name: 'blank lines between', style: { before: () => '\n\n\n' } }),
  sse({ name: 'no event names', style: { names: () => undefined } }),
  sse({ name: 'event names that nobody knows', style: { names: () => 'completion.piece' } }),
  sse({ name: 'event: message', style: { names: () => 'message' } }),
  sse({ name: 'no blank line at the end', style: { last: false } }),
  sse({ name: 'noise behind the end', style: { after: ': bye\n\ndata: \n\n\n' } }),
  sse({ name: 'empty data between', style: { before: () => 'data:\n\n' } }),
  sse({ name: '[DONE] twice', formats: ['openai'], style: { after: 'data: [DONE]\n\n' } }),
  sse({ name: '[DONE] where the format has none', formats: ['anthropic', 'gemini', 'cohere', 'responses', 'tgi'], style: { after: 'data: [DONE]\n\n' } }),
  sse({ name: 'data behind [DONE]', formats: ['openai'], style: { after: 'data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"more"},"finish_reason":null}]}\n\n' } }),
  sse({ name: 'pings as events', formats: ['openai', 'gemini', 'cohere', 'responses', 'tgi'], style: { before: () => 'event: ping\ndata: {"type": "ping"}\n\n' } }),
  sse({ name: 'keepalive events', formats: ['anthropic', 'gemini', 'cohere', 'responses', 'openai'], style: { before: () => 'event: keepalive\ndata: {"type":"keepalive","sequence_number":0}\n\n' } }),
  { name: 'CRLF in lines', streams: true, formats: ['ollama'], expect: 'same', style: { end: '\r\n' } },
  { name: 'blank lines in lines', streams: true, formats: ['ollama'], expect: 'same', style: { end: '\n\n\n' } },
  { name: 'the last line without its end', streams: true, formats: ['ollama'], expect: 'same', bytes: (body) => body.subarray(0, body.length - 1) },
  { name: 'blank space before', streams: false, expect: 'same', style: { before: () => '\n\n   \r\n' } },
  { name: 'blank space behind', streams: false, expect: 'same', style: { after: '\n\n  \r\n' } },
  { name: 'in many lines', streams: false, expect: 'same', style: { spaced: true } },
];

// --- HTTP
const wire = (name, expect, given, more = {}) => ({ name, expect, wire: given, ...more });
const http = [
  wire('byte by byte', 'same', { size: 1 }),
  wire('byte by byte, slowly', 'same', { size: 97, pause: true }),
  wire('in pieces of any size', 'same', { size: 'random', pause: true }),
  wire('all in one piece', 'same', { size: 1 << 20 }),
  wire('a slow first byte', 'same', { delay: 250 }),
  wire('100 before', 'same', { informs: [100] }),
  wire('100, 102 and 103 before', 'same', { informs: [100, 102, 103] }),
  wire('chunked with extensions and trailers', 'same', { framing: 'chunked', extension: ';a=b;c="d;e"', trailers: 'X-Sum: 1\r\nServer-Timing: x\r\n' }),
  wire('HTTP/1.1 until it closes', 'same', { framing: 'close' }),
  wire('HTTP/1.0 until it closes', 'same', { version: 'HTTP/1.0', framing: 'close' }),
  wire('HTTP/1.0 with a length', 'same', { version: 'HTTP/1.0', framing: 'length', then: 'close' }),
  wire('HTTP/1.0 that keeps alive', 'same', { version: 'HTTP/1.0', framing: 'length', headers: [['Connection', 'keep-alive']] }),
  wire('chunked and Connection: close', 'same', { framing: 'chunked', headers: [['Connection', 'close']], then: 'close' }),
  wire('a length and Connection: close', 'same', { framing: 'length', headers: [['Connection', 'close']], then: 'close' }),
  wire('a reset behind the last byte', 'same', { framing: 'length', then: 'reset' }),
  wire('bare line feeds in the head', 'either', { framing: 'length', lineEnd: '\n' }),
  wire('no reason', 'same', { framing: 'length', reason: '' }),
  wire('no content type', 'same', { type: null }),
  wire('a content type of text', 'same', { type: 'text/plain' }),
  wire('a content type of JSON', 'same', { type: 'application/json' }),
  wire('a content type of events', 'same', { type: 'text/event-stream' }),
  wire('a content type of anything', 'same', { type: 'application/octet-stream; x' }),
  wire('gzip', 'same', { coding: 'gzip' }),
  wire('deflate', 'same', { coding: 'deflate' }),
  wire('gzip, byte by byte', 'same', { coding: 'gzip', size: 1 }),
  wire('brotli', 'either', { coding: 'br' }),
  wire('gzip said, not done', 'either', { headers: [['Content-Encoding', 'gzip']] }),
  wire('identity said', 'same', { headers: [['Content-Encoding', 'identity']] }),
  wire('a length that is too long, closed', 'error', { framing: 'length', lengthOff: 7, then: 'close' }, { streams: false }),
  wire('a length that is too short', 'error', { framing: 'length', lengthOff: -7 }, { streams: false }),
  wire('a length that is too long, in a stream', 'either', { framing: 'length', lengthOff: 7, then: 'close' }, { streams: true }),
  wire('headers that are odd', 'same', { headers: [['X-Odd', '\xe4\xf6'], ['X-Empty', ''], ['Set-Cookie', 'a=b'], ['set-cookie', 'c=d'], ['Server', 'x'], ['X-Long', 'y'.repeat(4000)]] }),
  wire('204', 'error', { status: 204, framing: 'none', until: 0 }),
  wire('an empty 200', 'error', { framing: 'length', until: 0, bytes: 0 }, { bytes: () => Buffer.alloc(0) }),
  wire('an empty chunked 200', 'error', { framing: 'chunked' }, { bytes: () => Buffer.alloc(0) }),
  wire('closed at once', 'error', { head: '', until: 0, framing: 'none', then: 'close' }),
  wire('reset at once', 'error', { head: '', until: 0, framing: 'none', then: 'reset' }),
  wire('201', 'either', { status: 201 }),
  wire('206', 'either', { status: 206 }),
  wire('a page with 200', 'error', { type: 'text/html' }, { bytes: () => Buffer.from('<!DOCTYPE html><html><body><h1>It works!</h1></body></html>') }),
  wire('a page with 502', 'error', { status: 502, type: 'text/html' }, { bytes: () => Buffer.from('<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>') }),
  wire('words with 200', 'error', { type: 'text/plain' }, { bytes: () => Buffer.from('upstream connect error or disconnect/reset before headers') }),
  ...[301, 302, 303, 307, 308].map((status) => wire(`${status} elsewhere`, 'error', { status, headers: [['Location', 'http://127.0.0.1:9/elsewhere']] }, { bytes: () => Buffer.alloc(0) })),
  wire('304', 'error', { status: 304, framing: 'none', until: 0 }),
  wire('null', 'error', { framing: 'length' }, { bytes: () => Buffer.from('null') }),
  wire('an empty object', 'error', { framing: 'length' }, { bytes: () => Buffer.from('{}') }),
  wire('an empty list', 'error', { framing: 'length' }, { bytes: () => Buffer.from('[]') }),
  wire('an empty text', 'error', { framing: 'length' }, { bytes: () => Buffer.from('""') }),
  wire('a number', 'error', { framing: 'length' }, { bytes: () => Buffer.from('42') }),
  wire('an empty list of choices', 'error', { framing: 'length' }, { bytes: () => Buffer.from('{"id":"x","object":"chat.completion","choices":[],"content":[],"candidates":[],"output":[],"message":{},"usage":{}}') }),
];

// --- cuts
const CUTS = 24;
function cuts() {
  const made = [];
  for (let i = 0; i < CUTS; i++) {
    for (const [how, more] of Object.entries({ reset: { then: 'reset' }, closed: { then: 'close', lastChunk: false }, ended: { lastChunk: true } })) {
      made.push({
        name: `cut at ${i}/${CUTS}, ${how}`, expect: 'cut',
        bytes(body, { random }) {
          const at = Math.floor(((i + random.next()) / CUTS) * body.length);
          return body.subarray(0, at);
        },
        wire: { framing: 'chunked', rest: 15, ...more },
      });
    }
  }
  return made;
}

// --- failures in each provider's own words
const ERRORS = {
  openai: ['{"error":{"message":"it broke 77","type":"server_error","param":null,"code":null}}', '{"error":"it broke 77"}', '{"error":{"message":"it broke 77","code":503}}', '{"object":"error","message":"it broke 77","type":"BadRequestError","param":null,"code":400}', '{"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error","error":{"message":"it broke 77","code":502}}]}', '{"error_message":"it broke 77","error_code":500}', '{"detail":"it broke 77"}', '{"message":"it broke 77"}', '{"code":500,"message":"it broke 77"}', '{"type":"error","error":{"type":"overloaded_error","message":"it broke 77"}}'],
  anthropic: ['{"type":"error","error":{"type":"overloaded_error","message":"it broke 77"}}', '{"error":{"type":"api_error","message":"it broke 77"}}', '{"type":"error","error":"it broke 77"}', '{"type":"error","message":"it broke 77"}'],
  gemini: ['{"error":{"code":503,"message":"it broke 77","status":"UNAVAILABLE"}}', '[{"error":{"code":503,"message":"it broke 77","status":"UNAVAILABLE"}}]'],
  cohere: ['{"type":"message-end","delta":{"finish_reason":"ERROR","error":"it broke 77"}}', '{"message":"it broke 77"}', '{"id":"x","message":"it broke 77"}', '{"type":"error","message":"it broke 77"}'],
  responses: ['{"type":"error","code":"server_error","message":"it broke 77","param":null,"sequence_number":9}', '{"type":"response.failed","sequence_number":9,"response":{"id":"r","object":"response","status":"failed","error":{"code":"server_error","message":"it broke 77"},"output":[]}}', '{"error":{"message":"it broke 77","type":"server_error"}}', '{"type":"error","error":{"type":"server_error","message":"it broke 77"},"sequence_number":9}'],
  ollama: ['{"error":"it broke 77"}', '{"error":{"message":"it broke 77"}}', '{"model":"x","error":"it broke 77","done":true}'],
  tgi: ['{"error":"it broke 77","error_type":"generation"}', '{"error":{"message":"it broke 77"}}'],
};
const places = { first: () => 0, half: (n) => Math.floor(n / 2), last: (n) => n };
const errors = [
  ...Object.entries(ERRORS).flatMap(([format, all]) => all.flatMap((data) => Object.entries(places).flatMap(([place, at]) => [undefined, ...(format === 'ollama' ? [] : ['error'])].map((named) => ({
    name: `an error, ${place}, ${named ?? 'no'} name: ${data.slice(0, 60)}`, formats: [format], streams: true, expect: place === 'last' ? 'either' : 'error', words: /it broke 77/,
    change(answer) {
      const where = at(answer.items.length);
      answer.items = [...answer.items.slice(0, where), { raw: `${named ? `event: ${named}\n` : ''}${format === 'ollama' ? '' : 'data: '}${data}\n${format === 'ollama' ? '' : '\n'}` }];
    },
  }))))),
  ...['modelStreamErrorException', 'throttlingException', 'internalServerException', 'validationException', 'serviceUnavailableException', 'modelTimeoutException'].flatMap((type) => Object.entries(places).map(([place, at]) => ({
    name: `an exception, ${place}: ${type}`, formats: ['bedrock'], streams: true, expect: place === 'last' ? 'either' : 'error', words: /it broke 77/,
    change(answer) {
      answer.items = [...answer.items.slice(0, at(answer.items.length)), { headers: { ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' }, data: { message: 'it broke 77' } }];
    },
  }))),
  ...Object.entries(places).map(([place, at]) => ({
    name: `an error frame, ${place}`, formats: ['bedrock'], streams: true, expect: place === 'last' ? 'either' : 'error', words: /it broke 77/,
    change(answer) {
      answer.items = [...answer.items.slice(0, at(answer.items.length)), { headers: { ':error-code': 'InternalError', ':error-message': 'it broke 77', ':message-type': 'error' }, data: {} }];
    },
  })),
  ...Object.entries(ERRORS).flatMap(([format, all]) => all.filter((data) => !data.includes('message-end')).map((data) => ({
    name: `an error with 200 instead of an answer: ${data.slice(0, 60)}`, formats: [format], expect: 'error', words: /it broke 77/, wire: { framing: 'length', type: 'application/json' }, bytes: () => Buffer.from(data) }))),
];

// --- each path of an answer, one at a time: gone, null, of another type
const TEXTS = new Set(['content', 'text', 'thinking', 'reasoning_content', 'partial_json', 'delta', 'arguments', 'input', 'args', 'tool_plan', 'name', 'refusal', 'generated_text', 'tool_calls', 'function', 'function_call', 'functionCall', 'parts', 'choices', 'candidates', 'message', 'output', 'item', 'toolUse', 'reasoningContent', 'reasoningText', 'start', 'content_block', 'part', 'type', 'response', 'thought', 'summary', 'token']);
function shapeOf(path) {
  return path.map((step) => (typeof step === 'number' ? '*' : step)).join('.');
}
export function pathsOf(answer) {
  const found = new Map();
  const add = (value, path, kind) => {
    if (Array.isArray(value)) value.forEach((one) => add(one, [...path, 0], kind));
    if (!isObject(value)) return;
    for (const [key, one] of Object.entries(value)) {
      const shape = shapeOf([...path, key]);
      found.set(`${kind} ${shape}`, { kind, key });
      if (!OWN.has(key)) add(one, [...path, key], kind);
    }
  };
  const kinds = (item) => item.data.type ?? item.name ?? '';
  if (answer.items) answer.items.filter(({ data }) => isObject(data)).forEach((item) => add(item.data, [], kinds(item)));
  else add(answer.value, [], '');
  return [...found.keys()];
}
function changeAt(answer, wanted, change) {
  const visit = (value, path, kind) => {
    if (Array.isArray(value)) value.forEach((one) => visit(one, [...path, 0], kind));
    if (!isObject(value)) return;
    for (const key of Object.keys(value)) {
      if (`${kind} ${shapeOf([...path, key])}` === wanted) change(value, key);
      else if (!OWN.has(key)) visit(value[key], [...path, key], kind);
    }
  };
  if (answer.items) answer.items.filter(({ data }) => isObject(data)).forEach((item) => visit(item.data, [], item.data.type ?? item.name ?? ''));
  else visit(answer.value, [], '');
}
const OTHERWISE = {
  gone: (object, key) => delete object[key],
  null: (object, key) => (object[key] = null),
  'as a text': (object, key) => (object[key] = typeof object[key] === 'string' ? '' : JSON.stringify(object[key])),
  'as a number': (object, key) => (object[key] = 7),
  'as a list': (object, key) => (object[key] = Array.isArray(object[key]) ? {} : [object[key]]),
  'as an object': (object, key) => (object[key] = { value: object[key] }),
  'as true': (object, key) => (object[key] = true),
};
export const fieldLies = (answer) => pathsOf(answer).flatMap((path) => Object.entries(OTHERWISE).map(([how, change]) => ({
  name: `${path} ${how}`, expect: 'either', usage: false, field: true, says: TEXTS.has(path.split('.').at(-1).split(' ').at(-1)), change: (one) => changeAt(one, path, change) })));

export const commonLies = [...everywhere, ...styles, ...http, ...errors];
export const cutLies = cuts();
