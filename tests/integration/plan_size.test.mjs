// weir plan size as a program: its answers, its refusals, and what a real llama-server says about the same file.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { tinyModel } from './support/tiny_gguf.mjs';
import { cli, freePort, llamaServer, suiteScope, tempDir, until } from './support/process.mjs';

const scope = suiteScope();
let folder;
before(() => {
  folder = tempDir(scope);
});

const size = (...args) => cli(['plan', 'size', ...args]);
const sized = (...args) => {
  const result = size(...args, '--json');
  assert.equal(result.code, 0, result.stderr);
  return JSON.parse(result.stdout);
};
const near = (actual, expected, share, what) => assert.ok(Math.abs(actual - expected) <= expected * share, `${what}: ${actual} is not within ${share * 100} % of ${expected}`);

describe('published facts', () => {
  const cards = (answer, gpu) => answer.placements.find((placement) => placement.gpu === gpu)?.cards;

  test('8B at 16 bit is 16 GB and fits 24 GB; at 8 bit it fits 16 GB', () => {
    const half = sized('llama-3-8b', '--concurrency', '1');
    near(half.memory.weights_bytes, 16.06e9, 0.01, 'weights');
    assert.equal(cards(half, 'rtx-4090'), 1);
    assert.notEqual(cards(half, 't4'), 1);
    assert.equal(cards(sized('llama-3-8b', '--quant', 'int8', '--concurrency', '1'), 't4'), 1);
  });

  test('70B at 16 bit takes two cards of 80 GB; at low bits one of 24 GB', () => {
    assert.equal(cards(sized('llama-3-70b', '--context', '4096', '--concurrency', '1'), 'a100-80gb'), 2);
    assert.equal(cards(sized('llama-3-70b', '--quant', 'iq2_xs', '--context', '4096', '--concurrency', '1'), 'rtx-4090'), 1);
  });

  test('Mixtral and Qwen 2.5', () => {
    near(sized('mixtral-8x7b').memory.weights_bytes, 93.4e9, 0.02, 'Mixtral');
    near(sized('qwen2.5:7b').memory.weights_bytes, 15.2e9, 0.02, 'Qwen 7B');
    near(sized('Qwen/Qwen2.5-72B-Instruct').memory.weights_bytes, 145.4e9, 0.02, 'Qwen 72B');
  });
});

test('a model that is published at four bits is sized so, for 16 streams', () => {
  const answer = sized('gpt-oss-120b');
  assert.equal(answer.quantisation, 'mxfp4');
  assert.equal(answer.concurrency, 16);
  near(answer.memory.weights_bytes, 64e9, 0.02, 'weights');
  const h100 = answer.placements.find((placement) => placement.gpu === 'h100-sxm');
  assert.equal(h100.cards, 1);
  assert.ok(h100.spot_usd_per_hour < h100.rent_usd_per_hour);
  assert.match(h100.rents_as_of, /^\d{4}-\d\d-\d\d$/);
  for (const placement of answer.placements) if (placement.cards > 1) assert.match(placement.link, /over .*GB\/s/);
});

test('a card that does not hold 16 is sized for what it holds, and says so', () => {
  const answer = sized('llama-3-8b', '--gpu', 'rtx-4090');
  assert.ok(answer.concurrency >= 1 && answer.concurrency < 16, `${answer.concurrency}`);
  assert.match(answer.assumptions[0], /holds \d+ sequences .* not 16/);
  assert.equal(size('llama-3-8b', '--gpu', 'rtx-4090', '--concurrency', '16').code, 4);
});

describe('what cannot be answered is one clear line', () => {
  const rows = [
    [['lama-3-8b'], 4, /no model `lama-3-8b`; did you mean `llama-3-8b`\?/],
    [['llama-3-8b', '--quant', 'q4_k_n'], 2, /--quant: .*did you mean `q4_k_m`/],
    [['llama-3-8b', '--context', '0'], 2, /--context: `0` is no whole number from 1/],
    [['llama-3-8b', '--context', '-5'], 2, /--context/],
    [['llama-3-8b', '--context', '1e30'], 2, /--context: `1e30`/],
    [['llama-3-8b', '--context', 'NaN'], 2, /--context: `NaN`/],
    [['llama-3-8b', '--context', '99999999999999999999'], 2, /--context/],
    [['llama-3-8b', '--concurrency', '0'], 2, /--concurrency: `0`/],
    [['llama-3-8b', '--output-tokens', '0'], 2, /--output-tokens: `0`/],
    [['llama-3-8b', '--prompt-tokens', '8000', '--output-tokens', '8000'], 2, /more than --context 8192/],
    [['llama-3-8b', '--kv-bits', '4'], 2, /--kv-bits: `4` is neither/],
    [['llama-3-8b', '--gpu', 'rtx-4099'], 4, /--gpu: .*did you mean `rtx-4090`/],
    [['llama-3-70b', '--gpu', 'rtx-4090'], 4, /--gpu rtx-4090: llama-3-70b at fp16 needs .* it fits with --cards 8 or --quant/],
    [['llama-3-8b', '--quant', 'bf16', '--gpu', 't4', '--cards', '2'], 4, /t4 \(Turing\) cannot run bf16: .*8\.0.*--quant fp16/],
    [['qwen3.6-27b', '--quant', 'fp8', '--gpu', 'v100'], 4, /cannot run fp8/],
    [['llama-3-8b', '--cards', '2'], 2, /--cards says how many of --gpu/],
    [['qwen2.5-7b', '--gpu', 'l4', '--cards', '8'], 4, /28 heads .* cannot be split among 8/],
    [['llama-3-8b', '--gpu', 'l4', '--cards', '9'], 2, /--cards: `9`/],
    [['llama-3-8b', '--measured', '50'], 2, /name it with --gpu/],
    [['llama-3-8b', '--gpu', 'l4', '--measured', '0'], 2, /--measured: `0`/],
    [['llama-3-8b', '--gpu', 'l4', '--measured', 'nan'], 2, /--measured: `nan`/],
    [['llama-3-8b', '--gpu', 'l4', '--measured', '-3'], 2, /--measured/],
    [['llama-3-8b', '--gpu', 'l4', '--measured', 'last'], 4, /nothing was measured for llama-3-8b/],
    [['nowhere.gguf'], 1, /nowhere\.gguf: there is no such file/],
    [[], 2, /MODEL/],
  ];
  for (const [args, code, message] of rows) {
    test(args.join(' ') || 'nothing', () => {
      const result = size(...args);
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stderr, message);
      assert.equal(result.stdout, '');
    });
  }

  test('a context beyond the model is warned of, not refused', () => {
    const answer = sized('llama-3-8b', '--context', '20000');
    assert.equal(answer.context, 20000);
    assert.match(answer.assumptions[0], /beyond the 8,192 tokens/);
  });
});

describe('outputs', () => {
  for (const columns of [80, 200]) {
    test(`no line is wider than ${columns} columns`, () => {
      const result = cli(['plan', 'size', 'mixtral-8x7b', '--concurrency', '16'], { env: { COLUMNS: String(columns) } });
      assert.equal(result.code, 0, result.stderr);
      for (const line of result.stdout.split('\n')) assert.ok([...line].length <= columns, line);
    });
  }

  test('CSV has one row for each card', () => {
    const result = size('llama-3-8b', '--csv');
    const lines = result.stdout.trim().split(/\r?\n/);
    assert.match(lines[0], /^gpu,cards,memory_bytes_per_card/);
    assert.equal(lines.length - 1, sized('llama-3-8b').placements.length);
  });

  test('HTML is one file that names the model', () => {
    const file = join(folder, 'size.html');
    assert.equal(size('llama-3-8b', '--html', file).code, 0);
    assert.match(readFileSync(file, 'utf8'), /Llama 3 8B/);
  });

  test('a measurement above the bound raises it', () => {
    const answer = sized('llama-3-8b', '--gpu', 'rtx-4090', '--measured', '500');
    assert.equal(answer.placements[0].bound.tokens_per_s, 500);
    assert.equal(answer.placements[0].bound.raised_to_measurement, true);
    const below = sized('llama-3-8b', '--gpu', 'rtx-4090', '--measured', '54.34');
    assert.equal(below.measured.tokens_per_s, 54.34);
    assert.ok(below.placements[0].bound.tokens_per_s > 54.34);
  });
});

describe('files', () => {
  const tensors = (header, bytes) => {
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([length, text, Buffer.alloc(bytes)]);
  };
  const config = { num_hidden_layers: 2, hidden_size: 8, num_attention_heads: 2, vocab_size: 10, max_position_embeddings: 4096 };

  test('a GGUF file', () => {
    const file = join(folder, 'tiny.gguf');
    writeFileSync(file, tinyModel({ context: 8192 }));
    const answer = sized(file);
    assert.equal(answer.model.layers, 2);
    assert.equal(answer.model.max_context, 8192);
    assert.equal(answer.quantisation, 'fp32');
  });

  test('a GGUF file that was cut, or is something else', () => {
    const whole = tinyModel({});
    for (const [name, bytes, message] of [['cut.gguf', whole.subarray(0, 3000), /truncated.*at byte/], ['short.gguf', whole.subarray(0, whole.length - 100), /truncated: the tensors end/],
      ['other.gguf', Buffer.from('hello, this is text'), /no GGUF file/], ['empty.gguf', Buffer.alloc(0), /truncated/]]) {
      const file = join(folder, name);
      writeFileSync(file, bytes);
      const result = size(file);
      assert.equal(result.code, 1);
      assert.match(result.stderr, message);
      assert.equal(result.stderr.trim().split('\n').length, 1, result.stderr);
    }
  });

  test('safetensors: one file, a split one, a folder; without a config it says what is missing', () => {
    const at = join(folder, 'model');
    mkdirSync(at);
    writeFileSync(join(at, 'm-1.safetensors'), tensors({ 'model.embed_tokens.weight': { dtype: 'BF16', shape: [10, 8], data_offsets: [0, 160] } }, 160));
    writeFileSync(join(at, 'm-2.safetensors'), tensors({ 'lm_head.weight': { dtype: 'BF16', shape: [10, 8], data_offsets: [0, 160] } }, 160));
    const bare = size(join(at, 'm-1.safetensors'));
    assert.equal(bare.code, 1);
    assert.match(bare.stderr, /80 parameters, 160 bytes of weights.*config\.json/);
    writeFileSync(join(at, 'config.json'), JSON.stringify(config));
    assert.equal(sized(join(at, 'm-1.safetensors')).memory.weights_bytes, 160);
    assert.equal(sized(at).memory.weights_bytes, 320);
    writeFileSync(join(at, 'model.safetensors.index.json'), JSON.stringify({ weight_map: { a: 'm-1.safetensors', b: 'm-2.safetensors' } }));
    assert.equal(sized(at).model.parameters, 160);
    writeFileSync(join(at, 'model.safetensors.index.json'), JSON.stringify({ weight_map: { a: 'm-3.safetensors' } }));
    assert.match(size(at).stderr, /m-3\.safetensors: there is no such file/);
  });

  test('an empty folder', () => {
    const at = join(folder, 'nothing');
    mkdirSync(at);
    assert.match(size(at).stderr, /neither .safetensors nor .gguf/);
  });
});

const found = llamaServer();
test('memory is what a real llama-server takes for the same file', { skip: found.path ? false : found.reason }, async () => {
  const file = join(folder, 'real.gguf');
  writeFileSync(file, tinyModel({ context: 16384, width: 256, layers: 6 }));
  const port = await freePort();
  const server = spawn(found.path, ['-m', file, '--host', '127.0.0.1', '--port', String(port), '-np', '4', '-c', '32768', '-t', '1', '--no-webui', '-lv', '10']);
  let log = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (text) => { log += text; });
  try {
    await until(async () => (await fetch(`http://127.0.0.1:${port}/health`).catch(() => ({ ok: false }))).ok, { what: 'llama-server', timeout: 30_000 });
  } finally {
    server.kill('SIGKILL');
  }
  const mib = (pattern) => {
    const all = [...log.matchAll(pattern)];
    assert.ok(all.length > 0, `${pattern} in the log:\n${log.slice(0, 4000)}`);
    return Number(all.at(-1)[1]) * 1024 * 1024;
  };
  const answer = sized(file, '--context', '8192', '--concurrency', '4');
  near(answer.memory.weights_bytes, mib(/model buffer size =\s+([\d.]+) MiB/g), 0.1, 'weights');
  near(answer.memory.kv_bytes, mib(/KV buffer size =\s+([\d.]+) MiB/g), 0.1, 'KV cache');
  near(answer.model.parameters, Number(/model params\s+=\s+([\d.]+) M/.exec(log)[1]) * 1e6, 0.01, 'parameters');
});
