import { parseFormula } from '@sheetflow/formula/syntax/parse'

/** `  name: =formula` on one line, outside of flow collections. */
const FORMULA_LINE = /^(\s*)((?:- )?)([^\s#'"[{][^:]*|"[^"]*"|'[^']*'):[ \t]+(=.*?)[ \t]*$/

/**
 * The text with each formula that YAML would cut or misread (`" #"`, `": "`) as a block. What stands behind a complete formula as a comment
 * stays one, on the line above.
 */
export function withoutTraps(text: string): string {
  const lines = text.split('\n')
  const result: string[] = []
  /** Indentation of the key whose block scalar we are in: its lines are text. */
  let block: number | null = null
  for (const line of lines) {
    const indent = line.length - line.trimStart().length
    if (block !== null && (line.trim() === '' || indent > block)) {
      result.push(line)
      continue
    }
    block = /:\s+[|>][-+0-9]*\s*(#.*)?$/.test(line) ? indent : null
    result.push(...(block === null ? safeLines(line) : [line]))
  }
  return result.join('\n')
}

function safeLines(line: string): string[] {
  const match = FORMULA_LINE.exec(line)
  const [, indent = '', dash = '', name = '', formula = ''] = match ?? []
  if (match === null || !/\s#|:\s/.test(formula)) return [line]
  const { text, comment } = splitComment(formula)
  const lead = indent + dash.replaceAll(/./g, ' ')
  const above = comment === null ? [] : [`${dash === '' ? indent : lead}${comment}`]
  if (!/\s#|:\s/.test(text)) return [...above, `${indent}${dash}${name}: ${text}`]
  return [...above, `${indent}${dash}${name}: |-`, `${lead}  ${text}`]
}

/** The formula, and a comment behind it: of all places where `#` could begin one, the first that leaves a complete formula. */
function splitComment(formula: string): { readonly text: string; readonly comment: string | null } {
  if (isComplete(formula)) return { text: formula, comment: null }
  for (const { index } of formula.matchAll(/\s#/g)) {
    const text = formula.slice(0, index).trimEnd()
    if (isComplete(text)) return { text, comment: formula.slice(index).trim() }
  }
  return { text: formula, comment: null }
}

function isComplete(formula: string): boolean {
  return parseFormula(formula).diagnostics.length === 0
}
