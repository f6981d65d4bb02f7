import type { ToolDetail } from '@kora/runtime/client';
import type { Run } from '../context.ts';
import type { Console } from '../output/console.ts';
import { plain } from '../output/style.ts';
import { bytes } from '../output/size.ts';
import { span } from '../output/time.ts';
import { pick } from '../pick.ts';

export const list: Run = async ({ client, input, out }) => {
  const route = input.text('route');
  const rows = await (await client()).tools(route === undefined ? {} : { route });
  out.result(rows, () => [
    ...out.table(
      rows,
      [
        { title: 'tool', of: (row) => row.name },
        { title: 'owner', of: (row) => row.owner },
        { title: 'effects', of: (row) => row.sideEffects },
        { title: 'capability', of: (row) => row.capability },
        { title: 'offered on', of: (row) => offered(row.offeredOn), flexible: true },
      ],
      route === undefined ? 'no tools' : `nothing is offered on ${plain(route)}`,
    ),
    ...(rows.some(({ offeredTo }) => offeredTo === null) ? [out.style.dim(nobody)] : []),
  ]);
  return 'ok';
};

export const show: Run = async ({ client, input, out }) => {
  const api = await client();
  const { name } = pick(await api.tools(), input.argument('name'), {
    noun: 'tool',
    code: 'KORA_TOOL_UNKNOWN',
    list: 'kora tool list',
    names: (row) => [row.name],
  });
  const tool = await api.tool(name);
  out.result(tool, () => toolLines(tool, out));
  return 'ok';
};

const nobody = 'nobody thinks here, so nothing is offered to anybody';

const effects: Readonly<Record<ToolDetail['sideEffects'], string>> = {
  none: 'none: it reads',
  idempotent: 'the same again changes nothing again',
  once: 'at most once',
};

function toolLines(tool: ToolDetail, out: Console): readonly string[] {
  const { style } = out;
  const grants = tool.grantedTo.map(plain).join(', ');
  return [
    `${style.strong(plain(tool.name))}  ${style.dim(`of ${plain(tool.owner)}`)}`,
    plain(tool.description),
    ...out.facts([
      ['capability', tool.capability],
      ['granted to', grants === '' ? 'nobody' : grants],
      ['offered on', tool.offeredTo === null ? nobody : offered(tool.offeredOn)],
      ...trimmed(tool),
      ['effects', effects[tool.sideEffects]],
      ['beside others', tool.parallel ? 'yes' : 'no'],
      ['takes at most', span(tool.timeoutMs)],
      ['shows at most', bytes(tool.maxBytes)],
    ]),
    'input',
    ...JSON.stringify(tool.inputSchema, null, 2)
      .split('\n')
      .map((line) => `  ${' '.repeat(line.search(/\S/))}${plain(line.trim())}`),
  ];
}

/** What was learned about it, where something was. */
function trimmed({ trimmedOn = [] }: ToolDetail): readonly (readonly [string, string])[] {
  if (trimmedOn.length === 0) return [];
  return [['not offered on', `${trimmedOn.join(', ')}: kora promotion list`]];
}

function offered(routes: readonly string[]): string {
  return routes.length === 0 ? 'no route' : routes.join(', ');
}
