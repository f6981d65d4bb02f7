import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { pack } from '../../scripts/pack.ts';
import type { Line } from './numbers.ts';

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
    const { tarball } = pack(cockpit, out);
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

export interface Weight {
  readonly js: number;
  readonly css: number;
  /** Largest first. */
  readonly lazy: readonly { readonly file: string; readonly kB: number }[];
}

/** What a built page names in its document, and the rest of its JavaScript, compressed as it is served. */
export function weigh(folder: string): Weight {
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  const first = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, file]) => String(file));
  const kB = (file: string): number =>
    gzipSync(readFileSync(join(folder, file)), { level: 9 }).byteLength / 1_000;
  const sum = (end: string): number =>
    first.filter((file) => file.endsWith(end)).reduce((total, file) => total + kB(file), 0);
  const lazy = readdirSync(join(folder, 'assets'))
    .map((name) => `assets/${name}`)
    .filter((file) => file.endsWith('.js') && !first.includes(file))
    .map((file) => ({ file: file.replace('assets/', '').replace(/-[\w-]{8}\.js$/, ''), kB: kB(file) }))
    .toSorted((a, b) => b.kB - a.kB);
  return { js: sum('.js'), css: sum('.css'), lazy };
}
