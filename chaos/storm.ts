import { House } from '../e2e/harness/house.ts';
import { until } from '../e2e/harness/wait.ts';
import { gather, type Facts } from './facts.ts';
import { anyTime, type Moment, moments } from './moments.ts';
import { randomFrom } from './random.ts';
import { Scene } from './scene.ts';
import { settled } from './settled.ts';

export interface StormOptions {
  readonly kills: number;
  readonly seed: number;
  readonly onKill?: (line: string) => void;
}

export interface Storm {
  readonly kills: readonly string[];
  readonly facts: Facts;
}

/** After this kill the shop dies, after that one it is back, and so on: the story goes on through all of them. */
const shopDiesAfter = 1;
const shopReturnsAfter = 7;
const storyKills = 12;

/**
 * Kills the runtime again and again while errands come in and a watched shop dies and returns, starts it on the same
 * home after each, then lets it finish and gathers what is left. The first kills follow the story's moments, the others
 * are drawn from the seed. Throws when something does not come to its end.
 */
export async function storm({ kills, seed, onKill = () => undefined }: StormOptions): Promise<Storm> {
  await using house = new House();
  const scene = new Scene(house);
  const random = randomFrom(seed);
  const struck: string[] = [];
  await scene.prepare();
  await scene.raise();
  await scene.expectErrands();
  await seenHealthy(scene);
  scene.feed();
  for (let kill = 0; kill < kills; kill += 1) {
    if (kill % storyKills === shopDiesAfter) await scene.killShop();
    if (kill % storyKills === shopReturnsAfter) await scene.openShop();
    const moment = momentOf(kill, random);
    await moment.strike(scene, random);
    struck.push(moment.name);
    await scene.raise();
    onKill(`${kill + 1}/${kills}  ${moment.name}; ${scene.acknowledged.size} tickets acknowledged`);
  }
  await scene.sate();
  // A storm may end in the middle of the story.
  await scene.openShop();
  await seenHealthy(scene);
  await settled(scene);
  const facts = await gather(scene);
  const { code, stderr } = await house.kora('down');
  if (code !== 0) throw new Error(`kora down after the storm: exit ${code}\n${stderr}`);
  await scene.up?.child.ended;
  return { kills: struck, facts };
}

function momentOf(kill: number, random: () => number): Moment {
  const inOrder = moments[kill];
  if (inOrder !== undefined) return inOrder;
  // The second moment needs a shop that has just died, which only the story arranges.
  const [first, , ...others] = moments;
  const choice = [anyTime, anyTime, first, ...others].filter((one) => one !== undefined);
  return choice[Math.floor(random() * choice.length)] ?? anyTime;
}

async function seenHealthy({ house }: Scene): Promise<void> {
  await until('the shop to be seen healthy and no incident to be open', async () => {
    const [probes, open] = await Promise.all([
      house.api().probes(),
      house.api().incidents({ status: 'open' }),
    ]);
    return open.length === 0 && probes.some(({ name, status }) => name === 'shop' && status === 'healthy');
  });
}
