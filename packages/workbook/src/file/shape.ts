/**
 * The shape of a file as data: what may stand where, with one line of help each. The loader checks files against it, and the published JSON
 * Schema is made from it.
 */
export type Shape =
  /** Any text; `formula`: text that must begin with `=`. */
  | { readonly kind: 'text'; readonly pattern?: RegExp; readonly formula?: true }
  /** `all`, or a formula. Nothing else: a rule that lost its `=` must not let everybody in. */
  | { readonly kind: 'rule' }
  /** One of these words. */
  | { readonly kind: 'word'; readonly words: readonly string[] }
  /** A value that is read from its source text by type. */
  | { readonly kind: 'value' }
  | { readonly kind: 'list'; readonly of: Shape }
  /** Keys chosen by the author. */
  | { readonly kind: 'map'; readonly of: Shape }
  /** Keys that are known, in the order in which they are written. */
  | { readonly kind: 'record'; readonly fields: readonly Field[] }
  /** The first shape that fits the kind of YAML node: a scalar, a list, a map. */
  | { readonly kind: 'either'; readonly shapes: readonly Shape[] }

/** A known key. */
export interface Field {
  readonly name: string
  readonly help: string
  readonly shape: Shape
}

const TEXT: Shape = { kind: 'text' }
const FORMULA: Shape = { kind: 'text', formula: true }
const RULE: Shape = { kind: 'rule' }
const VALUE: Shape = { kind: 'value' }
const NAMES: Shape = { kind: 'list', of: TEXT }

const READ: Shape = {
  kind: 'map',
  of: {
    kind: 'either',
    shapes: [
      RULE,
      {
        kind: 'record',
        fields: [
          { name: 'rows', help: 'The rows that the role may read: `all`, or a formula that is TRUE for them.', shape: RULE },
          { name: 'hide', help: 'Columns that the role does not see.', shape: NAMES },
        ],
      },
    ],
  },
}

/** `shop!orders: [{id: 1}, …]` */
const ROWS_BY_TABLE: Shape = { kind: 'map', of: { kind: 'either', shapes: [TEXT, { kind: 'list', of: { kind: 'map', of: VALUE } }] } }
const ROW_BY_TABLE: Shape = {
  kind: 'map',
  of: { kind: 'either', shapes: [TEXT, { kind: 'map', of: VALUE }, { kind: 'list', of: { kind: 'map', of: VALUE } }] },
}
const EXPECTED: Shape = { kind: 'list', of: { kind: 'map', of: VALUE } }

const CHANGE: Shape = {
  kind: 'record',
  fields: [
    { name: 'insert', help: 'Rows that are added, by table.', shape: ROW_BY_TABLE },
    { name: 'update', help: 'Rows that change, by table: the key and what changes.', shape: ROW_BY_TABLE },
    { name: 'delete', help: 'Rows that go, by table: their keys.', shape: ROW_BY_TABLE },
    { name: 'truncate', help: 'Tables that are emptied.', shape: { kind: 'either', shapes: [TEXT, NAMES] } },
  ],
}

const TEST: Shape = {
  kind: 'record',
  fields: [
    { name: 'name', help: 'What the test shows.', shape: TEXT },
    { name: 'given', help: 'Rows that are there at the beginning, by table.', shape: ROWS_BY_TABLE },
    { name: 'now', help: 'The time, ISO: what TODAY() goes by.', shape: TEXT },
    { name: 'expect', help: 'All rows of the sheet, compared on the columns that are written.', shape: EXPECTED },
    {
      name: 'steps',
      help: 'What happens then, and what the rows are afterwards.',
      shape: {
        kind: 'list',
        of: {
          kind: 'record',
          fields: [
            { name: 'then', help: 'Changes, in order, in one transaction.', shape: { kind: 'list', of: CHANGE } },
            { name: 'now', help: 'The time moves on to this.', shape: TEXT },
            { name: 'expect', help: 'All rows of the sheet after that.', shape: EXPECTED },
          ],
        },
      },
    },
  ],
}

const COST: Shape = {
  kind: 'record',
  fields: [
    { name: 'accept', help: 'The class that is accepted.', shape: { kind: 'word', words: ['whole-table'] } },
    {
      name: 'every',
      help: 'How old the result may become: `500ms`, `5s`, `1m`. Today it is never older than its step.',
      shape: { kind: 'text', pattern: /^\d+(ms|s|m|h)$/ },
    },
  ],
}

/** One `<name>.sheet.yaml`. */
export const SHEET_SHAPE: Shape & { readonly kind: 'record' } = {
  kind: 'record',
  fields: [
    { name: 'about', help: 'One line for readers: what the sheet shows.', shape: TEXT },
    {
      name: 'rows',
      help: 'Where the rows come from: a table, a sheet, or FILTER, TAKE(SORTBY), UNIQUE, GROUPBY, VSTACK or MERGE of such.',
      shape: FORMULA,
    },
    { name: 'key', help: 'The key of a sheet with `data`: one column or several.', shape: { kind: 'either', shapes: [TEXT, NAMES] } },
    { name: 'types', help: 'The columns of a sheet with `data` and their types.', shape: { kind: 'map', of: TEXT } },
    {
      name: 'data',
      help: 'Rows that are written here: first the column names, then the rows.',
      shape: { kind: 'list', of: { kind: 'list', of: VALUE } },
    },
    { name: 'edit', help: 'Roles that may type into the sheet.', shape: NAMES },
    { name: 'renames', help: 'Columns of the source that were renamed: old name: new name.', shape: { kind: 'map', of: TEXT } },
    {
      name: 'keep',
      help: 'Columns of the rows that are passed on; the key always is. `all` passes on every one.',
      shape: { kind: 'either', shapes: [TEXT, NAMES] },
    },
    { name: 'map', help: 'Of stacked tables: which of their columns a column is.', shape: { kind: 'map', of: { kind: 'map', of: TEXT } } },
    { name: 'columns', help: 'Computed columns and nested lists: name: formula.', shape: { kind: 'map', of: FORMULA } },
    { name: 'cost', help: 'Accepts formulas that recompute the whole sheet, or read whole columns, at each change.', shape: COST },
    {
      name: 'publish',
      help: 'How readers may ask.',
      shape: {
        kind: 'record',
        fields: [
          { name: 'index', help: 'Columns that can be filtered, ordered or routed on, beside the key.', shape: NAMES },
          { name: 'search', help: 'Text columns that can be searched.', shape: NAMES },
          { name: 'store', help: 'The store that keeps the sheet, if not the main one.', shape: TEXT },
        ],
      },
    },
    { name: 'read', help: 'Who may read: role: `all`, or a rule. Without it the sheet is not in GraphQL.', shape: READ },
    { name: 'format', help: "Display formats of columns, Excel's: name: format.", shape: { kind: 'map', of: TEXT } },
    { name: 'tests', help: 'Tests of the sheet, run by `sheetflow test`.', shape: { kind: 'list', of: TEST } },
  ],
}

/** `workbook.yaml`. */
export const WORKBOOK_SHAPE: Shape & { readonly kind: 'record' } = {
  kind: 'record',
  fields: [
    { name: 'about', help: 'One line for readers: what the workbook is for.', shape: TEXT },
    { name: 'time_zone', help: 'The zone of TODAY() and of days and times of moments: `Europe/Warsaw`.', shape: TEXT },
    { name: 'values', help: 'Named values and functions: name: value or formula.', shape: { kind: 'map', of: VALUE } },
    { name: 'cost', help: 'Accepts named values that read whole columns at each change.', shape: COST },
    { name: 'user', help: "The claims of a reader's token that `read` rules use, and their types.", shape: { kind: 'map', of: TEXT } },
    { name: 'read', help: 'Who may read the sheet of named values: role: `all`, or a rule.', shape: READ },
    { name: 'format', help: "Display formats of named values, Excel's.", shape: { kind: 'map', of: TEXT } },
  ],
}
