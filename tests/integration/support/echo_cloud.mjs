// A cloud that remembers every byte it gets and answers with what it was told: as OpenAI's chat completions, Anthropic's
// messages, and OpenAI's responses have it. It calls the first tool, where the last message is not a tool's. It is not a
// model. `cut` is where its streams are cut into pieces; `fail` answers the next requests with a status, `breaks` ends the
// next streams in the middle.
import http from 'node:http';

const textOf = (content) => {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return content == null ? '' : JSON.stringify(content);
  return content.map((part) => part.text ?? (part.type === 'tool_result' ? textOf(part.content) : '')).join('');
};

export class EchoCloud {
  received = [];
  cut = 7;
  fail = [];
  breaks = 0;

  static async start(scope) {
    const cloud = new EchoCloud();
    cloud.server = http.createServer((request, response) => cloud.serve(request, response).catch(() => response.destroy()));
    await new Promise((done) => cloud.server.listen(0, '127.0.0.1', done));
    cloud.server.on('connection', (socket) => socket.on('data', (data) => cloud.received.push(data)));
    cloud.url = `http://127.0.0.1:${cloud.server.address().port}/v1`;
    scope.after(() => new Promise((done) => {
      cloud.server.close(done);
      cloud.server.closeAllConnections();
    }));
    return cloud;
  }

  get bytes() {
    return Buffer.concat(this.received).toString('latin1');
  }

  forget() {
    this.received = [];
  }

  async serve(request, response) {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    if (request.method !== 'POST') return this.json(response, 200, { object: 'list', data: [] });
    const body = JSON.parse(Buffer.concat(pieces).toString());
    const status = this.fail.shift();
    if (status) return this.json(response, status, { error: { message: `no: ${this.last(body)}`, type: 'echo' } });
    if (request.url.endsWith('/chat/completions')) return this.chat(body, response);
    if (request.url.endsWith('/messages')) return this.messages(body, response);
    if (request.url.endsWith('/embeddings')) {
      return this.json(response, 200, { object: 'list', model: body.model, data: [{ object: 'embedding', index: 0, embedding: [0.5, 0.25] }], usage: { prompt_tokens: 1, total_tokens: 1 } });
    }
    return this.json(response, 404, { error: { message: 'no such path' } });
  }

  json(response, status, value) {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  }

  last(body) {
    const messages = body.messages.filter(({ role }) => role !== 'system');
    return textOf(messages.at(-1).content);
  }

  // Everything it was told, one behind the other.
  said(body) {
    const system = typeof body.system === 'string' ? body.system : textOf(body.system);
    return [system, ...body.messages.map((message) => textOf(message.content))].filter(Boolean).join('\n--\n');
  }

  call(body) {
    const last = body.messages.at(-1);
    const after = last.role === 'tool' || (Array.isArray(last.content) && last.content.some(({ type }) => type === 'tool_result'));
    if (!body.tools?.length || after) return null;
    const tool = body.tools[0];
    return { name: tool.function?.name ?? tool.name, arguments: JSON.stringify({ note: `for "${this.last(body)}"`, list: [this.last(body)] }) };
  }

  split(text) {
    const out = [];
    const characters = [...text];
    for (let at = 0; at < characters.length; at += this.cut) out.push(characters.slice(at, at + this.cut).join(''));
    return out;
  }

  async chat(body, response) {
    const call = this.call(body);
    const text = call ? null : `You said: ${this.said(body)}`;
    const base = { id: 'chatcmpl-echo', created: 1760000000, model: body.model };
    const usage = { prompt_tokens: 20, completion_tokens: 12, total_tokens: 32 };
    const finish_reason = call ? 'tool_calls' : 'stop';
    if (!body.stream) {
      const message = { role: 'assistant', content: text, refusal: null, ...(call && { tool_calls: [{ id: 'call_1', type: 'function', function: call }] }) };
      return this.json(response, 200, { ...base, object: 'chat.completion', choices: [{ index: 0, message, logprobs: null, finish_reason }], usage, x_extra: { kept: true } });
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (choices, more = {}) => response.write(`data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices, ...more })}\n\n`);
    send([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]);
    const pieces = this.split(call ? call.arguments : text);
    const breaks = this.breaks > 0;
    if (breaks) this.breaks -= 1;
    for (const [i, piece] of pieces.entries()) {
      if (breaks && i >= pieces.length / 2) return response.destroy();
      const first = i === 0 ? { id: 'call_1', type: 'function' } : {};
      const delta = call ? { tool_calls: [{ index: 0, ...first, function: { ...(i === 0 && { name: call.name }), arguments: piece } }] } : { content: piece };
      send([{ index: 0, delta, finish_reason: null }]);
      if (i % 8 === 0) await new Promise((done) => setImmediate(done));
    }
    send([{ index: 0, delta: {}, finish_reason }]);
    if (body.stream_options?.include_usage) send([], { usage });
    response.end('data: [DONE]\n\n');
  }

  async messages(body, response) {
    const call = this.call(body);
    const text = `You said: ${this.said(body)}`;
    const usage = { input_tokens: 20, output_tokens: 12 };
    const head = { id: 'msg_echo', type: 'message', role: 'assistant', model: body.model, stop_sequence: null };
    const stop_reason = call ? 'tool_use' : 'end_turn';
    const block = call ? { type: 'tool_use', id: 'toolu_1', name: call.name, input: JSON.parse(call.arguments) } : { type: 'text', text };
    if (!body.stream) return this.json(response, 200, { ...head, content: [block], stop_reason, usage });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (type, value) => response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...value })}\n\n`);
    send('message_start', { message: { ...head, content: [], stop_reason: null, usage: { input_tokens: 20, output_tokens: 1 } } });
    send('content_block_start', { index: 0, content_block: call ? { ...block, input: {} } : { type: 'text', text: '' } });
    for (const piece of this.split(call ? call.arguments : text)) {
      send('content_block_delta', { index: 0, delta: call ? { type: 'input_json_delta', partial_json: piece } : { type: 'text_delta', text: piece } });
    }
    send('content_block_stop', { index: 0 });
    send('message_delta', { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 12 } });
    send('message_stop', {});
    response.end();
  }
}
