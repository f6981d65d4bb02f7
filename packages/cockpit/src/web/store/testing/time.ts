/** A clock that stands until it is told to pass. */
export interface Time {
  now(): number;
  after(ms: number, run: () => void): void;
  /** Lets time pass, runs what falls due in order, and lets every promise settle in between. */
  pass(ms: number): Promise<void>;
}

/** Time as the page's ports see it, in a test's hands. Begins at 0. */
export function createTime(): Time {
  let now = 0;
  const due: { at: number; run: () => void }[] = [];
  const settle = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 0));
  return {
    now: () => now,
    after: (ms, run) => {
      due.push({ at: now + ms, run });
    },
    async pass(ms): Promise<void> {
      const end = now + ms;
      await settle();
      for (;;) {
        const next = due.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        due.splice(due.indexOf(next), 1);
        now = Math.max(now, next.at);
        next.run();
        await settle();
      }
      now = end;
    },
  };
}
