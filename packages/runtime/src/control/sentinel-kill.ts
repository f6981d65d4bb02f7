import type { Keeper } from './keeper/index.ts';
import type { Kill } from './kill.ts';

/** Carries out a kill that lies in the home: from the first moment of a process, long before a store answers. */
export function killBySentinel(
  keeper: Pick<Keeper, 'kills' | 'level' | 'sentinel' | 'onSentinel'>,
  kill: Kill,
): Disposable {
  const look = (): void => {
    if (keeper.kills())
      void kill.carryOut({
        level: keeper.level(),
        reason: keeper.sentinel()?.reason ?? 'a stop in the home',
      });
  };
  const listening = keeper.onSentinel(look);
  look();
  return listening;
}
