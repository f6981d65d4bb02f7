/**
 * The light half of `@kora/runtime`. Named one by one, so that the bundle takes these few files in and leaves the
 * database, the HTTP server and the rest where they are: `kora status` answers before they could load.
 */
export {
  exitCodes,
  faultTable,
  lockHolder,
  readRunningRuntime,
  resolveHome,
  resumeHome,
  stopHome,
} from '@kora/runtime';
