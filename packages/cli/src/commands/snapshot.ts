import type { KeptSnapshotRow, ReasonSnapshot } from '@kora/runtime/client';
import type { Run } from '../context.ts';
import type { Console } from '../output/console.ts';
import { plain } from '../output/style.ts';
import { ago } from '../output/time.ts';

type Taken = KeptSnapshotRow['snapshot'];

export const snapshot: Run = async ({ client, input, out }) => {
  const api = await client();
  const id = input.whole('id', 1);
  if (id !== undefined) {
    const kept = await api.keptSnapshot(id);
    out.result(kept, () => takenLines(kept.snapshot, out));
    return 'ok';
  }
  if (input.on('history')) {
    const kept = await api.keptSnapshots(input.whole('limit', 1) ?? 20);
    out.result(kept, () => historyLines(kept, out));
    return 'ok';
  }
  const seen = await api.reasonSnapshot({ now: input.on('now') });
  out.result(seen, () => seenLines(seen, out));
  return 'ok';
};

function seenLines({ snapshot: taken, fresh }: ReasonSnapshot, out: Console): readonly string[] {
  if (taken === null) return [out.style.dim('none was taken yet: kora snapshot --now')];
  const stale = fresh ? [] : [out.style.warn('not fresh: nothing is answered from it; kora snapshot --now')];
  return [...stale, ...takenLines(taken, out)];
}

function takenLines(taken: Taken, out: Console): readonly string[] {
  const { schema_version: shape, computed_at: at, runtime_id: runtime, ...sections } = taken;
  const unknown = Object.entries(sections).filter(([, body]) => body === 'unknown');
  return [
    `${out.style.strong('taken')} ${ago(at, out.now)} by runtime ${plain(runtime)}, shape ${shape}`,
    '',
    ...out.facts(
      Object.entries(sections).flatMap(([name, body]): [string, string][] =>
        body === 'unknown' ? [] : [[plain(name), sentence(body)]],
      ),
    ),
    ...unknown.map(([name]) => out.style.warn(`${plain(name)} is unknown`)),
  ];
}

/** A section in its own words, or else its plain fields. */
function sentence(body: unknown): string {
  if (typeof body !== 'object' || body === null) return 'unknown';
  const fields = Object.entries(body);
  const summary: unknown = fields.find(([name]) => name === 'summary')?.[1];
  if (typeof summary === 'string') return plain(summary);
  return fields
    .flatMap(([name, value]) =>
      name === 'as_of' || typeof value === 'object' ? [] : [`${name} ${plain(String(value))}`],
    )
    .join(', ');
}

function historyLines(kept: readonly KeptSnapshotRow[], out: Console): readonly string[] {
  return out.table(
    kept,
    [
      { title: 'id', of: (row) => String(row.snapshotId), right: true },
      { title: 'taken', of: (row) => ago(row.snapshot.computed_at, out.now) },
      { title: 'state', of: (row) => sentence(row.snapshot['operational_state']), flexible: true },
      { title: 'alerts', of: (row) => sentence(row.snapshot['alerts']), flexible: true },
      { title: 'tickets', of: (row) => sentence(row.snapshot['tickets']), flexible: true },
    ],
    'none is kept: one is taken every five minutes',
  );
}
