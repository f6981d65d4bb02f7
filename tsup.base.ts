import type { Options } from 'tsup';

/** How every package is bundled: modern ESM, one chunk graph, declarations left to tsc. */
export function library(options: Pick<Options, 'entry'>): Options {
  return {
    ...options,
    format: ['esm'],
    // The lowest Node that published packages ask for.
    target: 'node22.18',
    platform: 'node',
    // Two doors of one package must share one class of error, so shared code goes to shared chunks.
    splitting: true,
    // An operator's stack trace names our lines.
    sourcemap: true,
    // tsup's own declarations fail with TypeScript 6; `tsc` emits them after the bundle.
    dts: false,
    clean: true,
  };
}
