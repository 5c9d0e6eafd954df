// A company's proxy, on real sockets: CONNECT and requests in absolute form. It finds the hosts of its table and nothing else,
// and keeps what it was asked.
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';

export class ForwardProxy {
  connects = []; // { target, headers }
  relayed = []; // { method, target, headers }
  sockets = new Set();
  tunnels = new Set();
  // function({ socket, target, open }): answers a CONNECT otherwise; `open()` does what is usual.
  onConnect = null;
  // function(request, response, pass): the same of a relayed request.
  onRequest = null;

  // `hosts`: 'name:port' → port on 127.0.0.1. `credentials`: 'USER:PASSWORD' that it wants. `tls`: it is spoken to over TLS.
  static async start(scope, { hosts = {}, credentials, tls } = {}) {
    const proxy = new ForwardProxy();
    Object.assign(proxy, { hosts, credentials });
    proxy.server = tls ? https.createServer(tls) : http.createServer();
    proxy.server.on('connection', (socket) => {
      proxy.sockets.add(socket);
      socket.on('close', () => proxy.sockets.delete(socket));
    });
    proxy.server.on('connect', (request, socket, head) => proxy.connect(request, socket, head));
    proxy.server.on('request', (request, response) => proxy.relay(request, response));
    proxy.server.on('clientError', (error, socket) => socket.destroy());
    await new Promise((done, fail) => proxy.server.once('error', fail).listen(0, '127.0.0.1', done));
    proxy.port = proxy.server.address().port;
    proxy.place = `127.0.0.1:${proxy.port}`;
    proxy.url = `${tls ? 'https://localhost:' : 'http://127.0.0.1:'}${proxy.port}`;
    scope.after(() => proxy.close());
    return proxy;
  }

  get asked() {
    return this.connects.length + this.relayed.length;
  }

  allowed(headers) {
    return !this.credentials || headers['proxy-authorization'] === `Basic ${Buffer.from(this.credentials).toString('base64')}`;
  }

  connect(request, socket, head) {
    const target = request.url;
    this.connects.push({ target, headers: request.headers });
    socket.on('error', () => {});
    const open = () => {
      if (!this.allowed(request.headers)) {
        return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="tests"\r\nContent-Length: 4\r\n\r\nNope');
      }
      if (!this.hosts[target]) return socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n');
      const other = net.connect(this.hosts[target], '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\nX-Proxy: tests\r\n\r\n');
        if (head.length) other.write(head);
        socket.pipe(other).pipe(socket);
        this.tunnels.add(socket);
      });
      other.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.tunnels.delete(socket);
        other.destroy();
      });
    };
    if (this.onConnect) this.onConnect({ socket, target, open });
    else open();
  }

  relay(request, response) {
    this.relayed.push({ method: request.method, target: request.url, headers: request.headers });
    const pass = () => {
      if (!this.allowed(request.headers)) {
        return response.writeHead(407, { 'Proxy-Authenticate': 'Basic realm="tests"' }).end(`not ${request.headers['proxy-authorization']}`);
      }
      let url;
      try {
        url = new URL(request.url);
      } catch {
        return response.writeHead(400).end('no absolute form');
      }
      const port = this.hosts[`${url.hostname}:${url.port || 80}`];
      if (!port) return response.writeHead(502).end('no such host');
      const { 'proxy-authorization': _, ...headers } = request.headers;
      const onward = http.request({ host: '127.0.0.1', port, method: request.method, path: url.pathname + url.search, headers }, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      });
      onward.on('error', () => response.destroy());
      request.pipe(onward);
    };
    if (this.onRequest) this.onRequest(request, response, pass);
    else pass();
  }

  dropTunnels() {
    this.tunnels.forEach((socket) => socket.destroy());
  }

  close() {
    this.sockets.forEach((socket) => socket.destroy());
    return new Promise((done) => this.server.close(done));
  }
}
