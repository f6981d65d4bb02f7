import type { LoopSpec, PromotionContext } from '@kora/runtime/plugin';
import { examineField } from './examine.ts';
import { fieldKind } from './field.ts';
import { measureField } from './measure.ts';
import { observeFields } from './observe.ts';
import type { SnapshotExpandSettings } from './settings.ts';

/** A field of the snapshot for what tools are asked again and again. */
export function snapshotExpand(past: PromotionContext, settings: SnapshotExpandSettings): LoopSpec {
  return {
    name: 'promote_snapshot_expand',
    means: 'finds what tools are asked again and again, and proposes a field of the snapshot for it',
    kinds: [fieldKind],
    settings,
    observe: (look, signal) => observeFields(past, settings, { look, signal }),
    examine: (draft, look, signal) => examineField(past, settings, { draft, look, signal }),
    measure: (change, looks, signal) => measureField(past, change, { looks, signal }),
  };
}
