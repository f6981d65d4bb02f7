// The plan of every statement that the chain's readers use, on a chain of a million events: `pnpm bench plans [EVENTS]`.
// Ends with 1 when one of them walks a big table from end to end.
import { growChain } from './chain/verify.ts';
import { openChain } from './chain/kora.ts';
import { plansOf, recording } from './chain/plans.ts';
import { benchServer } from './server/server.ts';

const events = Number(process.argv[2] ?? 1_000_000);
const server = await benchServer('embedded', 0);
let broken = 0;
try {
  const connection = await server.database('plans');
  const filled = await openChain(connection);
  await growChain(filled, events);
  // A big table without statistics is planned like an empty one; autovacuum brings them within a minute.
  await filled.database.query('analyze');
  await filled.close();

  const seen = recording();
  const opened = await openChain(connection, seen.watch);
  const { chain } = opened;
  const middle = Math.floor(events / 2);
  await chain.read({ after: middle, limit: 100 });
  await chain.read({ order: 'desc', limit: 100 });
  await chain.read({ after: middle, type: 'bench', limit: 100 });
  await chain.read({ after: middle, type: 'kora.absent', limit: 100 });
  await chain.read({ order: 'desc', type: 'kora', limit: 100 });
  await chain.readRecent(opened.database, { types: ['bench.noted'], withinMs: 60_000, limit: 100 });
  await chain.head();
  await chain.unsealed();
  await chain.consumers();
  await chain.parked();
  await chain.verify({ from: events - 5_000 });
  const reader = await chain.subscribe({
    consumer: 'late',
    types: ['bench.noted', 'kora'],
    from: events - 3_000,
    react: () => Promise.resolve(undefined),
  });
  while ((await chain.consumers()).some(({ lag }) => lag > 0)) await opened.settle();
  await reader.dispose();
  for (const { statement, worst, ms } of await plansOf(opened.database, seen.statements())) {
    if (worst !== undefined) broken += 1;
    process.stdout.write(
      `${worst === undefined ? 'ok  ' : 'BAD '} ${ms.toFixed(1).padStart(8)} ms  ${statement}${worst === undefined ? '' : `\n     ${worst}`}\n`,
    );
  }
  await opened.close();
} finally {
  await server.close();
}
process.stdout.write(`${broken} statements walk a big table, on ${events} events\n`);
process.exitCode = broken === 0 ? 0 : 1;
