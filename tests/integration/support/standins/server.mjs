// The HTTP of all stand-ins for providers: one server on a port of its own for one wire format. It keeps every request, holds
// it against the provider's description, and sends streams in pieces that end anywhere, as networks do.
import http from 'node:http';
import { createHash } from 'node:crypto';

import { violations } from './specification.mjs';

// One request with the means to answer it.
class Exchange {
  constructor(standIn, request, response, bytes) {
    this.standIn = standIn;
    this.response = response;
    this.method = request.method;
    const [path, query = ''] = request.url.split('?');
    this.path = path;
    this.query = new URLSearchParams(query);
    this.headers = request.headers;
    this.text = bytes.toString();
    this.seed = createHash('sha256').update(this.text).digest();
    this.sent = 0;
    try {
      const form = /^multipart\//i.test(this.headers['content-type'] ?? '');
      this.body = this.text && !form ? JSON.parse(this.text) : undefined;
    } catch {
      this.complain('the body is no JSON');
    }
  }

  // What a provider that is as strict as its description would not have taken.
  complain(what) {
    this.standIn.complaints.push({ path: this.path, what, body: this.text });
  }

  // The request against its description.
  hold(type, value = this.body) {
    for (const what of violations(this.standIn.wire.description, type, value, { closed: true })) this.complain(what);
  }

  // An answer, or an event of one, against its own: a stand-in that is wrong is no proof of anything.
  own(type, value) {
    if (!this.standIn.own) return value;
    for (const what of violations(this.standIn.wire.description, type, value)) {
      this.standIn.mistakes.push({ what, value: JSON.stringify(value) });
    }
    return value;
  }

  json(status, value, headers = {}) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    this.response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers });
    this.response.end(text);
  }

  begin(type, headers = {}) {
    this.response.writeHead(200, { 'content-type': type, ...headers });
    this.response.flushHeaders();
  }

  // In one piece or two, cut at some byte.
  async send(data, { whole = false } = {}) {
    const bytes = Buffer.from(data);
    const cut = whole ? 0 : (this.seed[this.sent % 32] * bytes.length) >> 8;
    this.sent += 1;
    if (cut > 0) this.response.write(bytes.subarray(0, cut));
    if (this.sent % 4 === 0) await new Promise(setImmediate);
    this.response.write(bytes.subarray(cut));
    if (this.sent % 16 === 0) await new Promise(setImmediate);
  }

  end() {
    this.response.end();
  }

  // The connection breaks, after what was sent has arrived.
  async cut() {
    await new Promise((done) => setTimeout(done, 20));
    this.response.socket?.resetAndDestroy();
  }
}

export class StandIn {
  requests = [];
  complaints = []; // of the requests that came
  mistakes = []; // of the stand-in itself
  failures = [];

  // `wire`: { name, description, answer(exchange) }. `own: false`: what it sends is not held against its description, which
  // takes seconds; where that is not what is tested.
  static async start(scope, wire, { own = true } = {}) {
    const standIn = new StandIn();
    Object.assign(standIn, { wire, own });
    standIn.server = http.createServer((request, response) => standIn.take(request, response));
    standIn.server.keepAliveTimeout = 60_000;
    await new Promise((done, fail) => standIn.server.once('error', fail).listen(0, '127.0.0.1', done));
    standIn.url = `http://127.0.0.1:${standIn.server.address().port}`;
    scope.after(() => standIn.close());
    return standIn;
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(done));
  }

  async take(request, response) {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const exchange = new Exchange(this, request, response, Buffer.concat(pieces));
    this.requests.push(exchange);
    response.on('error', () => {});
    try {
      await this.wire.answer(exchange);
    } catch (error) {
      this.failures.push(error);
      if (!response.headersSent) exchange.json(500, { error: { message: `the stand-in failed: ${error.stack}` } });
      else response.destroy();
    }
  }

  get last() {
    return this.requests.at(-1);
  }

  forget() {
    this.requests = [];
    this.complaints = [];
  }
}

// Server-sent events; with `name`, as formats that name them do.
export const event = (data, name) => `${name ? `event: ${name}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
