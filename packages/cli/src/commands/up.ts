import { resolve } from 'node:path';
import type { Context, Run } from '../context.ts';
import { problemOf, usage } from '../fault.ts';
import type { Outcome } from '../fault.ts';
import type { Ready, Running, StartOptions } from '../runtime.ts';
import { readyLines } from '../up/ready.ts';
import { standBy } from '../up/stand-by.ts';
import { tell } from '../up/tell.ts';

export const up: Run = async (context) => {
  const { input } = context;
  const port = portOf(context);
  if (input.on('ephemeral')) return await ephemeral(context, port);
  if (input.on('detach')) return await (await import('../up/detach.ts')).detach(context, port);
  return await foreground(context, { port, ...(await keptPlace(context)) });
};

/** Where the home is, and what opens its store. */
type Place = Pick<StartOptions, 'home' | 'openEmbeddedPostgres' | 'ephemeral'>;

async function keptPlace(context: Context): Promise<Place> {
  const { openEmbeddedPostgres } = await context.host.runtime.postgres();
  return { home: await context.home(), openEmbeddedPostgres };
}

/** A run that leaves nothing: rows in memory, and a home that is removed when it ends. */
async function ephemeral(context: Context, port: number | undefined): Promise<Outcome | number> {
  if (context.input.on('detach'))
    throw usage('--ephemeral lives as long as its terminal: not with --detach', 'kora up --ephemeral');
  const { home, remove } = await (await import('../up/ephemeral.ts')).ephemeralHome(context);
  const openEmbeddedPostgres = context.host.runtime.ephemeral();
  try {
    return await foreground(context, { port, home, openEmbeddedPostgres, ephemeral: true });
  } finally {
    await remove();
  }
}

/** Starts the runtime in this process and stays until it ends; answers with its exit code. */
async function foreground(
  context: Context,
  place: Place & { readonly port: number | undefined },
): Promise<Outcome | number> {
  const { host, out } = context;
  const { module } = await host.runtime.composing(host.cwd);
  const waiting = standBy(context);
  try {
    const options = { ...startOptions(context, place), signal: waiting.boot };
    const running = await module.createKora(options);
    tellReady(context, running.ready);
    await waiting.attend(running);
    const { exitCode, reason } = await running.closed;
    tellEnd(context, running, { exitCode, reason });
    if (exitCode === stoppedExit) leaveSoon(context);
    return exitCode;
  } catch (error) {
    if (waiting.interrupted()) return broken(context);
    // The copy that threw knows its codes; another copy may not.
    const problem = problemOf(error, module.faultTable);
    host.announce({ event: 'failed', problem });
    out.problem(problem);
    return problem.exit;
  } finally {
    waiting.release();
  }
}

/** What the runtime's table says of a process that a stop ended. */
const stoppedExit = 80;
const lingerMs = 1_000;

/** Something that a plugin left open must not keep a process alive that was killed. */
function leaveSoon({ host }: Context): void {
  setTimeout(() => host.exit(stoppedExit), lingerMs).unref();
}

/** A boot that the operator broke off has failed at nothing. */
function broken({ host, out }: Context): Outcome {
  const problem = { code: 'KORA_NOT_READY', message: 'interrupted before it was ready' };
  host.announce({ event: 'failed', problem });
  out.note('stopped before it was ready');
  return 'interrupted';
}

function startOptions(
  context: Context,
  { port, ...place }: Place & { readonly port: number | undefined },
): StartOptions {
  const { host, input, globals } = context;
  const config = input.text('config');
  return {
    ...place,
    cwd: host.cwd,
    env: host.env,
    bundled: host.runtime.bundled(),
    ...(config === undefined ? {} : { configFile: resolve(host.cwd, config) }),
    ...(port === undefined ? {} : { port }),
    ...(input.on('adopt') ? { adopt: true } : {}),
    ...(globals.workspace === undefined ? {} : { workspace: globals.workspace }),
    ...tell(context),
  };
}

function portOf({ input }: Context): number | undefined {
  const port = input.whole('port');
  if (port !== undefined && port > 65_535)
    throw usage(`--port takes a number up to 65535, not ${port}`, 'kora up --port 9119');
  return port;
}

function tellReady({ host, out }: Context, ready: Ready): void {
  const event = { event: 'ready', ...ready };
  host.announce(event);
  out.item(event, () => readyLines(ready));
  if (ready.primaryState === 'paused') out.note(out.aside.dim('  something keeps it: kora status'));
}

function tellEnd({ out }: Context, { ready }: Running, end: { exitCode: number; reason: string }): void {
  if (out.json) out.item({ event: 'stopped', pid: ready.pid, ...end }, () => []);
  else out.note(`stopped  ${end.reason}`);
}
