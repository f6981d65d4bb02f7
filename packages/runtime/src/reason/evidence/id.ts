const shape = /^[\p{L}\p{N}_.:@/+#-]{1,160}$/u;

/**
 * Whether this may be the id of evidence. A model is shown it beside what it stands for and outside of any quotation, so it
 * is one word, with no room for a sentence in it.
 */
export function isEvidenceId(id: string): boolean {
  return shape.test(id);
}
