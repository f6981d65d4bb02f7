/** Brings a row into sight in its own box: the page itself stays where it is. */
export function showIn(box: Element | null | undefined, id: string): void {
  const row = document.getElementById(id);
  if (row === null || box === null || box === undefined) return;
  const [frame, place] = [box.getBoundingClientRect(), row.getBoundingClientRect()];
  if (place.top < frame.top || place.bottom > frame.bottom) box.scrollTop += place.top - frame.top - above;
}

/** Pixels that stay above it. */
const above = 80;
