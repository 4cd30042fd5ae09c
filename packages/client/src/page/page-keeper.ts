import type { PageCache } from '../cache/page-cache.ts'
import type { Timers } from '../host.ts'
import type { PaintedField, PaintedRow, Picture } from './painted.ts'

/** A page is kept at most so often. */
const KEEP_EVERY_MS = 2000
const FORMAT = 1

/** Keeps the last picture of a page for the time without a server, and brings it back. */
export class PageKeeper {
  readonly #cache: PageCache
  readonly #name: () => Promise<string>
  readonly #timers: Timers
  #latest: Picture | null = null
  #scheduled: (() => void) | null = null

  /** `name` tells pages and readers apart: nobody is shown what another reader saw. It rejects while nobody can say who reads. */
  constructor(cache: PageCache, name: () => Promise<string>, timers: Timers) {
    this.#cache = cache
    this.#name = name
    this.#timers = timers
  }

  /** The kept picture, as it is shown offline; null if there is none that can be read. */
  async load(): Promise<Picture | null> {
    const name = await this.#nameNow()
    const text = name === null ? null : await this.#cache.load(name)
    if (text === null) return null
    try {
      const kept = JSON.parse(text) as { readonly format?: number; readonly fields?: Picture['fields'] }
      if (kept.format !== FORMAT || kept.fields === undefined) return null
      return { state: 'offline', fields: mapFields(kept.fields, asKept), offsets: {}, error: null }
    } catch {
      return null
    }
  }

  /** Keeps this picture, or a later one, soon. */
  keep(picture: Picture): void {
    this.#latest = picture
    this.#scheduled ??= this.#timers.after(KEEP_EVERY_MS, () => void this.#save())
  }

  /** Keeps what waits to be kept, at once. */
  close(): void {
    this.#scheduled?.()
    if (this.#latest !== null) void this.#save()
  }

  async #save(): Promise<void> {
    const picture = this.#latest
    this.#scheduled = null
    this.#latest = null
    const name = picture === null ? null : await this.#nameNow()
    if (picture !== null && name !== null) await this.#cache.save(name, JSON.stringify({ format: FORMAT, fields: picture.fields }))
  }

  /** Null: not known now, so nothing is kept and nothing is shown. */
  async #nameNow(): Promise<string | null> {
    try {
      return await this.#name()
    } catch {
      return null
    }
  }
}

function mapFields(fields: Picture['fields'], map: (field: PaintedField) => PaintedField): Picture['fields'] {
  return Object.fromEntries(Object.entries(fields).map(([as, field]) => [as, map(field)]))
}

/** Commands of then are not of now. */
function asKept(field: PaintedField): PaintedField {
  return { ...field, state: 'offline', progress: null, rows: field.rows.map(rowAsKept) }
}

function rowAsKept(row: PaintedRow): PaintedRow {
  return { ...row, nested: mapFields(row.nested, asKept), pending: [], leaving: false }
}
