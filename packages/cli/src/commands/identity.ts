import type { IdentityRow } from '@kora/runtime/client';
import type { Run } from '../context.ts';
import { refusal } from '../fault.ts';
import type { Console } from '../output/console.ts';
import { plain, plainLines } from '../output/style.ts';
import { pick } from '../pick.ts';
import type { PickOptions } from '../pick.ts';

const options: PickOptions<IdentityRow> = {
  noun: 'identity',
  code: 'KORA_IDENTITY_UNKNOWN',
  list: 'kora identity list',
  names: (row) => [row.name],
};

export const list: Run = async ({ client, out }) => {
  const rows = await (await client()).identities();
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'name', of: (row) => row.name },
        {
          title: 'active',
          of: (row) => (row.active ? 'yes' : 'no'),
          paint: (text) => (text === 'yes' ? out.style.good(text) : text),
        },
        { title: 'agent', of: (row) => row.agentName },
        { title: 'version', of: (row) => row.agentVersion },
        { title: 'plugin', of: (row) => row.pluginName },
        { title: 'hash', of: (row) => row.hash.slice(0, 12) || '-' },
        { title: 'problem', of: (row) => plain(row.problem ?? ''), flexible: true },
      ],
      'no identities: no plugin brings one',
    ),
  );
  return 'ok';
};

export const show: Run = async ({ client, input, out }) => {
  const rows = await (await client()).identities();
  const wanted = input.argument('name');
  const row = wanted === '' ? rows.find((each) => each.active) : pick(rows, wanted, options);
  if (row === undefined)
    throw refusal('KORA_IDENTITY_UNKNOWN', 'no identity is active', 'kora identity list');
  if (row.problem !== null) throw refusal('KORA_IDENTITY_INVALID', row.problem, 'kora identity list');
  out.result(row, () => identityLines(row, out));
  return 'ok';
};

export const use: Run = async ({ client, input, out }) => {
  const api = await client();
  const { name } = pick(await api.identities(), input.argument('name'), options);
  const receipt = await api.useIdentity(name, input.text('reason') ?? 'chosen from the command line');
  out.result({ name, ...receipt }, () => [`${name} is the identity now`]);
  return 'ok';
};

function identityLines(row: IdentityRow, out: Console): readonly string[] {
  const { style } = out;
  return [
    `${style.strong(plain(row.name))}  ${row.active ? style.good('active') : 'not active'}`,
    ...out.facts([
      ['agent', `${plain(row.agentName)} ${plain(row.agentVersion)}`],
      ['plugin', plain(row.pluginName)],
      ['hash', row.hash],
    ]),
    '',
    style.dim('soul'),
    ...plainLines(row.soulMd.trim()),
    '',
    style.dim('system prompt'),
    ...plainLines(row.systemPrompt.trim()),
  ];
}
