import { createHash } from 'node:crypto';
import type { PluginMigration, PluginStore } from '@kora/runtime/plugin';
import { fitting } from './fitting.ts';

/** A tool as its server describes it. */
export interface ServerTool {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly outputSchema?: Readonly<Record<string, unknown>> | undefined;
  readonly annotations?: Readonly<Record<string, unknown>> | undefined;
}

/** A tool as it was seen last, and what of it the operator approved. */
export interface Pin {
  readonly server: string;
  readonly tool: string;
  /** Of what the server said of it when it was seen last. */
  readonly sha256: string;
  /** Of what was approved; null when nothing ever was. */
  readonly approved: string | null;
  readonly description: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  /** The server still names it. */
  readonly there: boolean;
}

export type PinState = 'approved' | 'new' | 'changed' | 'gone';

export const pinMigrations: readonly PluginMigration[] = [
  {
    number: 1,
    name: 'pinned-tool',
    sql: `-- safe: a new table
-- Each tool of each MCP server as it was seen last, and the hash of what the operator approved of it.
create table pinned_tool (
  workspace text not null,
  server text not null,
  tool text not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  approved text check (approved ~ '^[0-9a-f]{64}$'),
  description text not null,
  input_schema jsonb not null,
  there boolean not null default true,
  seen_at timestamptz not null default clock_timestamp(),
  approved_at timestamptz,
  primary key (workspace, server, tool)
);
`,
  },
];

/** What a tool is known by: everything that a model or a program would see of it. */
export function hashOf(tool: ServerTool): string {
  const { name, title, description, inputSchema, outputSchema, annotations } = tool;
  const seen = { name, title, description, inputSchema, outputSchema, annotations };
  return createHash('sha256').update(canonical(seen)).digest('hex');
}

/** Keys in order, so that the same description is the same text however it was sent. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, each]) => each !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`;
}

export function stateOf({ there, approved, sha256 }: Pick<Pin, 'there' | 'approved' | 'sha256'>): PinState {
  if (!there) return 'gone';
  if (approved === null) return 'new';
  return approved === sha256 ? 'approved' : 'changed';
}

const columns = `server, tool, sha256, approved, description, input_schema as "inputSchema", there`;

/** What is pinned, in the plugin's own table: approvals outlive restarts. */
export class Pins {
  readonly #store: PluginStore;
  readonly #workspace: string;

  constructor(store: PluginStore, workspace: string) {
    this.#store = store;
    this.#workspace = workspace;
  }

  async list(server?: string): Promise<Pin[]> {
    const [answer] = await this.#store.run([
      {
        sql: `select ${columns} from pinned_tool where workspace = $1 and ($2::text is null or server = $2)
              order by server, tool`,
        values: [this.#workspace, server ?? null],
      },
    ]);
    return (answer?.rows ?? []) as unknown as Pin[];
  }

  /** Writes down what a server offers now; answers what became new or changed since it was seen last. */
  async see(
    server: string,
    tools: readonly ServerTool[],
  ): Promise<{ readonly pins: Pin[]; readonly held: Pin[]; readonly left: number }> {
    const before = new Map((await this.list(server)).map((pin) => [pin.tool, pin]));
    const { taken: named, left } = fitting(tools);
    const upserts = named.map((tool) => ({
      sql: `insert into pinned_tool (workspace, server, tool, sha256, description, input_schema)
            values ($1, $2, $3, $4, $5, $6)
            on conflict (workspace, server, tool) do update set sha256 = excluded.sha256, there = true,
              description = excluded.description, input_schema = excluded.input_schema, seen_at = clock_timestamp()`,
      values: [
        this.#workspace,
        server,
        tool.name,
        hashOf(tool),
        tool.description ?? '',
        JSON.stringify(tool.inputSchema),
      ],
    }));
    await this.#store.run([
      ...upserts,
      {
        sql: `update pinned_tool set there = false where workspace = $1 and server = $2 and not (tool = any($3::text[]))`,
        values: [this.#workspace, server, named.map(({ name }) => name)],
      },
      // A server that finds new names each time leaves nothing behind.
      {
        sql: `delete from pinned_tool where workspace = $1 and server = $2 and not there and approved is null`,
        values: [this.#workspace, server],
      },
    ]);
    const pins = await this.list(server);
    const held = pins.filter((pin) => {
      const state = stateOf(pin);
      return (state === 'new' || state === 'changed') && before.get(pin.tool)?.sha256 !== pin.sha256;
    });
    return { pins, held, left };
  }

  /** Approves a tool as it was seen under this hash; false when it is another by now. */
  async approve(server: string, tool: string, sha256: string): Promise<boolean> {
    const [answer] = await this.#store.run([
      {
        sql: `update pinned_tool set approved = sha256, approved_at = clock_timestamp()
              where workspace = $1 and server = $2 and tool = $3 and sha256 = $4 and there`,
        values: [this.#workspace, server, tool, sha256],
      },
    ]);
    return (answer?.count ?? 0) === 1;
  }
}
