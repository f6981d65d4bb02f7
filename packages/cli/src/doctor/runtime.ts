import { findRunning } from '../connect.ts';
import { problemOf } from '../fault.ts';
import { finding } from './check.ts';
import type { Check } from './check.ts';

/** What the running runtime finds in itself; nothing when none is running. */
export const checkRuntime: Check = async (context, home) => {
  const running = await findRunning(context.host, home);
  if (running === undefined) return [];
  try {
    return await (await context.client()).findings();
  } catch (error) {
    const { message, hint } = problemOf(error, (await context.host.runtime.basics()).faultTable);
    return [
      finding('error', 'runtime/silent', `pid ${running.pid}: ${message}`, {
        hint: hint ?? `kill -TERM ${running.pid}`,
      }),
    ];
  }
};
