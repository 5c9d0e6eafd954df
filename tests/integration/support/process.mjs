// Starts what the tests need as real processes (weir, llama-server), waits until they are ready, and always stops them
// again, by process id. `scope` is anything with `after(fn)`: a test context, or what `suiteScope()` gave.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { tinyModel } from './tiny_gguf.mjs';

export { sleep };
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
export const weirBinary = process.env.WEIR_BIN ?? join(root, 'build/release/weir');

// A scope that ends with the file or the `describe` whose body calls this. (`after` itself, called within a `before`, would
// end with that hook.)
export function suiteScope() {
  const ends = [];
  after(async () => {
    for (const end of ends.reverse()) await end();
  });
  return { after: (end) => ends.push(end) };
}

export async function freePort() {
  const server = net.createServer();
  await new Promise((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

export function tempDir(scope) {
  const folder = mkdtempSync(join(tmpdir(), 'weir-test-'));
  scope.after(async () => {
    // A test's context ends what was begun first, first: whoever still writes there ends before it goes.
    for (const one of [...running].filter(({ child }) => child.spawnargs.some((word) => word.startsWith(folder)))) await one.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return folder;
}

// Asks `probe` until it gives something truthy; fails with the last thing that went wrong.
export async function until(probe, { what = 'condition', timeout = 10_000, every = 20 } = {}) {
  const end = Date.now() + timeout;
  let last;
  for (;;) {
    try {
      const value = await probe();
      if (value) return value;
      last = `it gave ${JSON.stringify(value)}`;
    } catch (error) {
      if (error.fatal) throw error;
      last = error.cause?.message ?? error.message;
    }
    if (Date.now() > end) throw new Error(`waited ${timeout} ms for ${what}: ${last}`);
    await sleep(every);
  }
}

const running = new Set();
process.on('exit', () => running.forEach(({ child }) => child.kill('SIGKILL')));
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(1));

export class Child {
  output = '';
  exited = null; // { code, signal }

  constructor(scope, command, args, { env = {}, cwd } = {}) {
    this.command = [command, ...args].join(' ');
    this.child = spawn(command, args, { env: { ...process.env, ...env }, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(this);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.output = (this.output + text).slice(-1_000_000);
      });
    }
    this.ended = new Promise((done) => {
      this.child.once('error', (error) => {
        this.output += error.message;
        this.exited = { code: -1, signal: null };
        done(this.exited);
      });
      this.child.once('close', (code, signal) => {
        running.delete(this);
        this.exited = { code, signal };
        done(this.exited);
      });
    });
    scope.after(() => this.stop());
  }

  get pid() {
    return this.child.pid;
  }

  signal(name) {
    if (!this.exited) this.child.kill(name);
  }

  async stop({ patience = 5_000 } = {}) {
    if (this.exited) return this.exited;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), patience);
    const result = await this.ended;
    clearTimeout(timer);
    return result;
  }

  async kill() {
    this.signal('SIGKILL');
    return this.ended;
  }

  async ready(probe, options) {
    return until(async () => {
      if (this.exited) {
        throw Object.assign(new Error(`${this.command} ended with ${JSON.stringify(this.exited)}:\n${this.output}`), { fatal: true });
      }
      return probe();
    }, { what: `${this.command} to be ready; it wrote:\n${this.output}\n`, ...options });
  }

  memoryMb() {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))[1]) / 1024;
  }
}

// Nothing of the machine's own settings may reach a test: keys, configs, data folders.
function cleanEnvironment(home) {
  const env = { HOME: home, XDG_CONFIG_HOME: join(home, '.config'), XDG_DATA_HOME: join(home, '.local/share'), NO_COLOR: '1' };
  for (const name of Object.keys(process.env)) {
    if (/_API_KEY$|_BASE_URL$|_PROXY$|^OLLAMA_|^SSL_CERT|^WEIR_(?!BIN|SHARED)/i.test(name)) env[name] = undefined;
  }
  return env;
}

// A running `weir serve`. `command` goes before it. `config` is YAML text or a value (written as JSON, which is YAML too); null: no config file.
export class Weir extends Child {
  static async start(scope, { config = null, args = [], env = {}, data, port, wait = true, listen, command = [] } = {}) {
    const home = tempDir(scope);
    const folder = data ?? join(home, 'data');
    mkdirSync(folder, { recursive: true });
    const file = config === null ? null : join(home, 'weir.yaml');
    if (file) writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config, null, 1));
    const number = port ?? (await freePort());
    const address = listen ?? `127.0.0.1:${number}`;
    const [binary, ...before] = [...command, weirBinary];
    const weir = new Weir(scope, binary, [...before, 'serve', ...(file ? ['--config', file] : []), '--listen', address, '--data', folder, ...args], {
      env: { ...cleanEnvironment(home), ...env },
    });
    Object.assign(weir, { port: number, url: `http://127.0.0.1:${number}`, data: folder, home, configFile: file });
    if (wait) await weir.ready(async () => (await fetch(`${weir.url}/healthz`)).ok);
    return weir;
  }

  get base() {
    return `${this.url}/v1`;
  }

  post(path, body, { headers = {}, ...rest } = {}) {
    return fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...rest,
    });
  }

  // A chat request: { status, headers, text, json }.
  async chat(body, options) {
    const response = await this.post('/v1/chat/completions', body, options);
    const text = await response.text();
    let json;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: response.status, headers: response.headers, text, json, id: response.headers.get('x-weir-request-id') };
  }

  // The ledger's entry of one request, as soon as it is durable.
  async ledger(id, { headers = {} } = {}) {
    return until(async () => {
      const response = await fetch(`${this.url}/v1/requests/${id}`, { headers });
      if (response.status !== 200) throw new Error(`GET /v1/requests/${id}: ${response.status} ${await response.text()}`);
      return response.json();
    }, { what: `ledger entry ${id}`, timeout: 3_000 });
  }

  cli(...args) {
    return cli([...args, '--data', this.data], { home: this.home });
  }

  async metrics() {
    return (await fetch(`${this.url}/metrics`)).text();
  }
}

// A provider for other Weirs that answers as sandbox models do, but counts as real traffic.
export async function standIns(scope) {
  const names = ['sandbox-local', 'sandbox-cloud', 'sandbox-mini', 'toy'];
  const weir = await Weir.start(scope, { config: {
    providers: [{ id: 'stand-ins', kind: 'sandbox' }],
    models: names.map((name) => ({ id: name, provider: 'stand-ins', name })),
  } });
  return { kind: 'openai_compatible', url: `${weir.url}/v1`, api_key: '', health_check: false, discover: false };
}

// Runs one command to its end: { code, stdout, stderr }.
export function cli(args, { input, home, env = {} } = {}) {
  const result = spawnSync(weirBinary, args, {
    input,
    encoding: 'utf8',
    timeout: 30_000,
    env: { ...process.env, ...cleanEnvironment(home ?? tmpdir()), ...env },
  });
  if (result.error) throw result.error;
  return { code: result.status, stdout: result.stdout, stderr: result.stderr };
}

// The same without blocking this process, for when it also serves what the command asks.
export function cliAsync(args, { home, env = {} } = {}) {
  return new Promise((done) => {
    execFile(weirBinary, args, { env: { ...process.env, ...cleanEnvironment(home ?? tmpdir()), ...env }, timeout: 30_000 },
      (error, stdout, stderr) => done({ code: error ? (error.code ?? -1) : 0, stdout, stderr }));
  });
}

export function createKey(data, options = []) {
  const result = cli(['keys', 'create', ...options, '--json', '--data', data]);
  if (result.code !== 0) throw new Error(`weir keys create: ${result.stderr}${result.stdout}`);
  return JSON.parse(result.stdout);
}

// Path of a runnable llama-server, fetched once into build/; null with a reason where there is none to be had.
export function llamaServer() {
  if (process.env.LLAMA_SERVER) return { path: process.env.LLAMA_SERVER };
  const folder = join(root, 'build/llama-server');
  const path = join(folder, 'llama-server');
  if (existsSync(path)) return { path };
  const fetched = spawnSync(join(root, 'tools/get_llama_server.sh'), [folder], { encoding: 'utf8', timeout: 120_000 });
  if (fetched.status === 0) return { path };
  return { path: null, reason: `no llama-server: ${(fetched.stderr || String(fetched.error ?? '')).trim()}` };
}

export class LlamaServer extends Child {
  static async start(scope, { slots = 2, context = 8192, args = [], model = {} } = {}) {
    const folder = tempDir(scope);
    const file = join(folder, 'tiny.gguf');
    writeFileSync(file, tinyModel({ context, ...model }));
    const port = await freePort();
    const server = new LlamaServer(scope, llamaServer().path, ['-m', file, '--alias', 'tiny', '--host', '127.0.0.1', '--port', String(port),
      '-np', String(slots), '-c', String(context), '--metrics', '--slots', '--jinja', '-t', '1', '--no-webui', ...args]);
    Object.assign(server, { port, url: `http://127.0.0.1:${port}` });
    await server.ready(async () => (await fetch(`${server.url}/health`)).ok, { timeout: 30_000 });
    return server;
  }

  async busySlots() {
    const slots = await (await fetch(`${this.url}/slots`)).json();
    return slots.filter((slot) => slot.is_processing).length;
  }
}
