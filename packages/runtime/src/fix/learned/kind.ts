import type { ChangeKindSpec, ChangePlace, ChangeSeen, Overlay } from '../contract.ts';
import type { FixesOptions } from '../ports.ts';
import type { Envelopes, RegisteredFix } from '../envelopes.ts';
import { envelopeValue, fitted } from './value.ts';
import type { EnvelopeValue } from './value.ts';

const inWords = {
  off: 'is not tried',
  approve: 'is tried once the operator has said yes to each attempt',
  auto: 'is tried by itself, under a grant',
} as const;

/** The bounds of a fix, learned over the envelope that a plugin brings. The key is `probe/fix`. */
export function envelopeKind(envelopes: Envelopes, riskOf: FixesOptions['riskOf']): ChangeKindSpec {
  return {
    kind: 'fix.envelope',
    means:
      'How a fix of a probe may be tried: after the operator’s word or by itself, and how often in an hour.',
    value: envelopeValue,
    examine: ({ key, value }) =>
      Promise.resolve(seen(envelopes, riskOf, { key, value: envelopeValue.parse(value) })),
    places: () => Promise.resolve(envelopes.list().map((fix) => placeOf(envelopes, riskOf, fix))),
    take: (overlays: readonly Overlay[]) => {
      envelopes.learn(
        overlays.flatMap(({ key, value, proposalId, revision }) => {
          const { data } = envelopeValue.safeParse(value);
          return data === undefined ? [] : [{ key, value: data, proposalId, revision }];
        }),
      );
      return Promise.resolve();
    },
  };
}

function seen(
  envelopes: Envelopes,
  riskOf: FixesOptions['riskOf'],
  { key, value }: { readonly key: string; readonly value: EnvelopeValue },
): ChangeSeen {
  const base = envelopes.brought(key);
  if (base === undefined) {
    return {
      title: `fix ${key}`,
      risk: 'high',
      lines: [],
      blastRadius: 'nothing here',
      refusal: `there is no fix ${key} here; its parts are a probe and the name of a fix`,
    };
  }
  const now = envelopes.get(base.probe, base.fixName)?.bounds;
  const { mode, perTargetPerHour, risk, refusal } = fitted(base, value, riskOf(base.capability));
  const wanted = { mode: value.mode ?? mode, perTargetPerHour: value.perTargetPerHour ?? perTargetPerHour };
  const lines = [
    { path: 'mode', before: now?.mode ?? base.mode, after: wanted.mode },
    {
      path: 'limits.perTargetPerHour',
      before: String(now?.perTargetPerHour ?? base.limits.perTargetPerHour),
      after: String(wanted.perTargetPerHour),
    },
  ];
  return {
    title: `${base.fixName} of ${base.probe} (${base.title}) ${inWords[wanted.mode]}`,
    risk,
    lines: lines.filter(({ before, after }) => before !== after),
    blastRadius: `up to ${wanted.perTargetPerHour} attempts an hour at each target that ${base.probe} names`,
    refusal,
  };
}

function placeOf(
  envelopes: Envelopes,
  riskOf: FixesOptions['riskOf'],
  { envelope, bounds }: RegisteredFix,
): ChangePlace {
  const { probe, fixName, capability } = envelope;
  const key = `${probe}/${fixName}`;
  return {
    key,
    value: { ...bounds },
    facts: { capability, risk: riskOf(capability) ?? 'high', learned: envelopes.learnedAt(key) ?? null },
  };
}
