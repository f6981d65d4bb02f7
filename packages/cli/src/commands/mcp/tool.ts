import type { KoraClient } from '@kora/runtime/client';
import type { Run } from '../../context.ts';
import { refusal, usage } from '../../fault.ts';
import { plain } from '../../output/style.ts';

interface ToolRow {
  readonly server: string;
  readonly there: string;
  readonly tool: string | null;
  readonly state: string | null;
  readonly offeredAs: string | null;
  readonly sha256: string | null;
  readonly description: string | null;
}

/** Where the plugin shows its servers, to the page and to this command. */
const panel = { plugin: 'mcp', panel: 'servers' } as const;

export const list: Run = async ({ client, input, out }) => {
  const server = input.argument('server');
  const rows = (await toolRows(await client())).filter((row) => server === '' || row.server === server);
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'server', of: (row) => plain(row.server) },
        { title: 'there', of: (row) => row.there },
        { title: 'tool', of: (row) => plain(row.tool ?? '-') },
        {
          title: 'state',
          of: (row) => row.state ?? '-',
          paint: (text) => (['new', 'changed'].includes(text.trim()) ? out.style.warn(text) : text),
        },
        { title: 'offered as', of: (row) => row.offeredAs ?? '-' },
        { title: 'sha256', of: (row) => row.sha256?.slice(0, 12) ?? '-' },
        { title: 'says of itself', of: (row) => plain(row.description ?? ''), flexible: true },
      ],
      'no MCP server is configured: plugins.config.mcp.servers',
    ),
  );
  return 'ok';
};

/** Their words as the plugin shows them, a tool in each part; first come its server, its name and its hash. */
export const show: Run = async ({ client, input, out }) => {
  const server = input.argument('server');
  const { view } = await (await client()).panel(panel.plugin, 'words');
  if (view.kind !== 'text')
    throw refusal('KORA_PLUGIN_FAILED', 'the tools could not be shown', 'kora plugin show mcp');
  const parts = view.text.split('\n\n');
  const shown = server === '' ? parts : parts.filter((part) => part.startsWith(`${server} `));
  const text = shown.length === 0 ? `no tool of ${server} waits` : shown.join('\n\n');
  out.result({ text }, () => text.split('\n').map(plain));
  return 'ok';
};

export const approve: Run = async ({ client, input, out }) => {
  const reason = input.needed('reason');
  const [server, tool, all] = [input.argument('server'), input.argument('tool'), input.on('all')];
  if (all === (tool !== ''))
    throw usage('kora mcp tool approve takes a tool, or --all', `kora mcp tool list ${server}`);
  const api = await client();
  const waiting = (await toolRows(api)).filter(
    (row) =>
      row.server === server && (all ? row.state === 'new' || row.state === 'changed' : row.tool === tool),
  );
  if (waiting.length === 0)
    throw refusal('KORA_TOOL_UNKNOWN', `${server} has no such tool that waits`, 'kora mcp tool list');
  for (const { tool: name, sha256 } of waiting) {
    // What was shown is what is approved: one that changed since is refused.
    const shown = { server, tool: name ?? '', sha256: sha256 ?? '' };
    await api.panelAction({ ...panel, action: 'approve' }, { input: shown, reason });
  }
  const names = waiting.map(({ tool: name }) => name ?? '');
  out.result({ server, approved: names }, () => [
    `${out.style.good('approved')}  ${names.map(plain).join(', ')} of ${plain(server)}`,
    out.style.dim(
      `whoever thinks asks for them under cap_mcp_${server}: kora capability grant cap_mcp_${server} --to plugin:reasoning --reason '...'`,
    ),
  ]);
  return 'ok';
};

async function toolRows(api: KoraClient): Promise<ToolRow[]> {
  const look = await api.panel(panel.plugin, panel.panel);
  const { view } = look;
  if (view.kind !== 'table')
    throw refusal('KORA_PLUGIN_FAILED', 'the servers could not be shown', 'kora plugin show mcp');
  return view.rows.map(({ cells }) => {
    const text = (name: string): string | null => {
      const value = cells[name];
      return typeof value === 'string' ? value : null;
    };
    return {
      server: text('server') ?? '',
      there: text('there') ?? '',
      tool: text('tool'),
      state: text('state'),
      offeredAs: text('offered-as'),
      sha256: text('sha256'),
      description: text('description'),
    };
  });
}
