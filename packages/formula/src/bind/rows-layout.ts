import type { ColumnType } from '@sheetflow/core/type'
import type { BoundRows, RowsInput, StackPart } from '../bound.ts'
import { typeLabel, widenAll } from '../value/type-rules.ts'
import type { RowsFormula } from './bind-rows.ts'
import type { RowsChain } from './rows-chain.ts'
import type { DistinctRowsFormula, MergeRowsFormula, StackRowsFormula } from './rows-derived.ts'
import type { ScopeGroup, ScopeRelation } from './scope.ts'

/** An input column of a sheet. */
export interface LaidColumn {
  readonly name: string
  readonly type: ColumnType
  readonly nullable: boolean
  /** It stands for one that the source has dropped. */
  readonly gone?: boolean
}

/** What stands in the way of rows: the message and the fix. */
export interface LayoutProblem {
  readonly message: string
  readonly why?: string
  readonly fix: string
}

/** The rows of a sheet as the engine takes them, with the columns that they have. */
export interface RowsLayout {
  readonly bound: BoundRows
  readonly columns: readonly LaidColumn[]
  /** Indexes in `columns`. */
  readonly key: readonly number[]
  /** Columns of a stack that cannot be there, by name in small letters: only who reads them has a problem. */
  readonly missing: ReadonlyMap<string, LayoutProblem>
  /** Of rows that are made of others: is the column of that name gone at the source? */
  readonly isLost: (name: string) => boolean
}

/** `map:` of a sheet: column of the stack → label of a table → its column. */
export type StackMap = ReadonlyMap<string, ReadonlyMap<string, string>>

/** What a layout is made from: all columns of a relation, in its order, whoever may read them; and the sheet's `map:`. */
export interface LayoutInput {
  readonly columnsOf: (relation: ScopeRelation) => readonly LaidColumn[]
  readonly map: StackMap
}

const NONE: ReadonlyMap<string, LayoutProblem> = new Map()

/** Lays out the columns and the key of bound rows (FORMATS 7, rule 4). */
export function layoutRows(rows: RowsFormula, input: LayoutInput): RowsLayout | LayoutProblem {
  switch (rows.kind) {
    case 'chain':
      return {
        bound: chainRows(rows.input),
        columns: input.columnsOf(rows.input.relation),
        key: rows.input.relation.key,
        missing: NONE,
        isLost: () => false,
      }
    case 'distinct':
      return layoutDistinct(rows)
    case 'stack':
      return layoutStack(rows, input)
    case 'merge':
      return layoutMerge(rows)
  }
}

export function isLayoutProblem(layout: RowsLayout | LayoutProblem): layout is LayoutProblem {
  return 'message' in layout
}

/** With a column that is gone every row has an error there, and is in no group: the sheet is empty. */
function layoutDistinct({ input, columns }: DistinctRowsFormula): RowsLayout {
  const known = columns.flatMap((column) => ('index' in column ? [column.index] : []))
  return {
    bound: known.length < columns.length ? { kind: 'data', rows: [] } : { kind: 'distinct', input: inputOf(input), columns: known },
    columns: columns.map((column): LaidColumn => {
      if (!('index' in column)) return { name: column.lost, type: { type: 'text' }, nullable: false, gone: true }
      return { name: column.name, type: column.type, nullable: column.nullable }
    }),
    key: columns.map((_, index) => index),
    missing: NONE,
    isLost: () => false,
  }
}

/** What `[x]` means in a sheet of GROUPBY; null in one of UNIQUE, where it is the column of the sheet. */
export function groupScope({ grouped, input, columns }: DistinctRowsFormula, layout: RowsLayout): ScopeGroup | null {
  if (!grouped) return null
  const keys = layout.columns.flatMap((own, index) => {
    const column = columns[index]
    if (column === undefined) return []
    const shown = { kind: 'column' as const, index, ...own }
    // The sheet of a column that is gone has no rows: what they would ask is never asked.
    return [{ column: 'index' in column ? column : { ...shown, index: input.relation.key[0] ?? 0 }, own: shown }]
  })
  return { relation: input.relation, keys }
}

function chainRows(chain: RowsChain): BoundRows {
  const [first, second] = chain.steps
  const relation = chain.relation.id
  if (first === undefined) return { kind: 'relation', relation }
  if (second === undefined && first.kind === 'filter') return { kind: 'filter', relation, where: first.where }
  return { kind: 'chain', input: inputOf(chain) }
}

function inputOf({ relation, steps }: RowsChain): RowsInput {
  return { relation: relation.id, steps }
}

// ── VSTACK ──────────────────────────────────────────────────────────────────────────────────────────────────

/** The column that says which table a row is from. */
const SOURCE = 'source'

/** A column that others may read, by its index in the relation. */
interface VisibleColumn extends LaidColumn {
  readonly index: number
}

interface PartColumns {
  readonly chain: RowsChain
  readonly columns: readonly VisibleColumn[]
}

function visibleColumns(relation: ScopeRelation): VisibleColumn[] {
  return relation.columnNames().flatMap((one) => {
    const found = relation.column(one)
    if (found?.kind !== 'column') return []
    const { name, type, nullable, index, gone = false } = found
    return [{ name, type, nullable, index, gone }]
  })
}

/** Columns go together by `map`, else by name; what a table lacks is Blank. Key: `source` and the key columns, which must go together. */
function layoutStack({ parts }: StackRowsFormula, { map }: LayoutInput): RowsLayout | LayoutProblem {
  const all = parts.map((chain): PartColumns => ({ chain, columns: visibleColumns(chain.relation) }))
  const unknown = checkMap(map, all)
  if (unknown !== null) return unknown
  const names = stackNames(all, map)
  if (names.some((name) => equal(name, SOURCE)))
    return {
      message: `a stacked table has a column "${SOURCE}", which is what the table of a row is called`,
      fix: `give it another name: map: {origin: {${parts[0]?.relation.label ?? 't'}: ${SOURCE}}}`,
    }
  const columns: LaidColumn[] = [{ name: SOURCE, type: { type: 'text' }, nullable: false }]
  const places: StackPart['columns'][number][][] = []
  const missing = new Map<string, LayoutProblem>()
  for (const name of names) {
    const found = all.map((part) => placeOf(part, name, map))
    const typed = all.flatMap(({ columns: own }, i) => own.find((one) => one.index === found[i]) ?? [])
    const kept = typed.filter((one) => one.gone !== true)
    // What is gone has no type of its own: it is #REF!, whatever stands beside it.
    const widened = widenAll(kept.length === 0 ? typed : kept)
    if (widened === null || widened.type === null || widened.type.type === 'any') {
      missing.set(name.toLowerCase(), {
        message: `column "${name}" has no common type: ${typed.map((one) => typeLabel(one.type)).join(', ')}`,
        fix: `map one of them to another name, or compute it in a sheet and stack that`,
      })
      continue
    }
    const gone = kept.length === 0
    const nullable = typed.some((one) => one.nullable) || found.includes(null)
    columns.push({ name, type: widened.type, nullable, gone })
    places.push(found)
  }
  const key = stackKey(all, places)
  if ('message' in key) return key
  return {
    bound: { kind: 'stack', parts: all.map((part, i) => stackPart(part, i, places)) },
    columns,
    key: [0, ...key],
    missing,
    isLost: (name) => parts.some(({ relation }) => isGone(relation, name)),
  }
}

function stackPart({ chain }: PartColumns, index: number, places: readonly StackPart['columns'][]): StackPart {
  return { input: inputOf(chain), label: chain.relation.label, columns: places.map((found) => found[index] ?? null) }
}

/** Names of the stack's columns: those of `map`, then those of the tables that `map` does not use, in order. */
function stackNames(all: readonly PartColumns[], map: StackMap): string[] {
  const names = [...map.keys()]
  for (const { chain, columns } of all) {
    for (const { name } of columns) {
      const mapped = [...map].some(([, by]) => equal(ofLabel(by, chain.relation.label) ?? '', name))
      if (!mapped && !names.some((known) => equal(known, name))) names.push(name)
    }
  }
  return names
}

/** The column of a part that stands in the stack's column of that name. */
function placeOf({ chain, columns }: PartColumns, name: string, map: StackMap): StackPart['columns'][number] {
  const { label } = chain.relation
  const by = [...map].find(([known]) => equal(known, name))?.[1]
  const own = (by === undefined ? undefined : ofLabel(by, label)) ?? name
  const isElsewhere = own === name && [...map].some(([known, other]) => !equal(known, name) && equal(ofLabel(other, label) ?? '', name))
  if (isElsewhere) return null
  const found = columns.find((column) => equal(column.name, own))
  if (found !== undefined) return found.index
  return isGone(chain.relation, own) ? { lost: own } : null
}

function checkMap(map: StackMap, all: readonly PartColumns[]): LayoutProblem | null {
  for (const [name, by] of map) {
    for (const [label, column] of by) {
      const part = all.find((one) => equal(one.chain.relation.label, label))
      if (part === undefined)
        return {
          message: `map: "${label}" is none of the stacked tables`,
          fix: `they are ${all.map((one) => one.chain.relation.label).join(', ')}`,
        }
      if (!part.columns.some((one) => equal(one.name, column)) && !isGone(part.chain.relation, column))
        return {
          message: `map: ${label} has no column "${column}"`,
          fix: `its columns are ${part.columns.map((one) => one.name).join(', ')}; "${name}" can be any of them`,
        }
    }
  }
  return null
}

/** Indexes of the key behind `source`: the columns in which all parts have their key columns. */
function stackKey(all: readonly PartColumns[], places: readonly StackPart['columns'][]): number[] | LayoutProblem {
  const [first] = all
  const key: number[] = []
  for (const column of first?.chain.relation.key ?? []) {
    const at = places.findIndex((found) => found[0] === column)
    const other = all.findIndex(({ chain }, i) => {
      const place = places[at]?.[i]
      return typeof place !== 'number' || !chain.relation.key.includes(place)
    })
    const name = nameAt(first, column)
    const part = all[other]
    if (at < 0 || part !== undefined) return keyProblem(name, part ?? first)
    key.push(at + 1)
  }
  const longer = all.find(({ chain }) => chain.relation.key.length !== key.length)
  if (longer !== undefined)
    return { message: 'the keys of stacked tables have the same number of columns', why: keysOf(all), fix: 'stack tables with keys alike' }
  return key.length > 0 ? key : { message: 'a table without a key cannot be stacked', fix: 'stack tables, or sheets with rows' }
}

function keyProblem(name: string, part: PartColumns | undefined): LayoutProblem {
  const label = part?.chain.relation.label ?? ''
  const own = nameAt(part, part?.chain.relation.key[0])
  return {
    message: `the key column "${name}" has no partner of its type in the key of ${label}`,
    why: 'a row of a stack is known by its table and its key',
    fix: `say which one it is: map: {${name}: {"${label}": ${own}}}; keys of different types: compute a text in a sheet and stack that`,
  }
}

function keysOf(all: readonly PartColumns[]): string {
  return all.map((part) => `${part.chain.relation.label}: ${part.chain.relation.key.map((i) => nameAt(part, i)).join(', ')}`).join('; ')
}

function nameAt(part: PartColumns | undefined, index: number | undefined): string {
  return part?.columns.find((one) => one.index === index)?.name ?? 'key'
}

function ofLabel(by: ReadonlyMap<string, string>, label: string): string | undefined {
  return [...by].find(([known]) => equal(known, label))?.[1]
}

// ── MERGE ───────────────────────────────────────────────────────────────────────────────────────────────────

/** Columns of both; one of the right table that the left has too, or had, is called `<right>_<name>`. */
function layoutMerge({ left, right, on, keepsLeft }: MergeRowsFormula): RowsLayout | LayoutProblem {
  const [own, other] = [visibleColumns(left.relation), visibleColumns(right.relation)]
  if (left.relation.key.length === 0 || right.relation.key.length === 0)
    return { message: 'a table without a key cannot be merged', fix: 'merge tables, or sheets with rows' }
  const prefix = right.relation.label.slice(right.relation.label.lastIndexOf('!') + 1).replaceAll(/\W/g, '_')
  const names = new Set(own.map((column) => column.name.toLowerCase()))
  const added = other.map(({ name, type, nullable, gone = false }): LaidColumn => ({
    name: names.has(name.toLowerCase()) || isGone(left.relation, name) ? `${prefix}_${name}` : name,
    type,
    nullable: nullable || keepsLeft,
    gone,
  }))
  const twice = added.find(({ name }, i) => names.has(name.toLowerCase()) || added.some((one, j) => j < i && equal(one.name, name)))
  if (twice !== undefined)
    return {
      message: `both tables have a column "${twice.name}"`,
      fix: 'make a sheet of one of them that keeps other columns, and merge that',
    }
  const columns = { left: own.map((one) => one.index), right: other.map((one) => one.index) }
  return {
    bound: { kind: 'merge', left: inputOf(left), right: inputOf(right), on, keepsLeft, columns },
    columns: [...own.map(({ name, type, nullable, gone = false }) => ({ name, type, nullable, gone })), ...added],
    key: [
      ...left.relation.key.map((index) => columns.left.indexOf(index)),
      ...right.relation.key.map((index) => own.length + columns.right.indexOf(index)),
    ],
    missing: NONE,
    isLost: (name) =>
      isGone(left.relation, name) || isGone(right.relation, name.startsWith(`${prefix}_`) ? name.slice(prefix.length + 1) : name),
  }
}

/** Has the source dropped the column? */
function isGone(relation: ScopeRelation, name: string): boolean {
  return relation.column(name)?.kind === 'dropped'
}

function equal(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
