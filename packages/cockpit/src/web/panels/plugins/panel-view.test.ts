import type { FormField, PanelView } from '@kora/runtime/client';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { Field, Values } from '../../kit/form/field.tsx';
import { DrawnView } from './panel-view.tsx';

const hostile = '<img src=x onerror=alert(1)>\u202egnirts';

function drawn(view: Exclude<PanelView, { kind: 'form' }>): string {
  return renderToStaticMarkup(createElement(DrawnView, { title: hostile, view }));
}

it('figures: a value with its unit and its word; what is not known reads unknown, and zero is zero', () => {
  const html = drawn({
    kind: 'figures',
    figures: [
      { label: 'height', value: 0, unit: 'm', detail: 'since noon', tone: 'bad' },
      { label: 'flow', value: null, unit: 'm/s' },
      { label: 'rising', value: true },
    ],
  });
  expect(html).toMatch(/text-stopped.*>0<\/bdi> m</);
  expect(html).toContain('since noon');
  expect(html).toContain('unknown');
  expect(html).not.toContain('m/s');
  expect(html).toContain('>yes<');
});

it('a table: columns in their order, a cell that a row lacks is unknown, and what was left out is counted', () => {
  const html = drawn({
    kind: 'table',
    columns: [
      { name: 'at', label: 'At' },
      { name: 'height', label: 'Height', align: 'end' },
    ],
    rows: [{ cells: { at: 'noon', height: 2.5 } }, { cells: { at: 'dusk' }, tone: 'dim' }],
    more: 1_200,
  });
  expect(html.indexOf('>At<')).toBeLessThan(html.indexOf('>Height<'));
  expect(html).toMatch(/noon.*2\.5.*dusk.*unknown/s);
  expect(html).toMatch(/and 1.200 more/);
});

const fields: readonly FormField[] = [
  { name: 'a', label: hostile, kind: 'text', help: hostile, value: hostile },
  { name: 'b', label: 'b', kind: 'choice', choices: [{ value: hostile, label: hostile }] },
  { name: 'c', label: 'c', kind: 'lines', value: [hostile] },
];

it.each<[string, string]>([
  ['text', drawn({ kind: 'text', text: hostile })],
  [
    'figures',
    drawn({ kind: 'figures', figures: [{ label: hostile, value: hostile, unit: 'm', detail: hostile }] }),
  ],
  [
    'a table',
    drawn({ kind: 'table', columns: [{ name: 'a', label: hostile }], rows: [{ cells: { a: hostile } }] }),
  ],
  [
    'a form',
    renderToStaticMarkup(
      createElement(
        'form',
        null,
        fields.map((field, at) => createElement(Field, { key: at, field, wrong: hostile })),
      ),
    ),
  ],
  ['what may only be looked at', renderToStaticMarkup(createElement(Values, { fields }))],
])('whatever a plugin writes, %s is text: no element, no hidden turn of direction', (_, html) => {
  expect(html).not.toContain('<img');
  expect(html).toContain('&lt;img');
  expect(html.replaceAll(/value="[^"]*"|<textarea[^>]*>[^<]*/g, '')).not.toContain('\u202e');
});
