import { Visitor, type ArrowFunctionExpression, type Function as FunctionNode } from 'oxc-parser'
import { SIZES } from '../../layers.mjs'
import type { SourceFile } from './source-file.ts'
import type { Violation } from './violation.ts'

/** How far down a file its own `// over:` line may stand. */
const HEAD_LINES = 5

/** A file is read from top to bottom, a function on one screen. Whoever must go over says why: `// over: reason`. */
export function checkSizes(file: SourceFile): Violation[] {
  return [...checkFile(file), ...(file.isTest ? [] : checkFunctions(file))]
}

function checkFile(file: SourceFile): Violation[] {
  const limit = file.isTest ? SIZES.testFile : SIZES.file
  const lines = file.text.trimEnd().split('\n').length
  if (lines <= limit || reasons(file).some((line) => line <= HEAD_LINES)) return []
  return [
    {
      file: file.path,
      line: 1,
      why: `${lines} lines, ${limit} allowed`,
      fix: 'split it by concept, or say why not in its first lines: `// over: reason`',
    },
  ]
}

function checkFunctions(file: SourceFile): Violation[] {
  const excused = new Set(reasons(file))
  const found: Violation[] = []
  const measure = (node: FunctionNode | ArrowFunctionExpression): void => {
    const first = file.lineOf(node.start)
    const lines = file.lineOf(node.end) - first + 1
    if (lines <= SIZES.function || excused.has(first) || excused.has(first - 1)) return
    found.push({
      file: file.path,
      line: first,
      why: `function of ${lines} lines, ${SIZES.function} allowed`,
      fix: 'give its parts names of their own, or say why not in the line above: `// over: reason`',
    })
  }
  new Visitor({ FunctionDeclaration: measure, FunctionExpression: measure, ArrowFunctionExpression: measure }).visit(file.program)
  return found
}

/** The lines of the file's `// over: reason` comments. */
function reasons(file: SourceFile): number[] {
  return file.comments.filter((comment) => /^\s*over: \S/.test(comment.value)).map((comment) => file.lineOf(comment.start))
}
