import type { Context } from 'hono';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';
import { callerOf } from '../session/caller.ts';
import { freshIf } from '../session/fresh.ts';
import { configChangeSchema, configKeysSchema, configWrittenSchema } from './contract.ts';
import type { ConfigWriter } from './house.ts';

export function configReads(read: Reader, { house }: RoutesOptions): void {
  read('/config', { data: configKeysSchema }, () => house().configuration());
}

export function configWrites(write: Writer, options: RoutesOptions): void {
  write('/config', { body: configChangeSchema, data: configWrittenSchema }, async (change, at) => {
    await freshIf(at, options, () => Promise.resolve(true));
    return options.house().configure(change, writerOf(at));
  });
}

/** Who writes it, as the guard found out. */
export function writerOf(context: Context): ConfigWriter {
  const session = callerOf(context);
  return { page: session === null ? null : { session: session.sessionId, device: session.device } };
}
