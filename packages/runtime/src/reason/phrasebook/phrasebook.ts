import { draft } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import type { Scope } from '../../scope/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import { phrasebookUpdated } from '../events.ts';
import type { Snapshot } from '../snapshot/contract.ts';
import { baseEntries } from './base.ts';
import { Book, checkOverlay, hashOf } from './book.ts';
import type { Entry, LearnedEntry, LearnedFrom, Lookup, PhrasebookVersion } from './contract.ts';
import { previewOf } from './preview.ts';
import type { PastQuestion, Preview } from './preview.ts';
import {
  insertVersion,
  listVersions,
  lockVersions,
  readCurrent,
  readVersion,
  versionBefore,
} from './versions.ts';
import type { NewVersion, StoredVersion } from './versions.ts';

export interface PhrasebookOptions {
  readonly database: Database;
  readonly workspaceId: number;
  /** What the version is called that a build brings: its version. */
  readonly build: string;
  /** What may be a placeholder. */
  readonly paths: ReadonlySet<string>;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  /** What was asked lately, newest first. */
  readonly questions: (limit: number) => Promise<readonly PastQuestion[]>;
  readonly onError: (where: string, error: unknown) => void;
  /** Left out: what is shipped. */
  readonly base?: readonly Entry[];
}

/** What is said to a text, by which version, and by which of its entries. */
export interface KnownAnswer {
  readonly text: string;
  readonly version: number;
  /** Where its entry was learned, and by which pattern; left out of what was written. */
  readonly learned?: LearnedFrom & { readonly pattern: string };
}

/** Does a thing once for its key. */
export type Once = <Answer extends object>(tx: Transaction, work: () => Promise<Answer>) => Promise<Answer>;
const straight: Once = (_tx, work) => work();

export interface PhrasebookEdit {
  readonly overlay: unknown;
  /** The version that whoever writes had read: another one in force is a refusal. Left out, whatever stands is replaced. */
  readonly expectedVersion?: number | undefined;
  readonly reason: string;
  readonly by: string;
  /** The proposal that it takes over. */
  readonly proposal?: string | undefined;
}

export interface PhrasebookRevert {
  /** Left out: the operator's entries as they were before their last change. */
  readonly to?: number | undefined;
  readonly reason: string;
  readonly by: string;
}

export interface VersionedBook {
  readonly version: number;
  readonly book: Book;
  readonly stored: StoredVersion;
}

/**
 * What is answered at no cost: what came with Kora, and before it what the operator wrote. Each change is a version; it is
 * in force here at once and on every other runtime within a notification, and every answer says which version gave it.
 */
export class Phrasebook {
  readonly #options: PhrasebookOptions;
  readonly #base: readonly Entry[];
  readonly #baseHash: string;
  readonly #channel: string;
  #current: VersionedBook | undefined;
  #learned: readonly LearnedEntry[] = [];
  #loading: Promise<void> = Promise.resolve();

  constructor(options: PhrasebookOptions) {
    this.#options = options;
    this.#base = options.base ?? baseEntries;
    this.#baseHash = hashOf(this.#base);
    this.#channel = `kora_phrasebook_${options.workspaceId}`;
  }

  /** Reads the version in force, and follows what other runtimes make of it. */
  async open(scope: Scope): Promise<void> {
    const { database, onError } = this.#options;
    const listening = await database.listen(
      this.#channel,
      () => void this.reload().catch((error: unknown) => onError('phrasebook', error)),
    );
    scope.add('phrasebook notifications', () => listening[Symbol.dispose]());
    await this.reload();
  }

  /** Null before it was opened. */
  get version(): number | null {
    return this.#current?.version ?? null;
  }

  /** Everything that was learned and is in force: it answers from now on, after all that was written. */
  learn(entries: readonly LearnedEntry[]): void {
    this.#learned = entries;
    if (this.#current !== undefined) this.#current = this.#bookOf(this.#current.stored, entries);
  }

  /** What is said to a text now; undefined when it is for whoever thinks. */
  answer(text: string, snapshot: Snapshot | null, nowMs: number): KnownAnswer | undefined {
    const current = this.#current;
    if (current === undefined) return undefined;
    const found = current.book.look(text, snapshot, nowMs);
    if (found.outcome !== 'answered') return undefined;
    const { learned, entry } = found.entry;
    const from = learned === undefined ? {} : { learned: { ...learned, pattern: entry.pattern } };
    return { text: found.text, version: current.version, ...from };
  }

  /** The same, saying also why there is no answer. Of another version, or of entries that are not kept, on demand. */
  async test(
    text: string,
    snapshot: Snapshot | null,
    nowMs: number,
  ): Promise<{ readonly version: number; readonly lookup: Lookup }> {
    const { version, book } = await this.inForce();
    return { version, lookup: book.look(text, snapshot, nowMs) };
  }

  /** The version in force. */
  async inForce(): Promise<VersionedBook> {
    if (this.#current === undefined) await this.reload();
    if (this.#current === undefined) throw fault('KORA_INTERNAL', 'the phrasebook was not read');
    return this.#current;
  }

  /** Throws KORA_NOT_FOUND. */
  async at(version: number): Promise<VersionedBook> {
    const { database, workspaceId } = this.#options;
    return this.#bookOf(await readVersion(database, workspaceId, version));
  }

  history(limit: number): Promise<PhrasebookVersion[]> {
    return listVersions(this.#options.database, this.#options.workspaceId, limit);
  }

  /** What other entries of the operator's would have changed about what was asked. Throws KORA_PHRASEBOOK_INVALID. */
  async preview(
    overlay: unknown,
    { limit, ...now }: { readonly limit: number; readonly snapshot: Snapshot | null; readonly nowMs: number },
  ): Promise<Preview> {
    const { paths, questions } = this.#options;
    const entries = this.#checked(overlay);
    const [{ book: before }, asked] = await Promise.all([this.inForce(), questions(limit)]);
    const after = new Book({ overlay: entries, base: this.#base, learned: this.#learned, paths });
    return previewOf({ before, after }, asked, now);
  }

  /**
   * Replaces the operator's entries. The same entries again change nothing. Throws KORA_PHRASEBOOK_INVALID with every
   * issue, KORA_PHRASEBOOK_CHANGED, KORA_DECISION_DENIED.
   */
  async edit(wish: PhrasebookEdit, once: Once = straight): Promise<PhrasebookVersion> {
    const { expectedVersion, reason, by, proposal } = wish;
    const overlay = this.#checked(wish.overlay);
    const kind = proposal === undefined ? 'edit' : 'proposal';
    return this.#change(once, async (tx, now) => {
      if (expectedVersion !== undefined && expectedVersion !== now.version)
        throw fault(
          'KORA_PHRASEBOOK_CHANGED',
          `the phrasebook is at version ${now.version}, and what was written is about version ${expectedVersion}`,
          { fix: 'kora phrasebook edit', details: { version: now.version, expectedVersion } },
        );
      if (hashOf(overlay) === hashOf(now.overlay)) return now;
      return this.#made(tx, now, { kind, overlay, base: this.#base, by, reason, proposal });
    });
  }

  /** Takes the operator's entries of an earlier version again. Throws KORA_NOT_FOUND, KORA_DECISION_DENIED. */
  revert({ to, reason, by }: PhrasebookRevert, once: Once = straight): Promise<PhrasebookVersion> {
    const { workspaceId, paths } = this.#options;
    return this.#change(once, async (tx, now) => {
      const target = to ?? (await versionBefore(tx, workspaceId))?.version;
      if (target === undefined)
        throw fault('KORA_NOT_FOUND', 'the phrasebook has never been changed', {
          fix: 'kora phrasebook history',
        });
      const { overlay } = await readVersion(tx, workspaceId, target);
      if (hashOf(overlay) === hashOf(now.overlay)) return now;
      // What fitted an older build may not fit this one: nobody reverts into silence.
      const checked = checkOverlay(overlay, paths);
      if ('issues' in checked) throw invalid(checked.issues);
      const wish = { kind: 'revert', overlay, base: this.#base, by, reason, revertedTo: target } as const;
      return this.#made(tx, now, wish);
    });
  }

  /** Reads the version in force again; one that is being read is waited for first. */
  reload(): Promise<void> {
    const mine = this.#loading.then(() => this.#load());
    this.#loading = mine.catch(() => undefined);
    return mine;
  }

  async #load(): Promise<void> {
    const { database, workspaceId } = this.#options;
    const { current } = await readCurrent(database, workspaceId, this.#baseHash);
    this.#use(current ?? (await database.transaction((tx) => this.#joined(tx))));
  }

  /** The version in force for this build's entries; made where nobody has put the two together yet. */
  async #joined(tx: Transaction): Promise<StoredVersion> {
    const { workspaceId, build } = this.#options;
    await lockVersions(tx, workspaceId);
    const { current, overlay } = await readCurrent(tx, workspaceId, this.#baseHash);
    if (current !== undefined) return current;
    const reason = `the entries of build ${build}`;
    return insertVersion(tx, workspaceId, { kind: 'base', base: this.#base, overlay, by: 'kora', reason });
  }

  async #change(
    once: Once,
    work: (tx: Transaction, now: StoredVersion) => Promise<StoredVersion>,
  ): Promise<PhrasebookVersion> {
    const { database } = this.#options;
    const made = await database.transaction((tx) =>
      once(tx, async () => summaryOf(await work(tx, await this.#joined(tx)))),
    );
    await this.reload();
    database.notify(this.#channel, String(made.version));
    return made;
  }

  async #made(tx: Transaction, before: StoredVersion, wish: NewVersion): Promise<StoredVersion> {
    const { workspaceId, stage } = this.#options;
    const made = await insertVersion(tx, workspaceId, wish);
    const payload = {
      version: made.version,
      entries_before: before.overlayEntries + before.baseEntries,
      entries_after: made.overlayEntries + made.baseEntries,
      proposal: made.proposal,
      reason: made.reason,
    };
    await stage(tx, [draft(phrasebookUpdated, payload, { actorId: wish.by })]);
    return made;
  }

  #use(stored: StoredVersion): void {
    if (this.#current?.version === stored.version) return;
    const next = this.#bookOf(stored, this.#learned);
    this.#current = next;
    // What the operator wrote for another build is kept, left out, and said once.
    for (const { origin, index, problem } of next.book.entries)
      if (origin === 'operator' && problem !== null)
        this.#options.onError('phrasebook', invalid([{ entryIndex: index, field: '', error: problem }]));
  }

  /** What was learned is of no version: it stands in the book of the one that is in force. */
  #bookOf(stored: StoredVersion, learned: readonly LearnedEntry[] = []): VersionedBook {
    const { overlay, base, version } = stored;
    return { version, stored, book: new Book({ overlay, base, learned, paths: this.#options.paths }) };
  }

  #checked(overlay: unknown): readonly Entry[] {
    const checked = checkOverlay(overlay, this.#options.paths);
    if ('issues' in checked) throw invalid(checked.issues);
    return checked.entries;
  }
}

function invalid(
  issues: readonly { readonly entryIndex: number; readonly field: string; readonly error: string }[],
): Error {
  const lines = issues.map(
    ({ entryIndex, field, error }) => `entry ${entryIndex}${field === '' ? '' : `, ${field}`}: ${error}`,
  );
  return fault('KORA_PHRASEBOOK_INVALID', lines.join('\n'), {
    fix: 'kora phrasebook list --json shows entries that fit',
    details: { issues },
  });
}

function summaryOf(stored: StoredVersion): PhrasebookVersion {
  const { version, kind, at, by, reason, revertedTo, proposal, overlayEntries, baseEntries } = stored;
  return { version, kind, at, by, reason, revertedTo, proposal, overlayEntries, baseEntries };
}
