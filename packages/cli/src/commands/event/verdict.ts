import type { Console } from '../../output/console.ts';
import { counted } from '../../output/count.ts';
import { plain } from '../../output/style.ts';

/** What a pass found, of the store or of a file. */
export interface Verdict {
  readonly ok: boolean;
  readonly checked: number;
  readonly problem?: string | undefined;
  readonly firstBadSeq?: number | undefined;
  readonly detail?: string | undefined;
  /** The last event that there should be. */
  readonly last: number;
  readonly completeness?:
    | {
        readonly redacted: number;
        readonly prunedThrough: number;
        readonly checkpoints: number;
        readonly checkpointedThrough: number;
      }
    | undefined;
}

/** Integrity first: what is there proves, or which event is the first that does not. Then what is complete, apart. */
export function verdictLines(found: Verdict, out: Console): readonly string[] {
  const { style } = out;
  const at = found.firstBadSeq === undefined ? '' : ` at #${found.firstBadSeq}`;
  const integrity = found.ok
    ? [`${style.good('ok')}  ${counted(found.checked, 'event')} checked`]
    : [
        `${style.bad(found.problem ?? 'broken')}${at}  after ${counted(found.checked, 'event')} checked`,
        ...(found.detail === undefined ? [] : [plain(found.detail)]),
      ];
  if (found.completeness === undefined || (found.ok && found.checked === 0)) return integrity;
  const { redacted, prunedThrough } = found.completeness;
  const gone = [
    ...(prunedThrough === 0 ? [] : [`events up to #${prunedThrough} are not in it`]),
    ...(redacted === 0 ? [] : [`${counted(redacted, 'body', 'bodies')} redacted, as events say`]),
  ];
  const whole = found.ok ? ['nothing is missing from what was checked'] : [];
  const complete = gone.length === 0 ? whole : [gone.join('; ')];
  return [
    ...integrity,
    ...out.facts([
      ...complete.map((words) => ['complete', words] as const),
      ['vouched for', vouched(found.completeness, found.last)],
    ]),
  ];
}

function vouched(
  { checkpoints, checkpointedThrough: through }: NonNullable<Verdict['completeness']>,
  last: number,
): string {
  if (checkpoints === 0) return 'by no signed checkpoint';
  const signed = `up to #${through}, by ${counted(checkpoints, 'signed checkpoint')}`;
  return through >= last ? signed : `${signed}; what came after by nobody but the database`;
}
