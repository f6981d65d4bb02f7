import { type ReactNode, Suspense, useCallback, useMemo, useState } from 'react';
import { useScope } from '../store/use-deeds.ts';
import { Guarded } from './guarded.tsx';
import { later } from './later.ts';
import type { PaletteEntry } from './palette-entries.ts';
import type { OpenStop } from './stop-open.ts';
import type { StopLevel } from './stop-rules.ts';

const StopDialog = later(() => import('./stop-dialog.tsx').then((m) => m.StopDialog));
const Sheet = later(() => import('./sheet.tsx').then((m) => m.Sheet));
const SettingsDialog = later(() => import('./settings-dialog.tsx').then((m) => m.SettingsDialog));
const Palette = later(() => import('./palette.tsx').then((m) => m.Palette));

/** What lies over the page, and the ways to open each of it. */
export interface OverlayState {
  /** Null until it was opened once; then it stays, so that closing gives the focus back. */
  readonly palette: boolean | null;
  readonly sheet: boolean | null;
  readonly stop: { readonly open: boolean; readonly level: StopLevel } | null;
  readonly settings: boolean | null;
  readonly openSheet: () => void;
  readonly openPalette: () => void;
  readonly openSettings: () => void;
  readonly openStop: OpenStop;
  readonly close: (name: 'palette' | 'sheet' | 'stop' | 'settings') => void;
}

/** The dialogs of the shell. Each only opens by these; nothing is done by opening. */
export function useOverlays(): OverlayState {
  const [sheet, setSheet] = useState<boolean | null>(null);
  const [palette, setPalette] = useState<boolean | null>(null);
  const [stop, setStop] = useState<OverlayState['stop']>(null);
  const [settings, setSettings] = useState<boolean | null>(null);
  const openSheet = useCallback(() => setSheet(true), []);
  const openPalette = useCallback(() => setPalette(true), []);
  const openSettings = useCallback(() => setSettings(true), []);
  const openStop = useCallback<OpenStop>((level = 1) => setStop({ open: true, level }), []);
  const close = useCallback<OverlayState['close']>((name) => {
    if (name === 'palette') setPalette(false);
    else if (name === 'sheet') setSheet(false);
    else if (name === 'settings') setSettings(false);
    else setStop((before) => (before === null ? null : { ...before, open: false }));
  }, []);
  return { sheet, palette, stop, settings, openSheet, openPalette, openSettings, openStop, close };
}

export function Overlays({ overlays }: { readonly overlays: OverlayState }): ReactNode {
  const { sheet, palette, stop, settings, close, openStop, openSettings } = overlays;
  const mayStop = useScope('stop');
  const deeds = useMemo<readonly PaletteEntry[]>(
    () => [
      ...(mayStop ? [{ title: 'Stop Kora…', what: 'do', href: '', run: () => openStop() }] : []),
      { title: 'Settings…', what: 'do', href: '', run: openSettings },
    ],
    [mayStop, openStop, openSettings],
  );
  return (
    <>
      <Guarded about={`${stop?.open} ${settings} ${palette} ${sheet}`}>
        <Suspense fallback={null}>
          {sheet === null ? null : <Sheet open={sheet} close={() => close('sheet')} />}
          {palette === null ? null : <Palette open={palette} close={() => close('palette')} deeds={deeds} />}
          {stop === null ? null : <StopDialog {...stop} close={() => close('stop')} />}
          {settings === null ? null : <SettingsDialog open={settings} close={() => close('settings')} />}
        </Suspense>
      </Guarded>
    </>
  );
}
