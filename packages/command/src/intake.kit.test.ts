import { decodeSourceInbox } from '@sheetflow/core/framing/inbox'
import { describeAcceptCommand } from '@sheetflow/testkit/kits/host-kits'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { defineCommands } from './define-commands.ts'
import { commandIntake } from './intake.ts'

const COMMANDS = defineCommands({ ship: { payload: { id: 'int' }, allow: ['clerk'], validFor: '45 s', run: 'select :id' } })

describeAcceptCommand('intake over a bus', async () => {
  const bus = new MemoryBus()
  await bus.ensure('SF_IN_SRC_shop')
  return {
    commands: commandIntake({ bus, sources: { shop: COMMANDS }, clock: { now: () => Date.UTC(2026, 10, 23) } }),
    written: async () => {
      const ids: string[] = []
      for await (const batch of bus.read('SF_IN_SRC_shop', { from: 1, untilNow: true })) {
        for (const message of batch.map((one) => decodeSourceInbox(one))) if (message.kind === 'command') ids.push(message.id)
      }
      return ids
    },
  }
})
