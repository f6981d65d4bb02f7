import { setTimeout as sleep } from 'node:timers/promises';
import { Backend } from './backend.ts';
import { type DataOptions, prepareData } from './data-directory.ts';
import { messageOf } from './errors.ts';

const pausesMs = [200, 1_000, 5_000];

/**
 * Brings a PGlite up again that ended by itself (a full disk is enough), over the same directory: copied, then recovered.
 * Tries until it succeeds; undefined when the signal aborts first.
 */
export async function raise(
  options: Omit<DataOptions, 'wasLeft' | 'signal'>,
  signal: AbortSignal,
): Promise<Backend | undefined> {
  for (let attempt = 0; await slept(pausesMs[attempt] ?? 5_000, signal); attempt += 1) {
    try {
      const { path } = await prepareData({ ...options, wasLeft: true, signal });
      return await Backend.start(path, signal);
    } catch (error) {
      if (!signal.aborted) options.onProgress(messageOf(error));
    }
  }
  return undefined;
}

async function slept(ms: number, signal: AbortSignal): Promise<boolean> {
  return await sleep(ms, true, { signal, ref: false }).catch(() => false);
}
