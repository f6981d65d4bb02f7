import type { EventDetail, EventRow } from '@kora/runtime/client';
import type { Console } from '../../output/console.ts';
import { plain } from '../../output/style.ts';
import { cut } from '../../output/table.ts';
import { ago, clock } from '../../output/time.ts';

/** With less room than this on its line a payload is left out. */
const leastPayload = 12;

/** One event on one line. */
export function eventLine(event: EventRow, { style, width }: Console): string {
  const about = event.ticketId === null ? '' : ` ticket=${event.ticketId}`;
  const [when, seq, type] = [clock(event.occurredAt), `#${event.seq}`, plain(event.type)];
  const payload = event.redacted === true ? '(redacted)' : plain(JSON.stringify(event.payload));
  const room = (width ?? Infinity) - `${when} ${seq} ${type}${about} `.length;
  const shown = room < leastPayload ? '' : ` ${style.dim(cut(payload, room))}`;
  return `${style.dim(`${when} ${seq}`)} ${style.strong(type)}${about}${shown}`;
}

/** One event whole. */
export function eventFacts(event: EventDetail, out: Console): readonly string[] {
  const links = [
    ['ticket', event.ticketId === null ? null : `${event.ticketId}, fence ${event.fence ?? 'none'}`],
    ['correlation', event.correlationId],
    ['caused by', event.causationId],
    ['session', event.sessionId],
  ] as const;
  return [
    `${out.style.strong(`event ${event.seq}`)}  ${plain(event.type)} v${event.schemaVersion}`,
    ...out.facts([
      ['when', `${event.occurredAt}  (${ago(event.occurredAt, out.now)})`],
      ['id', event.eventId],
      ['actor', plain(event.actorId)],
      ['runtime', plain(event.runtimeId)],
      ...links.flatMap(([name, value]) => (value === null ? [] : [[name, plain(value)] as const])),
      ['hash', event.hash],
      ['body', event.bodyHash],
      ['follows', event.previous],
      ...classes(event),
    ]),
    '',
    ...payloadLines(event),
    ...proofLines(event, out),
  ];
}

/** Which fields may leave the house, which not. */
function classes({ sensitivity, payload }: EventDetail): (readonly [string, string])[] {
  return (['public', 'internal', 'secret'] as const).flatMap((name) => {
    const fields = Object.keys(payload).filter((field) => (sensitivity[field] ?? 'internal') === name);
    return fields.length === 0 ? [] : [[name, plain(fields.join(', '))] as const];
  });
}

function payloadLines({ payload, redacted }: EventDetail): readonly string[] {
  if (redacted === true) return ['the body was redacted; the hashes above still prove'];
  return JSON.stringify(payload, null, 2).split('\n').map(plainKeepingIndent);
}

function proofLines({ proof }: EventDetail, out: Console): readonly string[] {
  if (proof === undefined) return [];
  return [
    '',
    out.style.strong('proof'),
    ...out.facts([
      ['leaf', proof.eventHash],
      ...proof.path.map((hash, at) => [at === 0 ? 'path' : '', hash] as const),
    ]),
    '',
    out.style.strong('checkpoint'),
    ...proof.note.trimEnd().split('\n').map(plain),
  ];
}

function plainKeepingIndent(line: string): string {
  const indent = /^ */.exec(line)?.[0] ?? '';
  return indent + plain(line);
}
