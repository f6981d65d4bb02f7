import type { KoraClient } from '@kora/runtime/client';
import type { Context } from '../context.ts';
import { plain, plainPiece } from '../output/style.ts';

const lastWordMs = 500;

/** What is told of one question while it is thought about: its words as they come, and beside them what is being done. */
export class AnswerStream {
  readonly #context: Pick<Context, 'host' | 'out'>;
  readonly #shows: boolean;
  readonly #ready = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #begun = Promise.withResolvers<string | undefined>();
  #said = '';
  #told: string | undefined;

  constructor(context: Pick<Context, 'host' | 'out'>, shows: boolean) {
    this.#context = context;
    this.#shows = shows;
  }

  /** Resolves when nothing more can be missed, or nothing will be heard. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Waits until the last word has been heard: it comes by another way than the answer. */
  async lastWord(): Promise<void> {
    if (!this.#shows || this.#said === '') return;
    const late = new AbortController();
    await Promise.race([this.#ended.promise, this.#context.host.sleep(lastWordMs, late.signal)]);
    late.abort();
  }

  /** The run, once it is known; undefined when nothing more is heard. */
  get begun(): Promise<string | undefined> {
    return this.#begun.promise;
  }

  /** Whether what was streamed ends with this text. */
  isShown(text: string): boolean {
    return this.#shows && this.#said !== '' && this.#said.trimEnd().endsWith(text.trimEnd());
  }

  /** Listens until the signal aborts. Never rejects: the answer comes by another way. */
  async listen(api: KoraClient, key: string, signal: AbortSignal): Promise<void> {
    try {
      for await (const sign of api.liveRuns({ key }, signal)) {
        this.#ready.resolve();
        if (sign === undefined) continue;
        this.#begun.resolve(sign.runId);
        if (this.#shows) this.#show(sign);
        if (sign.kind === 'ended') this.#ended.resolve();
      }
    } catch {
      // The connection that only watches has gone.
    } finally {
      this.#ended.resolve();
      this.#ready.resolve();
      this.#begun.resolve(undefined);
    }
  }

  /** Ends the line that was streamed; says so where the answer is another text. */
  end(text: string): void {
    if (this.#said === '') return;
    if (!this.#said.endsWith('\n')) this.#context.host.stdout.write('\n');
    const { out } = this.#context;
    if (!this.isShown(text)) out.note(out.aside.dim('-- the answer in the end'));
  }

  #show(sign: NonNullable<Sign>): void {
    const { host, out } = this.#context;
    if (sign.kind === 'text') {
      this.#said += sign.delta;
      host.stdout.write(plainPiece(sign.delta));
    } else if (sign.kind === 'tool_call' && this.#told !== sign.what) {
      if (this.#said !== '' && !this.#said.endsWith('\n')) host.stdout.write('\n');
      out.note(out.aside.dim(`-- ${plain(sign.what)}`));
    }
    // The engine tells of a call, and so does the runtime.
    this.#told = sign.kind === 'tool_call' ? sign.what : undefined;
  }
}

type Sign = KoraClient['liveRuns'] extends (...given: never[]) => AsyncGenerator<infer Each, void>
  ? Each
  : never;
