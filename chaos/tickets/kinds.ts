import type {
  NewTicket,
  OperationSpec,
  TicketHandler,
  TicketResult,
  TicketWork,
} from '../../packages/runtime/src/ticket/contract.ts';
import type { Outside } from './outside.ts';

/** What the tickets of a fault run are made of. `child` follows from `parent`, in the transaction that ends that one. */
export const kinds = ['plain', 'idempotent', 'once', 'looked', 'parent', 'flaky', 'child'] as const;
export type Kind = (typeof kinds)[number];

/** How often each is added; `looked` only where a worker that was frozen never comes back, see docs/faults.md. */
const shares: readonly Kind[] = [
  'plain',
  'plain',
  'idempotent',
  'idempotent',
  'once',
  'once',
  'looked',
  'parent',
  'parent',
  'flaky',
];

export interface TicketOptions {
  /** Tickets that ask the world whether an effect happened. */
  readonly looks?: boolean;
  /** What an attempt that is not the first takes longer, in milliseconds: an earlier holder shall meet it at work. */
  readonly againMs?: number;
  /** How long an attempt takes at most before it does anything, in milliseconds; default 60. */
  readonly longestMs?: number;
  /** Tickets of this kind alone. */
  readonly only?: Kind;
}

export function newTickets(random: () => number, count: number, options: TicketOptions = {}): NewTicket[] {
  return Array.from({ length: count }, () => {
    const drawn = options.only ?? shares[Math.floor(random() * shares.length)] ?? 'plain';
    const kind = drawn === 'looked' && options.looks !== true ? 'once' : drawn;
    return {
      kind,
      title: `a ticket that is ${kind}`,
      payload: { pauseMs: Math.floor(random() * (options.longestMs ?? 60)), againMs: options.againMs ?? 0 },
    };
  });
}

export interface HandlerPorts {
  readonly outside: Outside;
  readonly runtime: string;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** A place at which this process may be told to die or to stand still. */
  readonly pass: (point: 'work' | 'effect', when: 'before' | 'after') => void;
  /** Told of a write that was refused since another holds the ticket. */
  readonly refused: (what: 'note' | 'operation') => void;
  readonly planted: 'once-as-idempotent' | 'effect-repeated' | undefined;
}

/** How long a failed attempt waits for its next: near, so that a run meets it. */
const retryAfterMs = 100;

export function handlersOf(ports: HandlerPorts): TicketHandler[] {
  return kinds.map((kind) => ({
    kind,
    concurrency: 3,
    prefetch: 3,
    work: (ticket) => work(ports, kind, ticket),
  }));
}

async function work(ports: HandlerPorts, kind: Kind, ticket: TicketWork): Promise<TicketResult> {
  const { outside, runtime, sleep, pass } = ports;
  const { ticketId, fence } = ticket;
  await outside.tell({ what: 'begin', ticket: ticketId, fence, runtime });
  const { pauseMs = 20, againMs = 0 } = ticket.payload;
  await sleep(Number(pauseMs) + (ticket.attempt > 1 ? Number(againMs) : 0));
  pass('work', 'before');
  // It ignores its signal, as a handler may: what it writes past its lease must be refused without its help.
  await writing(ports, 'note', () => ticket.note(`worked under ${fence}`));
  if (kind === 'flaky' && ticket.attempt === 1)
    return {
      resolution: 'failed_retryable',
      summary: 'not yet',
      failure: { class: 'network', reason: 'the world was not ready' },
      retryAfterMs,
    };
  if (kind === 'idempotent' || kind === 'once' || kind === 'looked') {
    await writing(ports, 'operation', () =>
      ticket.operation(specOf(ports, kind, ticket), (key) => effect(ports, ticket, kind, key)),
    );
  } else await effect(ports, ticket, 'plain', `plain-${ticketId}-${fence}`);
  return { ...done(ticket), ...(kind === 'parent' ? consequencesOf(ticketId) : {}) };
}

/** The fence travels in the result: an outcome shows whose word it carries. */
function done({ fence }: TicketWork): TicketResult {
  return { resolution: 'completed', summary: 'worked', result: { fence } };
}

/** No keys that would hide a second one. */
function consequencesOf(ticketId: number): Pick<TicketResult, 'tickets' | 'messages'> {
  return {
    tickets: [{ kind: 'child', title: `child of ${ticketId}`, payload: { parent: ticketId } }],
    messages: [
      {
        key: `told:${ticketId}`,
        thread: `told:${ticketId}`,
        severity: 'info',
        title: 'a ticket ended',
        body: '',
        source: 'chaos',
      },
    ],
  };
}

function specOf({ outside, runtime, planted }: HandlerPorts, kind: Kind, ticket: TicketWork): OperationSpec {
  const { ticketId, fence } = ticket;
  const spec = { id: 'send', tool: 'outside', request: { ticket: ticketId } } as const;
  if (kind === 'idempotent') return { ...spec, sideEffects: 'idempotent' };
  if (planted === 'once-as-idempotent') return { ...spec, sideEffects: 'idempotent' };
  if (kind === 'once') return { ...spec, sideEffects: 'once' };
  return {
    ...spec,
    sideEffects: 'once',
    inspect: async (key) => {
      const happened = await outside.tell({ what: 'look', ticket: ticketId, fence, runtime, key });
      return happened ? { happened, result: { key } } : { happened: false };
    },
  };
}

async function effect(
  { outside, runtime, pass, planted }: HandlerPorts,
  { ticketId, fence }: TicketWork,
  kind: Kind,
  key: string,
): Promise<{ key: string }> {
  const effects = kind === 'looked' ? 'once' : kind === 'idempotent' || kind === 'once' ? kind : 'plain';
  const times = planted === 'effect-repeated' && ticketId % 5 === 0 ? 2 : 1;
  pass('effect', 'before');
  for (let n = 0; n < times; n += 1)
    await outside.tell({ what: 'effect', ticket: ticketId, fence, runtime, key, effects });
  pass('effect', 'after');
  return { key };
}

async function writing(
  { refused }: HandlerPorts,
  what: 'note' | 'operation',
  write: () => Promise<unknown>,
): Promise<void> {
  try {
    await write();
  } catch (error) {
    const isStale = error instanceof Error && 'code' in error && error.code === 'KORA_TICKET_STALE_FENCE';
    if (isStale) refused(what);
    // A note is a courtesy; an operation that was refused ends the attempt.
    if (!isStale || what === 'operation') throw error;
  }
}
