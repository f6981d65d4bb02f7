import { canonicalJson } from '../chain/index.ts';
import type { ChangeLine } from './contract.ts';
import type { ProposalRow } from './rows.ts';
import type { RevisionRow } from './step-rows.ts';
import type { ProposalView, RevisionDiff } from './view.ts';

/** A proposal as an operator is shown it. */
export function proposalView(row: ProposalRow): ProposalView {
  const { draft, examination } = row.content;
  const { title, why, change, evidence, baseline, expected } = draft;
  return {
    id: row.id,
    loop: row.loop,
    fingerprint: row.fingerprint,
    revision: row.revision,
    digest: row.digest,
    decision: row.decision,
    application: row.application,
    title,
    why,
    risk: row.risk,
    change,
    evidence,
    baseline,
    expected,
    examination,
    proposedAt: row.proposedAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
    decidedBy: row.decidedBy,
    appliedAt: row.appliedAt?.toISOString() ?? null,
    trialUntil: row.application === 'applied' ? (row.trialUntil?.toISOString() ?? null) : null,
    measure: row.measure,
    measuredAt: row.measuredAt?.toISOString() ?? null,
    supersededBy: row.supersededBy,
  };
}

/** Path by path, where two revisions say different things. */
export function revisionDiff(from: RevisionRow, to: RevisionRow): RevisionDiff {
  const before = leavesOf(from.content.draft);
  const after = leavesOf(to.content.draft);
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  const lines = paths.flatMap((path): ChangeLine[] => {
    const line = { path, before: before.get(path) ?? null, after: after.get(path) ?? null };
    return line.before === line.after ? [] : [line];
  });
  return { from: from.revision, to: to.revision, lines };
}

function leavesOf(value: unknown, path = '', into: Map<string, string> = new Map()): Map<string, string> {
  if (typeof value !== 'object' || value === null) into.set(path, canonicalJson(value ?? null));
  else {
    for (const [name, each] of Object.entries(value))
      leavesOf(each, path === '' ? name : `${path}.${name}`, into);
  }
  return into;
}
