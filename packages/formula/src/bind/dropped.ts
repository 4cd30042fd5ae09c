import { isCellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import type { Expr } from '../bound.ts'
import type { Range } from '../diagnostic.ts'
import { definitionOf } from '../functions/catalogue.ts'
import { parameterOf } from '../functions/definition.ts'
import type { Advice, Binding } from './binding.ts'

/** Is the value `#REF!` because a column is gone? One that a formula writes itself has no column. */
export function isLostValue(value: Value): boolean {
  return isCellError(value) && value.kind === '#REF!' && value.of !== null
}

/** Is the formula an error in every row, because it reads a column that is gone? */
export function isLost(expr: Expr): boolean {
  switch (expr.kind) {
    case 'const':
      return isLostValue(expr.value)
    case 'let':
      return isLost(expr.body)
    case 'lookup':
      return isLost(expr.search)
    case 'call': {
      const definition = definitionOf(expr.fn)
      if (definition?.evaluation.mode !== 'strict') return false
      return expr.args.some((arg, index) => parameterOf(definition, index)?.kind !== 'any' && isLost(arg))
    }
    default:
      return false
  }
}

/** What is said where a column is read that the source has dropped. */
export function droppedColumn(label: string, name: string): Advice & { readonly message: string } {
  return {
    message: `${label} has no column "${name}" any more: this is #REF!`,
    why: 'the source has dropped it',
    fix: `read another column, or say what it is called now: renames: {${name}: new_name}`,
  }
}

/** What is said where something is read that is `#REF!` itself. */
export function readsDropped(what: string): Advice & { readonly message: string } {
  return {
    message: `${what} is #REF!: it reads a column that is gone`,
    why: 'the source has dropped that column',
    fix: `mend ${what} first`,
  }
}

/** Warns at a place that comes out as `#REF!`. */
export function warnDropped(binding: Binding, range: Range, { message, ...advice }: Advice & { readonly message: string }): void {
  binding.warn('formula/unknown-name', range, message, advice)
}
