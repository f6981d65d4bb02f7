import { fault } from './fault/index.ts';
import type { House, shape } from './http/index.ts';
import { addToken, listTokens, mcpTools, revokeToken, unknownToken } from './mcp/index.ts';
import type { McpTokenView } from './mcp/index.ts';
import type { Rooms } from './rooms.ts';
import { operatorActor } from './workspace/index.ts';

type McpRooms = Pick<Rooms, 'mcp' | 'database' | 'workspace' | 'chain' | 'capabilities' | 'workers'>;

const workCapability = 'cap_ticket_work';

/** Who may ask over MCP, and until when. */
export function mcpAnswers(rooms: McpRooms): Pick<House, 'mcp'> {
  const { mcp, database, workspace, chain, capabilities } = rooms;
  const { workspaceId } = workspace;
  const by = operatorActor;
  const context = { workspaceId, by, stage: chain.stage.bind(chain) };
  return {
    mcp: {
      check: async (token) => void (await mcp.caller(token)),
      tokens: async (query) => rowsOf(rooms, await listTokens(database, workspaceId, query)),
      add: async ({ name, reason, expiresInMs, kinds, grants }) => {
        const granted = [...new Set(grants.map(capabilityOf))];
        checkKinds(granted, kinds);
        const worker =
          kinds.length === 0 ? null : await workerFor(rooms, { name, kinds, reason, expiresInMs });
        const wish = { name, reason, expiresInMs, kinds, capabilities: granted, workerTokenId: worker };
        const grant = { kind: 'mcp', subject: name, by, reason, forMs: expiresInMs } as const;
        try {
          const { token, keyId } = await capabilities.grantWith(granted, grant, (tx) =>
            addToken(tx, context, wish),
          );
          return { ...(await rowOf(rooms, keyId)), token };
        } catch (error) {
          // Nobody was told of the token, so nobody can work in this name.
          if (worker !== null) await rooms.workers.revoke(worker, 'the MCP token it was for was not made');
          throw error;
        }
      },
      revoke: async (keyId, reason) => {
        const [token] = await listTokens(database, workspaceId, { all: true, keyId });
        if (token === undefined) throw unknownToken(keyId);
        await capabilities.revokeWith({ kind: 'mcp', subject: token.name }, { by, reason }, async (tx) => {
          const { isLast } = await revokeToken(tx, context, { keyId, reason });
          return isLast;
        });
        if (token.workerTokenId !== null) await rooms.workers.revoke(token.workerTokenId, reason);
        return rowOf(rooms, keyId);
      },
    },
  };
}

/** `cap_read_runtime`, `read_runtime` or the name of a tool. Throws KORA_CAPABILITY_UNKNOWN for what no caller can use. */
function capabilityOf(word: string): string {
  const tools: Readonly<Record<string, { readonly capability: string }>> = mcpTools;
  const id = tools[word]?.capability ?? (word.startsWith('cap_') ? word : `cap_${word}`);
  const usable = new Set<string>(Object.values(mcpTools).map(({ capability }) => capability));
  if (usable.has(id)) return id;
  const offered = [...usable].map((each) => each.slice('cap_'.length)).join(', ');
  throw fault('KORA_CAPABILITY_UNKNOWN', `no MCP caller can use ${word}; there is ${offered}`, {
    fix: 'kora mcp token add --help',
  });
}

function checkKinds(granted: readonly string[], kinds: readonly string[]): void {
  if (granted.includes(workCapability) === kinds.length > 0) return;
  const why =
    kinds.length > 0 ? 'kinds of tickets go with the grant ticket_work' : 'ticket_work is for named kinds';
  throw fault('KORA_REQUEST_INVALID', why, { fix: 'give --grant ticket_work and --kind KIND together' });
}

/** Works under a token of its own that is told to nobody: the desk knows whose it is. */
async function workerFor(
  { workers }: McpRooms,
  wish: {
    readonly name: string;
    readonly kinds: readonly string[];
    readonly reason: string;
    readonly expiresInMs: number;
  },
): Promise<number> {
  const { view } = await workers.issue({ ...wish, name: `mcp-${wish.name}` });
  return view.workerTokenId;
}

async function rowOf(rooms: McpRooms, keyId: number): Promise<shape.McpTokenRow> {
  const { database, workspace } = rooms;
  const [row] = await rowsOf(rooms, await listTokens(database, workspace.workspaceId, { all: true, keyId }));
  if (row === undefined) throw unknownToken(keyId);
  return row;
}

async function rowsOf(
  { capabilities, workers }: McpRooms,
  tokens: readonly McpTokenView[],
): Promise<shape.McpTokenRow[]> {
  const [grants, known] = await Promise.all([capabilities.grants(), workers.tokens({ all: true })]);
  return tokens.map(({ workerTokenId, ...token }) => ({
    ...token,
    capabilities: grants
      .filter(({ kind, subject }) => kind === 'mcp' && subject === token.name)
      .map(({ capability }) => capability)
      .sort(),
    kinds: [...(known.find((worker) => worker.workerTokenId === workerTokenId)?.kinds ?? [])],
  }));
}
