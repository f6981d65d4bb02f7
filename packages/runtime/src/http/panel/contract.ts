import { z } from 'zod';
import { panelInputSchema, panelResultSchema, panelViewSchema } from '../../plugin/panel/contract.ts';
import { reasonSchema } from '../words/contract.ts';

export const panelActionSchema = z.object({
  id: z.string(),
  title: z.string(),
  /** `observe` only looks, and is let through while Kora is paused. */
  purpose: z.enum(['observe', 'act']),
  /** What a page must be let do. */
  needs: z.enum(['operate', 'approve']),
  /** What is asked before it is done. */
  confirm: z.string().nullable(),
});

export const panelSchema = z.object({
  plugin: z.string(),
  id: z.string(),
  title: z.string(),
  everyMs: z.number(),
  actions: z.array(panelActionSchema),
});

/** A panel with what it shows: data alone, to be drawn as text. */
export const panelLookSchema = panelSchema.extend({
  /** When the plugin said so. */
  takenAt: z.string(),
  view: panelViewSchema,
});

export const panelAskSchema = reasonSchema.extend({ input: panelInputSchema.default({}) });
export const panelDoneSchema = panelResultSchema;
