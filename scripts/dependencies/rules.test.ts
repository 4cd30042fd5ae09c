import { describe, expect, it } from 'vitest'
import { checkLockfile, checkManifests, type LockedPackage } from './rules.ts'

const FINE: LockedPackage = { version: '1.0.0', license: 'MIT', integrity: 'sha512-x' }

describe('the lockfile', () => {
  it('is fine with permissive licences, links and whatever development uses', () => {
    const dev = { ...FINE, license: 'MPL-2.0', dev: true }
    expect(
      checkLockfile({
        packages: {
          '': {},
          'packages/core': {},
          'node_modules/@sheetflow/core': { link: true },
          'node_modules/a': FINE,
          'node_modules/b': dev,
        },
      }),
    ).toEqual([])
  })

  it.each([
    ['a licence that asks for more', { ...FINE, license: 'GPL-3.0' }],
    ['no licence', { version: '1.0.0', integrity: 'sha512-x' }],
    ['no integrity', { version: '1.0.0', license: 'MIT' }],
    ['an install script', { ...FINE, hasInstallScript: true }],
  ])('is refused for %s, however deep', (_, locked) => {
    const found = checkLockfile({ packages: { 'node_modules/a/node_modules/@b/c': locked } })
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(/^node_modules\/a\/node_modules\/@b\/c /)
  })

  it('accepts an exception only for the licence that was looked at', () => {
    expect(checkLockfile({ packages: { 'node_modules/argparse': { ...FINE, license: 'Python-2.0' } } })).toEqual([])
    expect(checkLockfile({ packages: { 'node_modules/argparse': { ...FINE, license: 'GPL-3.0' } } })).toHaveLength(1)
  })
})

describe('our own packages', () => {
  const many = (count: number): Record<string, string> => Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, '1.0.0']))

  it('have at most 25 dependencies together, private ones and each other apart', () => {
    const tools = { name: 'tools', private: true, dependencies: many(30) }
    expect(
      checkManifests([tools, { name: 'a', dependencies: { ...many(25), b: '1.0.0' } }, { name: 'b', dependencies: many(20) }]),
    ).toEqual([])
    expect(checkManifests([{ name: 'a', dependencies: many(26) }])).toHaveLength(1)
  })

  it('run nothing when they are installed', () => {
    expect(checkManifests([{ name: 'a', scripts: { postinstall: 'x', build: 'y' } }])).toEqual([
      'a runs postinstall when it is installed: do that at run time',
    ])
  })
})
