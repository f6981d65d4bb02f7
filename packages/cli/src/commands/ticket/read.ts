import { ticketStatusSchema } from '@kora/runtime/client';
import type { Run } from '../../context.ts';
import { tint } from '../../output/style.ts';
import { ago } from '../../output/time.ts';
import { ticketId } from './find.ts';
import { ticketLines, timelineLines } from './lines.ts';

export const list: Run = async ({ client, input, out }) => {
  const status = input.choice('status', ticketStatusSchema.options);
  const before = input.whole('before', 1);
  const rows = await (await client()).tickets.list({
    limit: input.whole('limit', 1) ?? 50,
    ...(status === undefined ? {} : { status }),
    ...(before === undefined ? {} : { before }),
  });
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'id', of: (row) => String(row.ticketId), right: true },
        { title: 'status', of: (row) => row.status, paint: (text) => tint(out.style, text) },
        { title: 'priority', of: (row) => row.priority + (row.critical ? '!' : '') },
        { title: 'kind', of: (row) => row.kind, flexible: true },
        { title: 'tries', of: (row) => String(row.attempts), right: true },
        { title: 'age', of: (row) => ago(row.createdAt, out.now) },
        { title: 'title', of: (row) => row.title, flexible: true },
      ],
      'no tickets',
    ),
  );
  return 'ok';
};

export const show: Run = async (context) => {
  const { out } = context;
  const api = await context.client();
  const ticket = await api.tickets.show(await ticketId(api, context));
  out.result(ticket, () => [...ticketLines(ticket, out), ...timelineLines(ticket, out)]);
  return 'ok';
};
