import { availableParallelism } from 'node:os';
import { to } from 'pg-copy-streams';
import type { Database, Session } from '../../store/index.ts';
import { firstUnexplained, genesis, readBounds, readPruned } from './bounds.ts';
import type { Bounds } from './bounds.ts';
import type { ChainPoint, CheckpointClaim, Verification, VerifyOptions } from './contract.ts';
import { diagnose } from './diagnose.ts';
import type { Finding } from './diagnose.ts';
import { hashHere, HashingThread } from './hashing.ts';
import type { Hashing } from './hashing.ts';
import { copyBodies, copyEvents } from './rows.ts';
import type { Segment, SegmentFacts } from './rows.ts';
import { proves, readWireRows } from './wire-row.ts';

const segmentEvents = 16_384;
const defaultStreams = 2;
/** Up to here a second connection and a thread cost more than they bring. */
const smallRange = 20_000;

/**
 * Recomputes every link up to the head and names the first sequence that does not hold. Constant memory: segments of the
 * log come as binary COPY, are hashed as they arrive, by several readers at once, and the seams are compared in order.
 * Throws the signal's reason when it is called off: such a pass proves nothing.
 */
export function verifyChain(
  database: Database,
  workspaceId: number,
  options: VerifyOptions = {},
): Promise<Verification> {
  return database.session((session) => verifyOn(session, workspaceId, options, database));
}

/** The same on one connection; further streams need the database. */
export async function verifyOn(
  session: Session,
  workspaceId: number,
  options: VerifyOptions = {},
  database?: Database,
): Promise<Verification> {
  for (;;) {
    const bounds = await readBounds(session, workspaceId, options);
    const found = await new Pass(session, workspaceId, options, bounds).run(database);
    if (found.ok) return found;
    // Rows that were pruned under the pass are no damage: it looks again, from where the chain begins now.
    const { seq } = await readPruned(session, workspaceId);
    if (seq === bounds.prunedThrough || seq < (found.firstBadSeq ?? 0)) return found;
  }
}

interface Planned {
  readonly index: number;
  readonly segment: Segment;
  readonly claims: readonly CheckpointClaim[];
}

/** One pass. Readers take segments from the plan; what they found is settled in order. */
class Pass {
  readonly #session: Session;
  readonly #workspaceId: number;
  readonly #options: VerifyOptions;
  readonly #bounds: Bounds;
  /** The last event to go through. */
  readonly #end: number;
  readonly #waiting = new Map<number, { facts: SegmentFacts; claims: readonly CheckpointClaim[] }>();
  readonly #counts = { redacted: 0, checkpoints: 0, checkpointedThrough: 0 };
  #settling: Promise<void> = Promise.resolve();
  /** The last event that is proven. */
  #proven: { seq: number; hash: string | undefined };
  #finding: Finding | undefined;
  #stopped = false;

  constructor(session: Session, workspaceId: number, options: VerifyOptions, bounds: Bounds) {
    this.#session = session;
    this.#workspaceId = workspaceId;
    this.#options = options;
    this.#bounds = bounds;
    this.#end = Math.min(bounds.head.seq, bounds.start - 1 + (options.most ?? Number.POSITIVE_INFINITY));
    this.#proven = { seq: bounds.start - 1, hash: bounds.previous };
    this.#finding = bounds.finding;
  }

  async run(database: Database | undefined): Promise<Verification> {
    if (this.#finding === undefined) await this.#read(database);
    // A pass that was called off proves nothing, so it must not answer.
    this.#options.signal?.throwIfAborted();
    if (this.#reachesHead) this.#finding ??= await this.#atHead();
    return this.#answer();
  }

  get #reachesHead(): boolean {
    return this.#end === this.#bounds.head.seq;
  }

  async #read(database: Database | undefined): Promise<void> {
    const small = this.#end - this.#bounds.start < smallRange;
    const streams = database === undefined || small ? 1 : this.#streams(database);
    await using closing = new AsyncDisposableStack();
    const hashings = Array.from({ length: streams }, () =>
      closing.use(small ? hashHere() : new HashingThread()),
    );
    const plan = this.#plan();
    const readers = hashings.map((hashing, index) => {
      const reading = (session: Session): Promise<void> => this.#reader(session, hashing, plan);
      return index === 0 || database === undefined ? reading(this.#session) : database.session(reading);
    });
    const ended = await Promise.allSettled(
      readers.map((reader) => reader.catch((error: unknown) => this.#fail(error))),
    );
    await this.#settling;
    for (const reader of ended) if (reader.status === 'rejected') throw reader.reason;
  }

  #streams({ server }: Database): number {
    // PGlite has one backend: a second stream would only wait for the first.
    if (server.kind !== 'url' && server.kind !== 'embedded') return 1;
    return Math.min(Math.max(1, this.#options.streams ?? defaultStreams), availableParallelism());
  }

  #fail(error: unknown): never {
    this.#stopped = true;
    throw error;
  }

  /** The segments from start to end, each with the checkpoints that lie in it. */
  async *#plan(): AsyncGenerator<Planned> {
    const { start } = this.#bounds;
    const source = this.#options.checkpoints?.[Symbol.asyncIterator]();
    let claim = await source?.next();
    const claimsUpTo = async (last: number): Promise<CheckpointClaim[]> => {
      const claims: CheckpointClaim[] = [];
      while (claim !== undefined && claim.done !== true && claim.value.size <= last) {
        claims.push(claim.value);
        claim = await source?.next();
      }
      return claims;
    };
    this.#judge(await claimsUpTo(start - 1), new Map([[start - 1, this.#proven.hash ?? '']]));
    let index = 0;
    for (let from = start; from <= this.#end && this.#goesOn(); from += segmentEvents) {
      const last = Math.min(this.#end, from + segmentEvents - 1);
      const claims = await claimsUpTo(last);
      const points = [...new Set(claims.map(({ size }) => size))];
      yield { index, segment: { from, to: last, points }, claims };
      index += 1;
    }
    while (this.#reachesHead && this.#goesOn() && claim !== undefined && claim.done !== true) {
      await this.#beyond(claim.value);
      claim = await source?.next();
    }
  }

  #goesOn(): boolean {
    return !this.#stopped && this.#finding === undefined && this.#options.signal?.aborted !== true;
  }

  async #reader(session: Session, hashing: Hashing, plan: AsyncGenerator<Planned>): Promise<void> {
    const settled: Promise<void>[] = [];
    for (;;) {
      const next = await plan.next();
      if (next.done === true) break;
      const { index, segment, claims } = next.value;
      hashing.begin(segment);
      const events = session.client.query(to(copyEvents(this.#workspaceId, segment)));
      for await (const chunk of events) await hashing.take('events', chunk as Buffer);
      const bodies = session.client.query(to(copyBodies(this.#workspaceId, segment)));
      for await (const chunk of bodies) await hashing.take('bodies', chunk as Buffer);
      const facts = hashing.end().then((found) => this.#settle(index, { facts: found, claims }));
      settled.push(facts);
      // Handled here, awaited below: the next segment is read while this one is hashed.
      facts.catch(() => undefined);
      if (settled.length > 2) await settled.shift();
    }
    await Promise.all(settled);
  }

  /** Takes what was found into account as soon as everything before it was. */
  #settle(index: number, found: { facts: SegmentFacts; claims: readonly CheckpointClaim[] }): Promise<void> {
    this.#waiting.set(index, found);
    this.#settling = this.#settling.then(() => this.#settleReady());
    return this.#settling;
  }

  #nextIndex = 0;

  async #settleReady(): Promise<void> {
    for (;;) {
      const ready = this.#waiting.get(this.#nextIndex);
      if (ready === undefined) return;
      this.#waiting.delete(this.#nextIndex);
      this.#nextIndex += 1;
      if (this.#finding === undefined) await this.#take(ready.facts, ready.claims);
    }
  }

  async #take(facts: SegmentFacts, claims: readonly CheckpointClaim[]): Promise<void> {
    const { from, previous, last, bodiless } = facts;
    const seam = this.#proven.hash !== undefined && previous !== undefined && previous !== this.#proven.hash;
    const broken = seam ? from : (facts.brokenAt ?? Number.POSITIVE_INFINITY);
    const lost = await firstUnexplained(this.#session, this.#workspaceId, bodiless);
    const end = Math.min(broken, lost ?? Number.POSITIVE_INFINITY);
    this.#counts.redacted += bodiless.filter((seq) => seq < end).length;
    this.#judge(
      claims.filter(({ size }) => size < end),
      facts.points,
    );
    if (this.#finding !== undefined) return;
    if (lost !== undefined && lost < broken) {
      this.#finding = {
        seq: lost,
        problem: 'body_missing',
        detail: 'the body is gone, and no event says it was redacted',
      };
    } else if (Number.isFinite(broken)) {
      this.#finding = await this.#diagnose(broken);
    } else if (last !== undefined) {
      this.#proven = { seq: facts.to, hash: last };
      this.#options.onProgress?.({ seq: facts.to, hash: last }, this.#bounds.head);
    }
  }

  #diagnose(at: number): Promise<Finding> {
    const { start, head } = this.#bounds;
    const vouched = this.#counts.checkpointedThrough;
    const session = this.#session;
    return diagnose({ session, workspaceId: this.#workspaceId, at, start, head, vouched });
  }

  /** Compares checkpoints with the hashes of the events they end with. */
  #judge(claims: readonly CheckpointClaim[], points: ReadonlyMap<number, string>): void {
    for (const { size, eventHash, verdict } of claims) {
      if (this.#finding !== undefined) return;
      const found = points.get(size);
      if (verdict === 'bad_signature') {
        this.#finding = {
          seq: size,
          problem: 'bad_signature',
          detail: `the checkpoint of ${size} events is signed falsely`,
        };
      } else if (found !== undefined && verdict === 'valid') {
        this.#compare(size, eventHash.toString('hex') === found);
      }
    }
  }

  #compare(size: number, same: boolean): void {
    if (same) {
      this.#counts.checkpoints += 1;
      this.#counts.checkpointedThrough = size;
      return;
    }
    const seq = Math.max(this.#bounds.start, this.#counts.checkpointedThrough + 1);
    const detail = `the signed checkpoint of ${size} events proves another history; events ${seq} to ${size} were rewritten`;
    this.#finding = { seq: Math.min(seq, size), problem: 'rewound', detail };
  }

  async #beyond({ size, eventHash, verdict }: CheckpointClaim): Promise<void> {
    const { head } = this.#bounds;
    if (verdict !== 'valid') return;
    // Sealed and signed since this pass looked at the head: it is there, and the next pass proves it.
    const [since] = await this.#session.query(
      'select seq from kora.event where workspace_id = $1 and seq = $2 and hash = $3',
      [this.#workspaceId, size, eventHash],
    );
    if (since !== undefined) return;
    const detail = `a signed checkpoint proves ${size} events, and the chain ends at ${head.seq}`;
    this.#finding ??= { seq: head.seq + 1, problem: 'rewound', detail };
  }

  /** The head against the last event, and rows behind the head. */
  async #atHead(): Promise<Finding | undefined> {
    const { head, last, start } = this.#bounds;
    const { hash } = this.#proven;
    if (start <= head.seq && hash !== head.hash) {
      return { seq: head.seq, problem: 'head_mismatch', detail: 'the head names another hash' };
    }
    if (last <= head.seq) return undefined;
    const behind = { from: head.seq + 1, to: last };
    const [next] = await readWireRows(this.#session, this.#workspaceId, { ...behind, to: behind.from });
    const follows = next !== undefined && next.previous === head.hash && proves(next);
    if (follows) {
      const detail = `the head was set back to ${head.seq}: event ${behind.from} follows it`;
      return { seq: behind.from, problem: 'head_mismatch', detail };
    }
    const [row] = await this.#session.query<{ seq: number }>(
      'select min(seq) as seq from kora.event where workspace_id = $1 and seq > $2',
      [this.#workspaceId, head.seq],
    );
    return {
      seq: row?.seq ?? last,
      problem: 'inserted',
      detail: `it stands behind the head, which is ${head.seq}`,
    };
  }

  #answer(): Verification {
    const { start, head, prunedThrough, finding: atOnce } = this.#bounds;
    const finding = this.#finding;
    // Everything before the first bad event was hashed, unless the edges alone told.
    const end = atOnce === undefined ? (finding?.seq ?? this.#end + 1) : start;
    return {
      ok: finding === undefined,
      checked: Math.max(0, Math.min(end, this.#end + 1) - start),
      ...(finding && { firstBadSeq: finding.seq, problem: finding.problem, detail: finding.detail }),
      head,
      completeness: { ...this.#counts, prunedThrough },
      resumeFrom: this.#resume(finding),
    };
  }

  #resume(finding: Finding | undefined): ChainPoint {
    const { seq, hash } = this.#proven;
    if (hash !== undefined && (finding === undefined || seq < finding.seq)) return { seq, hash };
    const { start, previous } = this.#bounds;
    return { seq: start - 1, hash: previous ?? genesis };
  }
}
