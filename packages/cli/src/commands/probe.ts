import type { KoraClient, ProbeRow } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import type { Console } from '../output/console.ts';
import { plain, tint } from '../output/style.ts';
import { ago, span, unknown } from '../output/time.ts';
import { pick } from '../pick.ts';

/** A probe has ten seconds of its own. */
const runTimeoutMs = 30_000;

export const list: Run = async ({ client, out }) => {
  const rows = await (await client()).probes();
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'name', of: (row) => row.name },
        { title: 'status', of: (row) => row.status ?? unknown, paint: (text) => tint(out.style, text) },
        ...(rows.some(inWindow)
          ? [
              {
                title: 'window',
                of: (row: ProbeRow) =>
                  inWindow(row) ? `ends ${ago(row.windowEndsAt ?? null, out.now)}` : '',
              },
            ]
          : []),
        { title: 'since', of: (row) => ago(row.since, out.now) },
        { title: 'checked', of: (row) => ago(row.checkedAt, out.now) },
        { title: 'latency', of: (row) => span(row.latencyMs), right: true },
        { title: 'every', of: (row) => span(row.everyMs), right: true },
        { title: 'target', of: (row) => row.target, flexible: true },
        { title: 'error', of: (row) => row.error ?? '', flexible: true },
      ],
      'no probes: nothing is watched yet; kora plugin why probes says more',
    ),
  );
  return 'ok';
};

/** While a maintenance window is on nothing opens, however bad it looks. */
function inWindow({ windowEndsAt }: ProbeRow): boolean {
  return typeof windowEndsAt === 'string';
}

export const run: Run = async (context) => {
  const { out } = context;
  const api = await context.client(runTimeoutMs);
  const { name } = await probeOf(api, context);
  const seen = await api.runProbe(name);
  out.result(seen, () => probeLines(seen, out));
  return seen.status === 'unhealthy' || seen.status === 'unreachable' ? 'findings' : 'ok';
};

/** The probe that the operator means. */
export async function probeOf(api: KoraClient, { input }: Context): Promise<ProbeRow> {
  return pick(await api.probes(), input.argument('name'), {
    noun: 'probe',
    code: 'KORA_PROBE_UNKNOWN',
    list: 'kora probe list',
    names: (row) => [row.name],
  });
}

/** What one look saw. */
export function probeLines(row: ProbeRow, out: Console): readonly string[] {
  const details = Object.entries(row.details).map(
    ([key, value]) => [plain(key), plain(typeof value === 'string' ? value : JSON.stringify(value))] as const,
  );
  return [
    `${out.style.strong(plain(row.name))}  ${tint(out.style, row.status ?? unknown)}  ${span(row.latencyMs)}`,
    ...out.facts([
      ['target', `${plain(row.kind)} ${plain(row.target)}`],
      ['since', ago(row.since, out.now)],
      ['last good', ago(row.lastGoodAt, out.now)],
      ...(row.error === null ? [] : [['error', plain(row.error)] as const]),
      ...(row.incidentId === null ? [] : [['incident', String(row.incidentId)] as const]),
      ...details,
    ]),
  ];
}
