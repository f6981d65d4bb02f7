import type { Clock } from '../clock/index.ts';
import type { Scope } from '../scope/index.ts';
import { defaultConnections } from '../store/index.ts';
import type { Database, Queryable, Transaction } from '../store/index.ts';
import type { ChainEvent, EventDraft, EventQuery, EventType, PublicEvent } from './contract.ts';
import { readCauses } from './causes.ts';
import type { Causes } from './causes.ts';
import { chainEvents } from './events.ts';
import { readCaused, readCorrelated, readNewest } from './read-newest.ts';
import type { NewestQuery } from './read-newest.ts';
import { readEvents, readHead, readLastWrite, readRecent } from './read.ts';
import { Appender } from './seal/appender.ts';
import type { AppendedRow, Placed } from './seal/appender.ts';
import { readPast } from './past.ts';
import type { PastQuery } from './past.ts';
import { pruneChain } from './retain/prune.ts';
import type { Pruned, Pruning } from './retain/prune.ts';
import { redactEvent } from './retain/redact.ts';
import type { Redaction } from './retain/redact.ts';
import { Gathering } from './seal/gathering.ts';
import { channelOf, staleStage } from './seal/sealed.ts';
import { Sealer } from './seal/sealer.ts';
import { stageEvents, stageRow } from './seal/stage.ts';
import type { ChainOwner, StagedBody } from './seal/stage.ts';
import { Watermark } from './seal/watermark.ts';
import type { ConsumerState, ParkedEvent, Subscription } from './subscribe/contract.ts';
import type { ParkedChoice } from './subscribe/parked.ts';
import { Subscriptions } from './subscribe/subscriptions.ts';
import { Spool } from './spool/spool.ts';
import type { Appended, SpoolOptions } from './spool/spool.ts';
import { readHashed } from './verify/hashed.ts';
import type { HashedEvent, HashedRange } from './verify/hashed.ts';
import type { Verification, VerifyOptions } from './verify/contract.ts';
import { verifyChain } from './verify/verify.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface ChainOptions {
  readonly database: Database;
  readonly owner: ChainOwner;
  readonly vocabulary: Vocabulary;
  readonly clock: Clock;
  readonly scope: Scope;
  readonly onError: (where: string, error: unknown) => void;
  /** Where loud events wait while the store is away; without it they are refused as others are. */
  readonly spool?: Pick<SpoolOptions, 'path' | 'maxBytes'>;
  /** Connections of the store's pool; reactions may have half of them. */
  readonly connections?: number;
}

/** One workspace's event log, as one runtime sees it. */
export class Chain {
  readonly owner: ChainOwner;
  readonly #options: ChainOptions;
  readonly #sealer: Sealer;
  readonly #gathering: Gathering;
  readonly #appender: Appender;
  readonly #watermark: Watermark;
  readonly #subscriptions: Subscriptions;
  #spool: Spool | undefined;
  /** The newest sequence that was heard of. */
  #seen = 0;
  readonly #sealedListeners = new Set<(seq: number) => void>();
  #fullPassAt: number | null = null;
  #broken: Verification | null = null;

  constructor(options: ChainOptions) {
    const { database, clock, onError } = options;
    const { workspaceId } = options.owner;
    this.#options = options;
    this.owner = options.owner;
    this.#subscriptions = new Subscriptions({
      database,
      owner: options.owner,
      clock,
      stage: (tx, drafts) => this.stage(tx, drafts),
      current: (event) => options.vocabulary.current(event),
      onError: (consumer, error) => onError(`subscription ${consumer}`, error),
      // The other half is for who appends, seals and answers, however many reactions hang.
      writers: Math.max(1, Math.floor((options.connections ?? defaultConnections) / 2)),
    });
    this.#watermark = new Watermark(database, workspaceId);
    const onSealed = (seq: number): void => {
      this.#wake(seq);
      database.notify(channelOf(workspaceId), String(seq));
    };
    this.#sealer = new Sealer({
      database,
      workspaceId,
      clock,
      onSealed,
      onCleared: () => void this.#watermark.look(),
      onStale: (cause) => onError('sealer', staleStage(cause)),
      onError: (error) => onError('sealer', error),
    });
    this.#gathering = new Gathering(clock, () => this.#sealer.kick());
    const onStaged = (): void => this.#sealer.kick();
    this.#appender = new Appender({ database, owner: options.owner, onSealed, onStaged });
  }

  /** Declares the chain's own types and starts sealing; other runtimes' seals wake this one's readers. */
  async start(): Promise<void> {
    const { scope, database, onError, owner } = this.#options;
    await this.declare('kora', chainEvents);
    const listening = await database.listen(channelOf(owner.workspaceId), (word) => {
      // Its own seals come back as well.
      if (word !== '' && Number(word) <= this.#seen) return;
      readHead(database, owner.workspaceId).then(
        ({ seq }) => this.#wake(seq),
        (error: unknown) => onError('chain head', error),
      );
    });
    await this.#subscriptions.open(scope);
    scope.run(
      'sealer',
      (signal) => this.#seal(signal),
      (error) => onError('sealer', error),
    );
    scope.add('sealed notifications', () => listening[Symbol.dispose]());
    await this.#openSpool();
  }

  /** What waited in the home since an earlier process is on its way before anybody appends. */
  async #openSpool(): Promise<void> {
    const { scope, spool: place, onError } = this.#options;
    if (place === undefined) return;
    this.#seen = Math.max(this.#seen, (await this.head()).seq);
    const spool = await Spool.open({
      ...this.#options,
      ...place,
      head: () => this.#seen,
      onReturned: () => this.#sealer.kick(),
      onError: (error) => onError('spool', error),
    });
    this.#spool = spool;
    await spool.return().catch((error: unknown) => onError('spool', error));
    scope.run(
      'spool',
      (signal) => spool.run(signal),
      (error) => onError('spool', error),
    );
  }

  /** Adds types to the vocabulary, here and in the store, so that any runtime's sealer knows them. */
  async declare(owner: string, types: readonly EventType[]): Promise<void> {
    const { vocabulary, database } = this.#options;
    vocabulary.register(owner, types);
    await database.query(
      `insert into kora.event_type (type, owner, version)
       select type, $1, version from unnest($2::text[], $3::int[]) as declared(type, version)
       on conflict (type) do update set version = greatest(kora.event_type.version, excluded.version)`,
      [owner, types.map(({ type }) => type), types.map(({ version }) => version)],
    );
  }

  /** Takes types of an owner back; without them, all it has. */
  undeclare(owner: string, types?: readonly EventType[]): void {
    this.#options.vocabulary.unregister(owner, types);
  }

  /** Stages events in the caller's transaction; within milliseconds of its commit they are sealed. */
  async stage(tx: Transaction, drafts: readonly EventDraft[]): Promise<void> {
    await stageEvents(tx, this.owner, this.#options.vocabulary, drafts);
    tx.afterCommit(() => this.staged());
  }

  /**
   * An event as it would be staged: checked against its schema and free of secrets, for a statement of another room that
   * stages it by `stageFragment`. Throws KORA_EVENT_UNKNOWN, KORA_EVENT_INVALID.
   */
  prepare(event: EventDraft): StagedBody {
    return stageRow(event, this.owner, this.#options.vocabulary);
  }

  /** Says that a statement of another room staged events and was committed: they are sealed within milliseconds. */
  staged(): void {
    this.#gathering.say();
  }

  /**
   * Raises events outside any transaction, together or not at all: durable when it resolves. With the store away, loud
   * ones are `spooled`: they wait in the home, and come before whatever their caller appends afterwards.
   */
  async append(drafts: readonly EventDraft[]): Promise<Appended> {
    if (drafts.length === 0) return 'stored';
    const rows = this.#rows(drafts);
    const write = (): Promise<Placed> => this.#appender.append(rows);
    const loud = drafts.every(({ type }) => this.#options.vocabulary.get(type)?.loud === true);
    if (this.#spool !== undefined) return this.#spool.append(rows, loud, write);
    await write();
    return 'stored';
  }

  /** Loud events that wait in the home for the store, and how many found no room there. */
  get spooled(): { readonly waiting: number; readonly lost: number } {
    return { waiting: this.#spool?.waiting ?? 0, lost: this.#spool?.lost ?? 0 };
  }

  /** Raises one event and waits for its sequence; null when nobody sealed it before this runtime ended. */
  async appendSealed(event: EventDraft): Promise<number | null> {
    const eventId = event.eventId ?? this.#options.clock.uuid();
    const rows = this.#rows([{ ...event, eventId }]);
    await this.#spool?.return();
    const { first, numbers, head } = await this.#appender.append(rows);
    const [number] = numbers;
    return first ?? (number === undefined ? null : this.#watermark.sealed(number, { eventId, after: head }));
  }

  #rows(drafts: readonly EventDraft[]): AppendedRow[] {
    const { vocabulary, clock } = this.#options;
    return drafts.map((event) => {
      const row = stageRow(event, this.owner, vocabulary);
      return { ...row, id: row.id ?? clock.uuid() };
    });
  }

  /** Waits while events are made faster than they are sealed. Who makes many of them asks before each batch. */
  async keptPace(): Promise<void> {
    while (this.#sealer.isBehind) await this.#options.clock.sleep(behindLookMs);
  }

  /** Milliseconds since the stage was last clear, when that is longer than it should be. */
  get staleForMs(): number | undefined {
    return this.#sealer.staleForMs;
  }

  /**
   * Takes one body away, by an event. `through` is the store as the role that may do so (`kora_prune`, where a server has
   * roles of its own). Throws KORA_EVENT_ABSENT or KORA_REDACT_REFUSED.
   */
  async redact(redaction: Redaction, through: Database = this.#options.database): Promise<void> {
    await redactEvent(through, this.owner, this.#options.vocabulary, redaction);
    this.#sealer.kick();
  }

  /** Removes old events behind a checkpoint; see `pruneChain`. Throws KORA_PRUNE_REFUSED naming what is in the way. */
  async prune(pruning: Pruning, through: Database = this.#options.database): Promise<Pruned> {
    const { vocabulary } = this.#options;
    try {
      return await pruneChain({ ...pruning, database: through, owner: this.owner, vocabulary });
    } finally {
      this.#sealer.kick();
    }
  }

  async read(query: EventQuery): Promise<ChainEvent[]> {
    return this.#current(await readEvents(this.#options.database, this.owner.workspaceId, query));
  }

  /** The newest events of these types, read on the caller's connection. */
  async readRecent(db: Queryable, query: Parameters<typeof readRecent>[2]): Promise<ChainEvent[]> {
    return this.#current(await readRecent(db, this.owner.workspaceId, query));
  }

  /** The newest events of exactly these types, newest first. */
  async newest(query: NewestQuery): Promise<ChainEvent[]> {
    return this.#current(await readNewest(this.#options.database, this.owner.workspaceId, query));
  }

  /** Events of these types that belong to these stories, oldest first. */
  async correlated(query: Parameters<typeof readCorrelated>[2]): Promise<ChainEvent[]> {
    return this.#current(await readCorrelated(this.#options.database, this.owner.workspaceId, query));
  }

  /** Of events of these types that name this one as their cause the newest, oldest of them first. */
  async caused(query: Parameters<typeof readCaused>[2]): Promise<ChainEvent[]> {
    return this.#current(await readCaused(this.#options.database, this.owner.workspaceId, query));
  }

  /** A page of what happened in a window, oldest first. */
  async readPast(query: PastQuery): Promise<ChainEvent[]> {
    return this.#current(await readPast(this.#options.database, this.owner.workspaceId, query));
  }

  /** An event's causes back to the first, and what followed from it; undefined when there is no such event. */
  async causes(seq: number): Promise<Causes | undefined> {
    const causes = await readCauses(this.#options.database, this.owner.workspaceId, seq);
    const current = ({ event, by }: Causes['steps'][number]): Causes['steps'][number] => {
      return { event: this.#options.vocabulary.current(event), by };
    };
    return causes && { ...causes, steps: causes.steps.map(current), followed: causes.followed.map(current) };
  }

  /** Milliseconds since this runtime's newest event, by the database's clock; null when it is not among the newest. */
  sinceLastWrite(): Promise<number | null> {
    return readLastWrite(this.#options.database, this.owner);
  }

  /** Events in the form of today, whenever they were written. */
  #current(events: readonly ChainEvent[]): ChainEvent[] {
    return events.map((event) => this.#options.vocabulary.current(event));
  }

  /** What of an event may leave the house. */
  publicView(event: ChainEvent): PublicEvent {
    return this.#options.vocabulary.publicView(event);
  }

  head(): Promise<{ seq: number; hash: string }> {
    return readHead(this.#options.database, this.owner.workspaceId);
  }

  /** Events staged and not yet sealed. */
  async unsealed(): Promise<number> {
    const [row] = await this.#options.database.query<{ count: number }>(
      'select count(*) as count from kora.stage where workspace_id = $1',
      [this.owner.workspaceId],
    );
    return row?.count ?? 0;
  }

  async verify(options: VerifyOptions = {}): Promise<Verification> {
    const { database, clock } = this.#options;
    const found = await verifyChain(database, this.owner.workspaceId, options);
    const isWhole = options.from === undefined && options.after === undefined && options.most === undefined;
    if (isWhole) this.#fullPassAt = clock.now();
    if (!found.ok) this.#broken = found;
    else if (isWhole) this.#broken = null;
    return found;
  }

  /** What the last pass that found damage found, until a pass over all of it finds none; null: nothing known. */
  get broken(): Verification | null {
    return this.#broken;
  }

  /** When this runtime last went through all of it, in milliseconds since 1970; null: not since it started. */
  get fullPassAt(): number | null {
    return this.#fullPassAt;
  }

  /** Exactly what was hashed of these events, in their order, for whoever hashes it elsewhere. */
  hashed(range: HashedRange): Promise<HashedEvent[]> {
    return readHashed(this.#options.database, this.owner.workspaceId, range);
  }

  subscribe(subscription: Subscription): Promise<Scope> {
    return this.#subscriptions.start(subscription);
  }

  consumers(): Promise<ConsumerState[]> {
    return this.#subscriptions.list();
  }

  /** The events that consumers could not take and that wait for people: of one consumer, or of all. */
  parked(consumer?: string): Promise<ParkedEvent[]> {
    return this.#subscriptions.parked(consumer);
  }

  /** Asks for one parked event, or all of a consumer, to be tried again; answers how many. Throws KORA_PARKED_UNKNOWN. */
  replay(choice: ParkedChoice): Promise<number> {
    return this.#subscriptions.replay(choice);
  }

  /** Gives a parked event up. Throws KORA_PARKED_UNKNOWN. */
  skipParked(choice: Parameters<Subscriptions['skip']>[0]): Promise<void> {
    return this.#subscriptions.skip(choice);
  }

  /** Removes a consumer that runs nowhere. Throws KORA_CONSUMER_UNKNOWN, KORA_CONSUMER_RUNNING. */
  forgetConsumer(consumer: string, options: { readonly actorId?: string } = {}): Promise<void> {
    return this.#subscriptions.forget(consumer, options);
  }

  /** In-process wake-up after each seal, by this runtime or another: for streams that hold no cursor of their own. */
  onSealed(listener: (seq: number) => void): Disposable {
    this.#sealedListeners.add(listener);
    return {
      [Symbol.dispose]: () => {
        this.#sealedListeners.delete(listener);
      },
    };
  }

  async #seal(signal: AbortSignal): Promise<void> {
    try {
      await this.#sealer.run(signal);
    } finally {
      await this.#watermark.end();
    }
  }

  #wake(seq: number): void {
    this.#seen = Math.max(this.#seen, seq);
    void this.#watermark.look();
    this.#subscriptions.wake();
    for (const listener of this.#sealedListeners) {
      try {
        listener(seq);
      } catch (error) {
        this.#options.onError('seal listener', error);
      }
    }
  }
}

/** Milliseconds. */
const behindLookMs = 20;
