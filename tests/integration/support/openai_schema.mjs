// Holds values against OpenAI's own OpenAPI description, where it is at hand (WEIR_SHARED, or ../shared beside the
// project). Only what that description uses of JSON Schema; unknown keywords are passed over.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { root } from './process.mjs';

const file = join(process.env.WEIR_SHARED ?? join(root, '../shared'), 'specs/openai.json.gz');
export const specification = existsSync(file) ? JSON.parse(gunzipSync(readFileSync(file))) : null;
export const missing = specification ? false : `${file} is not there: set WEIR_SHARED to the folder that holds specs/`;

const typeOf = (value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value);

function resolve(schema) {
  while (schema?.$ref) schema = schema.$ref.slice(2).split('/').reduce((node, key) => node[key.replaceAll('~1', '/')], specification);
  return schema;
}

function* faults(value, given, path) {
  const schema = resolve(given);
  if (!schema || typeof schema !== 'object') return;
  if (value === null && schema.nullable) return;
  for (const part of schema.allOf ?? []) yield* faults(value, part, path);
  for (const choices of [schema.anyOf, schema.oneOf]) {
    if (choices && !choices.some((choice) => faults(value, choice, path).next().done)) yield `${path}: none of ${choices.length} alternatives fits`;
  }
  if (schema.enum && !schema.enum.includes(value)) yield `${path}: ${JSON.stringify(value)} is none of ${schema.enum.join(', ')}`;
  if ('const' in schema && schema.const !== value) yield `${path}: ${JSON.stringify(value)} is not ${schema.const}`;
  if (schema.type) {
    const type = typeOf(value);
    const allowed = [schema.type].flat();
    if (!allowed.includes(type) && !(type === 'integer' && allowed.includes('number'))) {
      yield `${path}: ${type} instead of ${allowed.join(' or ')}`;
      return;
    }
  }
  if (typeOf(value) === 'object') {
    for (const name of schema.required ?? []) if (!(name in value)) yield `${path}.${name}: is missing`;
    for (const [name, part] of Object.entries(schema.properties ?? {})) if (name in value) yield* faults(value[name], part, `${path}.${name}`);
  }
  if (Array.isArray(value) && schema.items) for (const [i, item] of value.entries()) yield* faults(item, schema.items, `${path}[${i}]`);
}

// What `value` breaks of `components.schemas[name]`, at most five.
export function violations(value, name) {
  const found = [];
  for (const fault of faults(value, { $ref: `#/components/schemas/${name}` }, name)) if (found.push(fault) === 5) break;
  return found;
}
