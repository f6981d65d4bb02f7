// The code under test, in a process of its own that may read sources and snapshots and nothing else: what is true of a case
// lies where it is denied. Started by ../harness.ts, told its orders by message.
import type { Answered, AskedOutside, Orders, Said, Told } from './speech.ts';
import { workAll } from './work.ts';

process.once('message', (orders: unknown) => {
  void workAll(orders as Orders, { tell, ask }).finally(() => process.disconnect());
});

/** Waits until it is out: what a world of a hundred thousand lines gives to read does not fit into the pipe at once. */
function tell(told: Told): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(told, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });
}

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
