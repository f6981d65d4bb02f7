import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '@kora/runtime/plugin';
import type { Context } from '../context.ts';
import { refusal, usage } from '../fault.ts';

/** A home for one run. */
export interface EphemeralHome {
  readonly home: string;
  remove(): Promise<void>;
}

/** Makes it and says, before anything else, that nothing of it stays. */
export async function ephemeralHome({ globals, out }: Context): Promise<EphemeralHome> {
  if (globals.home !== undefined)
    throw usage('--ephemeral makes a home of its own and removes it', 'kora up --ephemeral');
  const home = await mkdtemp(join(tmpdir(), 'kora-ephemeral-')).catch((error: unknown) => {
    throw refusal(
      'KORA_HOME_UNREADABLE',
      `cannot make a folder in ${tmpdir()}: ${messageOf(error)}`,
      'TMPDIR=<a folder of yours> kora up --ephemeral',
    );
  });
  out.note(`ephemeral: nothing is kept; the home until it ends is ${home}`);
  return {
    home,
    remove: () => rm(home, { recursive: true, force: true, maxRetries: 5 }),
  };
}
