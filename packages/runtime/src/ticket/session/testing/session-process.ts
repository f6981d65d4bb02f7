// A process with a session that does what it is told on its input: begins, hangs, ends.
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { systemClock } from '../../../clock/index.ts';
import { messageOf } from '../../../fault/index.ts';
import { openPool } from '../../../store/index.ts';
import type { StoreWay } from '../../../store/index.ts';
import type { LiveSession } from '../live-session.ts';
import { Sessions } from '../sessions.ts';
import type { SessionOptions } from '../sessions.ts';

const { connection, owner, times } = JSON.parse(process.argv[2] ?? '') as Pick<SessionOptions, 'owner'> & {
  readonly connection: Exclude<StoreWay, { url: string }>;
  readonly times: NonNullable<SessionOptions['times']>;
};
const clock = systemClock();
const database = openPool({
  connection,
  server: { kind: 'embedded', description: 'the store of a test' },
  clock,
  onIdleError: () => undefined,
});
const sessions = new Sessions({
  database,
  owner,
  clock,
  connection: database.way(),
  singleProcess: false,
  times,
  onError: (where, error) => print(`error ${where}: ${messageOf(error)}`),
});
let session: LiveSession | undefined;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function begin(): Promise<void> {
  const live = await sessions.begin();
  session = live;
  live.lost.addEventListener('abort', () => print(`lost ${messageOf(live.lost.reason)}`));
  live.onBeat((leases) => print(`beat ${JSON.stringify([...leases])}`));
  print(`begun ${live.sessionId}`);
}

/** As a handler that does not yield, for at least so long, until a file is laid down for it. */
function spin(ms: number, file: string): void {
  print('spinning');
  const until = clock.monotonic() + ms;
  while (clock.monotonic() < until || !existsSync(file));
  print('spun');
}

const orders: Readonly<Record<string, (word: string, file: string) => unknown>> = {
  begin,
  spin: (word, file) => spin(Number(word), file),
  end: async () => {
    await session?.end();
    await database.close();
    input.close();
    print('ended');
  },
};

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const [order = '', word = '', file = ''] = line.split(' ');
  void Promise.resolve(orders[order]?.(word, file)).catch((error: unknown) =>
    print(`failed ${messageOf(error)}`),
  );
});
print('up');
