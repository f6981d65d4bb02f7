// A cycle of each promotion loop on a past of a million rows of each kind, in PostgreSQL, each in a process of its own:
// `pnpm bench promotion [--rows N] [--days N] [--loop NAME] [--no-save]`. Then the plan of each statement that reads the
// past; ends with 1 when one walks a big table. Writes bench/results/<date>-promotion.json and prints the table of
// docs/benchmarks.md.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { historyReads } from '../packages/runtime/src/promotion/index.ts';
import type { HistoryWindow } from '../packages/runtime/src/promotion/index.ts';
import { openChain } from './chain/kora.ts';
import { plansOf, recording } from './chain/plans.ts';
import type { PlanVerdict } from './chain/plans.ts';
import type { ChildSaid } from './promotion/child.ts';
import { seedPast } from './promotion/seed.ts';
import { benchServer } from './server/server.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    days: { type: 'string', default: '7' },
    loop: { type: 'string', multiple: true },
    'no-save': { type: 'boolean', default: false },
  },
});
const rows = Number(values.rows);
const days = Number(values.days);
const loops = values.loop ?? [
  'read questions',
  'read tool calls',
  'read incidents',
  'read attempts',
  'read events',
  'promote_phrasebook',
  'promote_snapshot_expand',
  'promote_router_tuning',
  'promote_tool_trimming',
  'promote_probe_fix_envelopes',
  'promote_email_intent',
];
const goal = { seconds: 30, peakMiB: 300, longestHoldMs: 100 };
const loadBefore = loadavg()[0];
const server = await benchServer('embedded', 0);
try {
  const connection = await server.database('promotion');
  const filled = await openChain(connection);
  const { workspaceId } = filled;
  await seedPast(filled.database, { workspaceId, rows, days });
  await filled.close();

  const plans = await plansOfPages();
  for (const { statement, worst, ms } of plans)
    process.stdout.write(
      `${worst === undefined ? 'ok  ' : 'BAD '} ${ms.toFixed(1).padStart(8)} ms  ${statement} ${worst ?? ''}\n`,
    );
  process.exitCode = plans.every(({ worst }) => worst === undefined) ? 0 : 1;

  const measured = loops.map((name) => ({ name, ...cycle(name, JSON.stringify(connection)) }));
  process.stdout.write(
    '| loop | rows read | drafts | observe, s | examined | examine, s | processor, s | before, MiB | peak, MiB | longest hold, ms | of it work, ms |\n|---|---|---|---|---|---|---|---|---|---|---|\n',
  );
  for (const each of measured)
    process.stdout.write(
      `| ${each.name} | ${each.observed} | ${each.drafts} | ${each.observeSeconds} | ${each.examined}, ${each.passed} passed | ${each.examineSeconds} | ${each.cpuSeconds} | ${each.baseMiB} | ${each.peakMiB} | ${each.longestHold} | ${each.longestWork} |\n`,
    );
  if (!values['no-save']) save({ plans, measured });

  async function plansOfPages(): Promise<readonly PlanVerdict[]> {
    const seen = recording();
    const opened = await openChain(connection, seen.watch);
    const { database, chain } = opened;
    const reads = historyReads({ database, workspaceId, chain });
    const day = 86_400_000;
    const middle = Date.now() - (days / 2) * day;
    const window = { since: new Date(middle).toISOString(), until: new Date(middle + day).toISOString() };
    for (const part of ['shown', 'held_out', 'all'] as const) {
      const of: HistoryWindow = { ...window, part };
      const { rows: some } = await reads.questions(of, { limit: 100, with: 'snapshot' });
      await reads.questions(of, { runs: some.map(({ runId }) => runId), with: 'snapshot' });
      await reads.questions(of, {});
      await reads.toolCalls(of, {});
      await reads.incidents(of, {});
      await reads.attempts(of, {});
      await reads.events(of, { types: ['email.intent_read', 'reasoning.escalated'] });
    }
    const verdicts = await plansOf(opened.database, seen.statements());
    await opened.close();
    return verdicts;
  }
} finally {
  await server.close();
}

function cycle(name: string, connection: string): ChildSaid {
  const child = fileURLToPath(new URL('promotion/child.ts', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=@kora/source', child, name], {
    input: connection,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${name} ended with ${String(status)}: ${stderr}`);
  return JSON.parse(stdout) as ChildSaid;
}

function save(measurements: {
  readonly plans: readonly PlanVerdict[];
  readonly measured: readonly ChildSaid[];
}): void {
  const folder = fileURLToPath(new URL('results', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memory: totalmem(), node: process.version };
  const load = { before: loadBefore, after: loadavg()[0] };
  const file = `${folder}/${new Date().toISOString().slice(0, 10)}-promotion.json`;
  writeFileSync(file, `${JSON.stringify({ machine, load, goal, rows, days, ...measurements }, null, 2)}\n`);
}
