import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { refusal } from '../reason.ts';
import type { Account } from './account.ts';
import type { GuestCode } from './grants.ts';

/** The walls around one guest process. */
export interface GuestWalls {
  readonly plugin: string;
  readonly nodePath: string;
  readonly code: GuestCode;
  /** Real paths it may read. */
  readonly grants: readonly string[];
  /** The one folder it may write; also its home and its temporary folder. */
  readonly folder: string;
  readonly account: Account | undefined;
  /** Megabytes of JavaScript heap. Buffers lie outside of it: see vitals. */
  readonly heapMb: number;
}

export interface GuestProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly stream: Duplex;
  /** Resolves, in words, when the process is no more. */
  readonly exited: Promise<string>;
}

/** Starts a guest. Throws the reason `guest_failed` when the machine will not. */
export async function startProcess(walls: GuestWalls): Promise<GuestProcess> {
  const child = spawn(walls.nodePath, argumentsOf(walls), {
    cwd: walls.folder,
    // Nothing of ours: no secret, no setting of Node, no path.
    env: {
      HOME: walls.folder,
      TMPDIR: walls.folder,
      LANG: 'C.UTF-8',
      TZ: Intl.DateTimeFormat().resolvedOptions().timeZone,
    },
    // Not by the IPC channel of Node: a line on it that is no JSON would throw in our process.
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    // A session of its own: Ctrl-C is for us, who then end it in order.
    detached: true,
    ...(walls.account === undefined ? {} : { uid: walls.account.uid, gid: walls.account.gid }),
  });
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(signal === null ? `exited with code ${code ?? 'unknown'}` : `was ended by ${signal}`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      const message = `no process could be started for the plugin: ${error.message}`;
      reject(refusal({ code: 'guest_failed', message }, error));
    });
  });
  // Later errors are failed kills of a process that is gone.
  child.on('error', () => undefined);
  return { pid: child.pid ?? 0, child, stream: child.stdio[3] as Duplex, exited };
}

function argumentsOf(walls: GuestWalls): string[] {
  const { code, grants, folder, heapMb, plugin } = walls;
  return [
    '--permission',
    ...[...grants, folder].map((path) => `--allow-fs-read=${path}`),
    `--allow-fs-write=${folder}`,
    `--max-old-space-size=${heapMb}`,
    `--title=kora-plugin ${plugin}`,
    ...(code.fromSource ? ['--conditions=@kora/source'] : []),
    code.entry,
  ];
}
