// Holds requests, answers and stream events against the providers' own published descriptions, where those are at hand
// (WEIR_SHARED, or ../shared beside the project). Google's server refuses unknown names though its description does not say
// so: there, and in Cohere's and Ollama's, every object of a request is closed. OpenAI's are closed at the top. Answers may hold
// more than is described, as those of the real servers do.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { root } from '../process.mjs';

const folder = join(process.env.WEIR_SHARED ?? join(root, '../shared'), 'specs');
export const missing = existsSync(join(folder, 'openai.json.gz')) ? false : `${folder} is not there: set WEIR_SHARED to the folder that holds specs/`;

const require = createRequire(import.meta.url);

// What each document is called, how it is closed, and what it lacks.
const documents = {
  openai: { file: 'openai.json.gz', closed: 'top', mend: mendOpenai },
  anthropic: { file: 'anthropic.json.gz' },
  gemini: { file: 'gemini.json.gz', closed: 'deep' },
  cohere: { file: 'cohere.json.gz', closed: 'deep', mend: mendCohere },
  ollama: { file: 'ollama.yaml.gz', closed: 'deep', mend: mendOllama },
  bedrock: { file: 'bedrock-converse.schema.json.gz', definitions: '$defs' },
  replicate: { file: 'replicate.json.gz' },
  automatic1111: { file: 'a1111.json.gz', closed: 'deep' },
  comfyui: { file: 'comfyui-local.json.gz', closed: 'deep', mend: mendComfy },
  whispercpp: { file: 'whispercpp.json.gz', closed: 'deep', mend: mendWhisper },
};

// An id of the client's own, which newer servers take. Uploads of other fields than the file.
function mendComfy(document) {
  document.components.schemas.PromptRequest.properties.prompt_id = { type: 'string' };
}

// Its form: all values are texts there.
function mendWhisper(document) {
  const { schema } = document.paths['/inference'].post.requestBody.content['multipart/form-data'];
  const properties = Object.fromEntries(Object.entries(schema.properties).map(([name, { enum: choices }]) => [name, { type: 'string', ...(choices && { enum: choices }) }]));
  document.components.schemas.Inference = { ...schema, properties };
}

// What the server itself sends and its description leaves out: no usage yet, `store`.
function mendOpenai(document) {
  const { schemas } = document.components;
  const response = schemas.Response.allOf.find(({ properties }) => properties?.usage).properties;
  response.usage = { anyOf: [response.usage, { type: 'null' }] };
  response.store ??= { type: 'boolean' };
}

// Its list of events lacks two that its discriminator names.
function mendCohere(document) {
  const { schemas } = document.components;
  schemas.StreamedChatResponseV2.oneOf.push({ $ref: '#/components/schemas/CitationStartEvent' }, { $ref: '#/components/schemas/CitationEndEvent' });
  const body = (path) => document.paths[path].post.requestBody.content['application/json'].schema;
  Object.assign(schemas, { ChatRequestV2: body('/v2/chat'), EmbedRequestV2: body('/v2/embed'), RerankRequestV2: body('/v2/rerank'),
    RerankResponseV2: document.paths['/v2/rerank'].post.responses['200'].content['application/json'].schema });
  // It asks for a field that it does not describe: the version stands in `meta`.
  schemas.EmbedByTypeResponse.required = schemas.EmbedByTypeResponse.required.filter((name) => name in schemas.EmbedByTypeResponse.properties);
  // Every event carries its type, which the list of events says and the events themselves do not.
  for (const [type, ref] of Object.entries(schemas.StreamedChatResponseV2.discriminator.mapping)) {
    const event = schemas[ref.split('/').pop()];
    event.allOf = [...(event.allOf ?? []), { type: 'object', required: ['type'], properties: { type: { const: type } } }];
  }
}

// What the server itself sends and takes, and its description of messages leaves out (api/types.go).
function mendOllama(document) {
  const { schemas } = document.components;
  const message = schemas.ChatMessage.properties;
  message.thinking ??= { type: 'string' };
  message.tool_name ??= { type: 'string' };
  message.tool_call_id ??= { type: 'string' };
  schemas.ToolCall.properties.id ??= { type: 'string' };
  schemas.ToolCall.properties.function.properties.index ??= { type: 'integer' };
  schemas.ChatMessage.required = ['role'];
  schemas.EmbedRequest.properties.keep_alive = schemas.ChatRequest.properties.keep_alive;
}

// The schemas that stand in an `allOf`, whose other parts may know more names.
function combined(node, out = new Set()) {
  if (node === null || typeof node !== 'object') return out;
  for (const part of Array.isArray(node.allOf) ? node.allOf : []) out.add(part.$ref?.split('/').pop());
  for (const value of Object.values(node)) combined(value, out);
  return out;
}

// `part`: of an `allOf`.
function plain(node, how, part = false) {
  if (Array.isArray(node)) return node.map((item) => plain(item, how, part));
  if (node === null || typeof node !== 'object') return node;
  const out = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === 'discriminator' && value?.propertyName) continue;
    if (key === 'nullable' && typeof value === 'boolean') continue;
    if (/^exclusiveM(in|ax)imum$/.test(key) && typeof value === 'boolean') continue;
    // Alternatives overlap in all of these documents, so that "exactly one" fits is more than they mean.
    out[key === 'oneOf' && Array.isArray(value) ? 'anyOf' : key] = plain(value, how, key === 'allOf' || how.parts.has(key));
  }
  if (node.nullable === true) {
    if (out.type) out.type = [out.type, 'null'].flat();
    if (out.enum) out.enum = [...out.enum, null];
    if (out.$ref) return { anyOf: [out, { type: 'null' }] };
  }
  if (node.exclusiveMinimum === true) [out.exclusiveMinimum, out.minimum] = [node.minimum, undefined];
  if (node.exclusiveMaximum === true) [out.exclusiveMaximum, out.maximum] = [node.maximum, undefined];
  for (const key of ['minimum', 'maximum']) if (out[key] === undefined) delete out[key];
  if (how.closed === 'deep' && !part && out.properties && !('additionalProperties' in out)) out.additionalProperties = false;
  return out;
}

const loaded = new Map();
// `closed`: for requests.
function load(name, closed) {
  const key = `${name} ${closed}`;
  if (!loaded.has(key)) {
    const how = { ...documents[name] };
    if (!closed) delete how.closed;
    const text = gunzipSync(readFileSync(join(folder, how.file))).toString();
    const document = how.file.includes('.yaml') ? require('yaml').parse(text) : JSON.parse(text);
    how.mend?.(document);
    const Ajv = require('ajv/dist/2020').default;
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: false, inlineRefs: false });
    const { $schema, $id, ...rest } = plain(document, { ...how, parts: combined(document) });
    ajv.addSchema(rest, name);
    loaded.set(key, { ajv, how, document: rest, compiled: new Map() });
  }
  return loaded.get(key);
}

function schemaOf({ how, document }, type) {
  return how.definitions ? document[how.definitions][type] : document.components.schemas[type];
}

// All names that an object of this schema may have, wherever in its alternatives they are said.
function names(spec, schema, out = new Set()) {
  if (!schema || typeof schema !== 'object') return out;
  if (schema.$ref) return names(spec, schema.$ref.slice(2).split('/').reduce((node, key) => node[key], spec.document), out);
  Object.keys(schema.properties ?? {}).forEach((name) => out.add(name));
  for (const part of [...(schema.allOf ?? []), ...(schema.anyOf ?? [])]) names(spec, part, out);
  return out;
}

function saysType(spec, schema, type) {
  if (schema.$ref) return saysType(spec, schema.$ref.slice(2).split('/').reduce((node, key) => node[key], spec.document), type);
  const said = schema.properties?.type;
  return said?.const === type || Boolean(said?.enum?.length === 1 && said.enum[0] === type) || (schema.allOf ?? []).some((part) => saysType(spec, part, type));
}

// Of a list of events the one that `value` says it is, so that what is wrong with it is said, and not that it fits none.
function alternative(spec, type, value) {
  const { anyOf } = schemaOf(spec, type) ?? {};
  const one = anyOf?.find((choice) => choice.$ref && saysType(spec, choice, value?.type));
  return one ? one.$ref.split('/').pop() : type;
}

// What `value` breaks of the type `wanted` in the description `name`; nothing where the descriptions are not at hand.
// `closed`: it may hold nothing else.
export function violations(name, wanted, value, { closed = false } = {}) {
  if (missing) return [];
  const spec = load(name, closed && Boolean(documents[name].closed));
  const type = alternative(spec, wanted, value);
  let check = spec.compiled.get(type);
  if (!check) {
    const where = spec.how.definitions ?? 'components/schemas';
    if (!schemaOf(spec, type)) throw new Error(`${name} describes no ${type}`);
    const valid = spec.ajv.compile({ $ref: `${name}#/${where}/${type}` });
    const known = spec.how.closed === 'top' ? names(spec, schemaOf(spec, type)) : null;
    spec.compiled.set(type, (check = { valid, known }));
  }
  const found = [];
  if (!check.valid(value)) {
    for (const error of check.valid.errors.slice(0, 6)) found.push(`${type}${error.instancePath}: ${error.message} ${JSON.stringify(error.params)}`);
  }
  if (check.known?.size && value && typeof value === 'object') {
    for (const key of Object.keys(value)) if (!check.known.has(key)) found.push(`${type}: nobody knows ${key}`);
  }
  return found;
}
