// Fills the disk of the embedded PostgreSQL under a runtime at work, N times, and judges what is left: nothing may be
// acknowledged that is not kept, the refusal says what to do, and once there is room all goes on without a hand.
// The database is put on a small file system of its own, which takes root and Linux.
//   npm run build && sudo node chaos/disk-full.ts 3
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KoraApiError } from '@kora/runtime/client';
import { House } from '../e2e/harness/house.ts';
import { databaseFolder } from '../e2e/harness/store.ts';
import { until } from '../e2e/harness/wait.ts';
import { gather } from './facts.ts';
import { judge } from './judge.ts';
import { settled } from './settled.ts';
import { Scene } from './scene.ts';

const roomMb = 400;
const fullForMs = 6_000;
const blockBytes = 64 * 1024;

const [, , times = '3'] = process.argv;
const floods = Number(times);
await using house = new House();
const scene = new Scene(house);
await scene.prepare();
await scene.raise();
await down();
const folder = databaseFolder(house.home);
if (folder === undefined) throw new Error('no database folder');
const ballast = join(folder, 'data', 'ballast');
const aside = join(house.box, 'aside');
execFileSync('cp', ['-a', folder, aside]);
execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${roomMb}m,mode=0755`, 'kora-disk-full', folder]);
let failed = 1;
try {
  execFileSync('cp', ['-a', `${aside}/.`, folder]);
  failed = await flood();
} finally {
  await down().catch((error: unknown) => console.error(String(error)));
  for (const { pid } of house.databaseProcesses()) process.kill(pid, 'SIGKILL');
  await until('the last process to let go of the disk', () => house.databaseProcesses().length === 0);
  execFileSync('umount', [folder]);
}
process.exitCode = failed;

async function flood(): Promise<number> {
  const { child } = await scene.raise();
  scene.feed();
  const refusals = new Set<string>();
  for (let n = 0; n < floods; n += 1) {
    const before = scene.acknowledged.size;
    await until('a ticket to be acknowledged', () => scene.acknowledged.size > before);
    fill();
    const end = Date.now() + fullForMs;
    await until('the disk to be felt', async () => feel(refusals), 120_000);
    while (Date.now() < end) await feel(refusals).then(() => sleep(100));
    if (child.end !== undefined) throw new Error(`the runtime ended: ${JSON.stringify(child.end)}`);
    const known = scene.acknowledged.size;
    rmSync(ballast);
    const began = performance.now();
    await until('a ticket to be acknowledged again', () => scene.acknowledged.size > known, 120_000);
    console.log(`${n + 1}/${floods}  ${Math.round(performance.now() - began)} ms after there was room again`);
  }
  await scene.sate();
  await settled(scene);
  const broken = judge(await gather(scene));
  for (const refusal of refusals) console.log(`said meanwhile: ${refusal}`);
  const named = [...refusals].some((refusal) => refusal.startsWith('KORA_STORE_FULL'));
  if (!named) broken.push('no refusal had the code KORA_STORE_FULL');
  for (const line of broken) console.error(`BROKEN  ${line}`);
  console.log(
    `${floods} floods, ${scene.acknowledged.size} tickets: ${broken.length === 0 ? 'every law held' : 'broken'}`,
  );
  return broken.length === 0 && scene.acknowledged.size > 0 ? 0 : 1;
}

/** To the last block. */
function fill(): void {
  const file = openSync(ballast, 'w');
  const block = Buffer.alloc(blockBytes);
  try {
    for (;;) writeSync(file, block);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    closeSync(file);
  }
}

/** Offers one errand, and makes the server begin another segment of its log; true once the errand is refused. */
async function feel(refusals: Set<string>): Promise<boolean> {
  fillRest();
  await burnLog();
  try {
    const name = `felt-${Date.now()}`;
    await house.api().tickets.add({ kind: 'errand', title: name, payload: { name }, idempotencyKey: name });
    scene.acknowledged.add(name);
    return false;
  } catch (error) {
    refusals.add(
      error instanceof KoraApiError ? `${error.code}: ${error.message} (${error.hint ?? ''})` : String(error),
    );
    return true;
  }
}

/** What the server let go of meanwhile. */
function fillRest(): void {
  const { bavail, bsize } = statfsSync(ballast);
  if (bavail * bsize < blockBytes) return;
  const file = openSync(ballast, 'a');
  try {
    writeSync(file, Buffer.alloc(bavail * bsize));
  } catch {
    // Somebody was faster: it is full either way.
  } finally {
    closeSync(file);
  }
}

async function burnLog(): Promise<void> {
  try {
    await using store = await scene.store();
    await store.rows('select pg_switch_wal()');
  } catch {
    // The server is away: what is burnt then is burnt.
  }
}

async function down(): Promise<void> {
  const { code, stderr } = await house.kora('down');
  if (code !== 0) throw new Error(`kora down: exit ${code}\n${stderr}`);
  await scene.up?.child.ended;
}
