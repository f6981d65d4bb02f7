import { exitCodes, fault, messageOf } from './fault/index.ts';
import type { ExitCode } from './fault/index.ts';
import type { Scope } from './scope/index.ts';

/** The end of a runtime: it happens once, for the first reason given. */
export class Life {
  readonly closed: Promise<{ readonly exitCode: ExitCode; readonly reason: string }>;
  readonly stopping = new AbortController();
  readonly #scope: Scope;
  /** Last words on the log, while the rooms still stand. */
  farewell: (reason: string) => Promise<void> = () => Promise.resolve();
  #ended: Promise<void> | undefined;
  #close: (end: { exitCode: ExitCode; reason: string }) => void = () => undefined;

  constructor(scope: Scope) {
    this.#scope = scope;
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
  }

  end(reason: string, exitCode: ExitCode): Promise<void> {
    this.#ended ??= this.#end(reason, exitCode);
    return this.#ended;
  }

  async #end(reason: string, exitCode: ExitCode): Promise<void> {
    this.stopping.abort(fault('KORA_NOT_READY', `Kora is stopping: ${reason}`));
    await this.farewell(reason);
    const failed = await this.#scope.dispose().then(
      () => undefined,
      (error: unknown) => error,
    );
    // Whoever starts it again must not start what was killed, however untidy its end was.
    const keeps = failed === undefined || exitCode === exitCodes.stopped;
    this.#close({
      exitCode: keeps ? exitCode : exitCodes.findings,
      reason: failed === undefined ? reason : `${reason}; ${messageOf(failed)}`,
    });
  }
}
