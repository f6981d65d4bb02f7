import type { Clock } from '../clock/index.ts';
import { fault } from '../fault/index.ts';
import type { Approvals } from './approvals.ts';
import type { PluginLog } from './contract.ts';
import type { PluginHost } from './host.ts';
import type { IndexRow, PluginIndex, PluginSettings } from './plugin-index.ts';
import { digestOf } from './plugin-row.ts';
import type { SyncReport, SyncRow } from './sync-report.ts';
import { hasChanged } from './sync-report.ts';
import { watchProject } from './watch.ts';
import { whyPlugin } from './why.ts';
import type { PluginWhy } from './why.ts';

/** What is installed now, and what the host says of it. */
export interface Installed {
  readonly index: PluginIndex;
  readonly settings: PluginSettings;
}

export interface InstallationsOptions {
  readonly host: PluginHost;
  readonly approvals: Approvals;
  /** Reads configuration and packages again. Throws what keeps them from being read. */
  read(): Promise<Installed>;
  /** As it was read at the start. */
  readonly first: Installed;
  readonly clock: Clock;
  readonly log: PluginLog;
  readonly onError: (where: string, error: unknown) => void;
}

/** Keeps the plugin host in step with what is installed, by watching, by being asked, and by the operator's word. */
export class Installations {
  readonly #options: InstallationsOptions;
  #settings: PluginSettings;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: InstallationsOptions) {
    this.#options = options;
    this.#settings = options.first.settings;
  }

  /**
   * Looks at what is installed and puts the host in step with it. `asked` by the operator, what did not come up is tried
   * again. Throws what the configuration or the host project cannot be read for; then nothing has changed.
   */
  sync(options: { readonly asked: boolean }): Promise<SyncReport> {
    // One after the other, the reading too: an older picture never comes after a newer one.
    const mine = this.#turn.then(() => this.#sync(options));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /**
   * Lets in what a parked version asks for; with a digest, only while that version is the one it names. Throws
   * KORA_PLUGIN_UNKNOWN, KORA_PLUGIN_NOT_PARKED, KORA_PLUGIN_CHANGED, KORA_DECISION_DENIED.
   */
  async approve(
    id: string,
    { digest, ...word }: { readonly by: string; readonly reason: string; readonly digest?: string },
  ): Promise<SyncRow> {
    const { approvals } = this.#options;
    const parked = this.#parked(id);
    if (digest !== undefined && digest !== digestOf(parked))
      throw fault(
        'KORA_PLUGIN_CHANGED',
        `plugin ${id} is ${parked.version} by now, and not what you were shown`,
        { fix: `kora plugin show ${id}`, details: { digest: digestOf(parked) } },
      );
    await approvals.approve(parked, word);
    const { rows } = await this.sync({ asked: true });
    const row = rows.find((each) => each.id === id);
    if (row === undefined)
      throw fault('KORA_PLUGIN_UNKNOWN', `${id} is not installed any more`, { fix: 'kora plugin list' });
    return row;
  }

  /** Throws KORA_PLUGIN_INSTALLED for a plugin that is there: what it keeps is in use. */
  requireGone(id: string): void {
    const there = this.#options.host.list().find((row) => row.id === id);
    if (there === undefined) return;
    throw fault('KORA_PLUGIN_INSTALLED', `plugin ${id} is installed (${there.packageName})`, {
      fix: `kora plugin remove ${id}`,
    });
  }

  /** What was approved of a plugin that is gone counts no more: what comes under its id later is new. */
  async forget(id: string, word: { readonly by: string; readonly reason: string }): Promise<void> {
    this.requireGone(id);
    await this.#options.approvals.forget(id, word);
  }

  /** Also of what is not installed. */
  why(idOrPackage: string): PluginWhy {
    const { host } = this.#options;
    return whyPlugin(host.index, this.#settings, host.list(), idOrPackage);
  }

  /** Follows the package manager until the signal aborts. */
  watch(signal: AbortSignal): Promise<void> {
    const { host, clock, onError } = this.#options;
    const failed = (error: unknown): void => onError('plugin watch', error);
    const onChange = async (): Promise<void> => void (await this.sync({ asked: false }));
    return watchProject({ host: () => host.index.host, clock, onChange, onError: failed }, signal);
  }

  async #sync(options: { readonly asked: boolean }): Promise<SyncReport> {
    const { host, approvals, log } = this.#options;
    const { index, settings } = await this.#options.read();
    await approvals.refresh();
    const report = await host.sync(index, options);
    this.#settings = settings;
    for (const row of report.rows.filter(hasChanged)) tell(log, row);
    return report;
  }

  #parked(id: string): IndexRow {
    const { host } = this.#options;
    const { state, pending } = host.get(id);
    const row = host.index.rows.find((each) => each.id === id && each.state === 'indexed');
    if (row !== undefined && (state === 'parked' || pending?.outcome === 'parked')) return row;
    throw fault('KORA_PLUGIN_NOT_PARKED', `nothing of plugin ${id} waits for your word`, {
      fix: `kora plugin show ${id}`,
    });
  }
}

function tell(log: PluginLog, { id, outcome, version, serving, reason }: SyncRow): void {
  const fields = { plugin: id, outcome, version, serving };
  if (reason === undefined) log.info(`plugin ${id}: ${outcome}`, fields);
  else log.warn(`plugin ${id}: ${outcome}: ${reason.message}`, { ...fields, reason: reason.code });
}
