import { fault, messageOf } from '../../fault/index.ts';
import type { BatchAnswer, BatchResult, BatchStatement } from '../../store/index.ts';
import type { StoreAnswer, StoreRunOptions, StoreStatement } from './contract.ts';
import { roleStatements } from './place.ts';
import type { Place } from './place.ts';
import { plainValues } from './plain.ts';
import { checkStatements } from './statement.ts';

/** What the house knows of whoever runs it: never a plugin's word. */
export interface RunParts {
  readonly plugin: string;
  readonly place: Place;
  readonly workspaceId: number;
  /** The session under which this runtime runs subscriptions. */
  readonly holder: string;
  /** The session that holds a claim; undefined when this plugin does not hold it here. */
  readonly sessionOf: (claim: NonNullable<StoreRunOptions['claim']>) => string | undefined;
}

const defaultMs = 10_000;
const longestMs = 60_000;
const lockMs = 5_000;
const staleClaim = 'KR005';
const staleCursor = 'KR006';
const cancelled = '57014';

/** Runs a plugin's statements as `PluginStore.run` promises. */
export async function runStatements(
  parts: RunParts,
  statements: readonly StoreStatement[],
  options: StoreRunOptions = {},
): Promise<readonly StoreAnswer[]> {
  checkStatements(statements);
  const { timeoutMs = defaultMs } = options;
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > longestMs) {
    throw fault('KORA_PLUGIN_STATEMENT_REFUSED', `timeoutMs ${timeoutMs} is not 1 to ${longestMs}`);
  }
  const before = [
    ...claimStatement(parts, options),
    ...cursorStatement(parts, options),
    ...roleStatements(parts.place),
  ];
  const own = statements.map(({ sql, values }) => ({ text: sql, values: plainValues(values) }));
  const limits = { timeoutMs, lockTimeoutMs: Math.min(lockMs, timeoutMs) };
  const result = await parts.place.batches.run([...before, ...own], limits);
  if (!result.ok) throw refusalOf(parts.plugin, result, options, before.length);
  if (result.tooLong) throw tooLong();
  return result.answers.slice(before.length).map(({ rows, count }: BatchAnswer) => ({ rows, count }));
}

function claimStatement(
  { place, workspaceId, sessionOf }: RunParts,
  { claim }: StoreRunOptions,
): BatchStatement[] {
  if (claim === undefined) return [];
  const session = sessionOf(claim);
  if (session === undefined) throw staleFence(claim);
  const values = [workspaceId, claim.ticketId, claim.fence, session];
  return [{ text: `select ${place.lent ? 'kora' : 'kora_plugin'}.hold_claim($1, $2, $3, $4)`, values }];
}

function cursorStatement(parts: RunParts, { cursor }: StoreRunOptions): BatchStatement[] {
  if (cursor === undefined) return [];
  const { plugin, place, workspaceId, holder } = parts;
  const values = [workspaceId, consumerOf(plugin, cursor.consumer), cursor.seq, holder];
  return place.lent
    ? [{ text: 'select kora.move_plugin_cursor($1, $2, $3, $4, $5)', values: [plugin, ...values] }]
    : [{ text: 'select kora_plugin.move_cursor($1, $2, $3, $4)', values }];
}

/** As the runtime names it: with the plugin's id before it. */
export function consumerOf(plugin: string, consumer: string): string {
  return consumer.startsWith(`${plugin}.`) ? consumer : `${plugin}.${consumer}`;
}

function refusalOf(
  plugin: string,
  { at, sqlstate, error }: Extract<BatchResult, { ok: false }>,
  { claim, cursor, timeoutMs = defaultMs }: StoreRunOptions,
  before: number,
): Error {
  const isOurs = at < before;
  if (isOurs && sqlstate === staleClaim && claim !== undefined) return staleFence(claim);
  if (isOurs && sqlstate === staleCursor && cursor !== undefined) {
    return fault(
      'KORA_CURSOR_STALE',
      `subscription ${consumerOf(plugin, cursor.consumer)} does not stand before event ${cursor.seq} here`,
      { details: { ...cursor } },
    );
  }
  if (sqlstate === cancelled) {
    return fault('KORA_TIMEOUT', `statements of plugin ${plugin} did not finish within ${timeoutMs} ms`);
  }
  return fault('KORA_PLUGIN_STATEMENT_FAILED', `plugin ${plugin}: ${messageOf(error)}`, {
    details: { statement: at - before, sqlstate, ...particulars(error) },
    cause: error,
  });
}

/** What of the database's refusal a program may want to branch on. */
function particulars(error: unknown): Record<string, string> {
  const found: Record<string, string> = {};
  for (const key of ['constraint', 'table', 'column', 'detail', 'hint']) {
    const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, key) : undefined;
    if (typeof value === 'string') found[key] = value.slice(0, 1_000);
  }
  return found;
}

function staleFence({ ticketId, fence }: { readonly ticketId: number; readonly fence: number }): Error {
  return fault('KORA_TICKET_STALE_FENCE', `ticket ${ticketId} is not held under fence ${fence} any more`, {
    details: { ticketId, fence },
  });
}

function tooLong(): Error {
  return fault(
    'KORA_PLUGIN_STATEMENT_FAILED',
    'the answer is longer than a million characters; what it changed is there',
    {
      fix: 'ask for fewer rows or columns: limit, and a key to go on from',
      details: { outcome: 'committed' },
    },
  );
}
