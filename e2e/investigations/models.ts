import type { AskedOutside, Said } from './subject/speech.ts';
import type { Truth } from './truth.ts';
import type { WholeWorld } from './world.ts';

/** Of which case a model is asked, for scripts that know. */
export interface Asking {
  readonly truth: Truth;
  readonly world: WholeWorld;
}

type Script = (question: AskedOutside, asking: Asking) => Said;

/** Models by script. What they make of a question depends on what they are shown, and on nothing that chance decides. */
export const models = {
  /**
   * Reads well: it knows the cause as soon as a line that decides it is in front of it, and says that it does not know
   * when none is. What it solves is what the right lines were picked for.
   */
  reader: ({ quoted }, { truth: { reader } }) => {
    const seen = quoted
      .flatMap(({ evidenceId }) => evidenceId ?? [])
      .filter((id) => reader?.sees.includes(id));
    const [entity] = reader?.entities ?? [];
    if (reader === undefined || entity === undefined || seen.length === 0) return doesNotKnow;
    return saying(reader.cause, entity, seen.slice(0, 3));
  },
  /** Sure of itself, on evidence that it makes up. */
  liar: (_, { world }) => saying('disk_full', entityOf(world), ['log:made-up#7']),
  /** Sure of itself, on whatever was quoted first. */
  stubborn: ({ quoted }, { world }) => {
    const ids = quoted.flatMap(({ evidenceId }) => evidenceId ?? []);
    return ids.length === 0 ? doesNotKnow : saying('disk_full', entityOf(world), ids.slice(0, 1));
  },
} satisfies Readonly<Record<string, Script>>;

export type ModelName = keyof typeof models;

const doesNotKnow: Said = {
  text: 'Nothing that I was shown decides it, so the cause is unproven.\nNext step: read more of it.',
  claims: [],
  confidence: 0,
};

function saying(cause: string, entity: string, evidence: readonly string[]): Said {
  const text = `It is ${cause}, and it lies in ${entity}.`;
  return {
    text: `${text}\nCause: ${cause} at ${entity}\nNext step: mend ${entity}.`,
    claims: [{ text, evidence }],
    confidence: 0.9,
  };
}

function entityOf({ entities }: WholeWorld): string {
  return entities.find(({ kind }) => kind === 'unit')?.id ?? entities[0]?.id ?? 'unit:none';
}
