export type { AnchorConfiguration } from './chain.ts';
export { loadConfiguration } from './load.ts';
export type { LoadConfiguration, LoadedConfiguration } from './load.ts';
export type { Configuration } from './schema.ts';
