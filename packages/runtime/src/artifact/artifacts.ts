import { createHash } from 'node:crypto';
import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import type { Clock } from '../clock/index.ts';
import { fault } from '../fault/index.ts';
import type { Database, Queryable, Transaction } from '../store/index.ts';
import { checked, refused } from './checked.ts';
import type { CheckedArtifact } from './checked.ts';
import type { Artifact, ArtifactWithContent, NewArtifact } from './contract.ts';
import { artifactRemoved, artifactsExpired, artifactStored } from './events.ts';
import { artifactView, columns, stands } from './rows.ts';
import type { ArtifactRow } from './rows.ts';

export interface ArtifactsOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly clock: Pick<Clock, 'uuid'>;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  /** Days a file is kept whose maker says nothing of it. */
  readonly keepDays: number;
  /** Bytes that all files of the workspace, and those of one maker, may have. */
  readonly totalBytes: number;
  readonly makerBytes: number;
}

export interface ArtifactMaker {
  /** A plugin, or `kora`. */
  readonly id: string;
  readonly trusted: boolean;
}

export interface ArtifactQuery {
  readonly madeBy?: string | undefined;
  /** 1 to 500, default 50. */
  readonly limit?: number | undefined;
}

/** Runs a deed in its transaction, or answers what it was answered before. */
type Once = (tx: Transaction, deed: () => Promise<Artifact>) => Promise<Artifact>;

const partBytes = 512 * 1024;
/** What the smallest file counts for, so that many of nothing fill the store no further. */
const leastCharge = 4_096;
const mostListed = 500;
/** Days that what a message names is kept from then on: longer than any channel is away. */
const attachedDays = 30;
const expiredAtOnce = 200;

const idPattern = /^art_[0-9a-f]{32}$/;

/** The files of a workspace, whole in the store: named by id, proved by hash, and gone when their time is over. */
export class Artifacts {
  readonly #options: ArtifactsOptions;

  constructor(options: ArtifactsOptions) {
    this.#options = options;
  }

  /** Takes a file. Throws KORA_ARTIFACT_REFUSED, KORA_ARTIFACT_FULL. */
  async put(given: NewArtifact, by: ArtifactMaker): Promise<Artifact> {
    const artifact = checked(given);
    if (artifact.keepDays === null && !by.trusted)
      throw refused(`plugin ${by.id} is not trusted with files that are kept for good`);
    const { database, stage } = this.#options;
    return database.transaction(async (tx) => {
      const row = await this.#insert(tx, artifact, by);
      await this.#insertParts(tx, row.artifactId, artifact.bytes);
      const view = artifactView(row);
      const { artifactId, name, sha256, size, type, madeBy, ticketId } = view;
      const payload = { artifact: artifactId, sha256, bytes: size, media_type: type, made_by: madeBy, name };
      await stage(tx, [draft(artifactStored, payload, ticketId === null ? {} : { ticketId })]);
      return view;
    });
  }

  /** Throws KORA_ARTIFACT_UNKNOWN, also for one whose time is over. */
  async find(artifactId: string): Promise<Artifact> {
    return artifactView(await this.#row(this.#options.database, artifactId));
  }

  /** With its bytes, proved. Throws KORA_ARTIFACT_UNKNOWN, KORA_ARTIFACT_DAMAGED. */
  async get(artifactId: string): Promise<ArtifactWithContent> {
    const { database, workspaceId } = this.#options;
    const row = await this.#row(database, artifactId);
    const parts = await database.query<{ bytes: Buffer }>(
      `select bytes from kora.artifact_part where workspace_id = $1 and artifact_id = $2 order by part`,
      [workspaceId, artifactId],
    );
    const content = Buffer.concat(parts.map(({ bytes }) => bytes));
    if (!createHash('sha256').update(content).digest().equals(row.sha256))
      throw fault('KORA_ARTIFACT_DAMAGED', `the bytes of ${artifactId} are not those that were kept`);
    return { ...artifactView(row), content };
  }

  /** Newest first: ids are ordered by the time they were made. */
  async list({ madeBy, limit = 50 }: ArtifactQuery = {}): Promise<Artifact[]> {
    const { database, workspaceId } = this.#options;
    const rows = await database.query<ArtifactRow>(
      `select ${columns} from kora.artifact where workspace_id = $1 and ($2::text is null or made_by = $2) and ${stands}
       order by artifact_id desc limit $3`,
      [workspaceId, madeBy ?? null, Math.min(mostListed, Math.max(1, limit))],
    );
    return rows.map(artifactView);
  }

  /** Removes one before its time; its hash stays on the chain. Throws KORA_ARTIFACT_UNKNOWN. */
  remove(
    artifactId: string,
    { by, reason }: { readonly by: string; readonly reason: string },
    once: Once = (_tx, deed) => deed(),
  ): Promise<Artifact> {
    const { database, workspaceId, stage } = this.#options;
    const deed = async (tx: Transaction): Promise<Artifact> => {
      const [row] = await tx.query<ArtifactRow>(
        `delete from kora.artifact where workspace_id = $1 and artifact_id = $2 returning ${columns}`,
        [workspaceId, artifactId],
      );
      if (row === undefined) throw unknownArtifact(artifactId);
      const view = artifactView(row);
      const payload = { artifact: artifactId, sha256: view.sha256, name: view.name, reason };
      await stage(tx, [draft(artifactRemoved, payload, { actorId: by })]);
      return view;
    };
    return database.transaction((tx) => once(tx, () => deed(tx)));
  }

  /**
   * A message names these: each is there, and stays for thirty days from now at least. In the transaction that accepts the
   * message. Throws KORA_ARTIFACT_UNKNOWN.
   */
  async attach(tx: Transaction, artifactIds: readonly string[]): Promise<void> {
    const kept = await tx.query<{ artifactId: string }>(
      `update kora.artifact
       set expires_at = case when expires_at is not null
         then greatest(expires_at, clock_timestamp() + make_interval(days => ${attachedDays})) end
       where workspace_id = $1 and artifact_id = any($2) and ${stands} returning artifact_id as "artifactId"`,
      [this.#options.workspaceId, artifactIds],
    );
    const missing = artifactIds.find((id) => !kept.some(({ artifactId }) => artifactId === id));
    if (missing !== undefined) throw unknownArtifact(missing);
  }

  /** Lets go of those whose time is over; answers how many. Others at the same work leave each other's alone. */
  async prune(): Promise<number> {
    const { database, workspaceId, stage } = this.#options;
    for (let gone = 0; ; ) {
      const rows = await database.transaction(async (tx) => {
        const over = await tx.query<{ size: number }>(
          `with over as (
             select artifact_id from kora.artifact where workspace_id = $1 and expires_at <= clock_timestamp()
             order by expires_at limit ${expiredAtOnce} for update skip locked)
           delete from kora.artifact a using over where a.workspace_id = $1 and a.artifact_id = over.artifact_id
           returning size`,
          [workspaceId],
        );
        const bytes = over.reduce((sum, { size }) => sum + size, 0);
        if (over.length > 0) await stage(tx, [draft(artifactsExpired, { artifacts: over.length, bytes })]);
        return over.length;
      });
      gone += rows;
      if (rows < expiredAtOnce) return gone;
    }
  }

  /** One at a time in a workspace, so that two that each would fit do not both. */
  async #insert(tx: Transaction, artifact: CheckedArtifact, by: ArtifactMaker): Promise<ArtifactRow> {
    const { workspaceId, clock, keepDays, totalBytes, makerBytes } = this.#options;
    await tx.query("select pg_advisory_xact_lock(hashtext('kora.artifact'), $1)", [workspaceId]);
    const { name, type, bytes, sha256, ticketId } = artifact;
    const days = artifact.keepDays === undefined ? keepDays : artifact.keepDays;
    const charged = `coalesce(sum(greatest(size, ${leastCharge})), 0)`;
    const [row] = await tx.query<ArtifactRow>(
      `with room as (
         select ${charged} as total, coalesce(sum(greatest(size, ${leastCharge})) filter (where made_by = $7), 0) as own
         from kora.artifact where workspace_id = $1)
       insert into kora.artifact (workspace_id, artifact_id, name, media_type, size, sha256, made_by, ticket_id, expires_at)
       select $1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp() + make_interval(days => $9::int) from room
       where room.total + greatest($5::int, ${leastCharge}) <= $10 and room.own + greatest($5::int, ${leastCharge}) <= $11
       returning ${columns}`,
      [
        workspaceId,
        `art_${clock.uuid().replaceAll('-', '')}`,
        name,
        type,
        bytes.length,
        sha256,
        by.id,
        ticketId ?? null,
        days,
        totalBytes,
        makerBytes,
      ],
    );
    if (row !== undefined) return row;
    throw fault('KORA_ARTIFACT_FULL', `there is no room for ${name}: ${bytes.length} bytes by ${by.id}`, {
      fix: "kora artifact list, then kora artifact remove ID --reason '...'; or raise artifacts.totalMb",
    });
  }

  async #insertParts(tx: Transaction, artifactId: string, bytes: Buffer): Promise<void> {
    for (let at = 0, part = 0; at < bytes.length; at += partBytes, part += 1) {
      await tx.query(
        `insert into kora.artifact_part (workspace_id, artifact_id, part, bytes) values ($1, $2, $3, $4)`,
        [this.#options.workspaceId, artifactId, part, bytes.subarray(at, at + partBytes)],
      );
    }
  }

  async #row(db: Queryable, artifactId: string): Promise<ArtifactRow> {
    if (!idPattern.test(artifactId)) throw unknownArtifact(artifactId);
    const [row] = await db.query<ArtifactRow>(
      `select ${columns} from kora.artifact where workspace_id = $1 and artifact_id = $2 and ${stands}`,
      [this.#options.workspaceId, artifactId],
    );
    if (row === undefined) throw unknownArtifact(artifactId);
    return row;
  }
}

/** For an id that names no file, or none for whoever asks: which of the two is not told. */
export function unknownArtifact(artifactId: string): Error {
  return fault('KORA_ARTIFACT_UNKNOWN', `there is no artifact ${artifactId.slice(0, 80)}`, {
    fix: 'kora artifact list',
  });
}
