import { WebSocket } from 'ws'
import { answerTasks } from '../child.ts'
import { Moments, sharedMs } from './moments.ts'
import type { ViewerAnswer, ViewerTask } from './viewer.ts'

/** The other end of the hand-written gateway: a map of rows that the messages of a socket are put into. */
let moments = new Moments(1)
const rows = new Map<string, readonly string[]>()

answerTasks<ViewerTask, ViewerAnswer>(async (task) => {
  switch (task.kind) {
    case 'open':
      moments = new Moments(task.rows)
      await open(task.url)
      return { shown: [] }
    case 'start':
      moments.restart(task.from)
      return { shown: [] }
    case 'shown':
      while (!moments.hasAll(task.end)) await new Promise((next) => setTimeout(next, 20))
      return { shown: moments.times }
  }
})

function open(url: string): Promise<void> {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  socket.on('message', (frame: Buffer) => {
    for (const row of JSON.parse(frame.toString()) as string[][]) {
      rows.set(row[0] ?? '', row)
      moments.shows(Number(row[4]), sharedMs())
    }
  })
  return new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
}
