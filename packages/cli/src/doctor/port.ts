import { createServer } from 'node:net';
import { readConfigurationIfValid } from '../configuration.ts';
import { findRunning } from '../connect.ts';
import { finding } from './check.ts';
import type { Check } from './check.ts';

const defaults = { host: '127.0.0.1', port: 9_119 };

/** Whether the API's port can be taken, by listening on it for a moment. */
export const checkPort: Check = async (context, home) => {
  const { port, host } = (await readConfigurationIfValid(context))?.config.http ?? defaults;
  const running = await findRunning(context.host, home);
  if (running !== undefined && Number(new URL(running.url).port) === port) {
    return [finding('info', 'port/ours', `port ${port} is held by this home's runtime`)];
  }
  const fault = await tryListen(port, host);
  if (fault === undefined) return [finding('info', 'port/free', `port ${port} is free`)];
  const why = fault === 'EADDRINUSE' ? 'is taken by another process' : `cannot be taken: ${fault}`;
  // With our own runtime on another port nobody needs this one.
  const severity = running === undefined ? 'error' : 'info';
  return [
    finding(severity, 'port/taken', `port ${port} ${why}`, {
      hint: 'kora up --port 0, or set KORA_WEB_PORT',
    }),
  ];
};

async function tryListen(port: number, host: string): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
