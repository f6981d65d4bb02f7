import { KoraError } from '@kora/runtime/plugin';
import type { CockpitPanelSpec, PanelInput } from '@kora/runtime/plugin';
import type { Pool } from './pool.ts';

const mostRows = 200;

/** The page and the command see the same: each tool of each server, and what waits for a word on it. */
export function serversPanel(pool: Pool): CockpitPanelSpec {
  return {
    id: 'servers',
    title: 'MCP servers',
    view: async () => {
      // What waits comes first: a table has an end.
      const all = await pool.tools();
      const waits = (each: (typeof all)[number]): boolean => ['new', 'changed'].includes(each.state);
      const tools = [...all.filter(waits), ...all.filter((each) => !waits(each))];
      const servers = pool.servers();
      const idle = servers.filter(({ name }) => !tools.some(({ server }) => server === name));
      const columns = ['server', 'there', 'tool', 'state', 'offered-as', 'sha256', 'description'];
      const rows = [
        ...tools.map(({ server, tool, state, offeredAs, sha256, description }) => ({
          cells: {
            server,
            there: servers.find(({ name }) => name === server)?.state ?? 'not configured',
            tool: tool.slice(0, 500),
            state,
            'offered-as': offeredAs,
            sha256,
            description: description.slice(0, 300),
          },
          tone: state === 'approved' ? ('plain' as const) : ('warn' as const),
        })),
        ...idle.map(({ name, state, error }) => ({
          cells: {
            server: name,
            there: state,
            tool: null,
            state: null,
            'offered-as': null,
            sha256: null,
            description: error?.slice(0, 300) ?? null,
          },
          tone: 'dim' as const,
        })),
      ];
      return {
        kind: 'table',
        columns: columns.map((name) => ({ name, label: name.replace('-', ' ') })),
        rows: rows.slice(0, mostRows),
        more: Math.max(0, rows.length - mostRows),
      };
    },
    actions: [
      {
        id: 'approve',
        title: 'Approve a tool',
        needs: 'approve',
        run: async (input) => {
          const [server, tool, sha256] = [text(input, 'server'), text(input, 'tool'), text(input, 'sha256')];
          if (await pool.approve(server, tool, sha256)) return { message: `${tool} of ${server} is offered` };
          throw new KoraError(
            'PLUGIN_MCP_UNKNOWN',
            `${tool} of ${server} is not there, or not as it was shown: look again`,
          );
        },
      },
      {
        id: 'look',
        title: 'Look at a server now',
        purpose: 'observe',
        run: async (input, signal) => {
          const server = text(input, 'server');
          await pool.look(server, signal);
          const seen = pool.servers().find(({ name }) => name === server);
          if (seen === undefined)
            throw new KoraError(
              'PLUGIN_MCP_UNKNOWN',
              `there is no server ${server} in plugins.config.mcp.servers`,
            );
          return { message: `${server} is ${seen.state}${seen.error === null ? '' : `: ${seen.error}`}` };
        },
      },
    ],
  };
}

function text(input: PanelInput, name: string): string {
  const value = input[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new KoraError('PLUGIN_MCP_UNKNOWN', `${name} is missing`);
}
