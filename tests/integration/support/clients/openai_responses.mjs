// OpenAI's Responses, as their SDKs speak it, with nothing stored: thoughts go back as items with their encrypted content.
import assert from 'node:assert/strict';

import { empty, held, inlineUrl, serverEvents } from './wire.mjs';

const REASONS = { max_output_tokens: 'length', content_filter: 'filter' };

const part = ({ text, image, document }) => {
  if (image) return { type: 'input_image', image_url: image.url ?? inlineUrl(image), detail: 'auto' };
  if (document) return { type: 'input_file', filename: document.name, file_data: inlineUrl(document) };
  return { type: 'input_text', text };
};

const usageOf = (usage) => usage && {
  input: usage.input_tokens, output: usage.output_tokens, cached: usage.input_tokens_details.cached_tokens,
  written: usage.input_tokens_details.cache_write_tokens, reasoning: usage.output_tokens_details.reasoning_tokens,
};

function result(response, output = response.output) {
  const contents = output.filter(({ type }) => type === 'message').flatMap(({ content }) => content);
  const calls = output.filter(({ type }) => type === 'function_call').map(({ call_id: id, name, arguments: args }) => ({ id, name, args: JSON.parse(args) }));
  const finish = response.status === 'completed' ? (calls.length ? 'calls' : 'stop') : REASONS[response.incomplete_details?.reason];
  const thoughts = output.filter(({ type }) => type === 'reasoning').map(({ summary, content }) => [...summary, ...(content ?? [])].map(({ text }) => text).join('')).filter(Boolean);
  const join = (type, field) => contents.filter((content) => content.type === type).map((content) => content[field]).join('');
  return { ...empty(), text: join('output_text', 'text'), refusal: join('refusal', 'refusal'), thoughts, calls, finish, usage: usageOf(response.usage), native: output };
}

// Every item of the output as the events tell it: it must be what the last event then holds.
class Output {
  items = [];
  texts = new Map();

  piece(key, delta) {
    this.texts.set(key, (this.texts.get(key) ?? '') + delta);
  }

  take(data) {
    const key = `${data.output_index}.${data.content_index ?? data.summary_index ?? ''}`;
    switch (data.type) {
      case 'response.output_item.added':
        assert.equal(data.output_index, this.items.length, 'items are numbered from 0');
        this.items.push({ id: data.item.id, done: null });
        break;
      case 'response.output_item.done':
        assert.equal(this.items[data.output_index].done, null, 'an item is done once');
        assert.equal(data.item.id, this.items[data.output_index].id);
        this.items[data.output_index].done = data.item;
        break;
      default: this.inner(data, key);
    }
  }

  inner(data, key) {
    if (data.output_index === undefined) return;
    assert.equal(this.items[data.output_index]?.done, null, `${data.type} outside of its item`);
    if (data.item_id !== undefined) assert.equal(data.item_id, this.items[data.output_index].id);
    if (data.type.endsWith('.delta')) this.piece(key, data.delta);
    const said = data.text ?? data.refusal ?? data.arguments;
    if (data.type.endsWith('.done') && said !== undefined) assert.equal(this.texts.get(key) ?? '', said, `${data.type} is what its deltas said`);
  }
}

export const openaiResponses = {
  name: 'responses',
  title: 'OpenAI Responses',
  description: 'openai',
  streamType: /^text\/event-stream/,
  sealed: ['thoughts', 'calls'],
  counts: ['cached', 'written', 'reasoning'],
  filters: true,
  cannot: { several: 'Responses have one answer', failed: 'Responses have no mark for a tool that failed', stop: 'Responses have no stop sequences' },
  ask({ model, stream, system, messages, tools, schema, limit, thinking, choice, logprobs }) {
    const body = {
      model, input: messages, store: false, ...(stream && { stream }), ...(system && { instructions: system }),
      ...(tools && { tools: tools.map((tool) => ({ type: 'function', ...tool, strict: false })) }),
      ...(schema && { text: { format: { type: 'json_schema', name: 'answer', schema, strict: true } } }), ...(limit && { max_output_tokens: limit }),
      ...(thinking && { reasoning: { effort: 'low', summary: 'auto' }, include: ['reasoning.encrypted_content'] }),
      ...(choice && { tool_choice: { auto: 'auto', any: 'required', none: 'none' }[choice] ?? { type: 'function', name: choice } }),
      ...(logprobs && { include: ['message.output_text.logprobs'], top_logprobs: 2 }),
    };
    return { path: '/v1/responses', body, headers: { authorization: 'Bearer none' } };
  },
  user: (parts) => [{ role: 'user', content: parts.length === 1 && parts[0].text ? parts[0].text : parts.map(part) }],
  answered: ({ native }) => native,
  results: (list) => list.map(({ id, text }) => ({ type: 'function_call_output', call_id: id, output: text })),
  whole(json) {
    held('openai', 'Response', json);
    assert.match(json.id, /^resp_/);
    return result(json);
  },
  streamed(text) {
    const events = serverEvents(text);
    const output = new Output();
    for (const [at, { name, data }] of events.entries()) {
      assert.equal(name, data.type, 'events are named by their type');
      held('openai', 'ResponseStreamEvent', data);
      assert.equal(data.sequence_number, at, 'events are numbered from 0');
      if (at === 0) assert.equal(data.type, 'response.created');
      const last = /^response\.(completed|incomplete|failed)$|^error$/.test(data.type);
      // Some clients look for `response.failed`, some for `error`: both are told, in this order.
      const rest = data.type === 'response.failed' ? events.slice(at + 1).filter((one) => one.data.type !== 'error') : events.slice(at + 1);
      assert.equal(last && rest.length > 0, false, `nothing follows ${data.type}`);
      if (!last) {
        output.take(data);
        continue;
      }
      if (data.type === 'error' || data.type === 'response.failed') {
        const said = [...output.texts.values()].join('');
        return { ...empty(), text: said, error: data.message ?? data.response.error.message };
      }
      assert.deepEqual(data.response.output, output.items.map(({ done }) => done), 'the last event holds every item as it was told');
      return result(data.response);
    }
    return { ...empty(), text: [...output.texts.values()].join(''), broken: true };
  },
  failure(json) {
    held('openai', 'ErrorResponse', json);
    return json.error;
  },
};
