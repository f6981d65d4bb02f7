import { liveSignSchema } from '@kora/runtime/client';
import { type ReactNode, useEffect, useState } from 'react';
import { jsonOf } from '../../api/json-of.ts';
import { oneLine } from '../../kit/plain.ts';
import { Prose } from '../../kit/text.tsx';

/** Characters that are kept of what is being said: the whole of it stands on the page when it has ended. */
const most = 20_000;
/** Milliseconds between two drawings of it. */
const drawnEveryMs = 100;

interface Said {
  readonly text: string;
  /** What it does just now: a model or a tool by name, or what it waits for. */
  readonly doing: string | null;
  /** From when on nothing is missed. */
  readonly listens: boolean;
}

const nothing: Said = { text: '', doing: null, listens: false };

/** A call that runs, as it speaks. What it said before this page listened is not kept for anybody. */
export function Live({ runId }: { readonly runId: string }): ReactNode {
  const { text, doing, listens } = useLive(runId);
  return (
    <section aria-label="As it speaks" aria-live="off" className="space-y-1">
      <p className="text-xs text-active">{doing === null ? 'Under way.' : `Under way: ${oneLine(doing)}`}</p>
      {text === '' ? (
        <p className="text-dim">{listens ? 'Nothing was said since this page listens.' : 'Not heard yet.'}</p>
      ) : (
        <Prose>{text}</Prose>
      )}
    </section>
  );
}

function useLive(runId: string): Said {
  const [said, setSaid] = useState(nothing);
  useEffect(() => {
    let now = nothing;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setSaid(now);
      }, drawnEveryMs);
    };
    const source = new EventSource(`/api/reason/live?run=${encodeURIComponent(runId)}`);
    source.addEventListener('sign', ({ data }: MessageEvent<unknown>) => {
      const sign = liveSignSchema.safeParse(jsonOf(data));
      if (!sign.success) return;
      now =
        sign.data.kind === 'text'
          ? { ...now, text: (now.text + sign.data.delta).slice(-most) }
          : { ...now, doing: sign.data.what };
      draw();
    });
    const listens = (is: boolean) => (): void => {
      now = { ...now, listens: is };
      draw();
    };
    source.addEventListener('open', listens(true));
    source.addEventListener('error', listens(false));
    // That it ended says nothing of the call: how that stands is read from the runtime.
    source.addEventListener('bye', () => source.close());
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [runId]);
  return said;
}
