/**
 * Compares what `CatalogueTable.storage` says: words for the files in which the rows lie, and words that begin with a letter for what decides how values are
 * printed. Pure.
 */

/**
 * Do rows lie elsewhere, or are there rows that no change brought? A new partition that is still empty will stream all of its rows; one that holds some
 * (`filled`) may have brought them along when it was attached, and one that is gone took its rows with it.
 */
export function isRewritten(before: string, after: string, filled: string): boolean {
  const had = filesOf(before)
  const has = new Set(filesOf(after))
  return had.some((file) => !has.has(file)) || filesOf(filled).some((file) => !had.includes(file))
}

/** Are values printed otherwise that were there before? A new enum value changes none of them. */
export function isReprinted(before: string, after: string): boolean {
  const has = new Set(printedBy(after))
  return printedBy(before).some((word) => !has.has(word))
}

/** Is nothing different in how values are printed? */
export function isPrintedAlike(before: string, after: string): boolean {
  return printedBy(before).join(' ') === printedBy(after).join(' ')
}

function filesOf(storage: string): readonly string[] {
  return storage.split(' ').filter((word) => /^\d/.test(word))
}

function printedBy(storage: string): readonly string[] {
  return storage.split(' ').filter((word) => /^[a-z]/.test(word))
}
