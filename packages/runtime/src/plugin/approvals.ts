import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import { fault, messageOf } from '../fault/index.ts';
import { codeOf } from '../store/index.ts';
import type { Database, Queryable, Transaction } from '../store/index.ts';
import { pluginApproved, pluginForgotten } from './change-events.ts';
import type { IndexRow } from './plugin-index.ts';

/** What the trigger of 0030 answers to somebody who is no active operator of the workspace. */
const notAnOperator = 'KO001';

/** What one plugin may ask for, and who said so. */
export interface Approved {
  /** Whose id it is. */
  readonly package: string;
  readonly version: string;
  readonly capabilities: readonly string[];
  readonly by: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
}

/** What was agreed to, at hand when plugins are let in. */
export interface ApprovalBook {
  of(pluginId: string): Approved | undefined;
  /** These are let in with what they ask for: it was approved, or it is their first time here, or the host trusts them. */
  note(rows: readonly IndexRow[]): Promise<void>;
  /** Reads what other runtimes of the workspace have written since. */
  refresh(): Promise<void>;
}

/**
 * What a row asks for and was not approved: capabilities, and, of another package than the one that had the id, its tables,
 * settings, secrets and files. A first installation and a trusted one ask for nothing new.
 */
export function newAsks(row: IndexRow, approved: Approved | undefined): readonly string[] {
  if (row.trusted || approved === undefined) return [];
  const grown = (row.manifest?.capabilities ?? []).filter((asked) => !approved.capabilities.includes(asked));
  if (approved.package === row.packageName) return grown;
  return [...grown, `what ${approved.package} keeps under the id ${row.id}`];
}

/** How the operator came to say it, where no reason was given. */
function whyLetIn({ origin, trusted }: IndexRow): string {
  if (origin === 'bundled') return 'it comes with kora';
  return trusted ? 'plugins.trusted names it' : 'it was installed';
}

/** What a book writes down of a row that is let in; undefined when it says so already. */
function entryOf(row: IndexRow, before: Approved | undefined): Omit<Approved, 'by' | 'at'> | undefined {
  const { version, packageName } = row;
  const asked = row.manifest?.capabilities ?? [];
  const all = [...new Set([...(before?.capabilities ?? []), ...asked])];
  const isSame = before?.version === version && before.package === packageName;
  if (isSame && all.length === before.capabilities.length) return undefined;
  return { package: packageName, version, capabilities: all, reason: before?.reason ?? whyLetIn(row) };
}

/** A book that is forgotten with the process: for a check of the gates, and for tests. */
export function passingApprovals(): ApprovalBook & { approve(row: IndexRow): void } {
  const kept = new Map<string, Approved>();
  const write = (row: IndexRow): void => {
    const entry = entryOf(row, kept.get(row.id));
    if (entry !== undefined) kept.set(row.id, { ...entry, by: 'operator', at: new Date(0).toISOString() });
  };
  return {
    of: (id) => kept.get(id),
    note: (rows) => Promise.resolve(rows.forEach(write)),
    refresh: () => Promise.resolve(),
    approve: write,
  };
}

interface StoredRow {
  readonly pluginId: string;
  readonly package: string;
  readonly version: string;
  readonly capabilities: string[];
  readonly by: string;
  readonly reason: string;
  readonly at: Date;
}

export interface ApprovalOptions {
  readonly database: Database;
  readonly workspaceId: number;
  /** The actor in whose name what is installed counts as approved. */
  readonly operator: string;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
}

const upsert = `insert into kora.plugin as p (workspace_id, plugin_id, package, version, capabilities, approved_by, reason)
  select $1, n.plugin_id, n.package, n.version, array(select jsonb_array_elements_text(n.capabilities)), $2, n.reason
  from jsonb_to_recordset($3::jsonb) as n (plugin_id text, package text, version text, capabilities jsonb, reason text)
  on conflict (workspace_id, plugin_id) do update set package = excluded.package, version = excluded.version,
    capabilities = excluded.capabilities,
    approved_by = case when excluded.capabilities <@ p.capabilities and excluded.package = p.package
      then p.approved_by else excluded.approved_by end,
    reason = case when excluded.capabilities <@ p.capabilities and excluded.package = p.package
      then p.reason else excluded.reason end,
    approved_at = case when excluded.capabilities <@ p.capabilities and excluded.package = p.package
      then p.approved_at else clock_timestamp() end`;

/** The approvals of a workspace: table kora.plugin, read once and after each sync, written when something is let in. */
export class Approvals implements ApprovalBook {
  readonly #options: ApprovalOptions;
  #kept: ReadonlyMap<string, Approved> = new Map();

  private constructor(options: ApprovalOptions) {
    this.#options = options;
  }

  static async open(options: ApprovalOptions): Promise<Approvals> {
    const approvals = new Approvals(options);
    await approvals.refresh();
    return approvals;
  }

  of(pluginId: string): Approved | undefined {
    return this.#kept.get(pluginId);
  }

  async refresh(): Promise<void> {
    const { database, workspaceId } = this.#options;
    const rows = await database.query<StoredRow>(
      `select plugin_id as "pluginId", package, version, capabilities, approved_by as by, reason, approved_at as at
       from kora.plugin where workspace_id = $1`,
      [workspaceId],
    );
    this.#kept = new Map(
      rows.map(({ pluginId, at, ...row }) => [pluginId, { ...row, at: at.toISOString() }]),
    );
  }

  async note(rows: readonly IndexRow[]): Promise<void> {
    const entries = rows.flatMap((row) => {
      const entry = entryOf(row, this.of(row.id));
      return entry === undefined ? [] : [{ row, ...entry }];
    });
    if (entries.length === 0) return;
    await this.#write(this.#options.database, entries);
    await this.refresh();
  }

  /** The operator's word on what a version asks for; an event says it. Throws KORA_DECISION_DENIED for anybody else. */
  async approve(
    row: IndexRow,
    { by, reason }: { readonly by: string; readonly reason: string },
  ): Promise<void> {
    const { database, stage } = this.#options;
    const capabilities = row.manifest?.capabilities ?? [];
    await database.transaction(async (tx) => {
      const before = this.of(row.id)?.capabilities ?? [];
      const all = [...new Set([...before, ...capabilities])];
      await this.#write(
        tx,
        [{ row, package: row.packageName, version: row.version, capabilities: all, reason }],
        by,
      );
      const payload = {
        plugin: row.id,
        package: row.packageName,
        version: row.version,
        capabilities: [...capabilities],
        reason,
      };
      await stage(tx, [draft(pluginApproved, payload, { actorId: by })]);
    });
    await this.refresh();
  }

  /** Nothing is approved of this plugin any more; an event says so. */
  async forget(
    pluginId: string,
    { by, reason }: { readonly by: string; readonly reason: string },
  ): Promise<void> {
    const { database, workspaceId, stage } = this.#options;
    await database.transaction(async (tx) => {
      const gone = await tx.query<{ readonly package: string; readonly version: string }>(
        'delete from kora.plugin where workspace_id = $1 and plugin_id = $2 returning package, version',
        [workspaceId, pluginId],
      );
      const forgotten = gone.map((row) =>
        draft(pluginForgotten, { plugin: pluginId, ...row, reason }, { actorId: by }),
      );
      if (forgotten.length > 0) await stage(tx, forgotten);
    });
    await this.refresh();
  }

  async #write(
    db: Queryable,
    entries: readonly (Omit<Approved, 'by' | 'at'> & { readonly row: IndexRow })[],
    by: string = this.#options.operator,
  ): Promise<void> {
    const rows = entries.map(({ row, ...entry }) => ({ plugin_id: row.id, ...entry }));
    try {
      await db.query(upsert, [this.#options.workspaceId, by, JSON.stringify(rows)]);
    } catch (error) {
      if (codeOf(error) !== notAnOperator) throw error;
      throw fault('KORA_DECISION_DENIED', messageOf(error), { cause: error });
    }
  }
}
