import type { MessageRow } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import type { Console } from '../output/console.ts';
import { messageLines } from '../output/message.ts';
import { createPatience, untilInterrupted } from '../patience.ts';

const shownFirst = 20;
/** One small indexed read on the loopback. */
const lookEveryMs = 1_000;
/** Most messages read at one look. */
const page = 200;

export const inbox: Run = async (context) => {
  const { client, input, out } = context;
  const limit = input.whole('limit') ?? shownFirst;
  const newest = inOrder(await (await client()).messages({ limit: Math.max(1, limit) }));
  const shown = limit === 0 ? [] : newest.slice(-limit);
  if (!input.on('follow')) {
    out.result(shown, () =>
      shown.length === 0
        ? [out.style.dim('nothing has been told yet')]
        : shown.flatMap((row) => told(row, out)),
    );
    return 'ok';
  }
  for (const row of shown) out.item(row, () => told(row, out));
  return await followInbox(context, newest.at(-1)?.messageId ?? 0);
};

async function followInbox(context: Context, after: number): Promise<'ok' | 'interrupted'> {
  const { host, client, out } = context;
  const until = untilInterrupted(context);
  const patience = createPatience(context);
  let last = after;
  try {
    while (!until.signal.aborted) {
      try {
        const rows = await (await client()).messages({ after: last, limit: page });
        patience.answered();
        for (const row of inOrder(rows)) {
          last = row.messageId;
          out.item(row, () => told(row, out));
        }
      } catch (error) {
        await patience.broken(error, until.signal);
      }
      await host.sleep(lookEveryMs, until.signal);
    }
  } finally {
    until.release();
  }
  return until.interrupted() ? 'interrupted' : 'ok';
}

function inOrder(rows: readonly MessageRow[]): MessageRow[] {
  return rows.toSorted((one, other) => one.messageId - other.messageId);
}

/** A message that has not reached the operator's channel says so. */
function told(row: MessageRow, out: Console): string[] {
  const lines = messageLines(row, out.style, out.now);
  if (row.status === 'delivered') return lines;
  const why = row.error === null ? '' : `: ${row.error}`;
  return [
    ...lines,
    out.style.dim(`          (${row.status} on ${row.channel}, ${row.attempts} tries${why})`),
  ];
}
