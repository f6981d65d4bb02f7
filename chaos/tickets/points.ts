import type { Database, Queryable } from '../../packages/runtime/src/store/index.ts';
import { spoiled } from './planted.ts';
import type { PlantedBug } from './planted.ts';

/** Steps of a worker at which it may be struck, just before the step is taken or when it was taken and nobody knows. */
export const points = ['claim', 'dispatch', 'effect', 'commit', 'resolve', 'consequences', 'work'] as const;
export type Point = (typeof points)[number];

/** Where a process is struck: at the n-th time that it comes by. */
export interface Fate {
  readonly point: Point;
  readonly when: 'before' | 'after';
  readonly nth: number;
}

const names: Readonly<Record<string, Point>> = {
  'ticket claim': 'claim',
  ticket_end: 'resolve',
  'ticket-operation-dispatch': 'dispatch',
  'ticket-operation-commit': 'commit',
};

/** How the ends of attempts were answered. */
export interface Verdicts {
  ok: number;
  already: number;
  lost: number;
}

export interface Passing {
  /** Called at each step; may not return. */
  readonly pass: (point: Point, when: Fate['when']) => void;
  readonly verdicts: Verdicts;
  readonly planted: PlantedBug | undefined;
}

/** The store as a worker sees it that is struck at its steps. */
export function struckAt(database: Database, passing: Passing): Database {
  return {
    ...database,
    query: over(database, passing).query,
    lane: () => over(database.lane(), passing),
    transaction: async (work, options) => {
      const answer = await database.transaction(async (tx) => {
        const value = await work({ ...tx, query: over(tx, passing).query });
        passing.pass('consequences', 'before');
        return value;
      }, options);
      passing.pass('consequences', 'after');
      return answer;
    },
  };
}

function over(inner: Queryable, { pass, verdicts, planted }: Passing): Queryable {
  return {
    query: async <Row extends object>(...[text, values, options]: Parameters<Queryable['query']>) => {
      const point = names[options?.name ?? ''];
      if (point !== undefined) pass(point, 'before');
      const rows = await inner.query<Row>(spoiled(planted, text), values, options);
      count(verdicts, text, values ?? [], rows.length);
      if (point !== undefined) pass(point, 'after');
      return rows;
    },
  };
}

/** What an end did not find it asks once more, in a statement of its own: there it is `already`, or it is lost. */
function count(verdicts: Verdicts, text: string, values: readonly unknown[], rows: number): void {
  if (text.includes('delete from kora.ticket_lease l using ending e')) verdicts.ok += rows;
  else if (text.includes('as asked(ticket_id, fence)') && Array.isArray(values[2])) {
    verdicts.already += rows;
    verdicts.lost += values[2].length - rows;
  }
}
