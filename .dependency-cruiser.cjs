// The walls. ARCHITECTURE in one table: a room imports from rooms on lower floors, through their index.ts.
// house/walls.test.ts plants violations against these very rules and counts the modules that were cruised.
'use strict';

/** Floors of packages/runtime/src, lowest first. Rooms on one floor do not import each other. */
const floors = [
  ['fault'],
  ['clock', 'scope'],
  ['store', 'config', 'home'],
  ['chain', 'workspace'],
  ['state', 'spend', 'identity', 'capability'],
  ['admission', 'transfer'],
  ['daemon', 'ticket', 'message', 'alert', 'probe', 'fix', 'reason', 'promotion', 'health', 'artifact'],
  ['boot', 'control', 'house-tools', 'mcp', 'session'],
  ['plugin'],
  ['http'],
];

const src = '^packages/runtime/src';
const any = (rooms) => `(?:${rooms.join('|')})`;
// Contracts import contracts only; what lies in testing/ builds whole scenes, and nothing that ships may lean on it (below).
const free = ['/contract\\.ts$', '/testing/'];

const upward = floors.slice(0, -1).map((rooms, floor) => ({
  name: `upward-from-${rooms.join('-')}`,
  severity: 'error',
  comment: 'A room imports only from lower floors. Let kora.ts hand it a small port, or subscribe to events.',
  from: { path: `${src}/${any(rooms)}/`, pathNot: free },
  to: { path: `${src}/${any(floors.slice(floor + 1).flat())}/` },
}));

const sideways = floors
  .filter((rooms) => rooms.length > 1)
  .map((rooms) => ({
    name: `sideways-between-${rooms.join('-')}`,
    severity: 'error',
    comment: 'Rooms on one floor do not import each other: kora.ts connects them with a port, or events do.',
    from: { path: `${src}/(${any(rooms)})/`, pathNot: free },
    to: { path: `${src}/${any(rooms)}/`, pathNot: `${src}/$1/` },
  }));

const plugins = '^packages/(?:cockpit|promote-loops|plugin-[^/]+)/src/';
const page = '^packages/cockpit/src/web/';

module.exports = {
  forbidden: [
    ...upward,
    ...sideways,
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two modules that need each other are one module, or a third one waiting for its name.',
      from: {},
      // Types vanish, and what is imported on demand is not there yet when modules are linked: neither is a cycle at run time.
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'dynamic-import'] } },
    },
    {
      name: 'past-the-face',
      severity: 'error',
      comment: "A room's index.ts is its face; whatever it does not name is its own business.",
      from: { path: `${src}/([^/]+)/`, pathNot: free },
      to: { path: `${src}/[^/]+/`, pathNot: [`${src}/$1/`, `${src}/[^/]+/index\\.ts$`] },
    },
    {
      name: 'past-the-face-from-the-roof',
      severity: 'error',
      comment:
        'kora.ts, index.ts and client.ts compose rooms through their faces. Only the plugin door reads contracts.',
      from: { path: `${src}/[^/]+\\.ts$`, pathNot: `${src}/(?:plugin|client)\\.ts$` },
      to: { path: `${src}/[^/]+/`, pathNot: `${src}/[^/]+/index\\.ts$` },
    },
    {
      name: 'contract-imports-code',
      severity: 'error',
      comment:
        'A contract is types, schemas and errors, and imports nothing but other contracts: the doors stay light.',
      from: { path: `${src}/[^/]+/contract\\.ts$` },
      to: { path: `${src}/`, pathNot: free },
    },
    {
      name: 'plugin-door-imports-code',
      severity: 'error',
      comment:
        'The ./plugin door is contracts, and functions that need nothing of a runtime: importing it must not load one.',
      from: { path: `${src}/plugin\\.ts$` },
      to: {
        path: `${src}/`,
        pathNot: [free, `${src}/promotion/every\\.ts$`, `${src}/reason/phrasebook/phrase\\.ts$`].flat(),
      },
    },
    {
      name: 'rooms-import-the-roof',
      severity: 'error',
      comment:
        'Nothing inside the house imports its doors or the composition root; the scenes of the roof’s own tests do.',
      from: { path: `${src}/[^/]+/`, pathNot: `${src}/testing/` },
      to: { path: `${src}/[^/]+\\.ts$` },
    },
    {
      name: 'unknown-room',
      severity: 'error',
      comment:
        'A new room needs a floor first: name it in the table at the head of .dependency-cruiser.cjs and in docs/architecture.md.',
      from: {},
      to: { path: `${src}/[^/]+/`, pathNot: `${src}/${any(floors.flat())}/` },
    },
    {
      name: 'ships-a-prop',
      severity: 'error',
      comment: 'What lies in a testing/ folder is made for tests; nothing that ships may lean on it.',
      from: { path: '^packages/', pathNot: '/testing/' },
      to: { path: '^packages/.*/testing/' },
    },
    {
      name: 'package-by-path',
      severity: 'error',
      comment:
        'Packages meet by name. A relative path would bundle a second copy, and its errors would fail instanceof.',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/', pathNot: '^packages/$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'plugin-past-its-door',
      severity: 'error',
      comment:
        'First-party plugins live like strangers: @kora/runtime/plugin and nothing else of the runtime.',
      from: { path: plugins, pathNot: page },
      to: { path: '^packages/runtime/', pathNot: `${src}/plugin\\.ts$` },
    },
    {
      name: 'page-past-its-door',
      severity: 'error',
      comment: 'The page runs in a browser: of the runtime it sees @kora/runtime/client.',
      from: { path: page },
      to: { path: '^packages/runtime/', pathNot: `${src}/client\\.ts$` },
    },
    {
      name: 'testkit-past-its-doors',
      severity: 'error',
      comment:
        'The kit sees of the runtime what authors see, and the one door made for it; past those it would test itself.',
      from: { path: '^packages/testkit/src/' },
      to: { path: '^packages/runtime/', pathNot: `${src}/(?:plugin|testkit)\\.ts$` },
    },
    {
      name: 'plugin-imports-another-package',
      severity: 'error',
      comment: 'Only the CLI composes. Plugins meet through the runtime.',
      from: { path: '^packages/(cockpit|promote-loops|plugin-[^/]+)/src/' },
      to: { path: '^packages/', pathNot: ['^packages/$1/', '^packages/runtime/'] },
    },
    {
      name: 'runtime-imports-outward',
      severity: 'error',
      comment:
        'The runtime knows no plugin and no CLI. The embedded database is the one package it may ask for.',
      from: { path: `${src}/` },
      to: { path: '^packages/', pathNot: '^packages/(?:runtime|postgres)/' },
    },
    {
      name: 'postgres-imports-outward',
      severity: 'error',
      comment: 'The embedded database stands alone; the runtime uses it when it is there.',
      from: { path: '^packages/postgres/' },
      to: { path: '^packages/', pathNot: '^packages/postgres/' },
    },
    {
      name: 'pglite-imports-outward',
      severity: 'error',
      comment: 'So does PGlite: what opens it hands it to the runtime.',
      from: { path: '^packages/pglite/' },
      to: { path: '^packages/', pathNot: '^packages/pglite/' },
    },
    {
      name: 'create-imports-outward',
      severity: 'error',
      comment: '`npm create kora` fetches this one package before there is any other.',
      from: { path: '^packages/create-kora/' },
      to: { path: '^packages/', pathNot: '^packages/create-kora/' },
    },
    {
      name: 'unresolvable',
      severity: 'error',
      comment: 'An import that leads nowhere also hides whatever stands behind it from every other wall.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'not-in-the-manifest',
      severity: 'error',
      comment:
        "A package that works only through a neighbour's dependency breaks when it is installed alone.",
      from: { path: '^packages/[^/]+/src/', pathNot: ['\\.test\\.tsx?$', page] },
      to: {
        dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'],
        dependencyTypesNot: ['type-only'],
        pathNot: '^packages/',
      },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    // Tests of a room may look inside it; tests that span rooms live in e2e or beside kora.ts.
    // A template is a project of somebody else's.
    exclude: {
      path: [
        '/dist/',
        '\\.test\\.tsx?$',
        'packages/[^/]+/[^/]+\\.config\\.ts$',
        '^packages/create-kora/templates/',
      ],
    },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    tsConfig: { fileName: 'tsconfig.check.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@kora/source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.d.ts', '.js', '.mjs', '.cjs', '.json', '.css'],
    },
  },
};
