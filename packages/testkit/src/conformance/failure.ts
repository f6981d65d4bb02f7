import { fault } from '@kora/runtime/testkit';

/** A check that is not passed: what is wrong, and where it can be said, what mends it. */
export function failure(message: string, fix?: string, cause?: unknown): Error {
  return fault('KORA_PLUGIN_INVALID', message, {
    ...(fix === undefined ? {} : { fix }),
    ...(cause === undefined ? {} : { cause }),
  });
}
