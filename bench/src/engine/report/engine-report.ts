import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { mergeFigures, readFigures, writeFigures } from '../../lib/figure-lines.ts'
import type { Figure } from '../../lib/measure.ts'
import { CASE_NAMES } from '../cases.ts'
import { growthPlot } from './growth-plot.ts'
import { engineTables } from './tables.ts'

const ROOT = path.join(import.meta.dirname, '../../../..')
const LINES = path.join(ROOT, 'bench/results/engine.jsonl')
const PAGE = path.join(ROOT, 'docs/performance.md')
const PLOT = 'images/engine-growth.svg'

/** What stands between these lines of the page is made of the figures. */
const BEGIN = '<!-- bench engine: made by `npm run bench -- engine --markdown` -->'
const END = '<!-- end of bench engine -->'

/**
 * Keeps the figures as JSON lines (cases that were not run again stay as they were), and makes the tables and the plot of `docs/performance.md` of
 * all that are kept.
 */
export function reportEngine(fresh: readonly Figure[]): void {
  const figures = mergeFigures(readFigures(LINES), fresh)
  writeFigures(LINES, figures)
  const growth = figures.filter(({ group }) => group === 'growth')
  if (growth.length > 0) writeFileSync(path.join(ROOT, 'docs', PLOT), growthPlot(growth))
  writeFileSync(PAGE, replaceBetween(readFileSync(PAGE, 'utf8'), engineTables(figures, CASE_NAMES, PLOT)))
}

function replaceBetween(page: string, made: string): string {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin === -1 || end < begin) throw new Error(`${PAGE} lacks the lines "${BEGIN}" and "${END}" around the engine's tables`)
  return `${page.slice(0, begin + BEGIN.length)}\n\n${made}\n\n${page.slice(end)}`
}
