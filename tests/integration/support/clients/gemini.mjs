// Google's generateContent, as their SDKs speak it.
import assert from 'node:assert/strict';

import { empty, held, serverEvents } from './wire.mjs';

const FINISH = { STOP: 'stop', MAX_TOKENS: 'length', SAFETY: 'filter', PROHIBITED_CONTENT: 'filter', BLOCKLIST: 'filter', OTHER: 'other' };

const part = ({ text, image, document }) => {
  const medium = image ?? document;
  if (image?.url) return { fileData: { mimeType: 'image/png', fileUri: image.url } };
  return medium ? { inlineData: { mimeType: medium.mime, data: medium.bytes.toString('base64') } } : { text };
};

const usageOf = (usage) => usage && {
  input: usage.promptTokenCount, output: (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
  cached: usage.cachedContentTokenCount ?? 0, reasoning: usage.thoughtsTokenCount ?? 0,
};

function result(parts, reason, usage) {
  const said = parts.filter((one) => one.text !== undefined && !one.thought).map(({ text }) => text).join('');
  const thoughts = [];
  parts.forEach(({ thought, text }, at) => {
    if (!thought || !text) return;
    if (parts[at - 1]?.thought && !parts[at - 1].thoughtSignature) thoughts.push(thoughts.pop() + text);
    else thoughts.push(text);
  });
  const calls = parts.filter(({ functionCall }) => functionCall).map(({ functionCall: { id, name, args } }) => ({ id, name, args: args ?? {} }));
  const refused = FINISH[reason] === 'filter';
  return {
    ...empty(), text: refused ? '' : said, refusal: refused ? said : '', thoughts, calls, usage: usageOf(usage),
    finish: FINISH[reason] === 'stop' && calls.length ? 'calls' : FINISH[reason], native: { role: 'model', parts },
  };
}

// An error in mid-stream is not framed: their SDK looks for it in the raw bytes. It may stand there besides.
function unframed(text) {
  const at = text.lastIndexOf('\n\n') + 2;
  const rest = text.slice(at);
  return rest && JSON.parse(rest).error ? [text.slice(0, at), rest] : [text, undefined];
}

export const gemini = {
  name: 'gemini',
  title: 'Gemini',
  description: 'gemini',
  streamType: /^text\/event-stream/,
  sealed: ['thoughts', 'calls'],
  counts: ['cached', 'reasoning'],
  filters: true,
  cannot: {},
  ask({ model, stream, system, messages, tools, schema, stop, limit, thinking, choice, n, logprobs }) {
    const generationConfig = {
      ...(schema && { responseMimeType: 'application/json', responseJsonSchema: schema }), ...(stop && { stopSequences: stop }),
      ...(n && { candidateCount: n }), ...(logprobs && { responseLogprobs: true, logprobs: 2 }), ...(limit && { maxOutputTokens: limit }), ...(thinking && { thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } }),
    };
    const body = {
      contents: messages, ...(system && { systemInstruction: { parts: [{ text: system }] } }),
      ...(tools && { tools: [{ functionDeclarations: tools.map(({ name, description, parameters }) => ({ name, description, parametersJsonSchema: parameters })) }] }),
      ...(choice && { toolConfig: { functionCallingConfig: ({ auto: { mode: 'AUTO' }, any: { mode: 'ANY' }, none: { mode: 'NONE' } }[choice] ?? { mode: 'ANY', allowedFunctionNames: [choice] }) } }),
      ...(Object.keys(generationConfig).length && { generationConfig }),
    };
    const path = `/v1beta/models/${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`;
    return { path, body, headers: { 'x-goog-api-key': 'none' } };
  },
  user: (parts) => [{ role: 'user', parts: parts.map(part) }],
  answered: ({ native }) => [native],
  results: (list) => [{ role: 'user', parts: list.map(({ id, name, text, failed }) => ({ functionResponse: { ...(id && { id }), name, response: { [failed ? 'error' : 'output']: text } } })) }],
  whole(json) {
    held('gemini', 'GenerateContentResponse', json);
    const [candidate] = json.candidates;
    return result(candidate.content?.parts ?? [], candidate.finishReason, json.usageMetadata);
  },
  streamed(text) {
    const [framed, bare] = unframed(text);
    const events = serverEvents(framed);
    const parts = [];
    let reason;
    let usage;
    for (const [at, { name, data }] of events.entries()) {
      assert.equal(name, undefined, 'its events have no names');
      if (data.error) {
        assert.equal(at, events.length - 1, 'nothing follows an error');
        return { ...result(parts, undefined), error: data.error.message };
      }
      held('gemini', 'GenerateContentResponse', data);
      const candidate = data.candidates?.[0] ?? {};
      assert.ok(!reason || !candidate.content?.parts?.some(({ text: more }) => more), 'nothing is said after the finish');
      parts.push(...(candidate.content?.parts ?? []));
      reason = candidate.finishReason ?? reason;
      usage = data.usageMetadata ?? usage;
    }
    if (bare) return { ...result(parts, undefined), error: JSON.parse(bare).error.message };
    if (!reason) return { ...result(parts, undefined), broken: true };
    return result(parts, reason, usage);
  },
  named({ status }, kind) {
    assert.ok({ broken: ['INTERNAL', 'UNAVAILABLE', 'UNKNOWN'], rate: ['RESOURCE_EXHAUSTED'], overloaded: ['UNAVAILABLE', 'INTERNAL'] }[kind].includes(status), `${kind} is called ${status}`);
  },
  failure(json) {
    assert.deepEqual([typeof json.error.code, typeof json.error.message, typeof json.error.status], ['number', 'string', 'string']);
    return json.error;
  },
};
