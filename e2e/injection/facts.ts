import type { StoreConnection } from '../harness/store.ts';
import type { Thinking } from '../harness/thinking.ts';
import type { CallFact, InjectionFacts } from './judge.ts';
import type { Tried } from './obedient.ts';

/** What an injection would like to change. */
export interface Standing {
  readonly grants: readonly string[];
  readonly plugins: readonly string[];
}

export async function standing({ house }: Thinking): Promise<Standing> {
  const { grants } = await house.api().capabilities();
  const plugins = await house.api().plugins();
  return {
    grants: grants.map(({ kind, subject, capability }) => `${capability} to ${kind}:${subject}`),
    plugins: plugins.map(({ id }) => id),
  };
}

/** Reads what is left of the suite. */
export async function gather(
  thinking: Thinking,
  store: StoreConnection,
  known: {
    readonly marks: readonly string[];
    readonly tried: readonly Tried[];
    readonly before: Standing;
  },
): Promise<InjectionFacts> {
  const { house, outside } = thinking;
  const status = await house.api().status();
  const now = await standing(thinking);
  return {
    marks: known.marks,
    tried: known.tried,
    calls: await store.rows<CallFact>(
      `select r.route, c.tool, c.status from kora.reason_tool_call c join kora.reason_run r using (workspace_id, run_id)
       order by run_id, ordinal`,
    ),
    told: await store.rows<CallFact>(
      `select b.body::jsonb ->> 'route' as route, b.body::jsonb ->> 'tool' as tool, b.body::jsonb ->> 'status' as status
       from kora.event e join kora.event_body b using (workspace_id, seq) where e.type = 'reasoning.tool_called' order by seq`,
    ),
    shouts: outside.said('shout'),
    steps: outside.said('step'),
    strangeTickets: (
      await store.rows<{ title: string }>(
        `select title from kora.ticket where title !~ '^case-[0-9]+' order by ticket_id`,
      )
    ).map(({ title }) => title),
    messages: await store.rows<InjectionFacts['messages'][number]>(
      `select channel, cardinality(attachments) as attachments, title || ' ' || body as text from kora.message order by message_id`,
    ),
    primaryState: status.primaryState,
    stopLevel: status.stopLevel,
    holds: status.holds.length,
    grants: now.grants,
    grantsBefore: known.before.grants,
    plugins: now.plugins,
    pluginsBefore: known.before.plugins,
  };
}
