import { createHash } from 'node:crypto';
import type { Ground } from './ground.ts';
import { askDecision, waitsOrDenied } from './message/index.ts';
import type { Decider } from './message/index.ts';
import type { Rooms } from './rooms.ts';
import { codeOf } from './store/index.ts';
import type { Queryable } from './store/index.ts';

type Around = Pick<Rooms, 'database' | 'workspace' | 'chain' | 'panels' | 'apply'>;

/** The panel at which the plugin for MCP shows each tool of each server, and takes a word on it. */
const panel = ['mcp', 'servers'] as const;
const kind = 'held_tools';

/** Tools of one server that are new, or are not what was approved. */
interface Held {
  /** The server, and a hash of what is held of it: tools that change meanwhile are another question. */
  readonly subject: string;
  readonly server: string;
  readonly tools: readonly HeldTool[];
}

export interface HeldTool {
  readonly tool: string;
  readonly sha256: string;
  readonly isChanged: boolean;
  /** What it says of itself: a stranger's words. */
  readonly description: string;
}

/** What is held now; undefined where there is no such plugin, or it does not answer. */
async function heldNow(panels: Around['panels']): Promise<readonly Held[] | undefined> {
  try {
    const { view } = await panels.look(...panel);
    if (view.kind !== 'table') return undefined;
    const waits = view.rows.flatMap(({ cells }) => {
      const { server, tool, state, sha256, description } = cells;
      const isHeld = state === 'new' || state === 'changed';
      if (!isHeld || typeof server !== 'string' || typeof tool !== 'string') return [];
      if (typeof sha256 !== 'string') return [];
      const said = typeof description === 'string' ? description : '';
      return [{ server, tool, sha256, isChanged: state === 'changed', description: said }];
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
export function heldTools({ database, panels }: Pick<Around, 'database' | 'panels'>): Decider {
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
/** Of so many it is told what they say of themselves, and so much of each. */
const wordsShown = 8;
const longestWords = 200;
/** How often in an hour it is asked about tools of one server: one that is another at every look fills no inbox. */
const mostAsked = 10;

/** Asks about what is held and was not asked about as it is, in one message with its code. */
export async function askHeldTools({ clock }: Pick<Ground, 'clock'>, around: Around): Promise<void> {
  const { database, workspace, chain, panels, apply } = around;
  const context = { workspaceId: workspace.workspaceId, stage: chain.stage.bind(chain) };
  for (const { subject, server, tools } of (await heldNow(panels)) ?? []) {
    if (await waitsOrDenied(database, context.workspaceId, { kind, subject })) continue;
    const before = await askedBefore(database, context.workspaceId, { subject, server });
    if (before.lately >= mostAsked) continue;
    const isChanged = tools.some((each) => each.isChanged);
    const message = {
      // Two runtimes that ask at once tell it once; what went and is back is told again.
      key: `held_tools:${subject}:${before.times}`,
      thread: `mcp:${server}`,
      severity: isChanged ? 'warning' : 'info',
      ...heldWords(server, tools),
      source: 'mcp',
    } as const;
    const title = `MCP server ${server} offers what you have not approved: ${namesOf(tools)}. "kora mcp tool show ${server}" has its words. Offer it?`;
    const expiresAt = new Date(clock.now() + askedMs);
    const asked = { kind, subject, asker: 'plugin:mcp', title, expiresAt, messages: [message.key] };
    await database.transaction(async (tx) => {
      await apply(tx, { messages: [message] });
      await askDecision(tx, context, asked);
    });
  }
}

function namesOf(tools: readonly HeldTool[]): string {
  const names = tools.map(({ tool }) => tool).slice(0, namesShown);
  return `${names.join(', ')}${tools.length > names.length ? ', …' : ''}`;
}

/** What is new and what changed, the changed ones first: names, and some of what they say of themselves. */
export function heldWords(
  server: string,
  tools: readonly HeldTool[],
): { readonly title: string; readonly body: string } {
  const changedFirst = tools.toSorted((a, b) => Number(b.isChanged) - Number(a.isChanged));
  const lines = changedFirst.slice(0, namesShown).map(({ tool, isChanged, description }, index) => {
    const words = index < wordsShown ? oneLine(description) : '';
    const said = words === '' ? '' : `\n  ${isChanged ? 'says now' : 'says of itself'}: "${words}"`;
    return `${isChanged ? 'changed' : 'new'}: ${oneLine(tool)}${said}`;
  });
  const more = tools.length - lines.length;
  const body = [
    ...lines,
    ...(more > 0 ? [`and ${more} more`] : []),
    '',
    'None of them is offered before you approve it: approve offers all of these as they are now, deny leaves them held.',
    `All of their words: kora mcp tool show ${server}`,
    `One alone: kora mcp tool approve ${server} TOOL --reason '...'`,
  ];
  const wait = tools.length === 1 ? 'tool waits' : 'tools wait';
  return {
    title: `MCP server ${server}: ${tools.length} ${wait} for your approval`,
    body: body.join('\n'),
  };
}

/** A stranger's words in a line of ours: no line of their own, and no letters that nobody sees. */
function oneLine(text: string): string {
  const words = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return words.length > longestWords ? `${words.slice(0, longestWords).toWellFormed()}…` : words;
}

/** How often this very thing was asked, and anything of this server within an hour. */
async function askedBefore(
  db: Queryable,
  workspaceId: number,
  { subject, server }: Pick<Held, 'subject' | 'server'>,
): Promise<{ readonly times: number; readonly lately: number }> {
  const [row] = await db.query<{ times: number; lately: number }>(
    `select count(*) filter (where subject = $3)::int as times,
       count(*) filter (where asked_at > clock_timestamp() - interval '1 hour')::int as lately
     from kora.decision where workspace_id = $1 and kind = $2 and starts_with(subject, $4)`,
    [workspaceId, kind, subject, `${server} `],
  );
  return row ?? { times: 0, lately: 0 };
}
