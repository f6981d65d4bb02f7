import type { CauseClass, Finding, Memory } from '../../scene/contract.ts';
import { oneLine } from '../words.ts';
import { evidenceId } from '../world/study.ts';
import type { Study } from '../world/study.ts';
import { sayingOf } from './catalogue.ts';

/**
 * What was concluded before is held against what is seen now. It never decides: it stands beside a finding that says
 * the same, and is refused and told when what is seen says something else or nothing of the kind.
 */
export function remembered(found: readonly Finding[], { scene, lineage }: Study): readonly Finding[] {
  const deciding = found.filter(({ weight }) => weight === 'deciding');
  return scene.memories.flatMap((memory): Finding[] => {
    if (!lineage.entities.has(memory.entity)) return [];
    const cause = causeOf(memory);
    const agreeing = deciding.find((finding) => finding.cause === cause && finding.entity === memory.entity);
    return [
      agreeing === undefined || memory.outcome === 'wrong'
        ? refused(memory, deciding)
        : agreed(memory, agreeing),
    ];
  });
}

function agreed(memory: Memory, finding: Finding): Finding {
  const often = memory.outcome === 'confirmed' ? ', and acting on it helped' : '';
  return {
    rule: 'remembered',
    cause: finding.cause,
    entity: memory.entity,
    text: `It was concluded before${often}: "${oneLine(memory.claim, 160)}". What is seen now says the same.`,
    evidence: [evidenceId('memory', memory.id)],
    at: null,
    weight: 'supporting',
  };
}

function refused(memory: Memory, deciding: readonly Finding[]): Finding {
  const [seen] = deciding;
  const why =
    seen === undefined
      ? 'nothing that is seen now supports it'
      : `what is seen now is something else (${seen.cause})`;
  return {
    rule: 'memory_refused',
    cause: 'unknown',
    entity: memory.entity,
    text: `A memory is refused and should be marked wrong: "${oneLine(memory.claim, 160)}"; ${why}.`,
    evidence: [evidenceId('memory', memory.id), ...(seen?.evidence.slice(0, 1) ?? [])],
    at: null,
    weight: 'supporting',
  };
}

function causeOf({ cause, claim }: Memory): CauseClass | undefined {
  return cause ?? sayingOf(claim)?.cause;
}
