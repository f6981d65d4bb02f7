import { expect, test } from 'vitest';
import { reasonServices } from './reason-services.ts';
import type { ReasonRooms } from './reason-services.ts';
import type { PluginOwner } from './plugin/index.ts';

type Asked = Parameters<ReasonRooms['reason']['ask']>;

function asking(owner: PluginOwner): {
  readonly asked: Asked[];
  readonly ask: (request: object) => Promise<unknown>;
} {
  const asked: Asked[] = [];
  const nothing = (): never => expect.unreachable('an engine is none of this test');
  const rooms = {
    reason: {
      ask: (...args: Asked) => {
        asked.push(args);
        return Promise.resolve({});
      },
      engines: { register: nothing },
      engineOf: () => ({ beginCall: nothing, endCall: nothing, callTool: nothing }),
    },
    worker: {
      claimOf: (ticketId: number) => (ticketId === 7 ? { ticketId: 7, fence: 3, kind: 'mail' } : undefined),
    },
  } as unknown as ReasonRooms;
  const { reason } = reasonServices(rooms, owner, (kind) => kind === 'mail');
  return { asked, ask: (request) => reason.ask({ route: 'ticket', text: 'why?', ...request }) };
}

const wish = { key: 'k', conversation: { channel: 'cli', thread: 'default' }, critical: true };

test('a trusted plugin asks in its own name, under keys of its own', async () => {
  const { asked, ask } = asking({ id: 'tides', trusted: true });
  await ask(wish);
  expect(asked[0]?.slice(0, 2)).toEqual([
    { route: 'ticket', text: 'why?', ...wish, key: 'tides:k' },
    { id: 'tides', trusted: true },
  ]);
});

test('an untrusted one reads nobody’s conversation, takes nobody’s key, and draws on no lane for critical work', async () => {
  const { asked, ask } = asking({ id: 'tides', trusted: false });
  await ask(wish);
  expect(asked[0]?.slice(0, 2)).toEqual([
    {
      route: 'ticket',
      text: 'why?',
      key: 'tides:k',
      conversation: { channel: 'plugin:tides:cli', thread: 'default' },
      critical: false,
    },
    { id: 'tides', trusted: false },
  ]);
});

test('a ticket counts where the plugin works it, under its very fence', async () => {
  const { asked, ask } = asking({ id: 'tides', trusted: true });
  await ask({ ticket: { ticketId: 7, fence: 3 } });
  await ask({ ticket: { ticketId: 7, fence: 2 } });
  await ask({ ticket: { ticketId: 8, fence: 1 } });
  const nobodys = Number.MAX_SAFE_INTEGER;
  expect(asked.map(([{ ticket }]) => ticket?.fence)).toEqual([3, nobodys, nobodys]);
});
