export { loadConfiguration } from './load.ts';
export type { LoadConfiguration, LoadedConfiguration } from './load.ts';
export type { Configuration } from './schema.ts';
