// Which packages a pull request touches, and which depend on them: `packages=["@kora/runtime",…]`, as GitHub takes it.
// What is compared with is in TURBO_SCM_BASE.
import { execFileSync } from 'node:child_process';
import { root } from './pack.ts';

interface Listed {
  readonly packages: { readonly items: readonly { readonly name: string; readonly path: string }[] };
}

const text = execFileSync('turbo', ['ls', '--affected', '--output=json'], {
  cwd: root,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
const { packages } = JSON.parse(text.slice(text.indexOf('{'))) as Listed;
// bench and chaos are run by hand; their types and lint are the house's.
const tested = packages.items.filter(({ path }) => path.startsWith('packages/') || path === 'e2e');
console.log(`packages=${JSON.stringify(tested.map(({ name }) => name))}`);
