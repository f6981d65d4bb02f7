import { subscribe } from 'node:diagnostics_channel';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createKora } from '@kora/runtime';
import { createKoraClient } from '@kora/runtime/client';
import type { PluginContext, Registration, TicketHandler } from '@kora/runtime/plugin';
import { urlOf } from '../server/server.ts';
import type { Hand, OpenHand, TicketBody } from './contestant.ts';
import { kind } from './kora.ts';

const plugin = fileURLToPath(new URL('./kora-plugin', import.meta.url));

/** A whole runtime in this process, on the database that is given, with a home of its own. */
export const koraHand: OpenHand = async ({ connection, tuning }, work) => {
  if (tuning['url'] !== undefined) return clientHand(String(tuning['url']), String(tuning['token']));
  const home = mkdtempSync(join(tmpdir(), 'kora-bench-hand-'));
  const { connections } = tuning;
  if (connections !== undefined)
    writeFileSync(join(home, 'kora.json'), JSON.stringify({ store: { connections: Number(connections) } }));
  const registered = Promise.withResolvers<PluginContext<unknown>>();
  subscribe('kora-bench', (context) => registered.resolve(context as PluginContext<unknown>));
  const kora = await createKora({
    home,
    cwd: home,
    env: { ...process.env, KORA_DATABASE_URL: urlOf(connection) },
    port: 0,
    bundled: [plugin],
    adopt: true,
  });
  const context = await registered.promise;
  let registration: Registration | undefined;
  return {
    begin: async () => {
      registration = await context.registerTicketHandler({
        kind,
        ...tunedHandler(tuning),
        work: async ({ payload }) => {
          const { by } = await work(payload as unknown as TicketBody);
          return { resolution: 'completed', summary: 'worked', result: { by } };
        },
      });
    },
    halt: async () => {
      await registration?.dispose();
    },
    add: async (ticket) => {
      await context.tickets.add(wishOf(ticket));
    },
    place: () => ({
      url: kora.ready.url,
      token: readFileSync(join(home, 'api-token'), 'utf8').trim(),
    }),
    close: async () => {
      await kora.stop('the benchmark is over');
      rmSync(home, { recursive: true, force: true });
    },
  };
};

/** Another program of the same operator: it adds tickets through the API of a runtime that runs. */
function clientHand(url: string, token: string): Hand {
  const client = createKoraClient({ url, token });
  return {
    begin: () => Promise.resolve(),
    halt: () => Promise.resolve(),
    add: async (ticket) => {
      await client.tickets.add(wishOf(ticket));
    },
    close: () => Promise.resolve(),
  };
}

function wishOf(ticket: TicketBody): {
  readonly kind: string;
  readonly title: string;
  readonly payload: Record<string, unknown>;
} {
  return { kind, title: `ticket ${ticket.n}`, payload: { ...ticket } };
}

function tunedHandler({
  concurrency,
  prefetch,
}: Readonly<Record<string, unknown>>): Pick<TicketHandler, 'concurrency' | 'prefetch'> {
  return {
    ...(concurrency === undefined ? {} : { concurrency: Number(concurrency) }),
    ...(prefetch === undefined ? {} : { prefetch: Number(prefetch) }),
  };
}
