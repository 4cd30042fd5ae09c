import { isAlias, isMap, isPair, isScalar, isSeq, parseDocument, type Document, type Node, type Pair, type Scalar } from 'yaml'
import type { FileRange, Findings } from '../diagnostic.ts'

/** Larger files are refused: a sheet is written by hand. */
const MAX_FILE_LENGTH = 1_000_000

/** A file as it was read: scalars are texts, whatever YAML would make of them. */
export interface YamlFile {
  readonly path: string
  readonly text: string
  readonly document: Document
  /** Null: the file is empty. */
  readonly contents: Node | null
}

/**
 * Reads a file as YAML 1.2 without giving scalars types: `9.50` stays `9.50`, `no` stays `no`. Reports what is no YAML, and what YAML reads
 * otherwise than it looks (rule 2), each with the fix. Null if there is nothing to go on with.
 */
export function readYaml(path: string, text: string, findings: Findings): YamlFile | null {
  if (text.length > MAX_FILE_LENGTH) {
    findings.error('workbook/yaml', { file: path, start: 0, end: 0 }, `the file is longer than ${MAX_FILE_LENGTH} characters`, {
      fix: 'split it, or keep data in a source',
    })
    return null
  }
  const document = parseDocument(text, { schema: 'failsafe', prettyErrors: false, uniqueKeys: true })
  const cutLines = new Set<number>()
  const contents: Node | null = document.contents
  if (contents !== null) checkTraps(contents, { path, text, findings, cutLines }, false)
  for (const error of document.errors) {
    // What follows a formula that was misread is its consequence.
    if (!cutLines.values().some((line) => line < error.pos[0])) reportError(path, text, error, findings, cutLines)
  }
  if (document.errors.length > 0) return null
  return { path, text, document, contents: contents !== null && isScalar(contents) && contents.value === '' ? null : contents }
}

interface Trap {
  readonly path: string
  readonly text: string
  readonly findings: Findings
  /** Starts of lines that were reported already: the errors that follow from them are not. */
  readonly cutLines: Set<number>
}

const QUOTE_FIX = 'put the formula in a block: |- and the formula on the next line, indented (`sheetflow fmt` does it)'

/** A parser's error; where a formula is the cause, in those words. */
function reportError(
  path: string,
  text: string,
  error: { readonly message: string; readonly pos: readonly [number, number] },
  findings: Findings,
  cutLines: Set<number>,
): void {
  const [start, end] = error.pos
  const line = lineAt(text, start)
  const formula = /^\s*\t/.test(line.text) ? null : /^\s*(?:- )?[^\s:"'][^:"']*:\s+(=)/.exec(line.text)
  if (formula !== null) {
    cutLines.add(line.start)
    const at = line.start + formula[0].length - 1
    findings.error(
      'workbook/yaml',
      { file: path, start: at, end: line.start + line.text.length },
      'YAML reads this formula otherwise than it looks',
      {
        why: whyMisread(line.text.slice(formula[0].length - 1)),
        fix: QUOTE_FIX,
      },
    )
    return
  }
  findings.error(
    'workbook/yaml',
    { file: path, start, end: Math.max(start + 1, end) },
    `this is no YAML: ${error.message.split('\n')[0] ?? ''}`,
    { fix: yamlFix(line.text) },
  )
}

function whyMisread(formula: string): string {
  if (/:\s/.test(formula)) return '": " begins a new entry in YAML'
  if (/\s#/.test(formula)) return '" #" begins a comment in YAML'
  return 'some characters have a meaning of their own in YAML'
}

function yamlFix(line: string): string {
  if (/^\s*\t/.test(line)) return 'indent with spaces: YAML takes no tabs'
  return 'check indentation, colons and quotes of this line and the one before'
}

/** Looks for formulas that YAML has cut or split, and for what sheets do without. */
function checkTraps(node: unknown, trap: Trap, inFlow: boolean): void {
  if (isAlias(node) || hasAnchorOrTag(node)) {
    const range = rangeOf(node as Node)
    trap.findings.error('workbook/yaml', { file: trap.path, ...range }, 'anchors, aliases and tags are not used in sheets', {
      fix: 'write the value itself',
    })
    return
  }
  if (isScalar(node)) checkScalar(node, trap, inFlow)
  else if (isPair(node)) {
    checkTraps(node.key, trap, inFlow)
    checkTraps(node.value, trap, inFlow)
  } else if (isMap(node) || isSeq(node)) {
    for (const item of node.items) checkTraps(item, trap, inFlow || node.flow === true)
  }
}

/** Does a part of the document stand for another one, or carry a tag? Sheets do without. */
export function usesReferences(node: unknown): boolean {
  if (isAlias(node) || hasAnchorOrTag(node)) return true
  if (isPair(node)) return usesReferences(node.key) || usesReferences(node.value)
  return (isMap(node) || isSeq(node)) && node.items.some(usesReferences)
}

function hasAnchorOrTag(node: unknown): boolean {
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return false
  return node.anchor !== undefined || (node.tag !== undefined && !/^tag:yaml\.org,2002:(str|map|seq)$/.test(node.tag))
}

function checkScalar(scalar: Scalar, { path, text, findings, cutLines }: Trap, inFlow: boolean): void {
  if (scalar.type !== 'PLAIN' || typeof scalar.value !== 'string' || !scalar.value.startsWith('=')) return
  const { start, end } = rangeOf(scalar)
  const line = lineAt(text, start)
  const rest = text.slice(end, line.start + line.text.length)
  const report = (why: string): void => {
    cutLines.add(line.start)
    findings.error(
      'workbook/yaml',
      { file: path, start, end: Math.max(end, line.start + line.text.trimEnd().length) },
      'YAML reads this formula otherwise than it looks',
      { why, fix: QUOTE_FIX },
    )
  }
  if (/^\s+#/.test(rest)) report('" #" begins a comment in YAML, which cuts the formula short')
  else if (text.slice(start, end).includes('\n')) report('the formula goes over several lines, which YAML joins')
  else if (inFlow && !isBalanced(scalar.value)) report('in { } and [ ] a comma or bracket ends the formula')
}

/** Do quotes, parentheses and brackets close? */
function isBalanced(formula: string): boolean {
  const bare = formula.replaceAll(/"(?:[^"]|"")*"/g, '')
  const count = (char: string): number => bare.split(char).length - 1
  return !bare.includes('"') && count('(') === count(')') && count('[') === count(']') && count('{') === count('}')
}

/** The place of a node in its file. */
export function rangeOf(node: Node | null | undefined): { readonly start: number; readonly end: number } {
  const range = node?.range
  return range === null || range === undefined ? { start: 0, end: 0 } : { start: range[0], end: range[1] }
}

/** The place of a node, with its file. */
export function placeOf(file: { readonly path: string }, node: Node | null | undefined): FileRange {
  return { file: file.path, ...rangeOf(node) }
}

/** Entries of a map in the order written; nothing for anything else. */
export function entriesOf(node: unknown): readonly { readonly key: Scalar; readonly name: string; readonly value: Node | null }[] {
  if (!isMap(node)) return []
  return node.items.flatMap((pair: Pair) => {
    const { key, value } = pair
    if (!isScalar(key)) return []
    return [{ key, name: typeof key.value === 'string' ? key.value : '', value: value as Node | null }]
  })
}

/** Items of a list; nothing for anything else. */
export function itemsOf(node: unknown): readonly Node[] {
  return isSeq(node) ? (node.items as Node[]) : []
}

/** The text of a scalar; null for Blank (nothing, `~` and `null` without quotes) and for what is no scalar. */
export function scalarText(node: unknown): string | null {
  if (!isScalar(node) || typeof node.value !== 'string') return null
  return isBlank(node) ? null : node.value
}

/** Is it nothing, `~` or `null`, without quotes? */
export function isBlank(node: unknown): boolean {
  if (node === null || node === undefined) return true
  return isScalar(node) && node.type === 'PLAIN' && typeof node.value === 'string' && /^(~|null|Null|NULL)?$/.test(node.value)
}

/** Was it written in quotes or as a block? Then it is a text, whatever it looks like. */
export function isQuoted(node: unknown): boolean {
  return isScalar(node) && node.type !== 'PLAIN'
}

function lineAt(text: string, offset: number): { readonly start: number; readonly text: string } {
  const start = text.slice(0, offset).lastIndexOf('\n') + 1
  const next = text.indexOf('\n', offset)
  return { start, text: text.slice(start, next < 0 ? text.length : next) }
}
