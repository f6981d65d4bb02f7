import { withDeadline } from '../../clock/index.ts';
import type { Clock } from '../../clock/index.ts';
import { messageOf } from '../../fault/index.ts';
import type { Scope } from '../../scope/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import type { EventDraft } from '../contract.ts';
import { genesisHash } from '../form.ts';
import { readHead } from '../read.ts';
import { draft } from '../vocabulary.ts';
import type { Anchor } from './anchor/contract.ts';
import { AnchorKeeper, anchorStatuses } from './anchor/keeper.ts';
import type { AnchorStatus } from './anchor/keeper.ts';
import { checkpointClaims } from './claims.ts';
import type { NotedClaim } from './claims.ts';
import { chainAnchored, keyRotated } from './events.ts';
import type { AcceptedRewinding } from './given-up.ts';
import type { CheckpointFile } from './file.ts';
import { originOf, signCheckpoint } from './form.ts';
import { proveInclusion } from './inclusion.ts';
import type { InclusionProof } from './inclusion.ts';
import type { CheckpointKeys } from './keys.ts';
import { provenHashes } from './links.ts';
import { Frontier } from './merkle.ts';
import type { NoteSigner } from './note.ts';
import { findRewinding } from './rewound.ts';
import type { Evidence, Rewinding } from './rewound.ts';
import {
  growable,
  newestRows,
  newestStored,
  numberOfNote,
  storeCheckpoint,
  storedCheckpoints,
} from './table.ts';
import type { CheckpointScope, StoredCheckpoint } from './table.ts';

export interface CheckpointerOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly workspace: string;
  readonly clock: Clock;
  readonly keys: CheckpointKeys;
  readonly file: CheckpointFile;
  readonly anchors: readonly Anchor[];
  readonly everyEvents: number;
  readonly everyMs: number;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  /** Freezes the workspace; false when people said of this very finding that it is as it should be. */
  readonly onRewound: (rewinding: Rewinding) => Promise<boolean>;
  /** The findings of which people said so. */
  readonly accepted: () => Promise<readonly AcceptedRewinding[]>;
  readonly onError: (where: string, error: unknown) => void;
}

/** How the checkpoints of a chain stand, for status and findings. */
export interface CheckpointStatus {
  /** Whether this runtime has a key. */
  readonly signs: boolean;
  /** What keeps it from making or keeping checkpoints now, in one sentence. */
  readonly problems: readonly string[];
  readonly rewound: Rewinding | null;
}

/** `made`, `current` (nothing new, or another runtime did it), or why not. */
export type CheckpointOutcome = 'made' | 'current' | 'rewound' | 'no_key';

/** Whether a look signs: only when it is time, whenever anything is new, or not at all. */
type Sign = 'due' | 'now' | 'never';

const troubleWaitMs = 5_000;
const askAnchorsMs = 600_000;
const appendedAtOnce = 500;

/**
 * Signs what the chain is, every so many events or so many seconds, and holds the chain against what was signed before.
 * It is in one of three modes: *waiting* for events or time; *looking*; and *frozen*, while a signed checkpoint and the
 * chain contradict each other and nobody has said that this is right: then it looks and does not sign.
 */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  readonly #scope: CheckpointScope;
  readonly #keepers: readonly AnchorKeeper[];
  #turn: Promise<unknown> = Promise.resolve();
  #wake: (() => void) | undefined;
  /** Size of the newest checkpoint, and the newest sequence that was heard of. */
  #size = 0;
  #sealed = 0;
  #rewound: Rewinding | null = null;
  readonly #problems = new Map<'checkpoint' | 'file' | 'table', string>();
  #anchored: readonly Evidence[] = [];

  constructor(options: CheckpointerOptions) {
    const { database, workspaceId, workspace, clock, keys, onError } = options;
    this.#options = options;
    this.#scope = { workspaceId, origin: originOf(workspace), pinned: keys.pinned };
    const newest = (): Promise<StoredCheckpoint | undefined> => this.#tellable();
    this.#keepers = options.anchors.map(
      (anchor) => new AnchorKeeper(anchor, { database, workspaceId, clock, newest, onError }),
    );
  }

  /** Looks once, so that a rewound chain is held before anything is claimed, and starts the loops in the scope. */
  async start(scope: Scope): Promise<void> {
    const { onError } = this.#options;
    await this.checkpoint('never').catch((error: unknown) => onError('checkpoints', error));
    const failed = (error: unknown): void => onError('checkpoints', error);
    scope.run('checkpoints', (signal) => this.#run(signal), failed);
    for (const keeper of this.#keepers)
      scope.run(`anchor ${keeper.anchor.name}`, (signal) => keeper.run(signal), failed);
    scope.run('anchors asked', (signal) => this.#askAnchors(signal), failed);
  }

  /** Says that events up to this one are sealed. */
  sealed(seq: number): void {
    this.#sealed = Math.max(this.#sealed, seq);
    if (this.#due) this.#wake?.();
  }

  /**
   * Looks now, one look at a time, and signs whatever is new. Throws KORA_CHECKPOINT_UNPROVEN when the new events do not
   * prove.
   */
  checkpoint(sign: Sign = 'now'): Promise<CheckpointOutcome> {
    const turn = this.#turn.then(() => this.#look(sign));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** The newest checkpoint that a pinned key signed. */
  async latest(): Promise<StoredCheckpoint | undefined> {
    const newest = await newestStored(this.#options.database, this.#scope);
    return newest.find(({ verdict }) => verdict === 'valid');
  }

  /** Every checkpoint of the table, oldest first, with its verdict; in constant memory. */
  list(after = 0): AsyncGenerator<StoredCheckpoint> {
    return storedCheckpoints(this.#options.database, this.#scope, after);
  }

  /** What verification holds the chain against, behind so many events, in ascending order of size. */
  async *claims(after = 0): AsyncGenerator<NotedClaim> {
    const { database, file } = this.#options;
    const accepted = await this.#options.accepted();
    yield* checkpointClaims({ db: database, scope: this.#scope, file, accepted }, after);
  }

  /** Proves one event by the newest checkpoint. Throws KORA_NOT_FOUND when no checkpoint covers it. */
  async prove(seq: number): Promise<InclusionProof> {
    const { database, workspaceId } = this.#options;
    return proveInclusion(database, workspaceId, seq, await this.latest());
  }

  /** The verifier keys that count here, as people pin them. */
  get publicKeys(): readonly string[] {
    return this.#scope.pinned.map(({ text }) => text);
  }

  get file(): CheckpointFile {
    return this.#options.file;
  }

  anchors(): Promise<AnchorStatus[]> {
    const { database, workspaceId, anchors } = this.#options;
    return anchorStatuses(database, workspaceId, anchors);
  }

  status(): CheckpointStatus {
    return {
      signs: this.#options.keys.signer !== undefined,
      problems: [...this.#problems.values()],
      rewound: this.#rewound,
    };
  }

  get #due(): boolean {
    const { keys, everyEvents } = this.#options;
    return keys.signer !== undefined && this.#sealed - this.#size >= everyEvents;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { everyMs, clock, onError } = this.#options;
    let last: CheckpointOutcome | 'failed' = 'made';
    let said = '';
    const look = async (sign: Sign): Promise<CheckpointOutcome | 'failed'> => {
      try {
        const outcome = await this.checkpoint(sign);
        said = '';
        return outcome;
      } catch (error) {
        // Said once, not with each look that finds the same.
        if (said !== messageOf(error)) onError('checkpoints', error);
        said = messageOf(error);
        return 'failed';
      }
    };
    while (!signal.aborted) {
      const woken = new AbortController();
      const troubled = last === 'failed' || last === 'rewound';
      // In trouble no number of events shortens the wait: what does not prove will not prove sooner.
      if (!troubled) this.#wake = () => woken.abort();
      if (last !== 'made' || !this.#due)
        await clock.sleep(troubled ? troubleWaitMs : everyMs, AbortSignal.any([signal, woken.signal]));
      this.#wake = undefined;
      if (!signal.aborted) last = await look('due');
    }
    // On the way out, also when the end came in the middle of a look: an orderly end leaves nothing unsigned.
    await look('now');
  }

  async #look(sign: Sign): Promise<CheckpointOutcome> {
    const outcome = await this.#lookOnce(sign).catch((error: unknown) => {
      this.#problems.set('checkpoint', messageOf(error));
      throw error;
    });
    this.#problems.delete('checkpoint');
    return outcome;
  }

  async #lookOnce(sign: Sign): Promise<CheckpointOutcome> {
    const { database, workspaceId, keys } = this.#options;
    const newest = await newestStored(database, this.#scope);
    this.#judgeTable(newest);
    // Before the head, or a checkpoint made in between would seem to be ahead of it.
    const evidence = await this.#evidence(newest);
    const contradicted = await this.#contradicted(evidence);
    if (contradicted === 'frozen') return 'rewound';
    await this.#catchUpFile(newest[0]?.note);
    const base = contradicted === 'no' ? growable(newest) : await this.#honoured();
    this.#size = base?.size ?? 0;
    if (keys.signer === undefined) return 'no_key';
    const head = await readHead(database, workspaceId);
    this.#sealed = Math.max(this.#sealed, head.seq);
    if (head.seq <= this.#size || !(await this.#isTime(sign, base, head.seq))) return 'current';
    return (await this.#make(keys.signer, base, newest[0]?.number ?? 0, head.seq)) ? 'made' : 'current';
  }

  /** Enough events, or enough time and at least one event that is more than a trace of other checkpoints. */
  async #isTime(sign: Sign, base: StoredCheckpoint | undefined, headSeq: number): Promise<boolean> {
    const { database, workspaceId, everyEvents, everyMs } = this.#options;
    if (sign !== 'due') return sign === 'now';
    const size = base?.size ?? 0;
    if (headSeq - size >= everyEvents) return true;
    // Two clocks measure one wait: what is as good as over is over.
    if (base !== undefined && base.ageMs < everyMs * 0.9) return false;
    const [news] = await database.query(
      'select seq from kora.event where workspace_id = $1 and seq > $2 and type <> $3 limit 1',
      [workspaceId, size, chainAnchored.type],
    );
    return news !== undefined;
  }

  async #make(
    signer: NoteSigner,
    base: StoredCheckpoint | undefined,
    newestNumber: number,
    size: number,
  ): Promise<boolean> {
    const { database, workspaceId } = this.#options;
    const frontier = base?.frontier ?? new Frontier();
    let last = base?.eventHash ?? genesisHash;
    for await (const hash of provenHashes(database, workspaceId, { seq: frontier.size, hash: last }, size)) {
      frontier.add(hash);
      last = hash;
    }
    const stated = { size, root: frontier.root(), eventHash: last };
    const note = signCheckpoint(stated, signer);
    const made = { ...stated, frontier, note, signedBy: signer.key.id, base: newestNumber };
    const kept = await storeCheckpoint(database, workspaceId, made, (tx, before) =>
      this.#options.stage(tx, [
        draft(keyRotated, { old_key_id: before, new_key_id: signer.key.id, new_key: signer.key.text }),
      ]),
    );
    if (!kept) return false;
    this.#size = size;
    await this.#catchUpFile(note);
    for (const keeper of this.#keepers) keeper.kick();
    return true;
  }

  /** What is still known of the chain: the table's newest, the file's, and what anchors gave back. */
  async #evidence(newest: readonly StoredCheckpoint[]): Promise<Evidence[]> {
    const stored = newest.find(({ verdict }) => verdict === 'valid');
    const filed = await this.#withFile((file) => file.newest());
    return [
      ...(stored === undefined ? [] : [{ ...stored, source: 'table' }]),
      ...(filed === undefined ? [] : [{ ...filed, source: 'file' }]),
      ...this.#anchored,
    ];
  }

  /** Whether the chain lacks what was signed; `accepted` when people said of all of it that this is right. */
  async #contradicted(evidence: readonly Evidence[]): Promise<'no' | 'accepted' | 'frozen'> {
    const { database, workspaceId, onRewound } = this.#options;
    for (let rest = evidence; ; ) {
      const found = await findRewinding(database, workspaceId, rest);
      if (found === undefined) {
        this.#rewound = null;
        return rest.length === evidence.length ? 'no' : 'accepted';
      }
      if (await onRewound(found)) {
        this.#rewound = found;
        return 'frozen';
      }
      rest = rest.filter(({ size, eventHash }) => size !== found.size || !eventHash.equals(found.eventHash));
    }
  }

  /** The newest checkpoint that can be grown and that the chain still has, after others were given up. */
  async #honoured(): Promise<StoredCheckpoint | undefined> {
    const { database, workspaceId } = this.#options;
    for (const stored of await newestRows(database, this.#scope)) {
      const lost = await findRewinding(database, workspaceId, [{ ...stored, source: 'table' }]);
      if (lost === undefined && growable([stored]) !== undefined) return stored;
    }
    return undefined;
  }

  #judgeTable([newest]: readonly StoredCheckpoint[]): void {
    this.#problems.delete('table');
    if (newest === undefined || newest.verdict === 'valid') return;
    const why =
      newest.verdict === 'unknown_key'
        ? `is signed by key ${newest.signedBy}, which is not pinned here`
        : 'is not what its signature says';
    this.#problems.set('table', `the newest checkpoint of the table, of ${newest.size} events, ${why}`);
  }

  /** Brings the file to what the table has: after a crash between the two, and for what other runtimes made. */
  async #catchUpFile(newest: string | undefined): Promise<void> {
    const { database, workspaceId } = this.#options;
    await this.#withFile(async (file) => {
      const filed = await file.newest();
      if (newest === undefined || filed?.note === newest) return;
      const known = filed === undefined ? 0 : await numberOfNote(database, workspaceId, filed);
      let notes: string[] = [];
      for await (const { note, verdict } of storedCheckpoints(database, this.#scope, known)) {
        if (verdict === 'valid') notes.push(note);
        if (notes.length < appendedAtOnce) continue;
        await file.append(notes);
        notes = [];
      }
      await file.append(notes);
    });
  }

  /** A file that cannot be read or written is a finding; it stops neither the table nor the seal. */
  async #withFile<T>(work: (file: CheckpointFile) => Promise<T>): Promise<T | undefined> {
    try {
      const result = await work(this.#options.file);
      this.#problems.delete('file');
      return result;
    } catch (error) {
      if (this.#problems.get('file') !== messageOf(error)) this.#options.onError('checkpoint file', error);
      this.#problems.set('file', messageOf(error));
      return undefined;
    }
  }

  /** What goes to anchors: nothing that contradicts the chain, nothing that no pinned key signed. */
  async #tellable(): Promise<StoredCheckpoint | undefined> {
    return this.#rewound === null ? this.latest() : undefined;
  }

  /** Asks the anchors now and then what they have; what they know counts in every look from then on. */
  async #askAnchors(signal: AbortSignal): Promise<void> {
    const { anchors, clock, onError } = this.#options;
    do {
      const known: Evidence[] = [];
      for (const anchor of anchors) {
        const found = await this.#ask(anchor, signal).catch((error: unknown) => {
          if (!signal.aborted) onError(`anchor ${anchor.name}`, error);
          return undefined;
        });
        if (found?.verdict === 'valid') known.push({ ...found, source: anchor.name });
      }
      this.#anchored = known;
      if (known.length > 0) await this.checkpoint('due').catch(() => undefined);
    } while (await clock.sleep(askAnchorsMs, signal));
  }

  async #ask(anchor: Anchor, signal: AbortSignal): ReturnType<NonNullable<Anchor['newest']>> {
    if (anchor.newest === undefined) return undefined;
    const wait = { ms: anchor.timeoutMs, what: `anchor ${anchor.name}`, signal, graceMs: 0 };
    return withDeadline(this.#options.clock, wait, async (until) => anchor.newest?.(until));
  }
}
