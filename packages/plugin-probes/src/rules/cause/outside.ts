import type { Entity, Finding } from '../../scene/contract.ts';
import { oneLine } from '../words.ts';
import { isWell, statementsOf } from '../world/statements.ts';
import type { CauseRule, Study } from '../world/study.ts';
import { pointsElsewhere, publicHostsIn, sayingOf } from './catalogue.ts';

const mostFindings = 5;

/** Faults that point at machines of others: what goes on there nobody here can see. */
export const outside: CauseRule = (study) => {
  const found = statementsOf(study).flatMap((statement): Finding[] => {
    const cause = sayingOf(statement.text)?.cause;
    const blames =
      pointsElsewhere.test(statement.text) || cause === 'auth' || cause === 'rate_limited' || cause === 'dns';
    if (!blames || statement.source === 'entity' || statement.source === 'unit') return [];
    const host = publicHostsIn(statement.text).find((name) => isOutside(name, study));
    return host === undefined ? [] : [findingOf(host, statement)];
  });
  const known = [...study.lineage.entities.values()].flatMap((entity): Finding[] =>
    isOfOthers(entity) && !isWell(entity.state) && entity.state !== ''
      ? [findingOf(entity.name, { entity: entity.id, evidence: entity.id, at: null, text: entity.state })]
      : [],
  );
  return [...known, ...found].slice(0, mostFindings);
};

function findingOf(
  host: string,
  said: {
    readonly entity: string;
    readonly evidence: string;
    readonly at: number | null;
    readonly text: string;
  },
): Finding {
  return {
    rule: 'outside',
    cause: 'unknown',
    entity: said.entity,
    text: `It points at ${oneLine(host, 100)}, which belongs to others and cannot be seen from here: "${oneLine(said.text, 160)}".`,
    evidence: [said.evidence],
    at: said.at,
    weight: 'supporting',
    fix: `ask whoever runs ${oneLine(host, 100)}, or read its status page`,
  };
}

function isOutside(host: string, { lineage, scene }: Study): boolean {
  const entity = lineage.named(host);
  // What the order looks at is ours, by whatever name.
  return entity === null ? !scene.order.target.includes(host) : isOfOthers(entity);
}

export function isOfOthers({ labels }: Entity): boolean {
  const label =
    labels['external'] ?? labels['third_party'] ?? labels['vendor'] ?? labels['provider'] ?? 'false';
  return label !== 'false' && label !== 'no' && label !== '';
}
