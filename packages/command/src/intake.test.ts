import { decodeSourceInbox } from '@sheetflow/core/framing/inbox'
import type { Claims } from '@sheetflow/core/ports/host'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { describe, expect, it } from 'vitest'
import { defineCommands } from './define-commands.ts'
import { commandIntake } from './intake.ts'

const ID = '01J9ZQ3K7M4T8V2W5X6Y7Z8A9B'
const CLERK: Claims = { user: '7', role: 'clerk', expires: null, all: { sub: '7', tenant: 1 } }
const COMMANDS = defineCommands({
  ship: { payload: { id: 'int' }, allow: ['clerk'], order: (payload) => `order:${payload.id}`, run: 'select :id' },
  note: { payload: { text: 'text?' }, allow: ['clerk'], validFor: '1 s', run: 'select 1' },
  odd: {
    payload: {},
    allow: ['clerk'],
    order: () => {
      throw new TypeError('no')
    },
    run: 'select 1',
  },
})

function rig(): { accept: ReturnType<typeof commandIntake>['accept']; inbox: () => Promise<unknown[]> } {
  const bus = new MemoryBus()
  const { accept } = commandIntake({ bus, sources: { shop: COMMANDS }, clock: { now: () => Date.UTC(2026, 10, 23, 10) } })
  return {
    accept,
    inbox: async () => {
      const all: unknown[] = []
      await bus.ensure('SF_IN_SRC_shop')
      for await (const batch of bus.read('SF_IN_SRC_shop', { from: 1, untilNow: true }))
        all.push(...batch.map((message) => decodeSourceInbox(message)))
      return all
    },
  }
}

describe('the intake of commands', () => {
  it('puts a checked command into the inbox of its source', async () => {
    const { accept, inbox } = rig()
    expect(await accept({ id: ID, name: 'ship', payload: { id: '42' } }, CLERK)).toEqual({ id: ID, status: 'accepted', validForMs: 60_000 })
    expect(await inbox()).toEqual([
      {
        v: 1,
        kind: 'command',
        id: ID,
        name: 'ship',
        payload: { id: 42 },
        user: '7',
        claims: { sub: '7', tenant: 1, role: 'clerk' },
        order: 'order:42',
        at: '2026-11-23T10:00:00.000000Z',
        validForMs: 60_000,
      },
    ])
  })

  it('takes an id once', async () => {
    const { accept, inbox } = rig()
    const request = { id: ID, name: 'note', payload: {} }
    expect(await Promise.all([accept(request, CLERK), accept(request, CLERK)])).toEqual([
      { id: ID, status: 'accepted', validForMs: 1_000 },
      { id: ID, status: 'accepted', validForMs: 1_000 },
    ])
    expect(await inbox()).toMatchObject([{ payload: { text: null }, order: 'user:7', validForMs: 1_000 }])
  })

  it.each([
    ['command/unknown', { id: ID, name: 'constructor', payload: {} }, CLERK],
    ['command/bad-payload', { id: 'x', name: 'note', payload: {} }, CLERK],
    ['command/bad-payload', { id: ID, name: 'ship', payload: {} }, CLERK],
    ['command/failed', { id: ID, name: 'odd', payload: {} }, CLERK],
    ['access/denied', { id: ID, name: 'ship', payload: { id: 1 } }, { ...CLERK, role: 'customer' }],
    ['access/denied', { id: ID, name: 'ship', payload: { id: 1 } }, { ...CLERK, role: null }],
  ])('%s is said before anything is written', async (code, request, claims) => {
    const { accept, inbox } = rig()
    await expect(accept(request, claims)).rejects.toMatchObject({ code })
    expect(await inbox()).toEqual([])
  })

  it('refuses one name in two sources', () => {
    const options = { bus: new MemoryBus(), sources: { a: COMMANDS, b: COMMANDS }, clock: { now: () => 0 } }
    expect(() => commandIntake(options)).toThrow(expect.objectContaining({ code: 'config/invalid' }))
  })
})
