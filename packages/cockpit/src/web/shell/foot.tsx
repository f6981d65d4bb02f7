import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { count, duration, signed } from '../kit/format.ts';
import { Line } from '../kit/text.tsx';
import { clockSkewMs } from '../store/link.ts';
import { useLink, useList, useModel, useNow } from '../store/use.ts';

/** The system strip: which build this is, since when, where the chain is, and how far the clocks are apart. */
export function Foot(): ReactNode {
  const status = useModel((model) => model.lists.status.good);
  const boot = useList('boot');
  const seq = useModel((model) => model.seq);
  const build = useModel((model) => model.build);
  const skewMs = useModel((model) => (model.link.beat === null ? null : clockSkewMs(model.link)));
  const now = useNow();
  const live = useLink().verdict === 'live';
  const lastBeat = useModel((model) => model.link.beat);
  const beat = live ? lastBeat : null;
  if (status === null) return null;
  const uptimeMs = status.data.uptimeMs + Math.max(0, now - status.receivedAt);
  return (
    <footer className="border-t border-line bg-surface px-4 py-1.5 text-xs text-dim">
      <dl className="flex flex-wrap gap-x-5 gap-y-0.5 tabular-nums">
        <Item name="Version">
          <Line>{build ?? status.data.version}</Line>
        </Item>
        <Item name="Up">{duration(live ? Math.floor(uptimeMs / 1_000) * 1_000 : null)}</Item>
        <Item name="Boot">#{count(boot?.bootId)}</Item>
        <Item name="Sequence">#{count(seq)}</Item>
        <Item name="Unsealed">{count(live ? status.data.chain?.unsealed : null)}</Item>
        <Item name="Event lag">{beat?.eventLagMs === null ? 'none yet' : millis(beat?.eventLagMs)}</Item>
        <Item name="Store">{millis(beat?.storeMs)}</Item>
        <Item name="Streams">{count(beat?.streams)}</Item>
        <Item name="Clock">{skewMs === null ? 'unknown' : <Skew ms={skewMs} />}</Item>
        <Item name="Process">{status.data.pid}</Item>
        <Item name="More">
          <Link href="/diagnostics" className="text-active underline">
            diagnostics
          </Link>
        </Item>
      </dl>
    </footer>
  );
}

/** Milliseconds beyond which the two clocks are said to differ. */
const skewToldMs = 2_000;

/** Ages go by the runtime's clock; that this machine's is another one is worth a word. */
function Skew({ ms }: { readonly ms: number }): ReactNode {
  if (Math.abs(ms) <= skewToldMs) return signed(ms);
  return (
    <span className="text-paused" title="Ages here go by the runtime's clock">
      {signed(ms)}: this machine is {ms > 0 ? 'behind' : 'ahead'}
    </span>
  );
}

function millis(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? 'unknown' : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

function Item({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className="flex gap-1.5">
      <dt>{name}</dt>
      <dd className="text-ink">{children}</dd>
    </div>
  );
}
