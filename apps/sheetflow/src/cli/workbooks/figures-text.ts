import type { GraphFigures, OperatorFigures } from '../../ops/operator-figures.ts'

/** What an operator did and holds, in one line. */
export function figuresText({ kind, size, bytes, rowsIn, rowsOut, suppressed, ms, worst }: OperatorFigures): string {
  const holds = HOLDS[kind] ?? 'rows'
  const called =
    worst === null
      ? ''
      : `; at most ${count(worst.rows)} ${worst.rows === 1 ? 'row' : 'rows'} called at once${worst.key === null ? '' : `, by ${worst.key}`}`
  const unchanged = suppressed === 0 ? '' : `, ${count(suppressed)} stayed the same`
  const state = `${count(size)} ${holds}${bytes === null ? '' : ` in ${bytesText(bytes)}`}`
  return `${state}; ${count(rowsIn)} in, ${count(rowsOut)} out${unchanged}; ${msText(ms)}${called}`
}

/** Of when figures are. */
export function asOfText({ since, at, deployment }: GraphFigures): string {
  return `figures since ${since} as of ${at}, deployment ${deployment}; times are estimates`
}

/** What the operators of a kind hold, where it is not rows. */
const HOLDS: Readonly<Record<string, string>> = { lookup: 'keys', aggregate: 'groups', map: 'formulas' }

function count(number: number): string {
  return number.toLocaleString('en-US')
}

function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}

function msText(ms: number): string {
  return ms < 10 ? `${ms.toFixed(2)} ms` : ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}
