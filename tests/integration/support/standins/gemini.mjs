// A stand-in for Google's Gemini API: generateContent, streams, token counts, embeddings, list of models. Not Google's server:
// what it sends and what it is sent are held against their published description (`GenerateContentRequest`, every object closed,
// as their server is). Its calls have no ids; the first of a turn is sealed, and it wants the seal back.
import { event } from './server.mjs';
import { Refused, faults, pieces, play, sealOf, untilItBreaks } from './script.mjs';

const FINISH = { stop: 'STOP', stop_sequence: 'STOP', length: 'MAX_TOKENS', calls: 'STOP', filter: 'SAFETY' };
const seals = {
  maker: 'gemini',
  on: 'calls',
  needed({ thinking }, done) {
    for (const { pairs } of thinking ? done : []) {
      if (!pairs[0].seal) throw new Refused(`Function call \`${pairs[0].name}\` is missing a thought_signature in functionCall parts.`);
    }
  },
};

const spoken = (parts) => parts.filter((part) => part.text !== undefined && !part.thought).map(({ text }) => text).join('');

function resultOf({ functionResponse: { id, name, response } }) {
  if (!name) throw new Refused('function_response.name: Name cannot be empty.');
  const failed = 'error' in response;
  const said = response.error ?? response.output ?? response.result ?? response;
  return { role: 'tool', id, name, failed, text: typeof said === 'string' ? said : JSON.stringify(said) };
}

function readTurn({ role, parts }) {
  if (!parts?.length) throw new Refused('contents.parts must not be empty.');
  const results = parts.filter((part) => part.functionResponse).map(resultOf);
  const others = parts.filter((part) => !part.functionResponse);
  if (!others.length) return results;
  return [...results, {
    role: role === 'model' ? 'assistant' : 'user',
    text: spoken(others),
    thoughts: others.filter(({ thought }) => thought).map(({ text }) => ({ text })),
    calls: others.filter(({ functionCall }) => functionCall).map(({ functionCall: { id, name, args }, thoughtSignature }) => ({ id, name, args: args ?? {}, seal: thoughtSignature })),
    media: others.filter(({ inlineData, fileData }) => inlineData || fileData).map(({ inlineData, fileData }) => ({
      kind: (inlineData ?? fileData).mimeType.startsWith('image/') ? 'image' : 'document',
      ...(inlineData ? { mime: inlineData.mimeType, bytes: Buffer.from(inlineData.data, 'base64') } : { mime: 'address', bytes: Buffer.from(fileData.fileUri) }) })),
  }];
}

function merged(contents) {
  const out = [];
  for (const { role = 'user', parts } of contents) {
    if (!['user', 'model'].includes(role)) throw new Refused('Please use a valid role: user, model.');
    if (out.at(-1)?.role === role) out.at(-1).parts.push(...parts);
    else out.push({ role, parts: [...parts] });
  }
  return out;
}

function read(body) {
  const config = body.generationConfig ?? {};
  if ((config.responseJsonSchema || config.responseSchema) && config.responseMimeType !== 'application/json') throw new Refused('responseMimeType must be application/json with a schema');
  if (config.stopSequences?.length > 5) throw new Refused('at most 5 stopSequences');
  const declared = (body.tools ?? []).flatMap(({ functionDeclarations }) => functionDeclarations ?? []);
  return {
    system: body.systemInstruction && spoken(body.systemInstruction.parts),
    turns: merged(body.contents).flatMap(readTurn),
    tools: declared.map(({ name, parameters, parametersJsonSchema }) => ({ name, schema: parametersJsonSchema ?? parameters })),
    schema: config.responseJsonSchema ?? config.responseSchema,
    stop: config.stopSequences,
    limit: config.maxOutputTokens,
    thinking: Boolean(config.thinkingConfig) && config.thinkingConfig.thinkingBudget !== 0,
  };
}

const usageOf = ({ input, cached, output, reasoning }) => ({
  promptTokenCount: input, candidatesTokenCount: output - reasoning, totalTokenCount: input + output,
  ...(cached && { cachedContentTokenCount: cached }), ...(reasoning && { thoughtsTokenCount: reasoning }),
  promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
});

function partOf(piece) {
  switch (piece.kind) {
    case 'thought': return { text: piece.text, thought: true };
    case 'call': return { functionCall: { name: piece.name, args: piece.args }, ...(piece.seal && { thoughtSignature: piece.seal }) };
    default: return { text: piece.text };
  }
}

const model = (x) => /models\/([^:]+):/.exec(decodeURIComponent(x.path))?.[1];
const answered = (x, candidate, usage) => x.own('GenerateContentResponse', {
  candidates: [{ index: 0, ...candidate }], modelVersion: model(x), responseId: 'standin', usageMetadata: usageOf(usage),
});
// What is refused has no content at all; thoughts are shown to those who ask for them.
const shown = (x, { pieces: all }) => all.filter(({ kind }) => kind !== 'refusal' && (kind !== 'thought' || x.body.generationConfig.thinkingConfig.includeThoughts));

function whole(x, answer) {
  const parts = shown(x, answer).map(partOf);
  x.json(200, answered(x, { ...(parts.length && { content: { role: 'model', parts } }), finishReason: FINISH[answer.finish] }, answer.usage));
}

async function stream(x, answer) {
  const part = (value) => x.send(event(answered(x, { content: { role: 'model', parts: [value] } }, { ...answer.usage, output: 1, reasoning: 0 })));
  x.begin('text/event-stream');
  for (const piece of shown(x, answer)) {
    if (piece.kind === 'call') await part(partOf(piece));
    else for (const text of untilItBreaks(answer, pieces(piece.text))) await part({ ...partOf(piece), text });
  }
  if (answer.fault?.kind === 'cut') return x.cut();
  if (answer.fault) {
    // Not an event: bare, and the SDK knows it only where it comes in one piece.
    await new Promise((done) => setTimeout(done, 10));
    await x.send(JSON.stringify(bodyOf(503, 'UNAVAILABLE', 'The model is overloaded.')), { whole: true });
    return x.end();
  }
  // Who thought before a text seals it with an empty piece.
  const thought = answer.pieces.some(({ kind }) => kind === 'thought') && !answer.pieces.some(({ kind }) => kind === 'call');
  const last = thought ? [{ text: '', thoughtSignature: sealOf('gemini', 'a text') }] : [{ text: '' }];
  const content = answer.finish === 'filter' ? {} : { content: { role: 'model', parts: last } };
  await x.send(event(answered(x, { ...content, finishReason: FINISH[answer.finish] }, answer.usage)));
  return x.end();
}

const bodyOf = (code, status, message, details = []) => ({ error: { code, message, status, ...(details.length && { details }) } });
const STATUS = { rate: 'RESOURCE_EXHAUSTED', overloaded: 'UNAVAILABLE', unknown: 'NOT_FOUND', invalid: 'INVALID_ARGUMENT', unauthorized: 'UNAUTHENTICATED' };
function refuse(x, { message, status, kind }) {
  const details = kind === 'rate' ? [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '30s' }] : [];
  x.json(status, bodyOf(status, STATUS[kind] ?? 'INTERNAL', message, details));
}

function embed(x, many) {
  x.hold(many ? 'BatchEmbedContentsRequest' : 'EmbedContentRequest');
  const vector = ({ content }, index) => ({ values: [0.25, -0.5, index, spoken(content.parts).length] });
  if (!many) return x.json(200, x.own('EmbedContentResponse', { embedding: vector(x.body, 0) }));
  return x.json(200, x.own('BatchEmbedContentsResponse', { embeddings: x.body.requests.map(vector) }));
}

export const gemini = {
  name: 'gemini',
  description: 'gemini',
  answer(x) {
    if (x.headers['x-goog-api-key'] !== 'standin-key') return refuse(x, faults.unauthorized());
    if (x.method === 'GET' && /^\/v1(beta)?\/models$/.test(x.path)) {
      return x.json(200, x.own('ListModelsResponse', { models: [{ name: 'models/scripted', baseModelId: 'scripted', version: '1', displayName: 'A stand-in', supportedGenerationMethods: ['generateContent'] }] }));
    }
    const name = model(x);
    const action = x.path.split(':').at(-1);
    if (!name || !/^\/v1(beta)?\/models\//.test(x.path)) return refuse(x, new Refused(`there is nothing at ${x.path}`, { status: 404, kind: 'unknown' }));
    if (name.startsWith('nosuch')) return refuse(x, faults.unknown(name));
    switch (action) {
      case 'countTokens': return x.json(200, { totalTokens: 21 });
      case 'embedContent': return embed(x, false);
      case 'batchEmbedContents': return embed(x, true);
      case 'generateContent':
      case 'streamGenerateContent': {
        const streams = action.startsWith('stream');
        if (streams && x.query.get('alt') !== 'sse') x.complain('a stream without alt=sse is one JSON list');
        x.hold('GenerateContentRequest');
        return play(x, { read: (body) => ({ ...read(body), steady: name.includes('steady') }), seals, streams, whole, stream, refuse });
      }
      default: return refuse(x, new Refused(`there is nothing at ${x.path}`, { status: 404, kind: 'unknown' }));
    }
  },
};
