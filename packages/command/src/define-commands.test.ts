import { describe, expect, expectTypeOf, it } from 'vitest'
import { defineCommands } from './define-commands.ts'

describe('defineCommands', () => {
  it('gives each command its defaults', () => {
    const commands = defineCommands({ ship: { payload: { id: 'int' }, allow: ['clerk'], run: 'select :id' } })
    expect(commands.get('ship')).toMatchObject({
      name: 'ship',
      order: null,
      validForMs: 60_000,
      handler: { name: 'ship', sql: 'select :id' },
    })
  })

  it('types the payload of functions', () => {
    const commands = defineCommands({
      refund: {
        payload: { id: 'int', amount: 'decimal', note: 'text?', now: 'bool' },
        allow: ['manager'],
        validFor: '5 min',
        timeout: '2 min',
        order: (payload) => {
          expectTypeOf(payload.id).toEqualTypeOf<number>()
          return `order:${payload.id}`
        },
        run: async ({ payload }) => {
          expectTypeOf(payload.amount).toEqualTypeOf<string>()
          expectTypeOf(payload.note).toEqualTypeOf<string | null>()
          expectTypeOf(payload.now).toEqualTypeOf<boolean>()
          return { refunded: payload.amount }
        },
      },
    })
    expect(commands.get('refund')?.order?.({ id: 7 })).toBe('order:7')
    expect(commands.get('refund')).toMatchObject({ validForMs: 300_000, handler: { timeoutMs: 120_000 } })
  })

  it.each<[string, unknown]>([
    ['Ship', { payload: {}, allow: [], run: 'x' }],
    ['ship', 'x'],
    ['ship', { allow: [], run: 'x' }],
    ['ship', { payload: { id: 'integer' }, allow: [], run: 'x' }],
    ['ship', { payload: { user: 'int' }, allow: [], run: 'x' }],
    ['ship', { payload: { 'a b': 'int' }, allow: [], run: 'x' }],
    ['ship', { payload: {}, run: 'x' }],
    ['ship', { payload: {}, allow: 'clerk', run: 'x' }],
    ['ship', { payload: {}, allow: [] }],
    ['ship', { payload: {}, allow: [], run: 'x', order: 'id' }],
    ['ship', { payload: {}, allow: [], run: 'x', validFor: 'soon' }],
    ['ship', { payload: {}, allow: [], run: 'x', validFor: -1 }],
    ['ship', { payload: {}, allow: [], run: 'x', timeout: 'soon' }],
    ['ship', { payload: {}, allow: [], run: 'x', timeout: 0 }],
  ])('refuses %s: %j', (name, definition) => {
    expect(() => defineCommands({ [name]: definition } as never)).toThrow(expect.objectContaining({ code: 'config/invalid' }))
  })
})
