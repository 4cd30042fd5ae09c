import type {
  AppendOptions,
  AppendResult,
  BusMessage,
  ReadOptions,
  StoredMessage,
  StreamInfo,
  StreamOptions,
  TrimLimits,
} from '@sheetflow/core/ports/bus'
import { draft } from '../draft.ts'
import { AppendQueue } from './append-queue.ts'
import { Appender, type Outcome } from './appender.ts'
import { DiskRoom } from './disk-room.ts'
import { busFailure } from './failure.ts'
import { readMeta, readTail, streamInfo, writeMeta } from './meta.ts'
import { StreamFile } from './stream-file.ts'
import { StreamReader } from './stream-reader.ts'
import { Subjects } from './subjects.ts'
import { Trimmer } from './trimmer.ts'
import { WakeUps } from './wake-ups.ts'

/** One stream as one bus object sees it: its file, the queue of appends and those who read. Creates nothing until `ensure`. */
export class SqliteStream {
  readonly #file: StreamFile
  readonly #subjects: Subjects
  readonly #wakeUps: WakeUps
  readonly #queue: AppendQueue
  readonly #appender: Appender
  readonly #reader: StreamReader
  readonly #trimmer: Trimmer
  readonly #now: () => number

  constructor(dir: string, stream: string, reserveBytes: number, now: () => number) {
    this.#now = now
    this.#file = new StreamFile(dir, stream)
    this.#subjects = new Subjects(this.#file)
    this.#wakeUps = new WakeUps(dir, stream)
    this.#appender = new Appender(this.#file, this.#subjects, new DiskRoom(dir, reserveBytes), now)
    this.#queue = new AppendQueue(
      (drafts) => this.#commit(drafts),
      (error) => busFailure(stream, error),
    )
    this.#reader = new StreamReader(this.#file, this.#subjects, this.#wakeUps, (work) => this.#guard(work))
    this.#trimmer = new Trimmer(this.#file, this.#subjects, now)
  }

  ensure(options: StreamOptions): StreamInfo {
    return this.#guard(() => {
      this.#file.create((file) => writeMeta(file, this.#firstMeta()))
      const meta = readMeta(this.#file)
      const epoch = Math.max(meta.epoch, options.epoch ?? 0)
      const maxBytes = options.maxBytes ?? meta.maxBytes
      if (epoch !== meta.epoch || maxBytes !== meta.maxBytes) {
        // Read again inside: somebody else may have raised it meanwhile.
        this.#file.write(() => {
          const now = readMeta(this.#file)
          writeMeta(this.#file, { ...now, epoch: Math.max(now.epoch, epoch), maxBytes })
        })
      }
      return this.#info()
    })
  }

  append(messages: readonly BusMessage[], options: AppendOptions): Promise<AppendResult> {
    return this.#queue.append(draft(this.#file.stream, messages, options), options.signal)
  }

  read(options: ReadOptions, signal: AbortSignal): AsyncIterable<readonly StoredMessage[]> {
    return this.#reader.read(options, signal)
  }

  last(pattern: string): StoredMessage[] {
    return this.#reader.last(pattern)
  }

  info(): StreamInfo {
    return this.#guard(() => this.#info())
  }

  retain(reader: string, offset: number): void {
    this.#guard(() => this.#trimmer.retain(reader, offset))
  }

  async trim(limits: TrimLimits): Promise<StreamInfo> {
    // Between two steps the writer gets its turn.
    while (this.#guard(() => this.#trimmer.step(limits))) await new Promise<void>((resolve) => setImmediate(resolve))
    return this.info()
  }

  close(): void {
    this.#queue.flush()
    this.#wakeUps.close()
    this.#file.end()
  }

  #commit(drafts: Parameters<Appender['commit']>[0]): Outcome[] {
    const outcomes = this.#file.guard(() => this.#appender.commit(drafts))
    if (outcomes.some((outcome) => 'result' in outcome)) this.#wakeUps.announce()
    return outcomes
  }

  #info(): StreamInfo {
    return this.#file.snapshot(() => {
      const meta = readMeta(this.#file)
      const tail = readTail(this.#file, meta)
      this.#subjects.sync(tail.last)
      return streamInfo(meta, tail, this.#subjects.keptBytes(meta.first))
    })
  }

  #firstMeta(): Parameters<typeof writeMeta>[1] {
    const epoch = Math.floor(this.#now() / 1_000)
    return { stream: this.#file.stream, epoch, first: 1, base: 0, last: 0, total: 0, at: 0, maxBytes: null, ids: false }
  }

  #guard<T>(work: () => T): T {
    try {
      return this.#file.guard(work)
    } catch (error) {
      throw busFailure(this.#file.stream, error)
    }
  }
}
