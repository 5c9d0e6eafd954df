// Ollama's chat, as its own SDK speaks it: lines of JSON, calls without ids, images alone.
import assert from 'node:assert/strict';

import { empty, held } from './wire.mjs';

const usageOf = ({ prompt_eval_count: input, eval_count: output }) => (input === undefined ? undefined : { input, output });

function result(message, last) {
  const calls = (message.tool_calls ?? []).map(({ id, function: { name, arguments: args } }) => ({ id, name, args }));
  const finish = last && (last.done_reason === 'length' ? 'length' : calls.length ? 'calls' : last.done_reason === 'stop' ? 'stop' : 'other');
  return { ...empty(), text: message.content ?? '', thoughts: message.thinking ? [message.thinking] : [], calls, finish, usage: last && usageOf(last), native: message };
}

export const ollama = {
  name: 'ollama',
  title: 'Ollama',
  description: 'ollama',
  streamType: /^application\/x-ndjson/,
  sealed: [],
  counts: [],
  filters: false,
  cannot: { choice: 'Ollama\'s chat has no choice of tools', failed: 'Ollama\'s chat has no mark for a tool that failed', link: 'Ollama\'s messages hold images in base64', several: 'Ollama\'s chat has one answer', logprobs: 'asked in a way of its own, told in docs/compatibility.md', document: 'Ollama\'s messages hold images, no files' },
  ask({ model, stream, system, messages, tools, schema, stop, limit, thinking }) {
    const options = { ...(stop && { stop }), ...(limit && { num_predict: limit }) };
    const body = {
      model, stream: Boolean(stream), messages: [...(system ? [{ role: 'system', content: system }] : []), ...messages],
      ...(tools && { tools: tools.map((tool) => ({ type: 'function', function: tool })) }), ...(schema && { format: schema }),
      ...(Object.keys(options).length && { options }), ...(thinking && { think: 'low' }),
    };
    return { path: '/api/chat', body, headers: {} };
  },
  user(parts) {
    const images = parts.filter(({ image }) => image).map(({ image }) => image.bytes.toString('base64'));
    return [{ role: 'user', content: parts.map(({ text }) => text ?? '').join(''), ...(images.length && { images }) }];
  },
  answered: ({ native }) => [native],
  results: (list) => list.map(({ name, text }) => ({ role: 'tool', tool_name: name, content: text })),
  whole(json) {
    held('ollama', 'ChatResponse', json);
    assert.equal(json.done, true);
    return result(json.message, json);
  },
  streamed(text) {
    const lines = text.split('\n');
    assert.equal(lines.pop(), '', `the stream ends within a line: ${JSON.stringify(text.slice(-200))}`);
    const message = { role: 'assistant', content: '' };
    for (const [at, line] of lines.entries()) {
      const value = JSON.parse(line);
      if (value.error) {
        assert.equal(at, lines.length - 1, 'nothing follows an error');
        assert.equal(typeof value.error, 'string');
        return { ...result(message), error: value.error };
      }
      held('ollama', value.done ? 'ChatResponse' : 'ChatStreamEvent', value);
      message.content += value.message.content ?? '';
      if (value.message.thinking) message.thinking = (message.thinking ?? '') + value.message.thinking;
      if (value.message.tool_calls) message.tool_calls = [...(message.tool_calls ?? []), ...value.message.tool_calls];
      assert.equal(value.done, at === lines.length - 1, 'the last line is done, and no other');
      if (value.done) return result(message, value);
    }
    return { ...result(message), broken: true };
  },
  failure(json) {
    assert.equal(typeof json.error, 'string', JSON.stringify(json));
    return { message: json.error };
  },
};
