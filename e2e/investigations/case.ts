import type { Stage } from './stage.ts';
import type { Truth } from './truth.ts';

type Told = Partial<Omit<Truth, 'id' | 'title' | 'group'>> & Pick<Truth, 'expect'>;

/** A case: what it is about, and how its world and its truth come of a seed. */
export interface Case {
  /** `R1`; variants have a letter behind it. */
  readonly id: string;
  readonly title: string;
  /** Puts the world on the stage and answers what is true of it. */
  build(stage: Stage): Told;
}

export function truthOf({ id, title }: Pick<Case, 'id' | 'title'>, told: Told): Truth {
  const group = id.slice(0, 1) as Truth['group'];
  return {
    id,
    title,
    group,
    causes: [],
    roots: [],
    deciding: [],
    says: [],
    rejects: [],
    spread: [],
    ...told,
  };
}
