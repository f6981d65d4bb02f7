// Kills a runtime every few seconds while messages come in over a channel, some twice, in any order; and judges whether
// each was handled once, in the order of its conversation, and answered.
//   node --conditions=@kora/source chaos/inbound.ts [MESSAGES] [SEED] [BUG]
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { House } from '../e2e/harness/house.ts';
import { until } from '../e2e/harness/wait.ts';
import { gatherRows, judgeInbound } from './inbound/judge.ts';
import { Office } from './inbound/office.ts';
import { isPlanted, plant, plantedBugs } from './inbound/planted.ts';
import { randomFrom } from './random.ts';

const [, , count = '10000', seed = String(Date.now() % 100_000), bug] = process.argv;
if (bug !== undefined && !isPlanted(bug))
  throw new RangeError(`no bug is called ${bug}: ${plantedBugs.join(', ')}`);
const random = randomFrom(Number(seed));
const root = fileURLToPath(new URL('..', import.meta.url));
/** Answers go out one after the other. */
const settleMs = bug === undefined ? 1_800_000 : 60_000;
console.log(`${count} messages, seed ${seed}${bug === undefined ? '' : `, planted: ${bug}`}`);

const office = new Office(random);
const env = { POST_OFFICE: await office.listen(), POST_BUG: bug ?? '' };
const sources = join(root, 'packages/cli/src/bin.ts');
await using house = new House([process.execPath, '--conditions=@kora/source', sources]);
install();
const posted = Array.from({ length: Number(count) }, (_, n) => `m${n}`);
const conversations = Math.max(5, Math.round(posted.length / 40));

const began = performance.now();
let kills = 0;
let up = await house.up([], { env });
{
  await using store = await house.store();
  await plant(store, bug);
}
for (const id of posted) office.post({ id, conversation: `c${Math.floor(random() * conversations)}` });
while (office.left > 0 || (await leftOpen()) > 0) {
  await sleep(2_000 + random() * 3_000);
  up.child.signal('SIGKILL');
  await up.child.ended;
  kills += 1;
  up = await house.up([], { env });
  const open = await leftOpen();
  console.log(
    `${kills} kills: ${office.heard.size} acknowledged, ${open} of them open, ${office.told.length} answers told`,
  );
}
await until(
  'every message to be answered and told',
  async () => new Set(office.told.map(({ key }) => key)).size >= posted.length,
  settleMs,
).catch((error: unknown) => console.error(error instanceof Error ? error.message : error));
const { isVerified, ...stored } = await looked();
const broken = judgeInbound({ posted, heard: office.heard, told: office.told, isVerified, ...stored });
const { code } = await house.kora('down');
await up.child.ended;
office.close();

const twice = office.told.length - new Set(office.told.map(({ key }) => key)).size;
const attempts = stored.rows.filter((row) => row.attempts > 1).length;
console.log(
  `${posted.length} messages in ${conversations} conversations, handed out ${office.given} times; ${kills} kills; ` +
    `${attempts} took more than one attempt; ${twice} answers were told again; ${Math.round((performance.now() - began) / 1_000)} s`,
);
for (const line of broken.slice(0, 20)) console.error(`BROKEN  ${line}`);
// A run without a kill, or in which nothing came twice, would prove nothing.
const empty = kills === 0 || office.given <= posted.length || code !== 0;
console.log(broken.length === 0 && !empty ? 'every law held' : `${broken.length} laws broken`);
process.exitCode = broken.length === 0 && !empty ? 0 : 1;

async function looked(): Promise<Awaited<ReturnType<typeof gatherRows>> & { readonly isVerified: boolean }> {
  await using store = await house.store();
  const verified = await house.api().verify();
  return { ...(await gatherRows(store)), isVerified: verified.ok };
}

/** Messages that were heard and are not handled yet. */
async function leftOpen(): Promise<number> {
  await using store = await house.store();
  const [row] = await store.rows<{ open: number }>(
    `select count(*)::int as open from kora.inbound where state in ('received', 'waiting', 'working')`,
  );
  return row?.open ?? 0;
}

/** As an operator's project would look after an installation, with a link to the runtime. */
function install(): void {
  const modules = join(house.box, 'node_modules');
  mkdirSync(join(modules, '@kora'), { recursive: true });
  symlinkSync(join(root, 'packages', 'runtime'), join(modules, '@kora', 'runtime'));
  cpSync(join(root, 'chaos', 'post-office'), join(modules, 'kora-plugin-post-office'), { recursive: true });
  house.file('package.json', { private: true, dependencies: { 'kora-plugin-post-office': '1.0.0' } });
  house.file('kora.json', {
    plugins: { trusted: ['post-office'] },
    messages: { perMinute: 100_000, staleMinutes: 1_440 },
    inbound: { concurrency: 16 },
  });
}
