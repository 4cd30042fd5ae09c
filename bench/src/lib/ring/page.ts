import { createClient } from '@sheetflow/client/client'
import type { Picture } from '@sheetflow/client/page/painted'
import { answerTasks } from '../child.ts'
import { Moments, sharedMs } from './moments.ts'
import type { ViewerAnswer, ViewerTask } from './viewer.ts'

/** A page as a browser would follow it, in Node: query, live lists, frames of one moment. What it paints is looked through at once. */
let moments = new Moments(1)
let isLive = (): boolean => false

answerTasks<ViewerTask, ViewerAnswer>(async (task) => {
  switch (task.kind) {
    case 'open':
      moments = new Moments(task.rows, task.sees)
      open(task)
      await until(() => isLive())
      return { shown: [] }
    case 'start':
      moments.restart(task.from)
      return { shown: [] }
    case 'shown':
      await until(() => moments.hasAll(task.end))
      return { shown: moments.times }
  }
})

function open({ url, token, query }: ViewerTask & { kind: 'open' }): void {
  const client = createClient({ url: `${url}/graphql`, token: () => token, clock: Date.now, random: Math.random })
  const page = client.page(query)
  let before: Picture['fields'][string]['rows'] = []
  isLive = () => page.picture.state === 'live' && before.length > 0
  page.subscribe((picture) => {
    const now = sharedMs()
    const rows = picture.fields['open_orders']?.rows ?? []
    for (const [i, row] of rows.entries()) if (row !== before[i]) moments.shows(Number(row.values['n']), now)
    before = rows
  })
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((next) => setTimeout(next, 20))
}
