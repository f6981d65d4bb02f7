import { open, rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { KoraClient, SpendEntryRow } from '@kora/runtime/client';
import type { Run } from '../context.ts';
import { usage } from '../fault.ts';
import { counted } from '../output/count.ts';
import { dollars } from '../output/dollars.ts';
import { plain } from '../output/style.ts';

/** Entries of one answer. */
const page = 1_000;
const microPerUsd = 1_000_000;

/** The journal into a file, which gets its name when all of it is on the disk. */
export const exportCost: Run = async ({ client, host, input, out }) => {
  const file = resolve(host.cwd, input.needed('out'));
  const isCsv = input.on('csv');
  const windowMs = input.span('window');
  if (await stat(file).catch(() => undefined))
    throw usage(`${file} is there already`, 'name another file, or move this one away');
  const aside = `${file}.part`;
  const api = await client();
  try {
    const written = await writeAside(api, aside, { isCsv, ...(windowMs === undefined ? {} : { windowMs }) });
    await rename(aside, file);
    const report = { file, format: isCsv ? 'csv' : 'ndjson', ...written };
    out.result(report, () => [
      `${plain(file)}: ${counted(written.entries, 'entry', 'entries')}, ${dollars(written.spentUsd)} spent`,
    ]);
    return 'ok';
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
};

async function writeAside(
  api: KoraClient,
  aside: string,
  { isCsv, ...window }: { readonly isCsv: boolean; readonly windowMs?: number },
): Promise<{ readonly entries: number; readonly spentUsd: number }> {
  let after = 0;
  let entries = 0;
  let spent = 0;
  // Who called, for what: for the owner alone.
  await using handle = await open(aside, 'w', 0o600);
  if (isCsv) await handle.writeFile(`${columns.map(([title]) => title).join(',')}\r\n`);
  for (;;) {
    const rows = await api.spendEntries({ after, limit: page, ...window });
    await handle.writeFile(rows.map(isCsv ? csvLine : jsonLine).join(''));
    entries += rows.length;
    spent += rows.reduce((sum, { spentMicroUsd }) => sum + spentMicroUsd, 0);
    const last = rows.at(-1);
    if (last === undefined || rows.length < page) break;
    after = last.entryId;
  }
  await handle.sync();
  return { entries, spentUsd: spent / microPerUsd };
}

function jsonLine(row: SpendEntryRow): string {
  return `${JSON.stringify(row)}\n`;
}

type Cell = string | number | boolean | null | undefined;

const columns: readonly (readonly [title: string, of: (row: SpendEntryRow) => Cell])[] = [
  ['entry', (row) => row.entryId],
  ['at', (row) => row.at],
  ['month', (row) => row.period.slice(0, 7)],
  ['kind', (row) => row.kind],
  ['caller', (row) => row.caller],
  ['route', (row) => row.route],
  ['model', (row) => row.model],
  ['tier', (row) => row.tier],
  ['ticket', (row) => row.ticketId],
  ['run', (row) => row.runId],
  ['call', (row) => row.callId],
  ['spent_usd', (row) => row.spentMicroUsd / microPerUsd],
  ['reserved_usd', (row) => row.reservedMicroUsd / microPerUsd],
  ['account_usd', (row) => row.accountMicroUsd / microPerUsd],
  ['estimated', (row) => row.estimated],
  ['input_tokens', (row) => row.usage?.['inputTokens']],
  ['output_tokens', (row) => row.usage?.['outputTokens']],
  ['cache_read_tokens', (row) => row.usage?.['cacheReadTokens']],
  ['cache_write_tokens', (row) => row.usage?.['cacheWriteTokens']],
  ['reported_usd', (row) => (row.reportedMicroUsd === null ? null : row.reportedMicroUsd / microPerUsd)],
  ['pool_usd', (row) => (row.poolMicroUsd === null ? null : row.poolMicroUsd / microPerUsd)],
  ['reason', (row) => row.reason],
];

function csvLine(row: SpendEntryRow): string {
  return `${columns.map(([, of]) => cell(of(row))).join(',')}\r\n`;
}

/** As RFC 4180 has it. A text that a spreadsheet would take for a formula is kept a text. */
function cell(value: Cell): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
