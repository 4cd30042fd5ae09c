import { parentPort } from 'node:worker_threads'
import { must } from '@sheetflow/core/assert'
import { randomCase } from '@sheetflow/testkit/random-book/random-case'
import { runCase, tryBook } from './run-case.ts'
import type { Answer, Asked } from './runner.ts'

/** Runs cases that it is sent, in a thread of its own: whoever sent one that never ends can end the thread. A number is a seed. */
const port = must(parentPort, 'this is a worker')
port.on('message', (asked: Asked) => {
  const one = typeof asked === 'number' ? randomCase(asked, tryBook) : asked
  void runCase(one).then((outcome) => {
    port.postMessage((outcome.kind === 'right' ? { outcome } : { outcome, case: one }) satisfies Answer)
  })
})
