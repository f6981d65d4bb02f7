import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { setTimeout as passes } from 'node:timers/promises';

/** Kinds of things that keep a process awake or go on by themselves, in Node's own words. */
const kinds: ReadonlyMap<string, string> = new Map([
  ['Timeout', 'a timer'],
  ['TCPSERVERWRAP', 'a server'],
  ['PIPESERVERWRAP', 'a server'],
  ['UDPWRAP', 'a UDP socket'],
  ['FSEVENTWRAP', 'a watch on a file'],
  ['STATWATCHER', 'a watch on a file'],
  ['PROCESSWRAP', 'a child process'],
  ['WORKER', 'a worker thread'],
  ['SIGNALWRAP', 'a signal handler'],
]);

const goneMs = 500;
const lookMs = 5;

interface Trace {
  readonly kind: string;
  readonly resource: object;
}

/**
 * Does work, and answers what that work opened and left open: timers, servers, watches, processes, threads. By the
 * context in which each was opened, so that whatever else the process does is not counted.
 */
export async function leftOpenBy(work: () => Promise<void>): Promise<readonly string[]> {
  const opened = new Map<number, Trace>();
  const inside = new AsyncLocalStorage<true>();
  const hook = createHook({
    init: (id, type, _trigger, resource) => {
      const kind = kinds.get(type);
      if (kind !== undefined && inside.getStore() === true) opened.set(id, { kind, resource });
    },
    destroy: (id) => void opened.delete(id),
  });
  hook.enable();
  try {
    await inside.run(true, work);
    // What was closed is told of a moment later.
    for (let looks = 0; standing(opened).length > 0 && looks < goneMs / lookMs; looks += 1)
      await passes(lookMs);
    return standing(opened);
  } finally {
    hook.disable();
  }
}

function standing(opened: ReadonlyMap<number, Trace>): readonly string[] {
  return [...opened.values()].filter(({ resource }) => counts(resource)).map(({ kind }) => kind);
}

/**
 * A timer that fires once and keeps nothing awake is how connections that are kept for the next call are closed: it ends
 * by itself. One that repeats never does.
 */
function counts(resource: object): boolean {
  const repeats = typeof Reflect.get(resource, '_repeat') === 'number';
  const hasRef: unknown = Reflect.get(resource, 'hasRef');
  return repeats || typeof hasRef !== 'function' || Boolean(Reflect.apply(hasRef, resource, []));
}
