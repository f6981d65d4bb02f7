import type { McpTokenRow } from '@kora/runtime/client';
import type { Run } from '../../context.ts';
import { usage } from '../../fault.ts';
import { plain } from '../../output/style.ts';
import { ago } from '../../output/time.ts';
import { pick } from '../../pick.ts';

export const add: Run = async ({ client, input, out }) => {
  const name = input.argument('name');
  const [grants, kinds] = [input.many('grant'), input.many('kind')];
  if (grants.length === 0)
    throw usage('kora mcp token add needs --grant', 'kora mcp token add NAME --grant read_runtime');
  const [expiresInMs, reason] = [input.span('expires'), input.text('reason')];
  const made = await (await client()).mcpTokens.add({
    name,
    grants: grants.flatMap((each) => each.split(',')),
    kinds: [...kinds],
    reason: reason ?? `a program named ${name} is to ask`,
    ...(expiresInMs === undefined ? {} : { expiresInMs }),
  });
  out.result(made, () => [
    made.token,
    out.style.dim(
      `${made.name} may ask for ${words(made.capabilities)} ${until(made, out.now)}; the token is not shown again`,
    ),
  ]);
  return 'ok';
};

export const list: Run = async ({ client, input, out }) => {
  const rows = await (await client()).mcpTokens.list({ all: input.on('all') });
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'key', of: (row) => `#${row.keyId}`, right: true },
        { title: 'caller', of: (row) => plain(row.name) },
        { title: 'status', of: (row) => row.status },
        { title: 'may', of: (row) => words(row.capabilities), flexible: true },
        { title: 'kinds', of: (row) => row.kinds.join(' ') || '-' },
        { title: 'used', of: (row) => (row.usedAt === null ? 'never' : ago(row.usedAt, out.now)) },
        { title: 'until', of: (row) => until(row, out.now) },
        { title: 'why', of: (row) => plain(row.reason), flexible: true },
      ],
      'no program may ask over MCP',
    ),
  );
  return 'ok';
};

export const revoke: Run = async ({ client, input, out }) => {
  const reason = input.needed('reason');
  const api = await client();
  const typed = input.argument('token');
  const number = Number(/^#?([1-9]\d{0,8})$/.exec(typed)?.[1]);
  const keyId = Number.isNaN(number) ? named(await api.mcpTokens.list(), typed) : number;
  const row = await api.mcpTokens.revoke(keyId, reason);
  const left = row.capabilities.length > 0 ? '; another token of that name is good' : ' and its grants';
  out.result(row, () => [`${out.style.warn('revoked')}  #${row.keyId} of ${plain(row.name)}${left}`]);
  return 'ok';
};

function named(rows: readonly McpTokenRow[], typed: string): number {
  const options = {
    noun: 'MCP caller',
    code: 'KORA_MCP_TOKEN_UNKNOWN',
    list: 'kora mcp token list',
    names: (row: McpTokenRow) => [`#${row.keyId}`, row.name],
  };
  return pick(rows, typed, options).keyId;
}

/** Capabilities as they are typed. */
function words(capabilities: readonly string[]): string {
  return capabilities.map((each) => each.replace(/^cap_/, '')).join(', ') || 'nothing';
}

function until(row: McpTokenRow, now: number): string {
  if (row.status === 'revoked') return `revoked ${ago(row.revokedAt, now)}`;
  return row.status === 'expired' ? `ended ${ago(row.expiresAt, now)}` : ago(row.expiresAt, now);
}
