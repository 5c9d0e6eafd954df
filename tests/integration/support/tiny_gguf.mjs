// Writes a tiny llama-architecture model with seeded random weights as a GGUF file, so that tests can run against a real
// llama-server without fetching a model. It says nothing sensible, but to the server it is a real one: sampling, grammars,
// tool calls, log-probabilities, slots, context limits and embeddings all work.
//
//   node tiny_gguf.mjs OUT.gguf
//
// Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (version 3, little-endian).
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const WORDS = (
  'river water weir bridge stone boat bank flow gate level measure steer north south small large quick slow open closed ' +
  'morning evening winter summer green blue white black round long short first second third last next before after under ' +
  'over between around never always often maybe please thanks hello yes no the of and to in is that for it as was with be ' +
  'by on not he his but at are this have from or had they which one you were all her she there would their we him been has ' +
  'when who will more if out so up said what its about than into them can only other time new some could these two may do ' +
  'any like my now such our man me even most made also did many off must well back through years much where your way down ' +
  'should because each just those people how little good world make very year still see own work day get here both life'
).split(' ');

// A template in the manner of Hermes 2 / Qwen, because servers know tool calls by what a template does with them.
const CHAT_TEMPLATE = `{%- if tools %}<|im_start|>system
{%- if messages[0]['role'] == 'system' %}
{{ messages[0]['content'] }}
{%- endif %}

# Tools

You may call one or more functions.

<tools>
{%- for tool in tools %}
{{ tool | tojson }}
{%- endfor %}
</tools>

For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call><|im_end|>
{%- elif messages[0]['role'] == 'system' %}<|im_start|>system
{{ messages[0]['content'] }}<|im_end|>
{%- endif %}
{%- for message in messages %}
{%- if message.role == 'user' or (message.role == 'system' and not loop.first) or (message.role == 'assistant' and not message.tool_calls) %}
<|im_start|>{{ message.role }}
{{ message.content }}<|im_end|>
{%- elif message.role == 'assistant' %}
<|im_start|>assistant
{%- if message.content %}
{{ message.content }}
{%- endif %}
{%- for tool_call in message.tool_calls %}
{%- if tool_call.function is defined %}{% set tool_call = tool_call.function %}{% endif %}
<tool_call>
{"name": "{{ tool_call.name }}", "arguments": {{ tool_call.arguments | tojson }}}
</tool_call>
{%- endfor %}<|im_end|>
{%- elif message.role == 'tool' %}
<|im_start|>user
<tool_response>
{{ message.content }}
</tool_response><|im_end|>
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
<|im_start|>assistant
{% endif %}`;

const TYPE = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 };

class Bytes {
  parts = [];
  length = 0;

  raw(buffer) {
    this.parts.push(buffer);
    this.length += buffer.length;
    return this;
  }
  u32(value) {
    const b = Buffer.alloc(4);
    b.writeUInt32LE(value);
    return this.raw(b);
  }
  u64(value) {
    const b = Buffer.alloc(8);
    b.writeBigUInt64LE(BigInt(value));
    return this.raw(b);
  }
  f32(value) {
    const b = Buffer.alloc(4);
    b.writeFloatLE(value);
    return this.raw(b);
  }
  string(text) {
    const b = Buffer.from(text, 'utf8');
    return this.u64(b.length).raw(b);
  }
  value(type, value) {
    if (type === TYPE.string) return this.string(value);
    if (type === TYPE.f32) return this.f32(value);
    if (type === TYPE.bool) return this.raw(Buffer.from([value ? 1 : 0]));
    return this.u32(value);
  }
  pad(alignment) {
    const missing = (alignment - (this.length % alignment)) % alignment;
    return missing ? this.raw(Buffer.alloc(missing)) : this;
  }
  bytes() {
    return Buffer.concat(this.parts);
  }
}

// mulberry32, and from it a normal distribution by the Box-Muller transform.
function normalFrom(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

// SentencePiece token types.
const NORMAL = 1;
const UNKNOWN = 2;
const CONTROL = 3;
const USER_DEFINED = 4;
const BYTE = 6;

function vocabulary() {
  const tokens = [
    ['<unk>', 0, UNKNOWN],
    ['<s>', 0, CONTROL],
    ['</s>', 0, CONTROL],
  ];
  for (let byte = 0; byte < 256; byte++) tokens.push([`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`, 0, BYTE]);
  tokens.push(['<|im_start|>', 0, CONTROL], ['<|im_end|>', 0, CONTROL], ['<tool_call>\n', 0, USER_DEFINED]);
  const words = [...new Set(WORDS)];
  const firstWord = tokens.length;
  words.forEach((word, i) => tokens.push([`\u2581${word}`, -i, NORMAL]));
  const characters = '\u2581abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;!?\'"-_()[]{}<>/\\\n';
  [...characters].forEach((c, i) => tokens.push([c, -1000 - i, NORMAL]));
  return { tokens, firstWord, words: words.length, end: tokens.findIndex(([text]) => text === '<|im_end|>') };
}

export function tinyModel({ seed = 1, name = 'tiny-random', context = 8192, width = 64, layers = 2, endBias = 0.35 } = {}) {
  const normal = normalFrom(seed);
  const random = (count, scale) => Float32Array.from({ length: count }, () => normal() * scale);
  const { tokens, firstWord, words, end } = vocabulary();
  const heads = 4;
  const inner = 2 * width;

  const fields = [];
  const put = (key, type, value) => fields.push(new Bytes().string(key).u32(type).value(type, value).bytes());
  const putArray = (key, type, values) => {
    const field = new Bytes().string(key).u32(TYPE.array).u32(type).u64(values.length);
    for (const value of values) field.value(type, value);
    fields.push(field.bytes());
  };
  put('general.architecture', TYPE.string, 'llama');
  put('general.name', TYPE.string, name);
  put('general.file_type', TYPE.u32, 0);
  put('llama.context_length', TYPE.u32, context);
  put('llama.embedding_length', TYPE.u32, width);
  put('llama.block_count', TYPE.u32, layers);
  put('llama.feed_forward_length', TYPE.u32, inner);
  put('llama.attention.head_count', TYPE.u32, heads);
  put('llama.attention.head_count_kv', TYPE.u32, heads);
  put('llama.attention.layer_norm_rms_epsilon', TYPE.f32, 1e-5);
  put('llama.rope.dimension_count', TYPE.u32, width / heads);
  put('llama.vocab_size', TYPE.u32, tokens.length);
  put('tokenizer.ggml.model', TYPE.string, 'llama');
  put('tokenizer.ggml.pre', TYPE.string, 'default');
  putArray('tokenizer.ggml.tokens', TYPE.string, tokens.map(([text]) => text));
  putArray('tokenizer.ggml.scores', TYPE.f32, tokens.map(([, score]) => score));
  putArray('tokenizer.ggml.token_type', TYPE.i32, tokens.map(([, , type]) => type));
  put('tokenizer.ggml.bos_token_id', TYPE.u32, 1);
  put('tokenizer.ggml.eos_token_id', TYPE.u32, end);
  put('tokenizer.ggml.unknown_token_id', TYPE.u32, 0);
  put('tokenizer.ggml.add_bos_token', TYPE.bool, true);
  put('tokenizer.ggml.add_space_prefix', TYPE.bool, false);
  put('tokenizer.chat_template', TYPE.string, CHAT_TEMPLATE);

  // Dimensions: the fastest-varying first, as ggml counts them.
  const tensors = [];
  const tensor = (key, dimensions, values) => tensors.push({ key, dimensions, values });
  const ones = new Float32Array(width).fill(1);
  tensor('token_embd.weight', [width, tokens.length], random(width * tokens.length, 1));
  for (let i = 0; i < layers; i++) {
    tensor(`blk.${i}.attn_norm.weight`, [width], ones);
    for (const part of ['attn_q', 'attn_k', 'attn_v', 'attn_output']) {
      tensor(`blk.${i}.${part}.weight`, [width, width], random(width * width, width ** -0.5));
    }
    tensor(`blk.${i}.ffn_norm.weight`, [width], ones);
    tensor(`blk.${i}.ffn_gate.weight`, [width, inner], random(width * inner, width ** -0.5));
    tensor(`blk.${i}.ffn_up.weight`, [width, inner], random(width * inner, width ** -0.5));
    tensor(`blk.${i}.ffn_down.weight`, [inner, width], random(width * inner, inner ** -0.5));
  }
  tensor('output_norm.weight', [width], ones);
  // Only words and the end can win unless a grammar forbids them: every other row of the output matrix is zero.
  const output = new Float32Array(width * tokens.length);
  for (let token = 0; token < tokens.length; token++) {
    const scale = token === end ? endBias : token >= firstWord && token < firstWord + words ? 0.5 : 0;
    if (scale > 0) output.set(random(width, scale), token * width);
  }
  tensor('output.weight', [width, tokens.length], output);

  const ALIGNMENT = 32;
  const F32 = 0;
  const head = new Bytes().raw(Buffer.from('GGUF')).u32(3).u64(tensors.length).u64(fields.length);
  fields.forEach((field) => head.raw(field));
  const data = new Bytes();
  for (const { key, dimensions, values } of tensors) {
    head.string(key).u32(dimensions.length);
    dimensions.forEach((size) => head.u64(size));
    head.u32(F32).u64(data.length);
    data.raw(Buffer.from(values.buffer, values.byteOffset, values.byteLength)).pad(ALIGNMENT);
  }
  return Buffer.concat([head.pad(ALIGNMENT).bytes(), data.bytes()]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (!process.argv[2]) {
    console.error('usage: node tiny_gguf.mjs OUT.gguf');
    process.exit(2);
  }
  writeFileSync(process.argv[2], tinyModel());
}
