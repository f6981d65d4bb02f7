import type { PageIncident, Standing, StatusPage } from './contract.ts';

/** One word for a state; colour never says it alone. */
export const stateWords: Readonly<Record<Standing, string>> = {
  healthy: 'Healthy',
  degraded: 'Degraded',
  failing: 'Failing',
  unknown: 'Unknown',
};

export const severityWords: Readonly<Record<PageIncident['severity'], string>> = {
  critical: 'Outage',
  warning: 'Degraded',
  info: 'Notice',
};

/** Of what goes back and forth, and stays one incident until it has been quiet. */
export const unstableWord = 'Unstable';

export const windowWords: Readonly<Record<string, string>> = {
  '24h': '24 hours',
  '7d': '7 days',
  '30d': '30 days',
  '90d': '90 days',
};

/** The first line of the page: how all of it is. */
export function headline({ groups }: StatusPage): string {
  const probes = groups.flatMap((group) => group.probes);
  const count = (state: Standing): number => probes.filter((probe) => probe.state === state).length;
  if (probes.length === 0) return 'Nothing is watched yet';
  if (count('failing') > 0) return `${count('failing')} of ${probes.length} failing`;
  if (count('degraded') > 0) return `${count('degraded')} of ${probes.length} degraded`;
  if (count('unknown') > 0) return `${count('unknown')} of ${probes.length} not known at the moment`;
  return 'Everything is healthy';
}

/** Cut and never rounded up: one bad look in a million is not 100 %. */
export function percent(share: number | null): string {
  if (share === null) return 'no data';
  const [whole = '0', part = ''] = (Math.floor(share * 100_000 + 1e-7) / 1_000).toFixed(3).split('.');
  const rest = part.replace(/0+$/, '');
  return `${whole}${rest === '' ? '' : `.${rest}`} %`;
}

/** `2026-11-21 12:00 UTC`: no reader's zone is known. */
export function instant(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
