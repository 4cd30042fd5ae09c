import { parentPort } from 'node:worker_threads'
import { must } from '@sheetflow/core/assert'
import type { Case } from '@sheetflow/testkit/random-book/case'
import { randomCase } from '@sheetflow/testkit/random-book/random-case'
import { runCase, tryBook } from './run-case.ts'

/** Runs cases that it is sent, in a thread of its own: whoever sent one that never ends can end the thread. A number is a seed. */
const port = must(parentPort, 'this is a worker')
port.on('message', (asked: number | Case) => {
  const one = typeof asked === 'number' ? randomCase(asked, tryBook) : asked
  void runCase(one).then((outcome) => {
    port.postMessage(outcome.kind === 'right' ? { outcome } : { outcome, case: one })
  })
})
