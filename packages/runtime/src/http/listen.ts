import type { Server } from 'node:http';
import { fault, messageOf } from '../fault/index.ts';
import { codeOf } from '../store/index.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 asks the system for a free one. */
  readonly port: number;
  /** What an operator does when the port is taken. */
  readonly fix: string;
  readonly onError: (where: string, error: unknown) => void;
}

/** Answers the port. Throws KORA_PORT_TAKEN naming it. */
export function listen(server: Server, { host, port, fix, onError }: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const taken = codeOf(error) === 'EADDRINUSE';
      const message = taken
        ? `port ${port} on ${host} is taken by another process`
        : `cannot listen on ${host}:${port}: ${messageOf(error)}`;
      reject(fault('KORA_PORT_TAKEN', message, { fix, details: { port, host }, cause: error }));
    });
    server.listen(port, host, () => {
      // From now on an error is one connection's, and must not end the process.
      server.removeAllListeners('error');
      server.on('error', (error) => onError('http server', error));
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/**
 * The same port on the other loopback address, so that `localhost` is Kora whichever a browser tries first. A machine
 * without it, or where somebody else has that port there, goes without; answers whether it listens.
 */
export function listenBeside(server: Server, host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ host, port, ipv6Only: true }, () => resolve(true));
  });
}

/** Streams end by their signal; idle keep-alive connections are cut. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 500).unref();
  });
}

/** `http://127.0.0.1:9119`. */
export function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
