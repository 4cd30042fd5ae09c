import type { Bus } from '@sheetflow/core/ports/bus'
import { parentPort } from 'node:worker_threads'
import { isTestMessage, testMessage, type RemoteBus } from '../bus-lab.ts'

/** What the kit of the bus has done in another thread or process. Messages to the starter: numbers, or the text of an error. */
export type RemoteTask =
  /** Appends groups with a fence until it is killed; says the last acknowledged offset. */
  | { readonly do: 'write'; readonly stream: string; readonly groups: readonly number[] }
  /** Appends to an inbox, many at a time; says the count at the end. */
  | { readonly do: 'send'; readonly stream: string; readonly who: string; readonly count: number }
  /** Reads live from the start; says each offset up to which all was right. */
  | { readonly do: 'follow'; readonly stream: string; readonly until: number }

const [remote, task] = JSON.parse(process.argv[2] ?? '[]') as [RemoteBus, RemoteTask]

try {
  const module = (await import(remote.module)) as Record<string, (options: unknown) => Promise<Bus>>
  await using bus = await module[remote.open]!(remote.options)
  say(0)
  await run(bus)
} catch (error) {
  say(error instanceof Error ? `${error.message} ${JSON.stringify(error)}` : String(error))
}
// A child process with an open channel to its parent would live for ever.
if (parentPort === null) process.disconnect()

async function run(bus: Bus): Promise<void> {
  switch (task.do) {
    case 'write':
      return write(bus, task.stream, task.groups)
    case 'send':
      return send(bus, task.stream, task.who, task.count)
    case 'follow':
      return follow(bus, task.stream, task.until)
  }
}

async function write(bus: Bus, stream: string, groups: readonly number[]): Promise<void> {
  let { last } = await bus.range(stream)
  for (let turn = 0; ; turn++) {
    const size = groups[turn % groups.length]!
    const messages = Array.from({ length: size }, (_, i) => testMessage(`a.b${i % 3}`, `m-${last + 1 + i}`, 200))
    last = (await bus.append(stream, messages, { expectedLast: last })).last
    say(last)
  }
}

async function send(bus: Bus, stream: string, who: string, count: number): Promise<void> {
  const all = Array.from({ length: count }, (_, i) => bus.append(stream, [testMessage('in.box', `${who}-${i}`)]))
  await Promise.all(all)
  say(count)
}

async function follow(bus: Bus, stream: string, until: number): Promise<void> {
  let next = 1
  for await (const batch of bus.read(stream, { from: 1 })) {
    for (const message of batch) {
      if (message.offset !== next++ || !isTestMessage(message)) throw new TypeError(`offset ${message.offset} instead of ${next - 1}`)
    }
    say(next - 1)
    if (next > until) return
  }
}

function say(what: number | string): void {
  if (parentPort === null) process.send?.(what)
  else parentPort.postMessage(what)
}
