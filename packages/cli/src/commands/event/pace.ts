import type { Context } from '../../context.ts';

/** Said no more often than this, so that a long run scrolls slowly. */
const everyMs = 2_000;

/** Tells how far a long pass is: `at` is a sequence, `of` the last one. */
export type Pace = (at: number, of: number) => void;

/** Progress on stderr: percent, sequence, and the events a second measured from the first word to this one. */
export function createPace({ host, out }: Context, what: string): Pace {
  let first: { readonly at: number; readonly time: number } | undefined;
  let told = host.now();
  return (at, of) => {
    const time = host.now();
    first ??= { at, time };
    if (time - told < everyMs) return;
    told = time;
    const seconds = (time - first.time) / 1_000;
    const rate = seconds > 0 ? `  ${Math.round((at - first.at) / seconds)} events/s` : '';
    const percent = of === 0 ? 100 : Math.floor((at / of) * 100);
    out.note(out.aside.dim(`${what} ${percent} %  #${at} of #${of}${rate}`));
  };
}
