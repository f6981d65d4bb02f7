// Messages over a provider that fails half the time, while each that sends them is killed every few seconds: each is
// taken once by its key, in the order of its conversation, and none is left.
//   node --conditions=@kora/source chaos/outbound.ts [MESSAGES] [SEED] [RUNTIMES] [BUG]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWith } from '../packages/postgres/src/open.ts';
import { Scope } from '../packages/runtime/src/scope/index.ts';
import { prepareStore } from './append/prepare.ts';
import { openNamed } from './append/stores.ts';
import { placeOutside } from './append/storm.ts';
import { judgeOutbound } from './outbound/judge.ts';
import { isPlanted, plant, plantedBugs } from './outbound/planted.ts';
import { Provider } from './outbound/provider.ts';
import { killSenders } from './outbound/storm.ts';
import { randomFrom } from './random.ts';

const everySeconds = 4;
const perThread = 20;

const [, , many = '10000', seed = String(Date.now() % 100_000), runtimes = '1', bug] = process.argv;
if (bug !== undefined && !isPlanted(bug))
  throw new RangeError(`no bug is called ${bug}: ${plantedBugs.join(', ')}`);
const count = Number(many);
const threads = Math.max(1, Math.round(count / perThread));
const random = randomFrom(Number(seed));
const senders = runtimes === '1' ? 'a runtime' : `${runtimes} runtimes`;
console.log(`${count} messages by ${senders}, seed ${seed}${bug === undefined ? '' : `, planted: ${bug}`}`);
const home = mkdtempSync(join(tmpdir(), 'kora-chaos-outbound-'));
const server = await openWith({ home });
const provider = new Provider(random);
const scope = new Scope('judge');
const began = performance.now();
try {
  const store = { kind: 'server', connection: { ...server.connection } } as const;
  await prepareStore(store);
  const database = await openNamed(store, scope);
  await database.query(
    `with accepted as (insert into kora.message (workspace_id, key, channel, thread, severity, title, body, source)
       select 1, 'k' || n, 'provider', 't' || n % $2, 'info', 'm' || n, '', 'chaos' from generate_series(1, $1) as n
       returning workspace_id, message_id, channel, thread)
     insert into kora.outbox (workspace_id, message_id, channel, thread) select * from accepted`,
    [count, threads],
  );
  await plant(database, bug);
  const kills = await killSenders({
    store,
    database,
    url: await provider.listen(),
    runtimes: Number(runtimes),
    everySeconds,
    random,
    ...(bug === undefined ? {} : { planted: bug }),
    onKill: (kill, left) => {
      if (kill % 10 === 0 || left === 0)
        console.log(`${kill} kills: ${provider.taken.size} taken, ${left} left`);
    },
  });
  const delivered = await database.query<{ key: string; receipt: string }>(
    'select m.key, d.receipt from kora.delivery d join kora.message m using (workspace_id, message_id)',
  );
  const [waits] = await database.query<{ left: number }>('select count(*)::int as left from kora.outbox');
  const broken = judgeOutbound({
    accepted: Array.from({ length: count }, (_, n) => `k${n + 1}`),
    taken: [...provider.taken.values()],
    delivered,
    left: waits?.left ?? 0,
  });
  const { requests, refused, patience, lost, again } = provider.tally;
  console.log(
    `${count} messages in ${threads} conversations, ${kills} kills, ${requests} requests: ${refused} refused, ` +
      `${patience} asked for patience, ${lost} taken without an answer, ${again} known by their key; ` +
      `${Math.round((performance.now() - began) / 1_000)} s`,
  );
  for (const line of broken.slice(0, 20)) console.error(`BROKEN  ${line}`);
  // A run without a kill, or in which no answer was lost, would prove nothing.
  const empty = kills === 0 || lost === 0 || refused === 0;
  console.log(broken.length === 0 && !empty ? 'every law held' : `${broken.length} laws broken`);
  process.exitCode = broken.length === 0 && !empty ? 0 : 1;
} finally {
  await scope.dispose();
  provider.close();
  const outside = placeOutside(home);
  await server.stop();
  if (outside !== undefined) rmSync(outside, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
}
