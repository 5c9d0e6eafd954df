// HTTP as bytes: what goes out is exactly what a test says, what comes back is cut into answers by their framing.
import net from 'node:net';

export class RawClient {
  received = Buffer.alloc(0);
  closed = false;

  static async connect(target, { socket } = {}) {
    const client = new RawClient();
    client.socket = socket ?? net.connect(typeof target === 'string' ? { path: target } : { port: target, host: '127.0.0.1' });
    client.socket.setNoDelay?.(true);
    client.socket.on('data', (data) => {
      client.received = Buffer.concat([client.received, data]);
      client.wake();
    });
    client.socket.on('error', () => {});
    client.socket.on('close', () => {
      client.closed = true;
      client.wake();
    });
    if (!socket) await new Promise((done, fail) => client.socket.once('connect', done).once('error', fail));
    return client;
  }

  waiting = [];
  wake() {
    this.waiting.splice(0).forEach((resume) => resume());
  }

  send(data) {
    return new Promise((done) => this.socket.write(data, () => done()));
  }

  async change(timeout) {
    let timer;
    const expired = new Promise((done) => (timer = setTimeout(() => done('timeout'), timeout)));
    const result = await Promise.race([new Promise((done) => this.waiting.push(done)), expired]);
    clearTimeout(timer);
    return result !== 'timeout';
  }

  // The next whole answer; null when the connection ended first. `noBody`: an answer to HEAD.
  async answer({ timeout = 5_000, noBody = false } = {}) {
    const end = Date.now() + timeout;
    for (;;) {
      const answer = takeAnswer(this, noBody);
      if (answer) return answer;
      if (this.closed) return null;
      if (Date.now() > end || !(await this.change(end - Date.now()))) throw new Error(`no answer within ${timeout} ms, only: ${this.received}`);
    }
  }

  async untilClosed({ timeout = 5_000 } = {}) {
    const end = Date.now() + timeout;
    while (!this.closed) {
      if (Date.now() > end || !(await this.change(end - Date.now()))) throw new Error(`still open after ${timeout} ms; received: ${this.received}`);
    }
  }

  destroy() {
    this.socket.destroy();
  }
}

function takeAnswer(client, noBody) {
  const bytes = client.received;
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [line, ...fields] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(fields.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.slice(field.indexOf(':') + 1).trim()]));
  const status = Number(line.split(' ')[1]);
  let size = end + 4;
  let body = '';
  if (!noBody && status >= 200 && status !== 204 && status !== 304) {
    if (/chunked/i.test(headers['transfer-encoding'] ?? '')) {
      for (;;) {
        const lineEnd = bytes.indexOf('\r\n', size);
        if (lineEnd < 0) return null;
        const length = parseInt(bytes.subarray(size, lineEnd).toString('latin1'), 16);
        if (bytes.length < lineEnd + 2 + length + 2) return null;
        body += bytes.subarray(lineEnd + 2, lineEnd + 2 + length).toString();
        size = lineEnd + 2 + length + 2;
        if (length === 0) break;
      }
    } else if ('content-length' in headers) {
      const length = Number(headers['content-length']);
      if (bytes.length < size + length) return null;
      body = bytes.subarray(size, size + length).toString();
      size += length;
    } else {
      if (!client.closed) return null;
      body = bytes.subarray(size).toString();
      size = bytes.length;
    }
  }
  client.received = bytes.subarray(size);
  return { line, status, headers, body, json: () => JSON.parse(body) };
}

export function postBytes(body, { path = '/v1/chat/completions', headers = '', length = Buffer.byteLength(body) } = {}) {
  return `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}Content-Length: ${length}\r\n\r\n${body}`;
}
