/** A number, and what it rests on. */
export interface Figure {
  readonly value: number;
  readonly restsOn: string;
}

/** What a cadence would cost. A figure that nobody measured or said is null, and what follows from it is null too. */
export interface Forecast {
  readonly runsPerDay: Figure | null;
  readonly callsPerRun: Figure | null;
  readonly costPerCallMicroUsd: Figure | null;
  readonly perRunMicroUsd: number | null;
  readonly perDayMicroUsd: number | null;
  readonly perMonthMicroUsd: number | null;
}

/** Days of a month on average. */
const daysPerMonth = 365.25 / 12;
const dayMs = 86_400_000;

export function runsPerDayOf(everyMs: number): number {
  return dayMs / everyMs;
}

/** Prices a cadence before it is enabled. */
export function forecastOf(known: {
  readonly runsPerDay: Figure | null;
  readonly callsPerRun: Figure | null;
  readonly costPerCallMicroUsd: Figure | null;
}): Forecast {
  const { runsPerDay, callsPerRun, costPerCallMicroUsd } = known;
  // Work that calls no model costs nothing, whatever a call would cost.
  const perRun = callsPerRun?.value === 0 ? 0 : product(callsPerRun?.value, costPerCallMicroUsd?.value);
  const perDay = perRun === 0 ? 0 : product(perRun, runsPerDay?.value);
  return {
    ...known,
    perRunMicroUsd: rounded(perRun),
    perDayMicroUsd: rounded(perDay),
    perMonthMicroUsd: rounded(product(perDay, daysPerMonth)),
  };
}

function product(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one * other;
}

function rounded(amount: number | undefined): number | null {
  return amount === undefined || !Number.isFinite(amount) ? null : Math.ceil(amount);
}
