import { defineCommands } from '@sheetflow/command/define-commands'
import type { CommandSet } from '@sheetflow/command/define-commands'
import { Rejected } from '@sheetflow/core/rejected'

/**
 * The command that clients give: money goes from one random account to another, the client's mailbox says which is the newest of its commands that
 * ran (one that waits in a process that serves may come behind a later one that another process took), and `effects` remembers each time that it ran. A client that asks for nothing is rejected.
 */
const commands: CommandSet = defineCommands({
  ring: {
    payload: { client: 'int', cents: 'int' },
    allow: ['teller'],
    run: async ({ db, payload: { client, cents }, id }) => {
      if (cents === 0) throw new Rejected('torture/nothing', 'nothing to move')
      await db.query(`update mailboxes set done = done + 1, last = greatest(coalesce(last, ''), :id collate "C") where client = :client`, {
        id,
        client,
      })
      await db.query('insert into effects (command) values (:id)', { id })
      const [moved] = await db.query('select torture.move(:cents) as moved', { cents })
      return moved ?? null
    },
  },
})

export default commands
