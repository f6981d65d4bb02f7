import { messageOf } from '../fault/index.ts';
import type { NewMessage } from './contract.ts';
import type { Scope } from '../scope/index.ts';
import type { Database, Transaction } from '../store/index.ts';
import type { Overlay } from './contract.ts';
import type { Kinds, RegisteredKind } from './kinds.ts';
import { listOverlays } from './overlay-rows.ts';
import type { OverlayView } from './view.ts';

export interface OverlaysOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly kinds: Kinds;
  tell(tx: Transaction, message: NewMessage): Promise<void>;
  readonly onError: (where: string, error: unknown) => void;
}

/**
 * What was learned and is in force, and whoever acts by it. Each runtime reads it anew when one has changed it, so that
 * nothing waits for a restart; a notification is a hint, and what it said is read.
 */
export class Overlays {
  readonly #options: OverlaysOptions;
  /** What each owner took last, as text: it is told of changes, and not of looks. */
  readonly #taken = new Map<string, string>();
  #reading: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(options: OverlaysOptions) {
    this.#options = options;
  }

  /** Follows what other runtimes change. */
  async open(scope: Scope): Promise<void> {
    const { database, onError } = this.#options;
    const listening = await database.listen(
      this.#channel,
      () => void this.reload().catch((error: unknown) => onError('promotion', error)),
    );
    scope.add('promotion notifications', () => listening[Symbol.dispose]());
  }

  /** Hands a new owner what is in force of its kind. Throws what the store and `take` throw. */
  begin(registered: RegisteredKind): Promise<void> {
    // In turn with the others: nobody takes what is older than what it has.
    const handed = this.#reading.then(async () => this.#hand(registered, await this.#stored()));
    this.#reading = handed.catch(() => undefined);
    return handed;
  }

  /** Its owner went. */
  end(kind: string): void {
    this.#taken.delete(kind);
  }

  /** A change has landed: this runtime acts by it when this resolves, the others are told. */
  async changed(): Promise<void> {
    const { database } = this.#options;
    database.notify(this.#channel);
    await this.reload();
  }

  /** Reads all of it, and hands each owner what is new; one that throws keeps it from nobody else. */
  reload(): Promise<void> {
    // Whoever asks while one is being read is answered by the next: what was committed before is in it.
    if (this.#next === undefined) {
      this.#next = this.#reading
        .then(() => {
          this.#next = undefined;
          return this.#reload();
        })
        .catch((error: unknown) => this.#options.onError('promotion', error));
      // In turn with whoever is handed its own: else the older of two looks could be taken last.
      this.#reading = this.#next;
    }
    return this.#next;
  }

  /** What is in force, and why some of it is not acted by. */
  async list(kind?: string): Promise<readonly OverlayView[]> {
    const stored = await this.#stored();
    return stored
      .filter((overlay) => kind === undefined || overlay.kind === kind)
      .map((overlay) => ({ ...overlay, setAside: this.#options.kinds.misfit(overlay) }));
  }

  async #reload(): Promise<void> {
    const { kinds, onError } = this.#options;
    const stored = await this.#stored();
    for (const registered of kinds.list()) {
      await this.#hand(registered, stored).catch((error: unknown) => {
        onError(`promotion ${registered.spec.kind}`, error);
      });
    }
  }

  async #hand({ spec }: RegisteredKind, stored: readonly Overlay[]): Promise<void> {
    const own = stored.filter(({ kind }) => kind === spec.kind);
    const fitting = own.filter((overlay) => this.#options.kinds.misfit(overlay) === null);
    const text = JSON.stringify(fitting.map(({ key, revision, trialUntil }) => [key, revision, trialUntil]));
    await this.#tellMisfits(own);
    if (this.#taken.get(spec.kind) === text) return;
    await spec.take(fitting.map((overlay) => ({ ...overlay, value: spec.value.parse(overlay.value) })));
    this.#taken.set(spec.kind, text);
  }

  /** Once for each revision: the key of the message sees to that, in the whole fleet. */
  async #tellMisfits(own: readonly Overlay[]): Promise<void> {
    const { database, tell, onError } = this.#options;
    for (const overlay of own) {
      const why = this.#options.kinds.misfit(overlay);
      if (why === null) continue;
      const { kind, key, revision, proposalId } = overlay;
      const message: NewMessage = {
        key: `promotion:aside:${proposalId}:${revision}`,
        thread: `promotion:${proposalId}`,
        severity: 'warning',
        source: 'promotion',
        title: `What was learned for ${kind} is set aside: ${key}`,
        body: [
          `It no longer fits: ${why}.`,
          'It is kept and not acted by; what ships and what you wrote stand in its place.',
          `To take it back: kora promotion rollback ${proposalId} --reason '...'`,
        ].join('\n'),
      };
      await database
        .transaction((tx) => tell(tx, message))
        .catch((error: unknown) => onError('promotion', `${messageOf(error)} (${kind} ${key})`));
    }
  }

  #stored(): Promise<Overlay[]> {
    return listOverlays(this.#options.database, this.#options.workspaceId);
  }

  get #channel(): string {
    return `kora_promotion_${this.#options.workspaceId}`;
  }
}
