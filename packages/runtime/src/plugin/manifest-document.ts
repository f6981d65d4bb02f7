import { z } from 'zod';
import { pluginPackageSchema } from './manifest.ts';

/** Where the document is published, in the package and on the web. */
const id = 'https://unpkg.com/@kora/runtime/manifest.schema.json';

/** The manifest as JSON Schema (draft 2020-12), for editors and for whoever checks a package without running code. */
export function manifestDocument(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(pluginPackageSchema, { io: 'input' });
  return { $schema, $id: id, title: 'Kora plugin', ...schema };
}
