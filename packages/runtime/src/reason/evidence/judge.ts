import type { Claim, Verdict } from '../contract.ts';

const longestClaim = 1_000;

/**
 * A verdict as it may be shown: a claim is proven when everything it cites was really read, and it cites something. The
 * confidence is what was said, and never more than the share of claims that are proven. A verdict without claims is one
 * claim that nothing proves.
 */
export function judgeVerdict(
  said: { readonly text: string; readonly claims?: readonly Claim[]; readonly confidence?: number },
  read: ReadonlySet<string>,
): Verdict {
  const given = said.claims ?? [];
  const cited = given.length > 0 ? given : [{ text: said.text.slice(0, longestClaim), evidence: [] }];
  const claims = cited.map(({ text, evidence }) => {
    const ids = [...new Set(evidence)];
    const unread = ids.filter((id) => !read.has(id));
    return { text, evidence: ids, unread, proven: ids.length > 0 && unread.length === 0 };
  });
  const share = claims.filter(({ proven }) => proven).length / claims.length;
  const confidence = said.confidence ?? 0;
  return { claims, confidence: confidence > 0 ? Math.min(confidence, share, 1) : 0 };
}

/** The ids that claims rest on. */
export function citedIn(claims: readonly Claim[] | undefined): readonly string[] {
  return [...new Set((claims ?? []).flatMap(({ evidence }) => evidence))];
}
