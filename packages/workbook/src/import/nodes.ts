import type { CallNode, Node, ReferenceNode } from '@sheetflow/formula/syntax/node'

/** Nodes that an import makes: they stand nowhere in a text. */
const NOWHERE = { start: 0, end: 0 }

export function nameNode(name: string): Node {
  return { kind: 'name', name, ...NOWHERE }
}

/** `[@column]` */
export function ownValue(column: string): ReferenceNode {
  return reference(null, column, true)
}

/** `table[column]` */
export function wholeColumn(table: string, column: string): ReferenceNode {
  return reference(table, column, false)
}

export function textNode(value: string): Node {
  return { kind: 'text', value, ...NOWHERE }
}

export function callNode(name: string, args: readonly Node[]): CallNode {
  return { kind: 'call', name, nameRange: NOWHERE, args, ...NOWHERE }
}

export function numberNode(value: number): Node {
  return value < 0
    ? { kind: 'unary', op: '-', operand: numberNode(-value), ...NOWHERE }
    : { kind: 'number', text: String(value), ...NOWHERE }
}

export const LEFT_OUT: Node = { kind: 'empty', ...NOWHERE }

/** Where something could not be translated. */
export const HOLE: Node = { kind: 'hole', ...NOWHERE }

function reference(table: string | null, column: string, row: boolean): ReferenceNode {
  return {
    kind: 'reference',
    source: null,
    table: table === null ? null : { name: table, ...NOWHERE },
    row,
    parts: [],
    column: { name: column, ...NOWHERE },
    to: null,
    ...NOWHERE,
  }
}
