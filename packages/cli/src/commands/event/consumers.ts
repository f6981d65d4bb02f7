import type { Run } from '../../context.ts';
import { span } from '../../output/time.ts';

export const consumers: Run = async ({ client, out }) => {
  const rows = await (await client()).consumers();
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'consumer', of: (row) => row.consumer },
        { title: 'runs', of: (row) => row.running },
        { title: 'cursor', of: (row) => String(row.cursor), right: true },
        { title: 'lag', of: (row) => String(row.lag), right: true },
        { title: 'age', of: (row) => (row.lag === 0 ? '' : span(row.lagMs)) },
        { title: 'parked', of: (row) => String(row.parked), right: true },
        { title: 'types', of: (row) => row.types.join(', ') || 'all', flexible: true },
        { title: 'last error', of: (row) => row.lastError ?? '', flexible: true },
      ],
      'nobody subscribes',
    ),
  );
  return 'ok';
};
