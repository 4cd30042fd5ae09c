import type { CallNode, Node } from '@sheetflow/formula/syntax/node'
import type { DraftColumn } from './draft.ts'
import { callNode, LEFT_OUT, numberNode, wholeColumn } from './nodes.ts'
import type { AreaColumns } from './columns-of-area.ts'

/** What lookups need of the formula that they stand in. */
interface Surrounding {
  node(node: Node): Node
  columns(node: Node): AreaColumns | null
}

/** VLOOKUP and INDEX(…, MATCH(…)) over a table as XLOOKUP, which names the columns; null: the call is no such lookup. */
export function translateLookup(work: Surrounding, node: CallNode): Node | null {
  switch (node.name.toUpperCase()) {
    case 'VLOOKUP':
      return vlookup(work, node)
    case 'INDEX':
      return indexMatch(work, node)
    default:
      return null
  }
}

function vlookup(work: Surrounding, { args }: CallNode): Node | null {
  const [search, range, position, sorted] = args
  const found = range === undefined ? null : work.columns(range)
  if (search === undefined || found === null || 'why' in found) return null
  const at = wholeNumber(position)
  const [key, result] = [found.columns[0], at === null ? undefined : found.columns[at - 1]]
  if (key === undefined || result === undefined) return null
  return xlookup(work.node(search), found.table.name, key, result, isFalse(sorted) ? 0 : -1)
}

function indexMatch(work: Surrounding, { args }: CallNode): Node | null {
  const [range, match, position] = args
  if (range === undefined || match?.kind !== 'call' || match.name.toUpperCase() !== 'MATCH') return null
  const [search, keys, mode] = match.args
  const [results, found] = [work.columns(range), keys === undefined ? null : work.columns(keys)]
  if (search === undefined || results === null || found === null || 'why' in results || 'why' in found) return null
  const [key, other] = found.columns
  const at = position === undefined ? 1 : wholeNumber(position)
  const result = at === null ? undefined : results.columns[at - 1]
  const way = mode === undefined ? 1 : wholeNumber(mode)
  if (key === undefined || other !== undefined || result === undefined || results.table !== found.table || way === null) return null
  if (position === undefined && results.columns.length > 1) return null
  // MATCH finds the next smaller with 1, the next larger with -1; XLOOKUP says it the other way round.
  return xlookup(work.node(search), results.table.name, key, result, -way)
}

function xlookup(search: Node, table: string, key: DraftColumn, result: DraftColumn, mode: number): Node {
  const args = [search, wholeColumn(table, key.name), wholeColumn(table, result.name)]
  return callNode('XLOOKUP', mode === 0 ? args : [...args, LEFT_OUT, numberNode(mode)])
}

function wholeNumber(node: Node | undefined): number | null {
  if (node?.kind === 'unary' && node.op === '-') {
    const number = wholeNumber(node.operand)
    return number === null ? null : -number
  }
  return node?.kind === 'number' && /^\d+$/.test(node.text) ? Number(node.text) : null
}

function isFalse(node: Node | undefined): boolean {
  return (node?.kind === 'bool' && !node.value) || node?.kind === 'empty' || wholeNumber(node) === 0
}
