import type { Database } from '../../packages/runtime/src/store/index.ts';

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

export interface Recording {
  /** Puts itself before a database and remembers what goes through. */
  readonly watch: (database: Database) => Database;
  /** Each statement once, as it was first used. */
  statements(): readonly Statement[];
}

export function recording(): Recording {
  const seen = new Map<string, Statement>();
  const note = (text: string, values: readonly unknown[] = []): void => {
    if (!seen.has(text)) seen.set(text, { text, values });
  };
  return {
    watch: (database) => ({
      ...database,
      query: (text, values) => {
        note(text, values);
        return database.query(text, values);
      },
      transaction: (work, options) =>
        database.transaction(
          (tx) =>
            work({
              ...tx,
              query: (text, values) => {
                note(text, values);
                return tx.query(text, values);
              },
            }),
          options,
        ),
    }),
    statements: () => [...seen.values()],
  };
}

export interface PlanVerdict {
  /** Its first line, for people. */
  readonly statement: string;
  /** The scan that reads a big table whole; undefined when there is none. */
  readonly worst: string | undefined;
  readonly ms: number;
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Beyond this a scan from end to end grows with the chain. */
const bigRows = 50_000;

/** Explains what only reads, with the values that it was used with. */
export async function plansOf(
  database: Database,
  statements: readonly Statement[],
): Promise<readonly PlanVerdict[]> {
  const verdicts: PlanVerdict[] = [];
  for (const { text, values } of statements) {
    if (
      !/^\s*(select|with)\b/i.test(text) ||
      /\b(insert|update|delete|pg_notify|seal_stage|append_events|advisory)\b/i.test(text)
    )
      continue;
    const [row] = await database.query<{
      'QUERY PLAN': readonly { Plan: PlanNode; 'Execution Time': number }[];
    }>(`explain (analyze, format json) ${text}`, values);
    const [plan] = row?.['QUERY PLAN'] ?? [];
    if (plan === undefined) throw new Error(`no plan for ${text}`);
    verdicts.push({
      statement: text.replaceAll(/\s+/g, ' ').trim().slice(0, 110),
      worst: wholeScans(plan.Plan)[0],
      ms: plan['Execution Time'],
    });
  }
  return verdicts;
}

function wholeScans(node: PlanNode): string[] {
  const below = (node.Plans ?? []).flatMap(wholeScans);
  const rows = (node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0);
  if (rows < bigRows) return below;
  return [
    `${node['Node Type']} on ${node['Relation Name'] ?? 'an intermediate result'}: ${rows} rows`,
    ...below,
  ];
}
