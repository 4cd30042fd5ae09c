import { isMap, isScalar, type Node } from 'yaml'
import type { FileRange, Findings } from '../diagnostic.ts'
import { checkShape } from './check-shape.ts'
import { formulaSource, type FormulaSource } from './formula-source.ts'
import { SHEET_SHAPE } from './shape.ts'
import { entriesOf, isBlank, itemsOf, placeOf, readYaml, scalarText, type YamlFile } from './yaml-file.ts'

/** A name with its place. */
export interface PlacedName {
  readonly name: string
  readonly at: FileRange
}

/** A name with what stands behind it as text. */
export interface PlacedEntry extends PlacedName {
  readonly text: string
  readonly textAt: FileRange
}

/** A computed column or nested list. */
export interface ColumnFormula extends PlacedName {
  readonly formula: FormulaSource
}

/** What a role may read: all rows or those of a formula, without `hide`. */
export interface ReadEntry extends PlacedName {
  readonly rows: FormulaSource | 'all'
  readonly hide: readonly PlacedName[]
}

/** A column of stacked tables: what it is called in each of them, by the table's name. */
export interface MappedColumn extends PlacedName {
  readonly by: readonly PlacedEntry[]
}

/** `cost:`: formulas may read whole tables at each change. */
export interface AcceptedCost {
  readonly everyMs: number
  readonly at: FileRange
}

/** One sheet file, read. Everything has its place; nothing is resolved yet. */
export interface SheetFile {
  readonly file: YamlFile
  readonly workbook: string
  readonly name: string
  /** The beginning of the file, for what is missing. */
  readonly at: FileRange
  readonly about: string | null
  /** Null: not written, or no formula (which was reported). */
  readonly rows: FormulaSource | null
  readonly hasRows: boolean
  readonly key: readonly PlacedName[]
  readonly types: readonly PlacedEntry[]
  readonly data: Node | null
  readonly edit: readonly PlacedName[]
  readonly renames: readonly PlacedEntry[]
  readonly keep: readonly PlacedName[] | 'all'
  readonly keepAt: FileRange
  /** Which columns of stacked tables go together; null: not written. */
  readonly map: { readonly at: FileRange; readonly columns: readonly MappedColumn[] } | null
  readonly columns: readonly ColumnFormula[]
  readonly cost: AcceptedCost | null
  readonly index: readonly PlacedName[]
  readonly search: readonly PlacedName[]
  readonly store: string | null
  /** Null: not in GraphQL. */
  readonly read: readonly ReadEntry[] | null
  readonly format: readonly PlacedEntry[]
  readonly tests: Node | null
}

/** Reads a sheet's file. Null if there is nothing to go on with; what is wrong is among the findings. */
export function readSheetFile(path: string, text: string, workbook: string, name: string, findings: Findings): SheetFile | null {
  const file = readYaml(path, text, findings)
  if (file === null) return null
  checkShape(file, SHEET_SHAPE, findings)
  const field = (key: string): Node | null => entriesOf(file.contents).find((entry) => entry.name === key)?.value ?? null
  const keep = field('keep')
  const publish = field('publish')
  const publishField = (key: string): Node | null => entriesOf(publish).find((entry) => entry.name === key)?.value ?? null
  return {
    file,
    workbook,
    name,
    at: { file: path, start: 0, end: 1 },
    about: scalarText(field('about')),
    rows: formulaOf(file, field('rows')),
    hasRows: field('rows') !== null,
    key: namesOf(file, field('key')),
    types: textEntries(file, field('types')),
    data: field('data'),
    edit: namesOf(file, field('edit')),
    renames: textEntries(file, field('renames')),
    keep: scalarText(keep) === 'all' ? 'all' : namesOf(file, keep),
    keepAt: placeOf(file, keep ?? file.contents),
    map: mapOf(file, field('map')),
    columns: entriesOf(field('columns')).flatMap(({ key, name: column, value }) => {
      const formula = formulaOf(file, value)
      return formula === null ? [] : [{ name: column, at: placeOf(file, key), formula }]
    }),
    cost: acceptedCost(file, field('cost')),
    index: namesOf(file, publishField('index')),
    search: namesOf(file, publishField('search')),
    store: scalarText(publishField('store')),
    read: readEntries(file, field('read')),
    format: textEntries(file, field('format')),
    tests: field('tests'),
  }
}

/** The `read` key: role → rule; null if it is not there. */
export function readEntries(file: YamlFile, node: Node | null): ReadEntry[] | null {
  if (node === null || isBlank(node)) return null
  return entriesOf(node).map(({ key, name, value }) => {
    const place = { name, at: placeOf(file, key) }
    if (!isMap(value)) return { ...place, rows: formulaOf(file, value) ?? 'all', hide: [] }
    const parts = entriesOf(value)
    const rows = parts.find((one) => one.name === 'rows')?.value ?? null
    const hide = parts.find((one) => one.name === 'hide')?.value ?? null
    return { ...place, rows: formulaOf(file, rows) ?? 'all', hide: namesOf(file, hide) }
  })
}

/** The formula of a scalar; null if it holds none. */
export function formulaOf(file: YamlFile, node: Node | null): FormulaSource | null {
  const text = scalarText(node)
  return text !== null && text.startsWith('=') && isScalar(node) ? formulaSource(file, node, text) : null
}

function namesOf(file: YamlFile, node: Node | null): PlacedName[] {
  const nodes = isScalar(node) ? [node] : itemsOf(node)
  return nodes.flatMap((one) => {
    const name = scalarText(one)
    return name === null ? [] : [{ name, at: placeOf(file, one) }]
  })
}

function mapOf(file: YamlFile, node: Node | null): SheetFile['map'] {
  if (node === null || isBlank(node)) return null
  const columns = entriesOf(node).map(({ key, name, value }) => ({ name, at: placeOf(file, key), by: textEntries(file, value) }))
  return { at: placeOf(file, node), columns }
}

/** `name: text` entries. */
export function textEntries(file: YamlFile, node: Node | null): PlacedEntry[] {
  return entriesOf(node).flatMap(({ key, name, value }) => {
    const text = scalarText(value)
    return text === null ? [] : [{ name, at: placeOf(file, key), text, textAt: placeOf(file, value) }]
  })
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
/** Without `every` a whole-table formula runs at most once in this time. */
const DEFAULT_EVERY_MS = 1000

/** Reads `cost:`; null if it is not written. */
export function acceptedCost(file: YamlFile, node: Node | null): AcceptedCost | null {
  const parts = entriesOf(node)
  if (!parts.some((one) => one.name === 'accept')) return null
  const every = /^(\d+)(ms|s|m|h)$/.exec(scalarText(parts.find((one) => one.name === 'every')?.value) ?? '')
  return { everyMs: every === null ? DEFAULT_EVERY_MS : Number(every[1]) * (UNIT_MS[every[2] ?? 's'] ?? 1000), at: placeOf(file, node) }
}
