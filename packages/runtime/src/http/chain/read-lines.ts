/** Splits a body into its lines; a part without a line's end is none. */
export async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let pending = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (pending + decoder.decode(value, { stream: true })).split('\n');
      pending = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    // Whoever stops reading early lets go of the connection too.
    await reader.cancel().catch(() => undefined);
  }
}
