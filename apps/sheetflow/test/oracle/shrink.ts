import type { Case, CaseStep, TableChange } from '@sheetflow/testkit/random-book/case'
import type { Book, BookSheet } from '@sheetflow/testkit/recalc/model'

/** Does a smaller case fail in the same way? */
export type StillFails = (one: Case) => Promise<boolean>

/**
 * The smallest case that can be reached by leaving out one thing after the other: steps, changes, rows, sheets, columns, names, parts of formulas. `budget`: how many
 * cases may be tried.
 */
export async function shrunk(one: Case, stillFails: StillFails, budget: number): Promise<Case> {
  let best = one
  let left = budget
  const attempt = async (candidate: Case): Promise<boolean> => {
    if (left <= 0) return false
    left -= 1
    if (!(await stillFails(candidate))) return false
    best = candidate
    return true
  }
  for (let size = -1; size !== sizeOf(best) && left > 0;) {
    size = sizeOf(best)
    await withoutSteps(() => best, attempt)
    for (const smaller of [smallerBooks, smallerChanges, smallerFormulas, smallerTables]) {
      // What was found is a new beginning: places in the old one mean nothing any more.
      for (let found = true; found && left > 0;) {
        found = false
        for (const candidate of smaller(best)) {
          found = await attempt(candidate)
          if (found || left <= 0) break
        }
      }
    }
  }
  return best
}

function sizeOf(one: Case): number {
  return JSON.stringify(one).length
}

/** Halves first, then quarters, then one by one. */
async function withoutSteps(best: () => Case, attempt: (one: Case) => Promise<boolean>): Promise<void> {
  for (let length = Math.max(1, best().steps.length >> 1); ; length >>= 1) {
    for (let at = best().steps.length - length; at >= 0; at -= length) {
      const { steps } = best()
      await attempt({ ...best(), steps: steps.toSpliced(at, length) })
    }
    if (length <= 1) return
  }
}

function* smallerTables(one: Case): Generator<Case> {
  for (const table of one.tables) {
    const steps = one.steps.flatMap((step): CaseStep[] => {
      if (step.kind === 'schema') return step.table === table.id ? [] : [step]
      return step.kind === 'rows' ? [{ ...step, changes: step.changes.filter((change) => change.table !== table.id) }] : [step]
    })
    yield { ...one, tables: one.tables.filter((other) => other !== table), steps }
  }
}

function* smallerChanges(one: Case): Generator<Case> {
  for (const [i, step] of one.steps.entries()) {
    if (step.kind !== 'rows') continue
    const put = (changes: readonly TableChange[]): Case => ({ ...one, steps: one.steps.with(i, { ...step, changes }) })
    if (step.open === true) yield { ...one, steps: one.steps.with(i, { kind: 'rows', changes: step.changes }) }
    for (const [j, change] of step.changes.entries()) {
      if (step.changes.length > 1) yield put(step.changes.toSpliced(j, 1))
      if (change.rows.length < 2) continue
      const half = change.rows.length >> 1
      if (half > 1) {
        yield put(step.changes.with(j, { ...change, rows: change.rows.slice(0, half) }))
        yield put(step.changes.with(j, { ...change, rows: change.rows.slice(half) }))
      }
      for (const k of change.rows.keys()) yield put(step.changes.with(j, { ...change, rows: change.rows.toSpliced(k, 1) }))
    }
  }
}

/** The same thing is left out of every version of the workbook. */
function* smallerBooks(one: Case): Generator<Case> {
  const all = (change: (book: Book) => Book): Case => ({
    ...one,
    book: change(one.book),
    steps: one.steps.map((step) => (step.kind === 'deploy' ? { ...step, book: change(step.book) } : step)),
  })
  const books = [one.book, ...one.steps.flatMap((step) => (step.kind === 'deploy' ? [step.book] : []))]
  const sheets = new Set(books.flatMap((book) => Object.keys(book.sheets)))
  for (const sheet of [...sheets].reverse()) yield all((book) => ({ ...book, sheets: without(book.sheets, sheet) }))
  for (const name of new Set(books.flatMap((book) => Object.keys(book.values))))
    yield all((book) => ({ ...book, values: without(book.values, name) }))
  for (const sheet of sheets) {
    const ofSheet = (change: (file: BookSheet) => BookSheet): Case =>
      all((book) => {
        const file = book.sheets[sheet]
        return file === undefined ? book : { ...book, sheets: { ...book.sheets, [sheet]: change(file) } }
      })
    const files = books.flatMap((book) => book.sheets[sheet] ?? [])
    for (const column of new Set(files.flatMap((file) => Object.keys(file.columns ?? {})))) {
      yield ofSheet((file) => ({ ...file, columns: without(file.columns ?? {}, column) }))
    }
    for (const kept of new Set(files.flatMap((file) => file.keep ?? []))) {
      yield ofSheet((file) => ({ ...file, keep: (file.keep ?? []).filter((name) => name !== kept) }))
    }
  }
}

/** A part in brackets instead of the whole; an argument of a call instead of the call. */
function* smallerFormulas(one: Case): Generator<Case> {
  for (const [name, sheet] of Object.entries(one.book.sheets)) {
    const put = (next: BookSheet): Case => ({ ...one, book: { ...one.book, sheets: { ...one.book.sheets, [name]: next } } })
    for (const rows of partsOf(sheet.rows)) yield put({ ...sheet, rows })
    for (const [column, formula] of Object.entries(sheet.columns ?? {})) {
      for (const part of partsOf(formula)) yield put({ ...sheet, columns: { ...sheet.columns, [column]: part } })
    }
  }
  for (const [name, formula] of Object.entries(one.book.values)) {
    for (const part of partsOf(formula)) yield { ...one, book: { ...one.book, values: { ...one.book.values, [name]: part } } }
  }
}

/** Formulas in which one call or bracket is replaced by one of its arguments. What does not compile is refused by whoever tries it. */
function partsOf(formula: string): string[] {
  if (!formula.startsWith('=')) return []
  const found: string[] = []
  for (const match of formula.matchAll(/[A-Z.]*\(/g)) {
    const from = match.index + match[0].length
    const { parts, end } = argumentsFrom(formula, from)
    for (const part of parts) if (part !== '') found.push(formula.slice(0, match.index) + part + formula.slice(end))
    // Pairs of SUMIFS and its like: two arguments less.
    for (let i = 0; i + 1 < parts.length; i++) found.push(formula.slice(0, from) + parts.toSpliced(i, 2).join(',') + formula.slice(end - 1))
    if (parts.length > 1) found.push(formula.slice(0, from) + parts.slice(0, -1).join(',') + formula.slice(end - 1))
  }
  for (const match of formula.matchAll(/[-+*/&]/g)) found.push(`=${formula.slice(match.index + 1)}`, formula.slice(0, match.index))
  return [...new Set(found)].filter((one) => one.length < formula.length && one.length > 1).sort((a, b) => a.length - b.length)
}

function argumentsFrom(text: string, from: number): { readonly parts: string[]; readonly end: number } {
  const parts: string[] = []
  let [depth, start, quoted] = [0, from, false]
  for (let i = from; i < text.length; i++) {
    const char = text.charAt(i)
    if (char === '"') quoted = !quoted
    if (quoted) continue
    if ('([{'.includes(char)) depth += 1
    else if (depth > 0 && ')]}'.includes(char)) depth -= 1
    else if (depth === 0 && (char === ',' || char === ')')) {
      parts.push(text.slice(start, i))
      start = i + 1
      if (char === ')') return { parts, end: i + 1 }
    }
  }
  return { parts: [], end: text.length }
}

function without<T>(record: Readonly<Record<string, T>>, name: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([one]) => one !== name))
}
