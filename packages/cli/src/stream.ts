import { refusal } from './fault.ts';

/** One message of a server-sent event stream. */
export interface Frame {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

/** Longest message taken before the stream is given up as broken, in characters. */
const longestFrame = 4_000_000;

/** Splits a body into its messages, as WHATWG says; a half message at the end is dropped. */
export async function* framesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Frame, void> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const bytes of body) {
    // A carriage return at the end of a piece may be half of a line's end: it waits for the next piece.
    const text = pending + decoder.decode(bytes, { stream: true });
    const held = text.endsWith('\r') ? 1 : 0;
    const blocks = text
      .slice(0, text.length - held)
      .replaceAll(/\r\n?/g, '\n')
      .split('\n\n');
    pending = (blocks.pop() ?? '') + (held === 1 ? '\r' : '');
    for (const block of blocks) {
      const frame = frameOf(block);
      if (frame !== undefined) yield frame;
    }
    if (pending.length > longestFrame)
      throw refusal('KORA_INTERNAL', 'the event stream sent a message without an end');
  }
}

function frameOf(block: string): Frame | undefined {
  let id: string | undefined;
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
    else if (field === 'id') id = value;
  }
  return data.length === 0 ? undefined : { id, event, data: data.join('\n') };
}
