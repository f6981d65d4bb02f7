import { findRunning } from '../connect.ts';
import type { Context, Run } from '../context.ts';
import { confirm } from '../confirm.ts';
import { plain } from '../output/style.ts';
import { span } from '../output/time.ts';
import type { HomeStop, StopLevel } from '../runtime.ts';

const levels = ['L1', 'L2', 'L3', 'L4', 'L5'] as const;
/** A runtime that does not answer for this long is stopped through its home. */
const answerMs = 2_000;

const means: Readonly<Record<StopLevel, string>> = {
  1: 'nothing new is claimed; what is held is finished',
  2: 'nothing new is claimed or called; calls under way are finished, what a model is saying is cut',
  3: 'running work is aborted and its claims are given back',
  4: 'the process ends within 10 s',
  5: 'the process ends within 10 s, its secrets and tokens are dropped, and it stays locked',
};

/** Stops Kora: over the API, and through the home where no API answers. */
export const stop: Run = async (context) => {
  const { host, input, out } = context;
  const level = levelOf(context);
  const reason = input.needed('reason');
  if (level >= 4) await confirm(context, `L${level}: ${means[level]}.`, `L${level}`);
  const began = host.now();
  const home = await context.home();
  const answer =
    (await findRunning(host, home)) === undefined ? undefined : await ask(context, level, reason);
  if (answer !== undefined) {
    out.result(answer, () => [
      `${out.style.warn(`L${answer.level}`)}  stop #${answer.sequence}: ${means[level]}`,
      out.style.dim(`go on with: ${goOn(level)}`),
    ]);
    return 'ok';
  }
  const stopped = await (await host.runtime.basics()).stopHome({ home, level, reason });
  const tookMs = host.now() - began;
  out.result({ via: 'sentinel', ...stopped, tookMs }, () =>
    sentinelLines(context, { level, stopped, tookMs }),
  );
  return wasInVain(level, stopped) ? 'findings' : 'ok';
};

function levelOf({ input }: Context): StopLevel {
  input.needed('level');
  const named = input.choice('level', levels);
  const level = levels.findIndex((known) => known === named) + 1;
  return level as StopLevel;
}

/** After a kill there is nobody to be asked until the next start, which comes up stopped. */
function goOn(level: number): string {
  const resume = "kora resume --reason '...'";
  return level >= 4 ? `kora up --detach && ${resume}` : resume;
}

/** The command as a row; undefined when nobody answers who could write it. A refusal is thrown. */
async function ask(context: Context, level: StopLevel, reason: string) {
  try {
    return await (await context.client(answerMs)).stop(level, reason);
  } catch (error) {
    if (isRefusal(error)) throw error;
    const why = error instanceof Error ? error.message : String(error);
    context.out.note(`${why}; the stop goes through the home`);
    return undefined;
  }
}

/** The runtime understood and said no: any other way would go past it. That it is in trouble is no refusal. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const status: unknown = Reflect.get(error, 'status');
  return status === 400 || status === 403 || status === 409 || Reflect.get(error, 'code') === 'KORA_USAGE';
}

interface ByHome {
  readonly level: StopLevel;
  readonly stopped: HomeStop;
  readonly tookMs: number;
}

/** A kill after which the process is there, and nobody who ends it. */
function wasInVain(level: StopLevel, { pid, seen, killed }: HomeStop): boolean {
  return level >= 4 && pid !== null && !seen && killed === null;
}

function sentinelLines({ out }: Context, { level, stopped, tookMs }: ByHome): readonly string[] {
  const { style } = out;
  const { trouble } = stopped;
  const head = `${style.warn(`L${stopped.level ?? level}`)}  ${whatHappened(level, stopped)}  ${span(tookMs)}`;
  return [
    head,
    ...(stopped.level !== null && stopped.level > level
      ? [`L${stopped.level} was in force already and stays: a milder stop loosens nothing`]
      : []),
    ...(trouble === null ? [] : [style.warn(plain(trouble))]),
    style.dim(`go on with: ${goOn(stopped.level ?? level)}`),
  ];
}

function whatHappened(level: StopLevel, { pid, seen, killed }: HomeStop): string {
  if (killed !== null) return `pid ${killed} was frozen whole and has been ended`;
  if (pid === null) return 'nothing runs in this home; the next start comes up stopped';
  if (seen) return `seen by pid ${pid}: ${means[level]}`;
  if (level >= 4) return `pid ${pid} does not see it, and could not be ended from here`;
  return `pid ${pid} is frozen whole: it stops when it moves again, and kora stop --level L4 ends it`;
}

/** Takes the sentinel of the home away where no runtime can; throws what kept the runtime from it when there is none. */
export async function resumeByHome(context: Context, error: unknown): Promise<'ok'> {
  const { host, out } = context;
  if (isRefusal(error)) throw error;
  const { level } = (await host.runtime.basics()).resumeHome({ home: await context.home() });
  if (level === null) throw error;
  out.result({ via: 'sentinel', level }, () => [
    `the stop L${level} of this home is taken away`,
    out.style.dim('stops and holds of the store stay until its runtime answers: kora status'),
  ]);
  return 'ok';
}
