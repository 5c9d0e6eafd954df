// OpenAI's Chat Completions, as their SDKs speak it. Thoughts come as `reasoning_content`, as at compatible servers; a call's seal
// as Google's own compatible endpoint shows it.
import assert from 'node:assert/strict';

import { empty, held, inlineUrl, serverEvents } from './wire.mjs';

const FINISH = { stop: 'stop', length: 'length', tool_calls: 'calls', content_filter: 'filter' };

const part = ({ text, image, document }) => {
  if (image) return { type: 'image_url', image_url: { url: image.url ?? inlineUrl(image) } };
  if (document) return { type: 'file', file: { filename: document.name, file_data: inlineUrl(document) } };
  return { type: 'text', text };
};

const usageOf = (usage) => usage && {
  input: usage.prompt_tokens, output: usage.completion_tokens, cached: usage.prompt_tokens_details?.cached_tokens,
  written: usage.prompt_tokens_details?.cache_write_tokens, reasoning: usage.completion_tokens_details?.reasoning_tokens,
};

function result(message, finish, usage) {
  const calls = (message.tool_calls ?? []).map(({ id, function: { name, arguments: args } }) => ({ id, name, args: JSON.parse(args) }));
  return { ...empty(), text: message.content ?? '', refusal: message.refusal ?? '', thoughts: message.reasoning_content ? [message.reasoning_content] : [],
    calls, finish: FINISH[finish], usage: usageOf(usage), native: message };
}

function take(message, delta) {
  for (const field of ['content', 'refusal', 'reasoning_content']) if (typeof delta[field] === 'string') message[field] = (message[field] ?? '') + delta[field];
  for (const { index, function: { name, arguments: args } = {}, ...more } of delta.tool_calls ?? []) {
    message.tool_calls ??= [];
    if (!message.tool_calls[index]) {
      assert.equal(index, message.tool_calls.length, 'calls are numbered from 0');
      assert.ok(more.id && name, 'the first piece of a call has its id and name');
      message.tool_calls[index] = { ...more, function: { name, arguments: '' } };
    } else {
      assert.ok(!more.id && !name, 'only the first piece of a call has its id and name');
    }
    message.tool_calls[index].function.arguments += args ?? '';
  }
}

export const openaiChat = {
  name: 'openai',
  title: 'OpenAI chat',
  description: 'openai',
  streamType: /^text\/event-stream/,
  sealed: ['calls'],
  counts: ['cached', 'written', 'reasoning'],
  filters: true,
  cannot: { failed: 'OpenAI\'s chat format has no mark for a tool that failed' },
  ask({ model, stream, system, messages, tools, schema, stop, limit, thinking, choice, n, logprobs }) {
    const body = {
      model, messages: [...(system ? [{ role: 'system', content: system }] : []), ...messages],
      ...(stream && { stream: true, stream_options: { include_usage: true } }),
      ...(tools && { tools: tools.map((tool) => ({ type: 'function', function: tool })) }),
      ...(schema && { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } } }),
      ...(stop && { stop }), ...(limit && { max_completion_tokens: limit }), ...(thinking && { reasoning_effort: 'low' }),
      ...(choice && { tool_choice: { auto: 'auto', any: 'required', none: 'none' }[choice] ?? { type: 'function', function: { name: choice } } }),
      ...(n && { n }), ...(logprobs && { logprobs: true, top_logprobs: 2 }),
    };
    return { path: '/v1/chat/completions', body, headers: { authorization: 'Bearer none' } };
  },
  user: (parts) => [{ role: 'user', content: parts.length === 1 && parts[0].text ? parts[0].text : parts.map(part) }],
  answered: ({ native }) => [native],
  results: (list) => list.map(({ id, text }) => ({ role: 'tool', tool_call_id: id, content: text })),
  whole(json) {
    held('openai', 'CreateChatCompletionResponse', json);
    assert.match(json.id, /^chatcmpl-/);
    return result(json.choices[0].message, json.choices[0].finish_reason, json.usage);
  },
  streamed(text) {
    const events = serverEvents(text);
    const message = { role: 'assistant' };
    const seen = { finish: undefined, usage: undefined };
    for (const [at, { name, data }] of events.entries()) {
      assert.equal(name, undefined, 'its events have no names');
      if (data === '[DONE]') {
        assert.equal(at, events.length - 1, 'nothing follows [DONE]');
        assert.ok(seen.finish, 'a finish reason comes before [DONE]');
        return result(message, seen.finish, seen.usage);
      }
      if (data.error) {
        held('openai', 'ErrorResponse', data);
        assert.equal(at, events.length - 1, 'nothing follows an error');
        return { ...result({ ...message, tool_calls: [] }, seen.finish), error: data.error.message };
      }
      held('openai', 'CreateChatCompletionStreamResponse', data);
      if (data.usage) {
        assert.deepEqual(data.choices, []);
        seen.usage = data.usage;
      }
      if (!data.choices.length) continue;
      const [{ delta, finish_reason: finish }] = data.choices;
      assert.ok(!seen.finish, 'nothing but the usage follows a finish reason');
      if (at === 0) assert.equal(delta.role, 'assistant');
      take(message, delta);
      if (finish) seen.finish = finish;
    }
    return { ...result({ ...message, tool_calls: [] }, seen.finish), broken: true };
  },
  failure(json) {
    held('openai', 'ErrorResponse', json);
    return json.error;
  },
};
