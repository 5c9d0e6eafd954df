// examples/hr.yaml on the traffic beside it: job descriptions go to the cloud, and of applications not one byte does.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { EchoCloud } from './support/echo_cloud.mjs';
import { Weir, root, suiteScope } from './support/process.mjs';

const scope = suiteScope();
const traffic = readFileSync(join(root, 'examples/traffic/hr.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
// What tells who somebody is, in the traffic and in what is asked below.
const PERSONAL = ['Maria', 'Gonzalez', 'Baker Street', '62704', 'Schmidt', 'March 1988', 'jonas.weber', '901820', 'Muslim', 'Novak', 'Mill Lane', '1979', 'loved bread', 'Ten years of ovens'];

let desk;
let cloud;
let weir;
before(async () => {
  desk = await EchoCloud.start(scope);
  cloud = await EchoCloud.start(scope);
  const text = readFileSync(join(root, 'examples/hr.yaml'), 'utf8')
    .replace(/url: http:\/\/127\.0\.0\.1:8080.*/, `url: ${desk.url}`)
    .replace('kind: openai ', `kind: openai\n    url: ${cloud.url}\n    api_key: standin-key `);
  assert.ok(text.includes(desk.url) && text.includes(cloud.url));
  weir = await Weir.start(scope, { config: text });
});

for (const stream of [false, true]) {
  test(`each line of the traffic goes where it says, ${stream ? 'streamed' : 'whole'}`, async () => {
    for (const request of traffic) {
      const { headers, status, text } = await weir.chat({ ...request, stream });
      assert.equal(status, 200, text);
      assert.equal(headers.get('x-weir-zone'), request.metadata.expected, JSON.stringify(request));
    }
    assert.ok(cloud.bytes.includes('free bread'), 'adverts are written there');
    for (const word of PERSONAL) {
      assert.ok(!cloud.bytes.includes(word), `${word} left`);
      assert.ok(desk.bytes.includes(word), word);
    }
  });
}

test('whoever names the cloud model for an application is refused, whichever field it stands in', async () => {
  const before = cloud.bytes.length;
  for (const request of traffic.filter(({ model, metadata }) => model === 'jobs' && metadata.expected === 'local')) {
    const said = request.messages.at(-1).content;
    for (const messages of [
      request.messages, [{ role: 'system', content: said }, { role: 'user', content: 'Go on.' }], [{ role: 'user', content: [{ type: 'text', text: said }] }],
      [{ role: 'user', content: 'x' }, { role: 'assistant', content: null, tool_calls: [{ id: 'c', type: 'function', function: { name: 'find', arguments: JSON.stringify({ note: said }) } }] }, { role: 'tool', tool_call_id: 'c', content: 'found' }],
    ]) {
      const { status, json } = await weir.chat({ model: 'large', messages });
      assert.equal(status, 400, said);
      assert.equal(json.error.code, 'zone_refused');
      assert.equal((await weir.chat({ model: 'jobs', messages })).headers.get('x-weir-zone'), 'local');
    }
  }
  assert.equal(cloud.bytes.length, before, 'not a byte');
});

test('without its own machine an application waits and is refused; it never goes elsewhere', async () => {
  desk.server.closeAllConnections();
  await new Promise((done) => desk.server.close(done));
  const before = cloud.bytes.length;
  for (const request of traffic.filter(({ metadata }) => metadata.expected === 'local')) {
    const { status } = await weir.chat(request);
    assert.ok(status >= 500, `${status}`);
  }
  assert.equal(cloud.bytes.length, before);
  const advert = await weir.chat(traffic[0]);
  assert.equal(advert.headers.get('x-weir-zone'), 'cloud');
});
