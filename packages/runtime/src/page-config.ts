import { configurationKeys } from './config/index.ts';
import type { Ground } from './ground.ts';
import type { House } from './http/index.ts';

/** What the configuration is now, who said it, and what would change it. Secrets are told by name and never by value. */
export function configReads({ configuration, secrets }: Ground): Pick<House['page'], 'config'> {
  return {
    config: () => {
      const { file } = configuration;
      const keys = configurationKeys(configuration).map((row) => ({
        ...row,
        value: masked(row.value, (text) => secrets.scrub(text)),
        command: commandOf(row.key, file),
      }));
      return Promise.resolve({ file, keys });
    },
  };
}

function commandOf(key: string, file: string | null): string {
  const [, , plugin] = /^(plugins\.config)\.(.+)$/.exec(key) ?? [];
  if (plugin !== undefined) return `kora plugin config ${plugin}`;
  return `edit ${file ?? 'kora.json in the home'}: ${key}, then: kora config validate`;
}

/** A value without what this process knows to be secret, wherever in it that stands. */
function masked(value: unknown, scrub: (text: string) => string): unknown {
  if (typeof value === 'string') return scrub(value);
  if (Array.isArray(value)) return value.map((each) => masked(each, scrub));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, masked(each, scrub)]));
}
