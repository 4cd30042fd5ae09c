import type { CellError } from '@sheetflow/core/cell-error'
import { VALUE } from '../../value/cell-errors.ts'
import type { Example, FunctionDefinition, Parameter } from '../definition.ts'
import { always } from '../results.ts'

/** Excel's limit for a cell's text. */
export const MAX_LENGTH = 32_767

/** A text that a cell can hold; else `#VALUE!`. */
export function cellText(value: string): string | CellError {
  return value.length > MAX_LENGTH ? VALUE : value
}

/** `cellText` of a text so many times, which is not made where it is too long. */
export function repeatedText(value: string, times: number): string | CellError {
  return times < 0 || value.length * times > MAX_LENGTH ? VALUE : value.repeat(times)
}

export const TEXT_PARAM: Parameter = { name: 'text', kind: 'text' }

/** A function from texts and counts to text. */
export function text(
  name: string,
  help: string,
  params: readonly Parameter[],
  run: (...args: never[]) => string | CellError,
  examples: readonly Example[],
): FunctionDefinition {
  return {
    name,
    category: 'text',
    help,
    params,
    result: always('text'),
    evaluation: { mode: 'strict', make: () => run },
    volatility: 'pure',
    examples,
  }
}

/** As `text`, to a whole number. */
export function position(
  name: string,
  help: string,
  params: readonly Parameter[],
  run: (...args: never[]) => number | CellError,
  examples: readonly Example[],
): FunctionDefinition {
  return {
    name,
    category: 'text',
    help,
    params,
    result: always('int'),
    evaluation: { mode: 'strict', make: () => run },
    volatility: 'pure',
    examples,
  }
}

/** LENB, LEFTB, …: they count bytes, which differ from characters only in the locales of double-byte languages; formulas have en-US. */
export function inBytes(definition: FunctionDefinition): FunctionDefinition {
  const { name, examples } = definition
  return {
    ...definition,
    name: `${name}B`,
    help: `As ${name}: outside of Chinese, Japanese and Korean each character counts as one byte.`,
    examples: examples.map(({ formula, result }) => ({ formula: formula.replaceAll(`${name}(`, `${name}B(`), result })),
  }
}
