import { connect } from 'node:net';

/** What came back: its status, or how it ended without one. */
export type Heard = number | 'closed' | 'silent';

const patienceMs = 3_000;

/** Writes bytes to a port and hears the first line of what is answered; then hangs up. */
export function knock(port: number, bytes: Buffer): Promise<Heard> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let heard = '';
    const end = (what: Heard): void => {
      socket.destroy();
      resolve(what);
    };
    socket.setTimeout(patienceMs, () => end('silent'));
    socket.on('error', () => end('closed'));
    socket.on('close', () => end('closed'));
    socket.on('connect', () => socket.write(bytes));
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(heard)?.[1];
      if (status !== undefined) end(Number(status));
      else if (heard.length > 64) end('closed');
    });
  });
}
