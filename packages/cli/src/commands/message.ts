import type { InboundRow } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import { usage } from '../fault.ts';
import type { Console } from '../output/console.ts';
import { bytes } from '../output/size.ts';
import { plain, plainLines } from '../output/style.ts';
import { ago } from '../output/time.ts';

const states: readonly InboundRow['state'][] = [
  'received',
  'waiting',
  'working',
  'answered',
  'ended',
  'quarantined',
];
/** Most that is shown of what nobody could read. */
const shownBytes = 4_000;

export const list: Run = (context) => {
  const typed = context.input.text('state');
  const state = states.find((each) => each === typed);
  if (typed !== undefined && state === undefined)
    throw usage(`there is no state ${typed}`, `one of ${states.join(', ')}`);
  return shownList(context, state);
};

export const quarantineList: Run = (context) => shownList(context, 'quarantined');

async function shownList(
  { client, input, out }: Context,
  state: InboundRow['state'] | undefined,
): Promise<'ok'> {
  const [channel, limit] = [input.text('channel'), input.whole('limit', 1)];
  const rows = await (await client()).inbound.list({
    ...(state === undefined ? {} : { state }),
    ...(channel === undefined ? {} : { channel }),
    ...(limit === undefined ? {} : { limit }),
  });
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'id', of: (row) => `#${row.inboundId}`, right: true },
        { title: 'channel', of: (row) => plain(row.channel) },
        { title: 'from', of: (row) => plain(row.sender ?? '') },
        { title: 'state', of: stateOf },
        { title: 'came', of: (row) => ago(row.receivedAt, out.now) },
        { title: 'text', of: (row) => plain(row.text.split('\n')[0] ?? ''), flexible: true },
      ],
      state === 'quarantined' ? 'nothing is in quarantine' : 'nothing came in over a channel yet',
    ),
  );
  return 'ok';
}

export const show: Run = async ({ client, input, out }) => {
  const row = await (await client()).inbound.show(numberOf(input.argument('message')));
  out.result(row, () => [
    `${out.style.strong(`message ${row.inboundId}`)}  over ${plain(row.channel)}`,
    ...out.facts([
      ['state', stateOf(row)],
      ['from', plain(row.sender ?? 'nobody known')],
      ['believed', row.trusted ? `yes, by ${plain(row.authenticatedBy)}` : 'no'],
      ['conversation', plain(row.conversation)],
      ['id there', plain(row.providerId)],
      ['came', ago(row.receivedAt, out.now)],
      ['attempts', String(row.attempts)],
      ...(row.error === null ? [] : [['error', plain(row.error)] as const]),
      ...(row.ticketId === null ? [] : [['ticket', String(row.ticketId)] as const]),
      ...(row.runId === null ? [] : [['run', row.runId] as const]),
    ]),
    ...plainLines(row.text).map((line) => `  ${line}`.trimEnd()),
    ...unread(row, out),
  ]);
  return 'ok';
};

/** As much of it as is text; escape codes of a stranger do nothing here. */
function unread({ rawBase64 }: { readonly rawBase64: string | null }, out: Console): string[] {
  if (rawBase64 === null) return [];
  const raw = Buffer.from(rawBase64, 'base64');
  const rest = raw.length > shownBytes ? `, the first ${bytes(shownBytes)} of it` : '';
  return [
    out.style.dim(`what could not be read, ${bytes(raw.length)}${rest}:`),
    ...plainLines(raw.subarray(0, shownBytes).toString('utf8')).map((line) => `  ${line}`.trimEnd()),
  ];
}

export const release: Run = async ({ client, input, out }) => {
  const reason = input.needed('reason');
  const row = await (await client()).inbound.release(numberOf(input.argument('message')), reason);
  out.result(row, () => [
    `${out.style.good('released')}  message ${row.inboundId}; it is handled behind what came meanwhile`,
  ]);
  return 'ok';
};

export const drop: Run = async ({ client, input, out }) => {
  const reason = input.needed('reason');
  const row = await (await client()).inbound.drop(numberOf(input.argument('message')), reason);
  out.result(row, () => [
    `${out.style.warn('dropped')}  message ${row.inboundId}; what it said is forgotten`,
  ]);
  return 'ok';
};

function numberOf(typed: string): number {
  const number = /^#?([1-9]\d{0,14})$/.exec(typed)?.[1];
  if (number === undefined) throw usage(`${typed} is no number of a message`, 'kora message list');
  return Number(number);
}

function stateOf({ state, outcome, reason }: InboundRow): string {
  const more = state === 'quarantined' ? reason : outcome;
  return more === null ? state : `${state}: ${more}`;
}
