import type { DegradationReason, Hold, HoldCause, StateInputs } from './derive.ts';

type Field = keyof StateInputs;
/** `after` is everything as it would be, for a rule about two inputs. */
type Rule<F extends Field> = (from: StateInputs[F], to: StateInputs[F], after: StateInputs) => boolean;
type Same = { readonly [F in Field]: (from: StateInputs[F], to: StateInputs[F]) => boolean };

/** How a cause may change each input; an input without a rule stays as it is. */
export type Guard = { readonly [F in Field]?: Rule<F> };

const unchanged: Same = {
  boot: (from, to) => from === to,
  holds: (from, to) => comes(from, to).length === 0 && comes(to, from).length === 0,
  stopLevel: (from, to) => from === to,
  killed: (from, to) => from === to,
  liveClaims: (from, to) => from === to,
  failing: (from, to) => from.size === to.size && isWithin(from, to),
};

/** The inputs that changed in a way the guard does not allow. */
export function refusedBy(guard: Guard, from: StateInputs, to: StateInputs): Field[] {
  const refused = <F extends Field>(field: F, rule: Rule<F> | undefined): Field[] => {
    if (unchanged[field](from[field], to[field])) return [];
    return rule?.(from[field], to[field], to) === true ? [] : [field];
  };
  return [
    ...refused('boot', guard.boot),
    ...refused('holds', guard.holds),
    ...refused('stopLevel', guard.stopLevel),
    ...refused('killed', guard.killed),
    ...refused('liveClaims', guard.liveClaims),
    ...refused('failing', guard.failing),
  ];
}

/** The holds that are in `to` and were not in `from`. */
export function comes(from: readonly Hold[], to: readonly Hold[]): Hold[] {
  const known = new Set(from.map(nameOf));
  return to.filter((hold) => !known.has(nameOf(hold)));
}

/** A hold may get another reason, but never another cause. */
function nameOf({ holdId, cause }: Hold): string {
  return `${cause} ${holdId}`;
}

/** Holds of these causes may come; none may go. */
export function moreHolds(causes: readonly HoldCause[]): Rule<'holds'> {
  return (from, to) =>
    comes(to, from).length === 0 && comes(from, to).every(({ cause }) => causes.includes(cause));
}

/** Holds may go, of these causes if any are named; none may come. */
export function fewerHolds(causes?: readonly HoldCause[]): Rule<'holds'> {
  return (from, to) =>
    comes(from, to).length === 0 && comes(to, from).every(({ cause }) => causes?.includes(cause) ?? true);
}

export const moreReasons: Rule<'failing'> = (from, to) => isWithin(from, to);

/** Reasons may go, of these if any are named; none may come. */
export function fewerReasons(reasons?: readonly DegradationReason[]): Rule<'failing'> {
  return (from, to) =>
    isWithin(to, from) && [...from].every((reason) => to.has(reason) || (reasons?.includes(reason) ?? true));
}

function isWithin<T>(part: ReadonlySet<T>, whole: ReadonlySet<T>): boolean {
  return [...part].every((each) => whole.has(each));
}
