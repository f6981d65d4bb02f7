import { createHash } from 'node:crypto';
import type { Ground } from './ground.ts';
import { askDecision, waitsOrDenied } from './message/index.ts';
import type { Decider } from './message/index.ts';
import type { Rooms } from './rooms.ts';
import { codeOf } from './store/index.ts';

type Around = Pick<Rooms, 'database' | 'workspace' | 'chain' | 'panels'>;

/** The panel at which the plugin for MCP shows each tool of each server, and takes a word on it. */
const panel = ['mcp', 'servers'] as const;
const kind = 'held_tools';

/** Tools of one server that are new, or are not what was approved. */
interface Held {
  /** The server, and a hash of what is held of it: tools that change meanwhile are another question. */
  readonly subject: string;
  readonly server: string;
  readonly tools: readonly { readonly tool: string; readonly sha256: string }[];
}

/** What is held now; undefined where there is no such plugin, or it does not answer. */
async function heldNow(panels: Around['panels']): Promise<readonly Held[] | undefined> {
  try {
    const { view } = await panels.look(...panel);
    if (view.kind !== 'table') return undefined;
    const waits = view.rows.flatMap(({ cells }) => {
      const { server, tool, state, sha256 } = cells;
      const isHeld = state === 'new' || state === 'changed';
      if (!isHeld || typeof server !== 'string' || typeof tool !== 'string') return [];
      return typeof sha256 === 'string' ? [{ server, tool, sha256 }] : [];
    });
    return [...Map.groupBy(waits, ({ server }) => server)].map(([server, tools]) => {
      const all = tools.map(({ tool, sha256 }) => `${sha256} ${tool}`).toSorted();
      const hash = createHash('sha256').update(all.join('\n')).digest('hex').slice(0, 16);
      return { subject: `${server} ${hash}`, server, tools };
    });
  } catch (error) {
    if (codeOf(error) === 'KORA_PANEL_UNKNOWN' || codeOf(error) === 'KORA_PANEL_FAILED') return undefined;
    throw error;
  }
}

/** Approve offers exactly what was asked about; deny leaves it held, and it is not asked about again as it is. */
export function heldTools({ database, panels }: Around): Decider {
  return {
    kind,
    decide: async ({ subject, verdict }, marked) => {
      // Marked first: who stops between the two is asked again, and who was refused has offered nothing.
      await database.transaction((tx) => marked(tx, () => Promise.resolve(true)));
      const held = (await heldNow(panels))?.find((each) => each.subject === subject);
      if (verdict === 'deny' || held === undefined) return;
      for (const { tool, sha256 } of held.tools)
        await panels.act(...panel, 'approve', { server: held.server, tool, sha256 });
    },
    ended: async (subjects) => {
      const held = await heldNow(panels);
      if (held === undefined) return [];
      const gone = subjects.filter((subject) => !held.some((each) => each.subject === subject));
      return gone.map((subject) => ({ subject, status: 'withdrawn' as const }));
    },
  };
}

/** How long they are asked about: as long as they are held; a year is that. */
const askedMs = 365 * 86_400_000;
const namesShown = 20;

/** Asks about what is held and was not asked about as it is. The plugin itself tells the operator of it. */
export async function askHeldTools({ clock }: Pick<Ground, 'clock'>, around: Around): Promise<void> {
  const { database, workspace, chain, panels } = around;
  const context = { workspaceId: workspace.workspaceId, stage: chain.stage.bind(chain) };
  for (const { subject, server, tools } of (await heldNow(panels)) ?? []) {
    if (await waitsOrDenied(database, context.workspaceId, { kind, subject })) continue;
    const names = tools.map(({ tool }) => tool).slice(0, namesShown);
    const rest = tools.length > names.length ? ', …' : '';
    const title = `MCP server ${server} offers what you have not approved: ${names.join(', ')}${rest}. "kora mcp tool show ${server}" has its words. Offer it?`;
    const expiresAt = new Date(clock.now() + askedMs);
    const asked = { kind, subject, asker: 'plugin:mcp', title, expiresAt };
    await database.transaction((tx) => askDecision(tx, context, asked));
  }
}
