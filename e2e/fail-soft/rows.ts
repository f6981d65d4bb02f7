import type { MessageRow } from '@kora/runtime/client';
import { expect } from 'vitest';
import type { WireProxy } from '../../packages/runtime/src/store/testing/wire-proxy.ts';
import type { Living } from './in-process.ts';
import type { Respond } from './stage.ts';

export interface Tools {
  /** Between the runtime and its store, where a row wants it. */
  readonly network?: WireProxy;
  /** A new month begins, with its own pool. */
  readonly money?: () => Promise<unknown>;
  /** Takes away the hour after it, in which one ticket may begin each half minute: an alert's may be before ours. */
  readonly hurry?: () => Promise<unknown>;
}

/** One row: what is the matter, and what the operator reads of it in the end. */
export interface Row {
  readonly name: string;
  /** As the page says it. */
  readonly reads: string;
  readonly ends: string;
  /** The code that the findings begin with; null where there are findings. */
  readonly code: string | null;
  /** The code of the word that comes before, where the investigation has to wait. */
  readonly waits?: string;
  /** A runtime of its own, whose store can be lost and whose month can be spent. */
  readonly apart?: boolean;
  /** Before the probe fails. */
  before?(living: Living, tools: Tools): Promise<void>;
  /** Once its incident is open. */
  during(living: Living, tools: Tools): Promise<void>;
  /** Once all is told. */
  after?(living: Living, tools: Tools): Promise<void>;
}

export function unable(code: string): string {
  return `I was unable to investigate — engine returned: ${code}`;
}

const nothing = (): Promise<void> => Promise.resolve();
const soon = { timeout: 25_000, interval: 20 };

/** Whoever thinks says what it is. */
const wise: Respond = () => Promise.resolve({ status: 'answered', text: 'It was the wind.' });

/** A row of an engine that does something else. */
function engine(name: string, code: string, respond: Respond): Row {
  return {
    name: `engine ${name}`,
    reads: `\`${code}\``,
    ends: 'told once; the ticket is completed',
    code,
    before: ({ stage }) => stage.think(respond),
    during: nothing,
  };
}

const told = 'the findings; the ticket is completed';

export const rows: readonly Row[] = [
  {
    name: 'engine none',
    reads: '`unconfigured`',
    ends: 'told once; the ticket is completed',
    code: 'unconfigured',
    during: nothing,
  },
  engine('raising', 'engine_exception:TypeError', () => Promise.reject(new TypeError('no such thing'))),
  engine('erroring', 'server_error', () =>
    Promise.resolve({ status: 'failed', text: '', error: 'server_error' }),
  ),
  engine('empty', 'empty_response_text', () => Promise.resolve({ status: 'answered', text: ' ' })),
  {
    name: 'halted while it is thought about',
    apart: true,
    reads: '`cost_ladder_halted`',
    ends: 'told once; the ticket is completed',
    code: 'cost_ladder_halted',
    before: ({ stage, client }) =>
      stage.think(async ({ runId }, context) => {
        await client.reconcileSpend(200_000_000, 'the bill');
        await isPaused(client);
        const call = {
          runId,
          callId: 'one',
          model: 'tiny',
          inputTokens: 10,
          maxOutputTokens: 10,
          request: {},
        };
        const leave = await context.engine.beginCall(call);
        const error = leave.allow ? 'server_error' : 'cost_ladder_halted';
        return { status: 'failed', text: '', error };
      }),
    during: nothing,
  },
  {
    name: 'halted before',
    apart: true,
    reads: '`cost_ladder_halted`, and the findings when there is money',
    ends: told,
    code: null,
    waits: 'cost_ladder_halted',
    before: async ({ stage, client }) => {
      await stage.think(wise);
      await client.reconcileSpend(200_000_000, 'the bill');
      await isPaused(client);
    },
    during: async (living, tools) => {
      await waits(living);
      await free(living, tools);
    },
  },
  held('paused', 'operational_state_paused', ({ client }) => client.pause('lunch')),
  held('stopped', 'operational_state_stopped', ({ client }) => client.stop(3, 'something is wrong')),
  {
    name: 'stopped while it is thought about',
    reads: '`operational_state_stopped`',
    ends: 'told once; the ticket is completed',
    code: 'operational_state_stopped',
    before: ({ stage, client }) =>
      stage.think(async ({ runId: _run }, context) => {
        await client.stop(2, 'something is wrong');
        await context.clock.sleep(60_000);
        return { status: 'answered', text: 'too late' };
      }),
    during: nothing,
    after: async ({ client }) => void (await client.resume('it is well')),
  },
  {
    name: 'channel none',
    reads: 'the findings, in the inbox',
    ends: told,
    code: null,
    before: async ({ stage }) => {
      stage.pages = false;
      await stage.think(wise);
    },
    during: nothing,
    after: async (living) => {
      expect(await pagesOf(living)).toEqual([]);
      living.stage.pages = true;
    },
  },
  {
    name: 'channel failing',
    reads: 'the findings, in the inbox; outside when the channel takes them, in their order, each once',
    ends: told,
    code: null,
    before: async ({ stage }) => {
      const refused = new Set<string>();
      stage.send = (key) => {
        if (refused.has(key)) return nothing();
        refused.add(key);
        return Promise.reject(new Error('the line is dead'));
      };
      await stage.think(wise);
    },
    during: nothing,
    after: (living) => paged(living, 2),
  },
  {
    name: 'channel slow',
    reads:
      'the findings, in the inbox at once; outside when the channel takes them, in their order, each once',
    ends: told,
    code: null,
    before: async ({ stage }) => {
      const gate = Promise.withResolvers<void>();
      stage.send = () => gate.promise;
      stage.open = () => gate.resolve();
      await stage.think(wise);
    },
    during: nothing,
    after: async (living) => {
      const { stage } = living;
      // The inbox has all of it, and the channel has not even taken the first.
      expect(await pagesOf(living)).toMatchObject([{ status: 'pending' }, { status: 'pending' }]);
      stage.open();
      await paged(living, 1);
    },
  },
  {
    name: 'store away when it fails',
    reads: 'the findings, when the store is back',
    ends: told,
    code: null,
    apart: true,
    before: async ({ stage }, { network }) => {
      await stage.think(wise);
      network?.down();
      setTimeout(() => network?.up(), 1_500);
    },
    during: nothing,
  },
  {
    name: 'store away while it is thought about',
    reads: 'the findings, when the store is back; it was asked once',
    ends: told,
    code: null,
    apart: true,
    before: ({ stage }, { network }) =>
      stage.think(async (request, context, signal) => {
        network?.down();
        setTimeout(() => network?.up(), 1_500);
        await context.clock.sleep(200);
        return wise(request, context, signal);
      }),
    during: nothing,
    after: ({ stage }) => {
      expect(stage.asked).toHaveLength(1);
      return nothing();
    },
  },
];

/** What the channel to outside was given of the latest incident. */
async function pagesOf({ client }: Living): Promise<MessageRow[]> {
  const all = await client.messages({ limit: 500 });
  const thread = all.findLast(({ channel }) => channel === 'inbox')?.thread;
  return all.filter((message) => message.channel === 'pager' && message.thread === thread);
}

/** Until the first message and the findings are outside, in their order, each after so many attempts. */
async function paged(living: Living, attempts: number): Promise<void> {
  await expect
    .poll(async () => (await pagesOf(living)).map(({ status }) => status), soon)
    .toEqual(['delivered', 'delivered']);
  const pages = await pagesOf(living);
  expect(pages.map((page) => page.attempts)).toEqual([attempts, attempts]);
  const keys = pages.map(({ key }) => key);
  expect(keys).toEqual([expect.stringMatching(/:open$/), expect.stringMatching(/^pager:investigation:/)]);
  const taken = living.stage.sent.filter((key) => keys.includes(key));
  expect(taken).toEqual(keys.flatMap((key) => Array.from({ length: attempts }, () => key)));
  living.stage.send = nothing;
}

/** A row of a runtime that lets no work through when the probe fails, and does later. */
function held(name: string, code: string, hold: (living: Living) => Promise<unknown>): Row {
  return {
    name,
    reads: `\`${code}\`, and the findings when it goes on`,
    ends: told,
    code: null,
    waits: code,
    before: async (living) => {
      await living.stage.think(wise);
      await hold(living);
      await isPaused(living.client);
    },
    during: async (living) => {
      await waits(living);
      await living.client.resume('it is well');
    },
  };
}

/** Until the word is there that it waits. */
async function waits({ client }: Living): Promise<void> {
  const keys = async (): Promise<string[]> => (await client.messages({ limit: 500 })).map(({ key }) => key);
  await expect
    .poll(async () => (await keys()).filter((key) => key.endsWith(':waits')).length, soon)
    .toBeGreaterThan(0);
}

async function isPaused(client: Living['client']): Promise<void> {
  await expect.poll(async () => (await client.status()).primaryState, soon).toBe('paused');
}

async function free({ client }: Living, { money, hurry }: Tools): Promise<void> {
  await money?.();
  await client.refreshSpend('a new month');
  await hurry?.();
  await expect.poll(async () => (await client.status()).holds, soon).toEqual([]);
}
