import type { BusyHouse } from './house.ts';
import { openBrowser } from '../../e2e/harness/browser.ts';

type Browser = Awaited<ReturnType<typeof openBrowser>>;
type Context = Awaited<ReturnType<Browser['newContext']>>;
export type Page = Awaited<ReturnType<Context['newPage']>>;
type Cdp = Awaited<ReturnType<Context['newCDPSession']>>;

export interface Interaction {
  readonly step: string;
  readonly name: string;
  readonly ms: number;
}

export interface Held {
  readonly heapBytes: number;
  readonly nodes: number;
  readonly listeners: number;
}

const shownMs = 60_000;
/** A click or key whose next picture came sooner is not told of by the browser. */
const leastEventMs = 16;

/** As text: it runs in the page. `bench` keeps what the browser tells of its own work. */
const watching = `
globalThis.bench = { lcp: 0, long: [], events: [], steps: [], stream: { count: 0, last: 0, gaps: 0, resyncs: 0 } };
const watch = (type, take, more) =>
  new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, ...more });
watch('largest-contentful-paint', (entry) => { bench.lcp = entry.startTime; });
watch('longtask', (entry) => bench.long.push({ at: entry.startTime, ms: entry.duration }));
watch('event', (entry) => {
  if (entry.interactionId) bench.events.push({ id: entry.interactionId, name: entry.name, at: entry.startTime, ms: entry.duration });
}, { durationThreshold: ${leastEventMs} });
const add = EventSource.prototype.addEventListener;
EventSource.prototype.addEventListener = function (type, listener, options) {
  if (type === 'resync') add.call(this, type, () => { bench.stream.resyncs += 1; });
  if (type === 'chain') add.call(this, type, ({ data }) => {
    const seq = Number(/"seq":(\\d+)/.exec(data)?.[1]);
    const { stream } = bench;
    if (seq <= stream.last) return;
    if (stream.last > 0 && seq !== stream.last + 1) stream.gaps += 1;
    stream.last = seq;
    stream.count += 1;
  });
  return add.call(this, type, listener, options);
};
`;

/** One Chromium that is signed in, and opens the page anew for each look. */
export class Eyes {
  readonly #browser: Browser;
  readonly #house: BusyHouse;
  readonly #state: Awaited<ReturnType<Context['storageState']>>;

  private constructor(
    browser: Browser,
    house: BusyHouse,
    state: Awaited<ReturnType<Context['storageState']>>,
  ) {
    this.#browser = browser;
    this.#house = house;
    this.#state = state;
  }

  static async open(house: BusyHouse): Promise<Eyes> {
    const browser = await openBrowser();
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto((await house.client.pairing()).url);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor({ timeout: shownMs });
    const state = await context.storageState();
    await context.close();
    return new Eyes(browser, house, state);
  }

  /** Chromium's version, as it names itself. */
  get version(): string {
    return this.#browser.version();
  }

  /** A cold page in a profile of its own; `slower`: how many times slower its processor is made. */
  async look(path: string, slower: number): Promise<Look> {
    const context = await this.#browser.newContext({
      viewport: { width: 1440, height: 900 },
      storageState: this.#state,
    });
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    await cdp.send('Performance.enable');
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: slower });
    await page.addInitScript(watching);
    await page.goto(`${this.#house.url}${path}`);
    await page.locator('h1').first().waitFor({ state: 'attached', timeout: shownMs });
    return new Look(page, cdp, context);
  }

  /** Seconds of a core that all pages have taken so far. */
  async pageSeconds(): Promise<number> {
    const cdp = await this.#browser.newBrowserCDPSession();
    const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
    await cdp.detach();
    return processInfo
      .filter(({ type }) => type === 'renderer')
      .reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  }

  /** A page without an address, to run a program in. */
  async blank(): Promise<Page> {
    return await (await this.#browser.newContext()).newPage();
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

/** One opened page and what can be asked of it. */
export class Look {
  readonly page: Page;
  readonly #cdp: Cdp;
  readonly #context: Context;

  constructor(page: Page, cdp: Cdp, context: Context) {
    this.page = page;
    this.#cdp = cdp;
    this.#context = context;
  }

  async read<T>(expression: string): Promise<T> {
    return await this.page.evaluate<T>(expression);
  }

  /** Waits until an expression of the page is true. */
  async until(expression: string): Promise<void> {
    await this.page.waitForFunction(expression, undefined, { timeout: shownMs });
  }

  /** Names what is done next, for whoever asks what was slow. */
  async step(name: string): Promise<void> {
    await this.read(`void bench.steps.push({ at: performance.now(), name: ${JSON.stringify(name)} })`);
  }

  /** The time from each click or key to the picture after it, worst first; those that were too quick to be told count as 16 ms. */
  async interactions(): Promise<readonly Interaction[]> {
    const { events, steps, all } = await this.read<{
      events: { id: number; name: string; at: number; ms: number }[];
      steps: { at: number; name: string }[];
      all: number;
    }>('({ events: bench.events, steps: bench.steps, all: performance.interactionCount })');
    const worst = new Map<number, Interaction>();
    for (const { id, name, at, ms } of events) {
      if ((worst.get(id)?.ms ?? 0) >= ms) continue;
      worst.set(id, { step: steps.findLast((step) => step.at <= at)?.name ?? '', name, ms });
    }
    const quick = Array.from({ length: Math.max(0, all - worst.size) }, () => ({
      step: '',
      name: '',
      ms: leastEventMs,
    }));
    return [...worst.values(), ...quick].toSorted((a, b) => b.ms - a.ms);
  }

  /** What the page holds after everything that can go has gone. */
  async held(): Promise<Held> {
    for (let round = 0; round < 2; round += 1) await this.#cdp.send('HeapProfiler.collectGarbage');
    const { metrics } = await this.#cdp.send('Performance.getMetrics');
    const of = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
    return { heapBytes: of('JSHeapUsedSize'), nodes: of('Nodes'), listeners: of('JSEventListeners') };
  }

  async profile<T>(work: () => Promise<T>): Promise<{ readonly done: T; readonly profile: unknown }> {
    await this.#cdp.send('Profiler.enable');
    await this.#cdp.send('Profiler.start');
    const done = await work();
    const { profile } = await this.#cdp.send('Profiler.stop');
    return { done, profile };
  }

  async close(): Promise<void> {
    await this.#context.close();
  }
}
