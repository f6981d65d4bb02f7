import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleX,
  Hourglass,
  Info,
  type LucideIcon,
  OctagonAlert,
  TriangleAlert,
  Unplug,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { plain } from './plain.ts';
import { type Tone, toneText } from './tone.ts';

/** A status as icon, word and colour; each of the three says it alone. */
export interface Look {
  readonly icon: LucideIcon;
  readonly word: string;
  readonly tone: Tone;
}

export function Mark({ look, title }: { readonly look: Look; readonly title?: string }): ReactNode {
  const Icon = look.icon;
  return (
    <span
      className={`inline-flex items-center gap-1.5 align-bottom whitespace-nowrap ${toneText[look.tone]}`}
      title={title}
    >
      <Icon size={14} strokeWidth={2} aria-hidden="true" className="shrink-0" />
      {look.word}
    </span>
  );
}

const good = (word: string): Look => ({ icon: CircleCheck, word, tone: 'ready' });
const busy = (word: string): Look => ({ icon: CircleDot, word, tone: 'active' });
const idle = (word: string): Look => ({ icon: CircleDashed, word, tone: 'dim' });
const warn = (word: string): Look => ({ icon: TriangleAlert, word, tone: 'paused' });
const bad = (word: string): Look => ({ icon: CircleX, word, tone: 'stopped' });

const looks: Readonly<Record<string, Readonly<Record<string, Look>>>> = {
  probe: {
    healthy: good('healthy'),
    degraded: warn('degraded'),
    unhealthy: bad('unhealthy'),
    unreachable: { icon: Unplug, word: 'unreachable', tone: 'stopped' },
    unconfigured: idle('unconfigured'),
  },
  daemon: {
    registered: idle('registered'),
    starting: busy('starting'),
    running: good('running'),
    backing_off: { icon: Hourglass, word: 'backing off', tone: 'stopped' },
    standby: idle('standby'),
    failed: bad('failed'),
    stopping: idle('stopping'),
    stopped: idle('stopped'),
    quarantined: { icon: Ban, word: 'quarantined', tone: 'stopped' },
  },
  gate: {
    pass: good('passed'),
    fail: bad('failed'),
    unavailable: warn('unavailable'),
    not_reached: idle('not reached'),
  },
  severity: {
    critical: { icon: OctagonAlert, word: 'critical', tone: 'stopped' },
    warning: warn('warning'),
    info: { icon: Info, word: 'info', tone: 'dim' },
  },
  outcome: {
    ok: good('ok'),
    noop: idle('nothing to do'),
    failed: bad('failed'),
    error: bad('error'),
    timeout: { icon: Hourglass, word: 'timed out', tone: 'stopped' },
    skipped: idle('skipped'),
  },
  delivery: { pending: busy('sending'), delivered: good('delivered'), failed: bad('not delivered') },
  incident: { open: { icon: CircleAlert, word: 'open', tone: 'stopped' }, resolved: good('resolved') },
  plugin: {
    proven: good('proven'),
    loaded: good('loaded'),
    loading: busy('loading'),
    indexed: idle('indexed'),
    degraded: warn('degraded'),
    incompatible: bad('incompatible'),
    denied: { icon: Ban, word: 'denied', tone: 'paused' },
    parked: { icon: Hourglass, word: 'waits for your word', tone: 'paused' },
    quarantined: { icon: Ban, word: 'quarantined', tone: 'stopped' },
    draining: idle('draining'),
    stopped: idle('stopped'),
  },
  ticket: {
    assigned: idle('assigned'),
    waiting: { icon: Hourglass, word: 'waits for others', tone: 'dim' },
    claimed: busy('claimed'),
    in_progress: busy('in progress'),
    released: idle('released'),
    expired: warn('lease lost'),
    failed_retryable: warn('retryable'),
    deferred_cost_limit: { icon: Hourglass, word: 'deferred: cost', tone: 'paused' },
    blocked_needs_operator: { icon: CircleAlert, word: 'needs operator', tone: 'paused' },
    completed: good('completed'),
    failed_terminal: bad('failed'),
    cancelled: { icon: Ban, word: 'cancelled', tone: 'dim' },
  },
};

export type LookKind =
  | 'probe'
  | 'daemon'
  | 'gate'
  | 'severity'
  | 'outcome'
  | 'delivery'
  | 'incident'
  | 'plugin'
  | 'ticket';

/** How a status looks. Null is "unknown"; a word this page was not told of is shown as it is. */
export function lookOf(kind: LookKind, status: string | null): Look {
  if (status === null) return { icon: CircleDashed, word: 'unknown', tone: 'stale' };
  return looks[kind]?.[status] ?? { icon: CircleDot, word: plain(status), tone: 'dim' };
}
