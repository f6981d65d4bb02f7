import { setTimeout as sleep } from 'node:timers/promises';
import type { Scene } from './looks.ts';
import type { Held } from './eyes.ts';
import { type Line, rounded } from './numbers.ts';

/** The pages that are walked through, over and over. */
const walk = ['Tickets', 'Events', 'Probes', 'Daemons', 'Overview'];
const sampleEveryMs = 30_000;

/** What the page holds after so many minutes of 100 events a second, walked through each half minute, against the beginning. */
export async function soak({ house, eyes, say }: Scene, minutes: number): Promise<readonly Line[]> {
  await house.busy(100);
  const look = await eyes.look('/', 1);
  const round = async (): Promise<Held> => {
    const until = performance.now() + sampleEveryMs;
    for (const title of walk) {
      await look.page
        .getByRole('navigation', { name: 'Panels' })
        .getByRole('link', { name: title, exact: true })
        .click();
      await look.page.getByRole('heading', { level: 1, name: title }).waitFor({ state: 'attached' });
      await sleep(1_000);
    }
    await sleep(Math.max(0, until - performance.now()));
    return await look.held();
  };
  // The page fills its log of 2 000 events and loads its code before anything counts as growth.
  await round();
  const first = await round();
  let last = first;
  for (let n = 0; n < (minutes * 60_000) / sampleEveryMs; n += 1) {
    last = await round();
    say(
      `  ${n + 1}: ${rounded(last.heapBytes / 1e6)} MB, ${last.nodes} nodes, ${last.listeners} listeners\n`,
    );
  }
  await look.close();
  await house.busy(0);
  const more = `${rounded(first.heapBytes / 1e6)} MB at first`;
  return [
    {
      metric: `heap growth in ${minutes} min`,
      gate: 2,
      unit: 'MB',
      runs: [(last.heapBytes - first.heapBytes) / 1e6],
      more,
    },
    {
      metric: `listeners more after ${minutes} min`,
      gate: 20,
      unit: '',
      runs: [last.listeners - first.listeners],
      more: `${first.listeners} at first`,
    },
  ];
}
