// A stand-in for Amazon Bedrock's Converse and ConverseStream. Not Amazon's server: what it sends and what it is sent are held
// against the schema derived from their service model (botocore). Streams are binary frames (application/vnd.amazon.eventstream)
// with both of their checksums; requests are signed (SigV4, checked here on its own, for any region) or carry a bearer token.
// Tried with @aws-sdk/client-bedrock-runtime 3.1164: signatures, frames, thoughts, exceptions.
import { createHash, createHmac } from 'node:crypto';
import zlib from 'node:zlib';

import { Refused, faults, pieces, play, untilItBreaks } from './script.mjs';

export const CREDENTIAL = { id: 'AKIASTANDIN', secret: 'standin-secret' };
const FINISH = { stop: 'end_turn', stop_sequence: 'stop_sequence', length: 'max_tokens', calls: 'tool_use', filter: 'guardrail_intervened' };
const MIMES = { png: 'image/png', jpeg: 'image/jpeg', gif: 'image/gif', webp: 'image/webp', pdf: 'application/pdf', txt: 'text/plain', md: 'text/markdown', csv: 'text/csv', html: 'text/html' };

const seals = {
  maker: 'bedrock',
  on: 'thoughts',
  needed({ thinking }, done) {
    for (const { turn } of thinking ? done : []) {
      if (turn.first !== 'reasoningContent') throw new Refused(`The model returned the following errors: Expected \`thinking\` or \`redacted_thinking\`, but found \`${turn.first}\`.`);
    }
  },
};

const textOf = (content) => content.filter(({ text }) => text !== undefined).map(({ text }) => text).join('');
const sourceOf = (kind, { format, source }) => ({ kind, mime: MIMES[format], bytes: Buffer.from(source.bytes ?? source.text, source.bytes ? 'base64' : 'utf8') });

function readTurn({ role, content }) {
  const results = content.filter(({ toolResult }) => toolResult).map(({ toolResult: { toolUseId, content: said, status } }) => ({
    role: 'tool', id: toolUseId, failed: status === 'error', text: said.map(({ text, json }) => text ?? JSON.stringify(json)).join('') }));
  const others = content.filter(({ toolResult, cachePoint }) => !toolResult && !cachePoint);
  if (!others.length) return results;
  if (others.some(({ text }) => text !== undefined && !text.trim())) throw new Refused('The text field in the ContentBlock object is blank.');
  if (others.some(({ document }) => document) && !textOf(others)) throw new Refused('A text block must be beside a document.');
  return [...results, {
    role, first: Object.keys(others[0])[0], text: textOf(others),
    thoughts: others.filter(({ reasoningContent }) => reasoningContent?.reasoningText).map(({ reasoningContent: { reasoningText } }) => ({ text: reasoningText.text, seal: reasoningText.signature })),
    calls: others.filter(({ toolUse }) => toolUse).map(({ toolUse: { toolUseId, name, input } }) => ({ id: toolUseId, name, args: input })),
    media: others.flatMap(({ image, document }) => [image && sourceOf('image', image), document && sourceOf('document', document)].filter(Boolean)),
  }];
}

function read(body) {
  for (const [at, { role }] of body.messages.entries()) {
    if (role !== (at % 2 === 0 ? 'user' : 'assistant')) throw new Refused('A conversation must alternate between user and assistant roles and start with a user message.');
  }
  const uses = body.messages.some(({ content }) => content.some(({ toolUse, toolResult }) => toolUse || toolResult));
  if (uses && !body.toolConfig) throw new Refused('The toolConfig field must be defined when using toolUse and toolResult content blocks.');
  const structure = body.outputConfig?.textFormat?.structure?.jsonSchema?.schema;
  const thinking = body.additionalModelRequestFields?.thinking ?? body.additionalModelRequestFields?.reasoning_config;
  return {
    system: textOf(body.system ?? []),
    turns: body.messages.flatMap(readTurn),
    tools: (body.toolConfig?.tools ?? []).filter(({ toolSpec }) => toolSpec).map(({ toolSpec: { name, inputSchema } }) => ({ name, schema: inputSchema.json })),
    schema: structure && JSON.parse(structure),
    stop: body.inferenceConfig?.stopSequences,
    limit: body.inferenceConfig?.maxTokens,
    thinking: Boolean(thinking) && thinking.type !== 'disabled',
  };
}

const usageOf = ({ input, cached, written, output }) => ({
  inputTokens: input - cached - written, outputTokens: output, totalTokens: input + output, ...(cached && { cacheReadInputTokens: cached }), ...(written && { cacheWriteInputTokens: written }),
});

function blockOf(piece) {
  switch (piece.kind) {
    case 'thought': return { reasoningContent: { reasoningText: { text: piece.text, signature: piece.seal } } };
    case 'call': return { toolUse: { toolUseId: `tooluse_${piece.id}`, name: piece.name, input: piece.args } };
    default: return { text: piece.text };
  }
}

function whole(x, answer) {
  const message = { role: 'assistant', content: answer.pieces.map(blockOf) };
  x.json(200, x.own('ConverseResponse', { output: { message }, stopReason: FINISH[answer.finish], usage: usageOf(answer.usage), metrics: { latencyMs: 12 } }), { 'x-amzn-requestid': 'standin' });
}

function header(name, value) {
  const text = Buffer.from(value);
  const out = Buffer.alloc(1 + name.length + 3);
  out.writeUInt8(name.length, 0);
  out.write(name, 1);
  out.writeUInt8(7, 1 + name.length); // a string
  out.writeUInt16BE(text.length, 2 + name.length);
  return Buffer.concat([out, text]);
}

// One binary frame: both lengths, their checksum, headers, payload, the checksum of all.
export function frame(headers, payload) {
  const names = Buffer.concat(Object.entries(headers).map(([name, value]) => header(name, value)));
  const body = Buffer.from(JSON.stringify(payload));
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(16 + names.length + body.length, 0);
  prelude.writeUInt32BE(names.length, 4);
  prelude.writeUInt32BE(crc(prelude.subarray(0, 8)), 8);
  const all = Buffer.concat([prelude, names, body]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc(all), 0);
  return Buffer.concat([all, sum]);
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => Array.from({ length: 8 }).reduce((value) => (value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1), byte) >>> 0);
// node's own, from 20.15 on.
const crc = zlib.crc32 ?? ((bytes) => (bytes.reduce((sum, byte) => TABLE[(sum ^ byte) & 255] ^ (sum >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0);

async function stream(x, answer) {
  const send = (type, value) => {
    x.own('ConverseStreamOutput', { [type]: value });
    return x.send(frame({ ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' }, { ...value, p: 'abcdefg' }));
  };
  x.begin('application/vnd.amazon.eventstream', { 'x-amzn-requestid': 'standin' });
  await send('messageStart', { role: 'assistant' });
  for (const [contentBlockIndex, piece] of answer.pieces.entries()) {
    if (piece.kind === 'call') await send('contentBlockStart', { contentBlockIndex, start: { toolUse: { toolUseId: `tooluse_${piece.id}`, name: piece.name } } });
    for (const delta of deltasOf(piece, answer)) await send('contentBlockDelta', { contentBlockIndex, delta });
    if (!answer.fault) await send('contentBlockStop', { contentBlockIndex });
  }
  if (answer.fault?.kind === 'cut') return x.cut();
  if (answer.fault) {
    await x.send(frame({ ':exception-type': 'modelStreamErrorException', ':content-type': 'application/json', ':message-type': 'exception' }, { message: 'stand-in: it broke in the middle' }));
    return x.end();
  }
  await send('messageStop', { stopReason: FINISH[answer.finish] });
  await send('metadata', { usage: usageOf(answer.usage), metrics: { latencyMs: 12 } });
  return x.end();
}

function deltasOf(piece, answer) {
  if (piece.kind === 'call') return pieces(JSON.stringify(piece.args)).map((input) => ({ toolUse: { input } }));
  if (piece.kind === 'thought') return [...pieces(piece.text).map((text) => ({ reasoningContent: { text } })), { reasoningContent: { signature: piece.seal } }];
  return untilItBreaks(answer, pieces(piece.text)).map((text) => ({ text }));
}

const TYPES = { rate: 'ThrottlingException', overloaded: 'ServiceUnavailableException', unauthorized: 'AccessDeniedException', unknown: 'ResourceNotFoundException', invalid: 'ValidationException' };
function refuse(x, { message, status, kind }) {
  x.json(kind === 'unauthorized' ? 403 : status, { message }, { 'x-amzn-errortype': `${TYPES[kind] ?? 'InternalServerException'}:http://internal.amazon.com/coral/com.amazon.bedrock/` });
}

// Is the request signed as AWS Signature Version 4 says? Computed anew from what came.
function isSigned({ method, path, query, headers, text }) {
  const found = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(headers.authorization ?? '');
  if (!found) return false;
  const [, id, day, region, service, names, signature] = found;
  if (id !== CREDENTIAL.id || service !== 'bedrock' || !headers['x-amz-date']?.startsWith(day)) return false;
  if (!names.split(';').includes('host')) return false;
  const encoded = path.split('/').map((part) => encodeURIComponent(part).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)).join('/');
  const sha = (data) => createHash('sha256').update(data).digest('hex');
  const hmac = (key, data) => createHmac('sha256', key).update(data).digest();
  const signed = names.split(';').map((name) => `${name}:${String(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`).join('');
  const canonical = [method, encoded, query.toString(), signed, names, headers['x-amz-content-sha256'] ?? sha(text)].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = [day, region, service, 'aws4_request'].reduce(hmac, `AWS4${CREDENTIAL.secret}`);
  return hmac(key, ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha(canonical)].join('\n')).toString('hex') === signature;
}

export const bedrock = {
  name: 'bedrock',
  description: 'bedrock',
  answer(x) {
    if (x.headers.authorization !== 'Bearer standin-key' && !isSigned(x)) return refuse(x, faults.unauthorized());
    const found = /^\/model\/([^/]+)\/(converse|converse-stream)$/.exec(x.path);
    if (x.method !== 'POST' || !found) return refuse(x, new Refused(`there is nothing at ${x.path}`, { status: 404, kind: 'unknown' }));
    const name = decodeURIComponent(found[1]);
    if (name.startsWith('nosuch')) return refuse(x, faults.unknown(name));
    const streams = found[2] === 'converse-stream';
    x.hold(streams ? 'ConverseStreamRequest' : 'ConverseRequest');
    return play(x, { read: (body) => ({ ...read(body), steady: name.includes('steady') }), seals, streams, whole, stream, refuse });
  },
};
