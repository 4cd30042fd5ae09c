import type { Bus } from '@sheetflow/core/ports/bus'
import { remoteArgument, runRemote } from '../../remote-script.ts'
import { isTestMessage, testMessage, type RemoteBus } from '../bus-lab.ts'

/** What the kit of the bus has done in another thread or process, and which numbers it says. */
export type RemoteTask =
  /** Appends groups with a fence until it is killed; says the last acknowledged offset. */
  | { readonly do: 'write'; readonly stream: string; readonly groups: readonly number[] }
  /** Appends to an inbox, many at a time; says the count at the end. */
  | { readonly do: 'send'; readonly stream: string; readonly who: string; readonly count: number }
  /** One append at the end of the stream; kills its own process when the driver looks at a body for the `dies`-th time. Says the count if it lives. */
  | { readonly do: 'die'; readonly stream: string; readonly count: number; readonly bytes: number; readonly dies: number }
  /** Reads live from the start; says each offset up to which all was right. */
  | { readonly do: 'follow'; readonly stream: string; readonly until: number }

type Say = (number: number) => void

const [remote, task] = remoteArgument() as [RemoteBus, RemoteTask]

await runRemote(async (say) => {
  const module = (await import(remote.module)) as Record<string, (options: unknown) => Promise<Bus>>
  await using bus = await module[remote.open]!(remote.options)
  say(0)
  await run(bus, say)
})

async function run(bus: Bus, say: Say): Promise<void> {
  switch (task.do) {
    case 'write':
      return write(bus, say, task.stream, task.groups)
    case 'send':
      return send(bus, say, task.stream, task.who, task.count)
    case 'die':
      return die(bus, say, task)
    case 'follow':
      return follow(bus, say, task.stream, task.until)
  }
}

async function write(bus: Bus, say: Say, stream: string, groups: readonly number[]): Promise<void> {
  let { last } = await bus.range(stream)
  for (let turn = 0; ; turn++) {
    const size = groups[turn % groups.length]!
    const messages = Array.from({ length: size }, (_, i) => testMessage(`a.b${i % 3}`, `m-${last + 1 + i}`, 200))
    last = (await bus.append(stream, messages, { expectedLast: last })).last
    say(last)
  }
}

async function send(bus: Bus, say: Say, stream: string, who: string, count: number): Promise<void> {
  const all = Array.from({ length: count }, (_, i) => bus.append(stream, [testMessage('in.box', `${who}-${i}`)]))
  await Promise.all(all)
  say(count)
}

/** A driver takes the messages of an append in order, so its looks are the moments of the append: measured, encoded, sent. */
async function die(bus: Bus, say: Say, { stream, count, bytes, dies }: RemoteTask & { do: 'die' }): Promise<void> {
  const { last } = await bus.range(stream)
  let looks = 0
  const messages = Array.from({ length: count }, (_, i) => {
    const { body, ...message } = testMessage(`a.b${i % 3}`, `m-${last + 1 + i}`, bytes)
    return {
      ...message,
      get body(): Uint8Array {
        if (++looks === dies) process.kill(process.pid, 'SIGKILL')
        return body
      },
    }
  })
  await bus.append(stream, messages, { expectedLast: last })
  say(count)
}

async function follow(bus: Bus, say: Say, stream: string, until: number): Promise<void> {
  let next = 1
  for await (const batch of bus.read(stream, { from: 1 })) {
    for (const message of batch) {
      if (message.offset !== next++ || !isTestMessage(message)) throw new TypeError(`offset ${message.offset} instead of ${next - 1}`)
    }
    say(next - 1)
    if (next > until) return
  }
}
