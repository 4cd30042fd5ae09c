import type { ColumnName, Node, ReferenceNode } from './node.ts'
import { ATOM_BINDING, BINDING, INVOKE_BINDING, PERCENT_BINDING, SIGN_BINDING } from './precedence.ts'

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
      const binding = BINDING[node.op]
      const gap = node.op === ':' || node.op === '^' ? '' : ' '
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
    case 'empty':
    case 'hole':
      return ''
  }
}

function printArguments(args: readonly Node[]): string {
  return args.map((arg) => print(arg, 0)).join(', ')
}

function bindingOf(node: Node): number {
  switch (node.kind) {
    case 'binary':
      return BINDING[node.op]
    case 'percent':
      return PERCENT_BINDING
    case 'unary':
      return SIGN_BINDING
    case 'invoke':
      return INVOKE_BINDING
    // A word before "(" would be read as a call: the parentheses keep `(f)(x)` what it was.
    case 'name':
    case 'bool':
      return INVOKE_BINDING - 1
    default:
      return ATOM_BINDING
  }
}

/** A reference in the shortest form that reads back as the same tree. */
function printReference(node: ReferenceNode): string {
  const prefix = (node.source === null ? '' : `${printName(node.source.name)}!`) + (node.table === null ? '' : printName(node.table.name))
  if (node.row && node.parts.length === 0 && node.to === null) {
    return `${prefix}[@${node.column === null ? '' : isPlain(node.column.name) ? node.column.name : bracketed(node.column)}]`
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
  return `[${column.name.replaceAll(/['[\]#@]/g, "'$&")}]`
}

function isPlain(name: string): boolean {
  return /^[\p{L}_][\p{L}\p{N}\p{M}_.]*$/u.test(name)
}

/** A name as it is written in a formula: in apostrophes unless it is plain. */
export function printName(name: string): string {
  return /^[\p{L}_\\$][\p{L}\p{N}\p{M}_.$\\]*$/u.test(name) ? name : `'${name.replaceAll("'", "''")}'`
}
