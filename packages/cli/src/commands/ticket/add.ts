import type { KoraClient } from '@kora/runtime/client';
import type { Run } from '../../context.ts';
import { refusal } from '../../fault.ts';
import type { Input } from '../../input.ts';
import { ticketLines } from './lines.ts';

const priorities = ['frontier', 'high', 'normal', 'low'] as const;
const downshifts = ['eligible', 'frontier_only'] as const;

export const add: Run = async ({ client, host, input, out }) => {
  const ticket = newTicket(input, host.now());
  const added = await (await client()).tickets.add(ticket);
  out.result(added, () => ticketLines(added, out));
  return 'ok';
};

function newTicket(input: Input, now: number): Parameters<KoraClient['tickets']['add']>[0] {
  const given = {
    kind: input.text('kind'),
    objective: input.text('objective'),
    priority: input.choice('priority', priorities),
    payload: payloadOf(input.text('payload')),
    idempotencyKey: input.text('key'),
    notBefore: notBefore(input, now),
    blockedBy: neededOf(input.text('blocked-by')),
    assignedTo: input.text('assign'),
    downshift: input.choice('downshift', downshifts),
  };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return { title: input.needed('title'), critical: input.on('critical'), ...Object.fromEntries(known) };
}

/** A time, or a span from now. */
function notBefore(input: Input, now: number): string | undefined {
  const text = input.text('not-before');
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  // A bare year or a number would be read as some time or other: only what is written as a date is one.
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(time)) return new Date(time).toISOString();
  const span = input.span('not-before');
  return span === undefined ? undefined : new Date(now + span).toISOString();
}

function neededOf(text: string | undefined): number[] | undefined {
  if (text === undefined) return undefined;
  const ids = text.split(',').map((each) => /^\s*#?([1-9]\d{0,14})\s*$/.exec(each)?.[1]);
  if (ids.every((id) => id !== undefined)) return ids.map(Number);
  throw refusal(
    'KORA_TICKET_INVALID',
    '--blocked-by takes ids of tickets with commas between',
    '--blocked-by 12,14',
  );
}

function payloadOf(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return undefined;
  const fix = `--payload '{"service":"checkout"}'`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refusal('KORA_TICKET_INVALID', `--payload is not JSON: ${why}`, fix);
  }
  if (!isRecord(value)) throw refusal('KORA_TICKET_INVALID', '--payload takes a JSON object', fix);
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
