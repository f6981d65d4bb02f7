/** What is taken for fine and for bad, and how often either may be mistaken. */
export interface Hypotheses {
  /** Share of bad cases that is as it should be, above 0. */
  readonly fine: number;
  /** Share that is not to be borne, above `fine`. */
  readonly bad: number;
}

/** A sound change is taken back once in a hundred trials; a bad one is held for sound once in twenty. */
const falseAlarm = 0.01;
const missed = 0.05;
const upper = Math.log((1 - missed) / falseAlarm);
const lower = Math.log(missed / (1 - falseAlarm));

/**
 * Wald's sequential test, case by case in the order they came, so that it may be looked at each hour without making an
 * alarm more likely. It never trusts for good: what was sound for long is watched on from the lower bound, and a turn to the
 * worse is found as fast as at the beginning. `worse` stays.
 */
export class Sequence {
  readonly #ifBad: number;
  readonly #ifGood: number;
  #likelihood = 0;
  #isWorse = false;
  #isSound = false;
  cases = 0;
  bad = 0;

  constructor({ fine, bad }: Hypotheses) {
    this.#ifBad = Math.log(bad / fine);
    this.#ifGood = Math.log((1 - bad) / (1 - fine));
  }

  see(isBad: boolean): void {
    this.cases += 1;
    if (isBad) this.bad += 1;
    this.#likelihood += isBad ? this.#ifBad : this.#ifGood;
    if (this.#likelihood >= upper) this.#isWorse = true;
    if (this.#likelihood > lower) return;
    this.#isSound = true;
    this.#likelihood = lower;
  }

  get verdict(): 'worse' | 'sound' | 'unclear' {
    if (this.#isWorse) return 'worse';
    return this.#isSound ? 'sound' : 'unclear';
  }

  /** Null of nothing. */
  get share(): number | null {
    return this.cases === 0 ? null : this.bad / this.cases;
  }
}
