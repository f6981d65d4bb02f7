import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/**
 * What is wrong, at the place where it is wrong: where a value may have one of several shapes, of the shape that it comes
 * nearest to. "Invalid input" helps nobody who has written one key of one probe wrong.
 */
export function preciseIssues(issues: readonly Issue[]): readonly Pick<Issue, 'path' | 'message'>[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'invalid_union') return [issue];
    const [nearest, ...others] = issue.errors.toSorted((one, other) => farness(one) - farness(other));
    if (nearest === undefined) return [issue];
    const [kind] = nearest.filter(isOtherKind);
    // Not one of the shapes is meant by its name: what they are called is what helps.
    if (kind !== undefined && others.length > 0) return [namesOf(issue.path, issue.errors)];
    return preciseIssues(nearest).map(({ path, message }) => ({ path: [...issue.path, ...path], message }));
  });
}

/** A shape that calls itself otherwise is farther away than any number of wrong keys. */
function farness(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => sum + (isOtherKind(issue) ? 1_000 : 1), 0);
}

function isOtherKind(issue: Issue): boolean {
  return issue.code === 'invalid_value' && issue.values.length === 1;
}

function namesOf(
  path: readonly PropertyKey[],
  shapes: readonly (readonly Issue[])[],
): Pick<Issue, 'path' | 'message'> {
  const named = shapes.flatMap((issues) => issues.filter(isOtherKind));
  const names = named.flatMap((issue) => (issue.code === 'invalid_value' ? issue.values.map(String) : []));
  return {
    path: [...path, ...(named[0]?.path ?? [])],
    message: `must be one of ${[...new Set(names)].join(', ')}`,
  };
}
