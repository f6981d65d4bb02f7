import { messageOf } from '../../fault/index.ts';
import type { ChangeLine, ChangeSeen } from './contract.ts';

/** Lines of what would be other, of fields as they are and as they would be; null where one is not there. */
export function changed(
  before: Readonly<Record<string, unknown>> | null,
  after: Readonly<Record<string, unknown>>,
): ChangeLine[] {
  return Object.entries(after).flatMap(([path, value]) => {
    const line = { path, before: said(before?.[path]), after: said(value) };
    return line.before === line.after ? [] : [line];
  });
}

function said(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A change that cannot even be read. */
export function unreadable(title: string, why: string): ChangeSeen {
  return { title, risk: 'high', lines: [], blastRadius: 'nothing', refusal: why };
}

/** What a check says, as words; undefined where it has nothing against it. */
export function refusalOf(check: () => string | undefined): string | undefined {
  try {
    return check();
  } catch (error) {
    return messageOf(error);
  }
}
