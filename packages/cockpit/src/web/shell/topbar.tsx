import { CircleHelp, Monitor, Moon, Sun } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Chip } from '../kit/chip.tsx';
import { StateGlyph } from '../kit/glyphs.tsx';
import { For } from '../kit/text.tsx';
import { stateLooks, toneText } from '../kit/tone.ts';
import { useLink, useList } from '../store/use.ts';
import { LinkChip } from './link-chip.tsx';
import { setSetting, type Settings, useSettings } from './settings.ts';

/** The bar that is always there: what Kora is doing, and whether this page may be believed. */
export function Topbar({
  menu,
  onHelp,
}: {
  readonly menu: ReactNode;
  readonly onHelp: () => void;
}): ReactNode {
  const status = useList('status');
  const degraded = (status?.degradationReasons.length ?? 0) > 0;
  return (
    <header
      className={`sticky top-0 z-20 flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 border-b bg-surface px-3 py-1.5 ${degraded ? 'border-b-2 border-paused' : 'border-line'}`}
    >
      {menu}
      <StateBadge />
      <div className="ml-auto flex items-center gap-1">
        <LinkChip />
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
