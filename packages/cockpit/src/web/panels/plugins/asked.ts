import type { PluginRowView } from '@kora/runtime/client';

export interface Asked {
  readonly capability: string;
  /** `new`: nobody agreed to it; `gone`: it was agreed to and is asked for no more. */
  readonly state: 'agreed' | 'new' | 'gone';
}

/** What a manifest asks for beside what the operator agreed to: what is new first. */
export function leaveOf({
  capabilities,
  approved,
}: Pick<PluginRowView, 'capabilities' | 'approved'>): readonly Asked[] {
  const agreed = new Set(approved?.capabilities ?? []);
  const asked = new Set(capabilities);
  const stateOf = (capability: string): Asked['state'] =>
    agreed.has(capability) ? (asked.has(capability) ? 'agreed' : 'gone') : 'new';
  const order = ['new', 'agreed', 'gone'];
  return [...new Set([...capabilities, ...agreed])]
    .map((capability) => ({ capability, state: stateOf(capability) }))
    .sort(
      (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.capability.localeCompare(b.capability),
    );
}
