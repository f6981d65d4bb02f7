import type { WorkerTokenRow } from '@kora/runtime/client';
import type { Run } from '../context.ts';
import { usage } from '../fault.ts';
import { plain } from '../output/style.ts';
import { ago } from '../output/time.ts';
import { pick } from '../pick.ts';

export const add: Run = async ({ client, input, out }) => {
  const name = input.argument('name');
  const kinds = input.many('kind');
  if (kinds.length === 0) throw usage('kora worker add needs --kind', 'kora worker add --help');
  const [expiresInMs, reason] = [input.span('expires'), input.text('reason')];
  const made = await (await client()).workers.add({
    name,
    kinds: [...kinds],
    reason: reason ?? `a worker named ${name} is wanted`,
    ...(expiresInMs === undefined ? {} : { expiresInMs }),
  });
  out.result(made, () => [
    made.token,
    out.style.dim(
      `worker ${made.name} may work ${made.kinds.join(', ')} ${until(made, out.now)}; the token is not shown again`,
    ),
  ]);
  return 'ok';
};

export const list: Run = async ({ client, input, out }) => {
  const rows = await (await client()).workers.list({ all: input.on('all') });
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'token', of: (row) => `#${row.workerTokenId}`, right: true },
        { title: 'worker', of: (row) => plain(row.name) },
        { title: 'status', of: (row) => row.status },
        { title: 'kinds', of: (row) => row.kinds.join(' '), flexible: true },
        { title: 'sessions', of: (row) => String(row.sessions), right: true },
        { title: 'holds', of: (row) => String(row.held), right: true },
        { title: 'until', of: (row) => until(row, out.now) },
        { title: 'why', of: (row) => plain(row.reason), flexible: true },
      ],
      'no process but a runtime may work tickets',
    ),
  );
  return 'ok';
};

export const revoke: Run = async ({ client, input, out }) => {
  const reason = input.needed('reason');
  const api = await client();
  const typed = input.argument('worker');
  const number = Number(/^#?([1-9]\d{0,8})$/.exec(typed)?.[1]);
  const workerTokenId = Number.isNaN(number) ? named(await api.workers.list(), typed) : number;
  const row = await api.workers.revoke(workerTokenId, reason);
  out.result(row, () => [
    `${out.style.warn('revoked')}  #${row.workerTokenId} of worker ${plain(row.name)}; what it held is claimable again`,
  ]);
  return 'ok';
};

function named(rows: readonly WorkerTokenRow[], typed: string): number {
  const options = {
    noun: 'worker',
    code: 'KORA_WORKER_UNKNOWN',
    list: 'kora worker list',
    names: (row: WorkerTokenRow) => [`#${row.workerTokenId}`, row.name],
  };
  return pick(rows, typed, options).workerTokenId;
}

function until(row: WorkerTokenRow, now: number): string {
  if (row.status === 'revoked') return `revoked ${ago(row.revokedAt, now)}`;
  return row.status === 'expired' ? `ended ${ago(row.expiresAt, now)}` : ago(row.expiresAt, now);
}
