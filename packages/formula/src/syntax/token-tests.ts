import type { Node } from './node.ts'
import type { MarkText, OperatorText, Token } from './token.ts'

/** Is the token that mark? */
export function isMark(token: Token, text: MarkText): boolean {
  return token.kind === 'mark' && token.text === text
}

/** Is the token that operator? */
export function isOperator(token: Token, text: OperatorText): boolean {
  return token.kind === 'operator' && token.text === text
}

/** May it stand in an array in { }? */
export function isConstant(node: Node): boolean {
  if (node.kind === 'unary') return node.op !== '@' && node.operand.kind === 'number'
  return node.kind === 'number' || node.kind === 'text' || node.kind === 'bool' || node.kind === 'error' || node.kind === 'hole'
}

/** A token as messages name it. */
export function describeToken(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'the end'
    case 'text':
      return `the text ${JSON.stringify(token.value)}`
    case 'quoted':
      return `'${token.text}'`
    default:
      return `"${token.text}"`
  }
}
