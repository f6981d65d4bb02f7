/** The instant the tests pretend it is: every sample lies a little before it. */
export const noon = '2026-11-21T12:00:00.000Z';

/** ISO time so many seconds before noon. */
export function before(seconds: number): string {
  return new Date(Date.parse(noon) - seconds * 1_000).toISOString();
}
