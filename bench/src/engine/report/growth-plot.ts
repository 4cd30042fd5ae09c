import type { Figure } from '../../lib/measure.ts'

/** Sizes of the picture, in its own units. */
const WIDTH = 760
const HEIGHT = 420
const LEFT = 70
const RIGHT = 730
const TOP = 40
const BOTTOM = 360

interface Point {
  readonly rows: number
  readonly micros: number
}

interface Line {
  readonly who: string
  readonly points: readonly Point[]
}

/** Cost of an update over the number of rows, both logarithmic: lines that run alongside grow alike. An SVG, drawn of the figures of the case `growth`. */
export function growthPlot(figures: readonly Figure[]): string {
  const lines = linesOf(figures)
  const points = lines.flatMap((line) => line.points)
  const x = axis(
    points.map(({ rows }) => rows),
    LEFT,
    RIGHT,
  )
  const y = axis(
    points.map(({ micros }) => micros),
    BOTTOM,
    TOP,
  )
  return [
    HEAD,
    ...x.ticks.map(
      (rows) => `  <path class="grid" d="M${x.at(rows)} ${TOP}V${BOTTOM}"/>${text(x.at(rows), BOTTOM + 22, 'tick', short(rows))}`,
    ),
    ...y.ticks.map(
      (micros) =>
        `  <path class="grid" d="M${LEFT} ${y.at(micros)}H${RIGHT}"/>${text(LEFT - 10, y.at(micros) + 4, 'side', `${short(micros)} µs`)}`,
    ),
    text((LEFT + RIGHT) / 2, BOTTOM + 46, 'tick', 'orders; a tenth as many customers'),
    ...lines.flatMap((line, i) => draw(line, `line${i}`, x.at, y.at)),
    '</svg>',
    '',
  ].join('\n')
}

function linesOf(figures: readonly Figure[]): Line[] {
  const byWho = new Map<string, Point[]>()
  for (const { who, rows, value } of figures) {
    const points = byWho.get(who) ?? []
    if (rows !== undefined) points.push({ rows, micros: value })
    byWho.set(who, points)
  }
  return [...byWho].map(([who, points]) => ({ who, points: points.toSorted((a, b) => a.rows - b.rows) }))
}

function draw({ who, points }: Line, style: string, x: (rows: number) => number, y: (micros: number) => number): string[] {
  const [first] = points
  const last = points.at(-1)
  if (first === undefined || last === undefined) return []
  const way = points.map(({ rows, micros }, i) => `${i === 0 ? 'M' : 'L'}${x(rows)} ${y(micros)}`).join('')
  const grows = `${who}: ${(last.micros / first.micros).toFixed(1)}× from ${short(first.rows)} to ${short(last.rows)}`
  return [
    `  <path class="${style}" d="${way}"/>`,
    ...points.map(
      ({ rows, micros }) =>
        `  <circle class="${style} dot" cx="${x(rows)}" cy="${y(micros)}" r="4"/>${text(x(rows), y(micros) - 12, 'value', micros.toPrecision(3))}`,
    ),
    text(x(first.rows), y(first.micros) + 26, 'name', grows),
  ]
}

interface Axis {
  readonly ticks: readonly number[]
  at(value: number): number
}

/** Whole powers of ten around the values. */
function axis(values: readonly number[], from: number, to: number): Axis {
  const least = Math.floor(Math.log10(Math.min(...values)))
  const greatest = Math.max(least + 1, Math.ceil(Math.log10(Math.max(...values))))
  return {
    ticks: Array.from({ length: greatest - least + 1 }, (_, i) => 10 ** (least + i)),
    at: (value) => Math.round(from + ((Math.log10(value) - least) / (greatest - least)) * (to - from)),
  }
}

function short(value: number): string {
  if (value >= 1_000_000) return `${value / 1_000_000} M`
  return value >= 1_000 ? `${value / 1_000} k` : String(Number(value.toPrecision(2)))
}

function text(x: number, y: number, style: string, content: string): string {
  return `<text class="${style}" x="${x}" y="${y}">${content}</text>`
}

const HEAD = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="t d" font-family="system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif" font-size="13">
  <title id="t">Cost of one update by the number of rows</title>
  <desc id="d">Two lines over logarithmic axes: the cost of an update in the engine and in the hand-written limit, from 10,000 to 5,000,000 orders.</desc>
  <style>
    .grid { stroke: #dfe4ee; stroke-width: 1; fill: none }
    .tick, .name, .side, .value { fill: #647084 } .tick { text-anchor: middle } .side { text-anchor: end } .value { text-anchor: middle; font-size: 12px }
    .name { fill: #161c27; font-weight: 650 }
    .line0 { stroke: #2459d6; stroke-width: 2.5; fill: none } .line1 { stroke: #8b3fc6; stroke-width: 2.5; fill: none; stroke-dasharray: 6 5 }
    .dot { stroke-dasharray: none } .line0.dot { fill: #2459d6 } .line1.dot { fill: #8b3fc6 }
    @media (prefers-color-scheme: dark) {
      .grid { stroke: #2b3446 } .tick, .side, .value { fill: #93a0b5 } .name { fill: #eef1f6 }
      .line0 { stroke: #82abff } .line1 { stroke: #c58bf2 } .line0.dot { fill: #82abff } .line1.dot { fill: #c58bf2 }
    }
  </style>`
