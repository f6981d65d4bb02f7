import type { HistoryLook, PastQuestion, PromotionContext } from '@kora/runtime/plugin';
import { everyRow } from '../reading/pages.ts';
import { Tally } from '../figures/tally.ts';

/** How a route used what it was offered: only what was recorded counts, nothing is concluded from other routes. */
export class RouteUse {
  /** Requests of which is known what they were offered. */
  requests = 0;
  /** Model calls of them. */
  modelCalls = 0;
  broken = 0;
  readonly offered = new Map<string, number>();
  readonly called = new Map<string, number>();
  /** Of each tool, the newest run that called it. */
  readonly lastCaller = new Map<string, string>();
  readonly cost = new Tally();
  readonly samples: { readonly text: string; readonly ref: string }[] = [];

  add({ runId, advertised, tools, calls, status, costMicroUsd, text }: PastQuestion): void {
    if (advertised === null) return;
    this.requests += 1;
    this.modelCalls += calls;
    this.cost.add(costMicroUsd);
    if (status !== 'answered') this.broken += 1;
    for (const tool of new Set(advertised)) this.offered.set(tool, (this.offered.get(tool) ?? 0) + 1);
    for (const tool of new Set(tools)) {
      this.called.set(tool, (this.called.get(tool) ?? 0) + 1);
      this.lastCaller.set(tool, runId);
    }
    if (this.samples.length < 20)
      this.samples.push({
        text: `${text.slice(0, 120)} (called ${tools.length === 0 ? 'nothing' : tools.join(', ').slice(0, 120)})`,
        ref: `run ${runId}`,
      });
  }
}

/** How each route used its tools, in questions that a model answered. */
export async function usesOf(
  { history }: PromotionContext,
  { look, signal }: { readonly look: HistoryLook; readonly signal: AbortSignal },
): Promise<{ readonly uses: ReadonlyMap<string, RouteUse>; readonly observed: number }> {
  const uses = new Map<string, RouteUse>();
  const visit = (row: PastQuestion): void => {
    // Without a call of a model nothing was offered to anybody.
    if (row.by === 'phrasebook' || row.calls === 0) return;
    const use = uses.get(row.route) ?? new RouteUse();
    uses.set(row.route, use);
    use.add(row);
  };
  const observed = await everyRow((query) => history.questions(query), { look }, { signal, visit });
  return { uses, observed };
}
