// Vertex AI by a service account: the token that Weir signs itself is used as it is; where it is refused it is exchanged
// where the key file says, and that one used until it ends.
import assert from 'node:assert/strict';
import { createVerify, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { Weir, suiteScope, tempDir } from './support/process.mjs';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const state = { takesOwn: false, seconds: 3600, refuses: null, tokens: 0, asked: [], exchanges: [] };
const decoded = (part) => JSON.parse(Buffer.from(part, 'base64url'));

function claimsOf(token) {
  const [head, claims, signature] = token.split('.');
  if (!signature || !createVerify('RSA-SHA256').update(`${head}.${claims}`).verify(publicKey, Buffer.from(signature, 'base64url'))) return null;
  return decoded(claims);
}

function exchange(body, response, url) {
  const form = new URLSearchParams(body);
  const claims = claimsOf(form.get('assertion'));
  state.exchanges.push(claims);
  response.setHeader('content-type', 'application/json');
  if (state.refuses) {
    response.statusCode = state.refuses;
    return response.end(JSON.stringify({ error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }));
  }
  assert.equal(form.get('grant_type'), 'urn:ietf:params:oauth:grant-type:jwt-bearer');
  assert.equal(claims.aud, `${url}/token`);
  state.tokens += 1;
  return response.end(JSON.stringify({ access_token: `ya29.${state.tokens}`, expires_in: state.seconds, token_type: 'Bearer' }));
}

const scope = suiteScope();
let weir;
before(async () => {
  let url;
  const server = http.createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      if (request.url === '/token') return exchange(Buffer.concat(parts).toString(), response, url);
      const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
      state.asked.push(token.startsWith('ya29') ? token : 'own');
      response.setHeader('content-type', 'application/json');
      const good = token === `ya29.${state.tokens}` || (state.takesOwn && claimsOf(token));
      if (!good) {
        response.statusCode = 401;
        return response.end(JSON.stringify({ error: { code: 401, message: 'Request had invalid authentication credentials.', status: 'UNAUTHENTICATED' } }));
      }
      return response.end(JSON.stringify({ candidates: [{ content: { role: 'model', parts: [{ text: 'Hello.' }] }, finishReason: 'STOP' }], usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 } }));
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  scope.after(() => new Promise((done) => { server.closeAllConnections(); server.close(done); }));
  url = `http://127.0.0.1:${server.address().port}`;
  const file = join(tempDir(scope), 'account.json');
  writeFileSync(file, JSON.stringify({ type: 'service_account', client_email: 'weir@p.iam.gserviceaccount.com', private_key_id: 'k1', token_uri: `${url}/token`,
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }) }), { mode: 0o600 });
  weir = await Weir.start(scope, { args: ['--threads', '1'], config: {
    providers: [{ id: 'v', kind: 'vertex', url: `${url}/v1/projects/p/locations/l/publishers/google`, service_account: file, zone: 'cloud', health_check: false, discover: false, retries: 0 }],
    models: [{ id: 'g', provider: 'v', name: 'gemini-2.5-flash', prices: { input: 1, output: 1 } }],
    routes: [{ name: 'r', rules: [{ use: ['g'] }] }],
  } });
});

async function ask() {
  Object.assign(state, { asked: [], exchanges: [] });
  const response = await fetch(`${weir.url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: 'g', messages: [{ role: 'user', content: 'Hi' }] }) });
  return { status: response.status, body: await response.json() };
}

test('a token of its own that is taken is never exchanged', async () => {
  state.takesOwn = true;
  assert.equal((await ask()).status, 200);
  assert.deepEqual([state.asked, state.exchanges.length], [['own'], 0]);
});

test('one that is refused is exchanged, and the caller does not notice', async () => {
  state.takesOwn = false;
  const { status, body } = await ask();
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(state.asked, ['own', 'ya29.1']);
  assert.equal(state.exchanges[0].iss, 'weir@p.iam.gserviceaccount.com');
  assert.equal((await ask()).status, 200);
  assert.deepEqual([state.asked, state.exchanges.length], [['ya29.1'], 0], 'kept');
});

test('one that is revoked is exchanged anew, once, however short it holds', async () => {
  state.tokens += 1; // ya29.1 is none any more
  state.seconds = 200;
  assert.equal((await ask()).status, 200);
  assert.deepEqual(state.asked, ['ya29.1', 'ya29.3']);
  assert.equal((await ask()).status, 200);
  assert.deepEqual([state.asked, state.exchanges.length], [['ya29.3'], 0]);
});

test('where it cannot be exchanged, the refusal is that of a credential', async () => {
  state.tokens += 1;
  state.refuses = 400;
  const { status, body } = await ask();
  assert.ok(status >= 500 && !JSON.stringify(body).includes('ya29'), `${status} ${JSON.stringify(body)}`);
  assert.match(weir.output, /Invalid JWT Signature/, 'the log says why');
  assert.ok(!weir.output.includes('ya29'), 'and holds no token');
});
