import { refusal } from '../../fault.ts';

/** A refusal as it is; what a connection says that was cut in the middle of an answer, in words. */
export function brokenOff(error: unknown, what: string): unknown {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  if (typeof code === 'string' && code.startsWith('KORA_')) return error;
  if (!(error instanceof TypeError)) return error;
  return refusal('KORA_UNREACHABLE', `${what} broke off: the runtime ended it, or its end`, 'kora doctor');
}
