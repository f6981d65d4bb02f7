import { messageOf } from '../../packages/runtime/src/fault/index.ts';
import { codeOf } from '../../packages/runtime/src/store/index.ts';
import type { Database, Session, Transaction } from '../../packages/runtime/src/store/index.ts';
import type { Claim, Verdict } from '../../packages/runtime/src/ticket/index.ts';
import { Acts } from './acts.ts';
import { openHouse } from './house.ts';
import type { House } from './house.ts';
import { judge } from './laws.ts';
import { Broken, law, look, placeIn } from './look.ts';
import type { Lens } from './planted.ts';
import { isOf } from './world.ts';
import type { Grant, Word } from './world.ts';

/** What a statement answered, for the laws that look at both. */
export interface Heard {
  readonly claims?: readonly Grant[];
  readonly said?: {
    readonly claim: Claim;
    readonly sessionId: string;
    readonly word: Word;
    readonly verdict: Verdict;
  };
  readonly done?: boolean;
}

/** Two tickets and two sessions. Where `held`, the first session holds the first ticket; the second is always free. */
export interface Setting {
  readonly held: Claim | undefined;
  readonly tickets: readonly [number, number];
  readonly holder: string;
  readonly other: string;
}
export type Deed = (acts: Acts, setting: Setting) => Promise<Heard>;

export interface Pair {
  readonly name: string;
  readonly first: Deed;
  readonly second: Deed;
  readonly isHeld: boolean;
  /** Before both, committed. */
  readonly before?: (acts: Acts, setting: Setting) => Promise<void>;
  /** Neither waits for the other's locks. */
  readonly waits: 'never' | 'may';
}

export interface PairsFound {
  readonly runs: number;
  /** In how many of them one statement waited for the other. */
  readonly waited: number;
  readonly broken?: { readonly law: string; readonly pair: string };
}

/** Each pair on two connections, in both orders: the second begins while the first is not committed, and then is or never is. */
export async function playPairs(database: Database, lens: Lens, pairs: readonly Pair[]): Promise<PairsFound> {
  return database.session((one) => database.session((two) => playOn({ database, one, two, lens }, pairs)));
}

interface Field {
  readonly database: Database;
  readonly one: Session;
  readonly two: Session;
  readonly lens: Lens;
}

async function playOn(field: Field, pairs: readonly Pair[]): Promise<PairsFound> {
  let [runs, waited] = [0, 0];
  for (const { name, meeting } of pairs.flatMap(waysOf)) {
    runs += 1;
    try {
      waited += (await play(field, meeting)) ? 1 : 0;
    } catch (error) {
      // A key of the store that was met twice, or two that waited in a circle.
      if (!(error instanceof Broken) && !/^(23|40)/.test(codeOf(error))) throw error;
      return { runs, waited, broken: { law: messageOf(error), pair: name } };
    }
  }
  return { runs, waited };
}

function waysOf(pair: Pair): { readonly name: string; readonly meeting: Play }[] {
  return [false, true].flatMap((isTurned) =>
    (['commit', 'rollback'] as const).map((end) => {
      const [first, second] = isTurned ? [pair.second, pair.first] : [pair.first, pair.second];
      const name = `${pair.name}${isTurned ? ', the other way round' : ''}; the first ${end}s`;
      return { name, meeting: { ...pair, first, second, end } };
    }),
  );
}

type Play = Pair & { readonly end: 'commit' | 'rollback' };

/** Whether the second waited for the first. */
async function play({ database, one, two, lens }: Field, pair: Play): Promise<boolean> {
  const house = await openHouse(database);
  const { setting, granted } = await prepare(database, house, pair);
  await one.query('begin');
  const first = await pair.first(new Acts(transactionOn(one, lens), house), setting);
  await two.query('begin');
  const process = await processOf(two);
  let isDone = false;
  const second = pair
    .second(new Acts(transactionOn(two, lens), house), setting)
    .finally(() => (isDone = true));
  // Its failure is met where it is awaited, below.
  second.catch(() => undefined);
  const hasWaited = await waits(database, process, () => isDone);
  law(!hasWaited || pair.waits === 'may', 'one of them waits for the other');
  await one.query(pair.end);
  const answers = [...(pair.end === 'commit' ? [first] : []), await second];
  await two.query('commit');
  await judgeBoth(database, house, { setting, granted, answers });
  return hasWaited;
}

interface Prepared {
  readonly setting: Setting;
  readonly granted: readonly Grant[];
}

async function prepare(database: Database, house: House, pair: Pair): Promise<Prepared> {
  return database.transaction(async (tx) => {
    const acts = new Acts(tx, house);
    const tickets = [await acts.add(), await acts.add()] as const;
    const [holder, other] = [await acts.begin(), await acts.begin()];
    const held = pair.isHeld ? (await acts.claimOne(holder, tickets[0])).claim : undefined;
    law(pair.isHeld === (held !== undefined), 'the first ticket was not claimed');
    const setting = { held, tickets, holder, other } satisfies Setting;
    await pair.before?.(acts, setting);
    const granted = held === undefined ? [] : [{ claim: held, sessionId: holder, accepted: undefined }];
    return { setting, granted };
  });
}

/** What every law of the search says of the store, and that both answers fit to it and to each other. */
async function judgeBoth(
  database: Database,
  house: House,
  { setting, granted, answers }: Prepared & { readonly answers: readonly Heard[] },
): Promise<void> {
  let grants = [...granted];
  for (const { claims = [] } of answers) {
    for (const grant of claims) {
      const { ticketId, fence } = grant.claim;
      law(!grants.some(isOf(grant.claim)), `ticket ${ticketId} was given twice under fence ${fence}`);
      grants.push(grant);
    }
  }
  const said = answers.flatMap((answer) => answer.said ?? []);
  for (const { claim, sessionId, word } of said.filter(({ verdict }) => verdict === 'ok')) {
    const grant = grants.find(isOf(claim));
    law(
      grant?.sessionId === sessionId && grant.accepted === undefined,
      `ticket ${claim.ticketId} was ended twice`,
    );
    grants = grants.map((one) => (one === grant ? { ...one, accepted: word } : one));
  }
  for (const { claim, sessionId, verdict } of said) {
    const grant = grants.find(isOf(claim));
    const mine = grant?.sessionId === sessionId && grant.accepted !== undefined;
    law(verdict !== 'already' || mine, `ticket ${claim.ticketId}: "already", and no word was accepted`);
    law(verdict !== 'lost' || !mine, `ticket ${claim.ticketId}: "lost", and it was accepted`);
  }
  const seen = await look(database, house.workspaceId);
  judge({ grants }, seen);
  for (const { claim, verdict } of said) {
    const place = placeIn(seen, claim.ticketId);
    const isStill = place?.at === 'lease' && place.fence === claim.fence;
    law(verdict !== 'lost' || !isStill, `ticket ${setting.tickets[0]}: "lost", and its holder has it`);
  }
}

function transactionOn({ query }: Session, lens: Lens): Transaction {
  return {
    query: (text, values, options) => query(lens(text), values, options),
    afterCommit: () => undefined,
  };
}

async function processOf(session: Session): Promise<number> {
  const [row] = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
  return row?.pid ?? 0;
}

/** True once the server says that the process waits for another, false once its statements are done. */
async function waits(database: Database, process: number, isDone: () => boolean): Promise<boolean> {
  for (;;) {
    if (isDone()) return false;
    const [row] = await database.query<{ waits: boolean }>(
      'select cardinality(pg_blocking_pids($1)) > 0 as waits',
      [process],
    );
    if (row?.waits === true) return true;
  }
}
