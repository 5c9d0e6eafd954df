// Answers in a content coding, though Weir asks for none: what can be unpacked is, the rest is the provider's failure.
import assert from 'node:assert/strict';
import { before, beforeEach, describe, test } from 'node:test';
import { constants, createDeflate, createGzip, deflateSync, gzipSync } from 'node:zlib';

import { ask, model } from './support/configs.mjs';
import { SPOKEN, StandIn } from './support/fault_upstream.mjs';
import { Weir, suiteScope } from './support/process.mjs';
import { readStream } from './support/sse.mjs';

const scope = suiteScope();
let standIn;
let spare;
let weir;

const reply = async (x, status, coding, bytes, { type = 'application/json', length = bytes.length } = {}) => {
  await x.head(status, { 'Content-Type': type, 'Content-Encoding': coding, 'Content-Length': length });
  await x.write(bytes);
};
const whole = (x) => Buffer.from(JSON.stringify(x.completion()));

// A good stream, packed as it is made: every event is flushed.
async function packedStream(x, coding, packer) {
  await x.head(200, { 'Content-Type': 'text/event-stream', 'Content-Encoding': coding, 'Transfer-Encoding': 'chunked' });
  const chunk = x.chunk.bind(x);
  const flushed = (data) => new Promise((done) => {
    const parts = [];
    const take = (part) => parts.push(part);
    packer.on('data', take);
    packer.write(data);
    packer.flush(constants.Z_SYNC_FLUSH, () => {
      packer.off('data', take);
      done(Buffer.concat(parts));
    });
  });
  x.streamHead = async () => true;
  x.chunk = async (data) => chunk(await flushed(data));
  x.endStream = async () => {
    await x.event('[DONE]');
    const rest = [];
    packer.on('data', (part) => rest.push(part));
    await new Promise((done) => packer.once('end', done).end());
    await chunk(Buffer.concat(rest));
    await x.write('0\r\n\r\n');
  };
  await x.ok();
}

const scripts = {
  gzip: (x) => (x.body.stream ? packedStream(x, 'gzip', createGzip()) : reply(x, 200, 'gzip', gzipSync(whole(x)))),
  'x-gzip': (x) => reply(x, 200, 'X-GZIP', gzipSync(whole(x))),
  deflate: (x) => (x.body.stream ? packedStream(x, 'deflate', createDeflate()) : reply(x, 200, 'deflate', deflateSync(whole(x)))),
  identity: (x) => reply(x, 200, 'identity', whole(x)),
  'two-members': (x) => reply(x, 200, 'gzip', Buffer.concat([gzipSync(whole(x).subarray(0, 40)), gzipSync(whole(x).subarray(40))])),
  'byte-by-byte': async (x) => {
    await x.head(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip', 'Transfer-Encoding': 'chunked' });
    for (const byte of gzipSync(whole(x))) await x.chunk(Buffer.of(byte));
    await x.write('0\r\n\r\n');
  },
  'until-close': async (x) => {
    await x.head(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip', Connection: 'close' });
    await x.write(gzipSync(whole(x)));
    x.socket.end();
  },
  'long-one': (x) => reply(x, 200, 'gzip', gzipSync(JSON.stringify(x.completion('water '.repeat(500_000))))),
  'error-429': (x) => reply(x, 429, 'gzip', gzipSync(JSON.stringify({ error: { message: 'stand-in: slow down', code: 'rate_limit_exceeded' } }))),
  'error-400': (x) => reply(x, 400, 'gzip', gzipSync(JSON.stringify({ error: { message: 'stand-in: temperature must be below 2', type: 'invalid_request_error', param: 'temperature' } }))),
  'error-500-br': (x) => reply(x, 500, 'br', Buffer.from([1, 2, 3])),

  br: (x) => reply(x, 200, 'br', Buffer.from([1, 2, 3, 4])),
  twice: (x) => reply(x, 200, 'gzip, gzip', gzipSync(gzipSync(whole(x)))),
  'not-packed': (x) => reply(x, 200, 'gzip', whole(x)),
  'cut-short': (x) => reply(x, 200, 'gzip', gzipSync(whole(x)).subarray(0, 60)),
  damaged: (x) => {
    const bytes = gzipSync(whole(x));
    bytes[bytes.length - 6] ^= 1;
    return reply(x, 200, 'gzip', bytes);
  },
  bomb: (x) => reply(x, 200, 'gzip', gzipSync(Buffer.alloc(300_000_000, 'a'))),
  'stream-br': async (x) => {
    await x.head(200, { 'Content-Type': 'text/event-stream', 'Content-Encoding': 'br', 'Transfer-Encoding': 'chunked' });
    await x.chunk(Buffer.from([1, 2, 3]));
  },
  'stream-not-packed': async (x) => {
    await x.head(200, { 'Content-Type': 'text/event-stream', 'Content-Encoding': 'gzip', 'Transfer-Encoding': 'chunked' });
    await x.event(x.delta('not packed'));
  },
};

before(async () => {
  standIn = await StandIn.start(scope);
  spare = await StandIn.start(scope);
  for (const [name, script] of Object.entries(scripts)) standIn.scripts.set(name, script);
  const provider = (id, upstream) => ({ id, kind: 'openai_compatible', url: upstream.url, zone: 'local', health_check: false, discover: false, retries: 0 });
  const names = Object.keys(scripts);
  weir = await Weir.start(scope, { config: {
    providers: [provider('a', standIn), provider('b', spare)],
    models: [...names.map((name) => model(name, 'a', name)), model('backup', 'b', 'ok')],
    routes: names.map((name) => ({ name: `${name}-r`, rules: [{ use: [name, 'backup'] }] })),
  } });
});
beforeEach(() => spare.forget());

describe('an answer in a coding that was not asked for', () => {
  test('none is asked for', async () => {
    await weir.chat(ask('identity'));
    assert.equal(standIn.requestsFor('identity')[0].headers['accept-encoding'], 'identity');
  });

  for (const name of ['gzip', 'x-gzip', 'deflate', 'identity', 'two-members', 'byte-by-byte', 'until-close']) {
    test(`is unpacked (${name})`, async () => {
      for (let i = 0; i < 2; i++) {
        const answer = await weir.chat(ask(name));
        assert.equal(answer.status, 200, answer.text);
        assert.equal(answer.json.choices[0].message.content, SPOKEN);
        assert.equal(answer.headers.get('content-encoding'), null);
        assert.equal((await weir.ledger(answer.id)).attempts[0].usage.output_tokens ?? (await weir.ledger(answer.id)).usage?.output_tokens, 12);
      }
    });
  }

  for (const name of ['gzip', 'deflate']) {
    test(`is unpacked as it streams (${name})`, async () => {
      for (let i = 0; i < 2; i++) {
        const stream = await readStream(await weir.post('/v1/chat/completions', ask(name, { stream: true, stream_options: { include_usage: true } })));
        assert.equal(stream.text, SPOKEN);
        assert.equal(stream.done, true);
        assert.equal(stream.error, null);
        assert.equal(stream.usage.completion_tokens, 12);
      }
    });
  }

  test('may be large', async () => {
    const answer = await weir.chat(ask('long-one'));
    assert.equal(answer.json.choices[0].message.content.length, 3_000_000);
  });

  test('of a failure is read for what it says', async () => {
    const refused = await weir.chat(ask('error-400'));
    assert.equal(refused.status, 400);
    assert.match(refused.json.error.message, /temperature must be below 2/);
    assert.equal(refused.json.error.param, 'temperature');
    const limited = await weir.chat(ask('error-429'));
    assert.equal(limited.status, 429);
    assert.match(limited.json.error.message, /slow down/);
    assert.equal((await weir.chat(ask('error-500-br'))).json.error.code, 'upstream_server_error');
  });

  for (const [name, why] of Object.entries({ br: /cannot unpack/, twice: /cannot unpack/, 'not-packed': /packed its answer badly/, 'cut-short': /broke off/,
    damaged: /packed its answer badly/, bomb: /more than \d+ bytes/, 'stream-br': /cannot unpack/, 'stream-not-packed': /packed its answer badly/ })) {
    test(`that cannot be unpacked goes to the next (${name})`, async () => {
      const stream = name.startsWith('stream');
      const alone = await weir.chat(ask(name, { stream }));
      assert.equal(alone.status, 502, alone.text);
      assert.match(alone.json.error.message, why);
      const routed = await weir.post('/v1/chat/completions', ask(`${name}-r`, { stream }));
      assert.equal(routed.status, 200);
      const text = await routed.text();
      if (stream) assert.match(text, /\[DONE\]/);
      else assert.equal(JSON.parse(text).choices[0].message.content, SPOKEN);
      assert.equal(spare.requests.length, 1);
      assert.ok(weir.memoryMb() < 600, `${weir.memoryMb()} MB`);
    });
  }
});
