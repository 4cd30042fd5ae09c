import { isSheetflowError } from '@sheetflow/core/errors'
import type { RowChange, SourceControl } from '@sheetflow/core/message'
import type { FollowStart, Source, SourceEvent } from '@sheetflow/core/ports/source'
import type { TableSchema } from '@sheetflow/core/schema'
import { describe, expect, it } from 'vitest'

/** One change of a row of the laboratory's table: `n` of the row with this id from now on; null = the row goes. */
export interface LabChange {
  readonly id: number
  readonly n: number | null
}

/** A system with one captured table, `table`, of the columns `id` (its key, a whole number) and `n` (a whole number), empty at first. */
export interface SourceLab extends AsyncDisposable {
  /** The table's name in messages. */
  readonly table: string
  /** Opens the source; always the same one, with what the system remembers of it. */
  open(): Source
  /** Makes these changes in one transaction of the system. */
  commit(changes: readonly LabChange[]): Promise<void>
  /** Ends every connection that the source has to the system, at once. */
  cut(): Promise<void>
}

export interface SourceKitOptions {
  readonly knownGaps?: Readonly<Record<string, string>>
}

interface SourceCase {
  readonly name: string
  readonly run: (lab: SourceLab) => Promise<void>
}

/** Runs the guarantees of the port `Source` that hold for every system against a driver. What only this driver knows it proves beside. */
export function describeSource(name: string, make: () => Promise<SourceLab>, options: SourceKitOptions = {}): void {
  describe(`source: ${name}`, () => {
    for (const { name: title, run } of CASES) {
      const test = options.knownGaps?.[title] === undefined ? it : it.fails
      test(title, async () => {
        await using lab = await make()
        await run(lab)
      })
    }
  })
}

const EMPTY: FollowStart = { control: null, last: null, half: null, schemas: [] }

/** What somebody who writes down all events knows: the table as of the last commit, and where to go on. */
class Follower {
  readonly rows = new Map<string, number>()
  /** Of whole transactions, in the order in which they came; each with the table behind it. */
  readonly transactions: { readonly tx: string; readonly pieces: number; readonly rows: ReadonlyMap<string, number> }[] = []
  readonly controls: SourceControl[] = []
  start: FollowStart
  #tx: string | null = null
  #pieces = 0
  readonly #schemas = new Map<string, TableSchema>()
  readonly #lab: SourceLab

  constructor(lab: SourceLab, start: FollowStart = EMPTY, rows: ReadonlyMap<string, number> = new Map()) {
    this.#lab = lab
    this.start = start
    for (const schema of start.schemas) this.#schemas.set(schema.table, schema)
    for (const [key, n] of rows) this.rows.set(key, n)
  }

  /** Follows until `enough`, which is asked after every event; confirms each commit if `confirms`. */
  async until(source: Source, enough: () => boolean, confirms = true): Promise<void> {
    for (;;) {
      try {
        return await this.#follow(source, enough, confirms)
      } catch (error) {
        // The system may not have noticed yet that the life before has ended.
        if (!isSheetflowError(error, 'source/slot-in-use')) throw error
      }
    }
  }

  async #follow(source: Source, enough: () => boolean, confirms: boolean): Promise<void> {
    const ending = new AbortController()
    for await (const event of source.follow(this.start, ending.signal)) {
      this.#take(event)
      if (event.kind === 'commit' && confirms) source.confirm(event.mark)
      if (this.#tx === null && enough()) ending.abort()
    }
    // What was begun when the signal came is delivered again from its start.
    this.#tx = null
  }

  get loaded(): boolean {
    return this.controls.some(({ kind }) => kind === 'loaded')
  }

  #take(event: SourceEvent): void {
    if (event.kind === 'idle') return
    if (event.kind === 'begin') {
      expect(this.#tx, 'a transaction begins when the one before is committed').toBeNull()
      this.#tx = event.tx
      this.#pieces = 0
      return
    }
    expect(this.#tx, `${event.kind} stands inside a transaction`).not.toBeNull()
    if (event.kind === 'schema') this.#schemas.set(event.schema.table, event.schema)
    if (event.kind === 'control') this.#control({ v: 1, tx: this.#tx ?? '', ...event.control } as SourceControl)
    if (event.kind === 'rows' && event.table === this.#lab.table) this.#fold(event.rows)
    if (event.kind === 'commit') this.#commit(event)
  }

  #control(control: SourceControl): void {
    this.controls.push(control)
    this.start = { ...this.start, control }
  }

  #fold(rows: readonly string[]): void {
    this.#pieces += 1
    for (const text of rows) {
      const [op, key, after] = JSON.parse(text) as RowChange
      if (op === 't') this.rows.clear()
      else if (op === 'd') this.rows.delete(idOf(key))
      else this.rows.set(idOf(key), Number(after?.[1]))
    }
  }

  #commit(event: Extract<SourceEvent, { readonly kind: 'commit' }>): void {
    const tx = this.#tx ?? ''
    this.transactions.push({ tx, pieces: this.#pieces, rows: new Map(this.rows) })
    this.start = {
      ...this.start,
      half: null,
      last: { mark: event.mark, tx, at: this.#timeOf(tx, event) },
      schemas: [...this.#schemas.values()],
    }
    this.#tx = null
  }

  /** What the source adds (chunks, controls) has the mark of its log's last transaction, and a time of its own. */
  #timeOf(tx: string, { mark, at }: { readonly mark: string; readonly at: string }): string | null {
    if (!/^(snap|ctl)-/.test(tx)) return at
    return this.start.last?.mark === mark ? this.start.last.at : null
  }
}

function idOf(key: RowChange[1]): string {
  return JSON.stringify(key?.[0] ?? null)
}

const CASES: readonly SourceCase[] = [
  {
    name: 'discover finds the table with its key, and names what stands in the way',
    run: async (lab) => {
      await using source = lab.open()
      const { tables, checks } = await source.discover()
      const found = tables.find(({ schema }) => schema.table === lab.table)
      expect(found?.refused).toBeUndefined()
      expect(found?.schema.columns.map(({ name }) => name)).toEqual(['id', 'n'])
      for (const { status, fix } of checks) if (status === 'fail') expect(fix).toBeTruthy()
    },
  },
  {
    name: 'what is there at first comes out, and then it is said to be loaded',
    run: async (lab) => {
      await lab.commit(Array.from({ length: 500 }, (_, i) => ({ id: i, n: i * 2 })))
      await using source = lab.open()
      const follower = new Follower(lab)
      await follower.until(source, () => follower.loaded)
      expect(follower.rows).toEqual(new Map(Array.from({ length: 500 }, (_, i) => [String(i), i * 2])))
    },
  },
  {
    name: 'transactions come whole and in commit order, also while first contents are read',
    run: async (lab) => {
      // Rows 0 and 1 are equal at every commit; row 2 counts up.
      await lab.commit([0, 1, 2].map((id) => ({ id, n: 0 })))
      await lab.commit(Array.from({ length: 300 }, (_, i) => ({ id: 100 + i, n: 0 })))
      await using source = lab.open()
      const follower = new Follower(lab)
      const writing = (async () => {
        for (let n = 1; n <= 60; n++) await lab.commit([0, 1, 2].map((id) => ({ id, n })))
      })()
      await follower.until(source, () => follower.loaded && follower.rows.get('2') === 60)
      await writing
      // Before a table is loaded, a row that was not read yet may be missing; one that is there is right.
      const all = follower.transactions.map(({ rows }) => [0, 1, 2].map((id) => rows.get(String(id))))
      for (const [a, b, c] of all) for (const other of [b, c]) expect(other ?? a).toBe(a ?? other)
      const counted = all.flatMap(([, , c]) => (c === undefined ? [] : [c]))
      expect(counted).toEqual(counted.toSorted((a, b) => a - b))
      expect(follower.rows.size).toBe(303)
    },
  },
  {
    name: 'a large transaction is delivered in pieces',
    run: async (lab) => {
      await using source = lab.open()
      const follower = new Follower(lab)
      await follower.until(source, () => follower.loaded)
      await lab.commit(Array.from({ length: 50_000 }, (_, i) => ({ id: i, n: i })))
      await follower.until(source, () => follower.rows.size === 50_000)
      expect(follower.transactions.at(-1)?.pieces).toBeGreaterThan(1)
    },
  },
  {
    name: 'who goes on where they were misses nothing that happened meanwhile, and reads nothing anew',
    run: async (lab) => {
      await lab.commit([{ id: 1, n: 1 }])
      const follower = new Follower(lab)
      {
        await using source = lab.open()
        await follower.until(source, () => follower.loaded)
      }
      await lab.commit([{ id: 1, n: 2 }])
      await lab.commit([
        { id: 1, n: null },
        { id: 2, n: 3 },
      ])
      const before = follower.controls.length
      await using source = lab.open()
      await follower.until(source, () => follower.rows.get('2') === 3)
      expect(follower.rows).toEqual(new Map([['2', 3]]))
      expect(follower.controls.slice(before).filter(({ kind }) => kind === 'start')).toEqual([])
    },
  },
  {
    name: 'what was not confirmed is delivered again under the same names',
    run: async (lab) => {
      const first = new Follower(lab)
      {
        await using source = lab.open()
        await first.until(source, () => first.loaded)
      }
      const { start, rows } = first
      await lab.commit([{ id: 1, n: 1 }])
      await lab.commit([{ id: 2, n: 2 }])
      const followers = [new Follower(lab, start, rows), new Follower(lab, start, rows)]
      for (const follower of followers) {
        await using source = lab.open()
        await follower.until(source, () => follower.rows.size === 2, false)
      }
      const [once, again] = followers.map((one) => one.transactions.filter((each) => each.pieces > 0).map(({ tx }) => tx))
      expect(once).toHaveLength(2)
      expect(again).toEqual(once)
    },
  },
  {
    name: 'rows that are asked for come out of follow, as a transaction of a snapshot',
    run: async (lab) => {
      await lab.commit([
        { id: 1, n: 1 },
        { id: 2, n: 2 },
      ])
      await using source = lab.open()
      const follower = new Follower(lab)
      await follower.until(source, () => follower.loaded)
      const before = follower.transactions.length
      let asked = false
      await follower.until(source, () => {
        if (!asked) source.snapshot({ kind: 'keys', table: lab.table, keys: [['2'], ['77']] })
        asked = true
        return follower.transactions.slice(before).some(({ tx, pieces }) => tx.startsWith('snap-') && pieces > 0)
      })
      expect(Object.fromEntries(follower.rows)).toEqual({ 1: 1, 2: 2 })
    },
  },
  {
    name: 'a cut connection is an error that says to try again, and nothing is lost',
    run: async (lab) => {
      await lab.commit([{ id: 1, n: 1 }])
      await using source = lab.open()
      const follower = new Follower(lab)
      await follower.until(source, () => follower.loaded)
      let cut = Promise.resolve()
      let once = false
      const failure = await follower
        .until(source, () => {
          if (!once) cut = lab.cut()
          once = true
          return false
        })
        .catch((error: unknown) => error)
      await cut
      expect(isSheetflowError(failure) && failure.retry).toMatch(/^(?:now|later)$/)
      await lab.commit([{ id: 1, n: 2 }])
      await patiently(async () => await follower.until(source, () => follower.rows.get('1') === 2))
    },
  },
  {
    name: 'a signal ends it without an error',
    run: async (lab) => {
      await using source = lab.open()
      const aborted = AbortSignal.abort()
      const events: SourceEvent[] = []
      for await (const event of source.follow(EMPTY, aborted)) events.push(event)
      expect(events).toEqual([])
    },
  },
]

/** Tries again while the way to the source is not there, as the capture role does. */
async function patiently(work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isSheetflowError(error, 'source/unreachable') && !isSheetflowError(error, 'source/slot-in-use')) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
