import type { Page } from '@sheetflow/client'

/** Looks at every picture of a page over the whole chain: rows only come, in the order of the chain, each once. */
export class PageWatch {
  /** Rows of the last picture. */
  seen = 0
  twice = 0
  outOfOrder = 0
  /** How the page stands, for a test that fails. */
  state = 'not followed'

  follow(page: Page): void {
    const look = (): void => {
      const { state, fields, error } = page.picture
      this.state = error === null ? state : `${state}, ${error.message}`
      const rows = fields['links']?.rows
      if (state === 'loading' || rows === undefined) return
      const numbers = rows.map(({ values }) => numberOf(values['n']))
      if (numbers.some((n, i) => n !== i + 1 || numberOf(rows[i]?.values['prev'] ?? 0) !== i)) this.outOfOrder += 1
      if (numbers.length < this.seen) this.twice += 1
      this.seen = numbers.length
    }
    page.subscribe(look)
    look()
  }
}

/** Whole numbers may come as texts. */
function numberOf(value: unknown): number {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string' ? Number(value) : Number.NaN
}
