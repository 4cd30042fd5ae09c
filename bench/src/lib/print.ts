import type { Figure } from './measure.ts'

/** One figure for people: median, spread and ratio to the first contender of its case. */
export function figureLine(figure: Figure, first: Figure): string {
  const ratio = first === figure ? '' : `  ${ratioText(figure, first)}× (${first.who} to ${figure.who})`
  const cpu = figure.cpuMicros === undefined ? '' : `  ${figure.cpuMicros.toFixed(2)} µs CPU each`
  return `${figure.case.padEnd(42)} ${figure.who.padEnd(26)} ${number(figure.value).padStart(12)} ${figure.unit}  (${spread(figure)})${cpu}${extras(figure)}${ratio}`
}

/** What stands above `figureRow`s. */
export const TABLE_HEAD: string = `| case | who | median | spread | ours to theirs |
|---|---|--:|--:|--:|`

/** The same as a row of a Markdown table. */
export function figureRow(figure: Figure, first: Figure): string {
  const ratio = first === figure ? '' : `${ratioText(figure, first)}×`
  return `| ${figure.case} | ${figure.who} | ${number(figure.value)} ${figure.unit} | ${spread(figure)} | ${ratio} |`
}

/** The same, with memory and latency. */
export function wideFigureRow(figure: Figure, first: Figure): string {
  const { heapMB, p99us } = figure
  const kept = heapMB === undefined || heapMB < 0.1 ? '' : `${number(heapMB)} MB`
  return `${figureRow(figure, first)} ${kept} | ${p99us === undefined ? '' : `${number(p99us)} µs`} |`
}

function extras({ heapMB, p99us }: Figure): string {
  return (heapMB === undefined ? '' : `  ${number(heapMB)} MB`) + (p99us === undefined ? '' : `  p99 ${number(p99us)} µs`)
}

/** Above rows of figures that tell memory and latency as well. */
export const WIDE_TABLE_HEAD: string = `| case | who | median | spread | ours to theirs | kept | p99 |
|---|---|--:|--:|--:|--:|--:|`

function ratioText(figure: Figure, first: Figure): string {
  return (first.value / figure.value).toFixed(2)
}

function spread({ runs }: Figure): string {
  return `${number(Math.min(...runs))}–${number(Math.max(...runs))}`
}

function number(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3)
}
