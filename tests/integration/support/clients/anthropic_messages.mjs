// Anthropic's Messages, as their SDKs speak it.
import assert from 'node:assert/strict';

import { empty, held, serverEvents } from './wire.mjs';

const FINISH = { end_turn: 'stop', stop_sequence: 'stop_sequence', max_tokens: 'length', tool_use: 'calls', refusal: 'filter' };
const DELTAS = { text_delta: ['text', 'text'], thinking_delta: ['thinking', 'thinking'], signature_delta: ['thinking', 'signature'], input_json_delta: ['tool_use', 'json'] };

const part = ({ text, image, document }) => {
  const medium = image ?? document;
  if (!medium) return { type: 'text', text };
  if (medium.url) return { type: 'image', source: { type: 'url', url: medium.url } };
  return { type: image ? 'image' : 'document', source: { type: 'base64', media_type: medium.mime, data: medium.bytes.toString('base64') } };
};

const usageOf = (usage) => usage && {
  input: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0), output: usage.output_tokens,
  cached: usage.cache_read_input_tokens ?? 0, written: usage.cache_creation_input_tokens ?? 0, reasoning: usage.output_tokens_details?.thinking_tokens ?? 0,
};

function result(content, { stop_reason: reason, stop_sequence: sequence }, usage) {
  const texts = content.filter(({ type }) => type === 'text').map(({ text }) => text);
  const refused = reason === 'refusal';
  return {
    ...empty(), text: refused ? '' : texts.join(''), refusal: refused ? texts.join('') : '', finish: FINISH[reason], stopSequence: sequence ?? undefined, usage: usageOf(usage),
    thoughts: content.filter(({ type, thinking }) => type === 'thinking' && thinking).map(({ thinking }) => thinking),
    calls: content.filter(({ type }) => type === 'tool_use').map(({ id, name, input }) => ({ id, name, args: input })),
    native: { role: 'assistant', content: content.map(({ citations, caller, ...block }) => block) },
  };
}

// What the stream's blocks are in the end.
class Blocks {
  list = [];
  open = null;

  start({ index, content_block: block }) {
    assert.equal(this.open, null, 'a block starts within another');
    assert.equal(index, this.list.length, 'blocks are numbered from 0');
    this.list.push((this.open = { ...block, json: '' }));
  }

  delta({ index, delta }) {
    assert.equal(index, this.list.length - 1, 'a delta is of the block that is open');
    const [type, field] = DELTAS[delta.type];
    assert.equal(this.open?.type, type, `${delta.type} in a block of type ${this.open?.type}`);
    this.open[field] += delta[delta.type === 'input_json_delta' ? 'partial_json' : field];
  }

  stop({ index }) {
    assert.equal(index, this.list.length - 1);
    assert.ok(this.open, 'a block stops twice');
    this.open = null;
  }

  // What was said of an answer that broke off: a call may have but a part of its input.
  get said() {
    return this.list.filter(({ type }) => type === 'text');
  }

  get content() {
    return this.list.map(({ json, ...block }) => (block.type === 'tool_use' ? { ...block, input: json ? JSON.parse(json) : block.input } : block));
  }
}

export const anthropicMessages = {
  name: 'anthropic',
  title: 'Anthropic',
  description: 'anthropic',
  streamType: /^text\/event-stream/,
  sealed: ['thoughts', 'calls'],
  counts: ['cached', 'written', 'reasoning'],
  filters: true,
  cannot: { several: 'Anthropic\'s messages have one answer', logprobs: 'Anthropic\'s messages have no log probabilities' },
  ask({ model, stream, system, messages, tools, schema, stop, limit, thinking, choice }) {
    const body = {
      model, messages, max_tokens: limit ?? 4096, ...(stream && { stream }), ...(system && { system }),
      ...(tools && { tools: tools.map(({ name, description, parameters }) => ({ name, description, input_schema: parameters })) }),
      ...(schema && { output_config: { format: { type: 'json_schema', schema } } }), ...(stop && { stop_sequences: stop }),
      ...(thinking && { thinking: { type: 'enabled', budget_tokens: 1024 } }),
      ...(choice && { tool_choice: ['auto', 'any', 'none'].includes(choice) ? { type: choice } : { type: 'tool', name: choice } }),
    };
    return { path: '/v1/messages', body, headers: { 'x-api-key': 'none', 'anthropic-version': '2023-06-01' } };
  },
  user: (parts) => [{ role: 'user', content: parts.length === 1 && parts[0].text ? parts[0].text : parts.map(part) }],
  answered: ({ native }) => [native],
  results: (list) => [{ role: 'user', content: list.map(({ id, text, failed }) => ({ type: 'tool_result', tool_use_id: id, content: text, ...(failed && { is_error: true }) })) }],
  whole(json) {
    held('anthropic', 'Message', json);
    assert.match(json.id, /^msg_/);
    return result(json.content, json, json.usage);
  },
  streamed(text) {
    const events = serverEvents(text);
    const blocks = new Blocks();
    const seen = { message: null, delta: null };
    for (const [at, { name, data }] of events.entries()) {
      assert.equal(name, data.type, 'events are named by their type');
      if (data.type === 'error') {
        held('anthropic', 'ErrorResponse', data);
        assert.equal(at, events.length - 1, 'nothing follows an error');
        return { ...result(blocks.said, {}), error: data.error.message };
      }
      held('anthropic', 'MessageStreamEvent', data);
      assert.equal(data.type === 'message_start', at === 0, 'message_start comes first, once');
      assert.ok(!seen.delta || data.type === 'message_stop', `${data.type} after message_delta`);
      switch (data.type) {
        case 'message_start': seen.message = data.message; break;
        case 'content_block_start': blocks.start(data); break;
        case 'content_block_delta': blocks.delta(data); break;
        case 'content_block_stop': blocks.stop(data); break;
        case 'message_delta':
          assert.equal(blocks.open, null, 'all blocks are closed before message_delta');
          seen.delta = data;
          break;
        case 'message_stop':
          assert.equal(at, events.length - 1, 'nothing follows message_stop');
          return result(blocks.content, seen.delta.delta, { ...seen.message.usage, ...seen.delta.usage });
        default:
      }
    }
    return { ...result(blocks.said, {}), broken: true };
  },
  // What its SDK and its agents look at.
  named({ type }, kind) {
    assert.ok({ broken: ['api_error'], rate: ['rate_limit_error'], overloaded: ['overloaded_error', 'api_error'] }[kind].includes(type), `${kind} is called ${type}`);
  },
  failure(json) {
    held('anthropic', 'ErrorResponse', json);
    return json.error;
  },
};
