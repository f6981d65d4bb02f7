import type { KoraClient, ParkedRow } from '@kora/runtime/client';
import type { Context, Run } from '../../context.ts';
import { usage } from '../../fault.ts';
import { plain } from '../../output/style.ts';
import { ago } from '../../output/time.ts';
import { sequence } from './sequence.ts';

/** The consumer may run on another machine: its turn comes within seconds, or not soon. */
const waitMs = 10_000;
const lookMs = 250;

export const parked: Run = async ({ client, input, out }) => {
  const consumer = input.argument('consumer');
  const rows = await (await client()).parked(consumer === '' ? undefined : consumer);
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'consumer', of: (row) => row.consumer },
        { title: 'event', of: (row) => `#${row.seq}`, right: true },
        { title: 'type', of: (row) => row.event?.type ?? 'pruned' },
        { title: 'tried', of: (row) => String(row.attempts), right: true },
        { title: 'parked', of: (row) => ago(row.parkedAt, out.now) },
        { title: 'replay', of: (row) => (row.replayRequestedAt === null ? '' : 'asked for') },
        { title: 'error', of: (row) => row.error, flexible: true },
      ],
      'no event is parked',
    ),
  );
  return 'ok';
};

/** Asks for it, and waits a little for what comes of it. */
export const replay: Run = async (context) => {
  const { input, out } = context;
  const consumer = input.argument('consumer');
  const typed = input.argument('seq');
  if ((typed === '') !== input.on('all'))
    throw usage('say which event, or --all of them', `kora event parked ${consumer}`);
  const seq = typed === '' ? undefined : sequence(typed);
  const reason = input.needed('reason');
  const api = await context.client();
  const before = ofChoice(await api.parked(consumer), seq);
  const { requested } = await api.replayParked(consumer, reason, seq);
  const after = await settled(context, api, consumer, seq);
  const again = after.filter(({ replayRequestedAt }) => replayRequestedAt === null);
  const waiting = after.length - again.length;
  const taken = Math.max(0, before.length - after.length);
  out.result({ requested, taken, waiting, parked: again }, () => [
    ...(taken === 0 ? [] : [`${out.style.good('taken')}  ${taken} of ${requested}`]),
    ...again.map((row) => `${out.style.bad('parked')}  #${row.seq}  again: ${plain(row.error)}`),
    ...(waiting === 0
      ? []
      : [
          `${out.style.warn('waiting')}  ${waiting}: ${plain(consumer)} has not come to it (kora event consumers)`,
        ]),
  ]);
  return again.length > 0 ? 'findings' : 'ok';
};

export const skip: Run = async ({ client, input, out }) => {
  const [consumer, seq] = [input.argument('consumer'), sequence(input.argument('seq'))];
  const receipt = await (await client()).skipParked(consumer, input.needed('reason'), seq);
  out.result(receipt, () => [`skipped  ${plain(consumer)} will never see #${seq}`]);
  return 'ok';
};

export const forget: Run = async ({ client, input, out }) => {
  const consumer = input.argument('consumer');
  const receipt = await (await client()).forgetConsumer(consumer);
  out.result(receipt, () => [
    `forgotten  ${plain(consumer)}: should it come back, it begins as if it were new`,
  ]);
  return 'ok';
};

async function settled(
  { host }: Context,
  api: KoraClient,
  consumer: string,
  seq: number | undefined,
): Promise<ParkedRow[]> {
  const until = host.now() + waitMs;
  for (;;) {
    const rows = ofChoice(await api.parked(consumer), seq);
    const isOver = rows.every(({ replayRequestedAt }) => replayRequestedAt === null);
    if (isOver || host.now() >= until) return rows;
    await host.sleep(lookMs);
  }
}

function ofChoice(rows: readonly ParkedRow[], seq: number | undefined): ParkedRow[] {
  return rows.filter((row) => seq === undefined || row.seq === seq);
}
