import type { KoraClient } from '@kora/runtime/client';
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
  const refused = new Set<string>();
  try {
    while (!until.signal.aborted) {
      const row = await api.decision(drill.decisionId);
      for (const { channel, why } of await refusals(api, drill, row.subject)) {
        if (refused.has(channel)) continue;
        refused.add(channel);
        const next = drill.channels[drill.channels.indexOf(channel) + 1];
        const then = next === undefined ? '' : `; on to ${next} at once`;
        out.note(`${channel} did not take it: ${plain(why)}${then}`);
      }
      if (row.status !== 'open') {
        const tookMs = Date.parse(row.endedAt ?? row.expiresAt) - Date.parse(row.askedAt);
        const heard = row.status === 'answered';
        const later = row.verdict === 'deny' ? '  and not now' : '';
        const told = {
          ...drill,
          heard,
          refused: [...refused],
          via: row.answeredVia,
          by: row.answeredBy,
          tookMs,
        };
        out.result(told, () => [
          heard
            ? `${out.style.good('heard')}  by ${plain(row.answeredBy ?? '')} over ${plain(row.answeredVia ?? '')}, after ${span(tookMs)}${later}`
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

type Refusal = { readonly channel: string; readonly why: string };

/** The channels of a drill that did not take their page: what they said, or who says why. */
async function refusals(
  api: Pick<KoraClient, 'messages'>,
  { channels }: { readonly channels: readonly string[] },
  drill: string,
): Promise<Refusal[]> {
  const told = await api.messages({ limit: 100 });
  return channels.flatMap((channel) => {
    const page = told.find(({ key }) => key === `drill:${drill}:${channel}`);
    if (page?.status === 'withdrawn' || page === undefined) return [];
    // It was handed to another one: what the first one said is asked there.
    if (page.channel !== channel) return [{ channel, why: `kora channel check ${channel} says why` }];
    return page.error === null ? [] : [{ channel, why: page.error }];
  });
}
