import type { GrantRow } from '@kora/runtime/client';
import type { Run } from '../context.ts';
import { usage } from '../fault.ts';
import type { Console } from '../output/console.ts';
import { plain } from '../output/style.ts';
import { ago } from '../output/time.ts';

export const list: Run = async ({ client, input, out }) => {
  const answer = await (await client()).capabilities({ all: input.on('all') });
  out.result(answer, () => [
    ...out.table(
      answer.capabilities,
      [
        { title: 'capability', of: (row) => row.id },
        {
          title: 'risk',
          of: (row) => row.risk,
          paint: (text) => (text === 'high' ? out.style.warn(text) : text),
        },
        {
          title: 'without a grant',
          of: (row) => (row.defaultVerdict === 'ask' ? 'you are asked' : 'denied'),
        },
        { title: 'owner', of: (row) => row.owner },
        { title: 'lets its holder', of: (row) => row.title, flexible: true },
      ],
      'no capabilities',
    ),
    '',
    ...grantTable(answer.grants, out),
  ]);
  return 'ok';
};

export const grant: Run = async ({ client, input, out }) => {
  const capability = input.argument('capability');
  const to = subjectOf(input.needed('to'));
  const [reason, forMs] = [input.needed('reason'), input.span('for')];
  const wish = { capability, to, reason, ...(forMs === undefined ? {} : { forMs }) };
  const row = await (await client()).grantCapability(wish);
  out.result(row, () => [
    `${out.style.good('granted')}  #${row.grantId} ${row.capability} to ${subject(row)}, ${until(row, out)}`,
    out.style.dim(`take it back with: kora capability revoke ${row.grantId} --reason '...'`),
  ]);
  return 'ok';
};

export const revoke: Run = async ({ client, input, out }) => {
  const typed = input.argument('grant');
  const grantId = Number(/^#?([1-9]\d{0,14})$/.exec(typed)?.[1]);
  if (Number.isNaN(grantId))
    throw usage(`a grant is named by its number, not ${JSON.stringify(typed)}`, 'kora capability list');
  const row = await (await client()).revokeGrant(grantId, input.needed('reason'));
  out.result(row, () => [
    `${out.style.warn('revoked')}  #${row.grantId} ${row.capability} of ${subject(row)}, ${ago(row.revokedAt, out.now)}`,
  ]);
  return 'ok';
};

function grantTable(rows: readonly GrantRow[], out: Console): readonly string[] {
  return out.table(
    rows,
    [
      { title: 'grant', of: (row) => `#${row.grantId}`, right: true },
      { title: 'status', of: (row) => row.status },
      { title: 'capability', of: (row) => row.capability },
      { title: 'to', of: subject },
      { title: 'since', of: (row) => ago(row.since, out.now) },
      { title: 'until', of: (row) => until(row, out) },
      { title: 'by', of: (row) => row.by },
      { title: 'why', of: (row) => row.reason, flexible: true },
    ],
    'nothing is granted to anybody',
  );
}

function subject({ kind, subject: name }: GrantRow): string {
  return `${kind}:${plain(name)}`;
}

function until(row: GrantRow, out: Console): string {
  if (row.status === 'revoked') return `revoked ${ago(row.revokedAt, out.now)}`;
  return row.expiresAt === null ? 'until revoked' : ago(row.expiresAt, out.now);
}

const kinds = ['plugin', 'mcp', 'route'] as const;

function subjectOf(typed: string): { kind: (typeof kinds)[number]; subject: string } {
  const [word, ...rest] = typed.split(':');
  const kind = kinds.find((each) => each === word);
  const name = rest.join(':');
  if (kind === undefined || name === '')
    throw usage(
      `--to takes plugin:ID, mcp:NAME or route:NAME, not ${JSON.stringify(typed)}`,
      'kora plugin list',
    );
  return { kind, subject: name };
}
