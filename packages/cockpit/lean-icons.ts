import type { Plugin } from 'vite';

const maker = /\/lucide-react\/dist\/esm\/createLucideIcon\.mjs$/;

/**
 * An icon of lucide is a name and a list of shapes; what comes along to draw it serves every framework and every wish.
 * The page wishes for a size, a width of stroke and classes, so this draws that, the same picture, in a tenth.
 */
const drawing = `
import { createElement } from 'react';
export default function createLucideIcon({ name, node }) {
  const Icon = ({ size = 24, strokeWidth = 2, className = '', ...rest }) =>
    createElement(
      'svg',
      {
        xmlns: 'http://www.w3.org/2000/svg', width: size, height: size, viewBox: '0 0 24 24', fill: 'none',
        stroke: 'currentColor', strokeWidth, strokeLinecap: 'round', strokeLinejoin: 'round',
        className: 'lucide lucide-' + name + ' ' + className,
        'aria-hidden': rest.role || rest.title || rest['aria-label'] ? undefined : true,
        ...rest,
      },
      node.map(([tag, shape]) => createElement(tag, shape)),
    );
  return Icon;
}
`;

/** Draws lucide's icons with what the page needs of it alone: some 1.5 kB of what comes before the first picture. */
export function leanIcons(): Plugin {
  return {
    name: 'lean-icons',
    enforce: 'pre',
    load: (id): string | undefined => (maker.test(id) ? drawing : undefined),
  };
}
