/** A key press, as far as it matters here. */
interface Typed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  /** Milliseconds, the clock of `begin`. */
  readonly at: number;
}

export interface TypedAhead {
  /** From now on letters are meant for the palette. */
  begin(at: number): void;
  /** Whether a press was kept for the palette, and is nobody else's. */
  takes(press: Typed): boolean;
  /** What was typed; the palette has the focus from here on. */
  take(): string;
}

/** How long a palette that never comes may have the keys, in milliseconds. */
const keptMs = 5_000;

/** The palette's code comes when it is first asked for: what is typed until it has a field is kept for it. */
export function createTypedAhead(): TypedAhead {
  let text = '';
  let since: number | null = null;
  return {
    begin(at): void {
      text = '';
      since = at;
    },
    takes({ key, ctrlKey, metaKey, altKey, at }): boolean {
      if (since === null || ctrlKey || metaKey || altKey) return false;
      if (key === 'Escape' || at - since > keptMs) {
        text = '';
        since = null;
        return false;
      }
      if (key === 'Backspace') text = text.slice(0, -1);
      else if (key.length === 1) text += key;
      else return false;
      return true;
    },
    take(): string {
      const typed = text;
      text = '';
      since = null;
      return typed;
    },
  };
}

/** Of this page. */
export const typedAhead: TypedAhead = createTypedAhead();
