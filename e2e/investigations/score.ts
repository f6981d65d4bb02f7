import type { Conclusion, Finding } from '../../packages/plugin-probes/src/scene/contract.ts';
import type { Evidence } from './evidence.ts';
import type { Aliases, Truth } from './truth.ts';

/** What came of one case. */
export interface Run {
  readonly id: string;
  readonly conclusion: Conclusion;
  /** Every id that was read before the verdict. */
  readonly read: readonly string[];
  /** The instant of the verdict on the case's clock. */
  readonly at: number;
  readonly ms: number;
  /** Evidence ids that were put before a model; empty when none was asked. */
  readonly shown: readonly string[];
  /** Characters of the question and of all that was quoted in it. */
  readonly characters: number;
}

/**
 * `solved`: cause, place and evidence are right. `abstained_right`: there was nothing to know and that was said for the
 * right reason. `missed`: there was, and it said that it does not know. `abstained_otherwise`: for another reason.
 * `confident_wrong`: something else was said to be the cause, or a cause where none can be known, and it was sure.
 * `wrong`: the same without being sure. `unproven`: right, on evidence that is none.
 */
export const outcomes = [
  'solved',
  'abstained_right',
  'missed',
  'abstained_otherwise',
  'unproven',
  'wrong',
  'confident_wrong',
] as const;
export type Outcome = (typeof outcomes)[number];

export interface Score {
  readonly id: string;
  readonly outcome: Outcome;
  /** Ids that were cited, and those of them that exist, were read and are not from after the verdict. */
  readonly cited: number;
  readonly valid: number;
  /** Precision of the named places when all true ones are among them, else 0; null where no place is asked for. */
  readonly precision: number | null;
  /** What was held against it, for people. */
  readonly faults: readonly string[];
}

/** From here on whoever says something is sure of it. */
const sure = 0.5;

/** Holds a run against the truth. Nobody's judgement is in it: sets, classes, ids and times. */
export function scoreRun(run: Run, truth: Truth, evidence: Evidence): Score {
  const { conclusion } = run;
  const ids = [...new Set(conclusion.findings.flatMap((finding) => finding.evidence))];
  const seen = new Set(run.read);
  const invalid = ids.flatMap((id) => faultOf(id, { seen, at: run.at }, evidence) ?? []);
  const against = [...invalid, ...againstTruth(conclusion, truth, ids)];
  const precision = precisionOf(conclusion, truth.roots);
  return {
    id: run.id,
    outcome: outcomeOf(conclusion, truth, against),
    cited: ids.length,
    valid: ids.length - invalid.length,
    precision,
    faults: against,
  };
}

function faultOf(
  id: string,
  { seen, at }: { readonly seen: ReadonlySet<string>; readonly at: number },
  evidence: Evidence,
): string | undefined {
  const time = evidence.timeOf(id);
  if (time === undefined) return `evidence ${id} does not exist`;
  if (time !== null && time > at) return `evidence ${id} is from after the verdict`;
  if (!seen.has(id) && !seen.has(evidence.sourceOf(id))) return `evidence ${id} was not read`;
  return undefined;
}

function outcomeOf(conclusion: Conclusion, truth: Truth, against: readonly string[]): Outcome {
  if (conclusion.kind === 'abstained') return abstained(truth, against);
  if (conclusion.kind === 'no_incident') {
    if (truth.expect !== 'quiet') return 'confident_wrong';
    return against.length === 0 ? 'solved' : 'unproven';
  }
  if (against.length === 0) return 'solved';
  const isTrue = against.every((fault) => /^evidence\b/.test(fault));
  if (isTrue) return 'unproven';
  return conclusion.confidence >= sure ? 'confident_wrong' : 'wrong';
}

function abstained(truth: Truth, against: readonly string[]): Outcome {
  if (truth.abstain === undefined && truth.expect !== 'alarm') return 'missed';
  return against.length === 0 ? 'abstained_right' : 'abstained_otherwise';
}

/** Where a conclusion departs from the truth; what begins with "evidence" is about proof, the rest about what is so. */
function againstTruth(conclusion: Conclusion, truth: Truth, ids: readonly string[]): string[] {
  switch (conclusion.kind) {
    case 'concluded':
      return againstCause(conclusion, truth, ids);
    case 'abstained':
      return againstAbstention(conclusion, truth);
    case 'no_incident':
      return [...lacking(truth, ids), ...(truth.expect === 'quiet' ? [] : ['it is an incident'])];
  }
}

function againstCause(
  conclusion: Extract<Conclusion, { kind: 'concluded' }>,
  truth: Truth,
  ids: readonly string[],
): string[] {
  if (truth.expect === 'abstain' || truth.expect === 'quiet') return ['there is no cause to be known'];
  const { cause, entities, findings, next } = conclusion;
  const text = `${findings.map((finding) => finding.text).join('\n')}\n${next}`;
  const unsaid = truth.says.filter((word) => !new RegExp(word, 'i').test(text));
  return [
    ...(truth.causes.includes(cause) || truth.expect === 'alarm' ? [] : [`the cause is not ${cause}`]),
    ...truth.roots.filter((root) => !isNamed(root, entities)).map((root) => `${root[0] ?? ''} is not named`),
    ...entities
      .filter((each) => !truth.roots.some((root) => root.includes(each)))
      .map((each) => `it is not ${each}`),
    ...unsaid.map((word) => `evidence: nothing says ${word}`),
    ...lacking(truth, ids),
    ...restingOn(truth.rejects, findings),
  ];
}

function againstAbstention(
  { why, needs, suggest = [], findings }: Extract<Conclusion, { kind: 'abstained' }>,
  { abstain, rejects }: Truth,
): string[] {
  if (abstain === undefined) return [];
  const text = [...needs, ...suggest, ...findings.map((finding) => finding.text)].join('\n');
  return [
    ...(abstain.why.includes(why) ? [] : [`the reason is not ${why}`]),
    ...abstain.names
      .filter((name) => !new RegExp(name, 'i').test(text))
      .map((name) => `it does not name ${name}`),
    ...restingOn(rejects, findings),
  ];
}

function lacking({ deciding }: Truth, ids: readonly string[]): string[] {
  return deciding
    .filter((any) => !any.some((wanted) => ids.some((id) => id === wanted || id.startsWith(`${wanted}@`))))
    .map((any) => `evidence: none of ${any.slice(0, 3).join(', ')} is cited`);
}

function restingOn(rejects: readonly string[], findings: readonly Finding[]): string[] {
  const deciding = findings.filter(({ weight }) => weight === 'deciding');
  return rejects
    .filter((id) => deciding.some((finding) => finding.evidence.includes(id)))
    .map((id) => `it rests on ${id}`);
}

function isNamed(root: Aliases, entities: readonly string[]): boolean {
  return root.some((alias) => entities.includes(alias));
}

function precisionOf(conclusion: Conclusion, roots: readonly Aliases[]): number | null {
  if (roots.length === 0) return null;
  if (conclusion.kind !== 'concluded') return 0;
  const { entities } = conclusion;
  if (!roots.every((root) => isNamed(root, entities))) return 0;
  return entities.filter((each) => roots.some((root) => root.includes(each))).length / entities.length;
}
