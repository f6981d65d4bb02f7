import { hostOf } from './host.ts';
import type { Fact, Scene } from './rule.ts';
import { isFailing } from './rule.ts';
import { named, ownHost } from './same-host.ts';
import { counted, listed } from './words.ts';

/** What else is unhealthy on other hosts, or that nothing is: a fault that stands alone has its cause nearby. */
export function elsewhere(scene: Scene): Fact | null {
  const host = ownHost(scene);
  const others = scene.states.filter((state) => state.name !== scene.order.probe);
  const failing = others.filter((state) => isFailing(state.status));
  const away = failing.filter((state) => host === null || hostOf(state) !== host);
  if (away.length > 0) {
    return {
      rule: 'elsewhere',
      line: `Also failing ${host === null ? 'now' : 'elsewhere'}: ${listed(away.map(named), 3)}.`,
      evidence: { failing: away.map((state) => state.name) },
    };
  }
  // A look from before the failure says nothing about now.
  const good = others.filter(
    (state) => state.status === 'healthy' && lookedAtSince(state.checkedAt, scene.failingSince),
  );
  if (failing.length > 0 || good.length === 0) return null;
  return {
    rule: 'elsewhere',
    line: `Nothing else fails: ${counted(good.length, 'other probe')} ${good.length === 1 ? 'was' : 'were'} good since then.`,
    evidence: { good: good.map((state) => state.name) },
  };
}

function lookedAtSince(checkedAt: string | null, since: string | null): boolean {
  return checkedAt !== null && since !== null && Date.parse(checkedAt) >= Date.parse(since);
}
