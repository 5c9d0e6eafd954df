// Forms with large files in them: they pass on whole, also a second time, and take no memory. What was put aside nobody
// has read, so it counts as what cannot be read.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import http from 'node:http';
import { before, test } from 'node:test';

import { cloud, local } from './support/configs.mjs';
import { Weir, suiteScope, tempDir } from './support/process.mjs';

const MB = 1024 * 1024;
const BOUNDARY = 'weir-test-boundary';
const field = (name, value) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const file = (name, type) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`;

// Ten minutes of sound, by its head: 16 kHz, one channel, 16 bits.
function wavHead(bytes) {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(bytes + 36, 4);
  head.write('WAVEfmt ', 8);
  [[16, 16, 4], [1, 20, 2], [1, 22, 2], [16_000, 24, 4], [32_000, 28, 4], [2, 32, 2], [16, 34, 2]].forEach(([value, at, width]) => head.writeUIntLE(value, at, width));
  head.write('data', 36);
  head.writeUInt32LE(bytes, 40);
  return head;
}

// Keeps of what it gets the beginning, the end, the length and the hash of all.
class Listener {
  static async start(scope, answer) {
    const it = Object.assign(new Listener(), { seen: [], answer });
    it.server = http.createServer((request, response) => {
      const seen = { hash: createHash('sha256'), bytes: 0, tail: Buffer.alloc(0), head: Buffer.alloc(0), announced: request.headers['content-length'], type: request.headers['content-type'] };
      request.on('data', (piece) => {
        seen.hash.update(piece);
        seen.bytes += piece.length;
        if (seen.head.length < 4096) seen.head = Buffer.concat([seen.head, piece]).subarray(0, 4096);
        seen.tail = Buffer.concat([seen.tail, piece]).subarray(-4096);
      });
      request.on('end', () => {
        it.seen.push({ ...seen, hash: seen.hash.digest('hex') });
        it.answer(response);
      });
    });
    await new Promise((done) => it.server.listen(0, '127.0.0.1', done));
    scope.after(() => new Promise((done) => { it.server.closeAllConnections(); it.server.close(done); }));
    it.url = `http://127.0.0.1:${it.server.address().port}/v1`;
    return it;
  }
}

const json = (status, value) => (response) => { response.statusCode = status; response.setHeader('content-type', 'application/json').end(JSON.stringify(value)); };

const scope = suiteScope();
let broken;
let far;
let data;
let weir;
let small;
let config;
before(async () => {
  broken = await Listener.start(scope, json(500, { error: { message: 'out of order' } }));
  far = await Listener.start(scope, json(200, { text: 'Hello.', id: 'file-1', object: 'file' }));
  data = tempDir(scope);
  config = {
    providers: [local('broken', broken, { kind: 'openai_compatible', zone: 'local', retries: 0 }), cloud('far', far, { retries: 0 })],
    models: [{ id: 'first', provider: 'broken', name: 'a-model-with-a-long-name', serves: ['transcriptions'] },
      { id: 'second', provider: 'far', name: 'w', serves: ['transcriptions', 'files'], prices: { second: 0.0001 } }],
    routes: [{ name: 'ear', accept_unreadable: ['audio'], rules: [{ use: ['first', 'second'] }] }],
  };
  weir = await Weir.start(scope, { config, data });
  small = await Weir.start(scope, { config: { ...config, limits: { body: '1MiB' },
    routes: [{ name: 'ear', rules: [{ when: { sensitive: 'any' }, zones: ['local'] }, { use: ['first', 'second'] }] }] } });
});

test('what was put aside does not slip past the guards: not where things are to be taken out, not as text that looks like a file', async () => {
  const strict = await Weir.start(scope, { config: { ...config, routes: [{ name: 'ear', accept_unreadable: ['audio'],
    rules: [{ when: { sensitive: 'any' }, redact: ['cloud'] }, { use: ['second'] }] }] } });
  const noise = randomBytes(MB);
  const sound = [file('a.mp3', 'audio/mpeg'), { of: noise, times: 3 }, '\r\n'];
  const end = [field('model', 'ear'), `--${BOUNDARY}--\r\n`];
  far.seen = [];
  const told = await send(strict, '/v1/audio/transcriptions', [...sound, field('prompt', 'Anna Berg, anna.berg@posteo.de'), ...end]);
  assert.deepEqual([told.status, told.body.error?.code], [400, 'zone_refused'], JSON.stringify(told.body));
  assert.equal(far.seen.length, 0, 'nothing of it left');
  const plain = await send(strict, '/v1/audio/transcriptions', [...sound, field('prompt', 'A speech.'), ...end]);
  assert.equal(plain.status, 200, JSON.stringify(plain.body));
  assert.equal(far.seen.length, 1);
  // A header behind the delimiter: whoever reads lines leaves it out, and the part is a text.
  const letters = { of: Buffer.from('Write to anna.berg@posteo.de. '.repeat(40_000)), times: 2 };
  for (const head of ['Content-Type: audio/wav', 'Content-Disposition: form-data; name="file"; filename="a.wav"']) {
    const pieces = [file('a.mp3', 'audio/mpeg'), 'x\r\n', `--${BOUNDARY}${head}\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n`, letters, '\r\n', ...end];
    const hidden = await send(strict, '/v1/audio/transcriptions', pieces);
    assert.equal(hidden.status, 400, JSON.stringify(hidden.body));
  }
  // Nor behind the form's end, where nobody reads.
  const behind = await send(strict, '/v1/audio/transcriptions', [file('a.mp3', 'audio/mpeg'), 'x\r\n', ...end, `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="b"\r\n\r\n`, letters]);
  assert.equal(behind.status, 400, JSON.stringify(behind.body));
  assert.equal(far.seen.length, 1, 'nothing of it left');
});

// Wherever in a form a secret stands, and however that place is hidden from some readers of forms: it stays, or the form
// is refused. Small and large ones: the second kind goes another way through the server.
test('nothing of a form leaves unread, wherever it stands in it', async () => {
  const strict = await Weir.start(scope, { config: { ...config, routes: [{ name: 'ear', accept_unreadable: ['audio'],
    rules: [{ when: { sensitive: 'any' }, zones: ['local'] }, { use: ['second'] }] }] } });
  const SECRET = 'anna.berg@posteo.de';
  const part = (head, value) => [`--${BOUNDARY}\r\n${head}\r\n\r\n`, value, '\r\n'];
  const named = 'Content-Disposition: form-data; name="prompt"';
  const letters = (times) => ({ of: Buffer.from(`Write to ${SECRET} today. `.repeat(1_000)), times });
  const model = field('model', 'ear');
  const end = `--${BOUNDARY}--\r\n`;
  for (const megabytes of [0, 2]) {
    const sound = [file('a.mp3', 'audio/mpeg'), megabytes ? { of: randomBytes(MB), times: megabytes } : Buffer.from([0, 1, 2]), '\r\n'];
    const forms = {
      'no secret': [...sound, model, end],
      'in a field': [...sound, field('prompt', SECRET), model, end],
      'before its beginning': [`${SECRET}\r\n`, ...sound, model, end],
      'behind its end': [...sound, model, end, SECRET],
      'in a second form': [...sound, model, end, field('prompt', SECRET), end],
      'behind a delimiter': [...sound, `--${BOUNDARY} ${SECRET}\r\n${named}\r\n\r\nx\r\n`, model, end],
      'in a field behind blanks': [...sound, `--${BOUNDARY} \t\r\n${named}\r\n\r\n${SECRET}\r\n`, model, end],
      'without a last delimiter': [...sound, model, field('prompt', SECRET)],
      'in ends of lines of another kind': [...sound, model, `--${BOUNDARY}\n${named}\n\n${SECRET}\n`, end],
      'in a sound, to others a field': [file('a.mp3', 'audio/mpeg'), Buffer.from([0]), ...(megabytes ? [{ of: randomBytes(MB), times: megabytes }] : []), `\n--${BOUNDARY}\n${named}\n\n${SECRET}\n`, '\r\n', model, end],
      'in a field of a type': [...sound, ...part(`${named}\r\nContent-Type: text/plain`, SECRET), model, end],
      'in a field that says to be a sound': [...sound, ...part(`${named}\r\nContent-Type: audio/wav`, SECRET), model, end],
      'in a field that says to be a file': [...sound, ...part(`${named}; filename="a.wav"`, SECRET), model, end],
      'quoted': [...sound, ...part(`${named}\r\nContent-Transfer-Encoding: quoted-printable`, 'anna=2Eberg=40posteo.de'), model, end],
      'in base64': [...sound, ...part(`${named}\r\nContent-Transfer-Encoding: base64`, Buffer.from(SECRET).toString('base64')), model, end],
      'in a form in it': [...sound, ...part('Content-Disposition: form-data; name="file"\r\nContent-Type: multipart/mixed; boundary=C', `--C\r\n\r\n${SECRET}\r\n--C--`), model, end],
      'in a header': [...sound, ...part(`${named}\r\nX-Note: ${SECRET}`, 'x'), model, end],
      'in a parameter': [...sound, ...part(`${named}; note="${SECRET}"`, 'x'), model, end],
      'in a type': [...sound, ...part(`${named}\r\nContent-Type: text/plain; note="${SECRET}"`, 'x'), model, end],
      'in a name': [...sound, field(SECRET, 'x'), model, end],
      "in a file's name": [file(SECRET, 'audio/mpeg'), ...sound.slice(1), model, end],
      'in a field of two names': [...sound, ...part(`${named}; name="file"; filename="x"`, SECRET), model, end],
      'with a second model': [...sound, model, ...part('Content-Disposition: form-data; name="x"; name="model"', SECRET), end],
      'in a sound that is a text': [file('a.mp3', 'audio/mpeg'), letters(1), '\r\n', model, end],
      'in a large sound that is a text': [file('a.mp3', 'audio/mpeg'), letters(60), '\r\n', model, end],
    };
    for (const [where, pieces] of Object.entries(forms)) {
      far.seen = [];
      const told = await send(strict, '/v1/audio/transcriptions', pieces);
      assert.equal(told.status, where === 'no secret' ? 200 : 400, `${where}: ${JSON.stringify(told.body)}`);
      assert.equal(far.seen.length, where === 'no secret' ? 1 : 0, where);
    }
    far.seen = [];
    const typed = await send(strict, '/v1/audio/transcriptions', [...sound, ...part('Content-Disposition: form-data; name=model\r\nContent-Type: text/plain; charset=utf-8', 'ear'), end],
      { type: `multipart/form-data; note="${SECRET}"; boundary="${BOUNDARY}"` });
    assert.equal(typed.status, 200, JSON.stringify(typed.body));
    assert.equal(far.seen[0].type, `multipart/form-data; boundary=${BOUNDARY}`, 'of the type the boundary is sent, and nothing else');
  }
});

// Sends `pieces` (strings, buffers or { of, times }) as one body.
async function send(to, path, pieces, { chunked = false, type = `multipart/form-data; boundary=${BOUNDARY}` } = {}) {
  const size = pieces.reduce((sum, piece) => sum + (piece.of ? piece.of.length * piece.times : Buffer.byteLength(piece)), 0);
  const sent = createHash('sha256');
  const request = http.request(`${to.url}${path}`, { method: 'POST', headers: { 'content-type': type, ...(!chunked && { 'content-length': size }) } });
  const answered = new Promise((done, fail) => {
    request.on('error', fail);
    request.on('response', (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => done({ status: response.statusCode, headers: response.headers, body: JSON.parse(Buffer.concat(parts)) }));
    });
  });
  answered.catch(() => {});
  const write = (bytes) => new Promise((done) => (request.write(bytes) ? done() : request.once('drain', done)));
  for (const piece of pieces) {
    for (let i = 0; i < (piece.times ?? 1); ++i) {
      const bytes = piece.of ?? Buffer.from(piece);
      sent.update(bytes);
      await Promise.race([write(bytes), answered.catch(() => {})]);
    }
  }
  request.end();
  return { ...(await answered), size, sent: sent.digest('hex') };
}

test('half a gigabyte of sound reaches the second provider after the first one failed, and takes no memory', async () => {
  const status = () => readFileSync(`/proc/${weir.pid}/status`, 'utf8');
  await send(weir, '/v1/audio/transcriptions', [file('a.wav', 'audio/wav'), { of: wavHead(4 * MB), times: 1 }, { of: randomBytes(MB), times: 4 }, '\r\n', field('model', 'ear'), `--${BOUNDARY}--\r\n`]);
  const before = weir.memoryMb();
  let most = 0;
  const watch = setInterval(() => { most = Math.max(most, weir.memoryMb()); }, 20);
  const noise = randomBytes(MB);
  const times = 500;
  Object.assign(broken, { seen: [] });
  Object.assign(far, { seen: [] });
  // The model's name comes after the file: before it, nobody knows where it goes.
  const result = await send(weir, '/v1/audio/transcriptions', [field('language', 'en'), file('a.wav', 'audio/wav'), wavHead(times * MB), { of: noise, times }, '\r\n', field('model', 'ear'), `--${BOUNDARY}--\r\n`]);
  clearInterval(watch);
  assert.equal(result.status, 200, JSON.stringify(result.body));
  assert.equal(result.body.text, 'Hello.');
  assert.equal(result.headers['x-weir-model'], 'second');
  assert.ok(most - before < 30, `it grew by ${(most - before).toFixed(1)} MB; ${/VmHWM.*/.exec(status())[0]}`);
  for (const [server, name] of [[broken, 'a-model-with-a-long-name'], [far, 'w']]) {
    const [seen] = server.seen;
    assert.equal(server.seen.length, 1);
    assert.equal(Number(seen.announced), seen.bytes);
    assert.equal(seen.bytes, result.size - 'ear'.length + name.length);
    assert.ok(seen.tail.includes(field('model', name)));
    assert.ok(seen.head.includes(field('language', 'en')) && seen.head.includes(wavHead(times * MB)));
  }
  const expected = createHash('sha256').update(field('language', 'en')).update(file('a.wav', 'audio/wav')).update(wavHead(times * MB));
  for (let i = 0; i < times; ++i) expected.update(noise);
  expected.update('\r\n').update(field('model', 'w')).update(`--${BOUNDARY}--\r\n`);
  assert.equal(far.seen[0].hash, expected.digest('hex'));
  assert.deepEqual(readdirSync(data).filter((name) => name.startsWith('form-')), [], 'nothing is left in the data folder');
});

test('a sound of unknown length arrives whole, and is paid by its seconds', async () => {
  const noise = randomBytes(64 * 1024);
  far.seen = [];
  const result = await send(weir, '/v1/audio/transcriptions', [field('model', 'second'), file('a.wav', 'audio/wav'), wavHead(50 * 64 * 1024), { of: noise, times: 50 }, `\r\n--${BOUNDARY}--\r\n`], { chunked: true });
  assert.equal(result.status, 200, JSON.stringify(result.body));
  assert.ok(far.seen[0].tail.subarray(0, -(BOUNDARY.length + 8)).equals(noise.subarray(-4096 + BOUNDARY.length + 8)));
  const entry = await weir.ledger(result.headers['x-weir-request-id']);
  assert.deepEqual([entry.usage.units, entry.usage.unit], [102.4, 'second'], JSON.stringify(entry.usage));
});

test('text that was put aside counts as unreadable: it stays', async () => {
  far.seen = [];
  const line = Buffer.from(`${JSON.stringify({ note: 'nothing here' }).padEnd(1023)}\n`);
  const pieces = (times) => [field('purpose', 'batch'), file('a.jsonl', 'application/jsonl'), { of: line, times }, `\r\n--${BOUNDARY}--\r\n`];
  const readable = await send(weir, '/v1/files', pieces(2_000));
  assert.equal(readable.status, 200, JSON.stringify(readable.body));
  assert.equal(far.seen.length, 1);
  const aside = await send(small, '/v1/files', pieces(2_000));
  assert.deepEqual([aside.status, aside.body.error?.code], [400, 'zone_refused'], JSON.stringify(aside.body));
  assert.equal(far.seen.length, 1, 'nothing of it left');
});

test('text that was put aside is read where files are accepted, wherever in it something stands', async () => {
  const open = await Weir.start(scope, { config: { ...config, limits: { body: '1MiB' }, routes: [{ name: 'ear', accept_unreadable: ['files'],
    rules: [{ when: { sensitive: ['personal'] }, zones: ['local'] }, { when: { sensitive: ['secret'] }, redact: ['cloud'] }, { use: ['first', 'second'] }] }] } });
  far.seen = [];
  const sent = async (words) => send(open, '/v1/files', [field('purpose', 'batch'), file('a.jsonl', 'application/jsonl'), ...words, `\r\n--${BOUNDARY}--\r\n`]);
  const filler = 'Die Größe des Wehrs über dem Fluß ist 東京. ';
  const clean = await sent([{ of: Buffer.from(filler.repeat(40_000)), times: 1 }]);
  assert.equal(clean.status, 200, JSON.stringify(clean.body));
  assert.equal(far.seen.length, 1);
  // On the edges of what is read at once, and at both ends.
  const WINDOW = 256 * 1024;
  const secret = 'anna.berg@posteo.de';
  for (const at of [0, WINDOW - 30, WINDOW - 10, WINDOW - 4096 - 9, 2 * WINDOW - 4096 - 3, 1_500_000]) {
    const before = Buffer.from(filler.repeat(40_000)).subarray(0, Math.max(at - 1, 0));
    const head = before.toString('utf8').replace(/\uFFFD*$/, '');
    const said = await sent([`${head} ${secret} ${filler.repeat(40_000)}`]);
    assert.deepEqual([said.status, said.body.error?.code], [400, 'zone_refused'], `at ${at}: ${JSON.stringify(said.body)}`);
  }
  // What would have to be taken out of it stays as well: it would go out as it is.
  const key = await sent([`${filler} AKIAQ7ZL5XHPN3RW2TVB ${'aws_secret_access_key=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'} ${filler.repeat(40_000)}`]);
  assert.equal(key.status, 400, JSON.stringify(key.body));
  assert.equal(far.seen.length, 1, 'nothing of them left');
});

test('a form beyond sixteen times the limit of bodies is refused, as is a long text in it', async () => {
  const noise = randomBytes(MB);
  const big = await send(small, '/v1/audio/transcriptions', [field('model', 'second'), file('a.mp3', 'audio/mpeg'), { of: noise, times: 17 }, `\r\n--${BOUNDARY}--\r\n`]).catch((error) => error);
  assert.equal(big.status ?? big.code, 413, String(big.body?.error?.message ?? big));
  const text = await send(small, '/v1/audio/transcriptions', [field('model', 'second'), field('prompt', 'x'.repeat(2 * MB)), `--${BOUNDARY}--\r\n`]).catch((error) => error);
  assert.equal(text.status ?? text.code, 413, String(text.body?.error?.message ?? text));
});
