import type { Status } from '@kora/runtime/client';

/** The colours that carry meaning; each is a token of the visual language. */
export type Tone = 'ink' | 'dim' | 'boot' | 'ready' | 'active' | 'paused' | 'stopped' | 'stale';

/** Text classes by tone, written out because the style sheet is made from what stands in the source. */
export const toneText: Readonly<Record<Tone, string>> = {
  ink: 'text-ink',
  dim: 'text-dim',
  boot: 'text-boot',
  ready: 'text-ready',
  active: 'text-active',
  paused: 'text-paused',
  stopped: 'text-stopped',
  stale: 'text-stale',
};

export type PrimaryState = Status['primaryState'];

export interface StateLook {
  readonly word: string;
  readonly tone: Tone;
  /** One sentence that says what the state means. */
  readonly means: string;
}

export const stateLooks: Readonly<Record<PrimaryState, StateLook>> = {
  booting: { word: 'Booting', tone: 'boot', means: 'Passing its boot gates; no work is claimed yet.' },
  ready: { word: 'Ready', tone: 'ready', means: 'Awake with nothing in hand.' },
  active: { word: 'Active', tone: 'active', means: 'Working on a claimed ticket.' },
  paused: { word: 'Paused', tone: 'paused', means: 'Watching and telling, but claiming no work.' },
  stopped: { word: 'Stopped', tone: 'stopped', means: 'This process has ended its work for good.' },
};
