import type { KoraClient } from '@kora/runtime/client';
import type { Outcome } from './fault.ts';
import type { Host } from './host.ts';
import type { Input } from './input.ts';
import type { Console } from './output/console.ts';
import type { RunningRuntime } from './runtime.ts';

/** The flags every command takes. */
export interface Globals {
  readonly home: string | undefined;
  readonly workspace: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly colour: boolean;
}

export interface Context {
  readonly host: Host;
  readonly globals: Globals;
  readonly input: Input;
  readonly out: Console;
  home(): Promise<string>;
  /** The runtime of this home; throws `KORA_UNREACHABLE` when none is running. */
  running(): Promise<RunningRuntime>;
  /** A client of that runtime. `timeoutMs` per call, default 10 000. */
  client(timeoutMs?: number): Promise<KoraClient>;
}

/**
 * A command: says its result through `context.out` and how it ended by the outcome's name. `up` alone answers with the
 * number that the runtime ended with.
 */
export type Run = (context: Context) => Promise<Outcome | number>;
