import { isScalar, type Node } from 'yaml'
import type { FileRange, Findings } from '../diagnostic.ts'
import { checkShape } from './check-shape.ts'
import type { FormulaSource } from './formula-source.ts'
import {
  acceptedCost,
  formulaOf,
  readEntries,
  textEntries,
  type AcceptedCost,
  type PlacedEntry,
  type PlacedName,
  type ReadEntry,
} from './sheet-file.ts'
import { WORKBOOK_SHAPE } from './shape.ts'
import { entriesOf, isQuoted, placeOf, readYaml, scalarText, type YamlFile } from './yaml-file.ts'

/** A named value: a formula, or what is written. */
export interface NamedEntry extends PlacedName {
  readonly formula: FormulaSource | null
  /** The text of a literal; null for Blank and formulas. */
  readonly text: string | null
  readonly quoted: boolean
}

/** One `workbook.yaml`, read. A workbook without one has no values and the zone UTC. */
export interface WorkbookFile {
  readonly file: YamlFile | null
  readonly name: string
  readonly at: FileRange
  readonly timeZone: { readonly name: string; readonly at: FileRange } | null
  readonly values: readonly NamedEntry[]
  readonly user: readonly PlacedEntry[]
  readonly read: readonly ReadEntry[] | null
  readonly format: readonly PlacedEntry[]
  /** Null: named values that read whole tables at each change are refused. */
  readonly cost: AcceptedCost | null
  readonly about: string | null
}

/** What a workbook without a file of its own is like. */
export function emptyWorkbook(name: string, path: string): WorkbookFile {
  return {
    file: null,
    name,
    at: { file: path, start: 0, end: 1 },
    timeZone: null,
    values: [],
    user: [],
    read: null,
    format: [],
    cost: null,
    about: null,
  }
}

/** Reads `workbook.yaml`. */
export function readWorkbookFile(path: string, text: string, name: string, findings: Findings): WorkbookFile {
  const file = readYaml(path, text, findings)
  if (file === null) return emptyWorkbook(name, path)
  checkShape(file, WORKBOOK_SHAPE, findings)
  const field = (key: string): Node | null => entriesOf(file.contents).find((entry) => entry.name === key)?.value ?? null
  const zone = scalarText(field('time_zone'))
  return {
    file,
    name,
    at: { file: path, start: 0, end: 1 },
    timeZone: zone === null ? null : { name: zone, at: placeOf(file, field('time_zone')) },
    values: entriesOf(field('values')).map(({ key, name: value, value: node }) => {
      const formula = isScalar(node) ? formulaOf(file, node) : null
      return { name: value, at: placeOf(file, key), formula, text: formula === null ? scalarText(node) : null, quoted: isQuoted(node) }
    }),
    user: textEntries(file, field('user')),
    read: readEntries(file, field('read')),
    format: textEntries(file, field('format')),
    cost: acceptedCost(file, field('cost')),
    about: scalarText(field('about')),
  }
}
