import type { PaintedField, PaintedRow, Picture } from '@sheetflow/client/page/painted'
import { compareKeys } from '../world/shape.ts'
import type { Shape } from '../world/shape.ts'
import { TOTAL_CENTS } from '../world/create-sql.ts'
import type { PageKind } from '../swarm/page-kinds.ts'
import type { Findings } from './findings.ts'
import { cents } from './money.ts'

/** Frames by what became of them. */
export class FrameCounts {
  /** Complete, not called stale, and checked. */
  checked = 0
  /** Called stale, or still loading, or wrong: by the page's state. */
  readonly excused: Record<string, number> = {}
  /** Pages that were opened. */
  pages = 0
}

/**
 * Checks every frame that one page paints. What the page does not call stale (or loading) must hold together: all of it is of one moment. And no row
 * may show an earlier version of itself than an earlier frame did.
 */
export class FrameCheck {
  readonly #page: PageKind
  readonly #shape: Shape
  readonly #findings: Findings
  readonly #counts: FrameCounts
  readonly #name: string
  readonly #versions = new Map<string, number>()
  /** What was wrong with the frame before: a wrong picture that stays is one finding, not hundreds. */
  #wrong = new Set<string>()

  constructor(
    page: PageKind,
    options: { readonly shape: Shape; readonly findings: Findings; readonly counts: FrameCounts; readonly name: string },
  ) {
    this.#page = page
    this.#shape = options.shape
    this.#findings = options.findings
    this.#counts = options.counts
    this.#name = options.name
    this.#counts.pages += 1
  }

  check(picture: Picture): void {
    if (!isClaimed(picture)) {
      const why = picture.error?.code ?? picture.state
      this.#counts.excused[why] = (this.#counts.excused[why] ?? 0) + 1
      return
    }
    this.#counts.checked += 1
    const wrong = new Set<string>()
    const found = (rule: string, what: string): void => {
      wrong.add(rule)
      if (!this.#wrong.has(rule)) this.#findings.found(rule, `${this.#name} ${this.#page.kind} (${picture.state}): ${what}`)
    }
    for (const [name, field] of Object.entries(picture.fields)) this.#versionsOf(name, field, found)
    this.#rules(picture, found)
    this.#wrong = wrong
  }

  #rules({ fields }: Picture, found: Found): void {
    switch (this.#page.kind) {
      case 'books':
        return this.#books(fields, this.#page.source, found)
      case 'parts':
        return parts(fields, this.#page.by, found)
      case 'owners':
        return owners(fields, found)
      case 'windows':
        return this.#windows(fields, found)
      case 'documents':
        break
    }
  }

  #books(fields: Picture['fields'], source: string, found: Found): void {
    const sum = total(fields['accounts']) + total(fields['vaults'])
    if (sum !== TOTAL_CENTS) found('balances add up (lists)', `${sum} cents`)
    const value = cents(fields['bank_values']?.rows[0]?.values[`${source}_total`])
    if (value !== TOTAL_CENTS) found('balances add up (formula)', `${value} cents`)
  }

  #windows(fields: Picture['fields'], found: Found): void {
    if (this.#page.kind !== 'windows') return
    const { source, limit } = this.#page
    const key = this.#shape.sources[source].accounts
    const byBalance =
      (sign: number) =>
      (a: PaintedRow, b: PaintedRow): number =>
        sign * (balance(a) - balance(b)) || compareKeys(key, a.key.map(String), b.key.map(String))
    for (const [name, sign] of [
      ['top', -1],
      ['bottom', 1],
    ] as const) {
      const expected = [...(fields['accounts']?.rows ?? [])].toSorted(byBalance(sign)).slice(0, limit).map(line)
      const shown = (fields[name]?.rows ?? []).map(line)
      if (expected.join() !== shown.join())
        found('windows are the ends of the list', `${name}: ${shown.join(' ')} instead of ${expected.join(' ')}`)
    }
  }

  #versionsOf(at: string, field: PaintedField, found: Found): void {
    for (const { id, values, nested } of field.rows) {
      const place = `${at} ${id}`
      const version = Number(values['v'])
      const before = this.#versions.get(place) ?? 0
      if (version < before) found('no row goes back (page)', `${place}: ${version} after ${before}`)
      else if (Number.isFinite(version)) this.#versions.set(place, version)
      for (const [name, list] of Object.entries(nested)) this.#versionsOf(`${place}.${name}`, list, found)
    }
  }
}

type Found = (rule: string, what: string) => void

/** Does the page say that everything in it is of one moment? */
export function isClaimed(picture: Picture): boolean {
  const isExcused = (field: PaintedField): boolean =>
    field.state === 'stale' ||
    field.state === 'loading' ||
    field.error !== null ||
    field.rows.some((row) => Object.values(row.nested).some(isExcused))
  return (
    picture.state !== 'stale' && picture.state !== 'loading' && picture.error === null && !Object.values(picture.fields).some(isExcused)
  )
}

function parts(fields: Picture['fields'], by: 'kind' | 'balance', found: Found): void {
  let sum = total(fields['vaults'])
  const seen = new Set<string>()
  for (const [name, field] of Object.entries(fields)) {
    if (!name.startsWith('part_')) continue
    sum += total(field)
    for (const row of field.rows) {
      if (seen.has(row.id)) found('a row is in one part', `${row.id} is in ${name} and in another`)
      seen.add(row.id)
      if (by === 'kind' && Number(row.values['kind']) !== Number(name.slice('part_'.length))) {
        found('a list holds what its filter says', `${row.id} of kind ${JSON.stringify(row.values['kind'])} in ${name}`)
      }
    }
  }
  if (sum !== TOTAL_CENTS) found('balances add up (parts)', `${sum} cents in ${seen.size} rows`)
}

function owners(fields: Picture['fields'], found: Found): void {
  const value = cents(fields['bank_values']?.rows[0]?.values['east_total'])
  if (value !== TOTAL_CENTS) found('balances add up (formula)', `${value} cents`)
  for (const { id, values, nested } of fields['owners']?.rows ?? []) {
    const accounts = nested['accounts']
    if (accounts === undefined) continue
    if (total(accounts) !== cents(values['east_held'])) {
      found(
        'a nested list adds up to its parent',
        `owner ${id}: ${total(accounts)} in the list, ${JSON.stringify(values['east_held'])} by formula`,
      )
    }
    if (accounts.rows.length !== values['east_number']) {
      found(
        'a nested list adds up to its parent',
        `owner ${id}: ${accounts.rows.length} in the list, ${JSON.stringify(values['east_number'])} by formula`,
      )
    }
    const stranger = accounts.rows.find((row) => row.values['owner'] !== values['name'])
    if (stranger !== undefined)
      found(
        'a lookup is of the same moment',
        `${stranger.id} names ${JSON.stringify(stranger.values['owner'])}, not ${JSON.stringify(values['name'])}`,
      )
  }
}

function total(field: PaintedField | undefined): number {
  return (field?.rows ?? []).reduce((sum, row) => sum + balance(row), 0)
}

function balance(row: PaintedRow): number {
  return cents(row.values['balance'])
}

function line(row: PaintedRow): string {
  return `${row.id}=${JSON.stringify(row.values['balance'])}`
}
