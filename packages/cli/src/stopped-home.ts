import type { Context } from './context.ts';
import { plain } from './output/style.ts';
import { untilInterrupted } from './patience.ts';
import type { Postgres, RuntimeModule, StoppedHomeOptions } from './runtime.ts';

export interface StoppedHomeTools {
  readonly module: RuntimeModule;
  readonly postgres: Postgres;
  readonly options: StoppedHomeOptions;
  /** Gives the signals back. */
  release(): void;
}

/** What a command needs to work on a home in which no runtime runs; progress goes to stderr, Ctrl-C calls it off. */
export async function stoppedHome(context: Context): Promise<StoppedHomeTools> {
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
  return { module, postgres, options, release: until.release };
}
