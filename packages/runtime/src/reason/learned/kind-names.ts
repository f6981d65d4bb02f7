/** The kinds of changes that whoever thinks, and what answers before, act by. */
export const phrasebookEntryKind = 'phrasebook.entry';
export const snapshotFieldKind = 'snapshot.field';
export const toolsTrimmedKind = 'tools.trimmed';
