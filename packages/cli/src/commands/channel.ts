import type { ChannelRow, KoraClient } from '@kora/runtime/client';
import type { Run } from '../context.ts';
import { plain } from '../output/style.ts';
import { ago } from '../output/time.ts';

export const list: Run = async ({ client, out }) => {
  const rows = await (await client()).channels();
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'order', of: (row) => (row.place === null ? '-' : String(row.place)), right: true },
        { title: 'channel', of: (row) => row.name },
        { title: 'stands', of: (row) => standing(row, out.now), flexible: true },
        { title: 'waiting', of: (row) => String(row.waiting), right: true },
        {
          title: 'delivered',
          of: (row) => (row.deliveredAt === null ? 'never' : ago(row.deliveredAt, out.now)),
        },
        { title: 'then', of: next },
      ],
      'there is no channel',
    ),
  );
  return 'ok';
};

function standing({ here, downSince, error, notBefore, quiet, setup }: ChannelRow, now: number): string {
  if (!here) return setup === null ? 'not here' : `not set up (${plain(setup.plugin)})`;
  if (downSince !== null) return `down since ${ago(downSince, now)}: ${plain(error ?? 'unknown')}`;
  if (notBefore !== null) return `asked for patience; goes on ${ago(notBefore, now)}`;
  if (error === null && quiet) return 'well, in quiet hours: what may wait is sent after them';
  return error === null ? 'well' : `refused the last one: ${plain(error)}`;
}

function next({ name, here, place, isPlaceInForce, error, setup }: ChannelRow): string {
  if (!here) return setup === null ? '' : `kora channel setup ${name}`;
  if (error !== null) return `kora channel check ${name}`;
  if (!isPlaceInForce) return 'kora.json gives it another place: kora down && kora up --detach';
  return place === null ? `kora channel first ${name}` : '';
}

interface Checked {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly fix: string | undefined;
  readonly test: Awaited<ReturnType<KoraClient['testChannel']>> | null;
}

export const check: Run = async ({ client, input, out }) => {
  const api = await client();
  const named = input.argument('name');
  const here = (await api.channels()).filter((row) => row.here).map(({ name }) => name);
  const found: Checked[] = [];
  for (const name of named === '' ? here : [named]) {
    const { ok, detail, fix } = await api.checkChannel(name);
    const test = input.on('send') ? await api.testChannel(name) : null;
    found.push({ name, ok: ok && test?.delivered !== false, detail, fix, test });
  }
  const { style } = out;
  out.result(found, () =>
    found.flatMap(({ name, ok, detail, fix, test }) => [
      `${ok ? style.good('ok   ') : style.bad('fails')}  ${name}: ${plain(detail)}`,
      ...(fix === undefined ? [] : [`       then: ${plain(fix)}`]),
      ...(test === null
        ? []
        : [
            test.delivered
              ? `       message ${test.messageId} delivered, receipt ${plain(test.receipt ?? '')}`
              : `       message ${test.messageId} not delivered: ${plain(test.error ?? 'unknown')}`,
          ]),
    ]),
  );
  return found.every(({ ok }) => ok) ? 'ok' : 'findings';
};
