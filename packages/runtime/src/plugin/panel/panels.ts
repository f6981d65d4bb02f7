import { z } from 'zod';
import type { Admission } from '../../admission/index.ts';
import { withDeadline } from '../../clock/index.ts';
import type { Clock } from '../../clock/index.ts';
import { fault, KoraError, messageOf } from '../../fault/index.ts';
import { panelIdPattern, panelResultSchema, panelViewSchema } from './contract.ts';
import type { CockpitPanelSpec, PanelAction, PanelInput, PanelResult, PanelView } from './contract.ts';

const viewMs = 5_000;
const actionMs = 30_000;
/** However many pages look, a plugin is asked once in this time. */
const freshMs = 1_000;
const defaultEveryMs = 5_000;
const mostActions = 12;
const longestTitle = 120;

/** One panel as it is listed: what can be asked of it. */
export interface PanelRow {
  readonly plugin: string;
  readonly id: string;
  readonly title: string;
  readonly everyMs: number;
  readonly actions: readonly PanelActionRow[];
}

export interface PanelActionRow {
  readonly id: string;
  readonly title: string;
  readonly purpose: 'observe' | 'act';
  readonly needs: 'operate' | 'approve';
  readonly confirm: string | null;
}

export interface PanelLook {
  readonly view: PanelView;
  /** Milliseconds since 1970: when the plugin said so. */
  readonly takenAt: number;
}

interface Panel {
  readonly row: PanelRow;
  readonly spec: CockpitPanelSpec;
  look: { readonly at: number; readonly asked: Promise<PanelLook> } | undefined;
}

/** The panels that plugins bring, by plugin and id. What they answer is a stranger's word: parsed, and bounded. */
export class Panels {
  readonly #panels = new Map<string, Panel>();
  readonly #clock: Clock;
  readonly #admission: Pick<Admission, 'admit' | 'redeem'>;

  constructor(clock: Clock, admission: Pick<Admission, 'admit' | 'redeem'>) {
    this.#clock = clock;
    this.#admission = admission;
  }

  /** Throws KORA_PLUGIN_INVALID on a malformed or taken id, title or action. */
  register(spec: CockpitPanelSpec, plugin: string): () => void {
    const key = keyOf(plugin, spec.id);
    const refuse = (why: string): Error =>
      fault('KORA_PLUGIN_INVALID', `panel "${spec.id}" of plugin ${plugin} ${why}`);
    if (!panelIdPattern.test(spec.id)) throw refuse('is not a panel id');
    if (this.#panels.has(key)) throw refuse('is registered already');
    if (!isTitle(spec.title)) throw refuse(`has no title of 1 to ${longestTitle} characters`);
    const actions = (spec.actions ?? []).map(actionRow);
    if (actions.length > mostActions) throw refuse(`has more than ${mostActions} actions`);
    for (const [at, { id, title }] of actions.entries()) {
      if (!panelIdPattern.test(id) || !isTitle(title))
        throw refuse(`has an action without an id or title: "${id}"`);
      if (actions.findIndex((each) => each.id === id) !== at) throw refuse(`has two actions "${id}"`);
    }
    const everyMs = Math.max(freshMs, Math.round(spec.everyMs ?? defaultEveryMs));
    const row = { plugin, id: spec.id, title: spec.title, everyMs, actions };
    this.#panels.set(key, { row, spec, look: undefined });
    return () => {
      this.#panels.delete(key);
    };
  }

  /** Those of one plugin, in the order of registration. */
  list(plugin: string): PanelRow[] {
    return [...this.#panels.values()].flatMap(({ row }) => (row.plugin === plugin ? [row] : []));
  }

  /** Throws KORA_PANEL_UNKNOWN. */
  row(plugin: string, id: string): PanelRow {
    return this.#find(plugin, id).row;
  }

  /** What it shows now, at most a second old. Throws KORA_PANEL_UNKNOWN, KORA_PANEL_FAILED. */
  look(plugin: string, id: string): Promise<PanelLook> {
    const panel = this.#find(plugin, id);
    const now = this.#clock.monotonic();
    if (panel.look === undefined || now - panel.look.at >= freshMs) {
      panel.look = { at: now, asked: this.#ask(panel) };
    }
    return panel.look.asked;
  }

  /** Throws KORA_PANEL_UNKNOWN when the panel has no such action. */
  action(plugin: string, id: string, actionId: string): PanelActionRow {
    return actionRow(this.#action(this.#find(plugin, id), actionId));
  }

  /**
   * Does what the operator asked for. Throws KORA_PANEL_UNKNOWN; KORA_ADMISSION_DENIED while what acts may not; and
   * KORA_PANEL_FAILED with what the plugin said.
   */
  async act(plugin: string, id: string, actionId: string, input: PanelInput): Promise<PanelResult> {
    const panel = this.#find(plugin, id);
    const action = this.#action(panel, actionId);
    const what = `action ${actionId} of panel ${id} of plugin ${plugin}`;
    const { purpose } = actionRow(action);
    const asked = { caller: plugin, panel: id, action: actionId, purpose };
    const leave = await this.#admission.admit('panel_action', asked);
    if (!leave.allow) {
      throw fault('KORA_ADMISSION_DENIED', `${what} is refused now: ${leave.cause}`, { fix: 'kora status' });
    }
    const deed = async (signal: AbortSignal): Promise<PanelResult> => {
      this.#admission.redeem(leave.pass, 'panel_action');
      return (await action.run(input, signal)) ?? {};
    };
    const result = await this.#within(what, actionMs, deed);
    // What is shown from now on is what came of it.
    panel.look = undefined;
    return parsed(panelResultSchema, result, what);
  }

  async #ask({ row, spec }: Panel): Promise<PanelLook> {
    const what = `panel ${row.id} of plugin ${row.plugin}`;
    const view = await this.#within(what, viewMs, (signal) => spec.view(signal));
    return { view: parsed(panelViewSchema, view, what), takenAt: this.#clock.now() };
  }

  async #within<T>(what: string, ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    // A plugin in JavaScript may throw before there is a promise.
    const call = async (signal: AbortSignal): Promise<T> => work(signal);
    try {
      return await withDeadline(this.#clock, { ms, what }, call);
    } catch (cause) {
      // The door closed between the question and the deed: that is no fault of the plugin.
      if (cause instanceof KoraError && cause.code === 'KORA_ADMISSION_DENIED') throw cause;
      throw fault('KORA_PANEL_FAILED', `${what}: ${messageOf(cause)}`, { cause });
    }
  }

  #find(plugin: string, id: string): Panel {
    const panel = this.#panels.get(keyOf(plugin, id));
    if (panel !== undefined) return panel;
    throw fault('KORA_PANEL_UNKNOWN', `plugin ${plugin} shows no panel ${id}`, {
      fix: `kora plugin show ${plugin}`,
    });
  }

  #action({ row, spec }: Panel, actionId: string): PanelAction {
    const action = (spec.actions ?? []).find(({ id }) => id === actionId);
    if (action !== undefined) return action;
    throw fault('KORA_PANEL_UNKNOWN', `panel ${row.id} of plugin ${row.plugin} has no action ${actionId}`);
  }
}

function parsed<T>(schema: z.ZodType<T>, given: unknown, what: string): T {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw fault('KORA_PANEL_FAILED', `${what} answered something else: ${z.prettifyError(result.error)}`);
}

function actionRow({ id, title, purpose = 'act', needs = 'operate', confirm }: PanelAction): PanelActionRow {
  return { id, title, purpose, needs, confirm: confirm ?? null };
}

function isTitle(title: unknown): boolean {
  return typeof title === 'string' && title.trim() !== '' && title.length <= longestTitle;
}

function keyOf(plugin: string, id: string): string {
  return `${plugin}/${id}`;
}
