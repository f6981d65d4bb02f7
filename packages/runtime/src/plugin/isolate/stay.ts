import { withDeadline } from '../../clock/index.ts';
import { KoraError, messageOf } from '../../fault/index.ts';
import { Scope } from '../../scope/index.ts';
import { buildContext } from '../context.ts';
import { Contributions } from '../contributions.ts';
import { requireInstalled } from '../installed.ts';
import { loadReason } from '../load.ts';
import { reasonOf, refusal } from '../reason.ts';
import type { PluginReason } from '../reason.ts';
import { measuredServices } from '../measured-services.ts';
import { leaveToLoad, ownerOf } from '../residence.ts';
import type { ResidenceParts } from '../residence.ts';
import type { HouseServices } from '../surface.ts';
import type { Meter } from '../usage.ts';
import { frameSchema, logLine } from './arrivals.ts';
import { configSchemaIn } from './own-door.ts';
import { Door } from './door.ts';
import { Link } from './link.ts';
import type { GuestOrders } from './orders.ts';
import { BoundedLog, captureOutput } from './output.ts';
import { Pace, readPaced } from './pace.ts';
import { startProcess } from './process.ts';
import type { GuestProcess } from './process.ts';
import { Remote } from './remote.ts';
import type { GuestSettings } from './settings.ts';
import { readProcess, watchVitals } from './vitals.ts';
import { raiseWalls } from './walls.ts';

/** Bytes of messages a second; each message counts for a kilobyte more, which is what it costs us. */
const linkPerSecond = 8 * 1024 * 1024;
const perMessage = 1024;
const leaveMs = 1_000;

/** What a stay begins with. */
export interface Arrival {
  /** When the guest may register. */
  readonly turn: Promise<void>;
  /** Gives the start up. */
  readonly signal: AbortSignal;
  readonly meter: Meter;
  /** What it registers with and asks; by default the house's. */
  readonly services?: HouseServices;
}

/** One life of a guest: from the start of its process to its end. A restart is another stay. */
export class Stay {
  readonly contributions: Contributions = new Contributions();
  readonly pid: number;
  /** Why it died, when everything it had registered is undone; undefined when it was asked to go. */
  readonly ended: Promise<PluginReason | undefined>;
  readonly #parts: ResidenceParts;
  readonly #settings: GuestSettings;
  readonly #process: GuestProcess;
  readonly #link: Link;
  readonly #door: Door;
  readonly #scope: Scope;
  readonly #log: BoundedLog;
  readonly #meter: Meter;
  readonly #over = new AbortController();
  #settled = false;
  #asked = false;
  #abandoned = false;
  #killed: string | undefined;

  private constructor(
    parts: ResidenceParts,
    settings: GuestSettings,
    process: GuestProcess,
    { meter, services }: Arrival,
  ) {
    const { row, clock, ports } = parts;
    this.#meter = meter;
    this.#parts = parts;
    this.#settings = settings;
    this.#process = process;
    this.pid = process.pid;
    this.#scope = new Scope(`plugin ${row.id} (process ${process.pid})`);
    this.#log = new BoundedLog(parts.log, clock, meter);
    this.#link = new Link(process.stream, {
      peer: `plugin ${row.id}`,
      parse: (line) => frameSchema.parse(line),
      serve: (method, params, signal) => this.#door.serve(method, params, signal),
      hear: (method, params) => this.#hear(method, params),
    });
    const owner = { ...ownerOf(row), trusted: false };
    const context = buildContext({
      owner,
      workspace: ports.workspace,
      config: undefined,
      log: parts.log,
      services: measuredServices(services ?? ports.services(owner), meter),
      scope: this.#scope,
      contributions: this.contributions,
    });
    this.#door = new Door(context, new Remote(this.#link, clock, row.id), row.directory);
    this.ended = this.#watch();
  }

  /**
   * Starts a guest, loads the plugin in it and, at its turn, registers; the signal gives that up. Throws its reason,
   * leaving nothing behind.
   */
  static async begin(parts: ResidenceParts, settings: GuestSettings, arrival: Arrival): Promise<Stay> {
    const { turn, signal, meter } = arrival;
    const leave = await leaveToLoad(parts);
    await requireInstalled(parts.row);
    const walls = await raiseWalls(parts, settings);
    if (signal.aborted) throw refusal({ code: 'guest_killed', message: 'the runtime is stopping' });
    parts.ports.admission.redeem(leave, 'plugin_load');
    const process = await startProcess(walls);
    settings.guardian.watch(process.pid);
    meter.started();
    const stay = new Stay(parts, settings, process, arrival);
    const giveUp = (): void => stay.#kill('the runtime is stopping');
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      await stay.#settle(turn);
      signal.removeEventListener('abort', giveUp);
      return stay;
    } catch (error) {
      signal.removeEventListener('abort', giveUp);
      // A process that died while it was loading is told as that, not as a call that got no answer.
      const died = !stay.#link.open;
      stay.#abandoned = !died;
      stay.#kill(messageOf(error));
      const death = await stay.ended;
      throw refusal(died && death !== undefined ? death : reasonOf(error, 'guest_failed'), error);
    }
  }

  /** Asks it to go: aborts its signal, undoes its registrations, ends its process, by force after the grace period. */
  async end(): Promise<void> {
    const { clock } = this.#parts;
    const { goodbyeMs } = this.#settings;
    this.#asked = true;
    const goodbye = async (): Promise<void> => {
      await this.#order('leave', null, leaveMs).catch(() => undefined); // one that does not listen goes all the same
      await this.#scope.dispose();
    };
    try {
      await withDeadline(
        clock,
        { ms: goodbyeMs, what: `the goodbye of plugin ${this.#parts.row.id}` },
        goodbye,
      );
    } catch (error) {
      this.#parts.log.warn('the plugin did not go in order', { error: messageOf(error) });
    }
    await this.#lookLast();
    this.#process.child.kill('SIGTERM');
    await this.#endProcess();
    await this.ended;
  }

  /** What it used until now would be gone with the process. */
  async #lookLast(): Promise<void> {
    const seen = await readProcess(this.pid);
    if (seen.cpuMs !== null) this.#meter.looked({ ...seen, eventLoopDelayMs: null });
  }

  async #settle(turn: Promise<void>): Promise<void> {
    const { row, entry, configBlock, ports, deadlines, resident } = this.#parts;
    const load = { id: row.id, workspace: ports.workspace, entry, configBlock };
    await this.#step('import', async () => {
      resident.configSchema = configSchemaIn(await this.#order('load', load, deadlines.importMs));
    });
    await turn;
    await this.#step('register', () => this.#order('register', null, deadlines.registerMs));
    this.#settled = true;
  }

  async #step(verb: 'import' | 'register', work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.#link.open) {
        // Let the end of the process be known first: it says more than the end of the link.
        await this.#process.exited;
        throw error;
      }
      const hasReason = error instanceof KoraError && typeof error.details['reason'] === 'string';
      throw hasReason ? error : refusal(loadReason(verb, error), error);
    }
  }

  #order<Order extends keyof GuestOrders>(
    order: Order,
    params: GuestOrders[Order],
    ms: number,
  ): Promise<unknown> {
    const what = `${order === 'load' ? 'import' : order} of plugin ${this.#parts.row.id}`;
    return withDeadline(this.#parts.clock, { ms, what }, (signal) => this.#link.call(order, params, signal));
  }

  async #watch(): Promise<PluginReason | undefined> {
    const { clock } = this.#parts;
    const { child, stream, exited } = this.#process;
    const { signal } = this.#over;
    const pace = new Pace(clock, linkPerSecond);
    const take = (chunk: string): number => chunk.length + perMessage * this.#link.feed(chunk);
    readPaced(stream, { clock, pace, signal, take });
    const capture = { log: this.#parts.log, clock, meter: this.#meter, signal };
    captureOutput({ stdout: child.stdout, stderr: child.stderr }, capture);
    // Until it has settled, the deadlines of its start say how long its event loop may be busy.
    const mustAnswer = (): boolean => this.#settled;
    const looked = this.#meter.looked.bind(this.#meter);
    const guest = { pid: this.pid, link: this.#link, mustAnswer, looked };
    void watchVitals(guest, this.#settings.vitals, clock, signal).then((wrong) => {
      if (wrong !== undefined) this.#kill(wrong);
    });
    void this.#link.ended.then(async (why) => {
      // A guest whose link ended is on its way out; one that stays, or sent nonsense, is shown out.
      await this.#endProcess(this.#asked ? undefined : why);
    });
    const how = await exited;
    this.#over.abort();
    this.#settings.guardian.release(this.pid);
    this.#link.close(`its process ${how}`);
    await this.#scope.dispose().catch((error: unknown) => {
      this.#parts.log.error('what the plugin had registered could not all be undone', {
        error: messageOf(error),
      });
    });
    this.#log.tellDropped();
    this.#meter.ended({ crashed: !this.#asked && !this.#abandoned });
    return this.#asked ? undefined : this.#death(how);
  }

  #death(how: string): PluginReason {
    const fix = `look at logs/kora.log in the home, then mend or remove the plugin: kora plugin remove ${this.#parts.row.id}`;
    const why = this.#link.nonsense ?? this.#killed;
    if (why !== undefined) return { code: 'guest_killed', message: why, fix };
    return { code: 'guest_crashed', message: `its process ${how}`, fix };
  }

  /** Gives the process its grace, then ends it; a `why` is what the plugin will be shown to have died of. */
  async #endProcess(why?: string): Promise<void> {
    const { signal } = this.#over;
    const stillThere = await this.#parts.clock.sleep(this.#settings.graceMs, signal);
    if (!stillThere) return;
    if (why === undefined) this.#process.child.kill('SIGKILL');
    else this.#kill(why);
  }

  #kill(why: string): void {
    if (this.#over.signal.aborted) return;
    this.#killed ??= why;
    this.#process.child.kill('SIGKILL');
  }

  #hear(method: string, params: unknown): void {
    if (method !== 'log') return this.#door.hear(method, params);
    const said = logLine.safeParse(params);
    if (said.success) this.#log.write(said.data.level, said.data.message, said.data.fields);
  }
}
