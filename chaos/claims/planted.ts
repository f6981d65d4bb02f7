import type { Database } from '../../packages/runtime/src/store/index.ts';

/** Bugs that the check must find, each one wrong piece in the SQL that ships. */
export const plantedBugs = [
  'resolve-ignores-fence',
  'resolve-ignores-session',
  'claim-keeps-fence',
  'reap-ignores-session',
  'already-of-anybody',
  'already-when-expired',
  'resolved-twice-told',
  'write-ignores-fence',
  'claim-waits',
] as const;
export type PlantedBug = (typeof plantedBugs)[number];

interface Edit {
  /** What only the statement that is changed has in it. */
  readonly statement: string;
  readonly from: string;
  readonly to: string;
}

const edits: Readonly<Record<Exclude<PlantedBug, 'claim-waits'>, Edit>> = {
  'resolve-ignores-fence': {
    statement: 'delete from kora.ticket_lease l using ending e',
    from: 'l.ticket_id = e.t and l.fence = e.f',
    to: 'l.ticket_id = e.t',
  },
  'resolve-ignores-session': {
    statement: 'delete from kora.ticket_lease l using ending e',
    from: 'l.session_id is not distinct from $2::uuid and',
    to: '$2::uuid is not null and',
  },
  'claim-keeps-fence': {
    statement: 'insert into kora.ticket_lease',
    from: 'fence + 1 as next_fence',
    to: 'greatest(fence, 1) as next_fence',
  },
  'reap-ignores-session': {
    statement: 'with dead as materialized',
    from: 's.session_id = l.session_id and s.until > clock_timestamp()',
    to: 's.session_id = l.session_id and false',
  },
  'already-of-anybody': {
    statement: 'as asked(ticket_id, fence)',
    from: 'where o.session_id = $2 and',
    to: 'where $2::uuid is not null and',
  },
  'already-when-expired': {
    statement: 'as asked(ticket_id, fence)',
    from: ` and o.resolution not in ('expired', 'cancelled')`,
    to: '',
  },
  'resolved-twice-told': {
    statement: 'delete from kora.ticket_lease l using ending e',
    from: 'body\n    from ended)',
    to: 'body\n    from ended cross join generate_series(1, 2))',
  },
  'write-ignores-fence': {
    statement: 'insert into kora.operation',
    from: 'and fence = $3 and session_id = $4 for key share',
    to: 'and $3::bigint > 0 and session_id = $4 for key share',
  },
};

/** A statement as it goes to the server, with the planted bug in it if it is the one. */
export type Lens = (text: string) => string;
export const asShipped: Lens = (text) => text;

/** Throws where the shipped text has changed so that the bug does not fit into it any more, and not exactly once. */
export function lensOf(planted: PlantedBug | undefined): Lens {
  if (planted === undefined || planted === 'claim-waits') return asShipped;
  const edit = edits[planted];
  return (text) => (text.includes(edit.statement) ? once(text, edit) : text);
}

function once(text: string, { from, to }: Pick<Edit, 'from' | 'to'>): string {
  const [before, after, ...more] = text.split(from);
  if (before === undefined || after === undefined || more.length > 0)
    throw new RangeError(`"${from}" is not in the shipped statement exactly once:\n${text}`);
  return `${before}${to}${after}`;
}

/** The bug that lies in a function of the store and not in a statement: into the scratch database of this check. */
export async function plantInStore(database: Database): Promise<void> {
  const [row] = await database.query<{ text: string }>(
    `select pg_get_functiondef('kora.lock_ready'::regproc) as text`,
  );
  const from = `r.eligible_at <= high\n    order by r.eligible_at, r.ticket_id limit wanted for update skip locked`;
  await database.query(once(row?.text ?? '', { from, to: from.replace(' skip locked', '') }));
}
