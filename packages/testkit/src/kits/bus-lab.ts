import type { Bus, BusMessage, StoredMessage } from '@sheetflow/core/ports/bus'

/** How a worker thread or another process opens the same bus: a module, the name of an exported function, its argument as JSON. */
export interface RemoteBus {
  readonly module: string
  readonly open: string
  readonly options: Readonly<Record<string, unknown>>
}

/** One installation of a bus, empty at first; disposed of with everything that it stored. */
export interface BusLab extends AsyncDisposable {
  /** Opens it once more, as another process would. The caller disposes of it. */
  open(): Promise<Bus>
  /** Null if nobody else can: the cases that need others fail, and are gaps of the driver. */
  readonly remote: RemoteBus | null
  /** Kills what keeps the streams and starts it again, whoever uses it. Absent where that is our own process. */
  readonly restart?: () => Promise<void>
}

/** Makes an installation whose buses take the time from `clock`. */
export type MakeBusLab = (clock: { now(): number }) => Promise<BusLab>

/** A guarantee of the port as a test. */
export interface BusCase {
  readonly name: string
  readonly run: (lab: BusLab, clock: TestClock) => Promise<void>
}

/** The time of a laboratory: it stands still until a case moves it. */
export interface TestClock {
  nowMs: number
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** A message whose body tells its id and is `bytes` long at least: what comes back can be checked without remembering it. */
export function testMessage(subject: string, id: string, bytes = 0): BusMessage {
  return { subject, id, body: encoder.encode(`${id}|`.padEnd(bytes, 'x')) }
}

/** Does the body belong to the id? */
export function isTestMessage(message: BusMessage): boolean {
  return decoder.decode(message.body).startsWith(`${message.id}|`)
}

/** Everything from an offset to the end of now. */
export async function readAll(bus: Bus, stream: string, from = 1, subjects?: readonly string[]): Promise<StoredMessage[]> {
  const all: StoredMessage[] = []
  const options = subjects === undefined ? { from, untilNow: true } : { from, untilNow: true, subjects }
  for await (const batch of bus.read(stream, options)) all.push(...batch)
  return all
}

/** The next `count` messages of a live reader that begins at `from`. */
export async function readSome(
  bus: Bus,
  stream: string,
  from: number,
  count: number,
  subjects?: readonly string[],
): Promise<StoredMessage[]> {
  const some: StoredMessage[] = []
  for await (const batch of bus.read(stream, subjects === undefined ? { from } : { from, subjects })) {
    some.push(...batch)
    if (some.length >= count) break
  }
  return some
}

/** Numbers from … to, both included. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i)
}
