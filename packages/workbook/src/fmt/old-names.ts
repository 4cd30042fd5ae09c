import { occurrencesOf } from '@sheetflow/formula/service/occurrences'
import { printName } from '@sheetflow/formula/syntax/print'
import { equalNames, splitId, tableLabel, tablesByName } from '../compile/table-scope.ts'
import type { CompileInput } from '../compile/input.ts'
import type { FormulaSource } from '../file/formula-source.ts'

/** A place in a formula, and what comes there. */
interface NameEdit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Tables and sheets that are called otherwise than the files call them. */
export class OldNames {
  readonly #tables: readonly { readonly id: string; readonly now: string }[]
  readonly #sheets: ReadonlyMap<string, string>

  constructor({ tables, tableIds, sheetNames = {} }: Pick<CompileInput, 'tables' | 'tableIds' | 'sheetNames'>) {
    this.#tables = tablesByName({ tables, ...(tableIds === undefined ? {} : { tableIds }) }).filter(({ id, now }) => id !== now)
    this.#sheets = new Map(Object.entries(sheetNames).map(([old, now]) => [old.toLowerCase(), now]))
  }

  /** What `label` (`shop!orders`, `open_orders`, `sales!open_orders`) is called now, as a formula of that workbook writes it; null: the same. */
  newLabel(workbook: string, label: string): string | null {
    const [source, name] = label.includes('!') ? splitId(label) : [null, label]
    const sheet = this.#sheets.get(`${source ?? workbook}.${name}`.toLowerCase())
    if (sheet !== undefined) {
      const [book = '', own = ''] = sheet.split('.')
      return source === null ? own : `${book}!${own}`
    }
    const table = this.#tables.find(({ id }) => equalNames(id, label) || equalNames(tableLabel(id), label))
    return table === undefined ? null : tableLabel(table.now)
  }

  /** The edits that bring a formula up to date; a name that LET or LAMBDA gives, or that `isValue`, is none of a sheet. */
  inFormula({ parsed }: FormulaSource, workbook: string, isValue: (name: string) => boolean): NameEdit[] {
    return occurrencesOf(parsed, null).flatMap((one): NameEdit[] => {
      if (one.kind !== 'table' && (one.kind !== 'unknown' || isValue(one.name))) return []
      const { start, end } = one.kind === 'table' ? one.whole : one.range
      const label = parsed.text.slice(start, end).replaceAll("'", '')
      const now = this.newLabel(workbook, label)
      return now === null
        ? []
        : [
            {
              start,
              end,
              text: now
                .split('!')
                .map((part) => printName(part))
                .join('!'),
            },
          ]
    })
  }
}
