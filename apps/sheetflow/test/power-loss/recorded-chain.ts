import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bus, StoredMessage } from '@sheetflow/core/ports/bus'
import { sourceStream } from '@sheetflow/core/subject'
import { CaptureRole } from '@sheetflow/source/capture/capture-role'
import { readAll } from '@sheetflow/testkit/kits/bus-lab'
import type { DiskLog } from '@sheetflow/testkit/power-loss/disk-log'
import { replayAll, writeCut } from '@sheetflow/testkit/power-loss/power-cut'
import { recordScript } from '@sheetflow/testkit/power-loss/recorder'
import { Random } from '@sheetflow/testkit/random'
import { systemClock } from '../../src/ops/system-clock.ts'
import { CHAIN, ChainSource, lastLink } from './chain-source.ts'
import { openBusIn, type BusKind } from './open-bus.ts'
import type { WriterTask } from './writer.ts'

/** What one power cut did. */
export interface CutReport {
  readonly seed: number
  /** The last transaction that was confirmed to the source at that moment, and the last that the bus held after the restart. */
  readonly confirmed: number
  readonly survived: number
  /** What the cut took of what the system had been given. */
  readonly lostBytes: number
  readonly lostNames: number
}

const STREAM = sourceStream(CHAIN)
/** Transactions that the source sends after the restart. */
const MORE = 5

/** A chain that was written to a bus under `strace`: the power can be cut at every moment of it. */
export class RecordedChain implements Disposable {
  readonly log: DiskLog
  readonly #kind: BusKind
  readonly #dir: string

  private constructor(log: DiskLog, kind: BusKind, dir: string) {
    this.log = log
    this.#kind = kind
    this.#dir = dir
  }

  /** Writes and records a chain of so many transactions. */
  static async record(kind: BusKind, task: Pick<WriterTask, 'until' | 'paceMs'>): Promise<RecordedChain> {
    const dir = mkdtempSync(join(tmpdir(), 'sheetflow-power-'))
    try {
      const [root, journal] = [join(dir, 'store'), join(dir, 'journal')]
      mkdirSync(root)
      const argument: WriterTask = { dir, journal, kind, ...task }
      const log = await recordScript(new URL('writer.ts', import.meta.url), argument, { root, journal })
      return new RecordedChain(log, kind, dir)
    } catch (error) {
      rmSync(dir, { recursive: true, force: true })
      throw error
    }
  }

  /** The files that the record, replayed whole, does not give as they lie on the disk: none if nothing was left out of it. */
  wronglyReplayed(): readonly string[] {
    const again = join(this.#dir, 'again')
    const store = join(this.#dir, 'store')
    replayAll(this.log, again)
    return filesOf(store).filter(
      (file) => !existsSync(join(again, file)) || !readFileSync(join(store, file)).equals(readFileSync(join(again, file))),
    )
  }

  /**
   * Cuts the power at a moment that the seed chooses, starts the bus on what the disk may hold then, and lets the capture role go on. Throws if what the bus holds is not a
   * beginning of the chain, if something that was confirmed is missing, or if the chain does not go on.
   */
  async cut(seed: number, { lying = false }: { readonly lying?: boolean } = {}): Promise<CutReport> {
    const random = new Random(seed)
    const at = this.#moment(seed, random)
    const confirmed = Math.max(0, ...this.log.notes.filter((note) => note.at < at).map(({ text }) => Number(text)))
    const dir = join(this.#dir, `after-${String(seed)}`)
    try {
      const { lostBytes, lostNames } = writeCut(this.log, at, random, join(dir, 'store'), { lying })
      await using open = await openBusIn(dir, this.#kind)
      const survived = await lastOf(open.bus)
      const report = { seed, confirmed, survived, lostBytes, lostNames }
      if (survived >= confirmed) await goOn(open.bus, confirmed, Math.max(confirmed, survived) + MORE)
      return report
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#dir, { recursive: true, force: true })
  }

  /** Odd seeds: right behind a confirmation, when nothing more may be missing. Even ones: any line of the record. */
  #moment(seed: number, random: Random): number {
    const { names, notes, end } = this.log
    if (seed % 2 === 1 && notes.length > 0) return random.pick(notes).at + 1 + random.below(3)
    return random.between(names[0]?.at ?? 0, end)
  }
}

/** But for what a process keeps in shared memory: the index of SQLite's log is made anew by whoever opens it. */
function filesOf(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(
    (file) => !file.endsWith('-shm') && statSync(join(dir, file)).isFile(),
  )
}

async function lastOf(bus: Bus): Promise<number> {
  const { epoch, first, last } = await bus.ensure(STREAM)
  if (first !== 1) throw new Error(`the stream begins at offset ${String(first)}`)
  const messages: readonly StoredMessage[] = last === 0 ? [] : await readAll(bus, STREAM)
  return lastLink(messages, epoch)
}

/** The source sends what it still has; afterwards the stream is the chain, every transaction once. */
async function goOn(bus: Bus, confirmed: number, until: number): Promise<void> {
  const stop = new AbortController()
  const source = new ChainSource({ confirmed, until, onConfirm: () => undefined })
  const role = new CaptureRole({ name: CHAIN, source, bus, clock: systemClock })
  const running = role.run(stop.signal)
  const isThere = async (): Promise<boolean> => (await lastOf(bus)) === until
  while (!(await Promise.race([isThere(), running.then(() => true)]))) await systemClock.sleep(20)
  stop.abort()
  await running
  const reached = await lastOf(bus)
  if (reached !== until) throw new Error(`after the restart the chain ends at ${String(reached)} instead of ${String(until)}`)
}
