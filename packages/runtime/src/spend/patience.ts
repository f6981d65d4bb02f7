/** Where somebody sits and waits for the answer. */
const waitedFor: ReadonlySet<string> = new Set(['cli', 'cockpit', 'slack_dm']);

/**
 * Whether a call may be put off to another hour: nobody waits for it, and it is not critical. What can wait keeps the
 * month's pace, and stands back where a provider's own limits are near (state defect 31).
 */
export function canWait({
  route,
  critical = false,
}: {
  readonly route: string;
  readonly critical?: boolean | undefined;
}): boolean {
  return !critical && !waitedFor.has(route);
}

/** What a provider said is left of its limits, 0 to 1; null for what says nothing. */
export function headroomOf(said: number | undefined): number | null {
  return said !== undefined && said >= 0 && said <= 1 ? said : null;
}
