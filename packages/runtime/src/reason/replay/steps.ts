import { usdOf } from '../../spend/index.ts';
import type { CallRecord, FullRecord, ToolCallRecord } from './record.ts';

/** One thing that happened in a run, in a line. */
export interface Step {
  readonly what: 'asked' | 'handed' | 'model_call' | 'tool_call' | 'ended';
  readonly words: string;
}

/** What happened in a run, in its order. */
export function stepsOf(record: FullRecord): readonly Step[] {
  const { run, calls, toolCalls } = record;
  const timed = [
    ...calls.map((call) => ({ at: call.startedAt, what: 'model_call' as const, words: callWords(call) })),
    ...toolCalls.map((call) => ({ at: call.at, what: 'tool_call' as const, words: toolWords(call) })),
  ].sort((a, b) => a.at.getTime() - b.at.getTime());
  return [
    { what: 'asked', words: `${run.asker} asked on route ${run.route}, woken by ${run.receipt.wake}` },
    ...handed(record),
    ...timed.map(({ what, words }) => ({ what, words })),
    { what: 'ended', words: endWords(record) },
  ];
}

function handed({ run, inputs }: FullRecord): readonly Step[] {
  if (run.engine === null) return [];
  const to = `engine ${run.engine}, at rung ${run.receipt.rung}`;
  if (inputs === null) return [{ what: 'handed', words: `${to}; what it was handed is not kept` }];
  const { turns, quoted, tools, highestTier, snapshot, identity } = inputs;
  const parts = [
    `identity ${identity.name}`,
    `${turns.length} turns`,
    `${quoted.length} quoted texts`,
    `${tools.length} tools`,
    snapshot === null ? 'no fresh snapshot' : 'a fresh snapshot',
    `models up to ${highestTier ?? 'none'}`,
  ];
  return [{ what: 'handed', words: `${to}, with ${parts.join(', ')}` }];
}

function callWords({ model, outcome, usage, costMicroUsd, estimated, reservedMicroUsd }: CallRecord): string {
  if (outcome === null)
    return `${model}: nobody said how it ended; ${dollars(reservedMicroUsd)} stay reserved`;
  const tokens = usage === null ? 'tokens unknown' : `${inputOf(usage)} tokens in, ${usage.outputTokens} out`;
  return `${model}: ${outcome}, ${tokens}, ${dollars(costMicroUsd ?? 0)}${estimated === true ? ' (estimated)' : ''}`;
}

function inputOf(usage: NonNullable<CallRecord['usage']>): number {
  return usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
}

function toolWords({ tool, status, outcome, durationMs }: ToolCallRecord): string {
  const cause = outcome.status === 'refused' ? ` (${outcome.cause})` : '';
  const read = outcome.status === 'ok' ? `, ${factsOf(outcome.evidence.length)} read` : '';
  return `${tool}: ${status}${cause} in ${durationMs} ms${read}`;
}

function endWords({ run }: FullRecord): string {
  const { calls, costMicroUsd, estimated, model, routing, phrasebookVersion, learned = [] } = run.receipt;
  if (run.by === 'phrasebook') {
    const entries = learned.map(
      ({ key, revision }) => `, by ${JSON.stringify(key)} as learned in revision ${revision}`,
    );
    return `answered by version ${phrasebookVersion} of the phrasebook, at no cost${entries.join('')}`;
  }
  const why = [run.error, run.why].filter((each) => each !== null).join(': ');
  const by = model === null ? '' : ` by ${model}${routing === null ? '' : ` (${routing})`}`;
  const took = `${calls === 1 ? '1 call' : `${calls} calls`}, ${dollars(costMicroUsd)}${estimated ? ' (some of it estimated)' : ''}`;
  return `${run.status}${why === '' ? '' : ` (${why})`}${by}: ${took}`;
}

function factsOf(count: number): string {
  return count === 1 ? '1 fact' : `${count} facts`;
}

function dollars(microUsd: number): string {
  return `$${usdOf(microUsd)}`;
}
