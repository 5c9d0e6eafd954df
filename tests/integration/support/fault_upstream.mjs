// A stand-in for an OpenAI-compatible server, on real sockets, that fails in the ways real ones do. It is not a model and
// says so in its answers; their shape is held against the specification by openai_spec.test.mjs. It keeps every connection,
// every byte and every request it receives, so that tests can say what did, and what did not, reach it.
//
// What it does is chosen by the request's `model`, an entry of `faults` below (`status-503`, `slow-100-20`: with numbers).
import net from 'node:net';
import tls from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';

export const SPOKEN = 'This is a stand-in, not a model: the river is calm.';
const PIECES = SPOKEN.match(/\S+\s*/g);

class Connection {
  bytes = 0;
  closed = false;
  requests = [];
  constructor(socket) {
    this.socket = socket;
  }
}

// One request with the means to answer it well or badly.
class Exchange {
  constructor(standIn, connection, request) {
    Object.assign(this, { standIn, connection, socket: connection.socket, request });
  }

  get gone() {
    return this.connection.closed || this.socket.destroyed;
  }

  async write(data) {
    if (this.gone) return false;
    if (!this.socket.write(data)) {
      await new Promise((done) => {
        const release = () => {
          this.socket.off('drain', release);
          this.socket.off('close', release);
          done();
        };
        this.socket.once('drain', release).once('close', release);
      });
    }
    return !this.gone;
  }

  head(status, headers) {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return this.write(`HTTP/1.1 ${status} Stand-in\r\n${lines.join('')}\r\n`);
  }

  async json(status, value, headers = {}) {
    const body = typeof value === 'string' ? value : JSON.stringify(value);
    const lines = Object.entries(headers).map(([name, text]) => `${name}: ${text}\r\n`);
    await this.write(`HTTP/1.1 ${status} Stand-in\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `${lines.join('')}\r\n${body}`);
  }

  error(status, message, fields = {}, headers = {}) {
    return this.json(status, { error: { message, type: 'stand_in_error', param: null, code: null, ...fields } }, headers);
  }

  streamHead() {
    return this.head(200, { 'Content-Type': 'text/event-stream', 'Transfer-Encoding': 'chunked' });
  }

  chunk(data) {
    const bytes = Buffer.from(data);
    return this.write(Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]));
  }

  event(value) {
    return this.chunk(`data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`);
  }

  async endStream({ done = true } = {}) {
    if (done) await this.event('[DONE]');
    await this.write('0\r\n\r\n');
  }

  reset() {
    this.socket.resetAndDestroy();
  }

  // The rest of the answer never comes; over when the other side leaves.
  async silence() {
    while (!this.gone) await sleep(20);
  }

  // --- good answers, and parts of them

  get body() {
    return this.request.json ?? {};
  }

  get isCompletion() {
    return this.request.path.endsWith('/completions') && !this.request.path.endsWith('/chat/completions');
  }

  usage() {
    return { prompt_tokens: 20, completion_tokens: 12, total_tokens: 32, prompt_tokens_details: { cached_tokens: 4 } };
  }

  content() {
    const format = this.body.response_format;
    return format && format.type !== 'text' ? '{"level":3,"river":"Rhine"}' : SPOKEN;
  }

  logprobs(text) {
    return { content: [{ token: text, logprob: -0.25, bytes: [...Buffer.from(text)], top_logprobs: [] }], refusal: null };
  }

  toolCalls() {
    const { tools, tool_choice: choice } = this.body;
    if (!tools?.length || choice === 'none' || (choice ?? 'auto') === 'auto') return null;
    return tools.slice(0, this.body.parallel_tool_calls === false ? 1 : 2).map((tool, i) => ({
      id: `call_stand_in_${i}`, type: 'function', function: { name: tool.function.name, arguments: '{"river":"Rhine"}' },
    }));
  }

  completion(content = this.content()) {
    const shared = { id: 'chatcmpl-stand-in', created: 1760000000, model: this.body.model, usage: this.usage() };
    if (this.isCompletion) {
      return { ...shared, id: 'cmpl-stand-in', object: 'text_completion', choices: [{ index: 0, text: content, logprobs: null, finish_reason: 'stop' }] };
    }
    const calls = this.toolCalls();
    const choices = Array.from({ length: this.body.n ?? 1 }, (_, index) => ({
      index,
      message: { role: 'assistant', content: calls ? null : content, refusal: null, ...(calls && { tool_calls: calls }) },
      logprobs: this.body.logprobs ? this.logprobs(content) : null,
      finish_reason: calls ? 'tool_calls' : 'stop',
    }));
    return { ...shared, object: 'chat.completion', choices, system_fingerprint: 'fp_stand_in' };
  }

  frame(choices, rest = {}) {
    if (this.isCompletion) return { id: 'cmpl-stand-in', object: 'text_completion', created: 1760000000, model: this.body.model, choices, ...rest };
    return { id: 'chatcmpl-stand-in', object: 'chat.completion.chunk', created: 1760000000, model: this.body.model, choices, ...rest };
  }

  role() {
    return this.frame([{ index: 0, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null }]);
  }

  delta(text, index = 0) {
    if (this.isCompletion) return this.frame([{ index, text, logprobs: null, finish_reason: null }]);
    return this.frame([{ index, delta: { content: text }, logprobs: this.body.logprobs ? this.logprobs(text) : null, finish_reason: null }]);
  }

  finish(reason = 'stop', index = 0) {
    if (this.isCompletion) return this.frame([{ index, text: '', logprobs: null, finish_reason: reason }]);
    return this.frame([{ index, delta: {}, logprobs: null, finish_reason: reason }]);
  }

  async begin(pieces = 0) {
    await this.streamHead();
    if (!this.isCompletion) await this.event(this.role());
    for (const piece of PIECES.slice(0, pieces)) await this.event(this.delta(piece));
  }

  async end({ usage = true, done = true } = {}) {
    await this.event(this.finish());
    if (usage && this.body.stream_options?.include_usage) await this.event(this.frame([], { usage: this.usage() }));
    await this.endStream({ done });
  }

  async streamTools(calls) {
    for (const [index, call] of calls.entries()) {
      await this.event(this.frame([{ index: 0, finish_reason: null, logprobs: null,
        delta: { tool_calls: [{ index, id: call.id, type: 'function', function: { name: call.function.name, arguments: '' } }] } }]));
      for (const piece of call.function.arguments.match(/.{1,6}/gs)) {
        await this.event(this.frame([{ index: 0, finish_reason: null, logprobs: null, delta: { tool_calls: [{ index, function: { arguments: piece } }] } }]));
      }
    }
    await this.event(this.finish('tool_calls'));
    if (this.body.stream_options?.include_usage) await this.event(this.frame([], { usage: this.usage() }));
    await this.endStream();
  }

  async ok() {
    if (this.request.path.endsWith('/embeddings')) return this.json(200, this.embeddings());
    if (!this.body.stream) return this.json(200, this.completion());
    const calls = this.toolCalls();
    await this.begin();
    if (calls) return this.streamTools(calls);
    for (let index = 0; index < (this.body.n ?? 1); index++) {
      const pieces = this.content() === SPOKEN ? PIECES : [this.content()];
      for (const piece of pieces) await this.event(this.delta(piece, index));
      if (index > 0) await this.event(this.finish('stop', index));
    }
    await this.end();
  }

  embeddings() {
    const inputs = Array.isArray(this.body.input) ? this.body.input : [this.body.input];
    const data = inputs.map((_, index) => {
      const vector = Float32Array.from([0.25, -0.5, index]);
      const embedding = this.body.encoding_format === 'base64' ? Buffer.from(vector.buffer).toString('base64') : [...vector];
      return { object: 'embedding', index, embedding };
    });
    return { object: 'list', data, model: this.body.model, usage: { prompt_tokens: 7, total_tokens: 7 } };
  }
}

const HTML = '<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>';
const HUNDRED_MB = 100 * 1024 * 1024;

async function oneLine(x) {
  const stream = Boolean(x.body.stream);
  await x.head(200, { 'Content-Type': stream ? 'text/event-stream' : 'application/json', 'Content-Length': HUNDRED_MB + 6 });
  await x.write(stream ? 'data: ' : '{"id":');
  const piece = Buffer.alloc(64 * 1024, 'a');
  for (let sent = 0; sent < HUNDRED_MB; sent += piece.length) if (!(await x.write(piece))) return;
}

export const faults = {
  ok: (x) => x.ok(),

  // before the head
  'reset-before-headers': (x) => x.reset(),
  'close-before-headers': (x) => x.socket.end(),
  stall: (x) => x.silence(),
  'huge-headers': (x) => x.head(200, { 'Content-Type': 'application/json', 'X-Pad': 'p'.repeat(2_000_000), 'Content-Length': 0 }),
  'not-http': (x) => x.write('SSH-2.0-OpenSSH_9.2p1 Debian\r\n').then(() => x.socket.end()),

  // refused, with a status
  429: (x) => x.error(429, 'stand-in: too many requests', { code: 'rate_limit_exceeded' }, { 'Retry-After': '1' }),
  '429-long': (x) => x.error(429, 'stand-in: too many requests', { code: 'rate_limit_exceeded' }, { 'Retry-After': '3600' }),
  '429-once': (x, count) => (count === 1 ? faults[429](x) : x.ok()),
  '500-html': async (x) => {
    await x.head(500, { 'Content-Type': 'text/html', 'Content-Length': Buffer.byteLength(HTML) });
    await x.write(HTML);
  },
  '500-once': (x, count) => (count === 1 ? x.error(500, 'stand-in: it broke') : x.ok()),
  'reset-once': (x, count) => (count === 1 ? x.reset() : x.ok()),
  'bad-request': (x) => x.error(400, 'stand-in: temperature must be below 2', { type: 'invalid_request_error', param: 'temperature' }),
  'content-filter': (x) => x.error(400, 'stand-in: refused by the content policy', { type: 'invalid_request_error', code: 'content_filter' }),
  overflow: (x) => x.error(400, "This model's maximum context length is 100 tokens. However, your messages resulted in 900 tokens.",
    { type: 'invalid_request_error', param: 'messages', code: 'context_length_exceeded' }),
  unauthorized: (x) => x.error(401, 'Incorrect API key provided: sk-stand-in', { type: 'invalid_request_error', code: 'invalid_api_key' }),

  // a broken whole answer, or the same of a stream
  'garbage-json': async (x) => {
    if (!x.body.stream) return x.json(200, '{"id": "chatcmpl-1", "choices": [{{{');
    await x.streamHead();
    for (let i = 0; i < 5; i++) await x.event('{"id": "chatcmpl-1", "choices": [{{{');
    await x.endStream();
  },
  'html-200': async (x) => {
    await x.head(200, { 'Content-Type': 'text/html', 'Content-Length': Buffer.byteLength(HTML) });
    await x.write(HTML);
  },
  'wrong-shape': async (x) => x.json(200, { hello: 'world' }),
  'length-too-long': async (x) => {
    const body = JSON.stringify(x.completion());
    await x.head(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) + 100 });
    await x.write(body);
    x.socket.end();
  },
  'length-too-short': async (x) => {
    const body = JSON.stringify(x.completion());
    await x.head(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) - 20 });
    await x.write(body);
  },
  'one-line': oneLine,
  'headers-then-nothing': async (x) => {
    if (x.body.stream) await x.streamHead();
    else await x.head(200, { 'Content-Type': 'application/json', 'Content-Length': 500 });
    await x.silence();
  },
  'reset-mid-body': async (x) => {
    if (x.body.stream) {
      await x.begin(4);
    } else {
      const body = JSON.stringify(x.completion());
      await x.head(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
      await x.write(body.slice(0, 80));
    }
    await sleep(30); // so that what was sent is read before the reset throws it away
    x.reset();
  },
  trickle: async (x) => {
    const real = x.write.bind(x);
    x.write = async (data) => {
      const bytes = Buffer.from(data);
      for (let at = 0; at < bytes.length; at += 9) {
        if (!(await real(bytes.subarray(at, at + 9)))) return false;
        await sleep(1);
      }
      return true;
    };
    await x.ok();
  },
  'split-utf8': async (x) => {
    const text = 'Käse, 東京, 🌊!';
    const cut = async (data) => {
      for (const byte of Buffer.from(data)) {
        await x.write(Buffer.from([byte]));
        if (byte > 127) await sleep(1);
      }
    };
    if (!x.body.stream) {
      const body = Buffer.from(JSON.stringify(x.completion(text)));
      await x.head(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
      return cut(body);
    }
    await x.begin();
    for (const byte of Buffer.from(`data: ${JSON.stringify(x.delta(text))}\n\n`)) await x.chunk(Buffer.from([byte]));
    await x.end();
  },

  // streams
  'role-then-nothing': async (x) => {
    await x.begin();
    await x.silence();
  },
  'role-then-reset': async (x) => {
    await x.begin();
    await sleep(30);
    x.reset();
  },
  'stall-mid-stream': async (x) => {
    await x.begin(3);
    await x.silence();
  },
  'truncated-event': async (x) => {
    await x.begin(3);
    await x.chunk('data: {"id":"chatcmpl-stand-in","object":"chat.completion.chunk","choi');
    await x.write('0\r\n\r\n');
  },
  'ends-early': async (x) => {
    await x.begin(3);
    await x.endStream({ done: false });
  },
  'garbage-event': async (x) => {
    await x.begin(2);
    await x.event('{"id":"chatcmpl-stand-in","choices":[{"index":0,"delta":{"content": nonsense');
    await x.chunk(': a comment\n\n');
    for (const piece of PIECES.slice(2)) await x.event(x.delta(piece));
    await x.end();
  },
  'error-event': async (x) => {
    await x.begin(3);
    await x.event({ error: { message: 'stand-in: the model crashed', type: 'server_error', param: null, code: null } });
    await x.endStream({ done: false });
  },
  'error-event-first': async (x) => {
    await x.begin(0);
    await x.event({ error: { message: 'stand-in: the model crashed', type: 'server_error', param: null, code: null } });
    await x.endStream({ done: false });
  },
  'no-done': async (x) => {
    if (!x.body.stream) return x.ok();
    await x.begin(PIECES.length);
    await x.end({ done: false });
  },
  'no-done-open': async (x) => {
    if (!x.body.stream) return x.ok();
    await x.begin(PIECES.length);
    await x.event(x.finish());
    if (x.body.stream_options?.include_usage) await x.event(x.frame([], { usage: x.usage() }));
    await x.silence();
  },
  'no-usage': async (x) => {
    if (!x.body.stream) {
      const { usage, ...rest } = x.completion();
      return x.json(200, rest);
    }
    await x.begin(PIECES.length);
    await x.end({ usage: false });
  },
  endless: async (x) => {
    await x.begin();
    const frame = x.delta('all the water of the river '.repeat(40));
    while (await x.event(frame)) x.standIn.endlessEvents++;
  },
  'empty-stream': async (x) => {
    await x.streamHead();
    await x.endStream({ done: false });
  },
  'done-at-once': async (x) => {
    await x.streamHead();
    await x.endStream();
  },
  'json-error-200': (x) => x.json(200, { error: { message: 'stand-in: overloaded', type: 'server_error', param: null, code: null } }),
  '503-retry-after': (x) => x.error(503, 'stand-in: overloaded', {}, { 'Retry-After': '7' }),
  // As far as it got a good answer, in the words of the good one, so that another can take over.
  'first-half-then-reset': async (x) => {
    await x.begin(Math.floor(PIECES.length / 2));
    await sleep(30);
    x.reset();
  },
};

function parametrised(model) {
  let match = /^status-(\d+)$/.exec(model);
  if (match) return (x) => x.error(Number(match[1]), `stand-in: status ${match[1]}`);
  match = /^slow-(\d+)-(\d+)$/.exec(model);
  if (match) {
    return async (x) => {
      if (!x.body.stream) {
        await sleep(match[1] * match[2]);
        return x.ok();
      }
      await x.begin();
      for (let i = 0; i < Number(match[1]) && !x.gone; i++) {
        await sleep(Number(match[2]));
        await x.event(x.delta(`word${i} `));
      }
      await x.end();
    };
  }
  return null;
}

// One request off the front of `buffer`, or null. Strict enough for what a correct client sends.
function takeRequest(buffer) {
  const end = buffer.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [line, ...fields] = buffer.subarray(0, end).toString('latin1').split('\r\n');
  const [method, path, version] = line.split(' ');
  if (!/^HTTP\/1\.[01]$/.test(version ?? '')) throw new Error(`no HTTP request: ${line}`);
  const headers = Object.fromEntries(fields.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.slice(field.indexOf(':') + 1).trim()]));
  let body;
  let size = end + 4;
  if (/chunked/i.test(headers['transfer-encoding'] ?? '')) {
    const parts = [];
    for (;;) {
      const lineEnd = buffer.indexOf('\r\n', size);
      if (lineEnd < 0) return null;
      const length = parseInt(buffer.subarray(size, lineEnd).toString('latin1'), 16);
      if (buffer.length < lineEnd + 2 + length + 2) return null;
      parts.push(buffer.subarray(lineEnd + 2, lineEnd + 2 + length));
      size = lineEnd + 2 + length + 2;
      if (length === 0) break;
    }
    body = Buffer.concat(parts);
  } else {
    const length = Number(headers['content-length'] ?? 0);
    if (buffer.length < size + length) return null;
    body = buffer.subarray(size, size + length);
    size += length;
  }
  const text = body.toString('utf8');
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { size, request: { method, path, headers, text, json, model: json?.model, time: Date.now(), gone: false } };
}

export class StandIn {
  connections = [];
  requests = [];
  counts = new Map();
  scripts = new Map(); // model → function(exchange, count), over `faults`
  endlessEvents = 0;
  failures = [];

  static async start(scope, { models = ['ok'], port = 0 } = {}) {
    const standIn = new StandIn();
    standIn.models = models;
    await standIn.listen(port);
    scope.after(() => standIn.close());
    return standIn;
  }

  async listen(port) {
    this.server = net.createServer({ noDelay: true }, (socket) => this.accept(socket));
    await new Promise((done, fail) => this.server.once('error', fail).listen(port, '127.0.0.1', done));
    this.port = this.server.address().port;
    this.url = `http://127.0.0.1:${this.port}/v1`;
  }

  // A port where the same is served over TLS, with node's options for it.
  async secure(scope, options) {
    const server = tls.createServer(options, (socket) => this.accept(socket));
    server.on('tlsClientError', (error) => this.tlsErrors.push(error.code ?? error.message));
    await new Promise((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
    scope.after(() => server.close());
    return server.address().port;
  }
  tlsErrors = [];

  // Refuses connections and breaks the open ones; listen(port) brings it back.
  async close() {
    this.connections.forEach(({ socket }) => socket.destroy());
    if (this.server?.listening) await new Promise((done) => this.server.close(done));
  }

  get bytes() {
    return this.connections.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get openConnections() {
    return this.connections.filter(({ closed }) => !closed).length;
  }

  requestsFor(model) {
    return this.requests.filter((request) => request.model === model);
  }

  // Forgets what came so far.
  forget() {
    this.connections = this.connections.filter(({ closed }) => !closed);
    this.connections.forEach((connection) => (connection.bytes = 0));
    this.requests = [];
    this.counts.clear();
  }

  accept(socket) {
    const connection = new Connection(socket);
    this.connections.push(connection);
    let buffer = Buffer.alloc(0);
    let busy = false;
    const next = async () => {
      if (busy) return;
      busy = true;
      for (let taken; !connection.closed && (taken = takeRequest(buffer)); ) {
        buffer = buffer.subarray(taken.size);
        await this.answer(connection, taken.request);
      }
      busy = false;
    };
    socket.on('data', (data) => {
      connection.bytes += data.length;
      buffer = Buffer.concat([buffer, data]);
      next().catch((error) => this.fail(socket, error));
    });
    const closed = () => {
      connection.closed = true;
      connection.requests.filter(({ answered }) => !answered).forEach((request) => (request.gone = true));
    };
    socket.on('end', () => {
      closed();
      socket.destroy();
    });
    socket.on('close', closed);
    socket.on('error', () => {});
  }

  fail(socket, error) {
    this.failures.push(error);
    socket.destroy();
  }

  async answer(connection, request) {
    this.requests.push(request);
    connection.requests.push(request);
    const x = new Exchange(this, connection, request);
    if (request.method === 'GET') {
      await x.json(200, { object: 'list', data: this.models.map((id) => ({ id, object: 'model', created: 1760000000, owned_by: 'stand-in' })) });
    } else {
      const count = (this.counts.get(request.model) ?? 0) + 1;
      this.counts.set(request.model, count);
      const script = this.scripts.get(request.model) ?? faults[request.model] ?? parametrised(request.model ?? '');
      if (script) await script(x, count);
      else await x.error(404, `stand-in: the model ${request.model} does not exist`, { type: 'invalid_request_error', code: 'model_not_found' });
    }
    request.answered = !x.gone;
  }
}
