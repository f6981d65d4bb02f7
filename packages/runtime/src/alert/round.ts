import type { AlertCondition, AlertSource } from './contract.ts';
import { found, missed } from './follow.ts';
import type { Followed } from './follow.ts';
import { heard, unheard } from './hear.ts';
import type { Telling } from './hear.ts';
import type { AlertPolicy, AlertState } from './state.ts';
import { tell } from './telling.ts';
import type { Cooldowns, Told } from './telling.ts';

export interface Round {
  readonly now: number;
  /** Of this runtime. */
  readonly owner: string;
  readonly policy: AlertPolicy;
  /** Rows of what is not over or not told, and of every condition. */
  readonly alerts: readonly AlertState[];
  readonly conditions: readonly AlertCondition[];
  /** Whose facts could be read: of the others nothing is known, and nothing is over. */
  readonly judged: ReadonlySet<AlertSource>;
  readonly cooldowns: Cooldowns;
  readonly digestAt: number;
  /** Messages about what goes on, as they stand at their channels. */
  readonly tellings: readonly Telling[];
}

export interface Rounded extends Told {
  readonly followed: readonly Followed[];
  /** Keys of messages that go to their next channel: nobody took them in their time. */
  readonly passed: readonly string[];
}

/** One look at everything: what became of each alert, and who is told what. It writes and sends nothing. */
export function round(the: Round): Rounded {
  const conditions = new Map(
    the.conditions.map((each) => [nameOf({ ...each, owner: each.owner ?? '' }), each]),
  );
  const alerts = the.alerts.map((alert) => heard(alert, the.tellings));
  const followed = alerts.map((alert): Followed => {
    const condition = conditions.get(nameOf(alert));
    if (condition !== undefined) return found(alert, condition, the);
    if (!the.judged.has(alert.source)) return { alert, happened: null };
    return missed(alert, the);
  });
  const told = tell(followed, the);
  const limits = { now: the.now, receiptMs: the.policy.receiptMs };
  const passed = told.alerts.flatMap((alert) => unheard(alert, the.tellings, limits));
  return { followed, passed: [...new Set(passed)], ...told };
}

function nameOf({ source, key, owner }: Pick<AlertState, 'source' | 'key' | 'owner'>): string {
  return JSON.stringify([source, key, owner]);
}
