import { panelDoneSchema, panelLookSchema } from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { z } from 'zod';
import { Act } from '../../kit/act.tsx';
import { Chip } from '../../kit/chip.tsx';
import { Panel } from '../../kit/panel.tsx';
import { plain } from '../../kit/plain.ts';
import { type Column, Table } from '../../kit/table.tsx';
import { Code, Line, Prose } from '../../kit/text.tsx';
import { useDetail } from '../../store/detail.ts';
import { useList } from '../../store/use.ts';
import { emptied } from '../../store/view.ts';

const path = '/api/plugins/mcp/panels/servers';
const stirredBy: readonly string[] = ['mcp.', 'kora.plugin.'];

const text = z.string().nullable().catch(null);
const toolSchema = z.object({
  server: z.string(),
  tool: z.string(),
  state: z.enum(['approved', 'new', 'changed', 'gone']),
  sha256: z.string(),
  'offered-as': text,
  description: text,
});
type Tool = z.infer<typeof toolSchema>;

/** The tools of the servers that are asked from here: what waits for a word is approved exactly as it is shown. */
export function ServerTools(): ReactNode {
  // Without the plugin that asks them there is nothing to be read.
  const isThere = useList('plugins')?.some(
    ({ id, registered }) => id === 'mcp' && registered['panels']?.includes('servers') === true,
  );
  return isThere === true ? <Tools /> : null;
}

function Tools(): ReactNode {
  const { data, view } = useDetail(path, panelLookSchema, stirredBy, true);
  const [said, say] = useState('');
  const drawn = data?.view.kind === 'table' ? data.view.rows : [];
  const tools = drawn.flatMap(({ cells }) => {
    const read = toolSchema.safeParse(cells);
    return read.success ? [read.data] : [];
  });
  const columns: readonly Column<Tool>[] = [...about, { name: 'Deed', align: 'end', cell: approveOf(say) }];
  return (
    <>
      <Panel
        title="Tools of servers asked from here"
        view={data === null ? view : emptied(view, tools.length)}
        count={data === null ? null : tools.length}
        whenEmpty="No server is asked from here, or none offered a tool yet."
      >
        <Table
          caption="Tools of MCP servers"
          rows={tools}
          keyOf={({ server, tool }) => `${server} ${tool}`}
          columns={columns}
        />
      </Panel>
      <p role="status" className="wrap-anywhere">
        {plain(said)}
      </p>
    </>
  );
}

function approveOf(say: (words: string) => void): (tool: Tool) => ReactNode {
  return (tool) => <Approve tool={tool} say={say} />;
}

const tones = { approved: 'ready', new: 'paused', changed: 'paused', gone: 'dim' } as const;

const about: readonly Column<Tool>[] = [
  { name: 'Server', cell: ({ server }) => <Code>{server}</Code> },
  { name: 'Tool', cell: ({ tool }) => <Code>{tool}</Code> },
  { name: 'Is', cell: ({ state }) => <Chip tone={tones[state]}>{state}</Chip> },
  {
    name: 'Says of itself',
    wide: true,
    cell: ({ description }) => <Line className="block truncate">{description ?? '-'}</Line>,
  },
  { name: 'Digest', from: 'md', cell: ({ sha256 }) => <Code>{sha256.slice(0, 12)}</Code> },
];

interface ApproveProps {
  readonly tool: Tool;
  readonly say: (words: string) => void;
}

/** Offers a tool as it was shown; one that its server describes otherwise by then is refused. */
function Approve({ tool: { server, tool, state, sha256, description }, say }: ApproveProps): ReactNode {
  if (state !== 'new' && state !== 'changed') return null;
  return (
    <Act
      label="Approve"
      title={`Offer ${tool} of ${server}`}
      needs="approve"
      path={`${path}/actions/approve`}
      answer={panelDoneSchema}
      keyed={false}
      body={() => ({ input: { server, tool, sha256 } })}
      effect={
        <>
          It is offered to whoever thinks, exactly as it describes itself now (
          <Code>{sha256.slice(0, 16)}</Code>
          ); when its server describes it otherwise, it waits again. A call still needs its leave.
          <Prose className="pt-1">{description ?? 'It says nothing of itself.'}</Prose>
        </>
      }
      command={`kora mcp tool approve ${server} ${tool} --reason "…"`}
      onDone={({ message }) => say(message ?? `${tool} of ${server} is offered`)}
    />
  );
}
