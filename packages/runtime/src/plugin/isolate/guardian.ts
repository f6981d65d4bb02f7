import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/**
 * Ends the guests of a runtime that died without a word. A guest sees the end of its link by itself, unless it loops;
 * and this machine has no way to tie one process's life to another's. So one small shell, of its own session, holds a
 * pipe to the runtime, knows the guests' ids, and kills what is left when the pipe closes. Where there is no shell
 * (Windows) a looping guest outlives a runtime that was killed.
 */
const script = `
trap '' INT TERM HUP
pids=' '
while read -r word pid; do
  rest=' '
  for each in $pids; do [ "$each" = "$pid" ] || rest="$rest$each "; done
  pids=$rest
  [ "$word" = watch ] && pids="$pids$pid "
done
for each in $pids; do kill -KILL "$each"; done
`;

export class Guardian {
  readonly #watched = new Set<number>();
  #shell: ChildProcess | undefined;

  /** From now on the process does not outlive us. Starts the shell with the first. */
  watch(pid: number): void {
    if (process.platform === 'win32') return;
    this.#watched.add(pid);
    if (this.#shell === undefined) this.#start();
    else this.#shell.stdin?.write(`watch ${pid}\n`);
  }

  /** The process has ended; its id may soon be another's. */
  release(pid: number): void {
    this.#watched.delete(pid);
    this.#shell?.stdin?.write(`release ${pid}\n`);
  }

  /** Ends the shell, which kills whatever is still being watched. */
  async close(): Promise<void> {
    const shell = this.#shell;
    this.#shell = undefined;
    if (shell === undefined) return;
    // While it was only watching it kept nobody awake; its end is waited for.
    shell.ref();
    const gone = once(shell, 'exit');
    shell.stdin?.end();
    await gone;
  }

  #start(): void {
    const shell = startShell();
    // Somebody killed it, or there is none: the next guest starts another, which learns of all.
    const gone = (): void => {
      if (this.#shell === shell) this.#shell = undefined;
    };
    shell.once('exit', gone);
    shell.once('error', gone);
    for (const pid of this.#watched) shell.stdin?.write(`watch ${pid}\n`);
    this.#shell = shell;
  }
}

function startShell(): ChildProcess {
  const shell = spawn('/bin/sh', ['-c', script], {
    detached: true,
    cwd: '/',
    env: {},
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a shell there is no guardian, and guests that do not loop still end with their link.
  shell.stdin?.on('error', () => undefined);
  shell.unref();
  return shell;
}
