import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { koraControlSchema, statusSchema, stopCommandSchema } from '@kora/runtime/client';
import type { KoraControl } from '@kora/runtime/client';
import type { z } from 'zod';
import type { House } from '../../e2e/harness/house.ts';
import { until } from '../../e2e/harness/wait.ts';
import { workOf } from './labour.ts';
import type { Labour, Line } from './labour.ts';

type Command = z.infer<typeof stopCommandSchema>;
export type Acknowledgement = KoraControl['commands'][number]['acknowledgements'][number];

/** What came of one stop. Milliseconds count from the commit of the command; all clocks are this machine's. */
export interface LevelFacts {
  readonly level: number;
  /** From the start of `kora stop` to its end: a process of its own, with everything that costs. */
  readonly commandMs: number;
  /** How the one runtime there is acknowledged it, when its figures had come to rest. */
  readonly said: Acknowledgement;
  readonly observedMs: number | null;
  readonly acknowledgedMs: number | null;
  readonly enforcedMs: number | null;
  /** Tickets in hand when the command was committed. */
  readonly inHand: readonly string[];
  readonly outside: Outside;
  /** Asked after the moment that the acknowledgement names, and let through; below level 2 only who had nothing in hand. */
  readonly pastAcknowledgement: number;
  /** When each claim was back, by the rows of the store. */
  readonly releasedMs: readonly number[];
  /** Of a kill: how the process ended, and when. */
  readonly exit: { readonly code: number | null; readonly afterMs: number } | undefined;
}

/** The same as the third process saw it. */
export interface Outside {
  /** Asked after `kora stop` had ended, and let through all the same: by tickets that were in hand, and by others. */
  readonly heldCallsAfter: number;
  readonly otherCallsAfter: number;
  /** Tickets that were begun after it had ended. */
  readonly begunAfter: number;
  /** Refusals for the reason of this level. */
  readonly refused: number;
  /** Tickets in hand that saw their signal, and those that said their end. */
  readonly signalled: readonly string[];
  readonly ended: readonly string[];
  /** The last step that was taken before everything stood, and the last signal. */
  readonly lastCallMs: number | null;
  readonly lastSignalMs: number | null;
}

/** How the start after a kill stood, before and after its operator said go on. */
export interface NextStart {
  readonly primaryState: string;
  readonly stopLevel: number;
  readonly isTokenGone: boolean;
  readonly isTokenFresh: boolean;
  /** What the API answers to the token from before the kill. */
  readonly oldTokenStatus: number;
  /** Steps that were let through, and tickets that were begun, before the resume. */
  readonly leaked: number;
}

const quietRefusals = 20;

/** A stop that was answered, and what was in hand when it was committed. */
interface Issued {
  readonly command: Command;
  readonly commandMs: number;
  readonly mark: string;
  readonly inHand: readonly string[];
}

/** Stops a house in full swing below the kill, lets the work come to rest and gathers what is left. Goes not on again. */
export async function stopMildly(labour: Labour, level: 1 | 2 | 3): Promise<LevelFacts> {
  const issued = await stop(labour, level);
  await labour.wrote(issued.mark, 'refused', quietRefusals);
  await labour.order('enough');
  await until('work in hand to end', () => {
    const over = namesOf(labour.lines(), 'end');
    const signalled = namesOf(labour.lines(), 'signal');
    return issued.inHand.every(
      (work) => over.has(work) || (signalled.has(work) && work.startsWith('heeding')),
    );
  });
  const said = await atRest(labour, issued, (counted, outside) => counted === outside);
  return await factsOf(labour, issued, said);
}

/** Kills a house in full swing. Its process is gone afterwards; the rows are read when the next one stands. */
export async function stopHard(labour: Labour, level: 4 | 5): Promise<() => Promise<LevelFacts>> {
  const issued = await stop(labour, level);
  const { code } = await labour.up.child.ended;
  const exit = { code, afterMs: Date.now() - Date.parse(issued.command.createdAt) };
  return async () => {
    // The end of a process cuts answers off: what was refused may be more than what the outside was told, never less.
    const said = await atRest(labour, issued, (counted, outside) => counted >= outside);
    return { ...(await factsOf(labour, issued, said)), exit };
  };
}

/** Starts after a kill, and looks whether it keeps still. */
export async function startStopped(labour: Labour, oldToken: string): Promise<NextStart> {
  const { house } = labour;
  const isTokenGone = !existsSync(join(house.home, 'api-token'));
  const mark = await labour.mark();
  const { ready } = await labour.raise();
  // The plugin runs and asks: that nothing is let through must not be for want of somebody who asks.
  await labour.wrote(mark, 'refused', quietRefusals);
  await labour.order('enough');
  const { data } = await house.read(statusSchema, 'status');
  const answer = await fetch(`${ready.url}/api/status`, {
    headers: { authorization: `Bearer ${oldToken}` },
  });
  const leaks = labour.after(mark).filter(({ verb }) => verb === 'call' || verb === 'begin');
  return {
    primaryState: data.primaryState,
    stopLevel: data.stopLevel,
    isTokenGone,
    isTokenFresh: house.token() !== oldToken,
    oldTokenStatus: answer.status,
    leaked: leaks.length,
  };
}

/** Lets it go on, until four tickets are worked again. */
export async function goOn(labour: Labour): Promise<void> {
  await labour.order('more');
  const mark = await labour.mark();
  await labour.did('resume', '--reason', 'it may go on');
  await labour.inFullSwing(mark);
}

async function stop(labour: Labour, level: number): Promise<Issued> {
  const began = Date.now();
  const words = ['--level', `L${level}`, '--reason', `to try L${level}`, '--yes'];
  const { data: command } = await labour.house.read(stopCommandSchema, 'stop', ...words);
  const commandMs = Date.now() - began;
  const mark = await labour.mark();
  return { command, commandMs, mark, inHand: labour.inHandAt(Date.parse(command.createdAt)) };
}

/** By the command, as its operator would look. */
async function readAcknowledgement(house: House, { sequence }: Command): Promise<Acknowledgement> {
  const { data } = await house.read(koraControlSchema, 'control');
  const acknowledgements = data.commands.find((each) => each.sequence === sequence)?.acknowledgements;
  const [said, ...others] = acknowledgements ?? [];
  if (said === undefined || others.length > 0)
    throw new Error(`stop ${sequence} has not one acknowledgement: ${JSON.stringify(acknowledgements)}`);
  return said;
}

/** The acknowledgement, as soon as it has counted everything that happened: the work must rest already. */
async function atRest(
  labour: Labour,
  issued: Issued,
  isAll: (counted: number, outside: number) => boolean,
): Promise<Acknowledgement> {
  return await until('the figures of the acknowledgement to come to rest', async () => {
    const said = await readAcknowledgement(labour.house, issued.command);
    const { refused } = outsideOf(labour, issued);
    const { enforcedAt, effect } = said;
    if (enforcedAt !== null && effect?.claimsHeld === 0 && isAll(effect.callsRefused, refused)) return said;
    throw new Error(`${refused} refusals outside, and the row says ${JSON.stringify(said)}`);
  });
}

async function factsOf(labour: Labour, issued: Issued, said: Acknowledgement): Promise<LevelFacts> {
  const { command, commandMs, inHand } = issued;
  const issuedAt = Date.parse(command.createdAt);
  const since = (at: string | null): number | null => (at === null ? null : Date.parse(at) - issuedAt);
  await using store = await labour.house.store();
  const released = await store.rows<{ ms: number }>(
    `select (extract(epoch from o.at - c.created_at) * 1000)::float8 as ms from kora.ticket_outcome o
     join kora.control c using (workspace_id)
     where c.sequence = $1 and o.resolution = 'released' and o.at >= c.created_at order by o.at`,
    [command.sequence],
  );
  return {
    level: command.level,
    commandMs,
    said,
    observedMs: since(said.observedAt),
    acknowledgedMs: since(said.acknowledgedAt),
    enforcedMs: since(said.enforcedAt),
    inHand,
    outside: outsideOf(labour, issued),
    pastAcknowledgement: latecomers(labour, issued, said),
    releasedMs: released.map(({ ms }) => ms),
    exit: undefined,
  };
}

/** One clock says both: the third process and the store are on this machine. */
function latecomers(
  labour: Labour,
  { command, inHand }: Issued,
  { acknowledgedAt }: Acknowledgement,
): number {
  if (acknowledgedAt === null) throw new Error(`stop ${command.sequence} was not acknowledged`);
  const lines = labour.lines();
  const late = namesOf(
    lines.filter(({ at }) => at > Date.parse(acknowledgedAt)),
    'ask',
  );
  const mayCall = command.level === 1 ? inHand : [];
  return lines.filter(
    ({ verb, name }) => verb === 'call' && late.has(name) && !mayCall.includes(workOf(name)),
  ).length;
}

function outsideOf(labour: Labour, { command, mark, inHand }: Issued): Outside {
  const { level, createdAt } = command;
  const issuedAt = Date.parse(createdAt);
  const isHeld = ({ name }: Line): boolean => inHand.includes(workOf(name));
  const lines = labour.lines();
  const since = lines.filter(({ at }) => at >= issuedAt);
  const after = labour.after(mark);
  const asked = namesOf(after, 'ask');
  const calls = after.filter(({ verb, name }) => verb === 'call' && asked.has(name));
  const refusals = lines.filter(({ verb, cause }) => verb === 'refused' && cause === `stop_l${level}`);
  const signals = since.filter((line) => line.verb === 'signal' && isHeld(line));
  return {
    heldCallsAfter: calls.filter(isHeld).length,
    otherCallsAfter: calls.filter((line) => !isHeld(line)).length,
    begunAfter: namesOf(after, 'begin').size,
    refused: refusals.length,
    signalled: signals.map(({ name }) => name),
    ended: [...namesOf(after, 'end')].filter((name) => inHand.includes(name)),
    // Steps that work in hand may take are no sign that the stop came late.
    lastCallMs: lastOf(
      since.filter((line) => line.verb === 'call' && !(level === 1 && isHeld(line))),
      issuedAt,
    ),
    lastSignalMs: lastOf(signals, issuedAt),
  };
}

function namesOf(lines: readonly Line[], verb: string): Set<string> {
  return new Set(lines.flatMap((line) => (line.verb === verb ? [line.name] : [])));
}

/** Null where there was none. */
function lastOf(lines: readonly Line[], from: number): number | null {
  const last = lines.at(-1);
  return last === undefined ? null : last.at - from;
}
