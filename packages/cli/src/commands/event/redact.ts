import { confirm } from '../../confirm.ts';
import type { Run } from '../../context.ts';
import { plain } from '../../output/style.ts';
import { sequence } from './sequence.ts';

export const redact: Run = async (context) => {
  const { input, out } = context;
  const seq = sequence(input.argument('seq'));
  const reason = input.needed('reason');
  const api = await context.client();
  const event = await api.event(seq);
  await confirm(context, `The body of event #${seq} (${plain(event.type)}) goes for good.`, String(seq));
  const receipt = await api.redact(seq, reason);
  out.result(receipt, () => [
    `${out.style.good('redacted')}  the body of #${seq} is gone; its hash stays, and the log still proves`,
    out.style.dim('backups and exports made before still have it'),
  ]);
  return 'ok';
};
