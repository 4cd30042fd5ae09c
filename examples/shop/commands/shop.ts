import { defineCommands } from 'sheetflow'

/** What people may do in the shop. Each runs in one transaction at the database; its effect comes back through the change log. */
export default defineCommands({
  ship_order: {
    payload: { id: 'int' },
    allow: ['clerk'],
    order: (payload) => `order:${String(payload['id'])}`,
    run: "update orders set status = 'shipped' where id = :id and tenant = :user.tenant and status = 'open'",
  },
})
