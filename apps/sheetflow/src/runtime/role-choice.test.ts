import { isSheetflowError } from '@sheetflow/core/errors'
import { expect, test } from 'vitest'
import { checkConfig } from '../config/load.ts'
import { chosenRoles } from './instance.ts'
import { chooseRoles } from './role-choice.ts'
import { roleName, type Role } from './role.ts'

const ALL: readonly Role[] = [
  { kind: 'capture', source: 'shop' },
  { kind: 'capture', source: 'crm' },
  { kind: 'graph', graph: 'sales' },
  { kind: 'store', store: 'main' },
  { kind: 'serve' },
]

const chosen = (text: string): string[] => chooseRoles(text, ALL).map(roleName)

test('a kind alone means all of it, a name one; each comes once, in the order of the ring', () => {
  expect(chosen('serve, capture=crm')).toEqual(['capture:crm', 'serve'])
  expect(chosen('capture,capture=shop')).toEqual(['capture:shop', 'capture:crm'])
  expect(chosen('capture,graph,store,serve')).toEqual(ALL.map(roleName))
})

test.each([
  ['captur', "there is no role 'captur'"],
  ['', "there is no role ''"],
  ['graph=', "there is no graph ''"],
  ['capture=sales', "there is no source 'sales'"],
  ['store=other', "there is no store 'other'"],
  ['serve=x', 'serve has no parts'],
  ['toString', "there is no role 'toString'"],
])('--roles %s is refused with what there is', async (text, why) => {
  const [code, message, fix] = await failure(() => chooseRoles(text, ALL))
  expect(code).toBe('app/usage')
  expect(message).toContain(why)
  expect(fix).toContain('capture=shop, capture=crm, graph=sales, store=main, serve')
})

test('a part of the roles needs a bus that other processes can reach', async () => {
  const chosenOn = (bus: object, roles: string): Promise<readonly Role[]> => {
    const config = checkConfig({ bus, sources: { shop: { type: 'postgres', url: 'postgres://x' } } }, 'sheetflow.config.ts')
    const loaded = { config, origins: new Map<string, string>(), root: '/', file: null }
    return chosenRoles({ loaded, roles }, [{ graph: 'sales', workbooks: ['sales'] }])
  }
  const [code, , fix] = await failure(() => chosenOn({ type: 'sqlite' }, 'capture'))
  expect(code).toBe('config/invalid')
  expect(fix).toContain("bus: { type: 'nats'")
  expect(await chosenOn({ type: 'sqlite' }, 'capture,graph,store,serve')).toHaveLength(4)
  expect((await chosenOn({ type: 'nats', servers: ['nats://x'] }, 'graph')).map(roleName)).toEqual(['graph:sales'])
})

async function failure(run: () => unknown): Promise<readonly (string | undefined)[]> {
  try {
    await run()
  } catch (error) {
    if (isSheetflowError(error)) return [error.code, error.message, error.fix]
  }
  return []
}
