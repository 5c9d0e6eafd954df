// The HTML report in a real Chromium: it loads nothing, runs nothing, says nothing in the console, its charts are drawn, and
// no text runs out of its place, on a desk, on a phone, in the dark and on paper.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { chromium } from 'playwright-core';

import { cli, root, suiteScope, tempDir } from './support/process.mjs';

const BROWSER = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path));

const REPORTS = {
  plan: ['plan', join(root, 'examples/plans/one-million.yaml')],
  advice: ['advise', '--answers', join(root, 'examples/advice/enterprise.yaml')],
  size: ['plan', 'size', 'llama-3-70b'],
};

describe('the HTML report in Chromium', { skip: BROWSER ? false : 'needs a browser: apt-get install chromium' }, () => {
  const scope = suiteScope();
  const pages = {};
  let browser;
  before(async () => {
    const folder = tempDir(scope);
    for (const [name, args] of Object.entries(REPORTS)) {
      const file = join(folder, `${name}.html`);
      const made = cli([...args, '--html', file]);
      assert.equal(made.code, 0, made.stderr);
      pages[name] = pathToFileURL(file).href;
    }
    browser = await chromium.launch({
      executablePath: BROWSER,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync'],
    });
    scope.after(() => browser.close());
  });

  // Opens a report without a network; tells what it asked for and what it complained of.
  async function open(name, options) {
    const context = await browser.newContext({ offline: true, javaScriptEnabled: true, ...options });
    const page = await context.newPage();
    const asked = [];
    const complaints = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(pages[name]);
    return { page, asked, complaints, close: () => context.close() };
  }

  // Texts that are wider than where they stand, or outside the page or their drawing.
  const overflowing = () => {
    const out = [];
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > width) out.push(`the page is ${document.documentElement.scrollWidth} wide`);
    for (const one of document.querySelectorAll('h1, h2, h3, p, li, th, td, figcaption, summary')) {
      if (one.closest('thead') && getComputedStyle(one.closest('thead')).position === 'absolute') continue;
      if (!one.checkVisibility()) continue;
      const box = one.getBoundingClientRect();
      if (box.right > width + 0.5 || box.left < -0.5 || one.scrollWidth > one.clientWidth + 1) out.push(one.textContent.slice(0, 60));
    }
    for (const drawing of document.querySelectorAll('figure > svg')) {
      const frame = drawing.getBoundingClientRect();
      if (frame.width === 0) continue;
      for (const text of drawing.querySelectorAll('text')) {
        const box = text.getBoundingClientRect();
        const inside = box.left >= frame.left - 1 && box.right <= frame.right + 1 && box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1;
        if (!inside) out.push(`in a chart: ${text.textContent}`);
      }
    }
    return out;
  };

  for (const name of Object.keys(REPORTS)) {
    for (const [where, options] of [
      ['on a desk', { viewport: { width: 1280, height: 900 } }],
      ['on a phone', { viewport: { width: 400, height: 800 }, isMobile: true }],
      ['in the dark', { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' }],
    ]) {
      test(`${name} ${where}: one file, quiet, nothing overflows`, async () => {
        const { page, asked, complaints, close } = await open(name, options);
        assert.deepEqual(asked.filter((url) => !url.startsWith('data:')), [pages[name]]);
        assert.deepEqual(complaints, []);
        assert.deepEqual(await page.evaluate(overflowing), []);
        await close();
      });
    }
  }

  for (const name of ['plan', 'advice']) {
    test(`${name}: charts are drawn, one version at a time, named and with their numbers`, async () => {
      for (const width of [1280, 400]) {
        const { page, close } = await open(name, { viewport: { width, height: 900 } });
        const charts = await page.$$eval('figure', (figures) => figures.map((figure) => {
          const shown = [...figure.querySelectorAll(':scope > svg')].filter((svg) => svg.getBoundingClientRect().height > 100);
          return {
            shown: shown.length,
            marks: shown[0]?.querySelectorAll('path.curve, rect.bar').length ?? 0,
            title: shown[0]?.querySelector('title')?.textContent ?? '',
            description: shown[0]?.querySelector('desc')?.textContent ?? '',
            rows: figure.querySelectorAll('details tbody tr').length,
          };
        }));
        assert.ok(charts.length >= 2, 'there are charts');
        for (const chart of charts) {
          assert.equal(chart.shown, 1, chart.title);
          assert.ok(chart.marks >= 1 && chart.rows >= 1, chart.title);
          assert.ok(chart.title.length > 3 && chart.description.length > 10);
        }
        await close();
      }
    });
  }

  test('dark and light differ, and both can be read', async () => {
    const colours = {};
    for (const colorScheme of ['light', 'dark']) {
      const { page, close } = await open('plan', { colorScheme });
      colours[colorScheme] = await page.evaluate(() => {
        const luminance = (css) => {
          const [r, g, b] = css.match(/\d+/g).map((part) => {
            const c = Number(part) / 255;
            return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const card = luminance(getComputedStyle(document.querySelector('section')).backgroundColor);
        return {
          card,
          text: contrast(card, luminance(getComputedStyle(document.querySelector('h2')).color)),
          soft: contrast(card, luminance(getComputedStyle(document.querySelector('thead th')).color)),
        };
      });
      await close();
    }
    assert.ok(colours.light.card > 0.8 && colours.dark.card < 0.1);
    for (const { text, soft } of Object.values(colours)) assert.ok(text > 7 && soft > 4.5, JSON.stringify(colours));
  });

  test('it prints: a PDF of a few pages', async () => {
    const { page, close } = await open('plan', {});
    const pdf = await page.pdf({ format: 'A4' });
    assert.ok(pdf.length > 10_000);
    await close();
  });
});
