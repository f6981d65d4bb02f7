import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import type { Duplex } from 'node:stream';
import { refusal } from '../reason.ts';
import type { Account } from './account.ts';
import { barDebugger } from './debugger.ts';
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
  /** Whether its manifest says that it needs the network. */
  readonly network: boolean;
}

export interface GuestProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly stream: Duplex;
  /** Resolves, in words, when the process is no more. */
  readonly exited: Promise<string>;
}

/**
 * Starts a guest behind its walls. Throws the reason `guest_failed` when the machine will not.
 *
 * Kept out by Node's permission model: files beyond the grants, child processes, worker threads, addons, the inspector;
 * by flags, what goes past that model. Kept out by the guest's own code before the plugin's is there: signals to others.
 * Kept out by the process: our memory, environment and event loop. By the parent: heap, resident memory, loops, floods.
 * Kept out only where we are root, by the user it then runs as: every file that is closed to others, and every signal,
 * should the permission model or that code fail. Not kept out: the network, unix sockets that are open to all,
 * the processor (it yields to us), the disk that its own folder lies on.
 */
export async function startProcess(walls: GuestWalls): Promise<GuestProcess> {
  barDebugger();
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
      const fix = 'run Kora as an ordinary user, or name the plugin in plugins.trusted';
      reject(refusal({ code: 'guest_failed', message, ...(walls.account && { fix }) }, error));
    });
  });
  // Later errors are failed kills of a process that is gone.
  child.on('error', () => undefined);
  const pid = child.pid ?? 0;
  stepBack(pid);
  return { pid, child, stream: child.stdio[3] as Duplex, exited };
}

/** When the machine is short of time or memory, it is the guest that waits and the guest that goes. */
function stepBack(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
    if (process.platform === 'linux') writeFileSync(`/proc/${pid}/oom_score_adj`, '1000');
  } catch {
    // A courtesy that this machine does not know, or a guest that is gone already.
  }
}

/**
 * What the permission model does not see. SQLite opens files by itself: any that the user can read, and new ones where the
 * user can write. A signal would open a debugger. Only flags that this Node knows: it ends on others.
 */
const withheld = [
  ['--experimental-sqlite', '--no-experimental-sqlite'],
  ['--disable-sigusr1', '--disable-sigusr1'],
] as const;

/** How Node is started for a guest; `known` are the flags that this Node has. */
export function argumentsOf(
  walls: GuestWalls,
  known: ReadonlySet<string> = process.allowedNodeEnvironmentFlags,
): string[] {
  const { code, grants, folder, heapMb, plugin, network } = walls;
  return [
    '--permission',
    ...withheld.flatMap(([flag, withheldBy]) => (known.has(flag) ? [withheldBy] : [])),
    // A Node whose permission model holds the network too gives it to whoever asked for it.
    ...(network && known.has('--allow-net') ? ['--allow-net'] : []),
    ...[...grants, folder].map((path) => `--allow-fs-read=${path}`),
    `--allow-fs-write=${folder}`,
    `--max-old-space-size=${heapMb}`,
    `--title=kora-plugin ${plugin}`,
    ...(code.fromSource ? ['--conditions=@kora/source'] : []),
    code.entry,
  ];
}
