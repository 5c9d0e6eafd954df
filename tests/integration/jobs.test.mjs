// Servers that work in jobs, behind the official client, unmodified: Replicate, AUTOMATIC1111, ComfyUI, whisper.cpp. The
// stand-ins hold every request against the servers' own descriptions; without those (WEIR_SHARED) the tests are skipped.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import OpenAI, { toFile } from 'openai-newest';

import { Weir, sleep, suiteScope, tempDir, until } from './support/process.mjs';
import { PNG, WEBP, automatic1111, comfyui, replicate, whispercpp } from './support/standins/jobs.mjs';
import { StandIn } from './support/standins/server.mjs';
import { missing } from './support/standins/specification.mjs';

const WORKFLOW = {
  3: { class_type: 'KSampler', inputs: { seed: '{{seed}}', steps: '{{steps|20}}', model: ['4', 0] } },
  4: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: '{{model}}' } },
  5: { class_type: 'EmptyLatentImage', inputs: { width: '{{width}}', height: '{{height}}', batch_size: '{{n}}' } },
  6: { class_type: 'CLIPTextEncode', inputs: { text: '{{prompt}}' } },
};
const CHANGE = { 1: { class_type: 'LoadImage', inputs: { image: '{{image}}' } }, 2: { class_type: 'CLIPTextEncode', inputs: { text: '{{prompt}}' } } };

const scope = suiteScope();
const servers = {};
let weir;
let client;
before(async () => {
  if (missing) return;
  for (const [name, make] of Object.entries({ replicate, automatic1111, comfyui, whispercpp })) servers[name] = await StandIn.start(scope, make());
  servers.comfyui.wire.listen(servers.comfyui.server);
  const folder = tempDir(scope);
  writeFileSync(join(folder, 'paint.json'), JSON.stringify(WORKFLOW));
  writeFileSync(join(folder, 'change.json'), JSON.stringify(CHANGE));
  const server = (id, more = {}) => ({ id, kind: id, url: servers[id].url, health_check: false, retries: 0, ...more });
  const config = {
    providers: [server('replicate', { url: `${servers.replicate.url}/v1`, api_key: 'r8-credential', zone: 'cloud' }), server('automatic1111'),
      server('comfyui', { workflow: join(folder, 'paint.json') }), server('whispercpp')],
    models: [
      { id: 'llama', provider: 'replicate', name: 'meta/llama-3' }, { id: 'flux', provider: 'replicate', name: 'black-forest-labs/flux', serves: ['images'] },
      { id: 'versioned', provider: 'replicate', name: `acme/llm:${'a'.repeat(64)}` }, { id: 'sd', provider: 'automatic1111', name: 'base' },
      { id: 'comfy', provider: 'comfyui', name: 'flux.safetensors' }, { id: 'comfy-change', provider: 'comfyui', name: 'flux.safetensors', workflow: join(folder, 'change.json') },
      { id: 'ear', provider: 'whispercpp', name: 'whatever' },
    ],
    routes: [{ name: 'r', rules: [{ use: ['llama'] }] }, { name: 'either', rules: [{ use: ['sd', 'comfy'] }] }],
  };
  weir = await Weir.start(scope, { config });
  client = new OpenAI({ baseURL: `${weir.url}/v1`, apiKey: 'none', maxRetries: 0 });
});

const clean = (name) => {
  const { complaints, mistakes, failures } = servers[name];
  assert.deepEqual({ complaints, mistakes, failures }, { complaints: [], mistakes: [], failures: [] });
};
const chat = (model, content, more = {}) => client.chat.completions.create({ model, messages: [{ role: 'user', content }], ...more });
const paint = (model, prompt, more = {}) => client.images.generate({ model, prompt, ...more });
// Asks, and leaves after a moment.
async function leave(call, ms) {
  const gone = new AbortController();
  const asked = call({ signal: gone.signal });
  setTimeout(() => gone.abort(), ms);
  await assert.rejects(asked, OpenAI.APIUserAbortError);
}

describe('Replicate', { skip: missing }, () => {
  test('answers when the prediction is done, whole and as a stream', async () => {
    assert.equal((await chat('llama', 'How is it?', { max_tokens: 50, seed: 3 })).choices[0].message.content, 'The river rises.');
    assert.equal((await chat('versioned', 'How is it?')).choices[0].message.content, 'The river rises.');
    let said = '';
    for await (const chunk of await chat('llama', 'How is it?', { stream: true })) said += chunk.choices[0]?.delta.content ?? '';
    assert.equal(said, 'The river rises.');
    clean('replicate');
  });

  test('a stream brings words as they are written', async () => {
    const pieces = [];
    for await (const chunk of await chat('llama', 'How is it?', { stream: true })) {
      const { content, } = chunk.choices[0]?.delta ?? {};
      if (content) pieces.push(content);
    }
    assert.deepEqual(pieces, ['The river ', 'rises.']);
    const { headers } = [...servers.replicate.requests].reverse().find(({ method }) => method === 'POST');
    assert.equal(headers.prefer, undefined, 'who wants pieces does not wait for the whole');
  });

  test('a picture comes as the end of a stream', async () => {
    const events = [];
    for await (const event of await paint('flux', 'a weir', { stream: true, response_format: 'url' })) events.push(event);
    assert.deepEqual(events.map(({ type }) => type), ['image_generation.completed']);
    assert.match(events[0].url, /^https:\/\/replicate\.delivery\//);
  });

  test('a stream that has nothing to say yet is kept alive, and its job stopped when the client leaves', async () => {
    const { jobs } = servers.replicate.wire;
    jobs.clear();
    const leaves = new AbortController();
    const response = await fetch(`${weir.url}/v1/images/generations`, { method: 'POST', signal: leaves.signal, body: JSON.stringify({ model: 'flux', prompt: '[[slow]]', stream: true }) });
    assert.match(response.headers.get('content-type'), /^text\/event-stream/);
    assert.equal(response.headers.get('x-weir-model'), 'flux');
    const { value } = await response.body.getReader().read();
    assert.match(new TextDecoder().decode(value), /^: [a-z ]+\n\n$/);
    leaves.abort();
    await until(() => [...jobs.values()][0]?.status === 'canceled', { what: 'the prediction to be cancelled' });
  });

  test('gives addresses of pictures, and refuses to promise their bytes', async () => {
    const { data } = await paint('flux', 'a weir', { n: 1, size: '1024x1024', response_format: 'url' });
    assert.match(data[0].url, /^https:\/\/replicate\.delivery\//);
    await assert.rejects(paint('flux', 'a weir', { response_format: 'b64_json' }), (error) => error.status === 400 && error.param === 'response_format');
    clean('replicate');
  });

  test('says why a prediction failed', async () => {
    await assert.rejects(chat('llama', '[[fail]]'), /NSFW/);
  });

  test('is told to stop when the client leaves', async () => {
    const { jobs } = servers.replicate.wire;
    jobs.clear();
    await leave((options) => client.chat.completions.create({ model: 'llama', messages: [{ role: 'user', content: '[[slow]]' }] }, options), 700);
    await until(() => [...jobs.values()][0]?.status === 'canceled', { what: 'the prediction to be cancelled' });
    clean('replicate');
  });
});

describe('AUTOMATIC1111', { skip: missing }, () => {
  test('paints, with what the caller says beside OpenAI’s fields', async () => {
    const { data } = await paint('sd', 'a weir', { n: 2, size: '512x768', seed: 7, negative_prompt: 'boats', steps: 9, sampler: 'Euler a' });
    assert.deepEqual(data.map(({ b64_json }) => b64_json), [PNG, PNG].map((one) => one.toString('base64')));
    const { body } = servers.automatic1111.last;
    assert.deepEqual([body.n_iter, body.width, body.height, body.seed, body.steps, body.sampler_name, body.negative_prompt], [2, 512, 768, 7, 9, 'Euler a', 'boats']);
    assert.equal(body.override_settings.sd_model_checkpoint, 'base');
    clean('automatic1111');
  });

  test('changes a picture that came in a form', async () => {
    const { data } = await client.images.edit({ model: 'sd', prompt: 'a hat', image: await toFile(PNG, 'a.png', { type: 'image/png' }) });
    assert.equal(data[0].b64_json, PNG.toString('base64'));
    assert.equal(servers.automatic1111.last.path, '/sdapi/v1/img2img');
    assert.deepEqual(servers.automatic1111.last.body.init_images, [PNG.toString('base64')]);
    clean('automatic1111');
  });

  test('gives a data: URL of the type that it is where an address is asked for', async () => {
    servers.automatic1111.wire.picture = WEBP;
    const { data } = await paint('sd', 'a weir', { response_format: 'url' });
    servers.automatic1111.wire.picture = PNG;
    assert.match(data[0].url, /^data:image\/webp;base64,UklGR/);
  });

  test('does one job at a time', async () => {
    const { state } = servers.automatic1111.wire;
    state.most = 0;
    const done = await Promise.all(Array.from({ length: 4 }, (_, i) => paint('sd', `weir ${i}`)));
    assert.equal(done.length, 4);
    assert.equal(state.most, 1);
  });

  test('is told to stop when the client leaves, and the next one is not hit by it', async () => {
    const { state } = servers.automatic1111.wire;
    const before = state.interrupts;
    const gone = leave((options) => client.images.generate({ model: 'sd', prompt: '[[slow]]' }, options), 400);
    await sleep(100);
    const next = paint('sd', 'a weir');
    await gone;
    assert.equal((await next).data[0].b64_json, PNG.toString('base64'));
    assert.equal(state.interrupts, before + 1);
    assert.equal(state.most, 1);
  });

  test('tells a stream how far it is, shows what there is of it, then the picture', async () => {
    const { state } = servers.automatic1111.wire;
    state.looks = [];
    const events = [];
    for await (const event of await paint('sd', '[[patient]]', { stream: true, partial_images: 2 })) events.push(event);
    const types = events.map(({ type }) => type.replace('image_generation.', ''));
    assert.deepEqual([...new Set(types)], ['in_progress', 'partial_image', 'completed']);
    assert.equal(types.filter((type) => type === 'partial_image').length, 1, 'the same picture is shown once');
    const parts = events.filter(({ progress }) => progress !== undefined).map(({ progress }) => progress);
    assert.ok(parts.length > 1 && parts.every((part, i) => part > 0 && part < 1 && (i === 0 || part > parts[i - 1])), String(parts));
    const last = events.at(-1);
    assert.deepEqual([last.b64_json, last.output_format, last.type], [PNG.toString('base64'), 'png', 'image_generation.completed']);
    const preview = events.find(({ type }) => type.endsWith('partial_image'));
    assert.deepEqual([preview.b64_json, preview.partial_image_index], [PNG.toString('base64'), 0]);
    clean('automatic1111');
  });

  test('asks for no previews that nobody wants, and not at all where nobody wants a stream', async () => {
    const { state } = servers.automatic1111.wire;
    state.looks = [];
    await paint('sd', '[[patient]]');
    assert.deepEqual(state.looks, []);
    const events = [];
    for await (const event of await paint('sd', '[[patient]]', { stream: true, n: 2 })) events.push(event);
    assert.ok(state.looks.length > 1 && state.looks.every((skip) => skip === 'true'), String(state.looks));
    assert.equal(events.filter(({ type }) => type === 'image_generation.completed').length, 2);
    assert.ok(events.every(({ type }) => !type.endsWith('partial_image')));
  });

  test('a server that does not tell how far it is gives its picture all the same', async () => {
    const { state } = servers.automatic1111.wire;
    Object.assign(state, { looks: [], blind: true });
    const events = [];
    for await (const event of await paint('sd', '[[patient]]', { stream: true })) events.push(event);
    state.blind = false;
    assert.equal(state.looks.length, 1, 'it is asked once');
    assert.deepEqual(events.map(({ type }) => type), ['image_generation.completed']);
  });

  test('is told to stop when the client leaves in the middle of a stream', async () => {
    const { state } = servers.automatic1111.wire;
    const before = state.interrupts;
    const stream = await paint('sd', '[[slow]]', { stream: true });
    for await (const event of stream) {
      assert.equal(event.type, 'image_generation.in_progress');
      stream.controller.abort();
      break;
    }
    await until(() => state.interrupts === before + 1, { what: 'the interruption' });
  });

  test('a failure in the middle of a stream reaches its reader', async () => {
    await assert.rejects(async () => { for await (const event of await paint('sd', '[[patient]] [[fail]]', { stream: true })) assert.ok(event); }, /CUDA out of memory/);
  });

  test('until a picture is complete another server may begin anew', async () => {
    const { wire } = servers.automatic1111;
    Object.assign(wire, { picture: Buffer.from('no picture at all') });
    const types = [];
    const stream = await paint('either', '[[patient]]', { stream: true }).withResponse();
    for await (const event of stream.data) types.push(event.type.replace('image_generation.', ''));
    wire.picture = PNG;
    servers.comfyui.wire.jobs.clear();
    assert.deepEqual([...new Set(types)], ['in_progress', 'completed']);
    const { attempts, outcome } = await weir.ledger(stream.response.headers.get('x-weir-request-id'));
    assert.deepEqual([attempts.map(({ model, outcome: how }) => [model, how]), outcome], [[['sd', 'upstream_malformed'], ['comfy', 'ok']], 'ok']);
  });

  test('passes on a picture of sixty megabytes', async () => {
    const { data } = await paint('sd', '[[huge]]');
    assert.ok(data[0].b64_json.length > 60 * 1024 * 1024 - 1024);
  });

  test('says in its own words what went wrong', async () => {
    await assert.rejects(paint('sd', '[[fail]]'), /CUDA out of memory/);
    await assert.rejects(paint('sd', 'x', { stream: true, partial_images: 4 }), (error) => error.status === 400 && error.param === 'partial_images');
  });
});

describe('ComfyUI', { skip: missing }, () => {
  test('runs the workflow with what was asked', async () => {
    const { data } = await paint('comfy', 'a "weir"', { n: 1, size: '640x480', seed: 5 });
    assert.equal(data[0].b64_json, PNG.toString('base64'));
    const [job] = [...servers.comfyui.wire.jobs.values()];
    assert.deepEqual(job.graph[3].inputs, { seed: 5, steps: 20, model: ['4', 0] });
    assert.deepEqual(job.graph[5].inputs, { width: 640, height: 480, batch_size: 1 });
    assert.equal(job.graph[6].inputs.text, 'a "weir"');
    assert.equal(job.graph[4].inputs.ckpt_name, 'flux.safetensors');
    clean('comfyui');
  });

  test('changes a picture that was uploaded first', async () => {
    const { data } = await client.images.edit({ model: 'comfy-change', prompt: 'a hat', image: await toFile(PNG, 'a.png', { type: 'image/png' }) });
    assert.equal(data[0].b64_json, PNG.toString('base64'));
    assert.equal([...servers.comfyui.wire.jobs.values()].at(-1).graph[1].inputs.image, 'up-1.png');
    await assert.rejects(paint('comfy-change', 'a hat'), (error) => error.status === 400 && error.param === 'image');
  });

  test('names the node that failed, and the one that was refused', async () => {
    await assert.rejects(paint('comfy', '[[fail]]'), /node 3 \(KSampler\): out of memory/);
    await assert.rejects(paint('comfy', '[[refuse]]'), /node 4 \(CheckpointLoaderSimple\): Value not in list/);
  });

  test('is told to stop when the client leaves', async () => {
    const { jobs } = servers.comfyui.wire;
    jobs.clear();
    await leave((options) => client.images.generate({ model: 'comfy', prompt: '[[slow]]' }, options), 900);
    await until(() => {
      const [job] = [...jobs.values()];
      return job?.state === 'deleted' && job.interrupted;
    }, { what: 'the job to be stopped' });
    clean('comfyui');
  });

  test('tells a stream how far it is, and shows what there is of it', async () => {
    const { wire } = servers.comfyui;
    const events = [];
    for await (const event of await paint('comfy', '[[watch]]', { stream: true, partial_images: 1 })) events.push(event);
    const told = events.map(({ type, progress }) => progress ?? type.replace('image_generation.', ''));
    assert.deepEqual(told, [0.25, 'partial_image', 0.5, 'completed']);
    assert.deepEqual([events[1].b64_json, events[1].partial_image_index], [PNG.toString('base64'), 0]);
    assert.equal(events.at(-1).b64_json, PNG.toString('base64'));
    const [heard] = [...wire.sockets.values()].slice(-1);
    const [first, second, ...rest] = heard.bytes;
    assert.deepEqual([first, second], [0x8a, 0x82], 'a pong, masked');
    assert.equal(Buffer.from(rest.slice(4).map((byte, i) => byte ^ rest[i % 4])).toString(), 'hi');
    await until(() => heard.closed, { what: 'the socket to be closed' });
    clean('comfyui');
  });

  test('nobody listens for who wants no stream', async () => {
    const { sockets } = servers.comfyui.wire;
    const before = sockets.size;
    await paint('comfy', 'a weir');
    assert.equal(sockets.size, before);
  });
});

describe('whisper.cpp', { skip: missing }, () => {
  const sound = () => toFile(Buffer.from('RIFF....WAVE'), 'a.wav', { type: 'audio/wav' });

  test('transcribes in every form that it has', async () => {
    const ask = async (response_format, more = {}) => client.audio.transcriptions.create({ model: 'ear', file: await sound(), response_format, language: 'de', ...more });
    assert.equal((await ask('json')).text, ' Guten Tag.');
    assert.equal(await ask('text'), ' Guten Tag.\n');
    assert.match(await ask('srt'), /^1\n00:00:00,000 --> /);
    assert.match(await ask('vtt'), /^WEBVTT/);
    const verbose = await ask('verbose_json', { timestamp_granularities: ['word', 'segment'] });
    assert.deepEqual(verbose.words.map(({ word }) => word), ['Guten', ' Tag.']);
    assert.equal(verbose.segments.length, 1);
    clean('whispercpp');
  });

  test('translates', async () => {
    assert.equal((await client.audio.translations.create({ model: 'ear', file: await sound() })).text, ' Good day.');
    assert.equal(servers.whispercpp.last.fields.translate, 'true');
    clean('whispercpp');
  });

  test('refuses what it does not have', async () => {
    await assert.rejects(client.audio.transcriptions.create({ model: 'ear', file: await sound(), stream: true }), (error) => error.status === 400 && error.param === 'stream');
  });
});
