/** Who installs packages here, and how it is spoken to. */
export const managers = ['npm', 'pnpm', 'yarn'] as const;
export type Manager = (typeof managers)[number];

/** The one that started this process, by what it says of itself; npm when nobody does. */
export function managerOf(env: Readonly<Record<string, string | undefined>>): Manager {
  const [name] = (env['npm_config_user_agent'] ?? '').split('/');
  return managers.find((manager) => manager === name) ?? 'npm';
}

/** How a clean machine installs exactly what the lockfile says. */
export function cleanInstall(manager: Manager): string {
  if (manager === 'npm') return 'npm ci';
  if (manager === 'pnpm') return 'npx --yes pnpm@12 install --frozen-lockfile';
  return 'npx --yes yarn@1 install --frozen-lockfile';
}

/** How a command of an installed package is run. */
export function runner(manager: Manager): string {
  return { npm: 'npx', pnpm: 'pnpm exec', yarn: 'yarn' }[manager];
}

/** How a package is added. */
export function adder(manager: Manager): string {
  return { npm: 'npm install', pnpm: 'pnpm add', yarn: 'yarn add' }[manager];
}
