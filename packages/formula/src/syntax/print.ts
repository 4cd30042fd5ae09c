import { printCorner } from './cell-address.ts'
import type { ColumnName, Node, ReferenceNode, SheetName } from './node.ts'
import { ATOM_BINDING, BINDING, INTERSECTION_BINDING, INVOKE_BINDING, PERCENT_BINDING, SIGN_BINDING } from './precedence.ts'
import { printSheetName } from './sheet-name.ts'

/**
 * The text of a tree, without the leading `=`: canonical spelling, parentheses only where they are needed. It parses to the same tree
 * (ranges apart), as long as the tree has no holes.
 */
export function printFormula(node: Node): string {
  return print(node, 0)
}

function print(node: Node, strength: number): string {
  const text = printBare(node)
  return bindingOf(node) < strength ? `(${text})` : text
}

function printBare(node: Node): string {
  switch (node.kind) {
    case 'number':
      return node.text
    case 'text':
      return `"${node.value.replaceAll('"', '""')}"`
    case 'bool':
      return node.value ? 'TRUE' : 'FALSE'
    case 'error':
      return node.error
    case 'array':
      return `{${node.rows.map((row) => row.map((value) => print(value, 0)).join(', ')).join('; ')}}`
    case 'unary':
      return node.op + print(node.operand, SIGN_BINDING)
    case 'percent':
      return `${print(node.operand, PERCENT_BINDING)}%`
    case 'binary': {
      if (node.op === ':') return printRange(node.left, node.right)
      const binding = BINDING[node.op]
      const gap = node.op === '^' ? '' : ' '
      return `${print(node.left, binding)}${gap}${node.op}${gap}${print(node.right, binding + 1)}`
    }
    case 'call':
      return `${node.name}(${printArguments(node.args)})`
    case 'invoke':
      return `${print(node.callee, INVOKE_BINDING)}(${printArguments(node.args)})`
    case 'name':
      return printName(node.name)
    case 'reference':
      return printReference(node)
    case 'cell':
      return printSheet(node.sheet) + printCorner(node.corner)
    case 'cells':
      return `${printSheet(node.sheet)}${printCorner(node.from)}:${printCorner(node.to)}`
    case 'union':
      return `(${printArguments(node.parts)})`
    case 'intersection':
      return printIntersection(node.left, node.right)
    case 'spill':
      return `${isWord(node.operand) ? printBare(node.operand) : print(node.operand, INVOKE_BINDING)}#`
    case 'empty':
    case 'hole':
      return ''
  }
}

function printArguments(args: readonly Node[]): string {
  return args.map((arg) => print(arg, 0)).join(', ')
}

function printSheet(sheet: SheetName | null): string {
  return sheet === null ? '' : printSheetName(sheet)
}

/** `a:b`. Behind a name or a column `:Sheet1!` would be read as a range of sheets. */
function printRange(left: Node, right: Node): string {
  const text = print(right, BINDING[':'] + 1)
  const isSafe = left.kind === 'cell' || left.kind === 'reference' || !text.includes('!')
  return `${print(left, BINDING[':'])}:${isSafe ? text : `(${text})`}`
}

/** `a b`. Before "(" a word would be read as a call; behind the space something must stand that can begin a reference. */
function printIntersection(left: Node, right: Node): string {
  const [first, text] = [print(left, INTERSECTION_BINDING), print(right, INTERSECTION_BINDING + 1)]
  const second = right.kind === 'cells' || /^[\p{L}_\\$'[#(]/u.test(text) ? text : `(${text})`
  return `${second.startsWith('(') ? `(${first})` : first} ${second}`
}

function isWord(node: Node): boolean {
  return node.kind === 'name' || node.kind === 'bool' || node.kind === 'cell'
}

function bindingOf(node: Node): number {
  // A word before "(" would be read as a call: the parentheses keep `(f)(x)` what it was.
  if (isWord(node)) return INVOKE_BINDING - 1
  switch (node.kind) {
    case 'binary':
      return BINDING[node.op]
    case 'percent':
      return PERCENT_BINDING
    case 'unary':
      return SIGN_BINDING
    case 'cells':
      return BINDING[':']
    case 'intersection':
      return INTERSECTION_BINDING
    case 'invoke':
    case 'spill':
      return INVOKE_BINDING
    default:
      return ATOM_BINDING
  }
}

/** A reference in the shortest form that reads back as the same tree. */
function printReference(node: ReferenceNode): string {
  const prefix = (node.source === null ? '' : `${printName(node.source.name)}!`) + (node.table === null ? '' : printName(node.table.name))
  if (node.row && node.parts.length === 0 && node.to === null) {
    return `${prefix}[@${node.column === null ? '' : columnBehindAt(node.column.name)}]`
  }
  const columns =
    node.column === null ? [] : [node.to === null ? bracketed(node.column) : `${bracketed(node.column)}:${bracketed(node.to)}`]
  const parts = node.parts.map((part) => `[${part}]`)
  if (node.row) return `${prefix}[@${[...parts, ...columns].join(',')}]`
  if (node.parts.length === 0 && node.column === null) return node.table !== null && node.source !== null ? prefix : `${prefix}[]`
  if (node.parts.length === 1 && columns.length === 0) return `${prefix}[${node.parts[0]}]`
  if (node.parts.length === 0 && node.to === null && node.column !== null) return prefix + bracketed(node.column)
  return `${prefix}[${[...parts, ...columns].join(',')}]`
}

function bracketed(column: ColumnName): string {
  return `[${escapeColumn(column.name)}]`
}

/** A column's name as it stands between brackets: what has a meaning there with an apostrophe before it. */
export function escapeColumn(name: string): string {
  return name.replaceAll(/['[\]#@]/g, "'$&")
}

/** A column's name as it stands behind `[@`: in brackets of its own unless it is plain. */
export function columnBehindAt(name: string): string {
  return /^[\p{L}_][\p{L}\p{N}\p{M}_.]*$/u.test(name) ? name : `[${escapeColumn(name)}]`
}

/** A name as it is written in a formula: in apostrophes unless it is plain. */
export function printName(name: string): string {
  return /^[\p{L}_\\$][\p{L}\p{N}\p{M}_.$\\]*$/u.test(name) ? name : `'${name.replaceAll("'", "''")}'`
}
