import { natsServers } from '@sheetflow/testkit/nats/binaries'
import { expect, it } from 'vitest'
import { describeNatsBus } from './testing/describe-nats-bus.ts'

/** All others that are to be had: Debian's, without atomic batches, or those that `SHEETFLOW_NATS` names behind the first. */
const [, ...others] = await natsServers()

for (const binary of others) describeNatsBus(binary)
it.skipIf(others.length === 0)('NATS 2.9.10 is to be had here (of apt; SHEETFLOW_NATS names servers)', () => expect(others).not.toEqual([]))
