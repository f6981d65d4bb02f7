import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** How many entries of /proc are read side by side: enough to be quick, few enough not to fill the thread pool. */
const batch = 32;

/** The command line of every living process by pid; kernel threads and zombies have none and are left out. */
export async function processTable(signal: AbortSignal): Promise<ReadonlyMap<number, string>> {
  const entries = await readdir('/proc').catch(() => []);
  const pids = entries.filter((name) => /^\d+$/.test(name));
  return pids.length > 0 ? await fromProc(pids, signal) : await fromPs(signal);
}

async function fromProc(pids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<number, string>> {
  const table = new Map<number, string>();
  for (let at = 0; at < pids.length; at += batch) {
    signal.throwIfAborted();
    const slice = pids.slice(at, at + batch);
    // A process may end between the listing and the reading: then it is not running.
    const lines = await Promise.all(
      slice.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
    );
    for (const [index, line] of lines.entries()) {
      if (line !== '') table.set(Number(slice[index]), line.replaceAll('\0', ' ').trimEnd());
    }
  }
  return table;
}

async function fromPs(signal: AbortSignal): Promise<ReadonlyMap<number, string>> {
  const { stdout } = await run('ps', ['-axo', 'pid=,stat=,command='], { signal, maxBuffer: 16_777_216 });
  return parsePs(stdout);
}

/** Reads `ps -axo pid=,stat=,command=`. */
export function parsePs(text: string): ReadonlyMap<number, string> {
  const table = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [, pid, state, command] = /^\s*(\d+)\s+(\S+)\s+(.+)$/.exec(line) ?? [];
    if (pid !== undefined && command !== undefined && state?.startsWith('Z') !== true)
      table.set(Number(pid), command);
  }
  return table;
}
