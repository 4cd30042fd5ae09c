import type { Figure } from './measure.ts'

/** One figure for people: median, spread and ratio to the first contender of its case. */
export function figureLine(figure: Figure, first: Figure | undefined): string {
  const spread = `${number(Math.min(...figure.runs))}–${number(Math.max(...figure.runs))}`
  const ratio =
    first === undefined || first === figure ? '' : `  ${(first.value / figure.value).toFixed(2)}× (${first.who} to ${figure.who})`
  const cpu = figure.cpuMicros === undefined ? '' : `  ${figure.cpuMicros.toFixed(2)} µs CPU each`
  return `${figure.case.padEnd(34)} ${figure.who.padEnd(26)} ${number(figure.value).padStart(12)} ${figure.unit}  (${spread})${cpu}${ratio}`
}

function number(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3)
}
