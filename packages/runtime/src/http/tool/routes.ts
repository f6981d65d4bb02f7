import { z } from 'zod';
import { reasonRoutes } from '../../reason/index.ts';
import * as shape from '../contract.ts';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions } from '../routing.ts';

const name = shape.storableText(200);
const query = z.object({ route: z.enum(reasonRoutes).optional() });

/** What whoever thinks may ask for, and where. */
export function toolReads(read: Reader, { house }: RoutesOptions): void {
  read('/tools', { data: z.array(shape.toolSchema), query }, (wanted) => house().tools(wanted));
  read('/tools/:name', { data: shape.toolDetailSchema }, (_, at) =>
    house().tool(parseWith(name, at.req.param('name'), 'the name')),
  );
}
