import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pack } from '../../scripts/pack.ts';
import type { Line } from './numbers.ts';
import { weigh } from './weight.ts';

const cockpit = fileURLToPath(new URL('../../packages/cockpit/', import.meta.url));

/** What the page weighs, in kB of 1 000 bytes as they travel, and how long it takes to build. */
export function sizes(runs: number): readonly Line[] {
  const out = mkdtempSync(join(tmpdir(), 'kora-bench-cockpit-'));
  try {
    const seconds = Array.from({ length: runs }, () => {
      const begun = performance.now();
      execFileSync(
        join(cockpit, 'node_modules/.bin/vite'),
        ['build', '--outDir', join(out, 'web'), '--emptyOutDir'],
        {
          cwd: cockpit,
          stdio: 'ignore',
        },
      );
      return (performance.now() - begun) / 1_000;
    });
    const { js, css, lazy } = weigh(join(out, 'web'));
    const [largest] = lazy;
    const { tarball, files } = pack(cockpit, out);
    if (!files.includes('dist/web/index.html')) throw new Error('the page is not built: npm run build');
    return [
      { metric: 'first load, JavaScript', gate: 140, unit: 'kB gz', runs: [js] },
      { metric: 'first load, CSS', gate: 12, unit: 'kB gz', runs: [css] },
      {
        metric: 'largest lazy chunk',
        gate: 30,
        unit: 'kB gz',
        runs: [largest?.kB ?? Number.NaN],
        more: `${largest?.file ?? ''}, of ${lazy.length}`,
      },
      { metric: 'build of the page', gate: 5, unit: 's', runs: seconds },
      { metric: 'tarball', gate: 600, unit: 'kB', runs: [statSync(tarball).size / 1_000] },
    ];
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
