// The table of the providers behind the gateway, and one running gateway with all of them: what a cell of the matrix needs.
import assert from 'node:assert/strict';

import { Weir } from './process.mjs';
import { clients } from './clients/all.mjs';
import { wires } from './standins/all.mjs';
import { StandIn } from './standins/server.mjs';

const SEVERAL = (who) => [/\bn\b|candidateCount/, `${who} gives one answer to a request: refused with \`unsupported\`, which names the field`];
const LOGPROBS = (who) => [/logprobs|responseLogprobs/i, `${who} has no log probabilities in OpenAI's form: refused with \`unsupported\`, which names the field`];

// marks: it has a mark for tools that failed · chooses: what it can be told of tools · forces: it cannot be made to call one
// kind, name: in the configuration (what a model can do is known by its name) · counts: what its usage says beside input and output · seals: what it seals · strict: it refuses
// to go on thinking without the seal · refuses: how it says no · cannot: what it has no word for, the place that a refusal names, and the client that can all the same.
export const models = [
  { format: 'openai', title: 'OpenAI chat', kind: 'openai_compatible', name: 'scripted', counts: ['cached', 'written', 'reasoning'], refuses: 'filter', cannot: {} },
  { format: 'anthropic', title: 'Anthropic', kind: 'anthropic', name: 'claude-sonnet-4-5', counts: ['cached', 'written', 'reasoning'], seals: 'thoughts', strict: true, refuses: 'filter', marks: true,
    cannot: { several: SEVERAL('Anthropic'), logprobs: LOGPROBS('Anthropic') } },
  { format: 'gemini', title: 'Gemini', kind: 'gemini', name: 'gemini-3-pro-preview', counts: ['cached', 'reasoning'], seals: 'calls', refuses: 'silent', marks: true,
    cannot: { link: [/messages|content|input|contents/, 'Gemini is given images inline only: refused with `unsupported`, which names the part', 'gemini'] } },
  { format: 'cohere', title: 'Cohere', kind: 'cohere', name: 'command-a-reasoning', counts: ['cached'], refuses: 'words',
    chooses: ['auto', 'any', 'none'], cannot: { several: SEVERAL('Cohere'), logprobs: LOGPROBS('Cohere'), document: [/messages|content/, 'Cohere\'s messages take no files: refused with `unsupported`, which names the part'] } },
  { format: 'ollama', title: 'Ollama', kind: 'ollama', name: 'scripted', counts: [], refuses: 'words',
    forces: false,
    cannot: { several: SEVERAL('Ollama'), link: [/messages|content/, 'Ollama fetches no images: refused with `unsupported`, which names the part'], document: [/messages|content/, 'Ollama\'s messages take no files: refused with `unsupported`, which names the part'] } },
  { format: 'responses', title: 'OpenAI Responses', kind: 'openai_responses', name: 'scripted', counts: ['cached', 'written', 'reasoning'], seals: 'thoughts', refuses: 'filter',
    cannot: { several: SEVERAL('Responses'), stop: [/stop/, 'Responses have no stop sequences: refused with `unsupported`, which names the field'] } },
  { format: 'bedrock', title: 'Bedrock', kind: 'bedrock', name: 'anthropic.claude-sonnet-4-5-20250929-v1:0', counts: ['cached', 'written'], seals: 'thoughts', strict: true, refuses: 'filter', marks: true,
    cannot: { several: SEVERAL('Bedrock'), logprobs: LOGPROBS('Bedrock'), link: [/messages|content/, 'Bedrock fetches no images: refused with `unsupported`, which names the part'] },
    more: { api_key: 'AKIASTANDIN:standin-secret' } },
];

// What one test does to the circuit breaker of a model is nothing to another: errors have entries of their own.
const KINDS = [...['broken', 'rate', 'overloaded'].flatMap((kind) => [kind, `${kind}-streaming`]), 'error', 'cut'];

// A model of another format: it goes on where this one's stream breaks, or breaks where this one goes on.
function configOf(standIns, chosen) {
  const other = (format) => models.slice(0, 2).map((one) => one.format).find((one) => one !== format);
  const providers = models.filter(({ format }) => standIns[format]).map(({ format, kind, more }) => ({
    id: format, kind, url: standIns[format].url, api_key: 'standin-key', zone: 'cloud', health_check: false, discover: false, retries: 0,
    quirks: { accepts_prefill: true }, ...more,
  }));
  const entries = [];
  const routes = [];
  const rules = (...use) => [{ use }];
  for (const { format, name } of models.filter(({ format: one }) => standIns[one])) {
    const entry = (id, called = name) => {
      entries.push({ id, provider: format, name: called });
      return id;
    };
    entry(format);
    const steady = entry(`${format}.steady`, `${name}-steady`);
    for (const client of chosen) {
      for (const kind of KINDS) entry(`${format}.${client.name}.${kind}`);
      for (const kind of ['error', 'cut']) {
        routes.push({ name: `${format}.${client.name}.continued-${kind}`, on_stream_failure: 'continue', rules: rules(entry(`${format}.${client.name}.breaks-${kind}`), `${other(format)}.steady`) });
      }
      routes.push({ name: `${format}.${client.name}.continues`, on_stream_failure: 'continue', rules: rules(`${other(format)}.${client.name}.breaks-for-${format}`, steady) });
      entries.push({ id: `${other(format)}.${client.name}.breaks-for-${format}`, provider: other(format), name: models.find((one) => one.format === other(format)).name });
    }
  }
  return { providers, models: entries, routes: [...routes, { name: 'any', rules: rules(entries[0].id) }] };
}

export class Matrix {
  static async start(scope, { only = () => true } = {}) {
    const matrix = new Matrix();
    matrix.models = models.filter(only);
    matrix.standIns = {};
    // One of these two goes on where another's stream breaks.
    for (const { format } of [...matrix.models, ...models.slice(0, 2)]) matrix.standIns[format] ??= await StandIn.start(scope, wires[format]);
    matrix.config = configOf(matrix.standIns, clients);
    matrix.weir = await Weir.start(scope, { config: matrix.config });
    return matrix;
  }

  cell(client, model) {
    return new Cell(this, client, model);
  }
}

class Cell {
  constructor(matrix, client, model) {
    Object.assign(this, { matrix, client, model });
  }

  get standIn() {
    return this.matrix.standIns[this.model.format];
  }

  // Does what the provider seals come back to it through this client?
  get carries() {
    return Boolean(this.model.seals) && this.client.sealed.includes(this.model.seals);
  }

  own(what) {
    return `${this.model.format}.${this.client.name}.${what}`;
  }

  // Asks in the client's own words; the answer as the client reads it. `refused`: an error's status is what is expected.
  async ask(said, { refused = false, ...more } = {}) {
    const messages = typeof said === 'string' ? this.client.user([{ text: said }]) : said;
    const { path, body, headers } = this.client.ask({ model: this.model.format, messages, ...more });
    const response = await fetch(this.matrix.weir.url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
    const text = await response.text();
    const id = response.headers.get('x-weir-request-id');
    if (response.status !== 200) {
      const failed = this.client.failure(JSON.parse(text));
      if (!refused) throw Object.assign(new Error(`${response.status}: ${text}\nto ${path} ${JSON.stringify(body)}`), { status: response.status, words: text });
      return { status: response.status, failed, id };
    }
    const type = response.headers.get('content-type');
    if (refused) throw new Error(`200 instead of an error: ${text}`);
    assert.match(type, more.stream ? this.client.streamType : /^application\/json/);
    try {
      return { status: 200, id, ...(more.stream ? this.client.streamed(text) : this.client.whole(JSON.parse(text))) };
    } catch (error) {
      error.message += `\nin ${text}\nto ${path} ${JSON.stringify(body)}`;
      throw error;
    }
  }

  async ledger(id) {
    const { input_tokens: input, cached_tokens: cached, cache_write_tokens: written, output_tokens: output, reasoning_tokens: reasoning } = (await this.matrix.weir.ledger(id)).usage;
    return { input, cached, written, output, reasoning };
  }

  // What was wrong with the requests that reached the provider since the last time.
  takeComplaints() {
    const all = Object.values(this.matrix.standIns).flatMap((standIn) => standIn.complaints.splice(0));
    const wrong = Object.values(this.matrix.standIns).flatMap((standIn) => [...standIn.mistakes.splice(0), ...standIn.failures.splice(0)]);
    assert.deepEqual(wrong, [], 'the stand-in itself is wrong');
    return all;
  }
}
