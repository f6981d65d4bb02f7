import type { CauseClass, Conclusion, Finding } from '../scene/contract.ts';
import type { LookedAt } from '../scene/looked-at.ts';
import type { DecidingLine } from './lines.ts';
import { linesOf } from './lines.ts';
import { questionAbout } from './question.ts';
import type { Subject } from './question.ts';
import { readAnswer } from './reading.ts';
import type { Reading } from './reading.ts';
import { speaksOf } from './speaks.ts';
import type { KeptAnswer, Think } from './think.ts';

/** What rules say of the state of the world, and of what it consists. */
export interface Ruled {
  readonly conclusion: Conclusion;
  /** Ids of all things that a cause may lie in. */
  readonly entities: readonly string[];
  /** What was read beside the findings. */
  readonly lines: readonly DecidingLine[];
  /** What was read for it, for whoever asks later. */
  readonly looked?: readonly LookedAt[];
}

/** What an investigation came to. */
export interface Diagnosis {
  /** `none`: nobody could say. */
  readonly rung: 'rules' | 'model' | 'none';
  readonly kind: 'concluded' | 'no_incident' | 'unproven' | 'abstained';
  readonly cause: CauseClass | null;
  readonly entities: readonly string[];
  /** 0 to 1. */
  readonly confidence: number | null;
  /** The diagnosis in words; null where rules alone speak through their findings. */
  readonly text: string | null;
  readonly next: string | null;
  readonly findings: readonly Finding[];
  /** What would have to be read or asked to know; empty where that is not known either. */
  readonly needs: readonly string[];
  /** Evidence ids that the diagnosis rests on. */
  readonly evidence: readonly string[];
  /** Why nobody who thinks could say; null when nobody was asked, or there is an answer. */
  readonly code: string | null;
  readonly answer: KeptAnswer | null;
}

/** Nothing is known of it, and no thinking makes it known: the operator says which one was meant. */
const notForThinking = new Set(['no_such_object']);

/**
 * Rules first: what they conclude costs nothing and stands. Only where they abstain is somebody asked who thinks, with
 * the deciding lines; and what that says is held against what rules found and what was really read.
 */
export async function diagnose(ruled: Ruled, subject: Subject, think: Think | null): Promise<Diagnosis> {
  const { conclusion } = ruled;
  if (conclusion.kind === 'concluded') {
    const { cause, entities, confidence, findings, next } = conclusion;
    const evidence = evidenceOf(findings);
    return {
      ...silent,
      rung: 'rules',
      kind: 'concluded',
      cause,
      entities,
      confidence,
      findings,
      evidence,
      next,
    };
  }
  if (conclusion.kind === 'no_incident') {
    const { why, findings } = conclusion;
    return {
      ...silent,
      rung: 'rules',
      kind: 'no_incident',
      text: why,
      findings,
      evidence: evidenceOf(findings),
    };
  }
  const { findings, why, needs, suggest = [] } = conclusion;
  const next = suggest.length > 0 ? `say which one was meant: ${suggest.join(', ')}.` : null;
  // That there is no evidence says nothing about where it may lie.
  const abstained = { ...silent, findings, next, needs: why === 'no_evidence' ? [] : needs };
  if (think === null || notForThinking.has(why)) return abstained;
  const lines = [...linesOf(findings), ...ruled.lines];
  const { answer, code } = await think(questionAbout(subject, { why, lines }));
  if (answer === null || code !== null) return { ...abstained, answer, code };
  return judged({ ...ruled, lines }, { ...abstained, answer }, readAnswer(answer.text));
}

const silent: Diagnosis = {
  rung: 'none',
  kind: 'abstained',
  cause: null,
  entities: [],
  confidence: null,
  text: null,
  next: null,
  findings: [],
  needs: [],
  evidence: [],
  code: null,
  answer: null,
};

/**
 * A verdict stands when every one of its claims rests on what was really read, something of that is about the cause at
 * all, the thing it blames is one that is there, and no deciding finding of rules says otherwise. Else it is shown as unproven and blames nothing: rules win.
 */
function judged({ entities, lines }: Ruled, abstained: Diagnosis, said: Reading): Diagnosis {
  const claims = abstained.answer?.verdict?.claims ?? [];
  const proven = claims.filter((claim) => claim.proven);
  const base: Diagnosis = {
    ...abstained,
    rung: 'model',
    kind: 'unproven',
    text: said.diagnosis,
    next: said.next ?? abstained.next,
    confidence: abstained.answer?.verdict?.confidence ?? 0,
    evidence: [...new Set(proven.flatMap(({ evidence }) => evidence))],
  };
  const { cause, entity } = said;
  if (cause === null || entity === null || !entities.includes(entity)) return base;
  if (claims.length === 0 || proven.length < claims.length) return base;
  if (!speaksOf(cause, base.evidence, lines)) return base;
  if (contradicts(abstained.findings, cause, entity)) return base;
  return { ...base, kind: 'concluded', cause, entities: [entity] };
}

function contradicts(findings: readonly Finding[], cause: CauseClass, entity: string): boolean {
  const deciding = findings.filter(({ weight }) => weight === 'deciding');
  return (
    deciding.length > 0 && !deciding.some((finding) => finding.cause === cause && finding.entity === entity)
  );
}

function evidenceOf(findings: readonly Finding[]): readonly string[] {
  return [...new Set(findings.flatMap(({ evidence }) => evidence))];
}
