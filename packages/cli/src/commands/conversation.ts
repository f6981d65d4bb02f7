import type { KoraClient } from '@kora/runtime/client';
import type { Run } from '../context.ts';
import { plainLines } from '../output/style.ts';
import { ago, clock } from '../output/time.ts';
import { pick } from '../pick.ts';

/** How many are looked through when one is named by its thread. */
const searched = 500;

export const list: Run = async ({ client, input, out }) => {
  const rows = await (await client()).conversations(input.whole('limit', 1) ?? 50);
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'id', of: (row) => String(row.conversationId), right: true },
        { title: 'channel', of: (row) => row.channel },
        { title: 'thread', of: (row) => row.thread, flexible: true },
        { title: 'turns', of: (row) => String(row.turns), right: true },
        { title: 'last', of: (row) => ago(row.lastAt, out.now) },
      ],
      'no conversations',
    ),
  );
  return 'ok';
};

export const show: Run = async ({ client, input, out }) => {
  const api = await client();
  const id = await conversationId(api, input.argument('conversation'));
  const talk = await api.conversation(id, input.whole('limit', 1) ?? 50);
  const { style } = out;
  out.result(talk, () => [
    `${style.strong(`conversation ${talk.conversationId}`)}  ${talk.channel} ${talk.thread}`,
    ...talk.said.flatMap(({ direction, text, at, runId }) => {
      const who = direction === 'inbound' ? style.strong('asked') : style.good('answered');
      const run = direction === 'inbound' ? '' : `  ${style.dim(`run ${runId}`)}`;
      return [
        `${style.dim(clock(at))}  ${who}${run}`,
        ...plainLines(text).map((line) => `  ${line}`.trimEnd()),
      ];
    }),
  ]);
  return 'ok';
};

/** A number is an id; anything else names a thread, as `kora ask --conversation` does. */
async function conversationId(api: KoraClient, wanted: string): Promise<number> {
  const number = /^#?([1-9]\d{0,14})$/.exec(wanted)?.[1];
  if (number !== undefined) return Number(number);
  return pick(await api.conversations(searched), wanted, {
    noun: 'conversation',
    code: 'KORA_NOT_FOUND',
    list: 'kora conversation list',
    names: ({ thread, channel, conversationId: id }) => [thread, `${channel}/${thread}`, String(id)],
  }).conversationId;
}
