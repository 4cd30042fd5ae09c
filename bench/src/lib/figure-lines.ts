import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Figure } from './measure.ts'

/** Figures from JSON lines, as `--json` prints them. A file that is not there has none. */
export function readFigures(file: string): Figure[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Figure)
}

export function writeFigures(file: string, figures: readonly Figure[]): void {
  writeFileSync(file, figures.map((figure) => `${JSON.stringify(figure)}\n`).join(''))
}

/** New figures in the place of the old ones of their groups; groups that were not measured again stay. Of a figure that is there twice the last counts. */
export function mergeFigures(old: readonly Figure[], fresh: readonly Figure[]): Figure[] {
  const groups = new Set(fresh.map(({ group }) => group))
  const last = new Map(fresh.map((figure) => [`${figure.case}/${figure.who}`, figure]))
  return [...old.filter(({ group }) => !groups.has(group)), ...last.values()]
}
