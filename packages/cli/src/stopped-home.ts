import type { Context } from './context.ts';
import { plain } from './output/style.ts';
import { untilInterrupted } from './patience.ts';
import type { Postgres, RuntimeModule, StoppedHomeOptions } from './runtime.ts';

export interface StoppedHomeTools {
  readonly module: RuntimeModule;
  readonly postgres: Postgres;
  readonly options: StoppedHomeOptions;
}

/**
 * Works on a home in which no runtime runs; progress goes to stderr. Undefined when Ctrl-C called it off: the work has
 * then taken back what it had begun.
 */
export async function onStoppedHome<T>(
  context: Context,
  work: (tools: StoppedHomeTools) => Promise<T>,
): Promise<T | undefined> {
  const { host, out } = context;
  const [{ module }, postgres, home] = await Promise.all([
    host.runtime.composing(host.cwd),
    host.runtime.postgres(),
    context.home(),
  ]);
  const until = untilInterrupted(context);
  const options = {
    home,
    cwd: host.cwd,
    env: host.env,
    openEmbeddedPostgres: postgres.openEmbeddedPostgres,
    onProgress: (line: string) => out.note(plain(line)),
    signal: until.signal,
  };
  try {
    return await work({ module, postgres, options });
  } catch (error) {
    if (!until.interrupted()) throw error;
    out.note('called off; nothing was switched');
    return undefined;
  } finally {
    until.release();
  }
}
