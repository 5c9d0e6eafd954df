// Cohere's v2 chat, as their SDKs speak it.
import assert from 'node:assert/strict';

import { empty, held, inlineUrl, serverEvents } from './wire.mjs';

const FINISH = { COMPLETE: 'stop', STOP_SEQUENCE: 'stop_sequence', MAX_TOKENS: 'length', TOOL_CALL: 'calls', ERROR: 'error' };

const part = ({ text, image }) => (image ? { type: 'image_url', image_url: { url: image.url ?? inlineUrl(image) } } : { type: 'text', text });
const usageOf = (usage) => usage?.tokens && { input: usage.tokens.input_tokens, output: usage.tokens.output_tokens, cached: usage.cached_tokens ?? 0 };

function result(message, reason, usage) {
  const of = (type) => (message.content ?? []).filter((block) => block.type === type).map((block) => block[type]);
  const calls = (message.tool_calls ?? []).map(({ id, function: { name, arguments: args } }) => ({ id, name, args: JSON.parse(args) }));
  return { ...empty(), text: of('text').join('') || message.tool_plan || '', thoughts: of('thinking'), calls, finish: FINISH[reason], usage: usageOf(usage), native: message };
}

// What the stream's events make of the message.
class Message {
  value = { role: 'assistant' };
  open = null;

  take({ type, index, delta }) {
    const said = delta?.message;
    switch (type) {
      case 'content-start':
        assert.equal(this.open, null, 'content starts within another');
        this.open = { index, ...said.content };
        (this.value.content ??= []).push(this.open);
        break;
      case 'content-delta':
        assert.equal(index, this.open?.index, 'a delta is of the content that is open');
        this.open[this.open.type] = (this.open[this.open.type] ?? '') + said.content[this.open.type];
        break;
      case 'tool-plan-delta': this.value.tool_plan = (this.value.tool_plan ?? '') + said.tool_plan; break;
      case 'tool-call-start':
        assert.equal(this.open, null, 'a call starts within something else');
        assert.ok(said.tool_calls.id && said.tool_calls.function.name);
        this.open = { index, ...structuredClone(said.tool_calls) };
        (this.value.tool_calls ??= []).push(this.open);
        break;
      case 'tool-call-delta':
        assert.equal(index, this.open?.index, 'a delta is of the call that is open');
        this.open.function.arguments += said.tool_calls.function.arguments;
        break;
      case 'content-end':
      case 'tool-call-end':
        assert.equal(index, this.open?.index, 'what ends is what is open');
        this.open = null;
        break;
      default:
    }
  }

  get done() {
    const plain = ({ index, ...rest }) => rest;
    const { content, tool_calls: calls, ...rest } = this.value;
    return { ...rest, ...(content && { content: content.map(plain) }), ...(calls && { tool_calls: calls.map(plain) }) };
  }
}

export const cohere = {
  name: 'cohere',
  title: 'Cohere',
  description: 'cohere',
  streamType: /^text\/event-stream/,
  sealed: [],
  counts: ['cached'],
  filters: false,
  chooses: ['auto', 'any', 'none'],
  cannot: { several: 'Cohere\'s chat has one answer', failed: 'Cohere\'s chat has no mark for a tool that failed', logprobs: 'Cohere\'s log probabilities are of token ids', document: 'Cohere\'s messages hold texts and images, no files' },
  ask({ model, stream, system, messages, tools, schema, stop, limit, thinking, choice, logprobs }) {
    const body = {
      model, messages: [...(system ? [{ role: 'system', content: system }] : []), ...messages], ...(stream && { stream }),
      ...(tools && { tools: tools.map((tool) => ({ type: 'function', function: tool })) }),
      ...(schema && { response_format: { type: 'json_object', json_schema: schema } }), ...(stop && { stop_sequences: stop }),
      ...(limit && { max_tokens: limit }), ...(thinking && { thinking: { type: 'enabled', token_budget: 1024 } }),
      ...(choice && choice !== 'auto' && { tool_choice: { any: 'REQUIRED', none: 'NONE' }[choice] }), ...(logprobs && { logprobs: true }),
    };
    return { path: '/v2/chat', body, headers: { authorization: 'Bearer none' } };
  },
  user: (parts) => [{ role: 'user', content: parts.length === 1 && parts[0].text ? parts[0].text : parts.map(part) }],
  answered: ({ native }) => [native],
  results: (list) => list.map(({ id, text }) => ({ role: 'tool', tool_call_id: id, content: text })),
  whole(json) {
    held('cohere', 'ChatResponseV2', json);
    return result(json.message, json.finish_reason, json.usage);
  },
  streamed(text) {
    const events = serverEvents(text).filter(({ data }) => data !== '[DONE]');
    const message = new Message();
    for (const [at, { name, data }] of events.entries()) {
      assert.equal(name, data.type, 'events are named by their type');
      held('cohere', 'StreamedChatResponseV2', data);
      assert.equal(data.type === 'message-start', at === 0, 'message-start comes first, once');
      if (data.type === 'message-end') {
        assert.equal(at, events.length - 1, 'nothing follows message-end');
        if (data.delta.error) return { ...result({ content: message.done.content }, data.delta.finish_reason), error: data.delta.error };
        assert.equal(message.open, null, 'all is closed before message-end');
        return result(message.done, data.delta.finish_reason, data.delta.usage);
      }
      message.take(data);
    }
    return { ...result({ content: message.done.content }), broken: true };
  },
  failure(json) {
    assert.equal(typeof json.message, 'string', JSON.stringify(json));
    return json;
  },
};
