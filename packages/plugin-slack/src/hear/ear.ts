import { messageOf } from '@kora/runtime/plugin';
import type { InboundDoor, PluginLog } from '@kora/runtime/plugin';
import { judgeAction, judgeEvent } from './judge.ts';
import type { Judged } from './judge.ts';

export interface EarOptions {
  readonly door: InboundDoor;
  readonly operator: string | undefined;
  readonly log: Pick<PluginLog, 'warn'>;
  /** Shows at the message what became of it. */
  settle(receipt: string, outcome: string): Promise<void>;
}

/** Hands in what was heard, in the order in which it came; what a call answers is durable. */
export class Ear {
  readonly #options: EarOptions;
  readonly #showing = new Set<Promise<void>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: EarOptions) {
    this.#options = options;
  }

  /** An event of the Events API. Throws what the door throws; then Slack is not told that it was heard. */
  event(body: unknown): Promise<void> {
    return this.#inOrder(judgeEvent(body, this.#options.operator));
  }

  /** Something that was pressed. Throws what the door throws. */
  action(payload: unknown): Promise<void> {
    return this.#inOrder(judgeAction(payload, this.#options.operator));
  }

  /** Waits until what was pressed has been shown. */
  async ended(): Promise<void> {
    await Promise.allSettled([this.#last, ...this.#showing]);
    await Promise.allSettled(this.#showing);
  }

  #inOrder(judged: Judged): Promise<void> {
    const done = this.#last.then(() => this.#handIn(judged));
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #handIn(judged: Judged): Promise<void> {
    const { door } = this.#options;
    if (judged.kind === 'accept') await door.accept(judged.message);
    if (judged.kind === 'refuse') await door.refuse(judged.refusal);
    if (judged.kind !== 'decide') return;
    const { text } = await door.decide(judged.answer);
    if (judged.receipt !== undefined) this.#show(judged.receipt, text);
  }

  /** Beside the acknowledgement, which does not wait for it. */
  #show(receipt: string, text: string): void {
    const { settle, log } = this.#options;
    const showing = settle(receipt, text)
      .catch((error: unknown) =>
        log.warn('what became of a decision is not shown', { error: messageOf(error) }),
      )
      .finally(() => this.#showing.delete(showing));
    this.#showing.add(showing);
  }
}
