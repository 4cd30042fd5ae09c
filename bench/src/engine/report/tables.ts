import type { Figure } from '../../lib/measure.ts'
import { WIDE_TABLE_HEAD, wideFigureRow } from '../../lib/print.ts'
import { GOALS } from './goals.ts'
import type { Figures } from './goals.ts'

/** The part of `docs/performance.md` that is made of the figures: goals, a table for each case, the plot. `order`: the cases' words. */
export function engineTables(figures: readonly Figure[], order: readonly string[], plot: string): string {
  const tables = order.flatMap((group) => {
    const of = figures.filter((figure) => figure.group === group)
    return of.length === 0 ? [] : [groupTable(group, of)]
  })
  return `${goalTable(figures)}\n\n${tables.join('\n\n')}\n\n![${PLOT_TEXT}](${plot})`
}

const PLOT_TEXT = 'What one update costs at 10,000 to 5,000,000 orders: ours and the hand-written limit, both axes logarithmic'

function goalTable(figures: readonly Figure[]): string {
  const found = byName(figures)
  const rows = GOALS.map(({ what, goal, ours }) => {
    const made = ours(found)
    return `| ${what} | ${goal} | ${made?.text ?? 'not measured'} | ${made === null ? '' : made.met ? 'met' : 'missed'} |`
  })
  return ['| | goal | ours | |', '|---|---|--:|---|', ...rows].join('\n')
}

function byName(figures: readonly Figure[]): Figures {
  const figure: Figures['figure'] = (name, who) => figures.find((one) => one.case === name && one.who === who) ?? null
  return { figure, value: (name, who) => figure(name, who)?.value ?? null }
}

function groupTable(group: string, figures: readonly Figure[]): string {
  const rows: string[] = []
  let first: Figure | undefined
  for (const figure of figures) {
    if (first?.case !== figure.case) first = figure
    rows.push(wideFigureRow(figure, first))
  }
  return [`### engine: ${group}`, '', saysWhen(figures), '', WIDE_TABLE_HEAD, ...rows].join('\n')
}

/** Load averages of the figures from the first to the last, and what they were made of. */
function saysWhen(figures: readonly Figure[]): string {
  const measured = figures.flatMap(({ measured: one }) => (one === undefined ? [] : [one]))
  const [first] = measured
  if (first === undefined) return 'It is not known when this was measured.'
  const loads = measured.map(({ load }) => load)
  const runs = [...new Set(figures.map((figure) => figure.runs.length))].toSorted((a, b) => a - b)
  return `${first.date}, commit ${first.commit}, raw runs: ${runs.join(' or ')}, load average ${Math.min(...loads)}–${Math.max(...loads)}.`
}
