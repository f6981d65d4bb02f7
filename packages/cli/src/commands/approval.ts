import type { ApprovalRow } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import { usage } from '../fault.ts';
import type { Console } from '../output/console.ts';
import { plain } from '../output/style.ts';
import type { Style } from '../output/style.ts';
import { ago } from '../output/time.ts';

export const approve: Run = async (context) => {
  const { client, input, out } = context;
  const [id, reason] = [approvalId(context), input.needed('reason')];
  const row = await (await client()).approve(id, reason);
  const call = `${plain(row.caller)} may use ${plain(row.what)} once`;
  // Approved before, perhaps by somebody else: then the call may have come already.
  const then =
    row.usedAt === null ? `ends ${ago(row.expiresAt, out.now)}` : `it did ${ago(row.usedAt, out.now)}`;
  out.result(row, () => [`${out.style.good('approved')}  ${call}; ${then}`]);
  return 'ok';
};

export const deny: Run = async (context) => {
  const { client, input, out } = context;
  const [id, reason] = [approvalId(context), input.needed('reason')];
  const row = await (await client()).deny(id, reason);
  out.result(row, () => [
    `${out.style.warn('refused')}  ${plain(row.caller)} may not use ${plain(row.what)}`,
  ]);
  return 'ok';
};

export const list: Run = async ({ client, input, out }) => {
  const all = input.on('all');
  const rows = await (await client()).approvals({ all, limit: input.whole('limit', 1) ?? 50 });
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'id', of: (row) => String(row.approvalId), right: true },
        { title: 'status', of: (row) => row.status, paint: (text) => painted(out.style, text) },
        { title: 'caller', of: (row) => row.caller },
        { title: 'asks for', of: (row) => row.what },
        { title: 'capability', of: (row) => row.capability },
        { title: 'asked', of: (row) => ago(row.requestedAt, out.now) },
        { title: 'ends', of: (row) => ago(row.expiresAt, out.now) },
        { title: 'why', of: (row) => row.reason ?? '', flexible: true },
      ],
      all ? 'nothing was ever asked' : 'nothing waits for you',
    ),
  );
  return 'ok';
};

export const show: Run = async (context) => {
  const { client, out } = context;
  const row = await (await client()).approval(approvalId(context));
  out.result(row, () => approvalLines(row, out));
  return 'ok';
};

function approvalLines(row: ApprovalRow, out: Console): readonly string[] {
  const { style, now } = out;
  const { decidedAt, decidedBy, decisionReason, usedAt } = row;
  const decided = `${ago(decidedAt, now)} by ${plain(decidedBy ?? '')}: ${plain(decisionReason ?? '')}`;
  return [
    `${style.strong(`approval ${row.approvalId}`)}  ${painted(style, row.status)}`,
    ...out.facts([
      ['caller', plain(row.caller)],
      ['asks for', `${plain(row.what)}, once`],
      ['capability', row.capability],
      ...(row.reason === null ? [] : [['says', plain(row.reason)] as const]),
      ...(row.ticketId === null ? [] : [['ticket', String(row.ticketId)] as const]),
      ['call', plain(row.callId)],
      ['arguments', `sha256 ${row.argumentsHash}`],
      ['asked', ago(row.requestedAt, now)],
      ['ends', ago(row.expiresAt, now)],
      ...(decidedAt === null ? [] : [['decided', decided] as const]),
      ...(usedAt === null ? [] : [['used', ago(usedAt, now)] as const]),
    ]),
    ...(row.status === 'pending'
      ? [
          '',
          style.dim(
            `kora approve ${row.approvalId} --reason '...'   or   kora deny ${row.approvalId} --reason '...'`,
          ),
        ]
      : []),
  ];
}

function painted(style: Style, status: string): string {
  if (status === 'approved' || status === 'used') return style.good(status);
  return status === 'pending' ? style.warn(status) : style.dim(status);
}

function approvalId({ input }: Context): number {
  const typed = input.argument('approval');
  const id = Number(/^#?([1-9]\d{0,14})$/.exec(typed)?.[1]);
  if (Number.isNaN(id))
    throw usage(`an approval is named by its number, not ${JSON.stringify(typed)}`, 'kora approval list');
  return id;
}
