/** Functions of Excel that have no meaning for live tables, or none yet: why, and what to write instead. */
interface Refusal {
  readonly why: string
  readonly fix: string
}

const NO_PLACES = 'rows of live tables have keys, but no place and no number'
const NO_CHANCE = 'a live view must come out the same whenever it is computed'
const NOT_YET = 'not supported yet'

const ROW_FUNCTIONS: Readonly<Record<string, Refusal>> = {
  GROUPBY: { why: NOT_YET, fix: 'read the table with SUMIFS and COUNTIFS from a sheet that has the groups as rows' },
  PIVOTBY: { why: NOT_YET, fix: 'write one column with SUMIFS for each value' },
  UNIQUE: { why: NOT_YET, fix: 'use a table of the source that has the values as rows' },
  SORTBY: { why: NOT_YET, fix: 'sort where the rows are read: order_by in the query' },
  SORT: { why: NOT_YET, fix: 'sort where the rows are read: order_by in the query' },
  TAKE: { why: NOT_YET, fix: 'take the first rows where they are read: order_by and limit in the query' },
  DROP: { why: NOT_YET, fix: 'leave rows out with FILTER' },
  VSTACK: { why: NOT_YET, fix: 'write one sheet for each table' },
  HSTACK: { why: NOT_YET, fix: 'add columns with XLOOKUP' },
  MERGE: { why: NOT_YET, fix: 'add columns with XLOOKUP, or a nested list with FILTER' },
}

const REFUSED: Readonly<Record<string, Refusal>> = {
  OFFSET: { why: NO_PLACES, fix: 'use XLOOKUP to reach another row' },
  INDIRECT: { why: 'what a formula reads must be known before it runs', fix: 'name the table and column: t[x]' },
  ROW: { why: NO_PLACES, fix: 'use the key column, such as [@id]' },
  COLUMN: { why: 'columns of live tables have names, no numbers', fix: 'name the column: [@x]' },
  CELL: { why: 'a live table has no cells with addresses', fix: 'name the column: [@x]' },
  ADDRESS: { why: 'a live table has no cells with addresses', fix: 'name the column: [@x]' },
  RAND: { why: NO_CHANCE, fix: 'let the source give each row a random number' },
  RANDBETWEEN: { why: NO_CHANCE, fix: 'let the source give each row a random number' },
  RANDARRAY: { why: NO_CHANCE, fix: 'let the source give each row a random number' },
  NOW: { why: NOT_YET, fix: 'use TODAY(), or a timestamp column of the source' },
  VLOOKUP: { why: 'it counts columns, which have names here', fix: 'XLOOKUP(search, t[key], t[result])' },
  HLOOKUP: { why: 'it counts rows, which have no numbers here', fix: 'XLOOKUP(search, t[key], t[result])' },
  LOOKUP: { why: NOT_YET, fix: 'XLOOKUP(search, t[key], t[result])' },
  INDEX: { why: NO_PLACES, fix: 'XLOOKUP(search, t[key], t[result])' },
  MATCH: { why: NO_PLACES, fix: 'XLOOKUP(search, t[key], t[result])' },
  XMATCH: { why: NO_PLACES, fix: 'XLOOKUP(search, t[key], t[result])' },
  SUMPRODUCT: { why: 'it recomputes the whole table', fix: 'add a column with the product and use SUMIFS over it' },
  ...ROW_FUNCTIONS,
}

/** Why a function of that name is refused in a sheet, or undefined if it is not. */
export function refusalOf(name: string): Refusal | undefined {
  const upper = name.toUpperCase()
  return Object.hasOwn(REFUSED, upper) ? REFUSED[upper] : undefined
}

/** Does the name look like a cell's address (`A1`, `$B$2`, `R1C1`)? */
export function isCellAddress(name: string): boolean {
  return /^\$?[A-Z]{1,3}\$?[1-9]\d{0,6}$/i.test(name) || /^R[1-9]\d*C[1-9]\d*$/i.test(name)
}

/** What to write instead of a cell's address. */
export const CELL_ADDRESS_FIX = 'write [@x] for the value of column x in this row, t[x] for a whole column, or XLOOKUP to reach another row'
