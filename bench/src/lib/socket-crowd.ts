import { WebSocket } from 'ws'
import { answerTasks } from './child.ts'

/** What the crowd shall do: come, wait until so many messages have come to each socket, or go. */
export type CrowdTask =
  | { readonly kind: 'join'; readonly url: string; readonly sockets: number; readonly hello?: readonly string[] }
  | { readonly kind: 'received'; readonly each: number }
  | { readonly kind: 'leave' }

export interface CrowdAnswer {
  readonly received: number
}

/** A publication in a frame of our gateway is a line; in one of a plain server it is the frame. */
const NEW_LINE = 10

const sockets: WebSocket[] = []
let received = 0

answerTasks<CrowdTask, CrowdAnswer>(async (task) => {
  switch (task.kind) {
    case 'join':
      await join(task)
      break
    case 'received':
      await until(() => received >= task.each * sockets.length)
      received -= task.each * sockets.length
      break
    case 'leave':
      for (const socket of sockets.splice(0)) socket.terminate()
      received = 0
      break
  }
  return { received }
})

async function join({ url, sockets: wanted, hello = [] }: CrowdTask & { kind: 'join' }): Promise<void> {
  for (let from = 0; from < wanted; from += 50) {
    await Promise.all(Array.from({ length: Math.min(50, wanted - from) }, () => enter(url, hello)))
  }
}

/** Resolves when every line of the hello has been answered. */
function enter(url: string, hello: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false })
    let answers = hello.length
    socket.on('error', reject)
    socket.on('open', () => {
      if (hello.length > 0) socket.send(hello.join('\n'))
      else resolve()
    })
    socket.on('message', (frame: Buffer) => {
      if (frame.length <= 2) {
        socket.send('{}')
        return
      }
      const lines = countLines(frame)
      if (answers <= 0) received += lines
      else if ((answers -= lines) <= 0) resolve()
    })
    sockets.push(socket)
  })
}

function countLines(frame: Buffer): number {
  let lines = 1
  for (let at = frame.indexOf(NEW_LINE); at !== -1; at = frame.indexOf(NEW_LINE, at + 1)) lines += 1
  return lines
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((next) => setTimeout(next, 1))
}
