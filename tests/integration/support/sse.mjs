// Reads a streamed answer as a client sees it, byte for byte: what was said, every event, and how it ended.
export async function readStream(response, { onEvent } = {}) {
  const result = { status: response.status, headers: response.headers, id: response.headers.get('x-weir-request-id'),
    type: response.headers.get('content-type') ?? '', events: [], text: '', done: false, error: null, broken: null, usage: null, finish: null, raw: '' };
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  try {
    for await (const bytes of response.body) {
      const text = decoder.decode(bytes, { stream: true });
      result.raw += text;
      rest += text;
      for (let end; (end = rest.indexOf('\n\n')) >= 0; ) {
        const block = rest.slice(0, end);
        rest = rest.slice(end + 2);
        await take(block, result, onEvent);
      }
    }
    result.raw += decoder.decode();
  } catch (error) {
    if (error instanceof TypeError && /decod|encod/i.test(error.message)) throw error;
    result.broken = error.cause?.message ?? error.message;
  }
  result.unfinished = rest;
  if (!result.type.startsWith('text/event-stream')) {
    try {
      result.json = JSON.parse(result.raw);
      result.error = result.json.error ?? null;
    } catch {
      // shown by `raw`
    }
  }
  return result;
}

async function take(block, result, onEvent) {
  const data = block.split('\n').filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart()).join('\n');
  if (!data) return;
  if (data === '[DONE]') {
    result.done = true;
    return;
  }
  const event = JSON.parse(data);
  result.events.push(event);
  if (event.error) result.error = event.error;
  if (event.usage) result.usage = event.usage;
  for (const choice of event.choices ?? []) {
    if (choice.index === 0) result.text += choice.delta?.content ?? choice.text ?? '';
    if (choice.finish_reason) result.finish = choice.finish_reason;
  }
  await onEvent?.(event, result);
}
