/** At most four reads a second of one list. */
export const refreshEveryMs = 250;

export interface RefreshPorts<Name extends string> {
  /** Reads a list; false when it could not be read and is still owed. */
  load(name: Name): Promise<boolean>;
  now(): number;
  after(ms: number, run: () => void): void;
}

export interface Refresher<Name extends string> {
  /** Says that a list is old. */
  stir(name: Name): void;
  /** Tries again what could not be read. */
  retry(): void;
  close(): void;
}

interface Turn {
  startedAt: number;
  state: 'idle' | 'waiting' | 'reading' | 'reading_and_old';
  owed: boolean;
}

/** Turns a burst of events into few reads: one in flight per list, the last event always followed by a read. */
export function createRefresher<Name extends string>(ports: RefreshPorts<Name>): Refresher<Name> {
  const turns = new Map<Name, Turn>();
  let closed = false;

  const turnOf = (name: Name): Turn => {
    const known = turns.get(name);
    if (known !== undefined) return known;
    const turn: Turn = { startedAt: Number.NEGATIVE_INFINITY, state: 'idle', owed: false };
    turns.set(name, turn);
    return turn;
  };

  const run = async (name: Name, turn: Turn): Promise<void> => {
    if (closed) return;
    turn.startedAt = ports.now();
    turn.state = 'reading';
    turn.owed = !(await ports.load(name));
    const old = (turn.state as Turn['state']) === 'reading_and_old';
    turn.state = 'idle';
    if (old) stir(name);
  };

  const stir = (name: Name): void => {
    const turn = turnOf(name);
    if (closed || turn.state === 'waiting') return;
    if (turn.state !== 'idle') {
      turn.state = 'reading_and_old';
      return;
    }
    turn.state = 'waiting';
    const due = turn.startedAt + refreshEveryMs - ports.now();
    ports.after(Math.max(0, due), () => void run(name, turn));
  };

  return {
    stir,
    retry(): void {
      for (const [name, turn] of turns) if (turn.owed) stir(name);
    },
    close(): void {
      closed = true;
    },
  };
}
