import { CircleHelp, Monitor, Moon, OctagonX, Settings2, Sun } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Button } from '../kit/button.tsx';
import { Chip } from '../kit/chip.tsx';
import { StateGlyph } from '../kit/glyphs.tsx';
import { count } from '../kit/format.ts';
import { dollars } from '../kit/money.ts';
import { For } from '../kit/text.tsx';
import { stateLooks, type Tone, toneText } from '../kit/tone.ts';
import { heldBy } from '../store/held.ts';
import { needsOf } from '../store/needs.ts';
import { useScope } from '../store/use-deeds.ts';
import { useLink, useList, useModel } from '../store/use.ts';
import { LinkChip } from './link-chip.tsx';
import { HoldButton } from '../kit/hold.tsx';
import { PauseAct, ResumeAct } from './pause-act.tsx';
import { setSetting, type Settings, useSettings } from './settings.ts';
import { useStop } from './stop-open.ts';

/** The bar that is always there: what Kora is doing, and whether this page may be believed. */
export function Topbar({
  menu,
  onHelp,
  onSettings,
}: {
  readonly menu: ReactNode;
  readonly onHelp: () => void;
  readonly onSettings: () => void;
}): ReactNode {
  const status = useList('status');
  const degraded = (status?.degradationReasons.length ?? 0) > 0;
  return (
    <header
      className={`sticky top-0 z-20 flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 border-b bg-surface px-3 py-1.5 ${degraded ? 'border-b-2 border-paused' : 'border-line'}`}
    >
      {menu}
      <StateBadge />
      <NeedsChip />
      <SpendChip />
      <div className="ml-auto flex flex-wrap items-center gap-1">
        <LinkChip />
        <HoldButton />
        <Powers />
        <ThemeButton />
        <button
          type="button"
          className={`${iconButton} max-sm:hidden`}
          aria-label="Keys"
          title="Keys (?)"
          onClick={onHelp}
        >
          <CircleHelp size={16} aria-hidden="true" />
        </button>
        <button
          type="button"
          className={iconButton}
          aria-label="Settings"
          title="Settings"
          onClick={onSettings}
        >
          <Settings2 size={16} aria-hidden="true" />
        </button>
      </div>
    </header>
  );
}

export const iconButton =
  'grid size-8 shrink-0 place-items-center rounded-sm text-dim hover:bg-raised hover:text-ink';

function StateBadge(): ReactNode {
  const status = useList('status');
  const { verdict } = useLink();
  const believed = verdict === 'live' || verdict === 'connecting';
  if (status === null) {
    return (
      <span className="flex items-center gap-2 text-stale">
        <StateGlyph state={null} size={18} /> State unknown
      </span>
    );
  }
  const look = stateLooks[status.primaryState];
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
      <Link
        href="/"
        title={believed ? look.means : 'What was last known'}
        className={`flex items-center gap-2 text-base font-semibold ${believed ? toneText[look.tone] : 'text-stale'}`}
      >
        <StateGlyph state={status.primaryState} size={18} />
        {believed ? look.word : `Was ${look.word.toLowerCase()}`}
      </Link>
      {believed ? (
        <>
          <span className="text-dim max-sm:hidden">
            for <For since={status.since} />
            <Cause />
          </span>
          <Permission claimPermission={status.claimPermission} />
        </>
      ) : null}
      {status.stopLevel > 0 ? <Chip tone="stopped">stop L{status.stopLevel}</Chip> : null}
      {status.holds.map((hold) => (
        <Chip key={hold.holdId} tone="paused" title={hold.reason}>
          hold: {hold.cause}
        </Chip>
      ))}
      {status.degradationReasons.map((reason) => (
        <Chip key={reason} tone="paused">
          degraded: {reason.replaceAll('_', ' ')}
        </Chip>
      ))}
    </div>
  );
}

/** Why it is in this state: the typed cause of the last transition. */
function Cause(): ReactNode {
  const history = useList('state')?.transition_history ?? [];
  const last = history.reduce<(typeof history)[number] | null>(
    (newest, each) => (newest === null || each.n > newest.n ? each : newest),
    null,
  );
  if (last?.cause === undefined || last.cause === null) return null;
  return <span className="max-md:hidden"> · {last.cause.replaceAll(/[._]/g, ' ')}</span>;
}

/** How many things wait for the operator; none while that is not known. */
function NeedsChip(): ReactNode {
  const lists = useModel((model) => model.lists);
  const { items, unknown } = needsOf(lists);
  const { verdict } = useLink();
  const waiting = items.filter((need) => !need.taken).length;
  if (waiting === 0)
    return unknown.length > 0 || verdict !== 'live' ? null : (
      <span className="text-dim max-md:hidden">nothing needs you</span>
    );
  return (
    <Link href="/">
      <Chip tone="stopped">
        {unknown.length > 0 ? 'at least ' : ''}
        {count(waiting)} {waiting === 1 ? 'needs' : 'need'} you
      </Chip>
    </Link>
  );
}

const rungTones: Readonly<Record<string, Tone>> = {
  normal: 'dim',
  warn_75: 'paused',
  downshift_90: 'paused',
  hard_stop_100: 'stopped',
};

/** Money against the ladder; absent while no pool is set. */
function SpendChip(): ReactNode {
  const spend = useList('status')?.spend ?? null;
  if (spend === null) return null;
  const { spentUsd, poolUsd, rung, effectiveTier } = spend;
  return (
    <Link href="/cost" className="max-sm:hidden">
      <Chip tone={rungTones[rung] ?? 'dim'} title={`Models: ${effectiveTier}`}>
        {dollars(spentUsd)} of {dollars(poolUsd)} spent
        {rung === 'normal' ? null : `; models: ${effectiveTier}`}
      </Chip>
    </Link>
  );
}

/** Pause, resume and stop, as far as this session may; that it may not is said. */
function Powers(): ReactNode {
  const status = useList('status');
  const caller = useList('caller');
  const mayStop = useScope('stop');
  const stop = useStop();
  const held = status !== null && heldBy(status).length > 0;
  const readOnly = caller !== null && !caller.scopes.includes('operate');
  return (
    <>
      {readOnly ? (
        <Chip title="This session lacks the scope operate: nothing here can be changed by it.">
          read only
        </Chip>
      ) : null}
      <span className="flex items-center gap-1 max-sm:hidden">{held ? <ResumeAct /> : <PauseAct />}</span>
      {mayStop ? (
        <Button
          look="stop"
          data-key="stop"
          aria-haspopup="dialog"
          title="Stop Kora (Ctrl+Shift+S)"
          className="h-9"
          onClick={() => stop()}
        >
          <OctagonX size={16} aria-hidden="true" />
          Stop
        </Button>
      ) : null}
    </>
  );
}

const permissionWords = {
  normal: 'claims work',
  critical_only: 'claims critical work only',
  none: 'claims no work',
} as const;

function Permission({
  claimPermission,
}: {
  readonly claimPermission: keyof typeof permissionWords;
}): ReactNode {
  const tone = claimPermission === 'normal' ? 'text-dim' : 'text-paused';
  return <span className={`max-sm:hidden ${tone}`}>{permissionWords[claimPermission]}</span>;
}

const themes: readonly Settings['theme'][] = ['system', 'light', 'dark'];
const themeIcons = { system: Monitor, light: Sun, dark: Moon } as const;

function ThemeButton(): ReactNode {
  const { theme } = useSettings();
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system';
  const Icon = themeIcons[theme];
  return (
    <button
      type="button"
      className={iconButton}
      aria-label={`Theme: ${theme}. Change to ${next}.`}
      title={`Theme: ${theme}`}
      onClick={() => setSetting('theme', next)}
    >
      <Icon size={16} aria-hidden="true" />
    </button>
  );
}
