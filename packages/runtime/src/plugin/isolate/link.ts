import type { Duplex } from 'node:stream';
import { fault, messageOf } from '../../fault/index.ts';
import { fromWire, toWire } from './frame.ts';
import type { Frame } from './frame.ts';

/** One line may not be longer: a peer that never ends its line would fill our memory. */
const longestLine = 4 * 1024 * 1024;
/** Calls of the peer that are served at once; more are refused, so that a flood costs the peer and not us. */
const servedAtOnce = 256;

export interface LinkOptions {
  /** What is said about the peer in errors: `plugin tide`. */
  readonly peer: string;
  /** Turns a parsed line into a frame; throws when it is none. */
  parse(line: unknown): Frame;
  /** Answers the peer's calls. The signal aborts when the peer gives the call up or the link ends. */
  serve(method: string, params: unknown, signal: AbortSignal): Promise<unknown>;
  /** Hears the peer's words that want no answer. */
  hear(method: string, params: unknown): void;
}

/**
 * Calls in both directions over one stream of JSON lines. The end of the link, or a line that is no frame, rejects
 * whatever is under way with KORA_PLUGIN_FAILED and aborts whatever is being served.
 */
export class Link {
  /** Resolves with the reason when the link has ended. */
  readonly ended: Promise<string>;
  readonly #stream: Duplex;
  readonly #options: LinkOptions;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #serving = new Map<number, AbortController>();
  readonly #end: PromiseWithResolvers<string> = Promise.withResolvers<string>();
  #endReason: string | undefined;
  #nonsense: string | undefined;
  #lastCall = 0;
  #rest = '';

  constructor(stream: Duplex, options: LinkOptions) {
    this.#stream = stream;
    this.#options = options;
    this.ended = this.#end.promise;
    stream.on('error', (error: unknown) => this.close(messageOf(error)));
    stream.on('close', () => this.close('the connection ended'));
  }

  get open(): boolean {
    return this.#endReason === undefined;
  }

  /** What the peer sent that is no message; the link ended then. */
  get nonsense(): string | undefined {
    return this.#nonsense;
  }

  /** Calls a method of the peer. Rejects with the peer's error, or with the signal's reason as soon as it aborts. */
  async call(method: string, params: unknown, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted();
    return this.#ask(method, params, signal, (answer) => answer.reject(abortError(signal)));
  }

  /** The same for a call whose end says more than that it was given up: the peer is told, and its answer waited for. */
  callToEnd(method: string, params: unknown, signal?: AbortSignal): Promise<unknown> {
    return this.#ask(method, params, signal, () => undefined);
  }

  async #ask(
    method: string,
    params: unknown,
    signal: AbortSignal | undefined,
    givenUp: (answer: PromiseWithResolvers<unknown>) => void,
  ): Promise<unknown> {
    if (this.#endReason !== undefined) throw this.#gone(this.#endReason);
    this.#lastCall += 1;
    const id = this.#lastCall;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    const abort = (): void => {
      this.#send({ t: 'abort', id });
      givenUp(answer);
    };
    signal?.addEventListener('abort', abort, { once: true });
    try {
      this.#send({ t: 'call', id, method, params });
      if (signal?.aborted === true) abort();
      return await answer.promise;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#waiting.delete(id);
    }
  }

  /** Says something that wants no answer. */
  tell(method: string, params: unknown): void {
    this.#send({ t: 'tell', method, params });
  }

  /** Takes in what came over the stream; answers how many frames it held. */
  feed(chunk: string): number {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > longestLine) this.#breakOff('it sent a line that has no end');
    for (const line of lines) if (this.open) this.#take(line);
    return lines.length;
  }

  close(reason: string): void {
    if (this.#endReason !== undefined) return;
    this.#endReason = reason;
    for (const answer of this.#waiting.values()) answer.reject(this.#gone(reason));
    for (const served of this.#serving.values()) served.abort(this.#gone(reason));
    this.#stream.destroy();
    this.#end.resolve(reason);
  }

  #take(line: string): void {
    let frame: Frame;
    try {
      frame = this.#options.parse(JSON.parse(line) as unknown);
    } catch (error) {
      this.#breakOff(`it sent what is no message: ${messageOf(error).slice(0, 200)}`);
      return;
    }
    this.#heed(frame);
  }

  #heed(frame: Frame): void {
    if (frame.t === 'done') this.#waiting.get(frame.id)?.resolve(frame.value);
    else if (frame.t === 'fail') this.#waiting.get(frame.id)?.reject(fromWire(frame.error));
    else if (frame.t === 'abort') this.#serving.get(frame.id)?.abort();
    else if (frame.t === 'tell') this.#options.hear(frame.method, frame.params);
    else void this.#answer(frame.id, frame.method, frame.params);
  }

  #breakOff(why: string): void {
    this.#nonsense ??= why;
    this.close(why);
  }

  /** Never rejects: what the method throws is the answer. */
  async #answer(id: number, method: string, params: unknown): Promise<void> {
    const served = new AbortController();
    try {
      if (this.#serving.size >= servedAtOnce || this.#serving.has(id)) {
        throw fault('KORA_PLUGIN_REFUSED', `more than ${servedAtOnce} calls at once`);
      }
      this.#serving.set(id, served);
      const value = await this.#options.serve(method, params, served.signal);
      this.#send({ t: 'done', id, value });
    } catch (error) {
      this.#send({ t: 'fail', id, error: toWire(error) });
    } finally {
      if (this.#serving.get(id) === served) this.#serving.delete(id);
    }
  }

  #send(frame: Frame): void {
    if (!this.open) return;
    this.#stream.write(`${JSON.stringify(frame)}\n`);
  }

  #gone(reason: string): Error {
    return fault('KORA_PLUGIN_FAILED', `${this.#options.peer} is gone: ${reason}`);
  }
}

function abortError(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : fault('KORA_PLUGIN_FAILED', 'the call was given up');
}
