import type { SyncReport, SyncRow } from '@kora/runtime/client';
import type { Run } from '../context.ts';
import type { Console } from '../output/console.ts';
import { plain, tint } from '../output/style.ts';

/** Guests start, register and start their daemons before the answer comes. */
export const syncPatienceMs = 180_000;

export const sync: Run = async ({ client, out }) => {
  const report = await (await client(syncPatienceMs)).syncPlugins();
  out.result(report, () => syncLines(report, out));
  return hasTrouble(report.rows) ? 'findings' : 'ok';
};

export const approve: Run = async ({ client, input, out }) => {
  const [id, reason] = [input.argument('id'), input.needed('reason')];
  const api = await client(syncPatienceMs);
  // What is agreed to is what is shown here, and not what is installed while the yes is on its way.
  const shown = (await api.plugins()).find((each) => each.id === id);
  const digest = shown?.pending?.digest ?? shown?.digest ?? undefined;
  if (shown !== undefined)
    out.note(
      `${id} ${shown.pending?.version ?? shown.version} asks for ${shown.capabilities.join(', ') || 'nothing'}`,
    );
  const row = await api.approvePlugin(id, reason, digest);
  out.result(row, () => syncLines({ host: null, rows: [row], missing: [] }, out));
  return hasTrouble([row]) ? 'findings' : 'ok';
};

/** What became of each plugin that changed; the rest is a number. */
export function syncLines({ rows, missing }: SyncReport, out: Console): readonly string[] {
  const changed = rows.filter(({ outcome }) => outcome !== 'unchanged');
  const same = rows.length - changed.length;
  return [
    ...(changed.length === 0
      ? [`nothing changed; ${same} plugins are as they were`]
      : out.table(
          changed,
          [
            { title: 'plugin', of: (row) => row.id },
            { title: 'outcome', of: (row) => row.outcome, paint: (text) => tint(out.style, text) },
            { title: 'installed', of: (row) => row.version ?? '-' },
            { title: 'serving', of: (row) => row.serving ?? '-' },
            { title: 'reason', of: (row) => row.reason?.message ?? '', flexible: true },
            { title: 'fix', of: (row) => row.reason?.fix ?? '', flexible: true },
          ],
          'nothing changed',
        )),
    ...missing.map((name) => `${out.style.warn('not installed')}  ${plain(name)}`),
  ];
}

/** What was asked for and is not serving; what waits for a start or a word is no trouble. */
export function hasTrouble(rows: readonly SyncRow[]): boolean {
  return rows.some(
    ({ outcome, reason }) => outcome === 'refused' || (outcome === 'added' && reason !== null),
  );
}
