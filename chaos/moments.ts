import { setTimeout as sleep } from 'node:timers/promises';
import { kill, treeOf } from '../e2e/harness/processes.ts';
import type { StoreConnection } from '../e2e/harness/store.ts';
import { until } from '../e2e/harness/wait.ts';
import type { Scene } from './scene.ts';

/** When a kill falls. `strike` waits for the moment in a runtime that is up, kills it and leaves it dead. */
export interface Moment {
  readonly name: string;
  strike(scene: Scene, random: () => number): Promise<void>;
}

const lookEveryMs = 3;
const longestWaitMs = 8_000;

/** The story's own moments, in its order: the first kills of a run, and what the random ones are drawn from. */
export const moments: readonly Moment[] = [
  { name: 'before anything has happened', strike: killRuntime },
  before('a failed look, before the incident', 'select from kora.probe_state where bad_in_a_row = 1'),
  before('right after the incident opened', 'select from kora.incident where resolved_at is null'),
  before('an investigation was ordered', `select from kora.ticket where kind = 'probe_investigation'`),
  before('tickets are being worked', `select from kora.ticket_lease where kind = 'errand'`),
  before('a message is to be delivered', `select from kora.outbox where channel = 'wire'`),
  before('events are staged and not sealed', 'select from kora.stage'),
  { name: 'right after a ticket was acknowledged', strike: afterAcknowledgement },
  { name: 'during the boot', strike: duringBoot },
  { name: 'the database and its guardian die too', strike: killEverything },
];

/** Some time after the runtime was ready; drawn from the seed. */
export const anyTime: Moment = {
  name: 'at a random time',
  async strike(scene, random) {
    await sleep(random() * 1_500);
    await killRuntime(scene);
  },
};

function before(name: string, sql: string): Moment {
  return {
    name,
    async strike(scene) {
      await using store = await scene.store();
      await untilRow(store, sql);
      await killRuntime(scene);
    },
  };
}

/** Looks without a pause to speak of: most of these moments are milliseconds. One that does not come is no reason to wait. */
async function untilRow(store: StoreConnection, sql: string): Promise<void> {
  const deadline = Date.now() + longestWaitMs;
  while ((await store.rows(sql)).length === 0 && Date.now() < deadline) await sleep(lookEveryMs);
}

async function killRuntime({ up }: Scene): Promise<void> {
  up?.child.signal('SIGKILL');
  await up?.child.ended;
}

async function afterAcknowledgement(scene: Scene): Promise<void> {
  const known = scene.acknowledged.size;
  await until('a ticket to be acknowledged', () => scene.acknowledged.size > known);
  await killRuntime(scene);
}

/** Twice: the runtime that was up, and its successor on its way. */
async function duringBoot(scene: Scene, random: () => number): Promise<void> {
  await killRuntime(scene);
  const child = scene.start();
  await child.said(/store: /);
  await sleep(random() * 200);
  child.signal('SIGKILL');
  await child.ended;
}

/** As a power cut that the disk survives: every process of the home at once, shop and wire aside. */
async function killEverything(scene: Scene): Promise<void> {
  const { house, up } = scene;
  const runtime = up?.child.pid ?? 0;
  const all = [...treeOf(runtime), ...house.databaseProcesses()];
  for (const { pid } of all) kill(pid);
  await up?.child.ended;
}
