/**
 * `@kora/testkit`: for authors of plugins. A runtime in memory that needs no server, key or database, whose clock stands
 * until a test moves it, and a suite of checks that every plugin can run under any test framework.
 */

// A runtime for one plugin.
export { createTestRuntime } from './test-runtime.ts';
export type { TestRuntime } from './test-runtime.ts';
export type {
  CallScript,
  DaemonState,
  FixWish,
  Happening,
  LogLine,
  LoopFinding,
  LoopWindow,
  LoopWindows,
  MadeCall,
  MadeRun,
  ModelHands,
  ModelScript,
  ScriptedAnswer,
  TestMessage,
  TestPast,
  TestRuntimeOptions,
  TestTicket,
  ToolCallOptions,
  TriedFix,
} from './contract.ts';

// What a channel that listens hands in.
export { doorOf } from './house/door.ts';
export type { QuarantinedInbound, TestDoor, TestDoorOptions } from './house/door.ts';

// The suite.
export { conformance } from './conformance/index.ts';
export type { ConformanceCheck, ConformanceOptions } from './conformance/contract.ts';

// The suite for a promotion loop.
export { loopBench } from './conformance/loop-bench.ts';
export type { LoopBenchOptions } from './conformance/loop-contract.ts';

// The clock of a test runtime; one clock may be shared by several.
export { FakeClock } from '@kora/runtime/testkit';
