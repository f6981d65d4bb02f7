// Messages over a provider that fails half the time, while whoever sends them is killed every few seconds: each is taken
// once by its key, in the order of its conversation, and none is left.
//   node --conditions=@kora/source chaos/outbound.ts [MESSAGES] [SECONDS BETWEEN KILLS] [SEED]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openWith } from '../packages/postgres/src/open.ts';
import { Scope } from '../packages/runtime/src/scope/index.ts';
import { prepareStore } from './append/prepare.ts';
import { openNamed } from './append/stores.ts';
import { placeOutside } from './append/storm.ts';
import { randomFrom } from './random.ts';

const [, , many = '10000', everySeconds = '5', seed = '1'] = process.argv;
const count = Number(many);
const threads = Math.max(1, Math.round(count / 20));
const random = randomFrom(Number(seed));
const home = mkdtempSync(join(tmpdir(), 'kora-chaos-outbound-'));
const server = await openWith({ home });
const taken = new Map<string, { readonly thread: string; readonly messageId: number }>();
const tally = { requests: 0, refused: 0, lost: 0, again: 0 };
const provider = createServer((request, response) => {
  void text(request).then((body) => {
    tally.requests += 1;
    const fate = random();
    if (fate < 0.3) {
      tally.refused += 1;
      response.writeHead(503).end();
      return;
    }
    const { key, ...message } = JSON.parse(body) as { key: string; thread: string; messageId: number };
    // It knows the key: the same message again is the same message.
    if (taken.has(key)) tally.again += 1;
    else taken.set(key, message);
    if (fate < 0.5) {
      // Taken, and its answer never arrives.
      tally.lost += 1;
      request.socket.destroy();
    } else response.end(`receipt-${key}`);
  });
});
provider.listen(0, '127.0.0.1');
await once(provider, 'listening');
const address = provider.address();
const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
const scope = new Scope('judge');
const began = performance.now();
let kills = 0;
try {
  const name = { kind: 'server', connection: { ...server.connection } } as const;
  await prepareStore(name);
  const database = await openNamed(name, scope);
  await database.query(
    `with accepted as (insert into kora.message (workspace_id, key, channel, thread, severity, title, body, source)
       select 1, 'k' || n, 'provider', 't' || n % $2, 'info', 'm' || n, '', 'chaos' from generate_series(1, $1) as n
       returning workspace_id, message_id, channel, thread)
     insert into kora.outbox (workspace_id, message_id, channel, thread) select * from accepted`,
    [count, threads],
  );
  const program = fileURLToPath(new URL('./outbound/sender.ts', import.meta.url));
  for (;;) {
    const args = ['--conditions=@kora/source', '--disable-warning=ExperimentalWarning', program];
    const child = spawn(process.execPath, [...args, JSON.stringify(name), url], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const ended = once(child, 'exit');
    await sleep((0.5 + random()) * Number(everySeconds) * 1_000);
    child.kill('SIGKILL');
    await ended;
    kills += 1;
    // Time passes for those that wait for another try.
    await database.query('update kora.outbox set due_at = clock_timestamp()');
    const [row] = await database.query<{ left: number }>('select count(*)::int as left from kora.outbox');
    console.log(`kill ${kills}: ${taken.size} taken, ${row?.left} left`);
    if (row?.left === 0) break;
  }
  const broken: string[] = [];
  for (let n = 1; n <= count; n += 1) if (!taken.has(`k${n}`)) broken.push(`k${n} was never taken`);
  const last = new Map<string, number>();
  for (const [key, { thread, messageId }] of taken) {
    if ((last.get(thread) ?? 0) > messageId) broken.push(`${key} came after what follows it in ${thread}`);
    last.set(thread, messageId);
  }
  const [marked] = await database.query<{ n: number }>('select count(*)::int as n from kora.delivery');
  if (marked?.n !== count) broken.push(`${marked?.n} of ${count} are marked as delivered`);
  console.log(
    `${count} messages in ${threads} conversations, ${kills} kills, ${tally.requests} requests: ${tally.refused} refused, ` +
      `${tally.lost} taken without an answer, ${tally.again} known by their key; ${Math.round((performance.now() - began) / 1_000)} s`,
  );
  for (const line of broken.slice(0, 20)) console.error(`BROKEN  ${line}`);
  console.log(broken.length === 0 ? 'every law held' : `${broken.length} laws broken`);
  process.exitCode = broken.length === 0 ? 0 : 1;
} finally {
  await scope.dispose();
  provider.closeAllConnections();
  provider.close();
  const outside = placeOutside(home);
  await server.stop();
  if (outside !== undefined) rmSync(outside, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
}
