// A worker as a stranger writes it, in a process of its own: node worker-process.ts URL finish|hang, the token in the
// environment. It tells on its standard output what it claimed, and what became of that.
import { createKoraWorker } from '../client.ts';

const [, , url = '', mode = 'finish'] = process.argv;
const tell = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());

const worker = createKoraWorker({
  url,
  token: process.env['KORA_WORKER_TOKEN'] ?? '',
  kinds: ['mail'],
  signal: stop.signal,
  onError: (error) => tell({ error: String(error) }),
  // The claim token never reaches the work: the test takes it from the wire.
  fetch: async (...request) => {
    const answer = await fetch(...request);
    if (answer.url.endsWith('/claim')) tell({ claim: await answer.clone().json() });
    return answer;
  },
  work: async (ticket) => {
    const sent = await ticket.operation(
      { id: 'send', tool: 'smtp', sideEffects: 'idempotent', request: ticket.payload },
      (key) => Promise.resolve({ key }),
    );
    await ticket.note('it is in the box');
    ticket.progress({ percent: 90 });
    if (mode === 'hang') {
      tell({ working: ticket.ticketId });
      await new Promise<void>((resolve) => {
        ticket.signal.addEventListener('abort', () => resolve(), { once: true });
      });
      tell({ aborted: ticket.ticketId });
      throw ticket.signal.reason;
    }
    return { resolution: 'completed', summary: 'sent', result: { ...sent } };
  },
});
try {
  await worker.run();
  tell({ stopped: true });
} catch (error) {
  tell({ refused: error instanceof Error && 'code' in error ? error.code : String(error) });
}
