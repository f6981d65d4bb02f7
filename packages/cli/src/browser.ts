/** The program that opens an address on this machine, with its leading arguments; undefined where there is no display. */
export function opener(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): readonly [command: string, args: readonly string[]] | undefined {
  const has = (name: string): boolean => (env[name] ?? '') !== '';
  // Over ssh the browser is on the other machine, and `open` would raise a window nobody sees.
  if (has('SSH_CONNECTION')) return undefined;
  if (platform === 'darwin') return ['open', []];
  // `start` would hand the address to cmd's own parser.
  if (platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler']];
  return has('DISPLAY') || has('WAYLAND_DISPLAY') ? ['xdg-open', []] : undefined;
}
