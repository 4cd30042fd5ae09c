import type { Page, PaintedRow } from '@sheetflow/client'

/** What a client follows of a chain: all of its rows, or how many there are and their sum. */
export type Followed = 'rows' | 'sums'

export const QUERIES: Readonly<Record<Followed, string>> = {
  rows: '{ links(order_by: [{n: asc}]) { n prev } }',
  sums: '{ desk_values { number total } }',
}

/** Looks at every picture of a page over a chain: rows only come, in the order of the chain, each once. */
export class PageWatch {
  /** Rows of the last picture. */
  seen = 0
  twice = 0
  outOfOrder = 0
  /** How the page stands, for a test that fails. */
  state = 'not followed'

  /** The page asks one of `QUERIES`. */
  follow(page: Page): void {
    const look = (): void => {
      const { state, fields, error } = page.picture
      const wrong = [error, ...Object.values(fields).map((field) => field.error)].find((one) => one !== null)
      this.state = wrong === undefined ? state : `${state}, ${wrong?.message ?? ''}`
      if (state === 'loading') return
      const [links, sums] = [fields['links']?.rows, fields['desk_values']?.rows[0]]
      if (links !== undefined) this.#see(links.length, links.every(isLink))
      if (sums !== undefined) {
        const [number, total] = [numberOf(sums.values['number']), numberOf(sums.values['total'])]
        this.#see(number, total === sumOf(number))
      }
    }
    page.subscribe(look)
    look()
  }

  #see(rows: number, isChain: boolean): void {
    if (!isChain) this.outOfOrder += 1
    if (rows < this.seen) this.twice += 1
    this.seen = rows
  }
}

/** The sum of the numbers of the first so many links. */
export function sumOf(links: number): number {
  return (links * (links + 1)) / 2
}

function isLink({ values }: PaintedRow, i: number): boolean {
  return numberOf(values['n']) === i + 1 && numberOf(values['prev'] ?? 0) === i
}

/** Whole numbers may come as texts. */
function numberOf(value: unknown): number {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string' ? Number(value) : Number.NaN
}
