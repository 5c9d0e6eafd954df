// One gateway for the tests of an SDK: every provider's format behind it, a key in front, and what each SDK is asked to do.
import { suiteScope, tempDir, Weir, createKey } from './process.mjs';
import { models } from './matrix_cells.mjs';
import { wires } from './standins/all.mjs';
import { StandIn } from './standins/server.mjs';
import { before } from 'node:test';

// A package that this version of node cannot load is a reason, not a failure.
export const load = (name) => import(name).catch((error) => ({ reason: `${name} does not load here: ${error.message}` }));

export const PARAMETERS = { type: 'object', properties: { river: { type: 'string' } }, required: ['river'] };
export const RESULT = '3.5 m, rising — Köln';
export const SAID = /^get_level\(.*Rhône.*\) said: 3\.5 m, rising — Köln\.$/s;
// Every SDK is tried with a model of each of these: its own format's and two others'.
export const BEHIND = models.map(({ format }) => format);

// The embedding models, and what can be ranked with.
const MORE = [
  { id: 'embedder', provider: 'openai', name: 'text-embedding-scripted', embeddings: true, chat: false },
  { id: 'embedder.cohere', provider: 'cohere', name: 'embed-scripted', embeddings: true, chat: false },
  { id: 'embedder.gemini', provider: 'gemini', name: 'gemini-embedding-scripted', embeddings: true, chat: false },
  { id: 'embedder.ollama', provider: 'ollama', name: 'nomic-embed-scripted', embeddings: true, chat: false },
  { id: 'ranker', provider: 'cohere', name: 'rerank-scripted', serves: ['rerank'], chat: false },
];

// `it` after `before`: { url, secret, weir, standIns, complaints() }
export function gateway() {
  const scope = suiteScope();
  const it = { standIns: {} };
  before(async () => {
    for (const { format } of models) it.standIns[format] = await StandIn.start(scope, wires[format], { own: false });
    const providers = models.map(({ format, kind, more }) => ({ id: format, kind, url: it.standIns[format].url, api_key: 'standin-key', zone: 'cloud',
      health_check: false, discover: false, retries: 0, ...more }));
    const entries = models.flatMap(({ format, name }) => ['', '.rate', '.broken', '.middle'].map((end) => ({ id: `${format}${end}`, provider: format, name })));
    const data = tempDir(scope);
    it.secret = createKey(data, ['--name', 'sdk']).key;
    it.weir = await Weir.start(scope, { data, config: { providers, models: [...entries, ...MORE], routes: [{ name: 'assistant', rules: [{ use: ['openai'] }] }] } });
    it.url = it.weir.url;
    it.complaints = () => Object.values(it.standIns).flatMap(({ complaints }) => complaints.splice(0)).map(({ what, body }) => `${what} in ${body}`);
  });
  return it;
}

export async function collect(stream) {
  const events = [];
  for await (const event of stream) events.push(event);
  return events;
}
