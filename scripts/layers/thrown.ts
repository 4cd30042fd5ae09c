import { Visitor } from 'oxc-parser'
import { LAYERS } from '../../layers.mjs'
import type { SourceFile } from './source-file.ts'
import type { Violation } from './violation.ts'

const PLAIN: ReadonlySet<string> = new Set(['Error', 'TypeError', 'RangeError', 'SyntaxError', 'AggregateError', 'DOMException'])

/** An error that reaches a user has a code, says what happened and what to do: the plain kinds say none of it. */
export function checkThrown(file: SourceFile): Violation[] {
  const layer = file.layer === undefined ? undefined : LAYERS[file.layer]
  if (layer === undefined || !layer.coded || file.isTest) return []
  const found: Violation[] = []
  const report = (name: string, start: number): void => {
    found.push({
      file: file.path,
      line: file.lineOf(start),
      why: `a plain ${name}: whoever gets it can neither tell what to do nor look it up`,
      fix: 'throw a `SheetflowError` with a code; for a bug use `assert`, `must` or `unreachable` of core',
    })
  }
  const callee = (node: { readonly start: number; readonly callee: { readonly type: string; readonly name?: unknown } }): void => {
    const { type, name } = node.callee
    if (type === 'Identifier' && typeof name === 'string' && PLAIN.has(name)) report(name, node.start)
  }
  new Visitor({ NewExpression: callee, CallExpression: callee }).visit(file.program)
  return found
}
