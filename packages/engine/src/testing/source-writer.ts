import { TransactionPacker } from '@sheetflow/core/framing/packer'
import { sourceSubjects } from '@sheetflow/core/framing/subjects'
import type { CaptureState, Cause, RowChange } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { TableSchema } from '@sheetflow/core/schema'
import { sourceStream } from '@sheetflow/core/subject'
import { NO_STATE } from './graph-bench.ts'

/** Writes the stream of one source, as capture does. */
export class SourceWriter {
  readonly #bus: Bus
  readonly #source: string
  readonly #stream: string
  readonly #life: string
  #packer: TransactionPacker | null = null
  #n = 0
  #late = 0

  /** `life`: what its transactions are named after, another for each writer of a stream. */
  constructor(bus: Bus, source: string, life = 'tx') {
    this.#life = life
    this.#bus = bus
    this.#source = source
    this.#stream = sourceStream(source)
  }

  /** Schemas, then an empty snapshot: the tables are loaded. */
  async load(schemas: readonly TableSchema[]): Promise<void> {
    const tables = schemas.map((schema) => schema.table)
    await this.write((packer) => {
      for (const schema of schemas) packer.schema(schema)
    })
    await this.control({ kind: 'start', run: 1, tables })
    await this.control({ kind: 'loaded', run: 1, tables })
  }

  async control(control: { readonly kind: 'start' | 'loaded'; readonly run: number; readonly tables: readonly string[] }): Promise<void> {
    const runs = Object.fromEntries(control.tables.map((table) => [table, runState(control.run)]))
    const state: CaptureState = { ...NO_STATE, tables: runs }
    await this.write((packer) => packer.control({ ...control, state }))
  }

  /** One transaction of rows. */
  async rows(
    changes: readonly (readonly [table: string, schema: number, rows: readonly RowChange[]])[],
    causes: readonly Cause[] = [],
  ): Promise<void> {
    await this.write((packer) => {
      for (const [table, schema, rows] of changes) packer.changes(table, schema, rows)
    }, causes)
  }

  /** A transaction whose rows are written now and whose commit when the answer is called. */
  async open(changes: readonly (readonly [table: string, schema: number, rows: readonly RowChange[]])[]): Promise<() => Promise<void>> {
    const packer = await this.#open()
    this.#n += 1
    packer.begin(`${this.#life}${this.#n}`)
    for (const [table, schema, rows] of changes) packer.changes(table, schema, rows)
    packer.idle()
    await this.#bus.append(this.#stream, packer.take())
    const draft = { at: timeAt(this.#n + this.#late), mark: String(this.#n), causes: [] }
    return async () => {
      packer.commit(draft)
      await this.#bus.append(this.#stream, packer.take())
    }
  }

  /** A commit alone, more than two seconds later than the last one. */
  async heartbeat(): Promise<void> {
    this.#late += 20
    await this.write(() => undefined)
  }

  async write(fill: (packer: TransactionPacker) => void, causes: readonly Cause[] = []): Promise<void> {
    const packer = await this.#open()
    this.#n += 1
    packer.begin(`${this.#life}${this.#n}`)
    fill(packer)
    packer.commit({ at: timeAt(this.#n + this.#late), mark: String(this.#n), causes })
    const messages = packer.take()
    for (let at = 0; at < messages.length; at += 500) await this.#bus.append(this.#stream, messages.slice(at, at + 500))
  }

  async #open(): Promise<TransactionPacker> {
    if (this.#packer !== null) return this.#packer
    const { epoch } = await this.#bus.ensure(this.#stream)
    this.#packer = new TransactionPacker({ stream: this.#stream, epoch, subjects: sourceSubjects(this.#source) })
    return this.#packer
  }
}

/** A time that goes on by a tenth of a second. */
export function timeAt(n: number): string {
  return new Date(Date.UTC(2026, 10, 23, 10, 0, 0) + n * 100).toISOString().replace('Z', '000Z')
}

function runState(run: number): CaptureState['tables'][string] {
  return { run, start: true, loaded: false, last: null, finished: false, repair: [] }
}
