import { figuresOf } from '../../bench/figures.ts';
import type { Result, Worked } from './harness.ts';
import { outcomes } from './score.ts';
import type { Outcome } from './score.ts';
import { groups } from './truth.ts';
import type { Group } from './truth.ts';

export type Rung = 'alone' | 'together';

export interface Tally {
  readonly cases: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Share of what was cited that exists, was read, and is not from after the verdict; null where nothing was cited. */
  readonly evidenceValid: number | null;
  /** Mean precision at full recall over the cases that ask for a place; null where none does. */
  readonly precision: number | null;
  readonly ms: { readonly p50: number; readonly p99: number };
  /** Share of the cases that came out right without a model. */
  readonly atZeroTokens: number;
  /** Cases in which a model was asked, and the characters that it was shown. */
  readonly asked: number;
  readonly characters: number;
}

/** Counts runs of a group, or of all. Throws when there are none: a figure of nothing is not published. */
export function tally(result: Result, rung: Rung, group?: Group): Tally {
  const worked = result.worked.filter(({ truth }) => group === undefined || truth.group === group);
  if (result.worked.length === 0) throw new Error('there are no runs to count');
  const scores = worked.map((each) => each[rung].score);
  const cited = sum(scores.map((score) => score.cited));
  const asked = worked.filter((each) => each[rung].run.characters > 0);
  const precisions = scores.flatMap(({ precision }) => precision ?? []);
  const { p50, p99 } = figuresOf(worked.map((each) => each[rung].run.ms));
  return {
    cases: worked.length,
    outcomes: countsOf(worked, rung),
    evidenceValid: cited === 0 ? null : sum(scores.map((score) => score.valid)) / cited,
    precision: precisions.length === 0 ? null : sum(precisions) / precisions.length,
    ms: { p50, p99 },
    atZeroTokens:
      worked.length === 0 ? 0 : worked.filter((each) => isRight(each, rung)).length / worked.length,
    asked: asked.length,
    characters: sum(asked.map((each) => each[rung].run.characters)),
  };
}

function isRight(worked: Worked, rung: Rung): boolean {
  const { score, run } = worked[rung];
  return run.characters === 0 && (score.outcome === 'solved' || score.outcome === 'abstained_right');
}

/** Lines for people: a table by group, and each case that did not come out right. Throws when there are no runs. */
export function reportOf(result: Result): string[] {
  const rungs: readonly Rung[] = result.model === null ? ['alone'] : ['alone', 'together'];
  return rungs.flatMap((rung) => [
    `${rung === 'alone' ? result.rung : `${result.rung}, then model ${result.model}`}: ${result.worked.length} runs`,
    ...tableOf(result, rung),
    '',
    ...result.worked.flatMap((each) => lineOf(each, rung)),
    '',
  ]);
}

function tableOf(result: Result, rung: Rung): string[] {
  const head = [
    'group',
    'cases',
    ...outcomes,
    'evidence valid',
    'precision',
    'p50 ms',
    'p99 ms',
    'right at zero tokens',
    'asked',
    'characters',
  ];
  const present = groups.filter((group) => result.worked.some(({ truth }) => truth.group === group));
  const rows = [...present, undefined].map((group) => {
    const {
      cases,
      outcomes: counts,
      evidenceValid,
      precision,
      ms,
      atZeroTokens,
      asked,
      characters,
    } = tally(result, rung, group);
    const figures = outcomes.map((outcome) => counts[outcome]);
    return [
      group ?? 'all',
      cases,
      ...figures,
      share(evidenceValid),
      share(precision),
      ms.p50,
      ms.p99,
      share(atZeroTokens),
      asked,
      characters,
    ];
  });
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
}

function lineOf({ truth, seed, ...by }: Worked, rung: Rung): string[] {
  const { score, run } = by[rung];
  if (score.outcome === 'solved' || score.outcome === 'abstained_right') return [];
  const { conclusion } = run;
  const said =
    conclusion.kind === 'concluded'
      ? `${conclusion.cause} at ${conclusion.entities.join(', ')}`
      : conclusion.kind;
  return [
    `${truth.id} (seed ${seed}) ${score.outcome}: said ${said}; ${score.faults.slice(0, 4).join('; ')}`,
  ];
}

function countsOf(worked: readonly Worked[], rung: Rung): Record<Outcome, number> {
  const counts = Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
  for (const each of worked) counts[each[rung].score.outcome] += 1;
  return counts;
}

function share(value: number | null): string {
  return value === null ? '-' : `${Math.round(value * 1000) / 10} %`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
