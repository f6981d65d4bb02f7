import { snapshotVersion } from '../../packages/runtime/src/reason/snapshot/contract.ts';
import type { Database } from '../../packages/runtime/src/store/index.ts';

/** The past that is made up: as many of each as are asked for, over so many days up to now. */
export interface Past {
  readonly workspaceId: number;
  readonly rows: number;
  readonly days: number;
}

/** Row n of all of them, evenly over the days, the first the oldest. */
const at = `(clock_timestamp() - make_interval(days => $3) + n * (make_interval(days => $3) / $2))`;
const iso = `to_char((${at} - interval '5 seconds') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const runOf = (n: string): string => `'run-' || lpad((${n})::text, 9, '0')`;

/** Of ten questions six are one of 300 in one of eight wordings, each with a number that moves; the others come once. */
const question = `case when n % 10 < 6 then
    (array['', 'hey, ', 'please tell me ', 'quick one: ', 'kora, ', 'and ', 'so ', 'now '])[1 + n / 7 % 8]
    || 'how many ' || (array['orders', 'carts', 'mails', 'backups', 'builds', 'tickets'])[1 + n / 10 % 6] || ' are '
    || (array['open', 'late', 'stuck', 'new', 'lost'])[1 + n / 60 % 5] || ' in ' || (array['berlin', 'paris', 'rome', 'oslo',
      'lima', 'kyiv', 'bonn', 'york', 'nice', 'cork'])[1 + n / 300 % 10]
  else md5(n::text) || ' why did ' || md5((n * 7)::text) || ' take so long after ' || md5((n * 13)::text) end`;

const runs = `insert into kora.reason_run (workspace_id, run_id, runtime_id, route, asker, wake, question, status, deadline_ms,
    answered_by, text, error, engine, calls, input_tokens, output_tokens, cost_micro_usd, duration_ms, rung, model, tier,
    routing, tools, advertised, untrusted, inputs, started_at, ended_at)
  select $1, ${runOf('n')}, 'r', (array['cli', 'slack_dm', 'email_inbound', 'ticket'])[1 + n / 3000 % 4], 'operator', 'kora ask',
    ${question}, case when n % 50 = 0 then 'incomplete' else 'answered' end, 1000, 'engine',
    'There are ' || n / 1000 % 40 || ' of them.', case when n % 50 = 0 then 'tool_iterations_exceeded' end, 'reasoning',
    1 + n % 3, 2000, 200, 1000 + n % 9000, 500 + n % 4000, 'normal', 'model-' || n % 3, (array['small', 'standard',
      'large'])[1 + n % 3], (array['default_small', 'decision_words', 'low_confidence'])[1 + n % 3],
    array['tool_' || n % 30], (select array_agg('tool_' || t) from generate_series(0, 31) t), n % 20 = 0,
    jsonb_build_object('snapshot', jsonb_build_object('schema_version', ${snapshotVersion}, 'computed_at', ${iso},
      'tickets', jsonb_build_object('as_of', ${iso}, 'open', n / 1000 % 40))),
    ${at} - interval '2 seconds', ${at}
  from generate_series(1, $2::int) n`;

const toolCalls = `insert into kora.reason_tool_call (workspace_id, run_id, ordinal, call_id, tool, input, status, outcome,
    duration_ms, at)
  select $1, ${runOf('n')}, 1, 'c1', 'tool_' || n % 30, jsonb_build_object('of', 'thing ' || n / 30 % 4),
    case when n % 40 = 0 then 'failed' else 'ok' end, jsonb_build_object('status', 'ok', 'text',
      json_build_object('open', n / 1000 % 40, 'state', (array['well', 'late'])[1 + n / 5000 % 2], 'note', md5(n::text))::text),
    n % 900, ${at} - interval '1 second'
  from generate_series(1, $2::int) n`;

const incidents = `insert into kora.incident (workspace_id, runtime_id, probe, target, category, severity, title, detail, wake_id,
    opened_at, failing_since, resolved_at, failures)
  select $1, '00000000-0000-4000-8000-000000000000', 'probe_' || n % 40, 'unit:' || n % 200, 'unit_down', 'warning', 't', 'd',
    gen_random_uuid(), ${at}, ${at}, ${at} + interval '5 minutes', 3
  from generate_series(1, $2::int) n`;

const attempts = `insert into kora.fix_attempt (workspace_id, key, runtime_id, probe, fix, plugin, capability, mode, target,
    incident_id, asked_by, reason, status, outcome, asked_at, began_at, ended_at)
  select $1, 'key ' || n, '00000000-0000-4000-8000-000000000000', 'probe_' || n % 40, 'restart', 'probes', 'unit.restart',
    'approve', 'unit:' || n % 200, n, 'operator', 'r', 'ended', case when n % 30 = 0 then 'not_mended' else 'mended' end,
    ${at}, ${at}, ${at} + interval '1 minute'
  from generate_series(1, $2::int) n`;

/** Of eight events six are mails that were read, one says of such a mail that it was missed, and one that a larger model was asked. */
const body = `case when n % 4 < 3 then json_build_object('action', case when n % 8 = 0 then 'created' else 'logged_only' end,
      'pattern', case when n % 8 = 0 then 'please' else 'none' end, 'confidence', 'unrecognized', 'reason', null,
      'message_id', 'mail ' || n, 'title', null, 'subject', case when n % 10 < 5 then
        (array['invoice overdue', 'access request', 'backup report', 'new order form'])[1 + n / 16 % 4] || ' ' || n
        else md5(n::text) || ' ' || md5((n * 3)::text) end)
    when n % 8 = 3 then json_build_object('verdict', 'missed', 'pattern', 'none', 'revision', null, 'how', 'reply',
      'ticket', n, 'message_id', 'mail ' || n - 1, 'subject', (array['invoice overdue', 'access request'])[1 + n / 16 % 2]
      || ' ' || n - 1)
    else json_build_object('run_id', ${runOf('n')}, 'route', 'cli', 'why', 'low_confidence', 'first_reason', 'default_small',
      'first_model', 'model-0', 'first_tier', 'small', 'model', 'model-2', 'tier', 'large', 'agreement', (n % 10) / 10.0,
      'confidence', (n % 10) / 10.0, 'score', n % 6) end::text`;
const type = `case when n % 4 < 3 then 'email.intent_read' when n % 8 = 3 then 'email.intent_judged'
  else 'reasoning.escalated' end`;
// What chains them is not read here: hashes of nothing do.
const events = [
  `insert into kora.event (workspace_id, seq, event_id, type, schema_version, actor_id, runtime_id, occurred_at, body_hash,
      prev_hash, hash)
    select $1, n, gen_random_uuid(), ${type}, 1, 'kora', '00000000-0000-4000-8000-000000000000', ${at}, '', '', ''
    from generate_series(1, $2::int) n`,
  `insert into kora.event_body (workspace_id, seq, body) select $1, n, ${body} from generate_series(1, $2::int) n
    where $3::int > 0`,
  `insert into kora.chain_head (workspace_id, seq, hash) select $1, $2::int, '' where $3::int > 0
    on conflict (workspace_id) do update set seq = excluded.seq`,
];

/** Writes it all, and the statistics that autovacuum would bring within minutes. */
export async function seedPast(database: Database, { workspaceId, rows, days }: Past): Promise<void> {
  await database.session(async (session) => {
    for (const statement of [runs, toolCalls, incidents, attempts, ...events]) {
      const from = performance.now();
      await session.query(statement, [workspaceId, rows, days]);
      const what = /kora\.(\w+)/.exec(statement)?.[1] ?? '';
      process.stderr.write(
        `${rows} rows of ${what} in ${Math.round((performance.now() - from) / 1_000)} s\n`,
      );
    }
    await session.query('vacuum analyze');
  });
}
