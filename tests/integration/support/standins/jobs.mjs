// Stand-ins for servers that work in jobs: Replicate, AUTOMATIC1111, ComfyUI, whisper.cpp. What they are to do stands in
// the prompt: `[[slow]]` is never done, `[[fail]]` fails. `wire.jobs` says what became of each.
import { createHash, randomUUID } from 'node:crypto';

export const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
export const WEBP = Buffer.concat([Buffer.from('RIFF\x24\0\0\0WEBPVP8 '), Buffer.alloc(24)]);

// Asked twice before it is done. Its addresses are somebody else's: nobody may follow them with the credential.
export function replicate() {
  const jobs = new Map();
  const shown = (it, job) => it.own('schemas_prediction_response', {
    id: job.id, model: job.model, version: 'hidden', input: job.input, output: job.output ?? null, data_removed: false, error: job.error ?? null,
    status: job.status, created_at: '2026-01-01T00:00:00Z', metrics: {},
    urls: { get: 'http://127.0.0.1:9/v1/predictions/x', cancel: 'http://127.0.0.1:9/c', web: 'http://127.0.0.1:9/w', stream: 'http://127.0.0.1:9/s' },
  });
  const begin = (it, model, type) => {
    it.hold(type);
    if (it.headers.authorization !== 'Bearer r8-credential') return it.json(401, { title: 'Unauthenticated', detail: 'You did not pass a valid authentication token', status: 401 });
    const job = { id: createHash('sha256').update(randomUUID()).digest('hex').slice(0, 26), model, input: it.body.input, status: 'starting', polls: 0 };
    jobs.set(job.id, job);
    return it.json(201, shown(it, job));
  };
  const advance = (job) => {
    if (job.status !== 'starting' && job.status !== 'processing') return;
    job.polls += 1;
    job.status = 'processing';
    // Words come one by one; `[[slow]]` stops after the first.
    if (!job.model.includes('flux')) job.output = ['The river '];
    if (job.input.prompt.includes('[[slow]]') || job.polls < 2) return;
    const failed = job.input.prompt.includes('[[fail]]');
    Object.assign(job, failed ? { status: 'failed', error: 'NSFW content detected.' } : { status: 'succeeded' });
    if (!failed) job.output = job.model.includes('flux') ? [`https://replicate.delivery/${job.id}/out-0.webp`] : ['The river ', 'rises.'];
  };
  return {
    name: 'replicate', description: 'replicate', jobs,
    answer(it) {
      const official = /^\/v1\/models\/([^/]+\/[^/]+)\/predictions$/.exec(it.path);
      if (official) return begin(it, official[1], 'schemas_prediction_request');
      if (it.method === 'POST' && it.path === '/v1/predictions') return begin(it, it.body.version.split(':')[0], 'schemas_version_prediction_request');
      const [, id, cancel] = /^\/v1\/predictions\/(\w+)(\/cancel)?$/.exec(it.path) ?? [];
      const job = jobs.get(id);
      if (!job) return it.json(404, { detail: 'Not found.', status: 404 });
      if (cancel) job.status = 'canceled';
      else advance(job);
      return it.json(200, shown(it, job));
    },
  };
}

// One lock for all jobs, and one word that stops whichever runs.
export function automatic1111() {
  const state = { running: 0, most: 0, interrupts: 0, stop: null, looks: [] };
  return {
    name: 'automatic1111', description: 'automatic1111', state, picture: PNG,
    async answer(it) {
      const made = it.path === '/sdapi/v1/txt2img' ? 'Txt2Img' : it.path === '/sdapi/v1/img2img' ? 'Img2Img' : null;
      if (it.path === '/sdapi/v1/interrupt') {
        state.interrupts += 1;
        state.stop?.();
        return it.json(200, 'null');
      }
      if (it.path === '/sdapi/v1/progress') {
        state.looks.push(it.query.get('skip_current_image'));
        if (state.blind) return it.json(404, { detail: 'Not Found' });
        const looks = state.looks.length;
        return it.json(200, it.own('Progress', { progress: Math.min(0.2 * looks, 0.9), eta_relative: 1.5, state: {}, current_image: looks < 2 ? null : this.picture.toString('base64'), textinfo: null }));
      }
      if (it.path === '/sdapi/v1/sd-models') return it.json(200, [{ title: 'base.safetensors [1]', model_name: 'base', filename: '/x' }]);
      if (!made) return it.json(404, { detail: 'Not Found' });
      it.hold(made);
      state.running += 1;
      state.most = Math.max(state.most, state.running);
      await new Promise((done) => {
        state.stop = done;
        if (!it.body.prompt.includes('[[slow]]')) setTimeout(done, it.body.prompt.includes('[[patient]]') ? 1_800 : 150);
      });
      state.running -= 1;
      if (it.body.prompt.includes('[[fail]]')) return it.json(500, { error: 'OutOfMemoryError', detail: '', body: '', errors: 'CUDA out of memory.' });
      const images = it.body.prompt.includes('[[huge]]') ? [Buffer.concat([PNG, Buffer.alloc(45 * 1024 * 1024, 7)]).toString('base64')]
        : Array.from({ length: it.body.n_iter ?? 1 }, () => this.picture.toString('base64'));
      return it.json(200, it.own('ImageResponse', { images, parameters: {}, info: JSON.stringify({ seed: it.body.seed }) }));
    },
  };
}

// A server's frame of a WebSocket: a text, or bytes.
export function webSocketFrame(data, opcode = typeof data === 'string' ? 1 : 2) {
  const bytes = Buffer.from(data);
  const head = bytes.length < 126 ? Buffer.from([0x80 | opcode, bytes.length]) : Buffer.from([0x80 | opcode, 126, bytes.length >> 8, bytes.length & 255]);
  return Buffer.concat([head, bytes]);
}

// History is empty until a job is done; the second look finds it. `[[watch]]` takes two seconds and tells of itself over the
// socket of its client.
export function comfyui() {
  const jobs = new Map();
  const sockets = new Map(); // by client
  const listen = (server) => server.on('upgrade', (request, socket) => {
    const key = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
    const heard = { socket, bytes: Buffer.alloc(0), closed: false };
    socket.on('data', (data) => { heard.bytes = Buffer.concat([heard.bytes, data]); });
    for (const end of ['end', 'close', 'error']) socket.on(end, () => { heard.closed = true; socket.destroy(); });
    sockets.set(new URL(request.url, 'http://x').searchParams.get('clientId'), heard);
  });
  const say = (job) => {
    const progress = (value) => webSocketFrame(JSON.stringify({ type: 'progress', data: { value, max: 20, prompt_id: job.id, node: '3' } }));
    const preview = Buffer.concat([Buffer.from([0, 0, 0, 1, 0, 0, 0, 2]), PNG]);
    const frames = [webSocketFrame(JSON.stringify({ type: 'status', data: { status: {} } })), webSocketFrame('hi', 9), progress(5), webSocketFrame(preview), progress(10), webSocketFrame(preview), webSocketFrame(Buffer.from([0, 0, 0, 7, 1])), progress(20)];
    // Cut where a socket likes to.
    const all = Buffer.concat(frames);
    for (let at = 0; at < all.length; at += 7) setTimeout(() => sockets.get(job.client)?.socket.write(all.subarray(at, at + 7)), 700 + at * 3);
  };
  const uploads = [];
  return {
    name: 'comfyui', description: 'comfyui', jobs, uploads, sockets, listen,
    answer(it) {
      if (it.path === '/upload/image') {
        uploads.push(it.text);
        return it.json(200, { name: `up-${uploads.length}.png`, subfolder: '', type: 'input' });
      }
      if (it.method === 'POST' && it.path === '/prompt') {
        it.hold('PromptRequest');
        const graph = it.body.prompt;
        if (JSON.stringify(graph).includes('[[refuse]]')) {
          return it.json(400, { error: { type: 'prompt_outputs_failed_validation', message: 'Prompt outputs failed validation', details: '', extra_info: {} },
            node_errors: { 4: { class_type: 'CheckpointLoaderSimple', dependent_outputs: ['9'], errors: [{ type: 'value_not_in_list', message: 'Value not in list', details: "ckpt_name: 'x'", extra_info: {} }] } } });
        }
        const job = { id: it.body.prompt_id, client: it.body.client_id, graph, looks: 0, state: 'waiting', watched: JSON.stringify(graph).includes('[[watch]]') };
        if (job.watched) say(job);
        jobs.set(job.id, job);
        return it.json(200, { prompt_id: job.id, number: 1, node_errors: {} });
      }
      const [, id] = /^\/history\/([\w-]+)$/.exec(it.path) ?? [];
      if (id) {
        const job = jobs.get(id);
        if (!job || ++job.looks < (job.watched ? 5 : 2) || JSON.stringify(job.graph).includes('[[slow]]')) return it.json(200, {});
        if (JSON.stringify(job.graph).includes('[[fail]]')) {
          return it.json(200, { [id]: { outputs: {}, status: { status_str: 'error', completed: false, messages: [['execution_error', { node_id: '3', node_type: 'KSampler', exception_message: 'out of memory' }]] } } });
        }
        return it.json(200, { [id]: { outputs: { 9: { images: [{ filename: 'weir 1.png', subfolder: 'a/b', type: 'output' }] } }, status: { status_str: 'success', completed: true, messages: [] } } });
      }
      if (it.path === '/view') {
        it.begin('image/png');
        return it.response.end(it.query.get('filename') === 'weir 1.png' && it.query.get('subfolder') === 'a/b' ? PNG : 'no');
      }
      if (it.path === '/queue' && it.method === 'POST') {
        for (const gone of it.body.delete ?? []) if (jobs.has(gone)) jobs.get(gone).state = 'deleted';
        return it.json(200, '');
      }
      if (it.path === '/interrupt') {
        const job = jobs.get(it.body?.prompt_id);
        if (job) job.interrupted = true;
        return it.json(200, '');
      }
      return it.json(404, {});
    },
  };
}

// The fields of a form as texts, of a file its name.
export function formFields(text, type) {
  const boundary = /boundary=(\S+)/.exec(type)?.[1];
  const fields = {};
  for (const part of text.split(`--${boundary}`).slice(1, -1)) {
    const [head, ...rest] = part.split('\r\n\r\n');
    fields[/name="([^"]*)"/.exec(head)[1]] = /filename="([^"]*)"/.exec(head)?.[1] ?? rest.join('\r\n\r\n').slice(0, -2);
  }
  return fields;
}

export function whispercpp() {
  return {
    name: 'whispercpp', description: 'whispercpp',
    answer(it) {
      if (it.path !== '/inference') return it.json(404, {});
      const fields = formFields(it.text, it.headers['content-type']);
      it.hold('Inference', fields);
      it.fields = fields;
      const format = fields.response_format ?? 'json';
      const said = fields.translate === 'true' ? ' Good day.' : ' Guten Tag.';
      const send = (type, body) => { it.begin(type); it.response.end(body); };
      if (format === 'text') return send('text/html; charset=utf-8', `${said}\n`);
      if (format === 'srt') return send('application/x-subrip', `1\n00:00:00,000 --> 00:00:01,000\n${said}\n\n`);
      if (format === 'vtt') return send('text/vtt', `WEBVTT\n\n00:00.000 --> 00:01.000\n${said}\n\n`);
      if (format === 'verbose_json') {
        const words = [{ word: 'Guten', start: 0, end: 0.4, t_dtw: -1, probability: 0.9 }, { word: ' Tag.', start: 0.4, end: 0.9, t_dtw: -1, probability: 0.9 }];
        return it.json(200, it.own('Verbose', { task: 'transcribe', language: 'german', duration: 1, text: said, segments: [{ id: 0, text: said, start: 0, end: 1, tokens: [1], words, temperature: 0, avg_logprob: -0.2, no_speech_prob: 0 }] }));
      }
      return it.json(200, { text: said });
    },
  };
}
