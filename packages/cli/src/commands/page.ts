import type { Run } from '../context.ts';
import { usage } from '../fault.ts';
import { plain } from '../output/style.ts';
import { span } from '../output/time.ts';
import { untilInterrupted } from '../patience.ts';

const lookEveryMs = 1_000;

/** Pages for practice, and says who heard over what and after how long. It goes on when this command is ended. */
export const page: Run = async (context) => {
  const { client, host, input, out } = context;
  if (!input.on('drill'))
    throw usage('kora page is for drills: say --drill', "kora page --drill --reason '...'");
  const waitMs = input.span('wait');
  const reason = input.needed('reason');
  const api = await client();
  const drill = await api.startDrill({ reason, ...(waitMs === undefined ? {} : { waitMs }) });
  out.note(
    `paging over ${drill.channels.join(', then ')}, ${span(drill.waitMs)} each; answer with the code that the message carries`,
  );
  const until = untilInterrupted(context);
  try {
    while (!until.signal.aborted) {
      const row = await api.decision(drill.decisionId);
      if (row.status !== 'open') {
        const tookMs = Date.parse(row.endedAt ?? row.expiresAt) - Date.parse(row.askedAt);
        const heard = row.status === 'answered';
        const told = { ...drill, heard, via: row.answeredVia, by: row.answeredBy, tookMs };
        out.result(told, () => [
          heard
            ? `${out.style.good('heard')}  by ${plain(row.answeredBy ?? '')} over ${plain(row.answeredVia ?? '')}, after ${span(tookMs)}`
            : `${out.style.bad('not heard')}  nobody answered within ${span(tookMs)}`,
        ]);
        return heard ? 'ok' : 'findings';
      }
      await host.sleep(lookEveryMs, until.signal);
    }
  } finally {
    until.release();
  }
  return 'interrupted';
};
