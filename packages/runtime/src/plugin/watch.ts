import { join } from 'node:path';
import type { Clock } from '../clock/index.ts';
import type { HostPackage } from './host-project.ts';
import { installedMarks, stampOf } from './lockfile.ts';

const defaultEveryMs = 1_000;
/** After a reading that failed, as long as nothing changes again. */
const retryMs = 30_000;

export interface WatchOptions {
  /** The host project as it was read last; its files are looked at. */
  readonly host: () => HostPackage | undefined;
  readonly clock: Clock;
  /** Milliseconds between looks, default 1 000; what changed has to lie still for one of them. */
  readonly everyMs?: number;
  /** Something was installed, removed or upgraded. Not called again before it has ended. */
  readonly onChange: () => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/**
 * Watches a host project's package.json, lockfile and what its package manager writes when it is done, by looking at them:
 * that works on every file system, and costs a handful of `stat` a second. While they still change nothing is done; a
 * package manager that is at work would be read half-way. Ends with the signal.
 */
export async function watchProject(options: WatchOptions, signal: AbortSignal): Promise<void> {
  const { clock, everyMs = defaultEveryMs, onChange, onError, host } = options;
  let acted = lookAt(host());
  let last = acted;
  let retryAt = Number.POSITIVE_INFINITY;
  while (await clock.sleep(everyMs, signal)) {
    const seen = lookAt(host());
    const isAtRest = seen === last;
    last = seen;
    if (!isAtRest || (seen === acted && clock.monotonic() < retryAt)) continue;
    acted = seen;
    retryAt = Number.POSITIVE_INFINITY;
    await onChange().catch((error: unknown) => {
      retryAt = clock.monotonic() + retryMs;
      onError(error);
    });
  }
}

/** How the files look, in one text; the same text as long as nothing was installed. */
function lookAt(host: HostPackage | undefined): string {
  if (host === undefined) return '';
  const { directory, packageJson, lockfile } = host;
  const locked = lockfile === undefined ? [] : [lockfile.path];
  const near = ['pnpm-lock.yaml', 'package-lock.json', 'yarn.lock'].map((name) => join(directory, name));
  const files = [packageJson, ...new Set([...locked, ...near]), ...installedMarks(directory, lockfile)];
  return files.map(stampOf).join(' ');
}
