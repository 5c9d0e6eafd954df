// A server that tells what another one says otherwise than that one says it: it asks a stand-in, takes the answer apart, lets a
// lie change its events, its bytes or its HTTP, and sends that. On plain sockets, for nothing here may put right what is wrong.
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import zlib from 'node:zlib';

import { frame } from './standins/bedrock.mjs';

// Numbers that look random and are the same each time.
export function seeded(seed) {
  let state = (seed * 2654435761) >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 4294967296;
  };
  next();
  return { next, below: (n) => Math.floor(next() * n), pick: (list) => list[Math.floor(next() * list.length)] };
}

// One request off the front, or null.
function takeRequest(buffer) {
  const end = buffer.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [line, ...fields] = buffer.subarray(0, end).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(fields.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.slice(field.indexOf(':') + 1).trim()]));
  const size = end + 4 + Number(headers['content-length'] ?? 0);
  if (buffer.length < size) return null;
  const [method, path] = line.split(' ');
  return { size, method, path, headers, body: buffer.subarray(end + 4, size) };
}

function framesOf(bytes) {
  const items = [];
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    const names = bytes.readUInt32BE(at + 4);
    const headers = {};
    for (let pos = at + 12; pos < at + 12 + names; ) {
      const length = bytes[pos];
      const name = bytes.subarray(pos + 1, pos + 1 + length).toString();
      const value = bytes.readUInt16BE(pos + 2 + length);
      headers[name] = bytes.subarray(pos + 4 + length, pos + 4 + length + value).toString();
      pos += 4 + length + value;
    }
    items.push({ name: headers[':event-type'], headers, data: JSON.parse(bytes.subarray(at + 12 + names, at + size - 4)) });
    at += size;
  }
  return items;
}

// What the stand-in said: { form: 'events' | 'lines' | 'frames' | 'json', items: [{ name, data }] | value }.
function parted(type, bytes) {
  if (type.startsWith('application/vnd.amazon')) return { form: 'frames', items: framesOf(bytes) };
  const text = bytes.toString();
  if (type.startsWith('application/x-ndjson')) return { form: 'lines', items: text.split('\n').filter(Boolean).map((line) => ({ data: JSON.parse(line) })) };
  if (!type.startsWith('text/event-stream')) return { form: 'json', value: JSON.parse(text) };
  const items = text.split('\n\n').filter(Boolean).map((block) => {
    const name = /^event: (.*)$/m.exec(block)?.[1];
    const data = /^data: (.*)$/m.exec(block)[1];
    return { name, data: data === '[DONE]' ? data : JSON.parse(data) };
  });
  return { form: 'events', items };
}

const ascii = (text) => text.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
export const written = (value, { escaped, spaced } = {}) => {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, spaced ? 1 : 0);
  return escaped && typeof value !== 'string' ? ascii(text) : text;
};

// style: { end: the line ends, blank: behind the colon, lines: data in several lines, names: (name) → name, before(index), after, bom, last: the last event's end }
export function eventsAsBytes(items, style = {}) {
  const { end = '\n', blank = ' ', lines = false, names = (name) => name, before = () => '', bom = false, last = true } = style;
  const blocks = items.map(({ name, data, raw }, index) => {
    if (raw !== undefined) return raw;
    const said = names(name);
    const text = written(data, { ...style, spaced: lines });
    const field = text.split('\n').map((line) => `data:${blank}${line}${end}`).join('');
    return `${before(index)}${said === undefined ? '' : `event:${blank}${said}${end}`}${field}${style.behind ?? ''}${last || index < items.length - 1 ? end : ''}`;
  });
  return Buffer.from((bom ? '\ufeff' : '') + blocks.join('') + (style.after ?? ''));
}

function asBytes(answer, style) {
  switch (answer.form) {
    case 'frames': return Buffer.concat(answer.items.map(({ name, headers, data, raw }) => raw ?? frame({ ...(headers ?? { ':event-type': name, ':content-type': 'application/json', ':message-type': 'event' }), ...(name && headers?.[':event-type'] && { ':event-type': name }) }, data)));
    case 'lines': return Buffer.from((style.bom ? '\ufeff' : '') + answer.items.map(({ data, raw }) => raw ?? `${written(data, style)}${style.end ?? '\n'}`).join('') + (style.after ?? ''));
    case 'events': return eventsAsBytes(answer.items, style);
    default: return Buffer.from((style.bom ? '\ufeff' : '') + (style.before?.(0) ?? '') + (answer.raw ?? written(answer.value, style)) + (style.after ?? ''));
  }
}

const CODED = { gzip: zlib.gzipSync, deflate: zlib.deflateSync, br: zlib.brotliCompressSync };
const TYPES = { json: 'application/json', events: 'text/event-stream', lines: 'application/x-ndjson', frames: 'application/vnd.amazon.eventstream' };

export class LyingUpstream {
  lie = null; // of the next answers: see lies.mjs
  failures = [];
  count = 0; // of requests since the lie began
  known = new Map();
  sockets = new Set();

  static async start(scope, standIn, { port = 0 } = {}) {
    const it = new LyingUpstream();
    it.standIn = standIn;
    await it.listen(port);
    scope.after(() => it.close());
    return it;
  }

  async listen(port = this.port) {
    this.server = net.createServer({ noDelay: true }, (socket) => this.accept(socket));
    await new Promise((done, fail) => this.server.once('error', fail).listen(port, '127.0.0.1', done));
    this.port = this.server.address().port;
    this.url = `http://127.0.0.1:${this.port}`;
  }

  async close() {
    for (const socket of this.sockets) socket.resetAndDestroy();
    if (this.server.listening) await new Promise((done) => this.server.close(done));
  }

  begin(lie, seed = 1) {
    this.lie = lie;
    this.count = 0;
    this.random = seeded(seed);
  }

  accept(socket) {
    this.sockets.add(socket);
    let buffer = Buffer.alloc(0);
    let busy = false;
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('data', async (data) => {
      buffer = Buffer.concat([buffer, data]);
      if (this.lie?.early && !busy && buffer.includes('\r\n\r\n')) {
        busy = true;
        return this.lie.early(socket, { buffer, of: this });
      }
      if (busy) return undefined;
      busy = true;
      try {
        for (let taken; !socket.destroyed && (taken = takeRequest(buffer)); ) {
          buffer = buffer.subarray(taken.size);
          await this.answer(socket, taken);
        }
      } catch (error) {
        this.failures.push(error);
        socket.destroy();
      }
      busy = false;
      return undefined;
    });
  }

  // The stand-in's own answer; asked once for what is asked often.
  async truth({ method, path, headers, body }) {
    const key = `${method} ${path} ${body}`;
    if (!this.known.has(key)) {
      const { connection, 'content-length': length, host, 'transfer-encoding': coding, 'accept-encoding': accept, ...rest } = headers;
      const response = await fetch(this.standIn.url + path, { method, headers: rest, ...(method !== 'GET' && { body }) });
      const answer = { status: response.status, type: response.headers.get('content-type') ?? '', bytes: Buffer.from(await response.arrayBuffer()) };
      if (this.standIn.forgetful) return { ...answer, ...parted(answer.type, answer.bytes) };
      this.known.set(key, answer);
    }
    const { status, type, bytes } = this.known.get(key);
    return { status, type, ...parted(type, bytes) };
  }

  async answer(socket, request) {
    this.count += 1;
    this.last = request;
    const lie = this.lie ?? {};
    const asked = lie.asks ? lie.asks(request) : request;
    const answer = await this.truth(asked);
    const context = { random: this.random, count: this.count, request };
    if (answer.status === 200 || answer.status === 201) lie.change?.(answer, context);
    const style = lie.style ?? {};
    const wire = { status: answer.status, reason: 'OK', framing: answer.form === 'json' ? 'length' : 'chunked', type: TYPES[answer.form], headers: [], ...lie.wire };
    let body = lie.bytes ? lie.bytes(asBytes(answer, style), context, answer) : asBytes(answer, style);
    if (wire.coding) {
      body = CODED[wire.coding](body);
      wire.headers = [...wire.headers, ['Content-Encoding', wire.coding]];
    }
    await this.send(socket, body, wire, context);
  }

  async send(socket, body, wire, { random }) {
    if (wire.delay) await sleep(wire.delay);
    if (wire.informs) for (const status of wire.informs) socket.write(`HTTP/1.1 ${status} Hm\r\nX-Early: 1\r\n\r\n`);
    const headers = [...(wire.type ? [['Content-Type', wire.type]] : []), ...wire.headers];
    if (wire.framing === 'chunked') headers.push(['Transfer-Encoding', 'chunked']);
    if (wire.framing === 'length') headers.push(['Content-Length', body.length + (wire.lengthOff ?? 0)]);
    const version = wire.version ?? 'HTTP/1.1';
    const end = wire.lineEnd ?? '\r\n';
    const head = wire.head ?? `${version} ${wire.status} ${wire.reason}${end}${headers.map(([name, value]) => `${name}: ${value}${end}`).join('')}${end}`;
    const pieces = [Buffer.from(head, 'latin1'), ...this.parts(body, wire, random)];
    for (const [index, piece] of pieces.entries()) {
      if (socket.destroyed) return;
      socket.write(piece);
      if (wire.pause && index < pieces.length - 1) await (wire.pause === true ? new Promise(setImmediate) : sleep(wire.pause));
    }
    if (wire.then === 'reset') {
      await sleep(wire.rest ?? 5);
      socket.resetAndDestroy();
    } else if (wire.then === 'close' || wire.framing === 'close') {
      await sleep(wire.rest ?? 0);
      socket.end();
    } else if (wire.then === 'silence') {
      await new Promise((done) => socket.once('close', done));
    }
  }

  // The body as it is written: chunks as asked, each a piece of its own.
  parts(body, wire, random) {
    const cut = wire.until === undefined ? body : body.subarray(0, wire.until);
    const raw = [];
    for (let at = 0; at < cut.length; ) {
      const size = wire.size === 'random' ? 1 + random.below(40) : (wire.size ?? (wire.framing === 'chunked' ? 200 : cut.length));
      raw.push(cut.subarray(at, at + size));
      at += size;
    }
    if (wire.framing !== 'chunked') return raw;
    const chunks = raw.map((piece) => Buffer.concat([Buffer.from(`${piece.length.toString(16)}${wire.extension ?? ''}\r\n`), piece, Buffer.from('\r\n')]));
    if (wire.then !== 'reset' && wire.then !== 'silence' && wire.lastChunk !== false) chunks.push(Buffer.from(`0\r\n${wire.trailers ?? ''}\r\n`));
    return chunks;
  }
}
