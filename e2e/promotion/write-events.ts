import { canonicalJson } from '../../packages/runtime/src/chain/index.ts';
import type { Mail, Month } from './month.ts';
import type { Asked } from './questions.ts';
import { iso } from './into.ts';
import type { Into } from './into.ts';

/** What happened in a month, in the stage of the chain, from where the house's own sealer takes it. */
export async function writeHappenings(into: Into, month: Pick<Month, 'asked' | 'mails'>): Promise<void> {
  await writeEvents(into, [...routings(month.asked), ...mails(month.mails)]);
}

interface Happened {
  readonly atMs: number;
  readonly type: string;
  readonly actor: string;
  readonly payload: object;
}

/** What the router said of each second thought, and of the operator's word that it took. */
function routings(asked: readonly Asked[]): readonly Happened[] {
  return asked.flatMap(({ question: { atMs, routing, route, runId, text, model } }): readonly Happened[] => {
    const actor = 'plugin:reasoning';
    if (routing.startsWith('operator_override:')) {
      const payload = { route, model, source: routing.slice('operator_override:'.length), reason: text };
      return [{ atMs, type: 'reasoning.override_applied', actor, payload }];
    }
    return routing.startsWith('escalated:')
      ? [
          {
            atMs,
            type: 'reasoning.escalated',
            actor,
            payload: {
              run_id: runId,
              route,
              why: routing.slice('escalated:'.length),
              first_reason: 'default_small',
              first_model: 'small',
              first_tier: 'small',
              model: 'middle',
              tier: 'standard',
              agreement: 0.21,
              confidence: null,
              score: 0,
            },
          },
        ]
      : [];
  });
}

/** What was read in each mail, and that the operator made a ticket of it by hand. */
function mails(all: readonly Mail[]): readonly Happened[] {
  return all.flatMap(({ atMs, messageId, subject, saved }) => {
    const read = {
      action: 'logged_only',
      pattern: 'unrecognized',
      confidence: 'unrecognized',
      reason: 'no_pattern_matched',
      message_id: messageId,
      title: null,
      subject,
      revision: null,
    };
    const judged = {
      verdict: 'missed',
      how: 'reply',
      pattern: 'unrecognized',
      revision: null,
      ticket: null,
      message_id: messageId,
      subject,
    };
    const actor = 'plugin:email';
    return [
      { atMs, type: 'email.intent_read', actor, payload: read },
      ...(saved ? [{ atMs: atMs + 3_600_000, type: 'email.intent_judged', actor, payload: judged }] : []),
    ];
  });
}

/** In the order in which they happened, which is the order of their places on the chain. */
async function writeEvents(
  { database, workspaceId, runtimeId }: Into,
  all: readonly Happened[],
): Promise<void> {
  const events = [...all].sort((one, other) => one.atMs - other.atMs);
  await database.query(
    `insert into kora.event_type (type, owner, version)
     select distinct e.type, 'month', 1 from jsonb_to_recordset($1::jsonb) as e(type text) on conflict (type) do nothing`,
    [JSON.stringify(events)],
  );
  await database.query(
    `insert into kora.stage (workspace_id, type, actor_id, runtime_id, body, staged_at)
     select $1, e.type, e.actor, $2, e.body, e.at
     from jsonb_to_recordset($3::jsonb) as e(n int, type text, actor text, body text, at timestamptz) order by e.n`,
    [
      workspaceId,
      runtimeId,
      JSON.stringify(
        events.map(({ atMs, type, actor, payload }, n) => ({
          n,
          type,
          actor,
          body: canonicalJson(payload),
          at: iso(atMs),
        })),
      ),
    ],
  );
}
