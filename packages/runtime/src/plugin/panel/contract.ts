import { z } from 'zod';

/**
 * Cockpit panels as data: what a plugin shows the operator, and what the operator may ask of it there. No markup, no
 * script, no address: the page draws these shapes as text, whoever wrote them. Browser-safe, no imports but zod.
 */

const label = z.string().trim().min(1).max(120);
const line = z.string().max(500);
/** What a value means for the eye. */
const tone = z.enum(['plain', 'good', 'warn', 'bad', 'dim']);

export const panelIdPattern: RegExp = /^[a-z][a-z0-9-]{0,39}$/;
const slug = z.string().regex(panelIdPattern, 'must be a-z, 0-9 and -, and begin with a letter');

/** Null reads "unknown"; zero is only ever a measured zero. */
const cell = z.union([line, z.number(), z.boolean()]).nullable();

const figures = z.object({
  kind: z.literal('figures'),
  figures: z
    .array(
      z.object({
        label,
        value: cell,
        unit: z.string().max(20).optional(),
        /** A word beside it: of what, since when. */
        detail: line.optional(),
        tone: tone.optional(),
      }),
    )
    .max(24),
});

const table = z.object({
  kind: z.literal('table'),
  columns: z
    .array(z.object({ name: slug, label, align: z.enum(['start', 'end']).optional() }))
    .min(1)
    .max(12),
  rows: z.array(z.object({ cells: z.record(z.string(), cell), tone: tone.optional() })).max(200),
  /** Rows there are beyond these. */
  more: z.number().int().nonnegative().optional(),
});

/** A field to fill in; a form of the configuration has the same. */
export const formFieldSchema = z.object({
  /** The key under which the value is sent. */
  name: z.string().min(1).max(120),
  label,
  kind: z.enum(['text', 'number', 'boolean', 'choice', 'lines', 'json']),
  help: line.optional(),
  required: z.boolean().optional(),
  /** What stands there now; of `lines` a list, of `json` its text. */
  value: z
    .union([z.string().max(20_000), z.number(), z.boolean(), z.array(line).max(200)])
    .nullable()
    .optional(),
  choices: z
    .array(z.object({ value: line, label }))
    .max(100)
    .optional(),
});

const form = z.object({
  kind: z.literal('form'),
  /** The action that takes what was filled in. */
  action: slug,
  submit: label.optional(),
  fields: z.array(formFieldSchema).min(1).max(24),
});

const text = z.object({ kind: z.literal('text'), text: z.string().max(20_000) });

/** What a panel shows now. */
export const panelViewSchema = z.discriminatedUnion('kind', [figures, table, form, text]);

/** What the operator filled in, by the fields' names. */
export const panelInputSchema = z.record(
  z.string().min(1).max(120),
  z.union([z.string().max(20_000), z.number(), z.boolean(), z.array(line).max(200)]).nullable(),
);

export const panelResultSchema = z.object({ message: line.optional() });

export type FormField = z.infer<typeof formFieldSchema>;
export type PanelView = z.infer<typeof panelViewSchema>;
export type PanelInput = z.infer<typeof panelInputSchema>;
export type PanelResult = z.infer<typeof panelResultSchema>;

/** Something the operator may ask for on a panel, with a reason; recorded as `kora.plugin.panel_action`. */
export interface PanelAction {
  /** `^[a-z][a-z0-9-]{0,39}$`. */
  readonly id: string;
  readonly title: string;
  /** `observe` only looks, and is let through while Kora is paused; default `act`. */
  readonly purpose?: 'observe' | 'act';
  /** The permission that a page must have; default `operate`. `approve` for a yes that lets something in: paired just now, too. */
  readonly needs?: 'operate' | 'approve';
  /** What is asked before it is done; for what cannot be taken back. */
  readonly confirm?: string;
  /** Its signal is its deadline: 30 s. What it throws is shown to the operator. */
  run(input: PanelInput, signal: AbortSignal): Promise<PanelResult | void>;
}

/** A panel of the cockpit, drawn by the page from data. */
export interface CockpitPanelSpec {
  /** `^[a-z][a-z0-9-]{0,39}$`, unique among the plugin's panels; its manifest names it in `contributes.panels`. */
  readonly id: string;
  readonly title: string;
  /** How often the page asks again while it is looked at; default 5 s, at least 1 s. */
  readonly everyMs?: number;
  /** What it shows now. Its signal is its deadline: 5 s. Asked at most once a second, however many look. */
  view(signal: AbortSignal): Promise<PanelView>;
  /** At most 12. */
  readonly actions?: readonly PanelAction[];
}
