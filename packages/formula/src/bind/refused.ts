/**
 * Functions of Excel that have no meaning for live tables, or none yet: why, and what to write instead. Those that are in the catalogue (INDEX, SORT, …) take
 * arrays, and are refused over tables and columns.
 */
interface Refusal {
  readonly why: string
  readonly fix: string
}

const NO_PLACES = 'rows of live tables have keys, but no place and no number'
const NO_CHANCE = 'a live view must come out the same whenever it is computed'
const NOT_YET = 'not supported yet'

const ROWS = 'it gives rows, and one value is needed here'

const ROW_FUNCTIONS: Readonly<Record<string, Refusal>> = {
  GROUPBY: { why: ROWS, fix: 'make a sheet with "rows: =GROUPBY(t[a], …)", and read it with XLOOKUP or SUMIFS' },
  PIVOTBY: { why: ROWS, fix: 'make a sheet with "rows: =PIVOTBY(t[a], t[b], t[x], SUM, {"one", "two"})", and read that' },
  UNIQUE: { why: ROWS, fix: 'make a sheet with "rows: =UNIQUE(t[a])", and count it with ROWS' },
  SORTBY: { why: ROWS, fix: 'use it in the rows of a sheet: "rows: =TAKE(SORTBY(t, t[x], -1), 10)"' },
  SORT: { why: ROWS, fix: 'sort where the rows are read: order_by in the query' },
  TAKE: { why: ROWS, fix: 'use it in the rows of a sheet: "rows: =TAKE(SORTBY(t, t[x], -1), 10)"' },
  DROP: { why: ROWS, fix: 'use it in the rows of a sheet: "rows: =DROP(SORTBY(t, t[x], -1), 10)"' },
  VSTACK: { why: ROWS, fix: 'make a sheet with "rows: =VSTACK(t1, t2)", and read that' },
  HSTACK: {
    why: 'rows of two tables have no common order in which they could stand beside each other',
    fix: 'add columns with XLOOKUP, or pair rows in a sheet with MERGE; columns of one table go into UNIQUE and GROUPBY',
  },
  MERGE: { why: ROWS, fix: 'make a sheet with "rows: =MERGE(a, b, a[x]=b[y])", or add columns with XLOOKUP' },
}

const NO_CELLS = 'a live table has no cells with addresses'
const OUTSIDE = 'a formula reads tables and sheets, and nothing outside of them'

/** What asks about cells, workbooks and the machine, or fetches from elsewhere. */
const OUTSIDE_FUNCTIONS: Readonly<Record<string, Refusal>> = {
  AREAS: { why: NO_CELLS, fix: 'name the table and column: t[x]' },
  ISFORMULA: { why: NO_CELLS, fix: 'leave it out: a column is computed in every row or in none' },
  FORMULATEXT: { why: NO_CELLS, fix: 'read the formula in the file of the sheet' },
  TRIMRANGE: { why: NO_CELLS, fix: 'leave it out: a table ends with its last row' },
  SHEET: { why: 'sheets have names, no numbers', fix: 'write the name as a text' },
  SHEETS: { why: 'sheets have names, no numbers', fix: 'leave it out' },
  INFO: { why: 'a live view must come out the same on every machine', fix: 'leave it out' },
  HYPERLINK: { why: 'a value holds no link', fix: 'compute the address as a text, and make it a link where it is shown' },
  IMAGE: { why: 'a value holds no picture', fix: 'compute the address as a text, and show the picture on the page' },
  PHONETIC: { why: 'texts hold no pronunciation', fix: 'let the source hold it in a column' },
  GETPIVOTDATA: { why: 'there are no pivot tables', fix: 'SUMIFS(t[x], t[key], search)' },
  ...Object.fromEntries(
    ['CUBEVALUE', 'CUBEMEMBER', 'CUBESET', 'CUBESETCOUNT', 'CUBERANKEDMEMBER', 'CUBEMEMBERPROPERTY', 'CUBEKPIMEMBER'].map((name) => [
      name,
      { why: OUTSIDE, fix: 'capture the table that the cube is made of, and use SUMIFS over it' },
    ]),
  ),
  ...Object.fromEntries(
    ['RTD', 'WEBSERVICE', 'FILTERXML', 'STOCKHISTORY', 'TRANSLATE', 'DETECTLANGUAGE', 'COPILOT', 'CALL', 'REGISTER.ID', 'SQL.REQUEST'].map(
      (name) => [name, { why: OUTSIDE, fix: 'write it into a table of the source, and read that' }],
    ),
  ),
  USER: { why: 'what a reader may claim is only known in a read rule', fix: 'move the condition under "read:": =[@tenant]=USER("tenant")' },
  EVALUATE: { why: 'what a formula reads must be known before it runs', fix: 'write the formula itself' },
}

/** Which weights minimise what, from which beginning, and when a season counts: docs/excel.md. */
const SMOOTHED: Readonly<Record<string, Refusal>> = Object.fromEntries(
  ['', '.CONFINT', '.SEASONALITY', '.STAT'].map((name) => [
    `FORECAST.ETS${name}`,
    {
      why: 'Excel says nowhere how it finds the weights of the smoothing, so no other program has its results',
      fix: 'FORECAST.LINEAR(x, t[y], t[x]); with a weight of your own: REDUCE(0, t[y], LAMBDA(level, y, level + 0.3*(y - level)))',
    },
  ]),
)

const REFUSED: Readonly<Record<string, Refusal>> = {
  OFFSET: { why: NO_PLACES, fix: 'use XLOOKUP to reach another row' },
  INDIRECT: { why: 'what a formula reads must be known before it runs', fix: 'name the table and column: t[x]' },
  ROW: { why: NO_PLACES, fix: 'use the key column, such as [@id]' },
  COLUMN: { why: 'columns of live tables have names, no numbers', fix: 'name the column: [@x]' },
  CELL: { why: NO_CELLS, fix: 'name the column: [@x]' },
  ADDRESS: { why: NO_CELLS, fix: 'name the column: [@x]' },
  RAND: { why: NO_CHANCE, fix: 'let the source give each row a random number' },
  RANDBETWEEN: { why: NO_CHANCE, fix: 'let the source give each row a random number' },
  RANDARRAY: { why: NO_CHANCE, fix: 'let the source give each row a random number' },
  VLOOKUP: { why: 'it counts columns, which have names here', fix: 'XLOOKUP(search, t[key], t[result])' },
  HLOOKUP: { why: 'it counts rows, which have no numbers here', fix: 'XLOOKUP(search, t[key], t[result])' },
  LOOKUP: { why: NOT_YET, fix: 'XLOOKUP(search, t[key], t[result])' },
  INDEX: { why: NO_PLACES, fix: 'XLOOKUP(search, t[key], t[result])' },
  MATCH: { why: NO_PLACES, fix: 'XLOOKUP(search, t[key], t[result])' },
  XMATCH: { why: NO_PLACES, fix: 'XLOOKUP(search, t[key], t[result])' },
  ...ROW_FUNCTIONS,
  ...OUTSIDE_FUNCTIONS,
  ...SMOOTHED,
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
