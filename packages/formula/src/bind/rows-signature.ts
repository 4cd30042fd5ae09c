/** Calls that give rows, as `rows:` takes them. */
const SIGNATURES: Readonly<Record<string, string>> = {
  FILTER: 'FILTER(rows, condition)',
  SORTBY: 'SORTBY(rows, column, order, …)',
  TAKE: 'TAKE(rows, count)',
  DROP: 'DROP(rows, count)',
  UNIQUE: 'UNIQUE(t[a], …)',
  GROUPBY: 'GROUPBY(t[a], …)',
  PIVOTBY: 'PIVOTBY(t[a], t[b], t[x], SUM, {"one", "two"})',
  VSTACK: 'VSTACK(t1, t2, …)',
  MERGE: 'MERGE(a, b, a[x]=b[y], "left")',
}

/** How a call that gives rows is written. */
export function rowsSignature(name: string): string {
  return Object.hasOwn(SIGNATURES, name) ? (SIGNATURES[name] ?? name) : name
}

const OF_THEIR_OWN: ReadonlySet<string> = new Set(['UNIQUE', 'GROUPBY', 'PIVOTBY', 'VSTACK', 'MERGE'])

/** Does the function make rows with a key of their own, not rows of the table that it is given? */
export function isRowsOfTheirOwn(name: string): boolean {
  return OF_THEIR_OWN.has(name)
}
