import { fault, messageOf } from '../fault/index.ts';
import { codeOf } from '../store/index.ts';

/** What the triggers of 0016 answer to somebody who is no active operator of the workspace. */
const notAnOperator = 'KO001';

/** Runs a statement that only operators may; the database is the one to say so. Throws KORA_DECISION_DENIED. */
export async function operatorsOnly<T>(statement: () => Promise<T>): Promise<T> {
  try {
    return await statement();
  } catch (error) {
    if (codeOf(error) !== notAnOperator) throw error;
    throw fault('KORA_DECISION_DENIED', messageOf(error), { cause: error });
  }
}
