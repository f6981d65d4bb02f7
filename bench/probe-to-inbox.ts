import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEmbeddedPostgres } from '@kora/postgres';
import { createKora } from '@kora/runtime';

interface Bench {
  readonly count: number;
  readonly everyMs: number;
  /** When the latest failing look of each probe had its answer. */
  readonly answered: Map<string, number>;
  readonly failing: Set<string>;
}

/**
 * Milliseconds from the failing look that opens an incident to its message in the inbox, one probe after the other: the
 * probe's interval is not in it. Embedded PostgreSQL, one process, every event sealed.
 */
export async function probeToInbox(options: {
  readonly count: number;
  readonly everyMs: number;
}): Promise<number[]> {
  const bench: Bench = { ...options, answered: new Map(), failing: new Set() };
  Object.assign(globalThis, { koraBench: bench });
  const home = mkdtempSync(join(tmpdir(), 'kora-bench-probe-'));
  const told = new Map<string, (ms: number) => void>();
  const kora = await createKora({
    home,
    cwd: home,
    env: {},
    port: 0,
    bundled: [fileURLToPath(new URL('./failing-probes', import.meta.url))],
    openEmbeddedPostgres,
    onMessage: ({ title }) => {
      const name = /^🚨 Probe alert · (.+)$/u.exec(title)?.[1];
      if (name === undefined) return;
      told.get(name)?.(performance.now() - (bench.answered.get(name) ?? Number.NaN));
    },
  });
  const samples: number[] = [];
  for (let at = 0; at < options.count; at += 1) {
    const name = `bench-${at}`;
    const message = new Promise<number>((resolve) => told.set(name, resolve));
    bench.failing.add(name);
    samples.push(await message);
    bench.failing.delete(name);
  }
  await kora.stop('measured');
  rmSync(home, { recursive: true, force: true });
  return samples;
}
