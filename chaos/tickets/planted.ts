/** Bugs that a judge must find. The first three are made in the statements, the others in the handlers. */
export const plantedBugs = [
  'no-fence-check',
  'reap-keeps-fence',
  'reap-forgets',
  'once-as-idempotent',
  'effect-repeated',
] as const;
export type PlantedBug = (typeof plantedBugs)[number];

interface Rewriting {
  readonly in: RegExp;
  readonly from: string;
  readonly to: string;
}

const rewritings: Partial<Record<PlantedBug, readonly Rewriting[]>> = {
  'no-fence-check': [
    {
      in: /delete from kora\.ticket_lease l using ending e/,
      from: 'and l.session_id is not distinct from $2::uuid and',
      to: 'and ($2::uuid is null or true) and',
    },
    {
      in: /delete from kora\.ticket_lease l using ending e/,
      from: 'and l.ticket_id = e.t and l.fence = e.f',
      to: 'and l.ticket_id = e.t',
    },
  ],
  // A ticket that comes back is given out again under the fence that it had; what would refuse that is gone as well.
  'reap-keeps-fence': [
    {
      in: /'the lease ran out', deferred_at/,
      from: "critical, fence, attempts, epoch, failures, 'released'",
      to: "critical, fence - 1, attempts, epoch, failures, 'released'",
    },
    {
      in: /'the lease ran out', deferred_at/,
      from: 'assigned_to, claimed_at\n    from reaped)',
      to: 'assigned_to, claimed_at from reaped on conflict do nothing)',
    },
    {
      in: /delete from kora\.ticket_lease l using ending e/,
      from: 'assigned_to, claimed_at from ended)',
      to: 'assigned_to, claimed_at from ended on conflict do nothing)',
    },
  ],
  'reap-forgets': [
    {
      in: /'the lease ran out', deferred_at/,
      from: 'from reaped where attempts <',
      to: 'from reaped where ticket_id % 3 <> 0 and attempts <',
    },
  ],
};

export function isPlanted(text: string | undefined): text is PlantedBug {
  return plantedBugs.some((one) => one === text);
}

/** Where a bug is made in a statement: the text as the bug would have it. Throws when the statement is another by now. */
export function spoiled(bug: PlantedBug | undefined, text: string): string {
  let spoilt = text;
  for (const rewriting of bug === undefined ? [] : (rewritings[bug] ?? [])) {
    if (!rewriting.in.test(text)) continue;
    if (!spoilt.includes(rewriting.from)) throw new Error(`${bug} has no place any more: ${rewriting.from}`);
    spoilt = spoilt.replace(rewriting.from, rewriting.to);
  }
  return spoilt;
}
