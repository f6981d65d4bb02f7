import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Context } from '../context.ts';
import { refusal } from '../fault.ts';
import type { Outcome } from '../fault.ts';
import type { Child } from '../host.ts';
import { untilInterrupted } from '../patience.ts';
import type { Ready } from '../runtime.ts';
import { readyLines } from './ready.ts';

/** A first boot creates a database; past this it goes on alone. */
const waitMs = 120_000;

type End =
  | { readonly kind: 'ready'; readonly ready: Ready }
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'ended'; readonly code: number | null }
  | { readonly kind: 'late' };

/** Starts `kora up` as a process of its own, waits for its ready line, prints it and lets go. */
export async function detach(context: Context, port: number | undefined): Promise<Outcome> {
  const { host, out } = context;
  const home = await context.home();
  const logFile = join(home, 'logs', 'up.log');
  await makeFolder(join(home, 'logs'));
  const args = [...host.self.args, ...childArgs(context, home, port)];
  const child = await host.start({ command: host.self.command, args, env: host.env, logFile });
  out.note(`starting in the background, pid ${child.pid ?? 'unknown'}; log ${logFile}`);
  const until = untilInterrupted(context);
  const end = await endOf(context, child, until.signal).finally(() => {
    child.release();
    until.release();
  });
  if (end.kind === 'ready') {
    out.item({ event: 'ready', ...end.ready }, () => readyLines(end.ready));
    return 'ok';
  }
  if (end.kind === 'failed') throw end.error;
  if (end.kind === 'ended') {
    const how = end.code === null ? 'without an exit code' : `with exit code ${end.code}`;
    throw refusal('KORA_NOT_READY', `the runtime ended ${how} before it was ready`, `tail ${logFile}`);
  }
  out.note('it goes on starting; `kora boot` shows how far it is, `kora down` stops it');
  if (until.interrupted()) return 'interrupted';
  throw refusal('KORA_TIMEOUT', `the runtime was not ready within ${waitMs / 1_000} s`, 'kora boot');
}

function childArgs({ host, input, globals }: Context, home: string, port: number | undefined): string[] {
  const config = input.text('config');
  return [
    'up',
    '--home',
    resolve(host.cwd, home),
    '--no-color',
    ...(config === undefined ? [] : ['--config', resolve(host.cwd, config)]),
    ...(port === undefined ? [] : ['--port', String(port)]),
    ...(input.on('adopt') ? ['--adopt'] : []),
    ...(globals.workspace === undefined ? [] : ['--workspace', globals.workspace]),
  ];
}

async function endOf({ host }: Context, child: Child, signal: AbortSignal): Promise<End> {
  const settled = new AbortController();
  const told = new Promise<End>((done) => {
    child.onMessage((message) => {
      const end = endIn(message);
      if (end !== undefined) done(end);
    });
    child.onEnd((code) => done({ kind: 'ended', code }));
  });
  const late = host
    .sleep(waitMs, AbortSignal.any([signal, settled.signal]))
    .then((): End => ({ kind: 'late' }));
  return await Promise.race([told, late]).finally(() => settled.abort());
}

/** What the child announced; undefined for a message that is not ours. */
function endIn(message: unknown): End | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const get = (from: object, key: string): unknown => Reflect.get(from, key);
  if (get(message, 'event') === 'ready') return { kind: 'ready', ready: readyOf((key) => get(message, key)) };
  const problem = get(message, 'problem');
  if (get(message, 'event') !== 'failed' || typeof problem !== 'object' || problem === null) return undefined;
  const hint = get(problem, 'hint');
  const error = refusal(
    String(get(problem, 'code')),
    String(get(problem, 'message')),
    typeof hint === 'string' ? hint : undefined,
  );
  return { kind: 'failed', error };
}

function readyOf(get: (key: string) => unknown): Ready {
  const [cockpitUrl, guestUrl] = [get('cockpitUrl'), get('guestUrl')];
  return {
    url: String(get('url')),
    cockpitUrl: typeof cockpitUrl === 'string' ? cockpitUrl : null,
    guestUrl: typeof guestUrl === 'string' ? guestUrl : null,
    pid: Number(get('pid')),
    bootMs: Number(get('bootMs')),
    primaryState: String(get('primaryState')),
  };
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refusal(
      'KORA_HOME_UNREADABLE',
      `cannot create ${folder}: ${why}`,
      'kora up --home <a folder of yours>',
    );
  }
}
