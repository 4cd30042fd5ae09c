import { natsServers } from '@sheetflow/testkit/nats/binaries'
import { expect, it } from 'vitest'
import { describeNatsBus } from './testing/describe-nats-bus.ts'

/** The newest server that is to be had. The oldest that we promise has a file of its own, so that both run at the same time. */
const [newest] = await natsServers()

if (newest !== undefined) describeNatsBus(newest)
it.skipIf(newest === undefined)('a nats-server is to be had here (SHEETFLOW_NATS names one)', () => expect(newest).toBeDefined())
