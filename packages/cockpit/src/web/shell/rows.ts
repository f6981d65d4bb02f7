/**
 * The keyboard's way through the rows of a page: whatever carries `data-row` is one, its value is where it leads. Works
 * on what is drawn, so every list has it by saying so.
 */

/** Puts the focus on the next row, or the one before. */
export function moveRow(step: 1 | -1): void {
  const all = rows();
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const next = at === -1 ? (step === 1 ? all[0] : all.at(-1)) : all[at + step];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

/** Where the row with the focus leads; null when none has it or it leads nowhere. */
export function rowTarget(): string | null {
  const row = currentRow();
  const target = row?.dataset['row'];
  return target === undefined || target === '' ? null : target;
}

/** Picks the row with the focus, by its own box. With `range`, all from the last one that was picked. */
export function pickRow(range: boolean): void {
  const box = currentRow()?.querySelector<HTMLInputElement>('input[type=checkbox]');
  box?.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, shiftKey: range }));
}

function currentRow(): HTMLElement | undefined {
  return rows().find((row) => row.contains(document.activeElement));
}

function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('#main [data-row]')].filter((row) =>
    row.checkVisibility(),
  );
}
