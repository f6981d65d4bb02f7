import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, defaultClientConditions } from 'vite';
import { leanSchemas } from '../../packages/cockpit/lean-schemas.ts';
import { leanZod } from '../../packages/cockpit/lean-zod.ts';
import type { Scene } from './looks.ts';
import { at, type Line, rounded } from './numbers.ts';

const batch = 100;
const batches = 200;

/** The store alone, in Chromium, fed with what is on the chain. */
export async function storeApply({ house, eyes, runs }: Scene): Promise<readonly Line[]> {
  const program = await bundled();
  const frames: string[] = [];
  const [head] = await house.client.events({ order: 'desc', limit: 1 });
  for (let from = Math.max(0, (head?.seq ?? 0) - batch * batches); frames.length < batch * batches; ) {
    const part = await house.client.events({ after: from, order: 'asc', limit: 500 });
    const last = part.at(-1);
    if (last === undefined) break;
    from = last.seq;
    frames.push(...part.map((event) => JSON.stringify(event)));
  }
  if (frames.length < batch * 50)
    throw new Error(`the chain has ${frames.length} events: too few to measure with`);
  const page = await eyes.blank();
  await page.addScriptTag({ content: program });
  const p95: number[] = [];
  const worst: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const { times, isWhole } = await page.evaluate<{ times: number[]; isWhole: boolean }>(
      `applying.applyBatches(${JSON.stringify(frames)}, ${batch})`,
    );
    if (!isWhole) throw new Error(`of ${frames.length} events not all are in the store`);
    // The first ones are read, not yet run.
    const warm = times.slice(20);
    p95.push(at(warm, 0.95));
    worst.push(Math.max(...warm));
  }
  await page.context().close();
  return [
    {
      metric: 'store: 100 events parsed and applied, p95',
      gate: 4,
      unit: 'ms',
      runs: p95,
      more: `worst ${rounded(at(worst, 0.5))}`,
    },
  ];
}

/** The page's own store, made as the page is made. */
async function bundled(): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), 'kora-bench-apply-'));
  try {
    await build({
      configFile: false,
      logLevel: 'error',
      resolve: { conditions: ['@kora/source', ...defaultClientConditions] },
      plugins: [leanZod(), leanSchemas()],
      build: {
        outDir,
        lib: {
          entry: fileURLToPath(
            new URL('../../packages/cockpit/src/web/store/testing/apply-batches.ts', import.meta.url),
          ),
          formats: ['iife'],
          name: 'applying',
          fileName: () => 'applying.js',
        },
      },
    });
    return readFileSync(join(outDir, 'applying.js'), 'utf8');
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}
