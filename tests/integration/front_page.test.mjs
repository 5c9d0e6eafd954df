// The page at `/` as a browser meets it: real requests, a real Chromium, hostile names, narrow and wide, light and dark.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { before, describe, test } from 'node:test';

import { chromium } from 'playwright-core';

import { PRIVATE, ask, cloud, local, model } from './support/configs.mjs';
import { StandIn } from './support/fault_upstream.mjs';
import { Weir, createKey, suiteScope, tempDir } from './support/process.mjs';

const BROWSER = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path));
const HOSTILE = '"><script>document.title = "owned"</script><img src=x onerror=alert(1)>';
const browserLike = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };

let near;
const scope = suiteScope();
before(async () => {
  near = await StandIn.start(scope);
});
const config = () => ({
  providers: [local('near', near), cloud('far', near)],
  models: [model('ok', 'near', 'ok'), model('far-ok', 'far', 'ok', { prices: { input: 2.5, output: 10 } })],
  routes: [{ name: 'assistant', baseline: 'far-ok', rules: [{ when: { sensitive: 'any' }, zones: ['local'] }, { use: ['ok', 'far-ok'] }] }],
});

async function visited(weir) {
  await weir.chat(ask('assistant'));
  await weir.chat({ model: 'assistant', messages: [{ role: 'user', content: PRIVATE }] });
  await weir.chat(ask(HOSTILE));
  const response = await fetch(`${weir.url}/`, browserLike);
  return { response, html: await response.text() };
}

test('what was asked, where it went and what it cost is there at once, and no prompt', async (t) => {
  const weir = await Weir.start(t, { config: config() });
  const { response, html } = await visited(weir);
  assert.equal(response.status, 200);
  for (const word of ['assistant', 'ok (local)', 'kept local', 'Spend and savings', 'cloud', 'far-ok']) assert.ok(html.includes(word), word);
  assert.ok(!html.includes('4111') && !html.includes('jane.doe') && !html.includes('river'), 'no prompt and no answer');
  assert.ok(!html.includes('<script') && !html.includes('<img'), 'names are text');
  assert.equal((await fetch(`${weir.url}/`, { method: 'HEAD' })).status, 200);
  assert.equal((await (await fetch(`${weir.url}/`)).json()).base_url, `${weir.url}/v1`);
});

test('with keys a stranger learns only that', async (t) => {
  const data = tempDir(t);
  const { key: secret } = createKey(data, ['--name', 'app']);
  const admin = createKey(data, ['--name', 'boss', '--admin']).key;
  const weir = await Weir.start(t, { config: config(), data });
  await weir.chat(ask('assistant'), { headers: { authorization: `Bearer ${secret}` } });
  const seenBy = async (key) => (await fetch(`${weir.url}/`, { headers: { ...browserLike.headers, ...(key ? { authorization: `Bearer ${key}` } : {}) } })).text();
  for (const key of [null, 'wk-wrong', secret]) {
    const html = await seenBy(key);
    assert.match(html, /Keys are in use here/);
    assert.doesNotMatch(html, /assistant|far-ok|Spend|Last requests/);
  }
  assert.match(await seenBy(admin), /assistant[^]*Last requests/);
});

test('pages of other sites cannot read it, and names that were pointed here are refused', async (t) => {
  const weir = await Weir.start(t, { config: { ...config(), server: { cors: ['https://app.example.org'] } } });
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }]) {
    assert.equal((await fetch(`${weir.url}/`, { headers })).status, 403);
  }
  const listed = await fetch(`${weir.url}/`, { headers: { origin: 'https://app.example.org', ...browserLike.headers } });
  assert.equal(listed.headers.get('access-control-allow-origin'), null);
});

describe('in Chromium', { skip: BROWSER ? false : 'needs a browser: apt-get install chromium' }, () => {
  const inside = suiteScope();
  let browser;
  let weir;
  before(async () => {
    weir = await Weir.start(inside, { config: config() });
    await visited(weir);
    browser = await chromium.launch({
      executablePath: BROWSER,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
    inside.after(() => browser.close());
  });

  for (const [where, options] of [
    ['on a desk', { viewport: { width: 1200, height: 900 } }],
    ['on a phone', { viewport: { width: 400, height: 800 }, isMobile: true }],
    ['in the dark', { viewport: { width: 1200, height: 900 }, colorScheme: 'dark' }],
    ['without scripts', { viewport: { width: 1200, height: 900 }, javaScriptEnabled: false }],
  ]) {
    test(`${where} it loads nothing else, runs nothing, and no text runs out of its place`, async (t) => {
      const context = await browser.newContext(options);
      t.after(() => context.close());
      const page = await context.newPage();
      const asked = [];
      const complaints = [];
      page.on('request', (request) => asked.push(request.url()));
      page.on('console', (message) => complaints.push(message.text()));
      page.on('dialog', (dialog) => complaints.push(dialog.message()) && dialog.dismiss());
      await page.goto(`${weir.url}/`);
      assert.deepEqual(asked, [`${weir.url}/`]);
      assert.deepEqual(complaints, []);
      assert.equal(await page.title(), 'Weir');
      assert.ok((await page.textContent('main')).includes('<script>'), 'the hostile name is shown as text');
      const styled = await page.locator('section').first().evaluate((section) => getComputedStyle(section).borderRadius);
      assert.equal(styled, '10px', 'the policy lets its own style through');
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${wide} px too wide`);
    });
  }
});
