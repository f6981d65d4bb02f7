import type { DecisionLabels } from '../contract.ts';

const isKnown: DecisionLabels = { approve: 'I know of it', deny: 'Quiet for an hour' };

/** What either answer does, in the words of a button; a kind that is not here is approved or denied. */
const labels: Readonly<Record<string, DecisionLabels>> = {
  alert: isKnown,
  incident: isKnown,
  ticket: { approve: 'Let it go on', deny: 'Cancel it' },
  held_tools: { approve: 'Offer them', deny: 'Leave them held' },
  promotion: { approve: 'Do it, on trial', deny: 'Leave it as it is' },
  // Whatever is said to a drill, it was heard.
  drill: { approve: 'I heard this', deny: 'Heard, and not now' },
};

export function labelsOf(kind: string): DecisionLabels | undefined {
  return Object.hasOwn(labels, kind) ? labels[kind] : undefined;
}
