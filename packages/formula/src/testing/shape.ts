import type { Node } from '../syntax/node.ts'
import { printFormula } from '../syntax/print.ts'

/** A tree as nested lists: `1+2*3` is `(+ 1 (* 2 3))`. */
export function shape(node: Node): string {
  switch (node.kind) {
    case 'number':
      return node.text
    case 'text':
      return JSON.stringify(node.value)
    case 'bool':
      return node.value ? 'TRUE' : 'FALSE'
    case 'error':
      return node.error
    case 'array':
      return `{${node.rows.map((row) => row.map(shape).join(' ')).join(' ; ')}}`
    case 'unary':
      return `(${node.op} ${shape(node.operand)})`
    case 'percent':
      return `(% ${shape(node.operand)})`
    case 'binary':
      return `(${node.op} ${shape(node.left)} ${shape(node.right)})`
    case 'call':
      return `${node.name}(${node.args.map(shape).join(' ')})`
    case 'invoke':
      return `(call ${[node.callee, ...node.args].map(shape).join(' ')})`
    case 'name':
      return node.name
    case 'reference': {
      const parts = [node.source?.name, node.table?.name, node.row ? '@' : undefined, ...node.parts, node.column?.name, node.to?.name]
      return `[${parts.filter((part) => part !== undefined).join('|')}]`
    }
    case 'cell':
      return printFormula(node)
    case 'cells':
      return `<${printFormula(node)}>`
    case 'union':
      return `(, ${node.parts.map(shape).join(' ')})`
    case 'intersection':
      return `(_ ${shape(node.left)} ${shape(node.right)})`
    case 'spill':
      return `(# ${shape(node.operand)})`
    case 'empty':
      return '·'
    case 'hole':
      return '?'
  }
}
