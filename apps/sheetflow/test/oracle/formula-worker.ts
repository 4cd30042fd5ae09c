import { parentPort } from 'node:worker_threads'
import { must } from '@sheetflow/core/assert'
import { fuzzSlice } from './formula-slice.ts'
import type { SliceAsked } from './formula-slice.ts'

/** Runs slices of mutated formulas in a thread of its own: one that never ends can be ended. */
const port = must(parentPort, 'this is a worker')
port.on('message', (asked: SliceAsked) => port.postMessage(fuzzSlice(asked)))
