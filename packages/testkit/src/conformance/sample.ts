type Schema = Readonly<Record<string, unknown>>;

/** The smallest value that a JSON Schema takes, as far as its keywords say: what must be there, and nothing else. */
export function sampleOf(schema: unknown): unknown {
  if (!isSchema(schema)) return {};
  if ('default' in schema) return schema['default'];
  if ('const' in schema) return schema['const'];
  const [first] = [...listOf(schema['enum']), ...listOf(schema['examples'])];
  if (first !== undefined) return first;
  const [choice] = [...listOf(schema['anyOf']), ...listOf(schema['oneOf'])];
  if (choice !== undefined) return sampleOf(choice);
  return plainSample(schema);
}

function plainSample(schema: Schema): unknown {
  const [type = schema['type']] = listOf(schema['type']);
  if (type === 'string') return 'a'.repeat(Math.max(1, numberOf(schema['minLength'])));
  if (type === 'number' || type === 'integer') {
    const least = schema['exclusiveMinimum'];
    return typeof least === 'number' ? Math.floor(least) + 1 : numberOf(schema['minimum']);
  }
  if (type === 'boolean') return false;
  if (type === 'null') return null;
  if (type === 'array')
    return Array.from({ length: numberOf(schema['minItems']) }, () => sampleOf(schema['items']));
  const properties = isSchema(schema['properties']) ? schema['properties'] : {};
  const required = listOf(schema['required']).map(String);
  return Object.fromEntries(required.map((name) => [name, sampleOf(properties[name])]));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
