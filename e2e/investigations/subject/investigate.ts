// The code under test, in a process of its own that may read sources and snapshots and nothing else: what is true of a case
// lies where it is denied. Started by ../harness.ts, told its orders by message.
import type { Answered, AskedOutside, Orders, Said } from './speech.ts';
import { workAll } from './work.ts';

process.once('message', (orders: unknown) => {
  const tell = (told: unknown): void => void process.send?.(told);
  void workAll(orders as Orders, { tell, ask }).finally(() => process.disconnect());
});

/** A model lives outside: it knows the case. */
function ask(question: AskedOutside): Promise<Said> {
  return new Promise((resolve) => {
    const hear = (message: unknown): void => {
      const answer = message as Answered;
      if (answer.number !== question.number) return;
      process.off('message', hear);
      resolve(answer);
    };
    process.on('message', hear);
    process.send?.(question);
  });
}
