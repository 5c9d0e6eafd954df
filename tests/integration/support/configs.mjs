// Configs for the tests, from a few parts. Values are written as JSON, which is YAML too.
import { faults } from './fault_upstream.mjs';

// Short enough for a test to wait for, long enough for a busy machine.
export const SHORT = { connect_ms: 500, first_byte_ms: 700, first_token_ms: 900, idle_ms: 700, total_ms: 20_000 };

export const local = (id, upstream, more = {}) => ({ id, kind: 'llama_server', url: upstream.url, zone: 'local', health_check: false, ...more });
export const cloud = (id, upstream, more = {}) => ({ id, kind: 'openai', url: upstream.url, zone: 'cloud', api_key: 'sk-cloud-credential', ...more });

export const model = (id, provider, name = id, more = {}) => ({ id, provider, name, ...more });

// Routes per fault of `near`: `only-FAULT` has no other candidate, `FAULT` falls back to `far`, `continue-FAULT` also in
// mid-stream. Private things stay local on all of them. Every route has a model entry of its own for its fault, and a second
// set of routes (`stream-…`) again: what one test does to a circuit breaker is nothing to another.
export function faultConfig(near, far, more = {}) {
  const names = [...Object.keys(faults), ...(more.faults ?? [])];
  const guard = { when: { sensitive: 'any' }, zones: ['local'] };
  const models = [];
  const own = (route, name) => {
    models.push(model(`near/${route}`, 'near', name, { context_length: 4096, embeddings: true }));
    return `near/${route}`;
  };
  const routes = names.flatMap((name) => ['', 'stream-'].flatMap((prefix) => [
    { name: `${prefix}only-${name}`, rules: [guard, { use: [own(`${prefix}only-${name}`, name)] }] },
    { name: `${prefix}${name}`, baseline: 'far-ok', rules: [guard, { use: [own(`${prefix}${name}`, name), 'far-ok'] }] },
    { name: `${prefix}continue-${name}`, on_stream_failure: 'continue', rules: [guard, { use: [own(`${prefix}continue-${name}`, name), 'far-ok'] }] },
  ]));
  return {
    providers: [local('near', near, { timeouts: SHORT, ...more.near }), cloud('far', far, { timeouts: SHORT, ...more.far })],
    models: [...models, model('far-ok', 'far', 'ok', { context_length: 128_000, embeddings: true, prices: { input: 2.5, output: 10 } })],
    routes: [...routes, { name: 'far', rules: [guard, { use: ['far-ok'] }] }],
  };
}

export const ask = (name, more = {}) => ({ model: name, messages: [{ role: 'user', content: 'How is the river today?' }], ...more });
export const PRIVATE = 'My card is 4111 1111 1111 1111, write to jane.doe@example.com.';
